"""`charter demo`: the same sample on every machine, and a site one can look at."""

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple
from urllib.request import urlopen

import pytest
from terminal import COMMAND, environment, flat, invoke, run


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, by its path inside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stamps(folder: Path) -> dict[str, int]:
    """Return when each file was last written."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment(),
    )


@pytest.fixture(scope="module")
def busy_port() -> Iterator[int]:
    """A port somebody listens on; the next one is free, or was a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


class Samples(NamedTuple):
    """Two samples made side by side, and what was said of the first."""

    one: Path
    other: Path
    said: str


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Run `charter demo` twice, in two folders."""
    root = tmp_path_factory.mktemp("exemples")
    one, other = root / "un", root / "un autre, plus loin" / "à côté"
    processes = [start("demo", folder, "--no-serve") for folder in (one, other)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    return Samples(one, other, outputs[0])


def test_two_samples_are_the_same_byte_for_byte(samples: Samples) -> None:
    assert tree(samples.one) == tree(samples.other)


def test_a_sample_holds_answers_a_charter_an_act_and_a_site(samples: Samples) -> None:
    assert {
        "answers.yml",
        "draft/charte.md",
        "draft/deliberation.md",
        "site/index.html",
    } <= tree(samples.one).keys()


def test_what_was_made_is_told_step_by_step(samples: Samples) -> None:
    steps = re.findall(r"^\[\d/6\] (.*?) …", samples.said, re.MULTILINE)

    assert steps == [
        "Espace de travail",
        "Réponses de la ville",
        "Concertation",
        "Charte et délibération",
        "Vérification",
        "Site",
    ]
    assert f"{samples.one}/site/index.html : " in samples.said
    assert f"charter -C {samples.one} site serve" in samples.said


def test_a_sample_has_no_legal_error(samples: Samples) -> None:
    assert invoke("-C", samples.one, "check").exit_code == 0


class Second(NamedTuple):
    """A second run in the folder of the first, served beside a busy port."""

    said: str
    page: str
    ending: str
    code: int
    rewritten: set[str]


@pytest.fixture(scope="module")
def second(samples: Samples, busy_port: int) -> Second:
    """Run `charter demo` again, look at its first page, and press Ctrl-C."""
    before = stamps(samples.one)
    with start("demo", samples.one, "--port", str(busy_port)) as process:
        assert process.stdout is not None
        said = read_until(process.stdout, "Ctrl-C")
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address, said
        with urlopen(address[0], timeout=10) as answer:
            page = answer.read().decode()
        process.send_signal(signal.SIGINT)
        ending = process.stdout.read()
        code = process.wait(timeout=30)
    rewritten = {name for name, _ in stamps(samples.one).items() ^ before.items()}
    return Second(said, page, ending, code, rewritten)


def read_until(stream: IO[str], word: str) -> str:
    """Return what is said up to the line that holds a word, or to the end."""
    said = ""
    for line in stream:
        said += line
        if word in line:
            break
    return said


def test_a_second_run_in_the_same_folder_rewrites_nothing(second: Second) -> None:
    assert "0 fichier réécrit" in second.said
    assert second.rewritten == set()


def test_a_busy_port_gives_way_to_the_next_and_this_is_said(
    second: Second, busy_port: int
) -> None:
    told = re.search(r"Le port (\d+) est occupé : le (\d+) est pris", second.said)
    assert told
    busy, taken = map(int, told.groups())
    assert busy == busy_port < taken
    assert f"http://127.0.0.1:{taken}/ (Ctrl-C pour arrêter)" in second.said


def test_the_sample_is_served_until_ctrl_c(second: Second) -> None:
    assert "Valmorane" in second.page
    assert second.ending.strip() == "Serveur arrêté."
    assert second.code == 0


def test_another_workspace_is_not_overwritten(town: Path) -> None:
    before = tree(town)
    refused = invoke("demo", town, "--no-serve")

    assert refused.exit_code == 2
    assert "celui d’une autre collectivité" in flat(refused.output)
    assert tree(town) == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("à garder")
    refused = invoke("demo", tmp_path, "--no-serve")

    assert refused.exit_code == 2
    assert "n’est pas vide" in flat(refused.output)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_serving_on_a_busy_port_is_refused_before_the_site_is_built(
    answered_town: Path, busy_port: int
) -> None:
    refused = run("-C", answered_town, "site", "serve", "--port", str(busy_port))

    assert refused.returncode == 2
    assert f"le port {busy_port} est occupé ou refusé" in refused.stderr
    assert "--port" in refused.stderr
    assert not (answered_town / "site").exists()


def test_a_sample_of_an_older_library_takes_the_answers_it_lacks(
    samples: Samples, tmp_path: Path
) -> None:
    older = shutil.copytree(samples.other, tmp_path / "exemple")
    answers = older / "answers.yml"
    whole = answers.read_text(encoding="utf-8")
    answers.write_text(whole.replace("    duree_adaptation: 3\n", ""), "utf-8")
    assert answers.read_text(encoding="utf-8") != whole

    again = invoke("demo", older, "--no-serve")

    assert again.exit_code == 0, again.output
    assert "duree_adaptation: 3\n" in answers.read_text(encoding="utf-8")
