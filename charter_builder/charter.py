"""The document: parts, articles and paragraphs, each with where it comes from."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from charter_builder.expressions import CELL, ITEM, ROW, TABLE, Plain, theme_name
from charter_builder.forms import Blank
from charter_builder.model import ClauseId, Day, ThemeId, Value
from charter_builder.questionnaire import Answer
from charter_builder.references import Citation

Nature = Literal["law", "choice", "practice", "local"]

NATURE_LABELS: dict[Nature, str] = {
    "law": "loi",
    "choice": "choix",
    "practice": "usage",
    "local": "non vérifié",
}
NATURE_MEANINGS: dict[Nature, str] = {
    "law": "imposé par la loi : ne se négocie pas",
    "choice": "choix de la collectivité : se discute",
    "practice": "usage courant : se discute",
    "local": "rédaction locale, non vérifiée par l’outil",
}


CONCERTATION = "concertation"
"""What the clause of a paragraph adopted after the consultation ends with."""


class TextBlock(Value):
    kind: Literal["text"] = "text"
    text: str


class ListBlock(Value):
    kind: Literal["list"] = "list"
    items: tuple[str, ...]


class TableBlock(Value):
    kind: Literal["table"] = "table"
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Annotated[TextBlock | ListBlock | TableBlock, Field(discriminator="kind")]


class Paragraph(Value):
    """The smallest thing one can cite: blocks of text that share an origin."""

    id: str
    """Stable: `deconnexion/plage/2`, the second source block of that clause."""
    clause: ClauseId
    nature: Nature
    blocks: tuple[Block, ...]
    reason: str | None = None
    """Why a local paragraph was added, or the contributions it comes from."""

    @property
    def is_adopted(self) -> bool:
        """Whether it comes from the consultation; `reason` then says from whom."""
        return self.nature == "local" and self.clause.endswith(f"/{CONCERTATION}")

    @property
    def reserve(self) -> str:
        """What a reader must know of a paragraph that nobody checked."""
        if self.nature != "local":
            return ""
        said = self.reason if self.is_adopted else "Rédaction locale"
        return f"{said}, {NATURE_LABELS['local']}e par l’outil."


class Given(Value):
    """One answer printed in an article: the question, the answer as people read it."""

    name: str
    label: str
    shown: str


class Provenance(Value):
    """Where the paragraphs of one clause come from."""

    clause: ClauseId
    title: str
    because: str
    """The answer or the condition that chose it, in French."""
    given: tuple[Given, ...] = ()
    references: tuple[Citation, ...] = ()
    satisfies: tuple[str, ...] = ()


class Candidate(Value):
    """One way to settle an open point, and what the article says with it."""

    letter: str
    """A, B or C: how people call it."""
    shown: str
    """The answer proposed, as people read it."""
    paragraphs: tuple[Paragraph, ...]
    """What reads otherwise from one candidate to another; empty: nothing with this one."""


class OpenPoint(Value):
    """A point left à débattre, where it shows in one article."""

    id: str
    """The name of the question, or the id of the theme."""
    at: int
    """It stands before that paragraph of the article, counting from 0."""
    subject: str
    """What is to be settled: the question, or the title of the theme."""
    question: str
    """What the parties are asked."""
    home: ThemeId
    """The article where it is settled: others only read otherwise because of it."""
    candidates: tuple[Candidate, ...]


class Drafted(Value):
    """A numbered article: what is settled, and the points left à débattre."""

    number: int
    title: str
    paragraphs: tuple[Paragraph, ...]
    """What holds however the open points are settled."""
    open_points: tuple[OpenPoint, ...] = ()

    @property
    def name(self) -> str:
        """« Article 7. Plages de joignabilité »."""
        return f"Article {self.number}. {self.title}"

    def body(self) -> Iterator[Paragraph | OpenPoint]:
        """Yield everything in the order it is read."""
        for index in range(len(self.paragraphs) + 1):
            yield from (point for point in self.open_points if point.at == index)
            yield from self.paragraphs[index : index + 1]

    def every_paragraph(self) -> Iterator[Paragraph]:
        """Yield the paragraphs, those of every candidate included."""
        for part in self.body():
            if isinstance(part, Paragraph):
                yield part
            else:
                for candidate in part.candidates:
                    yield from candidate.paragraphs


class Article(Drafted):
    """One theme once drafted. Its id never changes; its number may."""

    id: ThemeId
    settles: str
    provenance: tuple[Provenance, ...]

    @property
    def version(self) -> str:
        """A short name of this state of the article: it changes with its text only."""
        return sha256("\n".join(body_lines(self)).encode()).hexdigest()[:8]

    @property
    def references(self) -> tuple[Citation, ...]:
        """Every legal basis of the article, once each."""
        found = {c.id: c for origin in self.provenance for c in origin.references}
        return tuple(found.values())


class Part(Value):
    id: str
    title: str
    articles: tuple[Article, ...]


DECIDES = "Après en avoir délibéré, décide :"
"""What stands between the recitals of an act and its articles."""


class ActArticle(Drafted):
    references: tuple[Citation, ...] = ()
    satisfies: tuple[str, ...] = ()


class Act(Value):
    """An act of the authority: what it has regard to, what it decides."""

    id: str
    title: str
    authority: str
    visas: tuple[Paragraph, ...]
    recitals: tuple[Paragraph, ...]
    articles: tuple[ActArticle, ...]
    closing: tuple[Paragraph, ...]
    satisfies: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its title: what people call it."""
        return self.title


class DocumentSection(Value):
    """A part of a document: what it says, then what is to be filled in."""

    id: str
    """`demande/section-2`, the second section of that template."""
    title: str = ""
    number: int | None = None
    """Its number, when the section is an article."""
    paragraphs: tuple[Paragraph, ...] = ()
    fields: tuple[Blank, ...] = ()
    new_page: bool = False
    references: tuple[Citation, ...] = ()
    satisfies: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Return « Article 2. Lieux », the title alone, or nothing."""
        return ". ".join(
            filter(None, (f"Article {self.number}" if self.number else "", self.title))
        )


class Document(Value):
    """A form, a letter, a grid: a model that goes with the charter.

    With points left open it reads as the first candidates have it.
    """

    id: str
    title: str
    purpose: str
    for_: str
    """Who fills it in, who receives it."""
    sections: tuple[DocumentSection, ...]
    references: tuple[Citation, ...] = ()
    satisfies: tuple[str, ...] = ()

    @property
    def every_reference(self) -> tuple[Citation, ...]:
        """Its legal bases then those of its sections, once each."""
        cited = [*self.references]
        cited += [c for section in self.sections for c in section.references]
        return tuple({citation.id: citation for citation in cited}.values())


class Charter(Value):
    """The whole draft, and the answers it was made from.

    `values` and `chosen` are the answers; `figures` the legal figures of that day.
    """

    title: str
    territory: str
    act_date: Day
    profile: str
    library: str
    library_version: str
    library_digest: str
    legal_status_date: Day
    parts: tuple[Part, ...]
    acts: tuple[Act, ...] = ()
    documents: tuple[Document, ...] = ()
    chosen: dict[str, tuple[ClauseId, ...]]
    values: dict[str, Answer]
    figures: dict[str, int | Decimal]
    variants: tuple["Variant", ...] = Field(default=(), exclude=True, repr=False)
    """When points are left open: the charter with the first candidates, then with each
    other one. They are checked, and are no part of the document."""
    adoptions: tuple["Adoption", ...] = Field(default=(), exclude=True, repr=False)
    """The articles and acts whose text comes from the consultation. For checks too."""

    @cached_property
    def digest(self) -> str:
        """The sha256 of the whole draft: the same for the same answers."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def articles(self) -> Iterator[Article]:
        for part in self.parts:
            yield from part.articles

    def article(self, theme: str) -> Article | None:
        return next((a for a in self.articles() if a.id == theme), None)

    def unit(self, identifier: str) -> Article | Act | None:
        """Return what people comment under that name: an article, or an act."""
        acts = (act for act in self.acts if act.id == identifier)
        return self.article(identifier) or next(acts, None)

    @property
    def clause_ids(self) -> frozenset[str]:
        """The themes that are open and the options chosen."""
        options = {option for chosen in self.chosen.values() for option in chosen}
        return frozenset(options | {article.id for article in self.articles()})

    def satisfied(self) -> dict[str, list[str]]:
        """Return, for each requirement, where the draft meets it."""
        found: dict[str, list[str]] = {}
        for article in self.articles():
            for origin in article.provenance:
                for requirement in origin.satisfies:
                    found.setdefault(requirement, []).append(
                        f"article {article.number}, {article.title}"
                    )
        for act in self.acts:
            for requirement in act.satisfies:
                found.setdefault(requirement, []).append(act.title)
            for decided in act.articles:
                for requirement in decided.satisfies:
                    found.setdefault(requirement, []).append(
                        f"{act.title}, article {decided.number}"
                    )
        for document in self.documents:
            for requirement in document.satisfies:
                found.setdefault(requirement, []).append(document.title)
            for section in document.sections:
                for requirement in section.satisfies:
                    found.setdefault(requirement, []).append(_place(document, section))
        return {key: list(dict.fromkeys(places)) for key, places in found.items()}

    def open_points(self) -> Iterator[tuple[Article, OpenPoint]]:
        """Yield the points left à débattre, each once, where it is to be settled."""
        for article in self.articles():
            for point in article.open_points:
                if point.home == article.id:
                    yield article, point

    def paragraphs(self) -> Iterator[tuple[str, Paragraph]]:
        """Yield every paragraph with the place a reader knows it by."""
        for article in self.articles():
            for paragraph in article.every_paragraph():
                yield f"article {article.number}, {article.title}", paragraph
        for act in self.acts:
            for paragraph in (*act.visas, *act.recitals, *act.closing):
                yield act.title, paragraph
            for decided in act.articles:
                for paragraph in decided.every_paragraph():
                    yield f"{act.title}, article {decided.number}", paragraph
        for document in self.documents:
            for section in document.sections:
                for paragraph in section.paragraphs:
                    yield _place(document, section), paragraph


def _place(document: Document, section: DocumentSection) -> str:
    """Return where a section is, as a reader knows it."""
    return ", ".join(filter(None, (document.title, section.heading)))


class Adoption(Value):
    """A unit whose text comes from the consultation, and what to check of it."""

    unit: ThemeId
    """The identifier of an article, or of an act."""
    contributions: tuple[str, ...]
    is_stale: bool = False
    """The answers no longer give the text that it replaced."""
    fault: str = ""
    """What the text of an act lacks to be one."""
    lost_law: tuple[str, ...] = ()
    """What the law imposes and the adopted text does not say in the same words."""


class Variant(Value):
    """A charter with one candidate of an open point, for checks."""

    said: str
    """« avec la proposition B, « 19 heures » »."""
    charter: Charter


def expression_context(
    act_date: str,
    values: dict[str, Answer],
    chosen: dict[str, tuple[ClauseId, ...]],
    figures: dict[str, int | Decimal],
    themes: tuple[str, ...],
) -> dict[str, Plain]:
    """Return what expressions read: plain copies of answers, themes and figures."""
    context: dict[str, Plain] = {"act_date": act_date, **figures}
    for name, value in values.items():
        if isinstance(value, tuple):
            context[name] = [
                list(item) if isinstance(item, tuple) else item for item in value
            ]
        else:
            context[name] = value
    for theme in themes:
        options = chosen.get(theme, ())
        context[theme_name(theme)] = [option.split("/")[1] for option in options]
    return context


def blocks_of(rendered: str) -> tuple[Block, ...]:
    """Return the blocks of one rendered paragraph (see `expressions.Text`)."""
    blocks: list[Block] = []
    for chunk in rendered.split("\n\n"):
        blocks.extend(_chunk_blocks(chunk))
    return tuple(blocks)


def _chunk_blocks(chunk: str) -> Iterator[Block]:
    text: list[str] = []
    items: list[str] = []
    # A tag at the end of a line eats the line break before an item.
    for line in chunk.replace(ITEM, f"\n{ITEM}").split("\n"):
        if line.startswith(ITEM):
            items.append(line.removeprefix(ITEM).strip())
        elif TABLE in line:
            before, _, table = line.partition(TABLE)
            if before.strip():
                text.append(before.strip())
            if text:
                yield TextBlock(text=" ".join(text))
                text = []
            header, *rows = [tuple(row.split(CELL)) for row in table.split(ROW)]
            if rows:
                yield TableBlock(header=header, rows=tuple(rows))
        elif items and line.startswith(" ") and line.strip():
            items[-1] += f" {line.strip()}"
        elif line.strip():
            if items:
                yield from _flush(text, items)
                text, items = [], []
            text.append(line.strip())
    yield from _flush(text, items)


def _flush(text: list[str], items: list[str]) -> Iterator[Block]:
    if text:
        yield TextBlock(text=" ".join(text))
    if items:
        yield ListBlock(items=tuple(items))


def plain_text(paragraph: Paragraph) -> str:
    """Return the text of a paragraph, list items marked with « - »."""
    lines: list[str] = []
    for block in paragraph.blocks:
        match block:
            case TextBlock():
                lines.append(block.text)
            case ListBlock():
                lines += [f"- {item}" for item in block.items]
            case TableBlock():
                lines += [" | ".join(row) for row in (block.header, *block.rows)]
    return "\n".join(lines)


def unit_text(unit: Article | Act) -> str:
    """Return the text of an article or an act as people read it, frozen or amended."""
    lines = act_lines(unit) if isinstance(unit, Act) else body_lines(unit)
    return "\n\n".join(lines)


def act_lines(act: Act) -> Iterator[str]:
    """Yield the plain text of an act, from its authority to its closing formulas."""
    yield act.authority
    yield from map(plain_text, (*act.visas, *act.recitals))
    yield DECIDES
    for article in act.articles:
        yield article.name
        yield from body_lines(article)
    yield from map(plain_text, act.closing)


def body_lines(article: Drafted) -> Iterator[str]:
    """Yield the plain text of an article, its open points with their candidates."""
    for part in article.body():
        if isinstance(part, Paragraph):
            yield plain_text(part)
            continue
        yield f"À débattre : {part.question}"
        for candidate in part.candidates:
            yield f"Proposition {candidate.letter} : {candidate.shown}"
            yield from map(plain_text, candidate.paragraphs)
