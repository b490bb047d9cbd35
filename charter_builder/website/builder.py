"""Runs the site generator beside the published site, then replaces what changed."""

import contextlib
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from charter_builder.errors import InputError
from charter_builder.website.finish import finish
from charter_builder.website.writer import GENERATED_CONFIGURATION, write_tree


def build_site(root: Path, site: Path, address: str | None, day: str) -> list[str]:
    """Build the workspace's site; return the published files that changed.

    `day` dates what the generator dates (the act date), so that two builds are the
    same to the byte. Raises `InputError`, the published site untouched, when a page
    cannot be built.
    """
    staging = Path(tempfile.mkdtemp(prefix=".site-", dir=root))
    try:
        _run_mkdocs(root / GENERATED_CONFIGURATION, staging, day)
        files = {
            path.relative_to(staging).as_posix(): path.read_bytes()
            for path in sorted(staging.rglob("*"))
            if path.is_file()
        }
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return write_tree(site, finish(files, address))


@contextlib.contextmanager
def _build_date(day: str) -> Iterator[None]:
    moment = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _run_mkdocs(configuration: Path, target: Path, day: str) -> None:
    # Imported here: MkDocs is heavy and only this command needs it.
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    messages = io.StringIO()
    handler = logging.StreamHandler(messages)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("mkdocs")
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        with _build_date(day), contextlib.redirect_stdout(io.StringIO()):
            config = load_config(
                str(configuration), site_dir=str(target.resolve()), strict=True
            )
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
            config.plugins.on_shutdown()
    except (MkDocsException, Abort) as error:
        detail = messages.getvalue().strip() or str(error)
        raise InputError(
            "le site n’a pas pu être construit ; celui d’avant est intact.\n"
            f"{detail}\n"
            "Si le problème vient d’une de vos pages (docs/), corrigez-la et relancez."
        ) from None
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
