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

_PAGE = r"Doc file '([^']*)' contains"
_GUESS = r"(?: Did you mean '[^']*'\?)?"
_SETTING = r"Config value '([^']*)': "
_UNREAD = "MkDocs encountered an error parsing the configuration file: "
_PLACE = r"in \"(?:[^\"]*[\\/])?([^\"\\/]+)\", line (\d+), column \d+"

# What MkDocs says of the pages and settings people write, in their language. The rest
# stays in English: a sentence nobody foresaw is better than none.
_MESSAGES = (
    (
        rf"{_PAGE} a link '([^']*)', but the target(?: '[^']*')? "
        rf"is not found among documentation files\.{_GUESS}",
        r"\1 : le lien « \2 » ne mène à aucune page.",
    ),
    (
        rf"{_PAGE} a link '([^']*)', but (?:there is no such anchor "
        rf"on this page|the doc '[^']*' does not contain an anchor '[^']*')\.{_GUESS}",
        r"\1 : le lien « \2 » ne mène à aucun titre.",
    ),
    (
        rf"{_PAGE} an absolute link '([^']*)', it was left as is\. "
        r"Did you mean '([^']*)'\?",
        r"\1 : le lien « \2 » part de la racine : écrivez « \3 ».",
    ),
    (
        rf"{_PAGE} an absolute link '([^']*)', it was left as is\.",
        r"\1 : le lien « \2 » part de la racine : écrivez-le à partir de cette page.",
    ),
    (
        rf"{_PAGE} an unrecognized relative link '([^']*)', it was left as is\."
        rf"{_GUESS}",
        r"\1 : le lien « \2 » ne mène à aucune page.",
    ),
    (
        rf"{_PAGE} a link to '([^']*)' which is excluded from the built site\.",
        r"\1 : le lien mène à « \2 », qui n’est pas publiée.",
    ),
    (
        rf"(?s){_UNREAD}[^\n]*\n?cannot find module '([^']*)'.*{_PLACE}",
        r"\2:\3 : le module « \1 » n’est pas installé.",
    ),
    (
        rf"(?s){_UNREAD}[^\n]*\n?found character '\\t'.*{_PLACE}",
        r"\1:\2 : une tabulation sert de décalage : remplacez-la par des espaces.",
    ),
    (
        rf"(?s){_UNREAD}.*{_PLACE}",
        r"\1:\2 : YAML incorrect, sur cette ligne ou au-dessus : vérifiez le décalage, "
        "les guillemets et les crochets.",
    ),
    (
        r"Unrecognised theme name: '([^']*)'\. "
        r"The available installed themes are: ([^\n]*)",
        r"aucun thème installé ne s’appelle « \1 » (\2).",
    ),
    (
        r"The path set in custom_dir \('([^']*)'\) does not exist\.",
        r"le dossier « \1 » n’existe pas.",
    ),
    (
        r"The path '([^']*)' isn't an existing (?:directory|file)\.",
        r"« \1 » n’existe pas.",
    ),
    (r"The \"([^\"]*)\" plugin is not installed", r"« \1 » n’est pas installé."),
    (r"Failed to load extension '([^']*)'\.", r"l’extension « \1 » ne se charge pas."),
    (
        r"ModuleNotFoundError: No module named '([^']*)'",
        r"Le module « \1 » n’est pas installé.",
    ),
    (
        r"Unrecognised configuration name: ([^\n]*)",
        "cette rubrique n’est pas connue : corrigez son nom, ou retirez-la.",
    ),
    (r"Required configuration not provided\.", "cette rubrique manque."),
    (
        r"The URL isn't valid, it should include the http:// \(scheme\)",
        "une adresse commence par « https:// ».",
    ),
    (
        r"Expected type: [^\n]* but received: [^\n]*",
        "cette valeur n’est pas du genre attendu.",
    ),
    (
        r"Expected a list of items, but a [^\n]* was given\.",
        "une liste est attendue.",
    ),
    (
        r"Expected a dict of items, but a [^\n]* was given\.",
        "des lignes « nom : valeur » sont attendues.",
    ),
    # Last: what it is about is by now in French.
    (_SETTING, r"mkdocs.yml, rubrique « \1 » : "),
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
