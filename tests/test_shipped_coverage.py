"""The mapping of the shipped library: every entry still holds.

The documents it is about are not ours to ship: what can be told without them is whether
each clause, answer and rule an entry names does what the entry says.
"""

from functools import cache
from pathlib import Path

import pytest

from charter_builder.provisions import BASE, Bench, Correspondence, bench, failures
from charter_builder.storage.library_files import load_library
from charter_builder.storage.provisions_files import load_mapping

CLAUSES = Path(__file__).parent.parent / "clauses"
DOCUMENTS = sorted(
    path.stem for path in (CLAUSES / "coverage").glob("*.yml") if path.stem != BASE
)


@cache
def shipped() -> tuple[Bench, Correspondence]:
    library = load_library(CLAUSES)
    mapping = load_mapping(CLAUSES, library)
    assert mapping is not None
    return bench(library, mapping.correspondence.base), mapping.correspondence


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_entry_of_a_document_does_what_it_says(document: str) -> None:
    stand, correspondence = shipped()
    assert [
        problem.message
        for name, entry in correspondence.documents[document].items()
        for problem in failures(stand, document, name, entry)
    ] == []


def test_an_entry_belongs_to_the_document_its_name_begins_with() -> None:
    _, correspondence = shipped()
    assert {
        name: provision
        for name, entries in correspondence.documents.items()
        for provision in entries
        if not provision.startswith(f"{name}-p")
    } == {}
