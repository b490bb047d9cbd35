"""Sentences, words and syllables; the shipped profiles stay easy to read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from charter_builder.assembly import assemble
from charter_builder.charter import ListBlock, Paragraph, TableBlock, TextBlock
from charter_builder.interview import take_proposed
from charter_builder.questionnaire import Answers
from charter_builder.readability import (
    article_sentences,
    paragraph_sentences,
    reading,
    shortened,
    syllables,
    words,
)
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.yaml_files import parse
from charter_builder.typography import polish

CASES = parse(
    (Path(__file__).parent / "cases" / "readability.yml").read_text(encoding="utf-8")
)
PRINTED = ["article L. 430-1 du code", "décret n° 1 de 2000"]


def paragraph(*blocks: TextBlock | ListBlock | TableBlock) -> Paragraph:
    return Paragraph(
        id="theme/option/1", clause="theme/option", nature="choice", blocks=blocks
    )


@pytest.mark.parametrize(("word", "count"), CASES["syllables"].items())
def test_a_word_has_about_its_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize("case", CASES["sentences"], ids=lambda case: case["text"])
def test_a_text_is_cut_into_sentences(case: Mapping[str, Any]) -> None:
    text = paragraph(TextBlock(text=polish(case["text"])))
    assert list(paragraph_sentences(text, [])) == list(case["gives"])


@pytest.mark.parametrize("case", CASES["references"], ids=lambda case: case["text"])
def test_a_reference_between_parentheses_is_one_word(case: Mapping[str, Any]) -> None:
    assert shortened(polish(case["text"]), PRINTED) == case["gives"]


def test_an_item_and_a_cell_are_each_a_sentence() -> None:
    text = paragraph(
        ListBlock(items=("le matin ;", "le soir.")),
        TableBlock(header=("Besoin", "Moyen"), rows=(("Une urgence", "Le téléphone"),)),
    )
    assert list(paragraph_sentences(text, [])) == [
        "le matin;",
        "le soir.",
        "Une urgence",
        "Le téléphone",
    ]


def test_a_word_stands_between_spaces_and_holds_a_letter_or_a_digit() -> None:
    assert words(polish("L'agent fait 1 607 heures : « oui ».")) == [
        "L'agent",
        "fait",
        "1607",
        "heures:",
        '"oui".',
    ]


def test_the_index_falls_when_sentences_and_words_lengthen() -> None:
    easy = reading(["Il vient.", "Il va."])
    hard = reading(["La réglementation communautaire conditionne l’autorisation."])
    assert easy is not None
    assert hard is not None
    # 2 words a sentence, 1 syllable a word: 207 - 2 * 1.015 - 73.6.
    assert easy.ease == pytest.approx(131.37)
    assert hard.ease < easy.ease


def test_the_longest_sentence_is_given_with_its_length() -> None:
    found = reading(["Il va.", "Il vient ce soir.", "Oui."])
    assert found is not None
    assert (found.median, found.longest, found.longest_text) == (
        2,
        4,
        "Il vient ce soir.",
    )


def test_a_text_without_a_word_has_no_reading() -> None:
    assert reading(["", "…"]) is None


@pytest.mark.parametrize("profile", ["essentiel", "standard", "complet"])
def test_a_shipped_profile_has_short_sentences(profile: str) -> None:
    library = load_library(shipped_library())
    started = Answers(
        act_date="2027-03-01",
        profile=profile,
        values={
            "nom_collectivite": "Ville d’Essai",
            "effectif": 240,
            "habitants": 18400,
        },
    )
    charter = assemble(library, take_proposed(library, started))
    sentences = [
        s for article in charter.articles() for s in article_sentences(article)
    ]
    found = reading(sentences)
    assert found is not None
    assert found.median <= 22
    assert [s for s in sentences if len(words(s)) > 45] == []
