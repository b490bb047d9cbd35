"""A site as `charter site serve` shows it: the pages of the disk, and the news."""

import re
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from trees import write_tree

from charter_builder.website.preview import STATE, Preview, open_server

PAGE = (
    "<html><head></head><body class=a><h1>Été</h1><code>&lt;/body></code></body></html>"
)


class Served(NamedTuple):
    folder: Path
    preview: Preview
    port: int

    def ask(self, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def page(self, path: str = "/") -> str:
        return self.ask(path)[1]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = write_tree(
        tmp_path / "site",
        {
            "index.html": PAGE,
            "404.html": PAGE.replace("Été", "Introuvable"),
            "projet/index.html": PAGE.replace("Été", "Projet"),
            "assets/a.css": "p { color: red }",
        },
    )
    preview = Preview(threading.Lock())
    server = open_server(folder, 0, preview)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Served(folder, preview, server.server_address[1])
    server.shutdown()
    server.server_close()


def test_a_page_is_served_with_the_script_and_stays_bare_on_the_disk(
    served: Served,
) -> None:
    said = re.sub(r"<script[^>]*></script>", "", served.page(), count=1)

    assert said == PAGE
    assert (served.folder / "index.html").read_text("utf-8") == PAGE


def test_what_is_added_comes_from_this_server_and_is_not_inline(served: Served) -> None:
    served.preview.failed("Une faute.")
    sources = re.findall(
        r'<(?:script|link)\b[^>]*(?:src|href)="([^"]*)"', served.page()
    )

    assert sources == ["/.apercu/apercu.css", "/.apercu/apercu.js"]
    assert [served.ask(source)[0].status for source in sources] == [200, 200]
    assert re.findall(r"<script[^>]*>([^<]+)</script>", served.page()) == []


def test_an_error_is_shown_as_text_on_the_last_good_page(served: Served) -> None:
    served.preview.failed("charter.yml:2 : <b>faute</b> & suite")

    page = served.page()

    assert "charter.yml:2 : &lt;b&gt;faute&lt;/b&gt; &amp; suite" in page
    assert "<h1>Été</h1>" in page


def test_the_error_goes_once_it_is_mended(served: Served) -> None:
    served.preview.failed("Une faute.")
    served.preview.built(0)

    assert "Une faute." not in served.page()


def test_the_state_changes_with_what_a_page_would_show(served: Served) -> None:
    states = [served.page(STATE)]
    news: tuple[Callable[[], object], ...] = (
        lambda: served.preview.built(0),
        lambda: served.preview.built(3),
        lambda: served.preview.failed("Une faute."),
        lambda: served.preview.failed("Une faute."),
        lambda: served.preview.failed("Une autre."),
        lambda: served.preview.built(0),
    )
    for one in news:
        one()
        states.append(served.page(STATE))

    changed = [before != after for before, after in pairwise(states)]
    assert changed == [False, True, True, False, True, True]
    assert f'data-state="{states[-1]}"' in served.page()


def test_a_page_that_does_not_exist_is_the_one_of_the_site(served: Served) -> None:
    answer, text = served.ask("/absente.html")

    assert answer.status == 404
    assert "<h1>Introuvable</h1>" in text
    assert "data-state" in text


def test_a_folder_leads_to_its_first_page_and_is_never_listed(served: Served) -> None:
    assert served.ask("/projet")[0].headers["Location"] == "/projet/"
    assert "<h1>Projet</h1>" in served.page("/projet/")
    assert served.ask("/assets/")[0].status == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "//secret.txt"]
)
def test_nothing_beside_the_site_is_served(served: Served, path: str) -> None:
    write_tree(served.folder.parent, {"secret.txt": "à part"})

    assert served.ask(path)[0].status == 404


def test_a_folder_never_leads_to_another_site(served: Served) -> None:
    (served.folder / "ailleurs.example").mkdir()

    answer, _ = served.ask("//ailleurs.example")

    assert not answer.headers.get("Location", "").startswith("//")


def test_a_browser_keeps_nothing_of_what_it_was_sent(served: Served) -> None:
    for path in ("/", "/assets/a.css", STATE, "/absente.html"):
        assert served.ask(path)[0].headers["Cache-Control"] == "no-store"


def test_the_head_of_an_answer_is_that_of_the_whole(served: Served) -> None:
    head, nothing = served.ask("/", "HEAD")
    whole, _ = served.ask("/")

    assert nothing == ""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    assert head.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_is_not_read_while_the_site_is_replaced(served: Served) -> None:
    got: list[str] = []
    with served.preview.publishing:
        reader = threading.Thread(target=lambda: got.append(served.page()))
        reader.start()
        reader.join(0.3)
        write_tree(served.folder, {"index.html": PAGE.replace("Été", "Hiver")})
        assert got == []
    reader.join(10)

    assert "<h1>Hiver</h1>" in got[0]
