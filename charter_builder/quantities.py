"""Numbers with their unit in French prose, in figures or in words, and their measure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import NamedTuple

_UNITS_OF_WORDS = {
    **dict.fromkeys(("un", "une"), 1),
    **{"zero": 0, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7},
    **{"huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13},
    **{"quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20},
    **{"trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60},
    **{"cent": 100, "cents": 100},
}


class _Word(NamedTuple):
    unit: str
    factor: Decimal = Decimal(1)


# What a measure is written with, on folded text; the longest words first.
_WORDS: dict[str, _Word] = {
    r"demi[ -]journees?": _Word("jours", Decimal("0.5")),
    r"quinzaines? de jours": _Word("jours", Decimal(15)),
    r"huitaines? de jours": _Word("jours", Decimal(8)),
    r"journees?": _Word("jours"),
    r"jours?": _Word("jours"),
    r"j": _Word("jours"),
    r"semaines?": _Word("semaines"),
    r"trimestres?": _Word("mois", Decimal(3)),
    r"semestres?": _Word("mois", Decimal(6)),
    r"mois": _Word("mois"),
    r"annees?": _Word("ans"),
    r"ans?": _Word("ans"),
    r"heures?": _Word("heures"),
    r"h": _Word("heures"),
    r"minutes?": _Word("minutes"),
    r"mi?n": _Word("minutes"),
    r"euros?": _Word("euros"),
    r"€": _Word("euros"),
    r"pour ?cent": _Word("%"),
    r"%": _Word("%"),
}
_SPELLED = "|".join(sorted(_UNITS_OF_WORDS, key=len, reverse=True))
_SPACE = r"[^\S\n]"
_NUMBER = (
    rf"(?:\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)|\d{{1,6}}(?:[.,]\d{{1,4}})?"
    rf"|(?:{_SPELLED})(?!\w)(?:(?:-|\s)(?:et(?:-|\s))?(?:{_SPELLED})(?!\w)){{0,4}})"
)
# « deux (2) mois » : the same number twice.
_TWICE = r"(?:\s{0,2}\(\s?\w{1,20}\s?\))?"
_QUANTITY = (
    rf"(?<![\w.,-])(?:(?P<low>{_NUMBER}){_TWICE}\s(?:a|ou)\s"
    rf"|(?<=entre\s)(?P<from>{_NUMBER}){_TWICE}\set\s"
    rf"|(?P<span>\d{{1,3}})\s?[-/–]\s?)?"
    rf"(?P<high>{_NUMBER}){_TWICE}\s{{0,2}}(?P<unit>{'|'.join(_WORDS)})(?![\w'])"
    rf"(?:{_SPACE}?(?P<minutes>[0-5]\d)(?!\d|{_SPACE}?(?:%|€|jour|mois)))?"
    r"(?P<half>\set\sdemie?(?!\w))?"
    r"(?:\s(?P<worked>ouvres?|ouvrables?)|\s(?:entieres?|entiers?|pleins?|pleines?|"
    r"calendaires?|francs?|complets?|consecutifs?)(?!\w))?"
)


@cache
def _quantity() -> re.Pattern[str]:
    # When first needed: a program that reads no text would lose time compiling it.
    return re.compile(_QUANTITY)


# « de 7 h à 21 h 30 », « 8h-18h » : how long a range of clock times lasts.
_CLOCK = rf"(\d{{1,2}}){_SPACE}{{0,2}}h(?:eures?)?(?:{_SPACE}{{0,2}}([0-5]\d))?"
_RANGE = rf"(?<![\w.,-]){_CLOCK}\s{{0,2}}(?:a|et|jusqu'a|-|–)\s{{0,2}}{_CLOCK}(?![\w'])"


@cache
def _range_of_hours() -> re.Pattern[str]:
    return re.compile(_RANGE)


# How many days a unit may count: a month has 28 to 31, so that « 60 jours » and « deux
# mois » never contradict each other.
_DAYS: dict[str, tuple[Decimal, Decimal]] = {
    "minutes": (Decimal(1) / 1440, Decimal(1) / 1440),
    "heures": (Decimal(1) / 24, Decimal(1) / 24),
    "plage": (Decimal(1) / 24, Decimal(1) / 24),
    "jours": (Decimal(1), Decimal(1)),
    "semaines": (Decimal(7), Decimal(7)),
    "mois": (Decimal(28), Decimal(31)),
    "ans": (Decimal(365), Decimal(366)),
}
UNITS: dict[str, tuple[str, ...]] = {
    "jours": ("jours",),
    "durée": ("jours", "semaines", "mois", "ans", "heures", "minutes"),
    "heures": ("heures", "minutes"),
    "plage": ("plage",),
    "euros": ("euros",),
    "pourcent": ("%",),
}
"""What each slot of a pattern of measures accepts."""


@dataclass(frozen=True)
class Quantity:
    """A measure as a text gives it; « deux ou trois jours » goes from 2 to 3."""

    low: Decimal
    high: Decimal
    unit: str
    worked: bool
    """Whether it counts working days only."""
    start: int
    end: int

    def is_below(self, least: Decimal, unit: str) -> bool:
        """Return whether the smallest value is surely under a limit."""
        if self.unit == unit and not self.worked:
            return self.low < least
        return self._days(self.low)[1] < least * _DAYS[unit][0]

    def is_above(self, most: Decimal, unit: str) -> bool:
        """Return whether the largest value is surely over a limit."""
        if self.unit == unit and not self.worked:
            return self.high > most
        return self._days(self.high)[0] > most * _DAYS[unit][1]

    def _days(self, value: Decimal) -> tuple[Decimal, Decimal]:
        least, most = _DAYS[self.unit]
        # Five working days fill a week, and a bank holiday may stretch it.
        return value * least, value * most * (Decimal("1.6") if self.worked else 1)


def comparable(unit: str, slot: str) -> bool:
    """Return whether a slot may be compared with a limit in that unit."""
    accepted = UNITS[slot]
    return unit in accepted or (unit in _DAYS and accepted[0] in _DAYS)


def quantities(folded: str) -> Iterator[Quantity]:
    """Yield the measures of a text in lower case and without accents, in order."""
    end = 0
    for found in _range_of_hours().finditer(folded):
        yield from _simple(folded, end, found.start())
        yield _range(found)
        end = found.end()
    yield from _simple(folded, end, len(folded))


def _simple(folded: str, start: int, end: int) -> Iterator[Quantity]:
    for found in _quantity().finditer(folded, start, end):
        text = found["unit"]
        word = next(w for shape, w in _WORDS.items() if re.fullmatch(shape, text))
        if text in ("j", "h", "mn", "min") and not found["high"][-1].isdigit():
            continue
        high = _value(found["high"]) * word.factor
        if found["half"]:
            high += Decimal("0.5") * word.factor
        if found["minutes"] and word.unit == "heures":
            high += Decimal(found["minutes"]) / 60
        least = found["low"] or found["from"] or found["span"]
        low = _value(least) * word.factor if least else high
        yield Quantity(
            low=min(low, high),
            high=max(low, high),
            unit=word.unit,
            worked=found["worked"] is not None,
            start=found.start(),
            end=found.end(),
        )


def _range(found: re.Match[str]) -> Quantity:
    start, start_minutes, end, end_minutes = (int(part or 0) for part in found.groups())
    lasts = (end * 60 + end_minutes - start * 60 - start_minutes) % (24 * 60)
    hours = Decimal(lasts) / 60
    return Quantity(hours, hours, "plage", False, found.start(), found.end())


def _value(written: str) -> Decimal:
    if written[0].isdigit():
        return Decimal(re.sub(r"\s", "", written).replace(",", "."))
    total = 0
    for word in re.split(r"[-\s]+", written):
        value = _UNITS_OF_WORDS.get(word, 0)
        if value == 100 or (value == 20 and total % 100 == 4):
            # « deux cents », « quatre-vingts » : what precedes is multiplied.
            total = max(total, 1) * value if value == 100 else total - 4 + 80
        else:
            total += value
    return Decimal(total)
