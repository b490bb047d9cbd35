"""A folder of YAML files in, a `Library` out."""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from charter_builder import changelog, coherence
from charter_builder.audit_guide import AuditGuide
from charter_builder.errors import (
    MAX_PROBLEMS,
    DocumentErrors,
    InputError,
    Problem,
    shown,
    system_reason,
)
from charter_builder.library import (
    ActTemplate,
    AnnexTemplate,
    DocumentTemplate,
    Library,
    Manifest,
    Option,
    Profile,
    Requirement,
    Term,
    Theme,
)
from charter_builder.model import WINDOWS_NAMES, FactId, Name, RequirementId, Slug
from charter_builder.questionnaire import Question
from charter_builder.references import Reference
from charter_builder.rules import Rule
from charter_builder.storage.files import is_folder
from charter_builder.storage.validation import located, validate
from charter_builder.storage.yaml_files import (
    SIGNS,
    YamlSyntaxError,
    counted_text,
    parse,
    read_text,
)
from charter_builder.workspace import SHIPPED

MAX_FILES = 3_000
MAX_SIZE = 3 * 1024**2
MAX_ENTRIES = 60_000
RESERVED_FOLDERS = frozenset({"legal", "rules", "annexes"})
# What a library says of itself: no charter is drafted from it, so it is neither loaded
# with the clauses nor part of their digest.
_SET_APART = frozenset({"coverage"})
_NAME = "60 lettres minuscules sans accent, chiffres et tirets au plus"
_THEME_NAME = "de 2 à 30 lettres minuscules, chiffres et tirets, une lettre d’abord"
_TOO_LARGE = (
    f"{{}} : bibliothèque trop grosse ({MAX_FILES} fichiers, {MAX_SIZE // 1024**2} Mio "
    f"et {MAX_ENTRIES} {SIGNS} au plus). Vérifiez que c’est le bon dossier."
)
_MISPLACED = (
    "ce fichier n’a pas sa place dans la bibliothèque : mettez-le dans un thème, "
    "« rules » ou « annexes », ou retirez-le."
)

_ROOT_DOCUMENTS = ("library", "questions", "profiles", "lexicon")
_LEGAL_DOCUMENTS = ("legal/references", "legal/requirements")
_MEASURES = ("coverage/base", "coverage", "provisions")
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
        "annexes": AnnexTemplate,
        "theme": Theme,
        "option": Option,
    }
    if kind in _MEASURES:
        # No charter is drafted from them: most commands never need these types.
        from charter_builder.provisions import Base, Entry, ProvisionsDocument

        types |= {
            "coverage/base": Base,
            "coverage": dict[Slug, Entry],
            "provisions": ProvisionsDocument,
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
        *_MEASURES,
    )
    return {kind: _adapter(kind) for kind in kinds}


def shipped_library() -> Path:
    """Return the folder of the library a workspace follows unless it names another."""
    return _shipped("_library", "clauses")


def shipped_libraries() -> dict[str, Path]:
    """Return the folder of each library that comes with the program, by name.

    The others lie with the documentation: they show that a library is only data, and
    `clauses/` stays the one people fork.
    """
    others = _shipped("_docs", "docs") / "bibliotheques"
    found = {SHIPPED: shipped_library()}
    for manifest in sorted(others.glob("*/library.yml")):
        found[manifest.parent.name] = manifest.parent
    return found


def library_folder(given: str | None = None) -> Path:
    """Return the folder of a library, from the name of a shipped one or from a path.

    A name wins over a folder of the same name, which is then written `./name`.
    Raises `InputError` when it is neither.
    """
    shipped = shipped_libraries()
    name = SHIPPED if given is None else given
    folder = shipped.get(name, Path(name))
    if not is_folder(folder):
        raise InputError(
            f"{shown(name, 1_000)} : ce n’est ni un dossier, ni une bibliothèque fournie "
            f"({', '.join(shipped)}). Vérifiez le chemin ou le nom."
        )
    return folder


def _shipped(packaged: str, source: str) -> Path:
    """Return a folder that ships: inside the wheel, else in the sources."""
    package = Path(__file__).resolve().parents[1]
    installed = package / packaged
    return installed if installed.is_dir() else package.parent / source


@dataclass(frozen=True)
class WrittenDocument:
    """A YAML file of a library: where it lies, its text, the value it gave."""

    path: Path
    text: str
    value: object


def load_library(folder: Path) -> Library:
    """Return the library of a folder, every file read once.

    Raises `DocumentErrors` with all the problems of all the files, each on its line.
    """
    return load_documents(folder)[0]


def load_documents(folder: Path) -> tuple[Library, list[WrittenDocument]]:
    """Return the library of a folder like `load_library`, with the files it was in."""
    if not is_folder(folder):
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
    documents = [
        WrittenDocument(reading.names[name], reading.texts[name], value)
        for name, value in values.items()
    ]
    return library, documents


def load_changes(folder: Path) -> tuple[changelog.Change, ...]:
    """Return what the `CHANGELOG.md` of a library tells, if it has one.

    It is told beside the clauses and changes none: it is not in the digest.
    """
    path = folder / "CHANGELOG.md"
    if not path.is_file() or path.is_symlink():
        return ()
    try:
        return changelog.changes(read_text(path))
    except YamlSyntaxError as error:
        raise InputError(f"{_shown(path)}:{error.line} : {error}") from None


@dataclass
class _Reading:
    """What was read of a folder, and all that is wrong in it."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, Path] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        size = values = 0
        for count, (document, path) in enumerate(self._files(self.folder, ""), 1):
            try:
                text, held = counted_text(path)
                size, values = size + len(text), values + held
                if count > MAX_FILES or size > MAX_SIZE or values > MAX_ENTRIES:
                    raise InputError(_TOO_LARGE.format(self.folder))
                self.data[document] = parse(text)
            except YamlSyntaxError as error:
                self.wrong(document, path, str(error), error.line)
            else:
                self.texts[document] = text
            if self.has_enough:
                return
        for needed in ("library", "questions", "profiles", *_LEGAL_DOCUMENTS):
            if needed not in self.names:
                path = self.folder / f"{needed}.yml"
                self.wrong(needed, path, "ce fichier manque : créez-le.")

    @property
    def has_enough(self) -> bool:
        """Whether more is wrong than will be told: the rest need not be read."""
        return len(self.problems) > MAX_PROBLEMS

    def wrong(self, document: str, path: Path, message: str, line: int = 0) -> None:
        """Note what is wrong with a file or a folder; line 0 means as a whole."""
        self.names[document] = path
        self.lines[document] = line
        self.problems.append(Problem(document, (), message))

    def errors(self, problems: list[Problem]) -> DocumentErrors:
        shown_names = {name: _shown(path) for name, path in self.names.items()}
        return located(problems, self.texts, shown_names, self.lines)

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
            if not inside and entry.name in _SET_APART:
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
                    self.names[document] = path
                    yield document, path

    def _is_safe(self, path: Path, inside: str) -> bool:
        """Note a file or a theme folder whose name is no name everywhere."""
        if path == self.folder:
            return True
        name = path.name.removesuffix(".yml")
        is_folder = name == inside.rstrip("/") and path.parent == self.folder
        if name in WINDOWS_NAMES:
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
            if self.has_enough:
                break
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
    documents: dict[str, DocumentTemplate] = {}
    for document, value in values.items():
        match _kind(document):
            case "rules":
                prefix = document.split("/")[1]
                rules |= {f"{prefix}.{name}": rule for name, rule in value.items()}
            case "theme":
                themes[value.id] = value
            case "option":
                options[value.id] = value
            case "annexes" if isinstance(value, ActTemplate):
                acts[value.id] = value
            case "annexes":
                documents[value.id] = value
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
        documents=_in_order(values["library"].documents, documents),
        audit=values.get(_AUDIT) or AuditGuide(),
        digest=digest,
    )


def _in_order(
    order: Iterable[str], documents: dict[str, DocumentTemplate]
) -> dict[str, DocumentTemplate]:
    """Return the documents as the manifest lists them, those it forgets last."""
    names = dict.fromkeys((*order, *documents))
    return {name: documents[name] for name in names if name in documents}


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
