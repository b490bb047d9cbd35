"""What happens to a contribution besides its reply: contest, withdrawal, new place.

Each function says whether it may be recorded, or raises a sentence. An organisation acts
on its own contributions only; the employer's side has no way to alter one.
"""

from collections.abc import Callable, Mapping

from charter_builder.awaiting import awaits_reply
from charter_builder.chain import sealed
from charter_builder.consultation import Organisation
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    BordereauAnswer,
    Contest,
    Kind,
)
from charter_builder.typed_text import bounded_line, bounded_text
from charter_builder.units import FrozenVersion


def known_organisation(identifier: str, dialogue: Dialogue) -> Organisation:
    """Return an organisation. Raises `InputError` for one that does not take part."""
    organisations = dialogue.opened.organisations
    found = dialogue.opened.organisation(identifier)
    if found is None:
        known = [organisation.id for organisation in organisations]
        raise InputError(
            f"« {shown(identifier)} » ne participe pas à cette concertation."
            f"{did_you_mean(identifier, known)} Organisations : {', '.join(known)}."
        )
    return found


def refuse_closed(dialogue: Dialogue) -> None:
    """Raise `InputError` once the consultation is closed."""
    if dialogue.closed is not None:
        raise InputError(
            "la concertation est close : son registre ne change plus. Écrivez à la "
            "direction des ressources humaines."
        )


def _own(identifier: str, organisation: str, dialogue: Dialogue, what: str) -> Standing:
    """Return a contribution of that organisation. Raises `InputError` for another's."""
    asking = known_organisation(organisation, dialogue)
    standing = dialogue.standing(identifier)
    if standing.contribution.organisation != asking.id:
        raise InputError(
            f"{identifier} n’est pas de {asking.name} : seule l’organisation qui l’a "
            f"déposée peut {what}."
        )
    refuse_closed(dialogue)
    if standing.status == "withdrawn":
        raise InputError(f"{identifier} est déjà retirée.")
    return standing


def contest(
    dialogue: Dialogue,
    identifier: str,
    organisation: str,
    reason: str,
    key: str,
    salt: str,
) -> Contest:
    """Return the contest of a reply, once. Raises `InputError`."""
    refuse_contest(dialogue, identifier, organisation)
    said = bounded_text(reason, "dites pourquoi la réponse est contestée.")
    return Contest(
        contribution=identifier,
        organisation=organisation,
        key=key,
        **sealed("reason", said, salt),
    )


def refuse_contest(dialogue: Dialogue, identifier: str, organisation: str) -> None:
    """Raise `InputError` unless that organisation may contest the reply now."""
    standing = _own(identifier, organisation, dialogue, "contester sa réponse")
    if standing.contest is not None:
        again = (
            "la seconde décision est attendue"
            if standing.is_contested
            else "la seconde réponse est définitive"
        )
        raise InputError(
            f"{identifier} : la réponse a déjà été contestée, et ne l’est qu’une fois ; "
            f"{again}."
        )
    if standing.reply is None:
        raise InputError(f"{identifier} : il n’y a pas encore de réponse à contester.")
    if standing.status == "negotiating":
        raise InputError(
            f"{identifier} est « à négocier » : une réponse se conteste une seule fois, "
            "gardez ce droit pour l’issue de la négociation."
        )


def refuse_withdrawal(dialogue: Dialogue, identifier: str, organisation: str) -> None:
    """Raise `InputError` unless the organisation may withdraw that contribution."""
    standing = _own(identifier, organisation, dialogue, "la retirer")
    reply = standing.reply
    if reply is not None and not awaits_reply(standing, dialogue):
        raise InputError(
            f"{identifier} a reçu une réponse définitive, « "
            f"{DISPOSITION_LABELS[reply.reply.disposition]} » : elle reste au registre, "
            "avec sa réponse."
        )


SWAPPED: frozenset[Kind] = frozenset({"comment", "question"})
"""The kinds that may be corrected: an amendment or a choice says what it asks for."""


def refuse_reclassification(
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    identifier: str,
    unit: str | None,
    kind: Kind | None,
) -> None:
    """Raise `InputError` unless a contribution may be put under that article or kind."""
    refuse_closed(dialogue)
    standing = dialogue.standing(identifier)
    if not awaits_reply(standing, dialogue):
        raise InputError(
            f"{identifier} n’attend pas de réponse : elle reste où elle est."
        )
    if unit in (None, standing.unit) and kind in (None, standing.kind):
        raise InputError(
            f"{identifier} : donnez un autre article (--article) ou une autre nature "
            "(--kind)."
        )
    if kind not in (None, standing.kind) and not {kind, standing.kind} <= SWAPPED:
        raise InputError(
            f"{identifier} est de nature « {KIND_LABELS[standing.kind]} » : seuls un "
            "commentaire et une question se reclassent l’un en l’autre. Son organisation "
            "peut la retirer et la déposer autrement."
        )
    if unit not in (None, standing.unit):
        _refuse_place(standing, versions, str(unit))


def _refuse_place(
    standing: Standing, versions: Mapping[int, FrozenVersion], unit: str
) -> None:
    if standing.kind == "choice":
        raise InputError(
            f"{standing.id} choisit une proposition de son article : elle y reste."
        )
    version = versions.get(standing.contribution.target.version)
    known = [u.id for u in version.units] if version else []
    if unit not in known:
        raise InputError(
            f"« {shown(unit)} » n’est pas un article de la version "
            f"{standing.contribution.target.version}.{did_you_mean(unit, known)}"
        )


def action_done(dialogue: Dialogue, identifier: str, what: str) -> str:
    """Return what was done of the action a reply promised. Raises `InputError`.

    It may be recorded after the consultation is closed: that is when actions are due.
    """
    standing = dialogue.standing(identifier)
    reply = standing.reply
    if reply is None or not (
        reply.reply.action or reply.reply.disposition == "out-of-scope"
    ):
        raise InputError(f"{identifier} : sa réponse ne promet aucune action.")
    if standing.done is not None:
        raise InputError(f"{identifier} : l’action est déjà dite faite.")
    return bounded_line(what, "dites ce qui a été fait.")


def bordereau_answer(
    dialogue: Dialogue,
    organisation: str,
    confirms: bool,
    reason: str | None,
    random: Callable[[], str],
) -> BordereauAnswer:
    """Return what an organisation says of its bordereau. Raises `InputError`."""
    known = known_organisation(organisation, dialogue)
    if known.id not in dialogue.bordereaux:
        raise InputError(
            f"{known.name} n’a pas reçu de bordereau : remettez-le d’abord."
        )
    if confirms and reason is None:
        return BordereauAnswer(organisation=known.id, confirms=True)
    said = bounded_text(
        reason or "", f"dites ce que {known.name} conteste dans son bordereau."
    )
    return BordereauAnswer(
        organisation=known.id, confirms=confirms, **sealed("reason", said, random())
    )
