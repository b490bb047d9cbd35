"""What the Markdown converters leave out of a page: table headings, French spaces."""

import re

from charter_builder.french import MONTHS
from charter_builder.typography import NBSP, NNBSP

TAG = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_HEADING = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
_CELL = re.compile(r"<td\b([^>]*)>(.*?)</td>", re.DOTALL)

_SPACES = (
    (re.compile(r"\s(?=[;!?])"), NNBSP),
    (re.compile(r"\s(?=[:»%€])"), NBSP),
    (re.compile(r"(?<=«)\s"), NBSP),
    (re.compile(rf"(?<=\d)\s(?=(?:{'|'.join(MONTHS)})\b)"), NBSP),
    (re.compile(rf"(?<=\b1er)\s(?=(?:{'|'.join(MONTHS)})\b)"), NBSP),
)
_AS_TYPED = re.compile(r"<(/?)(?:pre|code|script|style)\b", re.IGNORECASE)


def labelled_tables(html: str) -> str:
    """Return the page with the headings of each table said in its rows.

    The first cell of a row becomes its heading; the others carry the heading of their
    column, which a phone shows beside them once the row is a block.
    """
    return _TABLE.sub(lambda match: _labelled(match[0]), html)


def _labelled(table: str) -> str:
    head, separator, body = table.partition("<tbody>")
    labels = [TAG.sub("", content).strip() for _, content in _HEADING.findall(head)]

    def column(match: re.Match[str]) -> str:
        # A heading without a word heads nothing.
        if not match[2].strip():
            return "<td></td>"
        return f'<th scope="col"{match[1]}>{match[2]}</th>'

    def row(match: re.Match[str]) -> str:
        cells = []
        for index, (attributes, content) in enumerate(_CELL.findall(match[1])):
            label = labels[index].replace('"', "&quot;") if index < len(labels) else ""
            said = f' data-label="{label}"' if label else ""
            cells.append(
                f"<td{attributes}{said}><span>{content}</span></td>"
                if index
                else f'<th scope="row"{attributes}>{content}</th>'
            )
        return f"<tr>{''.join(cells)}</tr>"

    return _HEADING.sub(column, head) + separator + _ROW.sub(row, body)


def french_spaces(html: str) -> str:
    """Return the page with no line break before « : » nor after « « ».

    Only spaces already typed are made unbreakable; code is left as typed.
    """
    pieces: list[str] = []
    place = typed = 0
    for tag in TAG.finditer(html):
        text = html[place : tag.start()]
        pieces += (text if typed else _spaced(text), tag[0])
        place = tag.end()
        if code := _AS_TYPED.match(tag[0]):
            typed = max(typed - 1, 0) if code[1] else typed + 1
    pieces.append(_spaced(html[place:]))
    return "".join(pieces)


def _spaced(text: str) -> str:
    if not text or text.isspace():
        return text
    for pattern, replacement in _SPACES:
        text = pattern.sub(replacement, text)
    return text
