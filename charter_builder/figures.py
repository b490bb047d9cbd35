"""The figures of a consultation: how many, with what outcome, how fast."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from types import MappingProxyType

from charter_builder.consultation import instant
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.register import Disposition, Kind, Stance
from charter_builder.typography import fold

NOTHING: Mapping[str, str] = MappingProxyType({})

MAX_SAME_REASON = 3
"""Rejections that may give one reason, word for word; beyond, the page says so."""


@dataclass(frozen=True)
class Outcomes:
    """What became of some contributions."""

    total: int
    by_disposition: Counter[Disposition]
    by_kind: Counter[Kind]
    waiting: int
    """Without a reply yet."""
    contested: int
    withdrawn: int
    overdue: int
    late: int
    """Received after the last day."""
    median_days: float | None
    """Half of the replies took that many days or fewer."""


def outcomes(standings: Iterable[Standing], day: str) -> Outcomes:
    """Return the figures of some contributions, as of a day."""
    found = list(standings)
    kept = [standing for standing in found if standing.status != "withdrawn"]
    waits = [
        (instant(s.replies[0].at) - instant(s.at)) / timedelta(days=1)
        for s in kept
        if s.replies
    ]
    return Outcomes(
        total=len(found),
        by_disposition=Counter(s.reply.reply.disposition for s in kept if s.reply),
        by_kind=Counter(s.kind for s in found),
        waiting=sum(s.status == "registered" for s in kept),
        contested=sum(s.status == "contested" for s in kept),
        withdrawn=len(found) - len(kept),
        overdue=sum(s.is_overdue(day) for s in kept),
        late=sum(s.late for s in found),
        median_days=round(median(waits), 1) if waits else None,
    )


@dataclass(frozen=True)
class Position:
    """What one organisation says of one article, and what came of it."""

    stance: Stance | None
    """The last opinion given, if any."""
    contributions: tuple[Standing, ...]


def position(standings: Sequence[Standing]) -> Position:
    """Return the position that some contributions of one organisation make."""
    said = [s for s in standings if s.status != "withdrawn"]
    stances = [s.contribution.stance for s in said if s.contribution.stance]
    return Position(stances[-1] if stances else None, tuple(said))


def positions(
    dialogue: Dialogue,
) -> dict[str, dict[str, Position]]:
    """Return, by unit then organisation, the positions taken."""
    rows: dict[str, dict[str, list[Standing]]] = {}
    for standing in dialogue.standings.values():
        if standing.status == "withdrawn":
            continue
        row = rows.setdefault(standing.unit, {})
        row.setdefault(standing.contribution.organisation, []).append(standing)
    return {
        unit: {organisation: position(found) for organisation, found in row.items()}
        for unit, row in rows.items()
    }


def repeated_reasons(
    dialogue: Dialogue, besides: Mapping[str, str] = NOTHING
) -> dict[str, list[str]]:
    """Return the reasons that rejected too many contributions, with these.

    A reason is to answer what was said: one that serves for all answers none. Case,
    accents, spaces and full stops do not make another one. `besides` holds reasons that
    are about to reject contributions, by contribution.
    """
    given = {
        standing.id: reply.reply.reason
        for standing in dialogue.standings.values()
        if (reply := standing.reply) and reply.reply.disposition == "rejected"
    }
    uses: dict[str, list[tuple[str, str]]] = {}
    for identifier, reason in {**given, **besides}.items():
        said = " ".join(fold(reason or "").split()).rstrip(" .!")
        if reason and said:
            uses.setdefault(said, []).append((identifier, reason))
    return {
        same[0][1]: [identifier for identifier, _ in same]
        for same in uses.values()
        if len(same) > MAX_SAME_REASON
    }
