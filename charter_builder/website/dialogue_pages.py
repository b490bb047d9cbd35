"""The consultation as pages: shells in Markdown, and what people typed as fragments.

A shell holds a title and a place; the fragment, every text escaped by the template,
enters the page once it is built (`finish.inserted`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import escape

from charter_builder.dialogue import Standing
from charter_builder.figures import outcomes, positions, repeated_reasons
from charter_builder.register import KIND_LABELS
from charter_builder.typography import polish
from charter_builder.website.dialogue_view import (
    ENTRIES_PER_PAGE,
    FOLDER,
    PER_PAGE,
    Consultation,
    numbered,
    page_name,
)
from charter_builder.website.dialogue_words import anchor, environment, outcome_bar
from charter_builder.website.finish import Inserts, place_of

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
        yield numbered("registre", rank), _titled("Registre des contributions", rank)
    for rank in range(_count(consultation.entries, ENTRIES_PER_PAGE)):
        yield numbered("journal", rank), _titled("Journal du registre", rank)
    for rank in range(len(consultation.decision_pages)):
        yield numbered("decisions", rank), _titled("Décisions", rank)
    for unit, pages in consultation.article_pages.items():
        for rank in range(len(pages)):
            title = f"Contributions : {consultation.unit_name(unit)}"
            yield numbered(f"articles/{unit}", rank), _titled(title, rank)
    for organisation, found in consultation.of_organisation.items():
        for rank in range(_count(found, 2 * PER_PAGE)):
            name = consultation.organisation_name(organisation)
            title = f"Contributions : {name}"
            yield numbered(f"organisations/{organisation}", rank), _titled(title, rank)


def _count(items: Sequence[object], size: int) -> int:
    return max(1, -(-len(items) // size))


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
        links = [page_name("decisions", other) for other in range(count)]
        yield (
            numbered("decisions", rank),
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
                numbered(f"articles/{unit}", rank),
                render(
                    "article",
                    base="../",
                    unit=unit,
                    groups=groups,
                    rank=rank,
                    pages=[page_name(unit, other) for other in range(len(pages))],
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
            numbered(name, rank),
            partial(
                _render,
                consultation,
                template,
                base=base,
                standings=standings[rank * size : (rank + 1) * size],
                rank=rank,
                pages=[page_name(file, other) for other in range(count)],
                **values,
            ),
        )


def _journal(consultation: Consultation) -> Iterator[Maker]:
    rows = list(zip(consultation.entries, consultation.digests, strict=True))
    count = _count(rows, ENTRIES_PER_PAGE)
    for rank in range(count):
        yield (
            numbered("journal", rank),
            partial(
                _render,
                consultation,
                "journal",
                base="",
                rows=rows[rank * ENTRIES_PER_PAGE : (rank + 1) * ENTRIES_PER_PAGE],
                rank=rank,
                pages=[page_name("journal", other) for other in range(count)],
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
            page = page_name(f"{FOLDER}/articles/{unit}", rank)
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
