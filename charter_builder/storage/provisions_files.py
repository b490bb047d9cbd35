"""Provisions of real documents, and the mapping of a library, read from folders."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charter_builder.errors import (
    DocumentErrors,
    InputError,
    Problem,
    shown,
    system_reason,
)
from charter_builder.library import Library
from charter_builder.provisions import (
    BASE,
    FOLDER,
    Correspondence,
    ProvisionsDocument,
    place,
    unknown_names,
)
from charter_builder.storage.files import is_folder
from charter_builder.storage.library_files import WrittenDocument, document_kinds
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    entries,
    parse,
    read_text,
)

MAX_FILES = 300
MAX_ENTRIES = 40_000


@dataclass
class _Flat:
    """The YAML files of one folder, and all that is wrong in them."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, prefix: str, kind: str, apart: Mapping[str, str]) -> None:
        """Read each file as one kind of document, those named apart as another."""
        size = 0
        for count, path in enumerate(self._paths(), 1):
            name = path.name.removesuffix(".yml")
            document = f"{prefix}{name}"
            self.names[document] = shown(_near(path), 1_000)
            try:
                if count > MAX_FILES or size > MAX_ENTRIES:
                    raise InputError(
                        f"{self.folder} : dossier trop gros ({MAX_FILES} fichiers et "
                        f"{MAX_ENTRIES} lignes et virgules au plus). Vérifiez que c’est "
                        "le bon dossier."
                    )
                text = read_text(path)
                size += entries(text)
                content = parse(text)
            except YamlSyntaxError as error:
                self.lines[document] = error.line
                self.problems.append(Problem(document, (), str(error)))
                continue
            self.texts[document] = text
            adapter = document_kinds()[apart.get(name, kind)]
            try:
                self.values[name] = validate(document, adapter, content)
            except DocumentErrors as error:
                self.problems.extend(error.problems)

    def _paths(self) -> list[Path]:
        try:
            found = sorted(os.scandir(self.folder), key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(
                f"{self.folder} : dossier illisible ({system_reason(error)}). Vérifiez "
                "son nom et ses droits."
            ) from None
        paths: list[Path] = []
        for entry in found:
            if entry.name.startswith(".") or not entry.name.endswith(".yml"):
                continue
            path = self.folder / entry.name
            # A link or a pipe is no file of ours, even when what it leads to is one.
            if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                paths.append(path)
                continue
            self.names[entry.name] = shown(_near(path), 1_000)
            self.lines[entry.name] = 0
            message = "ce n’est pas un fichier ordinaire : copiez-le, ou retirez-le."
            self.problems.append(Problem(entry.name, (), message))
        return paths

    def errors(self, problems: Sequence[Problem]) -> DocumentErrors:
        return located(problems, self.texts, self.names, self.lines)


def _near(path: Path) -> str:
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)


@dataclass(frozen=True)
class MappingFiles:
    """The mapping of a library, and where each of its entries is written."""

    correspondence: Correspondence
    _files: _Flat

    def documents(self) -> list[WrittenDocument]:
        """Return the files of the mapping."""
        found: dict[str, object] = {BASE: self.correspondence.base}
        found.update(self.correspondence.documents)
        return [
            WrittenDocument(
                self._files.folder / f"{name}.yml",
                self._files.texts[place(name)],
                value,
            )
            for name, value in found.items()
        ]

    def errors(self, problems: Sequence[Problem]) -> DocumentErrors:
        """Return the problems as one error, each on its line."""
        folder = self._files.folder
        missing = {
            problem.document: shown(
                _near(folder.parent / f"{problem.document}.yml"), 1_000
            )
            for problem in problems
            if problem.document not in self._files.names
        }
        self._files.names.update(missing)
        self._files.lines.update(dict.fromkeys(missing, 0))
        return self._files.errors(problems)


def load_mapping(folder: Path, library: Library) -> MappingFiles | None:
    """Return how the library of a folder says real documents, if it tells.

    Raises `DocumentErrors` with every entry that names what the library has not.
    """
    inside = folder / FOLDER
    if not os.path.lexists(inside):
        return None
    if inside.is_symlink():
        raise InputError(
            f"{inside} : les liens symboliques ne sont pas admis : copiez le dossier."
        )
    files = _Flat(inside)
    files.read(f"{FOLDER}/", FOLDER, {BASE: place(BASE)})
    if place(BASE) not in files.names:
        files.names[place(BASE)] = shown(_near(inside / f"{BASE}.yml"), 1_000)
        files.lines[place(BASE)] = 0
        missing = "ce fichier manque : créez-le."
        files.problems.append(Problem(place(BASE), (), missing))
    if files.problems:
        raise files.errors(files.problems)
    base = files.values.pop(BASE)
    found = MappingFiles(Correspondence(base, files.values), files)
    problems = list(unknown_names(library, found.correspondence))
    if problems:
        raise found.errors(problems)
    return found


def load_provisions(folder: Path) -> dict[str, ProvisionsDocument]:
    """Return the decomposed documents of a folder, by identifier.

    Raises `DocumentErrors` with every problem of every file.
    """
    if not is_folder(folder):
        raise InputError(
            f"{folder} : ce dossier n’existe pas. Vérifiez le chemin des dispositions."
        )
    files = _Flat(folder)
    files.read("", "provisions", {})
    documents: dict[str, ProvisionsDocument] = {}
    seen: set[str] = set()
    for name, document in files.values.items():
        twice = document.id in documents
        if twice:
            message = (
                f"« {document.id} » : un autre fichier porte déjà cet identifiant."
            )
            files.problems.append(Problem(name, ("id",), message))
        for index, provision in enumerate(document.provisions):
            if provision.id in seen:
                message = f"« {provision.id} » est déjà pris : changez-le."
                where = ("provisions", index, "id")
                files.problems.append(Problem(name, where, message))
            seen.add(provision.id)
        documents[document.id] = document
    if files.problems:
        raise files.errors(files.problems)
    if not documents:
        raise InputError(
            f"{folder} : aucun fichier de dispositions (« .yml »). Vérifiez le chemin."
        )
    return documents
