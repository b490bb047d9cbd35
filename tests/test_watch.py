import pytest
from variants import edited

from charter_builder.charter import Charter
from charter_builder.library import Library
from charter_builder.watch import Alert, citations, watched

FACT = {
    "subject": "Repos quotidien",
    "says": "Le repos dure.",
    "force": "HARD",
    "confidence": "verified-official",
    "checked": "2026-11-23",
}


def with_fact(library: Library, **fields: object) -> Library:
    kept = library.references["repos.quotidien"].model_dump(by_alias=True)
    return edited(
        library, {"legal/references": {"repos.quotidien": {**kept, **FACT, **fields}}}
    )


def rest(alerts: list[Alert]) -> list[tuple[str, str]]:
    return [(a.kind, a.since) for a in alerts if a.fact == "repos.quotidien"]


FOREVER = ({"text": "article 1"},)


@pytest.mark.parametrize(
    ("printed", "on", "expected"),
    [
        (FOREVER, "2026-12-01", []),
        (FOREVER, "2027-05-22", []),
        (FOREVER, "2027-05-23", [("unchecked", "2026-11-23")]),
        (
            ({"text": "article 1", "until": "2026-12-31"},),
            "2027-01-01",
            [("expired", "2026-12-31")],
        ),
        (
            (
                {"text": "article 1", "until": "2026-12-31"},
                {"text": "article 2", "from": "2027-01-01"},
            ),
            "2026-12-01",
            [("ending", "2026-12-31")],
        ),
        (
            (
                {"text": "article 1", "until": "2026-12-31"},
                {"text": "article 2", "from": "2027-01-01"},
            ),
            "2027-01-02",
            [("changed", "2027-01-01")],
        ),
        (
            (
                {"text": "article 1", "until": "2026-07-31"},
                {"text": "article 2", "from": "2026-08-01"},
            ),
            "2026-12-01",
            [],
        ),
    ],
)
def test_a_reference_is_told_with_the_most_pressing_reason(
    library: Library,
    printed: tuple[dict[str, str], ...],
    on: str,
    expected: list[tuple[str, str]],
) -> None:
    assert rest(watched(with_fact(library, printed=printed), on)) == expected


def test_the_most_pressing_come_first(library: Library) -> None:
    ended = with_fact(library, printed=({"text": "a", "until": "2026-12-31"},))

    kinds = [alert.kind for alert in watched(ended, "2027-09-01")]

    assert kinds[0] == "expired"
    assert kinds[1:] == ["unchecked"] * (len(kinds) - 1)
    assert len(kinds) > 1


def test_an_alert_says_what_cites_the_reference(library: Library) -> None:
    (alert,) = [
        a for a in watched(library, "2030-01-01") if a.fact == "repos.quotidien"
    ]

    assert {"horaires", "horaires/plage", "rules/temps.repos"} <= set(alert.cited_by)
    assert "annexes/deliberation" in alert.cited_by


def test_what_says_who_decides_cites_its_references(library: Library) -> None:
    told = {"law": "Une règle.", "references": ("forfait.doctrine",)}
    changed = edited(library, {"couts/theme": {"decided_by": told}})

    assert "couts" not in citations(library)["forfait.doctrine"]
    assert "couts" in citations(changed)["forfait.doctrine"]


def test_a_fact_nothing_cites_is_left_alone(library: Library) -> None:
    lonely = edited(
        library,
        {"legal/references": {"fait.seul": {**FACT, "printed": ({"text": "x"},)}}},
    )

    assert "fait.seul" not in citations(lonely)
    assert "fait.seul" not in {a.fact for a in watched(lonely, "2030-01-01")}


def test_an_alert_names_the_drafts_it_touches(
    library: Library, charter: Charter
) -> None:
    alerts = watched(library, "2030-01-01", charters={"ville": charter})

    touched = {alert.fact: alert.workspaces for alert in alerts}
    assert touched["repos.quotidien"] == ("ville",)
    # The option that cites it is not chosen.
    assert touched["forfait.arrete"] == ()
