"""Where a consultation stands: its register, folded entry by entry.

Nothing here is stored: the status of a contribution is computed each time from what
was recorded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, assert_never

from charter_builder.chain import EMPTY, Head, as_data, entry_digest
from charter_builder.consultation import ConsultationSettings, due_day
from charter_builder.errors import InputError, shown
from charter_builder.register import (
    RETAINED,
    ActionDone,
    AnyEntry,
    Body,
    BordereauAnswer,
    BordereauAnswered,
    BordereauSent,
    Closed,
    Contest,
    Contested,
    Contribution,
    Decided,
    Decision,
    Kind,
    Opened,
    Reclassified,
    Recorded,
    Redacted,
    Redaction,
    Reply,
    SettingsChanged,
    UnitTrace,
    VersionApplied,
    VersionFrozen,
    Withdrawn,
)
from charter_builder.units import FrozenVersion, Unit

Status = Literal[
    "registered", "negotiating", "replied", "contested", "applied", "withdrawn"
]
STATUS_LABELS: dict[Status, str] = {
    "registered": "en attente de réponse",
    "negotiating": "à négocier",
    "replied": "répondue",
    "contested": "réponse contestée",
    "applied": "appliquée",
    "withdrawn": "retirée par l’organisation",
}


@dataclass(frozen=True, slots=True)
class GivenReply:
    """A reply, with the decision that made it official."""

    reply: Reply
    decision: Decision
    at: str
    seq: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One contribution and what became of it."""

    contribution: Contribution
    seq: int
    at: str
    digest: str
    """The digest of the entry: what its receipt says."""
    unit: str
    """Where it is now: elsewhere than its target once reclassified."""
    kind: Kind
    late: bool
    """Received after the last day."""
    response_days: int
    """How many days there are to reply."""
    clock_suspect: bool = False
    replies: tuple[GivenReply, ...] = ()
    contest: Contest | None = None
    contested_at: str | None = None
    contested_seq: int = 0
    withdrawn_at: str | None = None
    applied_in: int | None = None
    done: str | None = None
    """What was done of the action promised."""
    moved: tuple[Reclassified, ...] = ()
    changed_seq: int = 0
    """The last entry about it: what was prepared or handed over before is out of date."""

    @property
    def id(self) -> str:
        return self.contribution.id

    @property
    def due(self) -> str:
        """The day by which a reply is due."""
        return due_day(self.at, self.response_days)

    @property
    def reply(self) -> GivenReply | None:
        """The reply that holds: the last one."""
        return self.replies[-1] if self.replies else None

    @property
    def exchanges(self) -> list["GivenReply | Contest"]:
        """The replies and the contest, in the order they were recorded."""
        told: list[tuple[int, GivenReply | Contest]] = [
            (given.seq, given) for given in self.replies
        ]
        if self.contest is not None:
            told.append((self.contested_seq, self.contest))
        return [what for _, what in sorted(told, key=lambda item: item[0])]

    @property
    def is_contested(self) -> bool:
        """Whether a second decision is still owed."""
        return self.contest is not None and (
            self.reply is None or self.reply.seq < self.contested_seq
        )

    @property
    def status(self) -> Status:
        if self.withdrawn_at:
            return "withdrawn"
        if self.reply is None:
            return "registered"
        if self.is_contested:
            return "contested"
        if self.reply.reply.disposition == "to-negotiate":
            return "negotiating"
        return "applied" if self.applied_in or self.done else "replied"

    @property
    def awaits_version(self) -> bool:
        """Whether wording was promised that no version holds yet."""
        reply = self.reply
        return (
            reply is not None
            and reply.reply.disposition in RETAINED
            and self.kind in ("amendment", "choice")
            and self.applied_in is None
            and not self.is_contested
            and self.withdrawn_at is None
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is owed any more."""
        if self.status == "withdrawn":
            return True
        return self.status in ("replied", "applied") and not self.awaits_version

    @property
    def owed_by(self) -> str:
        """The day by which what is owed next is due.

        A reply, the outcome of a negotiation, or the answer to a contest.
        """
        reply = self.reply
        if self.status == "negotiating" and reply is not None:
            return reply.reply.due or self.due
        if self.status == "contested" and self.contested_at is not None:
            return due_day(self.contested_at, self.response_days)
        return self.due

    def is_overdue(self, day: str) -> bool:
        """Whether something is owed, and late on that day."""
        owes = self.status in ("registered", "negotiating", "contested")
        return owes and self.owed_by < day


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision, and when it was recorded."""

    decision: Decision
    at: str
    seq: int


def _nothing() -> Mapping[str, "Standing"]:
    return MappingProxyType({})


def contribution_number(typed: str) -> str:
    """Return « C-0042 » for « c-42 »: people copy numbers as they say them."""
    digits = typed.strip().upper().removeprefix("C").lstrip("-")
    if not digits.isdecimal() or len(digits) > 6:
        raise InputError(
            f"« {shown(typed.strip())} » n’est pas un numéro de contribution, comme "
            "C-0042."
        )
    return f"C-{int(digits):04}"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The whole consultation, as its register tells it."""

    head: Head = EMPTY
    last_at: str = ""
    settings: ConsultationSettings | None = None
    opened_at: str | None = None
    versions: tuple[VersionFrozen, ...] = ()
    traces: tuple[VersionApplied, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=_nothing)
    """By contribution id, in order of recording."""
    keys: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The entry each idempotency key gave."""
    decisions: tuple[MadeDecision, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    bordereaux: Mapping[str, tuple[int, str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By organisation, the entry and the digest of the last bordereau sent."""
    bordereau_answers: Mapping[str, BordereauAnswer] = field(
        default_factory=lambda: MappingProxyType({})
    )
    answered_seqs: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By organisation, the entry of its last answer to a bordereau."""
    closed: Body | None = None
    closed_at: str | None = None

    @property
    def opened(self) -> ConsultationSettings:
        """The settings. Raises `InputError` when no consultation is open."""
        if self.settings is None:
            raise InputError(
                "aucune concertation n’est ouverte ici. Ouvrez-la : « charter "
                "consultation open »."
            )
        return self.settings

    def organisation_name(self, identifier: str) -> str:
        """Return the name of an organisation; its id once it takes part no more."""
        known = self.opened.organisation(identifier)
        return known.name if known else identifier

    def role_title(self, identifier: str) -> str:
        """Return the title of a role; its id once it takes part no more."""
        known = self.opened.role(identifier)
        return known.title if known else identifier

    def standing(self, identifier: str) -> Standing:
        """Return one contribution, however its number is typed. Raises `InputError`."""
        found = self.standings.get(identifier)
        if found is None:
            identifier = contribution_number(identifier)
            found = self.standings.get(identifier)
        if found is None:
            raise InputError(
                f"« {identifier} » : aucune contribution ne porte ce numéro. « charter "
                "consultation list » les donne."
            )
        return found

    def on_unit(self, unit: str) -> list[Standing]:
        return [s for s in self.standings.values() if s.unit == unit]

    def of(self, organisation: str) -> list[Standing]:
        return [
            s
            for s in self.standings.values()
            if s.contribution.organisation == organisation
        ]

    def has_bordereau(self, organisation: str) -> bool:
        """Whether the last bordereau sent still says all of its contributions."""
        sent, _ = self.bordereaux.get(organisation, (0, ""))
        own = self.of(organisation)
        return sent > max((standing.changed_seq for standing in own), default=0)

    def bordereau_answer(self, organisation: str) -> BordereauAnswer | None:
        """Return what an organisation says of its last bordereau, if it did."""
        sent, _ = self.bordereaux.get(organisation, (0, ""))
        if self.answered_seqs.get(organisation, 0) < sent:
            return None
        return self.bordereau_answers.get(organisation)

    def unsettled(self) -> list[Standing]:
        return [s for s in self.standings.values() if not s.is_settled]

    def trace_of(self, version: int) -> tuple[UnitTrace, ...]:
        return tuple(
            change
            for applied in self.traces
            if applied.version == version
            for change in applied.changes
        )

    @property
    def next_contribution(self) -> str:
        return f"C-{len(self.standings) + 1:04}"

    @property
    def next_decision(self) -> str:
        return f"D-{len(self.decisions) + 1:04}"


def fold(
    entries: Iterable[AnyEntry],
    start: Dialogue | None = None,
    digests: Iterable[str] | None = None,
) -> Dialogue:
    """Return where the consultation stands after these entries.

    `digests` are those of the entries, when they are known. Raises `InputError` for an entry about something that was never recorded.
    """
    folding = _Folding(start or Dialogue())
    known = iter(digests or ())
    for entry in entries:
        folding.add(entry, next(known, None) or entry_digest(as_data(entry)))
    return folding.dialogue()


class _Folding:
    """The state while entries are added: copied once, not at each entry."""

    def __init__(self, start: Dialogue) -> None:
        self._now = start
        self._standings = dict(start.standings)
        self._keys = dict(start.keys)
        self._decisions = list(start.decisions)
        self._head = start.head
        self._last_at = start.last_at
        self._seq = start.head.size

    def dialogue(self) -> Dialogue:
        return replace(
            self._now,
            head=self._head,
            last_at=self._last_at,
            standings=MappingProxyType(self._standings),
            keys=MappingProxyType(self._keys),
            decisions=tuple(self._decisions),
        )

    def add(self, entry: AnyEntry, digest: str) -> None:
        self._seq = entry.seq
        match entry:
            case Opened() | SettingsChanged():
                self._now = replace(
                    self._now,
                    settings=entry.settings,
                    opened_at=self._now.opened_at or entry.at,
                )
            case VersionFrozen():
                self._now = replace(self._now, versions=(*self._now.versions, entry))
            case VersionApplied():
                self._apply(entry)
            case Recorded():
                self._record(entry, digest)
            case Withdrawn():
                self._change(entry.contribution, withdrawn_at=entry.at)
            case Reclassified():
                standing = self._of(entry.contribution)
                self._change(
                    entry.contribution,
                    unit=entry.unit or standing.unit,
                    kind=entry.kind or standing.kind,
                    moved=(*standing.moved, entry),
                )
            case Decided():
                self._decide(entry)
            case Contested():
                self._change(
                    entry.contest.contribution,
                    contest=entry.contest,
                    contested_at=entry.at,
                    contested_seq=entry.seq,
                )
                self._keys[entry.contest.key] = entry.seq
            case ActionDone():
                self._change(entry.contribution, done=entry.what)
            case Redacted():
                self._now = replace(
                    self._now,
                    redactions=(*self._now.redactions, entry.redaction),
                )
            case BordereauSent():
                sent = {**self._now.bordereaux}
                sent[entry.organisation] = entry.seq, entry.digest
                self._now = replace(self._now, bordereaux=MappingProxyType(sent))
            case BordereauAnswered():
                said = {**self._now.bordereau_answers}
                said[entry.answer.organisation] = entry.answer
                seqs = {**self._now.answered_seqs, entry.answer.organisation: entry.seq}
                self._now = replace(
                    self._now,
                    bordereau_answers=MappingProxyType(said),
                    answered_seqs=MappingProxyType(seqs),
                )
            case Closed():
                self._now = replace(self._now, closed=entry.body, closed_at=entry.at)
            case unknown:
                assert_never(unknown)
        self._head = Head(entry.seq, digest)
        self._last_at = entry.at

    def _of(self, identifier: str) -> Standing:
        standing = self._standings.get(identifier)
        if standing is None:
            raise InputError(
                f"le registre parle de la contribution {identifier}, qui n’y est pas."
            )
        return standing

    def _change(self, identifier: str, **changes: object) -> None:
        standing = self._of(identifier)
        self._standings[identifier] = replace(
            standing,
            changed_seq=self._seq,
            **changes,  # type: ignore[arg-type]
        )

    def _record(self, entry: Recorded, digest: str) -> None:
        given = entry.contribution
        settings = self._now.settings
        if settings is None or given.id in self._standings:
            raise InputError(
                f"l’entrée {entry.seq} enregistre {given.id} hors d’une concertation, ou "
                "une seconde fois."
            )
        received = given.received_at or entry.at
        self._standings[given.id] = Standing(
            contribution=given,
            seq=entry.seq,
            at=entry.at,
            digest=digest,
            unit=given.target.unit,
            kind=given.kind,
            late=received >= settings.deadline,
            response_days=settings.response_days,
            clock_suspect=bool(entry.clock_suspect),
            changed_seq=entry.seq,
        )
        self._keys[given.key] = entry.seq

    def _decide(self, entry: Decided) -> None:
        self._decisions.append(MadeDecision(entry.decision, entry.at, entry.seq))
        for reply in entry.decision.replies:
            standing = self._of(reply.contribution)
            given = GivenReply(reply, entry.decision, entry.at, entry.seq)
            before = standing.reply.reply if standing.reply else None
            # Another wording, or another action, is still to be carried out.
            same_words = before and _words_of(before) == _words_of(reply)
            same_action = before and _promise_of(before) == _promise_of(reply)
            self._change(
                reply.contribution,
                replies=(*standing.replies, given),
                applied_in=standing.applied_in if same_words else None,
                done=standing.done if same_action else None,
            )

    def _apply(self, entry: VersionApplied) -> None:
        self._now = replace(self._now, traces=(*self._now.traces, entry))
        for change in entry.changes:
            for identifier in change.contributions:
                self._change(identifier, applied_in=entry.version)


def _promise_of(reply: Reply) -> tuple[bool, str | None, str | None]:
    # To seize a body is a promise too, whether or not an action is named.
    return reply.disposition == "out-of-scope", reply.action, reply.body


def _words_of(reply: Reply) -> tuple[bool, str | None]:
    # A choice retained has no wording of its own: only that it is retained counts.
    is_retained = reply.disposition in RETAINED
    return is_retained, reply.adopted_text


def unit_of(standing: Standing, versions: Mapping[int, FrozenVersion]) -> Unit | None:
    """Return the text a contribution is about, in the version its author read."""
    version = versions.get(standing.contribution.target.version)
    return version.unit(standing.unit) if version else None


def organisation_name(standing: Standing, dialogue: Dialogue) -> str:
    """Return the name of who wrote a contribution."""
    return dialogue.organisation_name(standing.contribution.organisation)
