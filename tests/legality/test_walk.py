"""The legality walk: no unlawful charter without an error, no lawful one with one.

`ROUNDS=6000` walks everything: every rule around every value that matters to it, both
sides of 1 August 2026, that many rows of the covering array, and every mutant.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path

import pytest
from legality import oracle
from legality.mutants import Mutant, mutants
from legality.sets import (
    AFTER,
    BEFORE,
    Ground,
    around_boundary,
    at_the_boundaries,
    boundaries,
    bounds_of_questions,
    closed,
    dated,
    incoherent,
    options_alone,
    pairwise,
)
from legality.walk import (
    AnswerSet,
    Disagreement,
    gathered,
    given_by,
    sketched,
    walk,
    without_wordings,
)

from charter_builder.assembly import assemble
from charter_builder.errors import CharterError
from charter_builder.library import Library
from charter_builder.questionnaire import LocalParagraph
from charter_builder.requirements import findings
from charter_builder.rules import Finding, Wording
from charter_builder.storage.answers_file import load_answers_text
from charter_builder.storage.library_files import load_library

TESTS = Path(__file__).parents[1]
CLAUSES = TESTS.parent / "clauses"
SHIPPED = load_library(CLAUSES)
ROUNDS = os.environ.get("ROUNDS")
ROWS = int(ROUNDS or 40)
DAYS = (BEFORE, AFTER) if ROUNDS else (AFTER,)
MOST = 160 if ROUNDS else 24
"""Sets for one rule at most."""
SHARES = 4
"""The walk of the rules is cut in that many tests, for two workers to share it."""


@cache
def ground(day: str = AFTER) -> Ground:
    return Ground(SHIPPED, day)


def _around_rules(share: int) -> Iterator[AnswerSet]:
    return chain.from_iterable(
        at_the_boundaries(ground(day), MOST, slice(share, None, SHARES)) for day in DAYS
    )


def _options_alone(profile: str) -> Iterator[AnswerSet]:
    return chain.from_iterable(options_alone(ground(day), profile) for day in DAYS)


def _pairs(share: int) -> Iterator[AnswerSet]:
    return pairwise(ground(), (BEFORE, AFTER), ROWS // 2, slice(share, None, 2))


PARTS: dict[str, Callable[[], Iterator[AnswerSet]]] = {
    **{
        f"chaque option seule, {profile}": partial(_options_alone, profile)
        for profile in SHIPPED.profiles
    },
    "chaque réponse à ses extrêmes": lambda: islice(
        bounds_of_questions(ground()), 0, None, 1 if ROUNDS else 3
    ),
    **{
        f"autour de chaque règle, {share + 1}/{SHARES}": partial(_around_rules, share)
        for share in range(SHARES)
    },
    "autour de chaque date": lambda: dated(SHIPPED),
    "chaque article fermé": lambda: closed(ground()),
    "chaque paire, 1/2": partial(_pairs, 0),
    "chaque paire, 2/2": partial(_pairs, 1),
}


def _told(found: Iterator[Disagreement]) -> str:
    kinds = gathered(found).values()
    return "\n".join(disagreement.told(SHIPPED) for disagreement in kinds)


@pytest.mark.parametrize("part", PARTS)
def test_the_library_and_the_oracle_judge_alike(part: str) -> None:
    told = _told(walk(SHIPPED, PARTS[part]()))
    assert not told, told


@pytest.mark.parametrize(
    ("wording", "sentence"),
    [(w, s) for w in oracle.WORDINGS for s in w.samples],
    ids=lambda given: given if isinstance(given, str) else given.id,
)
def test_an_unlawful_sentence_is_found(
    wording: oracle.UnlawfulWording, sentence: str
) -> None:
    severities = {finding.severity for finding in _found(SHIPPED, sentence)}
    assert wording.severity in severities


def _found(library: Library, sentence: str) -> list[Finding]:
    """Return what the wording rules say of a sentence somebody wrote."""
    local = LocalParagraph(text=sentence, reason="cas d’essai")
    answers = ground().start("essentiel").with_local("refus-recours", local)
    charter = sketched(library, answers)
    assert charter is not None
    return [f for f in findings(charter, library) if f.rule in _wordings()]


def _wordings() -> set[str]:
    return {key for key, rule in SHIPPED.rules.items() if isinstance(rule, Wording)}


def test_options_that_do_not_go_together_are_refused() -> None:
    accepted = []
    for walked in incoherent(ground()):
        charter = sketched(SHIPPED, walked.answers)
        assert charter is not None
        found = findings(charter, without_wordings(SHIPPED))
        if not any(f.rule.startswith("coherence.") for f in found):
            accepted.append(walked.origin)
    assert accepted == []


# --- what the walk stands on ----------------------------------------------------------


def test_the_oracle_reads_questions_and_themes_that_exist() -> None:
    known = {*SHIPPED.owned, *SHIPPED.theme_order}
    read = {name for said in oracle.PREDICATES for name in said.names}
    read |= {name for said in oracle.CONTRADICTIONS for name in said.names}
    assert read - known == set()


def test_the_library_gives_facts_the_worth_the_oracle_read() -> None:
    worth = {
        fact: (
            SHIPPED.references[fact].force,
            SHIPPED.references[fact].confidence.split("-")[0],
        )
        for fact in oracle.FACTS
    }
    told = {
        fact: (force, confidence.split("-")[0])
        for fact, (force, confidence) in oracle.FACTS.items()
    }
    assert worth == told


def test_every_rule_and_bound_is_walked() -> None:
    walked = {boundary.origin for boundary in boundaries(ground())}
    measured = {
        f"borne.{name}"
        for name, question in SHIPPED.all_questions.items()
        if getattr(question, "legal", None)
    }
    # A rule on the date alone is walked with the dates.
    alone = {
        key
        for key, rule in SHIPPED.rules.items()
        if rule.kind == "implies" and rule.if_.startswith("act_date")
    }
    assert (set(SHIPPED.rules) - _wordings() - alone) | measured <= walked


def _sample() -> list[AnswerSet]:
    everything = chain(
        options_alone(ground(), "complet"),
        at_the_boundaries(ground(), 8),
        pairwise(ground(), (BEFORE, AFTER), 6),
    )
    return list(islice(everything, 0, None, 11 if ROUNDS else 101))


def test_a_sketch_is_judged_as_the_whole_draft() -> None:
    """And no text that ships, whatever the answers, holds an unlawful wording."""
    bare = without_wordings(SHIPPED)
    for walked in _sample():
        sketch = sketched(SHIPPED, walked.answers)
        if sketch is None:
            continue
        drafted = assemble(SHIPPED, walked.answers)
        assert given_by(drafted) == given_by(sketch)
        assert findings(drafted, SHIPPED) == findings(sketch, bare), walked.origin


def test_a_counter_example_can_be_pasted_as_answers() -> None:
    changed = ground().with_(ground().base, [("delai_reponse", 31)])
    told = Disagreement("essai", "manque", changed).told(SHIPPED)
    read = load_answers_text(told, SHIPPED, "answers.yml")
    sketch, again = sketched(SHIPPED, changed), sketched(SHIPPED, read)
    assert sketch is not None
    assert again is not None
    assert given_by(sketch) == given_by(again)


def test_the_values_walked_are_the_same_on_every_machine() -> None:
    program = (
        "from pathlib import Path;"
        "from charter_builder.storage.library_files import load_library;"
        "from legality.sets import Ground, boundaries;"
        f"print([*boundaries(Ground(load_library(Path({str(CLAUSES)!r}))))])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == str([*boundaries(ground())])


# --- mutants --------------------------------------------------------------------------

CONSISTENCY = {
    # These refuse a charter that contradicts itself, or say a note: the oracle lets the
    # library refuse or accept, so nothing tells their mutants from them.
    "acces.depart-sous-le-maximum",
    "acces.solution-dans-un-lieu-ouvert",
    "dialogue.registre-lisible-par-les-agents",
    "equite.integration-longue",
    "frontieres.decalage-hors-coupure",
    "frontieres.decalage-hors-deconnexion",
    "moyens.forfait-a-verifier",
    "moyens.materiel-personnel-sans-jours-flottants",
    "portee.jours-fixes-et-reserve",
    "presence.semaine-commune-tenable",
    "procedure.entretien-avant-la-reponse",
    "procedure.second-regard-dans-le-delai",
    "quotite.jours-fixes-sous-le-maximum",
    "quotite.minimum-de-service-sous-le-maximum",
    "quotite.moyenne-mensuelle",
    "quotite.presence-mensuelle",
    "quotite.temps-partiel-proportionne",
    "temps.coupure-et-repos",
    "temps.duree-dans-l-amplitude",
    "temps.journee-et-repos",
    "temps.plages-dans-l-ordre",
    "temps.plages-hors-coupure",
    "vehicule.accord-a-decrire",
    "vehicule.accord-annonce-sans-accord",
    "vehicule.election-remplacee",
    "visa.codification-a-verifier",
    "visio.heures-dans-l-ordre",
    "visio.hors-coupure",
    "visio.hors-deconnexion",
    # Another error remains without them: the options exclude each other, no count of
    # hours is chosen.
    "moyens.un-seul-forfait",
    "temps.horaires-variables",
}
EQUIVALENT = {
    # Without the condition, the rule also speaks of slots out of order: refused anyway.
    "temps.plages-dans-la-duree-legale : condition retirée",
    "temps.plages-dans-la-journee : condition retirée",
}
KINDS = (
    "retirée",
    "retiré",
    "commence plus tard",
    "gravité abaissée",
    "min abaissée d'un pas",
    "max relevée d'un pas",
    "min abaissé d'un pas",
    "max relevé d'un pas",
    "min relevée d'un pas",
    "max abaissée d'un pas",
    "condition retirée",
    "pause oubliée",
    "terme oublié",
    "début et fin échangés",
    "then, opérateur 1 inversé",
    "entre en vigueur plus tard",
)
"""What is done to each rule of law; the other mutants of a condition may be worth it."""


def _mutants() -> list[Mutant]:
    walked = {boundary.origin for boundary in boundaries(ground())}
    kept = [
        mutant
        for mutant in mutants(SHIPPED)
        if mutant.kind in KINDS
        and mutant.subject in walked | CONTENTS
        and mutant.subject not in CONSISTENCY | _wordings()
        and mutant.id not in EQUIVALENT
    ]
    return kept[:: 1 if ROUNDS else 4]


CONTENTS = {
    f"contenu.{said.id.split('.')[1]}"
    for said in oracle.PREDICATES
    if said.id.startswith("contenu.")
} - {
    # Two articles each bear half of it, or a rule says it too.
    "contenu.C04",
    "contenu.C25",
}


@cache
def _around(subject: str) -> list[AnswerSet]:
    """Return the sets of the walk that come close to a rule, a bound or a content."""
    if subject.startswith("contenu.") or (
        SHIPPED.rules.get(subject)
        and (SHIPPED.rules[subject].kind == "required_clause")
    ):
        return list(closed(ground()))
    known = list(boundaries(ground()))
    names = {n for b in known if b.origin == subject for n in b.names}
    near = [
        b
        for b in known
        if b.origin == subject or (b.origin[:7] == "oracle " and names & set(b.names))
    ]
    # Its own values first: most mutants are caught at once.
    near.sort(key=lambda b: b.origin != subject)
    return [s for b in near for s in around_boundary(ground(), b, 80)]


def _is_caught(mutant: Mutant) -> bool:
    try:
        return any(True for _ in walk(mutant.library, _around(mutant.subject)))
    except CharterError:
        return True  # It cannot even be judged.


@pytest.mark.parametrize("wording", oracle.WORDINGS, ids=lambda wording: wording.id)
def test_a_wording_rule_left_out_lets_a_sentence_through(
    wording: oracle.UnlawfulWording,
) -> None:
    told = {f.rule for f in _found(SHIPPED, wording.samples[0])}
    kept = {key: rule for key, rule in SHIPPED.rules.items() if key not in told}
    assert _found(replace(SHIPPED, rules=kept), wording.samples[0]) == []


@pytest.mark.parametrize("mutant", _mutants(), ids=lambda mutant: mutant.id)
def test_a_mutant_is_caught(mutant: Mutant) -> None:
    assert _is_caught(mutant)


def test_mutants_are_thirty_at_least_and_of_every_kind_of_rule() -> None:
    chosen = _mutants()
    touched = {
        SHIPPED.rules[m.subject].kind for m in chosen if m.subject in SHIPPED.rules
    }
    assert len(chosen) >= 30
    assert touched >= {"bound", "implies", "sum_within", "hours_between"}
    assert len({m.kind for m in chosen}) >= 8
