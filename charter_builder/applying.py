"""From wordings adopted to the text of an article, or to what a person must settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charter_builder import french
from charter_builder.adoption import article_words, cut_points, generated_digest
from charter_builder.amendments import cited_text, polished, wording_to_apply
from charter_builder.assembly import assemble
from charter_builder.charter import Article
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError, shown
from charter_builder.library import Library
from charter_builder.merging import Collision, Merge, merge, same_words
from charter_builder.questionnaire import MAX_ARTICLE, AdoptedText, Answers
from charter_builder.units import FrozenVersion

TO_SETTLE = "[[À TRANCHER :"
"""What marks a passage to settle. A text that still holds it is never taken."""


@dataclass(frozen=True)
class Plan:
    """What is to be done to one article."""

    article: Article
    """As the answers alone give it."""
    before: str
    """As the draft has it."""
    after: str
    known: AdoptedText | None
    """What was adopted before."""
    adopted: AdoptedText | None
    """What is to be; nothing when the answers say all of it."""
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class Clash:
    """A wording that cannot be brought into the draft as it is."""

    article: Article
    standing: Standing
    base: str
    current: str
    adopted: str
    merge: Merge


def planned(
    library: Library,
    answers: Answers,
    unit: str,
    standings: Sequence[Standing],
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    settled: str | None,
) -> Plan | Clash:
    """Return what to write for one article, or the wording that collides.

    `settled` is the text a person wrote instead. Raises `InputError` when nothing can
    be brought in.
    """
    article = _generated(library, answers, unit)
    generated = article_words(article)
    known = answers.adopted.get(unit)
    current = generated
    before = _drafted_words(library, answers, unit)
    if settled is not None:
        for standing in standings:
            wording_to_apply(standing)
        after: str | Clash = polished(settled)
    else:
        if known is not None:
            merged = _rebased(known, article, standings, dialogue, versions)
            if isinstance(merged, Clash):
                return merged
            current = merged
        after = _brought_in(article, current, standings, versions)
    if isinstance(after, Clash):
        return after
    cut = cut_points(article, after)
    if cut:
        raise InputError(
            f"article {article.number}, {article.title} : la rédaction adoptée change "
            f"un point encore à débattre ({cut[0].question}). Tranchez-le d’abord : "
            f"« charter ask --set {cut[0].id}=… »."
        )
    if len(after) > MAX_ARTICLE:
        raise InputError(
            f"article {article.number} : le texte réuni compte {len(after)} caractères, "
            f"{french.number(MAX_ARTICLE)} au plus. Raccourcissez-le avec --with."
        )
    names = [*(known.contributions if known else ()), *(s.id for s in standings)]
    adopted = AdoptedText(
        text=after,
        contributions=tuple(dict.fromkeys(names)),
        of=generated_digest(article),
    )
    says_all = same_words(after, generated)
    is_held = settled is None and same_words(after, before)
    if known is not None and is_held and known.of == adopted.of:
        adopted = known
    elif says_all:
        return Plan(article, before, after, known, None, tuple(standings))
    return Plan(article, before, after, known, adopted, tuple(standings))


def _rebased(
    known: AdoptedText,
    article: Article,
    standings: Sequence[Standing],
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
) -> str | Clash:
    """Return the text adopted before, with what the answers changed since."""
    if known.of == generated_digest(article):
        return known.text
    first = next(
        (dialogue.standings[c] for c in known.contributions if c in dialogue.standings),
        standings[0],
    )
    base, generated = cited_text(first, versions), article_words(article)
    merged = merge(base, generated, known.text)
    if merged.text is None:
        return Clash(article, first, base, generated, known.text, merged)
    return merged.text


def _generated(library: Library, answers: Answers, unit: str) -> Article:
    """Return an article as the answers alone give it."""
    others = {key: text for key, text in answers.adopted.items() if key != unit}
    alone = answers.model_copy(update={"adopted": others})
    article = assemble(library, alone).article(unit)
    if article is None:
        raise InputError(
            f"« {shown(unit)} » n’est plus un article du projet. Rouvrez-le avec "
            "« charter ask », ou changez la réponse à ses contributions."
        )
    return article


def _drafted_words(library: Library, answers: Answers, unit: str) -> str:
    article = assemble(library, answers).article(unit)
    return article_words(article) if article else ""


def _brought_in(
    article: Article,
    current: str,
    standings: Sequence[Standing],
    versions: Mapping[int, FrozenVersion],
) -> str | Clash:
    """Return the text with the wordings adopted, or the first that collides."""
    for standing in standings:
        base, adopted = cited_text(standing, versions), wording_to_apply(standing)
        merged = merge(base, current, adopted)
        if merged.text is None:
            return Clash(article, standing, base, current, adopted, merged)
        current = polished(merged.text)
    return current


def text_to_settle(merged: Merge) -> str:
    """Return a merged text, each collision marked with both wordings."""
    return "".join(
        piece if isinstance(piece, str) else piece.lead + _mark(piece)
        for piece in merged.pieces
    )


def _mark(collision: Collision) -> str:
    ours, theirs = collision.ours or "(rien)", collision.theirs or "(rien)"
    return (
        f"{TO_SETTLE} le projet dit « {ours} » ; la rédaction adoptée, « {theirs} » ]]"
    )
