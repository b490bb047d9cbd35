"""Articles with the text adopted after the consultation, paragraph by paragraph.

What the adopted text leaves as the answers give it keeps its origin and its nature;
the rest is the territory's own, checked by nobody.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile

from charter_builder import french
from charter_builder.charter import (
    CONCERTATION,
    Adoption,
    Article,
    Block,
    Charter,
    ListBlock,
    OpenPoint,
    Paragraph,
    Provenance,
    TableBlock,
    TextBlock,
    body_lines,
    plain_text,
)
from charter_builder.expressions import one_line
from charter_builder.questionnaire import AdoptedText
from charter_builder.typography import plain, polish


def article_words(article: Article) -> str:
    """Return the text of an article as people read it, frozen or amended."""
    return "\n\n".join(body_lines(article))


def generated_digest(article: Article) -> str:
    """Return the digest of the text the answers give, whatever its typography."""
    return sha256(plain(article_words(article)).encode()).hexdigest()


def with_adopted(charter: Charter, adopted: Mapping[str, AdoptedText]) -> Charter:
    """Return a charter with the texts adopted for its articles.

    Points left à débattre stay where they are: the answers settle them.
    """
    replaced = {
        article.id: _replaced(article, adopted[article.id])
        for article in charter.articles()
        if article.id in adopted
    }
    if not replaced:
        return charter
    adoptions = tuple(
        _adoption(article, replaced[article.id], adopted[article.id])
        for article in charter.articles()
        if article.id in replaced
    )
    variants = tuple(
        variant.model_copy(
            update={"charter": _with_variants(variant.charter, charter, replaced)}
        )
        for variant in charter.variants
    )
    whole = _with_articles(charter, replaced)
    return whole.model_copy(update={"adoptions": adoptions, "variants": variants})


def cut_points(article: Article, text: str) -> list[OpenPoint]:
    """Return the points left open whose words a text does not keep as they are.

    `article` is the one the answers give. Such a text cannot be adopted yet.
    """
    chunks = {plain(chunk) for chunk in _chunks(text)}
    return [
        point
        for point in article.open_points
        if not {plain(line) for line in _point_lines(article, point)} <= chunks
    ]


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
    pointed = {
        plain(line)
        for point in article.open_points
        for line in _point_lines(article, point)
    }
    waiting: dict[str, list[Paragraph]] = {}
    for paragraph in article.paragraphs:
        waiting.setdefault(plain(plain_text(paragraph)), []).append(paragraph)
    paragraphs: list[Paragraph] = []
    count = 0
    for chunk in _chunks(adopted.text):
        same = waiting.get(plain(chunk))
        if same:
            paragraphs.append(same.pop(0))
        elif plain(chunk) not in pointed:
            count += 1
            paragraphs.append(_adopted_paragraph(article.id, count, chunk, adopted))
    clause = f"{article.id}/{CONCERTATION}"
    origin = Provenance(
        clause=clause,
        title="Rédaction adoptée après concertation",
        because=polish(f"{_named(adopted)}, non vérifiée par l’outil"),
    )
    return article.model_copy(
        update={
            "paragraphs": tuple(paragraphs),
            "open_points": tuple(_placed(article, paragraphs)),
            "provenance": (*article.provenance, origin),
        }
    )


def _placed(article: Article, paragraphs: Sequence[Paragraph]) -> Iterator[OpenPoint]:
    """Yield the open points, each after the last paragraph kept from before it."""
    for point in article.open_points:
        before = {paragraph.id for paragraph in article.paragraphs[: point.at]}
        kept = [n for n, p in enumerate(paragraphs, 1) if p.id in before]
        yield point.model_copy(update={"at": max(kept, default=0)})


def _point_lines(article: Article, point: OpenPoint) -> list[str]:
    """Return the lines of an open point, as the text of its article has them."""
    alone = {"paragraphs": (), "open_points": (point.model_copy(update={"at": 0}),)}
    return list(body_lines(article.model_copy(update=alone)))


def _adopted_paragraph(
    theme: str, count: int, chunk: str, adopted: AdoptedText
) -> Paragraph:
    return Paragraph(
        id=f"{theme}/{CONCERTATION}/{count}",
        clause=f"{theme}/{CONCERTATION}",
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


def _adoption(before: Article, after: Article, adopted: AdoptedText) -> Adoption:
    kept = {paragraph.id for paragraph in after.paragraphs}
    return Adoption(
        theme=before.id,
        contributions=adopted.contributions,
        is_stale=generated_digest(before) != adopted.of,
        lost_law=tuple(
            plain_text(paragraph)
            for paragraph in before.paragraphs
            if paragraph.nature == "law" and paragraph.id not in kept
        ),
    )
