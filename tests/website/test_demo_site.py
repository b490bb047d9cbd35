"""The site of the demo, read as files: every page, every link."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from charter_builder.cli.site import make_site
from charter_builder.storage.workspace_files import Workspace

BASE = "https://site.example/"


class _Page(HTMLParser):
    """What a page points at, and what can be pointed at in it."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.assets: list[str] = []
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("link", "script", "img"):
            self.assets += [given[name] for name in ("href", "src") if name in given]
        self.words += [given.get(name, "") for name in ("title", "aria-label", "alt")]
        self._hidden += tag in ("script", "style", "pre", "code")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "pre", "code")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


@cache
def _read(site: Path) -> dict[str, _Page]:
    pages = {}
    for path in sorted(site.rglob("*.html")):
        page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
        pages[path.relative_to(site).as_posix()] = page
    return pages


@pytest.fixture
def pages(demo: Workspace) -> dict[str, _Page]:
    return _read(demo.site)


def inside(name: str, addresses: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the addresses that stay in the site: as written, file, anchor."""
    for address in addresses:
        whole = urlsplit(urljoin(BASE + name, address))
        if whole.netloc == urlsplit(BASE).netloc and whole.scheme == "https":
            yield address, unquote(whole.path).lstrip("/"), unquote(whole.fragment)


def test_every_link_leads_to_a_page_and_every_anchor_to_a_place(
    pages: dict[str, _Page],
) -> None:
    assert followed(pages) > 3_000


def test_every_link_of_a_consultation_leads_to_a_place(consulted: Workspace) -> None:
    pages = _read(consulted.site)

    assert "contributions/decisions.html" in pages
    assert followed(pages) > 1_000


def followed(pages: dict[str, _Page]) -> int:
    """Follow every link inside a site; return how many there are."""
    checked = 0
    for name, page in pages.items():
        for written, path, anchor in inside(name, page.links):
            assert path in pages, f"{name}: {written}"
            assert not anchor or anchor in pages[path].ids, f"{name}: {written}"
            checked += 1
    return checked


def test_every_file_a_page_needs_is_in_the_site(
    demo: Workspace, pages: dict[str, _Page]
) -> None:
    for name, page in pages.items():
        for written, path, _ in inside(name, page.assets):
            assert (demo.site / path).exists(), f"{name}: {written}"


def test_a_link_out_of_the_site_is_a_message_or_a_secure_page(
    pages: dict[str, _Page],
) -> None:
    outside = {
        urlsplit(link).scheme
        for page in pages.values()
        for link in page.links
        if urlsplit(link).scheme
    }

    assert outside <= {"mailto", "https"}


def test_an_anchor_names_one_place_only(
    pages: dict[str, _Page], consulted: Workspace
) -> None:
    for name, page in [*pages.items(), *_read(consulted.site).items()]:
        twice = [anchor for anchor, count in Counter(page.ids).items() if count > 1]
        assert not twice, name


def test_each_paragraph_of_the_charter_can_be_cited(
    demo: Workspace, pages: dict[str, _Page]
) -> None:
    article = pages["projet/deconnexion.html"]

    anchors = [anchor for anchor in article.ids if anchor.startswith("p-")]
    assert "p-plage-2" in anchors
    assert {f"#{anchor}" for anchor in anchors} <= set(article.links)


def test_no_word_of_the_theme_is_left_in_english(pages: dict[str, _Page]) -> None:
    english = re.compile(
        r"\b(?:Skip to|Not found|Back to top|Table of contents|Search)\b"
    )
    for name, page in pages.items():
        assert not english.search(" ".join(page.words)), name


def test_nothing_that_a_reader_sees_says_it_was_a_template(
    pages: dict[str, _Page],
) -> None:
    for name, page in pages.items():
        if not name.startswith("guides/"):
            assert not re.search(r"\{[{%#]|[}%#]\}|\bNone\b", " ".join(page.words)), (
                name
            )


def test_one_answer_rewrites_the_pages_that_say_it_and_no_other_article(
    demo: Workspace, tmp_path: Path
) -> None:
    place = Workspace(tmp_path / "copie")
    shutil.copytree(demo.root, place.root)
    before = {
        path.relative_to(place.site).as_posix(): path.stat().st_mtime_ns
        for path in place.site.rglob("*")
        if path.is_file()
    }
    answers = place.answers_path.read_text("utf-8")
    assert "fin_deconnexion: '07:30'" in answers
    place.answers_path.write_text(
        answers.replace("fin_deconnexion: '07:30'", "fin_deconnexion: '07:45'"),
        "utf-8",
    )

    _, changed = make_site(place)

    rewritten = {
        name
        for name, stamp in before.items()
        if (place.site / name).stat().st_mtime_ns != stamp
    }
    assert rewritten == {
        "projet/deconnexion.html",
        "projet/texte-integral.html",
        "bibliotheque/deconnexion/plage.html",
        # These three name the version of the draft.
        "contributions/index.html",
        "contributions/formulaire.html",
        "versions.html",
        "search/search_index.json",
    }
    assert changed == len(rewritten)
