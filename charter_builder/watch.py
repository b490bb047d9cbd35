"""What the passing of time does to a library: references to read again, and where."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from charter_builder import french
from charter_builder.charter import Charter
from charter_builder.evaluation import text
from charter_builder.library import Library, Statement
from charter_builder.model import Day, FactId, Value
from charter_builder.references import (
    CONFIDENCE_LABELS,
    FORCE_LABELS,
    Reference,
    day_after,
)
from charter_builder.typography import polish

DEFAULT_MONTHS = 6


class Alert(Value):
    """Une référence à relire, et ce qui en dépend."""

    fact: FactId
    """Le fait juridique, dans `legal/references.yml`."""
    kind: Literal["expired", "changed", "ending", "unchecked"]
    """expired : plus aucune forme à imprimer ce jour-là ; changed : la forme ou un
    chiffre a changé depuis la dernière vérification ; ending : la forme ou un chiffre
    prend fin bientôt ; unchecked : pas vérifiée depuis longtemps."""
    subject: str
    """De quoi il s’agit."""
    detail: str
    """Ce qu’il faut savoir, en une phrase."""
    since: Day
    """Le jour dont il s’agit."""
    force: str
    """Ce que vaut la règle, et ce qui en a été vérifié."""
    cited_by: tuple[str, ...]
    """Les clauses, règles et documents de la bibliothèque qui la citent."""
    workspaces: tuple[str, ...] = ()
    """Les espaces de travail dont le projet la cite."""


_ORDER = ("expired", "changed", "ending", "unchecked")


def watched(
    library: Library,
    on: str,
    months: int = DEFAULT_MONTHS,
    charters: Mapping[str, Charter] | None = None,
) -> list[Alert]:
    """Return what must be read again on a day, the most pressing first.

    A reference that nothing cites is left out: nobody would print it. `charters` are
    the drafts of some workspaces, by name.
    """
    citing = citations(library)
    drafts = {
        name: _cited(charter, library) for name, charter in (charters or {}).items()
    }
    found = []
    for fact, reference in library.references.items():
        if fact not in citing:
            continue
        for kind, detail, since in _reasons(reference, on, months):
            found.append(
                Alert(
                    fact=fact,
                    kind=kind,
                    subject=polish(reference.subject),
                    detail=polish(detail),
                    since=since,
                    force=polish(
                        f"{FORCE_LABELS[reference.force]}, "
                        f"{CONFIDENCE_LABELS[reference.confidence]}"
                    ),
                    cited_by=tuple(sorted(citing[fact])),
                    workspaces=tuple(
                        sorted(name for name, cited in drafts.items() if fact in cited)
                    ),
                )
            )
            break  # The most pressing reason is enough to read it again.
    return sorted(found, key=lambda alert: (_ORDER.index(alert.kind), alert.since))


Kind = Literal["expired", "changed", "ending", "unchecked"]


def _reasons(
    reference: Reference, on: str, months: int
) -> Iterator[tuple[Kind, str, str]]:
    """Yield why a reference must be read again, the most pressing reason first."""
    if reference.printed_on(on) is None:
        ends = [form.until for form in reference.printed if form.until]
        ended = max((end for end in ends if end < on), default=on)
        yield (
            "expired",
            "aucune référence n’est connue pour ce jour : le texte a pris fin le "
            f"{french.day(ended)}.",
            ended,
        )
    starts = sorted(_starts(reference))
    changed = [day for day in starts if reference.checked < day <= on]
    if changed:
        yield (
            "changed",
            f"elle a changé le {french.day(changed[-1])}, après la dernière vérification "
            f"({french.day(reference.checked)}).",
            changed[-1],
        )
    horizon = _months_after(on, months)
    coming = [end for end in sorted(_ends(reference)) if on <= end < horizon]
    if coming:
        yield (
            "ending",
            f"elle change après le {french.day(coming[0])} : les actes d’après ce jour "
            "ne disent plus la même chose.",
            coming[0],
        )
    if _months_after(reference.checked, months) <= on:
        yield (
            "unchecked",
            f"elle n’a pas été vérifiée depuis le {french.day(reference.checked)}.",
            reference.checked,
        )


def _starts(reference: Reference) -> Iterator[str]:
    for form in reference.printed:
        if form.from_:
            yield form.from_
        elif form.until:
            # What comes after a form that ended is another one.
            yield day_after(form.until)
    for figure in reference.figures.values():
        yield from (dated.from_ for dated in figure.values[1:])


def _ends(reference: Reference) -> Iterator[str]:
    yield from (form.until for form in reference.printed if form.until)
    for figure in reference.figures.values():
        yield from (dated.until for dated in figure.values if dated.until)


def _months_after(day: str, months: int) -> str:
    start = date.fromisoformat(day)
    month = start.month - 1 + months
    return date(
        start.year + month // 12, month % 12 + 1, min(start.day, 28)
    ).isoformat()


def _cited(charter: Charter, library: Library) -> set[str]:
    """Return the facts a draft cites, in its articles and in the acts it holds."""
    cited = {c.id for article in charter.articles() for c in article.references}
    for act in charter.acts:
        cited |= {c.id for decided in act.articles for c in decided.references}
        template = library.acts.get(act.id)
        if template is not None:
            for said in (*template.visas, *template.recitals, *template.closing):
                cited |= set(_facts_of(said))
    return cited


def citations(library: Library) -> dict[str, set[str]]:
    """Return, for each legal fact, what cites it: clauses, rules, contents, acts."""
    found: dict[str, set[str]] = {}

    def cite(place: str, facts: Iterable[str]) -> None:
        for fact in facts:
            found.setdefault(fact, set()).add(place)

    for theme in library.themes.values():
        cite(theme.id, (*theme.references, *_read(theme.text)))
        cite(theme.id, theme.decided_by.references if theme.decided_by else ())
    for option in library.options.values():
        cite(option.id, (*option.references, *_read(option.text)))
    for owned in library.owned.values():
        place = owned.owner or "questions"
        cite(place, owned.question.references)
        legal = getattr(owned.question, "legal", None)
        cite(place, legal.references if legal else ())
    for name, rule in library.rules.items():
        cite(f"rules/{name}", rule.references)
    for identifier, requirement in library.requirements.items():
        cite(f"legal/requirements {identifier}", requirement.references)
    for act in library.acts.values():
        for said in (*act.visas, *act.recitals, *act.articles, *act.closing):
            cite(f"annexes/{act.id}", _facts_of(said))
    return found


def _facts_of(said: Statement) -> tuple[str, ...]:
    return (*said.references, *_read(said.text))


def _read(source: str | None) -> tuple[str, ...]:
    return tuple(text(source).references) if source else ()


class WatchReport(Value):
    """Le résultat de « charter library watch --format json »."""

    format: Literal[1] = 1
    """La version de ce format."""
    on: Day
    """Le jour pour lequel on regarde."""
    library: str
    """La bibliothèque."""
    version: str
    """Sa version."""
    alerts: tuple[Alert, ...]
    """Les références à relire, les plus pressantes d’abord."""
