"""Comparing options, and seeing what an answer changes before it is saved."""

import json
from pathlib import Path

import pytest
from cli.conftest import new_town
from terminal import Terminal, flat, invoke

from charter_builder.cli.comparison import comparison_text
from charter_builder.library import Library


def test_a_preview_shows_the_words_that_change_and_saves_nothing(
    answered_town: Path,
) -> None:
    before = (answered_town / "answers.yml").read_text(encoding="utf-8")
    shown = invoke("-C", answered_town, "ask", "--preview", "debut=20h")
    assert shown.exit_code == 0
    assert "[-19-]{+20+} heures" in flat(shown.output)
    assert "Rien n’a été enregistré." in flat(shown.output)
    assert (answered_town / "answers.yml").read_text(encoding="utf-8") == before


def test_a_preview_says_which_answers_lapse_and_which_are_to_be_given(
    answered_town: Path,
) -> None:
    shown = flat(
        invoke("-C", answered_town, "ask", "--preview", "horaires=souple").output
    )
    assert "N’est plus posée : À quelle heure le repos commence-t-il ?" in shown
    assert "À répondre : Dans quels cas ?" in shown


def test_a_preview_of_an_unlawful_value_says_so(tmp_path: Path) -> None:
    folder = new_town(tmp_path / "ville", "--set", "agents=300", "--defaults")
    shown = invoke("-C", folder, "ask", "--preview", "montant=4")
    assert "La limite légale est : au plus 2,88 €" in flat(shown.output)


@pytest.mark.parametrize("columns", [80, 40])
def test_options_are_compared_within_the_width_of_the_terminal(
    library: Library, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    theme = library.themes["horaires"]
    text = comparison_text(
        library, theme, library.options_by_theme["horaires"], "2027-03-01"
    )
    assert all(len(line) <= columns for line in text.splitlines())
    assert "Forte" in text
    assert "Moyenne" in text


def test_an_equals_sign_compares_the_options(tmp_path: Path) -> None:
    folder = new_town(tmp_path / "ville", "--set", "agents=120")
    with Terminal("-C", folder, "ask") as terminal:
        assert "Protection" in terminal.enter("=")


def test_a_changed_answer_that_lapses_others_is_asked_about(tmp_path: Path) -> None:
    folder = new_town(tmp_path / "ville", "--defaults")
    with Terminal("-C", folder, "ask") as terminal:
        terminal.enter_all("2", "1")
        asked = flat(terminal.enter("2"))
        assert "Cette réponse en change d’autres" in asked
        assert "N’est plus posée" in asked
        terminal.enter("non")
    assert "options: [plage]" in _themes(folder) or "- plage" in _themes(folder)


def test_at_a_changed_answer_going_back_saves_nothing(tmp_path: Path) -> None:
    folder = new_town(tmp_path / "ville", "--defaults")
    before = _themes(folder)
    with Terminal("-C", folder, "ask") as terminal:
        terminal.enter_all("2", "1", "2")
        assert "! Non : répondez par oui ou par non." in terminal.enter("peut-être")
        assert "Comment dire les horaires ?" in terminal.enter("<")
    assert _themes(folder) == before


def _themes(folder: Path) -> str:
    return (folder / "answers.yml").read_text(encoding="utf-8")


def test_findings_for_github_stand_on_their_line(tmp_path: Path) -> None:
    folder = new_town(tmp_path / "ville", "--defaults", "--set", "fin=05:00")
    checked = invoke("-C", folder, "check", "--format", "github")
    lines = _themes(folder).split("\n")
    at_stake = (lines.index("    debut: '19:00'"), lines.index("    fin: '05:00'"))
    assert checked.exit_code == 1
    assert f",line={min(at_stake) + 1},title=" in checked.output
    assert checked.output.startswith("::error file=")


def test_the_json_of_a_check_has_a_version(answered_town: Path) -> None:
    checked = invoke("-C", answered_town, "check", "--format", "json")
    assert json.loads(checked.output)["format"] == 1
