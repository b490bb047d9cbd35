"""Drafts a charter from a library of clauses and the answers of one territory.

These names are all a caller needs. Each is imported when it is first used: starting
`charter --help` must not load what it does not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charter_builder.assembly import assemble
    from charter_builder.charter import Charter
    from charter_builder.errors import CharterError
    from charter_builder.interview import take_proposed
    from charter_builder.library import Library
    from charter_builder.markdown import act_text, charter_text, document_text
    from charter_builder.questionnaire import Answers
    from charter_builder.requirements import coverage, findings
    from charter_builder.rules import Finding
    from charter_builder.storage.answers_file import load_answers
    from charter_builder.storage.library_files import load_library, shipped_library

__all__ = [
    "Answers",
    "Charter",
    "CharterError",
    "Finding",
    "Library",
    "act_text",
    "assemble",
    "charter_text",
    "coverage",
    "document_text",
    "findings",
    "load_answers",
    "load_library",
    "shipped_library",
    "take_proposed",
]

_MODULES = {
    "Answers": "questionnaire",
    "Charter": "charter",
    "CharterError": "errors",
    "Finding": "rules",
    "Library": "library",
    "act_text": "markdown",
    "assemble": "assembly",
    "charter_text": "markdown",
    "coverage": "requirements",
    "document_text": "markdown",
    "findings": "requirements",
    "load_answers": "storage.answers_file",
    "load_library": "storage.library_files",
    "shipped_library": "storage.library_files",
    "take_proposed": "interview",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
