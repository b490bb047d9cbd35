from decimal import Decimal

import pytest

from charter_builder.errors import ExpressionError, MissingAnswer
from charter_builder.evaluation import cite, condition, holds, render_line, text
from charter_builder.library import Library


def test_no_condition_always_holds() -> None:
    assert holds(None, {})


def test_a_condition_that_lacks_an_answer_does_not_hold() -> None:
    assert not holds("agents >= 200", {})
    assert not holds("not vehicule", {})


def test_a_condition_that_compares_unlike_things_is_a_sentence() -> None:
    with pytest.raises(ExpressionError, match="types différents"):
        holds("agents >= 'a'", {"agents": 3})


def test_the_same_source_is_parsed_once() -> None:
    assert condition("agents >= 200") is condition("agents >= 200")
    assert text("{{ agents }}") is text("{{ agents }}")


def test_a_sentence_is_filled_with_figures_and_references(library: Library) -> None:
    said = render_line(
        'Versez {{ forfait_officiel|euros }}\n({{ "repos.quotidien"|reference }}).',
        {"forfait_officiel": Decimal("2.88")},
        library.references,
        "2027-03-01",
    )

    assert said == "Versez 2,88 € (article R. 3 du nouveau code)."


def test_a_sentence_without_its_figure_says_which_one_is_missing() -> None:
    with pytest.raises(MissingAnswer, match="forfait_officiel"):
        render_line("{{ forfait_officiel|euros }}", {}, {}, "2027-03-01")


@pytest.mark.parametrize(
    ("day", "printed"),
    [
        ("2026-07-31", "article\u00a03 de l’ancien décret"),
        ("2026-08-01", "article\u00a0R.\u00a03 du nouveau code"),
    ],
)
def test_a_fact_is_cited_as_an_act_of_that_day_prints_it(
    library: Library, day: str, printed: str
) -> None:
    [citation] = cite(["repos.quotidien"], library.references, day)

    assert (citation.id, citation.text) == ("repos.quotidien", printed)
