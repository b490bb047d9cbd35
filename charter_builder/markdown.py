"""A charter as Markdown: what differences, pages and golden files show.

Text is data: whatever could be Markdown or HTML is written as a numeric entity, the
one form that Python-Markdown and every other converter leave alone.
"""

import re
from collections.abc import Iterator

from charter_builder import french
from charter_builder.charter import (
    DECIDES,
    Act,
    Article,
    Block,
    Charter,
    Document,
    DocumentSection,
    Drafted,
    ListBlock,
    OpenPoint,
    Paragraph,
    TableBlock,
    TextBlock,
)
from charter_builder.forms import BOX, Blank
from charter_builder.typography import NBSP, polish

_SPECIAL = re.compile(r"[\\`*_\[\]<>&{}|~^$#=]")
# A list, a rule, a quotation, a definition; an admonition, which needs no space.
_LINE_START = re.compile(r"^(\s*)((?:[-+>:!?]+|\d+[.)])(?=\s|$)|[!?]{3})")
_SCHEME = re.compile(r"(?i)\b(https?|ftp|javascript|data|vbscript|mailto):")


def escape(text: str) -> str:
    """Return text that reads as itself in Markdown, whichever line of it one looks at."""
    return "\n".join(map(_escaped_line, text.split("\n")))


def _escaped_line(text: str) -> str:
    escaped = _SPECIAL.sub(_entity, text)
    if ":" in escaped:
        escaped = _SCHEME.sub(r"\1&#58;", escaped)
    start = _LINE_START.match(escaped)
    if start is None:
        return escaped
    mark = start[2]
    return f"{start[1]}{mark[:-1]}&#{ord(mark[-1])};{escaped[start.end() :]}"


def _entity(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"


def block_lines(block: Block) -> Iterator[str]:
    """Yield the Markdown lines of one block."""
    match block:
        case TextBlock():
            yield escape(block.text)
        case ListBlock():
            for item in block.items:
                yield f"- {escape(item)}"
        case TableBlock():
            yield f"| {' | '.join(map(escape, block.header))} |"
            yield f"|{'---|' * len(block.header)}"
            for row in block.rows:
                yield f"| {' | '.join(escape(cell) or ' ' for cell in row)} |"


def paragraph_text(paragraph: Paragraph) -> str:
    """Return one paragraph, its blocks separated by blank lines."""
    text = "\n\n".join("\n".join(block_lines(block)) for block in paragraph.blocks)
    if paragraph.reserve:
        text += f"\n\n_{escape(paragraph.reserve)}_"
    return text


def article_text(article: Article) -> str:
    """Return one article under its numbered heading."""
    blocks = [f"### Article {article.number}. {escape(article.title)}"]
    return "\n\n".join([*blocks, *body_blocks(article)])


def body_blocks(article: Drafted) -> Iterator[str]:
    """Yield the paragraphs of an article, its open points among them."""
    for part in article.body():
        if isinstance(part, OpenPoint):
            yield open_point_text(part, article)
        else:
            yield paragraph_text(part)


def open_point_text(point: OpenPoint, article: Drafted) -> str:
    """Return an open point as a quotation: plain Markdown has no columns."""
    blocks = [f"**À débattre.** {escape(open_point_lead(point, article))}"]
    for candidate in point.candidates:
        blocks.append(f"**Proposition {candidate.letter} : {escape(candidate.shown)}**")
        blocks += [paragraph_text(paragraph) for paragraph in candidate.paragraphs]
        if not candidate.paragraphs:
            blocks.append(f"_{NOTHING_SAID}_")
    lines = "\n\n".join(blocks).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


NOTHING_SAID = "Rien n’est écrit ici avec cette proposition."


def open_point_lead(point: OpenPoint, article: Drafted) -> str:
    """Return what introduces the candidates: the question, or where it is asked."""
    if isinstance(article, Article) and article.id == point.home:
        return point.question
    return polish(f"Selon ce qui sera retenu sur « {point.subject.rstrip(' ?')} ».")


def charter_text(charter: Charter) -> str:
    """Return the whole charter."""
    blocks = [
        f"# {escape(charter.title)}",
        f"{escape(charter.territory)} — projet pour un acte du "
        f"{french.day(charter.act_date)}",
    ]
    for part in charter.parts:
        blocks.append(f"## {escape(part.title)}")
        blocks += [article_text(article) for article in part.articles]
    blocks += ["---", status_line(charter)]
    return "\n\n".join(blocks) + "\n"


def status_line(charter: Charter) -> str:
    """Return the day the law was read, and the library a draft is made with."""
    return (
        f"État du droit au {french.day(charter.legal_status_date)} · bibliothèque "
        f"{charter.library} {charter.library_version} "
        f"({charter.library_digest[:12]})"
    )


def act_text(act: Act, charter: Charter) -> str:
    """Return an act: visas, considérants, articles."""
    blocks = [
        f"# {escape(act.title)}",
        escape(charter.territory),
        escape(act.authority),
    ]
    blocks += [paragraph_text(paragraph) for paragraph in act.visas]
    blocks += [paragraph_text(paragraph) for paragraph in act.recitals]
    blocks.append(DECIDES)
    for article in act.articles:
        blocks.append(f"## Article {article.number}. {escape(article.title)}")
        blocks += body_blocks(article)
    blocks += [paragraph_text(paragraph) for paragraph in act.closing]
    blocks += ["---", status_line(charter)]
    return "\n\n".join(blocks) + "\n"


def document_text(document: Document, charter: Charter) -> str:
    """Return a document, what is to be filled in as dotted lines and boxes."""
    blocks = [
        f"# {escape(document.title)}",
        escape(charter.territory),
        f"_{escape(document.purpose)}_",
        f"_{escape(document.for_)}_",
    ]
    for section in document.sections:
        blocks += section_blocks(section)
    return "\n\n".join(blocks) + "\n"


def section_blocks(section: DocumentSection) -> Iterator[str]:
    """Yield a section of a document: its heading, its paragraphs, its fields."""
    if section.heading:
        yield f"## {escape(section.heading)}"
    for paragraph in section.paragraphs:
        yield paragraph_text(paragraph)
    for blank in section.fields:
        yield from blank_blocks(blank)


DOTS = "…" * 24
DAY = polish("le …… / …… / ………")


def blank_blocks(blank: Blank) -> Iterator[str]:
    """Yield what is to be filled in, as plain text shows it."""
    label = f"**{escape(asked(blank))}**"
    remark = f" _({escape(blank.remark)})_" if blank.remark else ""
    match blank.kind:
        case "line":
            yield f"{label}{remark} {DOTS}"
        case "lines":
            yield f"{label}{remark}"
            yield from [DOTS * 2] * blank.lines
        case "date":
            yield f"{label}{remark} {DAY}"
        case "checkbox":
            yield f"{BOX} {escape(blank.label)}{remark}"
        case "choice" | "choices":
            yield f"{label}{remark}"
            yield "\n".join(f"- {BOX} {escape(choice)}" for choice in blank.choices)
        case "table":
            yield f"{label}{remark}"
            table = TableBlock(header=blank.columns, rows=tuple(blank.table_rows()))
            yield "\n".join(block_lines(table))
        case "signature":
            yield f"{label}{remark} à {DOTS[:12]}, {DAY}"
            yield f"Signature{NBSP}: {DOTS}"


def asked(blank: Blank) -> str:
    """Return the label as it announces what is to be written."""
    if blank.label.endswith(("?", ":")):
        return blank.label
    return f"{blank.label}{NBSP}:"
