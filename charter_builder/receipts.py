"""Receipts: what an organisation keeps to prove, without the register, that it wrote."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from charter_builder import french
from charter_builder.consultation import PARIS, day_of, instant
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError
from charter_builder.register import KIND_LABELS
from charter_builder.units import FrozenVersion


def told(at: str) -> str:
    """Return « 12 janvier 2027 à 10 h 12 », in Paris."""
    when = instant(at).astimezone(PARIS)
    return f"{french.day(day_of(at))} à {when.hour} h {when.minute:02}"


def receipt_text(
    standing: Standing, dialogue: Dialogue, versions: Mapping[int, FrozenVersion]
) -> str:
    """Return the receipt of a contribution, to print or to keep as a file.

    `read_receipt` reads it back, quoted by a mail or not.
    """
    settings = dialogue.opened
    given = standing.contribution
    organisation = settings.organisation(given.organisation)
    version = versions.get(given.target.version)
    unit = version.unit(given.target.unit) if version else None
    return f"""\
Récépissé de la contribution {standing.id}

Concertation : {settings.title} ({settings.id})
Organisation : {organisation.name if organisation else given.organisation}
Texte visé : {unit.name if unit else given.target.unit}, version {given.target.version}
Nature : {KIND_LABELS[given.kind]}
Enregistrée le : {told(standing.at)}
Réponse attendue avant le : {french.day(standing.due)}
Entrée du registre : {standing.seq}
Empreinte : {standing.digest}

Gardez ce récépissé. Il prouve que cette contribution était au registre, telle quelle,
à cette date : si l’entrée était modifiée ou retirée, l’empreinte ne serait plus la même.
"""


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
