"""The words and the marks of a consultation: what its templates call."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from charter_builder import french
from charter_builder.carrying import STATE_LABELS
from charter_builder.consultation import COLLEGE_LABELS, VISIBILITY_LABELS, day_of
from charter_builder.dialogue import STATUS_LABELS, Standing
from charter_builder.figures import Outcomes, Position
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
    clean_text,
)
from charter_builder.typography import NBSP
from charter_builder.website.versions import changed_html
from charter_builder.worddiff import compare_words


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
