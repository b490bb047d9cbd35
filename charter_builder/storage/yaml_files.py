"""YAML files in, plain data out; every error on its line.

One pass over what the C parser finds: the data is built by ourselves, so that what we
refuse is refused where it stands. Never PyYAML: its `yes`, `12:30` and duplicate keys
are not ours.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import Node
from ruamel.yaml.resolver import Resolver, VersionedResolver

from charter_builder.errors import InputError, shown
from charter_builder.storage.files import ordinary_bytes

MAX_FILE = 256 * 1024
MAX_ENTRIES = 20_000
"""Signs that start a value in a file: what takes time is not the size, but what it
holds."""
SIGNS = "lignes, virgules, crochets et tirets"
_STARTS = ("\n", ",", "[", "{", "- ", "-\t", "? ", "?\t")
MAX_DEPTH = 20
MAX_BRACKETS = 3 * MAX_DEPTH
MAX_NUMBER = 10**15
MAX_DIGITS = 4_000

# Controls, half characters, direction marks, characters of no width: nothing a legal
# text needs, and all one needs to make it look like another.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
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

    Raises `YamlSyntaxError` for one we do not accept: see `counted_text`.
    """
    return counted_text(path)[0]


def counted_text(path: Path) -> tuple[str, int]:
    """Return the text of a small UTF-8 file, and about how many values it holds.

    Raises `YamlSyntaxError` for one that is no ordinary file, is too large, is not
    UTF-8 or holds invisible characters.
    """
    try:
        raw = ordinary_bytes(path, MAX_FILE, "Découpez-le.")
    except InputError as error:
        raise YamlSyntaxError(str(error)) from None
    text = decode(raw)
    values = entries(text)
    if values > MAX_ENTRIES:
        raise YamlSyntaxError(
            f"fichier trop long : {MAX_ENTRIES} {SIGNS} au plus. Découpez-le."
        )
    return text, values


def is_readable(text: str) -> bool:
    """Return whether a text, once written, would not be too long to be read."""
    return len(text.encode()) <= MAX_FILE and entries(text) <= MAX_ENTRIES


def entries(text: str) -> int:
    """Return about how many values a text may hold."""
    # A pair of signs takes long to count, one sign no time to look for: few files hold
    # a tab, and not all of them a question mark.
    return sum(
        text.count(start) for start in _STARTS if start[0] in text and start[-1] in text
    )


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
    """YAML 1.2 always: the composer would ask which version at each value."""

    processing_version = (1, 2)


def compose(text: str) -> Node | None:
    """Return the nodes of a YAML text, each with its line."""
    yaml = YAML(typ="safe")
    yaml.Resolver = _Resolver
    node: Node | None = yaml.compose(text)
    return node


def parse(text: str) -> Any:
    """Return the plain data of a YAML text; lists come as tuples.

    Raises `YamlSyntaxError` for anything but plain data: aliases, tags, duplicate keys,
    deep nesting.
    """
    return _Reading(text, _value).document()


def parse_as_typed(text: str) -> Any:
    """Return the data like `parse`, numbers and dates as the text a person typed.

    `01700` stays `01700`: what a text answer holds is not for YAML to read.
    """
    return _Reading(text, _value_as_typed).document()


class _Reading:
    """Builds the data of one text from the events of the parser.

    Nesting is counted: a deep file cannot exhaust the recursion. (Composing or loading
    it in C may overrun the stack and kill the process.)
    """

    def __init__(self, text: str, value: Callable[[str, str], Any]) -> None:
        _check_brackets(text)
        self._text = text
        self._value = value
        # The text was searched before: only « \u… » brings an invisible character in.
        self._escapes = "\\" in text
        self._next = CParser(text).get_event

    def document(self) -> Any:
        try:
            return self._document()
        except MarkedYAMLError as error:
            raise _syntax_error(error, self._text) from None
        except YAMLError:
            raise YamlSyntaxError(_UNCLEAR) from None

    def _document(self) -> Any:
        self._next()  # the start of the stream
        start = self._next()
        if isinstance(start, StreamEndEvent):
            return None
        if start.version or start.tags:
            _refuse(
                "les directives YAML (« %… ») ne sont pas admises : retirez-la.", start
            )
        data = self._data(self._next(), 0)
        self._next()  # the end of the document
        after = self._next()
        if not isinstance(after, StreamEndEvent):
            _refuse("un seul document par fichier : retirez la ligne « --- ».", after)
        return data

    def _data(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            _refuse(_TOO_DEEP, event)
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event, _kind_of(event))
        _check_plain(event)
        return (
            self._mapping(depth + 1)
            if kind is MappingStartEvent
            else self._sequence(depth + 1)
        )

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            event = self._next()
            if type(event) is MappingEndEvent:
                return found
            key = self._key(event)
            if key in found:
                _refuse(
                    f"la rubrique « {shown(key)} » est écrite deux fois : gardez-en une.",
                    event,
                )
            found[key] = self._data(self._next(), depth)

    def _sequence(self, depth: int) -> tuple[Any, ...]:
        found: list[Any] = []
        while True:
            event = self._next()
            if type(event) is SequenceEndEvent:
                return tuple(found)
            found.append(self._data(event, depth))

    def _key(self, event: Any) -> str:
        if type(event) is not ScalarEvent:
            _check_plain(event)
            _refuse(
                "« […] » sert de nom de rubrique : mettez-le entre guillemets.", event
            )
        if _kind_of(event) != "str":
            _refuse(
                f"« {shown(event.value)} » sert de nom de rubrique : mettez-le entre "
                "guillemets.",
                event,
            )
        return str(self._scalar(event, "str"))

    def _scalar(self, event: Any, kind: str) -> Any:
        typed: str = event.value
        if self._escapes and (hidden := _INVISIBLE.search(typed)):
            _refuse(_invisible(hidden[0]), event)
        if kind == "str":
            return typed
        try:
            return self._value(kind, typed)
        except ValueError as error:
            _refuse(str(error), event)


def _check_plain(event: Any) -> None:
    """Refuse what plain data never holds."""
    if isinstance(event, AliasEvent) or event.anchor:
        _refuse(
            "les ancres et les alias YAML (« & », « * ») ne sont pas admis : mettez la "
            "valeur entre guillemets.",
            event,
        )
    if event.tag:
        _refuse("les balises YAML (« !… ») ne sont pas admises : retirez-la.", event)


def _kind_of(event: Any) -> str:
    """Return the YAML 1.2 type of a value: str, int, float, bool, null, timestamp."""
    if event.anchor or event.tag:
        _check_plain(event)
    if not event.implicit[0]:  # between quotes, or a block
        return "str"
    kind = _kind_of_plain(event.value)
    if kind == "merge":
        _refuse(
            "« << » n’est pas admis : écrivez les rubriques en toutes lettres.", event
        )
    return kind


_TYPES = Resolver.yaml_implicit_resolvers


@lru_cache(maxsize=2048)  # the keys of a library, mostly
def _kind_of_plain(typed: str) -> str:
    for tag, pattern in _TYPES.get(typed[:1], ()):
        if pattern.match(typed):
            kind = str(tag).rpartition(":")[2]
            return "str" if kind == "value" else kind  # the value of « = » is a text
    return "str"


def _value(kind: str, typed: str) -> Any:
    """Return what a person typed without quotes, as YAML reads it.

    Raises `ValueError`, with a sentence, for a date or a number in form only.
    """
    if kind == "null":
        return None
    if kind == "bool":
        return typed.lower() == "true"
    if re.fullmatch(r"-?\d{1,9}", typed):
        return int(typed)
    if re.fullmatch(r"-?\d{1,9}\.\d{1,9}", typed):
        return float(typed)
    try:
        if kind == "timestamp":
            parts = [*(int(part) for part in re.findall(r"\d+", typed)), 0, 0, 0]
            datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        elif len(typed) > MAX_DIGITS and typed[:2] not in ("0x", "0o"):
            raise ValueError
    except ValueError:
        raise ValueError(
            f"« {shown(typed, 30)} » n’est ni une date ni un nombre possible : "
            "corrigez, ou mettez des guillemets."
        ) from None
    # Written this way round, a number that is none (.nan) is refused too.
    if kind != "timestamp" and not -MAX_NUMBER <= _number(typed) <= MAX_NUMBER:
        raise ValueError(
            f"« {shown(typed, 30)} » n’est pas un nombre raisonnable : corrigez-le."
        )
    return YAML(typ="safe").load(typed)


def _value_as_typed(kind: str, typed: str) -> Any:
    _value(kind, typed)  # refuses what `parse` refuses
    if kind == "null":
        return None
    return typed.lower() == "true" if kind == "bool" else typed


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
    if text.count("[") + text.count("{") <= MAX_BRACKETS:  # nearly always
        return
    depth = 0
    for found in re.finditer(r"[\[\]{}]", text):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_BRACKETS:
                raise YamlSyntaxError(
                    "trop de crochets ou d’accolades ouverts : fermez-les.",
                    text.count("\n", 0, found.start()) + 1,
                )
        else:
            depth = max(0, depth - 1)


def _refuse(message: str, event: Any) -> NoReturn:
    raise YamlSyntaxError(message, event.start_mark.line + 1)


def _number(typed: str) -> float:
    """Return what a number of YAML is worth, infinite when it is too large to tell."""
    digits = typed.replace("_", "").lower()
    try:
        is_based = digits.lstrip("+-")[:2] in ("0x", "0o", "0b")
        return float(int(digits, 0) if is_based else digits)
    except (ValueError, OverflowError):
        return float("inf")
