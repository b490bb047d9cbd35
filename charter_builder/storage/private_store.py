"""`private/prive.sqlite`: what the employer's side keeps to itself while it works.

Never published. Losing it loses no contribution and no decision: those are in the
register. Each kind of content has its own table and its own module (`draft_store`).
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from charter_builder.errors import InputError, system_reason
from charter_builder.storage.files import locked

NAME = "prive.sqlite"

MIGRATIONS: tuple[str, ...] = (
    # 1: replies in preparation.
    """
    CREATE TABLE draft (
        contribution TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        content TEXT NOT NULL,
        seen INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        updated TEXT NOT NULL
    ) STRICT
    """,
    # 2: the live server. Digests of tokens and of session secrets, never these.
    """
    CREATE TABLE invitation (
        digest TEXT PRIMARY KEY,
        consultation TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        created TEXT NOT NULL,
        last_used TEXT,
        revoked TEXT
    ) STRICT;
    CREATE TABLE session (
        digest TEXT PRIMARY KEY,
        invitation TEXT NOT NULL REFERENCES invitation (digest) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE submission (
        invitation TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX submission_at ON submission (invitation, at);
    CREATE TABLE outbox (
        contribution TEXT PRIMARY KEY,
        next INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        sent INTEGER
    ) STRICT
    """,
    # 3: replies begun, kept word by word as they are typed.
    """
    CREATE TABLE begun (
        contribution TEXT NOT NULL,
        role TEXT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (contribution, role)
    ) STRICT
    """,
)
"""What leads from each version of the schema to the next. Only ever added to: a file
made by an older program goes through those it lacks. One statement after the other,
separated by « ; ». Secrets are kept as digests only."""

PATIENCE = 10.0
"""Seconds to wait for another program that is writing."""


class PrivateStore:
    """The private file of one workspace. Each use opens it: threads may share one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read with. Raises `InputError`, in a sentence."""
        with self._spoken(), contextlib.closing(self._opened()) as db:
            yield db

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are kept together, or not at all.

        They are on the disk once the block ends. Raises `InputError`, in a sentence.
        """
        with (
            self._spoken(),
            contextlib.closing(self._opened()) as db,
            _transaction(db),
        ):
            yield db

    def _opened(self) -> sqlite3.Connection:
        self._make_file()
        db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            if _version(db) != len(MIGRATIONS):
                self._migrate(db)
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            db.close()
            raise
        return db

    def _make_file(self) -> None:
        """Make the file readable by its owner only, before SQLite does."""
        if self.path.is_symlink():
            raise InputError(
                f"{self.path} : les liens symboliques ne sont pas admis : copiez le "
                "fichier."
            )
        if self.path.exists():
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
            os.close(handle)
        except OSError as error:
            raise InputError(
                f"{self.path} : écriture impossible ({system_reason(error)}). Vérifiez "
                "les droits du dossier."
            ) from None

    def _migrate(self, db: sqlite3.Connection) -> None:
        # SQLite does not wait for another process that changes the mode of the journal.
        with locked(self.path, PATIENCE):
            db.execute("PRAGMA journal_mode = WAL")
            with _transaction(db):
                version = _version(db)
                if version > len(MIGRATIONS):
                    raise InputError(
                        f"{self.path} : ce fichier vient d’une version plus récente du "
                        "programme : mettez le programme à jour."
                    )
                for script in MIGRATIONS[version:]:
                    for statement in script.split(";"):
                        db.execute(statement)
                db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextlib.contextmanager
    def _spoken(self) -> Iterator[None]:
        """Turn what SQLite refuses into one sentence."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path} : {_sentence(error)}") from error


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # A full disk may have ended the transaction already.
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _sentence(error: sqlite3.DatabaseError) -> str:
    # The low byte is the kind of failure, the others say where.
    match (error.sqlite_errorcode or 0) & 0xFF if _has_code(error) else 0:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                "un autre programme l’utilise. Attendez qu’il finisse, et recommencez."
            )
        case sqlite3.SQLITE_FULL:
            return "disque plein : libérez de la place, puis recommencez."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return "écriture impossible. Vérifiez les droits du fichier et du dossier."
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return (
                "fichier abîmé. Le registre n’y perd rien : contributions et décisions "
                "sont intactes ; seules les réponses en préparation sont à refaire. "
                "Reprenez ce fichier d’une sauvegarde, ou renommez-le et recommencez."
            )
        case sqlite3.SQLITE_IOERR:
            return (
                "disque plein, en panne, ou partage réseau : libérez de la place, ou "
                "travaillez sur un disque local."
            )
    return (
        "ce fichier n’a pas le contenu attendu. Le registre n’y perd rien : reprenez-le "
        "d’une sauvegarde, ou renommez-le et recommencez."
    )


def _has_code(error: sqlite3.DatabaseError) -> bool:
    # Errors of the Python module itself carry none.
    return hasattr(error, "sqlite_errorcode")
