import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.charter import Charter, Paragraph, TextBlock
from charter_builder.typography import fold
from charter_builder.words import search_forms, singular, word_index

WORDS = st.text(alphabet="abdeéèêçnœruxszl", min_size=4, max_size=12)


def of_articles(charter: Charter, *texts: str) -> Charter:
    """Return the charter with one article for each text, and no title."""
    part, article = charter.parts[0], charter.parts[0].articles[0]
    articles = tuple(
        article.model_copy(
            update={
                "id": f"article-{number}",
                "number": number,
                "title": "",
                "paragraphs": (
                    Paragraph(
                        id=f"article-{number}/1",
                        clause=f"article-{number}",
                        nature="choice",
                        blocks=(TextBlock(text=text),),
                    ),
                ),
            }
        )
        for number, text in enumerate(texts, 1)
    )
    return charter.model_copy(
        update={"parts": (part.model_copy(update={"articles": articles}),)}
    )


def indexed(charter: Charter) -> dict[str, list[int]]:
    """Return each word of the index with the numbers of its articles."""
    return {
        word.shown: [article.number for article in word.articles]
        for _, words in word_index(charter)
        for word in words
    }


def test_a_word_of_the_index_gives_its_articles(charter: Charter) -> None:
    longer = of_articles(charter, "Le repos du soir.", "Un forfait.", "Repos, forfait.")

    assert indexed(longer) == {"forfait": [2, 3], "repos": [1, 3], "soir": [1]}


def test_two_forms_of_a_word_make_one_entry(charter: Charter) -> None:
    longer = of_articles(charter, "Un local fermé.", "Des locaux fermés.")

    assert indexed(longer) == {"fermé": [1, 2], "local": [1, 2]}


def test_the_index_is_in_the_order_of_letters_without_accents(charter: Charter) -> None:
    longer = of_articles(charter, "Zone, équipe, essai, abri.")

    assert [letter for letter, _ in word_index(longer)] == ["A", "E", "Z"]
    assert list(indexed(longer)) == ["abri", "équipe", "essai", "zone"]


def test_short_words_numbers_and_grammar_are_left_out(charter: Charter) -> None:
    longer = of_articles(charter, "Pour l'agent, dans ces 35 heures de 2027 : un duo.")

    assert list(indexed(longer)) == ["agent", "heures"]


def test_a_word_of_most_articles_is_left_out(charter: Charter) -> None:
    longer = of_articles(charter, "agent repos", "agent", "agent", "agent soir")

    assert list(indexed(longer)) == ["repos", "soir"]


def test_the_title_of_an_article_is_indexed(charter: Charter) -> None:
    assert "horaires" in indexed(charter)


@pytest.mark.parametrize(
    ("word", "base"),
    [("agents", "agent"), ("locaux", "local"), ("choix", "choi"), ("mois", "mois")],
)
def test_a_plural_is_brought_back_to_its_singular(word: str, base: str) -> None:
    assert singular(word) == base


def test_a_search_gets_each_form_once_with_and_without_accents() -> None:
    forms = list(search_forms("Négociation, négociations : la NÉGOCIATION"))

    assert forms == ["negociation", "negociations", "négociation", "négociations"]


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_a_text_is_found_without_its_accents(text: str) -> None:
    assert set(search_forms(fold(text))) <= set(search_forms(text))


@given(st.text(alphabet="abdeéèêçnœruz", min_size=4, max_size=12))
def test_a_plural_and_its_singular_find_each_other(word: str) -> None:
    assert {word, fold(word)} <= set(search_forms(f"{word}s"))
    assert {f"{word}s", fold(f"{word}s")} <= set(search_forms(word))


def test_a_plural_in_x_and_its_singular_find_each_other() -> None:
    assert "général" in set(search_forms("généraux"))
    assert "généraux" in set(search_forms("général"))
