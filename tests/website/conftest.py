"""A Chromium, and the site of the demo, built once in a folder with a French name."""

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, sync_playwright

from charter_builder.cli import charter

# Its own calls home are not those of the pages.
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: pytest shows what matters."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium: needed in CI, a reason to skip elsewhere."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on the PATH: .ci/chromium installs one")
        pytest.skip("no Chromium on the PATH")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demo, with one page of the territory's own."""
    root = tmp_path_factory.mktemp("démo") / "Ville de l’été à Valmorane"
    done = CliRunner().invoke(charter, ["demo", str(root), "--no-serve"])
    assert done.exit_code == 0, done.output
    return root


@pytest.fixture(scope="session")
def served() -> Iterator["Served"]:
    """Serve folders over HTTP, each at its own address."""
    with Served() as serving:
        yield serving


class Served:
    """Folders served on this computer until the end of the session."""

    def __init__(self) -> None:
        self.servers: dict[Path, ThreadingHTTPServer] = {}

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers.values():
            server.shutdown()
            server.server_close()

    def address(self, folder: Path) -> str:
        if folder not in self.servers:
            handler = functools.partial(_QuietHandler, directory=str(folder))
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.servers[folder] = server
        return f"http://127.0.0.1:{self.servers[folder].server_address[1]}"
