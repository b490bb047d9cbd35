"""`charter demo`: the complete sample of a fictional town, by the public commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import click

from charter_builder import french
from charter_builder.assembly import assemble
from charter_builder.cli import report
from charter_builder.cli.demo_consultation import is_played, play
from charter_builder.cli.draft import draft_files
from charter_builder.cli.site import Serving, free_port, make_site
from charter_builder.errors import InputError
from charter_builder.interview import state, take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.requirements import findings
from charter_builder.storage.answers_file import load_answers, update_answers
from charter_builder.storage.consultation_files import REGISTER, dialogue_of
from charter_builder.storage.files import is_file, write_if_changed
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.workspace_files import Workspace, create_workspace
from charter_builder.website.builder import Session
from charter_builder.website.starter import starter_files
from charter_builder.workspace import SiteSettings, WorkspaceSettings

TERRITORY = "ville-de-valmorane"
SETTINGS = WorkspaceSettings(
    territory=TERRITORY,
    site=SiteSettings(
        accent="#1b5e82",
        contact="concertation@valmorane.example",
        opens="2027-01-04",
        closes="2027-01-29",
    ),
)


@click.command()
@click.argument(
    "folder",
    metavar="[DOSSIER]",
    type=click.Path(path_type=Path),
    default=Path("demo-charte"),
    required=False,
)
@click.option("--no-serve", is_flag=True, help="S’arrête avant de servir le site.")
@click.option(
    "--port", default=8000, show_default=True, metavar="PORT", help="Le port."
)
def demo(folder: Path, no_serve: bool, port: int) -> None:
    """Monte l’exemple complet d’une ville fictive et sert son site.

    DOSSIER est « demo-charte » par défaut ; un exemple déjà monté est repris.
    """
    progress = _Progress(6)
    library = load_library(shipped_library())
    answers = _sample(library)
    with progress.step("Espace de travail") as tell:
        place = _workspace(folder, library, answers)
        tell(str(folder))
    with progress.step("Réponses de la ville") as tell:
        # Those on the disk: a visitor may have changed some and come back, and the
        # library may ask more than it did then.
        answers = update_answers(
            place.answers_path, library, lambda given: take_proposed(library, given)
        )
        count = len(state(library, answers).steps)
        tell(french.counted(count, "réponse", "réponses"))
    with progress.step("Concertation") as tell:
        if not is_played(place):
            played = play(place, library, answers)
            answers = update_answers(place.answers_path, library, lambda _: played)
        standings = dialogue_of(place).standings
        tell(french.counted(len(standings), "contribution", "contributions"))
    with progress.step("Charte et délibération") as tell:
        charter = assemble(library, answers)
        for name, text in draft_files(charter).items():
            write_if_changed(place.draft / name, text)
        place.write_lock()
        tell(french.counted(sum(1 for _ in charter.articles()), "article", "articles"))
    with progress.step("Vérification") as tell:
        tell(report.summary(findings(charter, library)))
    with progress.step("Site") as tell:
        session = Session()
        pages, changed = make_site(place, session)
        tell(
            f"{french.counted(pages, 'page', 'pages')}, "
            f"{french.counted(changed, 'fichier réécrit', 'fichiers réécrits')}"
        )
    click.echo("\nCe qui a été fait :")
    for path, what in (
        (place.answers_path, f"{count} réponses"),
        (place.draft / "charte.md", "la charte"),
        (place.draft / "deliberation.md", "la délibération"),
        (place.consultation / REGISTER, "la concertation, entrée par entrée"),
        (place.site / "index.html", f"{pages} pages"),
    ):
        click.echo(f"  {path} : {what}")
    if no_serve:
        click.echo(f"\nPour voir le site : charter -C {folder} site serve")
        return
    click.echo()
    Serving(place, place.library_folder, free_port(port), session).run()


class _Progress:
    """Numbered lines: what is being done is said before, what came of it after."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        self.done += 1
        click.echo(f"[{self.done}/{self.total}] {title} … ", nl=False)
        said: list[str] = []
        yield said.append
        click.echo(said[0] if said else "fait")


def _sample(library: Library) -> Answers:
    """Return the town's answers, completed by what the library proposes."""
    with as_file(files("charter_builder.demo") / "answers.yml") as path:
        answers = take_proposed(library, load_answers(path, library))
    missing = state(library, answers).missing
    if missing:
        raise InputError(f"l’exemple ne répond pas à « {missing[0].id} ».")
    return answers


def _workspace(folder: Path, library: Library, answers: Answers) -> Workspace:
    if is_file(folder / "charter.yml"):
        place = Workspace(folder)
        if place.settings.territory != TERRITORY:
            raise InputError(
                f"{folder} : cet espace de travail est celui d’une autre collectivité. "
                "Choisissez un autre dossier."
            )
        return place
    name = str(answers.values[library.manifest.territory_name])
    files_ = starter_files(library.manifest.title, name)
    return create_workspace(folder, SETTINGS, library, answers, files_)
