"""Decisions: the sitting that makes prepared replies official, and what stands in its way."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from charter_builder import french
from charter_builder.awaiting import SATISFYING, refuse_reply, satisfies
from charter_builder.consultation import day_of
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.questionnaire import parse_day
from charter_builder.register import MAX_PRESENT, MAX_REPLIES, Body, Decision, has_words
from charter_builder.replies import Project, SavedDraft, as_reply, draft_faults
from charter_builder.typed_text import bounded_line


class Sitting(NamedTuple):
    """A body that sat: what its chair tells the registrar."""

    body: str
    date: str
    present: tuple[str, ...]
    """Roles, or organisations, by their short names."""
    minutes: str | None = None


def known_role(identifier: str, dialogue: Dialogue) -> str:
    """Return the title of a role. Raises `InputError` for one nobody declared."""
    settings = dialogue.opened
    role = settings.role(identifier)
    if role is None:
        known = [r.id for r in settings.roles]
        raise InputError(
            f"« {shown(identifier)} » n’est pas une fonction de cette concertation."
            f"{did_you_mean(identifier, known)} Fonctions : {', '.join(known)} ; une "
            "autre s’ajoute dans consultation.yml."
        )
    return role.title


def sitting_body(sitting: Sitting, dialogue: Dialogue, at: str) -> Body:
    """Return the body that decided, recorded at a moment. Raises `InputError`."""
    name = bounded_line(
        sitting.body, "nommez l’instance qui a décidé : « Groupe de travail »."
    )
    day = parse_day(sitting.date)
    refuse_sitting_day(day, dialogue, at)
    present = tuple(dict.fromkeys(sitting.present))
    if len(present) > MAX_PRESENT:
        raise InputError(
            f"{len(present)} fonctions étaient présentes, {MAX_PRESENT} au plus : donnez "
            "les principales, la référence du compte rendu dit les autres."
        )
    titles = tuple(_present(identifier, dialogue) for identifier in present)
    if len(titles) < 2:
        raise InputError(
            "une réponse est collégiale : dites quelles fonctions étaient présentes, "
            "deux au moins."
        )
    is_minuted = has_words(sitting.minutes or "")
    minutes = bounded_line(sitting.minutes or "", "") if is_minuted else None
    return Body(name=name, date=day, roles=titles, minutes=minutes)


def refuse_sitting_day(day: str, dialogue: Dialogue, at: str) -> None:
    """Raise `InputError` for a day before the opening, or still to come."""
    first = min(dialogue.opened.opens, day_of(dialogue.opened_at or at))
    if not first <= day <= day_of(at):
        raise InputError(
            f"la séance du {french.day(day)} doit se tenir entre l’ouverture de la "
            f"concertation ({french.day(first)}) et aujourd’hui "
            f"({french.day(day_of(at))})."
        )


def _present(identifier: str, dialogue: Dialogue) -> str:
    organisation = dialogue.opened.organisation(identifier)
    if organisation is not None:
        return organisation.delegates
    return known_role(identifier, dialogue)


def decision(
    drafts: Sequence[SavedDraft],
    validator: str,
    sitting: Sitting,
    dialogue: Dialogue,
    at: str,
    random: Callable[[], str],
    project: Project,
) -> Decision:
    """Return the decision that makes drafts of one role official.

    What was checked when a draft was saved is checked again: it may be older.
    Raises `InputError` with everything to mend: nothing is then recorded.
    """
    refuse_own_drafts(drafts, validator, dialogue)
    body = sitting_body(sitting, dialogue, at)
    problems = [
        problem
        for saved in drafts
        for problem in _problems(saved, drafts, body, dialogue, project)
    ]
    if problems:
        raise InputError("\n".join(problems))
    return Decision(
        id=dialogue.next_decision,
        body=body,
        drafted_by=drafts[0].role,
        validated_by=validator,
        replies=tuple(as_reply(saved.draft, random) for saved in drafts),
    )


def refuse_own_drafts(
    drafts: Sequence[SavedDraft], validator: str, dialogue: Dialogue
) -> None:
    """Raise `InputError` unless another role, one only, prepared every draft."""
    if dialogue.closed is not None:
        raise InputError("la concertation est close : elle ne décide plus rien.")
    title = known_role(validator, dialogue)
    if not drafts:
        raise InputError("aucun projet de réponse à valider.")
    own = [saved.draft.contribution for saved in drafts if saved.role == validator]
    if own:
        raise InputError(
            f"{french.enumeration(own)} : « {title} » a préparé "
            f"{'ce projet' if len(own) == 1 else 'ces projets'} ; une autre fonction le "
            "valide. Personne ne valide sa propre réponse."
        )
    roles = sorted({saved.role for saved in drafts})
    if len(roles) > 1:
        raise InputError(
            f"ces projets viennent de plusieurs fonctions ({', '.join(roles)}) : une "
            "décision valide ceux d’une seule."
        )
    known_role(roles[0], dialogue)
    numbers = [saved.draft.contribution for saved in drafts]
    if len(set(numbers)) < len(numbers):
        raise InputError("une décision répond une fois à chaque contribution.")
    if len(drafts) > MAX_REPLIES:
        raise InputError(
            f"une décision compte {MAX_REPLIES} réponses au plus : validez-en moins à la "
            "fois, en donnant leurs numéros."
        )


def is_stale(saved: SavedDraft, dialogue: Dialogue) -> bool:
    """Return whether something was recorded on the contribution since the draft."""
    return saved.seen != dialogue.standing(saved.draft.contribution).changed_seq


def _problems(
    saved: SavedDraft,
    drafts: Sequence[SavedDraft],
    body: Body,
    dialogue: Dialogue,
    project: Project,
) -> Iterator[str]:
    draft = saved.draft
    standing = dialogue.standing(draft.contribution)
    try:
        refuse_reply(standing, dialogue)
    except InputError as refused:
        yield str(refused)
        return
    if is_stale(saved, dialogue):
        yield (
            f"{standing.id} : le registre dit autre chose depuis ce projet de réponse "
            "(contestation, reclassement ou autre décision) : reprenez-le."
        )
        return
    for fault in draft_faults(draft, standing, dialogue, body.date, project):
        yield f"{standing.id} : {fault.message}"
    received = day_of(standing.contribution.received_at or standing.at)
    for day, what in (
        (received, "déposée"),
        (standing.is_contested and day_of(standing.contested_at or ""), "contestée"),
    ):
        if day and body.date < day:
            yield (
                f"{standing.id} : {what} le {french.day(day)}, elle n’a pas pu être "
                f"examinée le {french.day(body.date)}."
            )
    if draft.satisfied_by and not _is_satisfied(draft.satisfied_by, drafts, dialogue):
        yield (
            f"{standing.id} : sans objet à cause de {draft.satisfied_by}, qui n’a été ni "
            "retenue ni expliquée. Décidez d’abord celle-ci, ou répondez autrement."
        )


def _is_satisfied(named: str, drafts: Sequence[SavedDraft], dialogue: Dialogue) -> bool:
    together = next((s.draft for s in drafts if s.draft.contribution == named), None)
    if together is not None:
        return together.disposition in SATISFYING
    other = dialogue.standing(named)
    return satisfies(other) and not other.is_contested
