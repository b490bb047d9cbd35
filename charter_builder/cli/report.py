"""Findings, coverage and paragraphs as a terminal or a machine reads them."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from charter_builder import french
from charter_builder.charter import (
    NATURE_LABELS,
    NATURE_MEANINGS,
    Article,
    Charter,
    ListBlock,
    OpenPoint,
    Paragraph,
    TableBlock,
    TextBlock,
)
from charter_builder.markdown import NOTHING_SAID, open_point_lead
from charter_builder.requirements import STATUS_LABELS, Coverage
from charter_builder.rules import Finding
from charter_builder.typography import polish

if TYPE_CHECKING:
    from charter_builder.audit import AuditFinding
    from charter_builder.readability import Reading

SEVERITY_LABELS = {"error": "ERREUR", "warning": "À VÉRIFIER", "note": "NOTE"}


def width() -> int:
    """Return the number of columns to write in: 40 at least, 88 at most."""
    return max(40, min(88, shutil.get_terminal_size((80, 24)).columns))


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Return the text folded to the terminal, its French spaces unbroken."""
    lines = textwrap.wrap(
        polish(text),
        width(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def folded(text: str) -> str:
    """Return a text whose lines too long for the terminal are folded at words."""
    return "\n".join(
        line
        if len(line) <= width()
        else wrapped(line, line[: len(line) - len(line.lstrip())])
        for line in text.split("\n")
    )


def summary(findings: "Sequence[Finding] | Sequence[AuditFinding]") -> str:
    """Return « 1 erreur, 2 points à vérifier, 3 notes »."""
    count = dict.fromkeys(SEVERITY_LABELS, 0)
    for finding in findings:
        count[finding.severity] += 1
    return ", ".join(
        (
            french.counted(count["error"], "erreur", "erreurs"),
            french.counted(count["warning"], "point à vérifier", "points à vérifier"),
            french.counted(count["note"], "note", "notes"),
        )
    )


def finding_text(finding: Finding) -> str:
    """Return one finding: what, where, which source, what to do."""
    lines = [wrapped(f"{SEVERITY_LABELS[finding.severity]} · {finding.message}")]
    lines.append(wrapped(f"Où : {finding.place}", "  "))
    if finding.names:
        lines.append(wrapped(f"Réponses : {', '.join(finding.names)}", "  "))
    lines += [wrapped(f"Source : {c.label}", "  ") for c in finding.references]
    if finding.remedy:
        lines.append(wrapped(f"Remède : {finding.remedy}", "  "))
    lines.append(wrapped(f"Règle : {finding.rule}", "  "))
    return "\n".join(lines)


def coverage_text(items: Iterable[Coverage]) -> str:
    """Return the table of compulsory contents."""
    lines = ["Contenus attendus"]
    for item in items:
        lines.append(wrapped(f"{item.id} · {item.title}", "      ", "  "))
        detail = STATUS_LABELS[item.status]
        if item.places:
            detail += f" : {' ; '.join(item.places)}"
        elif item.reason:
            detail += f" : {item.reason}"
        lines.append(wrapped(detail, "      "))
    return "\n".join(lines)


_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def readings_text(charter: Charter) -> str:
    """Return what each article takes to be read, then the whole charter."""
    from charter_builder.readability import article_sentences, reading

    every: list[str] = []
    lines = ["Lisibilité"]
    for article in charter.articles():
        sentences = article_sentences(article)
        every += sentences
        lines.append(_reading_line(f"Article {article.number}", reading(sentences)))
    whole = reading(every)
    lines.append(_reading_line("Ensemble", whole))
    if whole:
        lines.append(wrapped(f"Phrase la plus longue : {whole.longest_text}", "  "))
    lines.append(wrapped(_READING_NOTE, "  "))
    return "\n".join(lines)


_READING_NOTE = (
    "Indice de Kandel et Moles : plus il est haut, plus le texte se lit facilement. Il "
    "ne mesure que des longueurs. Un élément de liste compte pour une phrase, une "
    "référence juridique entre parenthèses pour un mot."
)


def _reading_line(name: str, found: "Reading | None") -> str:
    if found is None:
        return f"  {name} : rien à lire"
    return wrapped(
        f"{name} : indice {found.ease:.0f}, phrase médiane de "
        f"{french.counted(Decimal(found.median), 'mot', 'mots')}, la plus longue de "
        f"{french.number(found.longest)}",
        "    ",
        first="  ",
    )


def github(finding: Finding, path: str, line: int) -> str:
    """Return a finding as a workflow command of GitHub, on its line of the answers."""
    parts = [finding.message]
    parts += [f"Source : {c.label}" for c in finding.references[:1]]
    if finding.remedy:
        parts.append(f"Remède : {finding.remedy}")
    message = " ".join(parts).replace("%", "%25").replace("\n", "%0A")
    title = f"{finding.place} ({finding.rule})"
    for sign, code in (("%", "%25"), (",", "%2C"), (":", "%3A")):
        title = title.replace(sign, code)
    kind = _GITHUB[finding.severity]
    return f"::{kind} file={path},line={line},title={title}::{message}"


def paragraph_text(paragraph: Paragraph) -> str:
    """Return one paragraph for a terminal, with its nature."""
    lines: list[str] = []
    mark = f"[{NATURE_LABELS[paragraph.nature]}] "
    for block in paragraph.blocks:
        match block:
            case TextBlock():
                lines.append(wrapped(mark + block.text, "  "))
            case ListBlock():
                lines += [wrapped(item, "    ", "  - ") for item in block.items]
            case TableBlock():
                lines += [
                    wrapped(" | ".join(row), "    ", "  ")
                    for row in (block.header, *block.rows)
                ]
        mark = ""
    return "\n".join(lines)


def article_text(article: Article) -> str:
    """Return one article for a terminal."""
    blocks = [wrapped(f"Article {article.number}. {article.title}")]
    for part in article.body():
        if isinstance(part, OpenPoint):
            blocks.append(open_point_text(part, article))
        else:
            blocks.append(paragraph_text(part))
    return "\n\n".join(blocks)


def marks_text(articles: Iterable[Article]) -> str:
    """Return what the marks of these articles mean, those in use only."""
    used = {p.nature for article in articles for p in article.every_paragraph()}
    return "\n".join(
        wrapped(f"[{NATURE_LABELS[nature]}] {meaning}", "  ")
        for nature, meaning in NATURE_MEANINGS.items()
        if nature in used
    )


def open_point_text(point: OpenPoint, article: Article) -> str:
    """Return an open point for a terminal: its candidates one under the other."""
    blocks = [wrapped(f"[à débattre] {open_point_lead(point, article)}", "  ")]
    for candidate in point.candidates:
        blocks.append(wrapped(f"{candidate.letter}. {candidate.shown}", "     ", "  "))
        shown = [paragraph_text(paragraph) for paragraph in candidate.paragraphs]
        blocks += [
            textwrap.indent(text, "   ") for text in shown or [wrapped(NOTHING_SAID)]
        ]
    return "\n".join(blocks)


def explanation_text(article: Article, only: Sequence[Paragraph] | None = None) -> str:
    """Return why an article, or only some of its paragraphs, are there."""
    lines = [wrapped(f"Article {article.number}. {article.title}"), ""]
    lines.append(wrapped(f"Ce qu’il règle : {article.settles}"))
    for origin in article.provenance:
        if only is not None and all(p.clause != origin.clause for p in only):
            continue
        lines += ["", wrapped(f"{origin.title} ({origin.clause})")]
        lines.append(wrapped(f"Pourquoi : {origin.because}.", "  "))
        for given in origin.given:
            lines.append(wrapped(f"Réponse : {given.label} {given.shown}", "  "))
        for citation in origin.references:
            lines.append(wrapped(f"Source : {citation.label}", "  "))
        if origin.satisfies:
            lines.append(
                wrapped(f"Contenus traités : {', '.join(origin.satisfies)}", "  ")
            )
    shown = article.every_paragraph() if only is None else only
    lines.append("")
    for item in shown:
        lines.append(wrapped(f"{item.id} :", ""))
        lines.append(paragraph_text(item))
    return "\n".join(lines)
