"""What the Markdown converters leave out of a page: table headings, French spaces."""

import re

from charter_builder.french import MONTHS
from charter_builder.typography import NBSP, NNBSP

TAG = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_HEADING = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
_CELL = re.compile(r"<td\b([^>]*)>(.*?)</td>", re.DOTALL)

# Code is one piece with its tags: it is left as typed.
_PIECE = re.compile(
    r"(<pre\b.*?</pre>|<code\b.*?</code>|<script\b.*?</script>|<style\b.*?</style>|"
    rf"{TAG.pattern})",
    re.DOTALL,
)
_SPACES = {
    **{f"{space}{sign}": f"{NNBSP}{sign}" for space in " \n" for sign in ";!?"},
    **{f"{space}{sign}": f"{NBSP}{sign}" for space in " \n" for sign in ":»%€"},
    **{f"«{space}": f"«{NBSP}" for space in " \n"},
}
_DATE = re.compile(rf"(\d|\b1er)\s(?=(?:{'|'.join(MONTHS)})\b)")
# No HTML may hold this character: it stands for a tag while texts are looked at as one.
_TAG_PLACE = "\x00"


class Trusted(str):
    """Text that is already Markdown or HTML: it is not escaped again."""


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
            # A row left blank to be filled in has no heading either.
            cells.append(
                f"<td{attributes}{said}><span>{content}</span></td>"
                if index or not content.strip()
                else f'<th scope="row"{attributes}>{content}</th>'
            )
        return f"<tr>{''.join(cells)}</tr>"

    return _HEADING.sub(column, head) + separator + _ROW.sub(row, body)


def french_spaces(html: str) -> str:
    """Return the page with no line break before « : » nor after « « ».

    Only spaces already typed are made unbreakable; code is left as typed.
    """
    pieces = _PIECE.split(html.replace(_TAG_PLACE, ""))
    text = _TAG_PLACE.join(pieces[::2])
    for typed, printed in _SPACES.items():
        text = text.replace(typed, printed)
    pieces[::2] = _DATE.sub(rf"\1{NBSP}", text).split(_TAG_PLACE)
    return "".join(pieces)
