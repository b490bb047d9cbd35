import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.typography import polish
from charter_builder.wording import Passages


def found(text: str, *wordings: str) -> list[str]:
    return [quoted for _, quoted in Passages([("ici", text)]).find(wordings)]


@pytest.mark.parametrize(
    ("text", "wording", "is_found"),
    [
        ("Autorisation renouvelable une fois.", "renouvelable une fois", True),
        ("Autorisation RENOUVELABLE\nUNE  FOIS.", "renouvelable une fois", True),
        ("L’agent télétravaille.", "l'agent teletravaille", True),
        ("L'agent te\u0301le\u0301travaille.", "L’agent télétravaille", True),
        ("non renouvelables une fois", "renouvelable une fois", False),
        ("Aucun de ces frais n’est pris.", "aucun … frais", True),
        ("Aucun de ces frais n’est pris.", "aucun ... frais", True),
        ("Aucun frais.", "aucun … frais", True),
        ("Aucun refus. Les frais sont pris.", "aucun … frais", False),
        ("Aucun refus ; les frais sont pris.", "aucun … frais", False),
        ("aucun" + " mot" * 40 + " frais", "aucun … frais", False),
        ("Un refus, un accord.", "accord … refus", False),
        ("(a+)+$ b", "(a+)+$", True),
        ("aaa", "a.a", False),
    ],
)
def test_a_wording_is_found_whatever_its_case_accents_or_typography(
    text: str, wording: str, is_found: bool
) -> None:
    assert bool(found(text, wording)) is is_found


def test_the_passage_is_quoted_as_it_is_written() -> None:
    text = polish("L'agent dit « oui » : aucun de ses Frais n'est pris !")

    assert found(text, "AUCUN … FRAIS") == ["aucun de ses Frais"]


def test_a_passage_is_told_once_with_the_first_wording_it_holds() -> None:
    assert found("b puis a, puis b", "z", "a", "b") == ["b"]


def test_each_passage_is_told_with_its_place() -> None:
    passages = Passages([("un", "a b"), ("deux", "c"), ("trois", "b a")])

    assert list(passages.find(("a",))) == [("un", "a"), ("trois", "a")]
    assert list(passages.find(("c",))) == [("deux", "c")]


@pytest.mark.parametrize("wording", ["renouvelable une fois", "renouvelable … fois"])
def test_a_wording_never_runs_over_two_passages(wording: str) -> None:
    passages = Passages([("un", "Elle est renouvelable"), ("deux", "une fois par an")])

    assert list(passages.find((wording,))) == []


@given(
    st.text(alphabet="abé .’'", max_size=30),
    st.text(alphabet="ab", min_size=1, max_size=4),
    st.text(alphabet="abé .’'", max_size=30),
)
def test_a_word_between_spaces_is_always_found(
    before: str, word: str, after: str
) -> None:
    [quoted] = found(f"{before} {word} {after}", word)

    assert quoted.replace("é", "e") == word


def test_a_gap_on_a_long_text_does_not_backtrack() -> None:
    assert found("a " * 20_000, "a … b") == []
