"""The words that move between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from charter_builder.typography import plain, polish
from charter_builder.worddiff import Run, compare_words, own_words

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


def marked(texts: list[str]) -> list[str]:
    return [
        "".join(f"[{run.text}]" if run.kind == "added" else run.text for run in runs)
        for runs in own_words(texts)
    ]


def test_the_words_of_each_candidate_are_marked() -> None:
    assert marked(
        [
            "Nul n’est joint de 18 h 30 à 8 heures.",
            "Nul n’est joint de 19 heures à 8 heures.",
            "Nul n’est joint de 20 heures à 8 heures.",
        ]
    ) == [
        "Nul n’est joint de [18 h 30] à 8 heures.",
        "Nul n’est joint de [19 heures] à 8 heures.",
        "Nul n’est joint de [20 heures] à 8 heures.",
    ]


def test_texts_that_have_little_in_common_are_not_marked() -> None:
    texts = ["Chaque équipe décide.", "La collectivité fournit un écran à tous."]

    assert marked(texts) == texts


@given(st.lists(st.text("ab c’.", max_size=30), min_size=2, max_size=3))
def test_marks_change_no_word(texts: list[str]) -> None:
    assert ["".join(r.text for r in runs) for runs in own_words(texts)] == texts
