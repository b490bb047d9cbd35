"""Every failure sentence a user can read, and the errors that carry them.

Messages are French: this is the one file to proofread. The core never prints; it
raises a `CharterError`, whose text is ready to be shown.
"""

import errno
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

PathStep = str | int

MAX_PROBLEMS = 100
"""Problems told at once: a reader mends a few, a stranger may have typed many."""

MORE_PROBLEMS = "il y a d’autres erreurs : corrigez d’abord celles-ci."

MAX_SUGGESTIONS = 300
"""How many known names a hint is looked for among: a stranger's file has no limit."""


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


def shown(value: object, limit: int = 60) -> str:
    """Return what a stranger wrote as a short, harmless line to quote in a message."""
    # A file name may hold an escape sequence or half a character.
    start = unicodedata.normalize("NFC", str(value)[: 4 * limit])
    text = "".join(
        " " if c.isspace() else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for c in start
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return « Vouliez-vous dire … ? » preceded by a space, or nothing."""
    # Here: only a slip needs it, and `charter --help` must start at once.
    from difflib import get_close_matches

    typed = str(word)
    # A name of another length is no likely slip, and costs time to compare.
    likely = (name for name in known if abs(len(name) - len(typed)) <= len(typed) // 2)
    close = get_close_matches(
        typed, list(islice(likely, MAX_SUGGESTIONS)), n=1, cutoff=0.6
    )
    return f" Vouliez-vous dire « {close[0]} » ?" if close else ""


def _hint(word: object, known: Iterable[str], label: str) -> str:
    names = sorted(known)
    hint = did_you_mean(word, names)
    if hint or not names:
        return hint
    listed = ", ".join(names[:MAX_LISTED]) + (", …" if len(names) > MAX_LISTED else "")
    return f" {label} : {listed}."


def unknown_key(key: object, known: Iterable[str]) -> str:
    """Return the sentence for a key nobody declared."""
    hint = _hint(key, known, "Rubriques connues")
    return f"« {shown(key)} » n’est pas une rubrique connue.{hint}"


def unknown_id(what: str, identifier: object, known: Iterable[str]) -> str:
    """Return the sentence for a name that stands for nothing in a library."""
    unknown = "inconnue" if what in _FEMININE else "inconnu"
    return (
        f"« {shown(identifier)} » : {what} {unknown} dans cette bibliothèque."
        f"{_hint(identifier, known, 'Noms connus')}"
    )


def system_reason(error: OSError) -> str:
    """Return in French why the system refused to read or write."""
    return _SYSTEM_REASONS.get(error.errno or 0, "refus du système")


def system_refusal(error: OSError) -> str:
    """Return what to say of a file that the system refused, where nobody expected it."""
    names = [shown(name, 200) for name in (error.filename, error.filename2) if name]
    return (
        f"{' et '.join(names) or 'fichier'} : lecture ou écriture impossible "
        f"({system_reason(error)}). Vérifiez le nom, les droits et la place du disque, "
        "puis recommencez."
    )


MAX_LISTED = 20
_FEMININE = frozenset({"clause", "option", "question", "règle", "réponse", "section"})

_SYSTEM_REASONS = {
    errno.ENOENT: "il n’existe pas",
    errno.ENOTDIR: "un fichier tient la place d’un dossier",
    errno.EISDIR: "un dossier tient la place d’un fichier",
    errno.EEXIST: "un fichier tient la place d’un dossier",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.EROFS: "disque en lecture seule",
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque atteint",
    errno.EFBIG: "taille de fichier limitée par le système",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ELOOP: "lien symbolique qui tourne en rond",
    errno.EIO: "disque en panne",
}

# The shape each pattern of the models asks for.
_SHAPES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "lettres minuscules sans accent, chiffres et tirets",
    r"^[a-z][a-z0-9-]{1,29}$": "de 2 à 30 lettres minuscules sans accent, chiffres et "
    "tirets, une lettre d’abord",
    r"^[a-z][a-z0-9-]{1,29}(/[a-z0-9]+(-[a-z0-9]+)*)?$": "un thème, ou un thème et son "
    "option : « couts » ou « couts/forfait »",
    r"^[a-z][a-z0-9_]{1,39}$": "de 2 à 40 lettres minuscules sans accent, chiffres et "
    "tirets bas, une lettre d’abord",
    r"^[a-zA-Z0-9][a-zA-Z0-9.-]{1,79}$": "lettres sans accent, chiffres, points et tirets",
    r"^\d{4}-\d{2}-\d{2}$": "une date entre guillemets, comme '2027-03-01'",
    r"^\d+\.\d+\.\d+$": "trois nombres, comme '1.2.0'",
    r"^[A-Z]\d{2}$": "une capitale et deux chiffres, comme C01",
    r"^#[0-9a-fA-F]{6}$": "une couleur, comme '#1b5e82'",
    r"^C-\d{4,6}$": "un numéro de contribution, comme C-0042",
    r"^[0-9a-f]{64}$": "une empreinte de soixante-quatre signes",
}

_MAPPING = (
    "doit être une rubrique à sous-rubriques (des lignes « nom: valeur » décalées)."
)
_LIST = "doit être une liste : [a, b], ou une ligne « - a » par élément."

_PYDANTIC_SENTENCES = {
    "missing": "la rubrique « {key} » est obligatoire et manque : ajoutez-la.",
    "string_type": "« {key} » doit être un texte : mettez des guillemets autour "
    "de la valeur.",
    "bool_type": "« {key} » doit être true (oui) ou false (non), sans guillemets.",
    "int_type": "« {key} » doit être un nombre entier, sans guillemets.",
    "is_instance_of": "« {key} » doit être un nombre, sans guillemets.",
    "finite_number": "« {key} » doit être un nombre fini.",
    "greater_than_equal": "« {key} » doit valoir {ge} au moins.",
    "less_than_equal": "« {key} » doit valoir {le} au plus.",
    "dict_type": f"« {{key}} » {_MAPPING}",
    "model_type": f"« {{key}} » {_MAPPING}",
    "model_attributes_type": f"« {{key}} » {_MAPPING}",
    "tuple_type": f"« {{key}} » {_LIST}",
    "union_tag_not_found": "la rubrique « kind » (le type) est obligatoire et manque : "
    "ajoutez-la.",
    "string_too_long": "« {key} » est trop long ({max_length} caractères au plus) : "
    "raccourcissez-le.",
    "string_too_short": "« {key} » est vide : écrivez-le ou retirez la rubrique.",
    "too_long": "« {key} » compte trop d’éléments ({max_length} au plus).",
    "too_short": "« {key} » doit compter au moins {min_length} élément(s).",
    "string_pattern_mismatch": "« {input} » n’a pas la forme attendue pour « {key} » : "
    "{shape}.",
    "key_string_pattern_mismatch": "« {input} » n’est pas un nom admis : {shape}.",
    "key_string_too_long": "« {input} » est un nom trop long ({max_length} caractères "
    "au plus).",
}


def validation_sentence(
    kind: str, key: object, given: object, context: dict[str, object], known: list[str]
) -> str:
    """Return the French sentence for one pydantic error."""
    key = shown(key)
    if kind == "extra_forbidden":
        return unknown_key(key, known)
    if kind == "value_error":
        return str(context.get("error", "valeur incorrecte."))
    if kind in ("literal_error", "union_tag_invalid"):
        expected = str(context.get("expected") or context.get("expected_tags") or "")
        words = [w.strip(" '") for w in expected.replace(" or ", ", ").split(",")]
        wrong = context.get("tag", given)
        return (
            f"« {shown(wrong)} » n’est pas une valeur admise pour « {key} »."
            f"{did_you_mean(shown(wrong), words)} Valeurs admises : {', '.join(words)}."
        )
    sentence = _PYDANTIC_SENTENCES.get(kind)
    if sentence is None:
        return f"la valeur de « {key} » n’est pas correcte : retapez-la."
    shape = _SHAPES.get(str(context.get("pattern")), "voyez le guide des auteurs")
    return sentence.format(key=key, input=shown(given), shape=shape, **context)
