"""`consultation/register/`: one file per entry, written once and in order.

What is acknowledged is on the disk: the entry is written aside, made durable, then
linked to its number, which fails if that number is taken.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from charter_builder.chain import (
    Data,
    as_data,
    entry_digest,
    left_of,
    sealed_texts,
)
from charter_builder.consultation import moment
from charter_builder.dialogue import Dialogue, fold
from charter_builder.errors import ConflictError, InputError, system_reason
from charter_builder.model import Value
from charter_builder.redaction import Erasure
from charter_builder.register import NO_PREVIOUS, AnyEntry, Digest, Redacted
from charter_builder.storage.files import (
    locked,
    publish,
    read_ordinary,
    sync_folder,
    write_atomic,
)
from charter_builder.storage.register_cache import (
    WORTH_CACHING,
    cached,
    signature,
    write_cache,
)
from charter_builder.storage.register_reading import (
    MAX_ENTRY,
    Reading,
    entry_path,
    entry_paths,
    no_collection,
    read_entry,
    read_on,
)
from charter_builder.storage.register_text import entry_text

MAX_YEARS_AFTER = 5
"""Years after the last day: the register is long closed, or the clock is wrong."""
# Our own digits: other scripts have theirs, which `\d` takes too.
_TEMPORARY = re.compile(r"\.{1,2}[0-9]{6}\.(?:expurge\.)?[\w-]+\.tmp")
_PENDING = re.compile(r"\.[0-9]{6}\.expurge")


class _End(Value):
    """What the memory of a register holds: how far it went."""

    size: Annotated[int, Field(ge=1)]
    digest: Digest


_END = TypeAdapter(_End)


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
        self.hides = False
        """Whether a text is left out that a recorded redaction has still to erase."""
        self.entries: list[AnyEntry] = []
        self.digests: list[str] = []
        self.dialogue = Dialogue()

    # --- reading ---------------------------------------------------------------------

    def refresh(self) -> Dialogue:
        """Read the entries others wrote since, and return where things stand.

        Raises `InputError` for a register that is damaged.
        """
        with no_collection():
            return self._refreshed()

    def _refreshed(self) -> Dialogue:
        if self.entries and not self.hides:
            read = read_on(self._new_paths(), self.digests, self.dialogue.last_at)
            if not read.redacts:
                self._take(read)
                return self.dialogue
        # A text read before is no longer to be known: everything is read again.
        self._forget()
        paths = entry_paths(self.folder)
        is_long = self.cache is not None and len(paths) >= WORTH_CACHING
        signed = signature(paths) if is_long else ""
        if self.cache and is_long:
            entries, digests = cached(self.cache, paths)
            self._take(Reading(list(entries), list(digests), hides=False))
        start = len(self.entries)
        read = read_on(paths[start:], self.digests, self.dialogue.last_at)
        if start and read.redacts:
            self._forget()
            start, read = 0, read_on(paths)
        self._take(read)
        is_new = len(paths) - start >= WORTH_CACHING
        if self.cache and is_long and is_new and not self.hides:
            write_cache(self.cache, signed, self.entries, self.digests)
        return self.dialogue

    def _forget(self) -> None:
        self.entries, self.digests, self.dialogue = [], [], Dialogue()

    def _new_paths(self) -> list[Path]:
        """Return the files that follow those read, without listing the thousands."""
        paths: list[Path] = []
        while True:
            path = entry_path(self.folder, len(self.entries) + len(paths) + 1)
            if not os.path.lexists(path):
                return paths
            paths.append(path)

    def _take(self, read: Reading) -> None:
        self.hides = read.hides
        if read.entries:
            self.entries += read.entries
            self.digests += read.digests
            self.dialogue = fold(read.entries, self.dialogue, read.digests)

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
            pending = [_pending(entry_path(self.folder, seq)) for seq in seqs]
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
        self._take(Reading([entry], [entry_digest(data)], hides=False))
        self._remember()
        return entry

    def redact(
        self, seq: int, make: Callable[[Data, Stamp], tuple[Redacted, Erasure]]
    ) -> Redacted:
        """Erase a text of an entry, wholly or but for what remains; record that it was.

        `make` receives the entry as it stands, under the lock. What is to stand is
        prepared beside the entry, the redaction is recorded, then the entry is
        replaced: killed in between, the next one to write ends it. Raises `InputError`
        for a text that is not there.
        """
        with self._held() as dialogue:
            if not 1 <= seq <= len(self.entries):
                raise InputError(f"le registre n’a pas d’entrée {seq}.")
            path = entry_path(self.folder, seq)
            entry, erased = make(read_entry(path)[0], self._stamp())
            pending = _pending(path)
            write_atomic(pending, entry_text(erased.data))
            try:
                self._appended(entry, dialogue)
            except BaseException:
                # Stopped once it is recorded, it is still to be carried out.
                if not entry_path(self.folder, entry.seq).exists():
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
        if size > len(digests) or digests[size - 1] != digest:
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
            known = _END.validate_json(read_ordinary(self.memory, 10_000))
        except ValidationError:
            return None
        return known.size, known.digest

    def _remember(self) -> None:
        if self.memory is None:
            return
        # Losing it loses nothing: the entry is already durable.
        with contextlib.suppress(InputError):
            end = _End(size=len(self.digests), digest=self.digests[-1])
            write_atomic(self.memory, _END.dump_json(end))


def _refuse_far_future(dialogue: Dialogue, at: str) -> None:
    """Raise `InputError` for a clock that is years ahead.

    No later entry may have an earlier date: everything would be late for ever.
    """
    settings = dialogue.settings
    if (
        settings is not None
        # A text may have to be erased long after the end.
        and dialogue.closed is None
        and int(at[:4]) > int(settings.closes[:4]) + MAX_YEARS_AFTER
    ):
        raise InputError(
            f"l’horloge de cet ordinateur dit {at[:4]}, plus de {MAX_YEARS_AFTER} ans "
            "après la fin de la concertation : réglez-la. Rien n’est enregistré."
        )


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
    """Return whether every text that goes from an entry goes by its last redaction.

    All else must be the same: the file may be of another entry.
    """
    if entry_digest(before) != entry_digest(after):
        return False
    whole = {text.field: text.text for text in sealed_texts(before)}
    last = {
        r.field: r.remaining_digest
        for r in dialogue.redactions
        if r.entry == before["seq"]
    }
    gone = [t for t in sealed_texts(after) if t.text != whole.get(t.field)]
    return bool(gone) and all(
        text.field in last and left_of(text) == last[text.field] for text in gone
    )


def _pending(path: Path) -> Path:
    """Return where the text of an entry waits for its redaction to be recorded."""
    return path.with_name(f".{path.stem}.expurge")


def _write_entry(folder: Path, seq: int, text: str) -> None:
    final = entry_path(folder, seq)
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
        publish(temporary, final)
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
