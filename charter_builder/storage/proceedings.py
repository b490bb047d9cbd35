"""Records what follows a contribution: decisions, contests, withdrawals, closing.

Every check is made under the lock of the register, on what it says at that instant: two
people who decide at once record one decision.
"""

from collections.abc import Callable, Sequence

from charter_builder import french
from charter_builder.bordereau import bordereau_text
from charter_builder.chain import Data, as_data
from charter_builder.closing import closing
from charter_builder.decisions import Sitting, decision
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.follow_up import (
    action_done,
    bordereau_answer,
    contest,
    known_organisation,
    refuse_closed,
    refuse_reclassification,
    refuse_withdrawal,
)
from charter_builder.redaction import Erasure, TextPlace, erasure, refuse_roles
from charter_builder.register import (
    ActionDone,
    AnyEntry,
    BordereauAnswered,
    BordereauSent,
    Closed,
    Contested,
    Decided,
    Ground,
    Kind,
    Reclassified,
    Redacted,
    Redaction,
    Withdrawn,
    clean_text,
)
from charter_builder.replies import Project, SavedDraft
from charter_builder.storage.register_files import Stamp
from charter_builder.storage.register_reading import MAX_ENTRY
from charter_builder.storage.register_text import entry_text
from charter_builder.storage.registrar import Registrar
from charter_builder.units import file_digest


def record_decision(
    registrar: Registrar,
    drafts: Sequence[SavedDraft],
    validator: str,
    sitting: Sitting,
    may_go: Callable[[str], bool],
) -> Decided:
    """Make the drafts of one role official. Raises `InputError`: nothing is recorded.

    `may_go` says whether a charter may do without an article, or an act.
    """
    project = Project(registrar.versions, may_go)

    def make(dialogue: Dialogue, stamp: Stamp) -> Decided:
        made = decision(
            drafts, validator, sitting, dialogue, stamp.at, registrar.random, project
        )
        entry = Decided(**stamp._asdict(), by=validator, decision=made)
        size = len(entry_text(as_data(entry)).encode())
        if size > MAX_ENTRY:
            raise InputError(
                f"cette décision pèse {french.number(size // 1024)} Kio, "
                f"{french.number(MAX_ENTRY // 1024)} au plus : validez moins de réponses à la "
                "fois, en donnant leurs numéros."
            )
        return entry

    recorded = registrar.journal.append(make)
    assert isinstance(recorded, Decided)
    return recorded


def record_contest(
    registrar: Registrar, identifier: str, organisation: str, reason: str, key: str
) -> Contested:
    """Record that an organisation contests a reply, once however often it is sent."""
    salt = registrar.random()

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        known = dialogue.keys.get(key)
        if known is not None:
            return _same_contest(
                registrar.journal.entries[known - 1], identifier, organisation, reason
            )
        made = contest(dialogue, identifier, organisation, reason, key, salt)
        return Contested(**stamp._asdict(), contest=made)

    recorded = registrar.journal.append(make)
    assert isinstance(recorded, Contested)
    return recorded


def _same_contest(
    entry: AnyEntry, identifier: str, organisation: str, reason: str
) -> AnyEntry:
    if not isinstance(entry, Contested) or (
        entry.contest.contribution,
        entry.contest.organisation,
    ) != (identifier, organisation):
        raise InputError("une autre entrée du registre porte déjà cette clé.")
    # One that was erased cannot be compared.
    if entry.contest.reason not in (None, clean_text(reason)):
        raise InputError(
            f"{identifier} : la réponse est déjà contestée, avec un autre motif. Il est "
            "au registre, et ne se réécrit pas."
        )
    return entry


def record_withdrawal(
    registrar: Registrar, identifier: str, organisation: str
) -> AnyEntry:
    """Record that an organisation withdraws its contribution, which stays visible."""

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        refuse_withdrawal(dialogue, identifier, organisation)
        return Withdrawn(
            **stamp._asdict(), contribution=identifier, organisation=organisation
        )

    return registrar.journal.append(make)


def record_reclassification(
    registrar: Registrar,
    identifier: str,
    unit: str | None,
    kind: Kind | None,
    why: str,
) -> AnyEntry:
    """Record another article or kind for a contribution, whose original is kept."""

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        refuse_reclassification(dialogue, registrar.versions, identifier, unit, kind)
        return Reclassified(
            **stamp._asdict(), contribution=identifier, unit=unit, kind=kind, why=why
        )

    return registrar.journal.append(make)


def record_action_done(registrar: Registrar, identifier: str, what: str) -> AnyEntry:
    """Record that the action a reply promised is done."""

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        said = action_done(dialogue, identifier, what)
        return ActionDone(**stamp._asdict(), contribution=identifier, what=said)

    return registrar.journal.append(make)


def record_bordereau(
    registrar: Registrar, organisation: str, keep: Callable[[int, str], None]
) -> BordereauSent:
    """Make the bordereau of an organisation and record its digest.

    `keep` writes it, given the number of its entry: before it is recorded, so that the
    register never speaks of a document that nobody has.
    """

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        refuse_closed(dialogue)
        known = known_organisation(organisation, dialogue)
        text = bordereau_text(dialogue, known, registrar.versions, stamp.at)
        keep(stamp.seq, text)
        return BordereauSent(
            **stamp._asdict(), organisation=known.id, digest=file_digest(text)
        )

    recorded = registrar.journal.append(make)
    assert isinstance(recorded, BordereauSent)
    return recorded


def record_bordereau_answer(
    registrar: Registrar, organisation: str, confirms: bool, reason: str | None
) -> AnyEntry:
    """Record that an organisation confirms its bordereau, or disputes it."""

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        answer = bordereau_answer(
            dialogue, organisation, confirms, reason, registrar.random
        )
        return BordereauAnswered(**stamp._asdict(), answer=answer)

    return registrar.journal.append(make)


def record_closing(registrar: Registrar, role: str, sitting: Sitting) -> Closed:
    """Close the consultation. Raises `NotClosed` with all that is still owed."""

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        body = closing(dialogue, role, sitting, stamp.at)
        return Closed(**stamp._asdict(), by=role, body=body)

    recorded = registrar.journal.append(make)
    assert isinstance(recorded, Closed)
    return recorded


def record_redaction(
    registrar: Registrar,
    place: TextPlace,
    words: Sequence[str],
    ground: Ground,
    roles: Sequence[str],
) -> Redacted:
    """Erase a text, or some words of it; return the entry that says so.

    Raises `InputError` when the text is not there, or not these words.
    """
    salt = registrar.random()

    def make(data: Data, stamp: Stamp) -> tuple[Redacted, Erasure]:
        refuse_roles(roles, registrar.journal.dialogue.opened)
        erased = erasure(data, place.field, words, salt)
        redaction = Redaction(
            entry=place.entry,
            field=place.field,
            ground=ground,
            roles=tuple(roles),
            remaining_digest=erased.remaining_digest,
        )
        return Redacted(**stamp._asdict(), redaction=redaction), erased

    return registrar.journal.redact(place.entry, make)
