"""A program that contributes through a server, one connection at a time."""

import http.client
import re
import secrets
import time
from urllib.parse import urlencode, urlsplit

OURS = {
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/x-www-form-urlencoded",
}


class Client:
    """One browser, without its patience."""

    def __init__(self, address: str, organisation: str = "") -> None:
        self.organisation = organisation
        self.host = urlsplit(address).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=30)
        self.cookie = ""
        self.token = ""

    def ask(
        self, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Return the status, the place one is sent to, and the page."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if fields is None:
            self.connection.request("GET", path, headers=headers)
        else:
            body = urlencode(fields)
            self.connection.request("POST", path, body, {**headers, **OURS})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if given := answer.headers.get("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return answer.status, answer.headers.get("Location") or "", text

    def close(self) -> None:
        self.connection.close()

    def enter(self, token: str) -> None:
        _, _, page = self.ask(f"/entrer/{token}")
        self.ask(f"/entrer/{token}", {"jeton": _token(page)})
        self.token = _token(self.ask("/espace")[2])

    def deposit(self, key: str, text: str, unit: str = "horaires") -> str | None:
        """Post a contribution; return its number if it was acknowledged."""
        status, place, _ = self.ask(
            f"/contribuer/{unit}",
            {
                "jeton": self.token,
                "key": key,
                "version": "1",
                "kind": "comment",
                "text": text,
                "etape": "deposer",
            },
        )
        found = re.match(r"/recepisse/(C-\d+)", place)
        return found[1] if status == 303 and found else None


def _token(page: str) -> str:
    found = re.search(r'name="jeton" value="(\w+)"', page)
    assert found is not None, page[:300]
    return found[1]


def fresh_key() -> str:
    return secrets.token_hex(16)


def wait_for(address: str, seconds: float = 60.0) -> None:
    """Return once a server answers."""
    until = time.monotonic() + seconds
    while True:
        client = Client(address)
        try:
            if client.ask("/sante")[0] == 200:
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        finally:
            client.close()
