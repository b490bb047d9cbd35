"""Two changes of one text brought together, word by word, or where they collide.

Nothing here decides for people: changes that touch, or nearly, are shown to them.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from charter_builder import worddiff
from charter_builder.typography import plain
from charter_builder.worddiff import (
    Edit,
    Match,
    Purse,
    TooLongError,
    gaps,
    key,
    tokens,
)

NEAR = 2
"""Two changes with at most that many words between them read as one sentence: a person
must look."""

SHOWN_BEFORE = 6
"""Words quoted before a collision, so that one finds the place."""


class Collision(NamedTuple):
    """A passage that both sides changed, each in its own way."""

    base: str
    ours: str
    theirs: str
    before: str
    """The words just before it in the base."""
    start: int
    end: int
    """Its place in the base, in words."""
    lead: str
    """What separates it from what comes before: a space, or a break."""
    trail: str = ""
    """The break after it, if there is one."""


class Merge(NamedTuple):
    """What bringing two changes together gives, in reading order."""

    pieces: tuple[str | Collision, ...]

    @property
    def collisions(self) -> tuple[Collision, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Collision))

    @property
    def text(self) -> str | None:
        """The text that holds both changes; nothing when some collide."""
        if self.collisions:
            return None
        return "".join(piece for piece in self.pieces if isinstance(piece, str))


def merge(base: str, ours: str, theirs: str) -> Merge:
    """Return a text that holds what both sides changed, or where they collide.

    Typography is no change; where one side alone touched it, that side's is kept. The
    result is the same whichever side is called ours. Texts that would take too long to
    compare are merged by paragraphs.
    """
    for unchanged, result in ((base, theirs), (theirs, ours)):
        if ours == unchanged:
            return Merge((result.strip(),))
    if theirs == base:
        return Merge((ours.strip(),))
    for cut, near in ((_words, NEAR), (_paragraphs, 0)):
        try:
            return _merge(cut(base), cut(ours), cut(theirs), near)
        except TooLongError:
            continue
    whole = Collision(base.strip(), ours.strip(), theirs.strip(), "", 0, 1, "")
    return Merge((whole,))


def confronted(ours: str, theirs: str) -> Merge:
    """Return two texts as one, a collision wherever they differ.

    For texts that come from another one, which nobody has any more: whose change each
    difference is cannot be known.
    """
    if ours == theirs:
        return Merge((ours.strip(),))
    try:
        words = _words(ours)
        same, other = _side(words, words), _side(words, _words(theirs))
    except TooLongError:
        return Merge((Collision("", ours.strip(), theirs.strip(), "", 0, 1, ""),))
    ranges = _united([_Range(edit.start, edit.end) for edit in other.edits])
    return Merge(tuple(_joined(_pieces(words, same, other, ranges))))


def same_words(one: str, other: str) -> bool:
    """Return whether two texts have the same words and breaks."""
    return [word.key for word in _words(one)] == [word.key for word in _words(other)]


class _Word(NamedTuple):
    """A word or a sign with the space before it; or a break between two lines."""

    lead: str
    core: str
    key: str


def _words(text: str) -> list[_Word]:
    # The first word follows a break as any other that starts a paragraph.
    found = [_Word("\n\n", "", "\n\n")]
    lead = ""
    for token in tokens(text.strip()):
        lines = min(token.count("\n"), 2) * "\n"
        if lines:
            # A break is a change; another space is not.
            found.append(_Word(lines, "", lines))
        elif token.isspace():
            lead = token
            continue
        else:
            found.append(_Word(lead, token, key(token)))
        lead = ""
    return found


def _paragraphs(text: str) -> list[_Word]:
    cut = re.split(r"\n[^\S\n]*\n\s*", text.strip())
    return [_Word("\n\n", chunk, plain(chunk)) for chunk in cut if chunk.strip()]


class _Side(NamedTuple):
    """One side: its words, what it changed of the base, where the rest went."""

    words: Sequence[_Word]
    edits: Sequence[Edit]
    at: Sequence[int]
    """For each word of the base kept, its place here; -1 for the others."""

    def said(self, edit: Edit) -> tuple[int, int, tuple[str, ...]]:
        """Return an edit in words: two sides may say the same."""
        new = self.words[edit.new_start : edit.new_end]
        return edit.start, edit.end, tuple(word.key for word in new)

    def between(self, start: int, end: int) -> Sequence[_Word]:
        """Return what this side has for a range of the base with kept words around."""
        first = self.at[start - 1] + 1 if start else 0
        last = self.at[end] if end < len(self.at) else len(self.words)
        return self.words[first:last]


def _side(base: Sequence[_Word], words: Sequence[_Word]) -> _Side:
    shared = worddiff.blocks(
        [word.key for word in base],
        [word.key for word in words],
        Purse(worddiff.BUDGET),
    )
    at = [-1] * len(base)
    for match in shared:
        for rank in range(match.size):
            at[match.old + rank] = match.new + rank
    _slide(base, words, at)
    return _Side(words, _edits(base, words, at), at)


def _edits(
    base: Sequence[_Word], words: Sequence[_Word], at: Sequence[int]
) -> list[Edit]:
    kept = [Match(old, new, 1) for old, new in enumerate(at) if new >= 0]
    return gaps(kept, len(base), len(words))


def _slide(base: Sequence[_Word], words: Sequence[_Word], at: list[int]) -> None:
    """Put what was only added, or only removed, in the last place where it can stand.

    « ; - a » added after « - b » is also « - a ; » added before it: two people who type
    the same item must be seen to say the same.
    """
    for edit in reversed(_edits(base, words, at)):
        start, end, first, last = edit
        while end < len(base) and at[end] == last:
            if start == end and first < last and base[end].key == words[first].key:
                at[end] = first
            elif first == last and start < end and base[end].key == base[start].key:
                at[start], at[end] = last, -1
            else:
                break
            start, end, first, last = start + 1, end + 1, first + 1, last + 1


def _merge(
    base: Sequence[_Word],
    our_words: Sequence[_Word],
    their_words: Sequence[_Word],
    near: int,
) -> Merge:
    ours, theirs = _side(base, our_words), _side(base, their_words)
    agreed = {ours.said(e) for e in ours.edits} & {theirs.said(e) for e in theirs.edits}
    ranges = _collisions(
        [e for e in ours.edits if ours.said(e) not in agreed],
        [e for e in theirs.edits if theirs.said(e) not in agreed],
        [*ours.edits, *theirs.edits],
        near,
    )
    return Merge(tuple(_joined(_pieces(base, ours, theirs, ranges))))


class _Range(NamedTuple):
    start: int
    end: int


def _collisions(
    ours: Sequence[Edit], theirs: Sequence[Edit], every: Sequence[Edit], near: int
) -> list[_Range]:
    """Return the ranges of the base where the two sides collide, in order."""
    ends = [edit.end for edit in theirs]
    ranges = []
    for edit in ours:
        rank = bisect_left(ends, edit.start - near)
        while rank < len(theirs) and theirs[rank].start <= edit.end + near:
            other = theirs[rank]
            ranges.append(
                _Range(min(edit.start, other.start), max(edit.end, other.end))
            )
            rank += 1
    joined: list[_Range] = []
    while joined != (joined := _united(ranges)):
        # A range takes in the changes that touch it: what is around it is then kept
        # by both sides.
        touched = [_Range(e.start, e.end) for e in every if _touches(joined, e)]
        ranges = [*joined, *touched]
    return joined


def _touches(ranges: Sequence[_Range], edit: Edit) -> bool:
    rank = bisect_left(ranges, edit.start, key=lambda found: found.end)
    return rank < len(ranges) and ranges[rank].start <= edit.end


def _united(ranges: Sequence[_Range]) -> list[_Range]:
    """Return ranges in order, those that touch made one."""
    united: list[_Range] = []
    for found in sorted(ranges):
        if united and found.start <= united[-1].end:
            united[-1] = _Range(united[-1].start, max(united[-1].end, found.end))
        else:
            united.append(found)
    return united


def _pieces(
    base: Sequence[_Word], ours: _Side, theirs: _Side, ranges: Sequence[_Range]
) -> Iterator[_Word | Collision]:
    """Yield the words both sides agree on, and the collisions, in reading order."""
    steps: dict[int, tuple[int, Sequence[_Word]]] = {}
    for side in (ours, theirs):
        for edit in side.edits:
            if _touches(ranges, edit):
                continue
            new = side.words[edit.new_start : edit.new_end]
            known = steps.get(edit.start)
            # Said by both sides, perhaps with another typography: the first in order,
            # whichever side it is.
            if known is None or list(new) < list(known[1]):
                steps[edit.start] = edit.end, new
    colliding = {found.start: found for found in ranges}
    place = 0
    while place <= len(base):
        after = place
        if place in colliding:
            after = colliding[place].end
            yield _collision(base, ours, theirs, colliding[place])
        elif place in steps:
            after, said = steps[place]
            yield from said
        if after > place:
            place = after
            continue
        if place < len(base):
            yield _kept(
                base[place], ours.words[ours.at[place]], theirs.words[theirs.at[place]]
            )
        place += 1


def _collision(
    base: Sequence[_Word], ours: _Side, theirs: _Side, found: _Range
) -> Collision:
    said = (
        base[found.start : found.end],
        ours.between(*found),
        theirs.between(*found),
    )
    leads = [words[0].lead for words in said if words]
    trails = [words[-1].lead for words in said if words and not words[-1].core]
    old, our_own, their_own = ("".join(map(_written, words)).strip() for words in said)
    return Collision(
        base=old,
        ours=our_own,
        theirs=their_own,
        before=_quoted(base[max(0, found.start - SHOWN_BEFORE) : found.start]),
        start=found.start,
        end=found.end,
        lead=max(leads, key=lambda lead: (lead.count("\n"), lead)),
        trail=max(trails, default="", key=len),
    )


def _quoted(words: Sequence[_Word]) -> str:
    return " ".join("".join(map(_written, words)).split())


def _written(word: _Word) -> str:
    return word.lead + word.core


def _kept(base: _Word, ours: _Word, theirs: _Word) -> _Word:
    """Return a word that nobody changed, with the typography of who touched it."""
    if ours in (base, theirs):
        return theirs
    return ours if theirs == base else base


def _joined(found: Iterator[_Word | Collision]) -> Iterator[str | Collision]:
    """Yield the pieces, words that follow one another made one text."""
    pieces: list[str | Collision] = [""]
    for piece in found:
        last = pieces[-1]
        if isinstance(piece, Collision):
            pieces.append(piece)
        elif isinstance(last, Collision):
            pieces.append(_written(piece))
        else:
            pieces[-1] = last + _written(piece)
    for rank, said in enumerate(pieces):
        if isinstance(said, Collision):
            yield said
            continue
        # A text neither starts nor ends with a space.
        start = said if any(pieces[:rank]) else said.lstrip()
        whole = start if rank + 1 < len(pieces) else start.rstrip()
        if whole:
            yield whole
