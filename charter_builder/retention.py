"""How long private data is kept, and what the register of processing says of it.

Legal bases are for the data protection officer to confirm: nothing here states one.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from charter_builder import french
from charter_builder.consultation import VISIBILITY_LABELS, ConsultationSettings
from charter_builder.markdown import escape
from charter_builder.model import Value
from charter_builder.typography import polish

Holding = Literal["contacts", "originals", "drafts"]
"""What is kept aside, by how long it is."""

HOLDING_LABELS: Mapping[Holding, str] = MappingProxyType(
    {
        "contacts": "adresses des organisations, invitations, envois",
        "originals": "fichiers et courriels reçus, bordereaux remis",
        "drafts": "réponses et rédactions en préparation",
    }
)

Months = Annotated[int, Field(ge=0, le=120)]


class Retention(Value):
    """`private/conservation.yml` : combien de temps garder ce qui n’est pas publié.

    En mois, à compter de la clôture ; zéro : à la clôture. Le délégué à la protection
    des données en décide.
    """

    format: Literal[1] = 1
    """La version de ce format."""
    contacts_months: Months = 6
    """Les adresses des organisations, leurs invitations et les envois."""
    originals_months: Months = 2
    """Les fichiers et courriels reçus : le temps d’un recours."""
    drafts_months: Months = 0
    """Les réponses et les rédactions en préparation."""

    def months(self, holding: Holding) -> int:
        return {
            "contacts": self.contacts_months,
            "originals": self.originals_months,
            "drafts": self.drafts_months,
        }[holding]

    def said(self, holding: Holding) -> str:
        """Return « 6 mois après la clôture »."""
        months = self.months(holding)
        return f"{months} mois après la clôture" if months else "à la clôture"

    def due(self, holding: Holding, closed_on: str) -> str:
        """Return the first day on which a holding is to be erased."""
        return months_after(closed_on, self.months(holding))


def months_after(day: str, months: int) -> str:
    """Return the same day, months later; the last of the month when there is none."""
    start = date.fromisoformat(day)
    first = _first_of_month(start, months)
    last = _first_of_month(start, months + 1) - timedelta(days=1)
    return min(first + timedelta(days=start.day - 1), last).isoformat()


def _first_of_month(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)


class Item(NamedTuple):
    """One thing kept: what, where, who reads it, until when."""

    what: str
    where: str
    readers: str
    until: str


def items(settings: ConsultationSettings, retention: Retention) -> Iterator[Item]:
    """Yield what a consultation keeps, for the notice and for the register."""
    yield Item(
        "Organisation, collège, texte de la contribution, réponse, fonctions de ceux "
        "qui décident",
        "registre de la concertation (consultation/)",
        VISIBILITY_LABELS[settings.visibility],
        "gardé avec la charte ; durée à fixer avec le service d’archives",
    )
    employer = "les fonctions de l’employeur qui tiennent la concertation"
    for holding, label in HOLDING_LABELS.items():
        yield Item(
            label[:1].upper() + label[1:],
            "dossier privé de l’employeur (private/), jamais publié",
            employer,
            retention.said(holding),
        )


TO_CONFIRM = "à confirmer par le délégué à la protection des données"


# Facts: rgpd.principes, rgpd.art-9.appartenance-syndicale; rgpd.contributions-agents is
# not verified, hence told as what to look at.
_RECORD = """\
# Fiche de registre des traitements

Concertation « {title} » ({id})

Cette fiche est tirée des réglages de la concertation. Ce qui est « à compléter » ou
« à confirmer » ne peut pas l’être par le programme.

## Qui

- Responsable du traitement : {territory}.
- Contact : {contact}.
- Délégué à la protection des données : à compléter.
- Ceux qui tiennent la concertation : {roles}.

## Pourquoi

- Finalité : recueillir les contributions des organisations sur un projet de texte, y
  répondre, publier les réponses, et pouvoir prouver ce qui a été dit.
- Base légale : {to_confirm}. À examiner
  avec lui, non vérifié ici : la mission d’intérêt public ou une obligation légale, plutôt
  que le consentement des agents à leur employeur.

## De qui

- Des organisations, qui contribuent en leur nom : {organisations}.
- Aucune rubrique ne reçoit le nom d’une personne, ni son appartenance syndicale.
- Peuvent apparaître sans être demandés : l’adresse et la signature d’un courriel reçu, les
  propriétés d’un document, une personne citée dans un texte.

## Quoi, où, qui le lit, jusqu’à quand

| Donnée | Où | Qui la lit | Jusqu’à quand |
|---|---|---|---|
{rows}

Période des dépôts : du {opens} au {closes}.
« charter consultation purge » dit ce qui est à effacer, et l’efface.

## Données sensibles

L’appartenance syndicale d’une personne est une donnée sensible. La position d’une
organisation n’est pas celle d’une personne : seul le nom de l’organisation est inscrit.

## Vers où

- Le programme n’appelle aucun service extérieur.
- Adresse IP : le programme n’en enregistre aucune ; journaux du serveur web : à compléter.
- Hébergeur du site, messagerie, sauvegardes : à compléter.
- Transfert hors de l’Union européenne : aucun par le programme ; à confirmer pour
  l’hébergeur.

## Sécurité

- Le registre est chaîné par des empreintes : un changement se voit, et un récépissé le
  prouve.
- Ce que tapent les organisations n’est jamais exécuté : c’est du texte.
- Les invitations ne sont gardées que par leur empreinte.
- Droits d’accès au dossier, sauvegardes, chiffrement du poste : à compléter.

## Droits des personnes

- Accès, rectification, effacement : auprès du délégué à la protection des données.
- Un texte du registre s’efface par « charter consultation redact » : le numéro, la date et
  le motif restent visibles, et le registre reste vérifiable. Les copies et les sauvegardes
  sont à effacer aussi.
- L’information des personnes est sur le site, page « Mentions légales et données
  personnelles ».
"""


def processing_record(
    settings: ConsultationSettings,
    retention: Retention,
    territory: str,
    contact: str | None,
) -> str:
    """Return the entry of a consultation in the register of processing, as Markdown."""
    rows = [
        f"| {' | '.join(map(_typed, item))} |" for item in items(settings, retention)
    ]
    # Spaces first: added to what is typed once escaped, they would break its entities.
    return "\n".join(map(polish, _RECORD.split("\n"))).format(
        title=_typed(settings.title),
        id=settings.id,
        territory=_typed(territory),
        contact=_typed(contact) if contact else "à compléter",
        roles=french.enumeration([_typed(role.title) for role in settings.roles]),
        organisations=french.enumeration(
            [_typed(o.name) for o in settings.organisations]
        ),
        rows="\n".join(rows),
        opens=french.day(settings.opens),
        closes=french.day(settings.closes),
        to_confirm=TO_CONFIRM,
    )


def _typed(text: str) -> str:
    return escape(polish(text))
