"""From wordings adopted to the text of an article, or to what a person must settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charter_builder import french
from charter_builder.adopted_act import require_act
from charter_builder.adoption import (
    cut_points,
    generated_digest,
    with_text,
    words_digest,
)
from charter_builder.amendments import (
    cited_text,
    polished,
    require_retained,
    wording_to_apply,
)
from charter_builder.assembly import assemble
from charter_builder.charter import Act, Article, unit_text
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError, shown
from charter_builder.library import Library
from charter_builder.merging import (
    Collision,
    Merge,
    confronted,
    merge,
    same_words,
)
from charter_builder.questionnaire import MAX_ARTICLE, AdoptedText, Answers
from charter_builder.units import FrozenVersion

TO_SETTLE = "[[À TRANCHER :"
"""What marks a passage to settle. A text that still holds it is never taken."""


@dataclass(frozen=True)
class Plan:
    """What is to be done to one article, or to one act."""

    unit: Article | Act
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

    unit: Article | Act
    standing: Standing
    base: str
    current: str
    adopted: str
    merge: Merge


def planned(
    library: Library,
    answers: Answers,
    identifier: str,
    standings: Sequence[Standing],
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    settled: str | None,
) -> Plan | Clash:
    """Return what to write for one unit, or the wording that collides.

    `settled` is the text a person wrote instead. Raises `InputError` when nothing can
    be brought in.
    """
    unit = _generated(library, answers, identifier)
    generated = unit_text(unit)
    known = answers.adopted.get(identifier)
    current = generated
    before = _drafted_words(library, answers, identifier)
    if settled is not None:
        for standing in standings:
            require_retained(standing)
            if standing.kind != "amendment":
                wording_to_apply(standing)
        after: str | Clash = polished(settled)
    else:
        if known is not None:
            merged = _rebased(known, unit, standings, dialogue, versions)
            if isinstance(merged, Clash):
                return merged
            current = merged
        still = [s for s in standings if not _is_brought_in(s, known)]
        after = _brought_in(unit, current, still, versions)
    if isinstance(after, Clash):
        return after
    if isinstance(unit, Act):
        _require_act(unit, after)
    cut = cut_points(unit, after)
    if cut:
        raise InputError(
            f"{unit.name} : la rédaction adoptée change un point encore à débattre "
            f"({cut[0].question}). Tranchez-le d’abord : « charter ask --set "
            f"{cut[0].id}=… »."
        )
    _require_same_words(unit, after)
    if len(after) > MAX_ARTICLE:
        raise InputError(
            f"{unit.name} : le texte réuni compte {len(after)} caractères, "
            f"{french.number(MAX_ARTICLE)} au plus. Raccourcissez-le avec --with."
        )
    names = [*(known.contributions if known else ()), *(s.id for s in standings)]
    adopted = AdoptedText(
        text=after,
        contributions=tuple(dict.fromkeys(names)),
        of=generated_digest(unit),
    )
    says_all = same_words(after, generated)
    is_held = settled is None and same_words(after, before)
    if known is not None and is_held and known.of == adopted.of:
        adopted = known
    elif says_all:
        return Plan(unit, before, after, known, None, tuple(standings))
    return Plan(unit, before, after, known, adopted, tuple(standings))


def _is_brought_in(standing: Standing, known: AdoptedText | None) -> bool:
    """Return whether the text adopted before holds that wording, settled or not."""
    if known is None or standing.id not in known.contributions:
        return False
    require_retained(standing)
    # After a contest, another wording may have been adopted.
    return len({given.reply.adopted_text for given in standing.replies}) == 1


def _require_same_words(unit: Article | Act, text: str) -> None:
    """Refuse a text that would not be read back: its words would be lost."""
    adopted = AdoptedText(text=text, contributions=("C-0000",), of="0" * 64)
    if not same_words(unit_text(with_text(unit, adopted)), text):
        raise InputError(
            f"{unit.name} : la rédaction réunie ne se lit pas comme un texte de cette "
            "forme, et des mots en seraient perdus. Corrigez-la dans un fichier, puis "
            "donnez-le avec --with."
        )


def _require_act(act: Act, text: str) -> None:
    try:
        require_act(text)
    except InputError as error:
        raise InputError(
            f"{act.name} : {error} Rétablissez-la dans un fichier, puis donnez-le avec "
            "--with."
        ) from None


def _rebased(
    known: AdoptedText,
    unit: Article | Act,
    standings: Sequence[Standing],
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
) -> str | Clash:
    """Return the text adopted before, with what the answers changed since."""
    if known.of == generated_digest(unit):
        return known.text
    first = next(
        (dialogue.standings[c] for c in known.contributions if c in dialogue.standings),
        standings[0],
    )
    generated = unit_text(unit)
    replaced = _replaced_text(known, unit.id, versions)
    if replaced is None:
        # Only a person can tell what an answer changed from what was adopted.
        merged = confronted(generated, known.text)
        base = cited_text(first, versions)
    else:
        merged = merge(replaced, generated, known.text)
        base = replaced
    if merged.text is None:
        return Clash(unit, first, base, generated, known.text, merged)
    return merged.text


def _replaced_text(
    known: AdoptedText, identifier: str, versions: Mapping[int, FrozenVersion]
) -> str | None:
    """Return the text that an adopted one replaced, if a version froze it."""
    units = (version.unit(identifier) for version in versions.values())
    texts = (unit.text for unit in units if unit is not None)
    return next((text for text in texts if words_digest(text) == known.of), None)


def _generated(library: Library, answers: Answers, identifier: str) -> Article | Act:
    """Return an article or an act as the answers alone give it."""
    others = {key: text for key, text in answers.adopted.items() if key != identifier}
    alone = answers.model_copy(update={"adopted": others})
    unit = assemble(library, alone).unit(identifier)
    if unit is None:
        raise InputError(
            f"« {shown(identifier)} » n’est plus un article du projet. Rouvrez-le avec "
            "« charter ask », ou changez la réponse à ses contributions."
        )
    return unit


def _drafted_words(library: Library, answers: Answers, identifier: str) -> str:
    unit = assemble(library, answers).unit(identifier)
    return unit_text(unit) if unit else ""


def _brought_in(
    unit: Article | Act,
    current: str,
    standings: Sequence[Standing],
    versions: Mapping[int, FrozenVersion],
) -> str | Clash:
    """Return the text with the wordings adopted, or the first that collides."""
    for standing in standings:
        base, adopted = cited_text(standing, versions), wording_to_apply(standing)
        merged = merge(base, current, adopted)
        if merged.text is None:
            return Clash(unit, standing, base, current, adopted, merged)
        current = polished(merged.text)
    return current


def text_to_settle(merged: Merge) -> str:
    """Return a merged text, each collision marked with both wordings."""
    return "".join(
        piece if isinstance(piece, str) else piece.lead + _mark(piece) + piece.trail
        for piece in merged.pieces
    )


def _mark(collision: Collision) -> str:
    ours, theirs = collision.ours or "(rien)", collision.theirs or "(rien)"
    return (
        f"{TO_SETTLE} le projet dit « {ours} » ; la rédaction adoptée, « {theirs} » ]]"
    )
