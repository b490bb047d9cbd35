"""Amendments against the text they cite: side by side, and brought into the draft."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError
from charter_builder.merging import merge, same_words
from charter_builder.redaction import ERASED
from charter_builder.register import DISPOSITION_LABELS, RETAINED, Operation
from charter_builder.typography import polish
from charter_builder.units import FrozenVersion, Unit
from charter_builder.worddiff import Run, compare_words


class Amendment(NamedTuple):
    """One amendment: what it proposes, word by word, against the text it cites."""

    standing: Standing
    text: str
    """The text proposed; nothing when the article is to be deleted."""
    runs: tuple[Run, ...]

    @property
    def operation(self) -> Operation:
        return self.standing.contribution.operation or "replace"


class Rivals(NamedTuple):
    """The amendments on one unit of one version."""

    version: int
    unit: Unit
    amendments: tuple[Amendment, ...]
    overlaps: tuple[tuple[str, str], ...]
    """The pairs that change the same words, each in its own way: accepting one changes
    the text the other was written on."""

    def overlapping(self, identifier: str) -> list[str]:
        """Return the amendments that one overlaps."""
        pairs = [set(pair) for pair in self.overlaps if identifier in pair]
        return sorted(other for pair in pairs for other in pair - {identifier})


def rivals(
    standings: Iterable[Standing], versions: Mapping[int, FrozenVersion]
) -> list[Rivals]:
    """Return the amendments unit by unit, those withdrawn left out, in reading order.

    Amendments that cite different versions are not compared: they read other texts.
    """
    groups: dict[tuple[int, str], list[Standing]] = {}
    for standing in standings:
        if standing.kind == "amendment" and standing.withdrawn_at is None:
            cited = standing.contribution.target.version, standing.unit
            groups.setdefault(cited, []).append(standing)
    return [
        _rivals(number, unit, groups[number, unit.id])
        for number, version in sorted(versions.items())
        for unit in version.units
        if (number, unit.id) in groups
    ]


def _rivals(version: int, unit: Unit, standings: Sequence[Standing]) -> Rivals:
    amendments = tuple(_amendment(standing, unit) for standing in standings)
    overlaps = tuple(
        (one.standing.id, other.standing.id)
        for one, other in combinations(amendments, 2)
        if _overlap(unit.text, one, other)
    )
    return Rivals(version, unit, amendments, overlaps)


def _amendment(standing: Standing, unit: Unit) -> Amendment:
    text = polished(standing.contribution.proposed or "")
    base = "" if standing.contribution.operation == "insert-after" else unit.text
    return Amendment(standing, text, tuple(compare_words(base, text)))


def _overlap(base: str, one: Amendment, other: Amendment) -> bool:
    if "insert-after" in (one.operation, other.operation):
        # Two new articles in the same place; or one beside an article that changes.
        return one.operation == other.operation
    return bool(merge(base, one.text, other.text).collisions)


def polished(text: str) -> str:
    """Return a text typed by people with the typography of the charter."""
    return "\n".join(map(polish, text.split("\n")))


# --- what was adopted ----------------------------------------------------------------


def is_retained(standing: Standing) -> bool:
    """Return whether the last official reply retains it, in whole or in part."""
    reply = standing.reply
    return (
        reply is not None
        and reply.reply.disposition in RETAINED
        and not standing.is_contested
        and standing.withdrawn_at is None
    )


def adopted_wording(standing: Standing) -> str | None:
    """Return the wording the official reply adopts, if it is there to read."""
    if standing.reply is None or not is_retained(standing):
        return None
    text = standing.reply.reply.adopted_text
    return polished(text) if text else None


def deletes(standing: Standing) -> bool:
    """Return whether an article is to go: asked for, and not answered by a wording."""
    reply = standing.reply
    is_asked = standing.contribution.operation == "delete"
    return is_asked and reply is not None and not reply.reply.adopted_text


def require_retained(standing: Standing) -> None:
    """Raise `InputError` with why a contribution is not to be applied, if it is not."""
    name = standing.id
    reply = standing.reply
    if standing.withdrawn_at is not None:
        raise InputError(f"{name} : l’organisation a retiré cette contribution.")
    if reply is None:
        raise InputError(
            f"{name} : aucune réponse officielle n’est enregistrée. Répondez d’abord, "
            "puis faites valider la réponse."
        )
    if not is_retained(standing):
        label = DISPOSITION_LABELS[reply.reply.disposition]
        said = "réponse contestée" if standing.is_contested else label
        raise InputError(
            f"{name} : {said}. Seule une contribution retenue, même en partie, "
            "s’applique."
        )


def wording_to_apply(standing: Standing) -> str:
    """Return the wording to bring into the draft.

    Raises `InputError` with what stands in the way.
    """
    require_retained(standing)
    text = adopted_wording(standing)
    if text is None:
        raise InputError(
            f"{standing.id} : la réponse ne porte pas de rédaction adoptée, ou elle a été "
            "expurgée. Changez la réponse au questionnaire qui convient, puis dites-le "
            "en figeant : « charter freeze --note »."
        )
    if ERASED in text:
        raise InputError(
            f"{standing.id} : la rédaction adoptée a été expurgée en partie. Écrivez le "
            "texte de l’article sans ce qui est effacé, dans un fichier, puis donnez-le "
            "avec --with."
        )
    return text


def holds(base: str, text: str, adopted: str) -> bool:
    """Return whether a text already says what an adopted wording changes in its base."""
    merged = merge(base, text, adopted).text
    return merged is not None and same_words(merged, text)


def cited_text(standing: Standing, versions: Mapping[int, FrozenVersion]) -> str:
    """Return the text of its unit in the version a contribution cites."""
    number = standing.contribution.target.version
    unit = versions[number].unit(standing.unit) if number in versions else None
    if unit is None:
        raise InputError(
            f"{standing.id} : la version {number}, ou l’article « {standing.unit} » dans "
            "cette version, n’est pas dans versions/. Reprenez ce dossier d’une "
            "sauvegarde."
        )
    return unit.text


def to_examine_again(
    dialogue: Dialogue, unit: str, applied: Iterable[str]
) -> Iterator[Standing]:
    """Yield the other amendments on a unit whose text has just changed.

    Those that ended otherwise are left alone; none is ever rejected by this.
    """
    done = set(applied)
    for standing in dialogue.on_unit(unit):
        if standing.id in done or standing.kind != "amendment":
            continue
        if standing.status in ("registered", "negotiating", "contested") or (
            standing.awaits_version and standing.withdrawn_at is None
        ):
            yield standing
