"""The closing bordereau of an organisation: all it wrote, what it got, and the digests.

It is handed over before closing, so that each organisation can check that nothing of
its own is missing from the register.
"""

from collections.abc import Iterator, Mapping

from charter_builder import french
from charter_builder.consultation import Organisation, day_of
from charter_builder.dialogue import STATUS_LABELS, Dialogue, GivenReply, Standing
from charter_builder.markdown import escape
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Reply,
)
from charter_builder.typography import polish
from charter_builder.units import FrozenVersion

ERASED = "[texte expurgé]"


def bordereau_text(
    dialogue: Dialogue,
    organisation: Organisation,
    versions: Mapping[int, FrozenVersion],
    at: str,
) -> str:
    """Return the bordereau as Markdown, made at a moment from the whole register.

    Texts people wrote are data: whatever could be Markdown or HTML is escaped.
    """
    settings = dialogue.opened
    standings = dialogue.of(organisation.id)
    blocks = [
        f"# Bordereau de {_said(organisation.name)}",
        _said(settings.title),
        _said(
            f"Établi le {french.day(day_of(at))} sur le registre de "
            f"{french.counted(dialogue.head.size, 'entrée', 'entrées')}, dont la dernière "
            "a pour empreinte :"
        ),
        f"    {dialogue.head.digest}",
        _said(
            "Ce document donne tout ce que le registre tient de votre organisation, et "
            "ce qui y a été répondu. Vérifiez que rien ne manque et que chaque empreinte "
            "est celle de votre récépissé."
        ),
        "## Vos contributions",
        *(block for standing in standings for block in _standing(standing, versions)),
    ]
    if not standings:
        blocks.append("Aucune contribution.")
    blocks += ["## Ce qui a changé grâce à elles", *_changes(standings, versions)]
    blocks += _signature(organisation)
    return "\n\n".join(blocks) + "\n"


def _said(text: str) -> str:
    """Return one of our sentences, names included, as Markdown."""
    return escape(polish(text))


def _quoted(text: str | None) -> str:
    """Return a text people wrote, as a quotation, line by line as it was typed."""
    lines = (ERASED if text is None else text).split("\n")
    quoted = [f"> {escape(line)}" if line else ">" for line in lines]
    # Inside a paragraph, a line that ends on « \\ » is kept apart from the next.
    return "\n".join(
        f"{line}\\" if line != ">" and after not in (">", "") else line
        for line, after in zip(quoted, [*quoted[1:], ""], strict=True)
    )


def _standing(
    standing: Standing, versions: Mapping[int, FrozenVersion]
) -> Iterator[str]:
    given = standing.contribution
    yield f"### {standing.id}, {_said(_unit_name(standing, versions))}"
    lines = [
        f"Nature : {KIND_LABELS[standing.kind]}"
        + (f", {OPERATION_LABELS[given.operation]}" if given.operation else ""),
        f"Version lue : {given.target.version}",
        f"Enregistrée le {french.day(day_of(standing.at))}, entrée {standing.seq}",
        f"Où elle en est : {STATUS_LABELS[standing.status]}",
    ]
    if given.stance:
        lines.insert(1, f"Avis : {STANCE_LABELS[given.stance]}")
    if given.choice:
        lines.insert(1, f"Proposition choisie : {given.choice.letter}")
    lines += [f"Reclassée : {moved.why}" for moved in standing.moved]
    yield "\n".join(f"- {_said(line)}" for line in lines)
    yield f"Empreinte de l’entrée :\n\n    {standing.digest}"
    if given.passage:
        yield f"Passage visé :\n\n{_quoted(given.passage.exact)}"
    if given.text or given.text is None:
        yield f"Votre texte :\n\n{_quoted(given.text)}"
    if given.proposed_digest:
        yield f"La rédaction que vous proposiez :\n\n{_quoted(given.proposed)}"
    for told in standing.exchanges:
        yield from _reply(told) if isinstance(told, GivenReply) else _contest(standing)
    if standing.applied_in:
        yield f"Appliquée dans la version {standing.applied_in}."
    if standing.done:
        yield _said(f"Fait : {standing.done}")


def _unit_name(standing: Standing, versions: Mapping[int, FrozenVersion]) -> str:
    version = versions.get(standing.contribution.target.version)
    unit = version.unit(standing.unit) if version else None
    return unit.name if unit else standing.unit


def _contest(standing: Standing) -> Iterator[str]:
    assert standing.contest is not None
    day = french.day(day_of(standing.contested_at or standing.at))
    yield f"**Vous avez contesté cette réponse** le {_said(day)} :"
    yield _quoted(standing.contest.reason)


def _reply(given: GivenReply) -> Iterator[str]:
    reply, body = given.reply, given.decision.body
    minutes = f", compte rendu {body.minutes}" if body.minutes else ""
    yield f"**Réponse : {DISPOSITION_LABELS[reply.disposition]}** " + _said(
        f"({given.decision.id}, entrée {given.seq}, {body.name}, le "
        f"{french.day(body.date)}{minutes} ; présents : "
        f"{french.enumeration(body.roles)})"
    )
    if reply.reason_digest:
        what = "Explication" if reply.disposition == "explained" else "Motif"
        yield f"{what} :\n\n{_quoted(reply.reason)}"
    if reply.adopted_text_digest:
        text = reply.adopted_text
        if text == "":
            yield "Rédaction adoptée : suppression de l’article."
        else:
            yield f"Rédaction adoptée :\n\n{_quoted(text)}"
    promised = list(promises(reply))
    if promised:
        yield "\n".join(f"- {_said(line)}" for line in promised)


def promises(reply: Reply) -> Iterator[str]:
    """Yield what a reply promises, a line each."""
    if reply.action:
        yield f"Ce qui sera fait : {reply.action}"
    if reply.body:
        what = "saisie" if reply.disposition == "out-of-scope" else "qui négocie"
        yield f"Instance {what} : {reply.body}"
    if reply.lead:
        yield f"Qui s’en charge : {reply.lead}"
    if reply.due:
        yield f"Pour le {french.day(reply.due)}"
    if reply.satisfied_by:
        yield f"Satisfaite par {reply.satisfied_by}"


def _changes(
    standings: list[Standing], versions: Mapping[int, FrozenVersion]
) -> Iterator[str]:
    applied = [standing for standing in standings if standing.applied_in]
    done = [standing for standing in standings if standing.done]
    lines = [
        f"Version {standing.applied_in}, {_unit_name(standing, versions)} : "
        f"{standing.id}"
        for standing in applied
    ]
    lines += [f"{standing.id} : {standing.done}" for standing in done]
    yield "\n".join(f"- {_said(line)}" for line in lines) or "Rien à ce jour."


def _signature(organisation: Organisation) -> list[str]:
    return [
        "## Votre retour",
        "- ☐ Ce bordereau est complet et fidèle.\n"
        "- ☐ Il manque, ou est inexact : ………………………………………………",
        _said(f"Pour {organisation.name}, en qualité de : ………………………"),
        "Date : ………………………",
        "Signature :",
    ]
