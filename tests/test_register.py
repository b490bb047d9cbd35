import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.consultation import Organisation
from charter_builder.register import clean_text


@given(st.text(max_size=300))
def test_cleaning_a_text_twice_changes_nothing(typed: str) -> None:
    assert clean_text(clean_text(typed)) == clean_text(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("un\r\ndeux\rtrois", "un\ndeux\ntrois"),
        ("un\x0bdeux\u2028trois", "un\ndeux\ntrois"),
        ("  un  \n\n\n\ndeux \n\n", "un\n\ndeux"),
        ("no\u00adm\u200b\u202e caché", "nom caché"),
        ("e\u0301te\u0301", "été"),
        ("\x00\x07bip", "bip"),
    ],
)
def test_a_text_keeps_what_a_reader_sees(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


def test_a_mandate_has_a_first_and_a_last_day() -> None:
    union = Organisation(id="fo", name="FO", since="2027-01-06", until="2027-01-10")

    assert [
        day for day in range(4, 13) if union.is_mandated_on(f"2027-01-{day:02}")
    ] == [6, 7, 8, 9, 10]
