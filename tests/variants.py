"""The small library with some fields changed, without any file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from charter_builder.audit_guide import AuditGuide
from charter_builder.library import (
    ActTemplate,
    DocumentTemplate,
    Library,
    Manifest,
    Option,
    Profile,
    Requirement,
    Term,
    Theme,
)
from charter_builder.questionnaire import Question
from charter_builder.references import Reference
from charter_builder.rules import Rule

Fields = Mapping[str, Any]

# The field of `Library` that holds each document of several entries, and their type.
_TABLES: dict[str, tuple[str, Any]] = {
    "questions": ("questions", Question),
    "profiles": ("profiles", Profile),
    "lexicon": ("lexicon", Term),
    "legal/references": ("references", Reference),
    "legal/requirements": ("requirements", Requirement),
    "rules": ("rules", Rule),
}


def edited(library: Library, changes: Mapping[str, Fields]) -> Library:
    """Return the library where some documents have other fields, checked again.

    A document is named as its file: `couts/theme`, `couts/forfait`, `library`. In those
    of several entries (`questions`, `legal/references`, `rules`) a field is an entry,
    `None` to remove it.
    """
    for document, fields in changes.items():
        if document == "library":
            library = replace(
                library, manifest=_with(Manifest, library.manifest, fields)
            )
        elif document in _TABLES:
            name, kind = _TABLES[document]
            table: dict[str, Any] = {name: _entries(library, name, kind, fields)}
            library = replace(library, **table)
        elif document == "legal/audit":
            library = replace(library, audit=_with(AuditGuide, library.audit, fields))
        elif document.startswith("annexes/"):
            library = _with_annex(library, document.removeprefix("annexes/"), fields)
        elif document.endswith("/theme"):
            theme = document.removesuffix("/theme")
            new = _with(Theme, library.themes.get(theme), {"id": theme, **fields})
            library = replace(library, themes={**library.themes, theme: new})
        else:
            option = _with(
                Option, library.options.get(document), {"id": document, **fields}
            )
            library = replace(library, options={**library.options, document: option})
    return library


def _with_annex(library: Library, name: str, fields: Fields) -> Library:
    told = {"id": name, **fields}
    if name in library.documents or fields.get("kind") == "document":
        changed = _with(DocumentTemplate, library.documents.get(name), told)
        return replace(library, documents={**library.documents, name: changed})
    act = _with(ActTemplate, library.acts.get(name), told)
    return replace(library, acts={**library.acts, name: act})


def _with(kind: Any, before: Any, fields: Fields) -> Any:
    told = before.model_dump(by_alias=True, exclude_unset=True) if before else {}
    return TypeAdapter(kind).validate_python({**told, **fields})


def _entries(library: Library, name: str, kind: Any, fields: Fields) -> dict[str, Any]:
    entries = dict(getattr(library, name))
    for key, given in fields.items():
        if given is None:
            del entries[key]
        else:
            entries[key] = _with(kind, entries.get(key), given)
    return entries
