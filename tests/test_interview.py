from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import edited

from charter_builder import coherence
from charter_builder.assembly import assemble
from charter_builder.errors import InputError
from charter_builder.interview import (
    LibrarySpeaker,
    Step,
    answer_options,
    answer_question,
    preview_answers,
    proposed_answer,
    proposed_options,
    section_titles,
    state,
    take_proposed,
    why_recommended,
)
from charter_builder.library import Library
from charter_builder.questionnaire import Answers

STARTED = Answers(act_date="2027-03-01", profile="court", values={"nom": "X"})

# The small library with conditions that depend on one another, forward and backward.
ENTANGLED: dict[str, dict[str, Any]] = {
    "questions": {
        "vehicule": {"kind": "bool", "label": "Des véhicules ?", "default": True},
        "astreinte": {
            "kind": "bool",
            "label": "Des astreintes ?",
            "default": True,
            "when": "vehicule or agents >= 200",
        },
        "suivi": {
            "kind": "integer",
            "label": "Combien de suivis ?",
            "default": 1,
            "default_when": ({"when": "montant >= 2", "value": 5},),
            "when": "'forfait' in couts",
        },
    },
    "horaires/theme": {
        "options": ("plage", "souple", "nuit"),
        "parameters": {
            "cycle": {
                "kind": "choice",
                "label": "Quel cycle ?",
                "choices": {"semaine": "La semaine", "mois": "Le mois"},
                "default": "mois",
            },
            "jours": {
                "kind": "integer",
                "label": "Combien de jours ?",
                "default": 2,
                "when": "cycle == 'mois' and 'nuit' in horaires",
            },
        },
        "text": "Cycle : {{ cycle|libelle }}.{% if cycle == 'mois' and 'nuit' in horaires "
        "%} {{ jours|jours }}.{% endif %}",
    },
    "horaires/nuit": {
        "title": "La nuit",
        "summary": "La nuit aussi.",
        "text": "La nuit.{% if vehicule or agents >= 200 %} {{ debut_nuit|heure }}."
        "{% endif %}",
        "when": "astreinte",
        "recommended_when": "agents >= 100",
        "references": ("repos.quotidien",),
        "attributes": {"protection": "Faible"},
        "parameters": {
            "debut_nuit": {
                "kind": "time",
                "label": "À quelle heure ?",
                "default": "22:00",
                "when": "vehicule or agents >= 200",
            }
        },
    },
    "couts/forfait": {
        "when": "agents >= 150 and not ('souple' in horaires)",
        "text": "{{ montant|euros }}, {{ suivi }} fois.",
    },
}


@pytest.fixture(scope="module")
def entangled(library: Library) -> Library:
    changed = edited(library, ENTANGLED)
    assert coherence.problems(changed) == []
    return changed


def asked(library: Library, answers: Answers) -> list[str]:
    return [step.id for step in state(library, answers).steps]


# --- what is asked -------------------------------------------------------------------


def test_questions_come_in_the_order_of_the_library(
    library: Library, answers: Answers
) -> None:
    assert asked(library, answers) == [
        "nom",
        "agents",
        "horaires",
        "debut",
        "fin",
        "couts",
        "materiel",
    ]


def test_the_parameters_of_an_option_are_asked_only_once_it_is_chosen(
    library: Library,
) -> None:
    assert asked(library, STARTED) == ["nom", "agents", "horaires", "couts"]

    chosen = STARTED.with_options("couts", ("couts/forfait",))
    assert asked(library, chosen)[-2:] == ["materiel", "montant"]


def test_a_step_says_its_section_and_who_asks(
    library: Library, answers: Answers
) -> None:
    steps = {step.id: step for step in state(library, answers).steps}

    assert steps["agents"] == Step("question", "agents", "collectivite")
    assert steps["couts"] == Step("options", "couts", "argent", "couts", "couts")
    assert steps["debut"].owner == "horaires/plage"


def test_a_question_may_depend_on_an_answer_that_comes_later(
    entangled: Library,
) -> None:
    chosen = STARTED.with_value("agents", 200).with_options("couts", ("couts/forfait",))

    assert "suivi" not in asked(entangled, STARTED)
    assert "suivi" in asked(entangled, chosen)


def test_an_answer_whose_question_lapsed_is_kept_but_no_longer_counts(
    entangled: Library,
) -> None:
    before = STARTED.with_value("vehicule", False).with_value("astreinte", True)
    before = before.with_value("agents", 200)
    after = before.with_value("agents", 10)

    assert "astreinte" in state(entangled, before).values
    assert "astreinte" not in state(entangled, after).values
    assert "astreinte" not in state(entangled, after).context
    assert after.values["astreinte"] is True


def test_an_option_that_lapsed_makes_its_theme_be_asked_again(
    entangled: Library,
) -> None:
    complete = take_proposed(entangled, STARTED.with_value("agents", 150))
    after = complete.with_value("agents", 120)

    assert complete.chosen["horaires"] == ("horaires/plage", "horaires/nuit")
    assert state(entangled, complete).missing == []
    lapsed = after.with_value("vehicule", False)
    assert [step.id for step in state(entangled, lapsed).missing] == ["horaires"]
    assert state(entangled, lapsed).context["horaires"] == []
    assert lapsed.chosen == complete.chosen


def test_what_depends_on_an_option_that_lapsed_lapses_with_it(library: Library) -> None:
    changed = edited(
        library,
        {
            "couts/forfait": {"when": "agents >= 150"},
            "horaires/souple": {
                "when": "'forfait' in couts",
                "text": "Souple.",
                "parameters": {},
            },
            "questions": {
                "equipe": {
                    "kind": "bool",
                    "label": "Une équipe ?",
                    "when": "'souple' in horaires",
                }
            },
        },
    )
    answers = STARTED.with_options("horaires", ("horaires/souple",)).with_options(
        "couts", ("couts/forfait",)
    )

    assert "equipe" in asked(changed, answers.with_value("agents", 150))
    assert "equipe" not in asked(changed, answers.with_value("agents", 149))


def test_a_theme_is_not_asked_when_none_of_its_options_is_offered(
    library: Library,
) -> None:
    changed = edited(
        library,
        {
            "couts/nature": {"when": "agents < 50"},
            "couts/forfait": {"when": "agents > 99"},
        },
    )

    assert "couts" not in asked(changed, STARTED)
    assert "couts" not in asked(changed, STARTED.with_value("agents", 70))
    assert "couts" in asked(changed, STARTED.with_value("agents", 49))
    assemble(changed, take_proposed(changed, STARTED.with_value("agents", 70)))


def test_a_theme_outside_the_profile_is_asked_once_it_was_opened_by_hand(
    library: Library,
) -> None:
    changed = edited(library, {"profiles": {"court": {"themes": ("couts",)}}})

    assert "horaires" not in asked(changed, STARTED)
    opened = STARTED.with_options("horaires", ("horaires/plage",))
    assert "horaires" in asked(changed, opened)


def test_a_theme_in_preparation_is_not_asked(library: Library) -> None:
    changed = edited(library, {"couts/theme": {"options": ()}})

    assert "couts" not in asked(changed, STARTED)


def test_a_library_without_the_profile_asks_every_theme(library: Library) -> None:
    unknown = STARTED.model_copy(update={"profile": "disparu"})

    assert asked(library, unknown) == asked(library, STARTED)


def test_sections_are_those_of_the_library_after_the_authority(
    library: Library,
) -> None:
    assert section_titles(library) == {
        "collectivite": "Votre collectivité",
        "temps": "Le temps",
        "argent": "L'argent",
    }


# --- what is proposed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("agents", "proposed"), [(199, ("couts/nature",)), (200, ("couts/forfait",))]
)
def test_the_recommended_option_is_proposed(
    library: Library, agents: int, proposed: tuple[str, ...]
) -> None:
    answers = STARTED.with_value("agents", agents)
    found = proposed_options(library, answers, state(library, answers), "couts")

    assert found == proposed


def test_only_one_of_the_recommended_options_is_proposed_where_one_is_chosen(
    library: Library,
) -> None:
    changed = edited(library, {"couts/forfait": {"recommended_when": "true"}})
    answers = STARTED.with_value("agents", 10)
    found = proposed_options(changed, answers, state(changed, answers), "couts")

    assert found == ("couts/nature",)


def test_the_profile_proposes_before_the_library(library: Library) -> None:
    own = {"options": {"couts": ("couts/forfait",)}, "values": {"montant": 1.5}}
    changed = edited(library, {"profiles": {"court": {"answers": own}}})
    answers = take_proposed(changed, STARTED)

    assert answers.chosen["couts"] == ("couts/forfait",)
    assert answers.values["montant"] == Decimal("1.5")


def test_an_option_that_is_not_offered_is_not_proposed(entangled: Library) -> None:
    answers = STARTED.with_value("agents", 100).with_value("astreinte", False)
    current = state(entangled, answers.with_value("vehicule", True))
    found = proposed_options(entangled, answers, current, "horaires")

    assert found == ("horaires/plage",)


def test_an_answer_may_be_proposed_under_a_condition(entangled: Library) -> None:
    low = STARTED.with_value("montant", 1).with_value("agents", 200)
    low = low.with_options("couts", ("couts/forfait",))
    high = low.with_value("montant", Decimal("2.5"))

    assert proposed_answer(entangled, low, state(entangled, low), "suivi") == 1
    assert proposed_answer(entangled, high, state(entangled, high), "suivi") == 5


def test_taking_what_is_proposed_leaves_given_answers_alone(library: Library) -> None:
    given_ = STARTED.with_value("debut", "21:00").with_options(
        "couts", ("couts/forfait",)
    )
    taken = take_proposed(library, given_)

    assert taken.values["debut"] == "21:00"
    assert taken.chosen["couts"] == ("couts/forfait",)


def test_taking_what_is_proposed_in_a_section_touches_no_other(
    library: Library,
) -> None:
    taken = take_proposed(library, STARTED, "argent")

    assert taken.chosen == {}
    taken = take_proposed(library, taken.with_value("agents", 10), "argent")
    assert taken.chosen == {"couts": ("couts/nature",)}


def test_what_has_no_proposal_stays_without_answer(library: Library) -> None:
    changed = edited(
        library,
        {
            "couts/nature": {"recommended_when": None},
            "horaires/plage": {"recommended_when": None},
        },
    )
    taken = take_proposed(changed, Answers(act_date="2027-03-01", profile="court"))

    assert [step.id for step in state(changed, taken).missing] == [
        "nom",
        "horaires",
        "couts",
    ]


def test_taking_what_is_proposed_twice_changes_nothing_more(entangled: Library) -> None:
    once = take_proposed(entangled, STARTED)

    assert take_proposed(entangled, once) == once


def test_a_preview_fills_what_has_no_proposal(library: Library) -> None:
    changed = edited(
        library,
        {
            "horaires/plage": {"recommended_when": None, "when": "agents > 9000"},
            "couts/nature": {"recommended_when": None, "when": "agents > 9000"},
        },
    )
    empty = Answers(act_date="2027-03-01", profile="court")
    filled = preview_answers(changed, empty)

    assert filled.values["nom"] == "…"
    assert filled.chosen["horaires"] == ("horaires/souple",)
    assert assemble(changed, filled).territory == "…"


# --- giving an answer ----------------------------------------------------------------


def test_a_given_answer_is_checked(library: Library) -> None:
    assert answer_question(library, STARTED, "agents", "1 607").values["agents"] == 1607

    with pytest.raises(InputError, match="un nombre de 1 à"):
        answer_question(library, STARTED, "agents", "0")
    with pytest.raises(
        InputError, match=r"« agent » : question inconnue .* « agents »"
    ):
        answer_question(library, STARTED, "agent", "3")


def test_chosen_options_are_put_in_the_order_of_the_theme(library: Library) -> None:
    answers = answer_options(library, STARTED, "horaires", ["souple", "horaires/plage"])

    assert answers.chosen["horaires"] == ("horaires/plage", "horaires/souple")


@pytest.mark.parametrize(
    ("theme", "options", "sentence"),
    [
        ("cout", ["nature"], "« cout » : thème inconnu dans cette bibliothèque."),
        (
            "couts",
            ["natur"],
            "« natur » n’est pas une option de « couts ». Vouliez-vous",
        ),
        ("couts", ["horaires/plage"], "« horaires/plage » n’est pas une option"),
        ("couts", ["nature", "forfait"], "choisissez une option, et une seule."),
        ("couts", [], "choisissez une option, et une seule."),
        ("horaires", [], "choisissez au moins une option."),
    ],
)
def test_a_wrong_choice_of_options_is_refused(
    library: Library, theme: str, options: list[str], sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        answer_options(library, STARTED, theme, options)

    assert str(refused.value).startswith(sentence)


def test_an_option_that_is_not_offered_cannot_be_chosen(entangled: Library) -> None:
    with pytest.raises(InputError, match="« La nuit » ne va pas avec vos autres"):
        answer_options(entangled, STARTED, "horaires", ["nuit"])


def test_an_optional_theme_may_be_closed(library: Library) -> None:
    changed = edited(library, {"couts/theme": {"choose": "optional"}})
    closed = answer_options(changed, STARTED, "couts", [])

    assert closed.chosen["couts"] == ()
    assert "couts" not in [step.id for step in state(changed, closed).missing]


# --- saying why ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("true", "recommandée dans tous les cas"),
        (
            "agents >= 100",
            "recommandée parce que : Combien d'agents : 120 agents (au moins 100 agents)",
        ),
        (
            "'plage' in horaires",
            "recommandée parce que : article « Les horaires » : option « Une plage fixe »",
        ),
        (
            "act_date >= '2026-08-01'",
            "recommandée parce que : date de l’acte : 2027-03-01 (au moins 2026-08-01)",
        ),
        ("agents >= 200", ""),
        ("montant > 2", ""),
        (None, ""),
    ],
)
def test_a_recommendation_says_why(
    library: Library, answers: Answers, condition: str | None, why: str
) -> None:
    changed = edited(library, {"couts/nature": {"recommended_when": condition}})
    context = state(changed, answers).context

    assert why_recommended(changed, changed.options["couts/nature"], context) == why


def test_names_are_said_as_the_reader_of_a_charter_knows_them(library: Library) -> None:
    speaker = LibrarySpeaker(library)

    assert speaker.subject("repos_minimal") == "Repos quotidien minimal"
    assert speaker.subject("inconnu") == "inconnu"
    assert speaker.value("horaires", "inconnue") == "inconnue"
    assert speaker.value("debut", "19:00") == "19 heures"


# --- any order -----------------------------------------------------------------------


@st.composite
def wishes(draw: st.DrawFn) -> Answers:
    """Return what somebody wants to answer, asked or not."""
    horaires = draw(
        st.sets(st.sampled_from(["plage", "souple", "nuit"]), min_size=1).map(sorted)
    )
    order = ["plage", "souple", "nuit"]
    return Answers(
        act_date="2027-03-01",
        profile="court",
        chosen={
            "horaires": tuple(f"horaires/{o}" for o in order if o in horaires),
            "couts": (f"couts/{draw(st.sampled_from(['nature', 'forfait']))}",),
        },
        values={
            "nom": "X",
            "agents": draw(st.sampled_from([1, 120, 150, 200])),
            "vehicule": draw(st.booleans()),
            "astreinte": draw(st.booleans()),
            "cycle": draw(st.sampled_from(["semaine", "mois"])),
            "suivi": draw(st.integers(0, 9)),
        },
    )


@given(wishes(), st.randoms(use_true_random=False))
def test_the_order_in_which_answers_are_given_does_not_matter(
    entangled: Library, wished: Answers, order: Any
) -> None:
    target = take_proposed(entangled, wished)
    answers = Answers(act_date=target.act_date, profile=target.profile)
    while steps := [
        step
        for step in state(entangled, answers).missing
        if step.id in (target.values if step.kind == "question" else target.chosen)
        # A choice that is not, or no longer, offered waits for the answers it needs.
        and (step.kind == "question" or answers.chosen.get(step.id) is None)
    ]:
        step = order.choice(steps)
        if step.kind == "question":
            value = target.values[step.id]
            answers = answer_question(entangled, answers, step.id, value)
        else:
            answers = answers.with_options(step.id, target.chosen[step.id])

    complete = state(entangled, target).missing == []
    assert (state(entangled, answers).missing == []) is complete
    assert state(entangled, answers).values == state(entangled, target).values
    if complete:
        assert assemble(entangled, answers) == assemble(entangled, target)


@given(wishes())
def test_what_is_asked_is_settled(entangled: Library, wished: Answers) -> None:
    found = state(entangled, wished)
    kept = Answers(
        act_date=wished.act_date,
        profile=wished.profile,
        chosen=dict(found.chosen),
        values=dict(found.values),
    )

    # Asking again with what counts, and nothing else, asks the same.
    assert state(entangled, kept).steps == found.steps
    assert state(entangled, kept).context == found.context


@given(wishes())
def test_taking_what_is_proposed_leaves_nothing_that_had_a_proposal(
    entangled: Library, wished: Answers
) -> None:
    taken = take_proposed(entangled, wished)
    found = state(entangled, taken)

    assert [step for step in found.missing if step.kind == "question"] == []
    for step in found.missing:
        assert proposed_options(entangled, taken, found, step.id) == ()
