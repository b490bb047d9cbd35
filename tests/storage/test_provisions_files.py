"""Provisions and mappings read from folders: strangers' files, told line by line."""

import os
from pathlib import Path

import pytest
from made_up_charters import BASE, CHARTER, documents, mapped_library
from trees import write_tree

from charter_builder.errors import CharterError
from charter_builder.library import Library
from charter_builder.storage.library_files import load_library
from charter_builder.storage.provisions_files import (
    MAX_FILES,
    load_mapping,
    load_provisions,
)


def refusal(folder: Path) -> str:
    with pytest.raises(CharterError) as refused:
        load_provisions(folder)
    return str(refused.value).replace(f"{folder}/", "")


def mapping_refusal(folder: Path, library: Library) -> str:
    with pytest.raises(CharterError) as refused:
        load_mapping(folder, library)
    return str(refused.value).replace(f"{folder}/", "")


# --- provisions ----------------------------------------------------------------------


def test_documents_come_by_identifier(tmp_path: Path) -> None:
    found = load_provisions(documents(tmp_path))

    assert {name: len(doc.provisions) for name, doc in found.items()} == {
        "guide": 1,
        "ville": 4,
    }


def test_what_is_no_yaml_file_is_left_alone(tmp_path: Path) -> None:
    folder = documents(tmp_path)
    write_tree(folder, {"README.md": "[", ".cache.yml": "["})

    assert len(load_provisions(folder)) == 2


@pytest.mark.parametrize(
    ("content", "promise"),
    [
        ("a: &b [1]\nc: *b\n", "ville.yml:1 : "),
        (CHARTER + "aussi: oui\n", "ville.yml:30 : « aussi » n’est pas une rubrique"),
        (CHARTER.replace("kind: rule", "kind: regle", 1), "ville.yml:11 : « regle »"),
        (CHARTER.replace("seen: text", "seen: lu", 1), "ville.yml:14 : « lu »"),
        (CHARTER.replace("id: ville\n", "id: base\n"), "ville.yml:1 : « base » est un"),
        (
            CHARTER.replace("ville-p2", "ville-p1"),
            "ville.yml:15 : « ville-p1 » est déjà",
        ),
        ("", "ville.yml:1 : le fichier est vide"),
        ("x" * 300_000, "ville.yml:1 : fichier trop gros"),
    ],
    ids=[
        "alias",
        "unknown key",
        "unknown kind",
        "unknown seen",
        "reserved",
        "twice",
        "empty",
        "huge",
    ],
)
def test_a_wrong_document_is_told_on_its_line(
    tmp_path: Path, content: str, promise: str
) -> None:
    folder = write_tree(tmp_path, {"ville.yml": content.encode()})

    assert promise in refusal(folder)


def test_two_files_may_not_bear_the_same_document(tmp_path: Path) -> None:
    other = CHARTER.replace("ville-p", "bis-p")
    folder = write_tree(documents(tmp_path), {"zbis.yml": other})

    assert refusal(folder) == (
        "zbis.yml:1 : « ville » : un autre fichier porte déjà cet identifiant."
    )


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = documents(tmp_path / "lus")
    secret = tmp_path / "secret.yml"
    secret.write_text(CHARTER, encoding="utf-8")
    (folder / "lien.yml").symlink_to(secret)

    assert "lien.yml : ce n’est pas un fichier ordinaire" in refusal(folder)


def test_a_pipe_does_not_keep_the_reader_waiting(tmp_path: Path) -> None:
    folder = documents(tmp_path)
    os.mkfifo(folder / "tube.yml")

    assert "tube.yml : ce n’est pas un fichier ordinaire" in refusal(folder)


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    folder = write_tree(tmp_path, {f"f{n}.yml": "a: 1" for n in range(MAX_FILES + 1)})

    assert "dossier trop gros" in refusal(folder)


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    assert "aucun fichier de dispositions" in refusal(tmp_path)
    assert "ce dossier n’existe pas" in refusal(tmp_path / "nulle-part")


# --- the mapping of a library --------------------------------------------------------


def test_a_library_may_say_nothing_of_real_documents(
    tmp_path: Path, library: Library
) -> None:
    assert load_mapping(tmp_path, library) is None


def test_a_mapping_is_no_part_of_what_drafts_a_charter(
    tmp_path: Path, library: Library
) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")

    assert load_library(folder).digest == library.digest


def test_a_stale_entry_is_told_on_its_line(tmp_path: Path, library: Library) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")
    write_tree(
        folder,
        {
            "coverage/ville.yml": """\
                ville-p1:
                  kind: expressed
                  clauses: [horaires/plages]
                  values: {debut: '09:00'}
                ville-p2:
                  kind: refused
                  rule: temps.repo
                """
        },
    )

    assert mapping_refusal(folder, library).split("\n") == [
        "coverage/ville.yml:3 : « horaires/plages » : clause inconnue dans cette "
        "bibliothèque. Vouliez-vous dire « horaires/plage » ?",
        "coverage/ville.yml:7 : « temps.repo » : règle inconnue dans cette "
        "bibliothèque. Vouliez-vous dire « temps.repos » ?",
    ]


def test_an_entry_of_no_known_kind_is_told_on_its_line(
    tmp_path: Path, library: Library
) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")
    write_tree(folder, {"coverage/ville.yml": "p1:\n  kind: exprimee\n"})

    said = mapping_refusal(folder, library)

    assert said.startswith("coverage/ville.yml:2 : « exprimee » n’est pas une valeur")


def test_a_mapping_without_its_draft_is_refused(
    tmp_path: Path, library: Library
) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")
    (folder / "coverage" / "base.yml").unlink()

    assert mapping_refusal(folder, library) == (
        "coverage/base.yml : ce fichier manque : créez-le."
    )


def test_a_mapping_that_is_a_link_is_not_followed(
    tmp_path: Path, library: Library
) -> None:
    elsewhere = write_tree(tmp_path / "ailleurs", {"base.yml": BASE})
    folder = tmp_path / "bibliotheque"
    folder.mkdir()
    (folder / "coverage").symlink_to(elsewhere)

    assert "liens symboliques" in mapping_refusal(folder, library)
