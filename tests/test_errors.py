import pytest

from charter_builder.errors import (
    DocumentErrors,
    Problem,
    did_you_mean,
    shown,
    unknown_id,
    unknown_key,
    validation_sentence,
)


def test_a_near_word_is_suggested() -> None:
    assert did_you_mean("sourcse", ["sources", "title"]) == (
        " Vouliez-vous dire « sources » ?"
    )


def test_a_far_word_suggests_nothing() -> None:
    assert did_you_mean("xyz", ["sources", "title"]) == ""


def test_an_unknown_key_lists_the_known_ones_when_none_is_near() -> None:
    assert unknown_key("xyz", ["title", "text"]) == (
        "« xyz » n’est pas une rubrique connue. Rubriques connues : text, title."
    )


def test_an_unknown_key_lists_no_more_than_a_reader_can_take_in() -> None:
    sentence = unknown_key("xyz", [f"rubrique-{n:03}" for n in range(500)])

    assert "rubrique-019, …" in sentence
    assert "rubrique-020" not in sentence


@pytest.mark.parametrize(
    ("what", "agreed"), [("question", "inconnue"), ("thème", "inconnu")]
)
def test_an_unknown_name_agrees_with_what_it_is(what: str, agreed: str) -> None:
    sentence = unknown_id(what, "xyz", [])

    assert sentence == f"« xyz » : {what} {agreed} dans cette bibliothèque."


def test_what_a_stranger_wrote_is_quoted_short_and_on_one_line() -> None:
    assert shown("a\nb\x1b[31m\u202e" + "c" * 100) == "a b�[31m�" + "c" * 50 + "…"


def test_a_suggestion_among_ten_thousand_names_is_still_quick_to_refuse() -> None:
    names = [f"nom-{n:05}" for n in range(10_000)]

    assert did_you_mean("a" * 10_000, names) == ""


def test_document_errors_read_as_their_located_lines() -> None:
    problem = Problem("a/b", ("title",), "manque.")

    assert str(DocumentErrors([problem], ["a/b.yml:3 : manque."])) == (
        "a/b.yml:3 : manque."
    )


def test_document_errors_without_lines_read_as_their_messages() -> None:
    problems = [Problem("a", (), "un."), Problem("b", (), "deux.")]

    assert str(DocumentErrors(problems)) == "un.\ndeux."


@pytest.mark.parametrize(
    ("kind", "context", "sentence"),
    [
        (
            "missing",
            {},
            "la rubrique « titre » est obligatoire et manque : ajoutez-la.",
        ),
        (
            "bool_type",
            {},
            "« titre » doit être true (oui) ou false (non), sans guillemets.",
        ),
        (
            "string_too_long",
            {"max_length": 600},
            "« titre » est trop long (600 caractères au plus) : raccourcissez-le.",
        ),
        (
            "literal_error",
            {"expected": "'one', 'any' or 'optional'"},
            "« anny » n’est pas une valeur admise pour « titre ». Vouliez-vous dire "
            "« any » ? Valeurs admises : one, any, optional.",
        ),
        (
            "never_heard_of",
            {},
            "la valeur de « titre » n’est pas correcte : retapez-la.",
        ),
    ],
)
def test_a_validation_error_is_a_french_sentence(
    kind: str, context: dict[str, object], sentence: str
) -> None:
    assert validation_sentence(kind, "titre", "anny", context, []) == sentence


def test_a_wrong_date_is_told_what_a_date_looks_like() -> None:
    context: dict[str, object] = {"pattern": r"^\d{4}-\d{2}-\d{2}$"}
    sentence = validation_sentence(
        "string_pattern_mismatch", "from", "2027", context, []
    )

    assert sentence.endswith("une date entre guillemets, comme '2027-03-01'.")
