"""The register of a consultation: what each entry may say, and how entries are chained.

An entry holds the digest of the one before. Texts people wrote are left out of that
digest and covered by salted commitments, so that one can be erased on legal ground
and the chain stays valid. (Design: RFC 6962 for the idea of an append-only log.)
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from charter_builder.consultation import College, ConsultationSettings, Moment
from charter_builder.errors import InputError, shown
from charter_builder.model import Day, Slug, ThemeId, Value

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex128 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""128 random bits: an idempotency key, or the salt of a commitment."""

ContributionId = Annotated[str, Field(pattern=r"^C-\d{4,6}$")]
DecisionId = Annotated[str, Field(pattern=r"^D-\d{4,6}$")]

MAX_TEXT = 20_000
"""Characters in one text. Longer ones cost seconds to compare."""

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Line = Annotated[str, Field(min_length=1, max_length=300)]

NO_PREVIOUS = "0" * 64
"""What the first entry gives as the digest of the one before."""


# --- what people send ----------------------------------------------------------------

Kind = Literal["comment", "question", "amendment", "choice"]
KIND_LABELS: dict[Kind, str] = {
    "comment": "commentaire",
    "question": "question",
    "amendment": "amendement",
    "choice": "choix sur un point à débattre",
}
Operation = Literal["replace", "delete", "insert-after"]
OPERATION_LABELS: dict[Operation, str] = {
    "replace": "nouvelle rédaction de l’article",
    "delete": "suppression de l’article",
    "insert-after": "nouvel article, placé après celui-ci",
}
Stance = Literal["for", "reserved", "against"]
STANCE_LABELS: dict[Stance, str] = {
    "for": "favorable",
    "reserved": "favorable sous réserve",
    "against": "défavorable",
}
Channel = Literal["file", "server", "mail", "paper"]
CHANNEL_LABELS: dict[Channel, str] = {
    "file": "fichier",
    "server": "site",
    "mail": "courriel",
    "paper": "papier",
}
Authentication = Literal["invitation", "known-mail", "hand-delivered", "none"]


class Target(Value):
    """Ce que la contribution vise : une unité d’une version figée."""

    version: Annotated[int, Field(ge=1)]
    """Le numéro de la version lue."""
    unit: ThemeId
    """L’article ou l’acte."""
    unit_sha256: Digest
    """L’empreinte du texte lu."""


class Passage(Value):
    """Les mots visés, tels qu’ils sont dans la version lue."""

    exact: Annotated[str, Field(min_length=1, max_length=2_000)]
    """Le passage."""
    start: Annotated[int, Field(ge=0)] | None = None
    """Sa place dans le texte de l’unité, en caractères ; absente s’il n’y est pas."""
    end: Annotated[int, Field(ge=0)] | None = None
    """La fin de sa place."""


class Choice(Value):
    """La proposition choisie pour un point laissé à débattre."""

    point: Annotated[str, Field(min_length=1, max_length=60)]
    """L’identifiant du point."""
    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    """La lettre de la proposition choisie."""


class Contribution(Value):
    """Une contribution telle qu’elle a été enregistrée."""

    id: ContributionId
    """Son numéro, jamais réutilisé."""
    key: Hex128
    """La clé tirée par la page qui l’a envoyée : deux envois, une seule entrée."""
    target: Target
    passage: Passage | None = None
    kind: Kind
    """comment, question, amendment ou choice."""
    operation: Operation | None = None
    """Pour un amendement : replace, delete ou insert-after."""
    choice: Choice | None = None
    stance: Stance | None = None
    """L’avis donné sur l’article, s’il y en a un."""
    organisation: Slug
    college: College
    channel: Channel
    """file, server, mail ou paper."""
    authentication: Authentication = "none"
    """Comment l’origine a été vérifiée."""
    written_on: Day | None = None
    """Le jour que dit l’expéditeur ; personne ne l’a vérifié."""
    received_at: Moment | None = None
    """L’instant de réception prouvé, quand il précède l’enregistrement."""
    text: Text | None = None
    """L’exposé des motifs."""
    text_digest: Digest
    text_salt: Hex128 | None = None
    proposed: Text | None = None
    """Le texte entier proposé pour l’unité."""
    proposed_digest: Digest | None = None
    proposed_salt: Hex128 | None = None


# --- what the employer's side answers ------------------------------------------------

Disposition = Literal[
    "retained",
    "partly-retained",
    "rejected",
    "to-negotiate",
    "explained",
    "moot",
    "out-of-scope",
]
DISPOSITION_LABELS: dict[Disposition, str] = {
    "retained": "retenue",
    "partly-retained": "partiellement retenue",
    "rejected": "rejetée",
    "to-negotiate": "à négocier",
    "explained": "expliquée",
    "moot": "sans objet",
    "out-of-scope": "hors périmètre",
}


class Reply(Value):
    """La réponse à une contribution."""

    contribution: ContributionId
    disposition: Disposition
    reason: Text | None = None
    """Le motif, ou l’explication."""
    reason_digest: Digest | None = None
    reason_salt: Hex128 | None = None
    adopted_text: Text | None = None
    """La rédaction adoptée pour l’unité entière."""
    adopted_text_digest: Digest | None = None
    adopted_text_salt: Hex128 | None = None
    action: Line | None = None
    """Ce qui sera fait."""
    lead: Line | None = None
    """La fonction qui s’en charge."""
    due: Day | None = None
    """Le jour où ce sera fait, négocié ou saisi."""
    body: Line | None = None
    """L’instance qui négocie, ou qui est saisie."""
    satisfied_by: ContributionId | None = None
    """La contribution qui rend celle-ci sans objet."""


class Body(Value):
    """L’instance qui a décidé."""

    name: Line
    """Son nom."""
    date: Day
    """Le jour de la séance."""
    roles: Annotated[tuple[Line, ...], Field(min_length=2, max_length=30)]
    """Les fonctions présentes : deux au moins, aucun nom de personne."""
    minutes: Line | None = None
    """La référence du compte rendu."""


class Decision(Value):
    """Une décision : l’instance, qui a préparé, qui a validé, les réponses."""

    id: DecisionId
    body: Body
    drafted_by: Slug
    """La fonction qui a préparé les réponses."""
    validated_by: Slug
    """La fonction qui les a validées : une autre."""
    replies: Annotated[tuple[Reply, ...], Field(min_length=1, max_length=500)]


# --- entries -------------------------------------------------------------------------


class Entry(Value):
    """Une entrée du registre : un fichier, écrit une fois."""

    seq: Annotated[int, Field(ge=1)]
    """Son numéro : 1, 2, 3…"""
    prev: Digest
    """L’empreinte de l’entrée d’avant."""
    at: Moment
    """L’instant d’enregistrement ; jamais avant celui de l’entrée d’avant."""
    by: Slug = "registrar"
    """La fonction qui a enregistré ; jamais une personne."""
    clock_suspect: Literal[True] | None = None
    """L’horloge de l’ordinateur avait reculé."""


class Opened(Entry):
    type: Literal["consultation.opened"] = "consultation.opened"
    settings: ConsultationSettings


class SettingsChanged(Entry):
    type: Literal["consultation.changed"] = "consultation.changed"
    settings: ConsultationSettings
    why: Line


class VersionFrozen(Entry):
    type: Literal["version.frozen"] = "version.frozen"
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    final: bool = False


class UnitTrace(Value):
    """Pourquoi une unité a changé d’une version à l’autre."""

    unit: ThemeId
    contributions: tuple[ContributionId, ...] = ()
    """Les contributions dont elle vient."""
    employer_note: Line | None = None
    """La raison que donne l’employeur, à défaut."""


class VersionApplied(Entry):
    type: Literal["version.applied"] = "version.applied"
    version: Annotated[int, Field(ge=1)]
    changes: tuple[UnitTrace, ...]


class Recorded(Entry):
    type: Literal["contribution.recorded"] = "contribution.recorded"
    contribution: Contribution


class Withdrawn(Entry):
    type: Literal["contribution.withdrawn"] = "contribution.withdrawn"
    contribution: ContributionId
    organisation: Slug


class Reclassified(Entry):
    type: Literal["contribution.reclassified"] = "contribution.reclassified"
    contribution: ContributionId
    unit: ThemeId | None = None
    kind: Kind | None = None
    why: Line


class Decided(Entry):
    type: Literal["decision.made"] = "decision.made"
    decision: Decision


class Contest(Value):
    """Ce qu’une organisation conteste, une fois, dans une réponse."""

    contribution: ContributionId
    organisation: Slug
    key: Hex128
    reason: Text | None = None
    reason_digest: Digest
    reason_salt: Hex128 | None = None


class Contested(Entry):
    type: Literal["decision.contested"] = "decision.contested"
    contest: Contest


class ActionDone(Entry):
    type: Literal["action.done"] = "action.done"
    contribution: ContributionId
    what: Line


Ground = Literal["personal-data", "insult", "unlawful"]
GROUND_LABELS: dict[Ground, str] = {
    "personal-data": "données personnelles d’un tiers",
    "insult": "propos injurieux",
    "unlawful": "contenu illicite",
}


class Redaction(Value):
    """Ce qui a été effacé d’une entrée, et pourquoi."""

    entry: Annotated[int, Field(ge=1)]
    """Le numéro de l’entrée."""
    field: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_0-9]+){0,3}$")]
    """La rubrique : contribution.text, decision.replies.0.reason."""
    ground: Ground
    roles: Annotated[tuple[Slug, ...], Field(min_length=2)]
    """Les deux fonctions qui l’ont décidé."""
    remaining_digest: Digest | None = None
    """L’engagement sur ce qui reste du texte ; absent si tout est effacé."""


class Redacted(Entry):
    type: Literal["text.redacted"] = "text.redacted"
    redaction: Redaction


class BordereauSent(Entry):
    type: Literal["bordereau.sent"] = "bordereau.sent"
    organisation: Slug
    digest: Digest
    """L’empreinte du bordereau remis."""


class BordereauAnswer(Value):
    """Ce que dit une organisation de son bordereau."""

    organisation: Slug
    confirms: bool
    reason: Text | None = None
    reason_digest: Digest | None = None
    reason_salt: Hex128 | None = None


class BordereauAnswered(Entry):
    type: Literal["bordereau.answered"] = "bordereau.answered"
    answer: BordereauAnswer


class Closed(Entry):
    type: Literal["consultation.closed"] = "consultation.closed"
    body: Body


AnyEntry = Annotated[
    Opened
    | SettingsChanged
    | VersionFrozen
    | VersionApplied
    | Recorded
    | Withdrawn
    | Reclassified
    | Decided
    | Contested
    | ActionDone
    | Redacted
    | BordereauSent
    | BordereauAnswered
    | Closed,
    Field(discriminator="type"),
]

ENTRY_LABELS: dict[str, str] = {
    "consultation.opened": "concertation ouverte",
    "consultation.changed": "réglages changés",
    "version.frozen": "version figée",
    "version.applied": "changements d’une version expliqués",
    "contribution.recorded": "contribution enregistrée",
    "contribution.withdrawn": "contribution retirée par son auteur",
    "contribution.reclassified": "contribution reclassée",
    "decision.made": "décision",
    "decision.contested": "réponse contestée",
    "action.done": "action faite",
    "text.redacted": "texte expurgé",
    "bordereau.sent": "bordereau remis",
    "bordereau.answered": "bordereau confirmé ou contesté",
    "consultation.closed": "concertation close",
}


# --- texts ---------------------------------------------------------------------------

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


def clean_text(typed: str) -> str:
    """Return a text as the register keeps it: what a reader sees, nothing else.

    Composed (NFC), one line feed between lines, no control nor invisible sign (they serve to
    make a text look like another), no space at the end of a line, no blank line at
    either end. Cleaning twice changes nothing.
    """
    text = _LINE_BREAKS.sub("\n", typed).replace("\t", " ")
    text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    lines = [line.rstrip(" \u00a0\u202f") for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").lstrip(" ")


def commitment(salt: str, text: str) -> str:
    """Return the digest that stands for a text in the chain.

    The salt keeps anyone from guessing a short text once it is erased: it goes with it.
    """
    return sha256(f"{salt}{text}".encode()).hexdigest()


def sealed(name: str, text: str, salt: str) -> dict[str, str]:
    """Return the fields of a text that may be erased: itself, its digest, its salt."""
    return {
        name: text,
        f"{name}_digest": commitment(salt, text),
        f"{name}_salt": salt,
    }


# --- the chain -----------------------------------------------------------------------

SEALED_FIELDS = frozenset({"text", "proposed", "reason", "adopted_text"})
"""Left out of the digest of an entry, each covered by its `…_digest` beside it."""
_OUTSIDE = SEALED_FIELDS | {f"{name}_salt" for name in SEALED_FIELDS}

Data = Mapping[str, Any]
"""One entry as its file holds it: plain data."""


def as_data(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain data, absent fields left out."""
    return entry.model_dump(mode="json", exclude_none=True)


def entry_digest(data: Data) -> str:
    """Return the digest of an entry: of its canonical JSON, without sealed texts.

    Line ends, quotes, key order and comments of its file do not count.
    """
    said = json.dumps(
        _chained(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return sha256(said.encode()).hexdigest()


def _chained(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {
            key: _chained(value)
            for key, value in data.items()
            if value is not None and key not in _OUTSIDE
        }
    if isinstance(data, list | tuple):
        return [_chained(item) for item in data]
    return data


class Head(NamedTuple):
    """The end of a register: how many entries, and the digest of the last."""

    size: int
    digest: str


EMPTY = Head(0, NO_PREVIOUS)


class Fault(NamedTuple):
    """What is wrong in a register, at one entry."""

    seq: int
    message: str


class Receipt(NamedTuple):
    """What proves, away from the register, that an entry was in it."""

    consultation: str
    seq: int
    digest: str


_RECEIPT_LINES = {
    "consultation": re.compile(r"(?m)^\W*Concertation\s*: .*?\(([a-z0-9-]{1,60})\)"),
    "seq": re.compile(r"(?m)^\W*Entrée du registre\s*: (\d{1,6})\b"),
    "digest": re.compile(r"(?m)^\W*Empreinte\s*: ([0-9a-f]{64})\b"),
}


def read_receipt(text: str) -> Receipt:
    """Return what a receipt says, however a mail quoted it.

    Raises `InputError` for a text that is none.
    """
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    found = {name: line.search(plain) for name, line in _RECEIPT_LINES.items()}
    said = {name: match[1] for name, match in found.items() if match}
    if len(said) < len(found):
        raise InputError(
            "ce texte n’est pas un récépissé : il y manque la concertation, le numéro "
            "d’entrée ou l’empreinte. Recopiez le récépissé entier."
        )
    return Receipt(said["consultation"], int(said["seq"]), said["digest"])


def chain_faults(
    entries: Sequence[Data], digests: Sequence[str] | None = None
) -> list[Fault]:
    """Return what breaks the chain: a missing, moved, altered or ill-dated entry.

    `digests` are those of the entries, when they are known.
    """
    digests = [entry_digest(data) for data in entries] if digests is None else digests
    faults: list[Fault] = []
    previous, moment, expected = NO_PREVIOUS, "", 1
    for data, digest in zip(entries, digests, strict=True):
        seq = data.get("seq")
        if not isinstance(seq, int) or seq < expected:
            faults.append(Fault(expected, f"l’entrée {seq} n’est pas à sa place."))
            continue
        if seq > expected:
            missing = (
                f"l’entrée {expected} manque."
                if seq == expected + 1
                else f"les entrées {expected} à {seq - 1} manquent."
            )
            faults.append(Fault(expected, missing))
        elif data.get("prev") != previous:
            faults.append(
                Fault(
                    seq,
                    f"l’entrée {seq} ne suit pas la précédente : l’une des deux a été "
                    "modifiée.",
                )
            )
        if str(data.get("at")) < moment:
            faults.append(
                Fault(seq, f"l’entrée {seq} est datée d’avant la précédente.")
            )
        previous, moment = digest, str(data.get("at"))
        expected = seq + 1
    return faults


class SealedText(NamedTuple):
    """A text outside the chain, with what commits to it."""

    field: str
    """Its place: `contribution.text`."""
    text: str | None
    salt: str | None
    digest: str | None


def sealed_texts(data: Any, place: str = "") -> Iterator[SealedText]:
    """Yield the sealed texts of an entry, the erased ones without their text."""
    if isinstance(data, list | tuple):
        for rank, item in enumerate(data):
            yield from sealed_texts(item, f"{place}{rank}.")
    if not isinstance(data, Mapping):
        return
    for name in sorted(SEALED_FIELDS):
        digest = data.get(f"{name}_digest")
        if data.get(name) is not None or digest is not None:
            salt = data.get(f"{name}_salt")
            yield SealedText(f"{place}{name}", data.get(name), salt, digest)
    for key, value in data.items():
        if isinstance(value, Mapping | list | tuple):
            yield from sealed_texts(value, f"{place}{key}.")


def left_of(found: SealedText) -> str | None:
    """Return the commitment on what stands of a text; nothing once it is erased."""
    if found.text is None or found.salt is None:
        return None
    return commitment(found.salt, found.text)


def without_text(
    data: Data, field: str, remaining: str | None, salt: str | None
) -> dict[str, Any]:
    """Return an entry with one sealed text gone, or replaced by what remains of it.

    The salt goes with the text: without it, nobody can try what was erased. Raises
    `InputError` when no text stands there.
    """
    found = {place.field: place for place in sealed_texts(data)}
    if field not in found or found[field].text is None:
        known = [name for name, place in found.items() if place.text is not None]
        raise InputError(
            f"« {shown(field)} » : aucun texte à cet endroit de l’entrée "
            f"{data.get('seq')}." + (f" Textes : {', '.join(known)}." if known else "")
        )
    copy: dict[str, Any] = _copied(data)
    *path, name = field.split(".")
    place: Any = copy
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    del place[name], place[f"{name}_salt"]
    if remaining is not None and salt is not None:
        place |= {name: remaining, f"{name}_salt": salt}
    return copy


def _copied(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _copied(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_copied(item) for item in data]
    return data


def text_faults(entries: Sequence[Data]) -> list[Fault]:
    """Return the texts that are not those recorded, redactions taken into account."""
    return [
        Fault(seq, f"l’entrée {seq}, « {found.field} », {said}")
        for seq, found, said in faulty_texts(entries)
    ]


INTERRUPTED = (
    "doit être expurgé : l’effacement a été interrompu. La commande « redact », relancée, "
    "l’achève."
)


def faulty_texts(entries: Sequence[Data]) -> Iterator[tuple[int, SealedText, str]]:
    """Yield each text that is not the one recorded: its entry, itself, what is wrong.

    `INTERRUPTED` is wrong with one that a recorded redaction erases.
    """
    redacted: dict[tuple[int, str], list[Data]] = {}
    for data in entries:
        redaction = data.get("redaction")
        if isinstance(redaction, Mapping):
            place = (redaction.get("entry", 0), str(redaction.get("field")))
            redacted.setdefault(place, []).append(redaction)
    for data in entries:
        seq = int(data.get("seq", 0))
        for found in sealed_texts(data):
            said = _text_fault(found, redacted.get((seq, found.field), []))
            if said:
                yield seq, found, said


def _text_fault(found: SealedText, redactions: Sequence[Data]) -> str:
    if found.digest is None:
        return "n’a pas d’empreinte : ce texte a été ajouté."
    if found.text is None:
        erased = any(r.get("remaining_digest") is None for r in redactions)
        return "" if erased else "a disparu sans expurgation enregistrée."
    if found.salt is None:
        return "n’a plus de sel : il ne peut être vérifié."
    # Several redactions of one text: only what the last one leaves may stand.
    *before, expected = (
        found.digest,
        *(redaction.get("remaining_digest") for redaction in redactions),
    )
    said = commitment(found.salt, found.text)
    if said == expected:
        return ""
    return INTERRUPTED if said in before else "a été modifié."


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many entries two registers share from the first, by their digests."""
    return next(
        (rank for rank, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
