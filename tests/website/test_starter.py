import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from trees import write_tree

from charter_builder.website.starter import (
    base_configuration,
    docs_folder,
    starter_files,
)

FILES = starter_files("Charte du télétravail", "Ville de L'Isle-d'Abeau")


def test_a_workspace_starts_with_its_look_and_its_automatic_publication() -> None:
    assert set(FILES) == {
        ".gitignore",
        ".gitlab-ci.yml",
        ".github/workflows/site.yml",
        "mkdocs.yml",
    }


@pytest.mark.parametrize(
    "name", ["Ville de L'Isle-d'Abeau", 'Ville « X » : "Y" #1', "Vals & Monts {{ x }}"]
)
def test_the_site_bears_the_name_of_the_territory(name: str) -> None:
    text = starter_files("Charte", name)["mkdocs.yml"]

    assert _site_name(text) == f"Charte — {name}"


def _site_name(text: str) -> object:
    # The file holds a Python name that only MkDocs' own loader reads.
    line = re.search(r"(?m)^site_name: .*$", text)
    assert line is not None
    return YAML(typ="safe").load(line[0])["site_name"]


def test_a_new_site_has_the_look_of_ours_without_its_navigation() -> None:
    ours = base_configuration()

    assert "\nnav:" not in ours
    assert "\nnav:" not in FILES["mkdocs.yml"]
    assert "font: false" in FILES["mkdocs.yml"]
    assert "charter-builder" not in FILES["mkdocs.yml"]


def test_what_is_made_again_at_will_is_not_kept_by_git() -> None:
    ignored = FILES[".gitignore"].split()

    assert {"site/", "site-src/", "site.generated.yml"} <= set(ignored)


@pytest.mark.parametrize(
    "left",
    ["versions/.figer-a1b2/units.json", "versions/.figer.lock", ".answers.yml.lock"],
)
def test_what_an_interruption_leaves_is_not_kept_by_git(
    tmp_path: Path, left: str
) -> None:
    write_tree(tmp_path, {".gitignore": FILES[".gitignore"], left: ""})
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)

    assert subprocess.run([*git, "check-ignore", "--quiet", left]).returncode == 0


@pytest.mark.parametrize("name", [".gitlab-ci.yml", ".github/workflows/site.yml"])
def test_the_automatic_publication_is_off_until_the_territory_says_so(
    name: str,
) -> None:
    loaded = YAML(typ="safe").load(FILES[name])

    commands = list(_commands(loaded))
    assert {"charter check", "charter site build"} <= set(commands)
    assert any("grep -qx 'visibility: public' charter.yml" in c for c in commands)


def _commands(step: object) -> Iterator[str]:
    """Yield what a workflow runs: the items of `script`, the values of `run`."""
    if isinstance(step, dict):
        for key, value in step.items():
            if key == "run":
                yield value
            elif key == "script":
                yield from value
            else:
                yield from _commands(value)
    elif isinstance(step, list):
        for item in step:
            yield from _commands(item)


def test_the_style_and_the_script_of_the_site_are_shipped() -> None:
    names = {path.name for path in (docs_folder() / "assets").iterdir()}

    assert {"charte.css", "charte.js"} <= names
