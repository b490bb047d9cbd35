"""How easy a text is to read: its sentences, its words, the Kandel–Moles index.

The index is the French calibration of Flesch's formula: 207, less 1.015 times the words
of a sentence, less 73.6 times the syllables of a word. The higher, the easier. It
measures lengths only: an obscure text made of short words scores well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from charter_builder.charter import Article, ListBlock, Paragraph, TableBlock, TextBlock
from charter_builder.typography import plain

_BASE, _PER_SENTENCE, _PER_WORD = 207, 1.015, 73.6

# A full stop ends a sentence before a capital only: « art. 3 » and « L. 430-1 » do not.
_END = re.compile(r"(?<=[.!?…])[ \n]+(?=[«\"]?[ ]?[A-ZÀÂÇÉÈÊËÎÏÔŒÙÛ])")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_JOINERS = re.compile(r"(?:\s|[,;]|\bet\b)*")
# « é », « ï » and « ë » are sounded apart from their neighbours: « ré-el », « na-ïf ».
_SOUND = re.compile(r"[éïë]|[aeiouyàâèêîôùûüœæ]+")
_SILENT_U = re.compile(r"qu")
_MUTE_END = re.compile(r"es?$")


class Reading(NamedTuple):
    """What a text takes to be read."""

    words: int
    sentences: int
    ease: float
    """The Kandel–Moles index: the higher, the easier."""
    median: float
    """As many sentences are shorter as are longer, in words."""
    longest: int
    """The words of the longest sentence."""
    longest_text: str
    """That sentence, references shortened."""


def article_sentences(article: Article) -> list[str]:
    """Return the sentences of an article, those of every candidate included."""
    printed = [citation.text for citation in article.references]
    return [
        sentence
        for paragraph in article.every_paragraph()
        for sentence in paragraph_sentences(paragraph, printed)
    ]


def paragraph_sentences(paragraph: Paragraph, printed: Sequence[str]) -> Iterator[str]:
    """Yield the sentences of a paragraph; an item and a cell each count as one.

    `printed` are the legal references it may cite: between parentheses, they count as
    one word, since one reads past them.
    """
    for block in paragraph.blocks:
        match block:
            case TextBlock():
                yield from _END.split(shortened(block.text, printed))
            case ListBlock():
                for item in block.items:
                    yield from _END.split(shortened(item, printed))
            case TableBlock():
                yield from (cell for row in block.rows for cell in row if words(cell))


def shortened(text: str, printed: Iterable[str]) -> str:
    """Return the text, each parenthesis that only cites the law made one word."""
    references = sorted(map(plain, printed), key=len, reverse=True)

    def cited(found: re.Match[str]) -> str:
        rest = found[1]
        for reference in references:
            rest = rest.replace(reference, "")
        only_law = rest != found[1] and _JOINERS.fullmatch(rest)
        return "(référence)" if only_law else found[0]

    return _PARENTHESIS.sub(cited, plain(text))


def reading(sentences: Iterable[str]) -> Reading | None:
    """Return the measures of some sentences; None when there is no word to read."""
    lengths = [(len(words(sentence)), sentence) for sentence in sentences]
    lengths = [(length, sentence) for length, sentence in lengths if length]
    if not lengths:
        return None
    count = sum(length for length, _ in lengths)
    sounds = sum(syllables(word) for _, text in lengths for word in words(text))
    longest, text = max(lengths, key=lambda pair: pair[0])
    return Reading(
        words=count,
        sentences=len(lengths),
        ease=_BASE - _PER_SENTENCE * count / len(lengths) - _PER_WORD * sounds / count,
        median=median(length for length, _ in lengths),
        longest=longest,
        longest_text=" ".join(text.split()),
    )


def words(text: str) -> list[str]:
    """Return what stands between spaces and holds a letter or a digit: « l’agent »."""
    joined = _THOUSANDS.sub("", plain(text))
    return [word for word in joined.split() if any(c.isalnum() for c in word)]


def syllables(word: str) -> int:
    """Return about how many syllables a French word has, one at least.

    A run of vowels is one syllable, « qu » holds none, a final « e » or « es » is mute.
    A number counts as one. Simple, and wrong on « parlent » or « pri-er ».
    """
    total = 0
    for part in re.split(r"['’-]", word.lower()):
        sounded = _SILENT_U.sub("k", re.sub(r"\W", "", part))
        without_end = _MUTE_END.sub("", sounded)
        total += len(_SOUND.findall(without_end)) or (without_end != sounded)
    return max(total, 1)
