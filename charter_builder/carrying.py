"""What becomes of a passage from the version somebody read to a later one.

We hold both texts: a passage follows their difference, it is never looked for by
likeness. What cannot be followed is said to be gone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import islice, pairwise
from typing import Literal, NamedTuple
from urllib.parse import quote

from charter_builder.register import Passage
from charter_builder.units import FrozenVersion, Unit
from charter_builder.worddiff import Edit, Match, gaps, key, matches, tokens

State = Literal["unchanged", "moved", "modified", "deleted"]
STATE_LABELS: dict[State, str] = {
    "unchanged": "inchangé",
    "moved": "déplacé",
    "modified": "modifié",
    "deleted": "supprimé",
}

SURVIVES = 0.5
"""Below that share of the letters of its words, a passage is gone, not modified."""

WORDS_ALONE = 8
"""A passage with fewer words is found elsewhere only with its whole sentence: a few
words may be there by chance."""


MAX_PLACES = 8
"""Words found in more places than that are a formula: nobody can say which is which."""


class Carried(NamedTuple):
    """What a passage, or a whole unit, has become."""

    state: State
    version: int
    """The version looked at; for what is gone, the first without it."""
    old: str
    """The words as they were read, those cut at both ends made whole."""
    new: str
    """The words now; nothing once deleted."""
    unit: str | None
    """The unit where they are."""
    start: int
    """Their place in its text, in characters."""
    end: int


def carried(
    unit: str, passage: Passage | None, versions: Sequence[FrozenVersion]
) -> Carried:
    """Return what became of a passage, from the first version to the last.

    `versions` starts with the version read and goes step by step. A contribution
    without a passage, or whose passage was not found in the text read, follows its
    whole unit. Raises `ValueError` when the first version has no such unit.
    """
    first = versions[0].unit(unit)
    if first is None:
        raise ValueError(f"no unit {unit} in version {versions[0].version}")
    is_whole = passage is None or passage.start is None or passage.end is None
    if passage is None or passage.start is None or passage.end is None:
        place = _Place(first, 0, len(first.text))
    else:
        place = _in_whole_words(_Place(first, passage.start, passage.end))
    old = place.name if is_whole else place.words
    states: list[State] = []
    for before, after in pairwise(versions):
        follow = _whole if is_whole else _followed
        state, found = follow(place, before, after)
        if found is None:
            return Carried("deleted", after.version, old, "", None, 0, 0)
        states.append(state)
        place = found
    new = place.name if is_whole else place.words
    state = _state(states, old, new)
    if state == "deleted":
        return Carried("deleted", versions[-1].version, old, "", None, 0, 0)
    return Carried(
        state, versions[-1].version, old, new, place.unit.id, place.start, place.end
    )


def _state(states: Sequence[State], old: str, new: str) -> State:
    """Return what several steps make: two changes may cancel out, or add up."""
    if _keys(old) == _keys(new):
        return "moved" if "moved" in states else "unchanged"
    if len(states) > 1 and _surviving(old, new) < SURVIVES:
        return "deleted"
    return "modified"


class _Place(NamedTuple):
    unit: Unit
    start: int
    end: int

    @property
    def words(self) -> str:
        return self.unit.text[self.start : self.end]

    @property
    def name(self) -> str:
        return f"{self.unit.title}\n\n{self.unit.text}"


def _in_whole_words(place: _Place) -> _Place:
    touched = [
        token
        for token in _tokens(place.unit.text)
        if token.end > place.start and token.start < place.end and token.key != " "
    ]
    if not touched:
        return place
    return _Place(place.unit, touched[0].start, touched[-1].end)


_Step = tuple[State, _Place | None]


def _whole(place: _Place, _: FrozenVersion, after: FrozenVersion) -> _Step:
    """Follow a whole unit: by its id, or else by its very words."""
    unit = after.unit(place.unit.id)
    if unit is None:
        same = [u for u in after.units if _keys(u.text) == _keys(place.unit.text)]
        if len(same) != 1:
            return "deleted", None
        return "moved", _Place(same[0], 0, len(same[0].text))
    found = _Place(unit, 0, len(unit.text))
    if _keys(place.name) == _keys(found.name):
        return "unchanged", found
    if _surviving(place.unit.text, unit.text) < SURVIVES:
        return "deleted", None
    return "modified", found


def _followed(place: _Place, before: FrozenVersion, after: FrozenVersion) -> _Step:
    """Follow a passage through the difference of two versions."""
    unit = after.unit(place.unit.id)
    image = _Image.of(place, unit) if unit is not None else None
    is_rewritten = image is not None and _is_rewritten(place, image.place)
    if image is not None and image.is_verbatim and not is_rewritten:
        return "unchanged", image.place
    moved = _moved(place, before, after)
    if moved is not None:
        # Two sentences that start alike: the difference may have cut across them.
        is_there = image is not None and _overlap(moved, image.place)
        return "unchanged" if is_there else "moved", moved
    if image is None or image.share < SURVIVES:
        return "deleted", None
    if not is_rewritten:
        return "modified", image.place
    # The same words in another sentence: the whole of it is what one must read.
    return (
        ("modified", _sentence(image.place)) if image.is_verbatim else ("deleted", None)
    )


def _is_rewritten(place: _Place, image: _Place) -> bool:
    """Return whether the sentence around a few words has become another one."""
    if _word_count(place.words) >= WORDS_ALONE:
        return False
    outer, found = _sentence(place), _sentence(image)
    text, now = place.unit.text, image.unit.text
    old = f"{text[outer.start : place.start]} {text[place.end : outer.end]}"
    new = f"{now[found.start : image.start]} {now[image.end : found.end]}"
    return _word_count(old) > 0 and _surviving(old, new) < SURVIVES


def _word_count(text: str) -> int:
    return sum(1 for word in _keys(text) if re.search(r"\w", word))


# --- through the difference of one unit ----------------------------------------------


class _Token(NamedTuple):
    text: str
    start: int
    key: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


# Contributions are many on each article: its texts are cut and compared once.
@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[_Token, ...]:
    found, start = [], 0
    for token in tokens(text):
        found.append(_Token(token, start, key(token)))
        start += len(token)
    return tuple(found)


@lru_cache(maxsize=256)
def _shared(old: str, new: str) -> tuple[Match, ...]:
    return tuple(matches(tokens(old), tokens(new)))


def _weight(token: _Token) -> int:
    """Return the letters of a token that is a word: signs and spaces tell nothing."""
    return len(token.key) if re.search(r"\w", token.key) else 0


class _Image(NamedTuple):
    """Where the difference of two texts leads a passage."""

    place: _Place
    share: float
    """How much of its words survives."""
    is_verbatim: bool

    @classmethod
    def of(cls, place: _Place, unit: Unit) -> "_Image | None":
        """Return the image of a passage in another text of its unit, if any is left."""
        old, new = _tokens(place.unit.text), _tokens(unit.text)
        inside = [
            rank
            for rank, token in enumerate(old)
            if token.end > place.start and token.start < place.end and token.key != " "
        ]
        shared = _shared(place.unit.text, unit.text)
        at = {m.old + n: m.new + n for m in shared for n in range(m.size)}
        kept = [rank for rank in inside if rank in at]
        if not kept:
            return None
        start, end = _range(inside, kept, at, gaps(shared, len(old), len(new)), new)
        total = sum(_weight(old[rank]) for rank in inside)
        share = sum(_weight(old[rank]) for rank in kept) / total if total else 0.0
        words = [old[rank].key for rank in inside]
        now = [token.key for token in new[start:end] if token.key != " "]
        is_verbatim = len(kept) == len(inside) and words == now
        return cls(_Place(unit, new[start].start, new[end - 1].end), share, is_verbatim)


def _range(
    inside: Sequence[int],
    kept: Sequence[int],
    at: Mapping[int, int],
    edits: Sequence[Edit],
    new: Sequence[_Token],
) -> tuple[int, int]:
    """Return the tokens of the new text that stand for a passage of the old one."""
    first, last = inside[0], inside[-1]
    start, end = at.get(first, at[kept[0]]), at.get(last, at[kept[-1]]) + 1
    for edit in edits:
        # What took the place of its first or last words belongs to it; of a change that
        # goes further than the passage, as many words as it had there.
        if edit.start <= first < edit.end:
            further = first > edit.start
            reach = edit.new_end - (edit.end - first) if further else 0
            start = min(start, max(edit.new_start, reach))
        if edit.start <= last < edit.end:
            further = last + 1 < edit.end
            reach = edit.new_start + last + 1 - edit.start if further else len(new)
            end = max(end, min(edit.new_end, reach))
    # So do words put right against it: « 12 h » is no longer said in « 12 h 30 ».
    added = {n for e in edits for n in range(e.new_start, e.new_end)}
    while (
        end < len(new)
        and _weight(new[end - 1])
        and (found := _next_to(end, 1, added, new)) is not None
    ):
        end = found + 1
    while (
        start > 0
        and _weight(new[start])
        and (found := _next_to(start - 1, -1, added, new)) is not None
    ):
        start = found
    while new[start].key == " ":
        start += 1
    while new[end - 1].key == " ":
        end -= 1
    return start, end


def _next_to(
    place: int, step: int, added: Set[int], new: Sequence[_Token]
) -> int | None:
    """Return the place of a word that was added there, after a space or not, if any."""
    if new[place].key == " " and "\n" not in new[place].text:
        place += step
    is_word = 0 <= place < len(new) and _weight(new[place]) > 0
    return place if is_word and place in added else None


def _keys(text: str) -> list[str]:
    return [token.key for token in _tokens(text) if token.key != " "]


def _surviving(old: str, new: str) -> float:
    """Return the share of the letters of a text found again, in order, in another."""
    before = _tokens(old)
    total = sum(map(_weight, before))
    kept = sum(
        _weight(token)
        for match in _shared(old, new)
        for token in before[match.old : match.old + match.size]
    )
    return kept / total if total else float(old == new)


# --- elsewhere -----------------------------------------------------------------------


def _moved(place: _Place, before: FrozenVersion, after: FrozenVersion) -> _Place | None:
    """Return where the passage went word for word, if that is certain.

    The words must be new there, and in one place only. A few words could be there by
    chance: their whole sentence must have come with them.
    """
    words = _keys(place.words)
    if not words:
        return None
    context = place
    if _word_count(place.words) < WORDS_ALONE:
        context = _sentence(place)
    everywhere = (o for unit in after.units for o in _occurrences(context.words, unit))
    few = list(islice(everywhere, MAX_PLACES + 1))
    found = [place for place in few if not _was_there(place, before)]
    if len(few) > MAX_PLACES or len(found) != 1:
        return None
    inside = [
        o for o in _occurrences(place.words, found[0].unit) if _holds(found[0], o)
    ]
    return inside[0] if len(inside) == 1 else None


def _overlap(one: _Place, other: _Place) -> bool:
    return (
        one.unit.id == other.unit.id and one.start < other.end and other.start < one.end
    )


def _holds(outer: _Place, inner: _Place) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


_SENTENCE_END = re.compile(r"[.!?…](?=\s)\s*|\n+(- )?")


def _sentence(place: _Place) -> _Place:
    """Return the sentences, or the items, that hold a passage."""
    text = place.unit.text
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    start = max(bound for bound in bounds if bound <= place.start)
    end = min(bound for bound in bounds if bound >= place.end)
    return _Place(place.unit, start, start + len(text[start:end].rstrip()))


def _occurrences(words: str, unit: Unit) -> Iterator[_Place]:
    """Yield where a unit has these words, one after the other."""
    wanted = _keys(words)
    text, joined = _searched(unit.text)
    phrase = "\0" + "".join(f"{word}\0" for word in wanted)
    found = joined.find(phrase)
    while wanted and found >= 0:
        first = joined.count("\0", 0, found + 1) - 1
        last = first + len(wanted) - 1
        yield _Place(unit, text[first].start, text[last].end)
        found = joined.find(phrase, found + 1)


@lru_cache(maxsize=256)
def _searched(text: str) -> tuple[tuple[_Token, ...], str]:
    """Return the words of a text, and all of them as one text to search."""
    words = tuple(token for token in _tokens(text) if token.key != " ")
    # A search of texts is fast whatever a stranger wrote.
    return words, "\0" + "".join(f"{word.key}\0" for word in words)


def _was_there(place: _Place, before: FrozenVersion) -> bool:
    """Return whether words of a version come as they are from the one before."""
    unit = before.unit(place.unit.id)
    if unit is None:
        return False
    origin = _Image.of(place, unit)
    return origin is not None and origin.is_verbatim


# --- links ---------------------------------------------------------------------------

LONG = 150
"""Characters above which a link names the first and last words of a passage only."""
LINK_WORDS = 5


def passage_link(
    page: str, version: FrozenVersion, unit: str, place: Passage | None
) -> str:
    """Return the address of a passage in the page of its version.

    A browser that knows text fragments shows the words; another one goes to the unit.
    """
    anchor = f"{page}#{quote(unit, safe='')}"
    found = version.unit(unit)
    if found is None or place is None or place.start is None or place.end is None:
        return anchor
    fragment = _fragment(found.text, place.start, place.end, version)
    return f"{anchor}:~:text={fragment}" if fragment else anchor


def _fragment(text: str, start: int, end: int, version: FrozenVersion) -> str:
    said = text[start:end]
    # A page shows lines as blocks and items without their mark.
    lines = [line.removeprefix("- ").strip() for line in said.split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    if len(lines) == 1 and len(lines[0]) <= LONG:
        terms = [_encoded(lines[0])]
    else:
        first, last = lines[0].split(" "), lines[-1].split(" ")
        if len(lines) == 1 and len(first) < 2:
            return ""
        # On one line, the two ends must not meet.
        most = LINK_WORDS if len(lines) > 1 else min(LINK_WORDS, len(first) // 2)
        terms = [_encoded(" ".join(first[:most])), _encoded(" ".join(last[-most:]))]
    if sum(unit.text.count(lines[0]) for unit in version.units) > 1:
        before = text[:start].rsplit("\n", 1)[-1].removeprefix("- ").split()
        after = text[end:].split("\n", 1)[0].split()
        if before:
            terms.insert(0, _encoded(" ".join(before[-LINK_WORDS:])) + "-")
        if after:
            terms.append("-" + _encoded(" ".join(after[:LINK_WORDS])))
    return ",".join(terms)


def _encoded(words: str) -> str:
    # In a text fragment, a hyphen and a comma are part of the syntax.
    return quote(words, safe="").replace("-", "%2D")
