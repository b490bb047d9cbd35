"""The shipped libraries: every clause reachable, every rule fires and stays silent."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from charter_builder.adopted_act import act_with, require_act
from charter_builder.assembly import assemble
from charter_builder.bounds import legal_bounds
from charter_builder.charter import Document, plain_text, unit_text
from charter_builder.interview import (
    answer_question,
    preview_answers,
    state,
    take_proposed,
)
from charter_builder.library import Library, Option, Theme
from charter_builder.questionnaire import AdoptedText, Answers, LocalParagraph
from charter_builder.requirements import coverage, findings
from charter_builder.storage.library_files import (
    load_changes,
    load_library,
    shipped_libraries,
)
from charter_builder.storage.library_style import format_library
from charter_builder.storage.yaml_files import parse
from charter_builder.workspace import SHIPPED as MAIN

CASES = Path(__file__).parent / "cases"
LIBRARIES = {name: load_library(path) for name, path in shipped_libraries().items()}
SHIPPED = LIBRARIES[MAIN]

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
    library: str
    rule: str
    name: str
    content: Mapping[str, Any]


def _cases() -> list[RuleCase]:
    return [
        RuleCase(name, path.stem, case["name"], case)
        for name in LIBRARIES
        for path in sorted((CASES / ("rules" if name == MAIN else name)).glob("*.yml"))
        for case in parse(path.read_text(encoding="utf-8"))
    ]


def _rules(library: Library) -> set[str]:
    return {*library.rules, *(r for r, _ in legal_bounds(library.all_questions))}


in_each_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)


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


def _fired(library: Library, case: Mapping[str, Any]) -> set[str]:
    charter = assemble(library, answers_of(library, case))
    return {finding.rule for finding in findings(charter, library)}


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.rule} {case.name}")
def test_a_rule_says_what_its_cases_promise(case: RuleCase) -> None:
    fired = _fired(LIBRARIES[case.library], case.content)
    assert (case.rule in fired) == case.content["fires"]


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_rule_has_a_case_that_fires_and_one_that_does_not(name: str) -> None:
    seen: dict[str, set[bool]] = {}
    for case in _cases():
        if case.library == name:
            seen.setdefault(case.rule, set()).add(case.content["fires"])
    rules = _rules(LIBRARIES[name])
    assert {rule: seen.get(rule, set()) for rule in rules} == {
        rule: {True, False} for rule in rules
    }


def test_every_case_is_about_a_rule_that_exists() -> None:
    known = {(name, rule) for name in LIBRARIES for rule in _rules(LIBRARIES[name])}
    assert {(case.library, case.rule) for case in _cases()} <= known


@pytest.mark.parametrize(
    ("name", "option"),
    [(n, o) for n in LIBRARIES for o in sorted(LIBRARIES[n].options)],
)
def test_every_option_can_be_chosen_and_gives_its_text(name: str, option: str) -> None:
    library, theme = LIBRARIES[name], option.split("/")[0]
    base = take_proposed(library, _where_it_is_offered(library.options[option]))
    answers = base.with_options(theme, (option,))
    charter = assemble(library, take_proposed(library, answers))
    article = charter.article(theme)
    assert article is not None
    text = [plain_text(p) for p in article.paragraphs if p.clause == option]
    assert text
    assert all(len(words) > 20 for words in text)


def _where_it_is_offered(option: Option) -> Answers:
    """Return the base answers, or those of a small town for what only it is offered."""
    if option.when != "cst == 'centre-de-gestion'":
        return BASE
    small = {"effectif": 22, "cst": "centre-de-gestion"}
    return BASE.model_copy(update={"values": {**BASE.values, **small}})


@pytest.mark.parametrize(
    ("name", "profile"),
    [(n, p) for n in LIBRARIES for p in sorted(LIBRARIES[n].profiles)],
)
@pytest.mark.parametrize("act_date", ["2026-03-01", "2026-07-31", "2026-08-01"])
def test_a_profile_with_its_proposed_answers_breaks_no_rule(
    name: str, profile: str, act_date: str
) -> None:
    library = LIBRARIES[name]
    answers = BASE.model_copy(update={"profile": profile, "act_date": act_date})
    charter = assemble(library, take_proposed(library, answers))
    assert [f for f in findings(charter, library) if f.severity == "error"] == []


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


@pytest.mark.parametrize(
    ("name", "letter", "count"), [(MAIN, "C", 30), ("dialogue-social", "D", 14)]
)
def test_every_requirement_of_the_sample_is_met_or_explained(
    name: str, letter: str, count: int
) -> None:
    library = LIBRARIES[name]
    charter = assemble(library, take_proposed(library, BASE))
    rows = coverage(charter, library)
    assert [row.id for row in rows] == [f"{letter}{n:02}" for n in range(1, count + 1)]
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


@in_each_library
def test_every_act_is_read_back_as_it_was_written(library: Library) -> None:
    """A wording adopted for an act then changes what it changes, and nothing else."""
    for profile in library.profiles:
        given = BASE.values if library is SHIPPED else {}
        answers = Answers(act_date=BASE.act_date, profile=profile, values=given)
        for act in assemble(library, preview_answers(library, answers)).acts:
            text = unit_text(act)
            require_act(text)
            adopted = AdoptedText(text=text, contributions=("C-0001",), of="0" * 64)
            assert act_with(act, adopted) == act


@in_each_library
def test_every_question_can_be_understood_without_asking_a_colleague(
    library: Library,
) -> None:
    unclear = [
        name
        for name, question in library.all_questions.items()
        if not question.label.endswith("?") or not question.help
    ]
    assert unclear == []


@in_each_library
def test_every_question_but_the_first_ones_proposes_an_answer(library: Library) -> None:
    current = state(
        library,
        take_proposed(library, Answers(act_date="2027-03-01", profile="essentiel")),
    )
    assert [step.id for step in current.missing] == [
        "nom_collectivite",
        "effectif",
        "habitants",
    ]


@in_each_library
def test_every_option_states_arguments_and_plain_words(library: Library) -> None:
    bare = [
        option.id
        for option in library.options.values()
        if option.arguments is None or option.plain_language is None
    ]
    assert bare == []


@in_each_library
def test_every_theme_tells_its_stakes_and_who_decides(library: Library) -> None:
    assert [
        theme.id
        for theme in library.themes.values()
        if theme.stakes is None or theme.decided_by is None or not theme.decided_by.act
    ] == []


@in_each_library
def test_stakes_are_two_or_three_sentences_one_reads_at_once(library: Library) -> None:
    counts = {
        theme.id: [len(s.split()) for s in re.split(r"(?<=[.?!])\s+", theme.stakes)]
        for theme in library.themes.values()
        if theme.stakes
    }
    assert {t: words for t, words in counts.items() if not 2 <= len(words) <= 4} == {}
    assert {t: words for t, words in counts.items() if max(words) > 45} == {}


@in_each_library
def test_what_the_texts_fix_is_founded_on_a_rule_or_says_it_is_the_agreement(
    library: Library,
) -> None:
    orphans = []
    for theme in library.themes.values():
        told = theme.decided_by
        if told is None or told.law is None:
            continue
        cited = [library.references[fact] for fact in told.references]
        rules = [r for r in cited if r.force not in ("COMMITMENT", "SOFT", "INFO")]
        if any(r.confidence == "not-verified" for r in cited) or (
            not rules and "accord-cadre" not in told.law
        ):
            orphans.append(theme.id)
    assert orphans == []


@in_each_library
def test_what_is_said_to_come_from_the_law_cites_a_fact(library: Library) -> None:
    printed: list[Theme | Option] = [*library.themes.values()]
    printed += library.options.values()
    orphans = [
        clause.id
        for clause in printed
        if "law" in str(clause.nature) and clause.text and not clause.references
    ]
    assert orphans == []


@in_each_library
def test_a_preview_never_lacks_an_answer(library: Library) -> None:
    blank = Answers(act_date="2027-03-01", profile="essentiel")
    assert state(library, preview_answers(library, blank)).missing == []


def test_a_fact_that_two_libraries_cite_is_worth_the_same_in_both() -> None:
    told = {
        name: {
            fact: (r.force, r.confidence, r.severity, r.checked)
            for fact, r in library.references.items()
        }
        for name, library in LIBRARIES.items()
    }
    assert {
        (name, fact)
        for name, facts in told.items()
        for fact, worth in facts.items()
        if worth != told[MAIN].get(fact, worth)
    } == set()


def test_a_legal_figure_that_two_libraries_name_has_one_value() -> None:
    main = SHIPPED.figures
    assert [
        (name, figure)
        for name, library in LIBRARIES.items()
        for figure, told in library.figures.items()
        if figure in main and told.values != main[figure].values
    ] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_file_is_in_the_style_of_libraries(name: str, tmp_path: Path) -> None:
    # To mend them: charter library check ./clauses --format
    folder = shutil.copytree(shipped_libraries()[name], tmp_path / name)

    assert format_library(folder) == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_tells_the_changes_of_a_library_names_what_is_there(name: str) -> None:
    folder, library = shipped_libraries()[name], LIBRARIES[name]
    named = {name for change in load_changes(folder) for name in change.names}

    assert {
        name
        for name in named
        if name not in library.themes
        and name not in library.options
        and not (folder / name).is_file()
    } == set()


@in_each_library
def test_every_option_tells_since_when_it_is_there(library: Library) -> None:
    assert [option.id for option in library.options.values() if not option.since] == []


def test_what_depends_on_an_unknown_headcount_is_not_proposed_before_it() -> None:
    first = Answers(act_date="2027-03-01", profile="essentiel")
    taken = take_proposed(SHIPPED, first, wait=True)
    assert "formation_specialisee" not in taken.values

    counted = take_proposed(SHIPPED, taken.with_value("effectif", 420), wait=True)
    assert counted.values["formation_specialisee"] is True
