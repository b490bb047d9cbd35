from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.quantities import Quantity, quantities
from charter_builder.wording import folded


def measured(text: str) -> list[tuple[str, str, str]]:
    return [(f"{q.low:f}", f"{q.high:f}", q.unit) for q in quantities(folded(text))]


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("trois jours", "3", "3", "jours"),
        ("3 jours", "3", "3", "jours"),
        ("30j", "30", "30", "jours"),
        ("deux (2) mois", "2", "2", "mois"),
        ("trois (03) jours calendaires", "3", "3", "jours"),
        ("d’un mois", "1", "1", "mois"),
        ("vingt et un jours", "21", "21", "jours"),
        ("soixante-dix jours", "70", "70", "jours"),
        ("quatre-vingts euros", "80", "80", "euros"),
        ("quatre-vingt-dix-neuf jours", "99", "99", "jours"),
        ("cent vingt jours", "120", "120", "jours"),
        ("deux cent cinquante-trois euros", "253", "253", "euros"),
        ("1 607 heures", "1607", "1607", "heures"),
        ("2,88 € par jour", "2.88", "2.88", "euros"),
        ("75%", "75", "75", "%"),
        ("soixante-quinze pour cent", "75", "75", "%"),
        ("une demi-journée", "0.5", "0.5", "jours"),
        ("deux jours et demi", "2.5", "2.5", "jours"),
        ("7 h 30", "7.5", "7.5", "heures"),
        ("2 à 4 jours", "2", "4", "jours"),
        ("un ou deux jours", "1", "2", "jours"),
        ("entre deux et quatre jours", "2", "4", "jours"),
        ("2-3 jours", "2", "3", "jours"),
        ("un trimestre", "3", "3", "mois"),
        ("une quinzaine de jours", "15", "15", "jours"),
        ("UNE\nJOURNÉE", "1", "1", "jours"),
    ],
)
def test_a_measure_is_read_in_figures_or_in_words(
    text: str, low: str, high: str, unit: str
) -> None:
    assert measured(text) == [(low, high, unit)]


@pytest.mark.parametrize(
    "text",
    [
        "décret n° 2016-151",
        "l’an dernier",
        "article 3",
        "aucun jour",
        "le jour",
        "un jeu",
    ],
)
def test_what_counts_nothing_is_no_measure(text: str) -> None:
    assert measured(text) == []


def quantity(text: str) -> Quantity:
    [found] = quantities(folded(text))
    return found


@pytest.mark.parametrize(
    ("text", "least", "unit", "is_below"),
    [
        ("quinze jours", 60, "jours", True),
        ("un mois", 60, "jours", True),
        ("deux mois", 60, "jours", False),
        ("60 jours", 2, "mois", False),
        ("8 semaines", 2, "mois", False),
        ("trois semaines", 1, "mois", True),
        ("un mois", 30, "jours", False),
        ("48 heures", 30, "jours", True),
        ("2 à 4 jours", 3, "jours", True),
    ],
)
def test_a_measure_is_below_a_limit_only_when_it_surely_is(
    text: str, least: int, unit: str, is_below: bool
) -> None:
    assert quantity(text).is_below(Decimal(least), unit) is is_below


@pytest.mark.parametrize(
    ("text", "most", "unit", "is_above"),
    [
        ("quatre jours", 3, "jours", True),
        ("trois jours", 3, "jours", False),
        ("2 à 4 jours", 3, "jours", True),
        ("deux mois", 30, "jours", True),
        ("un mois", 30, "jours", False),
        ("un an", 12, "mois", False),
        ("deux ans", 12, "mois", True),
        ("20 jours ouvrés", 30, "jours", False),
        ("six semaines", 1, "mois", True),
    ],
)
def test_a_measure_is_above_a_limit_only_when_it_surely_is(
    text: str, most: int, unit: str, is_above: bool
) -> None:
    assert quantity(text).is_above(Decimal(most), unit) is is_above


@given(st.text(alphabet="un deux 1,2-(à) jours mois €%h", max_size=60))
def test_any_text_is_read_and_each_measure_is_where_it_says(text: str) -> None:
    plain = folded(text)
    for found in quantities(plain):
        assert 0 <= found.start < found.end <= len(plain)
        assert found.low <= found.high
