"""One process: the application under waitress, and its threads."""

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import waitress
from waitress.server import BaseWSGIServer

from charter_builder.errors import InputError, system_reason
from charter_builder.server.access import Gate, Origin
from charter_builder.server.app import MAX_READ, create_app
from charter_builder.server.live import Live
from charter_builder.server.outbox import FOLDER, Outbox, mail_settings
from charter_builder.server.service import Service
from charter_builder.storage.consultation_files import journal, versions_of
from charter_builder.storage.invitations import Invitations
from charter_builder.storage.private_store import NAME, PrivateStore
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.workspace_files import Workspace

THREADS = 8


@dataclass(frozen=True)
class Listening:
    """Where the server listens, and what it is called outside."""

    host: str
    port: int
    origin: Origin
    behind: str | None = None
    """The address of the proxy whose headers are believed."""


def make_service(
    place: Workspace, origin: Origin, build: Callable[[], Mapping[str, bytes]]
) -> Service:
    """Return the consultation of a workspace, ready to be served.

    Raises `InputError` when no consultation is open.
    """
    register = journal(place)
    consultation = register.refresh().opened.id
    registrar = Registrar(register, versions_of(place))
    store = PrivateStore(place.private / NAME)
    live = Live(registrar, lambda: versions_of(place), build)
    gate = Gate(Invitations(store, consultation), origin, lambda: int(time.time()))
    return Service(live, gate, store, place.library)


def serve(
    place: Workspace,
    listening: Listening,
    build: Callable[[], Mapping[str, bytes]],
    stamps: Callable[[], object],
    ready: Callable[[str], None],
) -> None:
    """Serve a consultation until interrupted; `ready` is told the address."""
    # A queue is no trouble: it says so at each request that waits.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    settings = mail_settings(place)
    # First: a port already taken is said before the pages are built.
    with _bound(listening) as door:
        service = make_service(place, listening.origin, build)
        server = _server(service, listening, door)
        outbox = Outbox(
            service.live,
            service.store,
            settings,
            place.private / FOLDER,
            lambda: int(time.time()),
        )
        with _beside(service, outbox, stamps), contextlib.closing(server):
            # A service is stopped so: what is being recorded ends first.
            before = signal.signal(signal.SIGTERM, signal.default_int_handler)
            ready(str(listening.origin))
            try:
                server.run()
            finally:
                signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _beside(
    service: Service, outbox: Outbox, stamps: Callable[[], object]
) -> Iterator[None]:
    """Run what goes on beside the requests: the watch of the pages, the mails."""
    live, stopped = service.live, threading.Event()
    threads = [
        threading.Thread(target=live.watch, args=(stamps, stopped)),
        threading.Thread(target=outbox.run, args=(stopped,)),
    ]
    # One connection stays open: the last to close would fold the journal of SQLite into
    # its file, which costs more than a request.
    with service.store.reading() as kept:
        kept.execute("SELECT 1 FROM session LIMIT 1").fetchone()
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopped.set()
            live.recorded.set()
            for thread in threads:
                thread.join()


def _bound(listening: Listening) -> socket.socket:
    """Return a socket that holds the port; it does not listen yet."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listening.host, listening.port, type=socket.SOCK_STREAM
        )[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(listening, error) from None
    try:
        if os.name == "posix":
            # A port in its closing wait is not busy.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError as error:
        found.close()
        raise _refused(listening, error) from None
    return found


def _refused(listening: Listening, error: OSError) -> InputError:
    return InputError(
        f"{listening.host}:{listening.port} : le serveur ne peut pas y écouter "
        f"({system_reason(error)}). Choisissez une autre adresse avec --host, ou un "
        "autre port avec --port."
    )


def _server(
    service: Service, listening: Listening, door: socket.socket
) -> BaseWSGIServer:
    trusted: dict[str, object] = (
        {
            "trusted_proxy": listening.behind,
            "trusted_proxy_headers": {"x-forwarded-for"},
            "trusted_proxy_count": 1,
            "clear_untrusted_proxy_headers": True,
        }
        if listening.behind
        else {}
    )
    return waitress.create_server(
        create_app(service),
        sockets=[door],
        threads=THREADS,
        ident=None,
        # The application answers what is too large, with the text given back.
        max_request_body_size=4 * MAX_READ,
        channel_timeout=60,
        connection_limit=500,
        url_scheme=listening.origin.scheme,
        **trusted,
    )
