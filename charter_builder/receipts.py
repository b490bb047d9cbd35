"""Receipts: what an organisation keeps to prove, without the register, that it wrote."""

from collections.abc import Mapping

from charter_builder import french
from charter_builder.consultation import PARIS, day_of, instant
from charter_builder.dialogue import Dialogue, Standing
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

    `register.read_receipt` reads it back, quoted by a mail or not.
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
