"""What a library knows of other people's charters: `legal/audit.yml`."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from charter_builder.errors import shown
from charter_builder.model import (
    ClauseId,
    Day,
    FactId,
    Name,
    Prose,
    RequirementId,
    Sentence,
    Slug,
    Value,
)
from charter_builder.quantities import UNITS
from charter_builder.questionnaire import FigureOf
from charter_builder.references import Severity
from charter_builder.rules import Phrase

_SLOT = re.compile(r"\{([^{}]*)\}")


def slot_of(pattern: str) -> str:
    """Return the word between braces, which says what a pattern measures."""
    slots: list[str] = _SLOT.findall(pattern)
    return next(name for name in slots if name in UNITS)


def groups_of(pattern: str) -> list[str]:
    """Return the words between braces that name groups of words."""
    return [name for name in _SLOT.findall(pattern) if name not in UNITS]


def _with_a_measure(pattern: str) -> str:
    slots = _SLOT.findall(pattern)
    if sum(name in UNITS for name in slots) != 1:
        known = ", ".join(f"{{{name}}}" for name in UNITS)
        raise ValueError(
            f"« {shown(pattern)} » : un modèle contient une mesure et une seule, parmi "
            f"{known}."
        )
    return _apart(pattern)


def _without_a_measure(wording: str) -> str:
    measured = [name for name in _SLOT.findall(wording) if name in UNITS]
    if measured:
        raise ValueError(
            f"« {shown(wording)} » : {{{measured[0]}}} est une mesure ; elle se cherche "
            "dans « measures »."
        )
    return _apart(wording)


def _apart(pattern: str) -> str:
    for found in _SLOT.finditer(pattern):
        beside = pattern[: found.start()][-1:] + pattern[found.end() :][:1]
        if beside.strip():
            raise ValueError(
                f"« {shown(pattern)} » : laissez une espace de chaque côté de "
                f"{'la mesure' if found[1] in UNITS else f'{{{found[1]}}}'}."
            )
    return pattern


def _plain_words(wording: str) -> str:
    # A gap in a group would be a second one in the wordings that name it.
    if "{" in wording or "…" in wording or "..." in wording:
        raise ValueError(
            f"« {shown(wording)} » : un groupe est fait de mots, sans « … » ni accolades."
        )
    return wording


Pattern = Annotated[Phrase, AfterValidator(_with_a_measure)]
Sought = Annotated[Phrase, AfterValidator(_without_a_measure)]
Grouped = Annotated[Phrase, AfterValidator(_plain_words)]


class _Sign(Value):
    layout = (
        "words patterns near unless question from min max message before remedy "
        "references severity clause"
    )

    message: Prose
    """La phrase dite quand le signe est trouvé ; elle peut citer les chiffres."""
    severity: Severity | None = None
    """La gravité, si celle du premier fait cité ne convient pas."""
    clause: ClauseId | None = None
    """Le thème ou l’option qui corrige, si les faits cités ne suffisent pas à le
    dire."""


class Mention(_Sign):
    """Un texte, une instance ou une formule dont le temps est passé.

    Des mots, et « … » pour quelques mots de la même phrase ; ni la casse, ni les
    accents, ni la typographie ne comptent.
    """

    words: tuple[Sought, ...] = Field(min_length=1, max_length=100)
    """Les mots qui la trahissent."""
    near: tuple[Sought, ...] = Field(default=(), max_length=100)
    """Des mots dont un au moins doit être proche : dans la phrase, la précédente, le
    chapeau d’une liste ou le titre."""
    unless: tuple[Sought, ...] = Field(default=(), max_length=100)
    """Les mots qui l’excusent dans la même phrase, ou dans le chapeau d’une liste :
    « remplacé », « ancien »."""
    from_: Day | None = Field(default=None, alias="from")
    """Premier jour où elle est périmée ; sans date, elle l’est toujours."""
    before: Sentence | None = None
    """Ce qui est dit, en note, d’un acte plus ancien ; sinon, rien."""
    remedy: Prose
    """Ce qu’il faut faire."""
    references: tuple[FactId, ...] = Field(min_length=1)
    """Les faits juridiques en cause ; le premier décide de la gravité."""


class Measure(_Sign):
    """Une valeur écrite dans le texte, à comparer avec une limite légale.

    Un modèle est fait de mots et d’une mesure entre accolades : {jours}, {durée},
    {heures}, {plage}, {euros} ou {pourcent}. « … » y vaut quelques mots de la même phrase. Les
    nombres en lettres comptent comme les autres.
    """

    patterns: tuple[Pattern, ...] = Field(min_length=1, max_length=100)
    """Les modèles, la valeur entre accolades : « {jours} de congé par an »."""
    near: tuple[Sought, ...] = Field(default=(), max_length=100)
    """Des mots dont un au moins doit être proche : dans la phrase, la précédente, le
    chapeau d’une liste ou le titre."""
    unless: tuple[Sought, ...] = Field(default=(), max_length=100)
    """Des mots dont la présence au même endroit fait taire le constat."""
    question: Name | None = None
    """La question dont la limite légale s’applique, avec ses sources et son remède."""
    min: FigureOf | None = None
    """À défaut de question, le chiffre au-dessous duquel la valeur est fautive."""
    max: FigureOf | None = None
    """À défaut de question, le chiffre au-dessus duquel la valeur est fautive."""
    remedy: Prose | None = None
    """Ce qu’il faut faire ; par défaut, le remède de la question."""
    references: tuple[FactId, ...] = ()
    """Les faits juridiques en cause ; par défaut, ceux de la question."""

    @model_validator(mode="after")
    def _one_limit(self) -> "Measure":
        own = self.min is not None or self.max is not None
        if own == (self.question is not None):
            raise ValueError(
                "donnez « question », ou bien « min » ou « max » : la limite vient de "
                "l’une ou des autres."
            )
        if own and not (self.references and self.remedy):
            raise ValueError(
                "« min » et « max » demandent aussi « references » et « remedy » : "
                "aucune question ne les donne."
            )
        return self


class Excuse(Value):
    """Des mots dont la présence dans la phrase fait taire une formule de `rules/`."""

    layout = "rules words"

    words: tuple[Sought, ...] = Field(min_length=1, max_length=100)
    """Les mots qui excusent : « ne s’applique pas », « ne figure plus »."""
    rules: tuple[str, ...] = Field(default=(), max_length=100)
    """Les règles qui se taisent ; sans liste, toutes."""


class Signs(Value):
    """Les mots qui trahissent la présence d’un contenu attendu."""

    layout = "only_if=unless all_of"

    all_of: tuple[Annotated[tuple[Phrase, ...], Field(min_length=1)], ...] = Field(
        min_length=1
    )
    """Des listes de mots : le contenu est trouvé quand chaque liste a un mot dans le
    texte."""
    only_if: tuple[Phrase, ...] = ()
    """Les mots sans lesquels le contenu n’est pas attendu."""
    unless: tuple[Phrase, ...] = ()
    """Les mots qui disent qu’il est sans objet : « ne verse pas le forfait »."""


class AuditGuide(Value):
    """`legal/audit.yml` : ce qu’un texte existant peut avoir de périmé ou d’illicite."""

    groups: dict[Name, Annotated[tuple[Grouped, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Des mots qui se valent, nommés une fois : « {employeur} peut mettre fin »."""
    excuses: tuple[Excuse, ...] = Field(default=(), max_length=100)
    """Les mots qui font taire une formule de `rules/` dans un texte existant."""
    mentions: dict[Slug, Mention] = Field(default_factory=dict)
    """Les textes, instances et formules périmés."""
    measures: dict[Slug, Measure] = Field(default_factory=dict)
    """Les valeurs à comparer avec une limite légale."""
    contents: dict[RequirementId, Signs] = Field(default_factory=dict)
    """Les mots qui trahissent chaque contenu attendu."""

    def wordings(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield everything that is looked for and may name a group, with its path."""
        for index, excuse in enumerate(self.excuses):
            yield from _paths(("excuses", index), words=excuse.words)
        for name, mention in self.mentions.items():
            yield from _paths(
                ("mentions", name),
                words=mention.words,
                near=mention.near,
                unless=mention.unless,
            )
        for name, measure in self.measures.items():
            yield from _paths(
                ("measures", name),
                patterns=measure.patterns,
                near=measure.near,
                unless=measure.unless,
            )


def _paths(
    path: tuple[str | int, ...], **lists: tuple[str, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, wordings in lists.items():
        for index, wording in enumerate(wordings):
            yield (*path, key, index), wording
