"""What the register of a consultation may say: each entry, each text of it."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import Field

from charter_builder.consultation import College, ConsultationSettings, Moment
from charter_builder.model import Day, Slug, ThemeId, Value

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex128 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""128 random bits: an idempotency key, or the salt of a commitment."""

ContributionId = Annotated[str, Field(pattern=r"^C-\d{4,6}$")]
DecisionId = Annotated[str, Field(pattern=r"^D-\d{4,6}$")]

MAX_TEXT = 20_000
"""Characters in one text. Longer ones cost seconds to compare."""

MAX_PRESENT = 30
"""Roles and organisations at one sitting."""
MAX_LINE = 300
MAX_REPLIES = 500
"""Replies of one decision."""
MAX_PASSAGE = 4_000
"""Characters of the passage one speaks of."""

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]

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

    exact: Annotated[str, Field(min_length=1, max_length=MAX_PASSAGE)]
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
RETAINED: tuple[Disposition, ...] = ("retained", "partly-retained")
"""The replies that adopt something, in whole or in part."""


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
    roles: Annotated[tuple[Line, ...], Field(min_length=2, max_length=MAX_PRESENT)]
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
    replies: Annotated[tuple[Reply, ...], Field(min_length=1, max_length=MAX_REPLIES)]


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


_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters for Unicode, blanks for a reader."""


def has_words(text: str) -> bool:
    """Return whether a text says something: a letter, or a digit.

    Many signs show nothing, or nothing one could answer: a blank of Braille, a dot.
    """
    return any(sign.isalnum() and sign not in _FILLERS for sign in text)


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
