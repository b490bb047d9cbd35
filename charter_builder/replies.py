"""From a draft reply to an official one.

A reply is official inside a decision only: prepared by one role, validated by another,
by a body that sat on a day before at least two roles.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from charter_builder import french
from charter_builder.awaiting import refuse_reply
from charter_builder.chain import sealed
from charter_builder.contributions import same_text
from charter_builder.dialogue import Dialogue, Standing, unit_of
from charter_builder.errors import InputError
from charter_builder.model import Day, Value
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    MAX_LINE,
    MAX_TEXT,
    RETAINED,
    ContributionId,
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
