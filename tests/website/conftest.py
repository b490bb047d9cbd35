"""The site of the demo, built once in a folder with a French name; a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from consultations import small_consultation
from dialogues import SETTINGS as CONSULTATION
from dialogues import Clock
from playwright.sync_api import Browser, BrowserContext, Page
from sites import build
from trees import write_tree

import charter_builder.demo
from charter_builder.assembly import assemble
from charter_builder.cli.consultation import open_register
from charter_builder.cli.demo import SETTINGS
from charter_builder.cli.site import make_site
from charter_builder.interview import take_proposed
from charter_builder.markdown import charter_text
from charter_builder.questionnaire import Answers
from charter_builder.storage.answers_file import load_answers
from charter_builder.storage.consultation_files import journal
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.version_files import load_versions, write_version
from charter_builder.storage.workspace_files import Workspace, create_workspace
from charter_builder.units import as_version
from charter_builder.website.starter import starter_files
from charter_builder.workspace import SiteSettings

ANSWERS = Path(charter_builder.demo.__file__).parent / "answers.yml"
OWN_PAGE = """\
# Venir au bureau

Lire d’abord [le projet](../projet/index.md) : il dit quand.

| Jour | Ouverture | Accueil |
|---|---|---|
| Lundi | de 8 h 30 à 17 heures | *sur rendez-vous* |
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace of the demo, with one page of the territory's own."""
    root = tmp_path_factory.mktemp("demo") / "Ville de l’été à Valmorane"
    library = load_library(shipped_library())
    answers = take_proposed(library, load_answers(ANSWERS, library))
    territory = str(answers.values[library.manifest.territory_name])
    place = create_workspace(
        root,
        SETTINGS,
        library,
        answers,
        starter_files(library.manifest.title, territory),
    )
    write_tree(root, {"docs/venir.md": OWN_PAGE})
    _freeze(place, answers.with_value("debut_deconnexion", "20:00"))
    _freeze(place, answers.with_value("fin_deconnexion", "08:00"))
    make_site(place)
    return place


@pytest.fixture(scope="session")
def commented(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample's charter frozen, its consultation open, some points to debate."""
    root = tmp_path_factory.mktemp("form") / "Clé USB de l’été à Valmorane"
    library = load_library(shipped_library())
    answers = take_proposed(library, load_answers(ANSWERS, library))
    title = library.manifest.title
    place = create_workspace(
        root, SETTINGS, library, answers, starter_files(title, "Valmorane")
    )
    _freeze(place, answers)
    settings = CONSULTATION.model_copy(
        update={"opens": "2020-01-06", "closes": "2090-01-31"}
    )
    register = journal(place, Clock("2020-01-06T09:00:00"))
    open_register(register, settings, load_versions(root)[-1])
    make_site(place)
    return place


@pytest.fixture(scope="session")
def consulted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small site whose consultation has every kind, every answer, hostile words."""
    folder = tmp_path_factory.mktemp("consulted") / "Clé de l’été"
    folder.mkdir()
    place = small_consultation(folder, SiteSettings(contact="rh@isle.example"))
    build(place)
    return place


def _freeze(place: Workspace, answers: Answers) -> None:
    """Write a version of the draft that other answers give."""
    versions = load_versions(place.root)
    charter = assemble(place.library, answers)
    version = as_version(charter, versions[-1] if versions else None)
    write_version(place.root, version, {"charte.md": charter_text(charter)})


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
