"""A charter as a Word document, the acts first; or one of the forms that go with it.

Text is data: it is only ever the text of a run, never a field. Every paragraph of the
charter has one bookmark, around the text of its first block, so that an annotated file
comes back. Its nature stands in the margin, in the character style « Nature »: hiding
that style gives a clean copy.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import zip_longest
from typing import NamedTuple, cast
from xml.sax.saxutils import escape
from zipfile import ZipFile, ZipInfo

from docx import Document as new_document
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part as PackagePart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle, _TableStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from charter_builder import french
from charter_builder.charter import (
    DECIDES,
    NATURE_LABELS,
    NATURE_MEANINGS,
    Act,
    ActArticle,
    Article,
    Block,
    Candidate,
    Charter,
    Document,
    DocumentSection,
    ListBlock,
    OpenPoint,
    Paragraph,
    TableBlock,
    TextBlock,
    plain_text,
)
from charter_builder.forms import BOX, Blank, side_by_side
from charter_builder.markdown import DAY, NOTHING_SAID, asked, open_point_lead
from charter_builder.open_points import candidate_runs
from charter_builder.typography import NBSP

# Liberation Serif has the same widths: the same pages in Word and in LibreOffice.
_FONT = "Times New Roman"
# It has no box to tick; Word finds one here, other programs in a font of theirs.
_BOX_FONT = "Segoe UI Symbol"
_GREY = RGBColor(0x5F, 0x5F, 0x5F)
_TEXT_WIDTH = 16
_ASIDE = 1.7
"""The width in centimetres of the column where natures stand."""
_LONGEST_BEFORE_DOTS = 80
"""The characters after which a line has no room left for an answer."""
_BEFORE_SIGNATURES = 4
"""The lines kept on the page of the signatures."""
_ROW_TO_FILL = Cm(0.9)
_EVEN = 18
"""The weight of a column to be filled in, whatever the length of its heading."""
_LONGEST_BOOKMARK = 40
_LONGEST_PROPERTY = 255
_TABLE_STYLES = ("Normal Table", "Table Grid")
_LEFTOVERS = ("/thumbnail", "/stylesWithEffects", "/customXml", "/extended-properties")


class _Look(NamedTuple):
    """How a paragraph style looks: points, and centimetres for the indents."""

    size: float = 11
    before: float = 0
    after: float = 6
    left: float = 0
    hanging: float = 0
    bold: bool = False
    italic: bool = False
    grey: bool = False
    centred: bool = False
    keep: bool = False
    lines: float = 1.0


_LOOKS = {
    "Normal": _Look(lines=1.12),
    "Title": _Look(size=18, before=6, after=18, bold=True, centred=True, keep=True),
    "Heading 1": _Look(size=14, before=24, after=6, bold=True, keep=True),
    "Heading 2": _Look(size=12, before=14, after=4, bold=True, keep=True),
    "List Bullet": _Look(left=_ASIDE + 0.6, hanging=0.6, lines=1.12),
    "Footer": _Look(size=8, after=0, grey=True),
    "Collectivité": _Look(size=12, after=0, bold=True, centred=True, keep=True),
    "Annexe": _Look(after=6, italic=True, centred=True, keep=True),
    "Autorité": _Look(after=8, left=_ASIDE, bold=True, keep=True),
    "Visa": _Look(left=_ASIDE, lines=1.12),
    "Dispositif": _Look(before=8, after=4, left=_ASIDE, bold=True, keep=True),
    "Formule": _Look(before=16, after=16, left=_ASIDE, lines=1.12),
    "Alinéa": _Look(left=_ASIDE, hanging=_ASIDE, lines=1.12),
    "À débattre": _Look(before=4, left=_ASIDE, hanging=_ASIDE, bold=True, keep=True),
    "Réserve": _Look(size=9, left=_ASIDE, italic=True, grey=True),
    "Alinéa suite": _Look(left=_ASIDE, lines=1.12),
    "Mode d’emploi": _Look(size=10, after=12, italic=True, grey=True),
    "Section": _Look(size=12, before=12, after=6, bold=True, keep=True),
    "Champ": _Look(before=4, after=6, lines=1.12),
    "Ligne": _Look(before=5, after=5),
    "Case": _Look(left=0.7, hanging=0.7, before=1, after=3, lines=1.12),
    "Signature": _Look(before=14, after=0, bold=True, keep=True),
    "Tableau": _Look(size=10, before=2, after=2),
    "Fin de tableau": _Look(size=1, after=2),
    "Tableau titre": _Look(size=10, before=2, after=2, bold=True, keep=True),
}


def render(charter: Charter) -> bytes:
    """Return the acts then the charter, always the same bytes for the same charter."""
    document = _blank_document(charter, charter.title)
    for act in charter.acts:
        _write_act(document, charter, act)
    _write_charter(document, charter)
    _write_footer(document, charter)
    _write_legend(document, charter)
    _number_bookmarks(document)
    return _saved(document)


def render_document(annex: Document, charter: Charter) -> bytes:
    """Return a document that goes with the charter, to be printed and filled in."""
    document = _blank_document(charter, annex.title)
    # No natures aside, and short margins: the page is for those who write.
    _indent_tables(document, 0)
    page = document.sections[0]
    page.top_margin, page.bottom_margin = Cm(1.8), Cm(2.2)
    page.footer_distance = Cm(1)
    document.add_paragraph(charter.territory, "Collectivité")
    document.add_paragraph(annex.title, "Title")
    # Hiding this style leaves a letter ready to be sent.
    document.add_paragraph(f"{annex.purpose} {annex.for_}", "Mode d’emploi")
    for section in annex.sections:
        _write_section(document, section)
    _write_footer(document, charter)
    _number_bookmarks(document)
    return _saved(document)


def _blank_document(charter: Charter, title: str) -> Word:
    document = new_document()
    _strip_template(document)
    _set_page(document)
    _set_styles(document)
    _set_properties(document, charter, title)
    return document


def bookmark_name(identifier: str) -> str:
    """Return the bookmark of a paragraph: one per id, within the limits of Word.

    `deconnexion/plage-fixe/1` gives `p_deconnexion__plage_fixe__1`. An id that is too
    long, or could not be read back, ends with `___` and eight digits of its hash.
    """
    name = "p_" + identifier.replace("/", "__").replace("-", "_")
    back = name[2:].replace("__", "/").replace("_", "-")
    if len(name) <= _LONGEST_BOOKMARK and back == identifier:
        return name
    ending = "___" + sha256(identifier.encode()).hexdigest()[:8]
    return re.sub(r"[^a-z0-9_]", "_", name)[: _LONGEST_BOOKMARK - len(ending)] + ending


# --- the text ------------------------------------------------------------------------


def _write_act(document: Word, charter: Charter, act: Act) -> None:
    opening = document.add_paragraph(charter.territory, "Collectivité")
    opening.paragraph_format.page_break_before = act is not charter.acts[0]
    document.add_paragraph(act.title, "Title")
    document.add_paragraph(act.authority, "Autorité")
    for paragraph in (*act.visas, *act.recitals):
        _write_formula(document, paragraph, "Visa")
    document.add_paragraph(DECIDES, "Dispositif")
    for article in act.articles:
        _write_article(document, article)
    start = len(document.paragraphs)
    for paragraph in act.closing:
        _write_formula(document, paragraph, "Formule")
    # Nobody signs a page that holds nothing but a signature.
    for line in document.paragraphs[start:-1]:
        line.paragraph_format.keep_with_next = True


def _write_charter(document: Word, charter: Charter) -> None:
    opening = document.add_paragraph(charter.territory, "Collectivité")
    if charter.acts:
        annexed = opening.insert_paragraph_before("Annexe", "Annexe")
        annexed.paragraph_format.page_break_before = True
    document.add_paragraph(charter.title, "Title")
    for part in charter.parts:
        document.add_paragraph(part.title, "Heading 1")
        for article in part.articles:
            _write_article(document, article)


def _write_article(document: Word, article: Article | ActArticle) -> None:
    document.add_paragraph(article.name, "Heading 2")
    for part in article.body():
        if isinstance(part, OpenPoint):
            _write_open_point(document, article, part)
            continue
        line = document.add_paragraph(style="Alinéa")
        line.add_run(NATURE_LABELS[part.nature], "Nature")
        line.add_run("\t")
        _write_blocks(document, part, line)
        if part.reserve:
            _write_reserve(document, part)


def _write_section(document: Word, section: DocumentSection) -> None:
    before = len(document.paragraphs)
    if section.heading:
        document.add_paragraph(section.heading, "Section")
    for paragraph in section.paragraphs:
        line = document.add_paragraph()
        _write_blocks(document, paragraph, line, _PLAIN)
    for blanks in side_by_side(section.fields):
        if blanks[0].kind == "signature":
            _write_signatures(document, blanks)
        else:
            _write_blank(document, blanks[0])
    for first in document.paragraphs[before : before + 1]:
        first.paragraph_format.page_break_before = section.new_page


def _write_blank(document: Word, blank: Blank) -> None:
    if blank.kind == "checkbox":
        line = document.add_paragraph(style="Case")
        line.paragraph_format.space_before = Pt(8)
        _add_box(line)
        line.add_run(blank.label)
        _add_remark(line, blank)
        return
    line = document.add_paragraph(style="Champ")
    line.add_run(asked(blank)).bold = blank.kind not in ("line", "date")
    _add_remark(line, blank)
    match blank.kind:
        case "line":
            _add_dots(line)
        case "date":
            line.add_run(f" {DAY}")
        case "lines":
            for _ in range(blank.lines):
                line.paragraph_format.keep_with_next = True
                line = document.add_paragraph(style="Ligne")
                _add_dots(line)
        case "choice" | "choices":
            for choice in blank.choices:
                line.paragraph_format.keep_with_next = True
                line = document.add_paragraph(style="Case")
                _add_box(line)
                line.add_run(choice)
        case _:
            line.paragraph_format.keep_with_next = True
            _write_grid(document, blank)


def _write_grid(document: Word, blank: Blank) -> None:
    """Write a table to fill in: the first column holds words, the others answers."""
    words = max(map(len, blank.rows))
    first = min(max(words, 10), 40) if words else _EVEN
    weights = (
        first,
        *(_EVEN if len(column) > 5 else 10 for column in blank.columns[1:]),
    )
    table = TableBlock(header=blank.columns, rows=tuple(blank.table_rows()))
    _write_table(document, table, _shares(weights, _TEXT_WIDTH), _ROW_TO_FILL)


def _add_remark(line: WordParagraph, blank: Blank) -> None:
    if blank.remark:
        remark = line.add_run(f" ({blank.remark})")
        remark.bold, remark.italic = False, True
        remark.font.size, remark.font.color.rgb = Pt(9), _GREY


def _add_dots(line: WordParagraph) -> None:
    """Rule the rest of the line, or the whole of the next one when little is left."""
    stops = line.paragraph_format.tab_stops
    stops.add_tab_stop(Cm(_TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    if len(line.text) > _LONGEST_BEFORE_DOTS:
        line.add_run().add_break()
    elif line.text:
        line.add_run(" ")
    line.add_run("\t")


def _add_box(line: WordParagraph) -> None:
    box = line.add_run(BOX)
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        box._r.get_or_add_rPr().get_or_add_rFonts().set(qn(f"w:{script}"), _BOX_FONT)
    line.add_run("\t")


def _write_signatures(document: Word, blanks: Sequence[Blank]) -> None:
    """Write the places of signatures, side by side, on one page."""
    document.add_paragraph(style="Tableau")
    # Nobody signs a page that holds nothing but a signature.
    for line in document.paragraphs[-_BEFORE_SIGNATURES:]:
        line.paragraph_format.keep_with_next = True
    table = document.add_table(1, len(blanks), "Table Grid")
    row = table.rows[0]
    row._tr.get_or_add_trPr().append(_element("cantSplit"))
    row.height, row.height_rule = Cm(3), WD_ROW_HEIGHT_RULE.AT_LEAST
    width = Cm(_TEXT_WIDTH / len(blanks))
    for column, cell, blank in zip(table.columns, row.cells, blanks, strict=True):
        column.width = cell.width = width
        first = cell.paragraphs[0]
        first.style = "Tableau titre"
        first.add_run(blank.label)
        _add_remark(first, blank)
        place = cell.add_paragraph(style="Tableau")
        stops = place.paragraph_format.tab_stops
        stops.add_tab_stop(
            Cm(_TEXT_WIDTH / len(blanks) - 0.6),
            WD_TAB_ALIGNMENT.RIGHT,
            WD_TAB_LEADER.DOTS,
        )
        place.add_run("À\t")
        cell.add_paragraph(f"{DAY[:1].upper()}{DAY[1:]}", "Tableau")
        cell.add_paragraph(f"Signature{NBSP}:", "Tableau")
    # A table is always followed by a line: at the foot of a page it must fit there.
    document.add_paragraph(style="Fin de tableau")


def _write_reserve(document: Word, paragraph: Paragraph) -> None:
    """Write under a local paragraph that nobody checked it, and why it is there."""
    said = paragraph.reserve
    if not paragraph.is_adopted:
        said += f" Motif : {paragraph.reason}"
    document.add_paragraph(said, "Réserve")


def _write_open_point(
    document: Word, article: Article | ActArticle, point: OpenPoint
) -> None:
    """Write the candidates of an open point side by side.

    The bookmark is on the question: the same paragraph may stand in each column.
    """
    lead = document.add_paragraph(style="À débattre")
    lead.add_run("À débattre", "Nature")
    lead.add_run("\t")
    asked = lead.add_run(open_point_lead(point, article))
    _enclose(asked, bookmark_name(f"{point.home}/debat/{point.id}"))
    width = Cm((_TEXT_WIDTH - _ASIDE) / len(point.candidates))
    table = document.add_table(2, len(point.candidates), "Table Grid")
    table.rows[0]._tr.get_or_add_trPr().append(_element("tblHeader"))
    for column, candidate in enumerate(point.candidates):
        table.columns[column].width = width
        head, body = table.cell(0, column), table.cell(1, column)
        head.width = body.width = width
        head.paragraphs[0].style = "Tableau titre"
        head.paragraphs[0].add_run(
            f"Proposition {candidate.letter}{NBSP}: {candidate.shown}"
        )
        _write_candidate(body, point, candidate)
    document.add_paragraph(style="Tableau")


def _write_candidate(cell: _Cell, point: OpenPoint, candidate: Candidate) -> None:
    """Write what the article says with a candidate, its own words in bold."""
    lines = [
        runs
        for paragraph in candidate.paragraphs
        for runs in _candidate_lines(point, paragraph)
    ]
    for rank, runs in enumerate(lines or [[(NOTHING_SAID, False)]]):
        line = cell.paragraphs[0] if rank == 0 else cell.add_paragraph()
        line.style = "Tableau"
        for text, is_own in runs:
            line.add_run(text).bold = is_own or None


def _candidate_lines(
    point: OpenPoint, paragraph: Paragraph
) -> list[list[tuple[str, bool]]]:
    runs = candidate_runs(point, paragraph)
    if runs:
        return [[(run.text, run.kind == "added") for run in runs]]
    return [[(line, False)] for line in plain_text(paragraph).split("\n")]


def _write_formula(document: Word, paragraph: Paragraph, style: str) -> None:
    """Write what an act always says: its nature would tell nothing, so none is shown."""
    _write_blocks(document, paragraph, document.add_paragraph(style=style))
    if paragraph.reserve:
        _write_reserve(document, paragraph)


class _Layout(NamedTuple):
    """Where the blocks of a text stand: beside their nature, or over the whole width."""

    following: str
    indent: float


_ASIDE_LAYOUT = _Layout("Alinéa suite", _ASIDE)
_PLAIN = _Layout("Normal", 0)


def _write_blocks(
    document: Word,
    paragraph: Paragraph,
    line: WordParagraph,
    layout: _Layout = _ASIDE_LAYOUT,
) -> None:
    """Write the blocks of a paragraph, the first one on a line already begun."""
    match paragraph.blocks:
        case (TextBlock(text=introduction), *others):
            runs = [line.add_run(introduction)]
        case others:
            runs = []
    if others and not isinstance(others[0], TextBlock):
        line.paragraph_format.keep_with_next = True
    for block in others:
        runs += _write_block(document, block, layout)
    if runs:
        _enclose(runs[0], bookmark_name(paragraph.id))


def _write_block(document: Word, block: Block, layout: _Layout) -> list[Run]:
    match block:
        case TextBlock():
            return [document.add_paragraph(style=layout.following).add_run(block.text)]
        case ListBlock():
            items = [document.add_paragraph(style="List Bullet") for _ in block.items]
            for item in items:
                item.paragraph_format.left_indent = Cm(layout.indent + 0.6)
            return [
                item.add_run(text)
                for item, text in zip(items, block.items, strict=True)
            ]
        case TableBlock():
            widths = _column_widths(
                (block.header, *block.rows), _TEXT_WIDTH - layout.indent
            )
            return _write_table(document, block, widths)


def _write_table(
    document: Word,
    block: TableBlock,
    widths: Sequence[Length],
    height: Length | None = None,
) -> list[Run]:
    """Write a table; rows to be filled in have a least height, and less after them."""
    lines = (block.header, *block.rows)
    table = document.add_table(len(lines), len(widths), "Table Grid")
    for column, column_width in zip(table.columns, widths, strict=True):
        column.width = column_width
    runs = []
    for rank, (row, texts) in enumerate(zip(table.rows, lines, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("cantSplit"))
        if rank == 0:
            properties.append(_element("tblHeader"))
        elif height is not None:
            row.height, row.height_rule = height, WD_ROW_HEIGHT_RULE.AT_LEAST
        for cell, text, column_width in zip(row.cells, texts, widths, strict=False):
            cell.width = column_width
            cell.paragraphs[0].style = "Tableau" if rank else "Tableau titre"
            runs.append(cell.paragraphs[0].add_run(text))
    # Word would merge two tables with nothing between them.
    document.add_paragraph(style="Tableau" if height is None else "Fin de tableau")
    return runs


def _column_widths(lines: Iterable[Sequence[str]], width: float) -> list[Length]:
    """Return wider columns for longer texts, the whole as wide as asked."""
    columns = zip_longest(*lines, fillvalue="")
    weights = [min(max(10, *map(len, column)), 40) for column in columns]
    return _shares(weights, width)


def _shares(weights: Sequence[int], width: float) -> list[Length]:
    return [Cm(width * weight / sum(weights)) for weight in weights]


def _write_footer(document: Word, charter: Charter) -> None:
    footer = document.sections[0].footer
    footer.is_linked_to_previous = False
    page = footer.paragraphs[0]
    page.add_run(
        f"Établi pour un acte du {french.day(charter.act_date)} · état du droit au "
        f"{french.day(charter.legal_status_date)}\tpage{NBSP}"
    )
    _add_field(page, "PAGE")
    page.add_run(f"{NBSP}sur{NBSP}")
    _add_field(page, "NUMPAGES")
    footer.add_paragraph(
        f"Bibliothèque {charter.library} {charter.library_version} "
        f"({charter.library_digest[:12]}) · texte {charter.digest[:12]}",
        "Footer",
    )


def _write_legend(document: Word, charter: Charter) -> None:
    """Write what the words in the margin mean, at the foot of each page."""
    footer = document.sections[0].footer
    articles: list[Article | ActArticle] = list(charter.articles())
    articles += [article for act in charter.acts for article in act.articles]
    used = {paragraph.nature for a in articles for paragraph in a.every_paragraph()}
    legend = " · ".join(
        f"{label}{NBSP}: {NATURE_MEANINGS[nature].partition(' : ')[0]}"
        for nature, label in NATURE_LABELS.items()
        if nature in used
    )
    footer.add_paragraph(style="Footer").add_run(f"En marge — {legend}", "Nature")


# --- what python-docx has no word for ------------------------------------------------


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    element = cast(BaseOxmlElement, OxmlElement(f"w:{tag}"))
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _enclose(run: Run, name: str) -> None:
    run._r.addprevious(_element("bookmarkStart", name=name))
    run._r.addnext(_element("bookmarkEnd"))


def _number_bookmarks(document: Word) -> None:
    """Give each start and its end the number that pairs them; none is inside another."""
    body = document.element.body
    for tag in ("bookmarkStart", "bookmarkEnd"):
        for number, mark in enumerate(body.iter(qn(f"w:{tag}"))):
            mark.set(qn("w:id"), str(number))


def _add_field(paragraph: WordParagraph, instruction: str) -> None:
    field = _element("fldSimple", instr=instruction)
    run = paragraph.add_run("1")
    run._r.addprevious(field)
    field.append(run._r)


# --- the page, the styles, the properties --------------------------------------------


def _strip_template(document: Word) -> None:
    """Remove what the template of python-docx tells of another document."""
    for owner in (document.part.package, document.part):
        for identifier, relation in list(owner.rels.items()):
            if relation.reltype.endswith(_LEFTOVERS):
                del owner.rels[identifier]
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in _TABLE_STYLES:
            style.delete()
    settings = document.settings.element
    for tag in ("zoom", "proofState", "savePreviewPicture", "rsids"):
        for element in settings.findall(qn(f"w:{tag}")):
            settings.remove(element)
    # Word shows « Mode de compatibilité » below 15.
    for mode in settings.xpath("//w:compatSetting[@w:name='compatibilityMode']"):
        mode.set(qn("w:val"), "15")


def _set_page(document: Word) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm((21 - _TEXT_WIDTH) / 2)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.8)
    section.footer_distance = Cm(1.2)


def _set_styles(document: Word) -> None:
    styles = document.styles
    for fonts in styles.element.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), _FONT)
    for root, tag in (
        (styles.element, "lang"),
        (document.settings.element, "themeFontLang"),
    ):
        for language in root.iter(qn(f"w:{tag}")):
            language.attrib.clear()
            language.set(qn("w:val"), "fr-FR")
    known = {style.name for style in styles}
    for name, look in _LOOKS.items():
        if name not in known:
            ours = cast(ParagraphStyle, styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
            ours.base_style, ours.quick_style = styles["Normal"], True
        _dress(cast(ParagraphStyle, styles[name]), look)
    # The titles of the acts and of the charter are part of the outline.
    title = cast(ParagraphStyle, styles["Title"])
    form = title.element.get_or_add_pPr()
    form.remove(form.find(qn("w:pBdr")))
    form.append(_element("outlineLvl", val="0"))
    nature = cast(CharacterStyle, styles.add_style("Nature", WD_STYLE_TYPE.CHARACTER))
    nature.font.size, nature.font.color.rgb = Pt(8), _GREY
    nature.quick_style = True
    tabs = cast(ParagraphStyle, styles["Footer"]).paragraph_format.tab_stops
    tabs.clear_all()
    tabs.add_tab_stop(Cm(_TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    _indent_tables(document, _ASIDE)
    _set_bullets(document)


def _indent_tables(document: Word, centimetres: float) -> None:
    table = cast(_TableStyle, document.styles["Table Grid"])
    indent = str(Cm(centimetres).twips)
    table.element.find(f".//{qn('w:tblInd')}").set(qn("w:w"), indent)


def _dress(style: ParagraphStyle, look: _Look) -> None:
    font, form = style.font, style.paragraph_format
    font.name, font.size = _FONT, Pt(look.size)
    font.bold, font.italic = look.bold, look.italic
    font.color.rgb = _GREY if look.grey else RGBColor(0, 0, 0)
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.left_indent, form.first_line_indent = Cm(look.left), Cm(-look.hanging)
    form.line_spacing = look.lines
    form.alignment = (WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER)[look.centred]
    form.widow_control = True
    form.keep_with_next = form.keep_together = look.keep


def _set_bullets(document: Word) -> None:
    """Print list marks as French acts do: a dash."""
    for level in document.part.numbering_part.element.iter(qn("w:lvl")):
        style = level.find(qn("w:pStyle"))
        if style is not None and style.get(qn("w:val")) == "ListBullet":
            level.find(qn("w:lvlText")).set(qn("w:val"), "–")
            level.remove(level.find(qn("w:rPr")))


def _set_properties(document: Word, charter: Charter, title: str) -> None:
    day = datetime.fromisoformat(charter.act_date)
    core = document.core_properties
    core.title = title[:_LONGEST_PROPERTY]
    core.subject = core.author = core.last_modified_by = charter.territory[
        :_LONGEST_PROPERTY
    ]
    core.language, core.comments, core.revision = "fr-FR", "", 1
    core.created = core.modified = day
    # LibreOffice gives it back as it was (keywords come back altered).
    core.identifier = charter.digest
    custom = {
        "charter_digest": charter.digest,
        "library": charter.library,
        "library_version": charter.library_version,
        "library_digest": charter.library_digest,
    }
    package = document.part.package
    part = PackagePart(
        PackURI("/docProps/custom.xml"),
        CONTENT_TYPE.OFC_CUSTOM_PROPERTIES,
        _custom_properties(custom),
        package,
    )
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _custom_properties(values: Mapping[str, str]) -> bytes:
    properties = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" '
        f'name="{name}"><vt:lpwstr>{escape(value)}</vt:lpwstr></property>'
        for number, (name, value) in enumerate(values.items(), 2)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<Properties xmlns="{office}/custom-properties" '
        f'xmlns:vt="{office}/docPropsVTypes">{properties}</Properties>'
    ).encode()


def _saved(document: Word) -> bytes:
    """Return the file, its entries without clock nor machine.

    They are not compressed: two versions of zlib do not write the same bytes.
    """
    written, fixed = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as source, ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = ZipInfo(name)  # 1980-01-01
            entry.create_system = 0
            target.writestr(entry, source.read(name))
    return fixed.getvalue()
