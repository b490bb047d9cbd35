"""The words that move between two texts; typography does not count."""

import re
from collections.abc import Iterable, Iterator, Sequence
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


MOSTLY_REWRITTEN = 0.5
"""Above that share of words of their own, marks would tell nothing."""


def own_words(texts: Sequence[str]) -> list[list[Run]]:
    """Return each text in runs: `added` for the words that another text has not.

    A text mostly made of its own words comes back as one run, unmarked.
    """
    tokens = [_TOKEN.findall(text) for text in texts]
    keys = [[_key(token) for token in found] for found in tokens]
    told = []
    for rank, found in enumerate(tokens):
        shared = [
            _shared(keys[rank], other) for n, other in enumerate(keys) if n != rank
        ]
        own = [not all(flags) for flags in zip(*shared, strict=True)]
        words = [
            is_own for token, is_own in zip(found, own, strict=True) if token.strip()
        ]
        if sum(words) > MOSTLY_REWRITTEN * len(words):
            told.append([Run("same", "".join(found))])
            continue
        runs = [
            Run("added" if is_own and token.strip() else "same", token)
            for token, is_own in zip(found, own, strict=True)
        ]
        told.append(list(_phrases(runs)))
    return told


def _shared(one: Sequence[str], other: Sequence[str]) -> list[bool]:
    """Return, for each token of one text, whether the other has it in its place."""
    flags = [False] * len(one)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for start, _, size in matcher.get_matching_blocks():
        flags[start : start + size] = [True] * size
    return flags


def _phrases(runs: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours of a kind, and marks that only a space separates."""
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].kind == run.kind:
            joined[-1] = Run(run.kind, joined[-1].text + run.text)
        elif (
            len(joined) > 1
            and run.kind == "added"
            and joined[-2].kind == "added"
            and not joined[-1].text.strip()
        ):
            space = joined.pop()
            joined[-1] = Run("added", joined[-1].text + space.text + run.text)
        else:
            joined.append(run)
    yield from joined


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
