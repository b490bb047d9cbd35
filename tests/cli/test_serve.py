"""`charter site serve`: what one edits is what one sees, errors included."""

import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from sites import build, small_workspace
from terminal import COMMAND, environment, flat, run
from trees import write_tree

from charter_builder.storage.workspace_files import Workspace

PATIENCE = 60
"""Seconds after which a process is taken for stuck; it never needs them."""


class Served:
    """A workspace served by a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.place = small_workspace(folder)
        write_tree(self.place.root, {"docs/acces.md": "# Venir\n\nÀ pied.\n"})
        self.process = subprocess.Popen(
            [*COMMAND, "-C", str(self.place.root), "site", "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=environment(),
        )
        self.said = ""
        self.reader = threading.Thread(target=self._listen, daemon=True)
        self.reader.start()
        self.wait(lambda: "Ctrl-C" in self.said)
        found = re.search(r"http://127\.0\.0\.1:\d+/", self.said)
        assert found, self.said
        self.address = found[0]

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line

    def wait(self, condition: Callable[[], bool]) -> None:
        start = time.monotonic()
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() - start < PATIENCE, self.said
            time.sleep(0.05)

    def page(self, path: str) -> str:
        with urlopen(self.address + path, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text

    def wait_for(self, path: str, text: str) -> None:
        self.wait(lambda: text in self.page(path))

    @contextmanager
    def changed(self, path: Path, content: str | None) -> Iterator[None]:
        """Change a file or remove it, then put it back and wait until it is built."""
        before = path.read_bytes() if path.exists() else None
        builds = self.builds()
        if content is None:
            path.unlink()
        else:
            path.write_text(content, "utf-8")
        try:
            yield
            # The page comes a moment before the terminal says so.
            self.wait(lambda: self.builds() > builds)
        finally:
            builds = self.builds()
            if before is None:
                path.unlink()
            else:
                path.write_bytes(before)
            self.wait(lambda: self.builds() > builds)

    def builds(self) -> int:
        """Return how many builds ended, well or not."""
        return len(re.findall("Site reconstruit|reste servi", self.said))

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        assert self.process.stdout
        self.process.stdout.close()
        return code


def contents(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    process = Served(tmp_path_factory.mktemp("Charte de l’été"))
    yield process
    process.stop()


def edited(path: Path, old: str, new: str) -> str:
    text = path.read_text("utf-8")
    assert old in text
    return text.replace(old, new)


def test_a_changed_answer_is_built_and_served(served: Served) -> None:
    path = served.place.answers_path
    with served.changed(path, edited(path, "'19:00'", "'20:00'")):
        served.wait_for("projet/horaires.html", "joint de 20")


def test_a_changed_clause_is_built_and_served(served: Served) -> None:
    path = served.place.library_folder / "horaires/plage.yml"
    with served.changed(path, edited(path, "Nul n'est joint", "Personne n'est joint")):
        served.wait_for("projet/horaires.html", "Personne n’est joint")


def test_a_new_page_is_built_then_leaves_with_its_file(served: Served) -> None:
    path = served.place.root / "docs/plan.md"
    with served.changed(path, "# Plan\n\nAu fond.\n"):
        served.wait_for("index.html", "informations/plan.html")
    assert "informations/plan.html" not in served.page("index.html")
    assert not (served.place.site / "informations/plan.html").exists()


def test_a_removed_page_leaves_and_comes_back(served: Served) -> None:
    with served.changed(served.place.root / "docs/acces.md", None):
        served.wait(lambda: "informations/acces.html" not in served.page("index.html"))
    assert "À pied." in served.page("informations/acces.html")


def test_another_library_is_followed_from_then_on(
    served: Served, tmp_path: Path
) -> None:
    other = tmp_path / "autres"
    shutil.copytree(served.place.library_folder, other)
    clause, path = other / "horaires/plage.yml", served.place.root / "charter.yml"
    clause.write_text(edited(clause, "Nul n'est joint", "Aucun n'est joint"), "utf-8")
    with served.changed(path, edited(path, "../clauses", str(other))):
        served.wait_for("projet/horaires.html", "Aucun n’est joint")
        text = edited(clause, "Aucun n'est joint", "Personne n'est joint")
        clause.write_text(text, "utf-8")
        served.wait_for("projet/horaires.html", "Personne n’est joint")
    served.wait_for("projet/horaires.html", "Nul n’est joint")


BROKEN = {
    "answers.yml": ("answers.yml", "themes: [", "answers.yml:"),
    "charter.yml": ("charter.yml", "territory: x\ncouleur: y\n", "charter.yml:2"),
    "mkdocs.yml": ("mkdocs.yml", "theme: [material\n", "mkdocs.yml"),
    "a clause": ("../clauses/horaires/plage.yml", "titre: X\n", "plage.yml:1"),
    "a new clause": ("../clauses/horaires/neuve.yml", "title: N\n", "neuve.yml"),
    "a page": ("docs/acces.md", "# X\n\n[y](absente.md)\n", "docs/acces.md"),
    "a new page": ("docs/neuve.md", "# X\n\n<script>x</script>\n", "docs/neuve.md"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_error_is_told_in_the_terminal_and_on_the_last_good_page(
    served: Served, what: str
) -> None:
    name, text, said = BROKEN[what]
    before, told = contents(served.place.site), len(served.said)
    with served.changed(served.place.root / name, text):
        served.wait_for("projet/horaires.html", "une erreur est à corriger")
        page = served.page("projet/horaires.html")
        served.wait(lambda: "reste servi" in served.said[told:])
        terminal = served.said[told:]
        assert said in terminal
        assert said in page
        assert "Le site d’avant reste servi." in flat(terminal)
        assert "Nul n’est joint" in page
        assert contents(served.place.site) == before
    assert "une erreur est à corriger" not in served.page("projet/horaires.html")


def test_a_file_an_editor_hides_beside_a_page_changes_nothing(served: Served) -> None:
    told = len(served.said)
    hidden = served.place.root / "docs/.#acces.md"
    hidden.symlink_to("quelqu-un@poste.4242")
    path = served.place.answers_path
    with served.changed(path, edited(path, "'19:00'", "'20:30'")):
        served.wait_for("projet/horaires.html", "joint de 20")
    hidden.unlink()

    assert "Erreur" not in served.said[told:]


def test_the_site_is_that_of_a_fresh_build_to_the_byte(served: Served) -> None:
    path = served.place.answers_path
    with served.changed(path, edited(path, "'19:00'", "'21:00'")):
        served.wait_for("projet/horaires.html", "joint de 21")
        found = contents(served.place.site)
        fresh = served.place.root.parent / "neuf"
        shutil.copytree(
            served.place.root, fresh, ignore=shutil.ignore_patterns("site*", ".site-*")
        )
        build(Workspace(fresh))

    assert found == contents(fresh / "site")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (
            "docs/acces.md",
            "[x](absente.md)\n",
            "le lien « absente.md » ne mène à aucune",
        ),
        ("answers.yml", "profile: [\n", "answers.yml:1 : "),
        ("charter.yml", "territory: [\n", "charter.yml:1 : "),
    ],
)
def test_a_workspace_broken_from_the_start_says_how_to_go_on(
    tmp_path: Path, file: str, content: str, said: str
) -> None:
    place = small_workspace(tmp_path)
    write_tree(place.root, {file: content})
    refused = run("-C", str(place.root), "site", "serve", "--port", "0")

    assert refused.returncode == 2
    assert said in flat(refused.stderr)
    assert flat(refused.stderr).endswith(
        "Le site n’est pas servi : corrigez, puis relancez « charter site serve ». Une "
        "fois le site servi, une erreur ne l’arrête plus : elle s’affiche en haut de la "
        "page."
    )


@pytest.mark.parametrize("moment", [0.0, 0.4, 0.8])
def test_ctrl_c_never_leaves_a_half_written_site(tmp_path: Path, moment: float) -> None:
    served = Served(tmp_path)
    before = contents(served.place.site)
    path = served.place.answers_path
    path.write_text(edited(path, "'19:00'", "'20:00'"), "utf-8")
    time.sleep(moment)

    assert served.stop() == 0
    assert "Serveur arrêté." in served.said
    assert not list(served.place.root.glob(".site-*"))
    left = contents(served.place.site)
    build(served.place)
    assert left in (before, contents(served.place.site))
