"""Frozen versions and why they changed, from their folder to the register.

A version is written with its explanation, all at once; the register follows. If the
program stops in between, `complete_register` takes it up again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.model import Value
from charter_builder.register import AnyEntry, UnitTrace, VersionApplied, VersionFrozen
from charter_builder.storage.files import read_ordinary
from charter_builder.storage.register_files import Journal, Stamp
from charter_builder.storage.version_files import (
    altered_documents,
    intact_version,
    version_folders,
)
from charter_builder.units import FrozenVersion

TRACE = "trace.json"
MAX_TRACE = 1024**2


class VersionTrace(Value):
    """`versions/N/trace.json` : pourquoi chaque article a changé."""

    format: Literal[1] = 1
    """La version de ce format."""
    changes: tuple[UnitTrace, ...] = Field(default=(), max_length=2_000)
    """Les unités, et d’où vient leur changement."""


def trace_text(changes: tuple[UnitTrace, ...]) -> str:
    """Return `trace.json`."""
    return VersionTrace(changes=changes).model_dump_json(indent=1) + "\n"


def load_trace(folder: Path) -> tuple[UnitTrace, ...] | None:
    """Return why a version changed; nothing when it was frozen without saying."""
    path = folder / TRACE
    if not path.exists():
        return None
    try:
        found = VersionTrace.model_validate_json(read_ordinary(path, MAX_TRACE))
    except ValidationError:
        raise InputError(
            f"{path} : ce fichier a été abîmé. Reprenez-le d’une sauvegarde."
        ) from None
    return found.changes


def complete_register(register: Journal, root: Path) -> list[AnyEntry]:
    """Record what the versions of a workspace say and the register does not yet.

    Returns the entries recorded; nothing before a consultation opens, nor once it is
    closed. Versions older than the first that was submitted are not its matter.
    """
    recorded: list[AnyEntry] = []
    dialogue = register.refresh()
    folders = version_folders(root)
    if dialogue.settings is None or dialogue.closed or not folders:
        return recorded
    # Opened, and stopped before it said on what: on the last version.
    known = [version.version for version in dialogue.versions] or [folders[-1][0]]
    first = min(known)
    for number, folder in folders:
        if number < first:
            continue
        version = intact_version(number, folder)
        changes = load_trace(folder) if number > first else None
        if number > first:
            _refuse_unexplained(folder, version, changes)
        recorded += record_version(register, version)
        if changes is not None:
            recorded += _record_trace(register, number, changes, folder / TRACE)
    return recorded


def _refuse_unexplained(
    folder: Path, version: FrozenVersion, changes: tuple[UnitTrace, ...] | None
) -> None:
    """Raise `InputError` for a version that was not frozen by us, or not with that."""
    if changes is not None and TRACE in altered_documents(folder, version):
        raise InputError(
            f"{folder} : {TRACE} n’est plus celui qui a été figé. Reprenez ce dossier "
            "d’une sauvegarde."
        )
    if changes is None:
        raise InputError(
            f"{folder} : cette version n’a pas été figée par « charter freeze » : rien "
            "n’y explique ses changements. Retirez ce dossier, ou reprenez-le d’une "
            "sauvegarde."
        )


def refuse_other_versions(
    dialogue: Dialogue, versions: Mapping[int, FrozenVersion]
) -> None:
    """Raise `InputError` unless the versions a register speaks of are there, the same."""
    for known in dialogue.versions:
        found = versions.get(known.version)
        if found is None:
            raise InputError(
                f"versions/{known.version} manque : des contributions en citent le "
                "texte. Reprenez ce dossier d’une sauvegarde."
            )
        if found.digest != known.digest:
            raise InputError(_OTHER_TEXT.format(known.version))


_OTHER_TEXT = (
    "versions/{} n’est plus le texte inscrit au registre : reprenez ce dossier d’une "
    "sauvegarde."
)


def record_version(register: Journal, version: FrozenVersion) -> list[AnyEntry]:
    """Record a frozen version, unless the register knows it.

    Raises `InputError` when it knows another text under that number.
    """
    size = len(register.entries)

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        for known in dialogue.versions:
            if known.version == version.version:
                if known.digest != version.digest:
                    raise InputError(_OTHER_TEXT.format(version.version))
                return known
        return VersionFrozen(
            **stamp._asdict(),
            version=version.version,
            digest=version.digest,
            final=version.final,
        )

    return _if_new(register.append(make), size)


def _record_trace(
    register: Journal, number: int, changes: tuple[UnitTrace, ...], path: Path
) -> list[AnyEntry]:
    size = len(register.entries)

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        for known in dialogue.traces:
            if known.version == number:
                return known
        for change in changes:
            for identifier in change.contributions:
                if identifier not in dialogue.standings:
                    raise InputError(
                        f"{path} : {identifier} n’est pas au registre. Reprenez ce "
                        "dossier d’une sauvegarde."
                    )
        return VersionApplied(**stamp._asdict(), version=number, changes=changes)

    return _if_new(register.append(make), size)


def _if_new(entry: AnyEntry, size: int) -> list[AnyEntry]:
    return [entry] if entry.seq > size else []
