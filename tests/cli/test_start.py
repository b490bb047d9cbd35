"""How the command starts and speaks: fast, in French, with one code per outcome."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from consultations import small_consultation
from terminal import COMMAND, Terminal, environment, flat, invoke, run

HEAVY = {"jinja2", "markdown", "material", "mkdocs", "pydantic", "ruamel", "yaml"}

_HELP = """
import json, sys
from charter_builder.__main__ import main
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)))
"""


def test_the_help_loads_nothing_it_does_not_need() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _HELP, "--help"],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        check=True,
    )
    help_text, _, modules = ran.stdout.rpartition("\n[")

    loaded = {name.split(".")[0] for name in json.loads(f"[{modules}")}
    assert "Crée l’espace de travail" in help_text
    assert "click" in loaded
    assert loaded & HEAVY == set()


@pytest.fixture(scope="module")
def consulted_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_consultation(tmp_path_factory.mktemp("long")).root


# --- click's own words ---------------------------------------------------------------


class Said(NamedTuple):
    """What a command line ended with."""

    code: int
    output: str


# One process for all: each of them would take half a second to say one sentence.
_EACH = """
import contextlib, io, json, sys
from charter_builder.__main__ import main
said = []
for words in json.load(sys.stdin):
    sys.argv = ["charter", *words]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        with contextlib.redirect_stderr(output):
            try:
                main()
            except SystemExit as end:
                said.append((end.code, output.getvalue()))
print(json.dumps(said))
"""
WRONG = {
    "": "Usage : charter [OPTIONS] COMMANDE …",
    "nouveau": "La commande 'nouveau' n’existe pas.",
    "library chek": "La commande 'chek' n’existe pas. (Vouliez-vous dire : 'check'",
    "site serve --prt 1": "L’option '--prt' n’existe pas. Vouliez-vous dire '--port' ?",
    "new": "Il manque l’argument 'DOSSIER'.",
    "new a b": "Argument en trop : b",
    "new a --library nulle-part": "nulle-part : ce n’est ni un dossier, ni une",
    "new a --library pyproject.toml": "pyproject.toml : ce n’est ni un dossier, ni",
    "ask --answers nulle-part": "pour '--answers' : 'nulle-part' n’existe pas.",
    "ask --answers clauses": "pour '--answers' : 'clauses' est un dossier.",
    "ask --section": "L’option '--section' attend une valeur.",
    "demo --no-serve=1": "L’option '--no-serve' n’attend pas de valeur.",
    "demo --port abc": "Valeur incorrecte pour '--port' : 'abc' n’est pas un nombre",
    "export -o x.odt": "ce nom ne dit pas le format. Finissez-le par .docx ou .md",
    "consultation export": "Il manque l’option '-o' / '--output'.",
    "consultation redact C-1 --as a": "Il manque l’option '--ground'. Au choix : ",
    "export --to odt -o x": "'odt' n’est pas une de ces valeurs : 'docx', 'md'.",
    "draft --vite": "« charter draft --help » affiche l’aide.",
}
HELPED = ("", "new", "ask", "draft", "check", "explain", "export", "demo", "library")
ENGLISH = (
    "Usage:",
    "Options:",
    "Commands:",
    "COMMAND ",
    "ARGS",
    "Error",
    "Show this",
    "Show the",
    "default:",
    "required",
    "Missing",
    "No such",
    "Did you",
    "Try ",
    "Invalid",
    "does not",
    "...",
)


@pytest.fixture(scope="module")
def said() -> dict[str, Said]:
    """What each command line of this page says, by its words."""
    lines = [*WRONG, *(f"{name} --help".strip() for name in HELPED)]
    ran = subprocess.run(
        [sys.executable, "-c", _EACH],
        input=json.dumps([line.split() for line in lines]),
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        cwd=Path(__file__).parents[2],
        check=True,
    )
    found = json.loads(ran.stdout)
    return {line: Said(*each) for line, each in zip(lines, found, strict=True)}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_is_explained_in_french_with_code_two(
    said: dict[str, Said], line: str
) -> None:
    assert said[line].code == 2
    assert WRONG[line] in flat(said[line].output)


@pytest.mark.parametrize("line", [*WRONG, *(f"{n} --help".strip() for n in HELPED)])
def test_no_english_word_of_click_is_left(said: dict[str, Said], line: str) -> None:
    assert [word for word in ENGLISH if word in said[line].output] == []


@pytest.mark.parametrize("name", HELPED)
def test_the_help_of_a_command_is_no_error(said: dict[str, Said], name: str) -> None:
    assert said[f"{name} --help".strip()].code == 0


# --- terminals and pipes -------------------------------------------------------------


def test_accents_are_whole_where_no_language_is_set() -> None:
    shown = run("library", "show")

    assert shown.returncode == 0
    assert "l’" in shown.stdout
    assert "é" in shown.stdout


def test_a_reader_that_stops_early_makes_no_traceback(answered_town: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "-C", str(answered_town), "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_ctrl_c_says_interrupted_and_not_that_a_legal_error_was_found(
    tmp_path: Path,
) -> None:
    with Terminal("new", tmp_path / "ville") as terminal:
        assert terminal.press("c").endswith("Interrompu.")
        assert terminal.end() == 130


LONG = "x" * 256


@pytest.mark.parametrize(
    "words",
    [
        ("verify", LONG),
        ("consultation", "verify", "--copy", LONG),
        ("consultation", "export", "-o", f"{LONG}.ods"),
        ("consultation", "export", "--to", "csv", "-o", LONG),
        ("-C", f"../{LONG}", "check"),
        ("new", LONG, "--name", "Ville", "--date", "01/03/2027"),
        ("library", "check", LONG),
        ("library", "coverage", "--provisions", LONG),
        ("demo", LONG),
        ("audit", f"{LONG}.md"),
    ],
    ids=" ".join,
)
def test_a_name_longer_than_the_disk_takes_is_one_sentence(
    consulted_town: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(consulted_town)
    refused = invoke(*words)

    assert refused.exit_code == 2
    assert isinstance(refused.exception, SystemExit)
    assert LONG[:150] in refused.stderr


def test_a_refusal_of_the_system_nobody_expected_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(folder: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(tmp_path / "a.yml"))

    monkeypatch.setattr("charter_builder.cli.library.load_library", fails)
    refused = invoke("library", "check")

    assert refused.exit_code == 2
    assert (
        f"{tmp_path / 'a.yml'} : lecture ou écriture impossible (disque en panne)"
        in (flat(refused.stderr))
    )


def test_a_library_that_does_not_load_is_wrong_input(answered_town: Path) -> None:
    settings = answered_town / "charter.yml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    moved = ["library: ailleurs" if "library:" in line else line for line in lines]
    settings.write_text("\n".join(moved), encoding="utf-8")
    refused = invoke("-C", answered_town, "check")

    assert refused.exit_code == 2
    assert os.path.join(answered_town, "ailleurs") in refused.stderr
    assert refused.stderr.count("\n") == 1
