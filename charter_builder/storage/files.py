"""Writes that are all or nothing, and locks that die with their process."""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from charter_builder.errors import InputError, system_reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def is_folder(path: Path) -> bool:
    """Return whether a path is that of a folder.

    `Path.is_dir` raises for a name too long for the disk: whoever then reads or writes
    there says what is wrong.
    """
    return os.path.isdir(path)


def is_file(path: Path) -> bool:
    """Return whether a path is that of a file, as `is_folder` does."""
    return os.path.isfile(path)


def is_link(path: Path) -> bool:
    """Return whether a path is that of a symbolic link, as `is_folder` does."""
    return os.path.islink(path)


def is_there(path: Path) -> bool:
    """Return whether a path is that of anything, as `is_folder` does."""
    return os.path.exists(path)


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file at once: an interruption leaves the old one whole.

    Raises `InputError` when the disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    if _is_special(path):
        # Replaced by a file, /dev/null would be gone for the whole computer.
        raise InputError(
            f"{path} : ce n’est pas un fichier ordinaire, et il serait remplacé. Donnez "
            "un autre nom."
        )
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
        )
        with os.fdopen(handle, "wb") as stream:
            _write_through(stream, data)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
        temporary = ""
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(
            f"{path} : écriture impossible ({system_reason(error)}). "
            "L’ancien fichier est intact : libérez de la place ou vérifiez les droits, "
            "puis recommencez."
        ) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def make_folder(folder: Path, files: Mapping[str, str], staging: str) -> None:
    """Make a folder with its files at once, or not at all.

    They are written in a hidden folder beside it, whose name begins with `staging`: the
    caller holds the lock under which no other process has one. What a process that was
    killed left there is removed. Raises `OSError`.
    """
    for leftover in folder.parent.glob(f"{staging}*"):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=staging, dir=folder.parent))
    try:
        for name, text in files.items():
            with open(hidden / name, "xb") as stream:
                _write_through(stream, text.encode())
        hidden.chmod(0o755)
        sync_folder(hidden)
        hidden.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _write_through(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
    stream.flush()
    os.fsync(stream.fileno())


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write a file only if its content differs; return whether it did."""
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    write_atomic(path, data)
    return True


def read_ordinary(path: Path, limit: int) -> bytes:
    """Return the bytes of a file.

    Raises `InputError`, which names the file, for what `ordinary_bytes` refuses.
    """
    try:
        return ordinary_bytes(path, limit, "Vérifiez que c’est le bon.")
    except InputError as error:
        raise InputError(f"{path} : {error}") from None


def ordinary_bytes(path: Path, limit: int, remedy: str) -> bytes:
    """Return the bytes of a file; `remedy` is said of one that is too large.

    Raises `InputError`, whose reader says which file it is, for one too large, or that
    is no file: reading a device never ends, and a pipe nobody writes to keeps its
    reader waiting for ever.
    """
    try:
        with open(path, "rb", opener=_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise InputError(
                    "ce n’est pas un fichier ordinaire : remplacez-le par un fichier de "
                    "texte."
                )
            raw = stream.read(limit + 1)
    except OSError as error:
        raise InputError(
            f"fichier illisible ({system_reason(error)}) : vérifiez son nom et ses "
            "droits."
        ) from None
    if len(raw) > limit:
        most = f"{limit // 1024} Kio" if limit < 1024**2 else f"{limit // 1024**2} Mio"
        raise InputError(f"fichier trop gros : {most} au plus. {remedy}")
    return raw


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    # Windows cannot open a folder: the rename is then as durable as it gets.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def locked(path: Path, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock beside a file; it is released if the process dies.

    Raises `InputError` when another process keeps it.
    """
    lock = path.with_name(f".{path.name}.lock")
    if lock.is_symlink():
        raise InputError(
            f"{lock} : ce verrou est un lien symbolique. Retirez-le, puis recommencez."
        )
    try:
        stream = open(lock, "a+b", opener=_here)  # noqa: SIM115
    except OSError as error:
        raise InputError(
            f"{path.parent} : écriture impossible ({system_reason(error)}). Vérifiez "
            "les droits du dossier."
        ) from None
    with stream:
        deadline = time.monotonic() + patience
        while not _try_lock(stream.fileno()):
            if time.monotonic() > deadline:
                raise InputError(
                    f"{path} : un autre programme l’utilise. Fermez-le et recommencez."
                )
            time.sleep(0.02)
        try:
            yield
        finally:
            _unlock(stream.fileno())


def _here(path: str, flags: int) -> int:
    # A link left in a shared folder must not make a file somewhere else.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _try_lock(handle: int) -> bool:
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt  # exists on Windows only

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def _unlock(handle: int) -> None:
    with contextlib.suppress(OSError):
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_UN)
        else:
            import msvcrt  # exists on Windows only

            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)


_NO_LINK = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}


def publish(temporary: str | Path, final: Path) -> None:
    """Give a file its name, unless it is taken: `FileExistsError` then."""
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        # A share or a key without links: whoever writes there holds a lock, or nothing.
        if final.exists():
            raise FileExistsError(final) from None
        os.replace(temporary, final)
