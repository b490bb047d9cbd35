"""A consultation in a folder: the small charter frozen, two unions, a clock of ours."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from charter_builder.consultation import ConsultationSettings, Organisation, Role
from charter_builder.contributions import Origin, Submission
from charter_builder.dialogue import Dialogue
from charter_builder.register import (
    AnyEntry,
    Body,
    Decided,
    Decision,
    Disposition,
    Opened,
    Reply,
    VersionFrozen,
    sealed,
)
from charter_builder.storage.consultation_files import consultation_text
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
