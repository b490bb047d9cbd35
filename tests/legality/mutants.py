"""Libraries with one thing wrong in a rule, a bound, a figure or a requirement.

Made on the frozen value, by kind and not by name: a new rule has its mutants at once.
The walk must catch each of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from legality.sets import AFTER, step_of

from charter_builder.errors import ExpressionError
from charter_builder.evaluation import condition
from charter_builder.library import Library
from charter_builder.questionnaire import (
    FigureOf,
    LegalBound,
    Question,
    limit_value,
)
from charter_builder.rules import Bound, Excludes, HoursBetween, Rule, SumWithin

LATER = "2999-01-01"
"""A day after every act that is walked."""

_FLIPS = {
    "<=": "<",
    ">=": ">",
    "<": "<=",
    ">": ">=",
    "==": "!=",
    "!=": "==",
    " and ": " or ",
    " or ": " and ",
    " not in ": " in ",
    " in ": " not in ",
}
_OPERATOR = re.compile(r"<=|>=|==|!=|<|>|\snot in\s|\sin\s|\sand\s|\sor\s")


@dataclass(frozen=True)
class Mutant:
    """A library with one thing wrong: what, and in which rule, bound or content."""

    kind: str
    subject: str
    library: Library

    @property
    def id(self) -> str:
        return f"{self.subject} : {self.kind}"


def mutants(library: Library) -> Iterator[Mutant]:
    """Yield every mutant, always in the same order."""
    yield from _of_bounds(library)
    yield from _of_rules(library)
    yield from _of_figures(library)
    yield from _of_requirements(library)


# --- legal bounds ---------------------------------------------------------------------


def _of_bounds(library: Library) -> Iterator[Mutant]:
    figures = library.figures_on(AFTER)
    for name, question in library.all_questions.items():
        legal: LegalBound | None = getattr(question, "legal", None)
        if legal is None:
            continue
        subject = f"borne.{name}"
        step = step_of(question)
        changes: dict[str, LegalBound | None] = {"retirée": None}
        for side in ("min", "max"):
            limit = limit_value(getattr(legal, side), figures)
            if isinstance(limit, int | Decimal):
                for kind, moved in (
                    ("abaissée d'un pas", limit - step),
                    ("relevée d'un pas", limit + step),
                ):
                    changes[f"{side} {kind}"] = _with(legal, {side: Decimal(moved)})
        if legal.when:
            changes["condition retirée"] = _with(legal, {"when": None})
            for kind, flipped in _flipped(legal.when):
                changes[f"condition, {kind}"] = _with(legal, {"when": flipped})
        noted = _as_a_note(library)
        changes["gravité abaissée"] = _with(legal, {"references": (noted,)})
        for kind, bound in changes.items():
            changed = _with(question, {"legal": bound})
            yield Mutant(kind, subject, _asking(library, name, changed))


def _asking(library: Library, name: str, question: Question) -> Library:
    """Return the library with another question under a name."""
    owner = library.owned[name].owner
    if not owner:
        return replace(library, questions={**library.questions, name: question})
    holder = library.options.get(owner) or library.themes[owner]
    changed = _with(holder, {"parameters": {**holder.parameters, name: question}})
    table = "options" if owner in library.options else "themes"
    tables: dict[str, Any] = {table: {**getattr(library, table), owner: changed}}
    return replace(library, **tables)


# --- rules ----------------------------------------------------------------------------


def _of_rules(library: Library) -> Iterator[Mutant]:
    for identifier, rule in library.rules.items():
        kept = {key: other for key, other in library.rules.items() if key != identifier}
        yield Mutant("retirée", identifier, replace(library, rules=kept))
        # A sentence may read an answer that only the rule as it was had checked.
        mute = _with(rule, {"message": "Mutant.", "remedy": "Mutant."})
        for kind, changed in _changed(library, mute):
            rules = {**library.rules, identifier: changed}
            yield Mutant(kind, identifier, replace(library, rules=rules))


def _changed(library: Library, rule: Rule) -> Iterator[tuple[str, Rule]]:
    yield "commence plus tard", _with(rule, {"from_": LATER})
    yield "finit trop tôt", _with(rule, {"until": "2025-01-31"})
    yield "gravité abaissée", _with(rule, {"references": (_as_a_note(library),)})
    if rule.when:
        yield "condition retirée", _with(rule, {"when": None})
    for field, source in _sources(rule).items():
        for kind, flipped in _flipped(source):
            yield f"{field}, {kind}", _with(rule, {field: flipped})
    figures = library.figures_on(AFTER)
    if isinstance(rule, Bound | SumWithin | HoursBetween):
        step = _step(library, rule)
        for side in ("min", "max"):
            limit = getattr(rule, side)
            value = (
                limit_value(limit, figures)
                if isinstance(limit, Decimal | FigureOf)
                else None
            )
            if isinstance(value, int | Decimal):
                yield f"{side} abaissé d'un pas", _with(rule, {side: value - step})
                yield f"{side} relevé d'un pas", _with(rule, {side: value + step})
    if isinstance(rule, HoursBetween):
        swapped = {"start": rule.end, "end": rule.start}
        yield "début et fin échangés", _with(rule, swapped)
        if rule.without:
            yield "pause oubliée", _with(rule, {"without": None})
    if isinstance(rule, SumWithin):
        yield "terme oublié", _with(rule, {"terms": rule.terms[1:]})
    if isinstance(rule, Excludes):
        yield "clause oubliée", _with(rule, {"together": rule.together[1:]})


def _sources(rule: Rule) -> dict[str, str]:
    """Return the conditions of a rule by the name of its fields."""
    names = {"if": "if_", "then": "then", "when": "when"}
    return {names[key]: source for key, source in rule.expressions()}


def _step(library: Library, rule: Bound | SumWithin | HoursBetween) -> Decimal:
    if isinstance(rule, HoursBetween):
        return Decimal(1) / 60  # one minute
    return min(step_of(library.all_questions[name]) for name in rule.names())


def _flipped(source: str) -> Iterator[tuple[str, str]]:
    """Yield the condition with one operator for another, each in its turn."""
    for number, found in enumerate(_OPERATOR.finditer(source), 1):
        operator = f" {found[0].strip()} " if found[0][0].isspace() else found[0]
        flipped = source[: found.start()] + _FLIPS[operator] + source[found.end() :]
        try:
            condition(flipped)
        except ExpressionError:
            continue
        yield f"opérateur {number} inversé", flipped


# --- figures and requirements ---------------------------------------------------------


def _of_figures(library: Library) -> Iterator[Mutant]:
    for fact, reference in library.references.items():
        for name, figure in reference.figures.items():
            values = [_with(dated, {"from_": LATER}) for dated in figure.values]
            figures = {
                **reference.figures,
                name: _with(figure, {"values": tuple(values)}),
            }
            changed = _with(reference, {"figures": figures})
            references = {**library.references, fact: changed}
            subject = f"chiffre.{name}"
            late = replace(library, references=references)
            yield Mutant("entre en vigueur plus tard", subject, late)


def _of_requirements(library: Library) -> Iterator[Mutant]:
    for identifier, requirement in library.requirements.items():
        others = {k: r for k, r in library.requirements.items() if k != identifier}
        subject = f"contenu.{identifier}"
        yield Mutant("retiré", subject, replace(library, requirements=others))
        moved = {
            **library.requirements,
            identifier: _with(requirement, {"where": "procedure"}),
        }
        yield Mutant(
            "pris pour une démarche", subject, replace(library, requirements=moved)
        )


def _as_a_note(library: Library) -> str:
    """Return a fact that only deserves a note."""
    return next(
        fact
        for fact, reference in library.references.items()
        if reference.effective_severity == "note"
    )


def _with(value: Any, changes: Mapping[str, object]) -> Any:
    return value.model_copy(update=dict(changes))
