"""The published site in a real Chromium: what a reader, or an attacker, meets."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Seen, Server
from playwright.sync_api import (
    Browser,
    Page,
    expect,
)
from sites import SMALL, build, published, small_workspace
from trees import write_tree

from charter_builder.interview import answer_question
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.storage.library_files import load_library
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import plain
from charter_builder.website.finish import finish
from charter_builder.website.preview import Preview, open_server
from charter_builder.workspace import SiteSettings

pytestmark = pytest.mark.browser

TEMPLATES = {
    "home": "index.html",
    "project": "projet/index.html",
    "article": "projet/deconnexion.html",
    "article with a table": "projet/lieux.html",
    "article with a local paragraph": "projet/formation.html",
    "full text": "projet/texte-integral.html",
    "act": "projet/deliberation.html",
    "annexes": "projet/annexes/index.html",
    "document": "projet/annexes/demande.html",
    "document with tables": "projet/annexes/bilan-annuel.html",
    "contributions": "contributions/index.html",
    "form": "contributions/formulaire.html",
    "versions": "versions.html",
    "version": "versions/2.html",
    "article with a point left open": "projet/plages-joignabilite.html",
    "library": "bibliotheque.html",
    "theme": "bibliotheque/deconnexion.html",
    "option": "bibliotheque/deconnexion/plage.html",
    "law": "cadre-legal/index.html",
    "contents": "cadre-legal/contenus.html",
    "checks": "cadre-legal/verification.html",
    "lexicon": "lexique.html",
    "words": "mots.html",
    "own page": "informations/venir.html",
    "guide": "guides/rh.html",
    "guide with drawings": "guides/lire-un-projet.html",
    "accessibility": "accessibilite.html",
    "legal notice": "mentions.html",
    "lost": "404.html",
}
SIZES = {"desktop": (1280, 900), "phone": (360, 780)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that the dark display can change.
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
# One loop writes them all, by hundreds: the first ones stand for the others.
REPEATED = ".charte-words p, .charte-par, .charte-fact"


@pytest.fixture(scope="session")
def address(demo: Workspace) -> Iterator[str]:
    """The address of the demo's site."""
    with Server(demo.site) as served:
        yield served


# --- every page template, on every display -------------------------------------------


@dataclass
class Visit:
    page: Page
    seen: Seen

    def violations(self, rules: dict[str, object]) -> str:
        """Return what axe finds, as a report; nothing when it finds nothing."""
        results = Axe().run(
            self.page,
            options={
                "runOnly": rules,
                "resultTypes": ["violations"],
                "preload": False,
            },
        )
        return results.generate_report() if results.violations_count else ""


@pytest.fixture(scope="module", params=SIZES)
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    width, height = SIZES[request.param]
    opened = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    visit = Visit(opened.new_page(), Seen())
    visit.seen.watch(visit.page)
    yield visit
    opened.close()


@pytest.fixture(scope="module", params=TEMPLATES)
def visit(
    request: pytest.FixtureRequest, screen: Visit, address: str
) -> Iterator[Visit]:
    """One page just opened on one screen."""
    screen.seen.requests.clear()
    screen.seen.troubles.clear()
    screen.page.goto(address + TEMPLATES[request.param])
    yield screen
    screen.page.evaluate("localStorage.clear()")


def test_a_page_calls_no_other_site(visit: Visit) -> None:
    assert visit.seen.outside() == []
    assert visit.seen.requests


def test_a_page_opens_without_an_error_nor_a_blocked_script(visit: Visit) -> None:
    assert visit.seen.troubles == []


def test_a_page_does_not_scroll_sideways(visit: Visit) -> None:
    size = visit.page.viewport_size
    assert size is not None
    room = "document.documentElement.clientWidth - document.documentElement.scrollWidth"

    assert visit.page.evaluate(room) == 0
    # The width of a desktop screen zoomed four times: WCAG, criterion 1.4.10.
    visit.page.set_viewport_size({"width": 320, "height": size["height"]})
    assert visit.page.evaluate(room) == 0
    visit.page.set_viewport_size(size)


def test_a_page_passes_axe_on_a_light_then_on_a_dark_display(visit: Visit) -> None:
    visit.page.evaluate(
        """repeated => [...document.querySelectorAll(repeated)].slice(40)
            .forEach(element => element.remove())""",
        REPEATED,
    )

    assert visit.violations({"type": "tag", "values": RULES}) == ""
    visit.page.locator("label[title='Passer en affichage sombre']").click()
    expect(visit.page.locator("body[data-md-color-scheme=slate]")).to_be_attached()
    assert visit.violations({"type": "rule", "values": RULES_OF_COLOUR}) == ""


# Of each word of a drawing: its size on the screen, how far it stays inside its box
# or its drawing, and whether it runs into another.
_DRAWN = """() => [...document.querySelectorAll('.charte-schema svg')].flatMap(svg => {
    const texts = [...svg.querySelectorAll('text')];
    const boxes = texts.map(text => text.getBoundingClientRect());
    const frame = svg.getBoundingClientRect();
    const rects = [...svg.querySelectorAll('rect')].map(r => r.getBoundingClientRect());
    const scale = frame.width / svg.viewBox.baseVal.width;
    const inside = (a, b) => a.left >= b.left && a.right <= b.right
        && a.top >= b.top && a.bottom <= b.bottom;
    const meet = (a, b) => a.left < b.right && b.left < a.right
        && a.top + 4 < b.bottom && b.top + 4 < a.bottom;
    return texts.map((text, i) => ({
        words: text.textContent,
        size: parseFloat(getComputedStyle(text).fontSize) * scale,
        fits: rects.some(rect => inside(boxes[i], rect)),
        alone: boxes.every((box, j) => i === j || !meet(boxes[i], box)),
    }));
})"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_words_of_a_drawing_are_large_and_stay_in_their_box(
    page: Page, address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + "guides/lire-un-projet.html")

    drawn = page.evaluate(_DRAWN)

    assert len(drawn) > 60
    assert [word for word in drawn if word["size"] < 12] == []
    assert [word for word in drawn if not word["fits"] or not word["alone"]] == []


def test_a_drawing_is_one_picture_with_a_name_and_its_list_beside_it(
    page: Page, address: str
) -> None:
    page.goto(address + "guides/lire-un-projet.html")
    name = "Qui répond à quoi, et dans quel délai"

    picture = page.get_by_role("img", name=name)
    page.get_by_text("Les mêmes réponses, en liste").click()

    expect(picture).to_have_accessible_description(re.compile("^Neuf cas"))
    expect(page.locator("details[open] ol > li")).to_have_count(9)


def test_a_dark_system_gets_the_dark_display(browser: Browser, address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(address)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert background == "rgb(20, 24, 28)"


def test_a_dark_display_prints_dark_words_on_white(
    browser: Browser, address: str
) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(address + "guides/lire-un-projet.html")
        page.emulate_media(media="print", color_scheme="dark")
        colours = page.evaluate(
            """["h2", "p", "th", ".charte-schema text"].map(
                one => getComputedStyle(document.querySelector("article " + one)).color
            )"""
        )
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert background == "rgb(255, 255, 255)"
    assert set(colours) <= {"rgb(29, 35, 41)", "rgb(0, 0, 0)"}


def test_axe_knows_the_rules_of_wcag_2_2(page: Page, address: str) -> None:
    results = Axe().run(page, options={"runOnly": ["wcag22aa"]})
    rules = page.evaluate("axe.getRules(['wcag22aa']).map(rule => rule.ruleId)")

    assert "target-size" in rules
    assert int(results.response["testEngine"]["version"].split(".")[1]) >= 8


# --- search --------------------------------------------------------------------------


def search(page: Page, words: str) -> None:
    """Type some words in the search box and wait for its answer."""
    box = page.locator(".md-search__input")
    answer = page.locator(".md-search-result__meta")
    box.click()
    box.fill("")
    page.keyboard.type(words)
    expect(answer).to_have_text(re.compile("document"))
    # An answer is given after each letter: the last one no longer changes.
    said = ""
    while said != answer.inner_text():
        said = answer.inner_text()
        page.wait_for_timeout(300)


def count(page: Page, words: str) -> str:
    """Return what the search box says it found: « 18 documents trouvés »."""
    search(page, words)
    return page.locator(".md-search-result__meta").inner_text().strip()


def test_an_article_is_found_without_its_accents(page: Page, address: str) -> None:
    page.goto(address)

    search(page, "deconnexion")

    first = page.locator("a.md-search-result__link").first
    assert first.evaluate("link => link.pathname") == "/projet/deconnexion.html"


@pytest.mark.parametrize("words", ["négociation négociations negociation negociations"])
def test_accents_and_plurals_find_the_same_pages(
    page: Page, address: str, words: str
) -> None:
    page.goto(address)

    counts = {count(page, word) for word in words.split()}

    assert len(counts) == 1
    assert re.fullmatch(r"\d+ documents trouvés", counts.pop())


# --- without a server ----------------------------------------------------------------


def test_the_site_can_be_read_from_a_disk(page: Page, demo: Workspace) -> None:
    seen = Seen()
    seen.watch(page)
    page.goto((demo.site / "index.html").as_uri())

    expect(page.locator(".md-search")).to_be_hidden()
    button = page.get_by_role("link", name="Lire le projet")
    background = button.evaluate("link => getComputedStyle(link).backgroundColor")
    assert background == "rgb(27, 94, 130)"
    button.click()
    page.get_by_role("link", name="Droit à la déconnexion", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Droit à la déconnexion")
    page.get_by_role("navigation").get_by_role("link", name="Index des mots").click()
    page.get_by_role("link", name="A", exact=True).click()
    expect(page.get_by_role("heading", name="A", exact=True)).to_be_in_viewport()
    assert seen.troubles == []
    assert seen.outside() == []


# --- without a mouse, on paper, in other colours -------------------------------------


def test_the_first_key_offers_to_go_to_the_text(page: Page, address: str) -> None:
    page.goto(address + TEMPLATES["article"])

    page.keyboard.press("Tab")

    focused = page.locator(":focus")
    expect(focused).to_have_text("Aller au contenu")
    expect(focused).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("h1:target")).to_have_text("Droit à la déconnexion")


def test_one_always_sees_where_the_keyboard_is(page: Page, address: str) -> None:
    page.goto(address + TEMPLATES["article"])
    unseen = """() => {
        const here = document.activeElement;
        // A hidden button lends its focus to the label that is drawn in its place.
        const drawn = [here, here.nextElementSibling].filter(Boolean);
        const shown = drawn.some(element => {
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            return style.outlineStyle !== "none" && box.width > 1 && box.height > 1;
        });
        return shown ? null : here.outerHTML.slice(0, 120);
    }"""
    seen = 0

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(unseen) is None
        seen += 1

    assert seen > 30


def test_the_reasons_of_an_article_open_with_the_keyboard(
    page: Page, address: str
) -> None:
    page.goto(address + TEMPLATES["article"])
    reasons = page.locator("details", has_text="Pourquoi cet article")
    inside = reasons.get_by_text("Les autres rédactions possibles")
    expect(inside).to_be_hidden()

    reasons.locator("summary").focus()
    page.keyboard.press("Enter")

    expect(inside).to_be_visible()


def test_on_paper_only_the_text_is_left(page: Page, address: str) -> None:
    page.goto(address + TEMPLATES["full text"])
    page.emulate_media(media="print")

    for menu in (".md-header", ".md-sidebar--primary", ".md-footer", ".charte-screen"):
        expect(page.locator(menu)).to_be_hidden()
    expect(page.locator(".charte-par").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_form_holds_on_one_sheet(page: Page, address: str) -> None:
    page.goto(address + TEMPLATES["form"])

    sheet = page.pdf(prefer_css_page_size=True, format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


def test_forced_colours_keep_what_comes_from_the_law_apart(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(forced_colors="active", color_scheme="dark")
    page = context.new_page()
    page.goto(address + TEMPLATES["article"])

    marks = page.locator(".charte-par .charte-nature")
    styles = marks.evaluate_all(
        """marks => marks.map(mark => {
            const style = getComputedStyle(mark);
            return [mark.innerText, style.borderLeftStyle, style.borderLeftWidth];
        })"""
    )
    colour, background = page.evaluate(
        """() => ["borderLeftColor", "backgroundColor"].map((name, index) => {
            const place = index ? document.body
                : document.querySelector(".charte-par .charte-law");
            return getComputedStyle(place)[name];
        })"""
    )
    context.close()
    assert ["loi", "solid", "3px"] in styles
    assert ["choix", "dotted", "3px"] in styles
    assert colour != background


def test_a_table_on_a_phone_says_its_columns_beside_each_answer(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    page.goto(address + TEMPLATES["theme"])

    cell = page.locator("td[data-label='Protection du repos']").first
    label = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    box = cell.bounding_box()
    context.close()
    assert label == '"Protection du repos"'
    assert box is not None
    assert box["width"] > 300


# --- hostile words -------------------------------------------------------------------

TYPED = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> {onclick=alert(3)} "
    "[x](javascript:alert(4)) ]]> {{ 7*7 }} <a href='javascript:alert(5)'>y</a> "
    '"><svg/onload=alert(6)>'
)
SECRET = "\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH SPACE}"
# What a library says goes through the template of its texts: no braces.
WRITTEN = TYPED.replace("{{ 7*7 }} ", "")


def quoted(text: str) -> str:
    """Return the text as one line of YAML."""
    return "'" + text.replace("'", "''") + "'"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A site where all that can be typed or written was meant to do harm."""
    clauses = {
        name: (SMALL / name).read_text("utf-8")
        for name in ("couts/theme.yml", "horaires/plage.yml", "legal/references.yml")
    }
    clauses["couts/theme.yml"] = clauses["couts/theme.yml"].replace(
        "title: Les coûts", f"title: {quoted(f'Les coûts {WRITTEN}')}"
    )
    clauses["horaires/plage.yml"] = clauses["horaires/plage.yml"].replace(
        "title: Une plage fixe", f"title: {quoted(f'Une plage {WRITTEN}')}"
    )
    clauses["legal/references.yml"] = clauses["legal/references.yml"].replace(
        "subject: Repos quotidien", f"subject: {quoted(f'Repos {WRITTEN}')}"
    )
    library = load_library(SMALL)
    answers = Answers(act_date="2027-03-01", profile="court")
    for name, given in (
        ("nom", f"Isle {TYPED}{SECRET}"),
        ("materiel", [[f"Poste {TYPED}", f"1 {TYPED}"]]),
    ):
        answers = answer_question(library, answers, name, given)
    local = LocalParagraph(text=f"Local {TYPED}", reason=f"Car {TYPED}")
    place = small_workspace(
        tmp_path_factory.mktemp("hostile"),
        answers.model_copy(update={"local": {"couts": local}}),
        SiteSettings(contact="rh@isle.example"),
        clauses,
    )
    write_tree(
        place.root, {f"docs/{TYPED.replace('/', '∕')}.md": "Une page sans titre.\n"}
    )
    build(place)
    return place


def test_hostile_words_are_shown_as_typed_and_do_nothing(
    page: Page, hostile: Workspace
) -> None:
    seen = Seen()
    seen.watch(page)
    with Server(hostile.site) as site:
        for name in published(hostile):
            if name.startswith("guides/"):
                continue
            page.goto(site + quote(name))
            shown = plain(page.locator("body").inner_text())
            assert plain(f"Isle {TYPED}") in plain(page.title()), name
            assert not re.search(r"\b49\b", shown), name
            if name == "projet/couts.html":
                for start in ("Local ", "Car ", "Poste ", "1 "):
                    assert plain(start + TYPED) in shown, start
                assert plain(f"Les coûts {WRITTEN}") in shown
        assert seen.troubles == []
        assert seen.outside() == []


def test_hostile_words_do_nothing_in_the_results_of_a_search(
    page: Page, hostile: Workspace
) -> None:
    seen = Seen()
    seen.watch(page)
    with Server(hostile.site) as site:
        page.goto(site)
        search(page, "onerror")
        shown = page.locator(".md-search-result__list").inner_text()
        assert "<img src=x onerror=alert(2)>" in shown
        for address in (
            "index.html?q=" + quote("<img src=x onerror=alert(7)>"),
            "projet/couts.html?h=" + quote("<img src=x onerror=alert(8)>"),
            "projet/couts.html#" + quote("<img src=x onerror=alert(9)>"),
        ):
            page.goto(site + address)
            page.wait_for_timeout(300)
        assert seen.troubles == []


# --- the page one edits ----------------------------------------------------------------


def test_the_open_page_follows_what_is_built_and_says_what_is_not(
    page: Page, demo: Workspace
) -> None:
    seen = Seen()
    seen.watch(page)
    preview = Preview(threading.Lock())
    server = open_server(demo.site, 0, preview)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/projet/deconnexion.html")
    banner = page.get_by_role("alert")
    expect(banner).to_be_hidden()

    preview.failed("answers.yml:12 : une virgule manque.")
    expect(banner).to_contain_text("answers.yml:12 : une virgule manque.")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert not Axe().run(page, options={"runOnly": RULES}).violations_count

    preview.built(0)
    expect(banner).to_be_hidden()
    server.shutdown()
    server.server_close()
    assert seen.troubles == []
    assert seen.outside() == []


# --- the other engine ----------------------------------------------------------------


def test_zensical_builds_the_same_pages_and_they_pass_the_finishing_step(
    page: Page, demo: Workspace, tmp_path: Path
) -> None:
    for name in ("site-src", "mkdocs.yml", "site.generated.yml"):
        source = demo.root / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    subprocess.run(
        [sys.executable, "-m", "zensical", "build", "-f", "site.generated.yml"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    built = tmp_path / "site"
    pages = {
        path.relative_to(built).as_posix(): path.read_bytes()
        for path in built.rglob("*")
        if path.is_file()
    }

    write_tree(tmp_path / "finished", finish(pages, None))

    assert {name for name in pages if name.endswith(".html")} >= set(published(demo))
    seen = Seen()
    seen.watch(page)
    with Server(tmp_path / "finished") as site:
        page.goto(site + TEMPLATES["article"])
        expect(page.locator("#d-debut-deconnexion")).to_contain_text("plage")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Droit à la déconnexion"
        )
        assert seen.troubles == []
        assert seen.outside() == []
