"""`consultation/register/`: one file per entry, written once and in order.

What is acknowledged is on the disk: the entry is written aside, made durable, then
linked to its number, which fails if that number is taken.
"""

import contextlib
import errno
import gc
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from charter_builder.consultation import moment
from charter_builder.dialogue import Dialogue, fold
from charter_builder.errors import (
    ConflictError,
    DocumentErrors,
    InputError,
    system_reason,
)
from charter_builder.register import (
    INTERRUPTED,
    NO_PREVIOUS,
    SEALED_FIELDS,
    AnyEntry,
    Fault,
    Redacted,
    as_data,
    chain_faults,
    entry_digest,
    faulty_texts,
    left_of,
    sealed_texts,
    text_faults,
    without_text,
)
from charter_builder.storage.files import (
    locked,
    read_ordinary,
    sync_folder,
    write_atomic,
)
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import YamlSyntaxError, decode, parse

MAX_YEARS_AFTER = 5
"""Years after the last day: the register is long closed, or the clock is wrong."""
MAX_ENTRY = 1024**2
"""Bytes of one entry: a decision with many replies holds many texts."""

# Our own digits: other scripts have theirs, which `\d` takes too.
_NAME = re.compile(r"[0-9]{6}\.yml")
_TEMPORARY = re.compile(r"\.{1,2}[0-9]{6}\.(?:expurge\.)?[\w-]+\.tmp")
_PENDING = re.compile(r"\.[0-9]{6}\.expurge")
_ENTRY: TypeAdapter[AnyEntry] = TypeAdapter(AnyEntry)
_NO_LINK = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}


class Stamp(NamedTuple):
    """What the registrar gives to an entry: its number, the one before, the moment."""

    seq: int
    prev: str
    at: str
    clock_suspect: bool | None


class DiskFull(InputError):
    """The disk refused an entry; nothing of it is kept."""


def now() -> datetime:
    """Return the present instant: the registrar's clock."""
    return datetime.now(UTC)


class Journal:
    """The register of one consultation, as one process sees it.

    `memory` is a file of the registrar's own (never published) that remembers how far
    the register went: a register that lost its end, or another one put in its place,
    is refused rather than continued. `cache` is another, of what was read: a long
    register whose files did not change is not read again.
    """

    def __init__(
        self,
        folder: Path,
        memory: Path | None = None,
        clock: Callable[[], datetime] = now,
        cache: Path | None = None,
    ) -> None:
        self.folder = folder
        self.memory = memory
        self.clock = clock
        self.cache = cache
        self._swept = False
        self.is_erasing = False
        """Whether a text that a recorded redaction erases still stands in a file."""
        """Whether a redaction was seen whose text was still there: read it all again."""
        self.entries: list[AnyEntry] = []
        self.digests: list[str] = []
        self.dialogue = Dialogue()

    # --- reading ---------------------------------------------------------------------

    def refresh(self) -> Dialogue:
        """Read the entries others wrote since, and return where things stand.

        Raises `InputError` for a register that is damaged.
        """
        with _no_collection():
            return self._refreshed()

    def _refreshed(self) -> Dialogue:
        if self.entries and not self.is_erasing:
            entries, digests = _read_on(
                self._new_paths(), self.digests, self.dialogue.last_at
            )
            if not any(isinstance(entry, Redacted) for entry in entries):
                self._take(entries, digests)
                return self.dialogue
        # A text read before is no longer to be known: everything is read again.
        self._forget()
        paths = _entry_paths(self.folder)
        if self.cache and len(paths) >= WORTH_CACHING:
            self._take(*_cached(self.cache, paths))
        start = len(self.entries)
        self._take(*_read_on(paths[start:], self.digests, self.dialogue.last_at))
        self.is_erasing = self._waits() or _holds_erased_text(self.entries)
        is_long = len(self.entries) - start >= WORTH_CACHING
        if self.cache and is_long and not self.is_erasing:
            _write_cache(self.cache, paths, self.entries, self.digests)
        return self.dialogue

    def _waits(self) -> bool:
        """Return whether an erasure that was recorded was not carried out."""
        seqs = {redaction.entry for redaction in self.dialogue.redactions}
        return any(_pending(_entry_path(self.folder, seq)).exists() for seq in seqs)

    def _forget(self) -> None:
        self.entries, self.digests, self.dialogue = [], [], Dialogue()

    def _new_paths(self) -> list[Path]:
        """Return the files that follow those read, without listing the thousands."""
        paths: list[Path] = []
        while True:
            path = _entry_path(self.folder, len(self.entries) + len(paths) + 1)
            if not os.path.lexists(path):
                return paths
            paths.append(path)

    def _take(self, entries: Sequence[AnyEntry], digests: Sequence[str]) -> None:
        if entries:
            self.entries += entries
            self.digests += digests
            self.dialogue = fold(entries, self.dialogue, digests)

    # --- writing ---------------------------------------------------------------------

    def append(self, make: Callable[[Dialogue, Stamp], AnyEntry]) -> AnyEntry:
        """Record the entry that `make` returns; it is durable once this returns.

        `make` receives where things stand and the stamp to use, under the lock: what
        it checks still holds when the entry is written. It may return an entry already
        recorded, which is then returned untouched: so a replay gives one entry.
        Raises `DiskFull` when the disk refuses, `ConflictError` when the register is
        not the one this computer continued.
        """
        with self._held() as dialogue:
            return self._appended(make(dialogue, self._stamp()), dialogue)

    def settle(self) -> None:
        """End what a killed process left half done, and read the register."""
        with self._held():
            pass

    @contextlib.contextmanager
    def _held(self) -> Iterator[Dialogue]:
        """Hold the register, up to date: nobody else writes meanwhile."""
        _make_folder(self.folder)
        with locked(self.folder.parent / "register", patience=30.0):
            self.refresh()
            self.refuse_another(self.digests)
            self._sweep()
            yield self.dialogue

    def _sweep(self) -> None:
        """End what a killed process left; the register is held.

        Another process may be killed at any time: what it was to erase is looked for
        at each writing, what was never acknowledged once.
        """
        if self._swept:
            seqs = {r.entry for r in self.dialogue.redactions}
            pending = [_pending(_entry_path(self.folder, seq)) for seq in seqs]
        else:
            pending = _swept(self.folder)
            self._swept = True
        ended = [_end_redaction(p, self.dialogue) for p in pending if p.exists()]
        if any(ended):
            self._reread()

    def _reread(self) -> None:
        """Read everything again, from the files alone: a text is gone."""
        self._forget_cache()
        self._forget()
        self.refresh()

    def _appended(self, entry: AnyEntry, dialogue: Dialogue) -> AnyEntry:
        if entry.seq <= dialogue.head.size:
            return entry
        data = as_data(entry)
        text = entry_text(data)
        if len(text.encode()) > MAX_ENTRY:
            raise InputError(
                f"cette entrée du registre dépasserait {MAX_ENTRY // 1024} Kio : "
                "enregistrez-la en plusieurs fois."
            )
        _write_entry(self.folder, entry.seq, text)
        self._take([entry], [entry_digest(data)])
        self._remember()
        return entry

    def redact(
        self,
        make: Callable[[Dialogue, Stamp], Redacted],
        remaining: str | None,
        salt: str | None,
    ) -> Redacted:
        """Erase a text of an entry, wholly or but for what remains; record that it was.

        What is to stand is prepared beside the entry, the redaction is recorded, then
        the entry is replaced: killed in between, the next one to write ends it. Raises `InputError` for a text that is not there.
        """
        with self._held() as dialogue:
            entry = make(dialogue, self._stamp())
            redaction = entry.redaction
            path = _entry_path(self.folder, redaction.entry)
            if not 1 <= redaction.entry <= len(self.entries):
                raise InputError(f"le registre n’a pas d’entrée {redaction.entry}.")
            data, _ = read_entry(path)
            erased = without_text(data, redaction.field, remaining, salt)
            pending = _pending(path)
            write_atomic(pending, entry_text(erased))
            try:
                self._appended(entry, dialogue)
            except BaseException:
                # Stopped once it is recorded, it is still to be carried out.
                if not _entry_path(self.folder, entry.seq).exists():
                    pending.unlink(missing_ok=True)
                raise
            os.replace(pending, path)
            sync_folder(self.folder)
            self._reread()
        return entry

    def _forget_cache(self) -> None:
        try:
            if self.cache:
                self.cache.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"le texte est effacé du registre, mais {self.cache} garde l’ancien texte "
                f"({system_reason(error)}) : effacez ce fichier."
            ) from None

    def _stamp(self) -> Stamp:
        last = self.dialogue.last_at
        at = moment(self.clock())
        _refuse_far_future(self.dialogue, at)
        previous = self.digests[-1] if self.digests else NO_PREVIOUS
        return Stamp(len(self.entries) + 1, previous, max(at, last), at < last or None)

    def check_memory(self) -> None:
        """Raise `ConflictError` when this computer held another register, or more of it.

        A register that lost its end is whole in itself: only what remembers it can tell.
        """
        self.refuse_another(self.digests)

    def refuse_another(self, digests: Sequence[str]) -> None:
        """Raise `ConflictError` unless these entries go on from those remembered."""
        known = self._known_end()
        if known is None:
            return
        size, digest = known
        if size > len(digests) or (size and digests[size - 1] != digest):
            raise ConflictError(
                f"{self.folder} : ce registre n’est pas la suite de celui que cet "
                f"ordinateur a tenu (entrée {size}, empreinte {digest[:12]}). Une copie "
                "plus ancienne ou divergente l’a remplacé : rien n’est écrit. Reprenez "
                f"la dernière sauvegarde, ou retirez {self.memory} si ce registre est le "
                "bon."
            )

    def _known_end(self) -> tuple[int, str] | None:
        if self.memory is None or not self.memory.exists():
            return None
        try:
            known = json.loads(read_ordinary(self.memory, 10_000))
            return int(known["size"]), str(known["digest"])
        except (ValueError, KeyError, TypeError):
            return None

    def _remember(self) -> None:
        if self.memory is None:
            return
        # Losing it loses nothing: the entry is already durable.
        with contextlib.suppress(InputError):
            write_atomic(
                self.memory,
                json.dumps({"size": len(self.digests), "digest": self.digests[-1]}),
            )


def _refuse_far_future(dialogue: Dialogue, at: str) -> None:
    """Raise `InputError` for a clock that is years ahead.

    No later entry may have an earlier date: everything would be late for ever.
    """
    settings = dialogue.settings
    if (
        settings is not None
        and int(at[:4]) > int(settings.closes[:4]) + MAX_YEARS_AFTER
    ):
        raise InputError(
            f"l’horloge de cet ordinateur dit {at[:4]}, plus de {MAX_YEARS_AFTER} ans "
            "après la fin de la concertation : réglez-la. Rien n’est enregistré."
        )


def _read_on(
    paths: Sequence[Path], before: Sequence[str], at: str
) -> tuple[list[AnyEntry], list[str]]:
    """Return the entries of files, which must follow those read before.

    Nothing altered is returned, nor a text whose redaction was cut short.
    """
    entries: list[AnyEntry] = []
    digests: list[str] = []
    texts: list[dict[str, Any]] = []
    previous = before[-1] if before else NO_PREVIOUS
    for seq, path in enumerate(paths, len(before) + 1):
        data, entry = read_entry(path)
        if entry.seq != seq or entry.prev != previous:
            raise InputError(
                f"{path} : cette entrée ne suit pas la précédente. Le registre est "
                "abîmé : « charter consultation verify » dit où ; reprenez-le d’une "
                "sauvegarde."
            )
        if entry.at < at:
            raise InputError(
                f"{path} : cette entrée est datée d’avant la précédente : elle a été "
                "modifiée. Reprenez le registre d’une sauvegarde."
            )
        previous, at = entry_digest(data), entry.at
        entries.append(entry)
        digests.append(previous)
        texts.append(data)
    for seq, found, said in faulty_texts(texts):
        if said != INTERRUPTED:
            raise InputError(
                f"{_entry_path(paths[0].parent, seq)} : « {found.field} » {said} Rien "
                "n’est affiché ni enregistré tant qu’il en est ainsi : reprenez cette "
                "entrée d’une sauvegarde."
            )
        rank = seq - len(before) - 1
        texts[rank] = without_text(texts[rank], found.field, None, None)
        entries[rank] = _ENTRY.validate_json(json.dumps(texts[rank]))
    return entries, digests


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Put off the search for garbage: a hundred thousand values are made, none is any."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# --- what was read, kept -------------------------------------------------------------

WORTH_CACHING = 500
"""Entries below which reading the files again costs nothing one would notice."""
MAX_CACHE = 512 * 1024**2
_ENTRIES: TypeAdapter[tuple[AnyEntry, ...]] = TypeAdapter(tuple[AnyEntry, ...])


def _signature(paths: Sequence[Path]) -> str:
    """Return what changes when one of the files does: names, sizes, dates of writing."""
    rows = []
    for path in paths:
        status = path.stat()
        rows.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    return sha256("\n".join(rows).encode()).hexdigest()


def _cached(
    cache: Path, paths: Sequence[Path]
) -> tuple[Sequence[AnyEntry], Sequence[str]]:
    """Return the entries kept of these files, or of the first ones; else nothing.

    The cache is the registrar's own file: it spares time, and proves nothing. `verify`
    never reads it.
    """
    with contextlib.suppress(InputError, OSError, ValueError, KeyError, TypeError):
        head, _, entries = read_ordinary(cache, MAX_CACHE).partition(b"\n")
        said = json.loads(head)
        digests = said["digests"]
        if said["files"] == _signature(paths[: len(digests)]):
            found = _ENTRIES.validate_json(entries)
            if len(found) == len(digests):
                return found, digests
    return (), ()


def _write_cache(
    cache: Path,
    paths: Sequence[Path],
    entries: Sequence[AnyEntry],
    digests: Sequence[str],
) -> None:
    # Without it the register is read again, no more.
    with contextlib.suppress(InputError, OSError):
        head = {"files": _signature(paths), "digests": list(digests)}
        body = _ENTRIES.dump_json(tuple(entries), exclude_none=True)
        write_atomic(cache, json.dumps(head).encode() + b"\n" + body)


class Examined(NamedTuple):
    """A register read from its files, and everything wrong in it."""

    faults: list[Fault]
    dialogue: Dialogue
    """Where the consultation stands; empty when something is wrong."""
    digests: list[str]


def examine(folder: Path) -> Examined:
    """Return a register with its faults: chain, texts, entries that make no sense."""
    with _no_collection():
        return _examined(folder)


def faults(folder: Path) -> list[Fault]:
    """Return everything wrong in a register."""
    return examine(folder).faults


def _examined(folder: Path) -> Examined:
    found: list[Fault] = []
    data: list[Mapping[str, Any]] = []
    entries: list[AnyEntry] = []
    for path in _entry_paths(folder):
        seq = int(path.stem)
        try:
            raw, entry = read_entry(path)
        except (InputError, DocumentErrors) as error:
            found.append(Fault(seq, str(error)))
            continue
        if entry.seq != seq:
            found.append(Fault(seq, f"{path.name} porte l’entrée {entry.seq}."))
        data.append(raw)
        entries.append(entry)
    digests = [entry_digest(raw) for raw in data]
    if not found:
        found += [*chain_faults(data, digests), *text_faults(data)]
    if not found:
        try:
            return Examined([], fold(entries, digests=digests), digests)
        except InputError as error:
            found.append(Fault(0, str(error)))
    return Examined(found, Dialogue(), digests)


def _entry_paths(folder: Path) -> list[Path]:
    """Return the files of the entries, in order."""
    if folder.is_symlink():
        raise InputError(
            f"{folder} : les liens symboliques ne sont pas admis : copiez le dossier."
        )
    try:
        names = sorted(
            entry.name for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"{folder} : dossier illisible ({system_reason(error)}). Vérifiez ses droits."
        ) from None
    return [folder / name for name in names]


def read_entry(path: Path) -> tuple[dict[str, Any], AnyEntry]:
    """Return one entry, as plain data and as a value.

    Raises `InputError` or `DocumentErrors` for a file that is not one.
    """
    if path.is_symlink():
        raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
    try:
        text = decode(read_ordinary(path, MAX_ENTRY))
        data = parse(text)
    except YamlSyntaxError as error:
        raise InputError(
            f"{path}:{error.line} : {error} Une entrée ne se corrige pas à la main : "
            "reprenez le registre d’une sauvegarde."
        ) from None
    try:
        entry: AnyEntry = validate(path.name, _ENTRY, data)
    except DocumentErrors as error:
        raise located(
            list(error.problems), {path.name: text}, {path.name: str(path)}
        ) from None
    return data, entry


# --- one file ------------------------------------------------------------------------


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder} : écriture impossible ({system_reason(error)}). Vérifiez les "
            "droits du dossier."
        ) from None


def _swept(folder: Path) -> list[Path]:
    """Remove what was never acknowledged; return what waits for a redaction."""
    waiting = []
    with contextlib.suppress(OSError):
        for leftover in [Path(entry.path) for entry in os.scandir(folder)]:
            if _TEMPORARY.fullmatch(leftover.name):
                leftover.unlink()
            elif _PENDING.fullmatch(leftover.name):
                waiting.append(leftover)
    return waiting


def _end_redaction(pending: Path, dialogue: Dialogue) -> bool:
    """Put in place what a redaction prepared, if it was recorded; return whether it was.

    An entry holds several texts: what is missing here must be what was to be erased.
    """
    path = pending.with_name(f"{pending.name[1:7]}.yml")
    if not _is_recorded(read_entry(path)[0], read_entry(pending)[0], dialogue):
        pending.unlink()
        return False
    os.replace(pending, path)
    sync_folder(path.parent)
    return True


def _is_recorded(
    before: Mapping[str, Any], after: Mapping[str, Any], dialogue: Dialogue
) -> bool:
    """Return whether every text that goes from an entry goes by its last redaction."""
    whole = {text.field: text.text for text in sealed_texts(before)}
    last = {
        r.field: r.remaining_digest
        for r in dialogue.redactions
        if r.entry == before["seq"]
    }
    gone = [t for t in sealed_texts(after) if t.text != whole[t.field]]
    return bool(gone) and all(
        text.field in last and left_of(text) == last[text.field] for text in gone
    )


def _holds_erased_text(entries: Sequence[AnyEntry]) -> bool:
    """Return whether a text stands that a redaction was to erase."""
    erased = {e.redaction.entry for e in entries if isinstance(e, Redacted)}
    told = [e for e in entries if isinstance(e, Redacted) or e.seq in erased]
    return bool(erased and text_faults([as_data(entry) for entry in told]))


def _entry_path(folder: Path, seq: int) -> Path:
    return folder / f"{seq:06}.yml"


def _pending(path: Path) -> Path:
    """Return where the text of an entry waits for its redaction to be recorded."""
    return path.with_name(f".{path.stem}.expurge")


def _write_entry(folder: Path, seq: int, text: str) -> None:
    final = _entry_path(folder, seq)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{seq:06}.", suffix=".tmp", dir=folder
        )
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        _publish(temporary, final)
        sync_folder(folder)
    except FileExistsError:
        raise ConflictError(
            f"{final} : un autre programme a pris ce numéro. Recommencez : rien n’est "
            "perdu."
        ) from None
    except OSError as error:
        raise DiskFull(
            f"{final} : enregistrement impossible ({system_reason(error)}). Rien n’est "
            "enregistré, le registre est intact : gardez votre texte, libérez de la "
            "place, puis recommencez."
        ) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _publish(temporary: str, final: Path) -> None:
    """Give the file its number, unless it is taken."""
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        # A share or a key without links: the lock we hold is the only guard.
        if final.exists():
            raise FileExistsError(final) from None
        os.replace(temporary, final)


# --- its text ------------------------------------------------------------------------

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def entry_text(data: Mapping[str, Any]) -> str:
    """Return the YAML of an entry: texts as blocks, readable in twenty years.

    Read back, it is the same data: this is checked before anything is written. Raises
    `InputError` for data that no file can give back.
    """
    text = "\n".join(_lines(data, 0)) + "\n"
    if _reads_back(text, data):
        return text
    # A text the block style cannot carry: escaped, it can.
    escaped = _escaped_json(data)
    if not _reads_back(escaped, data):
        # Written, nobody could read it again: the whole register would be refused.
        raise InputError(
            "cette entrée contient un signe invisible ou qu’un fichier ne peut garder : "
            "retapez ses textes. Rien n’est enregistré."
        )
    return escaped


def _reads_back(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return bool(_as_lists(parse(decode(text.encode()))) == data)
    except (YamlSyntaxError, UnicodeEncodeError):
        return False


def _escaped_json(data: Mapping[str, Any]) -> str:
    lines = [f"{key}: {json.dumps(value)}" for key, value in data.items()]
    # Brackets in a text look like a deep file to our reader.
    return "\n".join(_QUOTED.sub(_without_brackets, line) for line in lines) + "\n"


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def _without_brackets(quoted: re.Match[str]) -> str:
    return re.sub(r"[\[\]{}]", lambda sign: f"\\u{ord(sign[0]):04x}", quoted[0])


def _as_lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_lists(item) for item in value]
    return value


def _lines(data: Mapping[str, Any], indent: int) -> list[str]:
    lines: list[str] = []
    margin = "  " * indent
    for key, value in data.items():
        if isinstance(value, Mapping):
            lines += [f"{margin}{key}:", *_lines(value, indent + 1)]
        elif isinstance(value, list | tuple):
            lines += _list_lines(key, value, indent)
        elif isinstance(value, str) and (key in SEALED_FIELDS or "\n" in value):
            lines += _block_lines(key, value, indent)
        else:
            lines.append(f"{margin}{key}: {_scalar(value)}")
    return lines


def _list_lines(key: str, items: Sequence[Any], indent: int) -> list[str]:
    margin = "  " * indent
    if not items:
        return [f"{margin}{key}: []"]
    lines = [f"{margin}{key}:"]
    for item in items:
        if isinstance(item, Mapping):
            first, *others = _lines(item, indent + 2)
            lines.append(f"{margin}  - {first.strip()}")
            lines += others
        else:
            lines.append(f"{margin}  - {_scalar(item)}")
    return lines


def _block_lines(key: str, text: str, indent: int) -> list[str]:
    if not text:
        return [f"{'  ' * indent}{key}: ''"]
    inner = "  " * (indent + 1)
    # A block that starts with a space must say how far it is indented.
    width = "2" if text[:1] in (" ", "\n") else ""
    body = [f"{inner}{line}" if line else "" for line in text.split("\n")]
    return [f"{'  ' * indent}{key}: |{width}-", *body]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)
