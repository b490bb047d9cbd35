"""Two changes of one text brought together, or where they collide."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from charter_builder import merging, worddiff
from charter_builder.merging import NEAR, Merge, confronted, merge, same_words
from charter_builder.typography import polish

ARTICLE = """\
L’agent est joignable entre 9 heures et 12 heures, puis entre 14 heures et 16 heures.

La collectivité fournit un ordinateur portable et un casque.

- le lundi est travaillé sur site ;
- le vendredi est libre."""


def edited(*changes: tuple[str, str]) -> str:
    text = ARTICLE
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


MORNING = ("entre 9 heures et 12", "entre 10 heures et 12")
SCREEN = ("un casque", "un casque et un écran")


def test_changes_far_apart_are_both_kept() -> None:
    assert merge(ARTICLE, edited(MORNING), edited(SCREEN)).text == edited(
        MORNING, SCREEN
    )


def test_a_change_of_one_side_alone_is_kept() -> None:
    assert merge(ARTICLE, ARTICLE, edited(SCREEN)).text == edited(SCREEN)
    assert merge(ARTICLE, edited(SCREEN), ARTICLE).text == edited(SCREEN)


def test_the_same_change_on_both_sides_is_made_once() -> None:
    ours = edited(MORNING, SCREEN)

    assert merge(ARTICLE, ours, edited(SCREEN)).text == ours


def test_two_wordings_of_one_passage_collide() -> None:
    (collision,) = merge(
        ARTICLE, edited(MORNING), edited(("entre 9 heures", "dès 8 heures"))
    ).collisions

    assert (collision.base, collision.ours, collision.theirs) == (
        "entre 9",
        "entre 10",
        "dès 8",
    )
    assert collision.before == "L’agent est joignable"


@pytest.mark.parametrize(("between", "collides"), [(NEAR, True), (NEAR + 1, False)])
def test_changes_collide_when_few_words_lie_between(
    between: int, collides: bool
) -> None:
    kept = " ".join(["a", "b", "c", "d"][:between])
    merged = merge(f"x {kept} y", f"X {kept} y", f"x {kept} Y")

    assert bool(merged.collisions) == collides
    assert merged.text == (None if collides else f"X {kept} Y")


def test_two_additions_in_the_same_place_collide() -> None:
    ours = ARTICLE + "\n\nUn bilan est fait."
    theirs = ARTICLE + "\n\nUne enquête est menée."
    (collision,) = merge(ARTICLE, ours, theirs).collisions

    assert collision.base == ""
    assert collision.ours == "Un bilan est fait."
    assert collision.lead == "\n\n"


def test_a_passage_deleted_by_one_and_changed_by_the_other_collides() -> None:
    second = "\n\nLa collectivité fournit un ordinateur portable et un casque."

    assert merge(ARTICLE, edited((second, "")), edited(SCREEN)).collisions


def test_paragraphs_and_items_added_stay_paragraphs_and_items() -> None:
    item = ("site ;\n", "site ;\n- le mardi aussi ;\n")
    paragraph = ("16 heures.\n", "16 heures.\n\nUne pause est due.\n")

    assert merge(ARTICLE, edited(item), edited(paragraph)).text == edited(
        item, paragraph
    )


def test_a_paragraph_cut_in_two_is_a_change() -> None:
    cut = edited((", puis entre 14", ".\n\nEntre 14"))

    assert merge(ARTICLE, cut, edited(SCREEN)).text == edited(
        (", puis entre 14", ".\n\nEntre 14"), SCREEN
    )


def test_typography_is_no_change_and_the_polished_one_is_kept() -> None:
    typed = ARTICLE.replace("’", "'")
    polished = polish(ARTICLE)

    assert merge(typed, typed.replace(*SCREEN), polished).text == polished.replace(
        *SCREEN
    )


def test_a_word_put_in_brackets_keeps_no_space_inside() -> None:
    assert (
        merge(
            "le lundi et le mardi de mai",
            "le (lundi) et le mardi de mai",
            "le lundi et le mardi de juin",
        ).text
        == "le (lundi) et le mardi de juin"
    )


def test_texts_with_the_same_words_are_the_same() -> None:
    assert same_words("L'agent  dit : oui", "L’agent dit : oui")
    assert not same_words("un\n\ndeux", "un deux")


# --- random changes on both sides (security.md, 17) ----------------------------------

SIZE = 14
_OPERATIONS = ("keep",) * 6 + ("delete", "replace", "insert")
CHANGES = st.lists(
    st.sampled_from(_OPERATIONS), min_size=SIZE + 1, max_size=SIZE + 1
).map(lambda found: {place: what for place, what in enumerate(found) if what != "keep"})
Changes = dict[int, str]


def changed(words: list[str], changes: Changes, mark: str) -> list[str]:
    """Return the words with the changes of one side; what it writes bears its mark."""
    found: list[str] = []
    for place, word in enumerate([*words, ""]):
        what = changes.get(place)
        if what in ("insert", "replace"):
            found.append(f"{mark}{place}")
        if word and what not in ("delete", "replace"):
            found.append(word)
    return found


def zones(changes: Changes) -> list[tuple[int, int]]:
    """Return the ranges of the base that changes touch; those side by side are one."""
    found: list[tuple[int, int]] = []
    for place in sorted(changes):
        end = min(SIZE, place + (changes[place] != "insert"))
        start = min(place, SIZE)
        if changes[place] == "delete" and place == SIZE:
            continue
        if found and found[-1][1] >= start:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def deleted(changes: Changes) -> set[tuple[int, int]]:
    """Return the ranges that a side takes out, with nothing in their place."""
    return {
        (start, end)
        for start, end in zones(changes)
        if all(changes.get(place) == "delete" for place in range(start, end))
        and changes.get(end) in (None, "delete")
        and end > start
    }


def are_apart(ours: Changes, theirs: Changes) -> bool:
    agreed = deleted(ours) & deleted(theirs)
    return all(
        max(b[0] - a[1], a[0] - b[1]) > NEAR
        for a in set(zones(ours)) - agreed
        for b in set(zones(theirs)) - agreed
    )


@given(CHANGES, CHANGES)
def test_changes_that_are_apart_are_all_kept_once(
    ours: Changes, theirs: Changes
) -> None:
    words = [f"w{number}" for number in range(SIZE)]
    their_apart = {
        place: what for place, what in theirs.items() if are_apart(ours, {place: what})
    }
    assume(are_apart(ours, their_apart))
    merged = merge(
        " ".join(words),
        " ".join(changed(words, ours, "x")),
        " ".join(changed(words, their_apart, "y")),
    )

    both = [
        word
        for place, kept in enumerate([*words, ""])
        for mark, side in (("x", ours), ("y", their_apart))
        for word in changed_here(place, kept, side, mark, ours, their_apart)
    ]
    assert merged.text == " ".join(both)


def changed_here(
    place: int, word: str, side: Changes, mark: str, ours: Changes, theirs: Changes
) -> list[str]:
    """Return what one side writes at a place; the word itself comes with the second."""
    what = side.get(place)
    found = [f"{mark}{place}"] if what in ("insert", "replace") else []
    gone = {ours.get(place), theirs.get(place)} & {"delete", "replace"}
    return [*found, word] if mark == "y" and word and not gone else found


@given(CHANGES, CHANGES)
def test_changes_that_are_near_collide_unless_they_are_the_same(
    ours: Changes, theirs: Changes
) -> None:
    words = [f"w{number}" for number in range(SIZE)]
    merged = merge(
        " ".join(words),
        " ".join(changed(words, ours, "x")),
        " ".join(changed(words, theirs, "y")),
    )

    assert bool(merged.collisions) == (not are_apart(ours, theirs))


REPEATED = st.lists(
    st.sampled_from(["le", "jour", ",", "de", "le\n\n", "- le\n"]),
    min_size=SIZE,
    max_size=SIZE,
)


def mirrored(found: Merge) -> Merge:
    return Merge(
        tuple(
            piece
            if isinstance(piece, str)
            else piece._replace(ours=piece.theirs, theirs=piece.ours)
            for piece in found.pieces
        )
    )


@given(REPEATED, CHANGES, CHANGES)
def test_merging_is_the_same_from_either_side(
    words: list[str], ours: Changes, theirs: Changes
) -> None:
    base = " ".join(words)
    one = " ".join(changed(words, ours, "x"))
    other = " ".join(changed(words, theirs, "y"))

    assert merge(base, one, other) == mirrored(merge(base, other, one))


@given(REPEATED, CHANGES, CHANGES)
def test_merging_loses_and_doubles_no_word(
    words: list[str], ours: Changes, theirs: Changes
) -> None:
    base = " ".join(words)
    one = " ".join(changed(words, ours, "x"))
    other = " ".join(changed(words, theirs, "y"))
    found = merge(base, one, other)

    counted = Counter(counted_words(found, lambda c: c.ours + " " + c.theirs))
    for mark in {*one.split(), *other.split()}:
        if mark[0] in "xy":
            assert counted[mark] == 1
    if found.text is not None:
        before, first, second = (Counter(t.split()) for t in (base, one, other))
        for word in before:
            said = counted[word]
            assert first[word] + second[word] - before[word] <= said
            # Among words that repeat, one deletion may be seen as another.
            assert said <= max(first[word], second[word])


@given(REPEATED, CHANGES, CHANGES)
def test_taking_one_side_of_every_collision_leaves_that_sides_words(
    words: list[str], ours: Changes, theirs: Changes
) -> None:
    base = " ".join(words)
    one = " ".join(changed(words, ours, "x"))
    other = " ".join(changed(words, theirs, "y"))
    mine = counted_words(merge(base, one, other), lambda c: c.ours)

    assert [w for w in mine if w[0] == "x"] == [w for w in one.split() if w[0] == "x"]


def counted_words(found: Merge, side: Callable[[merging.Collision], str]) -> list[str]:
    return " ".join(
        piece if isinstance(piece, str) else side(piece) for piece in found.pieces
    ).split()


@given(REPEATED, CHANGES)
def test_one_change_alone_is_that_change(words: list[str], ours: Changes) -> None:
    base, one = " ".join(words), " ".join(changed(words, ours, "x"))

    assert merge(base, one, base).text == one.strip()
    assert merge(base, one, one).text == one.strip()


# --- what it costs -------------------------------------------------------------------


def hostile(first: str = "a", last: str = "a") -> str:
    return "\n\n".join([first, "a b " * 3_000, "a b " * 3_000, last])


def test_texts_too_long_to_compare_are_merged_by_paragraphs() -> None:
    merged = merge(hostile(), hostile(first="un début"), hostile(last="une fin"))

    assert merged.text is not None
    assert same_words(merged.text, hostile("un début", "une fin"))


def test_a_paragraph_too_long_to_compare_changed_by_both_is_a_collision() -> None:
    base = "a b " * 5_000
    (collision,) = merge(base, base + "c", "d " + base).collisions

    assert collision.ours.endswith("c")
    assert collision.theirs.startswith("d")


def test_paragraphs_too_many_to_compare_are_one_collision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worddiff, "BUDGET", 1)
    (collision,) = merge("a b", "a c", "d b").collisions

    assert (collision.base, collision.ours, collision.theirs) == ("a b", "a c", "d b")


def test_the_same_item_added_by_both_sides_is_there_once() -> None:
    base = "Sont fournis :\n- l’écran ;\n- l’écran ;\n\nArticle 3. Suite\n\nUn bilan."
    ours = base.replace("\n- l’écran", "\n- l’écran ;\n- un siège", 1)
    theirs = ours.replace("Suite", "Suite et fin")

    assert merge(base, ours, theirs).text == theirs
    assert merge(base, theirs, ours).text == theirs
    assert merge(base, theirs, theirs).text == theirs


ITEMS = st.lists(
    st.sampled_from(["- un a ;", "- un b ;", "- deux a ;", "Fin."]), max_size=6
)


@given(ITEMS, st.integers(0, 6), st.sampled_from(["- un a ;", "- un siège ;"]))
def test_what_was_brought_in_once_is_never_there_twice(
    lines: list[str], at: int, new: str
) -> None:
    base = "\n".join(["Sont fournis :", *lines, "Un bilan est fait chaque année."])
    changed = base.split("\n")
    changed.insert(1 + min(at, len(lines)), new)
    wanted = "\n".join(changed)
    elsewhere = wanted.replace("chaque année", "chaque mois de mars")

    # Among lines that repeat, the same item may be seen in two places: a person is then
    # asked, and it is never there twice.
    assert merge(base, elsewhere, wanted).text in (elsewhere, None)


def test_texts_without_a_common_origin_collide_where_they_differ() -> None:
    found = confronted(
        "Le soir, de 19 heures. Un suivi.", "Le soir, dès 20 heures. Un bilan."
    )

    assert [(c.ours, c.theirs) for c in found.collisions] == [
        ("de 19", "dès 20"),
        ("suivi", "bilan"),
    ]
    assert confronted("Le même.", "Le même.").text == "Le même."
