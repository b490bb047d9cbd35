"""Runs the site generator beside the published site, then replaces what changed."""

import contextlib
import io
import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from charter_builder.errors import InputError, system_reason
from charter_builder.website.finish import Finished, Inserts, finish
from charter_builder.website.writer import GENERATED_CONFIGURATION, write_tree

if TYPE_CHECKING:
    # MkDocs is heavy: it is imported when something is built.
    from charter_builder.website.engine import Kept

# What MkDocs says of the pages people write, in their language.
_MESSAGES = (
    (
        r"Doc file '([^']*)' contains a link '([^']*)', but the target(?: '[^']*')? "
        r"is not found among documentation files\.(?: Did you mean '([^']*)'\?)?",
        r"\1 : le lien « \2 » ne mène à aucune page.",
    ),
    (
        r"Doc file '([^']*)' contains a link '([^']*)', but (?:there is no such anchor "
        r"on this page|the doc '[^']*' does not contain an anchor '[^']*')\.",
        r"\1 : le lien « \2 » ne mène à aucun titre.",
    ),
)


@dataclass
class Session:
    """What the builds of one process share: the same bytes each time, but sooner."""

    kept: "Kept | None" = None
    finished: Finished = field(default_factory=dict)
    publishing: threading.Lock = field(default_factory=threading.Lock)
    """Held while the published files are replaced."""


def build_site(
    root: Path,
    site: Path,
    address: str | None,
    day: str,
    session: Session | None = None,
    inserts: Inserts = Inserts(),  # noqa: B008  (frozen)
) -> list[str]:
    """Build the workspace's site; return the published files that changed.

    `day` dates what the generator dates (the act date), so that two builds are the
    same to the byte; `inserts` are what people typed. Raises `InputError`, the
    published site untouched, when a page cannot be built.
    """
    session = session or Session()
    files = built_files(root, day, session)
    finished = finish(files, address, session.finished, inserts)
    with session.publishing:
        return write_tree(site, finished)


def built_files(root: Path, day: str, session: Session) -> dict[str, bytes]:
    """Return the files the generator makes of the pages, not finished yet.

    Raises `InputError` when a page cannot be built.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".site-", dir=root) as folder:
            staging = Path(folder)
            _run_mkdocs(root / GENERATED_CONFIGURATION, staging, day, session)
            return {
                path.relative_to(staging).as_posix(): path.read_bytes()
                for path in sorted(staging.rglob("*"))
                if path.is_file()
            }
    except OSError as error:
        raise InputError(
            f"{root} : construction impossible ({system_reason(error)}). Libérez de la "
            "place ou vérifiez les droits, puis recommencez."
        ) from None


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


def _run_mkdocs(
    configuration: Path, target: Path, day: str, session: Session | None = None
) -> None:
    # Imported here: MkDocs is heavy and only this command needs it.
    from jinja2 import TemplateError
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    from charter_builder.website.engine import Keeper, Kept

    session = session or Session()
    session.kept = session.kept or Kept()
    keeper = Keeper(session.kept)
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
            config.plugins["charter-builder"] = keeper
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
            config.plugins.on_shutdown()
            keeper.keep()
    except Exception as error:
        # A template that is not found is a system error to Jinja.
        if isinstance(error, OSError) and not isinstance(error, TemplateError):
            raise
        # A theme, a template or an extension of the territory may raise anything else.
        known = isinstance(error, (MkDocsException, Abort))
        said = str(error) if known else f"{type(error).__name__} : {error}"
        raise InputError(
            "le site n’a pas pu être construit ; celui d’avant est intact.\n"
            f"{_in_french(messages.getvalue().strip() or said)}\n"
            "Si le problème vient de mkdocs.yml ou d’une de vos pages (docs/), "
            "corrigez-le et relancez."
        ) from None
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def _in_french(detail: str) -> str:
    for english, french in _MESSAGES:
        detail = re.sub(english, french, detail)
    return re.sub(r"(?m)^informations/", "docs/", detail)
