"""Any sequence of what people may do: it folds, and it closes when nothing is owed.

A model of a few lines says, apart from the code, what is allowed and what is owed.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dialogues import Clock, anything_goes, opened_in_memory, project, submitted
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from charter_builder.assembly import assemble
from charter_builder.closing import NotClosed, closing, owed
from charter_builder.consultation import day_of
from charter_builder.decisions import Sitting
from charter_builder.dialogue import fold
from charter_builder.errors import InputError
from charter_builder.interview import take_proposed
from charter_builder.questionnaire import Answers
from charter_builder.register import UnitTrace, VersionApplied
from charter_builder.replies import Draft, SavedDraft, checked
from charter_builder.storage.library_files import load_library
from charter_builder.storage.proceedings import (
    record_bordereau,
    record_contest,
    record_decision,
    record_reclassification,
    record_withdrawal,
)
from charter_builder.units import FrozenVersion, as_version

TODAY = Sitting("Groupe de travail", "2027-01-12", ("redaction", "direction"))
LATER = "2027-02-01T20:00:00Z"
DUE = "2027-06-30"
FOLLOWED = ("retained", "partly-retained", "explained")


@cache
def version() -> FrozenVersion:
    library = load_library(Path(__file__).parent / "small")
    started = Answers(act_date="2027-03-01", profile="court", values={"nom": "Ici"})
    return as_version(assemble(library, take_proposed(library, started)), None)


@dataclass
class Model:
    """What one contribution is, as a reader of the guide would keep it."""

    organisation: str
    kind: str
    withdrawn: bool = False
    disposition: str = ""
    because_of: str = ""
    contested: bool = False
    contests: int = 0
    applied: bool = False


FIELDS: dict[str, dict[str, str]] = {
    "rejected": {"reason": "Trop large."},
    "to-negotiate": {"body": "Groupe", "lead": "DRH", "due": DUE},
    "explained": {"reason": "Voici."},
    "out-of-scope": {"body": "Service juridique", "due": DUE},
}
ACTION = {"action": "Former.", "lead": "DRH", "due": DUE}


def _other(organisation: str) -> str:
    return "cgt" if organisation == "cfdt" else "cfdt"


class Consultation(RuleBasedStateMachine):
    """Two organisations, an employer, and a register that only grows."""

    contributions = Bundle("contributions")

    @initialize()
    def open(self) -> None:
        self.registrar = opened_in_memory(version(), Clock("2027-01-12T08:00:00"))
        self.models: dict[str, Model] = {}
        self.handed_over: set[str] = set()
        self.versions = 1

    # --- what people do --------------------------------------------------------------

    # Few, so that they meet: one is often moot because of another.
    @precondition(lambda self: len(self.models) < 3)
    @rule(
        target=contributions,
        organisation=st.sampled_from(["cfdt", "cgt"]),
        kind=st.sampled_from(["comment", "question", "amendment"]),
    )
    def submit(self, organisation: str, kind: str) -> str:
        proposed = {"proposed": "Nul n’est joint."} if kind == "amendment" else {}
        outcome = submitted(
            self.registrar, organisation=organisation, kind=kind, **proposed
        )
        self.models[outcome.standing.id] = Model(organisation, kind)
        self._touched(outcome.standing.id)
        return outcome.standing.id

    @rule(
        number=contributions,
        other=contributions,
        disposition=st.sampled_from([*FIELDS, "retained", "partly-retained", "moot"]),
        own=st.sampled_from([*[False] * 9, True]),
    )
    def decide(self, number: str, other: str, disposition: str, own: bool) -> None:
        model = self.models[number]
        is_allowed = (
            not own
            and self._awaits(number)
            and (disposition != "explained" or model.kind == "question")
            and (
                disposition != "moot"
                or (number != other and self._is_followed(other, strictly=True))
            )
        )
        if self._done(
            is_allowed, lambda: self._decide(number, other, disposition, own)
        ):
            model.disposition, model.contested = disposition, False
            model.because_of = other if disposition == "moot" else ""
            model.applied = False
            self._touched(number)

    def _decide(self, number: str, other: str, disposition: str, own: bool) -> None:
        kind = self.models[number].kind
        fields = dict(FIELDS.get(disposition, {}))
        if disposition == "moot":
            fields["satisfied_by"] = other
        if disposition in ("retained", "partly-retained") and kind != "amendment":
            fields |= ACTION
        if disposition == "partly-retained":
            fields |= {"reason": "Le reste est trop large."}
            if kind == "amendment":
                # Another wording each time: it is to be applied each time.
                size = self.registrar.journal.dialogue.head.size
                fields["adopted_text"] = f"Nul n’est joint, sauf urgence {size}."
        if disposition == "retained" and kind == "amendment":
            fields["adopted_text"] = "Nul n’est joint !" + str(
                self.registrar.journal.dialogue.head.size
            )
            fields["reason"] = "Réunie avec une autre."
        draft = Draft.model_validate(
            {"contribution": number, "disposition": disposition, **fields}
        )
        now = self.registrar.journal.refresh()
        ready = checked(draft, now, "2027-01-12", project(self.registrar))
        role = "direction" if own else "redaction"
        saved = SavedDraft(ready, role, now.standing(number).changed_seq, 1, "")
        record_decision(self.registrar, [saved], "direction", TODAY, anything_goes)

    @rule(number=contributions, by_its_own=st.sampled_from([True, True, True, False]))
    def contest(self, number: str, by_its_own: bool) -> None:
        model = self.models[number]
        organisation = model.organisation if by_its_own else _other(model.organisation)
        is_allowed = (
            organisation == model.organisation
            and not model.withdrawn
            and not model.contests
            and model.disposition not in ("", "to-negotiate")
        )
        key = self.registrar.random()
        if self._done(
            is_allowed,
            lambda: record_contest(self.registrar, number, organisation, "Non.", key),
        ):
            model.contested = True
            model.contests = 1
            self._touched(number)

    @rule(number=contributions, by_its_own=st.booleans())
    def withdraw(self, number: str, by_its_own: bool) -> None:
        model = self.models[number]
        organisation = model.organisation if by_its_own else _other(model.organisation)
        is_allowed = organisation == model.organisation and self._awaits(number)
        if self._done(
            is_allowed, lambda: record_withdrawal(self.registrar, number, organisation)
        ):
            model.withdrawn = True
            self._touched(number)

    @rule(number=contributions, kind=st.sampled_from(["comment", "question"]))
    def reclassify(self, number: str, kind: str) -> None:
        model = self.models[number]
        is_allowed = (
            self._awaits(number)
            and model.kind in ("comment", "question")
            and kind != model.kind
        )
        if self._done(
            is_allowed,
            lambda: record_reclassification(
                self.registrar,
                number,
                None,
                kind,  # type: ignore[arg-type]
                "Erreur.",
            ),
        ):
            model.kind = kind
            self._touched(number)

    @rule(number=contributions)
    def apply(self, number: str) -> None:
        self.versions += 1
        changes = (UnitTrace(unit="horaires", contributions=(number,)),)
        self.registrar.journal.append(
            lambda _, stamp: VersionApplied(
                **stamp._asdict(), version=self.versions, changes=changes
            )
        )
        self.models[number].applied = True
        self._touched(number)

    @rule(organisation=st.sampled_from(["cfdt", "cgt"]))
    def hand_over(self, organisation: str) -> None:
        record_bordereau(self.registrar, organisation, lambda seq, text: None)
        self.handed_over.add(organisation)

    # --- what the model says ---------------------------------------------------------

    def _touched(self, number: str) -> None:
        self.handed_over.discard(self.models[number].organisation)

    def _is_followed(self, number: str, strictly: bool = False) -> bool:
        model = self.models[number]
        pending = strictly and model.contested
        return model.disposition in FOLLOWED and not model.withdrawn and not pending

    def _awaits(self, number: str) -> bool:
        model = self.models[number]
        return not model.withdrawn and (
            model.disposition in ("", "to-negotiate")
            or model.contested
            or (bool(model.because_of) and not self._is_followed(model.because_of))
        )

    def _owes(self, number: str) -> bool:
        model = self.models[number]
        is_promised = model.kind == "amendment" and model.disposition in (
            "retained",
            "partly-retained",
        )
        return not model.withdrawn and (
            self._awaits(number) or (is_promised and not model.applied)
        )

    def _done(self, is_allowed: bool, act: "object") -> bool:
        """Do something; what is not allowed is refused and leaves no entry."""
        assert callable(act)
        size = self.registrar.journal.dialogue.head.size
        try:
            act()
        except InputError:
            assert not is_allowed
            assert self.registrar.journal.dialogue.head.size == size
            return False
        assert is_allowed
        return True

    # --- what always holds -----------------------------------------------------------

    @invariant()
    def the_register_folds_as_it_was_written(self) -> None:
        journal = self.registrar.journal
        assert fold(journal.entries) == journal.dialogue

    @invariant()
    def it_closes_when_nothing_is_owed_and_only_then(self) -> None:
        late = {n for n in self.models if self._owes(n)}
        writers = {model.organisation for model in self.models.values()}
        expected = late | (writers - self.handed_over)
        now = self.registrar.journal.dialogue

        assert {item.subject for item in owed(now)} == expected
        try:
            body = closing(now, "direction", TODAY, LATER)
        except NotClosed:
            assert expected
        else:
            assert not expected
            assert body.date <= day_of(LATER)


TestConsultation = Consultation.TestCase
TestConsultation.settings = settings(stateful_step_count=40)
