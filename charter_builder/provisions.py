"""What real charters say, and how a library says it: a mapping that is tried out.

The provisions of real documents stay outside. A library holds only their identifiers,
each with an entry: the clauses and answers that say it, what they lack, the rule that
refuses it, or why nothing says it. An entry is believed only once it was drafted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from charter_builder.assembly import assemble
from charter_builder.bounds import legal_bounds
from charter_builder.errors import (
    CharterError,
    InputError,
    PathStep,
    Problem,
    unknown_id,
)
from charter_builder.interview import state, take_proposed
from charter_builder.library import Library
from charter_builder.model import ClauseId, Day, Name, Prose, Sentence, Slug, Value
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.requirements import findings

FOLDER = "coverage"
"""The folder of a library that holds its mapping: drafting a charter never reads it."""
BASE = "base"
"""The document that says on which draft the entries are tried."""

Seen = Literal["text", "heading", "secondary"]
Status = Literal["expressed", "partial", "refused", "absent"]

SEEN: tuple[Seen, ...] = ("text", "heading", "secondary")
STATUSES: tuple[Status, ...] = ("expressed", "partial", "refused", "absent")


# --- the provisions of real documents ------------------------------------------------


class Provision(Value):
    """Une disposition d’un document réel, en paraphrase."""

    id: Slug
    """Son identifiant : `d02-p07`."""
    theme: Slug
    """Le sujet, selon ceux qui ont lu le document."""
    kind: Literal[
        "rule", "procedure", "right", "duty", "principle", "definition", "form"
    ]
    """Ce que c’est : règle, démarche, droit, devoir, principe, définition ou acte."""
    provision: Prose
    """Ce qu’elle dit."""
    parameters: dict[str, object] = Field(default_factory=dict)
    """Les valeurs relevées."""
    seen: Seen
    """Ce qui a été lu : le texte, le titre seul, ou ce qu’un tiers en dit."""


def _document_name(given: str) -> str:
    if given == BASE:
        raise ValueError(f"« {BASE} » est un nom réservé : choisissez-en un autre.")
    return given


class ProvisionsDocument(Value):
    """Un document réel, décomposé en dispositions."""

    id: Annotated[Slug, AfterValidator(_document_name)]
    """Son identifiant, stable : `d02`."""
    title: Sentence
    """Son titre."""
    issuer: Sentence
    """Qui l’a publié."""
    kind: Sentence
    """Sa nature."""
    year: int
    """Son année."""
    url: Sentence
    """Où il a été lu."""
    other_urls: tuple[Sentence, ...] = ()
    """Où d’autres parties ont été lues."""
    completeness: Literal["full", "partial"]
    """Lu en entier, ou par extraits."""
    completeness_note: Prose = "…"
    """Ce qui a été lu."""
    structure: tuple[Sentence, ...] = ()
    """L’ordre de ses titres."""
    provisions: tuple[Provision, ...] = Field(min_length=1)
    """Ses dispositions."""


# --- the entries of a library --------------------------------------------------------


class _Entry(Value):
    layout = "kind rule clauses documents values local lacks"

    clauses: tuple[ClauseId, ...] = ()
    """Les thèmes et les options qui la disent."""
    values: dict[Name, object] = Field(default_factory=dict)
    """Les réponses qui portent ses valeurs."""
    documents: tuple[Slug, ...] = ()
    """Les actes de la bibliothèque qui la disent."""


class Expressed(_Entry):
    """La bibliothèque dit la disposition."""

    kind: Literal["expressed"]


class Partial(_Entry):
    """La bibliothèque n’en dit qu’une partie."""

    kind: Literal["partial"]
    lacks: Sentence
    """Ce qui manque."""


class Refused(_Entry):
    """La bibliothèque la refuse : une règle se déclenche quand on l’écrit."""

    kind: Literal["refused"]
    rule: Annotated[str, Field(min_length=1, max_length=160)]
    """La règle qui se déclenche, ou la limite légale : `borne.preavis_employeur`."""
    local: dict[Slug, Prose] = Field(default_factory=dict)
    """Les paragraphes écrits pour la faire se déclencher, par thème."""


class Absent(Value):
    """La bibliothèque ne la dit pas."""

    kind: Literal["absent"]
    why: Sentence
    """Pourquoi."""


Entry = Annotated[Expressed | Partial | Refused | Absent, Field(discriminator="kind")]


class Base(Value):
    """`coverage/base.yml` : le projet licite sur lequel chaque entrée est essayée."""

    act_date: Day
    """La date de l’acte."""
    profile: Slug
    """Le profil, le plus complet."""
    values: dict[Name, object] = Field(default_factory=dict)
    """Les réponses sans proposition : le nom et la taille de la collectivité."""


@dataclass(frozen=True)
class Correspondence:
    """How a library says real documents: entries by document, then by provision."""

    base: Base
    documents: Mapping[str, Mapping[str, Entry]]


def place(document: str) -> str:
    """Return the key of the file that holds the entries of a document."""
    return f"{FOLDER}/{document}"


# --- what is wrong with a correspondence, before anything is drafted -----------------


def unknown_names(
    library: Library, correspondence: Correspondence
) -> Iterator[Problem]:
    """Yield what the entries name and the library does not have."""
    yield from _base_problems(library, correspondence.base)
    known = _Known(library)
    for document, entries in correspondence.documents.items():
        for provision, entry in entries.items():
            for path, message in known.wrong(entry):
                yield Problem(place(document), (provision, *path), message)


def _base_problems(library: Library, base: Base) -> Iterator[Problem]:
    where = place(BASE)
    if base.profile not in library.profiles:
        message = unknown_id("profil", base.profile, library.profiles)
        yield Problem(where, ("profile",), message)
    for name, given in base.values.items():
        message = _refusal(library, name, given)
        if message:
            yield Problem(where, ("values", name), message)


def _refusal(library: Library, name: str, given: object) -> str:
    """Return why a question does not take a value, or nothing."""
    if name not in library.owned:
        return unknown_id("question", name, library.owned)
    try:
        library.owned[name].question.parse(given)
    except InputError as error:
        return f"« {name} » : {error}"
    return ""


@dataclass(frozen=True)
class _Known:
    library: Library

    @cached_property
    def clauses(self) -> frozenset[str]:
        return frozenset({*self.library.options, *self.library.themes})

    @cached_property
    def rules(self) -> frozenset[str]:
        bounds = (rule for rule, _ in legal_bounds(self.library.all_questions))
        return frozenset({*self.library.rules, *bounds})

    def wrong(self, entry: Entry) -> Iterator[tuple[tuple[PathStep, ...], str]]:
        if isinstance(entry, Absent):
            return
        yield from self._unknown("clauses", "clause", entry.clauses, self.clauses)
        yield from self._unknown(
            "documents",
            "document",
            entry.documents,
            [*self.library.acts, *self.library.documents],
        )
        for name, given in entry.values.items():
            message = _refusal(self.library, name, given)
            if message:
                yield ("values", name), message
        if isinstance(entry, Refused):
            if entry.rule not in self.rules:
                yield ("rule",), unknown_id("règle", entry.rule, self.rules)
            for theme in entry.local:
                if theme not in self.library.themes:
                    message = unknown_id("thème", theme, self.library.themes)
                    yield ("local", theme), message
        elif not entry.clauses and not entry.documents:
            yield (), "dites quelles clauses ou quels documents la portent."

    @staticmethod
    def _unknown(
        key: str, what: str, given: Iterable[str], known: Iterable[str]
    ) -> Iterator[tuple[tuple[PathStep, ...], str]]:
        for index, name in enumerate(given):
            if name not in known:
                yield (key, index), unknown_id(what, name, known)


def unmatched(
    documents: Mapping[str, ProvisionsDocument], correspondence: Correspondence
) -> Iterator[Problem]:
    """Yield the provisions without an entry, and the entries without a provision.

    A document that was not given is left aside: nobody can say whether its entries
    still have their provisions.
    """
    for name, document in documents.items():
        entries = correspondence.documents.get(name, {})
        provisions = {provision.id for provision in document.provisions}
        for provision in document.provisions:
            if provision.id not in entries:
                message = f"« {provision.id} » : disposition sans entrée : ajoutez-la."
                yield Problem(place(name), (), message)
        for entry in entries:
            if entry not in provisions:
                message = (
                    f"« {entry} » : ce document n’a pas cette disposition : retirez "
                    "l’entrée ou corrigez son nom."
                )
                yield Problem(place(name), (entry,), message)


# --- trying the entries out ----------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """What one draft shows: the little that entries are compared with."""

    clauses: frozenset[str]
    documents: frozenset[str]
    """The acts and the documents of the dossier."""
    values: frozenset[str]
    """The answers that are asked for in it."""
    errors: Mapping[str, str]
    """The errors that are new in it: rule and sentence."""
    fired: frozenset[str]


@dataclass(frozen=True)
class Bench:
    """The lawful draft, and what the drafts already tried have shown."""

    library: Library
    answers: Answers
    faults: frozenset[str]
    """The rules that fire on it before anything is changed."""
    _tried: dict[str, Trial] = field(default_factory=dict)

    def trial(self, answers: Answers) -> Trial:
        """Return what a draft shows; the same answers are drafted once."""
        key = answers.model_dump_json()
        if key not in self._tried:
            charter = assemble(self.library, answers)
            found = findings(charter, self.library)
            self._tried[key] = Trial(
                clauses=charter.clause_ids,
                documents=frozenset(
                    [act.id for act in charter.acts]
                    + [document.id for document in charter.documents]
                ),
                values=frozenset(charter.values),
                errors={
                    f.rule: f.message
                    for f in found
                    if f.severity == "error" and f.rule not in self.faults
                },
                fired=frozenset(f.rule for f in found),
            )
        return self._tried[key]


def bench(library: Library, base: Base) -> Bench:
    """Return the draft on which entries are tried.

    Raises `InputError` when it is not complete, or not lawful: nothing could then be
    said of what an entry changes.
    """
    answers = Answers(
        act_date=base.act_date,
        profile=base.profile,
        values={
            name: library.owned[name].question.parse(given)
            for name, given in base.values.items()
        },
    )
    answers = take_proposed(library, answers)
    missing = [step.id for step in state(library, answers).missing]
    if missing:
        raise InputError(
            f"{place(BASE)}.yml : il manque des réponses au projet d’essai : "
            f"{', '.join(missing)}. Donnez-les dans « values »."
        )
    found = findings(assemble(library, answers), library)
    errors = sorted({f.rule for f in found if f.severity == "error"})
    if errors:
        raise InputError(
            f"{place(BASE)}.yml : le projet d’essai n’est pas licite "
            f"({', '.join(errors)}). Corrigez ses réponses."
        )
    return Bench(library, answers, frozenset(f.rule for f in found))


def failures(stand: Bench, document: str, name: str, entry: Entry) -> Iterator[Problem]:
    """Yield why an entry does not hold, once drafted."""
    if isinstance(entry, Absent):
        return
    where = place(document)
    try:
        answers = _answers(stand, entry)
        trial = stand.trial(answers)
    except CharterError as error:
        yield Problem(where, (name,), f"« {name} » ne peut pas être rédigée : {error}")
        return
    for path, message in _idle(entry, trial):
        yield Problem(where, (name, *path), message)
    if isinstance(entry, Refused):
        if entry.rule in stand.faults or entry.rule not in trial.fired:
            message = f"« {name} » : la règle « {entry.rule} » ne se déclenche pas."
            yield Problem(where, (name, "rule"), message)
        return
    for rule, said in trial.errors.items():
        message = f"« {name} » n’est pas admise ({rule}) : {said}"
        yield Problem(where, (name,), message)


def _idle(entry: _Entry, trial: Trial) -> Iterator[tuple[tuple[PathStep, ...], str]]:
    """Yield what an entry names without any effect on its draft."""
    for index, clause in enumerate(entry.clauses):
        if clause not in trial.clauses:
            yield ("clauses", index), f"« {clause} » ne figure pas dans le projet."
    for index, document in enumerate(entry.documents):
        if document not in trial.documents:
            yield ("documents", index), f"« {document} » ne figure pas dans le projet."
    for value in entry.values:
        if value not in trial.values:
            message = (
                f"« {value} » n’est pas demandée dans ce projet : ajoutez l’option ou "
                "la réponse qui la fait poser."
            )
            yield ("values", value), message


def _answers(stand: Bench, entry: _Entry) -> Answers:
    """Return the lawful answers, changed by what an entry says."""
    library, answers = stand.library, stand.answers
    for theme in dict.fromkeys(clause.split("/")[0] for clause in entry.clauses):
        named = {c for c in entry.clauses if c.startswith(f"{theme}/")}
        if named:
            answers = answers.with_options(theme, _options(stand, theme, named))
    for name, given in entry.values.items():
        answers = answers.with_value(name, library.owned[name].question.parse(given))
    answers = take_proposed(library, answers)
    if isinstance(entry, Refused):
        for theme, text in entry.local.items():
            local = LocalParagraph(text=text, reason="Phrase essayée.")
            answers = answers.with_local(theme, local)
    return answers


def _options(stand: Bench, theme: str, named: set[str]) -> list[str]:
    """Return the options named, and those of the draft that go with them."""
    library = stand.library
    kept = set(named)
    if library.themes[theme].choose != "one":
        kept |= {
            option
            for option in stand.answers.chosen.get(theme, ())
            if not any(_exclude(library, option, other) for other in named)
        }
    return [
        option.id for option in library.options_by_theme[theme] if option.id in kept
    ]


def _exclude(library: Library, one: str, other: str) -> bool:
    return (
        other in library.options[one].excludes or one in library.options[other].excludes
    )


# --- rates ---------------------------------------------------------------------------


class Count(Value):
    """Combien de dispositions, par issue."""

    provisions: int
    """Le nombre de dispositions."""
    expressed: int
    """Celles que la bibliothèque dit."""
    partial: int
    """Celles dont elle ne dit qu’une partie."""
    refused: int
    """Celles qu’une règle refuse."""
    absent: int
    """Celles qu’elle ne dit pas."""

    def of(self, status: Status) -> int:
        numbers: dict[Status, int] = {
            "expressed": self.expressed,
            "partial": self.partial,
            "refused": self.refused,
            "absent": self.absent,
        }
        return numbers[status]

    def rate(self, status: Status) -> Decimal:
        """Return a share in per cent, never rounded up."""
        if not self.provisions:
            return Decimal(0)
        share = Decimal(100 * self.of(status)) / self.provisions
        return share.quantize(Decimal("0.1"), ROUND_DOWN)


class Group(Value):
    """Un document ou un sujet, compté selon ce qui a été lu."""

    id: str
    """Son identifiant."""
    title: str
    """Son nom."""
    text: Count
    """Les dispositions dont le texte a été lu."""
    heading: Count
    """Celles dont seul le titre est connu."""
    secondary: Count
    """Celles que rapporte un tiers."""

    def count(self, seen: Seen) -> Count:
        counts: dict[Seen, Count] = {
            "text": self.text,
            "heading": self.heading,
            "secondary": self.secondary,
        }
        return counts[seen]


class Row(Value):
    """Une disposition et son issue."""

    id: str
    """Son identifiant."""
    document: str
    """Le document d’où elle vient."""
    theme: str
    """Son sujet."""
    seen: Seen
    """Ce qui en a été lu."""
    status: Status
    """Son issue."""
    clauses: tuple[str, ...] = ()
    """Les clauses qui la disent."""
    reason: str = ""
    """Ce qui manque, la règle qui refuse, ou pourquoi rien ne la dit."""


class LibraryMeasured(Value):
    """La bibliothèque mesurée."""

    id: str
    """Son identifiant."""
    version: str
    """Sa version."""
    digest: str
    """L’empreinte de ses fichiers."""


class CoverageReport(Value):
    """Le résultat de « charter library coverage --format json »."""

    format: Literal[1] = 1
    """La version de ce format : elle change quand une clé change de sens."""
    library: LibraryMeasured
    """La bibliothèque."""
    total: Group
    """L’ensemble."""
    documents: tuple[Group, ...]
    """Par document."""
    themes: tuple[Group, ...]
    """Par sujet."""
    provisions: tuple[Row, ...]
    """Chaque disposition, sans son texte."""


def report(
    library: Library,
    documents: Mapping[str, ProvisionsDocument],
    correspondence: Correspondence,
) -> CoverageReport:
    """Return the rates of a correspondence that was found to hold."""
    rows = [
        _row(name, provision, correspondence.documents[name][provision.id])
        for name, document in documents.items()
        for provision in document.provisions
    ]
    themes = sorted({row.theme for row in rows})
    return CoverageReport(
        library=LibraryMeasured(
            id=library.manifest.id,
            version=library.manifest.version,
            digest=library.digest,
        ),
        total=_group("total", "Ensemble", rows),
        documents=tuple(
            _group(name, document.issuer, [r for r in rows if r.document == name])
            for name, document in documents.items()
        ),
        themes=tuple(
            _group(theme, theme, [r for r in rows if r.theme == theme])
            for theme in themes
        ),
        provisions=tuple(rows),
    )


def _row(document: str, provision: Provision, entry: Entry) -> Row:
    reason = ""
    if isinstance(entry, Partial):
        reason = entry.lacks
    elif isinstance(entry, Refused):
        reason = entry.rule
    elif isinstance(entry, Absent):
        reason = entry.why
    return Row(
        id=provision.id,
        document=document,
        theme=provision.theme,
        seen=provision.seen,
        status=entry.kind,
        clauses=() if isinstance(entry, Absent) else entry.clauses,
        reason=reason,
    )


def _group(identifier: str, title: str, rows: list[Row]) -> Group:
    counts = {seen: _count([r for r in rows if r.seen == seen]) for seen in SEEN}
    return Group(id=identifier, title=title, **counts)


def _count(rows: list[Row]) -> Count:
    numbers = {s: sum(row.status == s for row in rows) for s in STATUSES}
    return Count(provisions=len(rows), **numbers)
