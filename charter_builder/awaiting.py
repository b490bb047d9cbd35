"""Which contributions await a reply, and which may still receive one."""

from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError
from charter_builder.register import DISPOSITION_LABELS, RETAINED


def refuse_reply(standing: Standing, dialogue: Dialogue) -> None:
    """Raise `InputError` when a contribution may not receive a reply, or another one."""
    if dialogue.closed is not None:
        raise InputError("la concertation est close : ses réponses ne changent plus.")
    if standing.status == "withdrawn":
        raise InputError(
            f"{standing.id} : son organisation l’a retirée. Elle n’appelle plus de "
            "réponse."
        )
    if not awaits_reply(standing, dialogue):
        reply = standing.reply
        assert reply is not None
        after = (
            "rendue après contestation, elle est définitive"
            if standing.contest
            else "elle est définitive, sauf si l’organisation la conteste"
        )
        raise InputError(
            f"{standing.id} : une réponse est déjà donnée ({reply.decision.id}, "
            f"« {DISPOSITION_LABELS[reply.reply.disposition]} ») : {after}."
        )


def awaits_reply(standing: Standing, dialogue: Dialogue) -> bool:
    """Return whether a reply is owed: the first, after a contest, or one that lapsed."""
    if standing.status == "withdrawn":
        return False
    reply = standing.reply
    return (
        reply is None
        or standing.is_contested
        or reply.reply.disposition == "to-negotiate"
        or is_hollow(standing, dialogue)
        or has_lost_its_wording(standing)
    )


def has_lost_its_wording(standing: Standing) -> bool:
    """Whether the wording adopted was erased before a version held it: none ever will."""
    reply = standing.reply
    return (
        reply is not None
        and standing.awaits_version
        and reply.reply.adopted_text_digest is not None
        and reply.reply.adopted_text is None
    )


def is_hollow(standing: Standing, dialogue: Dialogue) -> bool:
    """Whether it is moot because of a contribution that, in the end, was not satisfied."""
    reply = standing.reply
    if reply is None or reply.reply.satisfied_by is None:
        return False
    other = dialogue.standings.get(reply.reply.satisfied_by)
    return other is None or not satisfies(other)


SATISFYING = (*RETAINED, "explained")


def satisfies(standing: Standing) -> bool:
    reply = standing.reply
    return (
        standing.status != "withdrawn"
        and reply is not None
        and reply.reply.disposition in SATISFYING
    )
