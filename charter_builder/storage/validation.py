"""Plain data in, values out; every problem on its line, as a French sentence."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from charter_builder.errors import (
    MAX_PROBLEMS,
    MORE_PROBLEMS,
    DocumentErrors,
    PathStep,
    Problem,
    validation_sentence,
)
from charter_builder.storage.yaml_files import compose

# --- lines ---------------------------------------------------------------------------


class LineFinder:
    """The lines of one text, composed once however many problems it has."""

    def __init__(self, text: str) -> None:
        try:
            self._root = compose(text)
        except YAMLError:
            self._root = None
        self._entries: dict[int, dict[str, tuple[Node, int]]] = {}

    def of(self, path: tuple[PathStep, ...], line_in_text: int = 0) -> int:
        """Return the line of a field, or of its nearest parent that exists."""
        node, line = self._root, 1
        for step in path:
            if isinstance(node, MappingNode):
                # A file without the key has no better line than the one we are on.
                node, line = self._keys(node).get(str(step), (node, line))
            elif isinstance(node, SequenceNode) and step in range(len(node.value)):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line + _offset(node, line, line_in_text)

    def _keys(self, node: MappingNode) -> dict[str, tuple[Node, int]]:
        if id(node) not in self._entries:
            self._entries[id(node)] = {
                str(key.value): (value, key.start_mark.line + 1)
                for key, value in node.value
            }
        return self._entries[id(node)]


def _offset(node: Node | None, line: int, line_in_text: int) -> int:
    if not line_in_text or not isinstance(node, ScalarNode):
        return 0
    start: int = node.start_mark.line + 1
    if node.style in ("|", ">"):
        return start - line + line_in_text
    return start - line + line_in_text - 1


# --- validation ----------------------------------------------------------------------


def validate(
    document: str,
    adapter: TypeAdapter[Any],
    data: Any,
    given: Mapping[str, str] | None = None,
) -> Any:
    """Return the value of a document; `given` are the keys its author does not write.

    Raises `DocumentErrors` with every problem of the document.
    """
    if data is None:
        raise DocumentErrors(
            [
                Problem(
                    document, (), "le fichier est vide : remplissez-le ou retirez-le."
                )
            ]
        )
    if not isinstance(data, dict):
        raise DocumentErrors(
            [
                Problem(
                    document, (), "le fichier doit contenir des lignes « nom: valeur »."
                )
            ]
        )
    try:
        return adapter.validate_python({**(given or {}), **data})
    except ValidationError as error:
        hidden = frozenset(given or ())
        raise DocumentErrors(
            _problems(document, error, data, adapter, hidden)
        ) from None


def _problems(
    document: str,
    error: ValidationError,
    data: Any,
    adapter: TypeAdapter[Any],
    hidden: frozenset[str],
) -> list[Problem]:
    found: dict[tuple[PathStep, ...], Problem] = {}
    missing: dict[tuple[PathStep, ...], str] = {}
    details = error.errors(include_url=False)[: 2 * MAX_PROBLEMS]
    places = [(_place(data, item["loc"]), item["type"]) for item in details]
    for item, (path, kind) in zip(details, places, strict=True):
        given = item.get("input")
        if kind not in _OF_KEYS and _is_other_branch(path, kind, given, places):
            continue
        key: PathStep = next((s for s in reversed(path) if isinstance(s, str)), "")
        known: list[str] = []
        if kind == "missing":
            key = item["loc"][-1]
        elif kind == "extra_forbidden":
            known = sorted(_known_keys(adapter, item["loc"][:-1]) - hidden)
        elif kind == "union_tag_invalid":
            key, path = "kind", (*path, "kind")
        elif item["loc"][-1:] == ("[key]",) or (
            not path and hidden.intersection(item["loc"][-1:])
        ):
            # A key that is wrong, or the name of the file.
            kind = f"key_{kind}"
        context = dict(item.get("ctx", {}))
        message = validation_sentence(kind, key, given, context, known)
        if kind == "value_error":
            path = (*path, *_quoted_key(message, given))
        # One problem per value: the first branch of a union speaks for the others.
        told = (*path, message) if kind in _OF_KEYS else path
        found.setdefault(told, Problem(document, path, message))
        if kind == "missing":
            missing[told] = str(key)
    misspelt = {
        (problem.path[:-1], name)
        for problem in found.values()
        for name in re.findall("Vouliez-vous dire « (.+?) »", problem.message)
    }
    return [
        problem
        for told, problem in found.items()
        if (problem.path, missing.get(told)) not in misspelt
    ]


def _place(data: Any, location: Iterable[PathStep]) -> tuple[PathStep, ...]:
    """Return the steps of a location that the data has.

    The others are names pydantic gives to the branches of a union.
    """
    path: list[PathStep] = []
    for step in location:
        entries = dict(enumerate(data)) if isinstance(data, tuple) else data
        if isinstance(entries, dict) and step in entries:
            path.append(step)
            data = entries[step]
    return tuple(path)


_OF_KEYS = ("missing", "extra_forbidden")
_CONTAINERS = ("dict_type", "model_type", "tuple_type")


def _is_other_branch(
    path: tuple[PathStep, ...],
    kind: str,
    given: object,
    places: Iterable[tuple[tuple[PathStep, ...], str]],
) -> bool:
    """Return whether an error speaks of a branch of a union nobody meant.

    « a number, or {figure: x} » given « abc » is a wrong number, not a wrong mapping;
    given « {figur: x} » it is a wrong mapping, not a wrong number.
    """
    inside = [(at, said) for at, said in places if at[: len(path)] == path]
    if isinstance(given, dict | tuple):
        return any(at != path or said in _OF_KEYS for at, said in inside)
    return kind in _CONTAINERS and any(said not in _CONTAINERS for _, said in inside)


def _quoted_key(message: str, given: object) -> tuple[str, ...]:
    """Return the key a sentence of ours speaks of, when it starts with it."""
    quoted = re.match(r"« (\w+) »", message)
    if quoted and isinstance(given, dict) and quoted[1] in given:
        return (quoted[1],)
    return ()


@lru_cache(maxsize=32)
def _schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    return adapter.json_schema(by_alias=True)


def _known_keys(adapter: TypeAdapter[Any], location: Iterable[PathStep]) -> set[str]:
    """Return the keys that the place of a location may hold."""
    whole = _schema(adapter)
    here = list(_branches(whole, whole))
    for step in location:
        inner = [child for schema in here for child in _children(schema, step)]
        if inner:
            here = [found for child in inner for found in _branches(child, whole)]
            continue
        # The step names a branch of a union: its kind, or the name of its class.
        named = [s for s in here if step in (s.get("title"), _const_kind(s))]
        here = named or here
    return {key for schema in here for key in schema.get("properties", ())}


def _branches(
    schema: Mapping[str, Any], whole: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _branches(whole["$defs"][name], whole)
    elif "anyOf" in schema or "oneOf" in schema:
        for branch in schema.get("anyOf") or schema["oneOf"]:
            yield from _branches(branch, whole)
    else:
        yield schema


def _children(schema: Mapping[str, Any], step: PathStep) -> Iterator[Mapping[str, Any]]:
    if step in schema.get("properties", {}):
        yield schema["properties"][step]
    elif schema.get("type") == "array" and isinstance(step, int):
        yield schema["items"]
    elif schema.get("type") == "object" and "properties" not in schema:
        more = schema.get("additionalProperties")
        yield from [more] if isinstance(more, Mapping) else []
        yield from schema.get("patternProperties", {}).values()


def _const_kind(schema: Mapping[str, Any]) -> object:
    return schema.get("properties", {}).get("kind", {}).get("const")


def located(
    problems: Sequence[Problem],
    texts: Mapping[str, str],
    names: Mapping[str, str],
    lines: Mapping[str, int] | None = None,
) -> DocumentErrors:
    """Return the problems as one error whose lines read `file:line : sentence`.

    Only the first `MAX_PROBLEMS` are told. `lines` are those already known, of the documents that could not be read: 0 for
    a file or a folder that is wrong as a whole.
    """
    by_document: dict[str, list[Problem]] = {}
    for problem in problems[:MAX_PROBLEMS]:
        by_document.setdefault(problem.document, []).append(problem)
    rows: set[tuple[str, int, str]] = set()
    for document, found in by_document.items():
        name = names.get(document, document)
        finder = LineFinder(texts.get(document, ""))
        for problem in found:
            line = finder.of(problem.path, problem.line_in_text)
            line = (lines or {}).get(document, line)
            rows.add((name, line, problem.message))
    told = [
        f"{name}:{line} : {said}" if line else f"{name} : {said}"
        for name, line, said in sorted(rows)
    ]
    if len(problems) > MAX_PROBLEMS:
        told.append(MORE_PROBLEMS)
    return DocumentErrors(problems, told)
