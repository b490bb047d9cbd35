from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from charter_builder import french
from charter_builder.errors import InputError
from charter_builder.questionnaire import (
    Answer,
    Answers,
    FigureOf,
    Question,
    default_answer,
    limit_value,
    parse_day,
)

KINDS: dict[str, dict[str, Any]] = {
    "bool": {},
    "integer": {"unit": "jours", "min": 1, "max": 2000},
    "decimal": {"max": 10},
    "duration": {"unit": "mois"},
    "money": {},
    "time": {},
    "date": {},
    "text": {"max_length": 20},
    "texts": {"max_items": 3},
    "rows": {"columns": {"objet": "Objet", "nombre": "Nombre"}, "max_items": 2},
    "choice": {"choices": {"ville": "Une ville", "departement": "Un département"}},
    "choices": {"choices": {"rouge": "Rouge", "vert": "Vert", "bleu": "Bleu"}},
}


def question(kind: str, **fields: Any) -> Question:
    told = {"kind": kind, "label": "Combien ?", **KINDS[kind], **fields}
    found: Question = TypeAdapter(Question).validate_python(told)
    return found


@pytest.mark.parametrize(
    ("kind", "typed", "answer"),
    [
        ("bool", "oui", True),
        ("bool", " N ", False),
        ("bool", True, True),
        ("integer", "12", 12),
        ("integer", "1 607", 1607),
        ("integer", "1\u202f607", 1607),
        ("integer", 3.0, 3),
        ("decimal", "2,5", Decimal("2.5")),
        ("decimal", "2.50", Decimal("2.5")),
        ("decimal", "3,0", 3),
        ("duration", "6", 6),
        ("money", "2,88 €", Decimal("2.88")),
        ("money", 2.88, Decimal("2.88")),
        ("time", "19:00", "19:00"),
        ("time", "19 h 30", "19:30"),
        ("time", "7h", "07:00"),
        ("time", "7", "07:00"),
        ("time", "19 heures", "19:00"),
        ("time", "٠٧:٣٠", "07:30"),
        ("date", "2027-03-01", "2027-03-01"),
        ("date", "1/3/2027", "2027-03-01"),
        ("date", "18/3/27", "2027-03-18"),
        ("date", "1-3-2027", "2027-03-01"),
        ("date", "1er mars 2027", "2027-03-01"),
        ("date", "28 FÉVRIER 2027", "2027-02-28"),
        ("text", "  un\ttexte\n", "un texte"),
        ("texts", "a ; b;", ("a", "b")),
        ("texts", ["a", "b"], ("a", "b")),
        ("rows", "chaise | 2 ; écran | 1", (("chaise", "2"), ("écran", "1"))),
        ("rows", [{"objet": "chaise"}], (("chaise", ""),)),
        ("rows", [], ()),
        ("choice", "ville", "ville"),
        ("choices", "bleu, rouge", ("rouge", "bleu")),
    ],
)
def test_an_answer_is_understood_as_people_type_it(
    kind: str, typed: object, answer: Answer
) -> None:
    assert question(kind).parse(typed) == answer


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("bool", "peut-être", "répondez par oui ou par non."),
        ("bool", 1, "répondez par oui ou par non."),
        ("integer", "trois", "« trois » n’est pas un nombre."),
        ("integer", True, "répondez par un nombre."),
        ("integer", "2,5", "répondez par un nombre entier."),
        ("integer", "0", "répondez par un nombre de 1 à 2 000."),
        (
            "integer",
            "9" * 5_000,
            "« 9999999999999999999999999999999999999999 » n’est pas",
        ),
        ("decimal", "nan", "« nan » n’est pas un nombre."),
        ("decimal", "1e3", "« 1e3 » n’est pas un nombre."),
        ("decimal", float("inf"), "« inf » n’est pas un nombre."),
        ("money", "2,888", "une somme a deux décimales au plus."),
        ("time", "25:00", "répondez par une heure : 19:00 ou 19 h 30."),
        ("time", "19:60", "répondez par une heure : 19:00 ou 19 h 30."),
        ("time", "19:5", "répondez par une heure : 19:00 ou 19 h 30."),
        ("date", "31/02/2027", "« 31/02/2027 » n’est pas un jour du calendrier."),
        ("date", "18/3", "répondez par une date : 01/03/2027."),
        ("date", "demain", "répondez par une date : 01/03/2027."),
        ("date", "0001-01-01", "répondez par une date : 01/03/2027."),
        ("text", "   ", "la réponse est vide."),
        ("text", "\u200b\u202e", "la réponse est vide."),
        ("text", None, "la réponse est vide."),
        ("text", ["a"], "répondez par un texte."),
        ("text", True, "répondez par un texte."),
        ("text", "a" * 21, "texte trop long : 21 caractères, 20 au plus."),
        ("texts", ";", "il faut au moins 1 élément."),
        ("texts", "a;b;c;d", "3 éléments au plus."),
        ("texts", [["a"]], "répondez par un texte."),
        ("texts", 3, "répondez par une liste, un élément par ligne."),
        ("rows", "a|b|c", "chaque ligne compte 2 cellules : Objet et Nombre."),
        ("rows", "a", "chaque ligne compte 2 cellules : Objet et Nombre."),
        ("rows", ["a"], "une ligne de tableau est une liste de cellules."),
        ("rows", [{"objt": "a"}], "« objt » n’est pas une colonne. Vouliez-vous dire"),
        ("rows", "a|b;c|d;e|f", "2 éléments au plus."),
        (
            "choice",
            "vile",
            "« vile » n’est pas une des réponses possibles. Vouliez-vous",
        ),
        (
            "choice",
            "3",
            "« 3 » n’est pas une des réponses possibles. Valeurs admises :",
        ),
        (
            "choice",
            "²",
            "« ² » n’est pas une des réponses possibles. Valeurs admises :",
        ),
        ("choices", "jaune", "« jaune » n’est pas une des réponses possibles."),
        ("choices", "", "il faut au moins 1 élément."),
        ("choices", None, "répondez par une liste de valeurs."),
    ],
)
def test_a_wrong_answer_is_refused_with_what_is_expected(
    kind: str, typed: object, sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        question(kind).parse(typed)

    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("kind", KINDS)
@given(
    typed=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_whatever_is_given_is_an_answer_or_a_sentence(kind: str, typed: object) -> None:
    asked = question(kind)
    try:
        answer = asked.parse(typed)
    except InputError:
        return

    assert asked.parse(answer) == answer
    assert isinstance(asked.show(answer), str)


@given(st.decimals(0, 999_999, places=4, allow_nan=False))
def test_a_number_as_the_program_shows_it_may_be_typed_back(value: Decimal) -> None:
    asked = question("decimal", max=1_000_000)

    assert asked.parse(french.number(value)) == value


@given(st.times())
def test_a_time_as_the_program_shows_it_may_be_typed_back(moment: time) -> None:
    asked, typed = question("time"), f"{moment:%H:%M}"

    assert asked.parse(asked.show(typed)) == typed


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_date_as_the_program_shows_it_may_be_typed_back(day: date) -> None:
    assert parse_day(french.day(day.isoformat())) == day.isoformat()


@pytest.mark.parametrize(
    ("kind", "typed", "answer"),
    [
        ("integer", "120 jours", 120),
        ("integer", "1 jour", 1),
        ("duration", "1,5 mois", Decimal("1.5")),
        ("money", "2,50 euros", Decimal("2.5")),
    ],
)
def test_a_number_may_repeat_its_unit(kind: str, typed: str, answer: Any) -> None:
    assert question(kind).parse(typed) == answer


def test_a_number_in_another_unit_is_refused() -> None:
    with pytest.raises(InputError, match="n’est pas un nombre"):
        question("integer").parse("3 semaines")


@pytest.mark.parametrize(
    ("kind", "answer", "shown"),
    [
        ("bool", False, "non"),
        ("integer", 1, "1 jour"),
        ("integer", 1607, "1 607 jours"),
        ("duration", Decimal("1.5"), "1,5 mois"),
        ("money", Decimal("2.5"), "2,50 €"),
        ("time", "07:30", "7 h 30"),
        ("date", "2027-03-01", "1er mars 2027"),
        ("text", "", "(vide)"),
        ("texts", ["a", "b"], "a et b"),
        ("texts", [], "(aucun)"),
        ("rows", [], "aucune ligne"),
        ("rows", [["a", "b"]], "1 ligne"),
        ("choice", "ville", "Une ville"),
        ("choices", ["rouge", "bleu"], "Rouge et Bleu"),
    ],
)
def test_an_answer_is_shown_as_people_read_it(
    kind: str, answer: Any, shown: str
) -> None:
    assert question(kind).show(answer) == shown


def test_an_optional_text_may_be_empty() -> None:
    assert question("text", optional=True).parse("") == ""


def test_a_proposed_answer_may_be_a_legal_figure() -> None:
    asked = question("money", default={"figure": "forfait"})

    assert default_answer(asked, {"forfait": Decimal("2.88")}) == Decimal("2.88")
    assert default_answer(asked, {}) is None


def test_a_proposed_answer_is_checked_like_any_other() -> None:
    assert default_answer(question("choices", default=("vert", "rouge")), {}) == (
        "rouge",
        "vert",
    )


def test_a_limit_is_a_number_or_the_figure_it_names() -> None:
    assert limit_value(Decimal(3), {}) == 3
    assert limit_value(FigureOf(figure="plafond"), {"plafond": 3}) == 3


def test_answers_are_never_changed_in_place() -> None:
    before = Answers(act_date="2027-03-01", profile="court")
    after = before.with_value("agents", 3).with_options("couts", ["couts/nature"])

    assert (before.values, before.chosen) == ({}, {})
    assert after.values == {"agents": 3}
    assert after.chosen == {"couts": ("couts/nature",)}


@pytest.mark.parametrize("given", [("1",), {"a-debattre": ("1", "2")}])
def test_a_list_is_no_number_and_is_not_shown_as_the_program_sees_it(
    given: object,
) -> None:
    with pytest.raises(InputError, match="répondez par un seul nombre"):
        question("decimal").parse(given)
