"""The corpus of made-up charters, and what an audit finds of what a jurist expects."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from charter_builder.audit import AuditFinding, audit
from charter_builder.library import Library
from charter_builder.manuscripts import Manuscript, Passage, cleaned
from charter_builder.storage.manuscript_files import read_manuscript
from charter_builder.storage.yaml_files import parse

FOLDER = Path(__file__).parent / "cases" / "audit_corpus"
DAY = "2026-11-23"
"""The day of the sheet of legal facts that the corpus was written from."""


class Expected(NamedTuple):
    """A passage a jurist flags: which words, and the fact that condemns them."""

    quote: str
    fact: str


class Case(NamedTuple):
    name: str
    held_out: bool
    flag: tuple[Expected, ...]
    lawful: tuple[str, ...]
    tolerated: tuple[str, ...]
    text: Manuscript


class Outcome(NamedTuple):
    """What became of one text: quotes found and missed, and findings nobody expects."""

    found: tuple[tuple[Expected, AuditFinding], ...]
    missed: tuple[Expected, ...]
    false_alarms: tuple[AuditFinding, ...]


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    return tuple(_case(path) for path in sorted(FOLDER.glob("[dstuv]*.yml")))


def _case(path: Path) -> Case:
    content = parse(path.read_text(encoding="utf-8"))
    return Case(
        name=path.stem,
        held_out=content["held_out"],
        flag=tuple(Expected(e["quote"], e["fact"]) for e in content["flag"]),
        lawful=tuple(e["quote"] for e in content["lawful"]),
        tolerated=tuple(e["quote"] for e in content["tolerated"]),
        text=read_manuscript(FOLDER / content["text"]),
    )


@lru_cache(maxsize=1)
def same_reasons() -> Mapping[str, frozenset[str]]:
    """Return, for each fact, those that say as much of a passage."""
    reasons = parse((FOLDER / "motifs.yml").read_text(encoding="utf-8"))
    return {fact: frozenset(group) for group in reasons for fact in group}


def outcome(case: Case, library: Library) -> Outcome:
    """Return what an audit makes of a text.

    A finding answers a quote when it stands in the same sentence, for the same reason.
    """
    findings = [f for f in audit([case.text], library, DAY).findings if f.file]
    found: list[tuple[Expected, AuditFinding]] = []
    missed: list[Expected] = []
    for expected in case.flag:
        wanted = sentences_of(case.text, expected.quote)
        reasons = same_reasons().get(expected.fact, frozenset({expected.fact}))
        for finding in findings:
            facts = {citation.id for citation in finding.references}
            if wanted & _sentences_of(case.text, finding) and facts & reasons:
                found.append((expected, finding))
                break
        else:
            missed.append(expected)
    known = set[tuple[int, int]]()
    for quote in (*(e.quote for e in case.flag), *case.tolerated):
        known |= sentences_of(case.text, quote)
    false_alarms = tuple(f for f in findings if not _sentences_of(case.text, f) & known)
    return Outcome(tuple(found), tuple(missed), false_alarms)


# --- places --------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Return a text without what its layout added: cuts, breaks, kinds of space."""
    whole = cleaned(text).replace("’", "'")
    return " ".join(whole.rstrip("-").split()).casefold()


def _sentences(passage: Passage) -> list[str]:
    return re.split(r"(?<=[.;!?])\s+", _plain(passage.text))


def sentences_of(text: Manuscript, quote: str) -> set[tuple[int, int]]:
    """Return the sentences that hold a quote: the passage, and the rank in it."""
    return set(_holding(text.passages, _plain(quote)))


def _holding(passages: tuple[Passage, ...], words: str) -> Iterator[tuple[int, int]]:
    for number, passage in enumerate(passages):
        where = _plain(passage.text).find(words)
        if where < 0:
            continue
        end = 0
        for rank, sentence in enumerate(_sentences(passage)):
            begins, end = end, end + len(sentence) + 1
            if begins < where + len(words) and where < end:
                yield number, rank


def _sentences_of(text: Manuscript, finding: AuditFinding) -> set[tuple[int, int]]:
    lines = [passage.line for passage in text.passages]
    near = [n for n, line in enumerate(lines) if line <= finding.line]
    words = _plain(re.sub(r"(?<=\w)- (?=\w)", "", finding.quote))
    return {
        place
        for place in _holding(text.passages, words)
        if lines[place[0]] == lines[near[-1]]
    }
