"""Invitations: the links by which an organisation, or a role, enters the live server.

A link holds a signed token; only its digest is kept. Losing the private file closes the
links: new ones are given, and no contribution is lost.
"""

import contextlib
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from charter_builder.errors import InputError, did_you_mean, shown, system_reason
from charter_builder.storage.files import publish, read_ordinary
from charter_builder.storage.private_store import PrivateStore

if TYPE_CHECKING:
    # Comes with the server: who only reads and writes files does without.
    from itsdangerous import URLSafeSerializer

SubjectKind = Literal["organisation", "role", "reader"]

KEY = "serveur.cle"
_SALT = "charter-builder.invitation.1"
MAX_TOKEN = 400
SHORT = 10
"""Signs of a digest that name an invitation among a few hundred."""


class Subject(NamedTuple):
    """In whose name one enters: never a person."""

    kind: SubjectKind
    id: str


class Invitation(NamedTuple):
    """One invitation, as the private store keeps it."""

    digest: str
    subject: Subject
    created: str
    last_used: str | None
    revoked: str | None

    @property
    def name(self) -> str:
        """What names it when it is listed or revoked; it opens nothing."""
        return self.digest[:SHORT]


class Invitations:
    """The invitations of one consultation."""

    def __init__(self, store: PrivateStore, consultation: str) -> None:
        self.store = store
        self.consultation = consultation
        self._key: bytes | None = None

    def invite(self, subject: Subject, at: str) -> str:
        """Make an invitation; return its token, which is not kept."""
        token = self._signer().dumps(
            [self.consultation, subject.kind, subject.id, secrets.token_hex(16)]
        )
        with self.store.writing() as db:
            db.execute(
                "INSERT INTO invitation VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                (digest(token), self.consultation, subject.kind, subject.id, at),
            )
        return token

    def read(self, token: str) -> Invitation | None:
        """Return the invitation of a token, if it was given and holds still.

        Two locks: the signature, and the digest we kept.
        """
        from itsdangerous import BadData

        if len(token) > MAX_TOKEN:
            return None
        try:
            said = self._signer().loads(token)
        except BadData:
            return None
        found = self._one("digest = ?", digest(token))
        if found is None or found.revoked:
            return None
        named = said[:3] if isinstance(said, list) else None
        if named != [self.consultation, *found.subject]:
            return None
        return found

    def all(self) -> list[Invitation]:
        """Return every invitation given, the first ones first."""
        with self.store.reading() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM invitation WHERE consultation = ? "
                "ORDER BY created, rowid",
                (self.consultation,),
            ).fetchall()
        return [_invitation(row) for row in rows]

    def used(self, invitation: Invitation, at: str) -> None:
        """Note that an invitation opened a session."""
        with self.store.writing() as db:
            db.execute(
                "UPDATE invitation SET last_used = ? WHERE digest = ?",
                (at, invitation.digest),
            )

    def revoke(self, name: str, at: str) -> Invitation:
        """Revoke an invitation and end its sessions. Raises `InputError`."""
        found = [one for one in self.all() if one.digest.startswith(name) and name]
        if len(found) != 1:
            known = [one.name for one in self.all()]
            raise InputError(
                f"« {shown(name)} » : aucune invitation ne porte ce nom."
                f"{did_you_mean(name, known)} « charter consultation invite --list » "
                "les donne."
            )
        with self.store.writing() as db:
            db.execute(
                "UPDATE invitation SET revoked = coalesce(revoked, ?) WHERE digest = ?",
                (at, found[0].digest),
            )
            db.execute("DELETE FROM session WHERE invitation = ?", (found[0].digest,))
        return found[0]

    def _one(self, condition: str, *values: str) -> Invitation | None:
        with self.store.reading() as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM invitation WHERE consultation = ? "
                f"AND {condition}",
                (self.consultation, *values),
            ).fetchone()
        return _invitation(row) if row else None

    def _signer(self) -> "URLSafeSerializer":
        from itsdangerous import URLSafeSerializer

        if self._key is None:
            self._key = secret_key(self.store.path.parent)
        return URLSafeSerializer(self._key, salt=_SALT)


_COLUMNS = "digest, kind, subject, created, last_used, revoked"


def _invitation(
    row: tuple[str, SubjectKind, str, str, str | None, str | None],
) -> Invitation:
    return Invitation(row[0], Subject(row[1], row[2]), *row[3:])


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode()).hexdigest()


def secret_key(folder: Path) -> bytes:
    """Return the key that signs, made the first time; its owner only may read it."""
    path = folder / KEY
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_key(path)
    except OSError as error:
        raise InputError(
            f"{path} : écriture impossible ({system_reason(error)}). Vérifiez les droits "
            "du dossier."
        ) from None
    return read_ordinary(path, 1000)


def _write_key(path: Path) -> None:
    temporary = path.with_name(f".{KEY}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
            stream.flush()
            os.fsync(stream.fileno())
        # Two programs at once: the first one gives the key.
        with contextlib.suppress(FileExistsError):
            publish(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
