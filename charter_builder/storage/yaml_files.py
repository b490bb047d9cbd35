"""YAML files in, plain data out; every error on its line.

Fast on the good path (the C parser, one pass), precise on the bad one: only when
something is wrong is the file composed again to find the line. Never PyYAML: its
`yes`, `12:30` and duplicate keys are not ours.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import VersionedResolver

from charter_builder.errors import InputError, shown, system_reason

MAX_FILE = 256 * 1024
MAX_ENTRIES = 20_000
"""Signs that start a value in a file: what takes time is not the size, but what it
holds."""
SIGNS = "lignes, virgules, crochets et tirets"
_STARTS = ("\n", ",", "[", "{", "- ", "-\t", "? ", "?\t")
MAX_DEPTH = 20
MAX_NUMBER = 10**15

# Controls, half characters, direction marks, characters of no width: nothing a legal
# text needs, and all one needs to make it look like another.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)

# What plain data never holds: anchor, alias, tag, merge key, directive, or a line so
# far to the right that it may be very deep. Cheap to look for; where one may be, the
# events of the parser tell. They never recurse, while loading a deep file in C may
# overrun the stack and kill the process.
_SUSPECT = re.compile(
    r"(?m)(?:^|[\s\[{,:?-])[&*!][^\s,\]}]|^%|<<|^ {40}|^[ \t]*(?:[-?:][ \t]+){8}"
)
_TOO_DEEP = (
    f"plus de {MAX_DEPTH} niveaux emboîtés : rapprochez ces rubriques de la marge."
)


class YamlSyntaxError(InputError):
    """A file that is not the YAML we accept; `line` counts from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


# --- bytes ---------------------------------------------------------------------------


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 file, line ends normalised.

    Raises `YamlSyntaxError` for one that is no ordinary file, is too large, is not
    UTF-8 or holds invisible characters.
    """
    try:
        with open(path, "rb", opener=_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise YamlSyntaxError(
                    "ce n’est pas un fichier ordinaire : remplacez-le par un fichier "
                    "de texte."
                )
            raw = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise YamlSyntaxError(
            f"fichier illisible ({system_reason(error)}) : vérifiez son nom et ses "
            "droits."
        ) from None
    if len(raw) > MAX_FILE:
        raise YamlSyntaxError(
            f"fichier trop gros : {MAX_FILE // 1024} Kio au plus. Découpez-le."
        )
    text = decode(raw)
    if entries(text) > MAX_ENTRIES:
        raise YamlSyntaxError(
            f"fichier trop long : {MAX_ENTRIES} {SIGNS} au plus. Découpez-le."
        )
    return text


def is_readable(text: str) -> bool:
    """Return whether a text, once written, would not be too long to be read."""
    return len(text.encode()) <= MAX_FILE and entries(text) <= MAX_ENTRIES


def entries(text: str) -> int:
    """Return about how many values a text may hold."""
    return sum(map(text.count, _STARTS))


def _at_once(path: str, flags: int) -> int:
    # A pipe that nobody writes to would keep us waiting for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decode(raw: bytes) -> str:
    """Return bytes as text, or say which line is wrong."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlSyntaxError(
            "le fichier n’est pas en UTF-8 : enregistrez-le en UTF-8.",
            raw.count(b"\n", 0, error.start) + 1,
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    hidden = _INVISIBLE.search(text)
    if hidden:
        raise YamlSyntaxError(
            _invisible(hidden[0]), text.count("\n", 0, hidden.start()) + 1
        )
    return text


def _invisible(character: str) -> str:
    return f"caractère invisible (U+{ord(character):04X}) : retapez ce passage."


# --- plain data ----------------------------------------------------------------------


class _Resolver(VersionedResolver):
    """YAML 1.2 always: the parser would ask which version at each value."""

    processing_version = (1, 2)


def _yaml() -> YAML:
    yaml = YAML(typ="safe")
    yaml.Resolver = _Resolver
    return yaml


def compose(text: str) -> Node | None:
    """Return the nodes of a YAML text, each with its line."""
    node: Node | None = _yaml().compose(text)
    return node


def parse(text: str) -> Any:
    """Return the plain data of a YAML text; lists come as tuples.

    Raises `YamlSyntaxError` for anything but plain data: aliases, tags, duplicate keys,
    deep nesting.
    """
    _check_brackets(text)
    if _SUSPECT.search(text):
        _check_events(text)
    try:
        loaded = _yaml().load(text)
    except DuplicateKeyError as error:
        key = re.search(r'found duplicate key "([^"]*)"', str(error.problem))
        raise YamlSyntaxError(
            f"la rubrique « {shown(key[1]) if key else '?'} » est écrite deux fois : "
            "gardez-en une.",
            _mark_line(error),
        ) from None
    except MarkedYAMLError as error:
        raise _syntax_error(error, text) from None
    except ValueError:
        # A date or a number in form only: 2027-13-45, or ten thousand digits.
        raise _found(text, _impossible_scalar) from None
    except YAMLError:
        raise YamlSyntaxError(_UNCLEAR) from None
    try:
        return _plain(loaded, 0, escapes="\\" in text)
    except _NotPlain:
        raise _found(text, _faulty_node) from None


def parse_as_typed(text: str) -> Any:
    """Return the data like `parse`, numbers and dates as the text a person typed.

    `01700` stays `01700`: what a text answer holds is not for YAML to read.
    """
    parse(text)
    node = compose(text)
    return None if node is None else _typed(node)


def _typed(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {str(key.value): _typed(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return tuple(_typed(item) for item in node.value)
    kind = _kind(node)
    if kind == "null":
        return None
    if kind == "bool":
        return str(node.value).lower() == "true"
    return str(node.value)


def _kind(node: Node) -> str:
    return str(node.tag).rpartition(":")[2]


class _NotPlain(Exception):
    """The data holds what we refuse; where, only the nodes tell."""


def _plain(data: Any, depth: int, escapes: bool) -> Any:
    if depth > MAX_DEPTH:
        raise _NotPlain
    if isinstance(data, str):
        # The text was searched before: only « \u… » brings an invisible character in.
        if escapes and _INVISIBLE.search(data):
            raise _NotPlain
        return data
    if isinstance(data, dict):
        if not all(isinstance(key, str) for key in data):
            raise _NotPlain
        return {
            _plain(key, depth, escapes): _plain(value, depth + 1, escapes)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return tuple(_plain(value, depth + 1, escapes) for value in data)
    # Written this way round, a number that is none (.nan) is refused too.
    if isinstance(data, int | float) and not -MAX_NUMBER <= data <= MAX_NUMBER:
        raise _NotPlain
    return data


# --- what is wrong, and on which line ------------------------------------------------

_UNCLEAR = "YAML incorrect : vérifiez le décalage et les guillemets de cette ligne."
_UNCLEAR_FLOW = (
    "ce qui suit ce crochet ou cette accolade n’est pas compris : fermez-le, séparez par "
    "des virgules, mettez les textes entre guillemets."
)


def _mark_line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return (mark.line if mark else 0) + 1


def _syntax_error(error: MarkedYAMLError, text: str) -> YamlSyntaxError:
    message, line = _syntax_sentence(error, text)
    # The parser may place what is missing after the last line.
    return YamlSyntaxError(message, min(line, len(text.splitlines()) or 1))


def _syntax_sentence(error: MarkedYAMLError, text: str) -> tuple[str, int]:
    """Return in French what the parser did not understand, and the line to mend."""
    problem, context = str(error.problem or ""), str(error.context or "")
    line = _mark_line(error)
    opened = error.context_mark.line + 1 if error.context_mark else line
    typed = text.split("\n")[line - 1 : line]
    if "tab" in problem or (typed and re.match(r" *\t", typed[0])):
        return "une tabulation sert de décalage : remplacez-la par des espaces.", line
    if "single document" in context:
        return "un seul document par fichier : retirez la ligne « --- ».", line
    if "quoted scalar" in context and "end of stream" in problem:
        return "un guillemet ouvert ici n’est pas fermé : fermez-le.", opened
    if "flow" in context:
        return _UNCLEAR_FLOW, opened
    if "escape" in problem or "hexdecimal" in problem:
        return (
            "« \\ » entre guillemets doubles annonce un caractère spécial : prenez des "
            "guillemets simples.",
            line,
        )
    if "mapping values are not allowed" in problem:
        return (
            "deux-points inattendus : mettez le texte entre guillemets, ou sous « | ».",
            line,
        )
    if "could not find expected ':'" in problem:
        return "cette ligne n’a pas la forme « nom: valeur » : ajoutez « : ».", opened
    if "cannot start any token" in problem:
        return (
            "ce signe ne peut pas commencer une valeur : mettez des guillemets.",
            line,
        )
    if "block scalar" in context:
        return "après « | », passez à la ligne.", line
    if "expected key" in problem or "'-' indicator" in problem or "block" in problem:
        return "décalage incorrect : alignez cette ligne avec les précédentes.", line
    if "constructor" in problem or "tag" in problem:
        return "les balises YAML (« !… ») ne sont pas admises : retirez-la.", line
    return _UNCLEAR, line


def _check_brackets(text: str) -> None:
    """Refuse very deep brackets, on which the parser itself would lose minutes."""
    depth = 0
    for found in re.finditer(r"[\[\]{}]", text):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH * 3:
                raise YamlSyntaxError(
                    "trop de crochets ou d’accolades ouverts : fermez-les.",
                    text.count("\n", 0, found.start()) + 1,
                )
        else:
            depth = max(0, depth - 1)


def _check_events(text: str) -> None:
    depth = 0
    try:
        for event in _yaml().parse(text):
            wrong = _event_sentence(event)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
                wrong = wrong or (_TOO_DEEP if depth > MAX_DEPTH else None)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                depth -= 1
            if wrong:
                raise YamlSyntaxError(wrong, event.start_mark.line + 1)
    except MarkedYAMLError as error:
        raise _syntax_error(error, text) from None
    except YAMLError:
        raise YamlSyntaxError(_UNCLEAR) from None


def _event_sentence(event: Event) -> str | None:
    if isinstance(event, DocumentStartEvent):
        if event.version or event.tags:
            return "les directives YAML (« %… ») ne sont pas admises : retirez-la."
    elif isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        return (
            "les ancres et les alias YAML (« & », « * ») ne sont pas admis : mettez la "
            "valeur entre guillemets."
        )
    elif getattr(event, "tag", None):
        return "les balises YAML (« !… ») ne sont pas admises : retirez-la."
    elif isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]:
        return "« << » n’est pas admis : écrivez les rubriques en toutes lettres."
    return None


def _found(text: str, sentence: Callable[[Node, bool], str | None]) -> YamlSyntaxError:
    """Return the error of the first node that `sentence` has something to say of."""
    for node, is_key, depth in _nodes(compose(text)):
        said = _TOO_DEEP if depth > MAX_DEPTH else sentence(node, is_key)
        if said:
            return YamlSyntaxError(said, node.start_mark.line + 1)
    return YamlSyntaxError(_UNCLEAR)


def _nodes(
    node: Node | None, is_key: bool = False, depth: int = 0
) -> Iterator[tuple[Node, bool, int]]:
    if node is None:
        return
    yield node, is_key, depth
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _nodes(key, True, depth)
            yield from _nodes(value, False, depth + 1)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _nodes(item, False, depth + 1)


def _faulty_node(node: Node, is_key: bool) -> str | None:
    if is_key and _kind(node) != "str":
        typed = shown(node.value) if isinstance(node, ScalarNode) else "[…]"
        return f"« {typed} » sert de nom de rubrique : mettez-le entre guillemets."
    hidden = isinstance(node, ScalarNode) and _INVISIBLE.search(node.value)
    if hidden:
        return _invisible(hidden[0])
    is_number = _kind(node) in ("int", "float")
    if is_number and not -MAX_NUMBER <= _number(node.value) <= MAX_NUMBER:
        typed = shown(node.value, 30)
        return f"« {typed} » n’est pas un nombre raisonnable : corrigez-le."
    return None


def _number(typed: str) -> float:
    """Return what a number of YAML is worth, infinite when it is too large to tell."""
    digits = typed.replace("_", "").lower()
    try:
        is_based = digits.lstrip("+-")[:2] in ("0x", "0o", "0b")
        return float(int(digits, 0) if is_based else digits)
    except (ValueError, OverflowError):
        return float("inf")


def _impossible_scalar(node: Node, is_key: bool) -> str | None:
    if is_key or not isinstance(node, ScalarNode):
        return None
    kind, typed = _kind(node), str(node.value)
    try:
        if kind == "timestamp":
            parts = [*(int(part) for part in re.findall(r"\d+", typed)), 0, 0, 0]
            datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        elif kind in ("int", "float") and len(typed) > 4_000:
            raise ValueError
    except ValueError:
        return (
            f"« {shown(typed, 30)} » n’est ni une date ni un nombre possible : "
            "corrigez, ou mettez des guillemets."
        )
    return None
