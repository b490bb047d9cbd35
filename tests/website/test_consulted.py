"""The pages of a consultation in a real Chromium: read, printed, in other colours."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Seen, Server
from consultations import SEEN
from playwright.sync_api import Browser, Page, expect
from sites import published

from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import plain

pytestmark = pytest.mark.browser

TEMPLATES = {
    "article": "contributions/articles/horaires.html",
    "article with long and erased texts": "contributions/articles/couts.html",
    "register": "contributions/registre.html",
    "positions": "contributions/positions.html",
    "statistics": "contributions/statistiques.html",
    "decisions": "contributions/decisions.html",
    "organisation": "contributions/organisations/cfdt.html",
    "journal": "contributions/journal.html",
    "version with origins": "versions/2.html",
    "notice": "mentions.html",
}
SIZES = {"desktop": (1280, 900), "phone": (360, 780)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
ROOM = "document.documentElement.clientWidth - document.documentElement.scrollWidth"
OPEN = "document.querySelectorAll('article details').forEach(d => d.open = true)"
DARK = "label[title='Passer en affichage sombre']"


@pytest.fixture(scope="module")
def address(consulted: Workspace) -> Iterator[str]:
    with Server(consulted.site) as served:
        yield served


@pytest.fixture
def seen(page: Page) -> Seen:
    watched = Seen()
    watched.watch(page)
    return watched


@pytest.fixture(scope="module", params=SIZES)
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def violations(page: Page, rules: dict[str, object]) -> str:
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    results = Axe().run(page, options=options)
    return results.generate_report() if results.violations_count else ""


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_is_quiet_fits_its_screen_and_passes_axe_light_and_dark(
    screen: Page, address: str, template: str
) -> None:
    seen = Seen()
    seen.watch(screen)
    screen.goto(address + TEMPLATES[template])
    screen.evaluate(OPEN)

    assert seen.outside() == []
    assert seen.troubles == []
    size = screen.viewport_size
    assert size is not None
    assert screen.evaluate(ROOM) == 0
    # The width of a desktop screen zoomed four times: WCAG, criterion 1.4.10.
    screen.set_viewport_size({"width": 320, "height": size["height"]})
    assert screen.evaluate(ROOM) == 0
    screen.set_viewport_size(size)
    assert violations(screen, {"type": "tag", "values": RULES}) == ""
    screen.locator(DARK).click()
    expect(screen.locator("body[data-md-color-scheme=slate]")).to_be_attached()
    assert violations(screen, {"type": "rule", "values": RULES_OF_COLOUR}) == ""
    screen.evaluate("localStorage.clear()")


def test_hostile_words_are_shown_as_recorded_and_do_nothing(
    page: Page, seen: Seen, address: str, consulted: Workspace
) -> None:
    shown = {}
    for name in published(consulted):
        if name.startswith(("contributions/", "versions/", "index", "projet/")):
            page.goto(address + name)
            page.evaluate(OPEN)
            shown[name] = plain(page.locator("body").inner_text())

    for name in (
        "contributions/articles/horaires.html",
        "contributions/registre.html",
        "versions/2.html",
    ):
        assert plain(SEEN) in shown[name], name
    assert not any(re.search(r"\b49\b", text) for text in shown.values())
    assert seen.troubles == []
    assert seen.outside() == []


def test_the_register_can_be_read_from_a_disk(
    page: Page, seen: Seen, consulted: Workspace, tmp_path: Path
) -> None:
    copy = tmp_path / "Clé USB de l’été"
    shutil.copytree(consulted.site, copy)
    page.goto((copy / "contributions" / "registre.html").as_uri())

    page.get_by_role("link", name="C-0004").click()
    expect(page.locator("article:target")).to_contain_text("CGT Territoriaux")
    page.locator("article:target").get_by_role("link", name="D-0001").click()
    expect(page.locator("article:target")).to_contain_text("Groupe de travail")
    assert seen.troubles == []
    assert seen.outside() == []


def test_words_that_change_are_told_without_colour_and_aloud(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(forced_colors="active", color_scheme="dark")
    page = context.new_page()
    page.goto(address + "versions/2.html")
    page.evaluate(OPEN)
    style = "element => getComputedStyle(element).textDecorationLine"
    removed, added = page.locator("del").first, page.locator("ins").first

    styles = removed.evaluate(style), added.evaluate(style)
    said = removed.inner_text(), added.inner_text()
    context.close()
    assert styles == ("line-through", "underline")
    assert plain(said[0]).startswith("[supprimé:")
    assert plain(said[1]).startswith("[ajouté:")


def test_a_contribution_is_printed_whole_and_only_the_text_is(
    page: Page, address: str
) -> None:
    page.goto(address + TEMPLATES["article"])
    page.emulate_media(media="print")

    for hidden in (".md-header", ".md-footer", ".charte-both", ".charte-pages"):
        for element in page.locator(hidden).all():
            expect(element).to_be_hidden()
    line = "element => getComputedStyle(element).textDecorationLine"
    assert page.locator("ins").first.evaluate(line) == "underline"
    inside = "element => getComputedStyle(element).breakInside"
    assert page.locator(".charte-card").first.evaluate(inside) == "avoid-page"


def test_the_positions_of_8_organisations_on_42_articles_hold_on_one_sheet(
    page: Page, address: str
) -> None:
    page.goto(address + TEMPLATES["positions"])
    page.evaluate(
        """() => {
            const table = document.querySelector('.charte-matrix table');
            const body = table.tBodies[0], row = body.rows[0];
            const full = [...row.cells].find(cell => cell.querySelector('.charte-short'));
            const name = row.cells[0].outerHTML;
            full.querySelector('.charte-short').textContent = 'contre : 2 rej., ret., att.';
            body.innerHTML = '';
            for (let n = 0; n < 42; n++)
                body.insertAdjacentHTML('beforeend',
                    '<tr>' + name + full.outerHTML.repeat(8) + '</tr>');
            for (const cell of body.querySelectorAll('tr > :first-child'))
                cell.textContent = 'Article 12. Refus, interruption et recours des agents';
            const head = table.tHead.rows[0];
            while (head.cells.length < 9)
                head.append(head.cells[1].cloneNode(true));
        }"""
    )

    sheet = page.pdf(prefer_css_page_size=True, format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
