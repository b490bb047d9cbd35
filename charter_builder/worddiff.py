"""The words that move between two texts; typography does not count."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from charter_builder.typography import plain

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*['’]?|[^\w\s]|\s+")


class Run(NamedTuple):
    """A run of words that stays, goes or comes."""

    kind: Literal["same", "removed", "added"]
    text: str


def compare_words(before: str, after: str) -> list[Run]:
    """Return the runs that lead from one text to the other, in reading order.

    Joining the runs that stay or come gives `after`; stay or go, `before` up to its
    typography.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(
        None, [_key(t) for t in old], [_key(t) for t in new], autojunk=False
    )
    runs: list[Run] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(new[j1:j2])))
            continue
        if i2 > i1:
            runs.append(Run("removed", "".join(old[i1:i2])))
        if j2 > j1:
            runs.append(Run("added", "".join(new[j1:j2])))
    return list(_readable(runs))


def _key(token: str) -> str:
    return " " if token.isspace() else plain(token)


def _readable(runs: Iterable[Run]) -> Iterator[Run]:
    """Join changes that only a space or a comma separates: people read phrases."""
    waiting: list[Run] = []
    for run in runs:
        between = run.kind == "same" and not re.search(r"\w", run.text)
        if run.kind != "same" or (waiting and between and "\n" not in run.text):
            waiting.append(run)
            continue
        yield from _joined(waiting)
        waiting = []
        yield run
    yield from _joined(waiting)


def _joined(waiting: list[Run]) -> Iterator[Run]:
    trailing = []
    while waiting and waiting[-1].kind == "same":
        trailing.append(waiting.pop())
    removed = "".join(run.text for run in waiting if run.kind != "added")
    added = "".join(run.text for run in waiting if run.kind != "removed")
    if removed.strip() or added.strip():
        if removed:
            yield Run("removed", removed)
        if added:
            yield Run("added" if added.strip() else "same", added)
    elif added:
        yield Run("same", added)
    yield from reversed(trailing)
