"""The comments of a YAML file, put back by the keys they spoke of once these moved."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.tokens import CommentToken

Path = tuple[str, ...]


def with_comments(before: str, after: str, moved: Mapping[Path, Path]) -> str:
    """Return the text with the comments it lost, each above the line it spoke of.

    `moved` gives the new path of what is no longer at its place.
    """
    kept = Counter(comment for _, comment in _comments(after))
    old, lines = _paths(before), after.splitlines()
    new = {path: line for line, path in reversed(_paths(after))}
    above: dict[int, list[str]] = {}
    for line, comment in _comments(before):
        if kept[comment]:
            kept[comment] -= 1
            continue
        spoken_of = _spoken_of(line, old)
        place = _line_of(_followed(spoken_of, moved), new, len(lines))
        above.setdefault(place, []).append(comment)
    found: list[str] = []
    for index, text in enumerate([*lines, ""]):
        indent = text[: len(text) - len(text.lstrip())]
        found += [f"{indent}{comment}" for comment in above.get(index, ())]
        found.append(text)
    return "\n".join(found) if above else after


def _comments(text: str) -> list[tuple[int, str]]:
    """Return every comment with its line, from 0."""
    document = YAML(typ="rt").load(text)
    found = {
        (token.start_mark.line + offset, line.strip())
        for token in _tokens(document)
        for offset, line in enumerate(token.value.split("\n"))
        if line.strip()
    }
    return sorted(found)


def _tokens(node: Any) -> Iterator[CommentToken]:
    if not isinstance(node, CommentedMap | CommentedSeq):
        return
    yield from _flat([node.ca.comment, list(node.ca.items.values()), node.ca.end])
    for inner in node.values() if isinstance(node, CommentedMap) else node:
        yield from _tokens(inner)


def _flat(found: Any) -> Iterator[CommentToken]:
    if isinstance(found, CommentToken):
        yield found
    elif isinstance(found, list):
        for item in found:
            yield from _flat(item)


def _paths(text: str) -> list[tuple[int, Path]]:
    """Return every key of a file with its line, from 0, in order."""

    def walk(node: Node | None, path: Path) -> Iterator[tuple[int, Path]]:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                inside = (*path, str(key.value))
                yield key.start_mark.line, inside
                yield from walk(value, inside)
        elif isinstance(node, SequenceNode):
            for index, value in enumerate(node.value):
                yield from walk(value, (*path, str(index)))

    return list(walk(YAML(typ="safe").compose(text), ()))


def _spoken_of(line: int, paths: list[tuple[int, Path]]) -> Path:
    """Return what a comment speaks of: the key of its line, else the next one."""
    on_line = [path for at, path in paths if at == line]
    after = [path for at, path in paths if at > line]
    return on_line[-1] if on_line else after[0] if after else ()


def _followed(path: Path, moved: Mapping[Path, Path]) -> Path:
    for length in range(len(path), 0, -1):
        if path[:length] in moved:
            return (*moved[path[:length]], *path[length:])
    return path


def _line_of(path: Path, lines: Mapping[Path, int], end: int) -> int:
    """Return the line of a key or of its nearest parent, else the end of the file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return end
