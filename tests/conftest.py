"""One small library, readable in one minute, and a charter drafted from it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium
from hypothesis import settings
from playwright.sync_api import Browser

from charter_builder.assembly import assemble
from charter_builder.charter import Charter
from charter_builder.interview import take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import load_library

# The same examples on every machine; ROUNDS=5000 looks further, at random.
_ROUNDS = os.environ.get("ROUNDS")
settings.register_profile(
    "suite",
    deadline=None,
    database=None,
    derandomize=_ROUNDS is None,
    max_examples=int(_ROUNDS or 100),
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest --update-golden` write the texts that tests compare whole."""
    parser.addoption("--update-golden", action="store_true")


@pytest.fixture(scope="session")
def library() -> Library:
    """The library of `tests/small`."""
    return load_library(Path(__file__).parent / "small")


@pytest.fixture
def answers(library: Library) -> Answers:
    """Complete answers: a name, a date, and what the library proposes."""
    started = Answers(
        act_date="2027-03-01", profile="court", values={"nom": "L'Isle-Verte"}
    )
    return take_proposed(library, started)


@pytest.fixture
def charter(library: Library, answers: Answers) -> Charter:
    """The charter those answers give."""
    return assemble(library, answers)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for every test of a process: two cannot run in one."""
    with chromium() as running:
        yield running
