"""A Chromium, a folder served on this computer, and what a page did meanwhile."""

import contextlib
import functools
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    sync_playwright,
)

INTRANET = "intranet.invalid"

# Chromium's own calls home are not those of the pages.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    # A plain address by its name, as on an intranet: no secure context.
    f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1",
]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Give a Chromium; without one the test is skipped, or fails where one is due."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on the PATH: .ci/chromium installs one")
        pytest.skip("no Chromium on the PATH")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: pytest shows what matters."""


class Server:
    """A folder served on this computer."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_QuietHandler, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> str:
        return self.address

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Seen:
    """What a page did while one looked at it."""

    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """Console errors, blocked scripts, failed requests, dialogs."""

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self._failed)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._said)
        page.on("dialog", self._opened)

    def _failed(self, request: Request) -> None:
        # Leaving a page stops what it was still reading.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{request.failure} {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)

    def _opened(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def outside(self) -> list[str]:
        """Return the requests that left this computer."""
        schemes = ("file", "data", "blob", "about")
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in schemes
            and urlsplit(url).hostname != "127.0.0.1"
        ]
