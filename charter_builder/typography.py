"""French typography, applied once to every text that leaves the assembly.

Comparisons ignore it (`plain`), so that a text retyped with ordinary spaces and
straight apostrophes is still the same text.
"""

import re
import unicodedata
from functools import lru_cache

NBSP = "\u00a0"
NNBSP = "\u202f"

_UNITS = (
    r"€|%|jours?|mois|heures?|h|minutes?|min|semaines?|ans?|années?|agents?|euros?|"
    r"kilomètres?|habitants?"
)
_URL = re.compile(r"(https?://\S+|mailto:\S+|[\w.+-]+@[\w-]+\.[\w.-]+)")
_DIGITS = tuple("0123456789")
# Each step, after the signs without which it has nothing to do. What is looked for comes
# before what must precede it: the search goes from one such sign to the next.
_STEPS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("'",), re.compile(r"'(?<=\w')(?=[\w«“])"), "’"),
    (("...",), re.compile(r"\.\.\."), "…"),
    (("«",), re.compile(r"«[ \u00a0\u202f]*"), f"«{NBSP}"),
    (("»",), re.compile(r"[ \u00a0\u202f]*»"), f"{NBSP}»"),
    ((";", "!", "?"), re.compile(r"[ \u00a0\u202f]+([;!?])"), rf"{NNBSP}\1"),
    ((";", "!", "?"), re.compile(r"([;!?])(?<=[\w»)].)(?=\s|$)"), rf"{NNBSP}\1"),
    ((":",), re.compile(r"[ \u00a0\u202f]+:(?=\s|$)"), f"{NBSP}:"),
    ((":",), re.compile(r":(?<=[\w»)]:)(?=\s|$)"), f"{NBSP}:"),
    (_DIGITS, re.compile(r" (?<=\d )(?=\d{3}(?!\d))"), NNBSP),
    (_DIGITS, re.compile(rf" (?<=\d )(?=(?:{_UNITS})(?![\w-]))"), NBSP),
    (_DIGITS, re.compile(r"(?<=\d" + NBSP + r"h) (?=\d)"), NBSP),
    (_DIGITS, re.compile(r"\b([LRDA])\. ?(?=\d)"), rf"\1.{NBSP}"),
    (("n°",), re.compile(r"\bn° ?(?=\d)"), f"n°{NBSP}"),
    (
        ("art",),
        re.compile(r"\b(article|articles|art\.) (?=\d|[LRDA]\.)"),
        rf"\1{NBSP}",
    ),
    (("1er",), re.compile(r"(?<=\b1er) (?=\w)"), NBSP),
)


@lru_cache(maxsize=4_096)
def polish(text: str) -> str:
    """Return the text with French spaces, quotes and apostrophes.

    Addresses (web and mail) are left as they are. Polishing twice changes nothing.
    """
    composed = unicodedata.normalize("NFC", text)
    if "@" not in composed and "http" not in composed and "mailto:" not in composed:
        return _polish_words(composed)
    parts = _URL.split(composed)
    return "".join(
        part if index % 2 else _polish_words(part) for index, part in enumerate(parts)
    )


def _polish_words(text: str) -> str:
    for signs, pattern, replacement in _STEPS:
        for sign in signs:
            if sign in text:
                text = pattern.sub(replacement, text)
                break
    return text


def plain(text: str) -> str:
    """Return the text as comparisons see it: ordinary spaces and apostrophes."""
    folded = unicodedata.normalize("NFC", text).replace("’", "'").replace("…", "...")
    folded = re.sub(r"[ \u00a0\u202f]+", " ", folded)
    folded = re.sub(r"« | »|[«»“”\"]", '"', folded)
    # The two places where `polish` adds a space that was not typed.
    folded = re.sub(r"\bn°(?=\d)", "n° ", folded)
    folded = re.sub(r"\b([LRDA])\.(?=\d)", r"\1. ", folded)
    return re.sub(r" ([;:!?])", r"\1", folded)


def fold(text: str) -> str:
    """Return the text as a search sees it: lower case, no accent."""
    decomposed = unicodedata.normalize("NFD", plain(text).lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
