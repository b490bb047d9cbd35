"""The finishing step, after the build and the same for both engines.

It repairs French search, names what the theme leaves unnamed, writes the content
security policy of each page, and refuses any asset that is not ours.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from charter_builder.errors import InputError
from charter_builder.words import search_forms

_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
_EXTERNAL = re.compile(
    r"<(?:script|img|iframe|audio|video|source|embed|object|link)\b[^>]*?"
    r"\b(?:src|href|data|srcset)\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)",
    re.IGNORECASE,
)
_HARMLESS_LINK = re.compile(r"<link\b[^>]*\brel=[\"']?(?:canonical|prev|next)\b", re.I)
_IMPORT = re.compile(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.I)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_DIALOG = re.compile(r'(<div class="md-search")([^>]*role="dialog")')

INDEX = "search/search_index.json"
MATERIAL_SEPARATOR = r"[\s\-'’,.:;!?()«»\u00a0\u202f]+"


def finish(files: Mapping[str, bytes], address: str | None) -> dict[str, bytes]:
    """Return the built files, finished.

    Raises `InputError` when a page would load something from another site.
    """
    finished: dict[str, bytes] = {}
    foreign: list[str] = []
    policies: dict[tuple[str, ...], str] = {}
    for name, content in files.items():
        if name.startswith("sitemap.xml") and not address:
            continue
        if name.endswith((".html", ".css")):
            text = content.decode("utf-8")
            foreign += [f"{name} : {url}" for url in _foreign_assets(name, text)]
            if name.endswith(".html"):
                content = _finished_page(text, policies).encode()
        elif name == INDEX:
            content = _repaired_index(content)
        finished[name] = content
    if foreign:
        raise InputError(
            "le site appellerait un autre site, ce qui n’est pas permis :\n  "
            + "\n  ".join(foreign)
            + "\nRetirez ces adresses de mkdocs.yml ou de vos pages."
        )
    return finished


def _foreign_assets(name: str, text: str) -> list[str]:
    if name.endswith(".css"):
        return _IMPORT.findall(text)
    return [
        found[1]
        for found in _EXTERNAL.finditer(text)
        if not _HARMLESS_LINK.match(found[0])
    ]


def _finished_page(text: str, policies: dict[tuple[str, ...], str]) -> str:
    text = _DIALOG.sub(r'\1 aria-label="Recherche"\2', text, count=1)
    # Zensical and the theme both leave their English words in two places.
    text = text.replace('aria-label="Skip to content"', 'aria-label="Aller au contenu"')
    scripts = tuple(
        body
        for attributes, body in _INLINE_SCRIPT.findall(text)
        if "application/json" not in attributes and body.strip()
    )
    if scripts not in policies:
        policies[scripts] = _policy(scripts)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policies[scripts]}">'
    referrer = '<meta name="referrer" content="no-referrer">'
    return _HEAD.sub(lambda m: f"{m[0]}{meta}{referrer}", text, count=1)


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


def _repaired_index(content: bytes) -> bytes:
    """Make the theme's search find words without accents, singular or plural.

    The theme adds a star to every typed word and lunr does not stem those: an extra
    field with the folded forms is what it can match.
    """
    index = json.loads(content)
    config = index.setdefault("config", {})
    config.setdefault("fields", {})["kw"] = {"boost": 0.5}
    config["separator"] = MATERIAL_SEPARATOR
    for document in index.get("docs", []):
        words = f"{document.get('title', '')} {document.get('text', '')}"
        document["kw"] = " ".join(search_forms(re.sub(r"<[^>]+>", " ", words)))
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()
