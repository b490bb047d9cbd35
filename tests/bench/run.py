"""`make bench`: how fast the program is, as ratios measured in one run.

The two sides of a ratio take turns, and their medians are compared: what else the
machine does weighs on both. The peers are installed by `make bench`, apart; the
argument is the folder of their commands.
"""

import contextlib
import io
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from live_client import wait_for

from charter_builder.assembly import assemble
from charter_builder.cli.site import make_site
from charter_builder.interview import take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.requirements import coverage, findings
from charter_builder.storage.consultation_files import dialogue_of
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website import builder
from charter_builder.website.builder import Session
from charter_builder.website.finish import finish
from charter_builder.website.pages import Site, build
from charter_builder.website.writer import write_tree

TURNS = 7
MANY, FEW = 10_000, 100
LOAD = Path(__file__).with_name("load.py")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run(words, check=True, capture_output=True)


def ratio(name: str, ours: list[float], theirs: list[float], target: str) -> None:
    one, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"{name:42} {one / other:6.2f} ×  {target:7} {one:8.4f} s / {other:.4f} s, "
        f"n = {len(ours)}",
        flush=True,
    )


def start_up() -> None:
    help_, click = [], []
    for _ in range(2 * TURNS):
        help_.append(seconds(run(sys.executable, "-m", "charter_builder", "--help")))
        click.append(seconds(run(sys.executable, "-c", "import click")))
    ratio("charter --help / import click", help_, click, "≤ 1.5")


def draft(folder: Path, library: Library, copier: Path) -> None:
    """A cold draft, beside copier on as many questions and items.

    Copier is given its easiest case: a template of a local folder that is no git
    repository, no condition on any question, and as many texts as we have options.
    """
    template = folder / "template"
    write_tree(template, _template(library))
    ours, theirs = [], []
    for turn in range(TURNS):
        words = [sys.executable, "-m", "charter_builder", "-C", str(folder / "demo")]
        ours.append(seconds(run(*words, "draft")))
        words = [str(copier), "copy", "--defaults", "--quiet", str(template)]
        theirs.append(seconds(run(*words, str(folder / f"copy-{turn}"))))
        assert len(list((folder / f"copy-{turn}").rglob("*.md"))) == len(
            library.options
        )
    questions, items = len(library.owned), len(library.options)
    name = f"charter draft / copier copy, {questions} + {items}"
    ratio(name, ours, theirs, "≤ 0.50")


def _template(library: Library) -> dict[str, bytes]:
    """Return a template that asks as many questions, for as many texts of our size."""
    names = list(library.owned)
    files = {}
    for number, option in enumerate(library.options.values()):
        asked = [*option.parameters] or [names[number % len(names)]]
        words = re.sub(r"{[{%].*?[%}]}", "…", option.text, flags=re.DOTALL)
        blanks = "\n".join(f"{name} : {{{{ {name} }}}}" for name in asked)
        files[f"{option.id}.md.jinja"] = f"# {option.title}\n\n{words}\n{blanks}\n"
    asked_all = "".join(
        f"{name}:\n  type: str\n  help: {json.dumps(owned.question.label)}\n"
        f"  default: {json.dumps(str(getattr(owned.question, 'default', '…')))}\n"
        for name, owned in library.owned.items()
    )
    files["copier.yml"] = asked_all
    return {name: text.encode() for name, text in files.items()}


def site(folder: Path) -> None:
    """Our page writing and finishing, beside the build of the same Markdown."""
    place = Workspace(folder)
    library, settings = place.library, place.settings.site
    charter = assemble(library, place.answers())
    content = Site(
        charter=charter,
        library=library,
        settings=settings,
        findings=findings(charter, library),
        coverage=coverage(charter, library),
    )
    ours, theirs = [], []
    for turn in range(4):
        written = {name: text.encode() for name, text in build(content).items()}
        before = seconds(partial(build, content))
        before += seconds(partial(write_tree, folder / str(turn), written))
        target = Path(tempfile.mkdtemp(dir=folder))
        configuration = folder / "site.generated.yml"
        day = charter.act_date
        theirs.append(seconds(partial(builder._run_mkdocs, configuration, target, day)))
        files = {
            path.relative_to(target).as_posix(): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file()
        }
        ours.append(before + seconds(partial(finish, files, None)))
    ratio("write and finish pages / mkdocs build", ours, theirs, "≤ 0.10")


def rebuild(folder: Path) -> None:
    """What `charter site serve` does after one answer, beside a whole build."""
    run(sys.executable, "-m", "charter_builder", "demo", str(folder), "--no-serve")()
    place, session = Workspace(folder), Session()
    make_site(place, session)
    hours = ("fin_deconnexion: '07:30'", "fin_deconnexion: '07:45'")
    again, whole = [], []
    for _ in range(TURNS):
        text = place.answers_path.read_text(encoding="utf-8")
        place.answers_path.write_text(text.replace(*hours), encoding="utf-8")
        again.append(seconds(partial(make_site, place, session)))
        whole.append(seconds(lambda: make_site(Workspace(folder))))
        hours = hours[::-1]
    ratio("rebuild after one answer / full build", again, whole, "≤ 0.7")


LOAD_SECONDS = 60


def live(folder: Path) -> None:
    """Fifty pages and five contributions a second on a server, for a minute."""
    command = [sys.executable, "-m", "charter_builder", "-C", str(folder)]
    consultation = [*command, "consultation"]
    names = [f"org-{number}" for number in range(8)]
    opening = [f"--organisation={name}={name.title()}" for name in names]
    run(*command, "freeze")()
    run(
        *consultation, "open", *opening, "--opens", "2020-01-06", "--closes=2090-01-31"
    )()
    run(*consultation, "open")()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    tokens = [invited([*consultation, "invite", name]) for name in names]
    server = subprocess.Popen(
        [*consultation, "serve", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        wait_for(address, 120)
        done = subprocess.run(
            [sys.executable, str(LOAD), address, str(LOAD_SECONDS)],
            input="\n".join(tokens),
            env={**os.environ, "PYTHONPATH": str(LOAD.parents[1])},
            check=True,
            capture_output=True,
            text=True,
        )
        status = Path(f"/proc/{server.pid}/status")
        memory = (
            re.search(r"VmHWM:\s+(\d+)", status.read_text())
            if status.exists()
            else None
        )
    finally:
        server.terminate()
        server.wait()
    said = json.loads(done.stdout)
    recorded = {
        standing.contribution.key
        for standing in dialogue_of(Workspace(folder)).standings.values()
    }
    lost = [key for key in said["acknowledged"] if key not in recorded]
    for kind, target in (("get", "p99 < 300 ms"), ("post", "p99 < 300 ms, lost 0")):
        delays = sorted(said[kind]["delays"])
        p50, p99 = (
            1000 * delays[int(part * (len(delays) - 1))] for part in (0.5, 0.99)
        )
        more = (
            f", lost {len(lost)} of {len(said['acknowledged'])}"
            if kind == "post"
            else ""
        )
        print(
            f"{f'{kind} on a server, {LOAD_SECONDS} s':42} p50 {p50:.0f} ms, p99 {p99:.0f} ms, "
            f"most {1000 * delays[-1]:.0f} ms, failed {len(said[kind]['failures'])} of "
            f"{len(delays)}{more}   {target}",
            flush=True,
        )
    if memory:
        print(f"{'memory of the server':42} {int(memory[1]) / 1024:6.0f} Mo")


def invited(words: list[str]) -> str:
    """Return the token of a new invitation."""
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = re.search(r"/entrer/(\S+)", said)
    assert found is not None
    return found[1]


def draft_many(library: Library, count: int) -> float:
    """Draft as many charters; return the processor time of one."""
    answers = take_proposed(
        library,
        Answers(
            act_date="2027-03-01",
            profile="essentiel",
            values={"nom_collectivite": "Ville", "effectif": 240, "habitants": 9000},
        ),
    )
    start = time.process_time()
    for number in range(count):
        assemble(library, answers.with_value("nom_collectivite", f"Ville {number}"))
    return (time.process_time() - start) / count


def many_charters(library: Library) -> None:
    draft_many(library, 20)
    few, many = draft_many(library, FEW), draft_many(library, MANY)
    ratio(f"CPU per charter, {MANY} / {FEW}", [many], [few], "≤ 1.25")
    print(f"{'charters a second on one core':42} {1 / many:6.0f}    ≥ 200")
    # In processes of their own: the peak of this one is that of the site.
    few, many = peak_memory(FEW), peak_memory(MANY)
    print(
        f"{f'peak memory, {MANY} / {FEW} charters':42} {many / few:6.2f} ×  ≤ 1.2   "
        f"{many:8.1f} Mo / {few:.1f} Mo, n = 1"
    )


def peak_memory(count: int) -> float:
    """Return the megabytes a process needs to draft as many charters."""
    command = (sys.executable, __file__, "--draft", str(count))
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def main() -> None:
    if sys.argv[1] == "--live":
        with tempfile.TemporaryDirectory() as root:
            demo = Path(root) / "demo"
            words = [sys.executable, "-m", "charter_builder", "demo", str(demo)]
            run(*words, "--no-serve")()
            live(demo)
        return
    if sys.argv[1] == "--draft":
        draft_many(load_library(shipped_library()), int(sys.argv[2]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    start_up()
    library = load_library(shipped_library())
    with (
        tempfile.TemporaryDirectory() as root,
        contextlib.redirect_stderr(io.StringIO()),
    ):
        demo = Path(root) / "demo"
        run(sys.executable, "-m", "charter_builder", "demo", str(demo), "--no-serve")()
        draft(Path(root), library, Path(sys.argv[1]) / "copier")
        site(demo)
        rebuild(Path(root) / "rebuilt")
        live(Path(root) / "rebuilt")
    many_charters(library)


if __name__ == "__main__":
    main()
