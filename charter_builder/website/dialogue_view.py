"""What the pages of a consultation show: its contributions, unit by unit and page by page."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from markupsafe import Markup, escape

from charter_builder.carrying import Carried, carried, passage_link
from charter_builder.dialogue import Dialogue, MadeDecision, Standing
from charter_builder.figures import Outcomes, outcomes
from charter_builder.register import MAX_PASSAGE, AnyEntry, Passage
from charter_builder.units import FrozenVersion, Unit, UnitPoint
from charter_builder.website.dialogue_words import anchor, outcome_bar

PER_PAGE = 25
"""Contributions on one page, at most."""
PAGE_WEIGHT = 220_000
"""Bytes of the contributions of one page, at most: a phone reads it at once."""
CARD_WEIGHT = 2_500
"""Bytes of a contribution besides its texts, about."""
ENTRIES_PER_PAGE = 250
REPLIES_PER_PAGE = 600
"""Replies named by the decisions of one page."""

FOLDER = "contributions"

T = TypeVar("T")


@dataclass(frozen=True)
class Consultation:
    """Everything these pages show."""

    dialogue: Dialogue
    versions: Sequence[FrozenVersion]
    entries: Sequence[AnyEntry]
    digests: Sequence[str]
    day: str
    """The day these pages tell: delays are counted up to it."""
    live: bool = False
    """Whether a server shows these pages: one then contributes in the page itself."""

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Every unit that was ever frozen, as its last version names it."""
        return {unit.id: unit for version in self.versions for unit in version.units}

    @cached_property
    def ordered_units(self) -> list[str]:
        """The units in reading order, those that are gone at the end."""
        last = [unit.id for unit in self.versions[-1].units] if self.versions else []
        return [*last, *(unit for unit in self.units if unit not in set(last))]

    def unit_name(self, unit: str) -> str:
        known = self.units.get(unit)
        return known.name if known else unit

    def last_version_with(self, unit: str) -> int | None:
        """Return the last version that holds a unit: a later draft may drop it."""
        return max((v.version for v in self.versions if v.unit(unit)), default=None)

    def read_text(self, standing: Standing) -> str:
        """Return the text a contribution is about, in the version its author read.

        Once put elsewhere, it is about the text of its new article.
        """
        for version in self.versions:
            if version.version == standing.contribution.target.version:
                unit = version.unit(standing.unit)
                return unit.text if unit else ""
        return ""

    @cached_property
    def standings(self) -> list[Standing]:
        return list(self.dialogue.standings.values())

    @cached_property
    def on_unit(self) -> dict[str, list[Standing]]:
        # A server builds its pages before anybody writes: every unit has one.
        found: dict[str, list[Standing]] = (
            {unit: [] for unit in self.units} if self.live else {}
        )
        for standing in self.standings:
            found.setdefault(standing.unit, []).append(standing)
        return found

    @cached_property
    def of_organisation(self) -> dict[str, list[Standing]]:
        found: dict[str, list[Standing]] = {
            o.id: [] for o in self.dialogue.opened.organisations
        }
        for standing in self.standings:
            found.setdefault(standing.contribution.organisation, []).append(standing)
        return found

    @cached_property
    def article_pages(self) -> dict[str, list[list["Group"]]]:
        """The pages of each article: groups of contributions to be read together."""
        return {
            unit: [
                [
                    Group(version, tuple(s for _, s in standings))
                    for version, standings in groupby(page, key=itemgetter(0))
                ]
                for page in _filled(
                    [(g.version, s) for g in grouped(found) for s in g.standings],
                    lambda placed: self.weight(placed[1]),
                )
            ]
            for unit, found in self.on_unit.items()
        }

    def weight(self, standing: Standing) -> int:
        """Return about how many bytes a contribution takes on a page."""
        given = standing.contribution
        total = CARD_WEIGHT + _size(given.text)
        if given.proposed and given.operation == "replace":
            # The words that move, then both texts without marks.
            total += 2 * (_size(self.read_text(standing)) + _size(given.proposed))
        elif given.proposed:
            total += _size(given.proposed)
        for said in standing.replies:
            total += 1_000 + _size(said.reply.reason)
            if said.reply.adopted_text:
                total += _size(self.read_text(standing))
                total += _size(said.reply.adopted_text)
        return total + _size(standing.contest.reason if standing.contest else None)

    @cached_property
    def pages_of(self) -> dict[str, str]:
        """The page on which each contribution is, from the folder of these pages."""
        return {
            standing.id: page_name(f"articles/{unit}", rank)
            for unit, pages in self.article_pages.items()
            for rank, groups in enumerate(pages)
            for group in groups
            for standing in group.standings
        }

    def linked(self, said: str) -> Markup:
        """Return a line where each number of a contribution is a link, never cut."""
        parts = re.split(r"\b(C-\d+)\b", said)
        return Markup("").join(
            Markup('<a class="charte-number" href="{}#{}">{}</a>').format(
                self.pages_of[part], anchor(part), part
            )
            if part in self.pages_of
            else escape(part)
            for part in parts
        )

    @cached_property
    def explained_versions(self) -> frozenset[int]:
        """The versions whose changes the register explains: those after the first."""
        return frozenset(sorted(v.version for v in self.dialogue.versions)[1:])

    @cached_property
    def total(self) -> Outcomes:
        return outcomes(self.standings, self.day)

    @cached_property
    def bar(self) -> Markup:
        return outcome_bar(self.total)

    def bar_of(self, found: Outcomes) -> Markup:
        return outcome_bar(found)

    @property
    def answered(self) -> int:
        return sum(self.total.by_disposition.values())

    @cached_property
    def active(self) -> list[str]:
        """The organisations that contributed, in the order of the settings."""
        return [name for name, found in self.of_organisation.items() if found]

    def points(self, version: int, unit: str) -> tuple[UnitPoint, ...]:
        """Return the points left à débattre in a unit, as that version had them."""
        for frozen in self.versions:
            if frozen.version == version:
                known = frozen.unit(unit)
                return known.points if known else ()
        return ()

    def excerpt(self, standing: Standing) -> str:
        """Return the first words of a contribution."""
        given = standing.contribution
        if given.text is None:
            return "Texte expurgé."
        words = " ".join((given.text or given.proposed or "").split())
        return words if len(words) <= 180 else words[:180].rsplit(" ", 1)[0] + "…"

    def carried(self, standing: Standing) -> Carried | None:
        """Return what the words a contribution is about have become since.

        Nothing while the version read is the last one.
        """
        target = standing.contribution.target
        since = [v for v in self.versions if v.version >= target.version]
        if len(since) < 2 or since[0].version != target.version:
            return None
        if since[0].unit(target.unit) is None:
            return None
        return carried(target.unit, standing.contribution.passage, since)

    def carried_link(self, found: Carried) -> str:
        """Return the address of those words, from the folder of the versions."""
        version = next(v for v in self.versions if v.version == found.version)
        if found.unit is None:
            return f"{found.version}.html"
        words = found.new[:MAX_PASSAGE] or "…"
        place = Passage(exact=words, start=found.start, end=found.end)
        unit = version.unit(found.unit)
        is_whole = unit is not None and found.end - found.start >= len(unit.text)
        return passage_link(
            f"{found.version}.html", version, found.unit, None if is_whole else place
        )

    @cached_property
    def decision_pages(self) -> list[list[MadeDecision]]:
        """The decisions, page by page."""
        pages: list[list[MadeDecision]] = [[]]
        replies = 0
        for made in self.dialogue.decisions:
            replies += 4 + len(made.decision.replies)
            if replies > REPLIES_PER_PAGE and pages[-1]:
                pages.append([])
                replies = len(made.decision.replies)
            pages[-1].append(made)
        return pages

    @cached_property
    def page_of_decision(self) -> dict[str, str]:
        """The page on which each decision is, from the folder of these pages."""
        return {
            made.decision.id: page_name("decisions", rank)
            for rank, found in enumerate(self.decision_pages)
            for made in found
        }

    def organisation_name(self, identifier: str) -> str:
        return self.dialogue.organisation_name(identifier)

    def role_title(self, identifier: str) -> str:
        return self.dialogue.role_title(identifier)


class Group(NamedTuple):
    """Contributions one reads together on the page of an article."""

    version: int | None
    """The version that amendments compete to change; nothing for the others."""
    standings: tuple[Standing, ...]


def grouped(standings: Sequence[Standing]) -> list[Group]:
    """Return competing amendments first, version by version, then the others.

    Two amendments compete when they change one text: choosing one settles the other.
    """
    rivals: dict[int, list[Standing]] = {}
    for standing in standings:
        target = standing.contribution.target
        changes = standing.kind == "amendment" and standing.status != "withdrawn"
        if changes and standing.unit == target.unit:
            rivals.setdefault(target.version, []).append(standing)
    groups = [
        Group(version, tuple(found))
        for version, found in sorted(rivals.items())
        if len(found) > 1
    ]
    together = {standing.id for group in groups for standing in group.standings}
    others = tuple(s for s in standings if s.id not in together)
    return [*groups, Group(None, others)] if others else groups


def _filled(
    items: Iterable[T], weight: Callable[[T], int], most: int = PER_PAGE
) -> list[list[T]]:
    """Return items page by page: neither too many nor too heavy together."""
    pages: list[list[T]] = [[]]
    total = 0
    for item in items:
        size = weight(item)
        if pages[-1] and (len(pages[-1]) == most or total + size > PAGE_WEIGHT):
            pages.append([])
            total = 0
        pages[-1].append(item)
        total += size
    return pages


def _size(text: str | None) -> int:
    return len(escape(text).encode()) if text else 0


def page_name(name: str, rank: int) -> str:
    """Return the file of one page of a list: `registre_2.html`."""
    return f"{numbered(name, rank)}.html"


def numbered(name: str, rank: int) -> str:
    """Return the name of one page of a list: `registre`, then `registre_2`."""
    # No identifier has this sign: « cgt-2 » may be another organisation.
    return name if rank == 0 else f"{name}_{rank + 1}"
