"""Private data: erased after its delay, and never in what is published."""

import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from consultations import small_consultation
from dialogues import Clock
from sites import build
from terminal import flat, invoke
from trees import write_tree

from charter_builder.cli import apply, bordereaux, intake, privacy
from charter_builder.register import Body, Closed
from charter_builder.server import outbox
from charter_builder.storage import invitations, private_store
from charter_builder.storage.consultation_files import journal
from charter_builder.storage.private_store import PrivateStore
from charter_builder.storage.retention_files import FILES, STORE, TABLES
from charter_builder.storage.workspace_files import Workspace

SECRETS = {
    "private/serveur.yml": "contacts: {cfdt: syndicat-cfdt@ville.example}\n",
    "private/serveur.cle": "cle-secrete-9f9f\n",
    "private/originals/1-courriel.eml": "From: Jeanne Ledoux <jeanne.ledoux@cfdt.example>\n",
    "private/bordereaux/cfdt.txt": "Remis en main propre à Anatole Brisset.\n",
    "private/a-trancher/horaires.txt": "Projet de Firmin Cassagne.\n",
    "private/redaction-C-0001.txt": "Brouillon de Firmin Cassagne.\n",
}
WORDS = (
    "syndicat-cfdt",
    "cle-secrete",
    "Ledoux",
    "Brisset",
    "Cassagne",
    "jeton-invitation",
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A consultation in progress, its private folder full; nothing is done to it."""
    return small_consultation(tmp_path_factory.mktemp("prive"))


@pytest.fixture
def place(original: Workspace, tmp_path: Path) -> Workspace:
    copy = tmp_path / "charte"
    shutil.copytree(original.root, copy)
    shutil.copytree(original.root.parent / "clauses", tmp_path / "clauses")
    write_tree(copy, SECRETS)
    with sqlite3.connect(copy / "private" / "prive.sqlite") as db:
        db.execute("CREATE TABLE draft (content TEXT)")
        db.execute("CREATE TABLE invitation (digest TEXT)")
        db.execute("INSERT INTO draft VALUES ('Réponse de Firmin Cassagne')")
        db.execute("INSERT INTO invitation VALUES ('jeton-invitation')")
    db.close()
    return Workspace(copy)


@pytest.fixture
def closed(place: Workspace) -> Workspace:
    """The same, closed on 1 March 2027."""
    journal(place, Clock("2027-03-01T10:00:00")).append(
        lambda _, stamp: Closed(
            **stamp._asdict(),
            body=Body(name="Groupe", date="2027-03-01", roles=("DRH", "DGS")),
        )
    )
    return place


def purge(
    monkeypatch: pytest.MonkeyPatch, place: Workspace, today: str, *options: str
) -> str:
    monkeypatch.setattr(
        privacy, "now", lambda: datetime.fromisoformat(today).replace(tzinfo=UTC)
    )
    done = invoke("-C", place.root, "consultation", "purge", *options)
    assert done.exit_code == 0, done.output
    return flat(done.output)


def private(place: Workspace) -> set[str]:
    return {
        path.relative_to(place.private).as_posix()
        for path in place.private.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def content(place: Workspace) -> bytes:
    return b"".join(p.read_bytes() for p in place.private.rglob("*") if p.is_file())


def test_what_is_published_holds_nothing_of_what_is_private(place: Workspace) -> None:
    build(place)
    for name in ("x.ods", "x.zip"):
        invoke("-C", place.root, "consultation", "export", "-o", place.root / name)
    invoke(
        "-C", place.root, "consultation", "processing-record", "-o", place.root / "f"
    )
    kept = content(place).decode("utf-8", "replace")
    assert [word for word in WORDS if word not in kept] == []

    files = [
        path
        for path in place.root.rglob("*")
        if path.is_file() and place.private not in path.parents
    ]
    assert {"site", "site-src", "consultation", "x.ods", "x.zip"} <= {
        path.relative_to(place.root).parts[0] for path in files
    }
    found = [
        (path, word)
        for path in files
        for word in WORDS
        if word.encode() in path.read_bytes()
    ]
    assert found == []


def test_nothing_is_erased_while_the_consultation_goes_on(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(place)

    assert "pas close" in purge(monkeypatch, place, "2030-01-01", "--yes")
    assert content(place) == before


@pytest.mark.parametrize("day", ["2027-09-01", "01/09/2027", "1er septembre 2027"])
def test_without_yes_it_only_says_what_would_be_erased(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    before = content(closed)
    said = purge(monkeypatch, closed, "2027-03-02", "--on", day)

    assert "originals/1-courriel.eml" in said
    assert "1 fichier et 1 ligne dans prive.sqlite" not in said
    assert "2 fichiers et 1 ligne dans prive.sqlite" in said
    assert "Rien n’est effacé" in said
    assert content(closed) == before


@pytest.mark.parametrize(
    ("day", "gone", "left"),
    [
        ("2027-03-01", ["Cassagne"], ["Ledoux", "Brisset", "jeton", "syndicat-cfdt"]),
        ("2027-04-30", ["Cassagne"], ["Ledoux", "Brisset", "jeton", "syndicat-cfdt"]),
        ("2027-05-01", ["Cassagne", "Ledoux", "Brisset"], ["jeton", "syndicat-cfdt"]),
        ("2027-09-01", ["Cassagne", "Ledoux", "jeton", "syndicat-cfdt", "cle-"], []),
    ],
)
def test_each_kind_is_erased_after_its_own_delay(
    closed: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    gone: list[str],
    left: list[str],
) -> None:
    purge(monkeypatch, closed, f"{day}T12:00:00", "--yes")

    kept = content(closed).decode("utf-8", "replace")
    assert [word for word in gone if word in kept] == []
    assert [word for word in left if word not in kept] == []


def test_erasing_twice_is_erasing_once_and_the_register_is_not_touched(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = {p: p.read_bytes() for p in closed.consultation.rglob("*.yml")}
    purge(monkeypatch, closed, "2027-12-01", "--yes")
    once = private(closed)

    said = purge(monkeypatch, closed, "2027-12-01", "--yes")

    assert "À effacer" not in said
    assert private(closed) == once == {"prive.sqlite", "registre.json"}
    assert {p: p.read_bytes() for p in closed.consultation.rglob("*.yml")} == register
    assert invoke("-C", closed.root, "consultation", "verify").exit_code == 0


def test_the_delays_are_those_of_the_settings(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(
        closed.root,
        {"private/conservation.yml": "format: 1\noriginals_months: 12\n"},
    )
    purge(monkeypatch, closed, "2027-12-01", "--yes")

    assert "Ledoux" in content(closed).decode("utf-8", "replace")
    build(closed)
    assert "12 mois après la clôture" in flat(
        (closed.site / "mentions.html")
        .read_text("utf-8")
        .replace("\N{NO-BREAK SPACE}", " ")
    )


def test_a_link_is_erased_and_what_it_leads_to_is_not(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"ailleurs/dossier/a.txt": "A", "ailleurs/b.txt": "B"})
    (closed.private / "originals" / "b").symlink_to(tmp_path / "ailleurs" / "b.txt")
    (closed.private / "originals" / "d").symlink_to(tmp_path / "ailleurs" / "dossier")
    purge(monkeypatch, closed, "2027-12-01", "--yes")

    assert not (closed.private / "originals").exists()
    assert (tmp_path / "ailleurs" / "dossier" / "a.txt").read_text() == "A"
    assert (tmp_path / "ailleurs" / "b.txt").read_text() == "B"


def test_what_it_does_not_know_is_named_and_left(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(closed.root, {"private/notes.txt": "Appeler le centre de gestion."})

    assert "ne sait pas ce que c’est : notes.txt" in purge(
        monkeypatch, closed, "2027-12-01", "--yes"
    )
    assert "notes.txt" in private(closed)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--on", "2099-01-01", "--yes"), "n’est pas arrivé"),
        (("--on", "demain"), "n’est pas une date"),
        (("--on", "2027-02-30"), "n’est pas une date"),
    ],
)
def test_a_day_that_is_none_or_has_not_come_erases_nothing(
    closed: Workspace, options: tuple[str, ...], said: str
) -> None:
    before = content(closed)
    done = invoke("-C", closed.root, "consultation", "purge", *options)

    assert done.exit_code == 2
    assert said in flat(done.stderr)
    assert content(closed) == before


def test_a_damaged_private_file_is_told_in_a_sentence(closed: Workspace) -> None:
    (closed.private / "prive.sqlite").write_bytes(b"autre chose" * 100)

    done = invoke("-C", closed.root, "consultation", "purge")

    assert done.exit_code == 2
    assert "prive.sqlite : effacement impossible" in done.stderr


def test_the_notice_of_the_site_is_there_once_the_consultation_is_open(
    place: Workspace,
) -> None:
    build(place)
    page = (place.site / "mentions.html").read_text("utf-8")

    assert "les organisations et les instances qui participent" in page
    assert "à confirmer par le délégué à la protection des données" in page
    assert "6 mois après la clôture" in flat(page.replace("\N{NO-BREAK SPACE}", " "))


def test_a_draft_erased_from_the_private_database_leaves_no_byte_of_it(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (closed.private / "prive.sqlite").unlink()
    store = PrivateStore(closed.private / "prive.sqlite")
    with store.writing() as db:
        db.execute(
            "INSERT INTO draft VALUES ('C-0001', 'drh', ?, 1, 1, '2027-01-05')",
            ("Firmin Cassagne y tient.",),
        )
    assert b"y tient" in content(closed)

    purge(monkeypatch, closed, "2027-03-01T12:00:00", "--yes")

    assert b"y tient" not in content(closed)
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM draft").fetchone() == (0,)


def test_every_place_where_a_command_keeps_something_has_its_delay() -> None:
    files = {name for names in FILES.values() for name in names}
    tables = {name for names in TABLES.values() for name in names}
    made = set(re.findall(r"CREATE TABLE (\w+)", "".join(private_store.MIGRATIONS)))

    assert files >= {
        apply.FOLDER,
        bordereaux.FOLDER,
        intake.ORIGINALS,
        invitations.KEY,
        outbox.FOLDER,
        outbox.SETTINGS,
    }
    assert tables == made
    assert private_store.NAME == STORE
