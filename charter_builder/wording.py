"""Outdated or unlawful wordings, found whatever their case, accents or typography."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from charter_builder.typography import fold

_GAP = r"\b[^.;]{0,120}?\b"
_BETWEEN = "\n._.\n"
"""Stands between two passages: no gap of a wording crosses a full stop, and nothing
between two of its words a letter or « _ »."""


class _Folding(dict[int, int]):
    """Folds one character into one, so that a place in the folded text is the same."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        folded = ord("'") if base == "’" else ord(base[0])
        self[code] = folded
        return folded


_FOLDING = _Folding()
NO_SLOTS: Mapping[str, str] = MappingProxyType({})


@lru_cache(maxsize=4_096)
def pattern(wordings: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of some wordings: words, and « … » for a few words.

    Built from escaped words only: an author gives no regular expression.
    """
    return joined(expression(wording) for wording in wordings)


def any_of(wordings: Iterable[str]) -> str:
    """Return the expression of any of some wordings, the longest first."""
    longest = sorted(wordings, key=len, reverse=True)
    return f"(?:{'|'.join(expression(wording) for wording in longest)})"


def joined(expressions: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of some expressions, up to the end of a word.

    `matches` looks at what precedes: a pattern that begins with it is thirty times
    slower, for then `re` cannot jump from one first letter to the next.
    """
    return re.compile(rf"(?:{'|'.join(expressions)})(?!\w)")


def matches(looked_for: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield every place of a folded text where a pattern is, whole words only."""
    start = 0
    while found := looked_for.search(text, start):
        before = text[found.start() - 1 : found.start()]
        if before.isalnum() or before == "_":
            start = found.start() + 1
        else:
            yield found
            start = max(found.end(), found.start() + 1)


def expression(wording: str, slots: Mapping[str, str] = NO_SLOTS) -> str:
    """Return the expression of one wording; `slots` gives those of words like {jours}."""
    return _GAP.join(
        r"\W+".join(
            slots[word] if word in slots else re.escape(word)
            for word in fold(piece).split()
        )
        for piece in re.split(r"\s*(?:…|\.\.\.)\s*", wording)
    )


def folded(text: str) -> str:
    """Return a composed text in lower case and without accents, letter for letter."""
    return text.translate(_FOLDING)


@lru_cache(maxsize=4_096)
def _needed(wording: str) -> frozenset[str]:
    """Return the words without which a wording is surely not there."""
    return frozenset(_words(folded(unicodedata.normalize("NFC", wording))))


def _words(folded_text: str) -> list[str]:
    return re.findall(r"\w+", folded_text)


class Found(NamedTuple):
    """A wording in a passage: where it is, and the words as written."""

    place: str
    quote: str
    start: int
    """Where it begins in the passage."""
    match: re.Match[str]


class Passages:
    """Some passages of a document, folded once, in which wordings are looked for."""

    def __init__(
        self,
        passages: Iterable[tuple[str, str]],
        marked: Callable[[str], str] = str,
    ) -> None:
        """Fold the passages; `marked` may replace letters, never add or remove any."""
        self._starts: list[int] = []
        self._places: list[str] = []
        texts: list[str] = []
        end = 0
        for place, text in passages:
            composed = unicodedata.normalize("NFC", text)
            texts.append(composed)
            self._starts.append(end)
            self._places.append(place)
            end += len(composed) + len(_BETWEEN)
        self._text = _BETWEEN.join(texts)
        self.folded = marked(folded(self._text))

    def each(self, looked_for: re.Pattern[str]) -> Iterator[Found]:
        """Yield every place where a pattern is, in order."""
        for found in matches(looked_for, self.folded):
            index = bisect_right(self._starts, found.start()) - 1
            words = self._text[found.start() : found.end()]
            yield Found(
                place=self._places[index],
                quote=" ".join(words.split()),
                start=found.start() - self._starts[index],
                match=found,
            )

    def find(self, wordings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield each passage that holds a wording: its place, and the words as written.

        A passage is given once, with the first wording it holds.
        """
        first: dict[int, Found] = {}
        for wording in wordings:
            for index in self._possible(wording):
                found = self._first_in(pattern((wording,)), index)
                if found and (index not in first or found.start < first[index].start):
                    first[index] = found
        for _, found in sorted(first.items()):
            yield found.place, found.quote

    @cached_property
    def _holding(self) -> Mapping[str, set[int]]:
        """The passages that hold each word: the few where a wording may be."""
        holding: dict[str, set[int]] = {}
        for index in range(len(self._starts)):
            for word in _words(self.folded[self._span(index)]):
                holding.setdefault(word, set()).add(index)
        return holding

    def _possible(self, wording: str) -> set[int]:
        possible: set[int] | None = None
        for word in _needed(wording):
            held = self._holding.get(word)
            if held is None:  # for most wordings, at the first word
                return set()
            possible = held if possible is None else possible & held
        return possible or set()

    def _span(self, index: int) -> slice:
        last = index + 1 == len(self._starts)
        end = len(self.folded) if last else self._starts[index + 1] - len(_BETWEEN)
        return slice(self._starts[index], end)

    def _first_in(self, looked_for: re.Pattern[str], index: int) -> Found | None:
        found = next(matches(looked_for, self.folded[self._span(index)]), None)
        if found is None:
            return None
        words = self._text[self._span(index)][found.start() : found.end()]
        quote = " ".join(words.split())
        return Found(self._places[index], quote, found.start(), found)
