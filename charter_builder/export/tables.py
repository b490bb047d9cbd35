"""Tables as a spreadsheet (ODS) or as CSV files; the same rows give the same bytes.

Every text is a typed string: no program takes it for a formula.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile, ZipInfo

from charter_builder.exports import Cell, Sheet, csv_text, shown_value
from charter_builder.typography import fold

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("number", "datastyle"),
        ("config", "config"),
        ("manifest", "manifest"),
    )
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def ods(sheets: Sequence[Sheet]) -> bytes:
    """Return a spreadsheet, one sheet per table, the title row repeated on paper."""
    widths = sorted({column.width for sheet in sheets for column in sheet.columns})
    columns = "".join(
        f'<style:style style:name="{_width(width)}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        for width in widths
    )
    content = (
        f'{_HEAD}<office:document-content {_NAMES} office:version="1.3">'
        f"<office:automatic-styles>{columns}{_CELL_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(map(_table, sheets))}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return _archive(
        {
            # First, so that any program knows the file by its first bytes.
            "mimetype": MIMETYPE,
            "content.xml": content,
            "styles.xml": _STYLES,
            "settings.xml": _settings(sheets),
            "META-INF/manifest.xml": _MANIFEST,
        }
    )


def csv_files(sheets: Sequence[Sheet]) -> dict[str, bytes]:
    """Return one CSV file per table, by name, as spreadsheets in French open them."""
    return {
        f"{rank}-{_file_name(sheet.title)}.csv": _csv(sheet)
        for rank, sheet in enumerate(sheets, 1)
    }


def csv_archive(sheets: Sequence[Sheet]) -> bytes:
    """Return the CSV files as one archive."""
    return _archive(csv_files(sheets))


def _csv(sheet: Sheet) -> bytes:
    text = StringIO(newline="")
    # In quotes: split at another sign, a text could start again with « = ».
    writer = csv.writer(
        text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL
    )
    writer.writerow([csv_text(column.title) for column in sheet.columns])
    writer.writerows([csv_text(cell) for cell in row] for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(title))


def _archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return an archive without clock nor machine.

    It is not compressed: two versions of zlib do not write the same bytes.
    """
    written = BytesIO()
    with ZipFile(written, "w") as target:
        for name, content in files.items():
            entry = ZipInfo(name)  # 1980-01-01
            entry.create_system = 0
            target.writestr(entry, content)
    return written.getvalue()


# --- the spreadsheet -----------------------------------------------------------------


def _table(sheet: Sheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="{_width(column.width)}"/>'
        for column in sheet.columns
    )
    titles = _row([column.title for column in sheet.columns], "head")
    rows = "".join(_row(row, "cell") for row in sheet.rows)
    return (
        f'<table:table table:name={quoteattr(sheet.title)} table:style-name="page">'
        f"{columns}<table:table-header-rows>{titles}</table:table-header-rows>{rows}"
        "</table:table>"
    )


def _row(cells: Sequence[Cell], style: str) -> str:
    return (
        f"<table:table-row>{''.join(_cell(c, style) for c in cells)}</table:table-row>"
    )


def _cell(cell: Cell, style: str) -> str:
    if isinstance(cell, str):
        said, value = _paragraphs(cell), 'office:value-type="string"'
    elif isinstance(cell, date):
        said = _paragraphs(shown_value(cell))
        value = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
        style = "day"
    else:
        said = _paragraphs(shown_value(cell))
        value = f'office:value-type="float" office:value="{cell}"'
    return f'<table:table-cell table:style-name="{style}" {value}>{said}</table:table-cell>'


def _paragraphs(text: str) -> str:
    return "".join(f"<text:p>{_spaced(line)}</text:p>" for line in text.split("\n"))


def _spaced(line: str) -> str:
    # XML joins spaces that follow one another, unless they are said.
    return re.sub(
        r"^ +| {2,}",
        lambda run: f'<text:s text:c="{len(run[0])}"/>',
        escape(line),
    )


def _width(width: float) -> str:
    return f"w{round(width * 10)}"


_LEFT = '<style:paragraph-properties fo:text-align="start"/>'
_CELL_STYLES = (
    '<number:date-style style:name="numeric-day">'
    '<number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<style:style style:name="page" style:family="table" style:master-page-name="wide"/>'
    + "".join(
        f'<style:style style:name="{name}" style:family="table-cell"{data}>'
        f'<style:table-cell-properties style:vertical-align="top" fo:wrap-option="wrap" '
        f'fo:padding="0.1cm" fo:border="0.5pt solid #a0a0a0"{ground}/>'
        f'{align}<style:text-properties fo:font-size="9pt" fo:language="fr" '
        f'fo:country="FR"{weight}/></style:style>'
        for name, data, ground, align, weight in (
            ("cell", "", "", "", ""),
            ("day", ' style:data-style-name="numeric-day"', "", _LEFT, ""),
            (
                *("head", "", ' fo:background-color="#e8edf1"'),
                *("", ' fo:font-weight="bold"'),
            ),
        )
    )
)
_STYLES = (
    f'{_HEAD}<office:document-styles {_NAMES} office:version="1.3">'
    '<office:automatic-styles><style:page-layout style:name="wide-page">'
    '<style:page-layout-properties fo:page-width="42cm" fo:page-height="29.7cm" '
    'style:print-orientation="landscape" fo:margin="1cm" style:scale-to-X="1" '
    'style:scale-to-Y="0"/><style:footer-style><style:header-footer-properties '
    'fo:min-height="0.6cm" fo:margin-top="0.3cm"/></style:footer-style>'
    "</style:page-layout></office:automatic-styles>"
    '<office:master-styles><style:master-page style:name="wide" '
    'style:page-layout-name="wide-page"><style:footer><text:p><text:sheet-name>'
    "</text:sheet-name>, page <text:page-number>1</text:page-number> / "
    "<text:page-count>1</text:page-count></text:p></style:footer>"
    "</style:master-page></office:master-styles></office:document-styles>"
)
_MANIFEST = (
    f'{_HEAD}<manifest:manifest {_NAMES} manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" '
        'manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "settings.xml")
    )
    + "</manifest:manifest>"
)


def _settings(sheets: Sequence[Sheet]) -> str:
    """Return what keeps the title row in sight while one scrolls."""
    frozen = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(sheet.title)}>"
        f"{''.join(_items())}</config:config-item-map-entry>"
        for sheet in sheets
    )
    return (
        f'{_HEAD}<office:document-settings {_NAMES} office:version="1.3">'
        '<office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views">'
        '<config:config-item-map-entry><config:config-item-map-named config:name="Tables">'
        f"{frozen}</config:config-item-map-named></config:config-item-map-entry>"
        "</config:config-item-map-indexed></config:config-item-set></office:settings>"
        "</office:document-settings>"
    )


def _items() -> Iterator[str]:
    for name, kind, value in (
        ("VerticalSplitMode", "short", 2),
        ("VerticalSplitPosition", "int", 1),
        ("ActiveSplitRange", "short", 2),
        ("PositionBottom", "int", 1),
    ):
        yield (
            f'<config:config-item config:name="{name}" config:type="{kind}">{value}'
            "</config:config-item>"
        )
