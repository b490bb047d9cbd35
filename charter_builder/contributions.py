"""From what a person sends to what the register records, or a sentence that says why not.

Every transport (page, file, mail, paper) makes the same `Submission`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from charter_builder import french
from charter_builder.chain import sealed
from charter_builder.consultation import Organisation, day_of
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.model import Day, ThemeId, Value
from charter_builder.register import (
    MAX_PASSAGE,
    MAX_TEXT,
    Authentication,
    Channel,
    Choice,
    Contribution,
    Hex128,
    Kind,
    Operation,
    Passage,
    Stance,
    Target,
    clean_text,
    has_words,
)
from charter_builder.typography import plain
from charter_builder.units import FrozenVersion, Unit

MAX_PER_ORGANISATION = 500
"""Contributions of one organisation in one consultation; then HR is to be asked."""


class Submission(Value):
    """Ce qu’envoie la page, le fichier ou le courriel : une contribution."""

    key: Hex128
    """Clé tirée au hasard par la page : elle évite les doublons."""
    version: Annotated[int, Field(ge=1)]
    """La version lue."""
    unit: ThemeId
    """L’article ou l’acte."""
    unit_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """L’empreinte du texte lu, si la page la connaît."""
    kind: Kind = "comment"
    operation: Operation | None = None
    passage: Annotated[str, Field(max_length=MAX_PASSAGE)] | None = None
    """Le passage visé, recopié."""
    choice: Choice | None = None
    stance: Stance | None = None
    text: Annotated[str, Field(max_length=4 * MAX_TEXT)] = ""
    """L’exposé des motifs."""
    proposed: Annotated[str, Field(max_length=4 * MAX_TEXT)] | None = None
    """La rédaction proposée pour l’article entier."""
    written_on: Day | None = None


class Origin(NamedTuple):
    """Where a submission comes from, as the registrar knows it."""

    organisation: str
    channel: Channel
    authentication: Authentication = "none"
    received_at: str | None = None
    """Proof of an earlier reception, such as the date of a mail."""


class Refusal(InputError):
    """A submission that cannot be recorded; `field` is the one to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def admitted(
    submission: Submission,
    origin: Origin,
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    at: str,
    salts: tuple[str, str],
) -> Contribution:
    """Return the contribution to record.

    `at` is the moment of recording, `salts` two fresh random values. Raises `Refusal`
    with the field to mend and a sentence. A key already recorded is the caller's to
    look for first: it is no refusal.
    """
    organisation = _organisation(origin, dialogue, at)
    unit = _unit(submission, dialogue, versions)
    passage, _ = motives(submission, unit.text)
    fields = _fields(submission, unit, salts)
    return Contribution(
        id=dialogue.next_contribution,
        key=submission.key,
        target=Target(
            version=submission.version, unit=unit.id, unit_sha256=unit.sha256
        ),
        passage=passage,
        kind=submission.kind,
        stance=submission.stance,
        organisation=organisation.id,
        college=organisation.college,
        channel=origin.channel,
        authentication=origin.authentication,
        written_on=submission.written_on,
        received_at=origin.received_at,
        **fields,
    )


def _organisation(origin: Origin, dialogue: Dialogue, at: str) -> Organisation:
    settings = dialogue.opened
    if dialogue.closed is not None:
        raise Refusal(
            "organisation",
            "la concertation est close : son registre ne reçoit plus rien. Écrivez à la "
            "direction des ressources humaines.",
        )
    organisation = settings.organisation(origin.organisation)
    if organisation is None:
        known = [o.id for o in settings.organisations]
        raise Refusal(
            "organisation",
            f"« {shown(origin.organisation)} » ne participe pas à cette concertation."
            f"{did_you_mean(origin.organisation, known)} Organisations : "
            f"{', '.join(known)}.",
        )
    day = day_of(origin.received_at or at)
    if not organisation.is_mandated_on(day):
        raise Refusal(
            "organisation",
            f"le mandat de {organisation.name} ne couvre pas le {french.day(day)}.",
        )
    if day < settings.opens:
        raise Refusal(
            "organisation",
            f"la concertation ouvre le {french.day(settings.opens)} : gardez votre texte "
            "et envoyez-le ce jour-là.",
        )
    if len(dialogue.of(organisation.id)) >= MAX_PER_ORGANISATION:
        raise Refusal(
            "organisation",
            f"{organisation.name} a déposé {MAX_PER_ORGANISATION} contributions, le "
            "maximum. Écrivez à la direction des ressources humaines.",
        )
    return organisation


def _unit(
    submission: Submission, dialogue: Dialogue, versions: Mapping[int, FrozenVersion]
) -> Unit:
    # One frozen before the opening, or made by hand, was submitted to nobody.
    submitted = {entry.version for entry in dialogue.versions}
    if submitted:
        versions = {n: found for n, found in versions.items() if n in submitted}
    version = versions.get(submission.version)
    if version is None:
        known = french.enumeration([str(number) for number in versions])
        raise Refusal(
            "version",
            f"la version {submission.version} n’existe pas"
            + (f" (versions figées : {known})." if known else "."),
        )
    unit = version.unit(submission.unit)
    if unit is None:
        names = [u.id for u in version.units]
        raise Refusal(
            "unit",
            f"« {shown(submission.unit)} » n’est pas un article de la version "
            f"{version.version}.{did_you_mean(submission.unit, names)}",
        )
    if submission.unit_sha256 not in (None, unit.sha256):
        raise Refusal(
            "unit",
            f"{unit.name} : le texte lu n’est pas celui de la version "
            f"{version.version}. Rouvrez la page de l’article et recopiez votre texte.",
        )
    return unit


def _fields(
    submission: Submission, unit: Unit, salts: tuple[str, str]
) -> dict[str, Any]:
    """Return what depends on the kind, cleaned. Raises `Refusal`."""
    text = _bounded("text", clean_text(submission.text))
    proposed = _bounded("proposed", clean_text(submission.proposed or ""))
    fields: dict[str, Any] = {}
    if submission.kind == "amendment":
        operation = submission.operation or "replace"
        fields["operation"] = operation
        if operation == "delete":
            proposed = ""
        elif not has_words(proposed):
            raise Refusal(
                "proposed",
                "un amendement propose une rédaction : écrivez-la, ou demandez la "
                "suppression de l’article.",
            )
        elif operation == "replace" and same_text(proposed, unit.text):
            raise Refusal(
                "proposed",
                "la rédaction proposée est celle du projet : modifiez-la, ou choisissez "
                "« commentaire ».",
            )
    else:
        proposed = ""
    if submission.kind == "choice":
        fields["choice"] = _choice(submission.choice, unit)
    elif not has_words(text):
        raise Refusal(
            "text",
            "l’exposé des motifs est vide : dites pourquoi, en une phrase au moins.",
        )
    _, said = motives(submission, unit.text)
    fields |= sealed("text", _bounded("text", said), salts[0])
    if proposed:
        fields |= sealed("proposed", proposed, salts[1])
    return fields


def motives(submission: Submission, read: str) -> tuple[Passage | None, str]:
    """Return the passage of a submission, found in the text read, and its reasons.

    Words that are not there are no passage of it: they are quoted at the head of the
    reasons, which can be erased if they name somebody.
    """
    passage, text = located(submission.passage, read), clean_text(submission.text)
    if passage is None or passage.start is not None:
        return passage, text
    return None, clean_text(f"« {passage.exact} »\n\n{text}")


def _bounded(field: str, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refusal(
            field,
            f"ce texte compte {french.number(len(text))} caractères, "
            f"{french.number(MAX_TEXT)} au plus : raccourcissez-le ou déposez-le en "
            "deux contributions.",
        )
    return text


def _choice(choice: Choice | None, unit: Unit) -> Choice:
    if choice is None:
        raise Refusal("choice", "choisissez une des propositions.")
    point = next((p for p in unit.points if p.id == choice.point), None)
    if point is None:
        raise Refusal(
            "choice",
            f"{unit.name} : aucun point à débattre « {shown(choice.point)} » dans cette "
            "version.",
        )
    letters = [candidate.letter for candidate in point.candidates]
    if choice.letter not in letters:
        raise Refusal(
            "choice",
            f"« {point.question} » : la proposition {choice.letter} n’existe pas "
            f"(propositions : {french.enumeration(letters)}).",
        )
    return choice


def says_again(
    known: Contribution,
    submission: Submission,
    versions: Mapping[int, FrozenVersion],
) -> bool:
    """Return whether a submission says what was recorded: nothing of it is lost.

    An erased text cannot be compared: it counts as the same.
    """
    target = known.target
    version = versions.get(target.version)
    unit = version.unit(target.unit) if version else None
    passage, said = motives(submission, unit.text if unit else "")
    asks = submission.operation or "replace"
    proposed = "" if known.operation == "delete" else submission.proposed or ""
    return (
        (target.version, target.unit) == (submission.version, submission.unit)
        and (known.kind, known.stance) == (submission.kind, submission.stance)
        and known.operation == (asks if known.kind == "amendment" else None)
        and known.choice == (submission.choice if known.kind == "choice" else None)
        and known.text in (None, said)
        and (
            known.kind != "amendment" or known.proposed in (None, clean_text(proposed))
        )
        and (unit is None or known.passage == passage)
    )


def same_text(one: str, other: str) -> bool:
    """Return whether two texts differ by spaces and typography only."""
    return plain(" ".join(one.split())) == plain(" ".join(other.split()))


_SIGN = re.compile(r"\w+|[^\w\s]")
_LOOSE = {
    **dict.fromkeys("'’", "['’]"),
    **dict.fromkeys('«»“”"', '[«»“”"]'),
}


def located(copied: str | None, text: str) -> Passage | None:
    """Return a passage with its place in the text read, if it is there once.

    What people copy from a page or a document has other spaces, apostrophes and
    quotation marks: these do not count. The words kept are those of the text.
    """
    exact = " ".join(clean_text(copied or "").split())
    if not exact:
        return None
    signs = _SIGN.findall(exact)
    pattern = "".join(
        (
            rf"\s{'+' if before.isalnum() and sign[0].isalnum() else '*'}"
            if before
            else ""
        )
        + _LOOSE.get(sign, re.escape(sign))
        for before, sign in zip([""] + [s[-1] for s in signs], signs, strict=False)
    )
    # Two are enough to know that it is not alone.
    found = []
    for match in re.finditer(pattern, text):
        found.append(match)
        if len(found) > 1:
            break
    # Other spaces and breaks may make the words of the text longer than the copy.
    if len(found) != 1 or len(found[0][0]) > MAX_PASSAGE:
        return Passage(exact=exact)
    match = found[0]
    return Passage(exact=match[0], start=match.start(), end=match.end())
