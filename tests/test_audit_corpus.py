"""An audit against a corpus of made-up charters: what it finds, what it leaves alone."""

from pathlib import Path

import pytest
from audit_corpus import FOLDER, Case, cases, outcome, sentences_of

from charter_builder.storage.library_files import load_library
from charter_builder.storage.yaml_files import parse

SHIPPED = load_library(Path(__file__).parent.parent / "clauses")
MISSED = parse((FOLDER / "missed.yml").read_text(encoding="utf-8"))["missed"]
CASES = cases()

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_an_audit_misses_the_passages_listed_as_missed_and_no_other(case: Case) -> None:
    missed = [expected.quote for expected in outcome(case, SHIPPED).missed]

    assert missed == [m["quote"] for m in MISSED if m["text"] == case.name]


@each_case
def test_an_audit_flags_nothing_that_a_jurist_would_not(case: Case) -> None:
    false_alarms = outcome(case, SHIPPED).false_alarms

    assert [(f.rule, f.line, f.quote) for f in false_alarms] == []


@each_case
def test_every_quote_of_the_corpus_is_in_its_text(case: Case) -> None:
    quotes = (*(e.quote for e in case.flag), *case.lawful, *case.tolerated)

    assert [quote for quote in quotes if not sentences_of(case.text, quote)] == []


@each_case
def test_every_reason_to_flag_is_a_fact_of_the_library(case: Case) -> None:
    assert {expected.fact for expected in case.flag} <= SHIPPED.references.keys()


def test_every_missed_passage_is_of_a_text_and_has_a_reason() -> None:
    names = {case.name for case in CASES}

    assert [m for m in MISSED if m["text"] not in names or not m["why"]] == []


def test_every_text_of_the_corpus_is_read() -> None:
    texts = {
        path.name
        for kind in ("md", "txt", "html")
        for path in FOLDER.glob(f"[a-z]*.{kind}")
    }

    assert {case.text.name.rsplit("/", 1)[-1] for case in CASES} == texts
