"""The words that move between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from charter_builder.typography import plain, polish
from charter_builder.worddiff import Run, compare_words

WORDS = st.lists(
    st.sampled_from(["a", "le", "9", "h", "12", "joignable,", ".", ";", "l'", "«"])
).map(" ".join)


def moves(before: str, after: str) -> list[Run]:
    return [run for run in compare_words(before, after) if run.kind != "same"]


def test_only_the_word_that_changes_is_shown() -> None:
    assert moves("joignable de 9 h à 12 h", "joignable de 8 h à 12 h") == [
        Run("removed", "9"),
        Run("added", "8"),
    ]


def test_typography_is_not_a_change() -> None:
    text = "L'agent dit : « oui » à 9 heures !"
    assert moves(text, polish(text)) == []


def test_two_words_that_change_side_by_side_are_one_change() -> None:
    assert moves("un repos long ici", "un sommeil court ici") == [
        Run("removed", "repos long"),
        Run("added", "sommeil court"),
    ]


@given(WORDS, WORDS)
def test_what_stays_or_comes_is_the_new_text(before: str, after: str) -> None:
    runs = compare_words(before, after)
    new = "".join(run.text for run in runs if run.kind != "removed")
    assert plain(new) == plain(after)


@given(WORDS, WORDS)
def test_what_stays_or_goes_is_the_old_text(before: str, after: str) -> None:
    runs = compare_words(before, after)
    old = "".join(run.text for run in runs if run.kind != "added")
    assert " ".join(plain(old).split()) == " ".join(plain(before).split())
