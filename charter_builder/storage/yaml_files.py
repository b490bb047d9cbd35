"""YAML files in, values out; every error on its line.

Fast on the good path (the C parser, one pass), precise on the bad one: only when
something is wrong is the file composed again to find the line. Never PyYAML: its
`yes`, `12:30` and duplicate keys are not ours.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from charter_builder.errors import (
    DocumentErrors,
    InputError,
    PathStep,
    Problem,
    validation_sentence,
)

MAX_FILE = 256 * 1024
MAX_DEPTH = 20

_MAYBE_ALIAS = re.compile(r"(?m)(?:^|[\s\[,:{-])[&*][^\s,\]}]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]"
)


class YamlSyntaxError(InputError):
    """A file that is not the YAML we accept; `line` counts from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 file, line ends normalised.

    Raises `YamlSyntaxError` for one that is too large, not UTF-8 or holds invisible
    characters.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise YamlSyntaxError(f"fichier illisible : {error.strerror}.") from None
    if len(raw) > MAX_FILE:
        raise YamlSyntaxError(
            f"fichier trop gros : {MAX_FILE // 1024} Kio au plus. Découpez-le."
        )
    return decode(raw)


def decode(raw: bytes) -> str:
    """Return bytes as text, or say which line is wrong."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlSyntaxError(
            "le fichier n’est pas en UTF-8 : enregistrez-le en UTF-8.", line
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    hidden = _INVISIBLE.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        raise YamlSyntaxError(
            f"caractère invisible (U+{ord(hidden[0]):04X}) : retapez ce passage.", line
        )
    return text


def parse(text: str) -> Any:
    """Return the plain data of a YAML text; lists come as tuples.

    Raises `YamlSyntaxError` for anything but plain data: aliases, tags, duplicate keys,
    deep nesting.
    """
    _check_nesting(text)
    if _MAYBE_ALIAS.search(text):
        _check_aliases(text)
    try:
        return _plain(YAML(typ="safe").load(text), 0)
    except DuplicateKeyError as error:
        key = re.search(r'found duplicate key "([^"]*)"', str(error.problem))
        raise YamlSyntaxError(
            f"la rubrique « {key[1] if key else '?'} » est écrite deux fois.",
            _line(error),
        ) from None
    except MarkedYAMLError as error:
        raise YamlSyntaxError(_syntax_sentence(error), _line(error)) from None
    except (YAMLError, ValueError) as error:
        raise YamlSyntaxError(f"YAML incorrect : {error}"[:200]) from None
    except RecursionError:
        raise YamlSyntaxError("trop de niveaux emboîtés.") from None


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return (mark.line if mark else 0) + 1


def _syntax_sentence(error: MarkedYAMLError) -> str:
    problem = str(error.problem or "")
    if "tab" in problem or "\\t" in problem:
        return "une tabulation sert de décalage : remplacez-la par des espaces."
    if "mapping values are not allowed" in problem:
        return (
            "deux-points inattendus : mettez le texte entre guillemets, ou sous « | »."
        )
    if "could not determine a constructor" in problem or "tag" in problem:
        return "les balises YAML (« !… ») ne sont pas admises."
    if "cannot start any token" in problem:
        return "ce signe ne peut pas commencer une valeur : mettez des guillemets."
    if "block end" in problem or "expected <block end>" in problem:
        return "décalage incorrect : alignez cette ligne avec les précédentes."
    if "unclosed" in problem or "quoted scalar" in problem or "end of stream" in problem:
        return "un guillemet ou un crochet n’est pas fermé."
    return "YAML incorrect : vérifiez le décalage et les guillemets de cette ligne."


def _check_nesting(text: str) -> None:
    depth = 0
    for found in re.finditer(r"[\[\]{}\n]", text):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH * 3:
                raise YamlSyntaxError(
                    "trop de niveaux emboîtés.", text.count("\n", 0, found.start()) + 1
                )
        elif found[0] in "]}":
            depth = max(0, depth - 1)


def _check_aliases(text: str) -> None:
    try:
        for event in YAML(typ="safe").parse(text):
            if getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise YamlSyntaxError(
                    "les ancres et les alias YAML (« & », « * ») ne sont pas admis : "
                    "mettez la valeur entre guillemets.",
                    line,
                )
    except (YAMLError, RecursionError, ValueError):
        return  # `load` says what is wrong, better.


def _plain(data: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise YamlSyntaxError("trop de niveaux emboîtés.")
    if isinstance(data, dict):
        return {key: _plain(value, depth + 1) for key, value in data.items()}
    if isinstance(data, list):
        return tuple(_plain(value, depth + 1) for value in data)
    return data


# --- lines ---------------------------------------------------------------------------


def line_of(text: str, path: tuple[PathStep, ...], line_in_text: int = 0) -> int:
    """Return the line of a field, or of its nearest parent that exists."""
    try:
        node = YAML(typ="safe").compose(text)
    except (YAMLError, RecursionError):
        return 1
    line = 1
    for step in path:
        if isinstance(node, MappingNode):
            # A key of the path that the file does not have is a name pydantic gave to
            # a branch of a union: stay where we are.
            for key, value in node.value:
                if str(key.value) == str(step):
                    node, line = value, key.start_mark.line + 1
                    break
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            if step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
    return line + _offset(node, line, line_in_text)


def _offset(node: Node | None, line: int, line_in_text: int) -> int:
    if not line_in_text or not isinstance(node, ScalarNode):
        return 0
    start: int = node.start_mark.line + 1
    if node.style in ("|", ">"):
        return start - line + line_in_text
    return start - line + line_in_text - 1


# --- validation ----------------------------------------------------------------------


@lru_cache(maxsize=32)
def _known_keys(adapter_id: int, adapter: "_Adapter") -> list[str]:
    keys: set[str] = set()

    def collect(schema: object) -> None:
        if isinstance(schema, Mapping):
            properties = schema.get("properties")
            if isinstance(properties, Mapping):
                keys.update(str(key) for key in properties)
            for value in schema.values():
                collect(value)
        elif isinstance(schema, list):
            for value in schema:
                collect(value)

    collect(adapter.adapter.json_schema(by_alias=True))
    return sorted(keys)


class _Adapter:
    """A hashable holder for a pydantic adapter."""

    def __init__(self, adapter: TypeAdapter[Any]) -> None:
        self.adapter = adapter


def validate(document: str, adapter: TypeAdapter[Any], data: Any) -> Any:
    """Return the value of a document.

    Raises `DocumentErrors` with every problem of the document.
    """
    if data is None:
        raise DocumentErrors([Problem(document, (), "le fichier est vide.")])
    if not isinstance(data, dict):
        raise DocumentErrors(
            [Problem(document, (), "le fichier doit contenir des lignes « nom: valeur ».")]
        )
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        holder = _Adapter(adapter)
        raise DocumentErrors(_problems(document, error, holder)) from None
    except RecursionError:
        raise DocumentErrors(
            [Problem(document, (), "trop de niveaux emboîtés.")]
        ) from None


def _problems(
    document: str, error: ValidationError, holder: _Adapter
) -> list[Problem]:
    found: dict[tuple[PathStep, ...], Problem] = {}
    for item in error.errors(include_url=False):
        path = tuple(item["loc"])
        named = [step for step in path if isinstance(step, str) and "[" not in step]
        key = named[-1] if named else document
        message = validation_sentence(
            item["type"],
            key,
            item.get("input"),
            dict(item.get("ctx", {})),
            _known_keys(id(holder), holder)
            if item["type"] == "extra_forbidden"
            else [],
        )
        if item["type"] == "missing":
            path = path[:-1]
        found.setdefault((*path, message), Problem(document, path, message))
    return list(found.values())


def located(
    problems: list[Problem], texts: Mapping[str, str], shown: Mapping[str, str]
) -> DocumentErrors:
    """Return the problems as one error whose lines read `file:line : sentence`."""
    rows = set()
    for problem in problems:
        text = texts.get(problem.document, "")
        line = line_of(text, problem.path, problem.line_in_text) if text else 1
        name = shown.get(problem.document, problem.document)
        rows.add((name, line, problem.message))
    return DocumentErrors(problems, [f"{n}:{at} : {said}" for n, at, said in sorted(rows)])
