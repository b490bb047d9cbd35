"""Numbers, dates and lists as administrative French writes them."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


_INVARIABLE = frozenset({"mois", "fois"})


@lru_cache(maxsize=1_024)
def number(value: int | Decimal) -> str:
    """Return `1607` as « 1 607 » and `2.50` as « 2,5 »."""
    exact = Decimal(value)
    text = f"{exact.normalize():f}" if exact else "0"
    whole, _, decimals = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits = whole.lstrip("-")
    if len(digits) > 3:
        groups: list[str] = []
        while digits:
            groups.insert(0, digits[-3:])
            digits = digits[:-3]
        digits = " ".join(groups)
    return sign + digits + (f",{decimals}" if decimals else "")


def counted(value: int | Decimal, one: str, many: str) -> str:
    """Return the number with its word: plural starts at two in French."""
    return f"{number(value)} {many if abs(Decimal(value)) >= 2 else one}"


def measured(value: int | Decimal, unit: str | None) -> str:
    """Return `1` in « jours ouvrés » as « 1 jour ouvré »."""
    if unit is None:
        return number(value)
    words = (w if w in _INVARIABLE else w.removesuffix("s") for w in unit.split())
    return counted(value, " ".join(words), unit)


def money(value: int | Decimal) -> str:
    """Return `2.5` as « 2,50 € » and `300` as « 300 € »."""
    exact = Decimal(value)
    if exact == exact.to_integral_value():
        return f"{number(exact)} €"
    # Cut before grouping: `number` would drop the last zero of « 2,50 ».
    whole, _, decimals = f"{abs(exact):.2f}".partition(".")
    return f"{'-' if exact < 0 else ''}{number(int(whole))},{decimals} €"


def clock(value: str) -> str:
    """Return `19:00` as « 19 heures » and `7:30` as « 7 h 30 »."""
    hours, _, minutes = value.partition(":")
    if int(minutes) == 0:
        return f"{int(hours)} heure{'s' if int(hours) >= 2 else ''}"
    return f"{int(hours)} h {minutes}"


def day(value: str) -> str:
    """Return `2027-03-01` as « 1er mars 2027 »."""
    year, month, date = (int(part) for part in value.split("-"))
    return f"{'1er' if date == 1 else date} {MONTHS[month - 1]} {year}"


def enumeration(words: Sequence[str], last: str = "et") -> str:
    """Return « a, b et c »."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def days(value: int | Decimal) -> str:
    """Return « 2 jours », « 1,5 jour » and « une demi-journée » for a half."""
    if Decimal(value) == Decimal("0.5"):
        return "une demi-journée"
    return counted(value, "jour", "jours")
