import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import edited

from charter_builder.assembly import assemble
from charter_builder.charter import Charter
from charter_builder.errors import InputError
from charter_builder.interview import answer_question, leave_open, take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.requirements import findings
from charter_builder.typography import plain
from charter_builder.units import (
    FrozenVersion,
    altered_units,
    as_version,
    compare_versions,
    frozen,
)


def test_the_units_are_the_acts_then_the_articles(charter: Charter) -> None:
    version = as_version(charter, None)

    assert [(u.id, u.kind, u.number) for u in version.units] == [
        ("deliberation", "act", None),
        ("horaires", "article", 1),
        ("couts", "article", 2),
    ]
    assert version.units[1].name == "Article 1. Les horaires"
    assert version.version == 1


def test_an_act_is_frozen_whole(charter: Charter) -> None:
    act = as_version(charter, None).units[0]

    assert plain(act.text) == plain(
        "Le conseil\n\nVu l'article R. 3 du nouveau code ;\n\nAprès en avoir délibéré, "
        "décide :\n\nArticle 1. Adoption\n\nLa charte est adoptée."
    )


def test_the_digest_follows_the_words_not_the_number(
    library: Library, answers: Answers
) -> None:
    optional = edited(library, {"horaires/theme": {"choose": "optional"}})
    both = as_version(assemble(optional, answers), None)
    alone = assemble(optional, answers.with_options("horaires", ()))
    second = as_version(alone, both)

    costs = [unit for v in (both, second) if (unit := v.unit("couts")) is not None]
    assert [unit.number for unit in costs] == [2, 1]
    assert second.digest != both.digest


def test_a_removed_unit_leaves_a_tombstone_until_it_comes_back(
    library: Library, answers: Answers
) -> None:
    optional = edited(library, {"horaires/theme": {"choose": "optional"}})
    first = as_version(assemble(optional, answers), None)
    closed = assemble(optional, answers.with_options("horaires", ()))
    second = as_version(closed, first)
    third = as_version(closed, second)
    fourth = as_version(assemble(optional, answers), third)

    assert [(t.id, t.last_version) for t in third.removed] == [("horaires", 1)]
    assert fourth.removed == ()


def test_a_final_version_refuses_what_is_debated(
    library: Library, answers: Answers
) -> None:
    charter = assemble(
        library, leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")
    )

    with pytest.raises(InputError) as refused:
        frozen(charter, findings(charter, library), None, final=True)
    assert "1 point reste à débattre" in str(refused.value)
    assert "charter ask --set debut=" in str(refused.value)
    assert frozen(charter, (), None, final=False).version == 1


def test_a_final_version_refuses_a_legal_error(
    library: Library, answers: Answers
) -> None:
    charter = assemble(library, answer_question(library, answers, "fin", "20:00"))

    with pytest.raises(InputError, match="1 erreur de droit"):
        frozen(charter, findings(charter, library), None, final=True)


def test_a_text_that_has_not_changed_is_not_frozen_twice(charter: Charter) -> None:
    first = frozen(charter, (), None, final=False)

    with pytest.raises(InputError, match="celui de la version 1"):
        frozen(charter, (), first, final=False)
    assert frozen(charter, (), first, final=True).version == 2


def test_a_changed_word_betrays_the_unit(charter: Charter) -> None:
    version = as_version(charter, None)
    assert altered_units(version) == []

    unit = version.units[1]
    forged = unit.model_copy(update={"text": unit.text.replace("19", "20")})
    changed = version.model_copy(update={"units": (version.units[0], forged)})

    assert altered_units(changed) == [forged]


def test_changes_between_versions_are_told_word_by_word(
    library: Library, answers: Answers
) -> None:
    optional = edited(library, {"horaires/theme": {"choose": "optional"}})
    first = as_version(assemble(optional, answers), None)
    later = answer_question(optional, answers, "debut", "20:00")
    second = as_version(assemble(optional, later), first)
    closed = as_version(assemble(optional, later.with_options("horaires", ())), second)

    (reworded,) = compare_versions(first, second)
    assert (reworded.kind, reworded.after and reworded.after.id) == (
        "reworded",
        "horaires",
    )
    assert [(r.kind, r.text.strip()) for r in reworded.runs if r.kind != "same"] == [
        ("removed", "19"),
        ("added", "20"),
    ]
    assert next(c.kind for c in compare_versions(second, closed)) == "removed"
    assert next(c.kind for c in compare_versions(closed, second)) == "added"


TIMES = st.sampled_from(["18:00", "19:30", "20:00"])


@given(TIMES, TIMES)
def test_a_version_read_back_is_the_same(
    library: Library, start: str, other: str
) -> None:
    started = Answers(act_date="2027-03-01", profile="court", values={"nom": "X"})
    answers = take_proposed(library, started)
    first = as_version(
        assemble(library, answer_question(library, answers, "debut", start)), None
    )
    second = as_version(
        assemble(library, answer_question(library, answers, "debut", other)), first
    )

    again = FrozenVersion.model_validate_json(second.model_dump_json())

    assert again == second
    assert altered_units(again) == []
    assert (compare_versions(first, second) == []) == (start == other)
