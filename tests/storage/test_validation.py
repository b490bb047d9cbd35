from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from charter_builder.errors import (
    MAX_PROBLEMS,
    DocumentErrors,
    Problem,
    validation_sentence,
)
from charter_builder.storage.library_files import document_kinds
from charter_builder.storage.validation import LineFinder, located, validate
from charter_builder.storage.yaml_files import parse
from charter_builder.workspace import LibraryLock, WorkspaceSettings

TEXT = """\
title: Un forfait
list:
  - premier
  - id: second
    name: Deux
text: |
  Première ligne.
  Deuxième ligne.
quoted: "sur une ligne"
"""


def patterns(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema.get("patternProperties", ())
        for value in schema.values():
            yield from patterns(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns(value)


def every_pattern() -> list[str]:
    adapters: list[TypeAdapter[object]] = [
        *document_kinds().values(),
        TypeAdapter(WorkspaceSettings),
        TypeAdapter(LibraryLock),
    ]
    return sorted({p for adapter in adapters for p in patterns(adapter.json_schema())})


@pytest.mark.parametrize("pattern", every_pattern())
def test_every_pattern_of_a_file_is_explained_in_french(pattern: str) -> None:
    sentence = validation_sentence(
        "string_pattern_mismatch", "clé", "X", {"pattern": pattern}, []
    )

    assert "guide" not in sentence


# --- lines ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "line_in_text", "line"),
    [
        ((), 0, 1),
        (("title",), 0, 1),
        (("list",), 0, 2),
        (("list", 0), 0, 3),
        (("list", 1, "name"), 0, 5),
        (("list", 9), 0, 2),
        (("list", 1, "absent"), 0, 4),
        (("absent",), 0, 1),
        (("text",), 1, 7),
        (("text",), 2, 8),
        (("quoted",), 1, 9),
    ],
)
def test_a_field_is_found_on_its_line_or_on_that_of_its_parent(
    path: tuple[str | int, ...], line_in_text: int, line: int
) -> None:
    assert LineFinder(TEXT).of(path, line_in_text) == line


def test_problems_read_as_file_line_and_sentence_in_order() -> None:
    problems = [
        Problem("b", ("text",), "deux.", 2),
        Problem("a", ("title",), "un."),
        Problem("c", (), "trois."),
    ]

    error = located(problems, {"a": TEXT, "b": TEXT}, {"a": "x/a.yml"}, {"c": 0})

    assert str(error) == "b:8 : deux.\nc : trois.\nx/a.yml:1 : un."


def test_the_same_problem_is_told_once() -> None:
    problems = [Problem("a", ("title",), "un."), Problem("a", (), "un.")]

    assert str(located(problems, {"a": TEXT}, {})) == "a:1 : un."


def test_thousands_of_problems_are_cut_short_and_the_reader_is_told() -> None:
    text = "".join(f"cle-{n}: 1\n" for n in range(5_000))
    adapter: TypeAdapter[object] = TypeAdapter(LibraryLock)
    with pytest.raises(DocumentErrors) as refused:
        validate("library.lock", adapter, parse(text))

    error = located(refused.value.problems, {"library.lock": text}, {})

    assert len(error.lines) == MAX_PROBLEMS + 1
    assert error.lines[-1].endswith(
        "il y a d’autres erreurs : corrigez d’abord celles-ci."
    )


# --- validation ----------------------------------------------------------------------


def said(kind: str, text: str) -> list[str]:
    with pytest.raises(DocumentErrors) as refused:
        validate(kind, document_kinds()[kind], parse(text))
    return [problem.message for problem in refused.value.problems]


def test_every_problem_of_a_file_is_told_at_once() -> None:
    found = said(
        "questions", "nom: {kind: text, label: 1, optional: oui}\nage: {kind: entier}"
    )

    assert [sentence.split("»")[0] for sentence in found] == [
        "« label ",
        "« optional ",
        "« entier ",
    ]


def test_a_misspelt_key_is_not_also_told_missing() -> None:
    assert said("questions", "nom: {kind: text, lable: Nom}") == [
        "« lable » n’est pas une rubrique connue. Vouliez-vous dire « label » ?"
    ]


@pytest.mark.parametrize(
    ("default", "sentence"),
    [
        ("abc", "« default » doit être un nombre, sans guillemets."),
        ("[1]", "« default » doit être un nombre, sans guillemets."),
        (
            "{figur: x}",
            "« figur » n’est pas une rubrique connue. Vouliez-vous dire « figure » ?",
        ),
        ("{}", "la rubrique « figure » est obligatoire et manque : ajoutez-la."),
    ],
)
def test_a_value_that_may_be_of_two_kinds_gets_one_sentence(
    default: str, sentence: str
) -> None:
    text = f"age: {{kind: integer, label: Age, default: {default}}}"

    assert said("questions", text) == [sentence]


def test_an_unknown_key_is_compared_with_those_of_its_own_place() -> None:
    (sentence,) = said("questions", "nom: {kind: text, label: Nom, couleur: x}")

    known = sentence.split(" : ")[1].rstrip(".").split(", ")
    assert {"kind", "label", "max_length"} <= set(known)  # those of a text
    assert not {"choices", "columns", "unit", "summary"} & set(known)  # of others


def test_the_key_an_author_does_not_write_is_not_suggested() -> None:
    with pytest.raises(DocumentErrors) as refused:
        validate("a/b", document_kinds()["option"], {"zzz": "x"}, given={"id": "a1/b"})

    unknown = next(p.message for p in refused.value.problems if "zzz" in p.message)
    assert "since, summary" in unknown
    assert " id," not in unknown
