"""Frozen text and what changes between versions, as HTML one can read and hear."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from charter_builder import french
from charter_builder.units import CHANGE_LABELS, Unit, UnitChange
from charter_builder.website.markup import Trusted
from charter_builder.worddiff import Run

# What a screen reader does not say of <del> and <ins>, in words.
_SPOKEN = {
    "removed": ("del", "[supprimé\u00a0:", "]"),
    "added": ("ins", "[ajouté\u00a0:", "]"),
}


def changes_html(
    changes: Sequence[UnitChange],
    base: str,
    origin: Callable[[str], str] = lambda _: "",
) -> Trusted:
    """Return what changed, unit by unit; `base` leads to the pages of the articles.

    Words that go are struck, words that come are underlined, and both are said.
    `origin` gives what stands before the words of a unit: why they changed.
    """
    if not changes:
        return Trusted("<p>Aucun mot n’a changé.</p>")
    return Trusted(
        '<div class="charte-changes">\n'
        + "\n".join(_change(change, base, origin) for change in changes)
        + "\n</div>"
    )


def _change(change: UnitChange, base: str, origin: Callable[[str], str]) -> str:
    unit = change.after or change.before
    assert unit is not None
    name = f"<strong>{escape(unit.name)}</strong>"
    said = f"{CHANGE_LABELS[change.kind]}."
    if change.kind == "moved" and change.before is not None:
        said = f"était l’article {change.before.number}."
    if change.kind == "removed":
        return f"<p>{name} {said}</p>{origin(unit.id)}"
    target = escape(f"{base}{unit.id}.html" if base else f"#{unit.id}")
    link = f'<p><a href="{target}">Lire ce texte en entier</a></p>'
    if change.kind == "moved":
        # Its number follows from what came or went: nobody asked for it.
        return f'<p><a href="{target}">{name}</a> {said}</p>'
    return (
        f"<details><summary>{name} {said}</summary>\n{origin(unit.id)}"
        f'<div class="charte-text">{runs_html(change.runs)}</div>{link}</details>'
    )


def runs_html(runs: Iterable[Run]) -> str:
    """Return runs of words as paragraphs, each change marked and named."""
    return "".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(runs))


def changed_html(runs: Iterable[Run]) -> str:
    """Return the paragraphs that change, and how many between them do not."""
    pieces: list[str] = []
    for same, group in groupby(_paragraphs(runs), key=_is_same):
        found = list(group)
        if same:
            said = french.counted(len(found), "alinéa", "alinéas")
            pieces.append(f'<p class="charte-same">[{said} sans changement]</p>')
        else:
            pieces += [f"<p>{paragraph}</p>" for paragraph in found]
    return "".join(pieces)


def _is_same(paragraph: str) -> bool:
    # The words are escaped: these are our own marks.
    return "<del>" not in paragraph and "<ins>" not in paragraph


def _paragraphs(runs: Iterable[Run]) -> Iterator[str]:
    pieces: list[str] = []
    for run in runs:
        for rank, text in enumerate(run.text.split("\n\n")):
            if rank and pieces:
                yield "".join(pieces)
                pieces = []
            if text:
                pieces.append(_marked(run.kind, text))
    if pieces:
        yield "".join(pieces)


def _marked(kind: str, text: str) -> str:
    lines = escape(text).replace("\n", "<br>")
    if kind not in _SPOKEN or not text.strip():
        return lines
    tag, opening, closing = _SPOKEN[kind]
    return (
        f'<{tag}><span class="charte-unseen">{opening}</span>{lines}'
        f'<span class="charte-unseen">{closing}</span></{tag}>'
    )


def unit_html(unit: Unit) -> Trusted:
    """Return the frozen text of a unit, its lists as lists."""
    return Trusted("\n".join(map(_block, unit.text.split("\n\n"))))


def _block(text: str) -> str:
    """Return one paragraph of plain text, with the list that may follow it."""
    lines = text.split("\n")
    said = [escape(line) for line in lines if not line.startswith("- ")]
    items = [escape(line[2:]) for line in lines if line.startswith("- ")]
    paragraph = f"<p>{'<br>'.join(said)}</p>" if said else ""
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"{paragraph}<ul>{listed}</ul>" if listed else paragraph
