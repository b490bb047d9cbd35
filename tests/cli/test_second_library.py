"""A second library, end to end: the program knows nothing of any of them."""

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from sites import published
from terminal import SMALL, flat, invoke

from charter_builder.storage.library_files import shipped_libraries
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import fold

NAME = "dialogue-social"
TELEWORK = re.compile(r"tele[\W_]*(travail|work)", re.IGNORECASE)


def new(folder: Path, library: str | Path, *more: str) -> Workspace:
    """Create a workspace of a town of forty agents that follows a library."""
    created = invoke(
        *("new", folder, "--library", library, "--name", "Ville d’Essai"),
        *("--date", "01/03/2027", *more),
    )
    assert created.exit_code == 0, created.output
    return Workspace(folder)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A town that took every proposed answer, drafted, and built its site."""
    place = new(tmp_path_factory.mktemp("essai") / "ville", NAME)
    size = ("--set", "effectif=40", "--set", "habitants=2100")
    for command in (("ask", *size, "--defaults"), ("draft",), ("site", "build")):
        done = invoke("-C", place.root, *command)
        assert done.exit_code == 0, done.output
    return place


def test_a_workspace_follows_a_shipped_library_by_its_name(town: Workspace) -> None:
    assert town.settings.library == NAME
    assert town.library.manifest.title == "Charte du dialogue social"


def test_a_workspace_follows_a_folder_of_the_same_name_when_it_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / NAME).symlink_to(SMALL)
    monkeypatch.chdir(tmp_path)
    place = new(tmp_path / "ville", f"./{NAME}", "--profile", "court")

    assert place.library.manifest.id == "petite"


def test_a_library_that_is_neither_a_name_nor_a_folder_is_one_sentence(
    tmp_path: Path,
) -> None:
    refused = invoke(
        *("new", tmp_path / "ville", "--library", "dialogue"),
        *("--name", "Essai", "--date", "01/03/2027"),
    )

    assert refused.exit_code == 2
    assert flat(refused.stderr).endswith(
        " dialogue : ce n’est ni un dossier, ni une bibliothèque fournie (fournie, "
        "dialogue-social). Vérifiez le chemin ou le nom."
    )
    assert not (tmp_path / "ville").exists()


@pytest.mark.parametrize("name", shipped_libraries())
def test_the_libraries_that_ship_are_checked_by_their_name(name: str) -> None:
    checked = invoke("library", "check", name)

    assert "Aucune erreur." in checked.output


def test_its_proposed_answers_give_a_charter_without_an_error(town: Workspace) -> None:
    report = json.loads(invoke("-C", town.root, "check", "--format", "json").output)

    assert [f for f in report["findings"] if f["severity"] == "error"] == []
    assert [r["id"] for r in report["requirements"] if r["status"] == "missing"] == []


def test_its_draft_holds_the_charter_and_the_act(town: Workspace) -> None:
    act = (town.draft / "deliberation.md").read_text(encoding="utf-8")

    assert "## Article 1. Adoption de la charte du dialogue social" in act
    assert len(re.findall("(?m)^### Article", draft_text(town))) == 11


def draft_text(place: Workspace) -> str:
    return (place.draft / "charte.md").read_text(encoding="utf-8")


def test_its_site_never_speaks_of_telework_outside_the_guides(town: Workspace) -> None:
    pages = published(town)
    pages |= {
        path.relative_to(town.root).as_posix(): path.read_text(encoding="utf-8")
        for path in (town.root / "mkdocs.yml", *town.draft.iterdir())
    }

    assert "projet/suites-remarques.html" in pages
    assert [
        name
        for name, text in pages.items()
        if not name.startswith("guides/") and TELEWORK.search(fold(text))
    ] == []


def test_the_home_page_says_what_the_library_wants_said(town: Workspace) -> None:
    home = flat(re.sub("<[^>]+>", "", published(town)["index.html"]))

    assert "Projet de charte du dialogue social" in home
    assert (
        "Cette concertation ne remplace ni l’avis du comité social territorial" in home
    )
    assert "le 1er mars 2027, après l’avis du comité social territorial." in home


def test_its_word_document_holds_the_act_then_the_charter(
    town: Workspace, tmp_path: Path
) -> None:
    exported = tmp_path / "charte.docx"
    done = invoke("-C", town.root, "export", "--to", "docx", "-o", exported)
    document = Document(BytesIO(exported.read_bytes()))
    titles = [
        paragraph.text
        for paragraph in document.paragraphs
        if paragraph.style and paragraph.style.name == "Title"
    ]

    assert done.exit_code == 0, done.output
    assert titles == [
        "Délibération relative à la charte du dialogue social",
        "Charte du dialogue social",
    ]
    assert not TELEWORK.search(fold("\n".join(p.text for p in document.paragraphs)))
