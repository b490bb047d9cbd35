"""YAML text written again in the one style of libraries; nothing is lost.

A list stays on one line or one item a line, as its author chose: both are read in the
shipped library. What never changes: the data, the comments, the lines of a text.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from charter_builder.errors import InputError
from charter_builder.model import Value, key_ranks
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    compose,
    parse,
    parse_as_typed,
)

WIDTH, WIDE = 88, 100
"""Letters of a line of prose we cut, and of a list or a mapping that fits on one."""

Line = str | None
"""A line of the new text; nothing stands for an empty line that is no part of a text."""


class StyleError(InputError):
    """A text that could not be written again without losing something."""


def in_style(text: str, value: object = None) -> str:
    """Return a YAML text in our style, its keys in the order its models give.

    `text` is one `parse` accepts, and `value` what was made of it. Raises `StyleError`
    rather than lose anything.
    """
    root = compose(text)
    if root is None or isinstance(root, ScalarNode):
        return text
    found = _lines(_attached(root, text), value)
    written = "\n".join(_without_idle_lines(found)) + "\n"
    if not _says_the_same(text, written):
        raise StyleError("mise en forme impossible sans rien perdre")
    return written


def comments(text: str) -> list[str]:
    """Return every comment of a YAML text, in order."""
    root = compose(text)
    return [remark.text for remark in _remarks(text, root) if remark.text]


def _says_the_same(before: str, after: str) -> bool:
    try:
        return (
            _equal(parse(before), parse(after))
            # 1.10 is 1.1, and is not what was typed.
            and _equal(parse_as_typed(before), parse_as_typed(after))
            and Counter(comments(before)) == Counter(comments(after))
        )
    except YamlSyntaxError:
        return False


def _equal(one: Any, other: Any) -> bool:
    """Return whether two data are the same, the order of keys apart; 1 is not true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            _equal(one[key], other[key]) for key in one
        )
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


# --- what is written between the values ----------------------------------------------


@dataclass(frozen=True)
class _Remark:
    """A comment, or an empty line between two entries."""

    start: int
    column: int
    text: str
    """`""` for an empty line."""
    is_alone: bool
    """Whether nothing stands before it on its line."""


def _remarks(text: str, root: Node | None) -> Iterator[_Remark]:
    structure, start = _structure(text, root), 0
    # What ends the last line is no empty line.
    for line in structure.removesuffix("\n").split("\n"):
        before, mark, _ = line.partition("#")
        at = start + len(before)
        if mark:
            is_alone = re.fullmatch(r"[-?\s]*|\s*\.\.\.\s*", before) is not None
            said = text[at : start + len(line)].rstrip()
            yield _Remark(at, len(before), said, is_alone)
        elif not line.strip():
            yield _Remark(at, 0, "", True)
        start += len(line) + 1


def _structure(text: str, root: Node | None) -> str:
    """Return the text, every letter of a value or a key hidden: a « # » is a comment."""
    hidden = list(text)
    for node in _scalars(root):
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):
            header, body = _header_and_lines(text[start:end])
            indicator = re.match(r"[|>][-+0-9]*", header)
            assert indicator
            _hide(hidden, start, start + indicator.end())
            start += len(header) + 1
            # Without the end of its last line: what follows begins a line.
            end = start + max(0, sum(len(line) + 1 for line in body) - 1)
            if "+" not in indicator[0]:
                after = _idle_at_the_end(body, _margin(body, node.value))
                end -= sum(len(line) + 1 for line in body[len(body) - after :])
        _hide(hidden, start, end)
    return "".join(hidden)


def _header_and_lines(source: str) -> tuple[str, list[str]]:
    """Return the first line of a block, which may end with a comment, and the others."""
    header, _, body = source.partition("\n")
    return header, body.removesuffix("\n").split("\n") if body else []


def _margin(body: list[str], value: str) -> int:
    """Return how far from the edge of the file the lines of a block begin."""

    def indent(lines: Iterable[str]) -> int:
        first = next((line for line in lines if line.strip()), "")
        return len(first) - len(first.lstrip(" "))

    return indent(body) - indent(value.split("\n"))


def _idle_at_the_end(body: list[str], margin: int) -> int:
    """Return how many lines at the end of a block hold nothing."""
    held = [index for index, line in enumerate(body, 1) if len(line) > margin]
    return len(body) - max(held, default=0)


def _hide(letters: list[str], start: int, end: int) -> None:
    if end > start:
        letters[start:end] = "x" * (end - start)


def _scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif node is not None:
        for item in node.value:
            yield from _scalars(item)


# --- the tree, each remark with what it speaks of ------------------------------------


@dataclass(eq=False)
class _Group:
    """A mapping or a list."""

    is_mapping: bool
    is_flow: bool
    end: int
    owner: "_Entry | None"
    entries: "list[_Entry]" = field(default_factory=list)
    below: list[Line] = field(default_factory=list)
    """Comments after its last entry."""

    @property
    def column(self) -> int:
        return self.entries[0].column if self.entries else 0

    @property
    def has_remarks(self) -> bool:
        return bool(self.below) or any(
            entry.above or entry.beside or (entry.group and entry.group.has_remarks)
            for entry in self.entries
        )


@dataclass(eq=False)
class _Entry:
    """A line « key: value » or « - value », with its comments."""

    key: ScalarNode | None
    scalar: "_Scalar | None"
    """Its value, when it is neither a mapping nor a list."""
    start: int
    column: int
    inside: _Group
    group: _Group | None = None
    above: list[Line] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Scalar:
    node: ScalarNode
    source: str

    @property
    def value(self) -> str:
        return str(self.node.value)

    @property
    def is_text(self) -> bool:
        return str(self.node.tag).rpartition(":")[2] in ("str", "value")

    @property
    def is_folded_by_hand(self) -> bool:
        """Whether a text in quotes, or without, goes on over several lines."""
        return "\n" in self.source


def _attached(root: Node, text: str) -> _Group:
    entries: list[_Entry] = []
    tree = _group(root, text, None, entries)
    starts = [entry.start for entry in entries]
    between = groupby(
        _remarks(text, root), lambda remark: bisect_left(starts, remark.start)
    )
    for at, remarks in between:
        before = entries[at - 1] if at else None
        after = entries[at] if at < len(entries) else None
        _attach(tree, before, after, remarks)
    return tree


def _attach(
    tree: _Group,
    before: _Entry | None,
    after: _Entry | None,
    remarks: Iterable[_Remark],
) -> None:
    """Give each remark found between two entries to what it speaks of."""
    idle: list[Line] = []
    for remark in remarks:
        if not remark.text:
            idle = [None]
        elif remark.is_alone or before is None:
            # Empty lines go with the comment they precede.
            _place(tree, before, after, remark).extend([*idle, remark.text])
            idle = []
        else:
            beside = _entry_beside(before, remark.start)
            lines: list[Line] | list[str] = beside.beside if beside else tree.below
            lines.append(remark.text)
    if after is not None:
        after.above += idle


def _group(
    node: Node, text: str, owner: _Entry | None, entries: list[_Entry]
) -> _Group:
    assert isinstance(node, CollectionNode)
    mapping = isinstance(node, MappingNode)
    group = _Group(mapping, bool(node.flow_style), node.end_mark.index, owner)
    pairs = node.value if mapping else [(None, item) for item in node.value]
    for key, value in pairs:
        mark = (value if key is None else key).start_mark
        entry = _Entry(key, None, mark.index, mark.column, group)
        if key is None and not group.is_flow:
            # The dash, before the value: all items of a list start there.
            entry.column = node.start_mark.column
        group.entries.append(entry)
        entries.append(entry)
        if isinstance(value, ScalarNode):
            source = text[value.start_mark.index : value.end_mark.index]
            entry.scalar = _Scalar(value, source)
        else:
            entry.group = _group(value, text, entry, entries)
    return group


def _entry_beside(entry: _Entry, at: int) -> _Entry | None:
    """Return what a comment at the end of a line speaks of, from the entry before."""
    found: _Entry | None = entry
    while found is not None and found.inside.is_flow and at >= found.inside.end:
        found = found.inside.owner
    return found


def _place(
    tree: _Group, before: _Entry | None, after: _Entry | None, remark: _Remark
) -> list[Line]:
    """Return where a comment alone on its line goes.

    Above what follows; but one further from the margin ends what came before.
    """
    margin = after.column + 1 if after else 0
    for group in _ended(before, after):
        if group.is_flow:
            if remark.start < group.end:
                return group.below
        elif max(group.column, margin) <= remark.column:
            return group.below
    return after.above if after else tree.below


def _ended(before: _Entry | None, after: _Entry | None) -> list[_Group]:
    """Return the mappings and lists that end between two entries, the inner one first."""
    found: list[_Group] = []
    group = before.inside if before else None
    while group is not None and (after is None or group is not after.inside):
        found.append(group)
        group = group.owner.inside if group.owner else None
    # When what follows is inside what came before, nothing ended.
    return found if after is None or group is not None else []


# --- the new lines -------------------------------------------------------------------


_OPENING = re.compile(r"# yaml-language-server:|#!")
"""What an editor or a system reads at the top of a file, and nowhere else."""


def _lines(tree: _Group, value: object) -> list[Line]:
    if not tree.entries:
        return [*tree.below, "{}" if tree.is_mapping else "[]"]
    # What opens a file speaks of the whole: it stays there if the first key moves.
    first = tree.entries[0].above
    opening = len(first) - first[::-1].index(None) if None in first else 0
    while opening < len(first) and _OPENING.match(first[opening] or ""):
        opening += 1
    above = first[:opening]
    del first[:opening]
    return [*above, *_block(tree, value, 0)]


def _without_idle_lines(lines: list[Line]) -> Iterator[str]:
    """Yield the lines, never two empty ones between entries, none at the edges.

    One that follows a text ended by empty lines would become a part of it.
    """
    last, idle = "", False
    for line in lines:
        if line is None:
            idle = bool(last)
            continue
        if idle:
            yield ""
        yield line
        last, idle = line, False


def _block(group: _Group, value: object, indent: int) -> list[Line]:
    """Return the lines of a mapping or a list, one entry under the other."""
    pad = " " * indent
    lines: list[Line] = []
    for entry, inner in _in_order(group, value):
        lines += [line and pad + line for line in entry.above]
        lines += _entry(entry, inner, indent)
    return lines + [line and pad + line for line in group.below]


def _in_order(group: _Group, value: object) -> list[tuple[_Entry, object]]:
    """Return the entries as our style orders them, each with the value it gave."""
    found = [
        (entry, _inner(value, _name(entry), index))
        for index, entry in enumerate(group.entries)
    ]
    if isinstance(value, Value):
        ranks = key_ranks(type(value))
        found.sort(key=lambda pair: ranks.get(_name(pair[0]), len(ranks)))
    return found


def _name(entry: _Entry) -> str:
    return str(entry.key.value) if entry.key else ""


def _inner(value: object, name: str, index: int) -> object:
    match value:
        case Value():
            fields = type(value).model_fields
            known = {said.alias or key: key for key, said in fields.items()}
            return getattr(value, known[name]) if name in known else None
        case Mapping():
            return value.get(name)
        case tuple() | list() if index < len(value):
            return value[index]
    return None


def _entry(entry: _Entry, value: object, indent: int) -> list[Line]:
    pad = " " * indent
    lead = f"{_key(entry, in_flow=False)}:" if entry.key else "-"
    beside = list(entry.beside)
    used = indent + len(lead) + 1
    group = entry.group
    body: list[Line] = []
    if group is None:
        assert entry.scalar
        said, body = _scalar(entry.scalar, indent + 2, used)
    elif not group.entries:
        said = "{}" if group.is_mapping else "[]"
        beside += [line for line in group.below if line]
    elif (on_one_line := _flow(group, value)) and used + len(on_one_line) <= WIDE:
        said = on_one_line
    elif entry.key is None:
        inside = _block(group, value, indent + 2)
        return [*(pad + line for line in beside), *_after_dash(inside, indent)]
    else:
        said, body = "", _block(group, value, indent + 2)
    # One comment fits at the end of a line.
    *above, last = beside or [""]
    line = f"{pad}{lead} {said}".rstrip() if not said else f"{pad}{lead} {said}"
    return [
        *(pad + line for line in above),
        f"{line}  {last}" if last else line,
        *body,
    ]


def _after_dash(inside: list[Line], indent: int) -> list[Line]:
    """Return the lines of an item, its first one after the dash."""
    pad = " " * indent
    above: list[Line] = []
    for index, line in enumerate(inside):
        if line is None or line.lstrip().startswith("#"):
            above.append(line and pad + line.lstrip())
        else:
            return [*above, f"{pad}- {line.lstrip()}", *inside[index + 1 :]]
    raise AssertionError("an item without a line")


def _flow(group: _Group, value: object) -> str | None:
    """Return a list or a mapping on one line, if its author wrote it so and it can."""
    if not group.is_flow or group.has_remarks:
        return None
    parts: list[str] = []
    for entry, inner in _in_order(group, value):
        if entry.group is not None:
            nested = entry.group
            empty = "{}" if nested.is_mapping else "[]"
            said = _flow(nested, inner) if nested.entries else empty
        else:
            assert entry.scalar
            said = _flow_scalar(entry.scalar)
        if said is None:
            return None
        parts.append(f"{_key(entry, in_flow=True)}: {said}" if entry.key else said)
    joined = ", ".join(parts)
    return f"{{{joined}}}" if group.is_mapping else f"[{joined}]"


# --- keys and values -----------------------------------------------------------------


def _key(entry: _Entry, in_flow: bool) -> str:
    name = _name(entry)
    shown = f"{{{name}: 0}}" if in_flow else f"{name}: 0"
    return name if _is_plain(name, shown, {name: 0}, in_flow) else _quoted(name)


def _flow_scalar(scalar: _Scalar) -> str | None:
    if not scalar.is_text:
        return scalar.value or "null"
    if "\n" in scalar.value:
        return None
    return _on_one_line(scalar, in_flow=True)


def _scalar(scalar: _Scalar, indent: int, used: int) -> tuple[str, list[Line]]:
    """Return what follows the key or the dash, and the lines under it.

    `used` is the width of what precedes it on its line.
    """
    text = scalar.value
    if not scalar.is_text:
        return scalar.value or "null", []
    style = scalar.node.style
    found: tuple[str, list[str]] | None = None
    if style == ">":
        found = _folded_as_before(scalar)
    elif style == "|" or "\n" in text:
        found = _literal(text)
    elif scalar.is_folded_by_hand and used + len(text) > WIDTH:
        found = _filled(text, WIDTH - indent)
    if found is None:
        return _on_one_line(scalar, in_flow=False), []
    header, body = found
    pad = " " * indent
    return header, [pad + line if line else "" for line in body]


def _literal(text: str) -> tuple[str, list[str]] | None:
    body = text.removesuffix("\n").split("\n")
    return _block_scalar("|", text, body)


def _filled(text: str, width: int) -> tuple[str, list[str]] | None:
    """Return a sentence over several lines, as long as they may be."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return _block_scalar(">", text, lines)


def _folded_as_before(scalar: _Scalar) -> tuple[str, list[str]] | None:
    """Return a folded text cut where its author cut it."""
    _, lines = _header_and_lines(scalar.source)
    margin = _margin(lines, scalar.value)
    kept = lines[: len(lines) - _idle_at_the_end(lines, margin)]
    return _block_scalar(">", scalar.value, [line[margin:] for line in kept])


def _block_scalar(
    style: str, text: str, body: list[str]
) -> tuple[str, list[str]] | None:
    """Return the header of a block and its lines, if it reads back as the text."""
    if not text.strip():
        return None
    first = next((line for line in body if line.strip()), "")
    indicator = "2" if first.startswith((" ", "\t")) else ""
    ended = len(text) - len(text.rstrip("\n"))
    chomping = "-" if not ended else "" if ended == 1 else "+"
    if ended > 1 and style == ">":
        body = [*body, *[""] * (ended - 1)]
    header = f"{style}{indicator}{chomping}"
    shown = "".join(f"  {line}\n" if line else "\n" for line in body)
    try:
        is_faithful = parse(f"k: {header}\n{shown}") == {"k": text}
    except YamlSyntaxError:
        return None
    return (header, body) if is_faithful else None


_WORDING = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ«][\w '’();«»…/%€.?!-]*(?<! )")
"""Ordinary words, which never need quotes."""
_KEYWORDS = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none")
)
"""What another reader of YAML may take for something else than a text."""
_FIGURES = re.compile(r"[-+.0-9][-+.:0-9_eE]*")
"""A number, a date, an hour, a version: between quotes, whatever YAML makes of it."""


def _on_one_line(scalar: _Scalar, in_flow: bool) -> str:
    text, style = scalar.value, scalar.node.style
    shown = f"k: {text}"
    read: object = {"k": text}
    if in_flow:
        # The parser does not end a text at the same signs in a list and elsewhere.
        shown, read = f"[{text}, {{k: {text}}}]", (text, {"k": text})
    # An author who protects « {jours} » protects it in every line of a list.
    is_protected = style in ("'", '"') and not _WORDING.fullmatch(text)
    if not is_protected and _is_plain(text, shown, read, in_flow):
        return text
    return _quoted(text, style)


def _is_plain(text: str, shown: str, read: object, in_flow: bool) -> bool:
    """Return whether a text does without quotes, shown where it stands."""
    if text.lower() in _KEYWORDS or _FIGURES.fullmatch(text):
        return False
    if _WORDING.fullmatch(text) and not (in_flow and "?" in text):
        return True
    try:
        return bool(parse(shown) == read)
    except YamlSyntaxError:
        return False


def _quoted(text: str, style: str | None = None) -> str:
    if re.search(r"[\n\t]", text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'.replace("\n", "\\n").replace("\t", "\\t")
    if "'" in text and style != "'" and not re.search(r'["\\]', text):
        return f'"{text}"'
    return "'{}'".format(text.replace("'", "''"))
