"""A built site served on this computer, with what the person who edits must see.

The pages on the disk are left as they are. The server adds to each, as it answers, the
error that keeps the site from being built, and a script that loads the page again
once the site changed. Both come from this server: the policy of the page allows them.
"""

import contextlib
import functools
import os
import re
import sys
import threading
from html import escape
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from charter_builder.errors import InputError

HOST = "127.0.0.1"
# No page of a site starts with a dot: the generator leaves such files out.
STATE, SCRIPT, STYLE = "/.apercu/etat", "/.apercu/apercu.js", "/.apercu/apercu.css"
_BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_END = re.compile(rb"</body>(?!.*</body>)", re.IGNORECASE | re.DOTALL)

_SCRIPT = f"""\
"use strict";
const seen = document.currentScript.dataset.state;
setInterval(async () => {{
  const answer = await fetch("{STATE}").catch(() => null);
  if (answer?.ok && (await answer.text()) !== seen) location.reload();
}}, 500);
"""
_STYLE = """\
.apercu {
  padding: .8rem 1.2rem; border-bottom: 3px solid #b3541e;
  background: #fff6ec; color: #2b2118; font: 16px/1.5 system-ui, sans-serif;
}
.apercu p { margin: 0; }
.apercu pre {
  margin: .5rem 0; max-height: 40vh; overflow: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, monospace;
}
"""
_FILES = {
    SCRIPT: ("text/javascript", _SCRIPT.encode()),
    STYLE: ("text/css", _STYLE.encode()),
}


class Preview:
    """What the pages say besides themselves: the error of the last build, if any."""

    def __init__(self, publishing: threading.Lock) -> None:
        self.publishing = publishing
        """Held by whoever replaces the files of the site."""
        self.error = ""
        self.changes = 0

    @property
    def state(self) -> str:
        """A word that is another one as soon as a page must be loaded again."""
        return f"{os.getpid()}-{self.changes}"

    def built(self, changed: int) -> None:
        """Take note of a build that published so many files."""
        self.changes += bool(changed or self.error)
        self.error = ""

    def failed(self, error: str) -> None:
        """Take note of a build that did not succeed: the site of before stays."""
        self.changes += error != self.error
        self.error = error

    def read(self, file: Path) -> bytes:
        """Return a file of the site, never one that is being replaced."""
        with self.publishing:
            content, state, error = file.read_bytes(), self.state, self.error
        return _with_news(content, state, error) if file.suffix == ".html" else content


def _with_news(page: bytes, state: str, error: str) -> bytes:
    """Return a page with the error of the last build, if any, and the script."""
    script = f'<script src="{SCRIPT}" data-state="{state}"></script>'.encode()
    page = _END.sub(lambda end: script + end[0], page, count=1)
    banner = _banner(error).encode() if error else b""
    return _BODY.sub(lambda start: start[0] + banner, page, count=1)


def _banner(error: str) -> str:
    return (
        f'<link rel="stylesheet" href="{STYLE}">'
        '<div class="apercu" role="alert" lang="fr">'
        "<p><strong>Le site n’est pas à jour : une erreur est à corriger.</strong></p>"
        f'<pre tabindex="0">{escape(error)}</pre>'
        "<p>Cette page est la dernière version correcte. Elle se mettra à jour toute "
        "seule dès que l’erreur sera corrigée.</p></div>"
    )


class _Handler(SimpleHTTPRequestHandler):
    preview: Preview

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == STATE:
            self._answer(HTTPStatus.OK, "text/plain", self.preview.state.encode())
        elif path in _FILES:
            self._answer(HTTPStatus.OK, *_FILES[path])
        else:
            self._answer_file(Path(self.translate_path(self.path)), path)

    do_HEAD = do_GET

    def _answer_file(self, file: Path, path: str) -> None:
        if file.is_dir() and not path.endswith("/"):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"/{path.strip('/')}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if file.is_dir():
            file /= "index.html"
        with contextlib.suppress(OSError):
            content = self.preview.read(file)
            return self._answer(HTTPStatus.OK, self.guess_type(file), content)
        try:
            content = self.preview.read(Path(self.directory) / "404.html")
        except OSError:
            content = b"Page introuvable."
        self._answer(HTTPStatus.NOT_FOUND, "text/html", content)

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        text = "; charset=utf-8" if kind.startswith("text/") else ""
        self.send_header("Content-Type", f"{kind}{text}")
        self.send_header("Content-Length", str(len(content)))
        # A page of before must not come back from the memory of the browser.
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for the person who builds the site."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that leaves before the end of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def open_server(folder: Path, port: int, preview: Preview) -> ThreadingHTTPServer:
    """Return a server of that folder on this computer only.

    Raises `InputError` when the port is taken.
    """
    handler = type("Handler", (_Handler,), {"preview": preview})
    try:
        return _Server(
            (HOST, port), functools.partial(handler, directory=str(folder.resolve()))
        )
    except (OSError, OverflowError):
        raise InputError(
            f"le port {port} est occupé ou refusé : choisissez-en un autre avec --port "
            f"{port + 1 if port < 65535 else 8001}."
        ) from None
