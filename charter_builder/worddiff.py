"""The words that move between two texts; typography does not count."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import Match as _Found
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Literal, NamedTuple

from charter_builder.typography import plain

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*['’]?|[^\w\s]|\s+")

BUDGET = 4_000_000
"""Steps spent on comparing two texts, about half a second.

An ordinary article takes a few thousand; a text of one word said 5 000 times, billions.
"""


class Run(NamedTuple):
    """A run of words that stays, goes or comes."""

    kind: Literal["same", "removed", "added"]
    text: str


class Match(NamedTuple):
    """Tokens that two texts share: where in each, and how many."""

    old: int
    new: int
    size: int


class Edit(NamedTuple):
    """A range of tokens of one text, and the range that takes its place."""

    start: int
    end: int
    new_start: int
    new_end: int


def compare_words(before: str, after: str) -> list[Run]:
    """Return the runs that lead from one text to the other, in reading order.

    Joining the runs that stay or come gives `after`; stay or go, `before` up to its
    typography. Lines that are the same are put face to face first, then words. Texts
    that would take too long to compare come out as one change.
    """
    old, new = tokens(before), tokens(after)
    runs: list[Run] = []
    kept = 0
    for edit in [*edits(old, new), Edit(len(old), len(old), len(new), len(new))]:
        if edit.new_start > kept:
            runs.append(Run("same", "".join(new[kept : edit.new_start])))
        if edit.end > edit.start:
            runs.append(Run("removed", "".join(old[edit.start : edit.end])))
        if edit.new_end > edit.new_start:
            runs.append(Run("added", "".join(new[edit.new_start : edit.new_end])))
        kept = edit.new_end
    return list(_readable(runs))


def tokens(text: str) -> list[str]:
    """Return the words, signs and spaces of a text."""
    return _TOKEN.findall(text)


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Return the ranges of tokens that differ, in order; never two side by side."""
    return gaps(matches(old, new), len(old), len(new))


def gaps(shared: Iterable[Match], old_size: int, new_size: int) -> list[Edit]:
    """Return what lies between the matches of two texts of these sizes."""
    found: list[Edit] = []
    i = j = 0
    for match in [*shared, Match(old_size, new_size, 0)]:
        if match.old > i or match.new > j:
            found.append(Edit(i, match.old, j, match.new))
        i, j = match.old + match.size, match.new + match.size
    return found


def matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return the tokens that two texts share, lines first, within the budget."""
    purse = _Purse(BUDGET)
    old_keys, new_keys = [key(t) for t in old], [key(t) for t in new]
    found: list[Match] = []
    i = j = 0
    for line in _same_lines(old_keys, new_keys, old, new, purse):
        found += _shared_words(old_keys, new_keys, (i, line.old, j, line.new), purse)
        if line.size:
            found.append(line)
        i, j = line.old + line.size, line.new + line.size
    return _joined_matches(found)


def _joined_matches(found: Iterable[Match]) -> list[Match]:
    joined: list[Match] = []
    for match in found:
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == match[:2]:
            joined[-1] = last._replace(size=last.size + match.size)
        else:
            joined.append(match)
    return joined


class _Purse:
    """The steps that may still be spent."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise _TooLongError


class _TooLongError(Exception):
    """Comparing would take more steps than we have."""


class _Matcher(SequenceMatcher[str]):
    """The usual matcher, which stops before it takes more steps than it may.

    Spaces start no match: they are everywhere, and would cost more than all the rest.
    """

    a: Sequence[str]
    b2j: dict[str, list[int]]

    def __init__(self, old: Sequence[str], new: Sequence[str], purse: _Purse) -> None:
        super().__init__(" ".__eq__, old, new, autojunk=False)
        self.purse = purse
        places = ((len(self.b2j.get(token, ())) + 1) for token in old)
        self.cost = list(accumulate(places, initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> _Found:
        end = len(self.a) if ahi is None else ahi
        # What the loops of the usual matcher go through, at the most.
        self.purse.spend(self.cost[end] - self.cost[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def _blocks(old: Sequence[str], new: Sequence[str], purse: _Purse) -> list[Match]:
    """Return what two sequences share.

    When that costs too much: what they share at both ends, and nothing between.
    """
    try:
        found = _Matcher(old, new, purse).get_matching_blocks()
    except _TooLongError:
        return _shared_ends(old, new)
    return [Match(*block) for block in found if block.size]


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    shortest = min(len(old), len(new))
    head = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    tail = next(
        (n for n in range(shortest - head) if old[-1 - n] != new[-1 - n]),
        shortest - head,
    )
    ends = (Match(0, 0, head), Match(len(old) - tail, len(new) - tail, tail))
    return [match for match in ends if match.size]


def _same_lines(
    old_keys: Sequence[str],
    new_keys: Sequence[str],
    old: Sequence[str],
    new: Sequence[str],
    purse: _Purse,
) -> Iterator[Match]:
    """Yield the lines that are the same, as matches of tokens; then the very end."""
    before, after = _lines(old), _lines(new)
    if len(before) > 1 and len(after) > 1:
        for block in _blocks(
            ["\0".join(old_keys[start:end]) for start, end in before],
            ["\0".join(new_keys[start:end]) for start, end in after],
            purse,
        ):
            for rank in range(block.size):
                start, end = before[block.old + rank]
                yield Match(start, after[block.new + rank][0], end - start)
    yield Match(len(old), len(new), 0)


def _lines(found: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each line starts and ends, the breaks between lines left out."""
    lines, start = [], 0
    for place, token in enumerate(found):
        if "\n" in token:
            if place > start:
                lines.append((start, place))
            start = place + 1
    if len(found) > start:
        lines.append((start, len(found)))
    return lines


def _shared_words(
    old: Sequence[str],
    new: Sequence[str],
    between: tuple[int, int, int, int],
    purse: _Purse,
) -> Iterator[Match]:
    i1, i2, j1, j2 = between
    if i1 < i2 and j1 < j2:
        for match in _blocks(old[i1:i2], new[j1:j2], purse):
            yield Match(i1 + match.old, j1 + match.new, match.size)


MOSTLY_REWRITTEN = 0.5
"""Above that share of words of their own, marks would tell nothing."""


def own_words(texts: Sequence[str]) -> list[list[Run]]:
    """Return each text in runs: `added` for the words that another text has not.

    A text mostly made of its own words comes back as one run, unmarked.
    """
    cut = [tokens(text) for text in texts]
    keys = [[key(token) for token in found] for found in cut]
    told = []
    for rank, found in enumerate(cut):
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
    for start, _, size in _blocks(one, other, _Purse(BUDGET)):
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


def key(token: str) -> str:
    """Return a token as comparisons see it."""
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
