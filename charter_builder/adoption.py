"""Articles and acts with the text adopted after the consultation, by paragraph.

What the adopted text leaves as the answers give it keeps its origin and its nature;
the rest is the territory's own, checked by nobody.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile
from typing import NamedTuple

from charter_builder import french
from charter_builder.charter import (
    CONCERTATION,
    DECIDES,
    Act,
    ActArticle,
    Adoption,
    Article,
    Block,
    Charter,
    Drafted,
    ListBlock,
    OpenPoint,
    Paragraph,
    Provenance,
    TableBlock,
    TextBlock,
    body_lines,
    plain_text,
    unit_text,
)
from charter_builder.errors import InputError, shown
from charter_builder.expressions import one_line
from charter_builder.questionnaire import AdoptedText
from charter_builder.typography import plain, polish


def generated_digest(unit: Article | Act) -> str:
    """Return the digest of the text the answers give, whatever its typography."""
    return words_digest(unit_text(unit))


def words_digest(text: str) -> str:
    """Return the digest of a text, whatever its typography."""
    return sha256(plain(text).encode()).hexdigest()


def with_adopted(charter: Charter, adopted: Mapping[str, AdoptedText]) -> Charter:
    """Return a charter with the texts adopted for its articles and its acts.

    Points left à débattre stay where they are: the answers settle them.
    """
    replaced = {
        article.id: _replaced(article, adopted[article.id])
        for article in charter.articles()
        if article.id in adopted
    }
    acts = {
        act.id: act_with(act, adopted[act.id])
        for act in charter.acts
        if act.id in adopted
    }
    if not replaced and not acts:
        return charter
    adoptions = tuple(
        _adoption(before, after, adopted[before.id])
        for before, after in _pairs(charter, {**replaced, **acts})
    )
    variants = tuple(
        variant.model_copy(
            update={"charter": _with_variants(variant.charter, charter, replaced)}
        )
        for variant in charter.variants
    )
    whole = _with_articles(charter, replaced)
    return whole.model_copy(
        update={
            "acts": tuple(acts.get(act.id, act) for act in charter.acts),
            "adoptions": adoptions,
            "variants": variants,
        }
    )


def cut_points(unit: Article | Act, text: str) -> list[OpenPoint]:
    """Return the points left open whose words a text does not keep as they are.

    `unit` is the one the answers give. Such a text cannot be adopted yet.
    """
    chunks = {plain(chunk) for chunk in _chunks(text)}
    return [
        point
        for drafted in _drafted(unit)
        for point in drafted.open_points
        if not {plain(line) for line in _point_lines(drafted, point)} <= chunks
    ]


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


def _pairs(
    charter: Charter, replaced: Mapping[str, Article | Act]
) -> Iterator[tuple[Article | Act, Article | Act]]:
    """Yield each unit with what replaces it, those that nothing replaces left out."""
    units: list[Article | Act] = [*charter.acts, *charter.articles()]
    for unit in units:
        if unit.id in replaced:
            yield unit, replaced[unit.id]


def _drafted(unit: Article | Act) -> tuple[Drafted, ...]:
    return unit.articles if isinstance(unit, Act) else (unit,)


def _paragraphs(unit: Article | Act) -> Iterator[Paragraph]:
    """Yield what holds however the open points are settled, in reading order."""
    if isinstance(unit, Act):
        yield from (*unit.visas, *unit.recitals)
    for drafted in _drafted(unit):
        yield from drafted.paragraphs
    if isinstance(unit, Act):
        yield from unit.closing


def _with_articles(charter: Charter, replaced: Mapping[str, Article]) -> Charter:
    parts = tuple(
        part.model_copy(
            update={"articles": tuple(replaced.get(a.id, a) for a in part.articles)}
        )
        for part in charter.parts
    )
    return charter.model_copy(update={"parts": parts})


def _with_variants(
    variant: Charter, draft: Charter, replaced: Mapping[str, Article]
) -> Charter:
    """Return the charter of a candidate with the adopted texts, for checks.

    What the candidate says of its own comes last: its place does not matter here.
    """
    told = {}
    for article in variant.articles():
        whole, settled = replaced.get(article.id), draft.article(article.id)
        if whole is not None and settled is not None:
            known = {paragraph.id for paragraph in settled.paragraphs}
            own = [p for p in article.paragraphs if p.id not in known]
            told[article.id] = article.model_copy(
                update={"paragraphs": (*whole.paragraphs, *own)}
            )
    return _with_articles(variant, told)


def _replaced(article: Article, adopted: AdoptedText) -> Article:
    """Return an article with the adopted text."""
    source = _Paragraphs(article, adopted)
    paragraphs = source.of(_chunks(adopted.text))
    clause = f"{article.id}/{CONCERTATION}"
    origin = Provenance(
        clause=clause,
        title="Rédaction adoptée après concertation",
        because=polish(f"{_named(adopted)}, non vérifiée par l’outil"),
    )
    return article.model_copy(
        update={
            "paragraphs": paragraphs,
            "open_points": tuple(_placed(article, paragraphs)),
            "provenance": (*article.provenance, origin),
        }
    )


class _Paragraphs:
    """The paragraphs of an adopted text, those left as they were with their origin."""

    def __init__(self, unit: Article | Act, adopted: AdoptedText) -> None:
        self.unit = unit
        self.adopted = adopted
        self.count = 0
        self.pointed = {
            plain(line)
            for drafted in _drafted(unit)
            for point in drafted.open_points
            for line in _point_lines(drafted, point)
        }
        self.waiting: dict[str, list[Paragraph]] = {}
        for paragraph in _paragraphs(unit):
            self.waiting.setdefault(plain(plain_text(paragraph)), []).append(paragraph)

    def of(self, chunks: Iterable[str]) -> tuple[Paragraph, ...]:
        """Return the paragraphs of some chunks; open points are no paragraphs."""
        return tuple(self._one(c) for c in chunks if plain(c) not in self.pointed)

    def _one(self, chunk: str) -> Paragraph:
        same = self.waiting.get(plain(chunk))
        if same:
            return same.pop(0)
        self.count += 1
        return _adopted_paragraph(self.unit.id, self.count, chunk, self.adopted)


_HEADING = re.compile(r"Article[ \u00a0]([0-9]{1,3})\. (.+)")
_LIKE_A_HEADING = re.compile(
    r"article[ \u00a0]([0-9]+|premier)(er)?\b[ \u00a0]*([.:–—-]|$)", re.IGNORECASE
)


def with_text(unit: Article | Act, adopted: AdoptedText) -> Article | Act:
    """Return an article or an act with an adopted text."""
    return (
        act_with(unit, adopted) if isinstance(unit, Act) else _replaced(unit, adopted)
    )


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
    source = _Paragraphs(act, adopted)
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
    for chunk in _chunks(text):
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
    act: Act, sections: Sequence[_Section], source: "_Paragraphs"
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
    source: "_Paragraphs",
) -> Iterator[OpenPoint]:
    """Yield the open points that a text says, each after the paragraphs before it."""
    for point in points:
        lines = [plain(line) for line in _point_lines(act.articles[0], point)]
        at = next((i for i, chunk in enumerate(body) if plain(chunk) == lines[0]), None)
        if at is not None:
            before = [c for c in body[:at] if plain(c) not in source.pointed]
            yield point.model_copy(update={"at": len(before)})


def _placed(article: Drafted, paragraphs: Sequence[Paragraph]) -> Iterator[OpenPoint]:
    """Yield the open points, each after the last paragraph kept from before it."""
    for point in article.open_points:
        before = {paragraph.id for paragraph in article.paragraphs[: point.at]}
        kept = [n for n, p in enumerate(paragraphs, 1) if p.id in before]
        yield point.model_copy(update={"at": max(kept, default=0)})


def _point_lines(article: Drafted, point: OpenPoint) -> list[str]:
    """Return the lines of an open point, as the text of its article has them."""
    alone = {"paragraphs": (), "open_points": (point.model_copy(update={"at": 0}),)}
    return list(body_lines(article.model_copy(update=alone)))


def _adopted_paragraph(
    unit: str, count: int, chunk: str, adopted: AdoptedText
) -> Paragraph:
    return Paragraph(
        id=f"{unit}/{CONCERTATION}/{count}",
        clause=f"{unit}/{CONCERTATION}",
        nature="local",
        blocks=tuple(_blocks(chunk)),
        reason=polish(f"Rédaction adoptée après concertation ({_named(adopted)})"),
    )


def _named(adopted: AdoptedText) -> str:
    return french.enumeration(list(adopted.contributions))


def _chunks(text: str) -> list[str]:
    """Return the paragraphs of a text, a line for each block or item."""
    chunks = []
    for chunk in re.split(r"\n[^\S\n]*\n", text):
        lines = [one_line(line) for line in chunk.split("\n")]
        said = "\n".join(line for line in lines if line)
        if said:
            chunks.append(polish(said))
    return chunks


_ITEM = "- "
_CELL = " | "


def _blocks(chunk: str) -> Iterator[Block]:
    """Yield the blocks of a paragraph: its text, its items, the rows of its table."""
    lines = chunk.split("\n")
    while lines:
        items = list(takewhile(_is_item, lines))
        rows = list(takewhile(_is_row_like(lines[0]), lines))
        if items:
            yield ListBlock(items=tuple(item.removeprefix(_ITEM) for item in items))
            lines = lines[len(items) :]
        elif len(rows) > 1:
            header, *others = (tuple(row.split(_CELL)) for row in rows)
            yield TableBlock(header=header, rows=tuple(others))
            lines = lines[len(rows) :]
        else:
            yield TextBlock(text=lines[0])
            lines = lines[1:]


def _is_item(line: str) -> bool:
    return line.startswith(_ITEM)


def _is_row_like(first: str) -> Callable[[str], bool]:
    cells = first.count(_CELL)
    return lambda line: 0 < cells == line.count(_CELL)


def _adoption(
    before: Article | Act, after: Article | Act, adopted: AdoptedText
) -> Adoption:
    kept = {paragraph.id for paragraph in _paragraphs(after)}
    return Adoption(
        unit=before.id,
        contributions=adopted.contributions,
        fault=act_fault(adopted.text) if isinstance(before, Act) else "",
        is_stale=generated_digest(before) != adopted.of,
        lost_law=tuple(
            plain_text(paragraph)
            for paragraph in _paragraphs(before)
            if paragraph.nature == "law" and paragraph.id not in kept
        ),
    )
