"""`charter freeze` and `charter verify`: versions that no longer change."""

import json
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import flat, invoke
from trees import write_tree

DEBATED = ("--debate", "debut=18:30", "--debate", "debut=20:00")


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path], None]]:
    """Put a disk with no room for a version in place of a folder."""
    mounted: list[Path] = []

    def mount(folder: Path) -> None:
        folder.mkdir()
        options = ["-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)]
        if subprocess.run(["mount", *options], capture_output=True).returncode:
            pytest.skip("only root may mount a small disk")
        mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


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


# --- what strangers may have put there -----------------------------------------------


def test_what_a_killed_freeze_left_goes_at_the_next_one(
    answered_town: Path, tmp_path: Path
) -> None:
    left = answered_town / "versions" / ".figer-mort"
    write_tree(left, {"units.json": "{"})
    outside = write_tree(tmp_path / "dehors", {"a.txt": "a"})
    link = answered_town / "versions" / ".figer-lien"
    link.symlink_to(outside)
    done = invoke("-C", answered_town, "freeze")

    assert done.exit_code == 0
    assert not left.exists()
    assert (outside / "a.txt").exists()
    assert (answered_town / "versions" / "1" / "units.json").is_file()


def test_a_disk_that_takes_no_more_names_the_version_and_leaves_none(
    answered_town: Path,
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        refused = invoke("-C", answered_town, "freeze")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert refused.exit_code == 2
    assert (
        f"{answered_town}/versions/1 : écriture impossible (taille de fichier limitée "
        "par le système). Rien n’est figé : libérez de la place ou vérifiez les droits, "
        "puis recommencez."
    ) in flat(refused.stderr)
    assert [p.name for p in (answered_town / "versions").iterdir()] == [".figer.lock"]


def test_a_full_disk_names_the_version_and_leaves_none(
    answered_town: Path, small_disk: Callable[[Path], None]
) -> None:
    small_disk(answered_town / "versions")
    refused = invoke("-C", answered_town, "freeze")

    assert refused.exit_code == 2
    assert (
        f"{answered_town}/versions/1 : écriture impossible (disque plein). Rien n’est figé"
        in flat(refused.stderr)
    )
    assert ".figer-" not in refused.stderr
    assert [p.name for p in (answered_town / "versions").iterdir()] == [".figer.lock"]


def test_a_document_that_is_not_utf8_in_a_version_is_passed_over(
    answered_town: Path,
) -> None:
    invoke("-C", answered_town, "draft")
    invoke("-C", answered_town, "freeze")
    (answered_town / "versions" / "1" / "a.md").write_bytes(b"\xff\xfe")

    verified = invoke(
        "-C", answered_town, "verify", answered_town / "draft" / "charte.md"
    )

    assert verified.exit_code == 0
    assert "(charte.md)" in verified.output


def test_a_link_in_a_version_is_not_its_text(
    answered_town: Path, tmp_path: Path
) -> None:
    invoke("-C", answered_town, "freeze")
    other = tmp_path / "autre.md"
    other.write_text("Un autre texte.\n")
    (answered_town / "versions" / "1" / "lien.md").symlink_to(other)

    verified = invoke("-C", answered_town, "verify", other)

    assert verified.exit_code == 1
    assert "d’aucune version figée" in verified.output


@pytest.mark.parametrize("name", ["units.json", "texte.md"])
def test_a_pipe_is_no_version_nor_document(answered_town: Path, name: str) -> None:
    folder = answered_town / "versions" / "abc"
    folder.mkdir(parents=True)
    os.mkfifo(folder / name)

    refused = invoke("-C", answered_town, "verify", folder / name)

    assert refused.exit_code == 2
    assert "ce n’est pas un fichier ordinaire" in flat(refused.stderr)


def test_a_device_is_no_document(answered_town: Path) -> None:
    refused = invoke("-C", answered_town, "verify", "/dev/zero")

    assert refused.exit_code == 2
    assert "ce n’est pas un fichier ordinaire" in flat(refused.stderr)


def test_a_title_in_a_version_cannot_drive_the_terminal(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    units = answered_town / "versions" / "1" / "units.json"
    units.write_text(
        units.read_text("utf-8").replace("Les horaires", "Les \\u001b[2Jhoraires")
    )

    verified = invoke("verify", units)

    assert verified.exit_code == 1
    assert "[2Jhoraires" in verified.output
    assert "\x1b" not in verified.output


def test_versions_that_are_a_link_are_refused(
    answered_town: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "dehors"
    outside.mkdir()
    (answered_town / "versions").symlink_to(outside)

    refused = invoke("-C", answered_town, "freeze")

    assert refused.exit_code == 2
    assert "les liens symboliques ne sont pas admis" in flat(refused.stderr)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["01", "٣"])
def test_a_folder_numbered_otherwise_is_no_version(
    answered_town: Path, name: str
) -> None:
    invoke("-C", answered_town, "freeze")
    versions = answered_town / "versions"
    (versions / "1").rename(versions / name)

    assert "version 1 figée" in invoke("-C", answered_town, "freeze").output


def test_a_word_changed_in_a_document_of_a_version_is_found(
    answered_town: Path,
) -> None:
    invoke("-C", answered_town, "freeze")
    kept = answered_town / "versions" / "1" / "charte.md"
    whole = kept.read_text("utf-8")
    kept.write_text(whole.replace("19", "22"), "utf-8")

    verified = invoke("verify", answered_town / "versions" / "1")
    copied = invoke("-C", answered_town, "verify", kept)

    assert verified.exit_code == 1
    assert "charte.md" in verified.output
    assert copied.exit_code == 1
    assert "d’aucune version figée" in copied.output


def test_a_document_taken_out_of_a_version_is_missed(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    (answered_town / "versions" / "1" / "deliberation.md").unlink()

    verified = invoke("verify", answered_town / "versions" / "1")

    assert verified.exit_code == 1
    assert "deliberation.md" in verified.output
