"""A text written by anyone, cut into passages: Markdown, plain text or HTML."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from charter_builder.model import Value


class Passage(Value):
    """A paragraph, a list item or a table row, and where it stands."""

    text: str
    line: int
    heading: str = ""
    """The nearest heading above it."""
    lead: str = ""
    """What introduces the list it belongs to, or the header of its table."""
    is_heading: bool = False

    @property
    def asks(self) -> bool:
        """Whether it is the question of a page of answers, which states nothing."""
        return self.is_heading and self.text.endswith("?")


class Manuscript(Value):
    """One file of an existing charter, once read."""

    name: str
    encoding: str
    passages: tuple[Passage, ...]


# A text must be found whether it was typed or went through a word processor, and must
# not drive the terminal that quotes it: no controls, no characters of no width.
_INVISIBLE = {
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), ""),
    **dict.fromkeys((*range(0x200E, 0x2010), *range(0x202A, 0x202F)), ""),
    **dict.fromkeys((*range(0x2066, 0x206A), 0x061C), ""),
    **dict.fromkeys((*range(9), *range(14, 32), *range(127, 160)), " "),
}
_ALIKE = {
    ord("\u2010"): "-",
    ord("\u2011"): "-",
    ord("º"): "°",
    ord("\u2044"): "/",
    ord("№"): "n°",
    ord("ﬁ"): "fi",
    ord("ﬂ"): "fl",
    ord("ﬀ"): "ff",
}
_NUMBER_SIGN = re.compile(r"\b([nN])\s?[°oO]?\.?[^\S\n]*(?=\d{2,4}\s?[-–—]\s?\d)")
_REFERENCE_DASH = re.compile(r"([nN]° \d{2,4})\s?[-–—]\s?(?=\d)")

# A word cut at the end of a line, but not « lui-même » nor « celui-ci ».
_CUT_WORD = re.compile(
    r"(?<=[^\W\d_])-[^\S\n]*\n[^\S\n]*"
    r"(?!(?:ci|là|même|mêmes|il|ils|elle|elles|on|je|tu|vous|nous|t-)(?!\w))"
    r"([^\W\d_]+)[^\S\n]?"
)
_ARTICLE_LETTER = re.compile(r"\b([LRD])\.[^\S\n]*(?=\d)")

_ITEM = re.compile(
    r"(?:[-*+•▪◦–—·o§]|\d{1,2}[.)°]|[a-z][.)]|\([a-z0-9]{1,2}\))\s+(?=\S)"
)
_NUMBERED = re.compile(
    r"(?:(?:article|art\.|titre|chapitre|partie|annexe|section)\s+"
    r"(?:\d{1,3}|[ivxIVX]{1,5}|premier|1er)(?!\w)|[IVX]{1,5}\s?[.)–-]\s|"
    r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\)?\s+(?=(?-i:[A-ZÀ-Ý]))).{0,120}",
    re.IGNORECASE,
)
# Each visa and each recital of an act is a paragraph, whatever ends the one before.
_VISA = re.compile(r"(?:vu|considérant)(?!\w)", re.IGNORECASE)
_MAX_HEADING = 160


def cleaned(text: str) -> str:
    """Return a text without what only a word processor or a typesetter put there."""
    plain = unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_ALIKE)
    numbered = _REFERENCE_DASH.sub(r"\1-", _NUMBER_SIGN.sub(r"\1° ", plain))
    # The line ends after the word instead: places in the file are still right.
    whole = _CUT_WORD.sub(r"\1\n", numbered)
    return _ARTICLE_LETTER.sub(r"\1. ", whole)


class _Outline:
    """The passages of a text, each under the heading and the lead it falls under."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self._heading = ""
        self._lead = ""

    def add(self, text: str, line: int, *, item: bool = False) -> None:
        words = cleaned(text)
        if not words.strip():
            return
        before = words[: len(words) - len(words.lstrip())]
        line, words = line + before.count("\n"), words.strip()
        self.passages.append(
            Passage(
                text=words,
                line=line,
                heading=self._heading,
                lead=self._lead if item else "",
            )
        )
        if not item:
            self._lead = words[-400:] if words.endswith(":") else ""

    def title(self, text: str, line: int) -> None:
        words = " ".join(cleaned(text).split())
        if words:
            self._heading, self._lead = words[:_MAX_HEADING], ""
            self.passages.append(
                Passage(
                    text=words, line=line, heading=words[:_MAX_HEADING], is_heading=True
                )
            )

    def header(self, text: str) -> None:
        """Note the header of a table, which introduces its rows."""
        self._lead = " ".join(cleaned(text).split())[:400]


# --- plain text ----------------------------------------------------------------------


def text_passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a plain text, its headings guessed."""
    outline = _Outline()
    for line, lines in _groups(text.split("\n")):
        first = lines[0].strip()
        if len(lines) == 1 and _looks_like_heading(first):
            outline.title(first, line)
        else:
            marker = _ITEM.match(first)
            body = "\n".join(lines)
            if marker:
                body = body.replace(marker[0], "", 1)
            outline.add(body, line, item=marker is not None)
    return tuple(outline.passages)


def _groups(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the paragraphs of a text: the line each begins at, and its lines."""
    group: list[str] = []
    start = 0
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if group and (not bare or _begins(bare, group[-1].strip())):
            yield start, group
            group = []
        if bare:
            if not group:
                start = number
            group.append(line)
    if group:
        yield start, group


def _begins(line: str, before: str) -> bool:
    """Return whether a line begins a paragraph, though no blank line precedes it."""
    return (
        _ITEM.match(line) is not None
        or _VISA.match(line) is not None
        or _looks_like_heading(line)
        # « Article 2. L’agent peut, par écrit » goes on below: a numbered paragraph.
        or (_looks_like_heading(before) and (before.isupper() or not line[0].islower()))
        or (before[-1] in ".:;!?" and line[0].isupper())
        # A word processor writes each paragraph on one line.
        or len(before) > 160
    )


def _looks_like_heading(line: str) -> bool:
    if len(line) > 120 or line[-1] in ".;,":
        return False
    capitals = line.isupper() and len(line) > 3 and sum(c.isalpha() for c in line) > 3
    return capitals or _NUMBERED.fullmatch(line) is not None


# --- Markdown ------------------------------------------------------------------------

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,500}\)")
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|`+|(?<!\w)_|_(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|~>-])")
_HASHES = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_RULE = re.compile(r"[-=*_|:\s]{3,}")


def markdown_passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a Markdown text."""
    lines = _without_front_matter(_without_comments(text).split("\n"))
    outline = _Outline()
    in_table = False
    for line, group in _markdown_groups(lines):
        first = group[0].strip()
        hashes = _HASHES.fullmatch(first)
        if hashes:
            outline.title(_plain(hashes[1]), line)
        elif first.startswith("|"):
            cells = " | ".join(_plain(first.strip("|")).split("|"))
            outline.add(cells, line, item=True)
            if not in_table:
                outline.header(cells)
        else:
            body = _plain("\n".join(group))
            bare = body.strip()
            marker = _ITEM.match(bare)
            if not marker and len(group) == 1 and bare and _looks_like_heading(bare):
                outline.title(bare, line)
            else:
                body = body.replace(marker[0], "", 1) if marker else body
                outline.add(body, line, item=marker is not None)
        in_table = first.startswith("|")
    return tuple(outline.passages)


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    end = 0
    while (start := text.find("<!--", end)) >= 0:
        close = text.find("-->", start + 4)
        if close < 0:
            break
        pieces.append(text[end:start] + "\n" * text.count("\n", start, close))
        end = close + 3
    return "".join((*pieces, text[end:]))


def _without_front_matter(lines: list[str]) -> list[str]:
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:200], 1):
            if line.strip() in ("---", "..."):
                return [""] * (number + 1) + lines[number + 1 :]
    return lines


def _markdown_groups(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield headings, rows and paragraphs; an underlined heading reads as « # »."""
    shown = [line.lstrip("> ") if line.startswith(">") else line for line in lines]
    for number, line in enumerate(shown[1:], 1):
        under = line.strip()
        above = shown[number - 1].strip()
        is_rule = under and not under.strip("=-") and len(under) > 2
        if is_rule and above and not _HASHES.fullmatch(above) and "|" not in above:
            shown[number - 1], shown[number] = f"# {above}", ""
        elif under and _RULE.fullmatch(under):
            shown[number] = ""
    group: list[str] = []
    start = 0
    for number, line in enumerate(shown, 1):
        bare = line.strip()
        apart = bare.startswith("|") or _HASHES.fullmatch(bare)
        if group and (not bare or apart or _ITEM.match(bare) or _VISA.match(bare)):
            yield start, group
            group = []
        if apart:
            yield number, [line]
        elif bare:
            start = start if group else number
            group.append(line)
    if group:
        yield start, group


def _plain(text: str) -> str:
    """Return what a reader sees of some Markdown."""
    shown = _LINK.sub(r"\1", _TAG.sub(" ", text))
    return html.unescape(_ESCAPE.sub(r"\1", _EMPHASIS.sub("", shown)))


# --- HTML ----------------------------------------------------------------------------

_HIDDEN = frozenset({"template", "noscript", "svg", "math", "object", "iframe", "head"})
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_BLOCKS = _HEADINGS | frozenset(
    {"p", "li", "div", "section", "article", "header", "footer", "main", "aside", "nav"}
    | {"blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl"}
    | {"dt", "dd", "figure", "figcaption", "address", "form", "fieldset", "hr", "body"}
    | {"html", "caption", "details", "summary"}
)
_CELLS = frozenset({"td", "th"})


class _Reader(HTMLParser):
    """Gathers what a reader sees of a page, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = _Outline()
        self._text: list[str] = []
        self._line = 0
        self._kind = ""
        self._hidden: list[str] = []
        self._in_row = False
        self._lists = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag == "body":
            # Nothing else ends a head that was left open.
            self._hidden.clear()
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if self._hidden:
            return
        if tag == "br":
            self._text.append("\v")
        elif tag in _CELLS:
            self._text.append(" | ")
        elif tag == "tr":
            self.flush()
            self._in_row, self._kind = True, "row"
        elif tag in _BLOCKS and not self._in_row:
            self.flush()
            self._kind = tag
            self._lists += tag in ("ul", "ol")
        elif tag in _BLOCKS:
            self._text.append(" ")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                del self._hidden[self._hidden.index(tag) :]
            return
        if tag in ("tr", "table"):
            self.flush()
            self._in_row, self._kind = False, ""
        elif tag in _BLOCKS and not self._in_row:
            self.flush()
            self._lists = max(0, self._lists - (tag in ("ul", "ol")))

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._line and data.strip():
            before = data[: len(data) - len(data.lstrip())]
            self._line = self.getpos()[0] + before.count("\n")
            data = data.lstrip()
        self._text.append(data)

    def flush(self) -> None:
        """End the block being read."""
        text, line, kind = "".join(self._text), self._line, self._kind
        self._text, self._line, self._kind = [], 0, ""
        if not text.strip(" |\v\n\t"):
            return
        if kind in _HEADINGS:
            self.outline.title(text, line)
        elif kind == "row":
            cells = text.strip().strip("|")
            self.outline.add(cells, line, item=True)
        else:
            bare = " ".join(text.split())
            item = self._lists > 0 or _ITEM.match(bare) is not None
            if not item and _looks_like_heading(bare):
                self.outline.title(bare, line)
            else:
                self.outline.add(text, line, item=item)


_MARKUP = re.compile(
    r"<(?:(!--)|(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![\w])[^<>]*>|[!?][^<>]*>)"
)
_RAW_END = {
    tag: re.compile(rf"</{tag}(?!\w)", re.IGNORECASE) for tag in ("script", "style")
}


def _skeleton(text: str) -> str:
    """Return a page reduced to its tags and its text, line for line.

    The parser takes minutes on a page made to that end: half a tag, a hundred thousand
    times. It is given whole tags only, without attributes, comments or scripts.
    """
    pieces: list[str] = []
    end = 0

    def skip(to: int) -> int:
        pieces.append("\n" * text.count("\n", end, to))
        return to

    while found := _MARKUP.search(text, end):
        pieces.append(text[end : found.start()].replace("<", "&lt;"))
        end = found.start()
        if found[1]:
            close = text.find("-->", found.end())
            end = skip(len(text) if close < 0 else close + 3)
            continue
        tag = (found[3] or "").lower()
        if tag and tag not in _RAW_END:
            pieces.append(f"<{found[2]}{tag}>")
        end = skip(found.end())
        if tag in _RAW_END and not found[2]:
            closing = _RAW_END[tag].search(text, end)
            end = skip(closing.start() if closing else len(text))
    pieces.append(text[end:].replace("<", "&lt;"))
    return "".join(pieces)


def html_passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a page; what is not shown to a reader is left out."""
    reader = _Reader()
    reader.feed(_skeleton(text))
    reader.close()
    reader.flush()
    return tuple(reader.outline.passages)
