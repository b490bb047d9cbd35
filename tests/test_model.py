from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from charter_builder.model import ClauseId, Day, Number, Slug, Value


class Noun(Value):
    name: str
    size: int = 0


def test_a_value_refuses_a_key_nobody_declared() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Noun.model_validate({"name": "a", "nmae": "b"})


def test_a_value_cannot_be_changed() -> None:
    noun = Noun(name="a")

    with pytest.raises(ValidationError, match="frozen"):
        noun.name = "b"  # type: ignore[misc]


def test_a_number_between_quotes_is_not_a_number() -> None:
    with pytest.raises(ValidationError, match="int_type"):
        Noun.model_validate({"name": "a", "size": "3"})


@pytest.mark.parametrize("typed", [2.88, 253.44, 0.1, 7])
def test_a_number_is_exactly_what_was_typed(typed: float) -> None:
    assert TypeAdapter(Number).validate_python(typed) == Decimal(str(typed))


@pytest.mark.parametrize(
    "day", ["2027-02-30", "2027-13-01", "0001-01-01", "01/03/2027"]
)
def test_a_day_out_of_the_calendar_is_refused(day: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(day)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "A", "a b", "é", "a--b", "-a", "", "a\n", "x" * 61]
)
def test_a_slug_is_safe_as_a_file_name(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Slug).validate_python(name)


@pytest.mark.parametrize("name", ["a/../b", "ab/c/d", "/ab", "ab/", "ab/C", "ab\\c"])
def test_the_id_of_a_clause_never_leads_out_of_the_library(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ClauseId).validate_python(name)
