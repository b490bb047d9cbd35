"""Outdated or unlawful wordings, found whatever their case, accents or typography."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

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


@lru_cache(maxsize=256)
def _pattern(wordings: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of some wordings: words, and « … » for a few words.

    Built from escaped words only: an author gives no regular expression.
    """
    alternatives = [
        _GAP.join(
            r"\W+".join(re.escape(word) for word in fold(piece).split())
            for piece in re.split(r"\s*(?:…|\.\.\.)\s*", wording)
        )
        for wording in wordings
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


@lru_cache(maxsize=4_096)
def _words(wording: str) -> tuple[str, ...]:
    """Return the words without which a wording is surely not there."""
    return tuple(fold(re.sub(r"…|\.\.\.", " ", wording)).split())


class Passages:
    """Some passages of a document, folded once, in which wordings are looked for."""

    def __init__(self, passages: Iterable[tuple[str, str]]) -> None:
        self._ends: list[tuple[int, str]] = []
        texts: list[str] = []
        end = 0
        for place, text in passages:
            composed = unicodedata.normalize("NFC", text)
            texts.append(composed)
            end += len(composed) + len(_BETWEEN)
            self._ends.append((end, place))
        self._text = _BETWEEN.join(texts)
        self._folded = self._text.translate(_FOLDING)

    def find(self, wordings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield each passage that holds a wording: its place, and the words as written.

        A passage is given once, with the first wording it holds.
        """
        # Looking for words takes no time, while compiling a pattern does.
        possible = tuple(
            wording
            for wording in wordings
            if all(word in self._folded for word in _words(wording))
        )
        if not possible:
            return
        ends = iter(self._ends)
        end, place = 0, ""
        told = -1
        for found in _pattern(possible).finditer(self._folded):
            while found.start() >= end:
                end, place = next(ends)
            if end != told:
                told = end
                yield place, " ".join(self._text[found.start() : found.end()].split())
