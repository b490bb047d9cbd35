"""What is incoherent in the themes, options, acts and documents of a library."""

import re
from collections.abc import Sequence

from charter_builder import french
from charter_builder.coherence_checker import Checker, Site
from charter_builder.coherence_questions import check_question
from charter_builder.errors import MAX_LISTED, PathStep, did_you_mean, unknown_id
from charter_builder.expressions import (
    Text,
    conjuncts_of_name,
    option_guard,
    theme_name,
)
from charter_builder.forms import FieldTemplate, TableField, list_of
from charter_builder.library import (
    ActTemplate,
    DecidedBy,
    DocumentTemplate,
    Option,
    SectionTemplate,
    Statement,
    Theme,
)

# Acts and documents are written in `draft/`, articles too on the site, under their id.
_DRAFT_NAMES = frozenset({"charte", "index", "texte-integral"})

_TAGS = re.compile(r"\{%.*?%\}", re.DOTALL)


def check_theme(checker: Checker, theme: Theme) -> None:
    """Check a theme, its list of options and its text."""
    document = f"{theme.id}/theme"
    _check_file_name(checker, document, theme.id)
    guards = conjuncts_of_name(theme_name(theme.id))
    found = checker.slugs[theme.id]
    for index, slug in enumerate(theme.options):
        if slug not in found:
            checker.add(
                document,
                ("options", index),
                f"l’option « {slug} » n’a pas de fichier {theme.id}/{slug}.yml : "
                "créez-le, ou retirez-la de la liste."
                f"{did_you_mean(slug, found)}",
            )
    for slug in sorted(found - set(theme.options)):
        checker.add(
            f"{theme.id}/{slug}",
            (),
            f"l’option « {slug} » n’est pas dans la liste « options » de theme.yml : "
            "ajoutez-la, ou retirez le fichier.",
        )
    checker.check_prose(document, ("settles",), theme.settles)
    checker.check_prose(document, ("stakes",), theme.stakes)
    if theme.decided_by:
        _check_decided_by(checker, document, theme.decided_by)
    for name, question in theme.parameters.items():
        check_question(checker, document, ("parameters", name), question, guards)
    check_printed(checker, document, theme, guards)


def _check_decided_by(checker: Checker, document: str, decided_by: DecidedBy) -> None:
    checker.check_prose(document, ("decided_by", "law"), decided_by.law)
    checker.check_prose(document, ("decided_by", "act"), decided_by.act)
    checker.check_prose(document, ("decided_by", "each_case"), decided_by.each_case)
    checker.check_facts(document, ("decided_by", "references"), decided_by.references)
    if decided_by.law and not decided_by.references:
        checker.add(
            document,
            ("decided_by", "law"),
            "ce que fixent les textes a une source : citez-la dans « references ».",
        )


def check_printed(
    checker: Checker, document: str, printed: Theme | Option, guards: frozenset[str]
) -> None:
    """Check what a theme or an option prints, and its legal basis."""
    checker.check_facts(document, ("references",), printed.references)
    checker.check_requirements(document, ("satisfies",), printed.satisfies)
    checker.check_text(
        Site(document, ("plain_language",), guards), printed.plain_language
    )
    parsed = checker.check_text(Site(document, ("text",), guards), printed.text)
    natures = printed.nature if isinstance(printed.nature, tuple) else ()
    if parsed and natures and len(natures) != parsed.block_count:
        checker.add(
            document,
            ("nature",),
            _nature_count(printed.nature, parsed),
        )


def _nature_count(natures: Sequence[str], parsed: Text) -> str:
    given = french.counted(len(natures), "nature", "natures")
    found = french.counted(parsed.block_count, "paragraphe", "paragraphes")
    return (
        f"{given} pour {found} : donnez-en une par paragraphe (un paragraphe finit à "
        "une ligne vide)."
    )


def check_option(checker: Checker, option: Option) -> None:
    """Check an option: when it is offered, what it says, how it compares."""
    library = checker.library
    theme = library.themes.get(option.theme)
    if theme is None:
        checker.add(
            option.id,
            (),
            f"l’option n’a pas de thème : créez {option.theme}/theme.yml, ou retirez le "
            "fichier.",
        )
    guards = conjuncts_of_name(theme_name(option.theme))
    site = Site(option.id, ("when",), frozenset(), strict=False)
    parsed = checker.check_condition(site, option.when)
    checker.check_condition(
        Site(option.id, ("recommended_when",), strict=False), option.recommended_when
    )
    if parsed:
        guards |= checker.known_when(parsed)
    guards |= {option_guard(option.theme, option.slug)}
    for name, question in option.parameters.items():
        check_question(checker, option.id, ("parameters", name), question, guards)
    checker.check_prose(option.id, ("summary",), option.summary)
    check_printed(checker, option.id, option, guards)
    checker.check_clauses(option.id, ("requires",), option.requires)
    checker.check_clauses(option.id, ("excludes",), option.excludes)
    _check_reachable(checker, option)
    if option.arguments:
        for side in ("employer", "unions"):
            argument = getattr(option.arguments, side)
            for key, words in (("for", argument.for_), ("against", argument.against)):
                checker.check_prose(option.id, ("arguments", side, key), words)
    criteria = theme.criteria if theme else {}
    for key in option.attributes:
        if key not in criteria:
            checker.add(
                option.id, ("attributes", key), unknown_id("critère", key, criteria)
            )
    missing = [key for key in criteria if key not in option.attributes]
    if missing:
        checker.add(
            option.id,
            ("attributes",),
            f"critère de comparaison sans valeur : {', '.join(missing[:MAX_LISTED])}. "
            "Donnez-la dans « attributes ».",
        )


def _check_reachable(checker: Checker, option: Option) -> None:
    library = checker.library
    theme = library.themes.get(option.theme)
    if option.when and option.when.strip().lower() == "false":
        checker.add(
            option.id,
            ("when",),
            "l’option ne peut jamais être choisie : sa condition est toujours fausse, "
            "corrigez-la.",
        )
    for index, other in enumerate(option.requires):
        alone = theme is not None and theme.choose == "one"
        excluded = other in checker.excluded_by[
            option.id
        ] or option.id in checker.excluded_by.get(other, ())
        if other == option.id:
            checker.add(
                option.id,
                ("requires", index),
                "l’option se suppose elle-même : retirez-la de « requires ».",
            )
        elif excluded or (
            alone and other in library.options and other.split("/")[0] == option.theme
        ):
            checker.add(
                option.id,
                ("requires", index),
                f"l’option ne peut jamais être choisie : elle suppose « {other} », qui "
                "ne va pas avec elle. Corrigez « requires ».",
            )


def _check_statement(
    checker: Checker,
    document: str,
    path: tuple[PathStep, ...],
    said: Statement | SectionTemplate,
    guards: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Check what an act or a document says; return all that is true where it stands."""
    parsed = checker.check_condition(
        Site(document, (*path, "when"), guards, strict=False), said.when
    )
    guards |= checker.known_when(parsed) if parsed else frozenset()
    body = checker.check_text(Site(document, (*path, "text"), guards), said.text)
    checker.check_facts(document, (*path, "references"), said.references)
    checker.check_requirements(document, (*path, "satisfies"), said.satisfies)
    if body and isinstance(said.nature, tuple) and len(said.nature) != body.block_count:
        checker.add(
            document,
            (*path, "nature"),
            _nature_count(said.nature, body),
        )
    return guards


def check_act(checker: Checker, act: ActTemplate) -> None:
    """Check an act: its name, and all that it says."""
    document = f"annexes/{act.id}"
    _check_file_name(checker, document, act.id)
    if act.id in checker.library.themes:
        checker.add(
            document,
            (),
            f"« {act.id} » est déjà le nom d’un thème, et leurs pages n’en feraient "
            "qu’une : choisissez-en un autre.",
        )
    checker.check_text(Site(document, ("title",)), act.title)
    checker.check_text(Site(document, ("authority",)), act.authority)
    checker.check_requirements(document, ("satisfies",), act.satisfies)
    for key in ("visas", "recitals", "articles", "closing"):
        for index, said in enumerate(getattr(act, key)):
            _check_statement(checker, document, (key, index), said)


def check_order_of_documents(checker: Checker) -> None:
    """Check that the manifest orders every document, once."""
    library = checker.library
    order = library.manifest.documents
    for index, name in enumerate(order):
        if name not in library.documents:
            checker.add(
                "library",
                ("documents", index),
                f"le document « {name} » n’a pas de fichier annexes/{name}.yml : "
                "créez-le, ou retirez-le de la liste."
                f"{did_you_mean(name, library.documents)}",
            )
        elif name in order[:index]:
            checker.add(
                "library",
                ("documents", index),
                f"le document « {name} » est cité deux fois : retirez-en un.",
            )
    for name in library.documents:
        if name not in order:
            checker.add(
                f"annexes/{name}",
                (),
                f"le document « {name} » n’est pas dans la liste « documents » de "
                "library.yml : ajoutez-le, ou retirez le fichier.",
            )


def _check_file_name(checker: Checker, document: str, name: str) -> None:
    """An act, a document or an article takes the place of no other file."""
    if name in _DRAFT_NAMES:
        checker.add(
            document,
            (),
            f"« {name} » est le nom d’un fichier du projet : choisissez-en un autre.",
        )


def check_document(checker: Checker, template: DocumentTemplate) -> None:
    """Check a document: its name, its sections and their fields."""
    document = f"annexes/{template.id}"
    _check_file_name(checker, document, template.id)
    site = Site(document, ("when",), strict=False)
    parsed = checker.check_condition(site, template.when)
    guards = checker.known_when(parsed) if parsed else frozenset()
    for key, said in (
        ("title", template.title),
        ("purpose", template.purpose),
        ("for", template.for_),
    ):
        checker.check_text(Site(document, (key,), guards), said)
    checker.check_facts(document, ("references",), template.references)
    checker.check_requirements(document, ("satisfies",), template.satisfies)
    for index, section in enumerate(template.sections):
        _check_section(checker, document, ("sections", index), section, guards)


def _check_section(
    checker: Checker,
    document: str,
    path: tuple[PathStep, ...],
    section: SectionTemplate,
    guards: frozenset[str],
) -> None:
    known = _check_statement(checker, document, path, section, guards)
    checker.check_text(Site(document, (*path, "title"), known), section.title)
    if section.text is None and not section.fields:
        checker.add(
            document,
            path,
            "cette section ne dit rien : donnez-lui un « text » ou des « fields ».",
        )
    for index, asked in enumerate(section.fields):
        _check_field(checker, document, (*path, "fields", index), asked, known)


def _check_field(
    checker: Checker,
    document: str,
    path: tuple[PathStep, ...],
    asked: FieldTemplate,
    guards: frozenset[str],
) -> None:
    parsed = checker.check_condition(
        Site(document, (*path, "when"), guards, strict=False), asked.when
    )
    guards |= checker.known_when(parsed) if parsed else frozenset()
    checker.check_text(Site(document, (*path, "label"), guards), asked.label)
    checker.check_text(Site(document, (*path, "hint"), guards), asked.hint)
    listed = list_of(asked)
    if listed is not None:
        key, source = listed
        checker.check_text(Site(document, (*path, key), guards), source)
        first = _TAGS.sub("", source).lstrip("\n")
        if not first.startswith("- "):
            checker.add(
                document,
                (*path, key),
                f"« {key} » est une liste : commencez chaque élément par un tiret, au "
                "début de la ligne.",
            )
    if isinstance(asked, TableField) and asked.rows is None and not asked.blank_rows:
        checker.add(
            document,
            path,
            "ce tableau n’a aucune ligne : donnez « rows » ou « blank_rows ».",
        )
