"""A live consultation on the small charter: its pages built once, its register fresh."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dialogues import SETTINGS
from live_site import ORIGIN, Built, Site

from charter_builder.consultation import ConsultationSettings


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("live"))


@pytest.fixture
def make_site(tmp_path: Path, built: Built) -> Iterator[Callable[..., Site]]:
    with contextlib.ExitStack() as stack:

        def make(
            settings: ConsultationSettings = SETTINGS, origin: str = ORIGIN
        ) -> Site:
            site = Site(tmp_path, built, settings, origin)
            # As the server does: one connection stays open.
            kept = stack.enter_context(site.store.reading())
            kept.execute("SELECT 1 FROM session").fetchone()
            return site

        yield make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()
