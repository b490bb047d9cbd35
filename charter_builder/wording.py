"""Outdated or unlawful wordings, found whatever their case, accents or typography."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from charter_builder.typography import fold

_GAP = r"\b[^.;]{0,120}?\b"


class _Folding(dict[int, int]):
    """Folds one character into one, so that a place in the folded text is the same."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        folded = ord("'") if base == "’" else ord(base[0])
        self[code] = folded
        return folded


_FOLDING = _Folding()


@lru_cache(maxsize=4_096)
def _pattern(wording: str) -> re.Pattern[str]:
    """Return the pattern of a wording: words, and « … » for a few words.

    Built from escaped words only: an author gives no regular expression.
    """
    words = _GAP.join(
        r"\W+".join(re.escape(word) for word in fold(piece).split())
        for piece in re.split(r"\s*(?:…|\.\.\.)\s*", wording)
    )
    return re.compile(rf"(?<!\w){words}(?!\w)")


@lru_cache(maxsize=4_096)
def _words(wording: str) -> frozenset[str]:
    """Return the words without which a wording is surely not there."""
    return frozenset(_folded_words(unicodedata.normalize("NFC", wording)))


def _folded_words(composed: str) -> list[str]:
    return re.findall(r"\w+", composed.translate(_FOLDING))


class Passages:
    """Some passages of a document, folded once, in which wordings are looked for."""

    def __init__(self, passages: Iterable[tuple[str, str]]) -> None:
        self._places: list[str] = []
        self._texts: list[str] = []
        self._holding: dict[str, set[int]] = {}
        """The passages that hold each word: the few where a wording may be."""
        for index, (place, text) in enumerate(passages):
            composed = unicodedata.normalize("NFC", text)
            self._places.append(place)
            self._texts.append(composed)
            for word in _folded_words(composed):
                self._holding.setdefault(word, set()).add(index)

    def find(self, wordings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield each passage that holds a wording: its place, and the words as written.

        A passage is given once, with the first wording it holds.
        """
        first: dict[int, re.Match[str]] = {}
        for wording in wordings:
            for index in self._possible(wording):
                folded = self._texts[index].translate(_FOLDING)
                found = _pattern(wording).search(folded)
                if found and (
                    index not in first or found.start() < first[index].start()
                ):
                    first[index] = found
        for index, found in sorted(first.items()):
            words = self._texts[index][found.start() : found.end()].split()
            yield self._places[index], " ".join(words)

    def _possible(self, wording: str) -> set[int]:
        held = [self._holding.get(word, set()) for word in _words(wording)]
        return set.intersection(*held) if held and all(held) else set()
