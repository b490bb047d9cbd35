"""What changes between two charters, article by article."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from charter_builder.charter import Article, Charter, unit_text
from charter_builder.typography import plain
from charter_builder.worddiff import Run, compare_words


class Change(NamedTuple):
    """One article that came, went, moved or reads otherwise."""

    kind: Literal["added", "removed", "renumbered", "reworded"]
    theme: str
    title: str
    before: int | None
    after: int | None
    """Its number in each charter."""
    runs: tuple[Run, ...] = ()


def compare_charters(before: Charter, after: Charter) -> list[Change]:
    """Return the changes from one charter to the other, in the order of the new one."""
    old = {article.id: article for article in before.articles()}
    new = {article.id: article for article in after.articles()}
    changes = [
        Change("removed", a.id, a.title, a.number, None)
        for a in old.values()
        if a.id not in new
    ]
    for article in new.values():
        changes += _article_changes(old.get(article.id), article)
    return changes


def _article_changes(before: Article | None, after: Article) -> Iterator[Change]:
    if before is None:
        runs = (Run("added", unit_text(after)),)
        yield Change("added", after.id, after.title, None, after.number, runs)
        return
    old, new = unit_text(before), unit_text(after)
    if plain(old) != plain(new):
        yield Change(
            "reworded",
            after.id,
            after.title,
            before.number,
            after.number,
            tuple(compare_words(old, new)),
        )
    elif before.number != after.number:
        yield Change("renumbered", after.id, after.title, before.number, after.number)
