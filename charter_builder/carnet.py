"""The carnet: contributions gathered without a server, as a file or in a mail.

The file is JSON. In a mail it is a block of capital letters and digits below a text one
can read: whatever mail programs do to it (quoting, wrapping, other spaces, tags), the
letters come back, and a checksum says whether all of them did.
"""

import base64
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field, ValidationError

from charter_builder import french
from charter_builder.consultation import ConsultationSettings
from charter_builder.contributions import Submission
from charter_builder.errors import (
    InputError,
    shown,
    unknown_key,
    validation_sentence,
)
from charter_builder.model import Slug, Value
from charter_builder.register import (
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Line,
    clean_text,
)
from charter_builder.typography import plain
from charter_builder.units import FrozenVersion, Unit

FORMAT: Final = 1
MAX_CARNET = 1024**2
"""Bytes of a carnet, in a file or once unpacked from a mail."""
MAX_ITEMS = 500
"""Contributions in one carnet: as many as one organisation may post."""

ASK_AGAIN = (
    "Redemandez à l’organisation le fichier d’origine, en pièce jointe, tel que la page "
    "l’a enregistré."
)


class Unreadable(InputError):
    """A carnet that cannot be read: a sentence for the person who received it."""


class Envelope(Value):
    """`contributions-….json` : les contributions qu’une organisation a rédigées."""

    format: Literal[1] = FORMAT
    """La version de ce format."""
    consultation: Slug
    """La concertation, telle que la page la nommait."""
    charter: Line
    """La charte et la collectivité, telles que la page les nommait."""
    organisation: Slug
    """L’organisation au nom de laquelle elles sont écrites."""
    invitation: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    """Le jeton de l’invitation, s’il y en a un ; il n’est jamais enregistré."""
    contributions: Annotated[tuple[Submission, ...], Field(max_length=MAX_ITEMS)] = ()
    """Les contributions."""


class Item(NamedTuple):
    """One contribution of a carnet, or why it is none."""

    rank: int
    submission: Submission | None
    fault: str = ""


class Carnet(NamedTuple):
    """A carnet that was read; its items may be at fault one by one."""

    consultation: str
    charter: str
    organisation: str
    items: tuple[Item, ...]


def charter_name(version: FrozenVersion) -> str:
    """Return what a carnet calls the charter: its title and its territory."""
    return f"{version.title} — {version.territory}"


# --- the file ------------------------------------------------------------------------


def carnet_text(carnet: Envelope) -> str:
    """Return the file of a carnet."""
    said = carnet.model_dump(mode="json", exclude_none=True)
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def read_carnet(raw: bytes) -> Carnet:
    """Return what a carnet holds. Raises `Unreadable` when the whole is no carnet."""
    if len(raw) > MAX_CARNET:
        raise Unreadable(
            f"ce fichier fait {french.number(len(raw) // 1024)} Kio, "
            f"{french.number(MAX_CARNET // 1024)} au plus : un carnet est plus petit. "
            "Vérifiez que c’est le bon, ou faites-en envoyer deux."
        )
    fields = _fields(_decoded(raw))
    if fields.get("format") != FORMAT or isinstance(fields["format"], bool):
        raise Unreadable(_format_sentence(fields.get("format")))
    given = fields.pop("contributions", None)
    if not isinstance(given, list):
        raise Unreadable(
            "la liste « contributions » manque : ce fichier n’est pas un carnet. "
            f"{ASK_AGAIN}"
        )
    if len(given) > MAX_ITEMS:
        raise Unreadable(
            f"ce carnet a {french.number(len(given))} contributions, {MAX_ITEMS} au "
            "plus : faites-en envoyer deux."
        )
    envelope = _valid(Envelope, fields)
    if isinstance(envelope, str):
        raise Unreadable(f"{envelope} {ASK_AGAIN}")
    return Carnet(
        envelope.consultation,
        envelope.charter,
        envelope.organisation,
        tuple(_item(rank, data) for rank, data in enumerate(given, 1)),
    )


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(
            "ce fichier n’est pas en UTF-8 : un autre programme l’a ouvert et réenregistré "
            f"(en Latin-1 ou autrement), et ses accents sont perdus. {ASK_AGAIN}"
        ) from None


def _fields(text: str) -> dict[str, Any]:
    try:
        found = json.loads(
            text, object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            raise Unreadable(f"ce fichier est vide. {ASK_AGAIN}") from None
        if not text.rstrip().endswith("}"):
            raise Unreadable(
                "ce fichier est tronqué : il s’arrête au milieu d’une contribution. "
                f"{ASK_AGAIN}"
            ) from None
        raise Unreadable(
            f"ce fichier n’est pas un carnet, ou il a été modifié : ligne {error.lineno}, "
            f"un signe n’est pas à sa place. {ASK_AGAIN}"
        ) from None
    except (ValueError, RecursionError):
        raise Unreadable(
            f"ce fichier n’est pas un carnet, ou il a été modifié. {ASK_AGAIN}"
        ) from None
    if not isinstance(found, dict):
        raise Unreadable(f"ce fichier n’est pas un carnet. {ASK_AGAIN}")
    return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key given twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _format_sentence(given: object) -> str:
    if isinstance(given, int) and not isinstance(given, bool) and given > FORMAT:
        return (
            f"ce carnet est au format {given}, plus récent que ce programme, qui lit le "
            f"format {FORMAT} : mettez charter-builder à jour, puis recommencez."
        )
    return f"ce fichier n’est pas un carnet de contributions. {ASK_AGAIN}"


def _item(rank: int, data: object) -> Item:
    if not isinstance(data, dict):
        return Item(rank, None, "ce n’est pas une contribution.")
    found = _valid(Submission, data)
    if isinstance(found, str):
        return Item(rank, None, found)
    return Item(rank, found)


def as_submission(data: Mapping[str, Any]) -> Submission:
    """Return a contribution from its fields. Raises `InputError` with what is wrong."""
    found = _item(1, {key: value for key, value in data.items() if value is not None})
    if found.submission is None:
        raise InputError(found.fault)
    return found.submission


def _valid(kind: type[Any], data: Mapping[str, Any]) -> Any:
    """Return the value, or the sentence that says what is wrong first."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = [step for step in wrong["loc"] if isinstance(step, str)]
        key = place[-1] if place else ""
        if wrong["type"] == "extra_forbidden":
            known = list(kind.model_fields) if len(place) == 1 else []
            return unknown_key(key, known)
        context = dict(wrong.get("ctx", {}))
        return validation_sentence(
            wrong["type"], key, wrong.get("input"), context, sorted(kind.model_fields)
        )


def foreign(
    carnet: Carnet,
    settings: ConsultationSettings,
    charters: Iterable[str],
    organisation: str,
) -> str:
    """Return why a carnet is not for here, or nothing.

    `charters` are the names the charter has had, one version after the other.
    """
    if carnet.consultation != settings.id:
        return (
            f"ce carnet est celui d’une autre concertation, « {carnet.consultation} » ; "
            f"celle-ci est « {settings.id} »."
        )
    names = list(charters)
    if plain(carnet.charter) not in map(plain, names):
        here = f" ; ici, « {names[-1]} »" if names else ""
        return (
            f"ce carnet porte sur une autre charte, « {shown(carnet.charter, 120)} »"
            f"{here}."
        )
    if carnet.organisation == organisation:
        return ""
    said, given = (
        known.name if (known := settings.organisation(name)) else f"« {shown(name)} »"
        for name in (carnet.organisation, organisation)
    )
    return (
        f"ce carnet est au nom de {said}, et vous avez donné {given} : vérifiez qui vous "
        "l’a remis, puis relancez avec la bonne organisation."
    )


# --- the mail ------------------------------------------------------------------------

MAX_BLOCKS = 20
"""Blocks in one message: a long thread quotes a few."""

START, END = "DEBUTDUCARNET", "FINDUCARNET"
_MAGIC = b"CB\x01"
_HEADER = len(_MAGIC) + 8
_LINE = 60
BLOCK_NOTICE = (
    "Ne modifiez rien sous cette ligne : ces lettres redisent le texte ci-dessus, pour "
    "qu’il soit enregistré sans être recopié."
)


def block(raw: bytes) -> str:
    """Return the bytes of a carnet as lines a mail can carry."""
    packed = zlib.compress(raw, 9)
    sums = len(packed).to_bytes(4, "big") + zlib.crc32(packed).to_bytes(4, "big")
    letters = base64.b32encode(_MAGIC + sums + packed).decode().rstrip("=")
    lines = [letters[i : i + _LINE] for i in range(0, len(letters), _LINE)]
    return "\n".join([START, *lines, END])


def mail_text(
    carnet: Envelope,
    settings: ConsultationSettings,
    versions: Mapping[int, FrozenVersion],
) -> str:
    """Return what one pastes in a mail: a text to read, then the block."""
    author = settings.organisation(carnet.organisation)
    count = french.counted(len(carnet.contributions), "contribution", "contributions")
    parts = [f"{settings.title}\n{author.name if author else ''} : {count}"]
    for rank, given in enumerate(carnet.contributions, 1):
        version = versions.get(given.version)
        unit = version.unit(given.unit) if version else None
        parts.append("\n\n".join(readable(rank, given, unit)))
    return "\n\n\n".join([*parts, BLOCK_NOTICE + "\n\n" + block(_bytes(carnet))])


def _bytes(carnet: Envelope) -> bytes:
    return carnet_text(carnet).encode()


def readable(rank: int, given: Submission, unit: Unit | None) -> Iterator[str]:
    """Yield the paragraphs that say a contribution to a person."""
    name = unit.name if unit else given.unit
    yield f"{rank}. {name} (version {given.version}) : {KIND_LABELS[given.kind]}"
    if given.operation:
        yield f"Demande : {OPERATION_LABELS[given.operation]}"
    if given.choice:
        yield f"Proposition choisie : {given.choice.letter}"
    if given.stance:
        yield f"Avis sur l’article : {STANCE_LABELS[given.stance]}"
    for label, text in (
        ("Passage visé", given.passage),
        ("Rédaction proposée", given.proposed),
        ("Exposé des motifs", given.text),
    ):
        if text:
            yield f"{label} :\n{clean_text(text)}"


def _loose(word: str) -> str:
    return r"\W*".join(word)


_MARK = re.compile(f"({_loose(START)})|({_loose(END)})", re.IGNORECASE)
# What mail programs put before a quoted line: « > », « >> », « | », « JD> ».
_QUOTED = re.compile(r"^\s*(?:\w{0,4}\s?[>|]\s?)+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# A message seen as it travels: quoted-printable. The letters need no « = ».
_SOFT_BREAK = re.compile(r"=\r?\n")
_TRAVELLING = re.compile(r"=[0-9A-Fa-f]{2}")
# Accents that some programs put back on capitals, and signs of no width.
_ADDED = re.compile(
    "[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)


def decode_blocks(text: str) -> list[bytes | Unreadable]:
    """Return the carnets found in a text, each as its bytes or as what is wrong.

    A carnet found twice, as in a reply that quotes it, is one.
    """
    # A page pasted in a page: its signs were made safe twice.
    told = unescape(unescape(text))
    folded = _ADDED.sub("", unicodedata.normalize("NFKD", told))
    folded = _TAG.sub("\n", _SOFT_BREAK.sub("", folded))
    found: list[bytes | Unreadable] = []
    for piece in _pieces(folded):
        try:
            raw: bytes | Unreadable = _unpacked(piece)
        except Unreadable as damage:
            raw = damage
        if isinstance(raw, Unreadable) or raw not in found:
            found.append(raw)
        if len(found) > MAX_BLOCKS:
            return [Unreadable(f"ce message a plus de {MAX_BLOCKS} blocs de lettres.")]
    return found


def _pieces(text: str) -> Iterator[str]:
    """Yield what stands between each start and its end, or the next start."""
    start = -1
    for mark in _MARK.finditer(text):
        if start >= 0:
            yield text[start : mark.start()]
        start = mark.end() if mark[1] else -1
    if start >= 0:
        yield text[start:]


def _letters(piece: str) -> str:
    lines = (_QUOTED.sub("", line, count=1) for line in piece.splitlines())
    kept = _TRAVELLING.sub(" ", "\n".join(lines)).upper()
    return re.sub(r"[^A-Z2-7]", "", kept)


def _unpacked(piece: str) -> bytes:
    """Return the bytes of a carnet. Raises `Unreadable`."""
    letters = _letters(piece)
    head = _from_letters(letters, _HEADER)
    if not head.startswith(_MAGIC):
        raise Unreadable(f"{_CHANGED} {ASK_AGAIN}")
    size, check = (int.from_bytes(head[i : i + 4], "big") for i in (3, 7))
    packed = _from_letters(letters, _HEADER + size)[_HEADER:]
    if zlib.crc32(packed) != check:
        raise Unreadable(f"{_CHANGED} {ASK_AGAIN}")
    return _inflated(packed)


def _from_letters(letters: str, size: int) -> bytes:
    """Return the first bytes that letters stand for. Raises `Unreadable`."""
    needed = -(-8 * size // 5)
    if len(letters) < needed:
        raise Unreadable(f"{_CUT} {ASK_AGAIN}")
    # The last letter may hold bits of the byte after: zeros stand for the rest.
    kept = letters[: needed + -needed % 8]
    return base64.b32decode(kept + "A" * (-len(kept) % 8))[:size]


def _inflated(packed: bytes) -> bytes:
    # A few kilobytes can hold gigabytes: no more than a carnet is ever unpacked.
    inflating = zlib.decompressobj()
    try:
        raw = inflating.decompress(packed, MAX_CARNET + 1)
    except zlib.error:
        raise Unreadable(f"{_CHANGED} {ASK_AGAIN}") from None
    if len(raw) > MAX_CARNET:
        raise Unreadable(
            "le bloc de lettres du message contient bien plus qu’un carnet : il n’est "
            f"pas lu. {ASK_AGAIN}"
        )
    return raw


_CUT = "le bloc de lettres du message est incomplet : il en manque la fin."
_CHANGED = "le bloc de lettres du message a été modifié en route."


def said_once(items: Sequence[Item]) -> list[Item]:
    """Return the items of one message, those said twice in the same words once.

    A mail often holds a carnet twice: in its text and in its attachment.
    """
    return list({(item.submission or item): item for item in items}.values())
