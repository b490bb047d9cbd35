"""What organisations may do, on their own contributions only, and what HR may not."""

from typing import Any

import pytest
from dialogues import (
    SITTING,
    Clock,
    applied,
    decided,
    dialogue,
    drafted,
    opened_in_memory,
    submitted,
)

from charter_builder.bordereau import bordereau_text
from charter_builder.charter import Charter
from charter_builder.errors import InputError
from charter_builder.register import BordereauSent, Choice
from charter_builder.storage.proceedings import (
    record_action_done,
    record_bordereau,
    record_bordereau_answer,
    record_closing,
    record_contest,
    record_reclassification,
    record_withdrawal,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.units import UnitChoice, UnitPoint, as_version, file_digest

NEGOTIATION = {"body": "Groupe de travail", "lead": "DRH", "due": "2027-02-15"}
ACTION = {"action": "Former.", "lead": "DRH", "due": "2027-06-30"}


@pytest.fixture
def registrar(charter: Charter) -> Registrar:
    """C-0001, a comment of the CFDT."""
    version = as_version(charter, None)
    point = UnitPoint(
        id="debut",
        question="À quelle heure ?",
        candidates=(UnitChoice(letter="A", shown="19 heures"),),
    )
    units = tuple(u.model_copy(update={"points": (point,)}) for u in version.units)
    made = opened_in_memory(version.model_copy(update={"units": units}))
    submitted(made)
    return made


def rejected(registrar: Registrar) -> None:
    draft = drafted(registrar, "C-0001", disposition="rejected", reason="Trop large.")
    decided(registrar, draft)


def contested(registrar: Registrar, **given: str) -> Any:
    fields = {"organisation": "cfdt", "reason": "Pourquoi ?", **given}
    key = fields.pop("key", registrar.random())
    return record_contest(registrar, "C-0001", key=key, **fields)


# --- contest -------------------------------------------------------------------------


def test_an_organisation_contests_a_reply_and_a_second_is_owed(
    registrar: Registrar,
) -> None:
    rejected(registrar)
    contested(registrar)

    assert dialogue(registrar).standing("C-0001").status == "contested"


def test_another_organisation_does_not_contest(registrar: Registrar) -> None:
    rejected(registrar)

    with pytest.raises(InputError, match="n’est pas de CGT Territoriaux"):
        contested(registrar, organisation="cgt")


def test_a_reply_is_contested_once_even_after_the_second(registrar: Registrar) -> None:
    rejected(registrar)
    contested(registrar)
    with pytest.raises(InputError, match="la seconde décision est attendue"):
        contested(registrar)
    rejected(registrar)

    with pytest.raises(InputError, match="la seconde réponse est définitive"):
        contested(registrar)


def test_a_contest_sent_twice_is_one_entry(registrar: Registrar) -> None:
    rejected(registrar)
    first = contested(registrar, key="a" * 32)

    assert contested(registrar, key="a" * 32) == first


@pytest.mark.parametrize(
    ("prepared", "reason", "said"),
    [
        (None, "Non.", "pas encore de réponse"),
        ({"disposition": "rejected", "reason": "Non."}, " \n ", "dites pourquoi"),
        ({"disposition": "rejected", "reason": "Non."}, "x" * 20_001, "20 001"),
        ({"disposition": "to-negotiate", **NEGOTIATION}, "Non.", "gardez ce droit"),
    ],
)
def test_a_contest_without_ground_is_refused(
    registrar: Registrar, prepared: dict[str, str] | None, reason: str, said: str
) -> None:
    if prepared:
        decided(registrar, drafted(registrar, "C-0001", **prepared))

    with pytest.raises(InputError, match=said):
        contested(registrar, reason=reason)


# --- withdrawal ----------------------------------------------------------------------


def test_a_contribution_withdrawn_stays_in_the_register(registrar: Registrar) -> None:
    record_withdrawal(registrar, "C-0001", "cfdt")

    standing = dialogue(registrar).standing("C-0001")
    assert standing.status == "withdrawn"
    assert standing.contribution.text == "Nous demandons une plage plus courte."


@pytest.mark.parametrize(
    ("organisation", "said"),
    [("cgt", "seule l’organisation qui l’a déposée"), ("cdft", "dire « cfdt »")],
)
def test_only_its_organisation_withdraws_a_contribution(
    registrar: Registrar, organisation: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        record_withdrawal(registrar, "C-0001", organisation)


def test_a_contribution_is_withdrawn_once(registrar: Registrar) -> None:
    record_withdrawal(registrar, "C-0001", "cfdt")

    with pytest.raises(InputError, match="déjà retirée"):
        record_withdrawal(registrar, "C-0001", "cfdt")


def test_what_was_answered_is_no_longer_withdrawn(registrar: Registrar) -> None:
    rejected(registrar)

    with pytest.raises(InputError, match="réponse définitive, « rejetée »"):
        record_withdrawal(registrar, "C-0001", "cfdt")


def test_what_is_being_negotiated_may_be_withdrawn(registrar: Registrar) -> None:
    decided(
        registrar,
        drafted(registrar, "C-0001", disposition="to-negotiate", **NEGOTIATION),
    )
    record_withdrawal(registrar, "C-0001", "cfdt")

    assert dialogue(registrar).standing("C-0001").is_settled


# --- another article, another kind ---------------------------------------------------


def test_a_contribution_put_elsewhere_keeps_its_words_and_its_first_place(
    registrar: Registrar,
) -> None:
    record_reclassification(registrar, "C-0001", "couts", "question", "Elle demande.")

    standing = dialogue(registrar).standing("C-0001")
    assert (standing.unit, standing.kind) == ("couts", "question")
    assert standing.contribution.target.unit == "horaires"
    assert standing.contribution.kind == "comment"


@pytest.mark.parametrize(
    ("identifier", "unit", "kind", "said"),
    [
        ("C-0001", None, None, "donnez un autre article"),
        ("C-0001", "horaires", "comment", "donnez un autre article"),
        ("C-0001", "horaire", None, "Vouliez-vous dire « horaires »"),
        ("C-0001", None, "amendment", "se reclassent l’un en l’autre"),
        ("C-0002", None, "comment", "se reclassent l’un en l’autre"),
        ("C-0003", "couts", None, "elle y reste"),
        ("C-0004", "couts", None, "n’attend pas de réponse"),
    ],
)
def test_an_amendment_or_a_choice_is_not_turned_into_something_else(
    registrar: Registrar, identifier: str, unit: str | None, kind: Any, said: str
) -> None:
    submitted(registrar, kind="amendment", proposed="Autre règle.")
    submitted(registrar, kind="choice", choice=Choice(point="debut", letter="A"))
    submitted(registrar)
    record_withdrawal(registrar, "C-0004", "cfdt")

    with pytest.raises(InputError, match=said):
        record_reclassification(registrar, identifier, unit, kind, "Erreur.")


# --- actions -------------------------------------------------------------------------


def test_a_promised_action_is_said_done_once(registrar: Registrar) -> None:
    decided(registrar, drafted(registrar, "C-0001", disposition="retained", **ACTION))
    record_action_done(registrar, "C-0001", "Formation tenue\nle 4 mai.")

    assert dialogue(registrar).standing("C-0001").done == "Formation tenue le 4 mai."
    with pytest.raises(InputError, match="déjà dite faite"):
        record_action_done(registrar, "C-0001", "Encore.")


def test_no_action_is_done_that_was_not_promised(registrar: Registrar) -> None:
    rejected(registrar)

    with pytest.raises(InputError, match="ne promet aucune action"):
        record_action_done(registrar, "C-0001", "Fait.")


def test_an_action_may_be_done_after_the_closing(registrar: Registrar) -> None:
    decided(registrar, drafted(registrar, "C-0001", disposition="retained", **ACTION))
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    clock = registrar.journal.clock
    assert isinstance(clock, Clock)
    clock.set("2027-02-02T09:00:00")
    record_closing(registrar, "direction", SITTING)
    record_action_done(registrar, "C-0001", "Formation tenue.")

    assert dialogue(registrar).standing("C-0001").status == "applied"


def test_what_was_done_does_not_carry_out_a_reply_that_promises_nothing(
    registrar: Registrar,
) -> None:
    seized = {"body": "Conseil", "due": "2027-02-15"}
    decided(
        registrar, drafted(registrar, "C-0001", disposition="out-of-scope", **seized)
    )
    record_action_done(registrar, "C-0001", "Conseil saisi.")
    contested(registrar)
    rejected(registrar)

    assert dialogue(registrar).standing("C-0001").status == "replied"


# --- bordereau -----------------------------------------------------------------------


def test_the_register_holds_the_digest_of_the_bordereau_handed_over(
    registrar: Registrar,
) -> None:
    kept: dict[int, str] = {}
    entry = record_bordereau(registrar, "cfdt", kept.__setitem__)

    assert isinstance(entry, BordereauSent)
    assert entry.digest == file_digest(kept[entry.seq])


def test_a_bordereau_that_cannot_be_written_is_not_recorded(
    registrar: Registrar,
) -> None:
    def full_disk(seq: int, text: str) -> None:
        raise InputError("disque plein")

    size = dialogue(registrar).head.size
    with pytest.raises(InputError, match="disque plein"):
        record_bordereau(registrar, "cfdt", full_disk)

    assert dialogue(registrar).head.size == size


def text_of(registrar: Registrar, organisation: str = "cfdt") -> str:
    found = dialogue(registrar)
    known = found.opened.organisation(organisation)
    assert known is not None
    return bordereau_text(found, known, registrar.versions, "2027-02-01T09:00:00Z")


def test_a_bordereau_tells_what_was_said_answered_contested_and_changed(
    registrar: Registrar,
) -> None:
    submitted(registrar, organisation="cgt", text="D’un autre.")
    rejected(registrar)
    contested(registrar)
    decided(registrar, drafted(registrar, "C-0001", disposition="retained", **ACTION))
    applied(registrar, 2, "C-0001")
    text = text_of(registrar)
    said = [
        dialogue(registrar).standing("C-0001").digest,
        "> Nous demandons une plage plus courte.",
        "**Réponse : rejetée**",
        "> Trop large.",
        "**Vous avez contesté cette réponse**",
        "> Pourquoi ?",
        "**Réponse : retenue**",
        "Ce qui sera fait : Former.",
        "- Version 2, Article 1. Les horaires : C-0001",
        "Signature :",
    ]

    places = [text.replace("\u00a0", " ").replace("\u202f", " ").find(w) for w in said]
    assert -1 not in places
    assert places == sorted(places)
    assert "D’un autre." not in text


def test_what_people_wrote_is_no_markdown_in_a_bordereau(registrar: Registrar) -> None:
    submitted(registrar, text="# Titre\n<script>x</script>\n\n- *un* [lien](u)")
    quoted = text_of(registrar).split("Votre texte :\n\n")[2].split("\n\n")[0]

    assert quoted.split("\n") == [
        "> &#35; Titre\\",
        "> &#60;script&#62;x&#60;/script&#62;",
        ">",
        "> &#45; &#42;un&#42; &#91;lien&#93;(u)",
    ]


def test_an_organisation_confirms_or_disputes_the_bordereau_it_received(
    registrar: Registrar,
) -> None:
    with pytest.raises(InputError, match="n’a pas reçu de bordereau"):
        record_bordereau_answer(registrar, "cfdt", True, None)
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    with pytest.raises(InputError, match="dites ce que CFDT Interco conteste"):
        record_bordereau_answer(registrar, "cfdt", False, " ")
    record_bordereau_answer(registrar, "cfdt", False, "Il manque C-0009.")

    answer = dialogue(registrar).bordereau_answers["cfdt"]
    assert (answer.confirms, answer.reason) == (False, "Il manque C-0009.")


def test_what_was_said_of_an_older_bordereau_is_not_said_of_the_last(
    registrar: Registrar,
) -> None:
    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    record_bordereau_answer(registrar, "cfdt", True, None)
    assert dialogue(registrar).bordereau_answer("cfdt") is not None

    record_bordereau(registrar, "cfdt", lambda seq, text: None)
    assert dialogue(registrar).bordereau_answer("cfdt") is None
