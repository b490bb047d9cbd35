"""What the server shows follows what changes, and never waits for it."""

import threading
from pathlib import Path

import pytest
from dialogues import SETTINGS, Clock
from live_site import Built, Site, opened_in

from charter_builder.cli.live import LiveBuilder
from charter_builder.cli.site import live_stamps
from charter_builder.errors import InputError
from charter_builder.server.live import Shells
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import UnitChoice, UnitPoint


def test_pages_built_again_replace_those_of_before(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    files = dict(site.live.shells.files)
    page = files["lexique.html"].replace(b"</h1>", b" du jour</h1>")
    site.live._build = lambda: {**files, "lexique.html": page}

    site.live.rebuild()

    assert " du jour</h1>" in visitor.get("/lexique.html").text


@pytest.mark.parametrize("error", [InputError("réponse fausse"), ValueError("thème")])
def test_pages_that_cannot_be_built_leave_those_of_before(
    site: Site, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> dict[str, bytes]:
        raise error

    site.live._build = fail

    site.live.rebuild()

    assert str(error) in capsys.readouterr().err
    assert site.visitor("organisation", "cfdt").get("/lexique.html").status_code == 200


def test_the_watch_builds_again_once_what_changed_is_still(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("charter_builder.server.live.WATCH_SECONDS", 0.02)
    stopped, built = threading.Event(), threading.Event()
    state = ["one"]
    monkeypatch.setattr(site.live, "rebuild", built.set)
    thread = threading.Thread(target=site.live.watch, args=(lambda: state[0], stopped))
    thread.start()
    assert not built.wait(0.2)

    state[0] = "two"

    assert built.wait(10)
    stopped.set()
    thread.join()


def test_an_answer_or_a_page_that_changes_is_seen(tmp_path: Path, built: Built) -> None:
    place = Workspace(built.copied_to(tmp_path))
    opened_in(place, SETTINGS, Clock())
    before = live_stamps(place)

    (place.root / "docs").mkdir()
    (place.root / "docs/venir.md").write_text("# Venir\n", "utf-8")
    with_page = live_stamps(place)
    text = place.answers_path.read_text("utf-8")
    place.answers_path.write_text(text + "# relu\n", "utf-8")

    assert before != with_page != live_stamps(place)


def test_the_builder_reads_the_workspace_again_each_time(
    tmp_path: Path, built: Built
) -> None:
    place = Workspace(built.copied_to(tmp_path))
    opened_in(place, SETTINGS, Clock())
    builder = LiveBuilder(place, "http://charte.test")
    assert b"Dire bonjour" not in builder.build()["index.html"]

    (place.root / "docs").mkdir()
    (place.root / "docs/venir.md").write_text("# Dire bonjour\n", "utf-8")

    assert b"Dire bonjour" in builder.build()["index.html"]


def test_readers_do_not_wait_for_who_is_writing(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()

    with site.live.writing():
        page = visitor.get("/contributions/registre.html")

    assert page.status_code == 200
    assert "C-0001" in page.text


def test_a_version_frozen_meanwhile_is_the_one_people_contribute_to(
    site: Site,
) -> None:
    from charter_builder.register import VersionFrozen

    second = site.version.model_copy(update={"version": 2})
    site.live._load_versions = lambda: {1: site.version, 2: second}
    site.live.registrar.journal.append(
        lambda _, stamp: VersionFrozen(
            **stamp._asdict(), version=2, digest=second.digest
        )
    )
    visitor = site.visitor("organisation", "cfdt")

    assert visitor.form("/contribuer/horaires")["version"] == "2"
    old = visitor.form("/contribuer/horaires") | {"version": "1", "text": "Sur la une."}
    page = visitor.post("/contribuer/horaires", old | {"etape": "modifier"})
    assert "Une version plus récente existe" in page.text
    visitor.post("/contribuer/horaires", old | {"etape": "deposer"})
    assert site.dialogue.standing("C-0001").contribution.target.version == 1


def test_a_new_day_counts_delays_again(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()
    assert "en retard" not in visitor.get("/contributions/index.html").text

    site.clock.set("2027-01-28T09:00:00")

    assert "en retard" in visitor.get("/contributions/index.html").text


def test_a_choice_is_made_on_a_point_left_open(site: Site) -> None:
    point = UnitPoint(
        id="fin",
        question="À quelle heure finit-on ?",
        candidates=(
            UnitChoice(letter="A", shown="17 h"),
            UnitChoice(letter="B", shown="18 h"),
        ),
    )
    units = tuple(
        unit.model_copy(update={"points": (point,)}) if unit.id == "horaires" else unit
        for unit in site.version.units
    )
    version = site.version.model_copy(update={"units": units})
    site.live.registrar.versions = {1: version}
    site.live._state = None
    visitor = site.visitor("organisation", "cfdt")

    refused = visitor.deposit(kind="choice")
    sent = visitor.deposit(kind="choice", choice="fin|B", text="")

    assert refused.status_code == 422
    assert sent.location == "/recepisse/C-0001#titre"
    choice = site.dialogue.standing("C-0001").contribution.choice
    assert choice is not None
    assert (choice.point, choice.letter) == ("fin", "B")


def test_a_theme_whose_menu_cannot_be_removed_is_refused(built: Built) -> None:
    frame = built.files["404.html"].replace(
        b'<div class="md-sidebar', b'<div class="mine md-sidebar'
    )

    with pytest.raises(InputError, match="place son menu"):
        Shells({**built.files, "404.html": frame})
