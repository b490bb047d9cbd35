"""Conditions and texts of a library, parsed once and filled in."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from charter_builder.errors import MissingAnswer
from charter_builder.expressions import Condition, Plain, Text, reference_key
from charter_builder.references import Citation, Reference
from charter_builder.typography import polish


@lru_cache(maxsize=4096)
def condition(source: str) -> Condition:
    """Return the parsed condition, once per source."""
    return Condition(source)


@lru_cache(maxsize=4096)
def text(source: str) -> Text:
    """Return the parsed text, once per source."""
    return Text(source)


def holds(source: str | None, context: Mapping[str, Plain]) -> bool:
    """Return whether a condition is true; one that lacks an answer is not."""
    if source is None:
        return True
    try:
        return condition(source).holds(context)
    except MissingAnswer:
        return False


def render_line(
    source: str,
    context: Mapping[str, Plain],
    references: Mapping[str, Reference],
    on: str,
) -> str:
    """Return a sentence of the library with its figures and references filled in."""
    from_library = text(source)
    filled = {**context, **printed_context(from_library.references, references, on)}
    return from_library.line(filled)


def printed_context(
    facts: Iterable[str], references: Mapping[str, Reference], on: str
) -> dict[str, str]:
    """Return the printed form of each fact under the name texts read it by."""
    printed = {}
    for fact in facts:
        form = references[fact].printed_on(on)
        if form is not None:
            printed[reference_key(fact)] = form
    return printed


def cite(
    ids: Iterable[str], references: Mapping[str, Reference], on: str
) -> tuple[Citation, ...]:
    """Return the references as an act of that day prints them."""
    found = []
    for identifier in ids:
        reference = references[identifier]
        found.append(
            Citation(
                id=identifier,
                text=polish(reference.printed_on(on) or reference.printed[-1].text),
                subject=polish(reference.subject),
                force=reference.force,
                confidence=reference.confidence,
            )
        )
    return tuple(found)
