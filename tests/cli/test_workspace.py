"""`charter new`: the folder of one territory, made whole or not at all."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from terminal import SMALL, flat, invoke, run

from charter_builder.library import Library
from charter_builder.storage.answers_file import load_answers
from charter_builder.storage.workspace_files import Workspace


def new(folder: Path, *more: str | Path, name: str = "Essai") -> Result:
    """Create a workspace that follows the small library."""
    return invoke(
        *("new", folder, "--library", SMALL, "--profile", "court"),
        *("--name", name, "--date", "01/03/2027", *more),
    )


def test_a_new_workspace_holds_its_settings_answers_and_lock(
    tmp_path: Path, library: Library
) -> None:
    created = new(tmp_path / "ville")

    place = Workspace(tmp_path / "ville")
    lock = place.lock()
    assert created.exit_code == 0
    assert place.settings.territory == "essai"
    assert place.settings.visibility == "private"
    assert place.answers().act_date == "2027-03-01"
    assert lock is not None
    assert lock.digest == library.digest


def test_the_next_step_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "ville"

    assert new(folder, name="Ville d’Essai").output == (
        f"{folder} : espace de travail créé pour Ville d’Essai.\n"
        "Profil « court » : 2 articles.\n"
        f"Étape suivante : « cd {folder} », puis « charter ask ».\n"
    )


def test_an_empty_folder_may_become_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "ville").mkdir()

    assert new(tmp_path / "ville").exit_code == 0


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / "ville" / "note.txt"
    note.parent.mkdir()
    note.write_text("à garder")
    refused = new(tmp_path / "ville")

    assert refused.exit_code == 2
    assert "ce dossier existe et n’est pas vide" in refused.stderr
    assert list(note.parent.iterdir()) == [note]


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ville").write_text("")
    refused = new(tmp_path / "ville" / "charte")

    assert refused.exit_code == 2
    assert "un fichier tient la place d’un dossier" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "territory"),
    [
        ("L'Haÿ-les-Roses", "l-hay-les-roses"),
        ("Œuilly & Ève : « cités » # 1", "oeuilly-eve-cites-1"),
        ("東京", "collectivite"),
        ("Communauté de communes " + "du Val " * 20, None),
    ],
)
def test_a_name_is_kept_as_written_and_gives_a_short_name(
    tmp_path: Path, library: Library, name: str, territory: str | None
) -> None:
    assert new(tmp_path / "ville", name=name).exit_code == 0

    place = Workspace(tmp_path / "ville")
    answers = load_answers(place.answers_path, library)
    assert answers.values["nom"] == name.strip()
    assert len(place.settings.territory) <= 60
    assert territory in (None, place.settings.territory)


def test_a_workspace_follows_its_library_when_both_move(tmp_path: Path) -> None:
    before, after = tmp_path / "avant", tmp_path / "ailleurs" / "après"
    shutil.copytree(SMALL, before / "bibliotheque")
    invoke(
        *("new", before / "ville", "--library", before / "bibliotheque"),
        *("--profile", "court", "--name", "Essai", "--date", "01/03/2027"),
    )
    after.parent.mkdir()
    before.rename(after)

    assert invoke("-C", after / "ville", "ask", "--defaults").exit_code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--profile", "cour"), "Vouliez-vous dire « court » ?"),
        (("--date", "demain"), "« --date » : répondez par une date : 01/03/2027."),
        (("--date", "2020-03-01"), "à partir du 1er février 2025 seulement"),
        (("--name", ""), "« --name » : la réponse est vide."),
        (("--contact", "rh"), "« rh » n’est pas une adresse de messagerie."),
    ],
)
def test_a_wrong_option_is_explained_and_nothing_is_created(
    tmp_path: Path, options: tuple[str, str], told: str
) -> None:
    refused = new(tmp_path / "ville", *options)

    assert refused.exit_code == 2
    assert told in flat(refused.stderr)
    assert not (tmp_path / "ville").exists()


def test_without_a_terminal_what_is_missing_is_listed(tmp_path: Path) -> None:
    refused = run("new", tmp_path / "ville")

    assert refused.returncode == 2
    assert refused.stderr == "Erreur : sans terminal, donnez aussi --name et --date.\n"
    assert not (tmp_path / "ville").exists()


def test_a_library_with_mistakes_makes_no_workspace(tmp_path: Path) -> None:
    library = shutil.copytree(SMALL, tmp_path / "bibliotheque")
    (library / "questions.yml").write_text("nom: {kind: txt, label: Nom ?}\n")
    refused = invoke(
        *("new", tmp_path / "ville", "--library", library),
        *("--profile", "court", "--name", "Essai", "--date", "01/03/2027"),
    )

    assert refused.exit_code == 2
    assert "questions.yml:1 : " in refused.stderr
    assert not (tmp_path / "ville").exists()


def test_the_address_that_receives_contributions_is_kept(tmp_path: Path) -> None:
    new(tmp_path / "ville", "--contact", "dialogue@essai.example")

    assert Workspace(tmp_path / "ville").settings.site.contact == (
        "dialogue@essai.example"
    )


# --- which workspace a command acts on -----------------------------------------------


def test_a_command_acts_on_the_folder_given_before_or_after_its_name(
    answered_town: Path,
) -> None:
    before = invoke("-C", answered_town, "explain", "2")
    after = invoke("explain", "2", "-C", answered_town)

    assert before.output.startswith("Article 2. Les coûts")
    assert after.output == before.output


@pytest.mark.parametrize("place", ["", "notes/2027"])
def test_a_command_acts_on_the_nearest_workspace_above(
    answered_town: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    here = answered_town / place
    here.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(here)

    assert invoke("explain", "2").output.startswith("Article 2. Les coûts")


def test_outside_a_workspace_the_way_to_make_one_is_said(tmp_path: Path) -> None:
    refused = invoke("-C", tmp_path, "draft")

    assert refused.exit_code == 2
    assert refused.stderr == (
        f"Error: {tmp_path} : aucun espace de travail ici (pas de fichier charter.yml). "
        "Créez-en un avec « charter new DOSSIER », ou donnez son dossier avec « -C ».\n"
    )


def test_a_pipe_among_the_pages_of_the_territory_is_refused(
    answered_town: Path,
) -> None:
    (answered_town / "docs").mkdir()
    os.mkfifo(answered_town / "docs" / "page.md")

    refused = invoke("-C", answered_town, "site", "build")

    assert refused.exit_code == 2
    assert "ce n’est pas un fichier ordinaire" in flat(refused.stderr)


def test_pages_behind_a_link_are_not_published(
    answered_town: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "dehors"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n")
    (answered_town / "docs").symlink_to(outside)

    refused = invoke("-C", answered_town, "site", "build")

    assert refused.exit_code == 2
    assert "les liens symboliques ne sont pas admis" in flat(refused.stderr)
