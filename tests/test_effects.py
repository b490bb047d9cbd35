"""What changing one answer does to the others."""

from charter_builder.effects import Effect, effects
from charter_builder.library import Library
from charter_builder.questionnaire import Answers


def seen(found: list[Effect]) -> list[tuple[str, str, str, str]]:
    return [(e.kind, e.step.id, e.before, e.after) for e in found]


def test_nothing_changes_without_a_change(library: Library, answers: Answers) -> None:
    assert effects(library, answers, answers) == []


def test_the_answer_itself_is_shown_before_and_after(
    library: Library, answers: Answers
) -> None:
    after = answers.with_value("debut", "20:00")
    assert seen(effects(library, answers, after)) == [
        ("changed", "debut", "19\u00a0heures", "20\u00a0heures")
    ]


def test_the_questions_of_an_option_left_out_lapse(
    library: Library, answers: Answers
) -> None:
    after = answers.with_options("horaires", ("horaires/souple",))
    found = {(kind, step) for kind, step, *_ in seen(effects(library, answers, after))}
    assert found == {
        ("changed", "horaires"),
        ("lapsed", "debut"),
        ("lapsed", "fin"),
        ("asked", "cas"),
    }


def test_an_answer_given_once_comes_back_with_its_question(
    library: Library, answers: Answers
) -> None:
    without = answers.with_options("horaires", ("horaires/souple",))
    found = effects(library, without, answers)
    assert ("back", "debut", "", "19\u00a0heures") in seen(found)
