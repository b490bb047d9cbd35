"""`consultation import`: what organisations send, in files, mails and archives."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

import click

from charter_builder import french
from charter_builder.carnet import charter_name, foreign
from charter_builder.cli import report
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.desk import choose, registrar_of, sure
from charter_builder.cli.prompts import say
from charter_builder.consultation import PARIS, Organisation, moment
from charter_builder.contributions import Origin, Refusal, Submission
from charter_builder.errors import InputError, shown
from charter_builder.follow_up import known_organisation
from charter_builder.questionnaire import parse_day
from charter_builder.register import KIND_LABELS, Authentication, Channel, clean_text
from charter_builder.storage.intake import Piece, Received, keep_original, receive
from charter_builder.storage.registrar import Registrar

ORIGINALS = "originals"

# HR gives the organisation, and so vouches for it.
VOUCHED: dict[Channel, Authentication] = {
    "mail": "known-mail",
    "file": "hand-delivered",
    "paper": "hand-delivered",
}

Fate = Literal["new", "known", "hand", "refused"]


@dataclass(frozen=True)
class Found:
    """One thing found in what was received, and what becomes of it."""

    piece: str
    """The file, and where it was in it."""
    fate: Fate
    submission: Submission | None = None
    origin: Origin | None = None
    why: str = ""
    """The cause of a refusal, or the words of what is to be entered by hand."""


@click.command("import")
@in_workspace
@click.argument(
    "paths",
    metavar="FICHIER…",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
@click.option(
    "--organisation",
    "identifier",
    metavar="ID",
    help="Qui a remis ces fichiers : vous en répondez.",
)
@click.option(
    "--channel",
    type=click.Choice(["mail", "file"]),
    help="Par où ils sont venus ; sinon mail pour un .eml, file pour le reste.",
)
@click.option(
    "--received",
    metavar="QUAND",
    help="Quand ils sont arrivés : '29/01/2027 22:10', ou « mail » pour la date du "
    "courriel.",
)
@click.option("--yes", is_flag=True, help="Enregistre sans demander.")
@click.pass_context
def import_(
    ctx: click.Context,
    folder: Path | None,
    paths: tuple[Path, ...],
    identifier: str | None,
    channel: Channel | None,
    received: str | None,
    yes: bool,
) -> None:
    """Enregistre les contributions de fichiers et de courriels.

    Lit les carnets (.json), les courriels (.eml), les textes collés (.txt), et les
    archives (.zip) de ceux-ci. Montre ce qui est trouvé, puis demande. Rien n’est
    abandonné : ce qui ne se lit pas est dit, avec ce qu’il faut faire. Code de retour 2
    si quelque chose est refusé.
    """
    place = workspace(folder)
    registrar = registrar_of(place)
    organisation = known_organisation(
        identifier or _who_sent(registrar), registrar.journal.dialogue
    )
    when = moment_of(received, registrar)
    files = [receive(path) for path in paths]
    found = list(_found(registrar, files, organisation, channel, when))
    _tell(found, registrar, organisation)
    for file in files:
        for piece in file.pieces:
            if piece.note:
                click.echo(report.wrapped(f"{piece.name} dit aussi : {piece.note}"))
    if any(one.fate == "new" for one in found):
        click.echo(report.wrapped(_sum(found, "à enregistrer", "à enregistrer")))
        if not yes and not has_terminal():
            raise InputError("rien n’est enregistré. Confirmez avec « --yes ».")
        if not yes and not sure("Enregistrer ?"):
            say("Rien n’est enregistré.")
            return
        for file in files:
            keep_original(place.private / ORIGINALS, file)
        found = list(_recorded(registrar, found))
    click.echo(report.wrapped(_sum(found, "enregistrée", "enregistrées")))
    if any(one.fate == "refused" for one in found):
        ctx.exit(2)


def _who_sent(registrar: Registrar) -> str:
    """Return who sent the files, asked in a terminal. Raises `InputError`."""
    if not has_terminal():
        raise InputError("dites qui a remis ces fichiers : --organisation ID.")
    known = registrar.journal.dialogue.opened.organisations
    return choose("Qui a remis ces fichiers ?", {one.id: one.name for one in known})


def moment_of(received: str | None, registrar: Registrar) -> str | None:
    """Return the moment given, in universal time, or « mail ». Raises `InputError`."""
    if received in (None, "mail"):
        return received
    try:
        day, _, hour = (received or "").strip().rpartition(" ")
        given = datetime.strptime(f"{parse_day(day)} {hour}", "%Y-%m-%d %H:%M")
    except (InputError, ValueError):
        raise InputError(
            f"« {shown(received)} » n’est pas un instant : écrivez-le comme "
            "'29/01/2027 22:10', à l’heure de Paris, ou « mail »."
        ) from None
    at = moment(given.replace(tzinfo=PARIS))
    if at > moment(registrar.journal.clock()):
        raise InputError(
            f"« {received} » est à venir : une contribution ne peut pas être déjà reçue."
        )
    return at


def _found(
    registrar: Registrar,
    files: Sequence[Received],
    organisation: Organisation,
    channel: Channel | None,
    when: str | None,
) -> Iterator[Found]:
    """Yield what each file holds, judged as the register now stands."""
    names = [charter_name(version) for version in registrar.versions.values()]
    settings = registrar.journal.dialogue.opened
    now = moment(registrar.journal.clock())
    seen: dict[str, Submission] = {}
    for file in files:
        is_mail = file.path.suffix.lower() == ".eml"
        by: Channel = channel or ("mail" if is_mail else "file")
        for piece in file.pieces:
            arrived = piece.sent_at if when == "mail" else when
            at = arrived if arrived and arrived <= now else None
            origin = Origin(organisation.id, by, VOUCHED[by], at)
            if piece.carnet is None:
                yield from _without_carnet(piece)
                continue
            wrong = foreign(piece.carnet, settings, names, organisation.id)
            for item in piece.carnet.items:
                if wrong or item.submission is None:
                    yield Found(
                        piece.name,
                        "refused",
                        why=wrong or f"contribution {item.rank} : {item.fault}",
                    )
                    continue
                yield _judged(registrar, piece, item.submission, origin, seen)


def _without_carnet(piece: Piece) -> Iterator[Found]:
    if piece.fault:
        yield Found(piece.name, "refused", why=piece.fault)
    elif piece.by_hand is not None:
        yield Found(piece.name, "hand", why=piece.by_hand)


def _judged(
    registrar: Registrar,
    piece: Piece,
    submission: Submission,
    origin: Origin,
    seen: dict[str, Submission],
) -> Found:
    found = Found(piece.name, "new", submission, origin)
    before = seen.setdefault(submission.key, submission)
    if before is not submission:
        if before == submission:
            return replace(found, fate="known")
        return replace(
            found,
            fate="refused",
            why="une autre contribution de ces fichiers porte la même clé.",
        )
    try:
        return found if registrar.foresee(submission, origin) else _known(found)
    except Refusal as refusal:
        return replace(found, fate="refused", why=str(refusal))


def _known(found: Found) -> Found:
    return replace(found, fate="known")


def _tell(
    found: Sequence[Found], registrar: Registrar, organisation: Organisation
) -> None:
    """Print what was found, file by file."""
    told = ""
    lines = [(one.piece, _line(one, registrar, organisation)) for one in found]
    for (piece, line), same in groupby(lines):
        if piece != told:
            click.echo(f"{piece} :")
            told = piece
        count = sum(1 for _ in same)
        many = "" if count == 1 else f" ({count} contributions)"
        click.echo(report.wrapped(line + many, "    ", "  "))


def _line(one: Found, registrar: Registrar, organisation: Organisation) -> str:
    said = summary(one.submission, registrar) if one.submission else ""
    if one.fate == "refused":
        return f"- refusée : {said + ' : ' if said else ''}{one.why}"
    if one.fate == "hand":
        words = f" Il commence par : « {one.why} »." if one.why else ""
        return (
            f"- à rattacher à la main : ce n’est pas un carnet.{words} Lisez-le et "
            "recopiez chaque contribution : « charter consultation record "
            f"--organisation {organisation.id} »."
        )
    if one.fate == "known":
        return f"- déjà connue : {said}"
    return f"- à enregistrer : {said}"


def summary(given: Submission, registrar: Registrar) -> str:
    version = registrar.versions.get(given.version)
    unit = version.unit(given.unit) if version else None
    name = unit.name if unit else shown(given.unit)
    words = " ".join(clean_text(given.text or given.proposed or "").split())
    start = shown(words, 80)
    return f"{name}, version {given.version}, {KIND_LABELS[given.kind]}" + (
        f" : « {start} »" if start else ""
    )


def _recorded(registrar: Registrar, found: Iterable[Found]) -> Iterator[Found]:
    """Record what is new, and yield what then became of everything."""
    for one in found:
        if one.fate != "new" or one.submission is None or one.origin is None:
            yield one
            continue
        try:
            outcome = registrar.record(one.submission, one.origin)
        except Refusal as refusal:
            click.echo(report.wrapped(f"Refusée : {refusal}"), err=True)
            yield replace(one, fate="refused", why=str(refusal))
            continue
        standing = outcome.standing
        click.echo(
            f"{standing.id}  entrée {standing.seq}, empreinte {standing.digest[:12]}"
            + ("" if outcome.is_new else " (déjà connue)")
        )
        yield one if outcome.is_new else _known(one)


def _sum(found: Sequence[Found], one: str, many: str) -> str:
    """Return « 3 trouvées = 1 enregistrée + 1 déjà connue + … »."""
    counts = Counter(item.fate for item in found)
    total = french.counted(len(found), "trouvée", "trouvées")
    parts = [
        french.counted(counts["new"], one, many),
        french.counted(counts["known"], "déjà connue", "déjà connues"),
        f"{counts['hand']} à rattacher à la main",
        french.counted(counts["refused"], "refusée", "refusées"),
    ]
    return f"{total} = {' + '.join(parts)}."
