"""`make bench`: how fast the program is, as ratios measured in one run.

The two sides of a ratio take turns, and their medians are compared: what else the
machine does weighs on both. The peers are installed by `make bench`, apart; the
argument is the folder of their commands.
"""

import contextlib
import io
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from registers import shown, write_register
from served import served

from charter_builder.assembly import assemble
from charter_builder.charter import Charter
from charter_builder.cli.site import all_inserts, make_site, write_sources
from charter_builder.interview import take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.register_files import Journal
from charter_builder.storage.register_reading import examine
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website import builder
from charter_builder.website.builder import Session
from charter_builder.website.dialogue_pages import fragments
from charter_builder.website.finish import finish
from charter_builder.website.pages import Site, build
from charter_builder.website.writer import write_tree

TURNS = 7
MANY, FEW = 10_000, 100


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run(words, check=True, capture_output=True)


def command(*words: str) -> Callable[[], object]:
    return run(sys.executable, "-m", "charter_builder", *words)


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
        help_.append(seconds(command("--help")))
        click.append(seconds(run(sys.executable, "-c", "import click")))
    ratio("charter --help / import click", help_, click, "≤ 1.5")


def draft(folder: Path, library: Library, copier: Path) -> None:
    """A cold draft, of the sample then of the largest charter, beside copier.

    Copier is given its easiest case: a template of a local folder that is no git
    repository, no condition on any question, and as many texts as we have options.
    """
    template = folder / "template"
    write_tree(template, _template(library))
    complete = _complete(folder / "complet")
    sample, largest, theirs = [], [], []
    for turn in range(2 * TURNS):
        sample.append(seconds(command("-C", str(folder / "demo"), "draft")))
        largest.append(seconds(command("-C", str(complete), "draft")))
        words = [str(copier), "copy", "--defaults", "--quiet", str(template)]
        theirs.append(seconds(run(*words, str(folder / f"copy-{turn}"))))
        assert len(list((folder / f"copy-{turn}").rglob("*.md"))) == len(
            library.options
        )
    questions, items = len(library.owned), len(library.options)
    name = f"charter draft / copier copy, {questions} + {items}"
    ratio(name, sample, theirs, "≤ 0.50")
    ratio("complet drafts cold / the same (≤ 0.6 s)", largest, theirs, "≤ 0.50")


def _complete(folder: Path) -> Path:
    """Return a workspace with every theme open, and all that is proposed taken."""
    started = ("--profile", "complet", "--name", "Ville", "--date", "2027-03-01")
    command("new", str(folder), *started)()
    asked = ("--set", "effectif=240", "--set", "habitants=9000", "--defaults")
    command("-C", str(folder), "ask", *asked)()
    return folder


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
    content = write_sources(Workspace(folder), None).site
    charter = content.charter
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
        ours.append(before + seconds(partial(_finished, content, files)))
    ratio("write and finish pages / mkdocs build", ours, theirs, "≤ 0.10")


def _finished(content: Site, files: dict[str, bytes]) -> None:
    finish(files, None, None, all_inserts(content))


def rebuild(folder: Path) -> None:
    """What `charter site serve` does after one answer, beside a whole build."""
    command("demo", str(folder), "--no-serve")()
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


ENTRIES = 10_000


def register(folder: Path, charter: Charter) -> None:
    """Measure a long register: verified and folded, from its files then from the cache."""
    path, cache = folder / "register", folder / "cache.json"
    version = write_register(path, charter, ENTRIES)
    cold = seconds(partial(examine, path))
    print(f"{ENTRIES} entries verified and folded, cold   {cold:14.2f} s  ≤ 6 s")
    journal = Journal(path, cache=cache)
    journal.refresh()
    warm = [seconds(Journal(path, cache=cache).refresh) for _ in range(TURNS)]
    print(
        f"the same, from the cached state          {statistics.median(warm):14.2f} s  ≤ 0.5 s"
    )
    found: dict[str, str] = {}
    spent = seconds(lambda: found.update(fragments(shown(journal, version))))
    heaviest = max(len(page.encode()) for page in found.values())
    print(
        f"their {len(found)} fragments written            {spent:14.2f} s  "
        f"heaviest {heaviest // 1000} kB (≤ 300 kB)",
        flush=True,
    )


def main() -> None:
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
        command("demo", str(demo), "--no-serve")()
        draft(Path(root), library, Path(sys.argv[1]) / "copier")
        site(demo)
        rebuild(Path(root) / "rebuilt")
        place = Workspace(demo)
        served(Path(root) / "rebuilt")
        register(Path(root) / "long", assemble(place.library, place.answers()))
    many_charters(library)


if __name__ == "__main__":
    main()
