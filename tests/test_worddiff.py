"""The words that move between two texts."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder import worddiff
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


# --- what it costs -------------------------------------------------------------------


class _Counted(list[int]):
    """The places of a word, counting each one that is looked at."""

    seen = 0

    def __iter__(self) -> Iterator[int]:
        for place in super().__iter__():
            _Counted.seen += 1
            yield place


def steps(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> int:
    """Return how many pairs of words comparing two texts looks at."""

    class Matcher(worddiff._Matcher):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.b2j = {word: _Counted(places) for word, places in self.b2j.items()}

    monkeypatch.setattr(worddiff, "_Matcher", Matcher)
    _Counted.seen = 0
    compare_words(before, after)
    return _Counted.seen


def scattered(words: str, count: int, seed: int, joint: str = " ") -> str:
    source = Random(seed)
    return joint.join(source.choice(words) for _ in range(count))


HOSTILE = {
    "one word": ("a " * 10_000, "a " * 9_999 + "b"),
    "two words that alternate": ("a b " * 5_000, "b a " * 5_000),
    "two words anyhow": (scattered("ab", 10_000, 1), scattered("ab", 10_000, 2)),
    "many words anyhow": (
        scattered("abcdefghijklm", 10_000, 3),
        scattered("abcdefghijklm", 10_000, 4),
    ),
    "short lines": (
        scattered("ab", 10_000, 5, "\n"),
        scattered("ab", 10_000, 6, "\n"),
    ),
    "signs": (";," * 10_000, ",;" * 10_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_no_more_than_the_budget(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert steps(monkeypatch, *HOSTILE[name]) <= worddiff.BUDGET


def test_lines_that_stay_cost_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without lines put face to face first, each word would meet all its likes.
    lines = [" ".join(["mot"] * 10) + f" {number}." for number in range(200)]
    changed = [*lines[:20], lines[20].replace("20", "vingt"), *lines[21:]]

    assert steps(monkeypatch, "\n".join(lines), "\n".join(changed)) < 50_000


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_too_long_to_compare_is_still_told_whole(name: str) -> None:
    before, after = HOSTILE[name]
    runs = compare_words(before, after)

    assert "".join(r.text for r in runs if r.kind != "removed") == after
    assert "".join(r.text for r in runs if r.kind != "added").split() == before.split()


def test_a_small_change_shows_in_a_text_too_long_to_compare() -> None:
    same = scattered("ab", 5_000, 1)

    assert [
        run
        for run in compare_words(f"{same} ici {same}", f"{same} là {same}")
        if run.kind != "same"
    ] == [Run("removed", "ici"), Run("added", "là")]


def test_candidates_too_long_to_compare_are_not_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ["a b c d e", "a b c d f"]
    assert marked(texts) == ["a b c d [e]", "a b c d [f]"]

    monkeypatch.setattr(worddiff, "BUDGET", 3)
    assert marked(["x a b c d e", "y a b c d f"]) == ["x a b c d e", "y a b c d f"]


LINES = st.lists(st.sampled_from(["a", "le a", "9 h", "- a", ""]), max_size=8).map(
    "\n".join
)


@given(LINES, LINES)
def test_lines_that_move_lose_no_word(before: str, after: str) -> None:
    runs = compare_words(before, after)

    assert "".join(r.text for r in runs if r.kind != "removed") == after
    assert "".join(r.text for r in runs if r.kind != "added").split() == before.split()
