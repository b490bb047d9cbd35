import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from charter_builder.errors import InputError
from charter_builder.storage.files import locked, write_atomic, write_if_changed

OLD = b"ancien\n" * 40_000
NEW = b"nouveau\n" * 40_000


def leftovers(folder: Path, *kept: str) -> list[str]:
    """Return the files of a folder that nobody asked for."""
    return sorted({path.name for path in folder.iterdir()} - set(kept))


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


# --- writes --------------------------------------------------------------------------


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "c.txt", "été\n")

    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "été\n".encode()
    assert leftovers(tmp_path / "a" / "b", "c.txt") == []


def test_a_file_written_again_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("ancien")
    file.chmod(0o640)

    write_atomic(file, "nouveau")

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "ordinaire").touch()

    write_atomic(tmp_path / "a.txt", "x")

    expected = stat.S_IMODE((tmp_path / "ordinaire").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == expected


def test_a_file_that_would_not_change_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x")
    before = file.stat().st_ino

    assert not write_if_changed(file, "x")
    assert file.stat().st_ino == before
    assert write_if_changed(file, "y")
    assert file.read_text() == "y"


WRITE_FOR_EVER = f"""
import sys
from pathlib import Path
from charter_builder.storage.files import write_atomic

print("prêt", flush=True)
while True:
    write_atomic(Path(sys.argv[1]), {NEW[:8]!r} * 40_000)
    write_atomic(Path(sys.argv[1]), {OLD[:7]!r} * 40_000)
"""


def test_a_write_killed_at_any_moment_leaves_the_old_file_or_the_new(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(OLD)
    seen = set()
    for moment in range(12):
        writer = python(WRITE_FOR_EVER, file)
        first_line(writer)
        time.sleep(0.003 * moment)
        end(writer)
        seen.add(file.read_bytes())

    assert seen <= {OLD, NEW}


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(OLD)
    writer = python(WRITE_FOR_EVER, file)
    first_line(writer)

    seen = {file.read_bytes() for _ in range(200)}
    end(writer)

    assert seen <= {OLD, NEW}


def limited(size: int) -> tuple[int, int]:
    """Let no file of this process grow past a size; return the limit before."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    return before


def test_a_disk_that_takes_no_more_leaves_the_old_file_and_no_other(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(OLD)
    before = limited(10_000)
    try:
        with pytest.raises(InputError) as refused:
            write_atomic(file, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert str(refused.value) == (
        f"{file} : écriture impossible (taille de fichier limitée par le système). "
        "L’ancien fichier est intact : libérez de la place ou vérifiez les droits, puis "
        "recommencez."
    )
    assert file.read_bytes() == OLD
    assert leftovers(tmp_path, "a.txt") == []


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    disk = tmp_path / "disque"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        (disk / "a.txt").write_bytes(OLD)
        with pytest.raises(
            InputError, match=r"disque plein.*L’ancien fichier est intact"
        ):
            write_atomic(disk / "a.txt", NEW)
        found = (disk / "a.txt").read_bytes(), leftovers(disk, "a.txt")
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert found == (OLD, [])


def test_a_file_in_place_of_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "projet").write_text("un fichier")

    with pytest.raises(InputError, match="un fichier tient la place d’un dossier"):
        write_atomic(tmp_path / "projet" / "a.txt", "x")


def test_a_folder_in_place_of_the_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()

    with pytest.raises(InputError, match="un dossier tient la place d’un fichier"):
        write_atomic(tmp_path / "a.txt", "x")

    assert leftovers(tmp_path, "a.txt") == []


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    # Root may write anywhere, save where the file system itself refuses.
    with pytest.raises(InputError, match=r"écriture impossible \(.+\)"):
        write_atomic(Path("/proc/charte.txt"), "x")


def test_a_name_too_long_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nom trop long"):
        write_atomic(tmp_path / ("a" * 300), "x")


# --- locks ---------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from charter_builder.storage.files import locked

with locked(Path(sys.argv[1])):
    print("tenu", flush=True)
    sys.stdin.read()
"""


def test_a_lock_keeps_another_process_out(tmp_path: Path) -> None:
    holder = python(HOLD, tmp_path / "a.yml")
    assert first_line(holder) == "tenu"

    with (
        pytest.raises(InputError, match="un autre programme l’utilise"),
        locked(tmp_path / "a.yml", patience=0.1),
    ):
        pass

    end(holder)


def test_a_lock_is_released_when_its_holder_is_killed(tmp_path: Path) -> None:
    holder = python(HOLD, tmp_path / "a.yml")
    assert first_line(holder) == "tenu"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    with locked(tmp_path / "a.yml", patience=0):
        pass


def test_a_lock_is_released_when_what_it_guards_fails(tmp_path: Path) -> None:
    with pytest.raises(InputError), locked(tmp_path / "a.yml"):
        raise InputError("échec")

    with locked(tmp_path / "a.yml", patience=0):
        pass


def test_a_lock_waits_for_its_turn(tmp_path: Path) -> None:
    order: list[str] = []
    held = threading.Event()

    def first() -> None:
        with locked(tmp_path / "a.yml"):
            held.set()
            time.sleep(0.1)
            order.append("premier")

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(10)
    with locked(tmp_path / "a.yml"):
        order.append("second")
    thread.join(10)

    assert order == ["premier", "second"]


def test_a_lock_in_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"écriture impossible \(il n’existe pas\)"),
        locked(tmp_path / "nulle-part" / "a.yml"),
    ):
        pass


def test_a_lock_leaves_the_file_it_guards_alone(tmp_path: Path) -> None:
    with locked(tmp_path / "a.yml"):
        assert leftovers(tmp_path) == [".a.yml.lock"]

    assert os.listdir(tmp_path) == [".a.yml.lock"]


def test_a_lock_that_is_a_link_makes_no_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".figer.lock").symlink_to(tmp_path / "ailleurs")

    with (
        pytest.raises(InputError, match="ce verrou est un lien symbolique"),
        locked(tmp_path / "figer"),
    ):
        pass

    assert not (tmp_path / "ailleurs").exists()


@pytest.mark.parametrize("through", ["pipe", "link"])
def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path, through: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")

    with pytest.raises(InputError, match="ce n’est pas un fichier ordinaire"):
        write_atomic(tmp_path / through, "texte")

    assert stat.S_ISFIFO((tmp_path / through).stat().st_mode)
