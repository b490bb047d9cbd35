"""What a consultation still owes, and its closing once it owes nothing."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from charter_builder import french
from charter_builder.awaiting import has_lost_its_wording, is_hollow
from charter_builder.consultation import day_of
from charter_builder.decisions import Sitting, known_role, sitting_body
from charter_builder.dialogue import Dialogue, Standing, organisation_name
from charter_builder.errors import ConflictError, InputError
from charter_builder.register import DISPOSITION_LABELS, Body


class Owed(NamedTuple):
    """One thing without which the consultation does not close."""

    kind: Literal["reply", "contest", "negotiation", "moot", "version", "bordereau"]
    subject: str
    """A contribution, or an organisation for a bordereau."""
    sentence: str


def owed(dialogue: Dialogue) -> list[Owed]:
    """Return what keeps the consultation from closing: nothing, and it may close."""
    standings = dialogue.standings.values()
    return [
        *(found for s in standings if (found := _owed_on(s, dialogue))),
        *_owed_bordereaux(dialogue),
    ]


def _owed_on(standing: Standing, dialogue: Dialogue) -> Owed | None:
    name = f"{standing.id} ({organisation_name(standing, dialogue)})"
    reply = standing.reply
    match standing.status:
        case "withdrawn":
            return None
        case "registered":
            said = f"{name} n’a pas reçu de réponse."
            return Owed("reply", standing.id, said)
        case "contested":
            said = f"{name} : la réponse est contestée ; une seconde décision est due."
            return Owed("contest", standing.id, said)
        case "negotiating":
            said = f"{name} est « à négocier » : dites l’issue de la négociation."
            return Owed("negotiation", standing.id, said)
    if reply is not None and is_hollow(standing, dialogue):
        said = (
            f"{name} est sans objet à cause de {reply.reply.satisfied_by}, qui n’est "
            "finalement pas satisfaite : répondez à nouveau."
        )
        return Owed("moot", standing.id, said)
    if has_lost_its_wording(standing):
        said = (
            f"{name} : la rédaction adoptée a été expurgée avant d’entrer dans une "
            "version ; répondez à nouveau."
        )
        return Owed("reply", standing.id, said)
    if standing.awaits_version and reply is not None:
        label = DISPOSITION_LABELS[reply.reply.disposition]
        said = f"{name} est {label}, et aucune version figée n’en tient encore compte."
        return Owed("version", standing.id, said)
    return None


def _owed_bordereaux(dialogue: Dialogue) -> Iterator[Owed]:
    if dialogue.settings is None:
        return
    for organisation in dialogue.settings.organisations:
        if not dialogue.of(organisation.id) or dialogue.has_bordereau(organisation.id):
            continue
        said = f"{organisation.name} n’a pas reçu son bordereau."
        if organisation.id in dialogue.bordereaux:
            said = (
                f"{organisation.name} : ses contributions ont changé depuis son "
                "bordereau ; remettez-en un nouveau."
            )
        yield Owed("bordereau", organisation.id, said)


class NotClosed(ConflictError):
    """A consultation that owes something still; `owed` is the list."""

    def __init__(self, found: Sequence[Owed]) -> None:
        what = french.counted(len(found), "chose reste due", "choses restent dues")
        super().__init__(
            "\n".join(
                [
                    f"la concertation ne peut pas se clore : {what}.",
                    *(f"  - {item.sentence}" for item in found),
                ]
            )
        )
        self.owed = tuple(found)


def closing(dialogue: Dialogue, role: str, sitting: Sitting, at: str) -> Body:
    """Return the body that closes the consultation. Raises as `refuse_closing`."""
    refuse_closing(dialogue, role, at)
    return sitting_body(sitting, dialogue, at)


def refuse_closing(dialogue: Dialogue, role: str, at: str) -> None:
    """Raise `NotClosed` while something is owed, `InputError` when it is not the time.

    Before the last day is too early: organisations were promised these days.
    """
    known_role(role, dialogue)
    if dialogue.closed is not None:
        raise InputError(
            f"la concertation est déjà close, depuis le "
            f"{french.day(day_of(dialogue.closed_at or at))}."
        )
    found = owed(dialogue)
    if found:
        raise NotClosed(found)
    settings = dialogue.opened
    if at < settings.deadline:
        raise InputError(
            f"les organisations ont jusqu’au {french.day(settings.closes)} pour "
            "contribuer : la concertation se clôt après ce jour."
        )
