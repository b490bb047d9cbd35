"""Erasing a text of the register: where it stands, what remains, who may decide."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from charter_builder.chain import (
    Data,
    commitment,
    sealed_texts,
    without_text,
)
from charter_builder.consultation import ConsultationSettings
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError, shown
from charter_builder.typography import plain

ERASED = "[…]"
"""What stands in place of the words taken out."""

MAX_NUMBER = 6
"""Digits of the number of an entry."""


class TextPlace(NamedTuple):
    """Where a text is: the number of its entry, and its keys."""

    entry: int
    field: str


class Erasure(NamedTuple):
    """What an entry is to become."""

    data: Mapping[str, Any]
    remaining_digest: str | None
    """The commitment on what remains of the text; nothing when all of it goes."""


def place_of_text(what: str, field: str, dialogue: Dialogue) -> TextPlace:
    """Return where a text is.

    `what` is a contribution, and `field` one of its texts; or `what` is the number of
    an entry, and `field` its keys: so the reply before a contest can be reached too.
    Raises `InputError` when no such text was ever recorded.
    """
    if what.isascii() and what.isdigit():
        if len(what) > MAX_NUMBER:
            raise InputError(f"le registre n’a pas d’entrée {shown(what)}.")
        return TextPlace(int(what), field)
    standing = dialogue.standing(what)
    places = dict(_places(standing))
    if field not in places:
        raise InputError(
            f"« {shown(field)} » : {standing.id} n’a pas de texte à cet endroit. "
            f"Textes : {', '.join(places)}."
        )
    return places[field]


def _places(standing: Standing) -> list[tuple[str, TextPlace]]:
    """Return the texts of a contribution, those of the reply that holds among them."""
    found = [
        ("text", TextPlace(standing.seq, "contribution.text")),
        ("proposed", TextPlace(standing.seq, "contribution.proposed")),
    ]
    if standing.contest is not None:
        found.append(("contest", TextPlace(standing.contested_seq, "contest.reason")))
    reply = standing.reply
    if reply is not None:
        rank = [r.contribution for r in reply.decision.replies].index(standing.id)
        found += [
            (name, TextPlace(reply.seq, f"decision.replies.{rank}.{name}"))
            for name in ("reason", "adopted_text")
        ]
    return found


def refuse_roles(roles: Sequence[str], settings: ConsultationSettings) -> None:
    """Raise `InputError` unless two roles of the consultation decide together."""
    known = [role.id for role in settings.roles]
    unknown = [role for role in roles if role not in known]
    if unknown or len(set(roles)) < 2:
        wrong = f"« {shown(unknown[0])} » n’en est pas une : " if unknown else ""
        raise InputError(
            f"{wrong}donnez deux fonctions différentes avec --as, parmi "
            f"{', '.join(known)}."
        )


def text_at(data: Data, field: str) -> str:
    """Return a text of an entry. Raises `InputError` when there is none, or no more."""
    texts = {place.field: place.text for place in sealed_texts(data) if place.text}
    if field not in texts:
        listed = f" Textes : {', '.join(texts)}." if texts else ""
        raise InputError(
            f"l’entrée {data.get('seq')} n’a pas, ou plus de texte « {shown(field)} » : "
            f"rien n’est à effacer.{listed}"
        )
    return texts[field]


def what_remains(text: str, words: Sequence[str]) -> str | None:
    """Return a text without some of its words; nothing when it goes whole.

    Raises `InputError` for words that are not in it.
    """
    for erased in words:
        if not erased.strip() or erased not in text:
            raise InputError(
                f"« {shown(erased)} » n’est pas dans le texte : recopiez les mots tels "
                "quels."
            )
        text = text.replace(erased, ERASED)
    return text if words else None


def erasure(data: Data, field: str, words: Sequence[str], salt: str) -> Erasure:
    """Return an entry as it is to stand without these words, or without the text."""
    remaining = what_remains(text_at(data, field), words)
    return Erasure(
        without_text(data, field, remaining, salt),
        None if remaining is None else commitment(salt, remaining),
    )


def erased_pieces(text: str | None, words: Sequence[str]) -> tuple[str, ...]:
    """Return what is erased of a text: the words given, or all its lines."""
    if words:
        return tuple(words)
    return tuple(line for line in (text or "").split("\n") if line.strip())


def holds_piece(text: str, piece: str) -> bool:
    """Return whether a text holds what was erased of another; typography aside."""
    return " ".join(plain(piece).split()) in " ".join(plain(text).split())
