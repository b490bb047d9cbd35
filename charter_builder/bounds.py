"""Legal bounds and usual ranges of the answers that measure something."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from charter_builder.evaluation import holds
from charter_builder.expressions import Plain
from charter_builder.questionnaire import (
    MEASURED,
    LegalBound,
    Question,
    Range,
    TimeQuestion,
    limit_value,
)


def legal_bounds(questions: Mapping[str, Question]) -> Iterator[tuple[str, str]]:
    """Yield the id of the rule each legal bound amounts to, with its question."""
    for name, question in questions.items():
        if isinstance(question, MEASURED) and question.legal is not None:
            yield f"borne.{name}", name


def range_sentence(
    question: Question, limits: Range | None, figures: Mapping[str, int | Decimal]
) -> str:
    """Return a range as people read it, « de 1 jour à 3 jours », or nothing."""
    if limits is None:
        return ""
    least, most = (limit_value(limit, figures) for limit in (limits.min, limits.max))
    if least is not None and least == most:
        return question.show(least)
    if least is not None and most is not None:
        return f"de {question.show(least)} à {question.show(most)}"
    if least is not None:
        return f"au moins {question.show(least)}"
    return f"au plus {question.show(most)}" if most is not None else ""


def broken_bound(
    question: Question,
    value: object,
    context: Mapping[str, Plain],
    figures: Mapping[str, int | Decimal],
) -> LegalBound | None:
    """Return the legal bound that a value breaks, if any."""
    legal = question.legal if isinstance(question, MEASURED) else None
    if legal is None or not holds(legal.when, context):
        return None
    least, most = (limit_value(limit, figures) for limit in (legal.min, legal.max))
    if isinstance(question, TimeQuestion):
        moment = str(value)
        early = isinstance(least, str) and moment < least
        late = isinstance(most, str) and moment > most
        return legal if early or late else None
    if isinstance(value, int | Decimal) and is_outside(Decimal(value), least, most):
        return legal
    return None


def is_outside(value: Decimal, least: object, most: object) -> bool:
    """Return whether a number is below `least` or above `most`, where these exist."""
    below = isinstance(least, int | Decimal) and value < least
    above = isinstance(most, int | Decimal) and value > most
    return below or above
