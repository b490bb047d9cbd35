"""The employer's side of a consultation, as HR types it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from dialogues import anything_goes
from terminal import SMALL, Terminal, flat, invoke

from charter_builder.cli.consultation import open_register
from charter_builder.cli.desk import registrar_of, store_of
from charter_builder.consultation import (
    ConsultationSettings,
    Organisation,
    Role,
    day_of,
    moment,
)
from charter_builder.contributions import Origin, Submission
from charter_builder.decisions import Sitting
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.register import BordereauSent
from charter_builder.storage import draft_store
from charter_builder.storage.consultation_files import dialogue_of
from charter_builder.storage.draft_store import drafts
from charter_builder.storage.proceedings import record_decision
from charter_builder.storage.register_files import now
from charter_builder.storage.workspace_files import find_workspace
from charter_builder.units import file_digest

# From Python 3.12, starting a terminal beside the threads of xdist is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

SETTINGS = ConsultationSettings(
    id="essai-2027",
    title="Charte des horaires",
    # Past: the commands ask the real clock.
    opens="2026-01-05",
    closes="2026-01-30",
    organisations=(
        Organisation(id="cfdt", name="CFDT Interco"),
        Organisation(id="cgt", name="CGT Territoriaux"),
    ),
    roles=(
        Role(id="redaction", title="Chargée de mission"),
        Role(id="direction", title="Direction générale"),
    ),
)
CONTRIBUTIONS = (
    ("cfdt", {"kind": "amendment", "proposed": "Nul n’est joint.", "text": "Clair."}),
    ("cgt", {"kind": "amendment", "operation": "delete", "text": "Inutile."}),
    ("cgt", {"kind": "question", "text": "Qui tient la liste ?"}),
)


@pytest.fixture(scope="module")
def consulted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose consultation is open, with three contributions on one article."""
    folder = tmp_path_factory.mktemp("concertation") / "ville"
    town = ("--library", SMALL, "--profile", "court", "--name", "Ici")
    invoke("new", folder, *town, "--date", "01/03/2027")
    invoke("-C", folder, "ask", "--defaults")
    assert invoke("-C", folder, "freeze").exit_code == 0
    registrar = registrar_of(find_workspace(folder))
    open_register(registrar.journal, SETTINGS, registrar.versions[1])
    for rank, (organisation, fields) in enumerate(CONTRIBUTIONS):
        given = {"key": f"{rank:032x}", "version": 1, "unit": "horaires", **fields}
        registrar.record(
            Submission.model_validate(given), Origin(organisation, "paper")
        )
    return folder


@pytest.fixture
def town(consulted: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    copy: Path = shutil.copytree(consulted, tmp_path / "ville")
    return copy


def today() -> str:
    return day_of(moment(now()))


def run(town: Path, *words: str | Path) -> tuple[int, str]:
    """Run `charter consultation` without a terminal: exit code, all that is said."""
    result = invoke("-C", town, "consultation", *words)
    return result.exit_code, flat(result.output)


def prepare(town: Path, number: str, *words: str, role: str = "redaction") -> None:
    code, said = run(town, "reply", number, "--as", role, *words)
    assert code == 0, said


def reject(town: Path, number: str, role: str = "redaction") -> None:
    reason = f"Trop large pour {number}."
    prepare(town, number, "--disposition", "rejected", "--reason", reason, role=role)


SAT = ("--body", "Groupe de travail", "--present", "redaction", "--present")


def decide(town: Path, *words: str, role: str = "direction") -> tuple[int, str]:
    options = (*SAT, "direction", "--date", today())
    return run(town, "decide", "--as", role, *options, *words)


def dialogue(town: Path) -> Dialogue:
    return dialogue_of(find_workspace(town))


# --- without a terminal --------------------------------------------------------------


def test_an_article_that_no_project_does_without_is_not_deleted(town: Path) -> None:
    code, said = run(
        town, "reply", "C-2", "--as", "redaction", "--disposition", "retained"
    )

    assert code == 2
    assert "ce texte ne peut pas être supprimé" in said
    assert "répondez « rejetée », avec le motif" in said


def test_a_draft_is_private_until_another_role_decides(town: Path) -> None:
    reject(town, "C-3")
    size = dialogue(town).head.size
    assert dialogue(town).standing("C-0003").reply is None

    code, said = decide(town)

    assert code == 0
    assert "D-0001 : 1 réponse officielle" in said
    assert dialogue(town).head.size == size + 1
    assert dialogue(town).standing("C-0003").status == "replied"
    assert drafts(store_of(find_workspace(town))) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("C-1", "--disposition", "rejected"),
            "le motif est obligatoire. (--reason ou",
        ),
        (("C-9", "--disposition", "rejected", "--reason", "x"), "aucune contribution"),
        (("neuf", "--disposition", "rejected", "--reason", "x"), "comme C-0042"),
        (("--disposition", "rejected", "--reason", "x"), "donnez le numéro"),
        (("C-1",), "dites la suite donnée : --disposition retained, partly-"),
        (("C-1", "--reason", "x"), "dites la suite donnée"),
        (
            ("C-1", "--disposition", "to-negotiate", "--due", "bientôt"),
            "--due : « bientôt » n’est pas une date",
        ),
    ],
)
def test_a_reply_that_lacks_something_is_refused_in_a_sentence(
    town: Path, words: tuple[str, ...], said: str
) -> None:
    code, output = run(town, "reply", "--as", "redaction", *words)

    assert code == 2
    assert said in output
    assert not (town / "private" / "prive.sqlite-journal").exists()


def test_a_reply_says_which_role_prepares_it(town: Path) -> None:
    words = ("reply", "C-1", "--disposition", "retained")

    assert "--as redaction ou --as direction" in run(town, *words)[1]
    assert "Fonctions : redaction, direction" in run(town, *words, "--as", "maire")[1]


def test_texts_may_come_from_files(town: Path) -> None:
    reason, adopted = town / "motif.txt", town / "redaction.txt"
    reason.write_bytes("\ufeffLe soir reste ouvert.\r\n".encode())
    adopted.write_text("Nul n’est joint le dimanche.\n", encoding="utf-8")
    files = ("--reason-file", str(reason), "--adopted-file", str(adopted))
    prepare(town, "C-1", "--disposition", "partly-retained", *files)

    (saved,) = drafts(store_of(find_workspace(town)))
    assert saved.draft.reason == "Le soir reste ouvert."
    assert saved.draft.adopted_text == "Nul n’est joint le dimanche."


def test_a_file_that_is_no_text_is_refused(town: Path) -> None:
    path = town / "motif.docx"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    words = ("--disposition", "rejected", "--reason-file", path)
    code, said = run(town, "reply", "C-1", "--as", "redaction", *words)

    assert code == 2
    assert "enregistrez-le en texte brut" in said.lower()


def test_a_draft_may_be_forgotten(town: Path) -> None:
    reject(town, "C-3")

    assert "oublié" in run(town, "reply", "C-3", "--discard")[1]
    assert "aucun projet de réponse à valider" in decide(town)[1]


def test_nobody_validates_their_own_draft(town: Path) -> None:
    reject(town, "C-3", role="direction")
    code, said = decide(town)

    assert code == 2
    assert "Personne ne valide sa propre réponse" in said


def test_a_draft_written_over_anothers_is_told_and_becomes_ones_own(town: Path) -> None:
    reject(town, "C-3")
    said = run(
        town,
        *("reply", "C-3", "--as", "direction", "--disposition", "explained"),
        *("--reason", "La direction."),
    )[1]

    assert "Il remplace celui de « Chargée de mission »" in said
    assert decide(town)[0] == 2
    assert decide(town, role="redaction")[0] == 0


def test_drafts_of_the_one_who_validates_are_left_aside_and_told(town: Path) -> None:
    reject(town, "C-3", role="direction")
    reject(town, "C-2")
    code, said = decide(town)

    assert code == 0
    assert "C-0003 : préparée par la fonction qui valide, laissée de côté." in said
    assert dialogue(town).standing("C-0003").reply is None
    assert dialogue(town).standing("C-0002").reply is not None


def test_a_decision_may_name_its_contributions(town: Path) -> None:
    reject(town, "C-3")
    reject(town, "C-2")
    decide(town, "C-2")

    assert dialogue(town).standing("C-0003").reply is None
    assert "C-0001 : aucun projet de réponse" in decide(town, "C-1")[1]


def test_a_decision_without_its_sitting_is_refused(town: Path) -> None:
    reject(town, "C-3")
    code, said = run(town, "decide", "--as", "direction", "--body", "Groupe")

    assert code == 2
    assert "--date et --present manquent" in said


def test_a_draft_older_than_what_the_register_says_is_left_aside(town: Path) -> None:
    reject(town, "C-3")
    run(town, "reclassify", "C-3", "--kind", "comment", "--why", "Ce n’en est pas une")
    code, said = decide(town)

    assert code == 2
    assert "C-0003 : le registre dit autre chose depuis ce projet" in said


def test_a_decision_too_long_for_one_entry_says_what_to_do(town: Path) -> None:
    registrar = registrar_of(find_workspace(town))
    for rank in range(15):
        submission = Submission(
            key=f"{rank + 100:032x}", version=1, unit="horaires", text="Plus court."
        )
        registrar.record(submission, Origin("cfdt", "paper"))
    path = town / "motif.txt"
    path.write_text("Non. " + "😀" * 19_000, encoding="utf-8")
    for rank in range(4, 19):
        prepare(
            town, f"C-{rank}", "--disposition", "rejected", "--reason-file", str(path)
        )
    code, said = decide(town)

    assert code == 2
    assert "validez moins de réponses à la fois" in said
    assert decide(town, "C-4", "C-5")[0] == 0


def test_a_reason_used_too_often_is_told_before_the_decision(town: Path) -> None:
    registrar = registrar_of(find_workspace(town))
    submission = Submission(key="f" * 32, version=1, unit="horaires", text="Autre.")
    registrar.record(submission, Origin("cfdt", "paper"))
    for rank in range(1, 5):
        reason = ("--reason", "Trop coûteux.")
        prepare(town, f"C-{rank}", "--disposition", "rejected", *reason)

    assert "le même motif rejette 4 contributions" in decide(town)[1]


def test_the_employer_has_no_command_to_alter_a_contribution(town: Path) -> None:
    entry = town / "consultation" / "register" / "000003.yml"
    before = entry.read_bytes()
    reject(town, "C-1")
    decide(town)
    run(town, "reclassify", "C-2", "--article", "couts", "--why", "Parle des coûts")

    assert entry.read_bytes() == before
    help_ = invoke("consultation", "--help").output
    for word in ("edit", "delete", "hide", "move", "remove"):
        assert f"  {word} " not in help_


# --- two people at once --------------------------------------------------------------


def decided_by_one_of_two(town: Path) -> bool:
    place = find_workspace(town)
    sitting = Sitting("Groupe de travail", today(), ("redaction", "direction"))
    try:
        record_decision(
            registrar_of(place),
            drafts(store_of(place)),
            "direction",
            sitting,
            anything_goes,
        )
    except InputError:
        return False
    return True


def test_two_people_who_decide_at_once_record_one_decision(town: Path) -> None:
    reject(town, "C-3")
    prepare(
        town,
        *("C-1", "--disposition", "to-negotiate", "--body", "Groupe de travail"),
        *("--lead", "Direction générale", "--due", "2999-01-01"),
    )
    with ThreadPoolExecutor(4) as people:
        recorded = list(people.map(decided_by_one_of_two, [town] * 4))

    assert sum(recorded) == 1
    assert len(dialogue(town).decisions) == 1


# --- organisations -------------------------------------------------------------------


def test_an_organisation_contests_once_and_a_second_decision_is_final(
    town: Path,
) -> None:
    reject(town, "C-3")
    decide(town)
    contest = ("contest", "C-3", "--reason", "Pourquoi ?", "--organisation")

    assert "n’est pas de CFDT Interco" in run(town, *contest, "cfdt")[1]
    assert run(town, *contest, "cgt")[0] == 0
    assert "ne l’est qu’une fois" in run(town, *contest, "cgt")[1]

    reject(town, "C-3")
    decide(town)
    words = ("reply", "C-3", "--as", "redaction", "--disposition", "rejected")
    assert "elle est définitive" in run(town, *words, "--reason", "Non.")[1]


def test_only_its_organisation_withdraws_a_contribution(town: Path) -> None:
    assert run(town, "withdraw", "C-3", "--organisation", "cfdt")[0] == 2
    assert run(town, "withdraw", "C-3", "--organisation", "cgt")[0] == 0
    assert dialogue(town).standing("C-0003").status == "withdrawn"


def test_a_bordereau_is_written_for_each_organisation_and_its_digest_recorded(
    town: Path,
) -> None:
    code, _ = run(town, "bordereau")
    folder = town / "private" / "bordereaux"
    written = {path.name: path for path in folder.iterdir()}

    assert code == 0
    assert sorted(written) == [
        *("cfdt-000006.html", "cfdt-000006.md"),
        *("cgt-000007.html", "cgt-000007.md"),
    ]
    entry = registrar_of(find_workspace(town)).journal
    entry.refresh()
    last = entry.entries[-1]
    assert isinstance(last, BordereauSent)
    text = written["cgt-000007.md"].read_text(encoding="utf-8")
    assert file_digest(text) == last.digest
    assert "bordereau, à jour" in run(town, "bordereau")[1]


def test_an_organisation_confirms_or_disputes_its_bordereau(town: Path) -> None:
    run(town, "bordereau", "cfdt", "cgt")

    assert run(town, "bordereau", "--confirm", "cfdt")[0] == 0
    assert "dites ce que CGT" in run(town, "bordereau", "--dispute", "cgt")[1]
    words = ("--reason", "Il manque notre dépôt du 5 janvier.")
    assert run(town, "bordereau", "--dispute", "cgt", *words)[0] == 0
    assert not dialogue(town).bordereau_answers["cgt"].confirms


def test_an_action_is_said_done(town: Path) -> None:
    words = ("--action", "Écrire une note.", "--lead", "DRH", "--due", "2999-01-01")
    prepare(town, "C-3", "--disposition", "retained", *words)
    decide(town)

    assert run(town, "done", "C-3", "--what", "Note du 4 mai.")[0] == 0
    assert dialogue(town).standing("C-0003").done == "Note du 4 mai."


# --- closing -------------------------------------------------------------------------


def close(town: Path) -> tuple[int, str]:
    return run(town, "close", "--as", "direction", *SAT, "direction", "--date", today())


def test_closing_refuses_and_gives_the_list_until_nothing_is_owed(town: Path) -> None:
    code, said = close(town)
    assert code == 3
    assert "5 choses restent dues" in said
    assert "C-0003 (CGT Territoriaux) n’a pas reçu de réponse." in said
    assert "CFDT Interco n’a pas reçu son bordereau." in said

    for number in ("C-1", "C-2", "C-3"):
        reject(town, number)
    decide(town)
    run(town, "bordereau")
    code, said = close(town)

    assert code == 0
    assert "La concertation est close" in said
    assert "CFDT Interco n’a pas dit si son bordereau est complet." in said
    assert close(town)[0] == 2


# --- in a terminal -------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 40])
def test_an_officer_replies_question_by_question(town: Path, columns: int) -> None:
    with Terminal(
        "-C", town, "consultation", "reply", "C-1", columns=columns
    ) as terminal:
        assert "1. Chargée de mission" in terminal.said
        shown = terminal.enter("1")
        assert "[-" in shown
        assert "Clair." in shown
        assert "Autres amendements sur ce texte :" in shown
        assert "Demande la suppression de l’article." in shown
        assert "Quelle suite lui donnez-vous ?" in shown
        assert "Article 1. Les horaires" in terminal.enter("v")
        assert "Quelle rédaction est adoptée" in terminal.enter("2")
        assert "un paragraphe par ligne" in terminal.enter("2")
        terminal.enter_all("Nul n’est joint :", "- le samedi ;", "- le dimanche.")
        assert "Qu’est-ce qui n’est pas retenu" in terminal.enter("")
        assert "un texte est nécessaire" in terminal.enter("")
        assert "L’enregistrer ?" in terminal.enter_all("Le soir reste ouvert.", "")
        assert "privé" in terminal.enter("")
        assert terminal.end() == 0
        assert max(map(len, terminal.displayed)) <= columns

    (saved,) = drafts(store_of(find_workspace(town)))
    assert saved.draft.disposition == "partly-retained"
    assert saved.draft.adopted_text == (
        "Nul n’est joint :\n- le samedi ;\n- le dimanche."
    )
    assert saved.draft.reason == "Le soir reste ouvert."


def test_one_goes_back_a_question_and_stops_without_losing_what_was_saved(
    town: Path,
) -> None:
    command = ("-C", town, "consultation", "reply", "--as", "redaction")
    with Terminal(*command) as terminal:
        assert "1 sur 3" in terminal.said
        assert "Quel est le motif ?" in terminal.enter("3")
        assert "« v » montre l’article entier" in flat(terminal.transcript)
        assert "Entrée : 3, comme avant." in terminal.enter("<")
        assert "L’enregistrer ?" in terminal.enter_all("", "Trop large.", "")
        assert "2 sur 3" in terminal.enter("oui")
        assert "Arrêté" in terminal.enter("q")
        assert terminal.end() == 0

    assert [s.draft.contribution for s in drafts(store_of(find_workspace(town)))] == [
        "C-0001"
    ]
    with Terminal(*command) as terminal:
        assert "1 sur 2" in terminal.said
        assert "C-0002" in terminal.said


def test_a_wording_is_corrected_in_a_file_that_holds_the_proposal(town: Path) -> None:
    path = town / "private" / "redaction-C-0001.txt"
    command = ("-C", town, "consultation", "reply", "C-1", "--as", "redaction")
    with Terminal(*command) as terminal:
        assert "corrigez-le" in terminal.enter_all("2", "1")
        assert path.read_text(encoding="utf-8") == "Nul n’est joint.\n"
        said = terminal.enter("")
        assert "! Non : la rédaction adoptée est celle qui était proposée" in said
        path.write_text("Nul n’est joint le dimanche.\n", encoding="utf-8")
        assert "Qu’est-ce qui n’est pas retenu" in terminal.enter_all("1", "")
        said = terminal.enter_all("Le soir.", "")
        assert "Rédaction adoptée, comparée à la version lue" in said
        assert "projet de réponse « partiellement retenue »" in terminal.enter("")

    (saved,) = drafts(store_of(find_workspace(town)))
    assert saved.draft.adopted_text == "Nul n’est joint le dimanche."


def test_a_decision_is_shown_then_confirmed_in_full_letters(town: Path) -> None:
    reject(town, "C-3")
    with Terminal("-C", town, "consultation", "decide") as terminal:
        assert "Vous validez en tant que ?" in terminal.said
        shown = terminal.enter("2")
        assert "Préparée par : Chargée de mission" in shown
        assert "Trop large pour C-3." in shown
        assert "Quel jour" in terminal.enter("Groupe de travail")
        assert "Qui était présent ?" in terminal.enter(today())
        assert "deux numéros au moins" in terminal.enter("1")
        assert "compte rendu" in terminal.enter("1, 2")
        assert "Inscrire cette décision" in terminal.enter("")
        assert "répondez par oui ou par non" in terminal.enter("")
        assert "rien n’est inscrit" in terminal.enter("non")
        assert terminal.end() == 0

    assert dialogue(town).decisions == ()
    assert len(drafts(store_of(find_workspace(town)))) == 1


def test_a_draft_saved_by_another_meanwhile_is_shown_before_it_is_replaced(
    town: Path,
) -> None:
    command = ("-C", town, "consultation", "reply", "C-3", "--as", "redaction")
    with Terminal(*command) as terminal:
        assert "L’enregistrer ?" in terminal.enter_all("5", "La direction.", "")
        reject(town, "C-3", role="direction")
        said = terminal.enter("")
        assert "une autre personne a enregistré" in said
        assert "Trop large pour C-3." in said
        assert "Il remplace celui de « Direction générale »" in terminal.enter("oui")

    (saved,) = drafts(store_of(find_workspace(town)))
    assert (saved.role, saved.draft.reason) == ("redaction", "La direction.")


def test_a_line_the_terminal_would_cut_is_not_taken(town: Path) -> None:
    command = ("-C", town, "consultation", "reply", "C-3", "--as", "redaction")
    with Terminal(*command) as terminal:
        terminal.enter("5")
        assert "le terminal coupe une ligne" in terminal.enter("x" * 4_095)
        assert "L’enregistrer ?" in terminal.enter_all("Court.", "")


def test_a_reply_interrupted_in_the_middle_of_a_text_keeps_what_was_typed(
    town: Path,
) -> None:
    command = ("-C", town, "consultation", "reply", "C-3", "--as", "redaction")
    with Terminal(*command) as terminal:
        terminal.enter_all("3", "Trop large.", "Et trop tôt.")
        assert "une réponse commencée est gardée" in terminal.press("c")
        assert terminal.end() == 130

    with Terminal(*command) as terminal:
        assert "Vous aviez commencé une réponse" in terminal.said
        assert "Et trop tôt." in terminal.enter("")
        assert "L’enregistrer ?" in terminal.enter("")
        terminal.enter("")
        assert terminal.end() == 0

    (saved,) = drafts(store_of(find_workspace(town)))
    assert saved.draft.reason == "Trop large.\nEt trop tôt."
    with Terminal(*command) as terminal:
        assert "Vous aviez commencé" not in terminal.said


def test_a_wrong_day_is_told_before_anything_is_confirmed(town: Path) -> None:
    reject(town, "C-3")
    with Terminal(
        "-C", town, "consultation", "decide", "--as", "direction"
    ) as terminal:
        terminal.enter("Groupe de travail")
        assert "doit se tenir entre l’ouverture" in terminal.enter("1/1/20")
        assert "Qui était présent ?" in terminal.enter(today())


def test_the_list_tells_the_replies_in_preparation(town: Path) -> None:
    reject(town, "C-3")

    _, said = run(town, "list", "--article", "1")
    assert "projet de réponse : rejetée, à décider" in said
    assert "3 contributions, en attente d’une suite." in said
    assert run(town, "list", "--article", "horair")[0] == 2
    assert run(town, "list", "--organisation", "cft")[0] == 2


def test_a_decision_says_what_to_bring_into_the_draft(town: Path) -> None:
    prepare(town, "C-1", "--disposition", "retained")

    _, said = decide(town)
    assert "« charter consultation apply C-0001 »" in said
    assert "apply C-0001" in run(town, "apply")[1]
    assert run(town, "receipt", "c-1")[0] == 0
    assert run(town, "apply", "1")[0] == 0


def test_a_contest_asks_its_reason_in_a_terminal(town: Path) -> None:
    reject(town, "C-3")
    decide(town)
    assert "--reason" in run(town, "contest", "C-3", "--organisation", "cgt")[1]

    command = ("contest", "C-3", "--organisation", "cgt")
    with Terminal("-C", town, "consultation", *command) as terminal:
        assert "Pourquoi la réponse à C-0003" in terminal.said
        assert "Une seconde décision est due" in terminal.enter_all("Non.", "")


def test_a_withdrawal_is_shown_and_agreed_to_in_a_terminal(town: Path) -> None:
    command = ("withdraw", "C-3", "--organisation", "cgt")
    with Terminal("-C", town, "consultation", *command) as terminal:
        assert "Qui tient la liste ?" in terminal.said
        assert "rien n’est inscrit" in terminal.enter("q")
    assert dialogue(town).standing("C-0003").status == "registered"

    with Terminal("-C", town, "consultation", *command) as terminal:
        assert "retirée par son organisation" in terminal.enter("oui")


def test_the_other_amendments_show_the_reply_prepared_for_them(town: Path) -> None:
    reject(town, "C-2")
    command = ("reply", "C-1", "--as", "redaction")
    with Terminal("-C", town, "consultation", *command) as terminal:
        assert "Projet de réponse : rejetée, à décider" in terminal.said


def test_a_contribution_is_reclassified_by_the_number_of_an_article(town: Path) -> None:
    words = ("C-3", "--kind", "comment", "--why", "Une remarque.")
    assert run(town, "reclassify", *words, "--article", "1")[0] == 0
    code, said = run(town, "reclassify", *words, "--article", "horair")
    assert (code, "Vouliez-vous dire « horaires »" in said) == (2, True)


def test_a_decision_whose_drafts_cannot_be_forgotten_is_said_to_stand(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reject(town, "C-0001")

    def full(*_: object) -> None:
        raise InputError("disque plein.")

    monkeypatch.setattr(draft_store, "discard_decided", full)
    code, said = decide(town)

    assert code == 2
    assert "D-0001 est inscrite : ne la refaites pas" in said
    assert "C-0001" in said
