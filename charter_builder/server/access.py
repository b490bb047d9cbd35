"""Who may do what: addresses, sessions, and requests that come from our own pages."""

import hmac
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Request, Response

from charter_builder.errors import InputError, shown
from charter_builder.storage.invitations import Invitation, Invitations, secret_key
from charter_builder.storage.session_store import (
    SESSION_SECONDS,
    Session,
    close_session,
    counted_submission,
    open_session,
    session_of,
)

SUBMISSIONS_PER_HOUR = 60
DOOR_TRIES, DOOR_SECONDS = 60, 600
"""Wrong invitations one address may try, and in how long: a token cannot be guessed, but
looking for one costs us."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """The address people see."""

    scheme: str
    host: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}"

    def is_host(self, given: str) -> bool:
        """Return whether a Host header names this server."""
        return _with_port(given, self.scheme) == _with_port(self.host, self.scheme)


def read_origin(given: str) -> Origin:
    """Return the origin of an address. Raises `InputError` for anything more than one."""
    with_care = given.strip().rstrip("/")
    parts = urlsplit(with_care)
    try:
        plain = f"{parts.scheme}://{parts.hostname or ''}" + (
            f":{parts.port}" if parts.port else ""
        )
    except ValueError:
        plain = ""
    if parts.scheme not in _DEFAULT_PORTS or plain != with_care.lower():
        raise InputError(
            f"« {shown(given)} » n’est pas l’adresse d’un serveur : donnez le protocole "
            "et le nom, sans chemin, « https://charte.exemple.fr »."
        )
    host = parts.hostname or ""
    if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]):
        host = f"{host}:{parts.port}"
    # As browsers say it: without the port that goes with the protocol.
    return Origin(parts.scheme, host)


def _with_port(host: str, scheme: str) -> str:
    host = host.strip().lower()
    name, _, port = host.rpartition(":")
    if name and port.isdigit():
        return f"{name}:{int(port)}"
    return f"{host}:{_DEFAULT_PORTS[scheme]}"


@dataclass
class Gate:
    """Lets people in, in one name, and says whether a request is theirs."""

    invitations: Invitations
    origin: Origin
    seconds: Callable[[], int]
    """The clock of sessions and counters, in seconds."""
    _tries: dict[str, deque[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _key: bytes = b""

    def __post_init__(self) -> None:
        self._key = secret_key(self.invitations.store.path.parent)

    @property
    def cookie(self) -> str:
        # The prefix makes browsers refuse it without Secure, or from a sub-domain.
        return "__Host-charte" if self.origin.is_secure else "charte"

    def session(self, request: Request) -> Session | None:
        secret = request.cookies.get(self.cookie)
        if not secret or len(secret) > 100:
            return None
        return session_of(self.invitations.store, secret, self.seconds())

    def enter(
        self, invitation: Invitation, at: str, before: Session | None, to: Response
    ) -> None:
        """Open a session; the one there was, in another name or not, ends."""
        store = self.invitations.store
        if before is not None:
            close_session(store, before.digest)
        secret = open_session(store, invitation, self.seconds())
        self.invitations.used(invitation, at)
        to.set_cookie(
            self.cookie,
            secret,
            max_age=SESSION_SECONDS,
            secure=self.origin.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def leave(self, session: Session | None, to: Response) -> None:
        if session is not None:
            close_session(self.invitations.store, session.digest)
        to.delete_cookie(
            self.cookie, path="/", secure=self.origin.is_secure, httponly=True
        )
        # What is behind « back » on a shared computer.
        to.headers["Clear-Site-Data"] = '"cache"'

    def may_try(self, address: str | None) -> bool:
        """Count one wrong invitation of an address; return whether it may go on."""
        now = self.seconds()
        with self._lock:
            if len(self._tries) > 10_000:
                self._tries.clear()
            tries = self._tries.setdefault(address or "", deque(maxlen=DOOR_TRIES + 1))
            while tries and tries[0] <= now - DOOR_SECONDS:
                tries.popleft()
            tries.append(now)
            return len(tries) <= DOOR_TRIES

    def may_submit(self, session: Session) -> bool:
        return counted_submission(
            self.invitations.store,
            session.invitation,
            self.seconds(),
            SUBMISSIONS_PER_HOUR,
        )

    # --- requests from our own pages -------------------------------------------------

    def is_ours(self, request: Request) -> bool:
        """Return whether a request that changes something comes from our own pages.

        Browsers say it themselves over https; on a plain intranet only `Origin` is there.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in ("same-origin", "none")
        return request.headers.get("Origin", "").lower() == str(self.origin)

    def form_token(self, secret: str) -> str:
        """Return what a form of ours holds, for a session or for an invitation."""
        return hmac.new(self._key, f"form:{secret}".encode(), "sha256").hexdigest()

    def knows_form(self, given: str, secret: str) -> bool:
        return hmac.compare_digest(
            given.encode("utf-8", "replace"), self.form_token(secret).encode()
        )
