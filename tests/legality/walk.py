"""The walk: the shipped library and the oracle, side by side, on sets of answers.

A set is judged on a sketch of the charter: same questions, options, requirements and
rules, no text. Filling in the texts and searching them takes a hundred times longer and
decides nothing, wordings apart; `test_walk.py` shows it on a sample.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from legality.oracle import (
    CONTRADICTIONS,
    PREDICATES,
    Contradiction,
    Given,
    Predicate,
)

from charter_builder.charter import (
    Act,
    ActArticle,
    Article,
    Charter,
    Paragraph,
    Part,
    Provenance,
    TextBlock,
)
from charter_builder.evaluation import holds
from charter_builder.interview import State, state
from charter_builder.library import ActTemplate, Library, Option, Theme
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.requirements import findings
from charter_builder.rules import Finding, Wording
from charter_builder.storage.answers_file import dump_answers
from charter_builder.typography import polish

DOUBTFUL = [predicate for predicate in PREDICATES if predicate.verdict == "warning"]


@dataclass(frozen=True)
class AnswerSet:
    """Answers to walk, and where they come from."""

    origin: str
    answers: Answers


@dataclass(frozen=True)
class Disagreement:
    """One thing the oracle and the library do not judge alike."""

    origin: str
    what: str
    answers: Answers

    def told(self, library: Library) -> str:
        """Return the counter-example, to be pasted into `charter ask --answers`."""
        return (
            f"# {self.origin}\n# {self.what}\n"
            f"{dump_answers(library, active(library, self.answers))}"
        )


def without_wordings(library: Library) -> Library:
    """Return the library without its wording rules: a sketch has no text to search."""
    rules = {
        identifier: rule
        for identifier, rule in library.rules.items()
        if not isinstance(rule, Wording)
    }
    return replace(library, rules=rules)


def sketched(library: Library, answers: Answers) -> Charter | None:
    """Return the charter without its texts, local ones apart; None when it has holes.

    Built without validation, by the keys that rules, bounds and requirements look at.
    """
    current = state(library, answers)
    if current.missing:
        return None
    opened = [theme for theme in library.theme_order if current.chosen.get(theme)]
    numbers = {theme: number for number, theme in enumerate(opened, 1)}
    return Charter.model_construct(
        title=library.manifest.title,
        territory="",
        act_date=answers.act_date,
        profile=answers.profile,
        library=library.manifest.id,
        library_version=library.manifest.version,
        library_digest=library.digest,
        legal_status_date=library.manifest.legal_status_date,
        parts=tuple(
            Part.model_construct(
                id=part,
                title=plan.title,
                articles=tuple(
                    _article(library, answers, theme, numbers[theme], current)
                    for theme in plan.themes
                    if theme in numbers
                ),
            )
            for part, plan in library.manifest.parts.items()
        ),
        acts=tuple(_act(act, current) for act in library.acts.values()),
        chosen=dict(current.chosen),
        values=dict(current.values),
        figures=library.figures_on(answers.act_date),
        variants=(),
    )


def _article(
    library: Library, answers: Answers, theme: str, number: int, current: State
) -> Article:
    printed: list[tuple[str, Theme | Option]] = [(theme, library.themes[theme])]
    printed += [(option, library.options[option]) for option in current.chosen[theme]]
    local = answers.local.get(theme)
    return Article.model_construct(
        id=theme,
        number=number,
        title=polish(library.themes[theme].title),
        settles="",
        paragraphs=(_local(theme, local),) if local else (),
        open_points=(),
        provenance=tuple(
            Provenance.model_construct(
                clause=clause, title="", because="", satisfies=source.satisfies
            )
            for clause, source in printed
            if source.text is not None
        ),
    )


def _local(theme: str, local: LocalParagraph) -> Paragraph:
    return Paragraph(
        id=f"{theme}/local/1",
        clause=f"{theme}/local",
        nature="local",
        blocks=(TextBlock(text=polish(local.text)),),
        reason=polish(local.reason),
    )


def _act(act: ActTemplate, current: State) -> Act:
    kept = [a for a in act.articles if holds(a.when, current.context)]
    return Act.model_construct(
        id=act.id,
        title=polish(act.title),
        authority="",
        visas=(),
        recitals=(),
        closing=(),
        satisfies=act.satisfies,
        articles=tuple(
            ActArticle.model_construct(
                number=number,
                title=polish(article.title),
                paragraphs=(),
                open_points=(),
                references=(),
                satisfies=article.satisfies,
            )
            for number, article in enumerate(kept, 1)
        ),
    )


def active(library: Library, answers: Answers) -> Answers:
    """Return the answers without those to questions that are not asked."""
    charter = sketched(library, answers)
    assert charter is not None
    return answers.model_copy(
        update={"values": dict(charter.values), "chosen": dict(charter.chosen)}
    )


def given_by(charter: Charter) -> Given:
    """Return a charter as the oracle sees it."""
    return Given(
        act_date=charter.act_date,
        values=charter.values,
        chosen={
            theme: tuple(option.split("/")[1] for option in options)
            for theme, options in charter.chosen.items()
        },
    )


def speaks_of(finding: Finding, said: Predicate | Contradiction) -> bool:
    """Return whether a finding and a line of the oracle are about the same thing.

    The same answers when the finding names some; else the same legal fact.
    """
    if isinstance(said, Contradiction) and finding.rule.startswith("borne."):
        return False  # One answer, measured alone, contradicts nothing.
    if finding.names:
        return set(finding.names) <= set(said.names)
    if isinstance(said, Contradiction):
        return False
    return not {citation.id for citation in finding.references}.isdisjoint(said.facts)


def compared(given: Given, found: Iterable[Finding]) -> Iterator[str]:
    """Yield what the oracle and the library do not judge alike."""
    legal = [f for f in found if not f.rule.startswith("coherence.")]
    errors = [f for f in legal if f.severity == "error"]
    broken = [predicate for predicate in PREDICATES if predicate.broken(given)]
    confused = [c for c in CONTRADICTIONS if c.found(given)]
    told = [f for f in legal if f.severity != "note"]
    for predicate in broken:
        seen = errors if predicate.verdict == "error" else told
        if not any(speaks_of(finding, predicate) for finding in seen):
            yield (
                f"manque ({predicate.verdict}) : {predicate.id}, {predicate.says} "
                f"[{', '.join(predicate.facts)}]"
            )
    unlawful = [predicate for predicate in broken if predicate.verdict == "error"]
    for finding in errors:
        known: tuple[Predicate | Contradiction, ...] = (*unlawful, *confused)
        if not any(speaks_of(finding, said) for said in known):
            yield f"à tort : {finding.rule}, {finding.message}"
    for finding in told:
        # A warning the oracle knows nothing of is the library's to give.
        about = [p for p in DOUBTFUL if speaks_of(finding, p)]
        if (
            finding.severity == "warning"
            and about
            and not any(p in broken for p in about)
        ):
            yield f"à tort (warning) : {finding.rule}, {finding.message}"


def walk(library: Library, sets: Iterable[AnswerSet]) -> Iterator[Disagreement]:
    """Yield every disagreement on some sets of answers."""
    bare = without_wordings(library)
    for walked in sets:
        charter = sketched(bare, walked.answers)
        if charter is None:
            continue  # An option that is not offered: its theme would be asked again.
        for what in compared(given_by(charter), findings(charter, bare)):
            yield Disagreement(walked.origin, what, walked.answers)


def gathered(disagreements: Iterable[Disagreement]) -> Mapping[str, Disagreement]:
    """Return one counter-example of each kind."""
    found: dict[str, Disagreement] = {}
    for disagreement in disagreements:
        found.setdefault(disagreement.what.split(",")[0], disagreement)
    return found
