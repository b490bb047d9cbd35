"""A contribution, its amendment and its reply, as a terminal shows them."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from charter_builder import french
from charter_builder.bordereau import ERASED, promises
from charter_builder.cli import report
from charter_builder.cli.effects_report import MARKS, runs_text
from charter_builder.consultation import day_of
from charter_builder.dialogue import (
    STATUS_LABELS,
    Dialogue,
    GivenReply,
    Standing,
    organisation_name,
    unit_of,
)
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Disposition,
    Reply,
)
from charter_builder.replies import Draft, proposed_text
from charter_builder.units import FrozenVersion
from charter_builder.worddiff import compare_words

Versions = Mapping[int, FrozenVersion]
NOTHING_PREPARED: Mapping[str, Disposition] = MappingProxyType({})


def unit_name(standing: Standing, versions: Versions) -> str:
    unit = unit_of(standing, versions)
    return unit.name if unit else standing.unit


def heading(standing: Standing, dialogue: Dialogue, versions: Versions) -> str:
    """Return one line that says which contribution it is, and where it stands."""
    given = standing.contribution
    kind = KIND_LABELS[standing.kind]
    if given.operation:
        kind += f" ({OPERATION_LABELS[given.operation]})"
    return report.wrapped(
        f"{standing.id}  {organisation_name(standing, dialogue)}, {kind}, "
        f"{unit_name(standing, versions)}, version {given.target.version}, déposée le "
        f"{french.day(day_of(given.received_at or standing.at))} : "
        f"{STATUS_LABELS[standing.status]}",
        "  ",
        "",
    )


def contribution_text(
    standing: Standing,
    dialogue: Dialogue,
    versions: Versions,
    prepared: Mapping[str, Disposition] = NOTHING_PREPARED,
) -> str:
    """Return a contribution with all that one must read before replying.

    `prepared` gives what the replies in preparation say, by contribution.
    """
    given = standing.contribution
    lines = [heading(standing, dialogue, versions)]
    if given.stance:
        lines.append(report.wrapped(f"Avis : {STANCE_LABELS[given.stance]}"))
    if given.passage:
        lines += ["Passage visé :", _text(given.passage.exact)]
    if given.choice:
        lines.append(report.wrapped(_choice(standing, versions)))
    if standing.kind == "amendment":
        lines += amendment_lines(standing, versions)
    if given.text != "":
        lines += ["Motifs :", _text(given.text)]
    for told in standing.exchanges:
        if isinstance(told, GivenReply):
            where = f"{told.decision.id}, entrée {told.seq}"
            lines.append(report.wrapped(f"Réponse donnée ({where}) :"))
            lines += reply_lines(told.reply)
        else:
            lines += ["Contestée :", _text(told.reason)]
    rivals = [
        other
        for other in dialogue.on_unit(standing.unit)
        if other.kind == "amendment"
        and other.id != standing.id
        and other.status != "withdrawn"
    ]
    if rivals:
        lines += ["", "Autres amendements sur ce texte :"]
    for other in rivals:
        lines.append(heading(other, dialogue, versions))
        if other.id in prepared:
            label = DISPOSITION_LABELS[prepared[other.id]]
            lines.append(f"  Projet de réponse : {label}, à décider")
        elif other.reply is not None:
            lines.append(
                f"  Réponse : {DISPOSITION_LABELS[other.reply.reply.disposition]}"
            )
        lines += amendment_lines(other, versions)
    return "\n".join(lines)


def _choice(standing: Standing, versions: Versions) -> str:
    choice, unit = standing.contribution.choice, unit_of(standing, versions)
    assert choice is not None
    for point in unit.points if unit else ():
        for candidate in point.candidates:
            if (point.id, candidate.letter) == (choice.point, choice.letter):
                return (
                    f"« {point.question} » : proposition {choice.letter}, "
                    f"{candidate.shown}"
                )
    return f"Proposition choisie : {choice.letter}"


def amendment_lines(standing: Standing, versions: Versions) -> list[str]:
    """Return what an amendment changes, word by word."""
    unit, proposed = unit_of(standing, versions), proposed_text(standing)
    operation = standing.contribution.operation
    if proposed is None:
        return [f"  {ERASED}"]
    if operation == "delete":
        return ["  Demande la suppression de l’article."]
    if operation == "insert-after" or unit is None:
        return ["  Nouvel article proposé :", _text(proposed)]
    return difference_lines(unit.text, proposed)


def difference_lines(before: str, after: str) -> list[str]:
    """Return the words that go and come from one text to another."""
    legend = f"{MARKS['removed'][0]}retiré{MARKS['removed'][1]} " + (
        f"{MARKS['added'][0]}ajouté{MARKS['added'][1]}"
    )
    return [f"  ({legend})", runs_text(compare_words(before, after))]


def _text(text: str | None) -> str:
    lines = (ERASED if text is None else text).split("\n")
    return "\n".join(report.wrapped(line, "  ") for line in lines)


def reply_lines(reply: Reply) -> list[str]:
    """Return what a reply says, without the contribution."""
    return list(_reply_lines(reply, reply.reason_digest, reply.adopted_text_digest))


def draft_lines(
    draft: Draft, standing: Standing | None = None, versions: Versions | None = None
) -> list[str]:
    """Return what a draft says; with the versions, what its wording changes."""
    reply = Reply(
        contribution=draft.contribution,
        disposition=draft.disposition,
        reason=draft.reason,
        adopted_text=draft.adopted_text,
        action=draft.action,
        lead=draft.lead,
        due=draft.due,
        body=draft.body,
        satisfied_by=draft.satisfied_by,
    )
    has_words = draft.adopted_text is not None
    before = None
    if standing is not None and versions is not None:
        unit = unit_of(standing, versions)
        if unit and standing.contribution.operation != "insert-after":
            before = unit.text
    return list(
        _reply_lines(reply, draft.reason, "adopted" if has_words else None, before)
    )


def _reply_lines(
    reply: Reply, reason: str | None, adopted: str | None, before: str | None = None
) -> Iterator[str]:
    yield report.wrapped(DISPOSITION_LABELS[reply.disposition].capitalize(), "  ")
    if reason:
        what = "Explication" if reply.disposition == "explained" else "Motif"
        yield report.wrapped(f"{what} :", "  ")
        yield _text(reply.reason)
    if adopted and reply.adopted_text == "":
        yield report.wrapped("L’article est supprimé.", "  ")
    elif adopted and before is not None and reply.adopted_text is not None:
        yield report.wrapped("Rédaction adoptée, comparée à la version lue :", "  ")
        yield from difference_lines(before, reply.adopted_text)
    elif adopted:
        yield report.wrapped("Rédaction adoptée :", "  ")
        yield _text(reply.adopted_text)
    for line in promises(reply):
        yield report.wrapped(line, "    ", "  ")
