"""An existing charter, written by anyone, against the law of a day.

Words betray it: outdated texts, bodies and wordings, values outside the law, and
compulsory contents whose words are nowhere. All of them are data of the library.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from charter_builder import french
from charter_builder.audit_guide import Measure, Signs, slot_of
from charter_builder.errors import MissingAnswer
from charter_builder.evaluation import cite, holds, render_line
from charter_builder.expressions import Plain
from charter_builder.library import Library
from charter_builder.manuscripts import Manuscript, Passage
from charter_builder.model import Value
from charter_builder.quantities import UNITS, Quantity, quantities
from charter_builder.questionnaire import (
    MEASURED,
    FigureOf,
    limit_value,
    measured_unit,
)
from charter_builder.references import Citation, Severity
from charter_builder.requirements import WHERE_LABELS, LibraryUsed
from charter_builder.rules import GRAVITY, Wording
from charter_builder.typography import fold, polish
from charter_builder.wording import (
    Found,
    Passages,
    any_of,
    expression,
    folded,
    joined,
    matches,
    pattern,
)

ContentStatus = Literal["found", "missing", "not-applicable", "not-looked-for"]

CONTENT_LABELS: dict[ContentStatus, str] = {
    "found": "trouvé",
    "missing": "introuvable",
    "not-applicable": "sans objet",
    "not-looked-for": "à vérifier hors du texte",
}


class AuditFinding(Value):
    """Un constat : ce qui ne va pas, où, pourquoi, et ce qu’il faut faire."""

    rule: str
    """Ce qui a parlé : une règle de formule, `mention.…`, `valeur.…`, `contenu.…`."""
    severity: Severity
    """`error`, `warning` (à vérifier) ou `note`."""
    message: str
    """Ce qui ne va pas, et pourquoi."""
    file: str = ""
    """Le fichier ; vide quand le constat porte sur l’ensemble."""
    line: int = 0
    """La ligne ; 0 quand le constat porte sur l’ensemble."""
    heading: str = ""
    """Le titre le plus proche ; pour un contenu introuvable, où il est attendu."""
    quote: str = ""
    """Les mots du texte."""
    references: tuple[Citation, ...] = ()
    """Les sources, comme un acte de ce jour les cite."""
    remedy: str = ""
    """Ce qu’il faut faire."""
    clause: str = ""
    """Le thème ou l’option de la bibliothèque dont la rédaction convient."""
    clause_title: str = ""
    """Son titre."""


class AuditedContent(Value):
    """Un contenu attendu, et où ses mots ont été trouvés."""

    id: str
    """Son numéro : `C07`."""
    title: str
    """Ce qui est attendu."""
    status: ContentStatus
    """`found`, `missing`, `not-applicable` ou `not-looked-for`."""
    places: tuple[str, ...] = ()
    """Où ses mots ont été trouvés : « charte.md:12 »."""


class AuditedFile(Value):
    """Un fichier lu."""

    name: str
    """Son nom."""
    encoding: str
    """L’encodage avec lequel il a été lu."""
    passages: int
    """Le nombre de passages lus."""


class AuditReport(Value):
    """Le résultat de « charter audit --format json »."""

    format: Literal[1] = 1
    """La version de ce format : elle change quand une clé change de sens."""
    act_date: str
    """Le jour dont le droit s’applique : '2027-03-01'."""
    library: LibraryUsed
    """La bibliothèque."""
    files: tuple[AuditedFile, ...]
    """Les fichiers lus."""
    findings: tuple[AuditFinding, ...]
    """Les constats, les plus graves d’abord."""
    contents: tuple[AuditedContent, ...]
    """Les contenus attendus, dans l’ordre de la bibliothèque."""


def audit(texts: Sequence[Manuscript], library: Library, on: str) -> AuditReport:
    """Return what is outdated, unlawful or missing in the texts of one dossier."""
    reading = _Reading(texts, library, on)
    contents = list(_contents(reading))
    found = [
        *_wordings(reading),
        *_mentions(reading),
        *_measures(reading),
        *_missing(reading, contents),
    ]
    names = [text.name for text in texts]
    manifest = library.manifest
    return AuditReport(
        act_date=on,
        library=LibraryUsed(
            id=manifest.id, version=manifest.version, digest=library.digest
        ),
        files=tuple(
            AuditedFile(
                name=text.name, encoding=text.encoding, passages=len(text.passages)
            )
            for text in texts
        ),
        findings=tuple(
            sorted(
                found,
                key=lambda f: (
                    GRAVITY[f.severity],
                    names.index(f.file) if f.file else len(names),
                    f.line,
                ),
            )
        ),
        contents=tuple(contents),
    )


# --- what is read --------------------------------------------------------------------

# The end of a sentence, but not of an abbreviation: « art. 3 », « L. 430-1 », « M. ».
_SENTENCE_END = re.compile(
    r"(?<!\b[lrdmLRDM])(?<!\b[aA]rt)(?<!\bal)(?<!\b[cC]f)[.;!?]\s+|\v"
)
# One letter of a foreign script for each unit: letters, so that no pattern takes a
# measure for the space between two words.
_FIRST_MARK = 0x13A0
_FILLER = "\u13ff"
_WINDOW = 600
"""How far from its words the sentence of a wording is looked for."""


@dataclass(frozen=True)
class _Said:
    """Words of a passage that a finding quoted, and why."""

    reasons: frozenset[str]
    words: str
    start: int
    end: int

    def repeats(self, other: "_Said") -> bool:
        """Return whether another finding said as much of these words."""
        overlap = self.start < other.end and other.start < self.end
        same = self.words in other.words or other.words in self.words
        return not self.reasons.isdisjoint(other.reasons) and (overlap or same)


_MAX_PLACES = 50
"""Places of one paragraph looked at for one sign: no charter says it more often."""


def _few(places: Iterable[Found]) -> Iterator[Found]:
    """Yield the first places of each passage: a page made to that end has thousands."""
    seen: dict[str, int] = {}
    for found in places:
        seen[found.place] = seen.get(found.place, 0) + 1
        if seen[found.place] <= _MAX_PLACES:
            yield found


class _Reading:
    """The passages of every text, ready to be searched, and what was already said."""

    def __init__(self, texts: Sequence[Manuscript], library: Library, on: str) -> None:
        self.library = library
        self.on = on
        self.context: dict[str, Plain] = {**library.figures_on(on), "act_date": on}
        self.where: list[tuple[str, Passage]] = [
            (text.name, passage) for text in texts for passage in text.passages
        ]
        named = [(str(n), p.text) for n, (_, p) in enumerate(self.where)]
        self.passages = Passages(named)
        self.slots = tuple(
            (f"{{{name}}}", any_of(words))
            for name, words in library.audit.groups.items()
        )
        self.measured: dict[int, Quantity] = {}
        self.marked = Passages(named, self._marked)
        self.said: dict[int, list[_Said]] = {}

    def _marked(self, text: str) -> str:
        """Return the text where each measure is one word, as long as it was."""
        pieces: list[str] = []
        end = 0
        for quantity in quantities(text):
            self.measured[quantity.start] = quantity
            length = quantity.end - quantity.start
            pieces.append(text[end : quantity.start])
            pieces.append(_mark(quantity.unit) + _FILLER * (length - 1))
            end = quantity.end
        return "".join((*pieces, text[end:]))

    def passage(self, found: Found) -> Passage:
        return self.where[int(found.place)][1]

    def sentences(self, found: Found) -> tuple[str, str]:
        """Return the sentence a wording is in, folded, and the one before it.

        Within a window: a passage may be a whole book on one line.
        """
        start = max(0, found.start - _WINDOW)
        end = found.start + len(found.match[0])
        text = folded(self.passage(found).text[start : end + _WINDOW])
        place, end = found.start - start, end - start
        before = begins = 0
        for stop in _SENTENCE_END.finditer(text):
            if stop.end() <= place:
                before, begins = begins, stop.end()
            elif stop.start() >= end:
                return text[begins : stop.start()], text[before:begins]
        return text[begins:], text[before:begins]

    def pattern(self, wordings: tuple[str, ...]) -> re.Pattern[str]:
        """Return the pattern of some wordings, which may name groups of words."""
        return _pattern(wordings, self.slots)

    def holds_any(self, words: tuple[str, ...], *texts: str) -> bool:
        return bool(words) and any(
            True for text in texts for _ in matches(self.pattern(words), folded(text))
        )

    def is_new(self, found: Found, facts: Sequence[str]) -> bool:
        """Return whether nothing was said yet of these words for the same reason."""
        told = self.said.setdefault(int(found.place), [])
        end = found.start + len(found.match[0])
        new = _Said(frozenset(facts), fold(found.quote), found.start, end)
        if any(new.repeats(other) for other in told):
            return False
        told.append(new)
        return True

    def finding(
        self,
        found: Found,
        rule: str,
        severity: Severity,
        message: str,
        remedy: str,
        facts: Sequence[str],
        clause: str,
    ) -> AuditFinding:
        name, passage = self.where[int(found.place)]
        return AuditFinding(
            rule=rule,
            severity=severity,
            message=self.sentence(message, facts),
            file=name,
            line=passage.line + passage.text.count("\n", 0, found.start),
            heading=passage.heading,
            quote=found.quote,
            references=cite(facts, self.library.references, self.on),
            remedy=self.sentence(remedy, ()),
            clause=clause,
            clause_title=polish(self.library.title_of(clause)) if clause else "",
        )

    def sentence(self, source: str, facts: Sequence[str]) -> str:
        """Return a sentence of the library with its figures.

        One that reads an answer cannot be said of somebody else's charter: what its
        first fact says replaces it.
        """
        references = self.library.references
        try:
            return polish(render_line(source, self.context, references, self.on))
        except MissingAnswer:
            return polish(references[facts[0]].says) if facts else ""

    def severity(self, facts: Sequence[str]) -> Severity:
        return self.library.references[facts[0]].effective_severity


_Slots = tuple[tuple[str, str], ...]
"""The expression of each group of words, after its name between braces."""


@lru_cache(maxsize=1_024)
def _pattern(wordings: tuple[str, ...], slots: _Slots) -> re.Pattern[str]:
    named = dict(slots)
    return joined(_elided(expression(wording, named)) for wording in wordings)


def _elided(source: str) -> str:
    """Return an expression where « de » before a group is « d’ » as well."""
    return source.replace(r"de\W+(", r"(?:de\W+|d')(")


def _mark(unit: str) -> str:
    units = [unit for accepted in UNITS.values() for unit in accepted]
    return chr(_FIRST_MARK + units.index(unit))


# --- wordings and mentions -----------------------------------------------------------


def _wordings(reading: _Reading) -> Iterator[AuditFinding]:
    """Yield the wordings that the rules of the library forbid."""
    for identifier, rule in reading.library.rules.items():
        if not isinstance(rule, Wording) or not _applies(rule, reading):
            continue
        clause = _fixing(reading.library, rule.references, rule.article)
        excuses = tuple(
            words
            for excuse in reading.library.audit.excuses
            if not excuse.rules or identifier in excuse.rules
            for words in excuse.words
        )
        for found in _unexcused(reading, pattern(rule.forbidden), excuses):
            if reading.is_new(found, rule.references):
                yield reading.finding(
                    found,
                    identifier,
                    reading.severity(rule.references),
                    rule.message,
                    rule.remedy,
                    rule.references,
                    clause,
                )


def _applies(rule: Wording, reading: _Reading) -> bool:
    on = reading.on
    in_force = (rule.from_ is None or rule.from_ <= on) and (
        rule.until is None or on <= rule.until
    )
    # A condition on the answers of a territory is never met: nobody answered.
    return in_force and holds(rule.when, reading.context)


def _mentions(reading: _Reading) -> Iterator[AuditFinding]:
    for name, mention in reading.library.audit.mentions.items():
        outdated = mention.from_ is None or mention.from_ <= reading.on
        if not outdated and mention.before is None:
            continue
        facts = mention.references
        severity = mention.severity or reading.severity(facts)
        clause = mention.clause or ""
        words = reading.pattern(mention.words)
        for found in _unexcused(reading, words, mention.unless, mention.near):
            if reading.is_new(found, facts):
                yield reading.finding(
                    found,
                    f"mention.{name}",
                    severity if outdated else "note",
                    mention.message if outdated else mention.before or "",
                    mention.remedy if outdated else "",
                    facts,
                    clause,
                )


def _unexcused(
    reading: _Reading,
    words: re.Pattern[str],
    unless: tuple[str, ...],
    near: tuple[str, ...] = (),
) -> Iterator[Found]:
    """Yield the first place of each sentence where nothing excuses some words."""
    told = ("", "")
    for found in _few(reading.passages.each(words)):
        sentence, before = reading.sentences(found)
        passage = reading.passage(found)
        if passage.asks:
            continue
        if told == (found.place, sentence) or reading.holds_any(
            unless, sentence, passage.lead
        ):
            continue
        around = (sentence, before, passage.lead, passage.heading)
        if not near or reading.holds_any(near, *around):
            told = found.place, sentence
            yield found


# --- values --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Limits:
    """What a measure is compared with, on the day of the audit."""

    least: Decimal | None
    most: Decimal | None
    unit: str
    facts: tuple[str, ...]
    remedy: str
    clause: str

    def broken_by(self, quantity: Quantity) -> bool:
        below = self.least is not None and quantity.is_below(self.least, self.unit)
        above = self.most is not None and quantity.is_above(self.most, self.unit)
        return below or above


def _measures(reading: _Reading) -> Iterator[AuditFinding]:
    for name, measure in reading.library.audit.measures.items():
        limits = _limits(measure, reading)
        told: set[tuple[str, str]] = set()
        broken = (
            found
            for found, quantity in _measured(reading, measure)
            if limits.broken_by(quantity)
        )
        for found in _few(broken):
            sentence = found.place, reading.sentences(found)[0]
            if sentence in told or not _in_context(reading, measure, found):
                continue
            told.add(sentence)
            if reading.is_new(found, limits.facts):
                yield reading.finding(
                    found,
                    f"valeur.{name}",
                    measure.severity or reading.severity(limits.facts),
                    measure.message,
                    limits.remedy,
                    limits.facts,
                    limits.clause,
                )


def _limits(measure: Measure, reading: _Reading) -> _Limits:
    """Return the limits of a measure: those of its question, or its own figures."""
    library = reading.library
    figures = library.figures_on(reading.on)
    question = library.all_questions.get(measure.question or "")
    if isinstance(question, MEASURED) and question.legal is not None:
        legal, unit = question.legal, measured_unit(question)
        bounds = legal.min, legal.max
        facts, remedy = legal.references, legal.remedy
        clause = library.owned[measure.question or ""].owner
    else:
        bounds = measure.min, measure.max
        named = next(bound for bound in bounds if isinstance(bound, FigureOf))
        unit = library.figures[named.figure].unit or ""
        facts, remedy, clause = (), "", ""
    facts = measure.references or facts
    least, most = (_decimal(limit_value(bound, figures)) for bound in bounds)
    return _Limits(
        least=least,
        most=most,
        unit=unit,
        facts=facts,
        remedy=measure.remedy or remedy,
        clause=measure.clause or _option_of(library, clause, facts),
    )


def _decimal(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None


@lru_cache(maxsize=2_048)
def _measure_pattern(written: str, slots: _Slots) -> re.Pattern[str]:
    """Return the pattern of one model; its group is the measure."""
    slot = slot_of(written)
    marks = "".join(_mark(unit) for unit in UNITS[slot])
    measured = {fold(f"{{{slot}}}"): f"([{marks}]{_FILLER}*)"}
    source = expression(written, {**dict(slots), **measured})
    return joined([_elided(source)])


@lru_cache(maxsize=512)
def _fixed_words(written: str) -> tuple[str, ...]:
    words = re.sub(r"\{[^{}]*\}", " ", fold(written))
    return tuple(word for word in re.findall(r"\w+", words) if word != "de")


def _measured(reading: _Reading, measure: Measure) -> Iterator[tuple[Found, Quantity]]:
    text = reading.marked.folded
    for written in measure.patterns:
        # Most models are nowhere in a text: a word they lack tells it at once.
        if not all(word in text for word in _fixed_words(written)):
            continue
        for found in reading.marked.each(_measure_pattern(written, reading.slots)):
            quantity = reading.measured.get(found.match.start(1))
            if quantity is not None:
                yield found, quantity


def _in_context(reading: _Reading, measure: Measure, found: Found) -> bool:
    passage = reading.passage(found)
    around = (*reading.sentences(found), passage.lead)
    holds_any = reading.holds_any
    if passage.asks:
        return False
    if measure.near and not holds_any(measure.near, *around, passage.heading):
        return False
    if holds_any(measure.unless, *around):
        return False
    # A heading such as « Quotité et dérogations » excuses nothing.
    return not holds_any(measure.unless, passage.heading) or holds_any(
        measure.near, passage.heading
    )


# --- contents ------------------------------------------------------------------------


def _contents(reading: _Reading) -> Iterator[AuditedContent]:
    signs = reading.library.audit.contents
    for identifier, requirement in reading.library.requirements.items():
        looked_for = signs.get(identifier)
        status, places = (
            _content(reading, looked_for) if looked_for else ("not-looked-for", ())
        )
        yield AuditedContent(
            id=identifier,
            title=polish(requirement.title),
            status=status,
            places=places,
        )


def _content(reading: _Reading, signs: Signs) -> tuple[ContentStatus, tuple[str, ...]]:
    needed, idle = (
        words and _first(reading, words) for words in (signs.only_if, signs.unless)
    )
    if (signs.only_if and not needed) or idle:
        return "not-applicable", ()
    places = [_first(reading, words) for words in signs.all_of]
    found = tuple(dict.fromkeys(place for place in places if place is not None))
    return ("missing", ()) if None in places else ("found", found)


def _first(reading: _Reading, words: tuple[str, ...]) -> str | None:
    found = next(reading.passages.each(pattern(words)), None)
    if found is None:
        return None
    name, passage = reading.where[int(found.place)]
    return f"{name}:{passage.line}"


def _missing(
    reading: _Reading, contents: Iterable[AuditedContent]
) -> Iterator[AuditFinding]:
    for content in contents:
        if content.status == "missing":
            yield _absence(reading, content.id)


def _absence(reading: _Reading, identifier: str) -> AuditFinding:
    """Return what is said of a content whose words are nowhere.

    Never an error: words that are not found do not prove that nothing is said.
    """
    library = reading.library
    requirement = library.requirements[identifier]
    severity = reading.severity(requirement.references)
    tried = library.audit.contents[identifier].all_of
    lacking = [words for words in tried if _first(reading, words) is None]
    told = " ; ".join(
        french.enumeration([f"« {word} »" for word in words[:4]], "ou")
        for words in lacking
    )
    clause = _satisfying(library, identifier, requirement.references)
    return AuditFinding(
        rule=f"contenu.{identifier}",
        severity="warning" if severity == "error" else severity,
        message=polish(
            f"Contenu attendu et introuvable : {requirement.title}. Aucun passage ne "
            f"parle de {told}."
        ),
        heading=WHERE_LABELS[requirement.where],
        references=cite(requirement.references, library.references, reading.on),
        remedy=polish(
            "Cherchez-le dans le texte sous d’autres mots ; s’il n’y est pas, ajoutez-le."
        ),
        clause=clause,
        clause_title=polish(library.title_of(clause)) if clause else "",
    )


# --- the clause that mends -----------------------------------------------------------


def _fixing(library: Library, facts: Sequence[str], theme: str | None) -> str:
    """Return the clause whose text rests on the facts at stake, if any."""
    inside = [
        clause
        for clause in (*library.options, *library.themes)
        if theme is None or clause.split("/")[0] == theme
    ]
    return _best(library, inside, facts) or theme or ""


def _option_of(library: Library, clause: str, facts: Sequence[str]) -> str:
    """Return the option to read rather than its theme, when one stands out."""
    return _fixing(library, facts, clause) if clause in library.themes else clause


def _satisfying(library: Library, identifier: str, facts: Sequence[str]) -> str:
    """Return the clause that deals with a content, the closest to its facts."""
    clauses = {**library.options, **library.themes}
    meets = [name for name, c in clauses.items() if identifier in c.satisfies]
    return _best(library, meets, facts) or (meets[0] if meets else "")


def _best(library: Library, clauses: Iterable[str], facts: Sequence[str]) -> str:
    """Return the clause that cites most of some facts, if any does.

    The theme itself when its own text rests on them, else the recommended option.
    """

    def rank(clause: str) -> tuple[bool, int, bool, bool]:
        option = library.options.get(clause)
        cited = (option or library.themes[clause]).references
        count = sum(fact in cited for fact in facts)
        # What a theme says whatever the option is nearer than what an option adds.
        common = option is None and library.themes[clause].text is not None
        recommended = option is not None and option.recommended_when == "true"
        return common and count > 0, count, option is not None, recommended

    best = max(clauses, key=rank, default="")
    return best if best and rank(best)[1] else ""
