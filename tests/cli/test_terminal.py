"""An HR officer at a terminal, in eighty columns and in forty, with LANG=C."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import SMALL, Terminal, flat, invoke

from charter_builder.cli.prompts import COMMANDS
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.answers_file import load_answers

# From Python 3.12, starting a terminal beside the threads of xdist is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

Saved = Callable[[Path], Answers]
WELCOME = "Chaque réponse est enregistrée aussitôt"
AGENTS = "Combien d’agents ?"
OPTIONS = "Comment dire les horaires ?"
START = "À quelle heure le repos commence-t-il ?"
END = "À quelle heure finit-il ?"
CASES = "Dans quels cas ?"
COSTS = "Qui paie ?"
MATERIAL = "Quel matériel est fourni ?"
AMOUNT = "Quel montant par jour ?"
REVIEW = "RELECTURE"
STOPPED = "Vos réponses sont enregistrées. « charter ask » reprend ici."


@pytest.fixture
def saved(library: Library) -> Saved:
    """Reads the answers a workspace now holds."""
    return lambda folder: load_answers(folder / "answers.yml", library)


def at_costs(folder: Path) -> None:
    """Answer everything up to the costs, without a terminal."""
    invoke("-C", folder, "ask", "--set", "agents=300", "--section", "temps")
    invoke("-C", folder, "ask", "--defaults", "--section", "temps")


# --- the whole path ------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 40])
def test_an_officer_goes_from_an_empty_folder_to_a_draft(
    tmp_path: Path, columns: int, saved: Saved
) -> None:
    folder = tmp_path / "ville"
    new = ("new", folder, "--library", SMALL, "--profile", "court")

    with Terminal(*new, columns=columns) as terminal:
        assert "Quel est le nom de la collectivité ?" in terminal.said
        assert "délibérer" in terminal.enter("L'Haÿ-les-Roses et Œuilly-sur-Ève")
        assert "« charter ask »" in terminal.enter("1er mars 2027")
        assert terminal.end() == 0
    with Terminal("-C", folder, "ask", columns=columns) as terminal:
        assert WELCOME in terminal.said
        assert AGENTS in terminal.said
        assert OPTIONS in terminal.enter("250")
        assert START in terminal.enter("1,2")
        assert END in terminal.enter("19h30")
        assert CASES in terminal.enter("8")
        assert COSTS in terminal.enter_all("événement grave", "astreinte", "")
        assert MATERIAL in terminal.enter("2")
        assert AMOUNT in terminal.enter_all("écran | 1", "clavier | 2", "")
        assert REVIEW in terminal.enter("2,50")
        assert "« charter draft »" in terminal.enter("")
        assert terminal.end() == 0
        assert max(map(len, terminal.displayed)) <= columns

    answers = saved(folder)
    assert answers.values["nom"] == "L'Haÿ-les-Roses et Œuilly-sur-Ève"
    assert answers.values["cas"] == ("événement grave", "astreinte")
    assert answers.values["materiel"] == (("écran", "1"), ("clavier", "2"))
    assert invoke("-C", folder, "draft").exit_code == 0


def test_the_shipped_questionnaire_is_read_in_forty_columns(tmp_path: Path) -> None:
    folder = tmp_path / "agglomération"
    name = "Communauté d’agglomération des Hautes-Vallées-de-l’Œuvre-et-Plateaux"
    invoke("new", folder, "--name", name, "--date", "01/03/2027")
    needed = {"effectif": "340", "habitants": "52000"}
    settings = [w for k, v in needed.items() for w in ("--set", f"{k}={v}")]
    invoke("-C", folder, "ask", *settings)

    with Terminal("-C", folder, "ask", columns=40) as terminal:
        for _ in range(20):
            if REVIEW in terminal.said:
                break
            terminal.enter_all("?", "v", "*")
        terminal.enter("")
        assert terminal.end() == 0
        wide = [line for line in terminal.displayed if len(line) > 40]

    # A word longer than the screen is never cut.
    assert [line for line in wide if " " in line.strip()] == []


def test_a_long_title_is_folded_too(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    section = ("-C", folder, "ask", "--section", "organisation")
    with Terminal(*section, columns=40) as terminal:
        assert "QUOTITÉ DE TÉLÉTRAVAIL" in terminal.enter_all(">", "2")
        assert max(map(len, terminal.displayed)) <= 40


# --- one-letter commands -------------------------------------------------------------


def test_a_question_mark_gives_the_help_and_the_legal_context(
    options_question: Terminal,
) -> None:
    helped = options_question.enter("?")

    assert "Ce que l’article règle : Les heures où l’on se repose." in helped
    assert "« Une plage fixe » : recommandée dans tous les cas." in helped
    assert "article R. 3 du nouveau code (règle impérative)" in helped


def test_a_question_mark_where_there_is_no_help_says_so(
    first_question: Terminal,
) -> None:
    assert first_question.enter("?").startswith("Pas d’aide pour cette question.")


def test_after_a_long_help_the_question_is_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    with Terminal("-C", folder, "ask", "--section", "temps") as terminal:
        end_of_the_question = terminal.said[-80:]
        assert terminal.enter("?").endswith(end_of_the_question)


def test_v_shows_the_text_the_proposed_options_give(options_question: Terminal) -> None:
    shown = options_question.enter("v")

    assert "Article 1. Les horaires" in shown
    assert "[choix] Nul n’est joint de 19 heures à 7 h 30." in shown


def test_v_and_a_number_shows_the_text_of_that_option(
    options_question: Terminal,
) -> None:
    assert "v2 : lire l’article avec l’option 2" in flat(options_question.transcript)
    shown = options_question.enter("v2")

    assert "L’équipe décide, sauf dans ces cas :" in shown
    assert "Nul n’est joint" not in shown


def test_v_at_a_question_about_the_whole_draft_says_it_has_no_text(
    first_question: Terminal,
) -> None:
    assert "elle n’a pas de texte à elle" in first_question.enter("v")


def test_v_shows_the_text_with_the_answers_given_so_far(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "1", "18:45")
        assert "Nul n’est joint de 18 h 45 à 7 h 30." in terminal.enter("v")


def test_v_saves_nothing(town: Path, saved: Saved) -> None:
    before = saved(town)
    with Terminal("-C", town, "ask", "--section", "temps") as terminal:
        assert "Nul n’est joint" in terminal.enter("v")

    assert saved(town) == before


def test_an_angle_goes_back_and_shows_the_answer_given(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "1")
        assert "Entrée garde votre réponse : 1." in terminal.enter("<")
        assert "Entrée garde votre réponse : 120 agents" in terminal.enter("<")


def test_after_going_back_enter_keeps_and_returns_to_what_is_missing(
    town: Path, saved: Saved
) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "1", "<", "<")
        assert START in terminal.enter("")

    assert saved(town).values["agents"] == 120


def test_one_cannot_go_back_before_the_first_question(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("<")
        said = terminal.enter("<")

    assert "C’est la première question." in said
    assert "Quel est le nom de la collectivité ?" in said


def test_a_star_takes_the_section_and_says_each_article_in_a_line(
    town: Path, saved: Saved
) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("300")
        said = terminal.enter("*")

    assert "Réponses prises (« > » pour y revenir) : · Les horaires" in said
    assert "· Les horaires : Une plage fixe (2 réponses)" in said
    assert "7 h 30" not in said
    assert COSTS in said
    assert "fin" in saved(town).values
    assert "couts" not in saved(town).chosen


def test_a_star_says_when_a_question_has_nothing_proposed(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    with Terminal("-C", folder, "ask") as terminal:
        terminal.enter("*")
        said = terminal.enter("*")

    assert "Rien n’est proposé pour ce qui suit : c’est à vous de répondre." in said
    assert "Combien d’agents la collectivité emploie-t-elle ?" in said


def test_q_stops_and_the_next_session_resumes_exactly_there(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "2")
        stopped_at = terminal.transcript.split("\n\n")[-1]
        assert CASES in flat(stopped_at)
        assert terminal.enter("q") == STOPPED
        assert terminal.end() == 0
    with Terminal("-C", town, "ask") as terminal:
        assert terminal.transcript.endswith(stopped_at)


def test_a_doubled_command_is_the_character_itself(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "2")
        assert COSTS in terminal.enter_all("qq", "rr", "vv", "<<", "**", "")

    assert saved(town).values["cas"] == ("q", "r", "v", "<", "*")


def test_two_question_marks_list_every_command(options_question: Terminal) -> None:
    listed = options_question.enter("??")

    for sign, meaning in COMMANDS.items():
        assert f"{sign} {meaning}" in listed


def test_the_start_shows_a_few_commands_and_where_the_others_are(
    first_question: Terminal,
) -> None:
    start = flat(first_question.transcript).partition(AGENTS)[0]

    assert f"q {COMMANDS['q']} ?? toutes les commandes" in start
    assert COMMANDS["d"] not in start


def test_r_takes_the_rest_of_the_article_only(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    invoke("-C", folder, "ask", "--set", "effectif=120")
    with Terminal("-C", folder, "ask", "--section", "fondements") as terminal:
        terminal.enter("2")
        said = terminal.enter("r")

    assert "Quel" in said.partition("Réponses prises")[2]
    assert "ACTIVITÉS ÉLIGIBLES" in said
    assert "attractivite" in (folder / "answers.yml").read_text(encoding="utf-8")


def test_r_outside_an_article_takes_nothing(town: Path, saved: Saved) -> None:
    before = saved(town)
    with Terminal("-C", town, "ask") as terminal:
        said = terminal.enter("r")

    assert "« r » sert dans un article" in said
    assert AGENTS in said
    assert saved(town) == before


def test_a_command_inside_a_longer_answer_is_text(
    answered_town: Path, saved: Saved
) -> None:
    with Terminal("-C", answered_town, "ask", "--section", "collectivite") as terminal:
        terminal.enter("Qu’est-ce ? *Vrai* v2 <q>")

    assert saved(answered_town).values["nom"] == "Qu’est-ce ? *Vrai* v2 <q>"


# --- answers -------------------------------------------------------------------------


def test_a_wrong_answer_is_explained_and_the_question_waits(
    town: Path, saved: Saved
) -> None:
    with Terminal("-C", town, "ask") as terminal:
        assert terminal.enter("beaucoup") == "! Non : « beaucoup » n’est pas un nombre."
        assert "! Non : répondez par un nombre de 1 à" in terminal.enter("0")
        assert "agents" not in saved(town).values
        assert OPTIONS in terminal.enter("1 250")

    assert saved(town).values["agents"] == 1250


def with_verified_sources(town: Path) -> None:
    """Make the town follow a library whose every source was verified."""
    copy = shutil.copytree(SMALL, town.parent / "library")
    references = copy / "legal" / "references.yml"
    text = references.read_text(encoding="utf-8")
    references.write_text(
        text.replace("confidence: not-verified", "confidence: verified-official"),
        encoding="utf-8",
    )
    settings = town / "charter.yml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    lines = ["library: ../library" if x.startswith("library:") else x for x in lines]
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_legal_bound_whose_source_is_not_verified_warns(
    town: Path, saved: Saved
) -> None:
    at_costs(town)
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("2", "0")
        warned = terminal.enter("3,50")
        assert "À vérifier : la limite légale est : au plus 2,88 €" in warned
        assert str(saved(town).values["montant"]) == "3.5"


def test_a_legal_bound_is_refused_with_its_source_and_remedy(
    town: Path, saved: Saved
) -> None:
    with_verified_sources(town)
    at_costs(town)
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("2", "0")
        refused = terminal.enter("3,50")
        assert "la limite légale est : au plus 2,88 € (arrêté du forfait)" in refused
        assert "Versez 2,88 € au plus." in refused
        assert "montant" not in saved(town).values
        assert REVIEW in terminal.enter("2,88")


def test_several_options_are_chosen_by_their_numbers(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "2, 1")

    assert saved(town).chosen["horaires"] == ("horaires/plage", "horaires/souple")


def test_a_number_that_is_not_offered_is_refused(options_question: Terminal) -> None:
    for typed in ("3", "0", "12"):
        said = options_question.enter(typed)
        assert said == f"! Non : « {typed} » n’est pas un numéro de 1 à 2."


def test_a_choice_is_made_by_its_number_and_saved_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    with Terminal("-C", folder, "ask") as terminal:
        assert "3. Département" in terminal.said
        assert terminal.enter("9") == "! Non : « 9 » n’est pas un numéro de 1 à 8."
        terminal.enter("3")

    answers = (folder / "answers.yml").read_text(encoding="utf-8")
    assert "type_collectivite: departement\n" in answers


def test_one_option_only_is_taken_where_one_is_asked(town: Path) -> None:
    at_costs(town)
    with Terminal("-C", town, "ask") as terminal:
        said = terminal.enter("1,2")

    assert said == "! Non : choisissez une option, et une seule."


def test_enter_takes_what_is_proposed(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        assert "Entrée prend : 120 agents" in terminal.said
        assert "1. Une plage fixe [recommandée]" in terminal.enter("")
        terminal.enter("")

    assert saved(town).values["agents"] == 120
    assert saved(town).chosen["horaires"] == ("horaires/plage",)


def test_a_wrong_line_of_a_table_is_asked_again_alone(town: Path, saved: Saved) -> None:
    at_costs(town)
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("1", "écran | 1")
        refused = terminal.enter("clavier")
        assert refused == "! Non : chaque ligne compte 2 cellules : Objet et Nombre."
        assert REVIEW in terminal.enter_all("clavier | 2", "")

    assert saved(town).values["materiel"] == (("écran", "1"), ("clavier", "2"))


def test_a_list_already_given_is_shown_whole_before_it_is_kept(town: Path) -> None:
    at_costs(town)
    invoke("-C", town, "ask", "--set", "couts=forfait")
    invoke("-C", town, "ask", "--set", "materiel=écran | 1; clavier | 2")
    with Terminal("-C", town, "ask") as terminal:
        said = terminal.enter("<")

    assert "Entrée garde votre réponse : 1. écran | 1 2. clavier | 2" in said


def test_a_line_is_added_to_the_list_proposed_and_another_removed(
    town: Path, saved: Saved
) -> None:
    at_costs(town)
    invoke("-C", town, "ask", "--set", "couts=forfait")
    invoke("-C", town, "ask", "--set", "materiel=écran | 1; clavier | 2")
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("<")
        assert "3. souris | 4" in terminal.enter("+ souris | 4")
        assert "! Non : il n’y a pas de ligne 9." in terminal.enter("-9")
        assert "1. clavier | 2 2. souris | 4" in terminal.enter("-1")
        terminal.enter("")

    assert saved(town).values["materiel"] == (("clavier", "2"), ("souris", "4"))


def test_a_plain_line_replaces_the_list_proposed(town: Path, saved: Saved) -> None:
    at_costs(town)
    invoke("-C", town, "ask", "--set", "couts=forfait")
    invoke("-C", town, "ask", "--set", "materiel=écran | 1; clavier | 2")
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("<", "souris | 4", "")

    assert saved(town).values["materiel"] == (("souris", "4"),)


def test_help_is_at_hand_in_the_middle_of_a_list(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "2", "urgence")
        assert "Pas d’aide pour cette question." in terminal.enter("?")
        terminal.enter_all("qq", "")

    assert saved(town).values["cas"] == ("urgence", "q")


def test_leaving_in_the_middle_of_a_list_says_it_is_not_saved(
    town: Path, saved: Saved
) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "2", "urgence")
        said = terminal.enter("q")

    assert said == f"Les lignes tapées ici ne sont pas enregistrées. {STOPPED}"
    assert "cas" not in saved(town).values


def test_an_arrow_key_leaves_no_control_character_in_the_answers(
    answered_town: Path,
) -> None:
    with Terminal("-C", answered_town, "ask", "--section", "collectivite") as terminal:
        terminal.enter("\x1b[AVilleneuve")

    assert "\x1b" not in (answered_town / "answers.yml").read_text(encoding="utf-8")


def test_an_option_ruled_out_by_another_answer_is_asked_again(tmp_path: Path) -> None:
    library = shutil.copytree(SMALL, tmp_path / "bibliotheque")
    option = library / "horaires" / "souple.yml"
    option.write_text(f"when: agents < 200\n{option.read_text('utf-8')}", "utf-8")
    folder = tmp_path / "ville"
    invoke(
        *("new", folder, "--library", library, "--profile", "court"),
        *("--name", "Essai", "--date", "01/03/2027"),
    )
    invoke("-C", folder, "ask", "--set", "agents=120", "--set", "horaires=souple")
    invoke("-C", folder, "ask", "--set", "agents=300")

    with Terminal("-C", folder, "ask") as terminal:
        assert OPTIONS in terminal.said
        assert "Votre réponse d’avant ne va plus avec les autres" in terminal.said
        assert "Une règle d’équipe" not in terminal.said
        assert START in terminal.enter("")


# --- sections and the review ---------------------------------------------------------


def test_one_section_alone_is_asked(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask", "--section", "argent") as terminal:
        assert COSTS in terminal.said
        assert AGENTS not in terminal.transcript
        assert terminal.enter_all("1", "0") == "Cette section est complète."
        assert terminal.end() == 0

    assert "agents" not in saved(town).values


def test_a_complete_section_is_walked_again_with_its_answers(
    answered_town: Path, saved: Saved
) -> None:
    with Terminal("-C", answered_town, "ask", "--section", "temps") as terminal:
        assert "Entrée garde votre réponse : 1." in terminal.said
        assert "Entrée garde votre réponse : 19 heures" in terminal.enter("")
        assert "complète" in terminal.enter_all("18:00", "")

    assert saved(answered_town).values["debut"] == "18:00"


def test_nobody_goes_back_out_of_the_section_asked_for(town: Path) -> None:
    with Terminal("-C", town, "ask", "--section", "argent") as terminal:
        said = terminal.enter("<")

    assert "C’est la première question de cette section." in said
    assert COSTS in said


def test_the_review_counts_the_answers_of_each_section(review: Terminal) -> None:
    said = flat(review.transcript)

    assert "1. Votre collectivité (2 réponses) 2. Le temps (3 réponses)" in said
    assert "Vérification : 0 erreur, 0 point à vérifier, 0 note." in said


def test_the_review_shows_each_error_with_its_source_and_remedy(
    answered_town: Path,
) -> None:
    invoke("-C", answered_town, "ask", "--set", "fin=20:00")
    with Terminal("-C", answered_town, "ask") as terminal:
        said = terminal.said

    assert "ERREUR · Le repos entre 19 heures et 20 heures est trop court" in said
    assert "Source : article R. 3 du nouveau code" in said
    assert "Remède : Laissez au moins 11 heures." in said


def test_a_number_at_the_review_opens_that_section_then_comes_back(
    answered_town: Path, saved: Saved
) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        listed = terminal.enter("1")
        assert listed.startswith("Votre collectivité 1. Quel est le nom")
        assert AGENTS in terminal.enter("2")
        assert "80 agents" in terminal.enter("80")
        assert REVIEW in terminal.enter("")

    assert saved(answered_town).values["agents"] == 80


def test_t_in_a_section_asks_all_its_questions_again(answered_town: Path) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        terminal.enter("1")
        assert "Quel est le nom" in terminal.enter("t")
        assert AGENTS in terminal.enter("")
        assert "changer cette réponse" in terminal.enter("")
        assert REVIEW in terminal.enter("")


def test_r_while_a_section_is_seen_again_leaves_the_rest_of_the_article(
    answered_town: Path,
) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        terminal.enter("2")
        assert OPTIONS in terminal.enter("t")
        assert "changer cette réponse" in terminal.enter("r")


def test_what_a_change_opens_is_asked_before_the_review_returns(
    answered_town: Path,
) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        terminal.enter_all("2", "1")
        assert CASES in terminal.enter("1,2")
        assert "changer cette réponse" in terminal.enter_all("nuit", "")
        assert REVIEW in terminal.enter("")


def test_v_at_the_review_reads_the_whole_draft(review: Terminal) -> None:
    said = review.enter("v")

    assert said.index("Article 1. Les horaires") < said.index("Article 2. Les coûts")
    assert "[loi] imposé par la loi : ne se négocie pas" in said
    assert said.endswith("Entrée : terminer")


def test_another_word_at_the_review_recalls_what_may_be_typed(review: Terminal) -> None:
    for typed in ("9", "?", "écris", "²"):
        said = review.enter(typed)
        assert said.startswith("! Non : un numéro de 1 à 3. Un numéro : revoir cette")


def test_enter_at_the_review_ends_the_questionnaire(answered_town: Path) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        assert terminal.enter("") == (
            "Tout est enregistré. « charter draft » écrit le projet."
        )
        assert terminal.end() == 0


def test_an_error_made_at_the_review_is_said_at_once(answered_town: Path) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        terminal.enter_all("2", "3")
        said = terminal.enter("20:00")

    assert "Enregistré : 20 heures (c’était : 7 h 30)." in said
    assert "! ERREUR : Le repos entre 19 heures et 20 heures est trop court" in said
    assert "Laissez au moins 11 heures." in said


def test_the_review_of_a_long_section_shows_its_articles_first(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    invoke("new", folder, "--name", "Essai", "--date", "01/03/2027")
    needed = ("--set", "effectif=120", "--set", "habitants=5000")
    invoke("-C", folder, "ask", *needed, "--defaults")
    with Terminal("-C", folder, "ask") as terminal:
        articles = terminal.enter("3")
        assert "1. Modalités du télétravail : Des jours fixes et une" in articles
        assert "par demi-journée" not in articles
        assert "Non : un numéro de 1 à" in terminal.enter("99")
        assert "2. Le télétravail peut-il être pris par demi-journée ? oui" in (
            terminal.enter("1")
        )
        assert "Modalités, volume et lieux 1." in terminal.enter("")
        assert REVIEW in terminal.enter("")


def test_q_at_the_review_stops(answered_town: Path) -> None:
    with Terminal("-C", answered_town, "ask") as terminal:
        assert terminal.enter("q") == STOPPED
        assert terminal.end() == 0


# --- leaving -------------------------------------------------------------------------


def test_ctrl_c_loses_no_answer(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("120")
        terminal.child.send("1,2 mais je n")
        said = terminal.press("c")
        assert "Interrompu : vos réponses sont enregistrées." in said
        assert terminal.end() == 130

    assert saved(town).values["agents"] == 120
    assert "horaires" not in saved(town).chosen


def test_the_end_of_input_loses_no_answer(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("120")
        assert "Interrompu : vos réponses sont enregistrées." in terminal.press("d")
        assert terminal.end() == 130

    assert saved(town).values["agents"] == 120


def test_a_closed_window_loses_no_answer(town: Path, saved: Saved) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter("120")
        terminal.child.kill(signal.SIGHUP)
        terminal.end()

    assert saved(town).values["agents"] == 120


def test_ctrl_c_while_a_workspace_is_named_creates_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    with Terminal("new", folder, "--library", SMALL, "--profile", "court") as terminal:
        assert "Interrompu." in terminal.press("c")
        assert terminal.end() == 130

    assert not folder.exists()


def test_a_new_workspace_explains_its_questions_and_can_be_given_up(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ville"
    with Terminal("new", folder, "--profile", "essentiel") as terminal:
        assert "Le nom tel qu’il figure dans les actes" in terminal.enter("?")
        terminal.enter("Essai")
        assert "références juridiques" in terminal.enter("?")
        assert "Interrompu." in terminal.enter("q")
        assert terminal.end() == 130

    assert not folder.exists()


def test_a_new_workspace_says_how_long_the_charter_is(tmp_path: Path) -> None:
    created = invoke(
        "new", tmp_path / "ville", "--name", "Essai", "--date", "01/03/2027"
    )

    assert "Profil « essentiel » : 20 articles." in flat(created.stdout)
    assert "« charter ask --set profile=standard »" in flat(created.stdout)


def test_an_answer_set_at_a_terminal_is_no_failure_while_others_miss(
    town: Path,
) -> None:
    with Terminal("-C", town, "ask", "--set", "agents=80") as terminal:
        assert terminal.end() == 0
        said = terminal.said

    assert "réponses manquent encore : « charter ask » pose ces questions." in said


def test_a_wrong_name_or_date_is_asked_again(tmp_path: Path) -> None:
    folder = tmp_path / "ville"
    with Terminal("new", folder, "--library", SMALL, "--profile", "court") as terminal:
        assert terminal.enter("") == "! Non : la réponse est vide."
        terminal.enter("Essai")
        assert "! Non : répondez par une date" in terminal.enter("au printemps")
        early = terminal.enter("01/03/2020")
        assert early == flat(
            "! Non : la bibliothèque connaît le droit applicable à partir du 1er "
            "février 2025 seulement."
        )
        terminal.enter("1/3/2027")
        assert terminal.end() == 0
