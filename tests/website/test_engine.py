"""What a serving process keeps between two builds never shows in the site."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import small_workspace
from trees import write_tree

from charter_builder.cli.site import make_site
from charter_builder.errors import InputError
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website.builder import Session

OVERRIDE = '{% extends "base.html" %}{% block footer %}<p>PIED</p>{% endblock %}'


def contents(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A workspace with two pages of its own, one of which links to the other."""
    place = small_workspace(tmp_path)
    pages = {
        "docs/acces.md": "# Accès\n\n[Le plan](plan.md#etage), [le parc](plan.md)\n",
        "docs/plan.md": "# Plan\n\n## Étage {#etage}\n",
    }
    write_tree(place.root, pages)
    return place


@pytest.fixture
def session(place: Workspace) -> Session:
    """A session in which the site of that workspace was built once."""
    session = Session()
    make_site(Workspace(place.root), session)
    return session


def use_overrides(place: Workspace, footer: str) -> None:
    write_tree(place.root, {"overrides/main.html": OVERRIDE.replace("PIED", footer)})
    configuration = place.root / "mkdocs.yml"
    if "custom_dir" not in configuration.read_text("utf-8"):
        edit(
            configuration,
            "  name: material",
            "  name: material\n  custom_dir: overrides",
        )


CHANGES: dict[str, Callable[[Workspace], object]] = {
    "nothing": lambda place: None,
    "an answer": lambda place: edit(place.answers_path, "'19:00'", "'20:00'"),
    "a clause": lambda place: edit(
        place.library_folder / "horaires/plage.yml", "title: ", "title: Autre "
    ),
    "the title of an article": lambda place: edit(
        place.library_folder / "horaires/theme.yml", "title: ", "title: Autre "
    ),
    "the act date": lambda place: edit(place.answers_path, "2027-03-01", "2027-04-01"),
    "the look": lambda place: edit(
        place.root / "mkdocs.yml", "    - navigation.top\n", ""
    ),
    "a page": lambda place: edit(place.root / "docs/plan.md", "# Plan", "# Carte"),
    "a new page": lambda place: write_tree(place.root, {"docs/neuve.md": "# Neuve\n"}),
    "a page less": lambda place: (place.root / "docs/acces.md").unlink(),
    "the colour": lambda place: edit(
        place.root / "charter.yml", place.settings.site.accent, "#7a1f1f"
    ),
    "an extension": lambda place: edit(
        place.root / "mkdocs.yml", "  - def_list", "  - def_list\n  - footnotes"
    ),
    "the slugs": lambda place: edit(
        place.root / "mkdocs.yml", "case: lower", "case: none"
    ),
    "a template": lambda place: use_overrides(place, "Un pied"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_after_a_change_is_a_fresh_build_to_the_byte(
    place: Workspace, session: Session, change: str, tmp_path: Path
) -> None:
    CHANGES[change](Workspace(place.root))

    make_site(Workspace(place.root), session)

    again = contents(place.site)
    shutil.rmtree(place.site)
    make_site(Workspace(place.root))
    assert again == contents(place.site)


def test_only_the_pages_whose_text_changed_are_converted_again(
    place: Workspace, session: Session
) -> None:
    assert session.kept
    before = {name: outcome for name, (_, outcome) in session.kept.pages.items()}
    edit(place.answers_path, "'19:00'", "'20:00'")

    make_site(Workspace(place.root), session)

    after = {name: outcome for name, (_, outcome) in session.kept.pages.items()}
    assert {name for name in after if after[name] is not before[name]} == {
        "projet/horaires.md",
        "projet/texte-integral.md",
        "bibliotheque/horaires/plage.md",
        # These three name the version of the draft.
        "contributions/index.md",
        "contributions/formulaire.md",
        "versions.md",
    }


def test_no_template_is_compiled_twice(place: Workspace, session: Session) -> None:
    assert session.kept
    before = dict(session.kept.templates)
    edit(place.answers_path, "'19:00'", "'20:00'")

    make_site(Workspace(place.root), session)

    assert before
    assert session.kept.templates == before


def test_a_page_that_reads_another_file_is_always_converted(
    place: Workspace, session: Session
) -> None:
    edit(
        place.root / "mkdocs.yml",
        "  - def_list",
        f"  - def_list\n  - pymdownx.snippets:\n      base_path: ['{place.root}']",
    )
    write_tree(
        place.root, {"docs/plan.md": "# Plan\n\n## A {#etage}\n\n--8<-- 'note.txt'\n"}
    )
    write_tree(place.root, {"note.txt": "Avant."})
    make_site(Workspace(place.root), session)
    write_tree(place.root, {"note.txt": "Après."})

    make_site(Workspace(place.root), session)

    assert "<p>Après.</p>" in (place.site / "informations/plan.html").read_text("utf-8")


def test_a_look_that_comes_from_another_file_is_followed(
    place: Workspace, session: Session
) -> None:
    own = place.root / "mkdocs.yml"
    own.rename(place.root / "base.yml")
    write_tree(place.root, {"mkdocs.yml": "INHERIT: base.yml\n"})
    make_site(Workspace(place.root), session)
    assert "md-top" in (place.site / "index.html").read_text("utf-8")
    edit(place.root / "base.yml", "    - navigation.top\n", "")

    make_site(Workspace(place.root), session)

    assert "md-top" not in (place.site / "index.html").read_text("utf-8")


def test_only_the_pages_that_changed_are_put_in_their_frame_again(
    place: Workspace, session: Session
) -> None:
    assert session.kept
    before = {name: whole for name, (_, whole) in session.kept.framed.items()}
    edit(place.answers_path, "'19:00'", "'20:00'")

    make_site(Workspace(place.root), session)

    after = {name: whole for name, (_, whole) in session.kept.framed.items()}
    same = {name for name in after if after[name] is before[name]}
    assert {"index.md", "projet/couts.md", "informations/plan.md"} <= same
    assert "projet/horaires.md" not in same


def test_a_template_that_was_edited_is_compiled_again(
    place: Workspace, session: Session
) -> None:
    use_overrides(place, "Un pied")
    make_site(Workspace(place.root), session)
    use_overrides(place, "Un autre")

    make_site(Workspace(place.root), session)

    assert "<p>Un autre</p>" in (place.site / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (None, "docs/acces.md : le lien « plan.md » ne mène à aucune page."),
        (
            "# Plan\n",
            "docs/acces.md : le lien « plan.md#etage » ne mène à aucun titre.",
        ),
    ],
)
def test_a_kept_page_whose_link_breaks_is_told_at_each_build(
    place: Workspace, session: Session, plan: str | None, said: str
) -> None:
    before = contents(place.site)
    path = place.root / "docs/plan.md"
    if plan is None:
        path.unlink()
    else:
        path.write_text(plan, "utf-8")

    for _ in range(2):
        with pytest.raises(InputError) as raised:
            make_site(Workspace(place.root), session)
        assert said in str(raised.value)
    assert contents(place.site) == before


def test_a_page_at_fault_is_told_at_each_build(
    place: Workspace, session: Session
) -> None:
    write_tree(
        place.root, {"docs/plan.md": "# Plan\n\n## A {#etage}\n\n<script>x</script>\n"}
    )

    for _ in range(2):
        with pytest.raises(InputError, match=r"docs/plan\.md : <script"):
            make_site(Workspace(place.root), session)
