from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from charter_builder.bounds import broken_bound, legal_bounds, range_sentence
from charter_builder.questionnaire import Question, Range

FIGURES = {"plafond": 3}


def question(kind: str, **fields: Any) -> Question:
    legal = {"references": ("repos",), "remedy": "Baissez."}
    told = {"kind": kind, "label": "Combien ?", **fields}
    if "legal" in fields:
        told["legal"] = legal | fields["legal"]
    found: Question = TypeAdapter(Question).validate_python(told)
    return found


DAYS = question("integer", unit="jours", legal={"min": 1, "max": {"figure": "plafond"}})
CLOCK = question("time", legal={"min": "19:00", "max": "21:00"})


@pytest.mark.parametrize(
    ("asked", "value", "is_broken"),
    [
        (DAYS, 0, True),
        (DAYS, 1, False),
        (DAYS, 3, False),
        (DAYS, 4, True),
        (CLOCK, "18:59", True),
        (CLOCK, "19:00", False),
        (CLOCK, "21:00", False),
        (CLOCK, "21:01", True),
        (question("money", legal={"max": 2.88}), Decimal("2.88"), False),
        (question("money", legal={"max": 2.88}), Decimal("2.89"), True),
        (question("integer"), 1_000, False),
    ],
)
def test_a_value_breaks_its_legal_bound_only_outside_it(
    asked: Question, value: object, is_broken: bool
) -> None:
    assert (broken_bound(asked, value, {}, FIGURES) is not None) is is_broken


def test_a_bound_under_condition_holds_only_then() -> None:
    asked = question("integer", legal={"max": 3, "when": "agents >= 50"})

    assert broken_bound(asked, 4, {"agents": 50}, {}) is not None
    assert broken_bound(asked, 4, {"agents": 49}, {}) is None
    assert broken_bound(asked, 4, {}, {}) is None


def test_a_bound_whose_figure_is_not_in_force_binds_nobody() -> None:
    assert broken_bound(DAYS, 4, {}, {}) is None


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"min": 1, "max": {"figure": "plafond"}}, "de 1 jour à 3 jours"),
        ({"max": 3}, "au plus 3 jours"),
        ({"min": 2}, "au moins 2 jours"),
        ({"min": 2, "max": 2}, "2 jours"),
        ({"max": {"figure": "inconnu"}}, ""),
        ({}, ""),
    ],
)
def test_a_range_reads_as_people_say_it(limits: dict[str, Any], sentence: str) -> None:
    assert range_sentence(DAYS, Range.model_validate(limits), FIGURES) == sentence


def test_no_range_says_nothing() -> None:
    assert range_sentence(DAYS, None, FIGURES) == ""


def test_only_questions_with_a_legal_bound_make_a_rule() -> None:
    questions = {"jours": DAYS, "agents": question("integer"), "heure": CLOCK}

    assert list(legal_bounds(questions)) == [
        ("borne.jours", "jours"),
        ("borne.heure", "heure"),
    ]
