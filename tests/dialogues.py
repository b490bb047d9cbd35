"""A consultation in a folder: the small charter frozen, two unions, a clock of ours."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from charter_builder.chain import sealed
from charter_builder.consultation import (
    ConsultationSettings,
    Organisation,
    Role,
    moment,
)
from charter_builder.contributions import Origin, Submission
from charter_builder.decisions import Sitting
from charter_builder.dialogue import Dialogue, fold
from charter_builder.redaction import TextPlace
from charter_builder.register import (
    AnyEntry,
    Body,
    Decided,
    Decision,
    Disposition,
    Ground,
    Opened,
    Reply,
    UnitTrace,
    VersionApplied,
    VersionFrozen,
)
from charter_builder.replies import (
    Draft,
    Project,
    SavedDraft,
    checked,
)
from charter_builder.storage.consultation_files import consultation_text
from charter_builder.storage.proceedings import record_decision, record_redaction
from charter_builder.storage.register_files import Journal, Stamp
from charter_builder.storage.registrar import Outcome, Registrar
from charter_builder.storage.version_files import load_versions
from charter_builder.units import FrozenVersion

SETTINGS = ConsultationSettings(
    id="essai-2027",
    title="Charte des horaires",
    opens="2027-01-04",
    closes="2027-01-29",
    response_days=15,
    organisations=(
        Organisation(id="cfdt", name="CFDT Interco"),
        Organisation(id="cgt", name="CGT Territoriaux"),
        Organisation(id="fo", name="FO", until="2027-01-10"),
    ),
    roles=(
        Role(id="redaction", title="Chargée de mission"),
        Role(id="direction", title="Direction générale"),
    ),
)


class Clock:
    """A clock that moves when told: a minute at each look, unless set."""

    def __init__(self, start: str = "2027-01-05T09:00:00") -> None:
        self.at = datetime.fromisoformat(start).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def set(self, at: str) -> None:
        self.at = datetime.fromisoformat(at).replace(tzinfo=UTC)

    def set_after(self, day: str) -> None:
        """Go to the evening of a day, unless it is past."""
        self.at = max(self.at, datetime.fromisoformat(f"{day}T17:00:00+00:00"))


def counting() -> Callable[[], str]:
    """Return a source of keys and salts: numbers, one after the other."""

    def values() -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"{number:032x}"

    source = values()
    return lambda: next(source)


def opened(
    folder: Path,
    version: FrozenVersion,
    settings: ConsultationSettings = SETTINGS,
    clock: Clock | None = None,
) -> Registrar:
    """Open a consultation on a version; return who records in it."""
    journal = Journal(folder / "register", folder / "memory.json", clock or Clock())
    journal.append(lambda _, stamp: Opened(**stamp._asdict(), settings=settings))
    journal.append(
        lambda _, stamp: VersionFrozen(
            **stamp._asdict(), version=version.version, digest=version.digest
        )
    )
    return Registrar(journal, {version.version: version}, counting())


def submitted(registrar: Registrar, **given: object) -> Outcome:
    """Record a contribution; anything not given is ordinary."""
    organisation = str(given.pop("organisation", "cfdt"))
    fields = {
        "key": registrar.random(),
        "version": 1,
        "unit": "horaires",
        "text": "Nous demandons une plage plus courte.",
        **given,
    }
    submission = Submission.model_validate(fields)
    return registrar.record(submission, Origin(organisation, "file"))


def dialogue(registrar: Registrar) -> Dialogue:
    return registrar.journal.refresh()


# --- replies -------------------------------------------------------------------------

SITTING = Sitting("Groupe de travail", "2027-01-12", ("redaction", "direction"))


class MemoryJournal:
    """A register kept in memory: what `Journal` does, without a disk."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.entries: list[AnyEntry] = []
        self.dialogue = Dialogue()

    def refresh(self) -> Dialogue:
        return self.dialogue

    def append(self, make: Callable[[Dialogue, Stamp], AnyEntry]) -> AnyEntry:
        before = self.dialogue
        stamp = Stamp(
            before.head.size + 1, before.head.digest, moment(self.clock()), None
        )
        entry = make(before, stamp)
        if entry.seq == stamp.seq:
            self.entries.append(entry)
            self.dialogue = fold([entry], before)
        return entry


def opened_in_memory(version: FrozenVersion, clock: Clock | None = None) -> Registrar:
    """Open a consultation on a version, without a disk."""
    journal = MemoryJournal(clock)
    journal.append(lambda _, stamp: Opened(**stamp._asdict(), settings=SETTINGS))
    return Registrar(cast(Journal, journal), {version.version: version}, counting())


def anything_goes(unit: str) -> bool:
    """Stand for a library whose charters may do without any article."""
    return True


def project(
    registrar: Registrar, may_go: Callable[[str], bool] = anything_goes
) -> Project:
    return Project(registrar.versions, may_go)


def drafted(
    registrar: Registrar, identifier: str, role: str = "redaction", **fields: str
) -> SavedDraft:
    """Return a checked draft as the private store would give it back."""
    now = dialogue(registrar)
    draft = Draft.model_validate({"contribution": identifier, **fields})
    ready = checked(draft, now, "2027-01-05", project(registrar))
    return SavedDraft(ready, role, now.standing(identifier).changed_seq, 1, "")


def decided(
    registrar: Registrar,
    *drafts: SavedDraft,
    sitting: Sitting = SITTING,
    may_go: Callable[[str], bool] = anything_goes,
) -> Decided:
    """Record a decision of the direction on these drafts, on the day after it sat."""
    clock = registrar.journal.clock
    if isinstance(clock, Clock):
        clock.set_after(sitting.date)
    return record_decision(registrar, drafts, "direction", sitting, may_go)


def applied(registrar: Registrar, version: int, *contributions: str) -> None:
    """Record that a version holds the wording of these contributions."""
    changes = (UnitTrace(unit="horaires", contributions=contributions),)
    registrar.journal.append(
        lambda _, stamp: VersionApplied(
            **stamp._asdict(), version=version, changes=changes
        )
    )


def replied(
    registrar: Registrar,
    contribution: str,
    disposition: Disposition,
    adopted: str | None = None,
    reason: str = "Motif de la réponse.",
) -> None:
    """Record an official reply, alone in its decision."""
    sealed_texts = sealed("reason", reason, registrar.random())
    if adopted is not None:
        sealed_texts |= sealed("adopted_text", adopted, registrar.random())
    reply = Reply.model_validate(
        {"contribution": contribution, "disposition": disposition, **sealed_texts}
    )

    def make(now: Dialogue, stamp: Stamp) -> AnyEntry:
        decision = Decision(
            id=f"D-{len(now.decisions) + 1:04}",
            body=Body(
                name="Groupe de travail",
                date="2027-01-12",
                roles=("Direction générale", "Ressources humaines"),
            ),
            drafted_by="redaction",
            validated_by="direction",
            replies=(reply,),
        )
        return Decided(**stamp._asdict(), decision=decision)

    registrar.journal.append(make)


def opened_town(town: Path) -> Registrar:
    """Open a consultation on the last version of a workspace."""
    version = load_versions(town)[-1]
    path = town / "consultation" / "consultation.yml"
    path.parent.mkdir()
    path.write_text(consultation_text(SETTINGS), encoding="utf-8")
    return opened(town / "consultation", version)


def redacted(registrar: Registrar, entry: int, field: str, ground: Ground) -> None:
    """Erase a whole text of an entry."""
    roles = ("redaction", "direction")
    record_redaction(registrar, TextPlace(entry, field), (), ground, roles)
