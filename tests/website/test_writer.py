import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from trees import write_tree as given_tree

from charter_builder.errors import InputError
from charter_builder.website.writer import generated_configuration, write_tree

NAVIGATION: list[dict[str, object]] = [
    {"Accueil": "index.md"},
    {"Projet": ["projet/index.md", {"1. L’heure : « non »": "projet/horaires.md"}]},
]


def configuration(text: str) -> dict[str, object]:
    found: dict[str, object] = YAML(typ="safe").load(text)
    return found


# --- the files -----------------------------------------------------------------------


def test_the_folder_holds_exactly_the_files_given(tmp_path: Path) -> None:
    folder = given_tree(tmp_path / "site", {"old.html": "x", "old/deep/b.html": "x"})

    changed = write_tree(folder, {"a.html": b"A", "new/b.html": b"B"})

    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*")}
    assert found == {"a.html", "new", "new/b.html"}
    assert sorted(changed) == ["a.html", "new/b.html", "old.html", "old/deep/b.html"]


def test_a_file_that_does_not_change_is_not_touched(tmp_path: Path) -> None:
    folder = given_tree(tmp_path / "site", {"same.html": "S", "other.html": "a"})
    for path in folder.iterdir():
        os.utime(path, ns=(1_000, 1_000))

    changed = write_tree(folder, {"same.html": b"S", "other.html": b"b"})

    assert changed == ["other.html"]
    assert (folder / "same.html").stat().st_mtime_ns == 1_000
    assert (folder / "other.html").stat().st_mtime_ns > 1_000


def test_a_page_may_take_the_place_of_a_folder_and_the_other_way_round(
    tmp_path: Path,
) -> None:
    folder = given_tree(tmp_path / "site", {"a/b.html": "x", "c": "x"})

    write_tree(folder, {"a": b"A", "c/d.html": b"D"})

    assert (folder / "a").read_bytes() == b"A"
    assert (folder / "c" / "d.html").read_bytes() == b"D"


@pytest.mark.parametrize("left", ["page.html", "sub"])
def test_a_link_left_in_the_folder_leads_no_write_elsewhere(
    tmp_path: Path, left: str
) -> None:
    outside = given_tree(tmp_path / "outside", {"page.html": "à moi"})
    folder = given_tree(tmp_path / "site", {"x.html": "x"})
    target = outside if left == "sub" else outside / "page.html"
    (folder / left).symlink_to(target)

    write_tree(folder, {"page.html": b"P", "sub/page.html": b"P"})

    assert (outside / "page.html").read_text() == "à moi"
    assert (folder / "page.html").read_bytes() == b"P"
    assert (folder / "sub" / "page.html").read_bytes() == b"P"


def test_a_folder_that_is_a_link_is_refused_and_keeps_its_content(
    tmp_path: Path,
) -> None:
    outside = given_tree(tmp_path / "outside", {"precious.txt": "à moi"})
    (tmp_path / "site").symlink_to(outside)

    with pytest.raises(InputError, match="site : ce dossier est un lien symbolique"):
        write_tree(tmp_path / "site", {"a.html": b"A"})

    assert (outside / "precious.txt").read_text() == "à moi"


def test_a_place_that_cannot_be_written_is_said_in_french(tmp_path: Path) -> None:
    given_tree(tmp_path, {"file": "x"})

    with pytest.raises(InputError, match="un fichier tient la place d’un dossier"):
        write_tree(tmp_path / "file" / "site", {"a.html": b"A"})


# --- the configuration ---------------------------------------------------------------


def test_the_configuration_adds_the_navigation_to_the_territory_s_own() -> None:
    found = configuration(generated_configuration(NAVIGATION, "Charte — Isle", None))

    assert found["INHERIT"] == "mkdocs.yml"
    assert found["nav"] == NAVIGATION
    assert found["site_name"] == "Charte — Isle"
    assert "site_url" not in found


@pytest.mark.parametrize(
    "address", ["https://ville.fr/charte", "https://ville.fr/charte/"]
)
def test_the_address_of_the_site_ends_with_one_slash(address: str) -> None:
    found = configuration(generated_configuration(NAVIGATION, "Charte", address))

    assert found["site_url"] == "https://ville.fr/charte/"


@given(st.text(min_size=1, max_size=40))
def test_no_title_breaks_the_configuration_nor_the_page_it_is_printed_in(
    title: str,
) -> None:
    text = generated_configuration([{title: "index.md"}], title, None)

    found = configuration(text)

    assert not set("<>\"'") & set(str(found["site_name"]))
    assert list(found) == list(configuration(generated_configuration([], "x", None)))
    assert json.dumps(found["nav"]) == json.dumps([{found["site_name"]: "index.md"}])
