"""A workspace of the small library, and its built site."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from trees import write_tree

from charter_builder.cli.site import make_site
from charter_builder.interview import take_proposed
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import load_library
from charter_builder.storage.workspace_files import Workspace, create_workspace
from charter_builder.website.starter import starter_files
from charter_builder.workspace import SiteSettings, WorkspaceSettings

SMALL = Path(__file__).parent / "small"
STARTED = Answers(
    act_date="2027-03-01", profile="court", values={"nom": "L'Isle-Verte"}
)


def small_workspace(
    folder: Path,
    started: Answers = STARTED,
    settings: SiteSettings = SiteSettings(),  # noqa: B008  (frozen)
    clauses: Mapping[str, str] | None = None,
) -> Workspace:
    """Return a new workspace beside its own copy of the small library.

    `clauses` are files of that library to write or replace.
    """
    copy = folder / "clauses"
    shutil.copytree(SMALL, copy)
    write_tree(copy, clauses or {})
    library = load_library(copy)
    return create_workspace(
        folder / "charte",
        WorkspaceSettings(
            territory="l-isle-verte", library="../clauses", site=settings
        ),
        library,
        take_proposed(library, started),
        starter_files(
            library.manifest.title,
            str(started.values[library.manifest.territory_name]),
        ),
    )


def build(place: Workspace) -> tuple[int, int]:
    """Build the site as `charter site build` does, everything read again."""
    return make_site(Workspace(place.root))


def published(place: Workspace) -> dict[str, str]:
    """Return the pages of the built site."""
    return {
        path.relative_to(place.site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(place.site.rglob("*.html"))
    }
