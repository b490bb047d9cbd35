"""`charter library coverage`: rates a person reads, and a program."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from made_up_charters import documents, mapped_library
from terminal import SMALL, flat, invoke
from trees import write_tree


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return mapped_library(tmp_path / "bibliotheque")


@pytest.fixture
def read(tmp_path: Path) -> Path:
    return documents(tmp_path / "lus")


def measure(own: Path, read: Path, *flags: str) -> Result:
    return invoke("library", "coverage", own, "--provisions", read, *flags)


def test_rates_are_given_by_document_and_by_subject(own: Path, read: Path) -> None:
    measured = measure(own, read)

    assert measured.exit_code == 0, measured.output
    lines = [flat(line) for line in measured.stdout.split("\n")]
    assert lines[0] == (
        "petite 1.0.0 : 5 dispositions de 2 documents, toutes essayées."
    )
    whole = flat(measured.stdout)
    assert (
        "Texte lu : 3, dont 1 exprimée (33,3 %), 1 partielle (33,3 %), 1 refusée "
        "(33,3 %) Titre seul : 1, dont 1 exprimée (100 %) Source secondaire : 1, dont "
        "1 absente (100 %)"
    ) in whole
    assert "ville, Ville inventée Texte lu : 3" in whole
    assert "couts Texte lu : 1, dont 1 partielle (100 %) Titre seul : 1" in whole


def test_details_show_what_is_not_expressed_and_why(own: Path, read: Path) -> None:
    whole = flat(measure(own, read, "--details").stdout)

    assert (
        "ville-p3 (texte lu) : Un forfait et une prime il manque : La prime." in whole
    )
    assert "Les soirées sont très longues refusée par la règle : temps.repos" in whole
    assert "Chacun salue son chat pourquoi : Ce n’est pas une règle" in whole
    assert "ville-p1" not in whole


def test_a_program_reads_every_entry_and_no_text(own: Path, read: Path) -> None:
    measured = measure(own, read, "--format", "json")
    report = json.loads(measured.stdout)

    assert report["format"] == 1
    assert report["total"]["text"] == {
        "provisions": 3,
        "expressed": 1,
        "partial": 1,
        "refused": 1,
        "absent": 0,
    }
    assert [row["status"] for row in report["provisions"]] == [
        *("absent", "expressed", "refused", "partial", "expressed")
    ]
    assert "Chacun salue son chat" not in measured.stdout


def test_a_provision_without_an_entry_is_told(own: Path, read: Path) -> None:
    text = (own / "coverage" / "ville.yml").read_text(encoding="utf-8")
    kept = text.replace("ville-p4:", "ville-p5:")
    write_tree(own, {"coverage/ville.yml": kept})

    measured = measure(own, read)

    assert measured.exit_code == 2
    assert "« ville-p4 » : disposition sans entrée : ajoutez-la." in measured.stderr
    assert "ville.yml:8 : « ville-p5 » : ce document n’a pas cette" in measured.stderr


def test_a_document_the_library_says_nothing_of_is_told(own: Path, read: Path) -> None:
    (own / "coverage" / "guide.yml").unlink()

    measured = measure(own, read)

    assert measured.exit_code == 2
    assert "coverage/guide.yml : « guide-p1 » : disposition sans" in measured.stderr


def test_a_document_that_was_not_given_is_left_out_of_the_counts(
    own: Path, read: Path
) -> None:
    (read / "guide.yml").unlink()

    whole = flat(measure(own, read).stdout)

    assert "4 dispositions de 1 document" in whole
    assert "1 document connu de la bibliothèque, absents de ce dossier" in whole


def test_an_entry_that_does_not_hold_is_told_on_its_line(own: Path, read: Path) -> None:
    text = (own / "coverage" / "ville.yml").read_text(encoding="utf-8")
    write_tree(own, {"coverage/ville.yml": text.replace("22:00", "18:00")})

    measured = measure(own, read)

    assert measured.exit_code == 2
    assert "ville.yml:4 : « ville-p2 » : la règle « temps.repos »" in measured.stderr


def test_a_library_that_says_nothing_of_real_documents_is_one_sentence(
    read: Path,
) -> None:
    measured = measure(SMALL, read)

    assert measured.exit_code == 2
    assert "cette bibliothèque ne dit rien de documents réels" in measured.stderr


def test_checking_a_library_checks_its_mapping_too(own: Path) -> None:
    write_tree(own, {"coverage/guide.yml": "p1: {kind: expressed, clauses: [cout]}\n"})

    checked = invoke("library", "check", own)

    assert checked.exit_code == 2
    assert "coverage/guide.yml:1 : « cout » : clause inconnue" in checked.stderr
