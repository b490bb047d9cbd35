"""What is acknowledged is stored, whatever dies, fills up or comes back in time."""

import errno
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dialogues import SETTINGS, Clock, counting, opened, submitted
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.chain import as_data, entry_digest
from charter_builder.charter import Charter
from charter_builder.consultation import ConsultationSettings
from charter_builder.contributions import Origin, Submission
from charter_builder.errors import CharterError, ConflictError, InputError
from charter_builder.receipts import Receipt
from charter_builder.redaction import TextPlace, place_of_text
from charter_builder.register import (
    ActionDone,
    Body,
    Closed,
    Redacted,
    SettingsChanged,
    clean_text,
)
from charter_builder.storage import register_files, register_reading
from charter_builder.storage.proceedings import record_redaction
from charter_builder.storage.register_files import DiskFull, Journal, Stamp
from charter_builder.storage.register_reading import faults, read_entry
from charter_builder.storage.register_text import entry_text
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.yaml_files import decode, parse
from charter_builder.units import FrozenVersion, as_version

ROUNDS = int(os.environ.get("ROUNDS", "10"))
TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def version(charter: Charter) -> FrozenVersion:
    return as_version(charter, None)


@pytest.fixture
def registrar(tmp_path: Path, version: FrozenVersion) -> Registrar:
    return opened(tmp_path, version)


def files(registrar: Registrar) -> list[str]:
    return sorted(path.name for path in registrar.journal.folder.iterdir())


def again(registrar: Registrar, clock: Clock | None = None) -> Registrar:
    """Return another process's view of the same register."""
    folder = registrar.journal.folder
    journal = Journal(folder, registrar.journal.memory, clock or Clock())
    return Registrar(journal, registrar.versions, registrar.random)


# --- one entry, one file -------------------------------------------------------------

TRAPS = "- : #  [{]}'\"\\|>&*!%@`\t\nété\u00a0…’«»🎉\u200b\u2028\x85\x0b…:-"


@given(
    st.text(alphabet=st.one_of(st.sampled_from(TRAPS), st.characters()), max_size=90)
)
def test_any_text_is_read_back_as_it_was_written(typed: str) -> None:
    text = clean_text(typed)
    data = {"seq": 1, "type": "x", "contribution": {"text": text, "name": text}}

    written = entry_text(data)

    assert parse(decode(written.encode())) == data


def test_a_text_is_a_block_that_anyone_can_read() -> None:
    written = entry_text({"contribution": {"text": "Nous demandons :\n- une plage"}})

    assert written == (
        "contribution:\n  text: |-\n    Nous demandons :\n    - une plage\n"
    )


def test_a_text_full_of_brackets_is_still_read() -> None:
    data = {"contribution": {"text": "[" * 500 + "{" * 500}}

    assert parse(entry_text(data)) == data


@pytest.mark.parametrize(
    "edit",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.rstrip(b"\n"),
        lambda raw: b"# note\n" + raw,
    ],
    ids=["CRLF", "BOM", "no final newline", "comment"],
)
def test_what_an_editor_does_to_a_file_breaks_nothing(
    registrar: Registrar, edit: object
) -> None:
    submitted(registrar, text="Première ligne.\nSeconde ligne.")
    for path in registrar.journal.folder.glob("*.yml"):
        path.write_bytes(edit(path.read_bytes()))  # type: ignore[operator]

    assert faults(registrar.journal.folder) == []


def test_an_entry_is_durable_before_it_has_its_number(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(handle: int) -> None:
        is_folder = os.path.isdir(f"/proc/self/fd/{handle}")
        done.append("fsync folder" if is_folder else "fsync file")
        fsync(handle)

    def noted_link(source: str, target: Path) -> None:
        done.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)
    submitted(registrar)

    assert done[:3] == ["fsync file", "link", "fsync folder"]


def test_where_links_do_not_exist_the_entry_is_written_all_the_same(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no link here")

    monkeypatch.setattr(os, "link", refused)
    submitted(registrar)

    assert faults(registrar.journal.folder) == []
    assert files(registrar) == ["000001.yml", "000002.yml", "000003.yml"]


@pytest.mark.parametrize("kind", ["folder", "entry"])
def test_a_link_in_place_of_the_register_is_refused(
    registrar: Registrar, tmp_path: Path, kind: str
) -> None:
    folder = registrar.journal.folder
    target = folder if kind == "folder" else folder / "000002.yml"
    elsewhere = tmp_path / "elsewhere"
    shutil.move(target, elsewhere)
    target.symlink_to(elsewhere)

    with pytest.raises(InputError, match="liens symboliques"):
        Journal(folder).refresh()


# --- several at once, killed at any moment -------------------------------------------

WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from charter_builder.storage.register_files import Journal
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import load_version
from dialogues import Clock, submitted
folder, name, keys = Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
journal = Journal(folder / "register", folder / "memory.json", Clock())
version = load_version(folder / "1")
import secrets
registrar = Registrar(journal, {1: version}, lambda: secrets.token_hex(16))
print("ready", flush=True)
sys.stdin.readline()
number = 0
while not keys or number < len(keys):
    key = keys[number] if keys else secrets.token_hex(16)
    number += 1
    outcome = submitted(registrar, key=key, text=f"{key} de {name}" if not keys else key)
    print(outcome.standing.id, key, flush=True)
"""


def writer(
    folder: Path, name: str, keys: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(TESTS), str(folder), name, *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process


def started(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


@pytest.fixture
def shared(tmp_path: Path, registrar: Registrar, version: FrozenVersion) -> Path:
    """A register and its version, where other processes find them."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "units.json").write_text(version.model_dump_json())
    return tmp_path


@pytest.mark.slow
def test_killed_writers_lose_nothing_they_acknowledged(shared: Path) -> None:
    chance = random.Random(7)
    acknowledged: set[tuple[str, str]] = set()
    for _ in range(ROUNDS):
        processes = [writer(shared, f"w{n}") for n in range(3)]
        started(processes)
        time.sleep(chance.uniform(0.02, 0.4))
        for process in processes:
            process.kill()
        for process in processes:
            out, _ = process.communicate()
            # A line cut short by the kill acknowledges nothing.
            whole = out[: out.rfind("\n") + 1].split("\n")
            acknowledged |= {
                (line.split()[0], line.split()[1]) for line in whole if " " in line
            }

    dialogue = Journal(shared / "register").refresh()
    stored = {(s.id, s.contribution.key) for s in dialogue.standings.values()}
    assert acknowledged
    assert acknowledged <= stored
    assert faults(shared / "register") == []


def test_two_processes_with_the_same_keys_give_each_key_one_entry(shared: Path) -> None:
    keys = [f"{number:032x}" for number in range(1_000, 1_200)]
    processes = []
    for name in ("a", "b"):
        random.Random(name).shuffle(keys)
        processes.append(writer(shared, name, tuple(keys)))
    started(processes)
    given = [dict(map(_pair, p.communicate()[0].splitlines())) for p in processes]

    dialogue = Journal(shared / "register").refresh()
    assert len(dialogue.standings) == 200
    assert given[0] == given[1]
    assert faults(shared / "register") == []


def _pair(line: str) -> tuple[str, str]:
    number, key = line.split()
    return key, number


def test_the_same_words_typed_by_two_people_at_once_are_one_contribution(
    registrar: Registrar,
) -> None:
    other = again(registrar)
    other.journal.refresh()
    typed = [
        Submission(key=key * 32, version=1, unit="horaires", text="Trop tôt.")
        for key in "ab"
    ]

    first = registrar.record(typed[0], Origin("cfdt", "paper"), typed=True)
    second = other.record(typed[1], Origin("cfdt", "paper"), typed=True)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.standing.id == first.standing.id


@pytest.mark.parametrize("name", [".000003.abc.tmp", "..000002.expurge.a_c.tmp"])
def test_what_a_killed_writer_left_is_swept(registrar: Registrar, name: str) -> None:
    (registrar.journal.folder / name).write_text("seq: 3")

    submitted(again(registrar))

    left = sorted(path.name for path in registrar.journal.folder.iterdir())
    assert left == ["000001.yml", "000002.yml", "000003.yml"]


# --- a full disk ---------------------------------------------------------------------


@contextmanager
def file_size_limited_to(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_refuses_the_entry_and_keeps_the_chain(
    registrar: Registrar,
) -> None:
    with (
        file_size_limited_to(2_000),
        pytest.raises(DiskFull, match="gardez votre texte"),
    ):
        submitted(registrar, key="a" * 32, text="long " * 2_000)
    assert files(registrar) == ["000001.yml", "000002.yml"]

    outcome = submitted(registrar, key="a" * 32, text="long " * 2_000)

    assert outcome.standing.id == "C-0001"
    assert faults(registrar.journal.folder) == []


# --- time ----------------------------------------------------------------------------


def dated(**days: str) -> ConsultationSettings:
    return ConsultationSettings.model_validate({**SETTINGS.model_dump(), **days})


def test_a_clock_that_goes_back_changes_no_order_and_is_told(
    tmp_path: Path, version: FrozenVersion
) -> None:
    clock = Clock("2027-01-05T12:00:00")
    registrar = opened(tmp_path, version, clock=clock)
    before = submitted(registrar).standing
    clock.set("2027-01-05T10:00:00")
    after = submitted(registrar).standing

    assert after.at == before.at
    assert (before.clock_suspect, after.clock_suspect) == (False, True)
    assert faults(registrar.journal.folder) == []


def test_the_night_an_hour_comes_twice_the_order_is_kept(
    tmp_path: Path, version: FrozenVersion
) -> None:
    # 31 October 2027, 3 a.m. in Paris is 2 a.m. again.
    settings = dated(opens="2027-10-01", closes="2027-10-31")
    clock = Clock("2027-10-31T00:30:00")
    registrar = opened(tmp_path, version, settings, clock)
    moments = []
    for at in ("2027-10-31T00:59:00", "2027-10-31T01:29:00", "2027-10-31T22:58:00"):
        clock.set(at)
        moments.append(submitted(registrar).standing)

    assert [s.at for s in moments] == sorted(s.at for s in moments)
    assert [s.late for s in moments] == [False, False, False]
    clock.set("2027-10-31T23:00:00")  # midnight in Paris, winter time
    assert submitted(registrar).standing.late


def test_the_year_2038_is_a_year(tmp_path: Path, version: FrozenVersion) -> None:
    settings = dated(closes="2040-01-01")
    registrar = opened(tmp_path, version, settings, Clock("2038-01-19T03:14:06"))

    assert submitted(registrar).standing.at == "2038-01-19T03:17:06Z"


def test_a_clock_years_after_the_end_records_nothing(
    tmp_path: Path, version: FrozenVersion
) -> None:
    clock = Clock("2027-01-05T12:00:00")
    registrar = opened(tmp_path, version, clock=clock)
    clock.set("2099-01-01T00:00:00")

    with pytest.raises(InputError, match="horloge"):
        submitted(registrar)

    clock.set("2027-01-05T13:00:00")
    assert submitted(registrar).standing.at == "2027-01-05T13:01:00Z"


def test_a_text_is_erased_years_after_the_end(
    tmp_path: Path, version: FrozenVersion
) -> None:
    clock = Clock("2027-01-05T12:00:00")
    registrar = opened(tmp_path, version, clock=clock)
    name = submitted(registrar).standing.id
    body = Body(name="GT", date="2027-01-05", roles=("Direction", "Syndicats"))
    registrar.journal.append(lambda _, stamp: Closed(**stamp._asdict(), body=body))
    clock.set("2039-01-01T00:00:00")
    place = place_of_text(name, "text", registrar.journal.refresh())

    record_redaction(registrar, place, (), "unlawful", ("redaction", "direction"))

    assert registrar.journal.refresh().standing(name).contribution.text is None


# --- a register that is not the same any more ----------------------------------------


def test_a_register_that_lost_its_end_is_not_continued(registrar: Registrar) -> None:
    submitted(registrar)
    (registrar.journal.folder / "000003.yml").unlink()

    with pytest.raises(ConflictError, match="n’est pas la suite"):
        submitted(again(registrar))
    assert files(registrar) == ["000001.yml", "000002.yml"]


def test_another_register_in_its_place_is_not_continued(
    registrar: Registrar, tmp_path: Path, version: FrozenVersion
) -> None:
    submitted(registrar)
    other = opened(tmp_path / "other", version)
    submitted(other, text="Autre chose.")
    shutil.rmtree(registrar.journal.folder)
    shutil.copytree(other.journal.folder, registrar.journal.folder)

    with pytest.raises(ConflictError, match="divergente"):
        submitted(again(registrar))


@pytest.mark.parametrize(
    "content",
    [
        '{"size": 1e999, "digest": "a"}',
        '{"size": -999, "digest": "a"}',
        '{"size": -999, "digest": "' + "a" * 64 + '"}',
        '{"size": 1' + "0" * 5_000 + ', "digest": "a"}',
        "[" * 9_000,
        "[]",
        "",
    ],
    ids=["infinite", "negative", "negative-whole", "huge", "deep", "list", "empty"],
)
def test_a_memory_that_is_damaged_is_as_if_there_were_none(
    registrar: Registrar, content: str
) -> None:
    memory = registrar.journal.memory
    assert memory is not None
    memory.write_text(content)

    assert submitted(again(registrar)).is_new
    assert json.loads(memory.read_text())["size"] == 3


def test_a_receipt_shows_that_the_last_entry_was_removed(registrar: Registrar) -> None:
    standing = submitted(registrar).standing
    receipt = Receipt("essai-2027", standing.seq, standing.digest)
    (registrar.journal.folder / "000003.yml").unlink()
    journal = Journal(registrar.journal.folder)
    journal.refresh()

    assert faults(registrar.journal.folder) == []
    assert receipt.digest not in journal.digests


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("organisation: cfdt", "organisation: cgt"), "ne suit pas"),
        (lambda t: t.replace("plus courte", "plus longue"), "a été modifié"),
        (lambda t: t.replace("kind: comment", "kind: slogan"), "valeur admise"),
        (lambda t: t[:100], ""),
    ],
)
def test_an_entry_changed_by_hand_is_seen(
    registrar: Registrar, change: object, said: str
) -> None:
    for _ in range(2):
        submitted(registrar)
    path = registrar.journal.folder / "000003.yml"
    path.write_text(change(path.read_text()))  # type: ignore[operator]

    found = faults(registrar.journal.folder)
    assert found
    assert said in found[0].message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("plus courte", "plus longue"), "a été modifié"),
        (lambda t: t.replace("at: '2027", "at: '2026"), "datée d’avant"),
    ],
)
def test_an_entry_changed_by_hand_is_neither_shown_nor_continued(
    registrar: Registrar, change: object, said: str
) -> None:
    submitted(registrar)
    path = registrar.journal.folder / "000003.yml"
    path.write_text(change(path.read_text()))  # type: ignore[operator]

    with pytest.raises(InputError, match=said) as refused:
        again(registrar).journal.refresh()
    assert "sauvegarde" in str(refused.value)


def test_a_number_in_other_digits_is_no_entry(registrar: Registrar) -> None:
    entry = registrar.journal.folder / "000002.yml"
    shutil.copy(entry, entry.with_name("٠٠٠٠٠٣.yml"))

    assert again(registrar).journal.refresh().head.size == 2
    assert faults(registrar.journal.folder) == []


@pytest.mark.parametrize(
    "sign", ["\x01", "\u200b", "\u2028", "\u202e", "\x85", "\ud800"]
)
def test_an_entry_that_could_not_be_read_back_is_not_written(
    registrar: Registrar, sign: str
) -> None:
    def make(_: object, stamp: Stamp) -> SettingsChanged:
        changed = SettingsChanged(**stamp._asdict(), settings=SETTINGS, why="motif")
        return changed.model_copy(update={"why": f"un{sign}motif"})

    with pytest.raises(InputError, match="signe invisible"):
        registrar.journal.append(make)
    assert files(registrar) == ["000001.yml", "000002.yml"]
    submitted(again(registrar))


# --- what is erased ------------------------------------------------------------------


def erase(
    registrar: Registrar, words: str, left: str | None = None, field: str = "text"
) -> Redacted:
    """Erase some words of the first contribution, or its whole text."""
    assert words in (registrar.journal.folder / "000003.yml").read_text()
    place = TextPlace(3, f"contribution.{field}")
    roles = ("redaction", "direction")
    return record_redaction(
        registrar, place, (words,) if left else (), "personal-data", roles
    )


@pytest.mark.parametrize("left", [None, "[…] demande une plage plus courte."])
def test_an_erased_text_is_nowhere_and_the_register_is_whole(
    registrar: Registrar, left: str | None
) -> None:
    submitted(registrar, text="Jean Dupont demande une plage plus courte.")
    before = registrar.journal.digests[2]
    erase(registrar, "Jean Dupont", left)
    submitted(registrar)

    everything = "".join(
        path.read_text() for path in registrar.journal.folder.rglob("*.yml")
    )
    assert "Jean Dupont" not in everything
    assert registrar.journal.digests[2] == before
    assert registrar.journal.dialogue.standing("C-0001").contribution.text == left
    assert faults(registrar.journal.folder) == []


def test_another_process_forgets_an_erased_text(registrar: Registrar) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    other = again(registrar)
    other.journal.refresh()
    erase(registrar, "Jean Dupont")

    assert other.journal.refresh().standing("C-0001").contribution.text is None


def test_a_redaction_cut_short_is_ended_by_the_next_to_write(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")

    with cut_short(monkeypatch):
        erase(registrar, "Jean Dupont")
    assert "interrompu" in faults(registrar.journal.folder)[0].message

    submitted(again(registrar))

    assert faults(registrar.journal.folder) == []
    assert "Jean Dupont" not in (registrar.journal.folder / "000003.yml").read_text()


@contextmanager
def cut_short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kill the process once a redaction is recorded, before the text is erased."""
    replace = os.replace

    def killed(source: str | Path, target: str | Path) -> None:
        # What waits is written through `write_atomic`, which replaces too.
        if str(target).endswith(".yml"):
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_a_process_that_wrote_before_ends_the_redaction_of_another(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    with cut_short(monkeypatch):
        erase(again(registrar), "Jean Dupont")

    submitted(registrar)
    submitted(again(registrar))

    assert faults(registrar.journal.folder) == []
    assert registrar.journal.dialogue.standing("C-0001").contribution.text is None


def test_a_text_read_while_it_was_being_erased_is_forgotten(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    reader = again(registrar)
    reader.journal.refresh()
    with cut_short(monkeypatch):
        erase(registrar, "Jean Dupont")
    reader.journal.refresh()

    submitted(again(registrar))

    assert reader.journal.refresh().standing("C-0001").contribution.text is None


@pytest.mark.parametrize("left", [None, "[…]"])
def test_another_redaction_of_the_entry_does_not_end_one_that_was_not_recorded(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch, left: str | None
) -> None:
    submitted(registrar, kind="amendment", text="Jean Dupont.", proposed="Jean Martin.")
    erase(registrar, "Jean Dupont", left)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(register_files, "_write_entry", killed)
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(registrar, "Jean Martin", left, "proposed")
    submitted(again(registrar))

    assert faults(registrar.journal.folder) == []
    assert "Jean Martin" in (registrar.journal.folder / "000003.yml").read_text()


def test_a_text_whose_redaction_was_cut_short_is_read_no_more(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    with cut_short(monkeypatch):
        erase(registrar, "Jean Dupont")

    dialogue = again(registrar).journal.refresh()

    assert dialogue.standing("C-0001").contribution.text is None


def test_a_redaction_cut_short_is_ended_after_other_entries_too(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    server = again(registrar)
    submitted(server)
    with cut_short(monkeypatch):
        erase(registrar, "Jean Dupont")
    # It swept long ago, and does not again.
    submitted(server)

    submitted(again(registrar))

    assert "Jean Dupont" not in (registrar.journal.folder / "000003.yml").read_text()
    assert faults(registrar.journal.folder) == []


@pytest.mark.parametrize(
    ("number", "copied"),
    [("000001", "000004"), ("000003", "000001"), ("000003", "000004")],
)
def test_another_entry_is_not_taken_for_what_an_erasure_leaves(
    registrar: Registrar, number: str, copied: str
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    submitted(registrar, text="Autre chose.", kind="amendment", proposed="Ceci.")
    erase(registrar, "Jean Dupont")
    folder = registrar.journal.folder
    shutil.copy(folder / f"{copied}.yml", folder / f".{number}.expurge")
    before = (folder / f"{number}.yml").read_bytes()

    submitted(again(registrar))

    assert (folder / f"{number}.yml").read_bytes() == before
    assert not (folder / f".{number}.expurge").exists()
    assert faults(folder) == []


def test_a_redaction_that_is_not_recorded_erases_nothing(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(registrar, text="Jean Dupont demande.")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        with pytest.raises(DiskFull):
            erase(registrar, "Jean Dupont")

    assert "Jean Dupont" in (registrar.journal.folder / "000003.yml").read_text()
    assert files(registrar) == ["000001.yml", "000002.yml", "000003.yml"]
    assert faults(registrar.journal.folder) == []


# --- what was read, kept -------------------------------------------------------------


@pytest.fixture
def cached(registrar: Registrar, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(register_files, "WORTH_CACHING", 3)
    for _ in range(4):
        submitted(registrar)
    cache = registrar.journal.folder.parent / "cache.json"
    Journal(registrar.journal.folder, cache=cache).refresh()
    assert cache.exists()
    return cache


def test_a_cached_register_says_the_same_without_being_read(
    registrar: Registrar, cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(register_reading, "read_entry", unread)
    kept = Journal(registrar.journal.folder, cache=cached).refresh()

    assert kept == registrar.journal.dialogue


def test_a_cache_that_cannot_be_emptied_of_an_erased_text_is_told(
    registrar: Registrar, tmp_path: Path
) -> None:
    submitted(registrar, text="Jean Dupont demande.")
    registrar.journal.cache = tmp_path / "lu.json"
    registrar.journal.cache.mkdir()

    with pytest.raises(InputError, match=r"lu\.json garde l’ancien texte"):
        erase(registrar, "Jean Dupont")
    assert again(registrar).journal.refresh().head.size == 4


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}\n[]",
        "n’importe quoi",
        '{"files": 1}\n{',
        "[" * 9_000,
        "{}\n" + "[" * 9_000,
    ],
    ids=["empty", "no-head", "words", "wrong-head", "deep-head", "deep-entries"],
)
def test_a_cache_that_is_damaged_is_as_if_there_were_none(
    registrar: Registrar, cached: Path, content: str
) -> None:
    cached.write_text(content)

    assert Journal(registrar.journal.folder, cache=cached).refresh() == (
        registrar.journal.dialogue
    )


def test_a_cache_does_not_hide_an_entry_that_changed(
    registrar: Registrar, cached: Path
) -> None:
    path = registrar.journal.folder / "000003.yml"
    path.write_text(path.read_text().replace("organisation: cfdt", "organisation: cgt"))

    with pytest.raises(InputError, match="ne suit pas"):
        Journal(registrar.journal.folder, cache=cached).refresh()


def test_a_dangling_link_among_many_entries_is_one_sentence(
    registrar: Registrar, cached: Path
) -> None:
    folder = registrar.journal.folder
    (folder / "000999.yml").symlink_to(folder / "nulle-part.yml")

    with pytest.raises(InputError, match=r"000999\.yml : les liens symboliques"):
        Journal(folder, cache=cached).refresh()


def test_a_cache_shows_no_text_whose_erasure_was_cut_short(
    registrar: Registrar, cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cut_short(monkeypatch):
        erase(registrar, "plus courte", "Nous demandons une plage […].")

    reader = Journal(registrar.journal.folder, cache=cached)
    assert reader.refresh().standing("C-0001").contribution.text is None

    submitted(again(registrar))
    assert (
        reader.refresh().standing("C-0001").contribution.text
        == "Nous demandons une plage […]."
    )


def test_a_file_replaced_while_it_is_read_is_not_cached_as_it_was(
    registrar: Registrar, cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached.unlink()
    read = register_reading.read_entry

    def read_then_erased(path: Path) -> object:
        found = read(path)
        if path.name == "000006.yml":
            monkeypatch.setattr(register_reading, "read_entry", read)
            erase(registrar, "plus courte")
        return found

    monkeypatch.setattr(register_reading, "read_entry", read_then_erased)
    Journal(registrar.journal.folder, cache=cached).refresh()

    again_ = Journal(registrar.journal.folder, cache=cached).refresh()
    assert again_.standing("C-0001").contribution.text is None


def test_an_erased_text_is_not_kept_by_the_cache(
    registrar: Registrar, cached: Path
) -> None:
    journal = Journal(
        registrar.journal.folder, registrar.journal.memory, Clock(), cached
    )
    erase(Registrar(journal, registrar.versions, counting()), "plus courte")

    assert not cached.exists() or '"text"' not in cached.read_text().split("C-0002")[0]


# --- hostile files -------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"seq: [" * 5_000,
        b"a: &a [1]\nb: *a\n",
        b"seq: 3\nseq: 4\n",
        b"x" * 2_000_000,
        "seq: 3\ncontribution: {text: 'r\u202etl'}\n".encode(),
    ],
)
def test_a_file_that_is_no_entry_is_one_sentence(
    registrar: Registrar, content: bytes
) -> None:
    path = registrar.journal.folder / "000003.yml"
    path.write_bytes(content)

    with pytest.raises(CharterError) as caught:
        Journal(registrar.journal.folder).refresh()
    assert "000003.yml" in str(caught.value)


def test_an_entry_is_the_same_value_once_read(registrar: Registrar) -> None:
    submitted(registrar, kind="question", stance="against", passage="fin")
    path = registrar.journal.folder / "000003.yml"
    data, entry = read_entry(path)

    assert entry == registrar.journal.entries[2]
    assert entry_digest(data) == entry_digest(as_data(entry))
    assert json.dumps(as_data(entry))


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\x00"])
def test_an_entry_that_could_not_be_read_again_is_not_written(
    registrar: Registrar, sign: str
) -> None:
    submitted(registrar)
    before = files(registrar)

    with pytest.raises(InputError, match="Rien n’est enregistré"):
        registrar.journal.append(
            lambda _, stamp: ActionDone(
                **stamp._asdict(), contribution="C-0001", what=f"Fait{sign}."
            )
        )

    assert files(registrar) == before
    assert faults(registrar.journal.folder) == []
