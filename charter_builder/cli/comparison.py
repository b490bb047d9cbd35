"""The options of a theme side by side, in a terminal of forty columns or more."""

import textwrap
from collections.abc import Iterator, Sequence

from charter_builder.cli import report
from charter_builder.evaluation import render_line
from charter_builder.library import Argument, Library, Option, Theme
from charter_builder.typography import polish

WIDE = 72
"""Below that many columns, the options come one under the other."""


def comparison_text(
    library: Library, theme: Theme, options: Sequence[Option], on: str
) -> str:
    """Return the options compared by criteria, then by the arguments of both sides."""
    rows = [
        (polish(label), [polish(o.attributes.get(key, "—")) for o in options])
        for key, label in theme.criteria.items()
    ]
    heads = [f"{n}. {polish(o.title)}" for n, o in enumerate(options, 1)]
    if report.width() >= WIDE and len(options) <= 5:
        lines = list(_table(["", *heads], [[label, *cells] for label, cells in rows]))
    else:
        lines = list(_stack(heads, rows))
    for number, option in enumerate(options, 1):
        if option.arguments is None:
            continue
        lines += ["", report.wrapped(f"{number}. {polish(option.title)}", "   ", "")]
        sides = (
            ("Employeurs", option.arguments.employer),
            ("Syndicats", option.arguments.unions),
        )
        for side, argument in sides:
            lines += _argument(library, side, argument, on)
    return "\n".join(lines)


def _argument(
    library: Library, side: str, argument: Argument, on: str
) -> Iterator[str]:
    figures = library.figures_on(on)
    for word, said in (("pour", argument.for_), ("contre", argument.against)):
        filled = polish(render_line(said, figures, library.references, on))
        yield report.wrapped(f"{side}, {word} : {filled}", "     ", "   ")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table whose cells fold; columns share the width of the terminal."""
    count = len(heads)
    first = min(22, report.width() // (count + 1) + 4)
    other = (report.width() - first - 2 * (count - 1)) // (count - 1)
    widths = [first, *[other] * (count - 1)]
    rule = "  ".join("─" * w for w in widths)
    yield from _row(heads, widths)
    yield rule
    for index, row in enumerate(rows):
        if index:
            yield ""
        yield from _row(row, widths)
    yield rule


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    folded = [
        textwrap.wrap(cell, width) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for line in range(max(map(len, folded))):
        parts = [
            (cell[line] if line < len(cell) else "").ljust(width)
            for cell, width in zip(folded, widths, strict=True)
        ]
        yield "  ".join(parts).rstrip()


def _stack(
    heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[str]:
    for column, head in enumerate(heads):
        yield report.wrapped(head, "   ", "")
        for label, cells in rows:
            yield report.wrapped(f"{label} : {cells[column]}", "     ", "   ")
