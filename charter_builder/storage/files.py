"""Writes that are all or nothing, and locks that die with their process."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from charter_builder.errors import InputError, system_reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file at once: an interruption leaves the old one whole.

    Raises `InputError` when the disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
        )
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
        temporary = ""
        _sync_folder(path.parent)
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


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
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
    try:
        stream = lock.open("a+b")
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
