"""What a change of answer does, as a terminal shows it before anybody agrees."""

from collections.abc import Iterable, Iterator, Sequence

from charter_builder.changes import Change
from charter_builder.cli import report
from charter_builder.effects import Effect
from charter_builder.worddiff import Run

_KINDS = {
    "lapsed": "N’est plus posée",
    "asked": "À répondre",
    "back": "Reprend votre réponse d’avant",
    "changed": "Change",
}
MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
"""Words that go and come, marked without colour so that they can be read aloud."""

CONTEXT = 60
"""Characters of unchanged text shown around a change."""


def effects_text(found: Iterable[Effect]) -> str:
    """Return one line for each effect: what it was, what it becomes."""
    lines = []
    for effect in found:
        colon = "" if effect.label.endswith("?") else " :"
        line = f"{_KINDS[effect.kind]} : {effect.label}"
        if effect.kind == "lapsed":
            line += f" (c’était : {effect.before})"
        elif effect.kind == "changed":
            line += f"{colon} {effect.before or '—'} → {effect.after}"
        elif effect.kind == "back":
            line += f"{colon} {effect.after}"
        lines.append(report.wrapped(line, "    ", "  · "))
    return "\n".join(lines)


def changes_text(changes: Sequence[Change]) -> str:
    """Return the articles that change, word by word."""
    if not changes:
        return "Aucun article ne change."
    blocks = []
    for change in changes:
        if change.kind == "removed":
            blocks.append(f"Article {change.before}, {change.title} : disparaît.")
        elif change.kind == "renumbered":
            blocks.append(
                f"Article {change.before}, {change.title} : devient l’article "
                f"{change.after}."
            )
        else:
            what = "apparaît" if change.kind == "added" else "change"
            head = f"Article {change.after}, {change.title} : {what}."
            blocks.append(f"{head}\n{runs_text(change.runs)}")
    return "\n\n".join(report.wrapped(b) if "\n" not in b else b for b in blocks)


def runs_text(runs: Sequence[Run]) -> str:
    """Return the words that go and come, with some of those around, indented."""
    body = "".join(_shown(runs))
    return "\n".join(report.wrapped(p, "  ") for p in body.split("\n") if p.strip())


def _shown(runs: Sequence[Run]) -> Iterator[str]:
    for index, run in enumerate(runs):
        if run.kind in MARKS:
            opening, closing = MARKS[run.kind]
            words = run.text.strip()
            before = run.text[: len(run.text) - len(run.text.lstrip())]
            after = run.text[len(run.text.rstrip()) :]
            yield f"{before}{opening}{words}{closing}{after}"
        else:
            yield _shortened(run.text, index == 0, index == len(runs) - 1)


def _shortened(text: str, first: bool, last: bool) -> str:
    """Return the unchanged words near a change, the rest as « … »."""
    if len(text) <= 2 * CONTEXT + 20:
        return text
    head = "" if first else text[:CONTEXT].rsplit(" ", 1)[0]
    tail = "" if last else text[-CONTEXT:].split(" ", 1)[-1]
    return f"{head} […]\n{tail}" if not first else f"[…] {tail}"
