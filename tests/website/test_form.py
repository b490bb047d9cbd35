"""The form to contribute without a server, in a real Chromium."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import INTRANET, Seen, Server
from playwright.sync_api import Browser, BrowserContext, Page, expect
from terminal import flat, invoke

from charter_builder.carnet import decode_blocks, read_carnet
from charter_builder.contributions import Submission, same_text
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion
from charter_builder.worddiff import compare_words

pytestmark = pytest.mark.browser

UNIT = "plages-joignabilite"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KEPT = "localStorage.getItem('charte:essai-2027')"
REASONS = "Nos collègues accompagnent leurs enfants."


@pytest.fixture
def version(commented: Workspace) -> FrozenVersion:
    return load_versions(commented.root)[-1]


def frozen(version: FrozenVersion, unit: str = UNIT) -> str:
    found = version.unit(unit)
    assert found is not None
    return found.text


@pytest.fixture
def seen(page: Page) -> Seen:
    watching = Seen()
    watching.watch(page)
    return watching


def form_at(page: Page, address: str, unit: str = UNIT) -> None:
    page.goto(f"{address}contributions/contribuer.html#{unit}")
    expect(page.locator("#f_form")).to_be_visible()


@pytest.fixture
def form(page: Page, seen: Seen, commented: Workspace) -> Page:
    """The form of an article, opened from a disk."""
    form_at(page, f"{commented.site.as_uri()}/")
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def amend(page: Page, proposed: str, reasons: str = REASONS) -> None:
    page.select_option("#f_organisation", "cfdt")
    page.get_by_label("Amendement : je propose une rédaction").check()
    page.get_by_label("Rédaction proposée").fill(proposed)
    page.get_by_label("Exposé des motifs").fill(reasons)
    press(page, "Vérifier")


def comment(page: Page, reasons: str = REASONS) -> None:
    page.select_option("#f_organisation", "cfdt")
    page.get_by_label("Exposé des motifs").fill(reasons)
    press(page, "Vérifier")
    press(page, "Ajouter au carnet")


def saved(page: Page, act: Callable[[], object] | None = None) -> tuple[str, bytes]:
    """Return the name and the content of the file the page saves."""
    with page.expect_download() as waiting:
        (act or (lambda: press(page, "Enregistrer le fichier")))()
    found = waiting.value
    return found.suggested_filename, Path(found.path()).read_bytes()


def submissions(raw: bytes) -> list[Submission]:
    items = read_carnet(raw).items
    assert [item.fault for item in items] == [""] * len(items)
    return [item.submission for item in items if item.submission]


# --- the whole way -------------------------------------------------------------------


def test_an_amendment_takes_25_keys_from_the_article_to_the_saved_file(
    page: Page, seen: Seen, commented: Workspace, version: FrozenVersion
) -> None:
    page.goto((commented.site / f"projet/{UNIT}.html").as_uri())
    pressed: list[str] = []

    def keys(*names: str) -> None:
        for name in names:
            pressed.append(name)
            page.keyboard.press(name)

    def focused() -> str:
        return str(
            page.evaluate(
                "document.activeElement.id || document.activeElement.textContent"
            )
        )

    keys("Tab", "Enter", "Tab")
    assert focused() == "Contribuer"
    keys("Enter")
    expect(page.locator("h1")).to_be_focused()
    keys("Tab")
    assert focused() == "f_organisation"
    keys("C")
    expect(page.locator("#f_organisation")).to_have_value("cfdt")
    keys("Tab", "Tab", "ArrowUp")
    expect(page.get_by_label("Amendement : je propose une rédaction")).to_be_checked()
    keys("Tab", "Tab", "Tab", "Tab")
    assert focused() == "f_proposed"
    keys("Control+End")
    page.keyboard.type("\n\nAucun appel le mercredi.")
    keys("Tab", "Tab")
    assert focused() == "f_text"
    page.keyboard.type(REASONS)
    keys("Tab", "Enter")
    expect(page.get_by_role("heading", name="Relisez avant")).to_be_focused()
    keys("Tab")
    assert focused() == "f_add"
    keys("Enter")
    expect(page.locator("#f_carnet h2")).to_be_focused()
    keys("Tab")
    name, raw = saved(page, lambda: keys("Enter"))

    assert len(pressed) <= 25
    assert name == "contributions-essai-2027-v1-cfdt.json"
    (given,) = submissions(raw)
    assert (given.kind, given.operation, given.unit) == ("amendment", "replace", UNIT)
    assert given.text == REASONS
    assert str(given.proposed) == f"{frozen(version)}\n\nAucun appel le mercredi."
    assert seen.troubles == []
    assert seen.outside() == []


def test_25_contributions_on_12_articles_are_registered_then_all_known(
    form: Page, commented: Workspace, version: FrozenVersion, tmp_path: Path
) -> None:
    units = [unit.id for unit in version.units][:12]
    form.select_option("#f_organisation", "cfdt")
    for number in range(25):
        form.select_option("#f_unit", units[number % 12])
        comment(form, f"Motif {number}.")
    _, raw = saved(form)
    path = tmp_path / "carnet.json"
    path.write_bytes(raw)
    command = ("-C", commented.root, "consultation", "import", path, "--yes")

    first, again = (
        flat(invoke(*command, "--organisation", "cfdt").output) for _ in range(2)
    )

    assert "25 trouvées = 25 enregistrées + 0 déjà connue" in first
    assert "25 trouvées = 0 enregistrée + 25 déjà connues" in again
    assert len({given.unit for given in submissions(raw)}) == 12


@pytest.mark.parametrize("compresses", [True, False])
def test_a_plain_intranet_gives_the_file_and_the_text_for_a_mail(
    page: Page, seen: Seen, commented: Workspace, compresses: bool
) -> None:
    if not compresses:
        page.add_init_script("delete window.CompressionStream")
    with Server(commented.site) as address:
        form_at(page, address.replace("127.0.0.1", INTRANET))
        assert page.evaluate("[isSecureContext, typeof crypto.subtle]") == [
            False,
            "undefined",
        ]
        comment(page, "« Déjà » dit…\n\nEt l’été ? 🙂")
        _, raw = saved(page)
        press(page, "Copier pour un courriel")
        expect(page.locator("#f_letter")).to_be_focused()
        letter = page.input_value("#f_letter")

    assert decode_blocks(letter) == [raw]
    assert "Exposé des motifs :\n« Déjà » dit…\n\nEt l’été ? 🙂" in letter
    assert seen.troubles == []
    assert {url.split("/")[2].split(":")[0] for url in seen.requests} <= {INTRANET, ""}


def test_from_a_disk_nothing_is_asked_of_a_network(form: Page, seen: Seen) -> None:
    comment(form)
    form.reload()

    expect(form.locator("#f_carnet h2")).to_have_text("Votre carnet : 1 contribution")
    assert {url.split(":")[0] for url in seen.requests} <= {"file", "data", "blob"}
    assert seen.troubles == []


def test_a_choice_on_an_open_point_is_offered_where_there_is_one(
    form: Page, version: FrozenVersion
) -> None:
    form.select_option("#f_organisation", "cfdt")
    form.get_by_label("Choix sur un point à débattre").check()
    form.get_by_role("radio", name=re.compile("Proposition B : « Une règle")).check()
    press(form, "Vérifier")
    press(form, "Ajouter au carnet")
    _, raw = saved(form)

    (given,) = submissions(raw)
    unit = version.unit(UNIT)
    assert unit is not None
    assert given.choice is not None
    assert (given.choice.point, given.choice.letter) == (unit.points[0].id, "B")
    without = next(u.id for u in version.units if not u.points)
    form.select_option("#f_unit", without)
    expect(form.locator("#f_choice_kind")).to_be_hidden()


def test_a_new_article_is_offered_after_an_article_only(
    form: Page, version: FrozenVersion
) -> None:
    act = next(unit.id for unit in version.units if unit.kind == "act")
    after = form.locator("label:has(input[name=operation][value=insert-after])")
    form.get_by_label("Amendement : je propose une rédaction").check()
    expect(after).to_be_visible()

    form.select_option("#f_unit", act)
    form.get_by_label("Amendement : je propose une rédaction").check()

    expect(after).to_be_hidden()
    expect(form.locator("input[name=operation][value=delete]")).to_be_visible()


def test_the_words_selected_become_the_passage(form: Page) -> None:
    form.evaluate(
        """unit => {
            const text = document.querySelector(`#${unit} pre`).firstChild;
            const range = document.createRange();
            range.setStart(text, 0);
            range.setEnd(text, 10);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        UNIT,
    )
    press(form, "Reprendre la sélection")

    expect(form.get_by_label("Passage visé")).to_be_focused()
    assert form.input_value("#f_passage") == "Les plages"


# --- without a script ----------------------------------------------------------------


def test_without_a_script_three_other_ways_are_there_and_no_dead_button(
    browser: Browser, commented: Workspace, version: FrozenVersion
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((commented.site / f"projet/{UNIT}.html").as_uri())
        page.get_by_role("link", name="Contribuer", exact=True).click()

        unit = version.unit(UNIT)
        assert unit is not None
        expect(page.get_by_role("heading", name=unit.name)).to_be_in_viewport()
        expect(page.get_by_text("Le formulaire a besoin de JavaScript")).to_be_visible()
        content = page.locator("article")
        assert (
            content.locator("button:visible, input:visible, select:visible").count()
            == 0
        )
        message = page.locator(f"#{UNIT} a[href^=mailto]").get_attribute("href") or ""
        assert "subject=Contribution%2C%20version%201%20%3A%20Article" in message
        for name in ("formulaire à imprimer", "la version 1 en entier"):
            target = page.get_by_role("link", name=name).get_attribute("href") or ""
            assert (commented.site / "contributions" / target).resolve().is_file()


# --- what is wrong -------------------------------------------------------------------


def test_errors_are_summed_up_focused_and_lead_to_their_field(form: Page) -> None:
    form.get_by_label("Amendement : je propose une rédaction").check()
    press(form, "Vérifier")

    summary = form.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("3 erreurs sont à corriger")
    assert form.title().startswith("Erreur – ")
    summary.get_by_role("link", name=re.compile("celle du projet")).click()
    proposed = form.get_by_label("Rédaction proposée")
    expect(proposed).to_be_focused()
    expect(proposed).to_have_attribute("aria-invalid", "true")
    expect(proposed).to_have_accessible_description(re.compile("celle du projet"))


@pytest.mark.parametrize("blank", ["\u2800", "\u3164 …"])
def test_a_text_without_a_letter_nor_a_digit_is_no_text(form: Page, blank: str) -> None:
    form.select_option("#f_organisation", "cfdt")
    form.get_by_label("Amendement : je propose une rédaction").check()
    form.get_by_label("Rédaction proposée").fill(blank)
    form.get_by_label("Exposé des motifs").fill(blank)
    press(form, "Vérifier")

    summary = form.get_by_role("alert")
    expect(summary).to_contain_text("Écrivez la rédaction proposée")
    expect(summary).to_contain_text("Écrivez l’exposé des motifs")


def test_a_field_one_corrects_is_no_longer_said_to_be_wrong(form: Page) -> None:
    press(form, "Vérifier")
    reasons = form.get_by_label("Exposé des motifs")
    expect(reasons).to_have_attribute("aria-invalid", "true")
    reasons.fill(REASONS)

    expect(reasons).not_to_have_attribute("aria-invalid", "true")
    expect(form.locator("#f_text_error")).to_be_hidden()


def test_a_mended_form_says_no_error_any_more(form: Page) -> None:
    press(form, "Vérifier")
    comment(form)

    assert not form.title().startswith("Erreur")
    expect(form.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize(("length", "accepted"), [(20_000, True), (20_001, False)])
def test_a_text_has_a_length(form: Page, length: int, accepted: bool) -> None:
    form.select_option("#f_organisation", "cfdt")
    form.get_by_label("Exposé des motifs").fill("é" * length)
    press(form, "Vérifier")

    expect(form.locator("#f_preview")).to_be_visible(visible=accepted)
    expect(form.get_by_role("alert")).to_be_visible(visible=not accepted)


@pytest.mark.parametrize(("length", "accepted"), [(4_000, True), (4_001, False)])
def test_a_passage_has_a_length(form: Page, length: int, accepted: bool) -> None:
    form.select_option("#f_organisation", "cfdt")
    form.get_by_label("Passage visé").fill("é" * length)
    form.get_by_label("Exposé des motifs").fill(REASONS)
    press(form, "Vérifier")

    expect(form.locator("#f_preview")).to_be_visible(visible=accepted)
    expect(form.get_by_role("alert")).to_be_visible(visible=not accepted)


def test_faults_are_listed_in_the_order_of_the_fields(form: Page) -> None:
    form.get_by_label("Passage visé").fill("é" * 4_001)
    press(form, "Vérifier")

    listed = form.get_by_role("alert").get_by_role("link").all_inner_texts()
    assert [said.split()[0] for said in listed] == ["Choisissez", "Ce", "Écrivez"]


def test_a_double_click_adds_one_contribution(form: Page) -> None:
    form.select_option("#f_organisation", "cfdt")
    form.get_by_label("Exposé des motifs").fill(REASONS)
    press(form, "Vérifier")
    form.evaluate(
        "() => { const add = document.getElementById('f_add'); add.click(); add.click(); }"
    )
    form.go_back()
    form.go_forward()

    assert len(submissions(saved(form)[1])) == 1


# --- hostile words -------------------------------------------------------------------

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)> =HYPERLINK("x") {{ 7*7 }} '
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{POP DIRECTIONAL FORMATTING} 🙂 ]]> &amp; \\u0000"
)


def test_hostile_words_are_shown_and_sent_as_typed(form: Page, seen: Seen) -> None:
    amend(form, HOSTILE, HOSTILE)
    assert "<img src=x onerror=alert(2)>" in form.locator("#f_said").inner_text()
    press(form, "Ajouter au carnet")
    assert "<script>alert(1)</script>" in form.locator("#f_items").inner_text()
    _, raw = saved(form)
    press(form, "Copier pour un courriel")
    expect(form.locator("#f_letter")).to_be_focused()

    (given,) = submissions(raw)
    assert (given.text, given.proposed) == (HOSTILE, HOSTILE)
    assert decode_blocks(form.input_value("#f_letter")) == [raw]
    assert seen.troubles == []


def test_a_hostile_address_or_carnet_changes_nothing(
    form: Page, seen: Seen, tmp_path: Path
) -> None:
    form.evaluate("location.hash = '#<img src=x onerror=alert(3)>'")
    path = tmp_path / "c.json"
    item = {
        "key": "k",
        "kind": "comment",
        "unit": HOSTILE,
        "text": HOSTILE,
        "version": 1,
    }
    carnet = {
        "format": 1,
        "consultation": "essai-2027",
        "organisation": "cfdt",
        "contributions": [item, {"kind": 3}, None],
    }
    path.write_text(json.dumps(carnet))
    form.set_input_files("#f_open", path)

    expect(form.locator("#f_items li")).to_have_count(1)
    expect(form.get_by_role("status")).to_contain_text("2 illisibles laissées de côté")
    form.get_by_role("button", name=re.compile("^Reprendre : ")).click()
    assert seen.troubles == []


# --- the carnet ----------------------------------------------------------------------


def test_a_saved_carnet_is_opened_again_and_completed(
    browser: Browser, form: Page, commented: Workspace, tmp_path: Path
) -> None:
    comment(form, "Premier.")
    path = tmp_path / "carnet.json"
    path.write_bytes(saved(form)[1])
    with browser.new_context() as context:
        page = context.new_page()
        form_at(page, f"{commented.site.as_uri()}/")
        for _ in range(2):
            page.set_input_files("#f_open", path)
            expect(page.locator("#f_items li")).to_have_count(1)
        comment(page, "Second.")
        _, raw = saved(page)

    first, second = submissions(raw)
    assert (first.text, second.text) == ("Premier.", "Second.")
    assert first.key != second.key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "n’est pas un carnet"),
        ('{"format": 2, "contributions": []}', "version plus récente"),
        (
            '{"format": 1, "consultation": "x", "contributions": []}',
            "autre concertation",
        ),
    ],
)
def test_another_file_is_refused_in_a_sentence(
    form: Page, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    form.set_input_files("#f_open", path)

    expect(form.get_by_role("alert")).to_contain_text(said)
    expect(form.get_by_role("alert")).to_be_focused()


def test_a_draft_stays_on_the_computer_only_when_one_says_so(
    form: Page, context: BrowserContext, commented: Workspace
) -> None:
    comment(form)
    assert form.evaluate(KEPT) is None

    form.get_by_label("Garder mon brouillon sur ce poste").check()
    later = context.new_page()
    form_at(later, f"{commented.site.as_uri()}/")
    expect(later.locator("#f_items li")).to_have_count(1)
    later.get_by_label("Garder mon brouillon sur ce poste").uncheck()
    assert later.evaluate(KEPT) is None


def test_what_is_typed_is_kept_from_one_article_to_the_next(
    form: Page, version: FrozenVersion
) -> None:
    form.get_by_label("Exposé des motifs").fill("En cours.")
    form.select_option("#f_unit", version.units[0].id)
    assert form.input_value("#f_text") == ""
    form.select_option("#f_unit", UNIT)

    assert form.input_value("#f_text") == "En cours."


def test_a_contribution_taken_back_and_changed_is_a_new_one(form: Page) -> None:
    comment(form, "Avant.")
    (before,) = submissions(saved(form)[1])
    form.get_by_role("button", name=re.compile("^Reprendre : ")).click()
    assert form.input_value("#f_text") == "Avant."
    comment(form, "Après.")

    (after,) = submissions(saved(form)[1])
    assert after.text == "Après."
    assert after.key != before.key


# --- the word diff -------------------------------------------------------------------


def pairs(version: FrozenVersion) -> Iterator[tuple[str, str]]:
    texts = [unit.text for unit in version.units]
    for rank, text in enumerate(texts):
        words = text.split(" ")
        middle = len(words) // 2
        yield text, " ".join([*words[:middle], "ou bien", *words[middle + 3 :]])
        yield text, text.replace("agent", "agent ou l’agente").replace(";", ",")
        yield text, text.replace("’", "'").replace("\u00a0", " ").replace(" »", '"')
        yield text, text.replace("\n\n", "\n") + "\n\n- un ajout ;"
        yield texts[rank][:2_500], texts[rank - 1][:2_500]
    yield "", texts[0]
    yield texts[0], ""
    yield "L.1222-9 n°3 … 9 h", "L. 1222-9 n° 3 ... 9\u202fh 𝒳 e\u0301té été"


def test_the_page_marks_the_words_that_the_program_marks(
    form: Page, version: FrozenVersion
) -> None:
    samples = list(pairs(version))

    told = form.evaluate(
        "pairs => pairs.map(([a, b]) => charteMots.compare(a, b).map(r => [r.kind, r.text]))",
        samples,
    )
    alike = form.evaluate(
        "pairs => pairs.map(([a, b]) => charteMots.sameText(a, b))", samples
    )

    assert len(samples) > 100
    for (before, after), runs in zip(samples, told, strict=True):
        assert runs == [list(run) for run in compare_words(before, after)]
    assert alike == [same_text(before, after) for before, after in samples]
    assert len(set(alike)) == 2


def test_a_text_of_the_longest_length_is_compared_or_shown_whole(form: Page) -> None:
    runs = form.evaluate(
        "charteMots.compare('a '.repeat(10000), 'b a '.repeat(5000)).length"
    )

    assert runs >= 2


def test_words_that_change_are_said_and_not_told_by_colour_alone(
    browser: Browser, commented: Workspace, version: FrozenVersion
) -> None:
    with browser.new_context(forced_colors="active", color_scheme="dark") as context:
        page = context.new_page()
        form_at(page, f"{commented.site.as_uri()}/")
        amend(page, frozen(version).replace("horaires", "matinales", 1))

        gone, come = (page.locator(f"#f_said {tag}").first for tag in ("del", "ins"))
        assert gone.text_content() == "[supprimé\u00a0:horaires]"
        assert come.text_content() == "[ajouté\u00a0:matinales]"
        drawn = "place => getComputedStyle(place).textDecorationLine"
        assert (gone.evaluate(drawn), come.evaluate(drawn)) == (
            "line-through",
            "underline",
        )


# --- every state, on every display ---------------------------------------------------


def states(page: Page, version: FrozenVersion) -> Iterator[str]:
    yield "empty"
    press(page, "Vérifier")
    yield "errors"
    page.get_by_label("Amendement : je propose une rédaction").check()
    yield "amendment"
    amend(page, frozen(version).replace("horaires", "matinales", 1) + "\n\n" + "é" * 90)
    yield "preview"
    press(page, "Ajouter au carnet")
    press(page, "Copier pour un courriel")
    expect(page.locator("#f_letter")).to_be_focused()
    yield "carnet"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 780)])
def test_every_state_passes_axe_and_does_not_scroll_sideways(
    browser: Browser,
    commented: Workspace,
    version: FrozenVersion,
    width: int,
    height: int,
    scheme: Any,
) -> None:
    room = "document.documentElement.clientWidth - document.documentElement.scrollWidth"
    with browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    ) as context:
        page = context.new_page()
        form_at(page, f"{commented.site.as_uri()}/")
        for name in states(page, version):
            results = Axe().run(page, options={"runOnly": RULES, "preload": False})
            assert results.violations_count == 0, name + results.generate_report()
            for narrow in (320, width // 2, width):
                page.set_viewport_size({"width": max(narrow, 320), "height": height})
                assert page.evaluate(room) == 0, f"{name} at {narrow}"


def test_controls_are_large_enough_for_a_thumb(
    browser: Browser, commented: Workspace
) -> None:
    with browser.new_context(viewport={"width": 360, "height": 780}) as context:
        page = context.new_page()
        form_at(page, f"{commented.site.as_uri()}/")
        heights = page.locator(
            "#f_page :is(button.charte-button, select, .charte-radio):visible"
        ).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")

    assert len(heights) > 9
    assert min(heights) >= 44
