"""À débattre, going elsewhere and one's own paragraph, as a person types them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Terminal, invoke

from charter_builder.library import Library
from charter_builder.questionnaire import Answers, LocalParagraph, OpenAnswer
from charter_builder.storage.answers_file import load_answers
from charter_builder.storage.library_files import load_library, shipped_library

# From Python 3.12, starting a terminal beside the threads of xdist is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

Saved = Callable[[Path], Answers]
START = "À quelle heure le repos commence-t-il ?"
END = "À quelle heure finit-il ?"
OPTIONS = "Comment dire les horaires ?"
COSTS = "Qui paie ?"
AGENTS = "Combien d’agents ?"
REVIEW = "RELECTURE"


@pytest.fixture
def saved(library: Library) -> Saved:
    """Reads the answers a workspace now holds."""
    return lambda folder: load_answers(folder / "answers.yml", library)


# --- à débattre ----------------------------------------------------------------------


def test_d_leaves_a_value_open_with_its_candidates(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "agents=120", "--set", "horaires=plage")
    with Terminal("-C", town, "ask") as terminal:
        assert "Proposition A" in terminal.enter("d")
        assert "Proposition B" in terminal.enter("18h30")
        assert "! Non : répondez par une heure" in terminal.enter("tard")
        assert "! Non : cette proposition est déjà là." in terminal.enter("18:30")
        assert "Proposition C" in terminal.enter("19:00")
        assert "Quelle question poser aux syndicats" in terminal.enter("")
        assert END in terminal.enter("Quand s'arrête-t-on ?")

    assert saved(town).open["debut"] == OpenAnswer(
        candidates=("18:30", "19:00"), question="Quand s'arrête-t-on ?"
    )


def test_d_leaves_options_open_with_the_questions_of_each(
    town: Path, saved: Saved
) -> None:
    invoke("-C", town, "ask", "--set", "agents=120")
    with Terminal("-C", town, "ask") as terminal:
        assert OPTIONS in terminal.said
        terminal.enter_all("d", "1", "2", "")
        assert START in terminal.enter("")
        assert "Dans quels cas" in terminal.enter_all("", "")

    assert saved(town).open["horaires"].candidates == (
        ("horaires/plage",),
        ("horaires/souple",),
    )


def test_a_point_left_open_is_shown_again_and_enter_keeps_it(
    answered_town: Path, saved: Saved
) -> None:
    invoke(
        *("-C", answered_town, "ask"),
        *("--debate", "debut=18:30", "--debate", "debut=20:00"),
    )
    with Terminal("-C", answered_town, "ask") as terminal:
        assert "(3 réponses, dont 1 à débattre)" in terminal.said
        assert "à débattre : 18 h 30 ou 20 heures" in terminal.enter("2")
        asked = terminal.enter("2")
        assert "Laissé à débattre : A. 18 h 30 B. 20 heures" in asked
        assert "changer cette réponse" in terminal.enter("")
        assert saved(answered_town).open.keys() == {"debut"}
        assert "20 heures" in terminal.enter_all("2", "20:00", "oui")

    assert saved(answered_town).open == {}
    assert saved(answered_town).values["debut"] == "20:00"


def test_a_letter_settles_an_open_point(answered_town: Path, saved: Saved) -> None:
    invoke(
        *("-C", answered_town, "ask"),
        *("--debate", "debut=18:30", "--debate", "debut=20:00"),
    )
    with Terminal("-C", answered_town, "ask") as terminal:
        terminal.enter_all("2", "2")
        assert "Enregistré : 20 heures" in terminal.enter("b")

    assert saved(answered_town).open == {}
    assert saved(answered_town).values["debut"] == "20:00"


def test_d_on_a_yes_or_no_question_proposes_both(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    needed = ("--set", "effectif=120", "--set", "habitants=5000")
    invoke("-C", folder, "ask", *needed, "--defaults")
    with Terminal("-C", folder, "ask") as terminal:
        terminal.enter_all(">", "demi-journée")
        asked = terminal.enter("d")
        assert "À débattre, entre « oui » et « non »." in asked
        assert "Proposition A" not in asked
        terminal.enter("")

    answers = load_answers(folder / "answers.yml", load_library(shipped_library()))
    assert answers.open["demi_journee"].candidates == (True, False)


def test_going_back_gives_up_the_candidates(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "agents=120", "--set", "horaires=plage")
    with Terminal("-C", town, "ask") as terminal:
        said = terminal.enter_all("d", "18:30", "<")
        assert "Rien n’est laissé à débattre." in said
        assert START in said

    assert saved(town).open == {}


def test_what_describes_the_authority_cannot_be_debated(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        said = terminal.enter("d")

    assert "! Non : cette réponse décrit la collectivité" in said
    assert AGENTS in said


def test_a_candidate_outside_the_legal_bound_is_refused(town: Path) -> None:
    invoke("-C", town, "ask", "--set", "agents=300", "--set", "couts=forfait")
    invoke("-C", town, "ask", "--set", "horaires=plage", "--section", "temps")
    with Terminal("-C", town, "ask", "--section", "argent") as terminal:
        terminal.enter("0")
        assert "Proposition A" in terminal.enter("d")
        assert "La limite légale" in terminal.enter("9").replace("la", "La", 1)


def test_without_a_terminal_a_point_is_left_open_by_repeating_the_option(
    answered_town: Path, saved: Saved
) -> None:
    given = ("--debate", "couts=nature", "--debate", "couts=forfait", "--defaults")

    assert invoke("-C", answered_town, "ask", *given).exit_code == 0
    assert saved(answered_town).open["couts"].candidates == (
        ("couts/nature",),
        ("couts/forfait",),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("debut=18:30", "« debut » : un point à débattre a 2 ou 3 propositions."),
        ("debut", "écrivez --debate clé=valeur"),
        ("debu=18:30", "« debu » : question inconnue"),
    ],
)
def test_a_wrong_point_on_the_command_line_is_refused(
    answered_town: Path, given: str, said: str
) -> None:
    before = (answered_town / "answers.yml").read_bytes()

    refused = invoke("-C", answered_town, "ask", "--debate", given)

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert (answered_town / "answers.yml").read_bytes() == before


# --- going elsewhere -----------------------------------------------------------------


def test_a_jump_goes_to_a_question_by_a_word_then_comes_back(
    answered_town: Path, saved: Saved
) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        assert "Où aller ?" in terminal.enter(">")
        assert "Aucune question ne parle de « cantine »" in terminal.enter("cantine")
        assert START in terminal.enter("commence")
        assert REVIEW in terminal.enter("20:00")

    assert saved(answered_town).values["debut"] == "20:00"


def test_a_jump_lists_the_questions_of_a_section_with_their_answers(
    answered_town: Path,
) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        assert "2. Le temps" in terminal.enter(">")
        listed = terminal.enter("2")
        assert f"3. {END} 7 h 30" in listed
        assert "Non : un numéro de 1 à 3" in terminal.enter("9")
        assert END in terminal.enter("3")


def test_a_jump_from_a_question_leaves_it_for_later(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        assert AGENTS in terminal.said
        assert COSTS in terminal.enter_all(">", "paie")
        assert "Quel matériel est fourni ?" in terminal.enter("1")
        assert AGENTS in terminal.enter("0")


def test_staying_after_all_asks_the_same_question(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        assert AGENTS in terminal.enter_all(">", "")


def test_a_jump_stays_in_the_section_asked_for(answered_town: Path) -> None:
    with Terminal("-C", answered_town, "ask", "--section", "temps") as terminal:
        listed = terminal.enter(">")

    assert "Quelle question ?" in listed
    assert AGENTS not in listed


# --- a paragraph of one's own --------------------------------------------------------


def test_a_paragraph_is_added_with_its_reason(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "agents=120")
    with Terminal("-C", town, "ask") as terminal:
        assert "« non vérifié par l’outil »" in terminal.enter("+")
        terminal.enter_all("Un vélo", "est prêté.", "")
        assert "! Non : le motif est obligatoire." in terminal.enter("")
        said = terminal.enter("Vote de mars.")
        assert "Paragraphe enregistré." in said
        assert OPTIONS in said

    assert saved(town).local["horaires"] == LocalParagraph(
        text="Un vélo\nest prêté.", reason="Vote de mars."
    )


def test_a_paragraph_is_kept_replaced_or_removed(
    answered_town: Path, saved: Saved
) -> None:
    with Terminal("-C", answered_town, "ask", "--section", "temps") as terminal:
        terminal.enter_all("+", "Premier.", "", "Parce que.")
        assert "Rien n’est changé." in terminal.enter_all("+", "")
        assert "Aujourd’hui : Premier." in terminal.enter("+")
        terminal.enter_all("Second.", "", "Autre raison.")
        assert saved(answered_town).local["horaires"].text == "Second."
        assert "Paragraphe retiré." in terminal.enter_all("+", "-")

    assert saved(answered_town).local == {}


def test_a_paragraph_needs_an_article(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        assert "attendez d’y être" in terminal.enter("+")


def test_stopping_in_a_paragraph_saves_none(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "agents=120")
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("+", "Un vélo", "q")
        assert terminal.end() == 0

    assert saved(town).local == {}
