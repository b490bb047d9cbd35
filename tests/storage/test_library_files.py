import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import hostile
import pytest
from trees import write_tree

from charter_builder.errors import (
    MAX_PROBLEMS,
    CharterError,
    DocumentErrors,
    InputError,
)
from charter_builder.library import Library
from charter_builder.storage import library_files
from charter_builder.storage.library_files import load_changes, load_library

TESTS = Path(__file__).parents[1]
SMALL = TESTS / "small"
INVALID = sorted((TESTS / "invalid").glob("*.yml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small library, to be spoilt."""
    return Path(shutil.copytree(SMALL, tmp_path / "bibliotheque"))


def errors(folder: Path) -> list[str]:
    """Return what is said of a library, its own folder left out of the paths."""
    with pytest.raises(CharterError) as refused:
        load_library(folder)
    return str(refused.value).replace(f"{folder}/", "").split("\n")


# --- a wrong file: see tests/invalid -------------------------------------------------


@pytest.mark.parametrize("case", INVALID, ids=lambda case: str(case.stem))
def test_a_wrong_file_gets_the_sentence_we_promise(folder: Path, case: Path) -> None:
    text = case.read_text(encoding="utf-8")
    promise, place = (line.removeprefix("# ") for line in text.split("\n")[:2])
    write_tree(folder, {place: text.encode()})

    assert promise in errors(folder)


def test_every_wrong_file_of_ours_is_tried() -> None:
    assert len(INVALID) >= 40


# --- what a text file cannot show ----------------------------------------------------


@pytest.mark.parametrize(
    ("content", "promise"),
    [
        (
            "title: Été".encode("latin-1"),
            ":1 : le fichier n’est pas en UTF-8 : enregistrez-le en UTF-8.",
        ),
        (
            "title: Été".encode("utf-16"),
            ":1 : le fichier n’est pas en UTF-8 : enregistrez-le en UTF-8.",
        ),
        (
            b"title: a\nsummary: b\x00c",
            ":2 : caractère invisible (U+0000) : retapez ce passage.",
        ),
        (
            b"title: a\r# " + b"x" * 300 * 1024,
            ":1 : fichier trop gros : 256 Kio au plus. Découpez-le.",
        ),
        (b"", ":1 : le fichier est vide : remplissez-le ou retirez-le."),
    ],
    ids=["latin-1", "utf-16", "nul", "300 KB", "empty"],
)
def test_wrong_bytes_get_a_sentence(folder: Path, content: bytes, promise: str) -> None:
    write_tree(folder, {"couts/forfait.yml": content})

    assert errors(folder) == [f"couts/forfait.yml{promise}"]


def test_a_file_of_100_megabytes_is_refused_unread(folder: Path) -> None:
    with (folder / "couts" / "forfait.yml").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)

    assert errors(folder) == [
        "couts/forfait.yml:1 : fichier trop gros : 256 Kio au plus. Découpez-le."
    ]


@pytest.mark.parametrize("name", ["library", "questions", "profiles"])
def test_a_missing_file_of_the_library_is_named(folder: Path, name: str) -> None:
    (folder / f"{name}.yml").unlink()

    assert f"{name}.yml : ce fichier manque : créez-le." in errors(folder)


def test_every_file_that_is_wrong_is_told_at_once(folder: Path) -> None:
    write_tree(
        folder,
        {
            "library.yml": "a: [",
            "questions.yml": "nom: {kind: texte, label: X}",
            "couts/Forfait.yml": "title: x",
        },
    )

    assert [line.split(" : ")[0] for line in errors(folder)] == [
        "couts/Forfait.yml",
        "library.yml:1",
        "questions.yml:1",
    ]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ce dossier n’existe pas"):
        load_library(tmp_path / "nulle-part")


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_SIZE", "MAX_ENTRIES"])
def test_a_library_too_large_to_be_one_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(library_files, limit, 5)

    (said,) = errors(folder)
    assert said.startswith(f"{folder} : bibliothèque trop grosse (")


@pytest.mark.parametrize("shape", hostile.SHAPES)
def test_what_is_said_of_a_costly_library_stays_short(
    tmp_path: Path, shape: str
) -> None:
    folder = hostile.write(tmp_path / "bibliotheque", hostile.SHAPES[shape](120))
    try:
        load_library(folder)
        said = ""
    except CharterError as error:
        said = str(error)

    assert len(said.split("\n")) <= MAX_PROBLEMS + 1
    assert len(said.replace(str(folder), "")) < 80_000


@pytest.mark.parametrize(
    "shape",
    [
        "junk_keys",
        "keys_written_twice",
        "misplaced_files",
        "many_options_not_listed",
        "unused_parameters",
    ],
)
def test_past_a_hundred_mistakes_the_others_are_announced(
    tmp_path: Path, shape: str
) -> None:
    folder = hostile.write(tmp_path / "bibliotheque", hostile.SHAPES[shape](120))

    said = errors(folder)

    assert len(said) == MAX_PROBLEMS + 1
    assert said[-1] == "il y a d’autres erreurs : corrigez d’abord celles-ci."


def test_conditions_too_long_in_all_are_refused(tmp_path: Path) -> None:
    conditions = hostile.conditions_of_nots(200)
    folder = hostile.write(tmp_path / "bibliotheque", conditions)

    (said,) = errors(folder)

    assert said.endswith(
        "conditions et textes à trous trop longs : 150000 caractères au plus pour toute "
        "la bibliothèque. Simplifiez-les."
    )


# --- what is accepted ----------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.replace(b"\n", b"\r"),
    ],
    ids=["byte order mark", "Windows line ends", "old Mac line ends"],
)
def test_a_library_saved_by_another_editor_is_the_same_library(
    folder: Path, library: Library, spoil: Callable[[bytes], bytes]
) -> None:
    for file in folder.rglob("*.yml"):
        file.write_bytes(spoil(file.read_bytes()))

    assert load_library(folder).digest == library.digest


def test_a_library_may_hold_other_files_and_hidden_folders(
    folder: Path, library: Library
) -> None:
    write_tree(
        folder,
        {
            "LISEZMOI.md": "# Bibliothèque",
            "couts/Notes de travail.txt": "à revoir",
            ".git/config": "[core]\nfsmonitor = touch /tmp/pirate",
            ".git/hooks/post-checkout": "#!/bin/sh\ntouch /tmp/pirate",
            ".cache.yml": "a: &a *a",
        },
    )

    assert load_library(folder).digest == library.digest


def test_the_digest_is_that_of_the_sorted_paths_and_texts(folder: Path) -> None:
    rows = sorted(
        f"{file.relative_to(folder).as_posix()}\0"
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}"
        for file in folder.rglob("*.yml")
    )
    whole = "\n".join("  ".join(reversed(row.split("\0"))) for row in rows)

    assert load_library(folder).digest == hashlib.sha256(whole.encode()).hexdigest()


def test_a_changed_word_changes_the_digest(folder: Path, library: Library) -> None:
    file = folder / "couts" / "forfait.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("par jour", "par journée"), encoding="utf-8")

    assert load_library(folder).digest != library.digest


# --- a hostile folder ----------------------------------------------------------------
#
# A forked library is a stranger's folder. Each is loaded in a process that notes every
# file opened, folder listed, program run or connection made: nothing outside it is.

CANARY = "canari : ce texte est hors de la bibliothèque"

WATCH = r"""
import json, os, sys
from pathlib import Path
from charter_builder.errors import CharterError
from charter_builder.storage.library_files import load_changes, load_library

seen = []
WATCHED = {"open", "os.listdir", "os.scandir", "os.system", "os.exec", "os.posix_spawn",
           "subprocess.Popen", "socket.connect", "os.remove", "os.rename", "os.mkdir"}

def note(event, arguments):
    if event in WATCHED:
        # Where it leads, for a link: the path itself would look harmless.
        target = os.path.realpath(os.fsdecode(arguments[0])) if arguments else ""
        if not target.endswith((".py", ".pyc")) and "site-packages" not in target:
            seen.append(f"{event} {target}")

def outcome(folder):
    seen.clear()
    try:
        load_library(Path(folder))
        said = ""
    except CharterError as error:
        said = str(error)
    return {"said": said, "seen": list(seen)}

sys.addaudithook(note)
print(json.dumps({folder: outcome(folder) for folder in sys.argv[1:]}))
"""


class Outcome(NamedTuple):
    """What loading a hostile library said, and what it touched outside."""

    said: list[str]
    touched_outside: list[str]


def _link_to_a_file(folder: Path, canary: Path) -> None:
    (folder / "couts" / "carte.yml").symlink_to(canary)


def _link_in_place_of_a_file(folder: Path, canary: Path) -> None:
    (folder / "questions.yml").unlink()
    (folder / "questions.yml").symlink_to(canary)


def _relative_link(folder: Path, canary: Path) -> None:
    (folder / "couts" / "carte.yml").symlink_to(f"../../{canary.name}")


def _link_to_a_folder(folder: Path, canary: Path) -> None:
    (folder / "ailleurs").symlink_to(canary.parent, target_is_directory=True)


def _link_to_itself(folder: Path, canary: Path) -> None:
    (folder / "boucle").symlink_to(folder, target_is_directory=True)


def _link_to_nothing(folder: Path, canary: Path) -> None:
    (folder / "couts" / "carte.yml").symlink_to("/nulle/part.yml")


def _pipe(folder: Path, canary: Path) -> None:
    os.mkfifo(folder / "couts" / "carte.yml")


def _socket(folder: Path, canary: Path) -> None:
    here = Path.cwd()
    os.chdir(folder / "couts")  # the path of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("carte.yml")
    finally:
        os.chdir(here)


def _folder_named_like_a_file(folder: Path, canary: Path) -> None:
    write_tree(folder, {"couts/carte.yml/theme.yml": "title: x"})


def _file_in_place_of_a_folder(folder: Path, canary: Path) -> None:
    shutil.rmtree(folder / "legal")
    (folder / "legal").write_text("repos: {}")


def _twins(folder: Path, canary: Path) -> None:
    write_tree(
        folder, {"couts/e\u0301te\u0301.yml": "title: x", "couts/été.yml": "title: y"}
    )


def _escape_sequence(folder: Path, canary: Path) -> None:
    write_tree(folder, {"couts/\x1b[2J\u202eforfait.yml": "title: x"})


def _name_that_is_no_text(folder: Path, canary: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/couts/\xff\xfe.yml")).write_text("a: b")


def _longest_name(folder: Path, canary: Path) -> None:
    write_tree(folder, {f"couts/{'a' * 251}.yml": "title: x"})


def _backslashes(folder: Path, canary: Path) -> None:
    write_tree(folder, {"couts/a\\..\\..\\canari.yml": "title: x"})


def _id_with_dots(folder: Path, canary: Path) -> None:
    text = (folder / "library.yml").read_text(encoding="utf-8")
    text = text.replace("themes: [couts]", "themes: [../canari]")
    (folder / "library.yml").write_text(text, encoding="utf-8")


def _inclusion(folder: Path, canary: Path) -> None:
    text = (folder / "couts/forfait.yml").read_text(encoding="utf-8")
    text = text.replace("{{ montant|euros }}", f"{{% include '{canary}' %}}")
    (folder / "couts/forfait.yml").write_text(text, encoding="utf-8")


HOSTILE: dict[Callable[[Path, Path], None], str] = {
    _link_to_a_file: "couts/carte.yml : les liens symboliques ne sont pas admis : "
    "copiez le fichier.",
    _link_in_place_of_a_file: "questions.yml : les liens symboliques ne sont pas admis "
    ": copiez le fichier.",
    _relative_link: "couts/carte.yml : les liens symboliques ne sont pas admis : "
    "copiez le fichier.",
    _link_to_a_folder: "ailleurs : les liens symboliques ne sont pas admis : copiez le "
    "fichier.",
    _link_to_itself: "boucle : les liens symboliques ne sont pas admis : copiez le "
    "fichier.",
    _link_to_nothing: "couts/carte.yml : les liens symboliques ne sont pas admis : "
    "copiez le fichier.",
    _pipe: "couts/carte.yml : ce n’est pas un fichier ordinaire : retirez-le.",
    _socket: "couts/carte.yml : ce n’est pas un fichier ordinaire : retirez-le.",
    _folder_named_like_a_file: "couts/carte.yml : dossier trop profond : un thème n’a "
    "pas de sous-dossier.",
    _file_in_place_of_a_folder: "legal/references.yml : ce fichier manque : créez-le.",
    _twins: "couts/été.yml : « été » n’est pas un nom admis : 60 lettres minuscules "
    "sans accent, chiffres et tirets au plus.",
    _escape_sequence: "couts/�[2J�forfait.yml : « �[2J�forfait » n’est pas un nom "
    "admis : 60 lettres minuscules sans accent, chiffres et tirets au plus.",
    _name_that_is_no_text: "couts/��.yml : « �� » n’est pas un nom admis : 60 lettres "
    "minuscules sans accent, chiffres et tirets au plus.",
    _longest_name: f"« {'a' * 59}… » n’est pas un nom admis : 60 lettres minuscules "
    "sans accent, chiffres et tirets au plus.",
    _backslashes: "couts/a\\..\\..\\canari.yml : « a\\..\\..\\canari » n’est pas un nom admis "
    ": 60 lettres minuscules sans accent, chiffres et tirets au plus.",
    _id_with_dots: "library.yml:15 : « ../canari » n’a pas la forme attendue pour "
    "« themes » : de 2 à 30 lettres minuscules sans accent, chiffres et tirets, une "
    "lettre d’abord.",
    _inclusion: "couts/forfait.yml:16 : une inclusion ne peut pas servir ici : n’y "
    "servent que les noms, les comparaisons, and, or, not, in, if, for et nos filtres.",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of each hostile library, all loaded in one watched process."""
    folders: dict[str, Path] = {}
    for spoil in HOSTILE:
        root = tmp_path_factory.mktemp(spoil.__name__.strip("_"))
        folder = Path(shutil.copytree(SMALL, root / "bibliotheque"))
        canary = root / "canari.yml"
        canary.write_text(CANARY, encoding="utf-8")
        spoil(folder, canary)
        folders[spoil.__name__] = folder
    done = subprocess.run(
        # The clean library comes first: what Python reads to start is read by then.
        [sys.executable, "-c", WATCH, str(SMALL), *map(str, folders.values())],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {
        name: Outcome(
            found[str(folder)]["said"].replace(f"{folder}/", "").split("\n"),
            [s for s in found[str(folder)]["seen"] if f" {folder.resolve()}" not in s],
        )
        for name, folder in folders.items()
    }


each_hostile = pytest.mark.parametrize("spoil", HOSTILE, ids=lambda s: s.__name__[1:])


@each_hostile
def test_a_hostile_folder_is_refused_with_a_sentence(
    outcomes: dict[str, Outcome], spoil: Callable[[Path, Path], None]
) -> None:
    said = outcomes[spoil.__name__].said

    assert any(line.endswith(HOSTILE[spoil]) for line in said), said


@each_hostile
def test_nothing_outside_a_hostile_folder_is_opened_or_run(
    outcomes: dict[str, Outcome], spoil: Callable[[Path, Path], None]
) -> None:
    assert outcomes[spoil.__name__].touched_outside == []


@each_hostile
def test_what_lies_outside_a_hostile_folder_is_never_quoted(
    outcomes: dict[str, Outcome], spoil: Callable[[Path, Path], None]
) -> None:
    assert not any("hors de la" in line for line in outcomes[spoil.__name__].said)


@each_hostile
def test_what_is_said_of_a_hostile_folder_is_safe_to_print(
    outcomes: dict[str, Outcome], spoil: Callable[[Path, Path], None]
) -> None:
    assert all(line.isprintable() for line in outcomes[spoil.__name__].said)


def test_the_watch_would_see_a_file_read_outside(tmp_path: Path) -> None:
    (tmp_path / "canari.yml").write_text(CANARY, encoding="utf-8")
    # The folder given is itself a link: its owner chose it, so it is followed.
    (tmp_path / "bibliotheque").symlink_to(tmp_path / "vraie")
    shutil.copytree(SMALL, tmp_path / "vraie")
    spy = WATCH.replace(
        "load_library(Path(folder))",
        "load_library(Path(folder)); open(Path(folder).parent / 'canari.yml').read()",
    )

    done = subprocess.run(
        [sys.executable, "-c", spy, str(tmp_path / "bibliotheque")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"open {(tmp_path / 'canari.yml').resolve()}" in done.stdout


def test_the_errors_of_a_library_carry_what_they_are_about(folder: Path) -> None:
    write_tree(folder, {"couts/carte.yml": "title: 1"})
    with pytest.raises(DocumentErrors) as refused:
        load_library(folder)

    problem = next(p for p in refused.value.problems if p.path == ("title",))
    assert problem.document == "couts/carte"


# --- what changed --------------------------------------------------------------------


def test_a_library_without_a_changelog_tells_no_change(folder: Path) -> None:
    assert load_changes(folder) == ()


def test_a_changelog_is_read_and_changes_no_digest(
    folder: Path, library: Library
) -> None:
    write_tree(folder, {"CHANGELOG.md": "## 0.2.0\n- Le thème `couts` change.\n"})

    (change,) = load_changes(folder)

    assert change.names == {"couts"}
    assert load_library(folder).digest == library.digest


def test_a_changelog_that_leads_elsewhere_is_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"ailleurs.md": "## 0.2.0\n- Le thème `couts` change.\n"})
    (folder / "CHANGELOG.md").symlink_to(tmp_path / "ailleurs.md")

    assert load_changes(folder) == ()


@pytest.mark.parametrize(
    ("content", "promise"),
    [
        (b"## 0.2.0\n- \xff\n", "CHANGELOG.md:2 : "),
        (b"- long\n" * 50_000, "fichier trop gros : 256 Kio au plus."),
    ],
)
def test_a_changelog_that_cannot_be_read_is_one_sentence(
    folder: Path, content: bytes, promise: str
) -> None:
    (folder / "CHANGELOG.md").write_bytes(content)

    with pytest.raises(InputError) as refused:
        load_changes(folder)

    assert promise in str(refused.value)
