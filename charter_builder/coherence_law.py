"""What is incoherent in the law of a library: references, rules, contents, audit."""

import contextlib

from charter_builder.audit_guide import Measure, Mention, groups_of, slot_of
from charter_builder.coherence_checker import Checker, Site
from charter_builder.errors import ExpressionError, PathStep, unknown_id
from charter_builder.evaluation import condition
from charter_builder.quantities import UNITS, comparable
from charter_builder.questionnaire import (
    MEASURED,
    FigureOf,
    TimeQuestion,
    measured_unit,
)
from charter_builder.references import day_after
from charter_builder.rules import HoursBetween, Rule

REFERENCES = "legal/references"

REQUIREMENTS = "legal/requirements"

AUDIT = "legal/audit"


def check_references(checker: Checker) -> None:
    """Refuse a day of the library's time for which a fact has no printed form, or two."""
    for fact, reference in checker.library.references.items():
        expected: str | None = checker.library.manifest.covers_from
        for index, form in enumerate(reference.printed):
            path = (fact, "printed", index)
            if expected is None:
                checker.add(
                    REFERENCES,
                    path,
                    "cette forme ne servirait jamais : la précédente n’a pas de fin, "
                    "donnez-lui un « until ».",
                )
                break
            if form.from_ is not None and form.from_ > expected:
                checker.add(
                    REFERENCES,
                    path,
                    f"aucune forme imprimée du {expected} à la veille du {form.from_} : "
                    "complétez « printed ».",
                )
            elif index and form.from_ != expected:
                checker.add(
                    REFERENCES,
                    path,
                    f"cette forme doit commencer le {expected}, lendemain de la "
                    "précédente : corrigez « from ».",
                )
            expected = day_after(form.until) if form.until else None
        if expected is not None:
            checker.add(
                REFERENCES,
                (fact, "printed"),
                f"aucune forme imprimée à partir du {expected} : complétez « printed ».",
            )


def check_rules(checker: Checker) -> None:
    """Check rules: the names they read, what they measure, what they say."""
    library = checker.library
    for identifier, rule in library.rules.items():
        document, path = (
            f"rules/{identifier.split('.')[0]}",
            (identifier.split(".")[1],),
        )
        checker.check_facts(document, (*path, "references"), rule.references)
        for name in rule.clauses():
            if name not in library.options and name not in library.themes:
                checker.add(
                    document,
                    (*path, *_key_of(rule, name)),
                    unknown_id("clause", name, checker.known_clauses),
                )
        for key, source in rule.expressions():
            checker.check_condition(Site(document, (*path, key), strict=False), source)
        guards = _rule_guards(checker, rule)
        for key, source in (("message", rule.message), ("remedy", rule.remedy)):
            site = Site(document, (*path, key), guards, in_document=False)
            checker.check_text(site, source)
        for name in rule.names():
            checker.used.add(name)
            if name in library.owned:
                _check_measured(checker, identifier, rule, name)
            else:
                checker.add(
                    document,
                    (*path, *_key_of(rule, name)),
                    unknown_id("question", name, library.owned),
                )
        for name in rule.figures():
            checker.used.add(name)
            if name not in library.figure_labels:
                checker.add(
                    document,
                    (*path, *_key_of(rule, name)),
                    unknown_id("chiffre", name, library.figure_labels),
                )
        if rule.article and rule.article not in library.themes:
            checker.add(
                document,
                (*path, "article"),
                unknown_id("thème", rule.article, library.themes),
            )


def _rule_guards(checker: Checker, rule: Rule) -> frozenset[str]:
    """Return the conditions that are true whenever the rule speaks."""
    guards: frozenset[str] = frozenset()
    for key, source in rule.expressions():
        if key != "then":
            # A condition that does not parse is reported where it stands.
            with contextlib.suppress(ExpressionError):
                guards |= checker.known_when(condition(source))
    for name in rule.names():
        if name in checker.library.owned:
            guards |= checker.needed_guards(name)
    return guards


def _check_measured(checker: Checker, identifier: str, rule: Rule, name: str) -> None:
    """Refuse a rule on answers it cannot measure: it would never speak, or fail."""
    file, key = identifier.split(".")
    question = checker.library.owned[name].question
    hours = isinstance(rule, HoursBetween) and name not in rule.measures()
    if isinstance(question, MEASURED) and hours == isinstance(question, TimeQuestion):
        return
    checker.add(
        f"rules/{file}",
        (key, *_key_of(rule, name)),
        f"« {name} » est de type {question.kind} : cette règle mesure "
        f"{'des heures (time)' if hours else 'des nombres'}. Corrigez le nom.",
    )


def _key_of(rule: Rule, name: str) -> tuple[PathStep, ...]:
    """Return the key of a rule that holds a name."""
    for key, value in rule.model_dump(by_alias=True).items():
        if value in (name, {"figure": name}, {"answer": name}):
            return (key,)
        if isinstance(value, tuple) and name in value:
            return (key, value.index(name))
    return ()


def check_contents(checker: Checker) -> None:
    """Check the contents the law requires, and that something meets them."""
    library = checker.library
    met: set[str] = set()
    for printed in (*library.themes.values(), *library.options.values()):
        met.update(printed.satisfies)
    for act in library.acts.values():
        met.update(act.satisfies)
        for said in act.articles:
            met.update(said.satisfies)
    for document in library.documents.values():
        met.update(document.satisfies)
        for section in document.sections:
            met.update(section.satisfies)
    for identifier, requirement in library.requirements.items():
        checker.check_facts(
            REQUIREMENTS, (identifier, "references"), requirement.references
        )
        checker.check_condition(
            Site(REQUIREMENTS, (identifier, "when"), strict=False), requirement.when
        )
        checker.check_prose(REQUIREMENTS, (identifier, "remedy"), requirement.remedy)
        if requirement.when and not requirement.otherwise:
            checker.add(
                REQUIREMENTS,
                (identifier,),
                "un contenu sous condition dit pourquoi il est sans objet : ajoutez "
                "« otherwise ».",
            )
        drafted = requirement.where in ("charte", "deliberation")
        if drafted and requirement.when is None and identifier not in met:
            checker.add(
                REQUIREMENTS,
                (identifier,),
                f"aucune clause ne traite le contenu obligatoire {identifier} : "
                "ajoutez-le au « satisfies » de l’une d’elles.",
            )


def check_audit(checker: Checker) -> None:
    """Refuse what would never find anything, or could not say what it found."""
    library = checker.library
    for name, mention in library.audit.mentions.items():
        _check_sign(checker, ("mentions", name), mention)
    for name, measure in library.audit.measures.items():
        path = ("measures", name)
        _check_sign(checker, path, measure)
        unit = _limit_unit(checker, path, measure)
        for index, written in enumerate(measure.patterns):
            slot = slot_of(written)
            if unit is not None and not comparable(unit, slot):
                checker.add(
                    AUDIT,
                    (*path, "patterns", index),
                    f"{{{slot}}} ne se compare pas à une limite en « {unit} » : "
                    "corrigez la mesure ou la limite.",
                )
    _check_groups(checker)
    for identifier in library.audit.contents:
        if identifier not in library.requirements:
            checker.add(
                AUDIT,
                ("contents", identifier),
                unknown_id("contenu obligatoire", identifier, library.requirements),
            )


def _check_groups(checker: Checker) -> None:
    guide = checker.library.audit
    for name in guide.groups.keys() & UNITS.keys():
        checker.add(
            AUDIT,
            ("groups", name),
            f"{{{name}}} est une mesure : donnez un autre nom à ce groupe.",
        )
    for path, wording in guide.wordings():
        for name in groups_of(wording):
            if name not in guide.groups:
                known = (*UNITS, *guide.groups)
                checker.add(AUDIT, path, unknown_id("groupe de mots", name, known))
    for index, excuse in enumerate(guide.excuses):
        for rank, rule in enumerate(excuse.rules):
            if rule not in checker.library.rules:
                checker.add(
                    AUDIT,
                    ("excuses", index, "rules", rank),
                    unknown_id("règle", rule, checker.library.rules),
                )


def _check_sign(
    checker: Checker, path: tuple[str, ...], sign: Mention | Measure
) -> None:
    checker.check_facts(AUDIT, (*path, "references"), sign.references)
    for key in ("message", "before", "remedy"):
        site = Site(
            AUDIT,
            (*path, key),
            answers_allowed=False,
            in_document=False,
            names_texts=isinstance(sign, Mention),
        )
        checker.check_text(site, getattr(sign, key, None))
    known = {**checker.library.options, **checker.library.themes}
    if sign.clause is not None and sign.clause not in known:
        checker.add(AUDIT, (*path, "clause"), unknown_id("clause", sign.clause, known))


def _limit_unit(
    checker: Checker, path: tuple[str, ...], measure: Measure
) -> str | None:
    """Return the unit of the limit of a measure, once it is known to have one."""
    library = checker.library
    if measure.question is None:
        units: list[str | None] = []
        for key in ("min", "max"):
            limit: FigureOf | None = getattr(measure, key)
            if limit is not None and limit.figure not in library.figures:
                checker.add(
                    AUDIT,
                    (*path, key, "figure"),
                    unknown_id("chiffre", limit.figure, library.figures),
                )
            elif limit is not None:
                checker.used.add(limit.figure)
                units.append(library.figures[limit.figure].unit)
        if len(set(units)) > 1:
            checker.add(
                AUDIT,
                path,
                "« min » et « max » n’ont pas la même unité : séparez-les en deux "
                "valeurs.",
            )
        return units[0] or "" if units else None
    owned = library.owned.get(measure.question)
    where = (*path, "question")
    if owned is None:
        checker.add(
            AUDIT, where, unknown_id("question", measure.question, library.owned)
        )
        return None
    question = owned.question
    legal = getattr(question, "legal", None)
    if isinstance(question, TimeQuestion) or legal is None or legal.when:
        checker.add(
            AUDIT,
            where,
            f"« {measure.question} » n’a pas de limite légale qui vaille toujours : "
            "donnez « min » ou « max ».",
        )
        return None
    return measured_unit(question)
