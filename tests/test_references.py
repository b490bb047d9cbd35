from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from charter_builder.references import Citation, Figure, Reference, figures_on


def reference(**fields: Any) -> Reference:
    told: dict[str, Any] = {
        "subject": "Repos",
        "says": "Le repos est dû.",
        "force": "HARD",
        "confidence": "verified-official",
        "printed": ({"text": "article 3"},),
        "checked": "2026-11-23",
    }
    return Reference.model_validate(told | fields)


TWO_FORMS = reference(
    printed=(
        {"text": "ancien décret", "until": "2026-07-31"},
        {"text": "nouveau code", "from": "2026-08-01", "until": "2029-12-31"},
    )
)


@pytest.mark.parametrize(
    ("day", "printed"),
    [
        ("2016-01-01", "ancien décret"),
        ("2026-07-31", "ancien décret"),
        ("2026-08-01", "nouveau code"),
        ("2029-12-31", "nouveau code"),
        ("2030-01-01", None),
    ],
)
def test_an_act_prints_the_form_of_its_day(day: str, printed: str | None) -> None:
    assert TWO_FORMS.printed_on(day) == printed


FIGURE = Figure.model_validate(
    {
        "label": "Montant",
        "values": (
            {"from": "2025-01-01", "value": 3, "until": "2025-12-31"},
            {"from": "2021-09-01", "value": 2.5},
            {"from": "2023-01-01", "value": 2.88},
        ),
    }
)


@pytest.mark.parametrize(
    ("day", "value"),
    [
        ("2021-08-31", None),
        ("2021-09-01", "2.5"),
        ("2022-12-31", "2.5"),
        ("2023-01-01", "2.88"),
        ("2025-06-01", "3"),
        ("2026-01-01", "2.88"),
    ],
)
def test_a_figure_is_the_one_in_force_that_day_whatever_the_order_of_the_file(
    day: str, value: str | None
) -> None:
    assert FIGURE.on(day) == (Decimal(value) if value else None)


def test_a_whole_figure_is_an_integer() -> None:
    figures = figures_on([reference(figures={"montant": FIGURE})], "2025-06-01")

    assert figures == {"montant": 3}
    assert isinstance(figures["montant"], int)


def test_a_figure_not_yet_in_force_is_absent() -> None:
    assert figures_on([reference(figures={"montant": FIGURE})], "2020-01-01") == {}


@pytest.mark.parametrize(
    ("force", "confidence", "severity"),
    [
        ("HARD", "verified-official", "error"),
        ("HARD", "partly-verified", "error"),
        ("HARD", "not-verified", "warning"),
        ("MANDATORY-CONTENT", "verified-secondary", "error"),
        ("MANDATORY-CONTENT", "not-verified", "warning"),
        ("SOFT", "verified-official", "warning"),
        ("COMMITMENT", "verified-official", "note"),
        ("CASE", "verified-official", "note"),
        ("INFO", "not-verified", "note"),
    ],
)
def test_severity_is_force_times_confidence(
    force: str, confidence: str, severity: str
) -> None:
    assert reference(force=force, confidence=confidence).effective_severity == severity


def test_a_reference_may_impose_its_severity() -> None:
    assert reference(severity="warning").effective_severity == "warning"


@pytest.mark.parametrize("url", ["http://a.fr", "javascript:alert(1)", "//a.fr"])
def test_a_source_is_only_ever_a_secure_address(url: str) -> None:
    with pytest.raises(ValidationError, match="https://"):
        reference(url=url)


@pytest.mark.parametrize(
    ("confidence", "label"),
    [
        ("verified-official", "article 3 (règle impérative)"),
        ("not-verified", "article 3 (règle impérative, à vérifier)"),
    ],
)
def test_a_citation_says_what_it_is_worth(confidence: str, label: str) -> None:
    citation = Citation.model_validate(
        {
            "id": "repos",
            "text": "article 3",
            "subject": "Repos",
            "force": "HARD",
            "confidence": confidence,
        }
    )

    assert citation.label == label


def figure(*spans: tuple[str, str | None]) -> Figure:
    return Figure.model_validate(
        {
            "label": "Plafond",
            "values": tuple(
                {"value": 1, "from": first} | ({"until": last} if last else {})
                for first, last in spans
            ),
        }
    )


@pytest.mark.parametrize(
    ("spans", "gap"),
    [
        ([("2020-01-01", None)], None),
        ([("2026-01-01", None)], "2025-02-01"),
        ([("2020-01-01", "2025-12-31"), ("2026-01-01", None)], None),
        ([("2020-01-01", "2025-12-31"), ("2026-01-02", None)], "2026-01-01"),
        ([("2026-01-01", None), ("2020-01-01", "2025-12-31")], None),
        ([("2020-01-01", "2029-12-31"), ("2021-01-01", "2022-12-31")], "2030-01-01"),
        ([("2020-01-01", "2024-12-31")], "2025-02-01"),
    ],
)
def test_the_first_day_without_a_value_is_found(
    spans: list[tuple[str, str | None]], gap: str | None
) -> None:
    assert figure(*spans).first_gap("2025-02-01") == gap
