import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charter_builder.typography import fold, plain, polish

# Pieces chosen because some rule looks at them, and any text around.
SIGNS = "«»“”\"'’‘;:!?()-_%€°., \n\t\u00a0\u202f\u2009\u3000"
WORDS = (
    "... … «» L L. R. A art article n° 1er er 1 12 234 jours h 30 http://a.b/c;d a@b.fr "
    "mailto:x mot é e\u0301"
)
PIECES = st.sampled_from([*SIGNS, *WORDS.split(), "article ", "5 000", " h 30", "  "])
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("l'agent", "l’agent"),
        ('dit "oui"', 'dit "oui"'),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("«oui»", "«\u00a0oui\u00a0»"),
        ("qui ?", "qui\u202f?"),
        ("qui?", "qui\u202f?"),
        ("un ; deux", "un\u202f; deux"),
        ("ceci : cela", "ceci\u00a0: cela"),
        ("à 19:30", "à 19:30"),
        ("1 607 heures", "1\u202f607\u00a0heures"),
        ("2,88 €", "2,88\u00a0€"),
        ("7 h 30", "7\u00a0h\u00a030"),
        ("75 %", "75\u00a0%"),
        ("article L. 430-1", "article\u00a0L.\u00a0430-1"),
        ("décret n°2016-151", "décret n°\u00a02016-151"),
        ("1er mars", "1er\u00a0mars"),
        ("etc...", "etc…"),
        ("2 jourssuivants", "2 jourssuivants"),
    ],
)
def test_a_text_is_printed_with_french_spaces_and_quotes(
    typed: str, printed: str
) -> None:
    assert polish(typed) == printed


@pytest.mark.parametrize(
    "address",
    ["https://exemple.fr/a?b=1;c=2:3", "mailto:rh@ville.fr", "rh.paie@ville-a.fr"],
)
def test_an_address_is_left_as_it_is(address: str) -> None:
    assert polish(f"Voir {address} !") == f"Voir {address}\u202f!"


@given(TEXTS)
@example("« 5 000 € » à 7 h 30 : l'article R.3, n°1...")
def test_polishing_twice_changes_nothing_more(text: str) -> None:
    assert polish(polish(text)) == polish(text)


@given(TEXTS)
@example("n°12")
@example("article L.430-1")
def test_comparisons_do_not_see_typography(text: str) -> None:
    assert plain(polish(text)) == plain(text)


@given(TEXTS)
def test_polishing_loses_no_letter_and_no_digit(text: str) -> None:
    def letters(words: str) -> str:
        normal = unicodedata.normalize("NFC", words)
        return "".join(c for c in normal if c.isalnum())

    assert letters(polish(text)) == letters(text)


def test_a_text_retyped_by_hand_compares_equal_to_the_printed_one() -> None:
    retyped = "L'agent dit \"oui\" : voir l'article L. 430-1, n° 2016-151..."

    assert plain(retyped) == plain(polish(retyped.replace('"oui"', "« oui »")))


def test_a_search_sees_neither_accents_nor_case() -> None:
    assert fold("DÉCONNEXION à l’Été") == "deconnexion a l'ete"
