"""Acts with the text adopted after the consultation, read back as they are written."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from charter_builder.adopted_text import Paragraphs, chunks_of, point_lines
from charter_builder.charter import DECIDES, Act, ActArticle, OpenPoint, plain_text
from charter_builder.errors import InputError, shown
from charter_builder.questionnaire import AdoptedText
from charter_builder.typography import plain

_HEADING = re.compile(r"Article[ \u00a0]([0-9]{1,3})\. (.+)")

_LIKE_A_HEADING = re.compile(
    r"article[ \u00a0]([0-9]+|premier)(er)?\b[ \u00a0]*([.:–—-]|$)", re.IGNORECASE
)


def require_act(text: str) -> None:
    """Raise `InputError` with what a text lacks to be that of an act."""
    fault = act_fault(text)
    if fault:
        raise InputError(fault)


def act_fault(text: str) -> str:
    """Return what a text lacks to be that of an act, or nothing."""
    chunks = _act_chunks(text)
    decides = plain(DECIDES)
    said = [plain(chunk) for chunk in chunks]
    after = chunks[said.index(decides) + 1 :] if decides in said else []
    if not after or not _HEADING.fullmatch(after[0]):
        return (
            f"un acte garde la ligne « {DECIDES} », seule, et la ligne « Article 1. … » "
            "qui la suit. La rédaction adoptée les ôte ou les change."
        )
    if said[0] == decides or _is_reason(said[0]):
        return (
            "un acte commence par l’autorité qui le prend, seule sur sa ligne. La "
            "rédaction adoptée l’ôte."
        )
    lines = [line for chunk in after for line in chunk.split("\n")]
    for line in lines:
        if _LIKE_A_HEADING.match(line) and not _HEADING.fullmatch(line):
            return (
                f"« {shown(line, 60)} » n’est pas le titre d’un article d’acte : écrivez "
                "« Article 2. Titre », seul sur sa ligne."
            )
    numbers = [int(found[1]) for line in lines if (found := _HEADING.fullmatch(line))]
    if numbers != list(range(1, len(numbers) + 1)):
        return (
            "les articles d’un acte se numérotent 1, 2, 3… ; ceux de la rédaction "
            f"adoptée sont {', '.join(map(str, numbers))}."
        )
    return ""


def act_with(act: Act, adopted: AdoptedText) -> Act:
    """Return an act with an adopted text, read as `unit_text` writes it.

    A text that is no act any more (`require_act`) loses none of its words.
    """
    chunks = _act_chunks(adopted.text)
    decides = plain(DECIDES)
    at = next((i for i, chunk in enumerate(chunks) if plain(chunk) == decides), None)
    opening, decided = (chunks, []) if at is None else (chunks[:at], chunks[at + 1 :])
    authority = act.authority
    if opening and not _is_reason(plain(opening[0])):
        authority, *opening = opening
    formulas = {plain(plain_text(paragraph)) for paragraph in act.closing}
    ends = (i for i, chunk in enumerate(decided) if plain(chunk) in formulas)
    end = next(ends, len(decided))
    before, sections = _headed(decided[:end])
    visas = list(takewhile(lambda chunk: not _is_recital(act, chunk), opening))
    source = Paragraphs(act, adopted)
    return act.model_copy(
        update={
            "authority": authority,
            "visas": source.of(visas),
            "recitals": source.of((*opening[len(visas) :], *before)),
            "articles": tuple(_act_articles(act, sections, source)),
            "closing": source.of(decided[end:]),
        }
    )


def _is_reason(chunk: str) -> bool:
    return chunk.startswith(("Vu ", "Considérant ", "Entendu "))


def _is_recital(act: Act, chunk: str) -> bool:
    known = {plain(plain_text(paragraph)) for paragraph in act.recitals}
    return chunk.startswith("Considérant ") or plain(chunk) in known


class _Section(NamedTuple):
    """One article of an act, as a text has it."""

    number: int
    title: str
    body: list[str]


def _act_chunks(text: str) -> list[str]:
    """Return the paragraphs of an act, each heading alone though typed right above."""
    found: list[str] = []
    for chunk in chunks_of(text):
        lines: list[str] = []
        for line in chunk.split("\n"):
            if _HEADING.fullmatch(line) or plain(line) == plain(DECIDES):
                found += ["\n".join(lines), line]
                lines = []
            else:
                lines.append(line)
        found.append("\n".join(lines))
    return [chunk for chunk in found if chunk]


def _headed(chunks: Sequence[str]) -> tuple[list[str], list[_Section]]:
    """Return what stands before the first article, then each with what it says."""
    before: list[str] = []
    sections: list[_Section] = []
    for chunk in chunks:
        heading = _HEADING.fullmatch(chunk)
        if heading:
            sections.append(_Section(int(heading[1]), heading[2], []))
        elif sections:
            sections[-1].body.append(chunk)
        else:
            before.append(chunk)
    return before, sections


def _act_articles(
    act: Act, sections: Sequence[_Section], source: "Paragraphs"
) -> Iterator[ActArticle]:
    """Yield the articles of an act, each with its open points where they are said."""
    points = [point for article in act.articles for point in article.open_points]
    for section, known in zip(sections, _known(act, sections), strict=True):
        paragraphs = source.of(section.body)
        own = {paragraph.id for paragraph in known.paragraphs} if known else set()
        # Under another title, what it said must still be there in part.
        keeps = known is not None and (
            plain(known.title) == plain(section.title)
            or any(paragraph.id in own for paragraph in paragraphs)
        )
        bare = ActArticle(
            number=section.number,
            title=section.title,
            paragraphs=paragraphs,
            references=known.references if known and keeps else (),
            satisfies=known.satisfies if known and keeps else (),
        )
        placed = _points_said(act, points, section.body, source)
        yield bare.model_copy(update={"open_points": tuple(placed)})


def _known(act: Act, sections: Sequence[_Section]) -> list[ActArticle | None]:
    """Return, for each section, the article it was: of its title, or of its number.

    By number only an article whose title is nowhere any more: it was renamed.
    """
    titles = {plain(section.title) for section in sections}
    left = list(act.articles)
    found: list[ActArticle | None] = []
    for section in sections:
        same = [a for a in left if plain(a.title) == plain(section.title)]
        renamed = [
            article
            for article in left
            if article.number == section.number and plain(article.title) not in titles
        ]
        one = next(iter(same or renamed), None)
        found.append(one)
        if one is not None:
            left.remove(one)
    return found


def _points_said(
    act: Act,
    points: Sequence[OpenPoint],
    body: Sequence[str],
    source: "Paragraphs",
) -> Iterator[OpenPoint]:
    """Yield the open points that a text says, each after the paragraphs before it."""
    for point in points:
        lines = [plain(line) for line in point_lines(act.articles[0], point)]
        at = next((i for i, chunk in enumerate(body) if plain(chunk) == lines[0]), None)
        if at is not None:
            before = [c for c in body[:at] if plain(c) not in source.pointed]
            yield point.model_copy(update={"at": len(before)})
