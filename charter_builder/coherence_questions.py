"""What is incoherent in the questions of a library, and in the order they are asked."""

import re
from collections.abc import Iterator, Mapping, Sequence

from charter_builder.coherence_checker import Checker, Site
from charter_builder.errors import ExpressionError, InputError, PathStep, unknown_id
from charter_builder.evaluation import condition
from charter_builder.expressions import theme_name
from charter_builder.questionnaire import (
    MEASURED,
    FigureOf,
    LegalBound,
    Question,
    Range,
    default_answer,
    limit_value,
)


def check_question(
    checker: Checker,
    document: str,
    path: tuple[PathStep, ...],
    question: Question,
    guards: frozenset[str],
) -> None:
    """Check a question: its conditions, its proposed answers, its limits."""
    site = Site(document, (*path, "when"), guards)
    checker.check_condition(site, question.when)
    checker.check_prose(document, (*path, "help"), question.help)
    checker.check_facts(document, (*path, "references"), question.references)
    figures = checker.library.figures_on(checker.library.manifest.legal_status_date)
    _check_figures(checker, document, path, question)
    try:
        default_answer(question, figures)
    except InputError as error:
        checker.add(document, (*path, "default"), f"valeur par défaut : {error}")
    for index, conditional in enumerate(question.default_when):
        where = (*path, "default_when", index)
        checker.check_condition(
            Site(document, (*where, "when"), guards, strict=False),
            conditional.when,
        )
        try:
            question.parse(conditional.value)
        except InputError as error:
            checker.add(document, (*where, "value"), f"valeur proposée : {error}")
    if isinstance(question, MEASURED) and question.legal:
        legal = question.legal
        checker.check_facts(document, (*path, "legal", "references"), legal.references)
        checker.check_condition(
            Site(document, (*path, "legal", "when"), guards, strict=False),
            legal.when,
        )
        checker.check_prose(document, (*path, "legal", "remedy"), legal.remedy)


def _check_figures(
    checker: Checker, document: str, path: tuple[PathStep, ...], question: Question
) -> None:
    limits: list[tuple[tuple[PathStep, ...], object]] = [
        (("default",), question.default)
    ]
    for low, high in (("min", "max"), ("min_items", "max_items")):
        least, most = getattr(question, low, None), getattr(question, high, None)
        if least is not None and most is not None and least > most:
            checker.add(document, path, f"« {low} » dépasse « {high} » : inversez-les.")
    for key in ("usual", "legal"):
        holder: Range | LegalBound | None = getattr(question, key, None)
        if holder is not None:
            limits += [
                ((key, "min"), holder.min),
                ((key, "max"), holder.max),
            ]
            _check_order(checker, document, (*path, key), holder)
    for where, limit in limits:
        if (
            isinstance(limit, FigureOf)
            and limit.figure not in checker.library.figure_labels
        ):
            checker.add(
                document,
                (*path, *where, "figure"),
                unknown_id("chiffre", limit.figure, checker.library.figure_labels),
            )
        elif isinstance(limit, FigureOf):
            checker.used.add(limit.figure)
        elif where != ("default",) and limit is not None:
            _check_limit(checker, document, (*path, *where), question, limit)


def _check_limit(
    checker: Checker,
    document: str,
    path: tuple[PathStep, ...],
    question: Question,
    limit: object,
) -> None:
    # A limit of another kind would never be compared: the law would go unchecked.
    if question.kind == "time":
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(limit)):
            checker.add(document, path, "cette limite doit être une heure : '07:30'.")
    elif isinstance(limit, str):
        checker.add(
            document, path, "cette limite doit être un nombre, sans guillemets."
        )


def _check_order(
    checker: Checker, document: str, path: tuple[PathStep, ...], limits: Range
) -> None:
    figures = checker.library.figures_on(checker.library.manifest.legal_status_date)
    least, most = (limit_value(x, figures) for x in (limits.min, limits.max))
    if least is not None and most is not None and str(least) != str(most):
        try:
            reversed_ = least > most  # type: ignore[operator]
        except TypeError:
            reversed_ = True
        if reversed_:
            checker.add(document, path, "« min » dépasse « max » : inversez-les.")


def check_cycles(checker: Checker) -> None:
    """Refuse questions or options whose conditions go round in a circle."""
    library = checker.library
    graph: dict[str, set[str]] = {}
    documents: dict[str, tuple[str, tuple[PathStep, ...]]] = {}
    for name, owned in library.owned.items():
        graph[name] = _names_of(owned.question.when)
        if owned.owner:
            graph[name] |= {theme_name(owned.theme)}
        document = owned.owner or "questions"
        if owned.owner in library.themes:
            document = f"{owned.owner}/theme"
        prefix = ("parameters", name) if owned.owner else (name,)
        documents[name] = document, (*prefix, "when")
    for name, theme in library.theme_names.items():
        graph[name] = set()
        for option in library.options_by_theme[theme]:
            reads = _names_of(option.when)
            if reads:
                documents.setdefault(name, (option.id, ("when",)))
            graph[name] |= reads
    for cycle in _cycles(graph):
        document, path = documents.get(cycle[0], ("library", ()))
        checker.add(
            document,
            path,
            f"ces conditions tournent en rond : {_trail(cycle)}. Retirez l’une d’elles.",
        )


def _trail(cycle: Sequence[str]) -> str:
    steps = [*cycle, cycle[0]]
    return " → ".join(steps if len(steps) <= 8 else [*steps[:7], "…"])


def _names_of(source: str | None) -> set[str]:
    if source is None:
        return set()
    try:
        return set(condition(source).names)
    except ExpressionError:
        return set()


def _cycles(graph: Mapping[str, set[str]]) -> Iterator[tuple[str, ...]]:
    done: set[str] = set()
    for start in graph:
        # A dictionary, for its keys: a stranger's trail may be thousands of steps long.
        trail: dict[str, None] = {}
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack.append((start, iter(sorted(graph[start]))))
            trail[start] = None
        while stack:
            node, following = stack[-1]
            target = next(following, None)
            if target is None:
                done.add(node)
                trail.popitem()
                stack.pop()
            elif target in trail:
                steps = list(trail)
                yield tuple(steps[steps.index(target) :])
            elif target in graph and target not in done:
                trail[target] = None
                stack.append((target, iter(sorted(graph[target]))))


def check_unused(checker: Checker) -> None:
    """Refuse a question that nothing reads: asking it would waste time."""
    library = checker.library
    for name, owned in library.owned.items():
        if name in checker.used:
            continue
        document = owned.owner or "questions"
        if owned.owner in library.themes:
            document = f"{owned.owner}/theme"
        path = ("parameters", name) if owned.owner else (name,)
        checker.add(
            document,
            path,
            f"la question « {name} » ne sert à rien : ni un texte, ni une condition, ni "
            "une règle ne la lit. Retirez-la.",
        )
