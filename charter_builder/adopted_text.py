"""The paragraphs of an adopted text: those left as they were, and those written anew.

What the adopted text leaves as the answers give it keeps its origin and its nature;
the rest is the territory's own, checked by nobody.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

from charter_builder import french
from charter_builder.charter import (
    CONCERTATION,
    Act,
    Article,
    Block,
    Drafted,
    ListBlock,
    OpenPoint,
    Paragraph,
    TableBlock,
    TextBlock,
    body_lines,
    plain_text,
)
from charter_builder.expressions import one_line
from charter_builder.questionnaire import AdoptedText
from charter_builder.typography import plain, polish


def drafted_of(unit: Article | Act) -> tuple[Drafted, ...]:
    """Return the article itself, or those of an act."""
    return unit.articles if isinstance(unit, Act) else (unit,)


def paragraphs_of(unit: Article | Act) -> Iterator[Paragraph]:
    """Yield what holds however the open points are settled, in reading order."""
    if isinstance(unit, Act):
        yield from (*unit.visas, *unit.recitals)
    for drafted in drafted_of(unit):
        yield from drafted.paragraphs
    if isinstance(unit, Act):
        yield from unit.closing


class Paragraphs:
    """The paragraphs of an adopted text, those left as they were with their origin."""

    def __init__(self, unit: Article | Act, adopted: AdoptedText) -> None:
        self.unit = unit
        self.adopted = adopted
        self.count = 0
        self.pointed = {
            plain(line)
            for drafted in drafted_of(unit)
            for point in drafted.open_points
            for line in point_lines(drafted, point)
        }
        self.waiting: dict[str, list[Paragraph]] = {}
        for paragraph in paragraphs_of(unit):
            self.waiting.setdefault(plain(plain_text(paragraph)), []).append(paragraph)

    def of(self, chunks: Iterable[str]) -> tuple[Paragraph, ...]:
        """Return the paragraphs of some chunks; open points are no paragraphs."""
        return tuple(self._one(c) for c in chunks if plain(c) not in self.pointed)

    def _one(self, chunk: str) -> Paragraph:
        same = self.waiting.get(plain(chunk))
        if same:
            return same.pop(0)
        self.count += 1
        return _adopted_paragraph(self.unit.id, self.count, chunk, self.adopted)


def point_lines(article: Drafted, point: OpenPoint) -> list[str]:
    """Return the lines of an open point, as the text of its article has them."""
    alone = {"paragraphs": (), "open_points": (point.model_copy(update={"at": 0}),)}
    return list(body_lines(article.model_copy(update=alone)))


def _adopted_paragraph(
    unit: str, count: int, chunk: str, adopted: AdoptedText
) -> Paragraph:
    return Paragraph(
        id=f"{unit}/{CONCERTATION}/{count}",
        clause=f"{unit}/{CONCERTATION}",
        nature="local",
        blocks=tuple(_blocks(chunk)),
        reason=polish(f"Rédaction adoptée après concertation ({named(adopted)})"),
    )


def named(adopted: AdoptedText) -> str:
    return french.enumeration(list(adopted.contributions))


def chunks_of(text: str) -> list[str]:
    """Return the paragraphs of a text, a line for each block or item."""
    chunks = []
    for chunk in re.split(r"\n[^\S\n]*\n", text):
        lines = [one_line(line) for line in chunk.split("\n")]
        said = "\n".join(line for line in lines if line)
        if said:
            chunks.append(polish(said))
    return chunks


_ITEM = "- "

_CELL = " | "


def _blocks(chunk: str) -> Iterator[Block]:
    """Yield the blocks of a paragraph: its text, its items, the rows of its table."""
    lines = chunk.split("\n")
    while lines:
        items = list(takewhile(_is_item, lines))
        rows = list(takewhile(_is_row_like(lines[0]), lines))
        if items:
            yield ListBlock(items=tuple(item.removeprefix(_ITEM) for item in items))
            lines = lines[len(items) :]
        elif len(rows) > 1:
            header, *others = (tuple(row.split(_CELL)) for row in rows)
            yield TableBlock(header=header, rows=tuple(others))
            lines = lines[len(rows) :]
        else:
            yield TextBlock(text=lines[0])
            lines = lines[1:]


def _is_item(line: str) -> bool:
    return line.startswith(_ITEM)


def _is_row_like(first: str) -> Callable[[str], bool]:
    cells = first.count(_CELL)
    return lambda line: 0 < cells == line.count(_CELL)
