"""Where everything lies in a territory's workspace, and how it is opened."""

import contextlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from charter_builder.errors import DocumentErrors, InputError, Problem
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.answers_file import create_answers, load_answers
from charter_builder.storage.files import (
    is_file,
    is_folder,
    is_there,
    write_atomic,
    write_if_changed,
)
from charter_builder.storage.library_files import load_library, shipped_libraries
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    parse,
    read_text,
)
from charter_builder.workspace import LibraryLock, WorkspaceSettings

SETTINGS = "charter.yml"
_SETTINGS = TypeAdapter(WorkspaceSettings)
_LOCK = TypeAdapter(LibraryLock)

T = TypeVar("T")


@dataclass(frozen=True)
class Workspace:
    """One territory's folder."""

    root: Path

    @property
    def answers_path(self) -> Path:
        return self.root / "answers.yml"

    @property
    def lock_path(self) -> Path:
        return self.root / "library.lock"

    @property
    def draft(self) -> Path:
        return self.root / "draft"

    @property
    def site_source(self) -> Path:
        return self.root / "site-src"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def consultation(self) -> Path:
        """What the consultation publishes: its settings and its register."""
        return self.root / "consultation"

    @property
    def private(self) -> Path:
        """What is never published: mailboxes, originals, replies in preparation."""
        return self.root / "private"

    @cached_property
    def settings(self) -> WorkspaceSettings:
        """What charter.yml says. Raises `DocumentErrors` or `InputError`."""
        return load_settings(self.root / SETTINGS, _SETTINGS)

    @property
    def library_folder(self) -> Path:
        followed = self.settings.library
        shipped = shipped_libraries().get(followed)
        return shipped or (self.root / followed).resolve()

    @cached_property
    def library(self) -> Library:
        return load_library(self.library_folder)

    def answers(self) -> Answers:
        return load_answers(self.answers_path, self.library)

    def lock(self) -> LibraryLock | None:
        """Return the release of the library the last draft was made with, if any."""
        if not self.lock_path.exists():
            return None
        return load_settings(self.lock_path, _LOCK)

    def write_lock(self) -> None:
        manifest = self.library.manifest
        write_if_changed(
            self.lock_path,
            "# Écrit par « charter draft » : la bibliothèque exacte de ce projet.\n"
            f"id: {yaml_scalar(manifest.id)}\nversion: '{manifest.version}'\n"
            f"digest: {yaml_scalar(self.library.digest)}\n",
        )


def load_settings(path: Path, adapter: TypeAdapter[T]) -> T:
    """Return what a small YAML file says.

    Raises `DocumentErrors` or `InputError`, on the line at fault.
    """
    try:
        text = read_text(path)
        data = parse(text)
    except YamlSyntaxError as error:
        raise InputError(f"{path}:{error.line} : {error}") from None
    try:
        value: T = validate(path.name, adapter, data)
    except DocumentErrors as error:
        found: list[Problem] = list(error.problems)
        raise located(found, {path.name: text}, {path.name: str(path)}) from None
    return value


def find_workspace(start: Path) -> Workspace:
    """Return the workspace of the nearest parent folder that holds `charter.yml`.

    Raises `InputError` when there is none.
    """
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if is_file(candidate / SETTINGS):
            return Workspace(_relative(candidate))
    raise InputError(
        f"{start} : aucun espace de travail ici (pas de fichier {SETTINGS}). "
        "Créez-en un avec « charter new DOSSIER », ou donnez son dossier avec « -C »."
    )


def _relative(folder: Path) -> Path:
    """Return the shortest way to say a folder, for messages."""
    try:
        relative = Path(os.path.relpath(folder))
    except ValueError:
        return folder
    return folder if ".." in relative.parts else relative


def refuse_full(root: Path) -> None:
    """Raise `InputError` for a folder that already holds something, or a file."""
    if is_there(root) and (not is_folder(root) or any(root.iterdir())):
        raise InputError(
            f"{root} : ce dossier existe et n’est pas vide. Choisissez un autre nom."
        )


def create_workspace(
    root: Path,
    settings: WorkspaceSettings,
    library: Library,
    answers: Answers,
    files: dict[str, str],
) -> Workspace:
    """Write a new workspace; `files` are the other texts it starts with.

    Raises `InputError` when the folder already holds something.
    """
    refuse_full(root)
    for name, text in files.items():
        write_atomic(root / name, text)
    create_answers(root / "answers.yml", library, answers)
    # Last: a folder without charter.yml is not yet a workspace.
    write_atomic(root / SETTINGS, settings_text(settings))
    workspace = Workspace(_relative(root.resolve()))
    workspace.write_lock()
    return workspace


def yaml_scalar(text: str) -> str:
    """Return a text as YAML reads it back: in quotes when it looks like something else.

    A folder may be called « 2027-03-01 » or « bibliothèque #2 ».
    """
    with contextlib.suppress(YamlSyntaxError):
        if parse(f"key: {text}") == {"key": text}:
            return text
    return json.dumps(text, ensure_ascii=False)


def settings_text(settings: WorkspaceSettings) -> str:
    """Return `charter.yml` with a comment for each key."""
    site = settings.site
    contact = f"'{site.contact}'" if site.contact else "null"
    address = f"'{site.address}'" if site.address else "null"
    opens = f"'{site.opens}'" if site.opens else "null"
    closes = f"'{site.closes}'" if site.closes else "null"
    return f"""\
# L'espace de travail de la collectivité.
territory: {yaml_scalar(settings.territory)}

# La bibliothèque de clauses : « fournie », le nom d'une autre bibliothèque fournie,
# ou un dossier voisin.
library: {yaml_scalar(settings.library)}

# private : rien n'est publié ; public : la publication automatique est permise.
visibility: {settings.visibility}

site:
  # La couleur de la collectivité ; son contraste est vérifié.
  accent: '{site.accent}'
  # L'adresse fonctionnelle qui reçoit les contributions, jamais celle d'une personne.
  contact: {contact}
  # L'adresse du site, une fois publié : 'https://…'.
  address: {address}
  # La concertation : premier et dernier jour, '2027-01-04'.
  opens: {opens}
  closes: {closes}
"""
