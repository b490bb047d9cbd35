"""A folder of YAML files in, a `Library` out."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from charter_builder import coherence
from charter_builder.errors import DocumentErrors, InputError, Problem
from charter_builder.library import (
    ActTemplate,
    Library,
    Manifest,
    Option,
    Profile,
    Requirement,
    RequirementId,
    Term,
    Theme,
)
from charter_builder.model import FactId, Name, Slug
from charter_builder.questionnaire import Question
from charter_builder.references import Reference
from charter_builder.rules import Rule
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    located,
    parse,
    read_text,
    validate,
)

MAX_FILES = 3_000
RESERVED_FOLDERS = frozenset({"legal", "rules", "annexes"})
_WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{n}" for n in range(1, 10)}
    | {f"lpt{n}" for n in range(1, 10)}
)
_NAME = "lettres minuscules sans accent, chiffres et tirets"

_ROOT_DOCUMENTS = ("library", "questions", "profiles", "lexicon")
_LEGAL_DOCUMENTS = ("legal/references", "legal/requirements")


@lru_cache(maxsize=16)
def _adapter(kind: str) -> TypeAdapter[Any]:
    types: dict[str, Any] = {
        "library": Manifest,
        "questions": dict[Name, Question],
        "profiles": dict[Slug, Profile],
        "lexicon": dict[str, Term],
        "legal/references": dict[FactId, Reference],
        "legal/requirements": dict[RequirementId, Requirement],
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
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    data: dict[str, Any] = {}
    shown: dict[str, str] = {}
    if not folder.is_dir():
        raise InputError(f"{folder} : ce dossier n’existe pas.")
    for document, path in _documents(folder, problems):
        shown[document] = _shown(path)
        try:
            texts[document] = read_text(path)
            data[document] = parse(texts[document])
        except YamlSyntaxError as error:
            problems.append(Problem(document, (), str(error)))
            lines[document] = error.line
    for needed in ("library", "questions", "profiles", *_LEGAL_DOCUMENTS):
        if needed not in shown:
            shown[needed] = _shown(folder / f"{needed}.yml")
            problems.append(Problem(needed, (), "ce fichier manque."))
    values = _validated(data, problems)
    if problems:
        raise _at_lines(problems, texts, shown, lines)
    library = _library(values, _digest(texts))
    problems = coherence.problems(library)
    if problems:
        raise located(problems, texts, shown)
    return library


def _shown(path: Path) -> str:
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)


def _at_lines(
    problems: list[Problem],
    texts: dict[str, str],
    shown: dict[str, str],
    lines: dict[str, int],
) -> DocumentErrors:
    error = located([p for p in problems if p.document not in lines], texts, shown)
    unreadable = [
        f"{shown.get(p.document, p.document)}:{lines[p.document]} : {p.message}"
        for p in problems
        if p.document in lines
    ]
    return DocumentErrors(problems, sorted([*error.lines, *unreadable]))


def _documents(
    folder: Path, problems: list[Problem]
) -> Iterator[tuple[str, Path]]:
    """Yield the YAML files of a library; refuse whatever leads out of it."""
    count = 0
    for path in _walk(folder, problems, ""):
        relative = path.relative_to(folder).as_posix().removesuffix(".yml")
        count += 1
        if count > MAX_FILES:
            raise InputError(f"{folder} : plus de {MAX_FILES} fichiers.")
        if _is_safe(relative, problems):
            yield relative, path


def _walk(folder: Path, problems: list[Problem], inside: str) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name.startswith("."):
            continue
        name = f"{inside}{entry.name}"
        path = Path(entry.path)
        if entry.is_symlink():
            problems.append(
                Problem(name, (), "les liens symboliques ne sont pas admis.")
            )
        elif entry.is_dir():
            if inside.count("/") < 1:
                yield from _walk(path, problems, f"{name}/")
            else:
                problems.append(Problem(name, (), "dossier trop profond."))
        elif entry.name.endswith((".yml", ".yaml")):
            if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                problems.append(Problem(name, (), "ce n’est pas un fichier ordinaire."))
            elif entry.name.endswith(".yaml"):
                problems.append(Problem(name, (), "renommez ce fichier en « .yml »."))
            else:
                yield path


def _is_safe(document: str, problems: list[Problem]) -> bool:
    for step in document.split("/"):
        ascii_slug = step.replace("-", "").isalnum() and step.isascii()
        if not ascii_slug or step != step.lower() or len(step) > 60:
            normal = unicodedata.normalize("NFC", step)
            problems.append(
                Problem(document, (), f"« {normal} » n’est pas un nom admis : {_NAME}.")
            )
            return False
        if step in _WINDOWS_NAMES:
            problems.append(
                Problem(document, (), f"« {step} » est un nom réservé par Windows.")
            )
            return False
    return True


def _kind(document: str) -> str | None:
    if document in (*_ROOT_DOCUMENTS, *_LEGAL_DOCUMENTS):
        return document
    folder, _, name = document.partition("/")
    if not name or folder == "legal":
        return None
    if folder in RESERVED_FOLDERS:
        return folder
    return "theme" if name == "theme" else "option"


def _validated(data: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for document, content in data.items():
        kind = _kind(document)
        if kind is None:
            problems.append(
                Problem(document, (), "ce fichier n’a pas sa place dans la bibliothèque.")
            )
            continue
        identifier = {"theme": document.split("/")[0], "option": document}.get(kind)
        if kind == "annexes":
            identifier = document.split("/")[1]
        try:
            if identifier is not None and isinstance(content, dict):
                if "id" in content:
                    raise DocumentErrors(
                        [
                            Problem(
                                document,
                                ("id",),
                                "retirez « id » : l’identifiant est le nom du fichier.",
                            )
                        ]
                    )
                content = {"id": identifier, **content}
            values[document] = validate(document, _adapter(kind), content)
        except DocumentErrors as error:
            problems.extend(error.problems)
    return values


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
