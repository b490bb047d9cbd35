"""Existing charters as files: bytes anyone may have written in, passages out."""

import re
from collections.abc import Callable
from pathlib import Path

from charter_builder.errors import InputError, shown
from charter_builder.manuscripts import (
    Manuscript,
    Passage,
    html_passages,
    markdown_passages,
    text_passages,
)
from charter_builder.storage.files import ordinary_bytes

MAX_FILE = 4 * 1024**2
"""A page saved by a word processor is ten times its text."""
MAX_TEXT = 500_000
"""Characters one can read; a long charter has a hundred thousand."""
MAX_TAGS = 100_000
MAX_FILES = 20

UTF8, UTF16, WINDOWS = "UTF-8", "UTF-16", "Windows-1252"

_READERS: dict[str, Callable[[str], tuple[Passage, ...]]] = {
    ".md": markdown_passages,
    ".markdown": markdown_passages,
    ".txt": text_passages,
    ".text": text_passages,
    ".html": html_passages,
    ".htm": html_passages,
}
_SAVE_AS = (
    "enregistrez-le d’abord en texte (.txt) ou en page web (.html) depuis votre "
    "traitement de texte."
)
_CHARSET = re.compile(
    rb"(?i)<meta[^<>]{0,200}charset\s{0,3}=\s{0,3}[\"']?([\w-]{1,30})"
)
_KNOWN = {
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1"), "cp1252"),
    **{"iso-8859-15": "iso-8859-15", "latin9": "iso-8859-15"},
    **{"utf-8": "utf-8", "utf8": "utf-8"},
}


def read_manuscripts(paths: list[Path]) -> list[Manuscript]:
    """Return the texts of some files, read as one dossier.

    Raises `InputError` for the first that cannot be read.
    """
    if len(paths) > MAX_FILES:
        raise InputError(
            f"{len(paths)} fichiers : {MAX_FILES} au plus. Auditez un dossier à la fois."
        )
    texts = [read_manuscript(path) for path in paths]
    if sum(map(_length, texts)) > MAX_TEXT:
        raise InputError(
            f"ces fichiers ont plus de {MAX_TEXT} caractères. Ne gardez que la charte et "
            "sa délibération."
        )
    return texts


def read_manuscript(path: Path) -> Manuscript:
    """Return the passages of a Markdown, text or HTML file.

    Raises `InputError` when it is of another kind, too large, or no text.
    """
    name = shown(path, 200)
    kind = path.suffix.lower()
    reader = _READERS.get(kind)
    if reader is None:
        read = "Word, PDF ou OpenDocument" if kind else "fichier sans extension"
        known = ", ".join(
            k for k in _READERS if k not in (".markdown", ".text", ".htm")
        )
        raise InputError(
            f"{name} : {read} : ce format ne se lit pas ici ({known}) ; {_SAVE_AS}"
        )
    text, encoding = _decoded(_bytes(path, name), name)
    if reader is html_passages and text.count("<") > MAX_TAGS:
        raise InputError(
            f"{name} : plus de {MAX_TAGS} balises. Enregistrez la page en texte (.txt)."
        )
    passages = reader(text)
    if not passages:
        raise InputError(
            f"{name} : aucun texte à lire. Vérifiez le fichier ; s’il s’agit d’une page "
            "web, enregistrez-la avec son contenu."
        )
    return Manuscript(name=name, encoding=encoding, passages=passages)


def _length(text: Manuscript) -> int:
    return sum(len(passage.text) for passage in text.passages)


def _bytes(path: Path, name: str) -> bytes:
    try:
        return ordinary_bytes(
            path, MAX_FILE, "Enregistrez-le en texte (.txt), sans images."
        )
    except InputError as error:
        raise InputError(f"{name} : {error}") from None


def _decoded(raw: bytes, name: str) -> tuple[str, str]:
    """Return the text and the encoding it was read with, as one names it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = _try(raw, "utf-16"), UTF16
    elif b"\0" in raw:
        raise InputError(f"{name} : ce n’est pas un fichier de texte ; {_SAVE_AS}")
    else:
        found = _try(raw, "utf-8-sig"), UTF8
        if found[0] is None:
            declared = _CHARSET.search(raw[:4096])
            codec = _KNOWN.get(declared[1].decode("ascii").lower() if declared else "")
            codec = codec if codec not in (None, "utf-8") else "cp1252"
            label = "ISO-8859-15" if codec == "iso-8859-15" else WINDOWS
            found = _try(raw, codec or "cp1252"), label
    text, encoding = found
    if text is None or "\0" in text:
        raise InputError(
            f"{name} : encodage inconnu, ni {UTF8}, ni {UTF16}, ni {WINDOWS}. "
            f"Enregistrez le fichier en {UTF8}."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"), encoding


def _try(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None
