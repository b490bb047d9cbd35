"""The live consultation in a real Chromium: no script, a keyboard, an intranet."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import INTRANET, Seen
from live_site import Site
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

from charter_builder.contributions import Origin, Submission, same_text

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_KEYS = 25
"""Presses of keys, besides the text itself, to post an amendment."""


@contextmanager
def served(make_site: Callable[..., Site], host: str) -> Iterator[tuple[Site, str]]:
    """Give a site served on a free port, under that name, and its address."""
    with listening() as server:
        address = f"http://{host}:{server.port}"
        site = make_site(origin=address)
        server.app = site.app
        yield site, address


@contextmanager
def listening() -> Iterator[BaseWSGIServer]:
    """Give a server on a free port; what it answers is to be set."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def live(make_site: Callable[..., Site]) -> Iterator[tuple[Site, str]]:
    with served(make_site, "127.0.0.1") as found:
        yield found


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def quiet(browser: Browser, seen: Seen) -> Iterator[Page]:
    """A page without JavaScript."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    seen.watch(page)
    yield page
    context.close()


@pytest.fixture
def page(browser: Browser, seen: Seen) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    opened = context.new_page()
    seen.watch(opened)
    yield opened
    context.close()


class Keyboard:
    """Fingers on a keyboard, which count."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.presses += 1

    def tab_to(self, selector: str) -> None:
        """Press Tab until that element has the focus."""
        wanted = self.page.locator(selector)
        while not is_focused(wanted):
            self.press("Tab")
            assert self.presses < 4 * MOST_KEYS, f"never reached: {selector}"


def is_focused(locator) -> bool:  # type: ignore[no-untyped-def]
    try:
        expect(locator).to_be_focused(timeout=200)
    except AssertionError:
        return False
    return True


def test_without_a_script_a_first_comer_posts_an_amendment_by_keyboard(
    live: tuple[Site, str], quiet: Page
) -> None:
    site, address = live
    quiet.goto(f"{address}/entrer/{site.invite('organisation', 'cfdt')}")
    keys = Keyboard(quiet)
    keys.tab_to("main form button")
    keys.press("Enter")
    quiet.wait_for_url("**/espace")
    # Where the focus is put: on the title, so the menu is not to be crossed.
    keys.tab_to('main a[href="/contribuer/horaires"]')
    keys.press("Enter")
    quiet.wait_for_url("**/contribuer/horaires")
    keys.tab_to('input[name="kind"]:checked')
    keys.press("ArrowDown", 2)
    keys.tab_to("#champ-proposed")
    quiet.keyboard.press("Control+End")
    quiet.keyboard.type(" Un bilan est fait chaque année.")
    keys.tab_to("#champ-text")
    quiet.keyboard.type("Les agents le demandent.")
    keys.tab_to('button[value="verifier"]')
    keys.press("Enter")
    expect(quiet.locator("h1")).to_contain_text("Vérifier avant de déposer")
    keys.tab_to('button[value="deposer"]')
    keys.press("Enter")
    quiet.wait_for_url("**/recepisse/C-0001#titre")

    expect(quiet.locator("h1")).to_be_focused()
    given = site.dialogue.standing("C-0001").contribution
    unit = site.version.unit("horaires")
    assert unit is not None
    assert given.kind == "amendment"
    assert same_text(
        given.proposed or "", unit.text + " Un bilan est fait chaque année."
    )
    print(f"{keys.presses} presses")
    assert keys.presses <= MOST_KEYS


def test_going_back_after_the_deposit_and_sending_again_gives_one_entry(
    live: tuple[Site, str], quiet: Page
) -> None:
    site, address = live
    quiet.goto(f"{address}/entrer/{site.invite('organisation', 'cfdt')}")
    quiet.click("main button:text('Entrer')")
    quiet.goto(f"{address}/contribuer/horaires")
    quiet.fill("#champ-text", "Une fois.")
    quiet.click("text=Vérifier avant de déposer")
    quiet.click("button:text('Déposer')")
    quiet.wait_for_url("**/recepisse/C-0001#titre")
    quiet.reload()
    quiet.go_back()
    quiet.go_back()
    assert quiet.input_value("#champ-text") == "Une fois."
    quiet.click("text=Vérifier avant de déposer")
    quiet.click("button:text('Déposer')")

    expect(quiet.locator("main")).to_contain_text("était déjà enregistrée")
    assert list(site.dialogue.standings) == ["C-0001"]


def test_every_page_of_the_server_is_accessible_and_quiet(
    live: tuple[Site, str], page: Page, seen: Seen
) -> None:
    site, address = live
    found: dict[str, str] = {}

    def look(name: str) -> None:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(
                page, options={"runOnly": RULES, "resultTypes": ["violations"]}
            )
            if results.violations_count:
                found[f"{name}, {scheme}"] = results.generate_report()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})

    def enter(kind: str, subject: str) -> None:
        token = site.invite(kind, subject)  # type: ignore[arg-type]
        page.goto(f"{address}/entrer/{token}")
        if kind == "organisation":
            look("entrer")
        page.click("main button:text-is('Entrer')")

    page.goto(address)
    look("porte")
    enter("organisation", "cfdt")
    look("espace")
    page.goto(f"{address}/contribuer/horaires")
    look("contribuer")
    page.check('input[value="amendment"]')
    page.fill("#champ-proposed", "Nul n’est joint le soir.")
    page.click("text=Vérifier avant de déposer")
    look("contribuer, erreur")
    page.fill("#champ-text", "Un motif.")
    page.click("text=Vérifier avant de déposer")
    look("vérifier")
    page.click("button:text('Déposer')")
    look("récépissé")
    page.goto(f"{address}/retirer/C-0001")
    look("retirer")
    page.goto(f"{address}/contester/C-0001")
    look("contester")
    page.goto(f"{address}/contributions/registre.html")
    look("registre")
    page.goto(f"{address}/projet/horaires.html")
    look("article")
    page.goto(f"{address}/entrer/inconnue")
    look("invitation inconnue")
    enter("role", "redaction")
    look("à traiter")
    page.goto(f"{address}/rh/C-0001")
    look("répondre")
    page.click("text=Enregistrer le projet")
    look("répondre, erreur")
    page.check('input[value="rejected"]')
    page.fill("#champ-reason", "Le service ouvre le soir.")
    page.click("text=Enregistrer le projet")
    look("répondre, enregistré")
    enter("role", "direction")
    page.goto(f"{address}/rh/decision")
    look("décider")
    page.click("text=Valider et publier")
    look("décider, erreur")

    assert found == {}
    # A refusal has its status, which browsers write in their console.
    assert [t for t in seen.troubles if "status of 4" not in t] == []
    assert seen.outside() == []


def test_search_finds_what_people_wrote(
    live: tuple[Site, str], page: Page, seen: Seen
) -> None:
    site, address = live
    submission = Submission(
        key="a" * 32, version=1, unit="horaires", text="Le covoiturage du matin."
    )
    with site.live.writing() as registrar:
        registrar.record(submission, Origin("cgt", "server"))
    page.goto(f"{address}/entrer/{site.invite('organisation', 'cfdt')}")
    page.click("main button:text-is('Entrer')")
    page.goto(f"{address}/contributions/registre.html")

    page.click(".md-search__input")
    page.keyboard.type("covoiturage")
    expect(page.locator(".md-search-result__meta")).to_have_text(re.compile("document"))

    expect(page.locator(".md-search-result__item").first).to_contain_text("C-0001")
    assert seen.troubles == []


def test_on_a_plain_intranet_the_forms_work(
    make_site: Callable[..., Site], page: Page, seen: Seen
) -> None:
    with served(make_site, INTRANET) as (site, address):
        page.goto(f"{address}/entrer/{site.invite('organisation', 'cfdt')}")
        assert page.evaluate("isSecureContext") is False
        page.click("main button:text-is('Entrer')")
        page.goto(f"{address}/contribuer/horaires")
        page.fill("#champ-text", "Sans https.")
        page.click("text=Vérifier avant de déposer")
        page.click("button:text('Déposer')")
        page.wait_for_url("**/recepisse/C-0001#titre")

    assert seen.troubles == []


def test_another_site_neither_frames_a_page_nor_posts_a_form(
    live: tuple[Site, str], page: Page
) -> None:
    site, address = live
    page.goto(f"{address}/entrer/{site.invite('organisation', 'cfdt')}")
    page.click("main button:text-is('Entrer')")
    hostile = (
        f'<iframe src="{address}/"></iframe>'
        f'<form method="post" action="{address}/contribuer/horaires">'
        '<input name="text" value="Piégé."><input name="etape" value="deposer">'
        "<button>Gagnez</button></form>"
    )
    with listening() as elsewhere:
        elsewhere.app = Response(hostile, content_type="text/html")
        # Another site on the same computer: one further away, a browser refuses by
        # itself to let it frame a local address, whatever we answer.
        page.goto(f"http://localhost:{elsewhere.port}/")
        framed = page.locator("iframe").element_handle().content_frame()
        assert framed is not None
        # The page of an error stands where ours would be, which anybody may read.
        framed.wait_for_url("chrome-error://**", timeout=5_000)
        assert page.request.get(f"{address}/").ok

        page.click("button")

        expect(page.locator("body")).to_contain_text("ne vient pas d’une page")
    assert list(site.dialogue.standings) == []
