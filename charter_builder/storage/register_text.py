"""One entry of a register as YAML: texts as blocks, readable in twenty years."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from charter_builder.chain import SEALED_FIELDS
from charter_builder.errors import InputError
from charter_builder.storage.yaml_files import YamlSyntaxError, decode, parse

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def entry_text(data: Mapping[str, Any]) -> str:
    """Return the YAML of an entry: texts as blocks, readable in twenty years.

    Read back, it is the same data: this is checked before anything is written. Raises
    `InputError` for data that no file can give back.
    """
    text = "\n".join(_lines(data, 0)) + "\n"
    if _reads_back(text, data):
        return text
    # A text the block style cannot carry: escaped, it can.
    escaped = _escaped_json(data)
    if not _reads_back(escaped, data):
        # Written, nobody could read it again: the whole register would be refused.
        raise InputError(
            "cette entrée contient un signe invisible ou qu’un fichier ne peut garder : "
            "retapez ses textes. Rien n’est enregistré."
        )
    return escaped


def _reads_back(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return bool(_as_lists(parse(decode(text.encode()))) == data)
    except (YamlSyntaxError, UnicodeEncodeError):
        return False


def _escaped_json(data: Mapping[str, Any]) -> str:
    lines = [f"{key}: {json.dumps(value)}" for key, value in data.items()]
    # Brackets in a text look like a deep file to our reader.
    return "\n".join(_QUOTED.sub(_without_brackets, line) for line in lines) + "\n"


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def _without_brackets(quoted: re.Match[str]) -> str:
    return re.sub(r"[\[\]{}]", lambda sign: f"\\u{ord(sign[0]):04x}", quoted[0])


def _as_lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_lists(item) for item in value]
    return value


def _lines(data: Mapping[str, Any], indent: int) -> list[str]:
    lines: list[str] = []
    margin = "  " * indent
    for key, value in data.items():
        if isinstance(value, Mapping):
            lines += [f"{margin}{key}:", *_lines(value, indent + 1)]
        elif isinstance(value, list | tuple):
            lines += _list_lines(key, value, indent)
        elif isinstance(value, str) and (key in SEALED_FIELDS or "\n" in value):
            lines += _block_lines(key, value, indent)
        else:
            lines.append(f"{margin}{key}: {_scalar(value)}")
    return lines


def _list_lines(key: str, items: Sequence[Any], indent: int) -> list[str]:
    margin = "  " * indent
    if not items:
        return [f"{margin}{key}: []"]
    lines = [f"{margin}{key}:"]
    for item in items:
        if isinstance(item, Mapping):
            first, *others = _lines(item, indent + 2)
            lines.append(f"{margin}  - {first.strip()}")
            lines += others
        else:
            lines.append(f"{margin}  - {_scalar(item)}")
    return lines


def _block_lines(key: str, text: str, indent: int) -> list[str]:
    if not text:
        return [f"{'  ' * indent}{key}: ''"]
    inner = "  " * (indent + 1)
    # A block that starts with a space must say how far it is indented.
    width = "2" if text[:1] in (" ", "\n") else ""
    body = [f"{inner}{line}" if line else "" for line in text.split("\n")]
    return [f"{'  ' * indent}{key}: |{width}-", *body]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)
