"""The kinds of rule, and the findings they give on a charter.

A rule is one class: its YAML keys, its docstring for authors, its `check`. What a
finding amounts to comes from the legal fact the rule cites first: force × confidence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from charter_builder import french
from charter_builder.bounds import (
    broken_bound,
    is_outside,
    legal_bounds,
    range_sentence,
)
from charter_builder.charter import Charter, expression_context, plain_text
from charter_builder.errors import shown
from charter_builder.evaluation import cite, condition, holds, render_line
from charter_builder.expressions import Plain
from charter_builder.model import ClauseId, Day, FactId, Name, Prose, Value
from charter_builder.questionnaire import (
    FigureOf,
    Limit,
    Question,
    limit_value,
)
from charter_builder.references import Citation, Reference, Severity
from charter_builder.typography import polish
from charter_builder.wording import Passages

GRAVITY: dict[str, int] = {"error": 0, "warning": 1, "note": 2}
"""The rank of a finding by its severity: the most serious first."""


class Finding(Value):
    """Un constat : ce qu’il faut savoir du projet, avec sa source et son remède."""

    rule: str
    """L’identifiant de la règle : `temps.repos`."""
    severity: Severity
    """La gravité."""
    message: str
    """Ce qui est constaté, en une ou deux phrases."""
    place: str
    """L’endroit : « article 6, Quotité », ou la question posée."""
    names: tuple[str, ...] = ()
    """Les noms des réponses en jeu."""
    references: tuple[Citation, ...] = ()
    """Les sources, la principale d’abord."""
    remedy: str = ""
    """Ce qu’il y a à faire."""


@dataclass(frozen=True)
class Case:
    """What a rule looks at: a charter and the context of its expressions."""

    charter: Charter
    context: Mapping[str, Plain]
    questions: Mapping[str, Question]

    @cached_property
    def passages(self) -> Passages:
        """The paragraphs of the charter, ready to be searched."""
        return Passages(
            (place, plain_text(paragraph))
            for place, paragraph in self.charter.paragraphs()
        )

    def number(self, name: str) -> Decimal | None:
        value = self.context.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        return Decimal(value)


@dataclass(frozen=True)
class Breach:
    """What a kind of rule says when it fires: the facts, before the sentence."""

    detail: str = ""
    place: str = ""
    names: tuple[str, ...] = ()


class _Rule(Value):
    layout = (
        "kind any_of clauses value terms start end without min max if then forbidden "
        "when from until message remedy references article"
    )

    message: Prose
    """La phrase dite quand la règle est enfreinte ; elle peut citer les réponses."""
    remedy: Prose
    """Ce qu’il faut faire."""
    references: tuple[FactId, ...] = Field(min_length=1)
    """Les faits juridiques en cause ; le premier décide de la gravité."""
    article: str | None = None
    """Le thème où le constat s’affiche."""
    when: str | None = None
    """La condition pour que la règle s’applique."""
    from_: Day | None = Field(default=None, alias="from")
    """Premier jour où la règle s’applique."""
    until: Day | None = None
    """Dernier jour où elle s’applique."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Yield each way a charter breaks the rule."""
        raise NotImplementedError(f"{type(self).__name__} on {case.charter.title}")

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield the conditions of the rule: field and source."""
        if self.when:
            yield "when", self.when

    def names(self) -> tuple[str, ...]:
        """Return the answers the rule reads outside its conditions."""
        return ()

    def clauses(self) -> tuple[str, ...]:
        """Return the clauses the rule names."""
        return ()

    def figures(self) -> tuple[str, ...]:
        """Return the figures the rule names."""
        return ()


class RequiredClause(_Rule):
    """Le projet doit comporter au moins une des clauses citées."""

    kind: Literal["required_clause"]
    any_of: tuple[ClauseId, ...] = Field(min_length=1)
    """Les thèmes ou les options dont un au moins doit être retenu."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        if case.charter.clause_ids.isdisjoint(self.any_of):
            yield Breach()

    def clauses(self) -> tuple[str, ...]:
        return self.any_of


class Bound(_Rule):
    """Une réponse doit rester entre deux limites."""

    kind: Literal["bound"]
    value: Name
    """La réponse mesurée."""
    min: Limit | None = None
    """La plus petite valeur permise."""
    max: Limit | None = None
    """La plus grande valeur permise."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        value = case.number(self.value)
        if value is None:
            return
        least, most = (
            limit_value(limit, case.charter.figures) for limit in (self.min, self.max)
        )
        if is_outside(value, least, most):
            yield Breach(names=(self.value,))

    def names(self) -> tuple[str, ...]:
        return (self.value,)

    def figures(self) -> tuple[str, ...]:
        return tuple(x.figure for x in (self.min, self.max) if isinstance(x, FigureOf))


class Excludes(_Rule):
    """Deux des clauses citées ne vont pas ensemble."""

    kind: Literal["excludes"]
    together: tuple[ClauseId, ...] = Field(min_length=2, alias="clauses")
    """Les clauses dont une seule peut être retenue."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        if sum(clause in case.charter.clause_ids for clause in self.together) > 1:
            yield Breach()

    def clauses(self) -> tuple[str, ...]:
        return self.together


class SumWithin(_Rule):
    """La somme de plusieurs réponses doit rester entre deux limites."""

    kind: Literal["sum_within"]
    terms: tuple[Name, ...] = Field(min_length=2)
    """Les réponses à additionner."""
    min: Limit | None = None
    """La plus petite somme permise."""
    max: Limit | None = None
    """La plus grande somme permise."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        numbers = [case.number(term) for term in self.terms]
        total = Decimal(0)
        for number in numbers:
            if number is None:
                return
            total += number
        least, most = (
            limit_value(limit, case.charter.figures) for limit in (self.min, self.max)
        )
        if is_outside(total, least, most):
            yield Breach(detail=f"total : {french.number(total)}", names=self.terms)

    def names(self) -> tuple[str, ...]:
        return self.terms

    def figures(self) -> tuple[str, ...]:
        return tuple(x.figure for x in (self.min, self.max) if isinstance(x, FigureOf))


class AnswerOf(Value):
    """Une autre réponse, prise comme limite."""

    answer: Name
    """La question."""


class HoursBetween(_Rule):
    """Il doit y avoir assez d’heures entre deux heures, en passant minuit au besoin."""

    kind: Literal["hours_between"]
    start: Name
    """L’heure de début."""
    end: Name
    """L’heure de fin ; plus petite que le début, elle est du lendemain."""
    without: tuple[Name, Name] | None = None
    """Une pause à retirer : l’heure où elle commence et celle où elle finit."""
    min: Limit | AnswerOf | None = None
    """Le nombre d’heures minimal : un nombre, un chiffre ou une autre réponse."""
    max: Limit | AnswerOf | None = None
    """Le nombre d’heures maximal : un nombre, un chiffre ou une autre réponse."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        minutes = _minutes_between(case, self.start, self.end)
        away = _minutes_between(case, *self.without) if self.without else 0
        if minutes is None or away is None:
            return
        hours = Decimal(minutes - away) / 60
        least, most = (self._limit(limit, case) for limit in (self.min, self.max))
        if is_outside(hours, least, most):
            detail = f"durée : {french.counted(round(hours, 2), 'heure', 'heures')}"
            yield Breach(detail=detail, names=self.names())

    def _limit(self, limit: Limit | AnswerOf | None, case: Case) -> object:
        if isinstance(limit, AnswerOf):
            return case.number(limit.answer)
        return limit_value(limit, case.charter.figures)

    def names(self) -> tuple[str, ...]:
        return self.start, self.end, *(self.without or ()), *self.measures()

    def measures(self) -> tuple[str, ...]:
        """Return the answers taken as limits: numbers, where the others are times."""
        return tuple(x.answer for x in (self.min, self.max) if isinstance(x, AnswerOf))

    def figures(self) -> tuple[str, ...]:
        return tuple(x.figure for x in (self.min, self.max) if isinstance(x, FigureOf))


class Implies(_Rule):
    """Quand une condition est remplie, une autre doit l’être aussi."""

    kind: Literal["implies"]
    if_: str = Field(alias="if")
    """La condition de départ."""
    then: str
    """Ce qui doit alors être vrai."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        if holds(self.if_, case.context) and not holds(self.then, case.context):
            names = condition(self.if_).names | condition(self.then).names
            yield Breach(names=tuple(sorted(names & case.questions.keys())))

    def expressions(self) -> Iterator[tuple[str, str]]:
        yield from super().expressions()
        yield "if", self.if_
        yield "then", self.then


def _words(wording: str) -> str:
    """Return a wording one can look for in no time.

    Each further « … » would multiply the time by a hundred: a stranger's rule could
    take for ever.
    """
    pieces = re.split(r"…|\.\.\.", wording)
    if len(pieces) > 2 or not all(re.search(r"\w", piece) for piece in pieces):
        raise ValueError(
            f"« {shown(wording)} » : une formule est faite de mots, avec un seul « … » "
            "au plus, entre deux mots."
        )
    return wording


Phrase = Annotated[str, Field(max_length=200), AfterValidator(_words)]


class Wording(_Rule):
    """Une formule périmée ou illicite ne doit pas figurer dans le projet.

    Des mots, et « … » pour quelques mots quelconques de la même phrase ; ni la casse,
    ni les accents, ni la typographie ne comptent.
    """

    kind: Literal["wording"]
    forbidden: tuple[Phrase, ...] = Field(min_length=1, max_length=100)
    """Les formules à ne pas écrire."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        for place, quoted in case.passages.find(self.forbidden):
            yield Breach(detail=f"« {quoted} »", place=place)


Rule = Annotated[
    RequiredClause | Bound | Excludes | SumWithin | HoursBetween | Implies | Wording,
    Field(discriminator="kind"),
]


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _minutes_between(case: Case, start: str, end: str) -> int | None:
    """Return the minutes from one time to the next time of the other, if both are."""
    first, last = case.context.get(start), case.context.get(end)
    if not isinstance(first, str) or not isinstance(last, str):
        return None
    return (_minutes(last) - _minutes(first)) % (24 * 60)


def check(
    charter: Charter,
    rules: Mapping[str, Rule],
    references: Mapping[str, Reference],
    questions: Mapping[str, Question],
    themes: tuple[str, ...],
) -> list[Finding]:
    """Return what the rules find on a charter, most serious first."""
    context = expression_context(
        charter.act_date, charter.values, charter.chosen, charter.figures, themes
    )
    case = Case(charter, context, questions)
    findings = list(_bound_findings(case, references))
    for identifier, rule in rules.items():
        findings += _rule_findings(identifier, rule, case, references)
    return sorted(findings, key=lambda finding: GRAVITY[finding.severity])


def _rule_findings(
    identifier: str, rule: Rule, case: Case, references: Mapping[str, Reference]
) -> Iterator[Finding]:
    on = case.charter.act_date
    if (rule.from_ and on < rule.from_) or (rule.until and on > rule.until):
        return
    if not holds(rule.when, case.context):
        return
    for breach in rule.breaches(case):
        detail = f" ({breach.detail})" if breach.detail else ""
        yield Finding(
            rule=identifier,
            severity=references[rule.references[0]].effective_severity,
            message=polish(
                _sentence(rule.message, case, references).rstrip(".") + detail + "."
            ),
            place=polish(breach.place or _place(rule.article, case)),
            names=breach.names,
            references=cite(rule.references, references, on),
            remedy=polish(_sentence(rule.remedy, case, references)),
        )


def _sentence(source: str, case: Case, references: Mapping[str, Reference]) -> str:
    return render_line(source, case.context, references, case.charter.act_date)


def _place(theme: str | None, case: Case) -> str:
    article = case.charter.article(theme) if theme else None
    if article:
        return f"article {article.number}, {article.title}"
    return "ensemble du projet"


def _bound_findings(
    case: Case, references: Mapping[str, Reference]
) -> Iterator[Finding]:
    for identifier, name in legal_bounds(case.questions):
        question = case.questions[name]
        value = case.context.get(name)
        figures = case.charter.figures
        legal = broken_bound(question, value, case.context, figures)
        if value is None or legal is None:
            continue
        yield Finding(
            rule=identifier,
            severity=references[legal.references[0]].effective_severity,
            message=polish(
                f"{question.label.rstrip(' ?')} : {question.show(value)}. "
                f"La limite légale est : {range_sentence(question, legal, figures)}."
            ),
            place=polish(question.label),
            names=(name,),
            references=cite(legal.references, references, case.charter.act_date),
            remedy=polish(_sentence(legal.remedy, case, references)),
        )
