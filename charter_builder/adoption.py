"""The charter with the texts adopted after the consultation."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from charter_builder.adopted_act import act_fault, act_with
from charter_builder.adopted_text import (
    Paragraphs,
    chunks_of,
    drafted_of,
    named,
    paragraphs_of,
    point_lines,
)
from charter_builder.charter import (
    CONCERTATION,
    Act,
    Adoption,
    Article,
    Charter,
    Drafted,
    OpenPoint,
    Paragraph,
    Provenance,
    plain_text,
    unit_text,
)
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
    chunks = {plain(chunk) for chunk in chunks_of(text)}
    return [
        point
        for drafted in drafted_of(unit)
        for point in drafted.open_points
        if not {plain(line) for line in point_lines(drafted, point)} <= chunks
    ]


def with_text(unit: Article | Act, adopted: AdoptedText) -> Article | Act:
    """Return an article or an act with an adopted text."""
    return (
        act_with(unit, adopted) if isinstance(unit, Act) else _replaced(unit, adopted)
    )


def _pairs(
    charter: Charter, replaced: Mapping[str, Article | Act]
) -> Iterator[tuple[Article | Act, Article | Act]]:
    """Yield each unit with what replaces it, those that nothing replaces left out."""
    units: list[Article | Act] = [*charter.acts, *charter.articles()]
    for unit in units:
        if unit.id in replaced:
            yield unit, replaced[unit.id]


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
    source = Paragraphs(article, adopted)
    paragraphs = source.of(chunks_of(adopted.text))
    clause = f"{article.id}/{CONCERTATION}"
    origin = Provenance(
        clause=clause,
        title="Rédaction adoptée après concertation",
        because=polish(f"{named(adopted)}, non vérifiée par l’outil"),
    )
    return article.model_copy(
        update={
            "paragraphs": paragraphs,
            "open_points": tuple(_placed(article, paragraphs)),
            "provenance": (*article.provenance, origin),
        }
    )


def _placed(article: Drafted, paragraphs: Sequence[Paragraph]) -> Iterator[OpenPoint]:
    """Yield the open points, each after the last paragraph kept from before it."""
    for point in article.open_points:
        before = {paragraph.id for paragraph in article.paragraphs[: point.at]}
        kept = [n for n, p in enumerate(paragraphs, 1) if p.id in before]
        yield point.model_copy(update={"at": max(kept, default=0)})


def _adoption(
    before: Article | Act, after: Article | Act, adopted: AdoptedText
) -> Adoption:
    kept = {paragraph.id for paragraph in paragraphs_of(after)}
    return Adoption(
        unit=before.id,
        contributions=adopted.contributions,
        fault=act_fault(adopted.text) if isinstance(before, Act) else "",
        is_stale=generated_digest(before) != adopted.of,
        lost_law=tuple(
            plain_text(paragraph)
            for paragraph in paragraphs_of(before)
            if paragraph.nature == "law" and paragraph.id not in kept
        ),
    )
