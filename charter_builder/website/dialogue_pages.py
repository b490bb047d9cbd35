"""The consultation as pages: shells in Markdown, and what people typed as fragments.

A shell holds a title and a place; the fragment, every text escaped by the template,
enters the page once it is built (`finish.inserted`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from charter_builder import french
from charter_builder.carrying import STATE_LABELS, Carried, carried, passage_link
from charter_builder.consultation import COLLEGE_LABELS, VISIBILITY_LABELS, day_of
from charter_builder.dialogue import STATUS_LABELS, Dialogue, MadeDecision, Standing
from charter_builder.figures import (
    Outcomes,
    Position,
    outcomes,
    positions,
    repeated_reasons,
)
from charter_builder.receipts import told
from charter_builder.register import (
    CHANNEL_LABELS,
    DISPOSITION_LABELS,
    ENTRY_LABELS,
    GROUND_LABELS,
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    AnyEntry,
    Disposition,
    Passage,
    clean_text,
)
from charter_builder.typography import NBSP, polish
from charter_builder.units import FrozenVersion, Unit, UnitPoint
from charter_builder.website.finish import Inserts, place_of
from charter_builder.website.versions import changed_html
from charter_builder.worddiff import compare_words

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
            standing.id: _page_name(f"articles/{unit}", rank)
            for unit, pages in self.article_pages.items()
            for rank, groups in enumerate(pages)
            for group in groups
            for standing in group.standings
        }

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
        place = Passage(
            exact=found.new[:2_000] or "…", start=found.start, end=found.end
        )
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
            made.decision.id: _page_name("decisions", rank)
            for rank, found in enumerate(self.decision_pages)
            for made in found
        }

    def organisation_name(self, identifier: str) -> str:
        known = self.dialogue.opened.organisation(identifier)
        return known.name if known else identifier

    def role_title(self, identifier: str) -> str:
        known = self.dialogue.opened.role(identifier)
        return known.title if known else identifier


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


def _page_name(name: str, rank: int) -> str:
    return f"{_numbered(name, rank)}.html"


# --- shells --------------------------------------------------------------------------


def shells(consultation: Consultation) -> dict[str, str]:
    """Return the Markdown pages of the consultation, by path, each with its place."""
    pages = {
        f"{FOLDER}/{name}.md": _shell(title, name)
        for name, title in _fixed_pages().items()
    }
    for name, title in _paged(consultation):
        pages[f"{FOLDER}/{name}.md"] = _shell(title, name)
    return pages


def _fixed_pages() -> dict[str, str]:
    return {
        "positions": "Positions des organisations",
        "statistiques": "Statistiques",
    }


def _paged(consultation: Consultation) -> Iterator[tuple[str, str]]:
    """Yield the name and the title of each page whose number depends on the register."""
    for rank in range(_count(consultation.standings, PER_PAGE)):
        yield _numbered("registre", rank), _titled("Registre des contributions", rank)
    for rank in range(_count(consultation.entries, ENTRIES_PER_PAGE)):
        yield _numbered("journal", rank), _titled("Journal du registre", rank)
    for rank in range(len(consultation.decision_pages)):
        yield _numbered("decisions", rank), _titled("Décisions", rank)
    for unit, pages in consultation.article_pages.items():
        for rank in range(len(pages)):
            title = f"Contributions : {consultation.unit_name(unit)}"
            yield _numbered(f"articles/{unit}", rank), _titled(title, rank)
    for organisation, found in consultation.of_organisation.items():
        for rank in range(_count(found, 2 * PER_PAGE)):
            name = consultation.organisation_name(organisation)
            title = f"Contributions de {name}"
            yield _numbered(f"organisations/{organisation}", rank), _titled(title, rank)


def _count(items: Sequence[object], size: int) -> int:
    return max(1, -(-len(items) // size))


def _numbered(name: str, rank: int) -> str:
    # No identifier has this sign: « cgt-2 » may be another organisation.
    return name if rank == 0 else f"{name}_{rank + 1}"


def _titled(title: str, rank: int) -> str:
    return title if rank == 0 else f"{title}, page {rank + 1}"


def _shell(title: str, name: str) -> str:
    # A name comes from a settings file: quotes and brackets must not reach YAML.
    said = re.sub(r'[\\"<>&{}`\[\]*_]', " ", polish(title))
    return (
        f'---\ntitle: "{said}"\nhide: [toc]\nsearch: {{exclude: true}}\n---\n'
        f"# {said}\n\n{place_of(name)}\n"
    )


def navigation(consultation: Consultation) -> list[Any]:
    """Return the pages the menu shows: one per subject, one per organisation."""
    organisations = [
        {consultation.organisation_name(name): f"{FOLDER}/organisations/{name}.md"}
        for name in consultation.of_organisation
    ]
    return [
        f"{FOLDER}/index.md",
        {"Registre": f"{FOLDER}/registre.md"},
        {"Positions": f"{FOLDER}/positions.md"},
        {"Statistiques": f"{FOLDER}/statistiques.md"},
        {"Décisions": f"{FOLDER}/decisions.md"},
        *organisations,
    ]


# --- fragments -----------------------------------------------------------------------


def inserts(consultation: Consultation) -> Inserts:
    """Return everything people typed, ready to enter the pages."""
    return Inserts(
        fragments(consultation),
        tuple(search_entries(consultation)),
    )


class Fragments(Mapping[str, str]):
    """Fragments by the name of their place, each made when it is asked for.

    A server that shows one page makes one.
    """

    def __init__(self, makers: Mapping[str, Callable[[], str]]) -> None:
        self._makers = makers
        self._made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def fragments(consultation: Consultation) -> Fragments:
    """Return the fragment of every place, by name."""
    return Fragments(dict(_makers(consultation)))


Maker = tuple[str, Callable[[], str]]


def _makers(consultation: Consultation) -> Iterator[Maker]:
    render = partial(partial, _render, consultation)
    yield "accueil", render("accueil", base=f"{FOLDER}/")
    yield "etat", render("etat", base="")
    for rank, made in enumerate(consultation.decision_pages):
        count = len(consultation.decision_pages)
        links = [_page_name("decisions", other) for other in range(count)]
        yield (
            _numbered("decisions", rank),
            render("decisions", base="", decisions=made, rank=rank, pages=links),
        )
    yield "positions", partial(_positions, consultation)
    yield "statistiques", partial(_statistics, consultation)
    yield from _list_pages(
        consultation, "registre", "registre", consultation.standings, ""
    )
    yield from _journal(consultation)
    for unit, pages in consultation.article_pages.items():
        for rank, groups in enumerate(pages):
            yield (
                _numbered(f"articles/{unit}", rank),
                render(
                    "article",
                    base="../",
                    unit=unit,
                    groups=groups,
                    rank=rank,
                    pages=[_page_name(unit, other) for other in range(len(pages))],
                ),
            )
    for unit in consultation.units:
        yield (
            f"article-{unit}",
            render(
                "mention",
                base=f"../{FOLDER}/",
                unit=unit,
                standings=consultation.on_unit.get(unit, []),
            ),
        )
    for organisation, standings in consultation.of_organisation.items():
        yield from _list_pages(
            consultation,
            f"organisations/{organisation}",
            "organisation",
            standings,
            "../",
            size=2 * PER_PAGE,
            organisation=consultation.dialogue.opened.organisation(organisation),
            every=standings,
            outcomes=outcomes(standings, consultation.day),
        )
    yield from _origins(consultation)


def _list_pages(
    consultation: Consultation,
    name: str,
    template: str,
    standings: Sequence[Standing],
    base: str,
    size: int = PER_PAGE,
    **values: object,
) -> Iterator[Maker]:
    count = _count(standings, size)
    file = name.rpartition("/")[2]
    for rank in range(count):
        yield (
            _numbered(name, rank),
            partial(
                _render,
                consultation,
                template,
                base=base,
                standings=standings[rank * size : (rank + 1) * size],
                rank=rank,
                pages=[_page_name(file, other) for other in range(count)],
                **values,
            ),
        )


def _journal(consultation: Consultation) -> Iterator[Maker]:
    rows = list(zip(consultation.entries, consultation.digests, strict=True))
    count = _count(rows, ENTRIES_PER_PAGE)
    for rank in range(count):
        yield (
            _numbered("journal", rank),
            partial(
                _render,
                consultation,
                "journal",
                base="",
                rows=rows[rank * ENTRIES_PER_PAGE : (rank + 1) * ENTRIES_PER_PAGE],
                rank=rank,
                pages=[_page_name("journal", other) for other in range(count)],
            ),
        )


def _origins(consultation: Consultation) -> Iterator[Maker]:
    """Yield, for each text of a version the register explains, whom it comes from."""
    for version in consultation.explained_versions:
        traces = {
            trace.unit: trace for trace in consultation.dialogue.trace_of(version)
        }
        for unit in consultation.units:
            yield (
                origin_place(version, unit),
                partial(
                    _render,
                    consultation,
                    "origine",
                    base=f"../{FOLDER}/",
                    trace=traces.get(unit),
                ),
            )


def origin_place(version: int, unit: str) -> str:
    """Return the place where a version says why a text changed."""
    return f"origine-{version}/{unit}"


def _positions(consultation: Consultation) -> str:
    return _render(
        consultation, "positions", base="", rows=positions(consultation.dialogue)
    )


def _statistics(consultation: Consultation) -> str:
    rows = {
        organisation: outcomes(standings, consultation.day)
        for organisation, standings in consultation.of_organisation.items()
    }
    total = outcomes(consultation.standings, consultation.day)
    return _render(
        consultation,
        "statistiques",
        base="",
        rows=rows,
        total=total,
        bars={name: outcome_bar(found) for name, found in rows.items()},
        bar=outcome_bar(total),
        repeated=repeated_reasons(consultation.dialogue),
    )


def search_entries(consultation: Consultation) -> Iterator[dict[str, str]]:
    """Yield what the search index says of the contributions.

    The theme finds a part of a page only when it knows the page.
    """
    for unit, pages in consultation.article_pages.items():
        name = consultation.unit_name(unit)
        title = str(escape(polish(f"Contributions : {name}")))
        for rank, groups in enumerate(pages):
            page = _page_name(f"{FOLDER}/articles/{unit}", rank)
            if groups:
                yield {"location": page, "title": title, "text": ""}
    for standing in consultation.standings:
        given = standing.contribution
        reply = standing.reply
        answer = reply.reply.reason if reply else None
        said = [given.text, given.proposed, answer]
        author = consultation.organisation_name(given.organisation)
        page = consultation.pages_of[standing.id]
        yield {
            "location": f"{FOLDER}/{page}#{anchor(standing.id)}",
            "title": str(
                escape(f"{standing.id} — {author}, {KIND_LABELS[standing.kind]}")
            ),
            # The theme prints these as HTML.
            "text": str(escape(" ".join(filter(None, said)))),
        }


# --- what templates call -------------------------------------------------------------


def anchor(identifier: str) -> str:
    """Return the anchor of a contribution or a decision: `c-0042`."""
    return identifier.lower()


def paragraphs(text: str | None) -> Markup:
    """Return what people typed as paragraphs, escaped."""
    blocks = [block for block in (text or "").split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(map(escape, block.split("\n"))))
        for block in blocks
    )


@lru_cache(maxsize=4_096)
def difference(before: str, after: str) -> Markup:
    """Return what changes from one text to another, marked and said."""
    # `changed_html` escapes the words: what comes back is HTML.
    return Markup(changed_html(compare_words(before, after)))


_ORDER: tuple[Disposition, ...] = (
    "retained",
    "partly-retained",
    "explained",
    "to-negotiate",
    "moot",
    "out-of-scope",
    "rejected",
)


AROUND = 2
"""Pages named on each side of the one shown; then the first and the last."""


def page_links(pages: Sequence[str], rank: int) -> list[tuple[int, str] | None]:
    """Return the pages to link to, by number and name; nothing where some are left out."""
    last = len(pages) - 1
    near = {0, last, *range(max(0, rank - AROUND), min(last, rank + AROUND) + 1)}
    links: list[tuple[int, str] | None] = []
    for number in sorted(near):
        before = links[-1] if links else None
        if before is not None and number > before[0]:
            # One page alone takes no more room than the sign that it is left out.
            links.append(
                (number, pages[number - 1]) if number == before[0] + 1 else None
            )
        links.append((number + 1, pages[number]))
    return links


SHORT_OUTCOMES: dict[str, str] = {
    "retained": "ret.",
    "partly-retained": "part.",
    "rejected": "rej.",
    "negotiating": "nég.",
    "explained": "expl.",
    "moot": "obj.",
    "out-of-scope": "hors",
    "contested": "cont.",
    "registered": "att.",
}
SHORT_STANCES: dict[str, str] = {"for": "pour", "reserved": "rés.", "against": "contre"}


def short_position(place: Position) -> str:
    """Return « contre : 2 rej., ret. »: a position on one line of a printed page."""
    counts = Counter(_tone(standing) for standing in place.contributions)
    said = [
        label if counts[tone] == 1 else f"{counts[tone]} {label}"
        for tone, label in SHORT_OUTCOMES.items()
        if counts[tone]
    ]
    stance = f"{SHORT_STANCES[place.stance]} : " if place.stance else ""
    return stance + ", ".join(said)


_SEVERAL = {
    "retenue": "retenues",
    "partiellement retenue": "partiellement retenues",
    "rejetée": "rejetées",
    "expliquée": "expliquées",
    "réponse contestée": "réponses contestées",
}


def told_outcomes(standings: Sequence[Standing]) -> str:
    """Return « 2 rejetées, en attente de réponse »."""
    counts = Counter(map(_badge, standings))
    return ", ".join(
        label if count == 1 else f"{count}{NBSP}{_SEVERAL.get(label, label)}"
        for label, count in counts.items()
    )


def outcome_bar(found: Outcomes) -> Markup:
    """Return a bar of what became of contributions, told in words beside it."""
    parts = [
        (key, DISPOSITION_LABELS[key], found.by_disposition[key]) for key in _ORDER
    ]
    waiting = found.total - found.withdrawn - sum(n for _, _, n in parts)
    shown = [part for part in (*parts, ("waiting", "sans réponse", waiting)) if part[2]]
    total = sum(count for _, _, count in shown)
    if not total:
        return Markup("")
    width, left = 640, 0.0
    bars, names = [], []
    for key, label, count in shown:
        share = width * count / total
        bars.append(
            Markup('<rect class="out-{}" x="{}" y="1" width="{}" height="18"/>').format(
                key, f"{left + 1:.1f}", f"{max(share - 2, 1):.1f}"
            )
        )
        names.append(
            Markup('<li><span class="charte-key out-{}"></span> {} {}</li>').format(
                key, label, count
            )
        )
        left += share
    said = ", ".join(f"{label} {count}" for _, label, count in shown)
    return Markup(
        '<svg class="charte-bar" viewBox="0 0 {} 20" preserveAspectRatio="none" '
        'role="img" aria-label="{}">{}</svg><ul class="charte-keys">{}</ul>'
    ).format(width, f"Suites : {said}", Markup("").join(bars), Markup("").join(names))


def _badge(standing: Standing) -> str:
    """Return where a contribution stands, in two or three words."""
    reply = standing.reply
    if standing.status in ("replied", "applied") and reply is not None:
        return DISPOSITION_LABELS[reply.reply.disposition]
    return STATUS_LABELS[standing.status]


def _tone(standing: Standing) -> str:
    """Return the class of a badge: what came of it, told by its words first."""
    reply = standing.reply
    if standing.status in ("replied", "applied") and reply is not None:
        return reply.reply.disposition
    return standing.status


def _entry_said(entry: AnyEntry) -> str:
    """Return what an entry is about, in one line."""
    match entry.type:
        case "contribution.recorded":
            return entry.contribution.id
        case "contribution.withdrawn" | "contribution.reclassified" | "action.done":
            return entry.contribution
        case "decision.made":
            replies = [reply.contribution for reply in entry.decision.replies]
            return f"{entry.decision.id} : {', '.join(replies)}"
        case "decision.contested":
            return entry.contest.contribution
        case "version.frozen" | "version.applied":
            return f"version {entry.version}"
        case "consultation.changed":
            return entry.why
        case "text.redacted":
            return f"entrée {entry.redaction.entry}"
        case "bordereau.sent":
            return entry.organisation
        case "bordereau.answered":
            said = "confirmé" if entry.answer.confirms else "contesté"
            return f"{entry.answer.organisation} : {said}"
        case _:
            return ""


def environment(*packages: str) -> Environment:
    """Return what renders fragments; packages that have templates of their own add them."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                *(PackageLoader(package) for package in packages),
                PackageLoader("charter_builder.website", "templates/concertation"),
            ]
        ),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        anchor=anchor,
        badge=_badge,
        clean=clean_text,
        tone=_tone,
        counted=french.counted,
        date=french.day,
        day_of=day_of,
        difference=difference,
        entry_said=_entry_said,
        listed=french.enumeration,
        number=french.number,
        page_links=page_links,
        paragraphs=paragraphs,
        short_position=short_position,
        told=told,
        told_outcomes=told_outcomes,
        channels=CHANNEL_LABELS,
        colleges=COLLEGE_LABELS,
        dispositions=DISPOSITION_LABELS,
        entry_labels=ENTRY_LABELS,
        grounds=GROUND_LABELS,
        kinds=KIND_LABELS,
        operations=OPERATION_LABELS,
        stances=STANCE_LABELS,
        states=STATE_LABELS,
        visibilities=VISIBILITY_LABELS,
    )
    return environment


_ENVIRONMENT = environment()


def _render(consultation: Consultation, template: str, **values: object) -> str:
    return _ENVIRONMENT.get_template(f"{template}.html.jinja").render(
        site=consultation,
        dialogue=consultation.dialogue,
        settings=consultation.dialogue.opened,
        head=consultation.dialogue.head,
        day=consultation.day,
        dialogue_redactions=lambda seq: [
            r for r in consultation.dialogue.redactions if r.entry == seq
        ],
        **values,
    )
