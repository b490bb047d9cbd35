import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from charter_builder.errors import ConflictError, InputError
from charter_builder.register import Disposition
from charter_builder.replies import Draft
from charter_builder.storage import private_store
from charter_builder.storage.draft_store import (
    discard_decided,
    discard_draft,
    draft_of,
    drafts,
    save_draft,
)
from charter_builder.storage.private_store import PrivateStore

AT = "2027-01-05T09:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> PrivateStore:
    return PrivateStore(tmp_path / "private" / "prive.sqlite")


def rejection(identifier: str = "C-0001", reason: str = "Trop large.") -> Draft:
    disposition: Disposition = "rejected"
    return Draft(contribution=identifier, disposition=disposition, reason=reason)


def saved(store: PrivateStore, draft: Draft, role: str = "drh", over: int = 0) -> None:
    save_draft(store, draft, role, seen=3, at=AT, over=over)


def test_a_draft_is_found_again_as_it_was_saved(store: PrivateStore) -> None:
    saved(store, rejection(reason="Deux\n\nparagraphes, l’un « cité »."))
    found = draft_of(store, "C-0001")

    assert found is not None
    assert found.draft.reason == "Deux\n\nparagraphes, l’un « cité »."
    assert (found.role, found.seen, found.revision, found.updated) == (
        "drh",
        3,
        found.revision,
        AT,
    )


def test_drafts_come_in_the_order_of_their_numbers(store: PrivateStore) -> None:
    for identifier in ("C-10000", "C-0002", "C-0001"):
        saved(store, rejection(identifier))

    assert [found.draft.contribution for found in drafts(store)] == [
        "C-0001",
        "C-0002",
        "C-10000",
    ]


def test_a_draft_written_meanwhile_by_another_is_not_overwritten(
    store: PrivateStore,
) -> None:
    saved(store, rejection(), "drh")
    with pytest.raises(ConflictError, match="une autre personne"):
        saved(store, rejection(reason="Autre."), "dgs")
    saved(store, rejection(reason="Relue."), "dgs", drafts(store)[0].revision)

    found = draft_of(store, "C-0001")
    assert found is not None
    assert (found.role, found.draft.reason) == ("dgs", "Relue.")


def test_a_draft_written_again_survives_the_decision_on_the_one_before(
    store: PrivateStore,
) -> None:
    saved(store, rejection())
    before = drafts(store)
    saved(store, rejection(reason="Reprise."), over=before[0].revision)
    discard_decided(store, before)

    assert len(drafts(store)) == 1


def test_a_draft_given_up_and_written_again_is_another(store: PrivateStore) -> None:
    saved(store, rejection())
    before = drafts(store)
    discard_draft(store, "C-0001")
    saved(store, rejection(reason="Reprise."))

    with pytest.raises(ConflictError, match="une autre personne"):
        saved(store, rejection(), over=before[0].revision)
    discard_decided(store, before)
    assert [found.draft.reason for found in drafts(store)] == ["Reprise."]


def test_a_draft_may_be_forgotten(store: PrivateStore) -> None:
    saved(store, rejection())

    assert [discard_draft(store, "C-0001") for _ in range(2)] == [True, False]


@pytest.mark.skipif(os.name == "nt", reason="no mode there")
def test_only_its_owner_reads_the_private_file(store: PrivateStore) -> None:
    with store.writing() as db:
        db.execute("DELETE FROM draft")
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in store.path.parent.glob("prive.sqlite*")
        }

    assert modes == dict.fromkeys(
        ("prive.sqlite", "prive.sqlite-wal", "prive.sqlite-shm"), 0o600
    )


def test_what_fails_half_way_is_not_kept(store: PrivateStore) -> None:
    def fail() -> None:
        with store.writing() as db:
            db.execute("INSERT INTO draft VALUES ('C-0001', 'drh', '{}', 1, 1, '')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert drafts(store) == []


def test_many_who_open_it_for_the_first_time_make_it_once(store: PrivateStore) -> None:
    def save(rank: int) -> None:
        mine = PrivateStore(store.path)
        saved(mine, rejection(f"C-{rank:04}"))

    with ThreadPoolExecutor(8) as people:
        list(people.map(save, range(1, 25)))

    assert len(drafts(store)) == 24


def test_a_store_kept_by_another_program_is_told_in_a_sentence(
    store: PrivateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_store, "PATIENCE", 0.05)
    drafts(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="un autre programme l’utilise"):
            saved(store, rejection())


@pytest.mark.parametrize("content", [b"not a database, at all" * 50, b"\0" * 4096])
def test_a_damaged_store_says_that_the_register_loses_nothing(
    store: PrivateStore, content: bytes
) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)

    with pytest.raises(InputError, match="Le registre n’y perd rien"):
        drafts(store)


def test_a_damaged_page_says_that_the_register_loses_nothing(
    store: PrivateStore,
) -> None:
    for rank in range(1, 200):
        saved(store, rejection(f"C-{rank:04}", "x" * 500))
    raw = bytearray(store.path.read_bytes())
    raw[8192:] = b"\xff" * (len(raw) - 8192)
    store.path.write_bytes(raw)

    with pytest.raises(InputError, match="Le registre n’y perd rien"):
        drafts(store)


def test_a_draft_that_is_none_is_told_in_a_sentence(store: PrivateStore) -> None:
    with store.writing() as db:
        db.execute("INSERT INTO draft VALUES ('C-0001', 'drh', '{}', 1, 1, '')")

    with pytest.raises(InputError, match="un projet de réponse y est abîmé"):
        drafts(store)


def test_a_store_made_by_a_newer_program_is_refused(store: PrivateStore) -> None:
    with store.writing() as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(InputError, match="mettez le programme à jour"):
        drafts(store)


def test_a_store_made_by_an_older_program_goes_through_what_it_lacks(
    store: PrivateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(store, rejection())
    more = (*private_store.MIGRATIONS, "CREATE TABLE later (id TEXT) STRICT")
    monkeypatch.setattr(private_store, "MIGRATIONS", more)

    assert len(drafts(store)) == 1
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM later").fetchone() == (0,)


def test_a_link_in_place_of_the_store_is_refused(
    store: PrivateStore, tmp_path: Path
) -> None:
    store.path.parent.mkdir()
    store.path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InputError, match="liens symboliques"):
        drafts(store)
    assert not (tmp_path / "elsewhere").exists()
