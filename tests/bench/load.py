"""Fifty pages and five contributions a second, asked on time whatever the server does.

`load.py ADDRESS SECONDS` reads invitations on its standard input, one a line, and prints
what it measured as JSON. A delay runs from the instant a request was due, so that a
server that stalls is not spared. `PYTHONPATH` must hold `tests/`.
"""

import itertools
import json
import queue
import re
import sys
import threading
import time
from dataclasses import dataclass, field

from live_client import Client, fresh_key, wait_for

GETS, POSTS = 50, 5
THREADS = 24


@dataclass
class Measured:
    """What came of the requests of one kind."""

    delays: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def pages_of(client: Client) -> list[str]:
    """Return the pages one reads: the project, the contributions, one's own."""
    found: list[str] = []
    for start in ("/projet/index.html", "/contributions/index.html"):
        folder = start.rpartition("/")[0]
        page = client.ask(start)[2]
        found.append(start)
        found += [
            f"{folder}/{name}"
            for name in re.findall(r'href="([a-z0-9-]+\.html)"', page)
        ]
    return [*dict.fromkeys(found), "/espace"]


def main() -> None:
    address, seconds = sys.argv[1], float(sys.argv[2])
    tokens = [line.strip() for line in sys.stdin if line.strip()]
    wait_for(address, 120)
    writers = [Client(address) for _ in tokens]
    for writer, token in zip(writers, tokens, strict=True):
        writer.enter(token)
    unit = re.findall(r'href="/contribuer/([a-z0-9-]+)"', writers[0].ask("/espace")[2])
    pages = [*pages_of(writers[0]), f"/contribuer/{unit[0]}"]
    due: queue.PriorityQueue[tuple[float, int, str]] = queue.PriorityQueue()
    number = itertools.count()
    for kind, rate in (("get", GETS), ("post", POSTS)):
        for rank in range(int(rate * seconds)):
            due.put((rank / rate, next(number), kind))
    measured = {"get": Measured(), "post": Measured()}
    acknowledged: list[str] = []
    start = time.monotonic() + 0.5

    def work(rank: int) -> None:
        client = Client(address)
        client.cookie = writers[rank % len(writers)].cookie
        client.token = writers[rank % len(writers)].token
        while True:
            try:
                instant, order, kind = due.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, start + instant - time.monotonic()))
            try:
                if kind == "get":
                    status, _, _ = client.ask(pages[order % len(pages)])
                    failed = "" if status == 200 else f"GET {status}"
                else:
                    key = fresh_key()
                    got = client.deposit(key, f"Motif {key}.", unit[order % len(unit)])
                    failed = "" if got else "POST"
                    if got:
                        acknowledged.append(key)
            except OSError as error:
                failed = repr(error)
                client.close()
            measured[kind].delays.append(time.monotonic() - start - instant)
            if failed:
                measured[kind].failures.append(failed)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(
        json.dumps(
            {
                "pages": len(pages),
                "acknowledged": acknowledged,
                **{
                    kind: {"delays": found.delays, "failures": found.failures}
                    for kind, found in measured.items()
                },
            }
        )
    )


if __name__ == "__main__":
    main()
