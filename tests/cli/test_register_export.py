"""`charter consultation export`: the register as tables."""

import zipfile
from pathlib import Path

import pytest
from consultations import small_consultation
from terminal import invoke

from charter_builder.storage.workspace_files import Workspace
from charter_builder.workspace import SiteSettings

NAMES = [
    "1-contributions.csv",
    "2-decisions.csv",
    "3-statistiques.csv",
    "4-textes-modifies.csv",
    "5-verification.csv",
]


@pytest.fixture(scope="module")
def consulted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_consultation(
        tmp_path_factory.mktemp("export"),
        SiteSettings(address="https://charte.example/projet/"),
    )


def test_the_spreadsheet_is_the_same_each_time(
    consulted: Workspace, tmp_path: Path
) -> None:
    for name in ("a.ods", "b.ods"):
        done = invoke(
            *("-C", consulted.root, "consultation", "export", "-o", tmp_path / name)
        )
        assert done.exit_code == 0, done.output
        assert "13 contributions." in done.output.replace("\N{NO-BREAK SPACE}", " ")

    assert (tmp_path / "a.ods").read_bytes() == (tmp_path / "b.ods").read_bytes()


def test_csv_files_come_in_a_folder_or_an_archive(
    consulted: Workspace, tmp_path: Path
) -> None:
    export = ("-C", consulted.root, "consultation", "export")
    invoke(*export, "--to", "csv", "-o", tmp_path / "tableaux")
    invoke(*export, "-o", tmp_path / "tableaux.zip")

    files = {p.name: p.read_bytes() for p in (tmp_path / "tableaux").iterdir()}
    assert sorted(files) == NAMES
    with zipfile.ZipFile(tmp_path / "tableaux.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_link_leads_to_the_published_site(
    consulted: Workspace, tmp_path: Path
) -> None:
    invoke(
        *("-C", consulted.root, "consultation", "export"),
        *("--to", "csv", "-o", tmp_path),
    )

    link = "https://charte.example/projet/contributions/articles/horaires.html#c-0001"
    assert link in (tmp_path / NAMES[0]).read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "csv", "-o", "x.csv"), "plusieurs fichiers"),
        (("-o", "."), "c’est un dossier"),
        (("-o", "x.csv"), "plusieurs fichiers"),
        (("-o", "x.xlsx"), "ne dit pas le format"),
        (("-o", "tableaux"), "ne dit pas le format"),
        (("-o", "x.ods", "--session", "2027-03-18"), "aucune décision"),
        (("-o", "x.ods", "--session", "demain"), "n’est pas une date"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(
    consulted: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = invoke("-C", consulted.root, "consultation", "export", *options)

    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("day", ["2027-01-18", "18/01/2027", "18 janvier 2027"])
def test_a_session_is_told_in_every_form_of_a_date(
    consulted: Workspace, tmp_path: Path, day: str
) -> None:
    export = ("-C", consulted.root, "consultation", "export", "--session", day)
    done = invoke(*export, "-o", tmp_path / "x.ODS")

    assert done.exit_code == 0, done.output


def test_without_a_consultation_there_is_nothing_to_export(
    answered_town: Path, tmp_path: Path
) -> None:
    done = invoke(
        *("-C", answered_town, "consultation", "export", "-o", tmp_path / "x.ods")
    )

    assert done.exit_code == 2
    assert "aucune concertation n’est ouverte" in done.stderr
