"""From a draft reply to an official one.

A reply is official inside a decision only: prepared by one role, validated by another,
by a body that sat on a day before at least two roles.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from charter_builder import french
from charter_builder.chain import sealed
from charter_builder.consultation import day_of
from charter_builder.contributions import same_text
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.model import Day, Value
from charter_builder.questionnaire import parse_day
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    MAX_LINE,
    MAX_PRESENT,
    MAX_REPLIES,
    MAX_TEXT,
    RETAINED,
    Body,
    ContributionId,
    Decision,
    Disposition,
    Kind,
    Reply,
    clean_text,
    has_words,
)
from charter_builder.units import FrozenVersion, Unit


class Draft(Value):
    """Une réponse en préparation : privée, jusqu’à ce qu’une autre fonction la valide."""

    contribution: ContributionId
    disposition: Disposition
    reason: str | None = None
    """Le motif, ou l’explication."""
    adopted_text: str | None = None
    """La rédaction adoptée pour l’unité entière."""
    action: str | None = None
    """Ce qui sera fait."""
    lead: str | None = None
    """La fonction qui s’en charge."""
    due: Day | None = None
    """Le jour où ce sera fait, négocié ou saisi."""
    body: str | None = None
    """L’instance qui négocie, ou qui est saisie."""
    satisfied_by: ContributionId | None = None
    """La contribution qui rend celle-ci sans objet."""


class SavedDraft(NamedTuple):
    """A draft as the private store keeps it."""

    draft: Draft
    role: str
    """The role that prepared it."""
    seen: int
    """The last entry about the contribution when it was prepared."""
    revision: int
    updated: str


class Project(NamedTuple):
    """What a reply is measured against, besides the register."""

    versions: Mapping[int, FrozenVersion]
    may_go: Callable[[str], bool]
    """Whether a charter may do without an article, or an act."""


class FieldFault(NamedTuple):
    """What is wrong in one field of a draft."""

    field: str
    message: str


class DraftRefused(InputError):
    """A draft that cannot become a reply; `faults` say which fields to mend."""

    def __init__(self, contribution: str, faults: Sequence[FieldFault]) -> None:
        super().__init__(
            "\n".join(f"{contribution} : {fault.message}" for fault in faults)
        )
        self.faults = tuple(faults)


# --- which fields --------------------------------------------------------------------

FIELD_LABELS = {
    "reason": "motif",
    "adopted_text": "rédaction adoptée",
    "action": "action",
    "lead": "fonction qui s’en charge",
    "due": "échéance",
    "body": "instance",
    "satisfied_by": "contribution qui la satisfait",
}


class Fields(NamedTuple):
    """What a disposition asks for, and what it accepts besides."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_ACTION = ("action", "lead", "due")
_FIELDS: dict[Disposition, Fields] = {
    "rejected": Fields(("reason",)),
    "to-negotiate": Fields(("body", "lead", "due"), ("reason",)),
    "explained": Fields(("reason",)),
    "moot": Fields(("satisfied_by",), ("reason",)),
    "out-of-scope": Fields(("body", "due"), ("reason", "action", "lead")),
}
_RETAINED: dict[Kind, Fields] = {
    "amendment": Fields(("adopted_text",), ("reason", *_ACTION)),
    "choice": Fields((), ("reason", "adopted_text", *_ACTION)),
    "comment": Fields(_ACTION, ("reason",)),
    "question": Fields(_ACTION, ("reason",)),
}


def fields_of(kind: Kind, disposition: Disposition) -> Fields:
    """Return the fields of a reply to a contribution of that kind."""
    if disposition not in RETAINED:
        return _FIELDS[disposition]
    fields = _RETAINED[kind]
    if disposition == "retained":
        return fields
    # What is not retained is said, always.
    optional = tuple(name for name in fields.optional if name != "reason")
    return Fields((*fields.required, "reason"), optional)


def dispositions_of(kind: Kind) -> list[Disposition]:
    """Return the dispositions a contribution of that kind may receive."""
    return [d for d in DISPOSITION_LABELS if d != "explained" or kind == "question"]


_MISSING = {
    "reason": "dites pourquoi : le motif est obligatoire.",
    "adopted_text": "écrivez la rédaction adoptée, pour l’article entier.",
    "action": "dites ce qui sera fait.",
    "lead": "dites quelle fonction s’en charge.",
    "due": "dites pour quel jour.",
    "body": "nommez l’instance.",
    "satisfied_by": "donnez le numéro de la contribution qui la rend sans objet.",
}
_MISSING_FOR: dict[tuple[Disposition, str], str] = {
    ("partly-retained", "reason"): "dites ce qui n’est pas retenu, et pourquoi.",
    ("explained", "reason"): "écrivez l’explication.",
    ("to-negotiate", "body"): "nommez l’instance qui négocie.",
    ("to-negotiate", "lead"): "dites quelle fonction conduit la négociation.",
    ("to-negotiate", "due"): "donnez le jour où la négociation aboutit.",
    ("out-of-scope", "body"): "nommez l’instance qui est saisie.",
    ("out-of-scope", "due"): "donnez le jour où elle est saisie.",
}


def missing_sentence(disposition: Disposition, field: str) -> str:
    """Return what to say when a field is not given."""
    return _MISSING_FOR.get((disposition, field), _MISSING[field])


def bounded_text(typed: str, missing: str) -> str:
    """Return a cleaned text. Raises `InputError` when it is empty or too long."""
    text = clean_text(typed)
    if not has_words(text):
        raise InputError(missing)
    if len(text) > MAX_TEXT:
        raise InputError(
            f"ce texte compte {french.number(len(text))} caractères, "
            f"{french.number(MAX_TEXT)} au plus : raccourcissez-le."
        )
    return text


def bounded_line(typed: str, missing: str) -> str:
    """Return a text on one line. Raises `InputError` when it is empty or too long."""
    line = " ".join(clean_text(typed).split())
    if not has_words(line):
        raise InputError(missing)
    if len(line) > MAX_LINE:
        raise InputError(
            f"ce texte compte {len(line)} caractères, {MAX_LINE} au plus : "
            "raccourcissez-le."
        )
    return line


# --- one draft -----------------------------------------------------------------------


def completed(draft: Draft, standing: Standing) -> Draft:
    """Return a draft with its texts cleaned.

    An amendment retained without another wording is adopted as it was proposed.
    """
    cleaned = {
        name: clean_text(value) if has_words(value) else None
        for name in ("reason", "adopted_text", "action", "lead", "body")
        if (value := getattr(draft, name)) is not None
    }
    for name in ("action", "lead", "body"):
        if cleaned.get(name):
            cleaned[name] = " ".join(str(cleaned[name]).split())
    draft = draft.model_copy(update=cleaned)
    is_retained = draft.disposition == "retained" and standing.kind == "amendment"
    if is_retained and draft.adopted_text is None:
        draft = draft.model_copy(update={"adopted_text": proposed_text(standing)})
    return draft


def proposed_text(standing: Standing) -> str | None:
    """Return the wording an amendment proposes: empty to delete, None if erased."""
    given = standing.contribution
    return "" if given.operation == "delete" else given.proposed


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
    return other is None or not _satisfies(other)


_SATISFYING = (*RETAINED, "explained")


def _satisfies(standing: Standing) -> bool:
    reply = standing.reply
    return (
        standing.status != "withdrawn"
        and reply is not None
        and reply.reply.disposition in _SATISFYING
    )


def draft_faults(
    draft: Draft,
    standing: Standing,
    dialogue: Dialogue,
    on: str,
    project: Project,
) -> list[FieldFault]:
    """Return everything that keeps a completed draft from being a reply on a day."""
    if draft.disposition not in dispositions_of(standing.kind):
        label = DISPOSITION_LABELS[draft.disposition]
        return [
            FieldFault(
                "disposition",
                f"« {label} » répond à une question, et celle-ci est de nature "
                f"« {KIND_LABELS[standing.kind]} » : dites si elle est retenue ou non.",
            )
        ]
    unit = unit_of(standing, project.versions)
    return [
        *_field_faults(draft, standing),
        *_length_faults(draft),
        *_deletion_faults(draft, standing, project),
        *_insertion_faults(draft, standing, unit),
        *_wording_faults(draft, standing, unit),
        *_due_faults(draft, on),
        *_moot_faults(draft, dialogue),
    ]


def _field_faults(draft: Draft, standing: Standing) -> Iterator[FieldFault]:
    fields = fields_of(standing.kind, draft.disposition)
    for name in fields.required:
        is_deletion = name == "adopted_text" and _deletes(draft, standing)
        if not has_words(getattr(draft, name) or "") and not is_deletion:
            yield FieldFault(name, missing_sentence(draft.disposition, name))
    for name, label in FIELD_LABELS.items():
        if getattr(draft, name) and name not in (*fields.required, *fields.optional):
            yield FieldFault(
                name,
                f"« {label} » n’a pas de sens dans une réponse "
                f"« {DISPOSITION_LABELS[draft.disposition]} » : retirez-la, ou changez "
                "de réponse.",
            )


def _deletes(draft: Draft, standing: Standing) -> bool:
    return draft.adopted_text == "" and proposed_text(standing) == ""


def _deletion_faults(
    draft: Draft, standing: Standing, project: Project
) -> Iterator[FieldFault]:
    """A deletion that nobody could apply would keep the consultation from closing."""
    if _deletes(draft, standing) and not project.may_go(standing.unit):
        yield FieldFault(
            "adopted_text",
            "ce texte ne peut pas être supprimé : la bibliothèque ne fait pas de projet "
            "sans lui. Donnez la rédaction qui en resterait, ou répondez « rejetée », "
            "avec le motif.",
        )


def _insertion_faults(
    draft: Draft, standing: Standing, unit: Unit | None
) -> Iterator[FieldFault]:
    """An act is adopted as one text: no version would ever hold what comes after it."""
    inserts = standing.contribution.operation == "insert-after"
    is_followed = draft.disposition in ("retained", "partly-retained")
    is_act = unit is not None and unit.kind == "act"
    if standing.kind == "amendment" and inserts and is_followed and is_act:
        yield FieldFault(
            "adopted_text",
            "aucun article ne se place après un acte, qui s’adopte en entier. Répondez "
            "« rejetée », avec le motif, ou demandez à l’organisation une nouvelle "
            "rédaction de l’acte entier.",
        )


def _length_faults(draft: Draft) -> Iterator[FieldFault]:
    for name, limit in (
        *((name, MAX_TEXT) for name in ("reason", "adopted_text")),
        *((name, MAX_LINE) for name in ("action", "lead", "body")),
    ):
        size = len(getattr(draft, name) or "")
        if size > limit:
            yield FieldFault(
                name,
                f"« {FIELD_LABELS[name]} » compte {french.number(size)} caractères, "
                f"{french.number(limit)} au plus : raccourcissez.",
            )


def _wording_faults(
    draft: Draft, standing: Standing, unit: Unit | None
) -> Iterator[FieldFault]:
    adopted, proposed = draft.adopted_text, proposed_text(standing)
    if standing.kind != "amendment" or adopted is None or proposed is None:
        return
    is_same = same_text(adopted, proposed)
    has_reason = has_words(draft.reason or "")
    if draft.disposition == "retained" and not is_same and not has_reason:
        yield FieldFault(
            "reason",
            "la rédaction adoptée n’est pas celle qui était proposée : dites en quoi, et "
            "pourquoi.",
        )
    if draft.disposition == "partly-retained" and is_same:
        yield FieldFault(
            "disposition",
            "la rédaction adoptée est celle qui était proposée : la contribution est "
            "« retenue ».",
        )
    inserts = standing.contribution.operation == "insert-after"
    if unit is not None and not inserts and same_text(adopted, unit.text):
        yield FieldFault(
            "adopted_text",
            "la rédaction adoptée est celle du projet : rien n’est retenu. Modifiez-la, "
            "ou répondez « rejetée », avec le motif.",
        )


def _due_faults(draft: Draft, on: str) -> Iterator[FieldFault]:
    if draft.due is not None and draft.due < on:
        yield FieldFault(
            "due",
            f"l’échéance, le {french.day(draft.due)}, est passée au "
            f"{french.day(on)} : donnez un jour à venir.",
        )


def _moot_faults(draft: Draft, dialogue: Dialogue) -> Iterator[FieldFault]:
    named = draft.satisfied_by
    if named is None:
        return
    other = dialogue.standings.get(named)
    if named == draft.contribution:
        said = "une contribution ne se rend pas elle-même sans objet : donnez-en une autre."
    elif other is None:
        said = (
            f"{named} n’existe pas : donnez le numéro d’une contribution enregistrée."
        )
    elif other.status == "withdrawn":
        said = f"{named} a été retirée : elle ne satisfait plus rien."
    else:
        return
    yield FieldFault("satisfied_by", said)


def checked(draft: Draft, dialogue: Dialogue, on: str, project: Project) -> Draft:
    """Return a draft ready to be saved, then validated.

    Raises `InputError` for a contribution that takes no reply, `DraftRefused` for
    fields to mend.
    """
    standing = dialogue.standing(draft.contribution)
    refuse_reply(standing, dialogue)
    draft = completed(draft, standing)
    faults = draft_faults(draft, standing, dialogue, on, project)
    if faults:
        raise DraftRefused(draft.contribution, faults)
    return draft


def as_reply(draft: Draft, random: Callable[[], str]) -> Reply:
    """Return the reply of a checked draft, its texts sealed with fresh salts."""
    fields: dict[str, str] = {}
    for name in ("reason", "adopted_text"):
        text = getattr(draft, name)
        if text is not None:
            fields |= sealed(name, text, random())
    return Reply(
        contribution=draft.contribution,
        disposition=draft.disposition,
        action=draft.action,
        lead=draft.lead,
        due=draft.due,
        body=draft.body,
        satisfied_by=draft.satisfied_by,
        **fields,
    )


# --- one decision --------------------------------------------------------------------


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
        return together.disposition in _SATISFYING
    other = dialogue.standing(named)
    return _satisfies(other) and not other.is_contested


def unit_of(standing: Standing, versions: Mapping[int, FrozenVersion]) -> Unit | None:
    """Return the text a contribution is about, in the version its author read."""
    version = versions.get(standing.contribution.target.version)
    return version.unit(standing.unit) if version else None


def organisation_name(standing: Standing, dialogue: Dialogue) -> str:
    """Return the name of who wrote a contribution."""
    identifier = standing.contribution.organisation
    found = dialogue.opened.organisation(identifier)
    return found.name if found else identifier
