import json
import re
import shutil
from pathlib import Path

import pytest
from sites import STARTED, build, published, small_workspace
from trees import write_tree

from charter_builder.errors import InputError
from charter_builder.questionnaire import Answers
from charter_builder.storage.workspace_files import Workspace
from charter_builder.workspace import SiteSettings

HOSTILE = "<img src=x onerror=alert(1)> {{ 7*7 }} [x](javascript:alert(1))"


def contents(place: Workspace) -> dict[str, bytes]:
    return {
        path.relative_to(place.site).as_posix(): path.read_bytes()
        for path in place.site.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A built workspace in a folder whose name is a French one."""
    found = small_workspace(
        tmp_path_factory.mktemp("site") / "Charte de l’été à Saint-Étienne"
    )
    build(found)
    return found


@pytest.fixture
def place(built: Workspace, tmp_path: Path) -> Workspace:
    """A copy of that workspace, to change at will."""
    copy = tmp_path / "Copie de l’été"
    shutil.copytree(built.root.parent, copy)
    return Workspace(copy / built.root.name)


def test_two_builds_of_the_same_answers_are_the_same_to_the_byte(
    built: Workspace, tmp_path: Path
) -> None:
    other = small_workspace(tmp_path / "ailleurs")
    build(other)

    assert contents(built) == contents(other)
    assert "projet/horaires.html" in contents(built)


def test_a_second_build_rewrites_nothing(place: Workspace) -> None:
    stamps = {p: p.stat().st_mtime_ns for p in place.site.rglob("*")}

    _, changed = build(place)

    assert changed == 0
    assert {p: p.stat().st_mtime_ns for p in place.site.rglob("*")} == stamps


def test_after_one_answer_only_the_pages_that_say_it_are_rewritten(
    place: Workspace,
) -> None:
    before = {p: p.stat().st_mtime_ns for p in place.site.rglob("*") if p.is_file()}
    answers = place.answers_path.read_text(encoding="utf-8")
    place.answers_path.write_text(answers.replace("'19:00'", "'20:00'"), "utf-8")

    _, changed = build(place)

    touched = {
        path.relative_to(place.site).as_posix()
        for path, stamp in before.items()
        if path.stat().st_mtime_ns != stamp
    }
    assert touched == {
        "projet/horaires.html",
        "projet/texte-integral.html",
        "bibliotheque/horaires/plage.html",
        # These three name the version of the draft.
        "contributions/index.html",
        "contributions/formulaire.html",
        "versions.html",
        "search/search_index.json",
    }
    assert changed == len(touched)


def test_the_pages_of_an_article_that_disappears_are_removed(place: Workspace) -> None:
    answers = place.answers_path.read_text("utf-8")
    fewer = re.sub(r"(?ms)^  couts:.*?(?=^\S)", "", answers)
    place.answers_path.write_text(fewer, "utf-8")
    profiles = {"court": {"title": "Court", "summary": "S.", "themes": ["horaires"]}}
    write_tree(place.library_folder, {"profiles.yml": json.dumps(profiles)})

    build(place)

    assert "projet/horaires.html" in published(place)
    assert "projet/couts.html" not in published(place)


def test_a_page_of_the_territory_is_published_and_listed(place: Workspace) -> None:
    write_tree(
        place.root, {"docs/acces.md": "# Venir au bureau\n\n[Lire](../index.md)"}
    )

    build(place)

    assert ">Venir au bureau</h1>" in published(place)["informations/acces.html"]
    assert 'href="informations/acces.html"' in published(place)["index.html"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "[x](absente.md) [y](#rien)",
            "docs/acces.md : le lien « absente.md » ne mène à aucune page.\n"
            "docs/acces.md : le lien « #rien » ne mène à aucun titre.",
        ),
        (
            "[x](/projet/index.md)",
            "docs/acces.md : le lien « /projet/index.md » part de la racine : écrivez "
            "« ../projet/index.md ».",
        ),
        (
            "[x](/absente/)",
            "docs/acces.md : le lien « /absente/ » part de la racine : écrivez-le à "
            "partir de cette page.",
        ),
        (
            "![x](https://ailleurs.example/a.png)",
            "docs/acces.md : https://ailleurs.example/a.png",
        ),
    ],
)
def test_a_page_that_cannot_be_published_is_named_and_the_site_stays_as_it_was(
    place: Workspace, page: str, said: str
) -> None:
    before = contents(place)
    write_tree(place.root, {"docs/acces.md": f"# Accès\n\n{page}\n"})

    with pytest.raises(InputError) as raised:
        build(place)

    assert said in str(raised.value)
    assert contents(place) == before
    assert not list(place.root.glob(".site-*"))


def test_a_broken_configuration_leaves_the_site_as_it_was(place: Workspace) -> None:
    before = contents(place)
    write_tree(place.root, {"mkdocs.yml": "theme: [material\n"})

    with pytest.raises(InputError, match="celui d’avant est intact"):
        build(place)

    assert contents(place) == before


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            "name: material",
            "name: materiel",
            "mkdocs.yml, rubrique « theme » : aucun thème installé ne s’appelle "
            "« materiel » (",
        ),
        (
            "name: material",
            "name: material\n  custom_dir: absent",
            "mkdocs.yml, rubrique « theme » : le dossier « ",
        ),
        (
            "site_name:",
            "plugins: [absent]\nsite_name:",
            "mkdocs.yml, rubrique « plugins » : « absent » n’est pas installé.",
        ),
        (
            "markdown_extensions:",
            "markdown_extensions:\n  - absente",
            "mkdocs.yml, rubrique « markdown_extensions » : l’extension « absente » ne se "
            "charge pas.\nLe module « absente » n’est pas installé.",
        ),
        (
            "site_name:",
            "couleur: bleu\nsite_name:",
            "mkdocs.yml, rubrique « couleur » : cette rubrique n’est pas connue : ",
        ),
        (
            "site_name:",
            "repo_url: ville\nsite_name:",
            "mkdocs.yml, rubrique « repo_url » : une adresse commence par « https:// ».",
        ),
        (
            "site_name:",
            "hooks: a\nsite_name:",
            "mkdocs.yml, rubrique « hooks » : une liste est attendue.",
        ),
        (
            "site_name:",
            "copyright: [a]\nsite_name:",
            "mkdocs.yml, rubrique « copyright » : cette valeur n’est pas du genre attendu.",
        ),
        (
            "site_name:",
            "extra: [a\nsite_name:",
            " : YAML incorrect, sur cette ligne ou",
        ),
        (
            "site_name:",
            "extra:\n\ta: 1\nsite_name:",
            " : une tabulation sert de décalage",
        ),
        (
            "site_name:",
            "extra: !!python/name:absent.x\nsite_name:",
            " : le module « absent » n’est pas installé.",
        ),
    ],
)
def test_a_wrong_setting_of_the_site_is_told_in_french(
    place: Workspace, right: str, wrong: str, said: str
) -> None:
    settings = (place.root / "mkdocs.yml").read_text("utf-8")
    assert right in settings
    write_tree(place.root, {"mkdocs.yml": settings.replace(right, wrong).encode()})

    with pytest.raises(InputError) as raised:
        build(place)

    assert said in str(raised.value)
    for english in ("Config value", "MkDocs encountered", "Expected", "not installed"):
        assert english not in str(raised.value)


def test_the_address_of_the_site_gives_it_a_map(tmp_path: Path) -> None:
    settings = SiteSettings(address="https://ville.fr/charte")
    place = small_workspace(tmp_path, settings=settings)

    build(place)

    assert (
        b"<loc>https://ville.fr/charte/index.html</loc>"
        in contents(place)["sitemap.xml"]
    )


def test_names_are_shown_as_typed_in_every_page(tmp_path: Path) -> None:
    named = Answers(
        act_date=STARTED.act_date,
        profile=STARTED.profile,
        values={"nom": f"Isle </title><script>alert(1)</script> {HOSTILE}"},
    )
    place = small_workspace(tmp_path, named)
    titled = "# Titre &lt;img src=x onerror=alert(1)&gt;\n"
    pages = {f"docs/{HOSTILE}.md": "Sans titre.\n", "docs/titre.md": titled}
    write_tree(place.root, pages)

    build(place)

    for name, text in published(place).items():
        shown = re.findall(r"<title>(.*?)</title>", text)
        assert len(shown) == 1, name
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown[0]
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "49" not in shown[0]
