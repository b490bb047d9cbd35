"""A workspace of the small library, and what one reads in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import SMALL, Terminal, invoke

NAME = "L’Isle-d’Été-sur-l’Œuvre"


def new_town(folder: Path, *settings: str) -> Path:
    """Make a workspace that follows `tests/small`, with some answers."""
    created = invoke(
        *("new", folder, "--library", SMALL, "--profile", "court"),
        *("--name", NAME, "--date", "01/03/2027"),
    )
    assert created.exit_code == 0, created.output
    if settings:
        invoke("-C", folder, "ask", *settings)
    return folder


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A workspace where only the name of the town is answered."""
    return new_town(tmp_path / "ville")


@pytest.fixture
def answered_town(tmp_path: Path) -> Path:
    """A workspace where everything proposed is taken."""
    return new_town(tmp_path / "ville", "--defaults")


# Screens where tests type only what saves nothing: one session serves them all.


@pytest.fixture(scope="module")
def first_question(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A session at « Combien d’agents ? »."""
    folder = new_town(tmp_path_factory.mktemp("question") / "ville")
    with Terminal("-C", folder, "ask") as terminal:
        yield terminal


@pytest.fixture(scope="module")
def options_question(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A session at « Comment dire les horaires ? »."""
    folder = new_town(
        tmp_path_factory.mktemp("options") / "ville", "--set", "agents=120"
    )
    with Terminal("-C", folder, "ask") as terminal:
        yield terminal


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A session at the final review."""
    folder = new_town(tmp_path_factory.mktemp("relecture") / "ville", "--defaults")
    with Terminal("-C", folder, "ask") as terminal:
        yield terminal
