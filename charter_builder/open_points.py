"""Points left à débattre: what reads otherwise from one candidate to another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from charter_builder.charter import (
    ActArticle,
    Article,
    Candidate,
    Charter,
    Drafted,
    OpenPoint,
    Paragraph,
    TextBlock,
    Variant,
    plain_text,
)
from charter_builder.typography import polish
from charter_builder.worddiff import Run, own_words

LETTERS = "ABC"

D = TypeVar("D", bound=Drafted)


class Proposed(NamedTuple):
    """One candidate: the answer as people read it, and the charter it gives."""

    shown: str
    charter: Charter


class Point(NamedTuple):
    """An open point with the charter of each candidate; the first gives the draft."""

    id: str
    home: str
    subject: str
    question: str
    proposed: Sequence[Proposed]


def weave(draft: Charter, points: Sequence[Point]) -> Charter:
    """Return the charter with its open points set among its paragraphs.

    What two candidates say otherwise leaves the text and goes into the point; what is
    the same with all of them stays where it was. Visas and recitals keep the words of
    the first candidate: nobody debates them.
    """
    if not points:
        return draft
    charters = {id(p): [c.charter for c in p.proposed] for p in points}
    parts = tuple(
        part.model_copy(
            update={
                "articles": tuple(
                    _woven(
                        article,
                        points,
                        {
                            key: [c.article(article.id) for c in found]
                            for key, found in charters.items()
                        },
                    )
                    for article in part.articles
                )
            }
        )
        for part in draft.parts
    )
    acts = tuple(
        act.model_copy(
            update={
                "articles": tuple(
                    _woven(
                        article,
                        points,
                        {
                            key: [_act_article(c, rank, article.number) for c in found]
                            for key, found in charters.items()
                        },
                    )
                    for article in act.articles
                )
            }
        )
        for rank, act in enumerate(draft.acts)
    )
    return draft.model_copy(
        update={
            "parts": parts,
            "acts": acts,
            "variants": tuple(_variants(draft, points)),
        }
    )


def _act_article(charter: Charter, rank: int, number: int) -> ActArticle | None:
    articles = charter.acts[rank].articles
    return next((a for a in articles if a.number == number), None)


def _woven(
    article: D,
    points: Sequence[Point],
    variants: Mapping[int, Sequence[Article | ActArticle | None]],
) -> D:
    """Return one article with the points that change its words."""
    texts = {
        key: [found.paragraphs if found else () for found in drafts]
        for key, drafts in variants.items()
    }
    differing = {key: _differing(found) for key, found in texts.items()}
    debated = frozenset().union(*differing.values())
    if not debated and not any(_is_home(article, point) for point in points):
        return article
    kept = [p for p in article.paragraphs if p.id not in debated]
    return article.model_copy(
        update={
            "paragraphs": tuple(kept),
            "open_points": tuple(
                _placed(point, kept, texts[id(point)], differing[id(point)])
                for point in points
                if differing[id(point)] or _is_home(article, point)
            ),
        }
    )


def _is_home(article: Drafted, point: Point) -> bool:
    # A value that no text prints is still to be settled in its article.
    return isinstance(article, Article) and article.id == point.home


def _differing(texts: Sequence[Iterable[Paragraph]]) -> frozenset[str]:
    """Return the paragraphs that do not read the same in all these texts."""
    said = [{p.id: (p.nature, plain_text(p)) for p in text} for text in texts]
    every = frozenset().union(*said)
    return frozenset(i for i in every if len({one.get(i) for one in said}) > 1)


def _placed(
    point: Point,
    kept: Sequence[Paragraph],
    texts: Sequence[Sequence[Paragraph]],
    differing: frozenset[str],
) -> OpenPoint:
    """Return the point, before the first settled paragraph it would have preceded."""
    known = {paragraph.id for paragraph in kept}
    return OpenPoint(
        id=point.id,
        at=min(_places(texts, known, differing), default=len(kept)),
        subject=polish(point.subject),
        question=polish(point.question),
        home=point.home,
        candidates=tuple(
            Candidate(
                letter=letter,
                shown=polish(proposed.shown),
                paragraphs=tuple(p for p in text if p.id in differing),
            )
            for letter, proposed, text in zip(
                LETTERS, point.proposed, texts, strict=False
            )
        ),
    )


def _places(
    texts: Iterable[Iterable[Paragraph]], known: set[str], differing: frozenset[str]
) -> Iterator[int]:
    for text in texts:
        before = 0
        for paragraph in text:
            if paragraph.id in differing:
                yield before
                break
            before += paragraph.id in known


def _variants(draft: Charter, points: Iterable[Point]) -> Iterator[Variant]:
    yield Variant(said="avec les premières propositions", charter=draft)
    for point in points:
        for letter, proposed in zip(LETTERS, point.proposed, strict=False):
            # The first candidates together are the draft itself.
            if letter != LETTERS[0]:
                said = (
                    f"avec la proposition {letter} ({proposed.shown}) sur "
                    f"« {point.subject.rstrip(' ?')} »"
                )
                yield Variant(said=polish(said), charter=proposed.charter)


def candidate_runs(point: OpenPoint, paragraph: Paragraph) -> list[Run]:
    """Return a paragraph of a candidate, the words the others have not as `added`.

    Empty where there is nothing to compare: a paragraph that one candidate alone has,
    a list, a table.
    """
    same = [
        other
        for candidate in point.candidates
        for other in candidate.paragraphs
        if other.id == paragraph.id
    ]
    texts = [
        other.blocks[0].text
        for other in same
        if len(other.blocks) == 1 and isinstance(other.blocks[0], TextBlock)
    ]
    if len(texts) < len(point.candidates):
        return []
    return own_words(texts)[same.index(paragraph)]
