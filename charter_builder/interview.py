"""Which question comes next, what is proposed, and what an answer changes.

The questionnaire is never stored: the steps that apply are computed again from the
library and the answers, so a question that lapsed is simply no longer there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from charter_builder import french
from charter_builder.charter import expression_context
from charter_builder.errors import InputError, did_you_mean, unknown_id
from charter_builder.evaluation import condition, holds
from charter_builder.expressions import Plain, theme_name
from charter_builder.library import Library, Option
from charter_builder.questionnaire import (
    Answer,
    Answers,
    OpenAnswer,
    Question,
    default_answer,
    open_answer,
    parse_day,
)

FIRST_SECTION = "collectivite"
FIRST_SECTION_TITLE = "Votre collectivité"


@dataclass(frozen=True)
class Step:
    """One thing to ask: a question, or the options of a theme."""

    kind: Literal["question", "options"]
    id: str
    """The name of the question, or the id of the theme."""
    section: str
    """`collectivite`, or the id of the part."""
    theme: str = ""
    owner: str = ""


@dataclass(frozen=True)
class State:
    """The steps that apply to some answers, and what expressions see there."""

    steps: tuple[Step, ...]
    context: Mapping[str, Plain]
    values: Mapping[str, Answer]
    """The answers to the questions that are asked; the others have lapsed."""
    chosen: Mapping[str, tuple[str, ...]]
    open: Mapping[str, OpenAnswer] = field(default_factory=dict)
    """What is left à débattre among them, by name of question or id of theme."""

    def is_answered(self, step: Step) -> bool:
        return step.id in (self.values if step.kind == "question" else self.chosen)

    @cached_property
    def questions_of(self) -> Mapping[str, tuple[str, ...]]:
        """The questions each clause asks, by its id; those of the profile under ""."""
        found: dict[str, tuple[str, ...]] = {}
        for step in self.steps:
            if step.kind == "question":
                found[step.owner] = (*found.get(step.owner, ()), step.id)
        return found

    @property
    def missing(self) -> list[Step]:
        return [step for step in self.steps if not self.is_answered(step)]


def act_day(library: Library, given: object) -> str:
    """Return the date of the act, checked.

    Raises `InputError` for a date the law of this library does not reach.
    """
    day = parse_day(given)
    start = library.manifest.covers_from
    if day < start:
        raise InputError(
            "la bibliothèque connaît le droit applicable à partir du "
            f"{french.day(start)} seulement."
        )
    return day


def themes_of(library: Library, answers: Answers) -> list[str]:
    """Return the themes asked about: those of the profile, then those opened by hand."""
    profile = library.profiles.get(answers.profile)
    planned = set(profile.themes if profile else library.open_themes())
    opened = {theme for theme, options in answers.chosen.items() if options}
    return [
        theme
        for theme in library.theme_order
        if theme in planned | opened and library.options_by_theme[theme]
    ]


def state(library: Library, answers: Answers) -> State:
    """Return the steps that apply now, in the order they are asked."""
    values: Mapping[str, Answer] = {}
    chosen: Mapping[str, tuple[str, ...]] = answers.chosen
    while True:
        found = _pass(library, answers, values, chosen)
        # A condition may read an answer that comes later: go round until nothing moves.
        # It ends: conditions that turn in a circle are refused with the library.
        if found.values.keys() == values.keys() and found.chosen == chosen:
            return found
        values, chosen = found.values, found.chosen


def _pass(
    library: Library,
    answers: Answers,
    values: Mapping[str, Answer],
    before: Mapping[str, tuple[str, ...]],
) -> State:
    themes = themes_of(library, answers)
    chosen: dict[str, tuple[str, ...]] = {}
    context = expression_context(
        answers.act_date,
        dict(values),
        dict(before),
        library.figures_on(answers.act_date),
        library.theme_order,
    )
    steps: list[Step] = []
    active: dict[str, Answer] = {}

    def ask(
        name: str, question: Question, section: str, theme: str, owner: str
    ) -> None:
        if not holds(question.when, context):
            context.pop(name, None)
            return
        steps.append(Step("question", name, section, theme, owner))
        if name in answers.values:
            active[name] = answers.values[name]
            context[name] = _plain(answers.values[name])

    for name, question in library.questions.items():
        ask(name, question, FIRST_SECTION, "", "")
    for part, plan in library.manifest.parts.items():
        for theme in plan.themes:
            options = (
                _kept(library, answers, context, theme) if theme in themes else None
            )
            context[theme_name(theme)] = _slugs(options or ())
            if theme not in themes or not offered_options(library, context, theme):
                continue
            steps.append(Step("options", theme, part, theme, theme))
            if options is not None:
                chosen[theme] = options
            if not options:
                continue
            proposed = candidate_options(answers, theme) or options
            for name, question in library.themes[theme].parameters.items():
                ask(name, question, part, theme, theme)
            for option in library.options_by_theme[theme]:
                # The questions of every candidate are asked: each shows its own values.
                if option.id in proposed:
                    for name, question in option.parameters.items():
                        ask(name, question, part, theme, option.id)
    asked = active.keys() | chosen.keys()
    still_open = {key: point for key, point in answers.open.items() if key in asked}
    return State(tuple(steps), context, active, chosen, still_open)


def candidate_options(answers: Answers, theme: str) -> frozenset[str]:
    """Return the options proposed for a theme left open; none for a settled one."""
    point = answers.open.get(theme)
    candidates = point.candidates if point else ()
    return frozenset(
        str(option)
        for candidate in candidates
        if isinstance(candidate, tuple)
        for option in candidate
    )


def _kept(
    library: Library, answers: Answers, context: Mapping[str, Plain], theme: str
) -> tuple[str, ...] | None:
    """Return the options chosen in a theme, if all of them may still be chosen.

    Otherwise the theme is asked again: no article changes without anybody deciding.
    """
    options = answers.chosen.get(theme)
    if options is None:
        return None
    proposed = candidate_options(answers, theme).union(options)
    if not all(holds(library.options[option].when, context) for option in proposed):
        return None
    return options


def _plain(value: Answer) -> Plain:
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return value


def offered_options(
    library: Library, context: Mapping[str, Plain], theme: str
) -> list[Option]:
    """Return the options of a theme that may be chosen with these answers."""
    return [o for o in library.options_by_theme[theme] if holds(o.when, context)]


def is_recommended(option: Option, context: Mapping[str, Plain]) -> bool:
    return option.recommended_when is not None and holds(
        option.recommended_when, context
    )


def proposed_options(
    library: Library, answers: Answers, current: State, theme: str
) -> tuple[str, ...]:
    """Return the options proposed by the profile, else the recommended ones."""
    profile = library.profiles.get(answers.profile)
    offered = {o.id: o for o in offered_options(library, current.context, theme)}
    if profile and theme in profile.answers.options:
        return tuple(o for o in profile.answers.options[theme] if o in offered)
    choose = library.themes[theme].choose
    found: list[str] = []
    for option in offered.values():
        # A recommendation may depend on the options proposed before it.
        context = {**current.context, theme_name(theme): _slugs(found)}
        if is_recommended(option, context):
            found.append(option.id)
    if choose == "one":
        return tuple(found[:1])
    return tuple(found)


def _slugs(options: Iterable[str]) -> list[str]:
    return [option.split("/")[1] for option in options]


def proposed_answer(
    library: Library, answers: Answers, current: State, name: str
) -> Answer | None:
    """Return the answer the profile or the library proposes, if any."""
    question = library.owned[name].question
    profile = library.profiles.get(answers.profile)
    if profile and name in profile.answers.values:
        return question.parse(profile.answers.values[name])
    for conditional in question.default_when:
        if holds(conditional.when, current.context):
            return question.parse(conditional.value)
    return default_answer(question, library.figures_on(answers.act_date))


def answer_question(
    library: Library, answers: Answers, name: str, given: object
) -> Answers:
    """Return the answers with one more, checked.

    Raises `InputError` when the question does not exist or refuses the value.
    """
    if name not in library.owned:
        raise InputError(unknown_id("question", name, library.owned))
    return answers.with_value(name, library.owned[name].question.parse(given))


def answer_options(
    library: Library, answers: Answers, theme: str, given: Sequence[str]
) -> Answers:
    """Return the answers with the options of a theme, checked and in order.

    Raises `InputError` for an unknown option, one not offered here, or a wrong count.
    """
    if theme not in library.themes:
        raise InputError(unknown_id("thème", theme, library.themes))
    known = {option.slug: option for option in library.options_by_theme[theme]}
    wanted: set[str] = set()
    for slug in given:
        name = slug.removeprefix(f"{theme}/")
        if name not in known:
            raise InputError(
                f"« {slug} » n’est pas une option de « {theme} »."
                f"{did_you_mean(name, known)}"
            )
        wanted.add(name)
    context = state(library, answers).context
    for name in wanted:
        if not holds(known[name].when, context):
            raise InputError(
                f"l’option « {known[name].title} » ne va pas avec vos autres réponses."
            )
    check_count(library, theme, len(wanted))
    ordered = [option.id for slug, option in known.items() if slug in wanted]
    return answers.with_options(theme, ordered)


def leave_open(
    library: Library,
    answers: Answers,
    key: str,
    candidates: Sequence[object],
    question: str = "",
) -> Answers:
    """Return the answers with a question, or the options of a theme, left à débattre.

    A candidate of a theme is the list of its option slugs. Raises `InputError` for a
    candidate that could not be an answer, or a question that has no text to debate.
    """
    if key in library.themes:
        each: list[Answer] = []
        for slugs in candidates:
            if not isinstance(slugs, Sequence) or isinstance(slugs, str):
                raise InputError("une proposition est une liste d’options.")
            given = [str(slug) for slug in slugs]
            each.append(answer_options(library, answers, key, given).chosen[key])
        return answers.with_open_options(key, open_answer(each, question))
    if key not in library.owned:
        raise InputError(unknown_id("question", key, library.owned))
    asked = library.owned[key]
    if not asked.owner:
        raise InputError(
            "cette réponse décrit la collectivité : elle ne se laisse pas à débattre."
        )
    values = [asked.question.parse(candidate) for candidate in candidates]
    return answers.with_open_value(key, open_answer(values, question))


def settled(library: Library, answers: Answers, key: str, candidate: Answer) -> Answers:
    """Return the answers with an open point settled by one of its candidates."""
    if key not in library.themes:
        return answers.with_value(key, candidate)
    assert isinstance(candidate, tuple)
    return answers.with_options(key, [str(option) for option in candidate])


def candidate_shown(library: Library, key: str, candidate: Answer) -> str:
    """Return a candidate as people read it: a value, or the titles of options."""
    if key not in library.themes:
        return library.owned[key].question.show(_plain(candidate))
    assert isinstance(candidate, tuple)
    titles = [f"« {library.options[str(option)].title} »" for option in candidate]
    return french.enumeration(titles) or "aucun article"


def settled_shown(library: Library, answers: Answers, key: str) -> str | None:
    """Return how a point is settled, as people read it; nothing while it is not."""
    current = state(library, answers)
    if key in current.open:
        return None
    found = current.chosen if key in library.themes else current.values
    return candidate_shown(library, key, found[key]) if key in found else None


def open_shown(library: Library, key: str, point: OpenAnswer) -> str:
    """Return « à débattre : 18 h 30 ou 19 heures »."""
    candidates = [candidate_shown(library, key, c) for c in point.candidates]
    return f"à débattre : {french.enumeration(candidates, 'ou')}"


def check_count(library: Library, theme: str, count: int) -> None:
    """Raise `InputError` when a theme does not take that many options."""
    choose = library.themes[theme].choose
    if choose == "one" and count != 1:
        raise InputError("choisissez une option, et une seule.")
    if choose == "any" and count == 0:
        raise InputError("choisissez au moins une option.")


def take_proposed(
    library: Library,
    answers: Answers,
    section: str | None = None,
    theme: str | None = None,
    wait: bool = False,
) -> Answers:
    """Return the answers with everything proposed, where nothing was answered.

    A section, or a theme, limits it. What has no proposal stays without answer; so does
    what is proposed on account of another question, if one is to `wait` for its answer.
    """
    while True:
        current, before = state(library, answers), answers
        for step in current.missing:
            if wait and _awaits_another(library, current, step):
                continue
            taken = proposal(library, answers, current, step)
            if taken is None or section not in (None, step.section):
                continue
            if theme not in (None, step.theme):
                continue
            answers = taken
            # What this answer decides must be seen before the next proposal.
            if step.kind == "options" or step.id in library.deciding_names:
                break
        if answers is before:
            return answers


def _awaits_another(library: Library, current: State, step: Step) -> bool:
    """Return whether what is proposed depends on a question still without answer.

    Taken now, the proposal could be one that this answer makes wrong.
    """
    if step.kind == "options":
        return False
    missing = {other.id for other in current.missing if other.kind != "options"}
    return any(
        not condition(conditional.when).names.isdisjoint(missing - {step.id})
        for conditional in library.owned[step.id].question.default_when
    )


def proposal(
    library: Library, answers: Answers, current: State, step: Step
) -> Answers | None:
    """Return the answers with what is proposed at a step, if anything is."""
    if step.kind == "options":
        options = proposed_options(library, answers, current, step.id)
        if not options and library.themes[step.id].choose != "optional":
            return None
        return answers.with_options(step.id, options)
    value = proposed_answer(library, answers, current, step.id)
    return None if value is None else answers.with_value(step.id, value)


def preview_answers(library: Library, answers: Answers) -> Answers:
    """Return complete answers for a look at the text: nothing of it is saved.

    What has no proposal is filled with « … », or the smallest value.
    """
    while True:
        answers = take_proposed(library, answers)
        current = state(library, answers)
        if not current.missing:
            return answers
        # One at a time: what it decides may change what is still missing.
        step = current.missing[0]
        if step.kind == "options":
            first = offered_options(library, current.context, step.id)[0]
            answers = answers.with_options(step.id, (first.id,))
        else:
            question = library.owned[step.id].question
            answers = answers.with_value(step.id, _placeholder(question))


def sample_answer(question: Question, figures: Mapping[str, int | Decimal]) -> Answer:
    """Return the proposed answer, or one that merely shows the text."""
    proposed = default_answer(question, figures)
    return _placeholder(question) if proposed is None else proposed


def _placeholder(question: Question) -> Answer:
    match question.kind:
        case "bool":
            return False
        case "choice":
            return next(iter(question.choices))
        case "choices":
            return (next(iter(question.choices)),)
        case "time":
            return "09:00"
        case "date":
            return "2000-01-01"
        case "texts":
            return ("…",)
        case "rows":
            return ()
        case "text":
            return "…"
    return question.parse(question.min)


def default_shown(question: Question, figures: Mapping[str, int | Decimal]) -> str:
    """Return the proposed answer as people read it, or nothing."""
    value = default_answer(question, figures)
    return "" if value is None else question.show(value)


def section_titles(library: Library) -> dict[str, str]:
    """Return the sections of the questionnaire, in order."""
    titles = {FIRST_SECTION: FIRST_SECTION_TITLE}
    titles |= {part: plan.title for part, plan in library.manifest.parts.items()}
    return titles


@dataclass(frozen=True)
class LibrarySpeaker:
    """Says names and values as the reader of a charter knows them."""

    library: Library

    def subject(self, name: str) -> str:
        if name in self.library.owned:
            return self.library.owned[name].question.label.rstrip(" ?")
        if name in self.library.theme_names:
            theme = self.library.theme_names[name]
            return f"article « {self.library.themes[theme].title} »"
        if name == "act_date":
            return "date de l’acte"
        return self.library.figure_labels.get(name, name)

    def value(self, name: str, value: Plain) -> str:
        if name in self.library.owned:
            return self.library.owned[name].question.show(value)
        theme = self.library.theme_names.get(name)
        option = self.library.options.get(f"{theme}/{value}") if theme else None
        return f"option « {option.title} »" if option else str(value)


def why_recommended(
    library: Library, option: Option, context: Mapping[str, Plain]
) -> str:
    """Return in French why an option is recommended, or nothing."""
    if not option.recommended_when or not is_recommended(option, context):
        return ""
    if option.recommended_when.strip().lower() == "true":
        return "recommandée dans tous les cas"
    reason = condition(option.recommended_when).explain(
        context, LibrarySpeaker(library)
    )
    return f"recommandée parce que : {reason}"
