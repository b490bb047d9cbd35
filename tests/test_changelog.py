import pytest

from charter_builder.changelog import MAX_LENGTH, MAX_SHOWN, about, changes, oldest

SOURCE = """\
# Ce qui change

- Une ligne avant toute version.

## [0.2.0] - 2027-01-15

### Rédaction

- La coupure de `deconnexion/coupure-technique` a un délai,
  plus long la nuit.
- Le thème `deconnexion` a un [titre](https://exemple.fr) **court**.

Un paragraphe qui n'est pas une entrée.

## [0.1.0]

- Première version.
"""


def test_each_entry_stands_under_its_release_and_its_subject() -> None:
    said = [(c.release, c.subject) for c in changes(SOURCE)]

    assert said == [
        ("0.2.0 - 2027-01-15", "Rédaction"),
        ("0.2.0 - 2027-01-15", "Rédaction"),
        ("0.1.0", ""),
    ]


def test_an_entry_is_plain_text_its_lines_put_end_to_end() -> None:
    texts = [change.text for change in changes(SOURCE)]

    assert texts[:2] == [
        "La coupure de deconnexion/coupure-technique a un délai, plus long la nuit.",
        "Le thème deconnexion a un titre court.",
    ]


def test_a_clause_finds_the_entries_that_name_it_and_no_other() -> None:
    found = changes(SOURCE)

    assert about(found, {"deconnexion/coupure"}) == []
    assert about(found, {"deconnexion", "deconnexion/coupure"}) == [found[1]]


def test_a_file_written_otherwise_has_nothing_to_say() -> None:
    assert changes("Version 2\n=========\n\n* un point\n") == ()


def test_an_endless_entry_is_cut() -> None:
    (change,) = changes("## 1.0.0\n- " + "mot " * 10_000)

    assert len(change.text) == MAX_LENGTH
    assert change.text.endswith("mot…")


def test_a_page_shows_the_newest_entries_of_a_file_that_never_ends() -> None:
    found = changes("## 1.0.0\n" + "- Le thème `couts` change.\n" * 5_000)

    assert about(found, {"couts"}) == list(found[:MAX_SHOWN])


def test_what_holds_a_subject_counts_from_the_release_it_came_with() -> None:
    news = "## Non publié\n- `a` un\n## 0.10.0\n- `a` deux\n## [0.9.0] - 2027\n- `a` trois\n"
    found = about(changes(news), {"a/b"}, {"a"}, "0.10.0")

    assert [change.text for change in found] == ["a un", "a deux"]


def test_an_entry_that_names_a_subject_is_told_whatever_its_release() -> None:
    found = about(changes("## 0.1.0\n- `a/b` naît\n"), {"a/b"}, {"a"}, "0.2.0")

    assert len(found) == 1


@pytest.mark.parametrize(
    ("releases", "first"),
    [
        (["0.10.0", "0.9.1", "0.9.10"], "0.9.1"),
        (["0.1.0", None], None),
        (["0.1.0", "bientôt"], None),
        ([], None),
    ],
)
def test_the_oldest_release_is_told_when_all_are(
    releases: list[str | None], first: str | None
) -> None:
    assert oldest(releases) == first
