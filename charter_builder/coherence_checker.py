"""Checks every part of a library shares: names that exist, expressions that can be read.

Each names the document, the field and the line in the text; storage turns that into
`file:line`.
"""

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from charter_builder import french
from charter_builder.errors import (
    MAX_PROBLEMS,
    ExpressionError,
    PathStep,
    Problem,
    did_you_mean,
    shown,
    unknown_id,
)
from charter_builder.evaluation import condition, text
from charter_builder.expressions import (
    FILTERS,
    Condition,
    Read,
    Text,
    conjuncts_of_name,
    expression_size,
    option_guard,
    theme_name,
)
from charter_builder.library import Library
from charter_builder.questionnaire import (
    MEASURED,
    BoolQuestion,
    ChoiceQuestion,
    ChoicesQuestion,
    Question,
    RowsQuestion,
    TextsQuestion,
)

MAX_EXPRESSIONS = 150_000
"""Characters of conditions and blanks in a library: reading them is what takes time."""

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


class Site(NamedTuple):
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


class Enough(Exception):
    """So many problems were found that a reader has plenty to mend."""


@dataclass
class Checker:
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
            raise Enough

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

    def check_reads(self, site: Site, reads: Iterable[Read]) -> None:
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

    def _check_guard(self, site: Site, read: Read) -> None:
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

    def _count(self, site: Site, characters: int) -> None:
        """Stop before a stranger's library takes minutes to be read."""
        self.expressions += characters
        if self.expressions > MAX_EXPRESSIONS:
            self.add(
                site.document,
                site.path,
                f"conditions et textes à trous trop longs : {MAX_EXPRESSIONS} caractères "
                "au plus pour toute la bibliothèque. Simplifiez-les.",
            )
            raise Enough

    def check_condition(self, site: Site, source: str | None) -> Condition | None:
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

    def check_text(self, site: Site, source: str | None) -> Text | None:
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

    def check_labels(self, site: Site, labels: Iterable[str]) -> None:
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

    def check_comparisons(self, site: Site, parsed: Condition | Text) -> None:
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
        self, site: Site, name: str, question: Question, constants: Iterable[object]
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

    def _check_lists(self, site: Site, parsed: Text) -> None:
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

    def _check_forms(self, site: Site, parsed: Text) -> None:
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

    def _check_dates(self, site: Site, parsed: Text) -> None:
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

    def _check_printed(self, site: Site, parsed: Text) -> None:
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

    def _check_typed_numbers(self, site: Site, parsed: Text) -> None:
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
        site = Site(document, tuple(path), answers_allowed=False, in_document=False)
        self.check_text(site, source)


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
