"""What is incoherent in a library, found before anyone answers a question.

All problems are reported at once: the plan, the names and the profiles are looked at
here, the rest by kind of document.
"""

import contextlib
from collections.abc import Sequence

from charter_builder.coherence_checker import Checker, Enough
from charter_builder.coherence_clauses import (
    check_act,
    check_document,
    check_option,
    check_order_of_documents,
    check_theme,
)
from charter_builder.coherence_law import (
    REFERENCES,
    check_audit,
    check_contents,
    check_references,
    check_rules,
)
from charter_builder.coherence_questions import (
    check_cycles,
    check_question,
    check_unused,
)
from charter_builder.errors import (
    InputError,
    PathStep,
    Problem,
    did_you_mean,
    unknown_id,
)
from charter_builder.expressions import JINJA_NAMES
from charter_builder.interview import check_count
from charter_builder.library import Library

# What Jinja reads as its own, and what the answers file reads as ours.
_RESERVED_NAMES = JINJA_NAMES | {
    *("and", "or", "not", "in", "is", "if", "elif", "else", "for", "options"),
    *("true", "false", "none"),
}


def problems(library: Library) -> list[Problem]:
    """Return what is incoherent in a library, in a stable order.

    The checks stop where more is wrong than anybody will be told.
    """
    checker = Checker(library)
    with contextlib.suppress(Enough):
        _check_all(checker)
    return sorted(checker.problems, key=lambda p: (p.document, str(p.path), p))


def _check_all(checker: Checker) -> None:
    library = checker.library
    _check_plan(checker)
    _check_names(checker)
    check_references(checker)
    for name, question in library.questions.items():
        check_question(checker, "questions", (name,), question, frozenset())
    for theme in library.themes.values():
        check_theme(checker, theme)
    for option in library.options.values():
        check_option(checker, option)
    for act in library.acts.values():
        check_act(checker, act)
    for document in library.documents.values():
        check_document(checker, document)
    check_order_of_documents(checker)
    check_rules(checker)
    check_contents(checker)
    check_audit(checker)
    _check_profiles(checker)
    for word, term in library.lexicon.items():
        checker.check_prose("lexicon", (word, "definition"), term.definition)
        checker.check_facts("lexicon", (word, "references"), term.references)
    check_cycles(checker)
    check_unused(checker)


def _check_plan(checker: Checker) -> None:
    library = checker.library
    seen: set[str] = set()
    for part, plan in library.manifest.parts.items():
        for index, theme in enumerate(plan.themes):
            where = ("parts", part, "themes", index)
            if theme in seen:
                checker.add(
                    "library",
                    where,
                    f"le thème « {theme} » est cité deux fois : retirez-en un.",
                )
            seen.add(theme)
            if theme not in library.themes:
                checker.add(
                    "library",
                    where,
                    f"le thème « {theme} » n’a pas de fichier {theme}/theme.yml : "
                    "créez-le, ou retirez le thème."
                    f"{did_you_mean(theme, library.themes)}",
                )
    for theme in library.themes:
        if theme not in seen:
            checker.add(
                f"{theme}/theme",
                (),
                f"le thème « {theme} » n’est dans aucune partie de library.yml : "
                "ajoutez-le à « parts », ou retirez le dossier.",
            )
    name = library.manifest.territory_name
    if name not in library.questions:
        checker.add(
            "library",
            ("territory_name",),
            unknown_id("question", name, library.questions),
        )
        return
    checker.used.add(name)
    if library.questions[name].when is not None:
        checker.add(
            "questions",
            (name, "when"),
            "le nom de la collectivité est toujours demandé : retirez cette condition.",
        )


def _check_names(checker: Checker) -> None:
    library = checker.library
    declared: list[tuple[str, str, tuple[PathStep, ...]]] = [
        (REFERENCES, name, (fact, "figures"))
        for fact, reference in library.references.items()
        for name in reference.figures
    ]
    declared += [("questions", name, ()) for name in library.questions]
    for theme in library.themes.values():
        document = f"{theme.id}/theme"
        declared += [(document, name, ("parameters",)) for name in theme.parameters]
    for option in library.options.values():
        declared += [(option.id, name, ("parameters",)) for name in option.parameters]
    owners = {name: f"le thème {id_}" for name, id_ in library.theme_names.items()}
    owners["act_date"] = "la date de l’acte"
    for document, name, prefix in declared:
        path = (*prefix, name)
        if name in _RESERVED_NAMES:
            checker.add(
                document,
                path,
                f"« {name} » est un nom réservé : choisissez-en un autre.",
            )
        elif name in owners:
            checker.add(
                document,
                path,
                f"le nom « {name} » est déjà pris ({owners[name]}) : un nom est unique "
                "dans la bibliothèque, choisissez-en un autre.",
            )
        owners.setdefault(name, f"{document}.yml")


def _check_profiles(checker: Checker) -> None:
    library = checker.library
    for identifier, profile in library.profiles.items():
        for index, theme in enumerate(profile.themes):
            if theme not in library.themes:
                checker.add(
                    "profiles",
                    (identifier, "themes", index),
                    unknown_id("thème", theme, library.themes),
                )
            elif not library.options_by_theme[theme]:
                checker.add(
                    "profiles",
                    (identifier, "themes", index),
                    f"le thème « {theme} » n’a encore aucune option : retirez-le du profil.",
                )
        for theme, options in profile.answers.options.items():
            where = (identifier, "answers", "options", theme)
            checker.check_clauses("profiles", where, options)
            _check_profile_options(checker, where, theme, options)
        for name, given in profile.answers.values.items():
            where = (identifier, "answers", "values", name)
            owned = library.owned.get(name)
            if owned is None:
                checker.add(
                    "profiles", where, unknown_id("question", name, library.owned)
                )
                continue
            try:
                owned.question.parse(given)
            except InputError as error:
                checker.add("profiles", where, str(error))


def _check_profile_options(
    checker: Checker, where: tuple[str, ...], theme: str, options: Sequence[str]
) -> None:
    library = checker.library
    if theme not in library.themes:
        checker.add("profiles", where, unknown_id("thème", theme, library.themes))
        return
    for index, option in enumerate(options):
        if option in library.options and library.options[option].theme != theme:
            checker.add(
                "profiles",
                (*where, index),
                f"l’option « {option} » n’est pas du thème « {theme} » : déplacez-la.",
            )
    try:
        if options:
            check_count(library, theme, len(set(options)))
    except InputError as error:
        checker.add("profiles", where, f"« {theme} » : {error}")
