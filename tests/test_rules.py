from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from variants import edited

from charter_builder.assembly import assemble
from charter_builder.charter import Charter
from charter_builder.library import Library
from charter_builder.questionnaire import Answer, Answers
from charter_builder.rules import Finding, Rule, check

SAID = {"message": "Voici", "remedy": "Faites.", "references": ("repos.quotidien",)}


def found(library: Library, charter: Charter, **rule: Any) -> list[Finding]:
    """Return what one rule finds on a charter."""
    rules = {"essai.regle": TypeAdapter(Rule).validate_python(SAID | rule)}
    every = check(
        charter, rules, library.references, library.all_questions, library.theme_order
    )
    return [finding for finding in every if finding.rule == "essai.regle"]


def drafted(library: Library, answers: Answers, **values: Answer) -> Charter:
    return assemble(
        library, answers.model_copy(update={"values": answers.values | values})
    )


@pytest.mark.parametrize(
    ("any_of", "is_found"),
    [
        (("horaires",), False),
        (("horaires/plage",), False),
        (("horaires/souple",), True),
        (("horaires/souple", "couts"), False),
    ],
)
def test_one_of_the_required_clauses_is_enough(
    library: Library, charter: Charter, any_of: tuple[str, ...], is_found: bool
) -> None:
    rule: dict[str, Any] = {"kind": "required_clause", "any_of": any_of}

    assert bool(found(library, charter, **rule)) is is_found


@pytest.mark.parametrize(
    ("limits", "is_found"),
    [
        ({"min": 120}, False),
        ({"min": 121}, True),
        ({"max": 120}, False),
        ({"max": 119}, True),
        ({"min": {"figure": "repos_minimal"}}, False),
        ({"max": {"figure": "repos_minimal"}}, True),
        ({"max": {"figure": "inconnu"}}, False),
    ],
)
def test_a_bound_is_broken_only_outside_its_limits(
    library: Library, charter: Charter, limits: dict[str, Any], is_found: bool
) -> None:
    finding = found(library, charter, kind="bound", value="agents", **limits)

    assert bool(finding) is is_found


def test_a_bound_on_an_answer_that_was_not_asked_says_nothing(
    library: Library, charter: Charter
) -> None:
    assert found(library, charter, kind="bound", value="montant", min=100) == []


@pytest.mark.parametrize(
    ("clauses", "is_found"),
    [
        (("horaires/plage", "couts/nature"), True),
        (("horaires/plage", "couts/forfait"), False),
        (("horaires", "couts"), True),
    ],
)
def test_clauses_that_exclude_each_other_are_found_together(
    library: Library, charter: Charter, clauses: tuple[str, ...], is_found: bool
) -> None:
    assert bool(found(library, charter, kind="excludes", clauses=clauses)) is is_found


def test_a_sum_out_of_its_limits_tells_the_total(
    library: Library, answers: Answers
) -> None:
    # The same answer twice: the small library measures few things.
    charter = drafted(library, answers, agents=800)
    terms = ("agents", "agents")

    assert found(library, charter, kind="sum_within", terms=terms, max=1600) == []
    [finding] = found(library, charter, kind="sum_within", terms=terms, max=1599)
    assert finding.message == "Voici (total\u00a0: 1\u202f600)."


def test_a_sum_with_an_answer_that_was_not_asked_says_nothing(
    library: Library, charter: Charter
) -> None:
    rule: dict[str, Any] = {"kind": "sum_within", "terms": ("agents", "montant")}

    assert found(library, charter, **rule, max=1) == []


@pytest.mark.parametrize(
    ("start", "end", "detail"),
    [
        ("19:00", "06:00", None),
        ("19:00", "05:59", "10,98 heures"),
        ("19:00", "07:30", None),
        ("08:00", "18:00", "10 heures"),
        ("08:00", "08:00", "0 heure"),
        ("23:59", "00:00", "0,02 heure"),
    ],
)
def test_the_hours_between_two_times_pass_midnight(
    library: Library, answers: Answers, start: str, end: str, detail: str | None
) -> None:
    charter = drafted(library, answers, debut=start, fin=end)
    findings = found(
        library, charter, kind="hours_between", start="debut", end="fin", min=11
    )
    said = [f.message.replace("\u00a0", " ") for f in findings]

    assert said == ([f"Voici (durée : {detail})."] if detail else [])


@pytest.mark.parametrize(
    ("end", "most", "detail"),
    [
        ("17:30", 10, None),
        ("19:00", {"answer": "agents"}, None),
        ("19:00", {"answer": "jours"}, "11 heures"),
        ("19:00", 10, "11 heures"),
    ],
)
def test_the_hours_between_two_times_may_be_limited_by_another_answer(
    library: Library, answers: Answers, end: str, most: object, detail: str | None
) -> None:
    charter = drafted(library, answers, debut="08:00", fin=end)
    given = charter.model_copy(update={"values": {**charter.values, "jours": 8}})
    rule: dict[str, Any] = {"kind": "hours_between", "start": "debut", "end": "fin"}
    findings = found(library, given, **rule, max=most)
    said = [f.message.replace("\u00a0", " ") for f in findings]

    assert said == ([f"Voici (durée : {detail})."] if detail else [])


def test_a_pause_does_not_count_between_two_times(
    library: Library, answers: Answers
) -> None:
    charter = drafted(library, answers, debut="08:00", fin="19:00")
    pause = {"midi": "12:00", "reprise": "13:30"}
    given = charter.model_copy(update={"values": {**charter.values, **pause}})
    rule: dict[str, Any] = {
        "kind": "hours_between",
        "start": "debut",
        "end": "fin",
        "without": ("midi", "reprise"),
    }

    assert found(library, given, **rule, max=Decimal("9.5")) == []
    [finding] = found(library, given, **rule, max=9)
    assert finding.names == ("debut", "fin", "midi", "reprise")


def test_hours_limited_by_an_answer_that_was_not_asked_are_not_limited(
    library: Library, charter: Charter
) -> None:
    rule: dict[str, Any] = {"kind": "hours_between", "start": "debut", "end": "fin"}

    assert found(library, charter, **rule, max={"answer": "inconnue"}) == []


@pytest.mark.parametrize(
    ("when", "then", "is_found"),
    [
        ("agents >= 100", "'plage' in horaires", False),
        ("agents >= 100", "'souple' in horaires", True),
        ("agents >= 200", "'souple' in horaires", False),
        ("agents >= 100", "montant >= 2", True),
        ("montant >= 2", "'souple' in horaires", False),
    ],
)
def test_an_implication_is_broken_when_only_its_start_is_true(
    library: Library, charter: Charter, when: str, then: str, is_found: bool
) -> None:
    rule: dict[str, Any] = {"kind": "implies", "if": when, "then": then}

    assert bool(found(library, charter, **rule)) is is_found


def test_an_implication_names_the_answers_it_reads(
    library: Library, charter: Charter
) -> None:
    [finding] = found(
        library, charter, kind="implies", **{"if": "agents > 1"}, then="montant > 2"
    )

    assert finding.names == ("agents", "montant")


def test_a_forbidden_wording_is_quoted_with_its_place(
    library: Library, answers: Answers
) -> None:
    changed = edited(
        library, {"couts/nature": {"text": "L'autorisation est Renouvelable une fois."}}
    )
    [finding] = found(
        changed,
        assemble(changed, answers),
        kind="wording",
        forbidden=("renouvelable une fois",),
    )

    assert finding.message == "Voici («\u00a0Renouvelable une fois\u00a0»)."
    assert finding.place == "article\u00a02, Les coûts"


@pytest.mark.parametrize("phrase", ["a … b … c", "…", "… a", "a …", "", "!", "a" * 201])
def test_a_wording_that_would_take_for_ever_or_means_nothing_is_refused(
    phrase: str,
) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Rule).validate_python(
            SAID | {"kind": "wording", "forbidden": (phrase,)}
        )


@pytest.mark.parametrize(
    ("dates", "is_found"),
    [
        ({}, True),
        ({"from": "2027-03-01"}, True),
        ({"from": "2027-03-02"}, False),
        ({"until": "2027-03-01"}, True),
        ({"until": "2027-02-28"}, False),
        ({"when": "agents >= 100"}, True),
        ({"when": "agents >= 200"}, False),
        ({"when": "montant >= 2"}, False),
    ],
)
def test_a_rule_applies_only_on_its_days_and_under_its_condition(
    library: Library, charter: Charter, dates: dict[str, str], is_found: bool
) -> None:
    findings = found(library, charter, kind="bound", value="agents", max=1, **dates)

    assert bool(findings) is is_found


@pytest.mark.parametrize(
    ("fact", "severity"),
    [
        ("repos.quotidien", "error"),
        ("forfait.arrete", "warning"),
        ("forfait.doctrine", "warning"),
    ],
)
def test_the_first_fact_cited_decides_how_serious_a_finding_is(
    library: Library, charter: Charter, fact: str, severity: str
) -> None:
    cited = (fact, "repos.quotidien")
    [finding] = found(
        library, charter, kind="bound", value="agents", max=1, references=cited
    )

    assert finding.severity == severity
    assert [citation.id for citation in finding.references] == list(cited)


def test_a_finding_stands_where_its_article_is(
    library: Library, charter: Charter
) -> None:
    rule: dict[str, Any] = {"kind": "bound", "value": "agents", "max": 1}

    [placed] = found(library, charter, **rule, article="couts")
    [unplaced] = found(library, charter, **rule)
    assert placed.place == "article\u00a02, Les coûts"
    assert unplaced.place == "ensemble du projet"


def test_a_message_and_its_remedy_say_the_answers_and_the_figures(
    library: Library, answers: Answers
) -> None:
    charter = drafted(library, answers, debut="23:00")
    [finding] = check(
        charter,
        library.rules,
        library.references,
        library.all_questions,
        library.theme_order,
    )

    assert finding.model_dump(exclude={"references"}) == {
        "rule": "temps.repos",
        "severity": "error",
        "message": "Le repos entre 23\u00a0heures et 7\u00a0h\u00a030 est trop court "
        "(durée\u00a0: 8,5\u00a0heures).",
        "place": "article\u00a01, Les horaires",
        "names": ("debut", "fin"),
        "remedy": "Laissez au moins 11\u00a0heures.",
    }
    assert finding.references[0].text == "article\u00a0R.\u00a03 du nouveau code"


def test_an_answer_beyond_its_legal_bound_is_a_finding(
    library: Library, answers: Answers
) -> None:
    chosen = answers.with_options("couts", ("couts/forfait",))
    charter = drafted(library, chosen, montant=3)
    [finding] = check(
        charter, {}, library.references, library.all_questions, library.theme_order
    )

    assert finding.model_dump(exclude={"references"}) == {
        "rule": "borne.montant",
        "severity": "warning",
        "message": "Quel montant par jour\u00a0: 3\u00a0€. La limite légale est\u00a0: au "
        "plus 2,88\u00a0€.",
        "place": "Quel montant par jour\u202f?",
        "names": ("montant",),
        "remedy": "Versez 2,88\u00a0€ au plus.",
    }


def test_findings_come_from_the_most_serious_to_the_least(
    library: Library, charter: Charter
) -> None:
    facts = ["forfait.doctrine", "repos.quotidien", "forfait.arrete"]
    told = {"kind": "bound", "value": "agents", "max": 1}
    rules = {
        f"essai.{fact.replace('.', '-')}": TypeAdapter(Rule).validate_python(
            SAID | told | {"references": (fact,)}
        )
        for fact in facts
    }
    findings = check(
        charter, rules, library.references, library.all_questions, library.theme_order
    )

    assert [f.severity for f in findings] == ["error", "warning", "warning"]


def test_a_lawful_charter_has_no_finding(library: Library, charter: Charter) -> None:
    assert (
        check(
            charter,
            library.rules,
            library.references,
            library.all_questions,
            library.theme_order,
        )
        == []
    )
