"""Who is in, how often they send, and which receipts are to be mailed."""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from charter_builder.storage.invitations import Invitation, Subject, SubjectKind, digest
from charter_builder.storage.private_store import PrivateStore

SESSION_SECONDS = 12 * 3600
HOUR = 3600


class Session(NamedTuple):
    """One browser that entered: in one name, never two."""

    digest: str
    invitation: str
    subject: Subject
    expires: int


# --- sessions ------------------------------------------------------------------------


def open_session(store: PrivateStore, invitation: Invitation, now: int) -> str:
    """Open a session; return its secret, which is not kept."""
    secret = secrets.token_urlsafe(32)
    kind, subject = invitation.subject
    with store.writing() as db:
        db.execute("DELETE FROM session WHERE expires <= ?", (now,))
        db.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
            (digest(secret), invitation.digest, kind, subject, now + SESSION_SECONDS),
        )
    return secret


def session_of(store: PrivateStore, secret: str, now: int) -> Session | None:
    """Return the session of a secret, unless it expired or its invitation was revoked."""
    with store.reading() as db:
        row = db.execute(
            "SELECT s.digest, s.invitation, s.kind, s.subject, s.expires FROM session s "
            "JOIN invitation i ON i.digest = s.invitation "
            "WHERE s.digest = ? AND s.expires > ? AND i.revoked IS NULL",
            (digest(secret), now),
        ).fetchone()
    return _session(*row) if row else None


def _session(
    digest: str, invitation: str, kind: SubjectKind, subject: str, expires: int
) -> Session:
    return Session(digest, invitation, Subject(kind, subject), expires)


def close_session(store: PrivateStore, digest: str) -> None:
    with store.writing() as db:
        db.execute("DELETE FROM session WHERE digest = ?", (digest,))


# --- counters ------------------------------------------------------------------------


def counted_submission(
    store: PrivateStore, invitation: str, now: int, limit: int
) -> bool:
    """Count one submission of an invitation; return whether it is within the limit."""
    with store.writing() as db:
        db.execute("DELETE FROM submission WHERE at <= ?", (now - HOUR,))
        (count,) = db.execute(
            "SELECT count(*) FROM submission WHERE invitation = ?", (invitation,)
        ).fetchone()
        if count >= limit:
            return False
        db.execute("INSERT INTO submission VALUES (?, ?)", (invitation, now))
        return True


# --- outbox --------------------------------------------------------------------------


class Pending(NamedTuple):
    """A receipt that is still to be mailed."""

    contribution: str
    tries: int


def enqueue(store: PrivateStore, contributions: Iterable[str], now: int) -> None:
    """Note receipts to mail; those noted before are left as they are."""
    with store.writing() as db:
        db.executemany(
            "INSERT OR IGNORE INTO outbox VALUES (?, ?, 0, NULL)",
            [(contribution, now) for contribution in contributions],
        )


def known_receipts(store: PrivateStore) -> set[str]:
    with store.reading() as db:
        return {name for (name,) in db.execute("SELECT contribution FROM outbox")}


def due_receipts(store: PrivateStore, now: int) -> list[Pending]:
    """Return the receipts to mail now, the oldest first."""
    with store.reading() as db:
        rows = db.execute(
            "SELECT contribution, tries FROM outbox WHERE sent IS NULL AND next <= ? "
            "ORDER BY next, contribution LIMIT 50",
            (now,),
        ).fetchall()
    return [Pending(*row) for row in rows]


def receipt_sent(store: PrivateStore, contribution: str, now: int) -> None:
    with store.writing() as db:
        db.execute(
            "UPDATE outbox SET sent = ? WHERE contribution = ?", (now, contribution)
        )


def receipt_failed(store: PrivateStore, pending: Pending, now: int) -> None:
    """Try again later: a minute, then twice as long each time, six hours at most."""
    wait = min(60 * 2**pending.tries, 6 * HOUR)
    with store.writing() as db:
        db.execute(
            "UPDATE outbox SET tries = tries + 1, next = ? WHERE contribution = ?",
            (now + wait, pending.contribution),
        )
