"""The sets of answers to walk: pure, seeded, the same on every machine.

Nothing here names a question, an option or a rule: they are discovered from the library
and from the oracle, so that a new one is walked without an edit.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product
from math import prod

from legality.oracle import CONTRADICTIONS, PREDICATES, Contradiction, Predicate
from legality.walk import AnswerSet

from charter_builder.charter import expression_context
from charter_builder.evaluation import condition, holds
from charter_builder.interview import (
    sample_answer,
    state,
    take_proposed,
)
from charter_builder.library import Library
from charter_builder.questionnaire import (
    Answer,
    Answers,
    BoolQuestion,
    ChoiceQuestion,
    ChoicesQuestion,
    DateQuestion,
    DecimalQuestion,
    DurationQuestion,
    IntegerQuestion,
    MoneyQuestion,
    Question,
    RowsQuestion,
    TimeQuestion,
    limit_value,
)
from charter_builder.rules import AnswerOf, Bound, HoursBetween, Rule, SumWithin

BEFORE, AFTER = "2026-07-31", "2026-08-01"
"""The last act under the decree of 2016, and the first under the code."""

TERRITORY: Mapping[str, Answer] = {
    "nom_collectivite": "Ville d’Essai",
    "effectif": 120,
    "habitants": 9800,
}
PAST_ELECTION = "2022-12-08"
MOST = 160
"""Sets walked for one rule at most: beyond, a seeded sample of them."""

ALL = slice(None)

Assignment = tuple[str, Answer]
"""A question or a theme, and its answer."""


@dataclass
class Ground:
    """A library with complete answers for it, ready to be changed."""

    library: Library
    act_date: str = AFTER
    _reached: dict[str, tuple[Assignment, ...] | None] = field(default_factory=dict)

    @cached_property
    def base(self) -> Answers:
        """Every article open, every question of the library answered."""
        return self.start("complet")

    def start(self, profile: str) -> Answers:
        started = Answers(
            act_date=self.act_date, profile=profile, values=dict(TERRITORY)
        )
        taken = take_proposed(self.library, started)
        figures = self.library.figures_on(self.act_date)
        values = {
            name: sample_answer(question, figures)
            for name, question in self.library.all_questions.items()
        }
        for name, question in self.library.all_questions.items():
            if isinstance(question, DateQuestion) and question.default is None:
                values[name] = PAST_ELECTION
        return taken.model_copy(update={"values": {**values, **taken.values}})

    def with_(self, answers: Answers, changes: Iterable[Assignment]) -> Answers:
        """Return the answers with some of them changed, options kept compatible."""
        values, chosen = dict(answers.values), dict(answers.chosen)
        for key, value in changes:
            if key in self.library.themes:
                assert isinstance(value, tuple)
                chosen[key] = tuple(str(option) for option in value)
                self._require(chosen, chosen[key])
            else:
                values[key] = value
        self._offer(answers.act_date, values, chosen)
        return answers.model_copy(update={"values": values, "chosen": chosen})

    def _offer(
        self,
        act_date: str,
        values: dict[str, Answer],
        chosen: dict[str, tuple[str, ...]],
    ) -> None:
        """Drop the options that these answers no longer offer."""
        for theme, kept in chosen.items():
            conditional = [o for o in kept if self.library.options[o].when]
            if not conditional:
                continue
            context = expression_context(
                act_date,
                values,
                chosen,
                self.library.figures_on(act_date),
                self.library.theme_order,
            )
            offered = [
                option.id
                for option in self.library.options_by_theme[theme]
                if holds(option.when, context)
            ]
            left = tuple(option for option in kept if option in offered)
            chosen[theme] = left or tuple(offered[:1])

    def _require(
        self, chosen: dict[str, tuple[str, ...]], options: Iterable[str]
    ) -> None:
        for option in options:
            for other in self.library.options[option].requires:
                theme = other.split("/")[0]
                if "/" in other and other not in chosen.get(theme, ()):
                    chosen[theme] = self.adding(chosen.get(theme, ()), other)
                    self._require(chosen, (other,))

    def adding(self, kept: Sequence[str], option: str) -> tuple[str, ...]:
        """Return the options of a theme with one more, without those it excludes."""
        theme = option.split("/")[0]
        if self.library.themes[theme].choose == "one":
            return (option,)
        taken = {option, *(o for o in kept if not self.clash(o, option))}
        return tuple(
            o.id for o in self.library.options_by_theme[theme] if o.id in taken
        )

    def clash(self, one: str, other: str) -> bool:
        return (
            other in self.library.options[one].excludes
            or one in self.library.options[other].excludes
        )

    def choices_of(self, theme: str) -> list[tuple[str, ...]]:
        """Return each option alone, then as many as go together, from each of them."""
        ids = [option.id for option in self.library.options_by_theme[theme]]
        found: list[tuple[str, ...]] = [(option,) for option in ids]
        if self.library.themes[theme].choose != "one":
            for first in ids:
                together: tuple[str, ...] = (first,)
                for option in ids:
                    if not any(self.clash(option, kept) for kept in together):
                        together = self.adding(together, option)
                found.append(together)
        return list(dict.fromkeys(found))

    def reaching(self, name: str) -> tuple[Assignment, ...] | None:
        """Return what to answer for a question to be asked; None when nothing does."""
        if name not in self._reached:
            self._reached[name] = self._path(name, 0)
        return self._reached[name]

    def _path(self, name: str, depth: int) -> tuple[Assignment, ...] | None:
        if name in self.library.themes or depth > 3:
            return ()
        owned = self.library.owned[name]
        changes: list[Assignment] = []
        if "/" in owned.owner:
            kept = self.base.chosen.get(owned.theme, ())
            changes.append((owned.theme, self.adding(kept, owned.owner)))
        for other in self._names(owned.question.when):
            if other in self.library.owned:
                changes = [*(self._path(other, depth + 1) or ()), *changes]
        if self._asks(name, changes):
            return tuple(changes)
        keys = self._names(owned.question.when)
        for values in product(*(self._deciding(key) for key in keys)):
            tried = [*changes, *zip(keys, values, strict=True)]
            if self._asks(name, tried):
                return tuple(tried)
        return None

    def _asks(self, name: str, changes: Iterable[Assignment]) -> bool:
        return name in state(self.library, self.with_(self.base, changes)).values

    def _names(self, source: str | None) -> list[str]:
        """Return the questions and themes a condition reads."""
        names = sorted(condition(source).names) if source else []
        found = [self.library.theme_names.get(name, name) for name in names]
        return [n for n in found if n in self.library.owned or n in self.library.themes]

    def _deciding(self, key: str) -> list[Answer]:
        if key in self.library.themes:
            return list(self.choices_of(key))
        question = self.library.owned[key].question
        return plain_values(question) or [self.base.values[key]]


def plain_values(question: Question) -> list[Answer]:
    """Return every answer to a question that has few."""
    match question:
        case BoolQuestion():
            return [True, False]
        case ChoiceQuestion():
            return list(question.choices)
        case ChoicesQuestion():
            keys = tuple(question.choices)
            return [*((key,) for key in keys), keys]
        case RowsQuestion():
            row = tuple("x" for _ in question.columns)
            return [() if question.min_items == 0 else (row,), (row,) * 2]
    return []


def step_of(question: Question) -> Decimal:
    """Return the smallest change a person would type."""
    if isinstance(question, MoneyQuestion):
        return Decimal("0.01")
    if isinstance(question, DecimalQuestion) and not isinstance(
        question, DurationQuestion
    ):
        return Decimal("0.5")
    return Decimal(1)


def around(question: Question, edges: Iterable[object]) -> list[Answer]:
    """Return each edge, one step below and one step above, as valid answers."""
    found: list[Answer] = []
    for edge in edges:
        if isinstance(question, TimeQuestion):
            if isinstance(edge, str) and ":" in edge:
                minutes = int(edge[:2]) * 60 + int(edge[3:])
                found += [_clock(minutes + shift) for shift in (-1, 0, 1)]
        elif isinstance(question, DateQuestion):
            if isinstance(edge, str) and edge.count("-") == 2:
                found += [_day(edge, shift) for shift in (-1, 0, 1)]
        elif isinstance(
            question, IntegerQuestion | DecimalQuestion | MoneyQuestion
        ) and isinstance(edge, int | Decimal):
            step = step_of(question)
            for shift in (-step, Decimal(0), step):
                value = Decimal(edge) + shift
                if question.min <= value <= question.max:
                    found.append(question.parse(value))
    return list(dict.fromkeys(found))


def _clock(minutes: int) -> str:
    return f"{minutes % 1440 // 60:02}:{minutes % 60:02}"


def _day(day: str, shift: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=shift)).isoformat()


@dataclass(frozen=True)
class Boundary:
    """What a rule or a line of the oracle reads, and the values that matter to it."""

    origin: str
    names: tuple[str, ...]
    edges: Mapping[str, tuple[object, ...]]


def boundaries(ground: Ground) -> Iterator[Boundary]:
    """Yield the boundaries of every bound, rule and line of the oracle."""
    library = ground.library
    figures = library.figures_on(ground.act_date)
    for name, question in library.all_questions.items():
        legal = getattr(question, "legal", None)
        if legal is not None:
            limits = [limit_value(x, figures) for x in (legal.min, legal.max)]
            read = [n for n in ground._names(legal.when) if n != name]
            yield Boundary(
                f"borne.{name}",
                (name, *read),
                {name: tuple(limits), **_read_by(ground, [legal.when], read)},
            )
    for identifier, rule in library.rules.items():
        sources = [source for _, source in rule.expressions()]
        names = list(dict.fromkeys([*rule.names(), *_all(ground, sources)]))
        names += [clause.split("/")[0] for clause in rule.clauses()]
        edges = _read_by(ground, sources, names)
        for name, more in _measured(ground, rule, figures).items():
            edges[name] = (*edges.get(name, ()), *more)
        if names:
            yield Boundary(identifier, tuple(dict.fromkeys(names)), edges)
    lines: tuple[Predicate | Contradiction, ...] = (*PREDICATES, *CONTRADICTIONS)
    for said in lines:
        yield Boundary(f"oracle {said.id}", said.names, said.edges)


def _all(ground: Ground, sources: Iterable[str | None]) -> list[str]:
    return [name for source in sources for name in ground._names(source)]


def _read_by(
    ground: Ground, sources: Iterable[str | None], names: Iterable[str]
) -> dict[str, tuple[object, ...]]:
    """Return the constants, figures and answers each name may be compared with."""
    figures = ground.library.figures_on(ground.act_date)
    constants: list[object] = []
    for source in sources:
        if source:
            read = condition(source)
            constants += [c for found in read.comparisons for c in found.constants]
            known = {**figures, **ground.base.values}
            constants += [known[name] for name in sorted(read.names) if name in known]
            if "act_date" in read.names:
                constants.append(ground.act_date)
    return {name: tuple(constants) for name in names}


def _measured(
    ground: Ground, rule: Rule, figures: Mapping[str, int | Decimal]
) -> dict[str, tuple[object, ...]]:
    """Return the values at which a rule that measures something tips over."""
    if not isinstance(rule, Bound | SumWithin | HoursBetween):
        return {}
    limits = [
        ground.base.values.get(limit.answer)
        if isinstance(limit, AnswerOf)
        else limit_value(limit, figures)
        for limit in (rule.min, rule.max)
    ]
    known = [Decimal(limit) for limit in limits if isinstance(limit, int | Decimal)]
    base = ground.base.values
    if isinstance(rule, Bound):
        return {rule.value: tuple(known)}
    if isinstance(rule, SumWithin):
        edges: dict[str, tuple[object, ...]] = {}
        for term in rule.terms:
            others = sum(Decimal(str(base[t])) for t in rule.terms if t != term)
            edges[term] = tuple(limit - others for limit in known)
        return edges
    start, end = str(base[rule.start]), str(base[rule.end])
    return {
        rule.end: tuple(_shifted(start, limit) for limit in known),
        rule.start: tuple(_shifted(end, -limit) for limit in known),
    }


def _shifted(clock: str, hours: Decimal) -> str:
    return _clock(int(clock[:2]) * 60 + int(clock[3:]) + int(hours * 60))


def candidates(ground: Ground, name: str, edges: Iterable[object]) -> list[Answer]:
    """Return the answers to walk for one name: around its edges, its default first."""
    if name in ground.library.themes:
        return [ground.base.chosen.get(name, ()), *ground.choices_of(name)]
    question = ground.library.owned[name].question
    found = [ground.base.values[name], *plain_values(question)]
    return list(dict.fromkeys([*found, *around(question, edges)]))


def at_the_boundaries(
    ground: Ground, most: int = MOST, share: slice = ALL
) -> Iterator[AnswerSet]:
    """Yield, for each rule, the products of the values that matter to it."""
    for boundary in list(boundaries(ground))[share]:
        yield from around_boundary(ground, boundary, most)


def around_boundary(
    ground: Ground, boundary: Boundary, most: int = MOST
) -> Iterator[AnswerSet]:
    """Yield the answers around one boundary."""
    reached: list[Assignment] = []
    for name in boundary.names:
        reached += ground.reaching(name) or ()
    themes = {
        name: candidates(ground, name, ())
        for name in boundary.names
        if name in ground.library.themes
    }
    values = {
        name: candidates(ground, name, boundary.edges.get(name, ()))
        for name in boundary.names
        if name not in themes
    }
    keys, domains = [*themes, *values], [*themes.values(), *values.values()]
    for combo in _combinations(boundary.origin, domains, most):
        # The themes walked may undo what a question needs to be asked: it is then as
        # in a charter where nobody asked it.
        changes = [*reached, *zip(keys, combo, strict=True)]
        yield AnswerSet(boundary.origin, ground.with_(ground.base, changes))


def _combinations(
    seed: str, domains: Sequence[Sequence[Answer]], most: int
) -> Iterable[tuple[Answer, ...]]:
    """Return every combination, or one change at a time and a sample of the rest."""
    if prod(map(len, domains)) <= most:
        return product(*domains)
    chance = random.Random(seed)
    drawn = [tuple(chance.choice(values) for values in domains) for _ in range(most)]
    return dict.fromkeys([*_one_at_a_time(domains), *drawn])


def _one_at_a_time(domains: Sequence[Sequence[Answer]]) -> list[tuple[Answer, ...]]:
    first = tuple(domain[0] for domain in domains)
    return [
        (*first[:index], value, *first[index + 1 :])
        for index, domain in enumerate(domains)
        for value in domain[1:]
    ]


def bounds_of_questions(ground: Ground) -> Iterator[AnswerSet]:
    """Yield the smallest and the largest answer to each question that measures."""
    for name, question in ground.library.all_questions.items():
        reached = ground.reaching(name)
        if reached is None:
            continue
        extremes: list[object] = [
            getattr(question, key, None) for key in ("min", "max")
        ]
        for value in [*plain_values(question), *around(question, extremes)]:
            changes = [*reached, (name, value)]
            yield AnswerSet(f"valeur de {name}", ground.with_(ground.base, changes))


def options_alone(ground: Ground, profile: str) -> Iterator[AnswerSet]:
    """Yield each option alone in its theme over a profile, as Enter would take it."""
    base = ground.start(profile)
    yield AnswerSet(f"profil {profile}", base)
    for theme in ground.library.open_themes():
        for options in ground.choices_of(theme):
            taken = _taken(ground, base, theme, options)
            yield AnswerSet(f"{profile} : {', '.join(options)}", taken)


def _taken(
    ground: Ground, base: Answers, theme: str, options: tuple[str, ...]
) -> Answers:
    """Return the answers with other options, their questions as the library proposes."""
    changed = ground.with_(base, [(theme, options)])
    own = {n for n, owned in ground.library.owned.items() if owned.theme == theme}
    kept = {n: v for n, v in changed.values.items() if n not in own}
    asked = take_proposed(
        ground.library, changed.model_copy(update={"values": kept})
    ).values
    return changed.model_copy(update={"values": {**changed.values, **asked}})


def closed(ground: Ground) -> Iterator[AnswerSet]:
    """Yield each article closed: only a deviation of the library can do it."""
    for theme in ground.library.open_themes():
        yield AnswerSet(
            f"article fermé : {theme}", ground.with_(ground.base, [(theme, ())])
        )


def incoherent(ground: Ground) -> Iterator[AnswerSet]:
    """Yield the options chosen together that the library says do not go together."""
    for option in ground.library.options.values():
        for other in option.excludes:
            if option.theme == other.split("/")[0]:
                both = ground.with_(ground.base, [(option.theme, (option.id, other))])
                yield AnswerSet(f"exclut : {option.id}, {other}", both)
        for other in option.requires:
            if "/" not in other:
                continue
            answers = ground.with_(ground.base, [(option.theme, (option.id,))])
            theme = other.split("/")[0]
            rest = tuple(
                o.id for o in ground.library.options_by_theme[theme] if o.id != other
            )
            if theme == option.theme:
                lone = answers.with_options(theme, (option.id,))
            else:
                lone = answers.with_options(theme, rest[:1])
            yield AnswerSet(f"suppose : {option.id}, {other}", lone)


def dated(library: Library) -> Iterator[AnswerSet]:
    """Yield each profile on the eve, the day and the morrow of every date that counts."""
    days = {library.manifest.covers_from, library.manifest.legal_status_date, AFTER}
    for rule in library.rules.values():
        days |= {day for day in (rule.from_, rule.until) if day}
    for figure in library.figures.values():
        days |= {dated.from_ for dated in figure.values}
    start = library.manifest.covers_from
    around_days = {_day(day, shift) for day in days for shift in (-1, 0, 1)}
    for day in sorted(d for d in around_days if d >= start):
        ground = Ground(library, day)
        for profile in library.profiles:
            yield AnswerSet(f"{profile}, acte du {day}", ground.start(profile))


# --- every pair ----------------------------------------------------------------------

Todo = dict[tuple[str, str], set[tuple[Answer, Answer]]]
STALE = 40
"""Rows without a new pair before the pairs left are known to be out of reach."""


def factors(ground: Ground) -> dict[str, list[Answer]]:
    """Return what the covering array covers: all that a rule or the oracle reads."""
    found: dict[str, list[Answer]] = {
        theme: list(ground.choices_of(theme)) for theme in ground.library.open_themes()
    }
    for boundary in boundaries(ground):
        for name in boundary.names:
            known = found.setdefault(name, [])
            edges = boundary.edges.get(name, ())
            known += [v for v in candidates(ground, name, edges) if v not in known]
    return {name: values for name, values in found.items() if len(values) > 1}


def pairwise(
    ground: Ground, act_dates: Sequence[str], most: int, share: slice = ALL
) -> Iterator[AnswerSet]:
    """Yield sets that hold together every pair of values, as far as `most` allows.

    The date of the act is a factor as any other; `share` takes some pairs of factors
    only. Greedy: each set starts from a pair still to be covered, with what its
    questions need to be asked; the other factors follow, those with most pairs left
    first, each with the value that covers most of them. A pair counts when both of its
    questions are asked.
    """
    chance = random.Random(2027)
    domains = {"act_date": list[Answer](act_dates), **factors(ground)}
    todo = _pairs(domains, share)
    stale = 0
    for number in range(most):
        row = _row(ground, domains, todo, chance)
        if row is None or stale > STALE:
            return
        day = str(row.pop("act_date"))
        dated = ground.base.model_copy(update={"act_date": day})
        answers = ground.with_(dated, row.items())
        shown = state(ground.library, answers)
        asked = {"act_date": day, **shown.values, **shown.chosen}
        covered = cover(todo, {n: v for n, v in asked.items() if n in domains})
        stale = 0 if covered else stale + 1
        yield AnswerSet(f"paires, ligne {number + 1}", answers)


def _pairs(domains: Mapping[str, Sequence[Answer]], share: slice = ALL) -> Todo:
    return {
        (a, b): set(product(domains[a], domains[b]))
        for a, b in list(combinations(sorted(domains), 2))[share]
    }


def _row(
    ground: Ground,
    domains: Mapping[str, Sequence[Answer]],
    todo: Todo,
    chance: random.Random,
) -> dict[str, Answer] | None:
    left: Counter[str] = Counter()
    for pair, values in todo.items():
        for name in pair:
            left[name] += len(values)
    waiting = [pair for pair, values in todo.items() if values]
    if not waiting:
        return None
    pair = chance.choice(waiting)
    # The pair is struck off whatever happens: it may be out of reach.
    first = min(todo[pair], key=repr)
    todo[pair].discard(first)
    row: dict[str, Answer] = {}
    for name in pair:
        if name != "act_date":
            row |= dict(ground.reaching(name) or ())
    row |= dict(zip(pair, first, strict=True))
    # Themes first: what they open decides which questions count.
    themes = [name for name in domains if name in ground.library.themes]
    chance.shuffle(themes)
    others = [name for name in domains if name not in ground.library.themes]
    others.sort(key=lambda name: -left[name] * (0.5 + chance.random()))
    waits = {n: left[n] for n in others if n in ground.library.owned}

    def worth(name: str, value: Answer) -> float:
        gain = _gain(todo, row, name, value)
        if name not in ground.library.themes:
            return gain
        return gain + _opened(ground, waits, value) / len(domains)

    for name in (*themes, *others):
        if name not in row:
            row[name] = max(domains[name], key=lambda value: worth(name, value))
    return row


def _opened(ground: Ground, waits: Mapping[str, int], options: Answer) -> float:
    """Return the pairs that wait for the questions of these options, on average."""
    assert isinstance(options, tuple)
    found = [
        n for name, n in waits.items() if ground.library.owned[name].owner in options
    ]
    return sum(found) / 50


def _gain(todo: Todo, row: Mapping[str, Answer], name: str, value: Answer) -> int:
    gain = 0
    for other, held in row.items():
        if other < name:
            gain += (held, value) in todo.get((other, name), ())
        else:
            gain += (value, held) in todo.get((name, other), ())
    return gain


def cover(todo: Todo, shown: Mapping[str, Answer]) -> int:
    """Strike off the pairs a set holds, and return how many were new."""
    covered = 0
    for a, b in combinations(sorted(shown), 2):
        pair = (shown[a], shown[b])
        if pair in todo.get((a, b), ()):
            todo[a, b].discard(pair)
            covered += 1
    return covered
