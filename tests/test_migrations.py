"""Answers follow a library that renames, merges, splits, moves and retires."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from trees import write_tree

from charter_builder.errors import CharterError
from charter_builder.library import Library
from charter_builder.storage.answers_file import (
    answers_moved,
    dump_answers,
    load_answers,
)
from charter_builder.storage.library_files import load_library

SMALL = Path(__file__).parent / "small"

BEFORE = """\
act_date: '2027-03-01'
profile: court
questions:
  nom: L'Isle-Verte # notre nom
  agents: 120
themes:
  horaires:
    options: [plage]
    # décidé le 3 mars
    debut: '20:00'
    fin: '07:30'
  couts:
    options: [nature]
    materiel: []
"""


def _library(
    tmp_path: Path,
    moved: Mapping[str, str | None] | None = None,
    **changes: tuple[str, str, str],
) -> Library:
    """Return the small library with some files changed: file, before, after.

    `moved` gives a file another name, or none.
    """
    files = {
        path.relative_to(SMALL).as_posix(): path.read_text(encoding="utf-8")
        for path in SMALL.rglob("*.yml")
    }
    for file, before, after in changes.values():
        assert before in files[file]
        files[file] = files[file].replace(before, after)
    for file, name in (moved or {}).items():
        text = files.pop(file)
        files |= {name: text} if name else {}
    write_tree(tmp_path / "library", files)
    return load_library(tmp_path / "library")


def _answers_file(tmp_path: Path, text: str = BEFORE) -> Path:
    path = tmp_path / "answers.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_renamed_question_keeps_its_answer_and_its_comment(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=("horaires/plage.yml", "  debut:\n", "  debut_repos:\n"),
        b=(
            "horaires/plage.yml",
            "    kind: time\n    label: À quelle heure le",
            "    renamed_from: [debut]\n    kind: time\n    label: À quelle heure le",
        ),
        c=("horaires/plage.yml", "{{ debut|heure }}", "{{ debut_repos|heure }}"),
        d=("rules/temps.yml", "debut", "debut_repos"),
    )
    path = _answers_file(tmp_path)
    answers = load_answers(path, library)
    assert answers.values["debut_repos"] == "20:00"
    written = dump_answers(library, answers, path.read_text(encoding="utf-8"))
    assert written == BEFORE.replace("debut:", "debut_repos:")


def test_a_renamed_question_is_told(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=("questions.yml", "agents:\n", "effectif:\n  renamed_from: [agents]\n"),
        b=("horaires/plage.yml", "agents >=", "effectif >="),
        c=("couts/nature.yml", "agents <", "effectif <"),
        d=("couts/forfait.yml", "agents >=", "effectif >="),
    )
    assert answers_moved(_answers_file(tmp_path), library) == [
        "« agents » s’appelle maintenant « effectif »"
    ]


def test_a_renamed_option_stays_chosen(tmp_path: Path) -> None:
    files = {
        path.relative_to(SMALL).as_posix(): path.read_text(encoding="utf-8")
        for path in SMALL.rglob("*.yml")
    }
    files["horaires/fixe.yml"] = (
        files.pop("horaires/plage.yml") + "renamed_from: [horaires/plage]\n"
    )
    files["horaires/theme.yml"] = files["horaires/theme.yml"].replace(
        "options: [plage,", "options: [fixe,"
    )
    write_tree(tmp_path / "library", files)
    library = load_library(tmp_path / "library")
    answers = load_answers(_answers_file(tmp_path), library)
    assert answers.chosen["horaires"] == ("horaires/fixe",)
    assert answers.values["debut"] == "20:00"


def test_a_retired_question_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=("library.yml", "parts:", "retired: {ancienne: remplacée par rien}\nparts:"),
    )
    text = BEFORE.replace("  agents: 120", "  agents: 120\n  ancienne: oui")
    path = _answers_file(tmp_path, text)
    assert answers_moved(path, library) == [
        "« ancienne » n’est plus demandé : remplacée par rien ; gardé à part."
    ]
    answers = load_answers(path, library)
    written = dump_answers(library, answers, text)
    assert written == BEFORE + "set_aside:\n  questions.ancienne: oui\n"


def test_two_questions_merged_keep_one_answer_and_set_the_other_aside(
    tmp_path: Path,
) -> None:
    library = _library(
        tmp_path,
        a=("questions.yml", "agents:\n", "agents:\n  renamed_from: [effectif]\n"),
    )
    text = BEFORE.replace("  agents: 120", "  agents: 120\n  effectif: 130")
    path = _answers_file(tmp_path, text)
    answers = load_answers(path, library)
    assert answers.values["agents"] == 120
    assert "questions.effectif: 130" in dump_answers(library, answers, text)


def test_a_question_moved_to_another_place_is_found_there(tmp_path: Path) -> None:
    library = _library(tmp_path)
    text = BEFORE.replace("  agents: 120\n", "").replace(
        "    materiel: []\n", "    materiel: []\n    agents: 120\n"
    )
    answers = load_answers(_answers_file(tmp_path, text), library)
    assert answers.values["agents"] == 120


def test_an_unknown_name_is_still_an_error(tmp_path: Path) -> None:
    text = BEFORE.replace("  agents:", "  agentz:")
    with pytest.raises(CharterError, match="agents"):
        load_answers(_answers_file(tmp_path, text), _library(tmp_path))


# --- points left à débattre ----------------------------------------------------------

DEBATED = BEFORE.replace(
    "    options: [plage]\n",
    "    options:\n"
    "      a-debattre:\n"
    "        - [plage]  # la nôtre\n"
    "        - [plage, souple]\n",
).replace("    debut: '20:00'\n", "    debut:\n      a-debattre: ['19:00', '20:00']\n")


def test_a_point_left_open_follows_a_renamed_question(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=("horaires/plage.yml", "  debut:\n", "  debut_repos:\n"),
        b=(
            "horaires/plage.yml",
            "    label: À quelle heure le repos",
            "    renamed_from: [debut]\n    label: À quelle heure le repos",
        ),
        c=("horaires/plage.yml", "{{ debut|heure }}", "{{ debut_repos|heure }}"),
        d=("rules/temps.yml", "start: debut", "start: debut_repos"),
        e=("rules/temps.yml", "{{ debut|heure }}", "{{ debut_repos|heure }}"),
    )
    path = _answers_file(tmp_path, DEBATED)

    answers = load_answers(path, library)

    assert answers.open["debut_repos"].candidates == ("19:00", "20:00")
    written = dump_answers(library, answers, path.read_text(encoding="utf-8"))
    assert "    debut_repos:\n      a-debattre: ['19:00', '20:00']\n" in written


def test_the_candidates_of_a_theme_follow_a_renamed_option(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=(
            "horaires/theme.yml",
            "options: [plage, souple]",
            "options: [plage, equipe]",
        ),
        b=("horaires/souple.yml", "title:", "renamed_from: [horaires/souple]\ntitle:"),
        moved={"horaires/souple.yml": "horaires/equipe.yml"},
    )
    path = _answers_file(tmp_path, DEBATED)

    answers = load_answers(path, library)

    assert answers.open["horaires"].candidates[1] == (
        "horaires/plage",
        "horaires/equipe",
    )
    assert any("options à débattre" in said for said in answers_moved(path, library))
    written = dump_answers(library, answers, path.read_text(encoding="utf-8"))
    again = _answers_file(tmp_path, written)
    assert load_answers(again, library) == answers
    assert answers_moved(again, library) == []


def test_candidates_that_cannot_follow_are_set_aside_whole(tmp_path: Path) -> None:
    library = _library(
        tmp_path,
        a=("horaires/theme.yml", "options: [plage, souple]", "options: [plage]"),
        b=(
            "library.yml",
            "parts:",
            "retired: {horaires/souple: Personne ne la prenait.}\nparts:",
        ),
        moved={"horaires/souple.yml": None},
    )
    path = _answers_file(tmp_path, DEBATED)

    answers = load_answers(path, library)

    assert "horaires" not in answers.chosen
    written = dump_answers(library, answers, path.read_text(encoding="utf-8"))
    assert "set_aside:" in written
    assert "[plage, souple]" in written.split("set_aside:")[1]
