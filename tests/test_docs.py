"""The documentation tells the truth: what it shows loads, runs, and is up to date."""

import ast
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args

import click
import pytest
from drawings import DRAWINGS, Drawing, Step, drawn, marked, steps
from ruamel.yaml import YAML

import charter_builder
from charter_builder import (
    assemble,
    findings,
    load_answers,
    load_library,
    shipped_library,
    take_proposed,
)
from charter_builder.cli import charter
from charter_builder.cli.library import as_text
from charter_builder.errors import CharterError
from charter_builder.forms import BlankKind
from charter_builder.interview import answer_options, answer_question
from charter_builder.provisions import bench, failures
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.schema_reference import keys_page, report_page, report_schema
from charter_builder.storage import answers_file
from charter_builder.storage.library_style import format_library
from charter_builder.storage.provisions_files import load_mapping

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
NEWS = ROOT / "clauses" / "CHANGELOG.md"
REFERENCES = [DOCS / f"{name}.md" for name in ("commandes", "cles", "controle")]
FRENCH = [DOCS / "index.md", *REFERENCES, NEWS, *GUIDES]
AUTHORS = DOCS / "guides" / "auteurs.md"
READERS = DOCS / "guides" / "lire-un-projet.md"

MESSAGES = "Vérifier, et lire les messages"

_BLOCK = re.compile(r"(?ms)^(?:<!-- ([^>]*?) -->\n)?```(\w*)\n(.*?)^```$")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> Iterator[tuple[str, str]]:
    """Yield the code blocks of a page in one language: mark before it, content."""
    for mark, found, content in _BLOCK.findall(read(path)):
        if found == language:
            yield mark, content


def files_shown(path: Path) -> dict[str, str]:
    """Return the files a guide shows under « fichier: … », parts put end to end."""
    files: dict[str, str] = {}
    for mark, content in blocks(path, "yaml"):
        if mark.startswith("fichier: "):
            name = mark.removeprefix("fichier: ")
            files[name] = files.get(name, "") + content
    return files


def golden(path: Path, expected: str, update: bool) -> None:
    if update:
        path.write_text(expected, encoding="utf-8", newline="\n")
    assert read(path) == expected, f"{path.name}: run pytest --update-golden"


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


# --- commands ------------------------------------------------------------------------

COMMANDS_INTRODUCTION = """\
# Commandes

Cette page est écrite par le programme : elle reprend l’aide de chaque commande, que
`--help` affiche aussi. Les [guides](guides/rh.md) disent quand s’en servir. Ce que
`charter check --format json` imprime a [sa page](controle.md) et son JSON Schema.

Une commande agit sur l’espace de travail du dossier courant, ou du dossier parent le plus
proche qui contient `charter.yml`. L’option `-C DOSSIER` en désigne un autre ; elle se place
avant ou après le nom de la commande.

| Code de retour | Ce qu’il veut dire |
|---|---|
| 0 | tout s’est bien passé |
| 1 | `charter check` ou `charter audit` a trouvé une erreur de droit |
| 2 | une donnée ou une commande est incorrecte : le message dit laquelle |
| 3 | un conflit est à régler par une personne |
| 130 | vous avez interrompu la commande ; ce qui était enregistré l’est resté |
"""


def command_names() -> list[str]:
    """Return every command as it is typed, subcommands after their group."""

    def walk(command: click.Command, name: str) -> Iterator[str]:
        yield name
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                child = command.get_command(context, word)
                assert child is not None
                yield from walk(child, f"{name} {word}")

    return list(walk(charter, "charter"))


ALL_HELP = """
import sys
from charter_builder.__main__ import main

for name in sys.argv[1:]:
    print(end="\\f")
    sys.argv = ["charter", *name.split()[1:], "--help"]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, name
"""


def helps_of(names: list[str]) -> list[str]:
    """Return what `--help` prints for each command, in a terminal of 80 columns."""
    ran = subprocess.run(
        [sys.executable, "-c", ALL_HELP, *names],
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return ran.stdout.split("\f")[1:]


def commands_page() -> str:
    """Return the page that shows the help of every command."""
    names = command_names()
    sections = [COMMANDS_INTRODUCTION]
    for name, text in zip(names, helps_of(names), strict=True):
        sections.append(f"## {name}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(sections)


def test_the_page_of_commands_is_what_help_prints(update: bool) -> None:
    golden(DOCS / "commandes.md", commands_page(), update)


def test_the_help_is_in_french() -> None:
    page = read(DOCS / "commandes.md")
    assert not re.search(r"Usage:|Show this|Commands:|\[required\]|default:", page)


@pytest.mark.parametrize("name", command_names()[1:])
def test_every_command_has_its_section_and_is_used_in_a_guide(name: str) -> None:
    assert f"\n## {name}\n" in read(DOCS / "commandes.md")
    told = re.compile(rf"\b{re.escape(name)}\b")
    assert any(told.search(read(guide)) for guide in GUIDES), name


def test_the_commands_of_the_guides_exist() -> None:
    known = set(command_names())
    for guide in GUIDES:
        for words in re.findall(r"\bcharter ((?:[a-z]+ ?)+)", read(guide)):
            first, _, second = words.strip().partition(" ")
            assert f"charter {first}" in known, f"{guide.name}: charter {words}"
            if first in ("site", "library") and second:
                word = second.split()[0]
                assert f"charter {first} {word}" in known, f"{guide.name}: {words}"


# --- the reference of keys -----------------------------------------------------------


def test_the_page_of_keys_is_what_the_models_say(update: bool) -> None:
    golden(DOCS / "cles.md", keys_page(), update)


def test_the_page_of_keys_tells_every_key_of_the_answers() -> None:
    _, _, section = keys_page().partition("`answers.yml`")
    assert re.findall(r"(?m)^\| `(\w+)`", section)[: len(answers_file._KEYS)] == list(
        answers_file._KEYS
    )


# --- the check, for programs ---------------------------------------------------------


def test_the_page_of_the_check_is_what_the_models_say(update: bool) -> None:
    golden(DOCS / "controle.md", report_page(), update)


def test_the_published_schema_of_the_check_is_that_of_the_models(update: bool) -> None:
    golden(DOCS / "check.schema.json", as_text(report_schema()) + "\n", update)


# --- the guide for readers -----------------------------------------------------------


def steps_of(drawing: Drawing) -> list[Step]:
    found = marked(drawing).search(read(READERS))
    assert found
    return steps(found[4])


def test_the_drawings_of_the_guide_for_readers_say_what_its_lists_say(
    update: bool,
) -> None:
    golden(READERS, drawn(read(READERS)), update)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.id)
def test_a_drawing_describes_as_many_steps_as_it_shows(drawing: Drawing) -> None:
    count = len(steps_of(drawing))

    assert drawing.description.startswith({9: "Neuf", 10: "Dix"}[count])
    assert [step.number for step in steps_of(drawing)] == list(range(1, count + 1))


@pytest.mark.parametrize(
    "step",
    [step for drawing in DRAWINGS for step in steps_of(drawing)],
    ids=lambda step: step.name,
)
def test_the_numbers_of_the_guide_for_readers_are_those_of_the_law(step: Step) -> None:
    library = load_library(shipped_library())
    figures = library.figures_on(library.manifest.legal_status_date)

    typed = re.findall(r"\d+", f"{step.name} {step.words} {step.delay}")

    assert typed == [str(figures[name]) for name in step.figures]


def test_the_guide_for_readers_has_no_number_outside_its_lists() -> None:
    text = re.sub(r"(?s)<(svg|details)\b.*?</\1>", "", read(READERS))

    assert not re.search(r"\d", text)


# --- the guide for authors -----------------------------------------------------------


COVERED = "act_date: '2027-03-01'\nprofile: court\nvalues: {nom: Essai, effectif: 9}\n"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `tests/small` with the files the guide shows added to it."""
    folder = tmp_path_factory.mktemp("guide") / "small"
    shutil.copytree(Path(__file__).parent / "small", folder)
    shown = files_shown(AUTHORS)
    for name, content in shown.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
    yaml = YAML()
    plan = yaml.load(folder / "library.yml")
    last = list(plan["parts"].values())[-1]
    last["themes"] += [n.split("/")[0] for n in shown if n.endswith("/theme.yml")]
    plan.setdefault("documents", []).extend(
        Path(n).stem for n in shown if n.startswith("annexes/")
    )
    with (folder / "library.yml").open("w", encoding="utf-8") as stream:
        yaml.dump(plan, stream)
    return folder


def test_what_the_guide_for_authors_shows_loads(example: Path) -> None:
    library = load_library(example)
    assert {"reunions/plage", "reunions/a-distance", "reunions/jour-commun"} <= set(
        library.options
    )


def test_what_the_guide_for_authors_shows_is_in_the_style_of_libraries(
    example: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(example, tmp_path / "small")
    (folder / "coverage" / "base.yml").write_text(COVERED, encoding="utf-8")
    changed = {path.relative_to(folder).as_posix() for path in format_library(folder)}

    assert changed & files_shown(AUTHORS).keys() == set()


def test_the_guide_for_authors_shows_every_kind_of_field(example: Path) -> None:
    documents = load_library(example).documents
    shown = {n for n in files_shown(AUTHORS) if n.startswith("annexes/")}
    kinds = {
        field.kind
        for name in shown
        for section in documents[Path(name).stem].sections
        for field in section.fields
    }
    assert kinds == set(get_args(BlankKind))


def test_the_guide_for_authors_shows_every_kind_of_rule(example: Path) -> None:
    library = load_library(example)
    shown = {
        rule.kind
        for name, rule in library.rules.items()
        if name.startswith("reunions.")
    }
    assert shown == set(re.findall(r"kind: (\w+)` \{ #regle-", keys_page()))


def test_the_entries_of_the_guide_for_authors_hold(example: Path) -> None:
    (example / "coverage" / "base.yml").write_text(COVERED, encoding="utf-8")
    library = load_library(example)
    mapping = load_mapping(example, library)
    assert mapping is not None
    stand = bench(library, mapping.correspondence.base)
    entries = mapping.correspondence.documents["charte-lue"]
    assert {entry.kind for entry in entries.values()} == {
        *("expressed", "partial", "refused", "absent")
    }
    assert [
        problem.message
        for name, entry in entries.items()
        for problem in failures(stand, "charte-lue", name, entry)
    ] == []


def test_the_cases_of_the_guide_for_authors_are_right(example: Path) -> None:
    library = load_library(example)
    cases = [
        (mark.removeprefix("cas: "), case)
        for mark, content in blocks(AUTHORS, "yaml")
        if mark.startswith("cas: ")
        for case in YAML(typ="safe").load(io.StringIO(content))
    ]
    assert cases
    for rule, case in cases:
        answers = Answers(
            act_date=case.get("act_date", "2027-03-01"),
            profile="court",
            values={"nom": "L’Isle-Verte", "effectif": 120},
            local={
                theme: LocalParagraph(text=text, reason="Essai.")
                for theme, text in case.get("local", {}).items()
            },
        )
        for theme, options in case.get("options", {}).items():
            answers = answer_options(library, answers, theme, options)
        for name, value in case.get("values", {}).items():
            answers = answer_question(library, answers, name, value)
        draft = assemble(library, take_proposed(library, answers))
        found = {finding.rule for finding in findings(draft, library)}
        assert (rule in found) is case["fires"], case["name"]


def test_the_messages_of_the_guide_for_authors_are_those_of_the_program(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool
) -> None:
    shutil.copytree(example, tmp_path / "ma-bibliotheque")
    monkeypatch.chdir(tmp_path / "ma-bibliotheque")
    mistakes = (
        ("reunions/a-distance.yml", "recommended_when:", "recommanded_when:"),
        ("reunions/a-distance.yml", "  mise-en-oeuvre: Moyenne\n", ""),
        ("reunions/plage.yml", "L'invitation dit", "L'invitation, 3 jours avant, dit"),
        ("rules/reunions.yml", "[reunions.usages]", "[reunions.usage]"),
    )
    said: list[str] = []
    for name, right, wrong in mistakes:
        before = read(Path(name))
        assert right in before
        Path(name).write_text(before.replace(right, wrong, 1), encoding="utf-8")
        with pytest.raises(CharterError) as caught:
            load_library(Path())
        said += str(caught.value).splitlines()
        Path(name).write_text(before, encoding="utf-8")
    shown = next(c for mark, c in blocks(AUTHORS, "text") if mark == "messages")
    page = read(AUTHORS)
    golden(AUTHORS, page.replace(shown, "\n".join(said) + "\n"), update)


def test_the_answers_the_guide_for_hr_shows_load(tmp_path: Path) -> None:
    shown = next(c for m, c in blocks(DOCS / "guides" / "rh.md", "yaml") if m)
    path = tmp_path / "answers.yml"
    path.write_text(shown, encoding="utf-8")
    answers = load_answers(path, load_library(shipped_library()))
    assert answers.local


# --- the pages for developers --------------------------------------------------------


def test_every_public_name_is_in_the_page_for_developers() -> None:
    page = read(DOCS / "developers.md")
    missing = [n for n in charter_builder.__all__ if f"`{n}`" not in page]
    assert not missing


def test_every_public_name_can_be_imported_and_none_is_loaded_before() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, charter_builder as c\n"
            "assert not {'pydantic', 'jinja2', 'ruamel.yaml'} & set(sys.modules)\n"
            "assert all(getattr(c, name) is not None for name in c.__all__)\n"
            "assert set(c.__all__) <= set(dir(c))",
        ],
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        charter_builder.nothing  # noqa: B018


def test_the_python_of_the_page_for_developers_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = [content for _, content in blocks(DOCS / "developers.md", "python")]
    assert shown
    # One file: a block may use what those before it made, as a reader would.
    path = tmp_path / "developers.py"
    path.write_text("\n".join(shown), encoding="utf-8")
    runpy.run_path(str(path))


def layout() -> str:
    """Return a table of every module of the package, with the sentence that opens it."""
    package = ROOT / "charter_builder"
    rows = ["| Module | Holds |", "|---|---|"]
    folders = sorted({p.parent for p in package.rglob("*.py")} - {package})
    for path in (p for f in (package, *folders) for p in sorted(f.glob("*.py"))):
        sentence = (ast.get_docstring(ast.parse(read(path))) or "").split("\n\n")[0]
        name = path.relative_to(package).as_posix()
        rows.append(f"| `{name}` | {' '.join(sentence.split())} |")
    return "\n".join(rows)


def test_the_layout_of_the_page_for_developers_is_that_of_the_package(
    update: bool,
) -> None:
    path = DOCS / "developers.md"
    page = re.sub(
        r"(?s)(<!-- layout -->\n\n).*?(\n\n<!-- end of layout -->)",
        lambda found: found[1] + layout() + found[2],
        read(path),
    )
    golden(path, page, update)


# --- the README ----------------------------------------------------------------------


def test_the_session_of_the_readme_is_what_the_commands_print(
    tmp_path: Path, update: bool
) -> None:
    page = read(ROOT / "README.md")
    shown = next(content for _, content in blocks(ROOT / "README.md", "console"))
    typed = [line[2:] for line in shown.splitlines() if line.startswith("$ ")]
    said, folder = "", tmp_path
    for command in typed:
        said += f"$ {command}\n"
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
        else:
            said += _run_in(folder, command)
    golden(ROOT / "README.md", page.replace(shown, said), update)


def _run_in(folder: Path, command: str) -> str:
    words = [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', command)]
    assert words[0] == "charter"
    ran = subprocess.run(
        [sys.executable, "-m", "charter_builder", *words[1:]],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return ran.stdout


# --- every page ----------------------------------------------------------------------


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_begins_with_its_title_and_links_to_guides_only(path: Path) -> None:
    text = read(path)
    assert text.startswith("# ")
    assert len(re.findall(r"(?m)^# ", _without_code(text))) == 1
    others = {guide.name for guide in GUIDES}
    for target in re.findall(r"\]\(([^)]*)\)", text):
        name, _, _ = target.partition("#")
        assert not name or name in others, target


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_never_skips_a_level_of_heading(path: Path) -> None:
    levels = [len(m) for m in re.findall(r"(?m)^(#+) ", _without_code(read(path)))]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_no_code_block_is_inside_a_list(path: Path) -> None:
    # Python-Markdown would print its fences.
    assert not re.search(r"(?m)^ +```", read(path))


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.stem)
def test_french_prose_has_french_apostrophes_and_quotes(path: Path) -> None:
    prose = _without_code(read(path))
    assert not re.search(r"\w'\w", prose), re.findall(r"\S*\w'\w\S*", prose)
    assert '"' not in prose


def _without_code(text: str) -> str:
    text = re.sub(r"(?ms)^```.*?^```$", "", text)
    text = re.sub(r"<!--.*?-->|</?[a-z][^>]*>", "", text)
    return re.sub(r"`[^`]*`", "", text)


def messages_told(path: Path, heading: str) -> list[str]:
    """Return the first cells of the table under a heading: what a reader reads."""
    _, _, section = read(path).partition(f"\n## {heading}\n")
    rows = re.findall(r"(?m)^\| (.*?) \|", section.partition("\n## ")[0])
    return [row for row in rows if "`" not in row][1:]


@pytest.mark.parametrize(
    ("path", "heading"),
    [(DOCS / "guides" / "rh.md", "Devant une erreur"), (AUTHORS, MESSAGES)],
    ids=["rh", "auteurs"],
)
def test_the_messages_a_guide_explains_are_those_of_the_code(
    path: Path, heading: str
) -> None:
    source = "".join(map(read, sorted((ROOT / "charter_builder").rglob("*.py"))))
    # Sentences are cut over several lines; what they quote is a variable.
    said = re.sub(r'"\s*\n\s*f?"', "", source)
    said = re.sub(r"« \{.*?\} »", "« … »", said)
    told = messages_told(path, heading)
    assert told
    for message in told:
        pieces = [piece.strip(" «»") for piece in message.split("…")]
        assert all(piece in said for piece in pieces), message


def test_no_page_names_a_machine() -> None:
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), NEWS]
    for path in pages:
        found = re.search(r"/(?:home|root|tmp|work|Users)/|pypi\.org", read(path))
        assert not found, f"{path.name}: {found}"


def test_our_own_site_builds_without_a_warning(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    built = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.html")}
    assert {f"{page.stem}.html" for page in DOCS.glob("*.md")} <= built
    assert (tmp_path / "check.schema.json").is_file()
    assert {f"guides/{guide.stem}.html" for guide in GUIDES} <= built
