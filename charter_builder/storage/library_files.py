"""A folder of YAML files in, a `Library` out."""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from charter_builder import coherence
from charter_builder.audit_guide import AuditGuide
from charter_builder.errors import (
    DocumentErrors,
    InputError,
    Problem,
    shown,
    system_reason,
)
from charter_builder.library import (
    ActTemplate,
    Library,
    Manifest,
    Option,
    Profile,
    Requirement,
    Term,
    Theme,
)
from charter_builder.model import FactId, Name, RequirementId, Slug
from charter_builder.questionnaire import Question
from charter_builder.references import Reference
from charter_builder.rules import Rule
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    entries,
    parse,
    read_text,
)

MAX_FILES = 3_000
MAX_SIZE = 3 * 1024**2
MAX_ENTRIES = 40_000
RESERVED_FOLDERS = frozenset({"legal", "rules", "annexes"})
_WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{n}" for n in range(1, 10)}
    | {f"lpt{n}" for n in range(1, 10)}
)
_NAME = "60 lettres minuscules sans accent, chiffres et tirets au plus"
_THEME_NAME = "de 2 à 30 lettres minuscules, chiffres et tirets, une lettre d’abord"
_MISPLACED = (
    "ce fichier n’a pas sa place dans la bibliothèque : mettez-le dans un thème, "
    "« rules » ou « annexes », ou retirez-le."
)

_ROOT_DOCUMENTS = ("library", "questions", "profiles", "lexicon")
_LEGAL_DOCUMENTS = ("legal/references", "legal/requirements")
_AUDIT = "legal/audit"


@lru_cache(maxsize=16)
def _adapter(kind: str) -> TypeAdapter[Any]:
    types: dict[str, Any] = {
        "library": Manifest,
        "questions": dict[Name, Question],
        "profiles": dict[Slug, Profile],
        "lexicon": dict[str, Term],
        "legal/references": dict[FactId, Reference],
        "legal/requirements": dict[RequirementId, Requirement],
        _AUDIT: AuditGuide,
        "rules": dict[Slug, Rule],
        "annexes": ActTemplate,
        "theme": Theme,
        "option": Option,
    }
    return TypeAdapter(types[kind])


def document_kinds() -> dict[str, TypeAdapter[Any]]:
    """Return the type of each kind of file, for the published JSON Schema."""
    kinds = (
        *_ROOT_DOCUMENTS,
        *_LEGAL_DOCUMENTS,
        _AUDIT,
        "rules",
        "annexes",
        "theme",
        "option",
    )
    return {kind: _adapter(kind) for kind in kinds}


def shipped_library() -> Path:
    """Return the folder of the library that comes with the program."""
    packaged = Path(str(files("charter_builder"))) / "_library"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "clauses"


def load_library(folder: Path) -> Library:
    """Return the library of a folder, every file read once.

    Raises `DocumentErrors` with all the problems of all the files, each on its line.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} : ce dossier n’existe pas. Vérifiez le chemin de la bibliothèque."
        )
    reading = _Reading(folder)
    reading.read()
    values = reading.validated()
    if reading.problems:
        raise reading.errors(reading.problems)
    library = _library(values, _digest(reading.texts))
    problems = coherence.problems(library)
    if problems:
        raise reading.errors(problems)
    return library


@dataclass
class _Reading:
    """What was read of a folder, and all that is wrong in it."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        size = values = 0
        for count, (document, path) in enumerate(self._files(self.folder, ""), 1):
            if count > MAX_FILES or size > MAX_SIZE or values > MAX_ENTRIES:
                raise InputError(
                    f"{self.folder} : bibliothèque trop grosse ({MAX_FILES} fichiers, "
                    f"{MAX_SIZE // 1024**2} Mio et {MAX_ENTRIES} lignes et virgules au "
                    "plus). Vérifiez que c’est le bon dossier."
                )
            try:
                text = read_text(path)
                size, values = size + len(text), values + entries(text)
                self.data[document] = parse(text)
            except YamlSyntaxError as error:
                self.wrong(document, path, str(error), error.line)
            else:
                self.texts[document] = text
        for needed in ("library", "questions", "profiles", *_LEGAL_DOCUMENTS):
            if needed not in self.names:
                path = self.folder / f"{needed}.yml"
                self.wrong(needed, path, "ce fichier manque : créez-le.")

    def wrong(self, document: str, path: Path, message: str, line: int = 0) -> None:
        """Note what is wrong with a file or a folder; line 0 means as a whole."""
        self.names[document] = _shown(path)
        self.lines[document] = line
        self.problems.append(Problem(document, (), message))

    def errors(self, problems: list[Problem]) -> DocumentErrors:
        return located(problems, self.texts, self.names, self.lines)

    def _files(self, folder: Path, inside: str) -> Iterator[tuple[str, Path]]:
        """Yield the YAML files of a library; refuse whatever leads out of it."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(
                f"{folder} : dossier illisible ({system_reason(error)}). Vérifiez ses "
                "droits."
            ) from None
        for entry in entries:
            path = folder / entry.name
            document = f"{inside}{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                self.wrong(
                    document,
                    path,
                    "les liens symboliques ne sont pas admis : copiez le fichier.",
                )
            elif entry.is_dir():
                if inside:
                    self.wrong(
                        document,
                        path,
                        "dossier trop profond : un thème n’a pas de sous-dossier.",
                    )
                else:
                    yield from self._files(path, f"{entry.name}/")
            elif entry.name.lower().endswith((".yml", ".yaml")):
                if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                    self.wrong(
                        document,
                        path,
                        "ce n’est pas un fichier ordinaire : retirez-le.",
                    )
                elif not entry.name.endswith(".yml"):
                    self.wrong(document, path, "renommez ce fichier en « .yml ».")
                elif self._is_safe(path.parent, inside) and self._is_safe(path, inside):
                    document = document.removesuffix(".yml")
                    self.names[document] = _shown(path)
                    yield document, path

    def _is_safe(self, path: Path, inside: str) -> bool:
        """Note a file or a theme folder whose name is no name everywhere."""
        if path == self.folder:
            return True
        name = path.name.removesuffix(".yml")
        is_folder = name == inside.rstrip("/") and path.parent == self.folder
        if name in _WINDOWS_NAMES:
            message = f"« {name} » est un nom réservé par Windows : renommez-le."
        elif is_folder and not re.fullmatch(r"[a-z][a-z0-9-]{1,29}", name):
            message = (
                f"« {shown(name)} » n’est pas un nom de thème admis : {_THEME_NAME}."
            )
        elif len(name) > 60 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            message = f"« {shown(name)} » n’est pas un nom admis : {_NAME}."
        else:
            return True
        document = path.relative_to(self.folder).as_posix()
        if document not in self.lines:
            self.wrong(document, path, message)
        return False

    def validated(self) -> dict[str, Any]:
        """Return the value of each document that has no fault of its own."""
        values: dict[str, Any] = {}
        for document, content in self.data.items():
            try:
                values[document] = _value(document, content)
            except DocumentErrors as error:
                self.problems.extend(error.problems)
        return values


def _shown(path: Path) -> str:
    try:
        near = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        near = str(path)
    return shown(near, 1_000)


def _kind(document: str) -> str | None:
    if document in (*_ROOT_DOCUMENTS, *_LEGAL_DOCUMENTS, _AUDIT):
        return document
    folder, _, name = document.partition("/")
    if not name or folder == "legal":
        return None
    if folder in RESERVED_FOLDERS:
        return folder
    return "theme" if name == "theme" else "option"


def _value(document: str, content: Any) -> Any:
    """Return the value of a document, its id taken from its path."""
    kind = _kind(document)
    if kind is None:
        raise _misplaced(document, (), _MISPLACED)
    if kind not in ("theme", "option", "annexes"):
        return validate(document, _adapter(kind), content)
    if isinstance(content, dict) and "id" in content:
        raise _misplaced(
            document, ("id",), "retirez « id » : l’identifiant est le nom du fichier."
        )
    folder, _, name = document.partition("/")
    identifier = {"theme": folder, "option": document, "annexes": name}[kind]
    return validate(document, _adapter(kind), content, given={"id": identifier})


def _misplaced(document: str, path: tuple[str, ...], message: str) -> DocumentErrors:
    return DocumentErrors([Problem(document, path, message)])


def _library(values: dict[str, Any], digest: str) -> Library:
    rules: dict[str, Rule] = {}
    themes: dict[str, Theme] = {}
    options: dict[str, Option] = {}
    acts: dict[str, ActTemplate] = {}
    for document, value in values.items():
        match _kind(document):
            case "rules":
                prefix = document.split("/")[1]
                rules |= {f"{prefix}.{name}": rule for name, rule in value.items()}
            case "theme":
                themes[value.id] = value
            case "option":
                options[value.id] = value
            case "annexes":
                acts[value.id] = value
    return Library(
        manifest=values["library"],
        questions=values["questions"],
        profiles=values["profiles"],
        references=values["legal/references"],
        requirements=values["legal/requirements"],
        rules=rules,
        lexicon=values.get("lexicon", {}),
        themes=themes,
        options=options,
        acts=acts,
        audit=values.get(_AUDIT) or AuditGuide(),
        digest=digest,
    )


def _digest(texts: dict[str, str]) -> str:
    """Return sha256 over the sorted (NFC path, sha256 of the text) of the files."""
    rows = sorted(
        (
            unicodedata.normalize("NFC", f"{document}.yml"),
            hashlib.sha256(text.encode()).hexdigest(),
        )
        for document, text in texts.items()
    )
    whole = "\n".join(f"{digest}  {path}" for path, digest in rows)
    return hashlib.sha256(whole.encode()).hexdigest()
