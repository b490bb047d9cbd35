"""A real server process: killed, raced, on a full disk, stopped."""

import contextlib
import itertools
import os
import pickle
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dialogues import SETTINGS, Clock
from live_client import Client, fresh_key, wait_for
from live_site import Built, Site, fields_of, opened_in

from charter_builder.consultation import Organisation
from charter_builder.storage.consultation_files import journal
from charter_builder.storage.invitations import Invitations, Subject
from charter_builder.storage.private_store import NAME, PrivateStore
from charter_builder.storage.register_reading import faults
from charter_builder.storage.workspace_files import Workspace

# Many, because one may post so much only.
NAMES = [f"org-{number}" for number in range(40)]
ALWAYS = SETTINGS.model_copy(
    update={
        "opens": "2020-01-06",
        "closes": "2090-01-31",
        "organisations": (
            *SETTINGS.organisations,
            *(Organisation(id=name, name=name.title()) for name in NAMES),
        ),
    }
)
ROUNDS = int(os.environ.get("ROUNDS") or 10)
WRITERS = 4

unix = pytest.mark.skipif(os.name == "nt", reason="signals")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A server in a process of its own, on a workspace that outlives it."""

    def __init__(self, folder: Path, built: Built) -> None:
        self.place = Workspace(built.copied_to(folder))
        opened_in(self.place, ALWAYS, Clock("2020-01-06T09:00:00"))
        self.pages = folder / "pages.pickle"
        self.pages.write_bytes(pickle.dumps(built.files))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.clients: list[Client] = []
        self.names = itertools.cycle(NAMES)

    def start(self, *more: str) -> None:
        script = Path(__file__).with_name("run_live.py")
        asked = self.place.root, self.port, self.pages
        self.process = subprocess.Popen(
            [sys.executable, str(script), *map(str, asked), *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        wait_for(self.address)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def client(self, organisation: str = "") -> Client:
        organisation = organisation or next(self.names)
        store = PrivateStore(self.place.private / NAME)
        token = Invitations(store, ALWAYS.id).invite(
            Subject("organisation", organisation), "2027-01-05T08:00:00Z"
        )
        client = Client(self.address, organisation)
        self.clients.append(client)
        client.enter(token)
        return client

    def texts(self) -> dict[str, str]:
        """Return the number of each key in the register, read from the disk."""
        standings = journal(self.place).refresh().standings
        return {s.contribution.key: s.id for s in standings.values()}


@pytest.fixture
def process(tmp_path: Path, built: Built) -> Iterator[Process]:
    found = Process(tmp_path, built)
    found.start()
    yield found
    for client in found.clients:
        client.close()
    if found.process is not None and found.process.poll() is None:
        found.stop()


def posting(client: Client, sent: dict[str, str], known: dict[str, str]) -> None:
    """Post until the server dies; `known` receives what was acknowledged."""
    while True:
        key = fresh_key()
        sent[key] = client.organisation
        try:
            number = client.deposit(key, f"Motif {key}.")
        except (OSError, AssertionError, ValueError):
            return
        except Exception as error:
            if type(error).__module__ == "http.client":
                return
            raise
        if number is None:
            return
        known[key] = number


@unix
@pytest.mark.slow
def test_killed_while_many_write_what_was_acknowledged_is_in_the_register(
    process: Process,
) -> None:
    chance = random.Random(7)
    sent: dict[str, str] = {}
    known: dict[str, str] = {}
    for turn in range(ROUNDS):
        clients = [process.client() for _ in range(WRITERS)]
        threads = [
            threading.Thread(target=posting, args=(client, sent, known))
            for client in clients
        ]
        before = len(known)
        for thread in threads:
            thread.start()
        # Something is acknowledged, then it dies at any instant.
        while len(known) < before + WRITERS and any(t.is_alive() for t in threads):
            time.sleep(0.01)
        assert len(known) > before
        time.sleep(chance.random() / 2)
        process.stop()
        for thread in threads:
            thread.join()
        process.start()
        assert faults(process.place.consultation / "register") == [], turn
        recorded = process.texts()
        assert {key: recorded.get(key) for key in known} == known, turn
    # What was not acknowledged is sent again with its key: once, whatever happened.
    waiting = {key: author for key, author in sent.items() if key not in known}
    again = {
        key: process.client(author).deposit(key, f"Motif {key}.")
        for key, author in waiting.items()
    }
    assert None not in again.values()
    assert process.texts() == known | again
    assert len(set(process.texts().values())) == len(sent)


@unix
def test_clients_racing_with_the_same_keys_give_one_entry_each(
    process: Process,
) -> None:
    keys = [fresh_key() for _ in range(10)]
    found: list[dict[str, str | None]] = []

    def send(client: Client, order: list[str]) -> None:
        found.append({key: client.deposit(key, f"Motif {key}.") for key in order})

    threads = [
        threading.Thread(
            target=send,
            args=(process.client("cfdt"), random.Random(n).sample(keys, len(keys))),
        )
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == WRITERS
    assert all(one == process.texts() for one in found)
    assert len(process.texts()) == len(keys)


@unix
def test_asked_to_stop_the_server_ends_what_it_records(process: Process) -> None:
    sent: dict[str, str] = {}
    known: dict[str, str] = {}
    thread = threading.Thread(target=posting, args=(process.client(), sent, known))
    thread.start()
    limit = time.monotonic() + 30
    while not known and time.monotonic() < limit:
        time.sleep(0.01)

    code = process.stop(signal.SIGTERM)
    thread.join(30)

    assert known
    assert not thread.is_alive()
    assert code == 0
    assert {key: process.texts().get(key) for key in known} == known


@unix
def test_the_command_line_writes_in_the_same_register_meanwhile(
    process: Process,
) -> None:
    client = process.client()
    client.deposit(fresh_key(), "Par le site.")
    from charter_builder.contributions import Origin, Submission
    from charter_builder.storage.consultation_files import versions_of
    from charter_builder.storage.registrar import Registrar

    registrar = Registrar(journal(process.place), versions_of(process.place))
    submission = Submission(
        key="f" * 32, version=1, unit="horaires", text="Sur papier."
    )
    registrar.record(submission, Origin("cgt", "paper"))

    assert client.deposit(fresh_key(), "Par le site encore.") == "C-0003"
    assert "Sur papier." in client.ask("/contributions/registre.html")[2]
    assert faults(process.place.consultation / "register") == []


@pytest.fixture
def stopped(tmp_path: Path, built: Built) -> Iterator[Process]:
    found = Process(tmp_path, built)
    yield found
    found.stop()


@unix
@pytest.mark.parametrize("behind", [True, False])
def test_only_a_proxy_we_know_says_who_asks(stopped: Process, behind: bool) -> None:
    stopped.start(*(["127.0.0.1"] if behind else []))

    def tries(address: str) -> list[int]:
        statuses = []
        with contextlib.closing(Client(stopped.address)) as client:
            for _ in range(61):
                client.connection.request(
                    "GET", "/entrer/faux", headers={"X-Forwarded-For": address}
                )
                answer = client.connection.getresponse()
                answer.read()
                statuses.append(answer.status)
        return statuses

    assert tries("192.0.2.1") == [404] * 60 + [429]
    assert set(tries("192.0.2.2")[:60]) == ({404} if behind else {429})


# --- a full disk ---------------------------------------------------------------------


@contextmanager
def file_size_limited_to(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@unix
@pytest.mark.parametrize("size", [1, 100_000])
def test_a_full_disk_gives_the_text_back_and_then_takes_it(
    site: Site, size: int
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {
        "kind": "amendment",
        "proposed": "à" * 19_000 + "\n\n" + "€" * 900,
        "text": "é" * 20_000,
        "etape": "deposer",
    }
    with file_size_limited_to(size if size == 1 else _room(site)):
        page = visitor.post("/contribuer/horaires", fields)

    assert page.status_code == 507
    given_back = fields_of(page.text)
    assert given_back["text"] == fields["text"]
    assert given_back["proposed"] == fields["proposed"]
    assert given_back["key"] == fields["key"]
    assert list(site.dialogue.standings) == []
    sent = visitor.post("/contribuer/horaires", given_back | {"etape": "deposer"})
    assert sent.location == "/recepisse/C-0001#titre"
    assert faults(site.folder / "consultation/register") == []


def _room(site: Site) -> int:
    """Return a size that the private file fits in, and not the entry."""
    largest = max(path.stat().st_size for path in (site.folder / "private").iterdir())
    assert largest < 75_000
    return 79_000


# --- the command ---------------------------------------------------------------------


@unix
def test_the_command_serves_a_workspace_and_its_invitation_opens_it(
    tmp_path: Path, built: Built
) -> None:
    root = built.copied_to(tmp_path)
    opened_in(Workspace(root), ALWAYS, Clock("2020-01-06T09:00:00"))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    charter = [sys.executable, "-m", "charter_builder", "-C", str(root), "consultation"]
    invited = subprocess.run(
        [*charter, "invite", "cfdt", "--origin", address],
        check=True,
        capture_output=True,
        text=True,
    )
    token = next(
        word.rpartition("/")[2] for word in invited.stdout.split() if "/entrer/" in word
    )
    server = subprocess.Popen(
        [*charter, "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(address)
        with contextlib.closing(Client(address)) as client:
            client.enter(token)
            assert client.deposit(fresh_key(), "Bonjour.") == "C-0001"
    finally:
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=60)
    assert server.returncode == 0
    assert address in said
    assert "Serveur arrêté" in said
