import pytest
from dialogues import SETTINGS

from charter_builder.retention import Retention, items, months_after, processing_record
from charter_builder.typography import plain


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2027-03-15", 6, "2027-09-15"),
        ("2027-11-30", 14, "2029-01-30"),
        ("2027-03-15", 0, "2027-03-15"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(
    day: str, months: int, expected: str
) -> None:
    assert months_after(day, months) == expected


def test_each_holding_is_due_after_its_own_delay() -> None:
    retention = Retention(contacts_months=12)

    assert retention.due("contacts", "2027-03-15") == "2028-03-15"
    assert retention.due("originals", "2027-03-15") == "2027-05-15"
    assert retention.due("drafts", "2027-03-15") == "2027-03-15"


def test_who_reads_the_register_follows_the_visibility() -> None:
    public = SETTINGS.model_copy(update={"visibility": "public"})

    assert next(items(SETTINGS, Retention())).readers.startswith("les organisations")
    assert next(items(public, Retention())).readers == "toute personne"


def test_the_record_says_what_the_settings_say_and_asks_for_the_rest() -> None:
    text = plain(
        processing_record(
            SETTINGS, Retention(originals_months=3), "L’Isle | verte", "rh@isle.example"
        )
    )

    for said in (
        "Responsable du traitement : L’Isle &#124; verte.",
        "Contact : rh@isle.example.",
        "| 3 mois après la clôture |",
        "Base légale : à confirmer par le délégué",
        "CFDT Interco, CGT Territoriaux et FO",
        "Délégué à la protection des données : à compléter.",
    ):
        assert plain(said) in text
