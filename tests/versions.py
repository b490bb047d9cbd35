"""Frozen versions made of bare texts."""

from collections.abc import Mapping

from charter_builder.register import Passage
from charter_builder.units import FrozenVersion, Unit, text_digest


def version(
    number: int, texts: Mapping[str, str], title: str = "Titre"
) -> FrozenVersion:
    """Return a version whose articles have these texts, by id."""
    units = tuple(
        Unit(
            id=identifier,
            kind="article",
            number=rank,
            title=title,
            text=text,
            sha256=text_digest(title, text),
        )
        for rank, (identifier, text) in enumerate(texts.items(), 1)
    )
    return FrozenVersion(
        version=number,
        title="Charte",
        territory="Ville",
        act_date="2027-03-01",
        library="essai",
        library_version="1.0.0",
        library_digest="0" * 64,
        units=units,
    )


def passage(text: str, exact: str) -> Passage:
    """Return a passage where it is, once, in a text."""
    assert text.count(exact) == 1
    start = text.index(exact)
    return Passage(exact=exact, start=start, end=start + len(exact))
