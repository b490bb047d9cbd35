from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.charter import (
    Charter,
    ListBlock,
    Paragraph,
    TableBlock,
    TextBlock,
    blocks_of,
    expression_context,
    plain_text,
)
from charter_builder.expressions import CELL, ITEM, ROW, TABLE, Plain
from charter_builder.library import Library
from charter_builder.questionnaire import Answer


@pytest.mark.parametrize(
    ("rendered", "blocks"),
    [
        ("", ()),
        ("a", (TextBlock(text="a"),)),
        ("a\nb", (TextBlock(text="a b"),)),
        ("a\n\nb", (TextBlock(text="a"), TextBlock(text="b"))),
        (f"{ITEM}a\n{ITEM}b", (ListBlock(items=("a", "b")),)),
        (f"a :\n{ITEM}b", (TextBlock(text="a :"), ListBlock(items=("b",)))),
        (f"{ITEM}a\n  suite", (ListBlock(items=("a suite",)),)),
        (f"{ITEM}a\nb", (ListBlock(items=("a",)), TextBlock(text="b"))),
        (
            f"a\n{TABLE}A{CELL}B{ROW}c{CELL}",
            (TextBlock(text="a"), TableBlock(header=("A", "B"), rows=(("c", ""),))),
        ),
        (f"{TABLE}A{CELL}B", ()),
    ],
)
def test_a_rendered_paragraph_becomes_its_blocks(
    rendered: str, blocks: tuple[object, ...]
) -> None:
    assert blocks_of(rendered) == blocks


@given(st.text(alphabet=f"ab -\n{ITEM}", max_size=20))
def test_no_letter_of_a_paragraph_is_lost(rendered: str) -> None:
    blocks = blocks_of(rendered)
    shown = plain_text(Paragraph(id="a", clause="aa", nature="law", blocks=blocks))

    assert [c for c in shown if c in "ab"] == [c for c in rendered if c in "ab"]


def test_a_paragraph_as_plain_text_marks_items_and_cells() -> None:
    paragraph = Paragraph(
        id="a",
        clause="aa",
        nature="law",
        blocks=(
            TextBlock(text="a"),
            ListBlock(items=("b", "c")),
            TableBlock(header=("d", "e"), rows=(("f", "g"),)),
        ),
    )

    assert plain_text(paragraph) == "a\n- b\n- c\nd | e\nf | g"


def capabilities(value: Plain) -> set[type]:
    if isinstance(value, list):
        return {list}.union(*map(capabilities, value))
    return {type(value)}


def test_expressions_read_plain_copies_and_nothing_else(charter: Charter) -> None:
    values: dict[str, Answer] = {
        **charter.values,
        "texts": ("a", "b"),
        "rows": (("a", "b"),),
        "number": Decimal("2.5"),
        "yes": True,
    }
    context = expression_context(
        charter.act_date, values, charter.chosen, charter.figures, ("horaires", "couts")
    )
    seen = set().union(*map(capabilities, context.values()))

    assert seen <= {bool, int, Decimal, str, list}
    assert context["rows"] == [["a", "b"]]


def test_a_theme_is_worth_the_options_chosen_and_nothing_when_closed(
    library: Library,
) -> None:
    chosen: dict[str, tuple[str, ...]] = {"horaires": ("horaires/plage",)}
    context = expression_context("2027-03-01", {}, chosen, {}, library.theme_order)

    assert (context["horaires"], context["couts"]) == (["plage"], [])


def test_the_clauses_of_a_charter_are_its_articles_and_their_options(
    charter: Charter,
) -> None:
    assert charter.clause_ids == {"horaires", "couts", "horaires/plage", "couts/nature"}


def test_an_article_is_found_by_its_theme(charter: Charter) -> None:
    found = charter.article("couts")

    assert found is not None
    assert found.number == 2
    assert charter.article("inconnu") is None


def test_a_charter_says_where_each_compulsory_content_is(charter: Charter) -> None:
    assert charter.satisfied() == {"C01": ["article 1, Les horaires"]}


def test_every_paragraph_comes_with_the_place_a_reader_knows(charter: Charter) -> None:
    places = {paragraph.id: place for place, paragraph in charter.paragraphs()}

    assert places == {
        "horaires/1": "article 1, Les horaires",
        "horaires/plage/1": "article 1, Les horaires",
        "horaires/plage/2": "article 1, Les horaires",
        "couts/1": "article 2, Les coûts",
        "couts/nature/1": "article 2, Les coûts",
        "deliberation/visa/1/1": "Délibération d’essai",
        "deliberation/article-1/1": "Délibération d’essai, article 1",
    }


def test_an_article_lists_each_legal_basis_once(charter: Charter) -> None:
    found = charter.article("horaires")

    assert found is not None
    assert [citation.id for citation in found.references] == ["repos.quotidien"]
