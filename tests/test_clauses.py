"""The shipped library: every clause reachable, every rule fires and stays silent."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from charter_builder.assembly import assemble
from charter_builder.bounds import legal_bounds
from charter_builder.charter import Document, plain_text
from charter_builder.interview import (
    answer_question,
    preview_answers,
    state,
    take_proposed,
)
from charter_builder.library import Library, Option, Theme
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.requirements import coverage, findings
from charter_builder.storage.library_files import load_library
from charter_builder.storage.yaml_files import parse

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "rules"
SHIPPED = load_library(ROOT / "clauses")

BASE = Answers(
    act_date="2027-03-01",
    profile="essentiel",
    values={
        "nom_collectivite": "Ville d’Essai",
        "type_collectivite": "commune",
        "effectif": 120,
        "habitants": 8200,
        "cst": "propre",
        "formation_specialisee": False,
    },
)


class RuleCase(NamedTuple):
    rule: str
    name: str
    content: Mapping[str, Any]


def _cases() -> list[RuleCase]:
    return [
        RuleCase(path.stem, case["name"], case)
        for path in sorted(CASES.glob("*.yml"))
        for case in parse(path.read_text(encoding="utf-8"))
    ]


def answers_of(library: Library, case: Mapping[str, Any]) -> Answers:
    """Return the base answers with what a case changes."""
    answers = BASE.model_copy(update={"act_date": case.get("act_date", BASE.act_date)})
    for name, value in case.get("values", {}).items():
        if name in library.questions:
            answers = answer_question(library, answers, name, value)
    answers = take_proposed(library, answers)
    for theme, slugs in case.get("options", {}).items():
        # As in a file edited by hand: an option may be chosen where it is not offered.
        answers = answers.with_options(theme, [f"{theme}/{slug}" for slug in slugs])
    for name, value in case.get("values", {}).items():
        answers = answer_question(library, answers, name, value)
    answers = take_proposed(library, answers)
    local = {
        theme: LocalParagraph(text=text, reason="cas d’essai")
        for theme, text in case.get("local", {}).items()
    }
    return answers.model_copy(update={"local": local})


def _fired(case: Mapping[str, Any]) -> set[str]:
    charter = assemble(SHIPPED, answers_of(SHIPPED, case))
    return {finding.rule for finding in findings(charter, SHIPPED)}


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.rule} {case.name}")
def test_a_rule_says_what_its_cases_promise(case: RuleCase) -> None:
    assert (case.rule in _fired(case.content)) == case.content["fires"]


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    seen: dict[str, set[bool]] = {}
    for case in _cases():
        seen.setdefault(case.rule, set()).add(case.content["fires"])
    rules = {*SHIPPED.rules, *(r for r, _ in legal_bounds(SHIPPED.all_questions))}
    assert {rule: seen.get(rule, set()) for rule in rules} == {
        rule: {True, False} for rule in rules
    }


def test_every_case_is_about_a_rule_that_exists() -> None:
    rules = {*SHIPPED.rules, *(r for r, _ in legal_bounds(SHIPPED.all_questions))}
    assert {case.rule for case in _cases()} <= rules


@pytest.mark.parametrize("option", sorted(SHIPPED.options))
def test_every_option_can_be_chosen_and_gives_its_text(option: str) -> None:
    theme = option.split("/")[0]
    answers = take_proposed(SHIPPED, BASE).with_options(theme, (option,))
    charter = assemble(SHIPPED, take_proposed(SHIPPED, answers))
    article = charter.article(theme)
    assert article is not None
    text = [plain_text(p) for p in article.paragraphs if p.clause == option]
    assert text
    assert all(len(words) > 20 for words in text)


@pytest.mark.parametrize("profile", sorted(SHIPPED.profiles))
@pytest.mark.parametrize("act_date", ["2026-03-01", "2026-07-31", "2026-08-01"])
def test_a_profile_with_its_proposed_answers_breaks_no_rule(
    profile: str, act_date: str
) -> None:
    answers = BASE.model_copy(update={"profile": profile, "act_date": act_date})
    charter = assemble(SHIPPED, take_proposed(SHIPPED, answers))
    assert [f for f in findings(charter, SHIPPED) if f.severity == "error"] == []


def test_what_belongs_to_an_individual_act_is_met_by_a_document_alone() -> None:
    """An article of the charter only announces the act: it is not the act."""
    individual = {i for i, r in SHIPPED.requirements.items() if r.where == "acte"}
    printed: list[Theme | Option] = [*SHIPPED.themes.values()]
    printed += SHIPPED.options.values()
    charter = assemble(SHIPPED, take_proposed(SHIPPED, BASE))
    titles = tuple(document.title for document in charter.documents)

    assert [c.id for c in printed if individual & set(c.satisfies)] == []
    for identifier in individual:
        places = charter.satisfied()[identifier]
        assert places
        assert all(place.startswith(titles) for place in places)


@pytest.mark.parametrize("act_date", ["2026-07-31", "2027-03-01"])
@pytest.mark.parametrize("theme", [*SHIPPED.open_themes()])
def test_documents_read_well_whichever_article_is_closed(
    theme: str, act_date: str
) -> None:
    base = BASE.model_copy(update={"profile": "complet", "act_date": act_date})
    answers = take_proposed(SHIPPED, base).with_options(theme, ())
    charter = assemble(SHIPPED, take_proposed(SHIPPED, answers))
    texts = [text for d in charter.documents for text in _printed(d)]

    assert len(charter.documents) >= 8
    assert [text for text in texts if not _is_clean(text)] == []


@pytest.mark.parametrize("option", sorted(SHIPPED.options))
def test_documents_read_well_with_any_option_alone(option: str) -> None:
    theme = option.split("/")[0]
    answers = take_proposed(SHIPPED, BASE).with_options(theme, (option,))
    charter = assemble(SHIPPED, take_proposed(SHIPPED, answers))
    texts = [text for d in charter.documents for text in _printed(d)]

    assert [text for text in texts if not _is_clean(text)] == []


def _printed(document: Document) -> Iterator[str]:
    yield from (document.title, document.purpose, document.for_)
    for section in document.sections:
        yield from map(plain_text, section.paragraphs)
        for blank in section.fields:
            yield from (blank.label, *blank.choices, *filter(None, blank.rows))
            if blank.hint:
                yield blank.hint


def _is_clean(text: str) -> bool:
    """Return whether a text is neither empty nor glued together by a condition."""
    glued = re.search(r"\w\(|[a-z]\.[A-ZÉ]|  | \.|,,|\( | ,|[a-z]:", text)
    return bool(text.strip()) and not glued


def test_every_requirement_of_the_sample_is_met_or_explained() -> None:
    charter = assemble(SHIPPED, take_proposed(SHIPPED, BASE))
    rows = coverage(charter, SHIPPED)
    assert [row.id for row in rows] == [f"C{n:02}" for n in range(1, 31)]
    assert [row.id for row in rows if row.status == "missing"] == []
    assert all(row.places or row.reason for row in rows)


def test_closing_an_article_that_the_law_wants_is_found() -> None:
    answers = take_proposed(SHIPPED, BASE).with_options("couts-forfait", ())
    found = findings(assemble(SHIPPED, answers), SHIPPED)
    assert any(f.rule == "contenu.C07" and f.severity == "error" for f in found)


def test_the_visa_follows_the_date_of_the_act() -> None:
    visas = {}
    for day in ("2026-07-31", "2026-08-01"):
        answers = take_proposed(SHIPPED, BASE.model_copy(update={"act_date": day}))
        act = assemble(SHIPPED, answers).acts[0]
        visas[day] = "\n".join(plain_text(paragraph) for paragraph in act.visas)
    assert "2016-151" in visas["2026-07-31"]
    assert "2016-151" not in visas["2026-08-01"]
    assert (
        "dispositions réglementaires prises pour son application" in visas["2026-08-01"]
    )


def test_every_question_can_be_understood_without_asking_a_colleague() -> None:
    unclear = [
        name
        for name, question in SHIPPED.all_questions.items()
        if not question.label.endswith("?") or not question.help
    ]
    assert unclear == []


def test_every_question_but_the_first_ones_proposes_an_answer() -> None:
    current = state(
        SHIPPED,
        take_proposed(SHIPPED, Answers(act_date="2027-03-01", profile="essentiel")),
    )
    assert [step.id for step in current.missing] == [
        "nom_collectivite",
        "effectif",
        "habitants",
    ]


def test_every_option_states_arguments_and_plain_words() -> None:
    bare = [
        option.id
        for option in SHIPPED.options.values()
        if option.arguments is None or option.plain_language is None
    ]
    assert bare == []


def test_what_is_said_to_come_from_the_law_cites_a_fact() -> None:
    printed: list[Theme | Option] = [*SHIPPED.themes.values()]
    printed += SHIPPED.options.values()
    orphans = [
        clause.id
        for clause in printed
        if "law" in str(clause.nature) and clause.text and not clause.references
    ]
    assert orphans == []


def test_a_preview_never_lacks_an_answer() -> None:
    blank = Answers(act_date="2027-03-01", profile="essentiel")
    assert state(SHIPPED, preview_answers(SHIPPED, blank)).missing == []
