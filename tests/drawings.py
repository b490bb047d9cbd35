"""The drawings of a guide, made from the ordered lists that say the same in words.

A list item reads `1. **Name** (loi). Words. Délai : 2 mois.`; one list, one drawing.
`pytest --update-golden tests/test_docs.py` draws them again.
"""

import re
import textwrap
from dataclasses import dataclass
from html import escape

WIDTH, LINE, PAD = 320, 19, 12
# Letters a line may hold: the widest font a system gives must still fit.
NAME_LETTERS, LETTERS = 29, 34
EDGES = {"loi": "law", "choix": "choice", "usage": "practice"}

_ITEM = re.compile(
    r"(?ms)^(\d+)\. \*\*(.+?)\*\* \((\w+)\)\. (.*?)(?=^\d+\. |^</details>)"
)
_FIGURES = re.compile(r"<!-- chiffres: (.*?) -->")
_DELAY = re.compile(r"(?:Délai|Préavis)[^:.]* : [^.]*\.$")


@dataclass(frozen=True)
class Step:
    """One item of a list: what happens, what a text says of it, who answers."""

    number: int
    name: str
    mark: str
    words: str
    delay: str
    figures: tuple[str, ...]
    """The figures of the library the numbers of the item come from, in order."""


@dataclass(frozen=True)
class Drawing:
    """What a guide draws under `<!-- schema: id -->`."""

    id: str
    title: str
    description: str
    loops: bool
    """Whether the last step leads to the first."""


ETAPES = Drawing(
    "etapes",
    "Les étapes, du travail réel au bilan",
    "Dix étapes, de haut en bas ; la dernière ramène à la première. La liste qui suit "
    "dit la même chose.",
    loops=True,
)
REPONSES = Drawing(
    "reponses",
    "Qui répond à quoi, et dans quel délai",
    "Neuf cas, l’un sous l’autre : ce qui arrive, qui répond, le délai. La liste qui "
    "suit dit la même chose.",
    loops=False,
)
DRAWINGS = (ETAPES, REPONSES)


def marked(drawing: Drawing) -> re.Pattern[str]:
    """Return what finds the place of a drawing, and the list after it."""
    return re.compile(
        rf"(?s)(<!-- schema: {drawing.id} -->\n)(.*?)(<!-- fin du schema -->)"
        r"(.*?</details>)"
    )


def steps(listed: str) -> list[Step]:
    """Return the items of an ordered list written for a drawing."""
    return [
        _step(int(number), name, mark, body)
        for number, name, mark, body in _ITEM.findall(listed)
    ]


def _step(number: int, name: str, mark: str, body: str) -> Step:
    named = _FIGURES.search(body)
    words = " ".join(_FIGURES.sub("", body).split())
    delay = _DELAY.search(words)
    return Step(
        number=number,
        name=name,
        mark=mark,
        words=words[: delay.start()].strip() if delay else words,
        delay=delay[0].rstrip(".") if delay else "",
        figures=tuple(named[1].split(", ")) if named else (),
    )


def drawn(text: str) -> str:
    """Return a guide with its drawings made again from its lists."""
    for drawing in DRAWINGS:
        text = marked(drawing).sub(
            lambda found, what=drawing: (  # type: ignore[misc]
                f"{found[1]}{svg(what, steps(found[4]))}{found[3]}{found[4]}"
            ),
            text,
        )
    return text


def svg(drawing: Drawing, listed: list[Step]) -> str:
    """Return a drawing: boxes from top to bottom, arrows between those that follow."""
    left = 22 if drawing.loops else 0
    gap = 26 if drawing.loops else 14
    parts: list[str] = []
    top, middles = 2, []
    for step in listed:
        box, height = _box(step, left, top)
        parts += box
        middles.append(top + height // 2)
        below = top + height
        if drawing.loops and step is not listed[-1]:
            parts += _arrow(left + 40, below + 2, below + gap - 2)
        top = below + gap
    if drawing.loops:
        parts += _loop(left, middles[-1], middles[0])
    height = top - gap + 2
    name = f"schema-{drawing.id}"
    return "\n".join(
        (
            '<div class="charte-schema">',
            f'<svg viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="{name}-titre" aria-describedby="{name}-texte">',
            f'<title id="{name}-titre">{escape(drawing.title)}</title>',
            f'<desc id="{name}-texte">{escape(drawing.description)}</desc>',
            *parts,
            "</svg>",
            "</div>\n",
        )
    )


def _box(step: Step, left: int, top: int) -> tuple[list[str], int]:
    """Return one box and its height: the name and the mark, the words, the delay."""
    named = f"{step.number}. {step.name}"
    lines = [("name", line) for line in _cut(named, NAME_LETTERS - len(step.mark))]
    lines += [("words", line) for line in _cut(step.words, LETTERS)]
    lines += [("delay", line) for line in _cut(step.delay, LETTERS - 4)]
    height = LINE * len(lines) + 2 * PAD - 4
    right = WIDTH - 2
    parts = [
        f'<rect x="{left + 2}" y="{top}" width="{right - left - 2}" height="{height}"/>',
        f'<path class="edge {EDGES[step.mark]}" d="M{left + 4} {top}v{height}"/>',
    ]
    for index, (kind, line) in enumerate(lines):
        y = top + PAD + 10 + index * LINE
        parts.append(
            f'<text class="{kind}" x="{left + 16}" y="{y}">{escape(line)}</text>'
        )
    parts.append(
        f'<text class="mark" x="{right - 8}" y="{top + PAD + 10}" '
        f'text-anchor="end">{step.mark}</text>'
    )
    return parts, height


def _cut(words: str, letters: int) -> list[str]:
    # A sign stays with the word before it, as the finishing step keeps it.
    kept = re.sub(r" (?=[;:?!%»])|(?<=«) |(?<=\d) (?=\w)", "\u00a0", words)
    lines = textwrap.wrap(kept, letters, break_long_words=False)
    return [line.replace("\u00a0", " ") for line in lines]


def _arrow(x: int, start: int, end: int) -> list[str]:
    return [
        f'<path d="M{x} {start}V{end - 5}"/>',
        f'<path class="head" d="M{x - 5} {end - 7}h10l-5 8z"/>',
    ]


def _loop(left: int, start: int, end: int) -> list[str]:
    """Return the line that goes from the last box back to the first, at the edge."""
    return [
        f'<path d="M{left + 2} {start}H4V{end}H{left - 6}"/>',
        f'<path class="head" d="M{left - 7} {end - 5}v10l8 -5z"/>',
    ]
