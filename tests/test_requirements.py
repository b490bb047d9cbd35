from typing import Any

import pytest
from variants import edited

from charter_builder.assembly import assemble
from charter_builder.charter import Charter
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.requirements import Coverage, coverage, findings
from charter_builder.rules import Finding


def by_id(library: Library, charter: Charter) -> dict[str, Coverage]:
    return {item.id: item for item in coverage(charter, library)}


def of_rule(library: Library, charter: Charter, rule: str) -> list[Finding]:
    return [found for found in findings(charter, library) if found.rule == rule]


def test_every_requirement_is_told_in_the_order_of_the_library(
    library: Library, charter: Charter
) -> None:
    told = [(item.id, item.status) for item in coverage(charter, library)]

    assert told == [
        ("C01", "covered"),
        ("C02", "not-applicable"),
        ("C03", "procedure"),
    ]


def test_a_covered_requirement_says_where_the_draft_meets_it(
    library: Library, charter: Charter
) -> None:
    assert by_id(library, charter)["C01"].places == ("article 1, Les horaires",)


def test_a_requirement_without_object_says_why(
    library: Library, charter: Charter
) -> None:
    assert by_id(library, charter)["C02"].reason == "Le forfait n’est pas versé."


def test_a_requirement_of_procedure_is_a_thing_to_do_not_a_fault(
    library: Library, charter: Charter
) -> None:
    assert by_id(library, charter)["C03"].reason == "Saisissez le comité."
    assert of_rule(library, charter, "contenu.C03") == []


def test_a_condition_brings_its_requirement_back(
    library: Library, answers: Answers
) -> None:
    charter = assemble(
        library,
        answers.with_options("couts", ("couts/forfait",)).with_value("montant", 2),
    )

    assert by_id(library, charter)["C02"].places == ("article 2, Les coûts",)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("charte", "la charte"),
        ("deliberation", "la délibération ou la charte qui lui est annexée"),
    ],
)
def test_a_missing_content_is_a_finding_with_its_remedy(
    library: Library, answers: Answers, where: str, place: str
) -> None:
    changed = edited(
        library,
        {
            "horaires/theme": {"satisfies": ()},
            "legal/requirements": {"C01": {"where": where}},
        },
    )
    [finding] = of_rule(changed, assemble(changed, answers), "contenu.C01")

    assert finding.model_dump(exclude={"references"}) == {
        "rule": "contenu.C01",
        "severity": "error",
        "message": "Contenu attendu et introuvable\u00a0: Horaires dits.",
        "place": place,
        "names": (),
        "remedy": "Ouvrez l’article des horaires.",
    }


def test_an_act_may_meet_a_requirement(library: Library, answers: Answers) -> None:
    changed = edited(
        library,
        {
            "horaires/theme": {"satisfies": ()},
            "annexes/deliberation": {"satisfies": ("C01",)},
        },
    )
    charter = assemble(changed, answers)

    assert by_id(changed, charter)["C01"].places == ("Délibération d’essai",)


@pytest.mark.parametrize("supposed", ["couts/forfait", "couts/inconnue"])
def test_an_option_whose_condition_is_not_met_is_a_finding(
    library: Library, answers: Answers, supposed: str
) -> None:
    changed = edited(library, {"horaires/plage": {"requires": (supposed,)}})
    [finding] = of_rule(changed, assemble(changed, answers), "coherence.suppose")

    assert finding.severity == "error"
    assert finding.message.startswith("L’option «\u00a0Une plage fixe\u00a0» suppose")
    assert finding.place == "article\u00a01, Les horaires"


def test_an_option_may_suppose_a_whole_article(
    library: Library, answers: Answers
) -> None:
    changed = edited(library, {"horaires/plage": {"requires": ("couts",)}})

    assert of_rule(changed, assemble(changed, answers), "coherence.suppose") == []


def test_two_options_that_exclude_each_other_are_a_finding(
    library: Library, answers: Answers
) -> None:
    changed = edited(library, {"horaires/plage": {"excludes": ("couts/nature",)}})
    [finding] = of_rule(changed, assemble(changed, answers), "coherence.exclut")

    assert finding.message == (
        "L’option «\u00a0Une plage fixe\u00a0» ne va pas avec «\u00a0En nature\u00a0»."
    )


def test_two_options_that_exclude_each_other_both_ways_are_one_finding(
    library: Library, answers: Answers
) -> None:
    changed = edited(
        library,
        {
            "horaires/plage": {"excludes": ("couts/nature",)},
            "couts/nature": {"excludes": ("horaires/plage",)},
        },
    )

    assert len(of_rule(changed, assemble(changed, answers), "coherence.exclut")) == 1


def test_findings_of_all_kinds_come_from_the_most_serious_to_the_least(
    library: Library, answers: Answers
) -> None:
    low: dict[str, Any] = {"debut": "23:00", "montant": 1}
    changed = edited(library, {"horaires/theme": {"satisfies": ()}})
    charter = assemble(
        changed,
        answers.with_options("couts", ("couts/forfait",)).model_copy(
            update={"values": {**answers.values, **low}}
        ),
    )

    assert [(f.rule, f.severity) for f in findings(charter, changed)] == [
        ("temps.repos", "error"),
        ("contenu.C01", "error"),
        ("argent.forfait-bas", "warning"),
    ]


def test_a_lawful_charter_has_no_finding(library: Library, charter: Charter) -> None:
    assert findings(charter, library) == []
