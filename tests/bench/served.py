"""A server under load: fifty pages and five contributions a second, for a minute.

Alone: `python tests/bench/served.py`.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from charter_builder.storage.consultation_files import dialogue_of
from charter_builder.storage.workspace_files import Workspace

SECONDS = 60
LOAD = Path(__file__).with_name("load.py")
CHARTER = [sys.executable, "-m", "charter_builder"]


def asked(*words: str, said: str = "", more: str = "") -> str:
    """Return what a command prints."""
    environment = {**os.environ, "PYTHONPATH": more} if more else None
    done = subprocess.run(
        words, input=said, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def served(folder: Path) -> None:
    """Measure a server on the sample of that folder, whose consultation begins again."""
    for name in ("consultation", "private", "versions"):
        shutil.rmtree(folder / name, ignore_errors=True)
    here = [*CHARTER, "-C", str(folder)]
    consultation = [*here, "consultation"]
    # One invitation may post sixty times an hour.
    names = [f"org-{number}" for number in range(8)]
    asked(*here, "freeze")
    asked(
        *consultation,
        *("open", "--opens", "2020-01-06", "--closes", "2090-01-31"),
        *(f"--organisation={name}={name.title()}" for name in names),
    )
    asked(*consultation, "open")
    invited = [asked(*consultation, "invite", name) for name in names]
    tokens = re.findall(r"/entrer/(\S+)", "\n".join(invited))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*consultation, "serve", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        load = [sys.executable, str(LOAD), address, str(SECONDS)]
        tests = str(LOAD.parents[1])
        measured = json.loads(asked(*load, said="\n".join(tokens), more=tests))
        memory = _peak(server.pid)
    finally:
        server.terminate()
        server.wait()
    standings = dialogue_of(Workspace(folder)).standings.values()
    recorded = {standing.contribution.key for standing in standings}
    given = measured["acknowledged"]
    lost = len([key for key in given if key not in recorded])
    for kind in ("get", "post"):
        _tell(kind, measured[kind]["delays"], len(measured[kind]["failures"]))
    print(f"{'acknowledged, then lost':42} {lost} of {len(given)}   0")
    print(f"{'memory of the server':42} {memory:6.0f} Mo", flush=True)


def _tell(kind: str, delays: list[float], failed: int) -> None:
    delays = sorted(1000 * delay for delay in delays)
    p50, p99 = (delays[int(part * (len(delays) - 1))] for part in (0.5, 0.99))
    print(
        f"{f'{kind} on a server, {SECONDS} s':42} p99 {p99:.0f} ms < 300 ms   p50 "
        f"{p50:.0f} ms, most {delays[-1]:.0f} ms, failed {failed} of {len(delays)}"
    )


def _peak(process: int) -> float:
    """Return the most megabytes a process held, where the system tells it."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text() if status.exists() else "")
    return int(found[1]) / 1024 if found else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as root:
        asked(*CHARTER, "demo", f"{root}/demo", "--no-serve")
        served(Path(root) / "demo")
