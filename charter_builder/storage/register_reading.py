"""The entries of a register, read from their files and checked one against the other."""

import contextlib
import gc
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from charter_builder.chain import (
    INTERRUPTED,
    Fault,
    chain_faults,
    entry_digest,
    faulty_texts,
    text_faults,
    without_text,
)
from charter_builder.dialogue import Dialogue, fold
from charter_builder.errors import DocumentErrors, InputError, system_reason
from charter_builder.register import NO_PREVIOUS, AnyEntry, Redacted
from charter_builder.storage.files import is_link, read_ordinary
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import YamlSyntaxError, decode, parse

MAX_ENTRY = 1024**2
"""Bytes of one entry: a decision with many replies holds many texts."""

# Our own digits: other scripts have theirs, which `\d` takes too.
_NAME = re.compile(r"[0-9]{6}\.yml")
_ENTRY: TypeAdapter[AnyEntry] = TypeAdapter(AnyEntry)


def entry_path(folder: Path, seq: int) -> Path:
    """Return the file of an entry."""
    return folder / f"{seq:06}.yml"


def entry_paths(folder: Path) -> list[Path]:
    """Return the files of the entries, in order."""
    if is_link(folder):
        raise InputError(
            f"{folder} : les liens symboliques ne sont pas admis : copiez le dossier."
        )
    try:
        names = sorted(
            entry.name for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"{folder} : dossier illisible ({system_reason(error)}). Vérifiez ses droits."
        ) from None
    return [folder / name for name in names]


def read_entry(path: Path) -> tuple[dict[str, Any], AnyEntry]:
    """Return one entry, as plain data and as a value.

    Raises `InputError` or `DocumentErrors` for a file that is not one.
    """
    if path.is_symlink():
        raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
    try:
        text = decode(read_ordinary(path, MAX_ENTRY))
        data = parse(text)
    except YamlSyntaxError as error:
        raise InputError(
            f"{path}:{error.line} : {error} Une entrée ne se corrige pas à la main : "
            "reprenez le registre d’une sauvegarde."
        ) from None
    try:
        entry: AnyEntry = validate(path.name, _ENTRY, data)
    except DocumentErrors as error:
        raise located(
            list(error.problems), {path.name: text}, {path.name: str(path)}
        ) from None
    return data, entry


class Reading(NamedTuple):
    """Entries read one after the other, each with its digest."""

    entries: list[AnyEntry]
    digests: list[str]
    hides: bool
    """Whether a text was left out: a redaction that was recorded still has to erase it."""

    @property
    def redacts(self) -> bool:
        return any(isinstance(entry, Redacted) for entry in self.entries)


def read_on(paths: Sequence[Path], before: Sequence[str] = (), at: str = "") -> Reading:
    """Return the entries of files, which must follow those read before.

    `before` are the digests of those, `at` the moment of the last one. Nothing altered
    is returned: it raises `InputError`.
    """
    entries: list[AnyEntry] = []
    digests: list[str] = []
    texts: list[dict[str, Any]] = []
    previous = before[-1] if before else NO_PREVIOUS
    for seq, path in enumerate(paths, len(before) + 1):
        data, entry = read_entry(path)
        if entry.seq != seq or entry.prev != previous:
            raise InputError(
                f"{path} : cette entrée ne suit pas la précédente. Le registre est "
                "abîmé : « charter consultation verify » dit où ; reprenez-le d’une "
                "sauvegarde."
            )
        if entry.at < at:
            raise InputError(
                f"{path} : cette entrée est datée d’avant la précédente : elle a été "
                "modifiée. Reprenez le registre d’une sauvegarde."
            )
        previous, at = entry_digest(data), entry.at
        entries.append(entry)
        digests.append(previous)
        texts.append(data)
    hides = False
    for seq, found, said in faulty_texts(texts):
        if said != INTERRUPTED:
            raise InputError(
                f"{entry_path(paths[0].parent, seq)} : « {found.field} » {said} Rien "
                "n’est affiché ni enregistré tant qu’il en est ainsi : reprenez cette "
                "entrée d’une sauvegarde."
            )
        hides = True
        rank = seq - len(before) - 1
        texts[rank] = without_text(texts[rank], found.field, None, None)
        entries[rank] = _ENTRY.validate_json(json.dumps(texts[rank]))
    return Reading(entries, digests, hides)


class Examined(NamedTuple):
    """A register read from its files, and everything wrong in it."""

    faults: list[Fault]
    dialogue: Dialogue
    """Where the consultation stands; empty when something is wrong."""
    digests: list[str]


def examine(folder: Path) -> Examined:
    """Return a register with its faults: chain, texts, entries that make no sense."""
    with no_collection():
        return _examined(folder)


def faults(folder: Path) -> list[Fault]:
    """Return everything wrong in a register."""
    return examine(folder).faults


def _examined(folder: Path) -> Examined:
    found: list[Fault] = []
    data: list[Mapping[str, Any]] = []
    entries: list[AnyEntry] = []
    for path in entry_paths(folder):
        seq = int(path.stem)
        try:
            raw, entry = read_entry(path)
        except (InputError, DocumentErrors) as error:
            found.append(Fault(seq, str(error)))
            continue
        if entry.seq != seq:
            found.append(Fault(seq, f"{path.name} porte l’entrée {entry.seq}."))
        data.append(raw)
        entries.append(entry)
    digests = [entry_digest(raw) for raw in data]
    if not found:
        found += [*chain_faults(data, digests), *text_faults(data)]
    if not found:
        try:
            return Examined([], fold(entries, digests=digests), digests)
        except InputError as error:
            found.append(Fault(0, str(error)))
    return Examined(found, Dialogue(), digests)


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Put off the search for garbage: a hundred thousand values are made, none is any."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
