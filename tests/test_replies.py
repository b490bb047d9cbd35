from pathlib import Path
from typing import Any

import pytest
from dialogues import (
    SITTING,
    Clock,
    anything_goes,
    applied,
    decided,
    dialogue,
    drafted,
    opened,
    opened_in_memory,
    project,
    redacted,
    submitted,
)
from ruamel.yaml import YAML

from charter_builder.awaiting import awaits_reply
from charter_builder.charter import Charter
from charter_builder.closing import NotClosed, owed
from charter_builder.decisions import Sitting
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.figures import repeated_reasons
from charter_builder.register import DISPOSITION_LABELS, Choice
from charter_builder.replies import Draft, DraftRefused, checked
from charter_builder.storage.proceedings import (
    record_bordereau,
    record_closing,
    record_contest,
    record_decision,
    record_withdrawal,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.units import FrozenVersion, Unit, UnitChoice, UnitPoint, as_version

CASES = sorted((Path(__file__).parent / "cases" / "replies").glob("*.yml"))
PROPOSED = "Nul n’est joint de 18 heures à 9 heures."
KINDS = {
    "amendment": "C-0001",
    "deletion": "C-0002",
    "comment": "C-0003",
    "question": "C-0004",
    "choice": "C-0005",
}
ACTION = {"action": "Former les encadrants.", "lead": "DRH", "due": "2027-06-30"}
NEGOTIATION = {"body": "Groupe de travail", "lead": "DRH", "due": "2027-02-15"}


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in CASES
        for case in YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture
def version(charter: Charter) -> FrozenVersion:
    """The small charter, with a point left à débattre in each unit."""
    frozen = as_version(charter, None)
    point = UnitPoint(
        id="debut",
        question="À quelle heure ?",
        candidates=(
            UnitChoice(letter="A", shown="19 heures"),
            UnitChoice(letter="B", shown="20 heures"),
        ),
    )
    units = tuple(u.model_copy(update={"points": (point,)}) for u in frozen.units)
    return frozen.model_copy(update={"units": units})


@pytest.fixture
def registrar(version: FrozenVersion) -> Registrar:
    return opened_in_memory(version)


@pytest.fixture
def unit(version: FrozenVersion) -> Unit:
    found = version.unit("horaires")
    assert found is not None
    return found


@pytest.fixture
def every_kind(registrar: Registrar) -> Registrar:
    """C-0001 to C-0005, one of each kind; C-0006 was withdrawn."""
    submitted(registrar, kind="amendment", proposed=PROPOSED)
    submitted(registrar, kind="amendment", operation="delete")
    submitted(registrar)
    submitted(registrar, kind="question", text="Qui tient la liste ?")
    submitted(registrar, kind="choice", choice=Choice(point="debut", letter="A"))
    submitted(registrar)
    record_withdrawal(registrar, "C-0006", "cfdt")
    return registrar


# --- which fields for which disposition ----------------------------------------------


@pytest.mark.parametrize("case", cases())
def test_a_reply_says_what_its_disposition_asks_for(
    every_kind: Registrar, unit: Unit, case: dict[str, Any]
) -> None:
    texts = {"<proposée>": PROPOSED, "<projet>": unit.text}
    fields = {name: texts.get(value, value) for name, value in case["reply"].items()}
    draft = Draft.model_validate({"contribution": KINDS[case["kind"]], **fields})
    expected: dict[str, str] = case.get("refused", {})

    faults: dict[str, str] = {}
    try:
        checked(draft, dialogue(every_kind), "2027-01-12", project(every_kind))
    except DraftRefused as refused:
        faults = {fault.field: fault.message for fault in refused.faults}

    assert faults.keys() == expected.keys()
    for field, words in expected.items():
        assert words in faults[field]


def test_a_text_that_no_project_does_without_is_not_deleted(
    every_kind: Registrar,
) -> None:
    talks = dialogue(every_kind)
    draft = Draft(contribution="C-0002", disposition="retained", adopted_text="")
    day, needed = "2027-01-12", project(every_kind, nothing_goes)

    assert checked(draft, talks, day, project(every_kind))
    with pytest.raises(DraftRefused, match="ne peut pas être supprimé"):
        checked(draft, talks, day, needed)
    reworded = {
        "disposition": "partly-retained",
        "adopted_text": "Une phrase reste.",
        "reason": "La règle demeure.",
    }
    assert checked(draft.model_copy(update=reworded), talks, day, needed)


def nothing_goes(unit: str) -> bool:
    return False


def test_a_deletion_saved_before_the_library_forbade_it_is_not_decided(
    every_kind: Registrar,
) -> None:
    saved = drafted(every_kind, "C-0002", disposition="retained")

    with pytest.raises(InputError, match="C-0002 : ce texte ne peut pas être supprimé"):
        decided(every_kind, saved, may_go=nothing_goes)


@pytest.mark.parametrize("blank", ["\u2800", "\u3164", " \u2800\n\u3164 ", "…", "[ ]"])
@pytest.mark.parametrize("field", ["adopted_text", "reason"])
def test_a_text_without_a_letter_nor_a_digit_is_no_text(
    every_kind: Registrar, field: str, blank: str
) -> None:
    given = {"adopted_text": "Une phrase reste.", "reason": "Pourquoi.", field: blank}

    with pytest.raises(DraftRefused) as caught:
        drafted(every_kind, "C-0002", disposition="partly-retained", **given)
    assert [fault.field for fault in caught.value.faults] == [field]


def test_a_blank_adopted_text_saved_by_hand_is_not_decided(
    every_kind: Registrar,
) -> None:
    saved = drafted(
        every_kind,
        "C-0001",
        disposition="partly-retained",
        adopted_text="Une phrase reste.",
        reason="Le reste non.",
    )
    blank = saved.draft.model_copy(update={"adopted_text": "\u2800"})

    with pytest.raises(InputError, match="écrivez la rédaction adoptée"):
        decided(every_kind, saved._replace(draft=blank))


@pytest.mark.parametrize("disposition", ["retained", "partly-retained"])
def test_no_article_is_placed_after_an_act(
    registrar: Registrar, disposition: str
) -> None:
    new = {"operation": "insert-after", "proposed": "Article 3. Un bilan est fait."}
    submitted(registrar, unit="deliberation", kind="amendment", **new)
    submitted(registrar, kind="amendment", **new)
    fields = {"adopted_text": "Un bilan est fait.", "reason": "Plus court."}

    with pytest.raises(DraftRefused, match="aucun article ne se place après un acte"):
        drafted(registrar, "C-0001", disposition=disposition, **fields)
    assert drafted(registrar, "C-0001", disposition="rejected", reason="Non.")
    assert drafted(registrar, "C-0002", disposition=disposition, **fields)


def test_the_cases_look_at_every_kind_under_every_disposition() -> None:
    seen = {(c.values[0]["kind"], c.values[0]["reply"]["disposition"]) for c in cases()}

    assert seen == {(kind, known) for kind in KINDS for known in DISPOSITION_LABELS}


def test_an_amendment_retained_as_it_is_adopts_the_wording_proposed(
    every_kind: Registrar,
) -> None:
    saved = drafted(every_kind, "C-0001", disposition="retained")

    assert saved.draft.adopted_text == PROPOSED


def test_every_fault_of_a_draft_is_told_at_once(every_kind: Registrar) -> None:
    with pytest.raises(DraftRefused) as caught:
        drafted(every_kind, "C-0003", disposition="retained", body="Conseil")

    assert [fault.field for fault in caught.value.faults] == [
        "action",
        "lead",
        "due",
        "body",
    ]


@pytest.mark.parametrize(
    ("field", "size"), [("reason", 20_001), ("action", 301), ("adopted_text", 20_001)]
)
def test_a_text_too_long_is_refused_with_its_length(
    every_kind: Registrar, field: str, size: int
) -> None:
    with pytest.raises(DraftRefused, match="raccourcissez"):
        drafted(
            every_kind,
            "C-0001",
            **{"disposition": "retained", "reason": "Oui.", field: "x" * size},
        )


# --- when a reply may be given -------------------------------------------------------


def test_a_withdrawn_contribution_takes_no_reply(every_kind: Registrar) -> None:
    with pytest.raises(InputError, match="l’a retirée"):
        drafted(every_kind, "C-0006", disposition="rejected", reason="Non.")


def test_a_second_reply_waits_for_a_contest(every_kind: Registrar) -> None:
    decided(
        every_kind,
        drafted(every_kind, "C-0003", disposition="rejected", reason="Trop large."),
    )

    with pytest.raises(InputError, match="sauf si l’organisation la conteste"):
        drafted(every_kind, "C-0003", disposition="rejected", reason="Autre.")


def test_a_negotiation_is_followed_by_another_reply(every_kind: Registrar) -> None:
    decided(
        every_kind,
        drafted(every_kind, "C-0003", disposition="to-negotiate", **NEGOTIATION),
    )
    decided(
        every_kind,
        drafted(every_kind, "C-0003", disposition="rejected", reason="Pas d’accord."),
    )

    standing = dialogue(every_kind).standing("C-0003")
    assert [given.reply.disposition for given in standing.replies] == [
        "to-negotiate",
        "rejected",
    ]


def test_the_reply_to_a_contest_is_final(every_kind: Registrar) -> None:
    rejected_twice(every_kind, "C-0003")

    with pytest.raises(InputError, match="rendue après contestation, elle est définit"):
        drafted(every_kind, "C-0003", disposition="retained", **ACTION)


def rejected_twice(registrar: Registrar, identifier: str) -> None:
    first = drafted(registrar, identifier, disposition="rejected", reason="Trop large.")
    decided(registrar, first)
    record_contest(registrar, identifier, "cfdt", "Pourquoi ?", registrar.random())
    again = drafted(registrar, identifier, disposition="rejected", reason="Coûteux.")
    decided(registrar, again)


def test_another_wording_after_a_contest_is_to_be_applied_again(
    every_kind: Registrar,
) -> None:
    decided(every_kind, drafted(every_kind, "C-0001", disposition="retained"))
    applied(every_kind, 2, "C-0001")
    record_contest(every_kind, "C-0001", "cfdt", "À revoir.", every_kind.random())
    other = drafted(
        every_kind,
        "C-0001",
        disposition="partly-retained",
        adopted_text="Nul n’est joint le dimanche.",
        reason="Le soir reste ouvert.",
    )
    decided(every_kind, other)

    assert dialogue(every_kind).standing("C-0001").awaits_version


# --- decisions -----------------------------------------------------------------------


def rejecting(registrar: Registrar, identifier: str = "C-0003", **given: Any) -> Any:
    fields = {"disposition": "rejected", "reason": f"Motif de {identifier}.", **given}
    return drafted(registrar, identifier, **fields)


def test_a_decision_makes_the_drafts_of_another_role_official(
    every_kind: Registrar,
) -> None:
    entry = decided(every_kind, rejecting(every_kind), rejecting(every_kind, "C-0004"))

    made = entry.decision
    assert (made.id, made.drafted_by, made.validated_by, entry.by) == (
        "D-0001",
        "redaction",
        "direction",
        "direction",
    )
    assert made.body.roles == ("Chargée de mission", "Direction générale")
    assert dialogue(every_kind).standing("C-0004").status == "replied"


def test_nobody_validates_their_own_draft(every_kind: Registrar) -> None:
    with pytest.raises(InputError, match="Personne ne valide sa propre réponse"):
        decided(every_kind, rejecting(every_kind, role="direction"))


def test_a_decision_names_one_role_that_prepared(every_kind: Registrar) -> None:
    with pytest.raises(InputError, match="plusieurs fonctions"):
        decided(
            every_kind,
            rejecting(every_kind),
            rejecting(every_kind, "C-0004", role="autre"),
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"present": ("direction",)}, "deux au moins"),
        ({"present": ("direction", "direction")}, "deux au moins"),
        ({"present": ("direction", "directeur")}, "Vouliez-vous dire « direction »"),
        ({"present": ("direction", *map(str, range(30)))}, "30 au plus"),
        ({"date": "2027-01-01"}, "entre l’ouverture"),
        ({"date": "2027-01-13"}, "entre l’ouverture"),
        ({"date": "2027-02-30"}, "n’est pas un jour du calendrier"),
        ({"body": " \u200b"}, "nommez l’instance"),
        ({"body": "x" * 301}, "300 au plus"),
        ({"minutes": "x" * 301}, "300 au plus"),
    ],
)
def test_a_sitting_that_cannot_have_decided_is_refused(
    every_kind: Registrar, changes: dict[str, Any], said: str
) -> None:
    clock = every_kind.journal.clock
    assert isinstance(clock, Clock)
    clock.set("2027-01-12T12:00:00")
    sitting = SITTING._replace(**changes)

    with pytest.raises(InputError, match=said):
        record_decision(
            every_kind, [rejecting(every_kind)], "direction", sitting, anything_goes
        )


def test_a_decision_answers_a_contribution_once(every_kind: Registrar) -> None:
    draft = rejecting(every_kind)

    with pytest.raises(InputError, match="une fois à chaque contribution"):
        decided(every_kind, draft, draft)


@pytest.mark.parametrize("minutes", ["", " ", "\u200b", "\u2800"])
def test_minutes_that_say_nothing_are_none(every_kind: Registrar, minutes: str) -> None:
    sitting = SITTING._replace(minutes=minutes)
    entry = decided(every_kind, rejecting(every_kind), sitting=sitting)

    assert entry.decision.body.minutes is None


def test_an_organisation_may_be_present(every_kind: Registrar) -> None:
    sitting = SITTING._replace(present=("direction", "cfdt"))
    entry = decided(every_kind, rejecting(every_kind), sitting=sitting)

    assert entry.decision.body.roles[1] == "CFDT Interco (représentants)"


def test_a_body_did_not_examine_what_was_sent_after_it_sat(
    every_kind: Registrar,
) -> None:
    with pytest.raises(InputError, match="elle n’a pas pu être examinée le 4 janvier"):
        decided(
            every_kind,
            rejecting(every_kind),
            sitting=SITTING._replace(date="2027-01-04"),
        )


def test_a_draft_older_than_a_contest_answers_nothing(every_kind: Registrar) -> None:
    decided(every_kind, rejecting(every_kind))
    old = rejecting(every_kind, "C-0004")
    decided(every_kind, old)
    record_contest(every_kind, "C-0004", "cfdt", "Pourquoi ?", every_kind.random())

    with pytest.raises(InputError, match="reprenez-le"):
        decided(every_kind, old)


@pytest.mark.parametrize("disposition", ["rejected", "moot"])
def test_a_contribution_that_was_not_followed_satisfies_no_other(
    every_kind: Registrar, disposition: str
) -> None:
    first = drafted(every_kind, "C-0003", disposition="moot", satisfied_by="C-0004")
    given = {"reason": "Non."} if disposition == "rejected" else {}
    given |= {"satisfied_by": "C-0003"} if disposition == "moot" else {}
    second = drafted(every_kind, "C-0004", disposition=disposition, **given)

    with pytest.raises(InputError, match="ni retenue ni expliquée"):
        decided(every_kind, first, second)


def test_a_contribution_followed_in_the_same_decision_satisfies_another(
    every_kind: Registrar,
) -> None:
    decided(
        every_kind,
        drafted(every_kind, "C-0003", disposition="moot", satisfied_by="C-0004"),
        drafted(every_kind, "C-0004", disposition="explained", reason="Voici."),
    )

    assert not awaits_reply(now(every_kind).standing("C-0003"), now(every_kind))


def now(registrar: Registrar) -> Dialogue:
    return dialogue(registrar)


def test_moot_becomes_hollow_when_the_other_is_rejected_in_the_end(
    every_kind: Registrar,
) -> None:
    decided(
        every_kind,
        drafted(every_kind, "C-0003", disposition="moot", satisfied_by="C-0004"),
        drafted(every_kind, "C-0004", disposition="explained", reason="Voici."),
    )
    record_contest(every_kind, "C-0004", "cfdt", "Pourquoi ?", every_kind.random())
    decided(every_kind, rejecting(every_kind, "C-0004"))

    assert ("moot", "C-0003") in [(o.kind, o.subject) for o in owed(now(every_kind))]
    decided(every_kind, rejecting(every_kind, "C-0003"))
    assert "C-0003" not in [o.subject for o in owed(now(every_kind))]


# --- what readers are told -----------------------------------------------------------


def test_one_reason_for_more_than_three_rejections_is_told(
    registrar: Registrar,
) -> None:
    reasons = ["Trop coûteux.", "trop  coûteux", "Trop couteux.", "TROP COÛTEUX !"]
    drafts = []
    for rank, reason in enumerate(reasons, 1):
        submitted(registrar)
        drafts.append(rejecting(registrar, f"C-{rank:04}", reason=reason))
    decided(registrar, *drafts[:3])

    assert repeated_reasons(now(registrar)) == {}

    decided(registrar, drafts[3])

    assert repeated_reasons(now(registrar)) == {
        "Trop coûteux.": ["C-0001", "C-0002", "C-0003", "C-0004"]
    }


# --- closing -------------------------------------------------------------------------


def test_each_thing_owed_is_a_sentence(every_kind: Registrar) -> None:
    decided(
        every_kind,
        drafted(every_kind, "C-0001", disposition="retained"),
        drafted(every_kind, "C-0003", disposition="to-negotiate", **NEGOTIATION),
        rejecting(every_kind, "C-0004"),
    )
    record_contest(every_kind, "C-0004", "cfdt", "Pourquoi ?", every_kind.random())

    assert [(o.kind, o.sentence) for o in owed(now(every_kind))] == [
        (
            "version",
            "C-0001 (CFDT Interco) est retenue, et aucune version figée n’en tient "
            "encore compte.",
        ),
        ("reply", "C-0002 (CFDT Interco) n’a pas reçu de réponse."),
        (
            "negotiation",
            "C-0003 (CFDT Interco) est « à négocier » : dites l’issue de la "
            "négociation.",
        ),
        (
            "contest",
            "C-0004 (CFDT Interco) : la réponse est contestée ; une seconde décision "
            "est due.",
        ),
        ("reply", "C-0005 (CFDT Interco) n’a pas reçu de réponse."),
        ("bordereau", "CFDT Interco n’a pas reçu son bordereau."),
    ]


def test_a_wording_erased_before_a_version_holds_it_is_owed_another_reply(
    tmp_path: Path, version: FrozenVersion
) -> None:
    registrar = opened(tmp_path, version)
    submitted(registrar, kind="amendment", proposed=PROPOSED)
    decided(registrar, drafted(registrar, "C-0001", disposition="retained"))
    redacted(registrar, 4, "decision.replies.0.adopted_text", "unlawful")

    assert "a été expurgée" in owed(now(registrar))[0].sentence
    decided(registrar, rejecting(registrar, "C-0001"))
    assert now(registrar).standing("C-0001").is_settled


LAST = Sitting("Groupe de travail", "2027-02-01", ("redaction", "direction"))


def closed(registrar: Registrar) -> None:
    clock = registrar.journal.clock
    assert isinstance(clock, Clock)
    clock.set_after(LAST.date)
    record_closing(registrar, "direction", LAST)


def test_closing_with_one_negotiation_is_refused_with_the_list(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    decided(
        registrar,
        drafted(registrar, "C-0001", disposition="to-negotiate", **NEGOTIATION),
    )
    record_bordereau(registrar, "cfdt", lambda seq, text: None)

    with pytest.raises(NotClosed, match="dites l’issue de la négociation") as caught:
        closed(registrar)
    assert [item.kind for item in caught.value.owed] == ["negotiation"]


def test_a_bordereau_older_than_a_change_is_to_be_sent_again(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    decided(registrar, rejecting(registrar, "C-0001"))

    with pytest.raises(NotClosed, match="remettez-en un nouveau"):
        closed(registrar)
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    closed(registrar)

    assert now(registrar).closed is not None


def test_organisations_keep_the_days_they_were_promised(registrar: Registrar) -> None:
    with pytest.raises(InputError, match="jusqu’au 29 janvier 2027"):
        record_closing(registrar, "direction", SITTING)


def test_a_closed_consultation_decides_nothing_and_is_contested_no_more(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    draft = rejecting(registrar, "C-0001")
    decided(registrar, draft)
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    closed(registrar)

    with pytest.raises(InputError, match="close"):
        decided(registrar, draft)
    with pytest.raises(InputError, match="close"):
        record_contest(registrar, "C-0001", "cfdt", "Non.", registrar.random())
