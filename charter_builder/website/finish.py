"""The finishing step, after the build and the same for both engines.

It repairs French search, names what the theme leaves unnamed, writes the content
security policy of each page, and refuses any asset or script that is not ours.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import NamedTuple

from charter_builder.errors import MAX_LISTED, InputError, shown
from charter_builder.website.markup import TAG, french_spaces, labelled_tables
from charter_builder.words import search_forms

_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
# What a browser fetches by itself. A quote that never closes must not hide a tag.
_LOADING_TAG = re.compile(
    r"<(?:script|img|image|use|feimage|iframe|frame|audio|video|source|track|embed|"
    r"object|link|input|base|meta|style)\b"
    r"(?>\"[^\"]*\"|'[^']*'|[^>])*+>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(src|href|data|srcset|poster|content)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"<link\b[^>]*\brel=[\"']?(?:canonical|prev|next)\b"
    r"|<meta\b(?![^>]*http-equiv=[\"']?refresh)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"(?:(?!data:)[a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)
_IMPORT = re.compile(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.I)
_STYLE = re.compile(r"<style\b.*?</style>|\bstyle\s*=\s*(?:\"[^\"]*\"|'[^']*')", re.S)
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.DOTALL
)
_SCRIPT = re.compile(r"<script\b[^>]*", re.IGNORECASE)
# Searched in lower case, each from its first letters: quick on a page with nothing.
# An attribute starts after these signs: « content= » is none of those that run.
_SUSPECT = tuple(
    map(
        re.compile,
        (
            r"on(?<=[\s\"'<>/=]on)[a-z]+\s*=",
            r"script\s*:",
            r"=[\s\"']*[^\"'<>\s]*(?:&#|[\t\r\n])",
        ),
    )
)
_RUNNING = re.compile(r"[\x00-\x20]*(?:javascript|vbscript):", re.IGNORECASE)
_HEAD = re.compile(r"<head(?:\s[^>]*)?>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_DIALOG = re.compile(r'(<div class="md-search")([^>]*role="dialog")')
_MENU = re.compile(
    r'(<label class="md-nav__link[^>]* id="(__nav_[\d_]+)_label"[^>]*>)'
    r'(\s*<span class="md-nav__icon.*?<label class="md-nav__title" for="\2">\s*'
    r"<span[^>]*></span>\s*([^<]*?)\s*</label>)",
    re.DOTALL,
)
_MENU_NAME = r'<span class="charte-unseen">Pages de « \4 »</span>'
# Up to the last closing tag of the line: the theme writes what headings say unescaped.
_TITLE = re.compile(r"<title>(.*)</title>")
# A title we escaped, escaped again where the engine does it too.
_TWICE = re.compile(r"&amp;(amp|lt|gt|quot|#x27|#39);")
# What the theme and Zensical leave in English, or without a word for a reader.
_LEFTOVERS = (
    ('aria-label="Skip to content"', 'aria-label="Aller au contenu"'),
    (
        "<h1>404 - Not found</h1>",
        "<h1>Page introuvable</h1>\n<p>Cette page n’existe pas, ou plus. Le menu et la "
        "recherche aident à la retrouver.</p>",
    ),
)

INDEX = "search/search_index.json"
# What the theme reads instead when a page is opened from a disk, where it cannot
# search: without this file its script stops, and the menu no longer scrolls.
DISK_INDEX = "search/search_index.js"
MATERIAL_SEPARATOR = r"[\s\-'’,.:;!?()«»\u00a0\u202f]+"


Finished = dict[str, tuple[object, bytes]]
"""What pages were finished from, and what came of it: never a page at fault."""


class Inserts(NamedTuple):
    """What people typed, kept out of Markdown: it enters the built pages as it is said.

    `fragments` are HTML, every text in it escaped, by the name of their place; `search`
    the entries they add to the index, as the theme writes them.
    """

    fragments: Mapping[str, str] = {}
    search: Sequence[Mapping[str, str]] = ()


_PLACE = re.compile(r'<div data-fragment="([a-z0-9/_-]+)">\s*</div>')


def place_of(name: str) -> str:
    """Return what a page holds where a fragment will be."""
    return f'<div data-fragment="{name}"></div>'


def inserted(text: str, fragments: Mapping[str, str]) -> str:
    """Return a page with its fragments. Raises `KeyError` for one that is not given."""
    return _PLACE.sub(lambda place: fragments[place[1]], text)


def finish(
    files: Mapping[str, bytes],
    address: str | None,
    before: Finished | None = None,
    inserts: Inserts = Inserts(),  # noqa: B008  (frozen)
) -> dict[str, bytes]:
    """Return the built files, finished.

    `before` holds what the last call of the same process finished, and is brought up
    to date: a page built the same again is not looked at again. Raises `InputError`
    when a page would load something from another site, or run a script that is not the
    theme's.
    """
    before = {} if before is None else before
    for name in before.keys() - files.keys():
        del before[name]
    finished: dict[str, bytes] = {}
    foreign: list[str] = []
    active: list[str] = []
    policies: dict[tuple[str, ...], str] = {}
    # The page of the theme that no one writes in: its scripts are the theme's own.
    known = _Page(files.get("404.html", b"").decode()).scripts()
    for name, content in files.items():
        if name.startswith("sitemap.xml") and not address:
            continue
        if name.endswith(".css"):
            foreign += [f"{name} : {url}" for url in _IMPORT.findall(content.decode())]
        elif name.endswith(".html"):
            text = inserted(content.decode(), inserts.fragments)
            source = text, known
            if name not in before or before[name][0] != source:
                page = _Page(text)
                shown = _as_written(name)
                calls = [f"{shown} : {url}" for url in page.foreign_assets()]
                runs = [f"{shown} : {text[:80]}" for text in page.active(known)]
                foreign += calls
                active += runs
                if calls or runs:
                    continue
                before[name] = source, page.finished(policies).encode()
            content = before[name][1]
        elif name == INDEX:
            typed: object = (content, inserts.search)
            if name not in before or before[name][0] != typed:
                before[name] = typed, _repaired_index(content, inserts.search)
            content = before[name][1]
            finished[DISK_INDEX] = b'var __index={"config":{"lang":[]},"docs":[]};\n'
        finished[name] = content
    if foreign:
        raise InputError(
            "le site appellerait un autre site, ce qui n’est pas permis :\n  "
            + _listed(foreign)
            + "\nRetirez ces adresses de mkdocs.yml ou de vos pages."
        )
    if active:
        raise InputError(
            "une page contient un script, ce qui n’est pas permis :\n  "
            + _listed(active)
            + "\nRetirez-le de la page."
        )
    return finished


class PageFinisher:
    """Finishes pages one at a time, as they are asked for."""

    def __init__(self, frame: bytes) -> None:
        """`frame` is the page of the theme that no one writes in: its 404."""
        self._known = _Page(frame.decode()).scripts()
        self._policies: dict[tuple[str, ...], str] = {}

    def finished(self, name: str, text: str) -> bytes:
        """Return a page, its fragments in it, finished. Raises `InputError`."""
        page = _Page(text)
        if found := [*page.foreign_assets(), *page.active(self._known)]:
            raise InputError(
                f"{_as_written(name)} : {shown(found[0])} n’est pas permis."
            )
        return page.finished(self._policies).encode()


POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
"""The policy of a finished page, for a server that says it again."""


def places(text: str) -> list[str]:
    """Return the names of the fragments a page waits for."""
    return _PLACE.findall(text)


class LiveIndex:
    """The search index of a server: what does not change is prepared once."""

    def __init__(self, content: bytes) -> None:
        index = json.loads(_repaired_index(content, ()))
        docs = index.pop("docs")
        self._head = _compact(index)[:-1] + ',"docs":['
        self._docs = [_compact(document) for document in docs]

    def with_entries(self, entries: Sequence[Mapping[str, str]]) -> bytes:
        """Return the index with the entries of the moment."""
        more = json.loads(_repaired_index(b"{}", entries))["docs"]
        docs = ",".join([*self._docs, *map(_compact, more)])
        return f"{self._head}{docs}]}}".encode()


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _listed(found: Iterable[str]) -> str:
    lines = list(dict.fromkeys(found))
    more = (
        [f"… et {len(lines) - MAX_LISTED} autres."] if len(lines) > MAX_LISTED else []
    )
    return "\n  ".join(lines[:MAX_LISTED] + more)


def _as_written(name: str) -> str:
    """Return the file a person wrote for a page of « Informations »."""
    return re.sub(r"^informations/(.*)\.html$", r"docs/\1.md", name)


class _Page:
    """One built page: the theme's frame, and the content between its two halves."""

    def __init__(self, text: str) -> None:
        text = _TITLE.sub(_title, text, count=1)
        start, end = text.find("<article"), text.rfind("</article>")
        if start < 0 or end < 0:
            start = end = len(text)
        self.before, self.content, self.after = (
            text[:start],
            text[start:end],
            text[end:],
        )

    def foreign_assets(self) -> Iterator[str]:
        """Yield the addresses of other sites that opening the page would call."""
        for part in (self.before, self.content, self.after):
            for tag in _LOADING_TAG.finditer(part):
                if not _HARMLESS.match(tag[0]):
                    yield from filter(_ELSEWHERE.match, _addresses(tag[0]))
        if "style" in self.content:
            for style in _STYLE.finditer(self.content):
                yield from _IMPORT.findall(unescape(style[0]))

    def active(self, known: Iterable[str]) -> Iterator[str]:
        """Yield what would run something, besides the scripts known as the theme's.

        The policy of the page stops it too: saying so is kinder than a dead button.
        """
        ours = set(map(_anywhere, known))
        for body in self.scripts():
            if _anywhere(body) not in ours:
                yield body
        for part in (self.before, self.content, self.after):
            # Nearly always nothing: one look at the whole is enough.
            lower = part.lower()
            if any(pattern.search(lower) for pattern in _SUSPECT):
                yield from (tag[0] for tag in TAG.finditer(part) if _runs(tag[0]))
        yield from _SCRIPT.findall(self.content)

    def scripts(self) -> tuple[str, ...]:
        """Return the scripts written in the frame of the page."""
        return tuple(
            body
            for attributes, body in _INLINE_SCRIPT.findall(self.before + self.after)
            if "application/json" not in attributes and body.strip()
        )

    def finished(self, policies: dict[tuple[str, ...], str]) -> str:
        """Return the page named, spaced, and under its policy; `policies` are kept."""
        before = _DIALOG.sub(r'\1 aria-label="Recherche"\2', self.before, count=1)
        before = _MENU.sub(rf"\1{_MENU_NAME}\3", before)
        before = _TWICE.sub(r"&\1;", before)
        content = self.content
        for left, right in _LEFTOVERS:
            before = before.replace(left, right)
            content = content.replace(left, right)
        content = french_spaces(labelled_tables(content))
        scripts = self.scripts()
        if scripts not in policies:
            policies[scripts] = _policy(scripts)
        return _with_policy(before, policies[scripts]) + content + self.after


def _title(match: re.Match[str]) -> str:
    words = match[1].replace("<", "&lt;").replace(">", "&gt;").replace(" - ", " — ")
    return f"<title>{words}</title>"


def _anywhere(script: str) -> str:
    """Return a script of the theme without what depends on the depth of the page."""
    return re.sub(r'new URL\("[^"]*",location\)', "", script)


def _runs(tag: str) -> bool:
    """Return whether a tag reacts to the reader, or links to a script."""
    return any(
        name.lower().startswith("on") or _RUNNING.match(_as_read(value))
        for name, value in _ATTRIBUTE.findall(tag)
    )


def _as_read(value: str) -> str:
    """Return the value of an attribute as a browser reads it in an address."""
    return re.sub(r"[\t\r\n]", "", unescape(value.strip("\"'")))


def _addresses(tag: str) -> Iterator[str]:
    """Yield the addresses in a tag, as a browser reads them."""
    for attribute, quoted in _ADDRESS.findall(tag):
        value = _as_read(quoted).strip()
        if attribute.lower() == "content":
            value = re.split(r"(?i)url\s*=\s*[\"']?", value)[-1]
        candidates = value.split(",") if attribute.lower() == "srcset" else [value]
        yield from (candidate.strip() for candidate in candidates)


def _with_policy(before: str, policy: str) -> str:
    # After the character set, which browsers look for in the first kilobyte only.
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    referrer = '<meta name="referrer" content="no-referrer">'
    return _HEAD.sub(lambda m: f"{m[0]}{meta}{referrer}", before, count=1)


def _policy(scripts: tuple[str, ...]) -> str:
    hashes = sorted(
        {
            "'sha256-"
            + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            + "'"
            for body in scripts
        }
    )
    return (
        "default-src 'none'; "
        f"script-src 'self' {' '.join(hashes)}; "
        # The theme sets a few style attributes; styles cannot run anything.
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self' mailto:"
    )


def _repaired_index(content: bytes, more: Sequence[Mapping[str, str]]) -> bytes:
    """Make the theme's search find words without accents, singular or plural.

    The theme adds a star to every typed word and lunr does not stem those: an extra
    field with the folded forms is what it can match.
    """
    index = json.loads(content)
    config = index.setdefault("config", {})
    fields = config.setdefault("fields", {})
    # A title found without its accents counts nearly as much as one typed in full.
    fields |= {"kt": {"boost": 500}, "kw": {"boost": 0.5}}
    config["separator"] = MATERIAL_SEPARATOR
    index["docs"] = [*index.get("docs", []), *map(dict, more)]
    for document in index["docs"]:
        title, text = document.get("title", ""), document.get("text", "")
        document["kt"] = " ".join(search_forms(title))
        document["kw"] = " ".join(search_forms(TAG.sub(" ", f"{title} {text}")))
    return _compact(index).encode()
