"""What a library says it changed, entry by entry, read from its `CHANGELOG.md`."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from charter_builder.typography import polish

MAX_SHOWN = 20
"""Entries a page shows about one subject: the file of a stranger has no end."""
MAX_LENGTH, MAX_READ = 600, 4_000
"""Letters of an entry that a page shows, and those looked at for names."""

_RELEASE, _SUBJECT, _ENTRY = "## ", "### ", "- "
_NAME = re.compile(r"`([^`\n]{1,80})`")
_LINK = re.compile(r"\[([^\]\n]{0,200})\]\([^)\n]{0,200}\)")


@dataclass(frozen=True)
class Change:
    """One entry of the file, as plain text."""

    release: str
    """« 0.2.0 - 2027-01-15 », « Non publié »: the heading it stands under."""
    subject: str
    """« Droit », « Rédaction »…: the smaller heading."""
    text: str
    names: frozenset[str]
    """What the entry names in backticks: themes, options, anything."""


def changes(source: str) -> tuple[Change, ...]:
    """Return the entries of a `CHANGELOG.md`, in its order.

    Whatever is not an entry under a release is left out: a file written otherwise has
    nothing to say, and is no error.
    """
    return tuple(_changes(source))


def _changes(source: str) -> Iterator[Change]:
    release = subject = ""
    entry: list[str] = []
    for line in (*source.split("\n"), _RELEASE):
        goes_on = line.startswith("  ") and line.strip()
        if entry and not goes_on:
            yield _change(release, subject, entry)
            entry = []
        if line.startswith(_RELEASE):
            release, subject = _words(line[len(_RELEASE) :]), ""
        elif line.startswith(_SUBJECT):
            subject = _words(line[len(_SUBJECT) :])
        elif line.startswith(_ENTRY) and release:
            entry = [line[len(_ENTRY) :]]
        elif entry:
            entry.append(line)


def _change(release: str, subject: str, lines: Iterable[str]) -> Change:
    said = " ".join(line.strip() for line in lines)[:MAX_READ]
    return Change(
        release=release,
        subject=subject,
        text=_words(said),
        names=frozenset(_NAME.findall(said)),
    )


def _words(markdown: str) -> str:
    """Return a line without its Markdown marks, cut if it never ends."""
    said = _LINK.sub(r"\1", markdown[:MAX_READ]).replace("`", "").replace("**", "")
    said = said.replace("[", "").replace("]", "").strip()
    if len(said) > MAX_LENGTH:
        said = said[:MAX_LENGTH].rstrip() + "…"
    return polish(said)


def about(
    found: Iterable[Change],
    names: Collection[str],
    within: Collection[str] = (),
    since: str | None = None,
) -> list[Change]:
    """Return the entries that name a subject, by any of its names, the newest first.

    Also those that name what it is part of (`within`), unless they are of a release
    before the one it came with (`since`).
    """
    return [
        change
        for change in found
        if not change.names.isdisjoint(names)
        or (not change.names.isdisjoint(within) and not _is_before(change, since))
    ][:MAX_SHOWN]


def oldest(releases: Iterable[str | None]) -> str | None:
    """Return the first of some releases; none when one of them is not told."""
    told = {release: _number(release or "") for release in releases}
    if not told or not all(told.values()):
        return None
    return min(told, key=lambda release: told[release] or ())


def _is_before(change: Change, since: str | None) -> bool:
    release, first = _number(change.release), _number(since or "")
    return release is not None and first is not None and release < first


def _number(release: str) -> tuple[int, ...] | None:
    """Return 1, 2, 0 for « 1.2.0 - 2027-01-15 »; nothing for « Non publié »."""
    found = re.match(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?![\d.])", release)
    return tuple(map(int, found.groups())) if found else None
