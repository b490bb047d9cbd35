"""The files of a library written in one style: which, and what stays as it was."""

import os
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_charters import mapped_library
from trees import write_tree

from charter_builder.errors import CharterError, DocumentErrors, InputError
from charter_builder.library import Library
from charter_builder.model import Value, key_ranks
from charter_builder.storage.library_files import (
    WrittenDocument,
    load_documents,
    load_library,
)
from charter_builder.storage.library_style import format_library, rewritten

SMALL = Path(__file__).parents[1] / "small"

UNTIDY = """\
# Ce thème vient du centre de gestion.

text: "Le repos dure au moins {{ repos_minimal|heures }} \\
   ({{ \\"repos.quotidien\\"|reference }}).\\n"
options: [ 'plage',   # la première
           "souple" ]
title: 'Les horaires'
settles:   Les heures où l'on
    se repose.
choose:    any
nature: "law"
criteria:  {protection:   Protection}
references: [ repos.quotidien ]
# Le contenu attendu.
satisfies:
- C01
question: "Comment dire les horaires ?"
"""
TIDY = """\
# Ce thème vient du centre de gestion.

title: Les horaires
question: Comment dire les horaires ?
settles: Les heures où l'on se repose.
choose: any
options:
  - plage  # la première
  - souple
criteria: {protection: Protection}
nature: law
references: [repos.quotidien]
# Le contenu attendu.
satisfies:
  - C01
text: |
  Le repos dure au moins {{ repos_minimal|heures }} ({{ "repos.quotidien"|reference }}).
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small library."""
    return Path(shutil.copytree(SMALL, tmp_path / "bibliotheque"))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_untidy_file_is_written_in_our_style_and_named(
    folder: Path, library: Library
) -> None:
    theme = folder / "horaires" / "theme.yml"
    theme.write_text(UNTIDY, encoding="utf-8")

    assert format_library(folder) == [theme]
    assert theme.read_text(encoding="utf-8") == TIDY
    found = load_library(folder)
    assert replace(found, digest="") == replace(library, digest="")
    assert found.digest != library.digest


def test_a_second_run_changes_nothing(folder: Path) -> None:
    (folder / "horaires" / "theme.yml").write_text(UNTIDY, encoding="utf-8")
    format_library(folder)
    before = content(folder)

    assert format_library(folder) == []
    assert content(folder) == before


def test_the_lines_of_another_system_become_ours(
    folder: Path, library: Library
) -> None:
    theme = folder / "couts" / "theme.yml"
    ours = theme.read_bytes()
    theme.write_bytes(b"\xef\xbb\xbf" + ours.replace(b"\n", b"\r\n"))

    assert format_library(folder) == [theme]
    assert theme.read_bytes() == ours
    assert load_library(folder) == library


def test_a_library_with_an_error_is_not_touched(folder: Path) -> None:
    write_tree(
        folder,
        {"horaires/theme.yml": UNTIDY, "couts/theme.yml": "titre: Les coûts\n"},
    )
    before = content(folder)

    with pytest.raises(DocumentErrors):
        format_library(folder)
    assert content(folder) == before


def test_a_library_with_an_error_in_its_mapping_is_not_touched(tmp_path: Path) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")
    write_tree(folder, {"horaires/theme.yml": UNTIDY, "coverage/ville.yml": "a: [\n"})
    before = content(folder)

    with pytest.raises(CharterError):
        format_library(folder)
    assert content(folder) == before


def test_the_files_of_the_mapping_are_written_too(tmp_path: Path) -> None:
    folder = mapped_library(tmp_path / "bibliotheque")
    format_library(folder)
    base = folder / "coverage" / "base.yml"
    ours = base.read_bytes()
    base.write_bytes(ours.replace(b": ", b":   "))

    assert format_library(folder) == [base]
    assert base.read_bytes() == ours


def test_what_is_no_file_of_the_library_stays_as_it_is(folder: Path) -> None:
    write_tree(
        folder,
        {
            "README.md": "a:    1\r\n",
            ".brouillon.yml": "a:    1\n",
            "CHANGELOG.md": "# a\r\n",
        },
    )
    os.mkfifo(folder / "tuyau")
    before = content(folder)

    assert format_library(folder) == []
    assert content(folder) == before


def test_a_link_is_refused_and_what_it_leads_to_stays(
    folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "dehors.yml"
    outside.write_text(UNTIDY, encoding="utf-8")
    theme = folder / "horaires" / "theme.yml"
    theme.unlink()
    theme.symlink_to(outside)

    with pytest.raises(CharterError, match="liens symboliques"):
        format_library(folder)
    assert outside.read_text(encoding="utf-8") == UNTIDY


def test_a_file_changed_meanwhile_is_not_written_over(folder: Path) -> None:
    _, documents = load_documents(folder)
    (theme,) = (d for d in documents if d.path.match("horaires/theme.yml"))
    theme.path.write_text("title: en cours\n", encoding="utf-8")

    with pytest.raises(InputError, match="a changé pendant la mise en forme"):
        rewritten(theme, theme.text)
    assert theme.path.read_text(encoding="utf-8") == "title: en cours\n"


def test_a_file_that_is_gone_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    document = WrittenDocument(tmp_path / "a.yml", "a: 1\n", None)

    with pytest.raises(InputError, match="a changé pendant la mise en forme"):
        rewritten(document, "a: 2\n")
    assert not document.path.exists()


def test_a_disk_that_takes_no_more_leaves_the_file_whole(folder: Path) -> None:
    theme = folder / "horaires" / "theme.yml"
    theme.write_text(UNTIDY, encoding="utf-8")
    before, limit = content(folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(InputError, match="L’ancien fichier est intact"):
            format_library(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert content(folder) == before


def test_a_file_that_would_be_too_long_to_be_read_is_not_written(folder: Path) -> None:
    lines = "\\n".join("a" * 9_999)
    lexicon = f'un: {{definition: "{lines}"}}\ndeux: {{definition: "{lines}"}}\n'
    write_tree(folder, {"lexicon.yml": lexicon, "horaires/theme.yml": UNTIDY})
    load_library(folder)
    before = content(folder)

    with pytest.raises(InputError, match=r"lexicon\.yml : .* serait trop long"):
        format_library(folder)
    assert content(folder) == before


def _kinds(kind: type[Value]) -> list[type[Value]]:
    return [kind, *(inner for sub in kind.__subclasses__() for inner in _kinds(sub))]


@pytest.mark.parametrize("kind", [k for k in _kinds(Value) if k.layout])
def test_every_key_of_a_file_has_its_place(kind: type[Value]) -> None:
    keys = {field.alias or name for name, field in kind.model_fields.items()}

    assert keys - {"id"} <= key_ranks(kind).keys()
