import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from trees import write_tree

from charter_builder.errors import CharterError, InputError
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import load_library
from charter_builder.storage.validation import validate
from charter_builder.storage.workspace_files import (
    Workspace,
    create_workspace,
    find_workspace,
    settings_text,
)
from charter_builder.storage.yaml_files import parse
from charter_builder.workspace import SiteSettings, WorkspaceSettings

SMALL = Path(__file__).parents[1] / "small"
SETTINGS = WorkspaceSettings(territory="isle-verte", library=str(SMALL))


@pytest.fixture
def place(library: Library, answers: Answers, tmp_path: Path) -> Workspace:
    """A new workspace that follows the small library."""
    root = tmp_path / "charte"
    return create_workspace(
        root, SETTINGS, library, answers, {"docs/index.md": "# X\n"}
    )


def test_a_new_workspace_gives_back_its_answers_and_its_library(
    place: Workspace, library: Library, answers: Answers
) -> None:
    again = find_workspace(place.root)

    assert again.settings == SETTINGS
    assert again.answers() == answers
    assert again.library.digest == library.digest


def test_a_new_workspace_locks_the_library_it_was_made_with(
    place: Workspace, library: Library
) -> None:
    lock = place.lock()

    assert lock is not None
    assert (lock.id, lock.version, lock.digest) == ("petite", "1.0.0", library.digest)


def test_a_workspace_without_a_lock_has_none(place: Workspace) -> None:
    place.lock_path.unlink()

    assert place.lock() is None


def test_a_new_workspace_holds_the_files_it_starts_with(place: Workspace) -> None:
    assert (place.root / "docs" / "index.md").read_text() == "# X\n"


def test_a_folder_that_holds_something_is_left_alone(
    library: Library, answers: Answers, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"charte/notes.txt": "à garder"})

    with pytest.raises(InputError, match="existe et n’est pas vide"):
        create_workspace(tmp_path / "charte", SETTINGS, library, answers, {})

    assert os.listdir(tmp_path / "charte") == ["notes.txt"]


def test_a_workspace_that_could_not_be_written_is_not_one(
    library: Library, answers: Answers, tmp_path: Path
) -> None:
    # A file where a folder must be: what a full disk would do, without one.
    root = tmp_path / "charte"

    with pytest.raises(InputError, match="écriture impossible"):
        create_workspace(root, SETTINGS, library, answers, {"a": "x", "a/b": "y"})
    with pytest.raises(InputError, match="aucun espace de travail ici"):
        find_workspace(root)


def test_a_workspace_is_found_from_any_folder_inside(place: Workspace) -> None:
    inside = place.root / "draft" / "annexes"
    inside.mkdir(parents=True)

    assert find_workspace(inside).root.resolve() == place.root.resolve()


def test_the_nearest_workspace_is_the_one(place: Workspace, tmp_path: Path) -> None:
    write_tree(place.root, {"voisine/charter.yml": "territory: voisine\n"})

    assert find_workspace(place.root / "voisine").settings.territory == "voisine"


def test_a_folder_outside_any_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        find_workspace(tmp_path)

    assert str(refused.value) == (
        f"{tmp_path} : aucun espace de travail ici (pas de fichier charter.yml). "
        "Créez-en un avec « charter new DOSSIER », ou donnez son dossier avec « -C »."
    )


def test_a_library_beside_the_workspace_is_found_wherever_one_stands(
    place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bibliotheque").symlink_to(SMALL)
    write_tree(
        place.root, {"charter.yml": "territory: isle\nlibrary: ../bibliotheque\n"}
    )
    monkeypatch.chdir(place.root)

    assert find_workspace(Path()).library.manifest.id == "petite"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "charter.yml:1 : le fichier est vide"),
        ("- a", "charter.yml:1 : le fichier doit contenir des lignes « nom: valeur »."),
        ("territory: [", "charter.yml:1 : ce qui suit ce crochet"),
        (
            "library: fournie",
            "charter.yml:1 : la rubrique « territory » est obligatoire",
        ),
        (
            "territory: Isle Verte",
            "charter.yml:1 : « Isle Verte » n’a pas la forme attendue pour « territory » : "
            "lettres minuscules sans accent, chiffres et tirets.",
        ),
        (
            "territory: isle\nvisibilty: public",
            "charter.yml:2 : « visibilty » n’est pas une rubrique connue. Vouliez-vous "
            "dire « visibility » ?",
        ),
        (
            "territory: isle\nvisibility: publique",
            "charter.yml:2 : « publique » n’est pas une valeur admise pour « visibility »."
            " Vouliez-vous dire « public » ? Valeurs admises : private, public.",
        ),
        (
            "territory: isle\nsite:\n  accent: rouge",
            "charter.yml:3 : « rouge » n’a pas la forme attendue pour « accent » : une "
            "couleur, comme '#1b5e82'.",
        ),
        (
            "territory: isle\nsite:\n  accent: '#fff'\n  contact: moi",
            "charter.yml:3 : « #fff » n’a pas la forme attendue",
        ),
        (
            "territory: isle\nsite:\n  contact: pas une adresse",
            "charter.yml:3 : « contact » doit être une adresse de messagerie.",
        ),
        (
            "territory: isle\nsite:\n  address: javascript:alert(1)",
            "charter.yml:3 : « address » doit être une adresse https://…",
        ),
        (
            "territory: isle\nsite:\n  opens: '2027-02-30'",
            "charter.yml:3 : « 2027-02-30 » n’est pas une date du calendrier",
        ),
    ],
)
def test_a_wrong_setting_is_refused_on_its_line(
    place: Workspace, text: str, said: str
) -> None:
    write_tree(place.root, {"charter.yml": text})

    with pytest.raises(CharterError) as refused:
        assert find_workspace(place.root).settings

    assert str(refused.value).startswith(f"{place.root}/{said}")


def test_a_lock_that_was_tampered_with_is_refused(place: Workspace) -> None:
    write_tree(place.root, {"library.lock": "id: petite\nversion: '1'\ndigest: abc\n"})

    with pytest.raises(
        CharterError, match=r"library.lock:3 : « abc » n’a pas la forme"
    ):
        place.lock()


slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(
    lambda slug: len(slug) <= 60
) | st.sampled_from(["2027-03-01", "123", "0x1f", "1e3", "true", "null", "no"])
folders = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40
) | st.sampled_from(["../a #2", "a: b", "C:\\clauses", "'a'", '"a"', "*", "~", " a "])


@given(slugs, folders, st.sampled_from([None, "rh@isle-verte.fr"]))
def test_settings_written_are_the_settings_read(
    territory: str, folder: str, contact: str | None
) -> None:
    settings = WorkspaceSettings(
        territory=territory,
        library=folder,
        visibility="public",
        site=SiteSettings(contact=contact, opens="2027-01-04", closes="2027-01-29"),
    )
    adapter = TypeAdapter(WorkspaceSettings)

    assert validate("charter.yml", adapter, parse(settings_text(settings))) == settings


def test_a_library_named_like_a_number_can_be_locked(
    library: Library, answers: Answers, tmp_path: Path
) -> None:
    text = (SMALL / "library.yml").read_text(encoding="utf-8")
    source = tmp_path / "bibliotheque"
    write_tree(
        source,
        {f.relative_to(SMALL).as_posix(): f.read_bytes() for f in SMALL.rglob("*.yml")},
    )
    write_tree(source, {"library.yml": text.replace("id: petite", "id: '2027'")})
    settings = WorkspaceSettings(territory="isle", library="../bibliotheque")

    place = create_workspace(
        tmp_path / "charte", settings, load_library(source), answers, {}
    )

    lock = place.lock()
    assert lock is not None
    assert lock.id == "2027"
