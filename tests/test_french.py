import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder import french

AMOUNTS = st.decimals(-1_000_000, 1_000_000, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (7, "7"),
        (1607, "1 607"),
        (1_000_000, "1 000 000"),
        (-1607, "-1 607"),
        (Decimal("2.50"), "2,5"),
        (Decimal("1E+3"), "1 000"),
        (Decimal("-0.0"), "0"),
        (Decimal("1234.0625"), "1 234,0625"),
    ],
)
def test_a_number_reads_as_french_writes_it(value: int | Decimal, written: str) -> None:
    assert french.number(value) == written


@given(AMOUNTS)
def test_a_number_once_written_reads_back_as_the_same_number(value: Decimal) -> None:
    typed_back = french.number(value).replace(" ", "").replace(",", ".")

    assert Decimal(typed_back) == value


@given(AMOUNTS)
def test_thousands_are_set_apart_by_three(value: Decimal) -> None:
    whole = french.number(value).partition(",")[0]

    assert re.fullmatch(r"-?\d{1,3}( \d{3})*", whole)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("2.88"), "2,88 €"),
        (Decimal("2.5"), "2,50 €"),
        (300, "300 €"),
        (Decimal("300.00"), "300 €"),
        (Decimal("1253.4"), "1 253,40 €"),
        (Decimal("-0.5"), "-0,50 €"),
    ],
)
def test_a_sum_shows_cents_only_when_it_has_some(
    value: int | Decimal, written: str
) -> None:
    assert french.money(value) == written


@given(st.decimals(-10_000, 10_000, places=2, allow_nan=False))
def test_a_sum_once_written_reads_back_as_the_same_sum(value: Decimal) -> None:
    typed_back = re.sub("[ €]", "", french.money(value)).replace(",", ".")

    assert Decimal(typed_back) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0 heure"),
        (1, "1 heure"),
        (Decimal("1.5"), "1,5 heure"),
        (2, "2 heures"),
        (1607, "1 607 heures"),
    ],
)
def test_the_plural_starts_at_two(value: int | Decimal, written: str) -> None:
    assert french.counted(value, "heure", "heures") == written


def test_half_a_day_is_said_in_words() -> None:
    assert french.days(Decimal("0.5")) == "une demi-journée"
    assert french.days(Decimal("1.5")) == "1,5 jour"


@pytest.mark.parametrize(
    ("time", "written"),
    [
        ("19:00", "19 heures"),
        ("07:30", "7 h 30"),
        ("01:00", "1 heure"),
        ("00:05", "0 h 05"),
    ],
)
def test_a_time_of_day_reads_as_french_says_it(time: str, written: str) -> None:
    assert french.clock(time) == written


@pytest.mark.parametrize(
    ("day", "written"),
    [("2027-03-01", "1er mars 2027"), ("2026-08-31", "31 août 2026")],
)
def test_a_date_reads_as_french_says_it(day: str, written: str) -> None:
    assert french.day(day) == written


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a et b"),
        (["a", "b", "c"], "a, b et c"),
    ],
)
def test_a_list_reads_as_a_sentence(words: list[str], written: str) -> None:
    assert french.enumeration(words) == written


def test_a_list_may_end_with_another_word() -> None:
    assert french.enumeration(["a", "b", "c"], "ou") == "a, b ou c"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1, "jours", "1 jour"),
        (3, "jours", "3 jours"),
        (Decimal("1.5"), "jours ouvrés", "1,5 jour ouvré"),
        (1, "jours par semaine", "1 jour par semaine"),
        (1, "mois", "1 mois"),
        (75, "%", "75 %"),
        (1607, None, "1 607"),
    ],
)
def test_a_unit_agrees_with_its_number(
    value: int | Decimal, unit: str | None, written: str
) -> None:
    assert french.measured(value, unit) == written
