"""How the entries of a register hold together: digests, sealed texts, and their faults.

An entry holds the digest of the one before. Texts people wrote are left out of that
digest and covered by salted commitments, so that one can be erased on legal ground
and the chain stays valid. (RFC 6962 has the idea of an append-only log.)
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from charter_builder.register import NO_PREVIOUS, Entry

# --- sealed texts ---------------------------------------------------------------------


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


# --- digests --------------------------------------------------------------------------

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

    The salt goes with the text: without it, nobody can try what was erased.
    """
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
