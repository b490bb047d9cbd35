"""The words that move between two texts; typography does not count."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import Match as _Found
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate, pairwise
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
    purse = Purse(BUDGET)
    # Spaces are everywhere: they would cost more than all the rest, and tell nothing.
    before, after = _Words(old), _Words(new)
    at: dict[int, int] = {}
    i = j = 0
    for line in _same_lines(before, after, purse):
        at |= _shared_words(before, after, (i, line.old, j, line.new), purse)
        at |= _pairs(before, after, line)
        i, j = line.old + line.size, line.new + line.size
    return _as_matches(_with_spaces(at, old, new))


class _Words:
    """The tokens of a text that are no spaces, and the lines they make."""

    def __init__(self, found: Sequence[str]) -> None:
        self.places = [n for n, token in enumerate(found) if not token.isspace()]
        self.keys = [key(found[place]) for place in self.places]
        ends = [0]
        for rank, place in enumerate(self.places):
            if rank and "\n" in found[place - 1]:
                ends.append(rank)
        self.lines = list(pairwise([*ends, len(self.places)]))

    def line_keys(self) -> list[str]:
        return ["\0".join(self.keys[start:end]) for start, end in self.lines]


def _pairs(before: _Words, after: _Words, match: Match) -> dict[int, int]:
    """Return, by place among the tokens, the words of a match of words."""
    ranks = range(match.size)
    return {before.places[match.old + n]: after.places[match.new + n] for n in ranks}


def _same_lines(before: _Words, after: _Words, purse: "Purse") -> Iterator[Match]:
    """Yield the lines that are the same, as matches of words; then the very end."""
    if len(before.lines) > 1 or len(after.lines) > 1:
        for block in _blocks(before.line_keys(), after.line_keys(), purse):
            for rank in range(block.size):
                start, end = before.lines[block.old + rank]
                yield Match(start, after.lines[block.new + rank][0], end - start)
    yield Match(len(before.keys), len(after.keys), 0)


def _shared_words(
    before: _Words, after: _Words, between: tuple[int, int, int, int], purse: "Purse"
) -> dict[int, int]:
    i1, i2, j1, j2 = between
    at: dict[int, int] = {}
    if i1 < i2 and j1 < j2:
        for match in _blocks(before.keys[i1:i2], after.keys[j1:j2], purse):
            found = Match(i1 + match.old, j1 + match.new, match.size)
            at |= _pairs(before, after, found)
    return at


def _with_spaces(
    at: Mapping[int, int], old: Sequence[str], new: Sequence[str]
) -> list[tuple[int, int]]:
    """Return the pairs of words, with the spaces that both texts have beside them."""
    pairs: list[tuple[int, int]] = []
    for i, j in at.items():
        before = (i - 1, j - 1)
        is_free = not pairs or (pairs[-1][0] < i - 1 and pairs[-1][1] < j - 1)
        if i and j and is_free and old[i - 1].isspace() and new[j - 1].isspace():
            pairs.append(before)
        pairs.append((i, j))
        after = (i + 1, j + 1)
        is_inside = after[0] < len(old) and after[1] < len(new)
        if is_inside and old[after[0]].isspace() and new[after[1]].isspace():
            pairs.append(after)
    return pairs


def _as_matches(pairs: Iterable[tuple[int, int]]) -> list[Match]:
    found: list[Match] = []
    for i, j in pairs:
        last = found[-1] if found else None
        if last and (last.old + last.size, last.new + last.size) == (i, j):
            found[-1] = last._replace(size=last.size + 1)
        else:
            found.append(Match(i, j, 1))
    return found


class Purse:
    """The steps that may still be spent."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooLongError


class TooLongError(Exception):
    """Comparing would take more steps than we have."""


class _Matcher(SequenceMatcher[str]):
    """The usual matcher, which stops before it takes more steps than it may."""

    a: Sequence[str]
    b2j: dict[str, list[int]]

    def __init__(self, old: Sequence[str], new: Sequence[str], purse: Purse) -> None:
        super().__init__(None, old, new, autojunk=False)
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


def blocks(old: Sequence[str], new: Sequence[str], purse: Purse) -> list[Match]:
    """Return what two sequences of keys share, in order.

    Raises `TooLongError` once the purse is empty.
    """
    found = _Matcher(old, new, purse).get_matching_blocks()
    return [Match(*block) for block in found if block.size]


def _blocks(old: Sequence[str], new: Sequence[str], purse: Purse) -> list[Match]:
    """Return what two sequences share; at both ends only, if all would cost too much."""
    try:
        return blocks(old, new, purse)
    except TooLongError:
        return _shared_ends(old, new)


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    shortest = min(len(old), len(new))
    head = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    tail = next(
        (n for n in range(shortest - head) if old[-1 - n] != new[-1 - n]),
        shortest - head,
    )
    ends = (Match(0, 0, head), Match(len(old) - tail, len(new) - tail, tail))
    return [match for match in ends if match.size]


MOSTLY_REWRITTEN = 0.5
"""Above that share of words of their own, marks would tell nothing."""


def own_words(texts: Sequence[str]) -> list[list[Run]]:
    """Return each text in runs: `added` for the words that another text has not.

    A text mostly made of its own words comes back as one run, unmarked.
    """
    cut = [tokens(text) for text in texts]
    told = []
    for rank, found in enumerate(cut):
        shared = [_shared(found, other) for n, other in enumerate(cut) if n != rank]
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
    for start, _, size in matches(one, other):
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


# A language has few words; a charter says the same ones a thousand times.
@lru_cache(maxsize=32_768)
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
