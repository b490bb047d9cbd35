"""What is incoherent in a library, found before anyone answers a question.

Every check names the document, the field and the line in the text; storage turns that
into `file:line`. All problems are reported at once.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from charter_builder import french
from charter_builder.audit_guide import Measure, Mention, groups_of, slot_of
from charter_builder.errors import (
    MAX_LISTED,
    MAX_PROBLEMS,
    ExpressionError,
    InputError,
    PathStep,
    Problem,
    did_you_mean,
    shown,
    unknown_id,
)
from charter_builder.evaluation import condition, text
from charter_builder.expressions import (
    FILTERS,
    JINJA_NAMES,
    Condition,
    Read,
    Text,
    conjuncts_of_name,
    expression_size,
    option_guard,
    theme_name,
)
from charter_builder.forms import FieldTemplate, TableField, list_of
from charter_builder.interview import check_count
from charter_builder.library import (
    ActTemplate,
    DecidedBy,
    DocumentTemplate,
    Library,
    Option,
    SectionTemplate,
    Statement,
    Theme,
)
from charter_builder.quantities import UNITS, comparable
from charter_builder.questionnaire import (
    MEASURED,
    BoolQuestion,
    ChoiceQuestion,
    ChoicesQuestion,
    FigureOf,
    LegalBound,
    Question,
    Range,
    RowsQuestion,
    TextsQuestion,
    TimeQuestion,
    default_answer,
    limit_value,
    measured_unit,
)
from charter_builder.references import day_after
from charter_builder.rules import HoursBetween, Rule

REFERENCES = "legal/references"
REQUIREMENTS = "legal/requirements"
AUDIT = "legal/audit"

MAX_EXPRESSIONS = 150_000
"""Characters of conditions and blanks in a library: reading them is what takes time."""

# What Jinja reads as its own, and what the answers file reads as ours.
_RESERVED_NAMES = JINJA_NAMES | {
    *("and", "or", "not", "in", "is", "if", "elif", "else", "for", "options"),
    *("true", "false", "none"),
}

# How each kind of answer is printed: the filters it may go through.
_NUMBER_FORMS = frozenset(
    FILTERS.keys()
    - {"heure", "date", "liste", "tableau", "libelle", "reference", "article"}
    | {""}
)
_PRINTED_FORMS: Mapping[str, frozenset[str]] = {
    "bool": frozenset(),
    "integer": _NUMBER_FORMS,
    "decimal": _NUMBER_FORMS,
    "duration": _NUMBER_FORMS,
    "money": _NUMBER_FORMS,
    "time": frozenset({"heure"}),
    "date": frozenset({"date"}),
    "text": frozenset({""}),
    "texts": frozenset({"liste"}),
    "rows": frozenset({"tableau"}),
    "choice": frozenset({"libelle"}),
    "choices": frozenset({"libelle|liste"}),
}

# Acts and documents are written in `draft/`, articles too on the site, under their id.
_DRAFT_NAMES = frozenset({"charte", "index", "texte-integral"})

_TAGS = re.compile(r"\{%.*?%\}", re.DOTALL)
# The digit comes before what must not stand there: the search goes from digit to digit.
_DIGITS = re.compile(r"\d(?<!\w\d)\d*")
_NUMBERS = (
    "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente"
)
_NUMBER = re.compile(_NUMBERS)
_SPELLED = re.compile(
    rf"\b({_NUMBERS})\s+(?:premiers?\s+|derniers?\s+)?"
    r"(jours?|journées?|mois|heures?|minutes?|semaines?|ans?|années|euros?)\b",
    re.IGNORECASE,
)


class _Site(NamedTuple):
    """A place where an expression stands, and what is known to be true there."""

    document: str
    path: tuple[PathStep, ...]
    guards: frozenset[str] = frozenset()
    answers_allowed: bool = True
    """False in help and arguments: they are read before anything is answered."""
    strict: bool = True
    """False where a missing answer merely makes a condition false."""
    in_document: bool = True
    """False outside the charter and its acts: no article numbers, no labels there."""
    names_texts: bool = False
    """True where a text is named by its number and its date, which are no values."""


class _Enough(Exception):
    """So many problems were found that a reader has plenty to mend."""


@dataclass
class _Checker:
    library: Library
    problems: set[Problem] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    expressions: int = 0
    """Characters of conditions and blanks read so far."""

    def add(
        self,
        document: str,
        path: Iterable[PathStep],
        message: str,
        line: int = 0,
    ) -> None:
        self.problems.add(Problem(document, tuple(path), message, line))
        if len(self.problems) > MAX_PROBLEMS:
            raise _Enough

    # --- names ---

    def check_facts(
        self, document: str, path: Sequence[PathStep], facts: Iterable[str]
    ) -> None:
        for index, fact in enumerate(facts):
            if fact not in self.library.references:
                self.add(
                    document,
                    (*path, index),
                    unknown_id("fait juridique", fact, self.library.references),
                )

    def check_requirements(
        self, document: str, path: Sequence[PathStep], ids: Iterable[str]
    ) -> None:
        for index, identifier in enumerate(ids):
            if identifier not in self.library.requirements:
                self.add(
                    document,
                    (*path, index),
                    unknown_id(
                        "contenu obligatoire", identifier, self.library.requirements
                    ),
                )

    def check_clauses(
        self, document: str, path: Sequence[PathStep], ids: Iterable[str]
    ) -> None:
        for index, identifier in enumerate(ids):
            if identifier not in self.known_clauses:
                self.add(
                    document,
                    (*path, index),
                    unknown_id("clause", identifier, self.known_clauses),
                )

    @cached_property
    def known_clauses(self) -> frozenset[str]:
        return frozenset({*self.library.options, *self.library.themes})

    @cached_property
    def slugs(self) -> Mapping[str, set[str]]:
        """The options of each theme that have a file."""
        found: dict[str, set[str]] = {theme: set() for theme in self.library.themes}
        for option in self.library.options.values():
            found.setdefault(option.theme, set()).add(option.slug)
        return found

    @cached_property
    def excluded_by(self) -> Mapping[str, frozenset[str]]:
        """What each option excludes."""
        return {o.id: frozenset(o.excludes) for o in self.library.options.values()}

    @cached_property
    def gaps(self) -> Mapping[str, str]:
        """The figures that have no value some day, and the first such day."""
        start = self.library.manifest.covers_from
        gaps = {n: f.first_gap(start) for n, f in self.library.figures.items()}
        return {name: gap for name, gap in gaps.items() if gap is not None}

    @cached_property
    def known_names(self) -> set[str]:
        library = self.library
        return {
            *library.owned,
            *library.figure_labels,
            *library.theme_names,
            "act_date",
        }

    def check_reads(self, site: _Site, reads: Iterable[Read]) -> None:
        library = self.library
        for read in reads:
            self.used.add(read.name)
            if read.name not in self.known_names:
                self.add(
                    site.document,
                    site.path,
                    f"« {shown(read.name)} » ne correspond à aucune question, aucun "
                    "thème ni aucun chiffre : corrigez ce nom ou déclarez la question."
                    f"{did_you_mean(read.name, self.known_names)}",
                    read.line,
                )
            elif not site.answers_allowed and read.name not in library.figures:
                self.add(
                    site.document,
                    site.path,
                    f"« {read.name} » est une réponse : ce passage se lit avant toute "
                    "réponse et ne peut citer que des chiffres du cadre légal.",
                    read.line,
                )
            elif read.name in library.owned and site.strict:
                self._check_guard(site, read)

    def _check_guard(self, site: _Site, read: Read) -> None:
        """A question may be read only where it was surely asked."""
        missing = self.needed_guards(read.name) - site.guards - read.guards
        if missing:
            wanted = french.enumeration([f"« {g} »" for g in sorted(missing)])
            self.add(
                site.document,
                site.path,
                f"« {read.name} » n’est posée que sous la condition {wanted} : lisez-la "
                "sous cette condition.",
                read.line,
            )

    def needed_guards(self, name: str) -> frozenset[str]:
        """Return the conditions under which a question is asked."""
        owned = self.library.owned[name]
        needed: set[str] = set()
        if owned.owner in self.library.options:
            option = self.library.options[owned.owner]
            needed.add(option_guard(option.theme, option.slug))
        elif owned.owner:
            needed |= conjuncts_of_name(theme_name(owned.owner))
        if owned.question.when:
            # A condition that does not parse is reported where it stands.
            with contextlib.suppress(ExpressionError):
                needed |= condition(owned.question.when).conjuncts
        return frozenset(needed)

    def known_when(self, parsed: Condition) -> frozenset[str]:
        """Return all that is true when a condition holds.

        One that lacks an answer does not hold: those it surely read were asked.
        """
        known = parsed.conjuncts
        for read in parsed.reads:
            if read.guards <= parsed.conjuncts and read.name in self.library.owned:
                known |= self.needed_guards(read.name)
        return known

    # --- expressions ---

    def _count(self, site: _Site, characters: int) -> None:
        """Stop before a stranger's library takes minutes to be read."""
        self.expressions += characters
        if self.expressions > MAX_EXPRESSIONS:
            self.add(
                site.document,
                site.path,
                f"conditions et textes à trous trop longs : {MAX_EXPRESSIONS} caractères "
                "au plus pour toute la bibliothèque. Simplifiez-les.",
            )
            raise _Enough

    def check_condition(self, site: _Site, source: str | None) -> Condition | None:
        if source is None:
            return None
        self._count(site, len(source))
        try:
            parsed = condition(source)
        except ExpressionError as error:
            self.add(site.document, site.path, str(error), error.line)
            return None
        self.check_reads(site, parsed.reads)
        self.check_comparisons(site, parsed)
        return parsed

    def check_text(self, site: _Site, source: str | None) -> Text | None:
        if source is None:
            return None
        self._count(site, expression_size(source))
        try:
            parsed = text(source)
        except ExpressionError as error:
            self.add(site.document, site.path, str(error), error.line)
            return None
        if "{" in source:  # without it a text reads and prints nothing
            self.check_reads(site, parsed.reads)
            self.check_labels(site, parsed.labels)
            self.check_comparisons(site, parsed)
            self._check_lists(site, parsed)
            self._check_forms(site, parsed)
            self._check_dates(site, parsed)
            self._check_printed(site, parsed)
        if not site.names_texts:
            self._check_typed_numbers(site, parsed)
        return parsed

    def check_labels(self, site: _Site, labels: Iterable[str]) -> None:
        for name in labels:
            if site.answers_allowed and not site.in_document:
                self.add(
                    site.document,
                    site.path,
                    f"« {name}|libelle » : un libellé ne se lit que dans les textes de la "
                    "charte et des actes, retirez-le.",
                )
            owned = self.library.owned.get(name)
            if owned and not isinstance(
                owned.question, ChoiceQuestion | ChoicesQuestion
            ):
                self.add(
                    site.document,
                    site.path,
                    f"« {name}|libelle » : « {name} » n’est pas une question à choix : "
                    "retirez « |libelle ».",
                )

    def check_comparisons(self, site: _Site, parsed: Condition | Text) -> None:
        library = self.library
        for compared in parsed.comparisons:
            theme = library.theme_names.get(compared.name)
            if theme is not None:
                known = [option.slug for option in library.options_by_theme[theme]]
            elif compared.name in library.owned:
                question = library.owned[compared.name].question
                if not isinstance(question, ChoiceQuestion | ChoicesQuestion):
                    self._check_kind(site, compared.name, question, compared.constants)
                    continue
                known = list(question.choices)
            else:
                continue
            for constant in compared.constants:
                if constant not in known:
                    self.add(
                        site.document,
                        site.path,
                        f"« {constant} » n’est pas une valeur de « {compared.name} » : "
                        "la condition ne serait jamais vraie."
                        f"{_possible(constant, known)}",
                        compared.line,
                    )

    def _check_kind(
        self, site: _Site, name: str, question: Question, constants: Iterable[object]
    ) -> None:
        measured = isinstance(question, MEASURED) and question.kind != "time"
        for constant in constants:
            is_number = isinstance(constant, int | float) and not isinstance(
                constant, bool
            )
            if measured != is_number or (
                isinstance(question, BoolQuestion) and not isinstance(constant, bool)
            ):
                self.add(
                    site.document,
                    site.path,
                    f"« {name} » est de type {question.kind} : elle ne se compare pas à "
                    f"« {constant} ». Corrigez la valeur.",
                )

    def _check_lists(self, site: _Site, parsed: Text) -> None:
        owned = self.library.owned
        for loop in parsed.loops:
            if loop.name not in self.known_names:
                continue  # said where names are checked
            question = owned[loop.name].question if loop.name in owned else None
            if not isinstance(question, TextsQuestion):
                self.add(
                    site.document,
                    site.path,
                    f"« {loop.name} » n’est pas une liste de textes (texts) : une "
                    "boucle ne peut pas la parcourir, retirez-la.",
                    loop.line,
                )
        for name, headings, line in parsed.tables:
            question = owned[name].question if name in owned else None
            if not isinstance(question, RowsQuestion):
                self.add(
                    site.document,
                    site.path,
                    f"« {name}|tableau » : « {name} » n’est pas une question de type "
                    "rows : retirez « |tableau ».",
                    line,
                )
            elif headings != len(question.columns):
                self.add(
                    site.document,
                    site.path,
                    f"« {name}|tableau » : {headings} intitulé(s) pour "
                    f"{len(question.columns)} colonne(s). Donnez-en un par colonne.",
                    line,
                )

    def _check_forms(self, site: _Site, parsed: Text) -> None:
        """An answer is printed with a filter of its kind, or the draft would fail."""
        for printed in parsed.printed:
            forms = self._forms(printed.name)
            form = "|".join(printed.filters)
            if forms is None or form in forms or form == "tableau":
                continue  # said where names and tables are checked
            if form.startswith("libelle") and not any("libelle" in f for f in forms):
                continue  # said where labels are checked
            wanted = french.enumeration([f"« |{f} »" for f in sorted(forms) if f], "ou")
            remedy = f"écrivez-la avec {wanted}." if wanted else "mettez-la sous un if."
            self.add(
                site.document,
                site.path,
                f"« {printed.name}{'|' if form else ''}{form} » ne s’imprime pas ainsi : "
                f"{remedy}",
                printed.line,
            )

    def _forms(self, name: str) -> frozenset[str] | None:
        """Return the filters a name may be printed with; None for an unknown name."""
        if name in self.library.owned:
            return _PRINTED_FORMS[self.library.owned[name].question.kind]
        if name in self.library.figure_labels:
            return _NUMBER_FORMS
        if name == "act_date":
            return _PRINTED_FORMS["date"]
        return frozenset() if name in self.library.theme_names else None

    def _check_dates(self, site: _Site, parsed: Text) -> None:
        """A figure that a text reads is in force whatever the date of the act."""
        for read in parsed.reads:
            gap = self.gaps.get(read.name)
            if gap:
                self.add(
                    site.document,
                    site.path,
                    f"le chiffre « {read.name} » n’a pas de valeur le {gap} : complétez "
                    "« values », ou ne le lisez que dans une condition « when ».",
                    read.line,
                )

    def _check_printed(self, site: _Site, parsed: Text) -> None:
        for fact in sorted(parsed.references):
            if fact not in self.library.references:
                self.add(
                    site.document,
                    site.path,
                    unknown_id("fait juridique", fact, self.library.references),
                )
        for cited in parsed.articles:
            if cited.name not in self.library.themes:
                self.add(
                    site.document,
                    site.path,
                    unknown_id("thème", cited.name, self.library.themes),
                    cited.line,
                )
                continue
            if not site.in_document:
                self.add(
                    site.document,
                    site.path,
                    f"« {cited.name}|article » : un numéro d’article ne se lit que "
                    "dans les textes de la charte et des actes, retirez-le.",
                    cited.line,
                )
                continue
            known = cited.guards | site.guards
            if not conjuncts_of_name(theme_name(cited.name)) <= known:
                self.add(
                    site.document,
                    site.path,
                    f"l’article « {cited.name} » peut être fermé : citez-le sous "
                    f"{{% if {theme_name(cited.name)} %}}.",
                    cited.line,
                )

    def _check_typed_numbers(self, site: _Site, parsed: Text) -> None:
        for line, words in parsed.literal:
            for found in (*_DIGITS.finditer(words), *_spelled_numbers(words)):
                where = line + words.count("\n", 0, found.start())
                self.add(
                    site.document,
                    site.path,
                    f"le nombre « {found[0]} » est écrit dans le texte : faites-en une "
                    "question ou un chiffre du cadre légal.",
                    where,
                )

    def check_prose(
        self, document: str, path: Sequence[PathStep], source: str | None
    ) -> None:
        """Check a text read before any answer: help, summary, arguments."""
        site = _Site(document, tuple(path), answers_allowed=False, in_document=False)
        self.check_text(site, source)

    # --- questions ---

    def check_question(
        self,
        document: str,
        path: tuple[PathStep, ...],
        question: Question,
        guards: frozenset[str],
    ) -> None:
        site = _Site(document, (*path, "when"), guards)
        self.check_condition(site, question.when)
        self.check_prose(document, (*path, "help"), question.help)
        self.check_facts(document, (*path, "references"), question.references)
        figures = self.library.figures_on(self.library.manifest.legal_status_date)
        self._check_figures(document, path, question)
        try:
            default_answer(question, figures)
        except InputError as error:
            self.add(document, (*path, "default"), f"valeur par défaut : {error}")
        for index, conditional in enumerate(question.default_when):
            where = (*path, "default_when", index)
            self.check_condition(
                _Site(document, (*where, "when"), guards, strict=False),
                conditional.when,
            )
            try:
                question.parse(conditional.value)
            except InputError as error:
                self.add(document, (*where, "value"), f"valeur proposée : {error}")
        if isinstance(question, MEASURED) and question.legal:
            legal = question.legal
            self.check_facts(document, (*path, "legal", "references"), legal.references)
            self.check_condition(
                _Site(document, (*path, "legal", "when"), guards, strict=False),
                legal.when,
            )
            self.check_prose(document, (*path, "legal", "remedy"), legal.remedy)

    def _check_figures(
        self, document: str, path: tuple[PathStep, ...], question: Question
    ) -> None:
        limits: list[tuple[tuple[PathStep, ...], object]] = [
            (("default",), question.default)
        ]
        for low, high in (("min", "max"), ("min_items", "max_items")):
            least, most = getattr(question, low, None), getattr(question, high, None)
            if least is not None and most is not None and least > most:
                self.add(
                    document, path, f"« {low} » dépasse « {high} » : inversez-les."
                )
        for key in ("usual", "legal"):
            holder: Range | LegalBound | None = getattr(question, key, None)
            if holder is not None:
                limits += [
                    ((key, "min"), holder.min),
                    ((key, "max"), holder.max),
                ]
                self._check_order(document, (*path, key), holder)
        for where, limit in limits:
            if (
                isinstance(limit, FigureOf)
                and limit.figure not in self.library.figure_labels
            ):
                self.add(
                    document,
                    (*path, *where, "figure"),
                    unknown_id("chiffre", limit.figure, self.library.figure_labels),
                )
            elif isinstance(limit, FigureOf):
                self.used.add(limit.figure)
            elif where != ("default",) and limit is not None:
                self._check_limit(document, (*path, *where), question, limit)

    def _check_limit(
        self,
        document: str,
        path: tuple[PathStep, ...],
        question: Question,
        limit: object,
    ) -> None:
        # A limit of another kind would never be compared: the law would go unchecked.
        if question.kind == "time":
            if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(limit)):
                self.add(document, path, "cette limite doit être une heure : '07:30'.")
        elif isinstance(limit, str):
            self.add(
                document, path, "cette limite doit être un nombre, sans guillemets."
            )

    def _check_order(
        self, document: str, path: tuple[PathStep, ...], limits: Range
    ) -> None:
        figures = self.library.figures_on(self.library.manifest.legal_status_date)
        least, most = (limit_value(x, figures) for x in (limits.min, limits.max))
        if least is not None and most is not None and str(least) != str(most):
            try:
                reversed_ = least > most  # type: ignore[operator]
            except TypeError:
                reversed_ = True
            if reversed_:
                self.add(document, path, "« min » dépasse « max » : inversez-les.")


def problems(library: Library) -> list[Problem]:
    """Return what is incoherent in a library, in a stable order.

    The checks stop where more is wrong than anybody will be told.
    """
    checker = _Checker(library)
    with contextlib.suppress(_Enough):
        _check_all(checker)
    return sorted(checker.problems, key=lambda p: (p.document, str(p.path), p))


def _check_all(checker: _Checker) -> None:
    library = checker.library
    _check_plan(checker)
    _check_names(checker)
    _check_references(checker)
    for name, question in library.questions.items():
        checker.check_question("questions", (name,), question, frozenset())
    for theme in library.themes.values():
        _check_theme(checker, theme)
    for option in library.options.values():
        _check_option(checker, option)
    for act in library.acts.values():
        _check_act(checker, act)
    for document in library.documents.values():
        _check_document(checker, document)
    _check_order_of_documents(checker)
    _check_rules(checker)
    _check_requirements(checker)
    _check_audit(checker)
    _check_profiles(checker)
    for word, term in library.lexicon.items():
        checker.check_prose("lexicon", (word, "definition"), term.definition)
        checker.check_facts("lexicon", (word, "references"), term.references)
    _check_cycles(checker)
    _check_unused(checker)


def _check_plan(checker: _Checker) -> None:
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


def _check_names(checker: _Checker) -> None:
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


def _check_references(checker: _Checker) -> None:
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


def _check_theme(checker: _Checker, theme: Theme) -> None:
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
        checker.check_question(document, ("parameters", name), question, guards)
    _check_printed(checker, document, theme, guards)


def _check_decided_by(checker: _Checker, document: str, decided_by: DecidedBy) -> None:
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


def _check_printed(
    checker: _Checker, document: str, printed: Theme | Option, guards: frozenset[str]
) -> None:
    checker.check_facts(document, ("references",), printed.references)
    checker.check_requirements(document, ("satisfies",), printed.satisfies)
    checker.check_text(
        _Site(document, ("plain_language",), guards), printed.plain_language
    )
    parsed = checker.check_text(_Site(document, ("text",), guards), printed.text)
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


def _check_option(checker: _Checker, option: Option) -> None:
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
    site = _Site(option.id, ("when",), frozenset(), strict=False)
    parsed = checker.check_condition(site, option.when)
    checker.check_condition(
        _Site(option.id, ("recommended_when",), strict=False), option.recommended_when
    )
    if parsed:
        guards |= checker.known_when(parsed)
    guards |= {option_guard(option.theme, option.slug)}
    for name, question in option.parameters.items():
        checker.check_question(option.id, ("parameters", name), question, guards)
    checker.check_prose(option.id, ("summary",), option.summary)
    _check_printed(checker, option.id, option, guards)
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


def _check_reachable(checker: _Checker, option: Option) -> None:
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
    checker: _Checker,
    document: str,
    path: tuple[PathStep, ...],
    said: Statement | SectionTemplate,
    guards: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Check what an act or a document says; return all that is true where it stands."""
    parsed = checker.check_condition(
        _Site(document, (*path, "when"), guards, strict=False), said.when
    )
    guards |= checker.known_when(parsed) if parsed else frozenset()
    body = checker.check_text(_Site(document, (*path, "text"), guards), said.text)
    checker.check_facts(document, (*path, "references"), said.references)
    checker.check_requirements(document, (*path, "satisfies"), said.satisfies)
    if body and isinstance(said.nature, tuple) and len(said.nature) != body.block_count:
        checker.add(
            document,
            (*path, "nature"),
            _nature_count(said.nature, body),
        )
    return guards


def _check_act(checker: _Checker, act: ActTemplate) -> None:
    document = f"annexes/{act.id}"
    _check_file_name(checker, document, act.id)
    if act.id in checker.library.themes:
        checker.add(
            document,
            (),
            f"« {act.id} » est déjà le nom d’un thème, et leurs pages n’en feraient "
            "qu’une : choisissez-en un autre.",
        )
    checker.check_text(_Site(document, ("title",)), act.title)
    checker.check_text(_Site(document, ("authority",)), act.authority)
    checker.check_requirements(document, ("satisfies",), act.satisfies)
    for key in ("visas", "recitals", "articles", "closing"):
        for index, said in enumerate(getattr(act, key)):
            _check_statement(checker, document, (key, index), said)


def _check_order_of_documents(checker: _Checker) -> None:
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


def _check_file_name(checker: _Checker, document: str, name: str) -> None:
    """An act, a document or an article takes the place of no other file."""
    if name in _DRAFT_NAMES:
        checker.add(
            document,
            (),
            f"« {name} » est le nom d’un fichier du projet : choisissez-en un autre.",
        )


def _check_document(checker: _Checker, template: DocumentTemplate) -> None:
    document = f"annexes/{template.id}"
    _check_file_name(checker, document, template.id)
    site = _Site(document, ("when",), strict=False)
    parsed = checker.check_condition(site, template.when)
    guards = checker.known_when(parsed) if parsed else frozenset()
    for key, said in (
        ("title", template.title),
        ("purpose", template.purpose),
        ("for", template.for_),
    ):
        checker.check_text(_Site(document, (key,), guards), said)
    checker.check_facts(document, ("references",), template.references)
    checker.check_requirements(document, ("satisfies",), template.satisfies)
    for index, section in enumerate(template.sections):
        _check_section(checker, document, ("sections", index), section, guards)


def _check_section(
    checker: _Checker,
    document: str,
    path: tuple[PathStep, ...],
    section: SectionTemplate,
    guards: frozenset[str],
) -> None:
    known = _check_statement(checker, document, path, section, guards)
    checker.check_text(_Site(document, (*path, "title"), known), section.title)
    if section.text is None and not section.fields:
        checker.add(
            document,
            path,
            "cette section ne dit rien : donnez-lui un « text » ou des « fields ».",
        )
    for index, asked in enumerate(section.fields):
        _check_field(checker, document, (*path, "fields", index), asked, known)


def _check_field(
    checker: _Checker,
    document: str,
    path: tuple[PathStep, ...],
    asked: FieldTemplate,
    guards: frozenset[str],
) -> None:
    parsed = checker.check_condition(
        _Site(document, (*path, "when"), guards, strict=False), asked.when
    )
    guards |= checker.known_when(parsed) if parsed else frozenset()
    checker.check_text(_Site(document, (*path, "label"), guards), asked.label)
    checker.check_text(_Site(document, (*path, "hint"), guards), asked.hint)
    listed = list_of(asked)
    if listed is not None:
        key, source = listed
        checker.check_text(_Site(document, (*path, key), guards), source)
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


def _check_rules(checker: _Checker) -> None:
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
            checker.check_condition(_Site(document, (*path, key), strict=False), source)
        guards = _rule_guards(checker, rule)
        for key, source in (("message", rule.message), ("remedy", rule.remedy)):
            site = _Site(document, (*path, key), guards, in_document=False)
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


def _rule_guards(checker: _Checker, rule: Rule) -> frozenset[str]:
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


def _check_measured(checker: _Checker, identifier: str, rule: Rule, name: str) -> None:
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


def _check_requirements(checker: _Checker) -> None:
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
            _Site(REQUIREMENTS, (identifier, "when"), strict=False), requirement.when
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


def _check_audit(checker: _Checker) -> None:
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


def _check_groups(checker: _Checker) -> None:
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
    checker: _Checker, path: tuple[str, ...], sign: Mention | Measure
) -> None:
    checker.check_facts(AUDIT, (*path, "references"), sign.references)
    for key in ("message", "before", "remedy"):
        site = _Site(
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
    checker: _Checker, path: tuple[str, ...], measure: Measure
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


def _check_profiles(checker: _Checker) -> None:
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
    checker: _Checker, where: tuple[str, ...], theme: str, options: Sequence[str]
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


def _check_cycles(checker: _Checker) -> None:
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


def _possible(given: object, known: Sequence[str]) -> str:
    """Return what a condition may compare a name with."""
    hint = did_you_mean(given, known)
    if hint or not known:
        return hint or " Retirez cette condition."
    return f" Valeurs possibles : {', '.join(known[:20])}."


def _spelled_numbers(words: str) -> Iterable[re.Match[str]]:
    if not _NUMBER.search(words.casefold()):  # nearly always, and soon seen
        return ()
    return _SPELLED.finditer(words)


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


def _check_unused(checker: _Checker) -> None:
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
