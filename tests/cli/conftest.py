"""A workspace of the small library, and what one reads in it."""

from pathlib import Path

import pytest
from terminal import SMALL, invoke

NAME = "L’Isle-d’Été-sur-l’Œuvre"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A workspace that follows `tests/small`: only its name is answered."""
    folder = tmp_path / "ville"
    created = invoke(
        *("new", folder, "--library", SMALL, "--profile", "court"),
        *("--name", NAME, "--date", "01/03/2027"),
    )
    assert created.exit_code == 0, created.output
    return folder


@pytest.fixture
def answered_town(town: Path) -> Path:
    """The same workspace, everything proposed taken."""
    assert invoke("-C", town, "ask", "--defaults").exit_code == 0
    return town
