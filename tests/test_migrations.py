"""Answers follow a library that renames, merges, splits, moves and retires."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from trees import write_tree

from charter_builder.errors import CharterError
from charter_builder.library import Library
from charter_builder.storage.answers_file import (
    answers_moved,
    dump_answers,
    load_answers,
    load_answers_text,
)
from charter_builder.storage.library_files import load_library
from charter_builder.storage.yaml_files import parse_as_typed

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


def _changed(library: Library, **themes: Mapping[str, object] | None) -> Library:
    """Return the library with keys of some themes changed or the theme removed.

    Nothing is checked: only what follows the answers is looked at.
    """
    found = dict(library.themes)
    for theme, update in themes.items():
        old = found.pop(theme)
        if update is not None:
            found[theme] = old.model_copy(update=dict(update))
    renamed = {theme.id: theme for theme in found.values()}
    options = {
        f"{theme.id}/{option.slug}": option.model_copy(
            update={"id": f"{theme.id}/{option.slug}"}
        )
        for old, theme in found.items()
        for option in library.options_by_theme[old]
        if option.slug in theme.options
    }
    manifest = library.manifest
    (slug, plan), *_ = manifest.parts.items()
    parts = {slug: plan.model_copy(update={"themes": tuple(renamed)})}
    return replace(
        library,
        themes=renamed,
        options=options,
        manifest=manifest.model_copy(update={"parts": parts}),
    )


def _retired(library: Library, *names: str) -> Library:
    retired = dict.fromkeys(names, "fusionné en 2027")
    manifest = library.manifest.model_copy(update={"retired": retired})
    return replace(library, manifest=manifest)


def _followed(library: Library, text: str) -> str:
    answers = load_answers_text(text, library, "answers.yml")
    return dump_answers(library, answers, text)


def test_a_renamed_theme_keeps_its_answers_its_comments_and_its_place(
    library: Library,
) -> None:
    renamed = {"id": "temps-de-repos", "renamed_from": ("horaires",)}

    assert _followed(_changed(library, horaires=renamed), BEFORE) == BEFORE.replace(
        "horaires:", "temps-de-repos:"
    )


def test_a_closed_theme_stays_closed_under_its_new_name(library: Library) -> None:
    renamed = {"id": "frais", "renamed_from": ("couts",), "choose": "optional"}
    text = BEFORE.replace("[nature]", "[]").replace("    materiel: []\n", "")

    assert _followed(_changed(library, couts=renamed), text) == text.replace(
        "couts:", "frais:"
    )


def test_an_option_that_is_retired_leaves_the_others_chosen(library: Library) -> None:
    after = _retired(
        _changed(library, horaires={"options": ("plage",)}), "horaires/souple"
    )
    text = BEFORE.replace("[plage]", "[plage, souple]")

    assert _followed(after, text) == (
        f"{BEFORE}set_aside:\n  themes.horaires.options: [souple]\n"
    )


def test_the_second_of_two_merged_themes_is_set_aside_with_what_it_said(
    library: Library,
) -> None:
    merged = {
        "id": "tout",
        "renamed_from": ("horaires", "couts"),
        "options": ("plage", "nature"),
        "parameters": library.themes["couts"].parameters,
    }
    after = _changed(library, horaires=merged, couts=None)
    nature = library.options["couts/nature"].model_copy(update={"id": "tout/nature"})
    after = replace(after, options={**after.options, "tout/nature": nature})
    text = BEFORE + (
        "local:\n"
        "  horaires: {text: Un, reason: Deux}\n"
        "  couts: {text: Trois, reason: Quatre}\n"
    )

    answers = load_answers_text(text, after, "answers.yml")
    assert answers.chosen == {"tout": ("tout/plage",)}
    assert answers.local["tout"].text == "Un"
    aside = parse_as_typed(_followed(after, text))["set_aside"]
    assert aside == {
        "themes.couts.options": ("nature",),
        "local.couts": {"text": "Trois", "reason": "Quatre"},
    }


def test_a_list_that_goes_to_two_questions_is_written_twice(library: Library) -> None:
    cas = library.options["horaires/souple"].parameters["cas"]
    two = {f"cas_{n}": cas.model_copy(update={"renamed_from": ("cas",)}) for n in "ab"}
    options = dict(library.options)
    options["horaires/souple"] = options["horaires/souple"].model_copy(
        update={"parameters": two}
    )
    text = BEFORE.replace("    debut:", "    cas: [urgence]\n    debut:")

    written = _followed(replace(library, options=options), text)

    assert "&" not in written
    told = parse_as_typed(written)["themes"]["horaires"]
    assert told["cas_a"] == told["cas_b"] == ("urgence",)


def test_what_was_set_aside_before_is_not_replaced(library: Library) -> None:
    text = BEFORE.replace("  agents: 120", "  agents: 120\n  ancienne: oui")
    text += "set_aside:\n  questions.ancienne: non\n"

    aside = parse_as_typed(_followed(_retired(library, "ancienne"), text))["set_aside"]
    assert aside == {"questions.ancienne": "non", "questions.ancienne (2)": "oui"}


def test_what_a_retired_theme_held_is_set_aside_with_the_reason(
    library: Library, tmp_path: Path
) -> None:
    after = _retired(_changed(library, couts=None), "couts")
    text = BEFORE + "local:\n  couts: {text: Un, reason: Deux}\n"
    path = _answers_file(tmp_path, text)

    load_answers(path, after)

    said = answers_moved(path, after)
    assert len(said) == 3
    assert all("gardé à part" in sentence for sentence in said)
    assert said[-1] == "« couts » est retiré : fusionné en 2027 ; gardé à part."


def test_an_adopted_text_follows_its_theme(library: Library) -> None:
    after = _changed(library, couts={"id": "frais", "renamed_from": ("couts",)})
    text = (
        "act_date: '2027-03-01'\nprofile: court\n"
        f"adopted:\n  couts: {{text: Un, contributions: [C-0001], of: '{'1' * 64}'}}\n"
    )

    answers = load_answers_text(text, after, "answers.yml")

    assert answers.adopted["frais"].text == "Un"
    assert "  frais:" in _followed(after, text)


def test_candidates_that_became_one_are_set_aside(library: Library) -> None:
    after = _changed(library, couts={"options": ("nature",), "choose": "any"})
    options = dict(after.options)
    options["couts/nature"] = options["couts/nature"].model_copy(
        update={"renamed_from": ("couts/forfait",)}
    )
    text = BEFORE.replace("[nature]", "{a-debattre: [[nature], [forfait]]}")

    written = _followed(replace(after, options=options), text)

    assert parse_as_typed(written)["set_aside"] == {
        "themes.couts.options": {"a-debattre": (("nature",), ("forfait",))}
    }
