"""The index of words of a charter, for readers who cannot search.

It also gives the forms a search should find: without accents, singular and plural.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from charter_builder.charter import Article, Charter, body_lines
from charter_builder.typography import fold, plain

_WORD = re.compile(r"[^\W\d_]{4,}(?:-[^\W\d_]+)*")
_STOP_WORDS = (
    "afin ainsi alors apres aucun aucune aussi autre autres avant avec avoir cela celle "
    "celles celui cependant ces cette ceux chaque chacun chacune comme comment comporte "
    "dans depuis deux donc dont elle elles encore entre etre fait faite faites fois "
    "hors jusqu laquelle lequel leur leurs lors lorsqu lorsque mais meme memes moins "
    "notamment nous parmi pendant peut peuvent plus pour pourquoi pouvant puis quand "
    "quel quelle quelles quelque quels quoi reste sans sauf selon sera seront seul seule "
    "soit sont sous suivant suivante suivants sure toute toutefois toutes tous tout "
    "vers vos votre vous"
)
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class IndexedWord:
    shown: str
    articles: tuple[Article, ...]


def word_index(charter: Charter) -> list[tuple[str, list[IndexedWord]]]:
    """Return the words of a charter by first letter, each with its articles.

    A word found in more than half of the articles tells nothing: it is left out.
    """
    articles = list(charter.articles())
    found: dict[str, tuple[str, list[Article]]] = {}
    for article in articles:
        text = "\n".join([article.title, *body_lines(article)])
        for key, shown in sorted(_words(text)):
            _, places = found.setdefault(key, (shown, []))
            if article not in places:
                places.append(article)
    by_letter: dict[str, list[IndexedWord]] = {}
    for key in sorted(found):
        shown, places = found[key]
        if len(articles) < 4 or len(places) <= len(articles) / 2:
            word = IndexedWord(shown, tuple(places))
            by_letter.setdefault(key[0].upper(), []).append(word)
    return list(by_letter.items())


def _words(text: str) -> set[tuple[str, str]]:
    return {
        (key, word.lower())
        for word in _WORD.findall(plain(text))
        if (key := _singular_of(word)) not in _STOP and _folded(word) not in _STOP
    }


def singular(folded: str) -> str:
    """Return a rough singular, enough to bring two forms of a word together."""
    if len(folded) > 4 and folded.endswith("aux"):
        return folded[:-3] + "al"
    return folded.rstrip("sx") if len(folded) > 4 else folded


def search_forms(text: str) -> Iterator[str]:
    """Yield the forms of the words of a text, once each.

    Singular and plural, with and without accents: whatever is typed has its own form.
    """
    words = dict.fromkeys(_WORD.findall(normalize("NFC", text).lower()))
    yield from dict.fromkeys(form for word in words for form in _forms(word))


# The same words come back on every page: each is folded once.
_folded = lru_cache(maxsize=32_768)(fold)


@lru_cache(maxsize=32_768)
def _singular_of(word: str) -> str:
    return singular(_folded(word))


@lru_cache(maxsize=32_768)
def _forms(word: str) -> tuple[str, ...]:
    folded = _folded(word)
    return (*_numbers(folded), *(_numbers(word) if word != folded else ()))


def _numbers(word: str) -> tuple[str, str, str]:
    base = singular(word)
    return word, base, f"{base[:-1]}ux" if base.endswith("al") else f"{base}s"
