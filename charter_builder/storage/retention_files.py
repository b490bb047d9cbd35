"""What `private/` holds, how long, and its erasure. The register is never touched."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from charter_builder.errors import InputError, system_reason
from charter_builder.retention import Holding, Retention
from charter_builder.storage.consultation_files import CACHE, MEMORY
from charter_builder.storage.files import sync_folder
from charter_builder.storage.workspace_files import Workspace, load_settings

SETTINGS = "conservation.yml"
STORE = "prive.sqlite"
_RETENTION = TypeAdapter(Retention)

# Files by their name, folders with all that is in them.
FILES: Mapping[Holding, tuple[str, ...]] = {
    "contacts": ("serveur.yml", "serveur.cle", "a-envoyer"),
    "originals": ("originals", "bordereaux"),
    "drafts": ("a-trancher", "redaction-*.txt", "saisie-*.txt"),
}
# In this order: an invitation after the sessions it opened.
TABLES: Mapping[Holding, tuple[str, ...]] = {
    "contacts": ("session", "submission", "outbox", "invitation"),
    "originals": (),
    "drafts": ("draft", "begun"),
}
# What lets this computer go on with its register, and the settings of this very erasure.
KEPT = frozenset({SETTINGS, STORE, MEMORY, CACHE})


@dataclass(frozen=True)
class Held:
    """What `private/` holds of one kind."""

    files: tuple[Path, ...]
    rows: int
    """In `prive.sqlite`."""

    def __bool__(self) -> bool:
        return bool(self.files or self.rows)


def load_retention(place: Workspace) -> Retention:
    """Return `private/conservation.yml`, or the usual delays. Raises `DocumentErrors`."""
    path = place.private / SETTINGS
    return load_settings(path, _RETENTION) if path.exists() else Retention()


def held(place: Workspace, holding: Holding) -> Held:
    """Return what is kept of one kind. Raises `InputError` when it cannot be read."""
    files = sorted(_files(place.private, holding))
    return Held(tuple(files), _count(place.private / STORE, TABLES[holding]))


def unknown(place: Workspace) -> list[Path]:
    """Return what `private/` holds that no delay covers: a person must look at it."""
    known = {path for holding in FILES for path in _tops(place.private, holding)}
    return sorted(
        path
        for path in _inside(place.private)
        if path not in known
        and path.name not in KEPT
        and not path.name.startswith((".", f"{STORE}-"))
    )


def erase(place: Workspace, holding: Holding) -> None:
    """Erase what is kept of one kind; killed in between, the next one ends it.

    Raises `InputError` when something cannot be erased.
    """
    _delete_rows(place.private / STORE, TABLES[holding])
    for path in _files(place.private, holding):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"{path} : effacement impossible ({system_reason(error)}). Vérifiez les "
                "droits, puis recommencez : le reste est effacé."
            ) from None
    for top in _tops(place.private, holding):
        _remove_folder(top)
    if place.private.is_dir():
        sync_folder(place.private)


def _tops(private: Path, holding: Holding) -> Iterator[Path]:
    for pattern in FILES[holding]:
        yield from sorted(private.glob(pattern))


def _files(private: Path, holding: Holding) -> Iterator[Path]:
    for top in _tops(private, holding):
        # A link is erased itself: what it leads to is not ours.
        if top.is_symlink() or not top.is_dir():
            yield top
        else:
            for folder, folders, names in os.walk(top):
                found = (Path(folder, name) for name in (*names, *folders))
                yield from (
                    path for path in found if path.is_symlink() or not path.is_dir()
                )


def _inside(private: Path) -> list[Path]:
    try:
        return list(private.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"{private} : dossier illisible ({system_reason(error)}). Vérifiez ses droits."
        ) from None


def _remove_folder(top: Path) -> None:
    # One that something still stands in is left: nothing of it is ours to erase.
    with contextlib.suppress(OSError):
        if top.is_dir() and not top.is_symlink():
            for folder, _, _ in os.walk(top, topdown=False):
                Path(folder).rmdir()


# --- the private database --------------------------------------------------------------


def _count(path: Path, tables: Sequence[str]) -> int:
    with _opened(path) as db:
        if db is None:
            return 0
        return sum(
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in _present(db, tables)
        )


def _delete_rows(path: Path, tables: Sequence[str]) -> None:
    """Delete what some tables hold, so that its bytes leave the file too."""
    with _opened(path) as db:
        if db is None:
            return
        present = _present(db, tables)
        if not present:
            return
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        for table in present:
            db.execute(f"DELETE FROM {table}")
        db.execute("COMMIT")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _present(db: sqlite3.Connection, tables: Sequence[str]) -> list[str]:
    """Return those of our tables that this file has: a program adds them over time."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    found = {name for (name,) in rows}
    return [table for table in tables if table in found]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    if path.is_symlink():
        raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
    if not path.exists():
        yield None
        return
    try:
        with contextlib.closing(
            sqlite3.connect(path, timeout=10.0, isolation_level=None)
        ) as db:
            yield db
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{path} : effacement impossible ({error}). Arrêtez le serveur de la "
            "concertation s’il tourne, puis recommencez. Si ce fichier est abîmé, "
            "supprimez-le : le registre n’y perd rien."
        ) from None
