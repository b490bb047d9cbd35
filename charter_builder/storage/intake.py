"""What organisations send, as files: carnets, mails, texts, archives of these.

Nothing is dropped: what is no carnet is told, to be entered by hand, or refused with
its reason. Everything here is a stranger's: sizes are bounded before anything is read.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from charter_builder.carnet import (
    MAX_CARNET,
    Carnet,
    Item,
    Unreadable,
    decode_blocks,
    read_carnet,
    said_once,
)
from charter_builder.consultation import moment
from charter_builder.errors import InputError, shown
from charter_builder.manuscripts import html_passages
from charter_builder.register import clean_text
from charter_builder.storage.files import read_ordinary, write_atomic

MAX_FILE = 50 * 1024**2
"""Bytes of a file received, and of an archive once unpacked."""
MAX_FILES = 2_000
"""Files in an archive."""
MAX_DIRECTORY = 1024**2
"""Bytes of the table of contents of an archive: far more than its files need."""
MAX_WORDS = 4 * 1024**2
"""Bytes of the text of a message: a whole carnet in letters, and its words."""
MAX_PARTS = 300
"""Parts of a mail: its texts, its attachments."""
MAX_NESTED = 50
"""Parts that hold others: a mail forwarded many times holds a dozen."""
MAX_BORDERS = 2_000
"""Lines that may separate two parts: cutting a mail in more takes minutes."""
MAX_HEADER = 2_000
"""Bytes of a header that says what a part is: reading a long one takes minutes."""
MAX_SHOWN = 200_000
"""Signs of a page looked at for its first words."""
EXCERPT = 200


@dataclass(frozen=True)
class Piece:
    """One thing found: a carnet, a text to enter by hand, or what cannot be read."""

    name: str
    """The file, and where it was in it."""
    carnet: Carnet | None = None
    fault: str = ""
    """Why it is refused."""
    by_hand: str | None = None
    """The words of a text that is no carnet."""
    note: str = ""
    """What the mail says around a carnet: to be read, not counted."""
    sent_at: str | None = None
    """When the mail arrived, as its own header says."""


@dataclass(frozen=True)
class Received:
    """One file as it came, and what was found in it."""

    path: Path
    raw: bytes
    pieces: tuple[Piece, ...]


def receive(path: Path) -> Received:
    """Return what a file holds. Raises `InputError` when it cannot be opened."""
    raw = read_ordinary(path, MAX_FILE)
    name = shown(path.name, 120)
    return Received(path, raw, tuple(_pieces(name, path.suffix.lower(), raw)))


def _pieces(name: str, kind: str, raw: bytes) -> Iterator[Piece]:
    try:
        if kind == ".zip":
            yield from _archive(name, raw)
        else:
            yield from _file(name, kind, raw)
    except Unreadable as refused:
        yield Piece(name, fault=str(refused))


def _file(name: str, kind: str, raw: bytes) -> Iterator[Piece]:
    if kind == ".json":
        yield _carnet(name, raw)
    elif kind == ".eml":
        yield from _mail(name, raw)
    elif kind == ".txt":
        yield from _text(name, _decoded(raw))
    else:
        yield Piece(name, by_hand="")


def _carnet(name: str, raw: bytes) -> Piece:
    try:
        return Piece(name, read_carnet(raw))
    except Unreadable as refused:
        return Piece(name, fault=str(refused))


def _text(name: str, text: str) -> Iterator[Piece]:
    if len(text) > MAX_WORDS:
        raise Unreadable("ce texte est trop long pour être un message.")
    blocks = decode_blocks(text)
    for found in blocks:
        if isinstance(found, Unreadable):
            yield Piece(name, fault=str(found))
        else:
            yield _carnet(name, found)
    if not blocks:
        yield Piece(name, by_hand=_excerpt(text))


def _excerpt(text: str) -> str:
    words = " ".join(clean_text(text[: 20 * EXCERPT]).split())
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


def _decoded(raw: bytes) -> str:
    """Return the words of a text file, whatever program saved it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


# --- mails ---------------------------------------------------------------------------


def _mail(name: str, raw: bytes) -> Iterator[Piece]:
    try:
        found = list(_mail_pieces(name, raw))
    except Unreadable:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # What a message made by hand brings out of the parser; nothing was read.
        raise Unreadable(
            "ce courriel ne se lit pas. Enregistrez sa pièce jointe, ou copiez son texte "
            "dans un fichier .txt, puis importez ce fichier."
        ) from None
    has_carnet = any(piece.carnet or piece.fault for piece in found)
    for piece in found:
        # Words around a carnet are a covering letter; alone, a contribution perhaps.
        if has_carnet and piece.name == name and piece.by_hand:
            yield replace(piece, by_hand=None, note=piece.by_hand)
        else:
            yield piece
    if not found:
        yield Piece(name, by_hand="")


def _mail_pieces(name: str, raw: bytes) -> Iterator[Piece]:
    _check_shape(raw)
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    arrived = _arrival(message)
    known: list[Item] = []
    for piece in _part_pieces(name, message):
        if piece.carnet:
            fresh = _fresh(piece.carnet, known)
            if fresh is None:
                continue
            piece = replace(piece, carnet=fresh)
        yield replace(piece, sent_at=arrived)


def _fresh(carnet: Carnet, known: list[Item]) -> Carnet | None:
    """Return a carnet without what the message already said, unless nothing is left."""
    items = said_once([*known, *carnet.items])[len(known) :]
    known += items
    if not items and carnet.items:
        return None
    return carnet._replace(items=tuple(items))


_HEADER = re.compile(
    rb"^(?:content-[a-z-]{1,30}|mime-version):[^\n]*(?:\n[ \t][^\n]*)*", re.M | re.I
)


_NESTING = re.compile(rb"(?:multipart|message)/", re.I)


def _check_shape(raw: bytes) -> None:
    """Refuse a message that would take long to cut in parts. Raises `Unreadable`."""
    longest = max(map(len, _HEADER.findall(raw)), default=0)
    nested = len(_NESTING.findall(raw))
    borders = raw.count(b"\n--")
    if longest > MAX_HEADER or borders > MAX_BORDERS or nested > MAX_NESTED:
        raise Unreadable(
            "ce courriel est d’une forme démesurée : il n’est pas lu. Enregistrez sa "
            "pièce jointe, ou copiez son texte dans un fichier .txt, puis importez ce "
            "fichier."
        )


def _arrival(message: EmailMessage) -> str | None:
    """Return when the message arrived here, or else when it says it left.

    The first `Received` is written by the server of the one who receives.
    """
    for name in ("received", "date"):
        try:
            header = str(message.get(name, ""))
            when = parsedate_to_datetime(header.rpartition(";")[2].strip())
        except (ValueError, TypeError, LookupError, AttributeError):
            continue
        if isinstance(when, datetime) and when.tzinfo:
            return moment(when)
    return None


def _part_pieces(name: str, message: EmailMessage) -> Iterator[Piece]:
    """Yield what the parts of a message hold: attachments, then its words."""
    words: dict[str, str] = {}
    for rank, part in enumerate(message.walk()):
        if rank > MAX_PARTS:
            raise Unreadable(
                f"ce courriel a plus de {MAX_PARTS} parties : il n’est pas lu."
            )
        if part.is_multipart() or not isinstance(part, EmailMessage):
            continue
        attached = part.get_filename() or ""
        kind = PurePosixPath(attached).suffix.lower()
        if attached and part.get_content_disposition() != "inline":
            where = f"{name}, pièce jointe {shown(attached, 80)}"
            yield from _attached(where, kind, part)
        elif part.get_content_maintype() == "text" or kind in (".json", ".txt"):
            if kind == ".json" or part.get_content_type() == "application/json":
                yield _carnet(f"{name}, {shown(attached, 80)}", _payload(part))
            else:
                subtype = "html" if part.get_content_subtype() == "html" else "plain"
                words[subtype] = words.get(subtype, "") + "\n" + _words(part)
    yield from _body(name, words)


def _attached(where: str, kind: str, part: EmailMessage) -> Iterator[Piece]:
    if kind == ".zip":
        yield Piece(
            where,
            fault="une archive dans un courriel n’est pas ouverte : enregistrez-la, puis "
            "importez-la.",
        )
        return
    if kind in (".json", ".txt"):
        yield from _pieces(where, kind, _payload(part))
        return
    yield Piece(where, by_hand="")


def _body(name: str, words: dict[str, str]) -> Iterator[Piece]:
    """Yield what the text of a message holds; its page only if its text holds nothing."""
    for kind in ("plain", "html"):
        text = words.get(kind, "")
        if text.strip() and decode_blocks(text[:MAX_WORDS]):
            yield from _text(name, text)
            return
    text = words.get("plain", "").strip()
    if not text and "html" in words:
        text = "\n".join(p.text for p in html_passages(words["html"][:MAX_SHOWN]))
    if text.strip():
        yield Piece(name, by_hand=_excerpt(text))


def _payload(part: EmailMessage) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _words(part: EmailMessage) -> str:
    raw = _payload(part)[: MAX_WORDS + 1]
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return _decoded(raw)


# --- archives ------------------------------------------------------------------------

_END_OF_ARCHIVE = b"PK\x05\x06"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)


def _archive(name: str, raw: bytes) -> Iterator[Piece]:
    _check_contents(raw)
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _DAMAGED:
        raise Unreadable(
            "cette archive est abîmée ou protégée : rien n’en est lu. Ouvrez-la, puis "
            "importez les fichiers qu’elle contient."
        ) from None
    with archive:
        members = archive.infolist()
        _check_members(members)
        for member in members:
            yield from _member(name, archive, member)


def _check_contents(raw: bytes) -> None:
    """Refuse an archive by its table of contents alone. Raises `Unreadable`.

    The library reads the whole table before it tells how long it is.
    """
    tail = raw[-65_600:]
    place = tail.find(_END_OF_ARCHIVE)
    while place >= 0:
        count = int.from_bytes(tail[place + 10 : place + 12], "little")
        size = int.from_bytes(tail[place + 12 : place + 16], "little")
        if count > MAX_FILES or size > MAX_DIRECTORY:
            raise Unreadable(
                f"cette archive compte plus de {MAX_FILES} fichiers : elle n’est pas "
                "ouverte. Importez ses fichiers par lots."
            )
        place = tail.find(_END_OF_ARCHIVE, place + 1)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive made to do harm, or that holds another. Raises `Unreadable`."""
    if len(members) > MAX_FILES:
        raise Unreadable(f"cette archive compte plus de {MAX_FILES} fichiers.")
    if sum(member.file_size for member in members) > MAX_FILE:
        raise Unreadable(
            f"cette archive dépasse {MAX_FILE // 1024**2} Mio une fois ouverte : elle "
            "n’est pas lue. Importez les fichiers utiles un à un."
        )
    for member in members:
        _check_member(member)


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    said = shown(name, 80)
    steps = name.replace("\\", "/").split("/")
    if ".." in steps or steps[0] == "" or re.match(r"[A-Za-z]:", name):
        raise Unreadable(
            f"cette archive contient « {said} », un nom qui sort de son dossier : elle "
            "n’est pas lue."
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable(f"cette archive contient un lien, « {said} » : non lue.")
    if name.lower().endswith(".zip"):
        raise Unreadable(
            f"cette archive en contient une autre, « {said} » : ouvrez-la, puis importez "
            "les deux."
        )
    if member.flag_bits & 1:
        raise Unreadable(
            "cette archive est protégée par un mot de passe : ouvrez-la, puis importez "
            "les fichiers qu’elle contient."
        )


def _member(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> Iterator[Piece]:
    path = PurePosixPath(member.filename)
    # Files that systems add for themselves: nobody sent them.
    if member.is_dir() or "__MACOSX" in path.parts or path.name in (".DS_Store",):
        return
    where, kind = f"{name}, {shown(member.filename, 80)}", path.suffix.lower()
    limit = MAX_CARNET if kind == ".json" else MAX_FILE
    try:
        with archive.open(member) as stream:
            content = stream.read(limit + 1)
    except _DAMAGED:
        yield Piece(
            where,
            fault="ce fichier est abîmé dans l’archive : demandez-le de nouveau.",
        )
        return
    yield from _pieces(where, kind, content)


# --- what is kept ----------------------------------------------------------------------


def keep_original(folder: Path, received: Received) -> Path:
    """Copy a file as it came among those never published; return the copy.

    The same file received again is the same copy. Raises `InputError`.
    """
    safe = re.sub(r"[^\w.-]", "_", received.path.name)[-80:].lstrip(".")
    path = folder / f"{sha256(received.raw).hexdigest()[:12]}-{safe or 'original'}"
    if path.is_symlink():
        raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
    if not path.exists():
        write_atomic(path, received.raw)
    return path
