"""What real charters say: entries that hold, entries that do not, rates."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from charter_builder.errors import InputError
from charter_builder.library import Library
from charter_builder.provisions import (
    Base,
    Bench,
    Correspondence,
    Count,
    Entry,
    bench,
    failures,
    unknown_names,
)

BASE = Base(act_date="2027-03-01", profile="court", values={"nom": "Essai"})


@pytest.fixture
def stand(library: Library) -> Bench:
    return bench(library, BASE)


def entry(**keys: object) -> Entry:
    found: Entry = TypeAdapter(Entry).validate_python(keys)
    return found


def told(stand: Bench, **keys: object) -> list[str]:
    return [p.message for p in failures(stand, "ville", "p1", entry(**keys))]


def unknown(library: Library, **keys: object) -> list[str]:
    mapping = Correspondence(BASE, {"ville": {"p1": entry(**keys)}})
    return [problem.message for problem in unknown_names(library, mapping)]


# --- entries that hold ---------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        {"kind": "expressed", "clauses": ("horaires",)},
        {"kind": "expressed", "documents": ("deliberation",)},
        {
            "kind": "expressed",
            "clauses": ("horaires/plage",),
            "values": {"debut": "18:00"},
        },
        {"kind": "partial", "clauses": ("couts/forfait",), "lacks": "La prime."},
        {
            "kind": "refused",
            "rule": "borne.montant",
            "clauses": ("couts/forfait",),
            "values": {"montant": 99},
        },
        {
            "kind": "refused",
            "rule": "argent.forfait-bas",
            "clauses": ("couts/forfait",),
            "values": {"montant": 1},
        },
        {
            "kind": "refused",
            "rule": "argent.mots",
            "local": {"couts": "L'agent ne paie aucun de ces frais."},
        },
        {"kind": "absent", "why": "Hors sujet."},
    ],
    ids=lambda keys: f"{keys['kind']} {keys.get('rule', '')}",
)
def test_an_entry_that_does_what_it_says_holds(
    stand: Bench, library: Library, keys: Mapping[str, object]
) -> None:
    assert unknown(library, **keys) == []
    assert told(stand, **keys) == []


def test_the_options_named_join_those_of_the_draft(stand: Bench) -> None:
    said = told(
        stand, kind="expressed", clauses=("horaires/souple",), values={"debut": "18:00"}
    )

    assert said == []


def test_where_one_option_is_chosen_the_one_named_takes_its_place(
    stand: Bench,
) -> None:
    said = told(
        stand, kind="expressed", clauses=("couts/forfait",), values={"montant": 2}
    )

    assert said == []


# --- entries that do not -------------------------------------------------------------


def test_a_value_that_brings_a_legal_error_is_not_expressed(stand: Bench) -> None:
    said = told(
        stand,
        kind="expressed",
        clauses=("horaires/plage",),
        values={"debut": "23:00", "fin": "05:00"},
    )

    assert len(said) == 1
    assert said[0].startswith("« p1 » n’est pas admise (temps.repos) : Le repos")


def test_a_partial_entry_may_not_break_the_law_either(stand: Bench) -> None:
    said = told(
        stand,
        kind="partial",
        clauses=("horaires/plage",),
        values={"debut": "23:00", "fin": "05:00"},
        lacks="Le week-end.",
    )

    assert len(said) == 1
    assert "(temps.repos)" in said[0]


def test_a_rule_that_stays_silent_refuses_nothing(stand: Bench) -> None:
    said = told(
        stand,
        kind="refused",
        rule="temps.repos",
        clauses=("horaires/plage",),
        values={},
    )

    assert said == ["« p1 » : la règle « temps.repos » ne se déclenche pas."]


def test_a_value_nobody_asks_for_expresses_nothing(stand: Bench) -> None:
    said = told(stand, kind="expressed", clauses=("couts",), values={"montant": 2})

    assert said == [
        "« montant » n’est pas demandée dans ce projet : ajoutez l’option ou la réponse "
        "qui la fait poser."
    ]


def test_an_article_that_is_closed_expresses_nothing(library: Library) -> None:
    closed = bench(library, BASE)
    answers = closed.answers.with_options("horaires", ())
    stand = Bench(library, answers, closed.faults)

    said = told(stand, kind="expressed", clauses=("horaires",))

    assert "« horaires » ne figure pas dans le projet." in said


@pytest.mark.parametrize(
    ("keys", "promise"),
    [
        ({"clauses": ("horaires/plge",)}, "Vouliez-vous dire « horaires/plage » ?"),
        ({"clauses": ("couts",), "documents": ("arrete",)}, "document inconnu"),
        ({"clauses": ("couts",), "values": {"debutt": "9:00"}}, "question inconnue"),
        (
            {"clauses": ("couts",), "values": {"debut": "tard"}},
            "répondez par une heure",
        ),
        ({"values": {"debut": "9:00"}}, "dites quelles clauses"),
        ({"kind": "refused", "rule": "temps.reps"}, "règle inconnue"),
        (
            {"kind": "refused", "rule": "temps.repos", "local": {"horaire": "Oui."}},
            "thème inconnu",
        ),
    ],
)
def test_what_the_library_has_not_is_told_before_anything_is_drafted(
    library: Library, keys: Mapping[str, object], promise: str
) -> None:
    said = unknown(library, **{"kind": "expressed", **keys})

    assert len(said) == 1
    assert promise in said[0]


# --- the draft they are tried on -----------------------------------------------------


def test_a_base_that_leaves_answers_out_is_refused(library: Library) -> None:
    with pytest.raises(InputError, match=r"il manque des réponses.* : nom"):
        bench(library, Base(act_date="2027-03-01", profile="court"))


def test_a_base_that_is_not_lawful_is_refused(library: Library) -> None:
    values: dict[str, object] = {"nom": "Essai", "debut": "23:00", "fin": "05:00"}
    with pytest.raises(InputError, match=r"n’est pas licite \(temps.repos\)"):
        bench(library, Base(act_date="2027-03-01", profile="court", values=values))


def test_a_base_of_unknown_profile_or_question_is_told(library: Library) -> None:
    base = Base(act_date="2027-03-01", profile="courd", values={"nomm": "Essai"})
    said = [p.message for p in unknown_names(library, Correspondence(base, {}))]

    assert [message.split(".")[0] for message in said] == [
        "« courd » : profil inconnu dans cette bibliothèque",
        "« nomm » : question inconnue dans cette bibliothèque",
    ]


# --- rates ---------------------------------------------------------------------------


def test_a_rate_is_cut_and_never_rounded_up() -> None:
    count = Count(provisions=3, expressed=2, partial=1, refused=0, absent=0)

    assert count.rate("expressed") == Decimal("66.6")
    assert count.rate("partial") == Decimal("33.3")


def test_nothing_out_of_nothing_is_zero() -> None:
    count = Count(provisions=0, expressed=0, partial=0, refused=0, absent=0)

    assert count.rate("expressed") == 0
