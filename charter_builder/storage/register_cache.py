"""What was read of a long register, kept by the registrar to spare time."""

import contextlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from charter_builder.errors import InputError, system_reason
from charter_builder.model import Value
from charter_builder.register import AnyEntry, Digest
from charter_builder.storage.files import read_ordinary, write_atomic

WORTH_CACHING = 500
"""Entries below which reading the files again costs nothing one would notice."""
MAX_CACHE = 512 * 1024**2


class _Head(Value):
    """The first line of the cache: of which files it holds the entries."""

    files: str
    digests: tuple[Digest, ...]


_HEAD = TypeAdapter(_Head)
_ENTRIES: TypeAdapter[tuple[AnyEntry, ...]] = TypeAdapter(tuple[AnyEntry, ...])


def signature(paths: Sequence[Path]) -> str:
    """Return what changes when one of the files does: names, sizes, dates of writing.

    Raises `InputError` for a file that is no longer there.
    """
    rows = []
    for path in paths:
        try:
            # A link is no entry: what reads the files says so, wherever it leads.
            status = path.lstat()
        except OSError as error:
            raise InputError(
                f"{path} : fichier illisible ({system_reason(error)}) : vérifiez ses "
                "droits, puis recommencez."
            ) from None
        rows.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    return sha256("\n".join(rows).encode()).hexdigest()


def cached(
    cache: Path, paths: Sequence[Path]
) -> tuple[Sequence[AnyEntry], Sequence[str]]:
    """Return the entries kept of these files, or of the first ones; else nothing.

    The cache is the registrar's own file: it spares time, and proves nothing. `verify`
    never reads it.
    """
    with contextlib.suppress(InputError, ValidationError):
        head, _, entries = read_ordinary(cache, MAX_CACHE).partition(b"\n")
        said = _HEAD.validate_json(head)
        if said.files == signature(paths[: len(said.digests)]):
            found = _ENTRIES.validate_json(entries)
            if len(found) == len(said.digests):
                return found, said.digests
    return (), ()


def write_cache(
    cache: Path, signed: str, entries: Sequence[AnyEntry], digests: Sequence[str]
) -> None:
    """Keep the entries of files; `signed` is their signature before they were read.

    A file replaced since then, because a text was erased, must be read again.
    """
    # Without it the register is read again, no more.
    with contextlib.suppress(InputError, OSError):
        head = _HEAD.dump_json(_Head(files=signed, digests=tuple(digests)))
        body = _ENTRIES.dump_json(tuple(entries), exclude_none=True)
        write_atomic(cache, head + b"\n" + body)
