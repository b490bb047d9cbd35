"""An existing charter against the law: what is found, and what is left alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import markdown
import pytest

from charter_builder.assembly import assemble
from charter_builder.audit import AuditReport, audit
from charter_builder.charter import Charter, plain_text
from charter_builder.interview import answer_question, take_proposed
from charter_builder.library import Library
from charter_builder.manuscripts import (
    Manuscript,
    Passage,
    html_passages,
    markdown_passages,
    text_passages,
)
from charter_builder.markdown import act_text, charter_text
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import load_library
from charter_builder.storage.yaml_files import parse

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "audit"
SHIPPED = load_library(ROOT / "clauses")
TODAY = "2027-03-01"


def read(
    passages: tuple[Passage, ...],
    library: Library = SHIPPED,
    on: str = TODAY,
    name: str = "charte.md",
) -> AuditReport:
    text = Manuscript(name=name, encoding="UTF-8", passages=passages)
    return audit([text], library, on)


def said(text: str, on: str = TODAY) -> AuditReport:
    return read(text_passages(text), on=on)


# --- the corpus ----------------------------------------------------------------------


class Example(NamedTuple):
    name: str
    text: str
    content: Mapping[str, Any]


def _examples() -> Iterator[Example]:
    for path in sorted(CASES.glob("*.yml")):
        for case in parse(path.read_text(encoding="utf-8")):
            for text in case["texts"]:
                yield Example(f"{path.stem} {case['name']}", text, case)


def _report(example: Example) -> AuditReport:
    heading = {"heading": example.content.get("heading", "")}
    passages = (p.model_copy(update=heading) for p in text_passages(example.text))
    return read(tuple(passages), on=example.content.get("on", TODAY))


EXAMPLES = list(_examples())
_TOLD = [e for e in EXAMPLES if {"finds", "finds_any"} & e.content.keys()]
_CONTENTS = {
    "found": "found",
    "missing": "missing",
    "not_applicable": "not-applicable",
    "not_looked_for": "not-looked-for",
}


@pytest.mark.parametrize("example", _TOLD, ids=lambda e: f"{e.name}: {e.text[:40]}")
def test_a_text_gives_the_findings_its_case_promises(example: Example) -> None:
    found = [f for f in _report(example).findings if f.file]
    rules = {finding.rule for finding in found}

    if "finds" in example.content:
        assert rules == set(example.content["finds"])
    else:
        assert rules
        assert rules <= set(example.content["finds_any"])
    if "severity" in example.content:
        assert {f.severity for f in found} == {example.content["severity"]}


@pytest.mark.parametrize(
    "example",
    [e for e in EXAMPLES if _CONTENTS.keys() & e.content.keys()],
    ids=lambda e: f"{e.name}: {e.text[:40]}",
)
def test_a_text_has_the_contents_its_case_promises(example: Example) -> None:
    status = {content.id: content.status for content in _report(example).contents}

    for key, expected in _CONTENTS.items():
        for identifier in example.content.get(key, ()):
            assert status[identifier] == expected, identifier


def test_every_mention_and_every_value_has_a_case_that_finds_it() -> None:
    told = {rule for e in _TOLD for rule in e.content.get("finds", ())}
    told |= {
        finding.rule
        for e in _TOLD
        if "finds_any" in e.content
        for finding in _report(e).findings
    }
    guide = SHIPPED.audit
    known = {f"mention.{name}" for name in guide.mentions}
    known |= {f"valeur.{name}" for name in guide.measures}

    assert known - told == set()


@pytest.mark.parametrize(
    "example",
    # A line of capitals is a heading: a paragraph cut into lines is no longer one.
    [e for e in _TOLD if e.content.get("finds") and "\n" not in e.text],
    ids=lambda e: e.text[:50],
)
def test_neither_case_nor_spaces_hide_what_a_text_says(example: Example) -> None:
    shouted = example.text.upper().replace(" ", "\u00a0 ")
    changed = example._replace(text=shouted)

    assert [f.rule for f in _report(changed).findings] == [
        f.rule for f in _report(example).findings
    ]


# --- our own charters ----------------------------------------------------------------

TOWNS: dict[str, dict[str, Any]] = {
    "essentiel": {},
    "essentiel avant la codification": {"act_date": "2026-07-31"},
    "essentiel et horaires variables": {"values": {"horaires_variables": True}},
    "petite commune": {
        "act_date": "2025-02-01",
        "values": {"effectif": 12, "cst": "centre-de-gestion", "habitants": 900},
    },
    "au plafond légal": {"options": {"quotite": ["plafond-legal"]}},
    "forfait à plafond réduit": {
        "profile": "standard",
        "options": {"couts-forfait": ["forfait-plafond-reduit"]},
    },
    "standard": {"profile": "standard"},
    "standard compté sur le mois": {
        "profile": "standard",
        "act_date": "2026-08-01",
        "options": {"quotite": ["base-mensuelle"]},
    },
    "complet": {"profile": "complet"},
    "complet, par accord, avec un plan de continuité": {
        "profile": "complet",
        "values": {"vehicule": "accord", "plan_continuite": True, "effectif": 900},
        "options": {"couts-forfait": ["forfait"]},
    },
}


def draft(town: Mapping[str, Any]) -> Charter:
    answers = Answers(
        act_date=town.get("act_date", TODAY),
        profile=town.get("profile", "essentiel"),
        values={
            "nom_collectivite": "Ville d’Essai",
            "type_collectivite": "commune",
            "effectif": 120,
            "habitants": 8200,
        },
    )
    for name, value in town.get("values", {}).items():
        answers = answer_question(SHIPPED, answers, name, value)
    answers = take_proposed(SHIPPED, answers)
    for theme, slugs in town.get("options", {}).items():
        answers = answers.with_options(theme, [f"{theme}/{slug}" for slug in slugs])
    return assemble(SHIPPED, take_proposed(SHIPPED, answers))


def as_markdown(charter: Charter) -> str:
    acts = [act_text(act, charter) for act in charter.acts]
    return "\n".join([*acts, charter_text(charter)])


def as_text(charter: Charter) -> str:
    lines: list[str] = []
    for act in charter.acts:
        lines += [act.title, *map(plain_text, (*act.visas, *act.recitals))]
        for decided in act.articles:
            lines.append(f"Article {decided.number}. {decided.title}")
            lines += map(plain_text, decided.paragraphs)
    for article in charter.articles():
        lines.append(f"Article {article.number}. {article.title}")
        lines += map(plain_text, article.paragraphs)
    return "\n\n".join(lines)


def as_html(charter: Charter) -> str:
    page: str = markdown.markdown(as_markdown(charter), extensions=["tables"])
    return page


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_a_charter_of_ours_gives_nothing_to_say_in_any_format(town: str) -> None:
    charter = draft(TOWNS[town])
    read_as = {
        "md": markdown_passages(as_markdown(charter)),
        "txt": text_passages(as_text(charter)),
        "html": html_passages(as_html(charter)),
    }
    found = {
        kind: [
            (f.rule, f.severity, f.quote)
            for f in read(passages, on=charter.act_date).findings
            if f.severity != "note" or f.rule.startswith("contenu.")
        ]
        for kind, passages in read_as.items()
    }

    assert found == {"md": [], "txt": [], "html": []}


# Each draft takes the nth option of every theme, so that a few drafts hold them all.
_OPTIONS = {
    theme: [
        name.split("/")[1] for name in SHIPPED.options if name.split("/")[0] == theme
    ]
    for theme in SHIPPED.themes
}
_RANKS = range(max(map(len, _OPTIONS.values())))


def _all_options(profile: str, rank: int) -> dict[str, Any]:
    taken = {theme: [o[min(rank, len(o) - 1)]] for theme, o in _OPTIONS.items() if o}
    return {"profile": profile, "options": taken}


@pytest.mark.parametrize("profile", ["essentiel", "complet"])
@pytest.mark.parametrize("rank", _RANKS)
def test_a_charter_of_ours_gives_nothing_to_say_whatever_its_options(
    rank: int, profile: str
) -> None:
    charter = draft(_all_options(profile, rank))
    report = read(text_passages(as_text(charter)), on=charter.act_date)

    assert [(f.rule, f.quote) for f in report.findings if f.file] == []


def test_these_charters_of_ours_hold_every_option() -> None:
    drafts = [draft(_all_options("complet", rank)) for rank in _RANKS]
    held = {clause for drafted in drafts for clause in drafted.clause_ids}

    assert SHIPPED.options.keys() - held == set()


# --- what a finding says -------------------------------------------------------------


def test_a_finding_says_where_what_why_and_how_to_mend_it() -> None:
    report = read(
        markdown_passages(
            "# Charte\n\n## 3. Quotité\n\nLes agents peuvent\ntélétravailler **quatre** "
            "jours par semaine.\n"
        )
    )
    [finding] = [f for f in report.findings if f.severity == "error"]

    assert finding.file == "charte.md"
    assert finding.line == 6
    assert finding.heading == "3. Quotité"
    assert finding.quote == "télétravailler quatre jours par semaine"
    assert "plafond légal de 3 jours" in finding.message.replace("\u00a0", " ")
    assert "L. 430-1" in finding.references[0].text.replace("\u00a0", " ")
    assert finding.remedy
    assert finding.clause == "quotite"


def test_the_source_is_the_one_an_act_of_that_day_prints() -> None:
    text = "Les agents peuvent télétravailler quatre jours par semaine."
    sources = {
        day: said(text, on=day).findings[0].references[0].text
        for day in ("2026-07-31", "2026-08-01")
    }

    assert "2016-151" in sources["2026-07-31"]
    assert "2016-151" not in sources["2026-08-01"]


def test_an_option_is_proposed_for_a_content_that_is_missing() -> None:
    clauses = {f.rule: f.clause for f in said("Rien.").findings}

    assert clauses["contenu.C06"].startswith("temps-travail/")


def test_a_content_that_is_not_found_is_never_an_error() -> None:
    report = said("Rien.")

    assert {f.severity for f in report.findings} == {"warning", "note"}


def test_several_files_are_one_dossier() -> None:
    texts = [
        Manuscript(name=name, encoding="UTF-8", passages=text_passages(words))
        for name, words in (
            ("charte.txt", "La période d’adaptation dure trois mois."),
            ("deliberation.txt", "Le préavis est de deux mois."),
        )
    ]
    [content] = [c for c in audit(texts, SHIPPED, TODAY).contents if c.id == "C18"]

    assert content.status == "found"
    assert content.places == ("charte.txt:1", "deliberation.txt:1")


def test_the_same_words_are_told_once() -> None:
    report = said("Vu l’avis du comité technique ;")

    assert [f.rule for f in report.findings if f.file] == [
        "formules.instances-disparues"
    ]


def test_a_library_without_a_guide_looks_for_its_wordings_only(
    library: Library,
) -> None:
    report = read(
        text_passages("Elle est renouvelable une fois."), library, "2027-03-01"
    )

    assert [f.rule for f in report.findings] == ["argent.mots"]
    assert {c.status for c in report.contents} == {"not-looked-for"}


def test_the_introduction_of_a_list_excuses_its_items() -> None:
    text = (
        "Par dérogation, en raison de leur santé :\n"
        "- les agents peuvent télétravailler cinq jours par semaine ;\n"
    )

    assert [f for f in said(text).findings if f.severity == "error"] == []
