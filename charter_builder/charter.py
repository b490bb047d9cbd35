"""The document: parts, articles and paragraphs, each with where it comes from."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from charter_builder.expressions import CELL, ITEM, ROW, TABLE, Plain, theme_name
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
    """Why a local paragraph was added."""


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


class Article(Value):
    """One theme once drafted. Its id never changes; its number may."""

    id: ThemeId
    number: int
    title: str
    settles: str
    paragraphs: tuple[Paragraph, ...]
    provenance: tuple[Provenance, ...]

    @property
    def version(self) -> str:
        """A short name of this state of the article: it changes with its text only."""
        text = "\n".join(plain_text(paragraph) for paragraph in self.paragraphs)
        return sha256(text.encode()).hexdigest()[:8]

    @property
    def references(self) -> tuple[Citation, ...]:
        """Every legal basis of the article, once each."""
        found = {c.id: c for origin in self.provenance for c in origin.references}
        return tuple(found.values())


class Part(Value):
    id: str
    title: str
    articles: tuple[Article, ...]


class ActArticle(Value):
    number: int
    title: str
    paragraphs: tuple[Paragraph, ...]
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
    chosen: dict[str, tuple[ClauseId, ...]]
    values: dict[str, Answer]
    figures: dict[str, int | Decimal]

    @cached_property
    def digest(self) -> str:
        """The sha256 of the whole draft: the same for the same answers."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def articles(self) -> Iterator[Article]:
        for part in self.parts:
            yield from part.articles

    def article(self, theme: str) -> Article | None:
        return next((a for a in self.articles() if a.id == theme), None)

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
        return {key: list(dict.fromkeys(places)) for key, places in found.items()}

    def paragraphs(self) -> Iterator[tuple[str, Paragraph]]:
        """Yield every paragraph with the place a reader knows it by."""
        for article in self.articles():
            for paragraph in article.paragraphs:
                yield f"article {article.number}, {article.title}", paragraph
        for act in self.acts:
            for paragraph in (*act.visas, *act.recitals, *act.closing):
                yield act.title, paragraph
            for decided in act.articles:
                for paragraph in decided.paragraphs:
                    yield f"{act.title}, article {decided.number}", paragraph


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
