"""Every failure sentence a user can read, and the errors that carry them.

Messages are French: this is the one file to proofread. The core never prints; it
raises a `CharterError`, whose text is ready to be shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

PathStep = str | int


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one document, named without any file system.

    `document` is the key of the document (`deconnexion/plages-horaires`), `path` the
    keys that lead to the faulty field, `offset` a line inside a block of text.
    Storage turns the three into `file:line`.
    """

    document: str
    path: tuple[PathStep, ...]
    message: str
    line_in_text: int = 0


class CharterError(Exception):
    """Anything a user can mend: its text is a French sentence, exit code 2."""


class InputError(CharterError):
    """A wrong value given on the command line or in a file."""


class ConflictError(CharterError):
    """Something a person must settle first, exit code 3."""


@dataclass
class DocumentErrors(CharterError):
    """All the problems of a set of documents, reported together."""

    problems: Sequence[Problem]
    lines: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        return "\n".join(self.lines or [p.message for p in self.problems])


class ExpressionError(CharterError):
    """A template or a condition outside the accepted subset.

    `line` counts from 1 inside the text of the expression.
    """

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


class MissingAnswer(CharterError):
    """A condition or a text needs an answer that was not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"la réponse « {name} » manque")
        self.name = name


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return « Vouliez-vous dire … ? » preceded by a space, or nothing."""
    close = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" Vouliez-vous dire « {close[0]} » ?" if close else ""


def unknown_key(key: object, known: Iterable[str]) -> str:
    names = sorted(known)
    hint = did_you_mean(key, names)
    if not hint and names:
        hint = f" Rubriques connues : {', '.join(names)}."
    return f"« {key} » n’est pas une rubrique connue.{hint}"


def unknown_id(what: str, identifier: object, known: Iterable[str]) -> str:
    return (
        f"« {identifier} » : {what} inconnu dans cette bibliothèque."
        f"{did_you_mean(identifier, known)}"
    )


_PYDANTIC_SENTENCES = {
    "missing": "la rubrique « {key} » est obligatoire et manque.",
    "string_type": "« {key} » doit être un texte : mettez des guillemets autour "
    "de la valeur.",
    "bool_type": "« {key} » doit être true ou false.",
    "int_type": "« {key} » doit être un nombre entier.",
    "int_parsing": "« {key} » doit être un nombre entier.",
    "int_from_float": "« {key} » doit être un nombre entier.",
    "decimal_parsing": "« {key} » doit être un nombre.",
    "decimal_type": "« {key} » doit être un nombre.",
    "dict_type": "« {key} » doit être une rubrique à sous-rubriques "
    "(des lignes « nom: valeur » décalées).",
    "model_type": "« {key} » doit être une rubrique à sous-rubriques "
    "(des lignes « nom: valeur » décalées).",
    "model_attributes_type": "« {key} » doit être une rubrique à sous-rubriques.",
    "tuple_type": "« {key} » doit être une liste.",
    "list_type": "« {key} » doit être une liste.",
    "frozen_set_type": "« {key} » doit être une liste.",
    "union_tag_not_found": "la rubrique « kind » (le type) est obligatoire et manque.",
    "string_too_long": "« {key} » est trop long ({max_length} caractères au plus).",
    "string_too_short": "« {key} » est vide.",
    "too_long": "« {key} » compte trop d’éléments ({max_length} au plus).",
    "too_short": "« {key} » doit compter au moins {min_length} élément(s).",
    "string_pattern_mismatch": "« {input} » n’a pas la forme attendue pour « {key} » : "
    "lettres minuscules sans accent, chiffres et tirets.",
    "recursion_loop": "« {key} » se contient lui-même.",
}


def validation_sentence(
    kind: str, key: object, given: object, context: dict[str, object], known: list[str]
) -> str:
    """Return the French sentence for one pydantic error."""
    if kind == "extra_forbidden":
        return unknown_key(key, known)
    if kind == "value_error":
        return str(context.get("error", "valeur incorrecte"))
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = str(
            context.get("expected") or context.get("expected_tags") or ""
        ).replace(" or ", ", ")
        shown = context.get("tag", given)
        words = [w.strip(" '") for w in expected.split(",")]
        return (
            f"« {shown} » n’est pas une valeur admise pour « {key} »."
            f"{did_you_mean(shown, words)} Valeurs admises : {', '.join(words)}."
        )
    sentence = _PYDANTIC_SENTENCES.get(kind)
    if sentence is None:
        return f"la valeur de « {key} » n’est pas correcte."
    shown = str(given)
    return sentence.format(
        key=key, input=shown if len(shown) < 60 else shown[:57] + "…", **context
    )
