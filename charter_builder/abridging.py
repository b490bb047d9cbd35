"""Long texts cut down to the paragraphs somebody compares, in the cells of a table."""

from collections.abc import Collection, Iterator
from itertools import groupby

from charter_builder import french
from charter_builder.typography import plain
from charter_builder.worddiff import edits


def differing(read: str, *others: str) -> tuple[str, ...]:
    """Return a text, then others, each without the paragraphs they share.

    What is left out is counted: « [3 autres alinéas] ». Typography makes no difference.
    An empty text stays empty, and takes no part.
    """
    lines = _lines(read)
    kept: set[int] = set()
    cut = []
    for other in others:
        found = _lines(other)
        changes = edits(list(map(plain, lines)), list(map(plain, found)))
        if found:
            kept.update(i for edit in changes for i in range(edit.start, edit.end))
        new = {i for edit in changes for i in range(edit.new_start, edit.new_end)}
        cut.append(_kept(found, new))
    return _kept(lines, kept), *cut


def around(text: str, start: int, end: int) -> str:
    """Return the paragraphs of a text that hold one of its signs from `start` to `end`."""
    first = text[:start].count("\n")
    last = text[:end].count("\n")
    numbers = [n for n, line in enumerate(text.split("\n")) if line.strip()]
    kept = {i for i, number in enumerate(numbers) if first <= number <= last}
    return _kept(_lines(text), kept)


def whole(text: str) -> str:
    """Return a text with every paragraph of it, for a reader who sees it nowhere else."""
    return "\n".join(_lines(text))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _kept(lines: list[str], kept: Collection[int]) -> str:
    return "\n".join(_pieces(lines, kept))


def _pieces(lines: list[str], kept: Collection[int]) -> Iterator[str]:
    for is_kept, group in groupby(range(len(lines)), key=kept.__contains__):
        numbers = list(group)
        if is_kept:
            yield from (lines[i] for i in numbers)
        else:
            other, others = (
                ("autre alinéa", "autres alinéas") if kept else ("alinéa", "alinéas")
            )
            yield f"[{french.counted(len(numbers), other, others)}]"
