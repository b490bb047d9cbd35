"""`charter freeze` and `charter verify`: versions that no longer change."""

import json
from pathlib import Path

import pytest
from terminal import flat, invoke

DEBATED = ("--debate", "debut=18:30", "--debate", "debut=20:00")


def test_freezing_writes_a_version_with_its_documents(answered_town: Path) -> None:
    done = invoke("-C", answered_town, "freeze")

    assert done.exit_code == 0
    assert "version 1 figée, empreinte" in done.output
    folder = answered_town / "versions" / "1"
    assert sorted(p.name for p in folder.iterdir()) == [
        "charte.json",
        "charte.md",
        "deliberation.md",
        "units.json",
    ]
    assert [
        u["id"] for u in json.loads((folder / "units.json").read_text())["units"]
    ] == [
        "deliberation",
        "horaires",
        "couts",
    ]


def test_the_same_text_is_frozen_once(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    again = invoke("-C", answered_town, "freeze")

    assert again.exit_code == 2
    assert "il n’y a rien de nouveau à figer" in again.stderr
    assert not (answered_town / "versions" / "2").exists()


def test_a_final_version_waits_for_everything_to_be_settled(
    answered_town: Path,
) -> None:
    invoke("-C", answered_town, "ask", *DEBATED)
    refused = invoke("-C", answered_town, "freeze", "--final")

    assert refused.exit_code == 2
    assert "1 point reste à débattre" in refused.stderr
    assert not (answered_town / "versions").exists()

    invoke("-C", answered_town, "ask", "--set", "debut=20:00")
    assert (
        "version finale 1 figée"
        in invoke("-C", answered_town, "freeze", "--final").output
    )


def test_a_version_with_a_legal_error_says_so(answered_town: Path) -> None:
    invoke("-C", answered_town, "ask", "--set", "fin=20:00")
    done = invoke("-C", answered_town, "freeze")

    assert done.exit_code == 0
    assert "Cette version a des erreurs de droit" in done.stderr


def test_an_intact_version_is_verified(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")

    verified = invoke("verify", answered_town / "versions" / "1")

    assert verified.exit_code == 0
    assert "version 1 intacte" in verified.output


def test_a_word_changed_in_a_version_is_found(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    units = answered_town / "versions" / "1" / "units.json"
    units.write_text(
        units.read_text("utf-8").replace("19\u00a0heures", "22\u00a0heures")
    )

    verified = invoke("verify", units)

    assert verified.exit_code == 1
    assert "Article 1. Les horaires" in flat(verified.output)


def test_a_document_is_recognised_as_that_of_a_version(answered_town: Path) -> None:
    invoke("-C", answered_town, "draft")
    invoke("-C", answered_town, "freeze")
    charter = answered_town / "draft" / "charte.md"

    same = invoke("-C", answered_town, "verify", charter)
    charter.write_text(charter.read_text("utf-8") + "\nUn mot de plus.\n")
    other = invoke("-C", answered_town, "verify", charter)

    assert "c’est le texte de la version 1 (charte.md)" in same.output
    assert other.exit_code == 1
    assert "d’aucune version figée" in other.output


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"version": 0}', "\xff" * 40])
def test_a_damaged_version_is_refused_in_a_sentence(
    answered_town: Path, content: str
) -> None:
    folder = answered_town / "versions" / "1"
    folder.mkdir(parents=True)
    (folder / "units.json").write_bytes(content.encode("latin-1"))

    for command in (("verify", folder), ("-C", answered_town, "freeze")):
        refused = invoke(*command)
        assert refused.exit_code == 2
        assert "ce n’est pas une version figée" in refused.stderr


def test_a_leftover_of_an_interrupted_freeze_is_not_a_version(
    answered_town: Path,
) -> None:
    (answered_town / "versions" / ".figer-abc").mkdir(parents=True)

    assert "version 1 figée" in invoke("-C", answered_town, "freeze").output
