"""`consultation verify`, `receipt`, `redact`: what the register proves, and may erase."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from charter_builder import french
from charter_builder.chain import common_length
from charter_builder.cli import report
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.desk import registrar_of, stoppable, sure
from charter_builder.cli.prompts import say
from charter_builder.dialogue import Dialogue
from charter_builder.errors import ConflictError, InputError
from charter_builder.questionnaire import Answers
from charter_builder.receipts import read_receipt, receipt_text
from charter_builder.redaction import (
    erased_pieces,
    holds_piece,
    place_of_text,
    refuse_roles,
    text_at,
    what_remains,
)
from charter_builder.register import GROUND_LABELS, Ground
from charter_builder.storage.consultation_files import (
    REGISTER,
    journal,
    refuse_other_consultation,
    versions_of,
)
from charter_builder.storage.files import is_folder, read_ordinary, write_atomic
from charter_builder.storage.proceedings import record_redaction
from charter_builder.storage.register_files import Journal
from charter_builder.storage.register_reading import (
    Examined,
    entry_path,
    examine,
    read_entry,
)
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion

NOTHING_ERASED = "Rien n’est effacé."
MAX_RECEIPT = 1024**2


# --- verify --------------------------------------------------------------------------


@click.command()
@in_workspace
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Un récépissé à retrouver dans le registre. Répétable.",
)
@click.option(
    "--copy",
    "copy",
    metavar="DOSSIER",
    type=click.Path(path_type=Path),
    help="Une copie du registre, ou de l’espace de travail, à comparer.",
)
@click.pass_context
def verify(
    ctx: click.Context,
    folder: Path | None,
    receipts: tuple[Path, ...],
    copy: Path | None,
) -> None:
    """Vérifie que le registre est entier, et que rien n’y a été modifié.

    Code de retour 1 si une entrée, un texte ou une version figée a été modifié, ou si
    un récépissé n’est pas tenu ; 3 si le registre a divergé de la copie, ou de ce que cet ordinateur a
    tenu.
    """
    place = workspace(folder)
    path = place.consultation / REGISTER
    found = examine(path)
    for fault in found.faults:
        click.echo(report.wrapped(f"{path} : {fault.message}"), err=True)
    if found.faults:
        ctx.exit(1)
    dialogue = found.dialogue
    lost = _lost_here(place, found)
    if lost and not found.digests:
        raise lost
    _ = dialogue.opened
    kept = [_versions_are_kept(place, dialogue)]
    if all(kept) and not lost:
        counted = french.counted(dialogue.head.size, "entrée", "entrées")
        click.echo(report.wrapped(f"{path} : {counted}, registre entier, empreinte :"))
        click.echo(dialogue.head.digest)
    kept += [_is_kept(receipt, found) for receipt in receipts]
    if copy is not None:
        _compare(copy, found.digests)
    # A receipt says better which entry is gone.
    if not all(kept):
        ctx.exit(1)
    if lost:
        raise lost


def _versions_are_kept(place: Workspace, dialogue: Dialogue) -> bool:
    """Say whether the versions are those that the register knows."""
    try:
        refuse_other_consultation(place, dialogue)
        refuse_other_versions(dialogue, versions_of(place))
    except InputError as error:
        click.echo(report.wrapped(str(error)), err=True)
        return False
    return True


def _lost_here(place: Workspace, register: Examined) -> ConflictError | None:
    """Return what to say when this computer remembers a register that went further."""
    try:
        journal(place).refuse_another(register.digests)
    except ConflictError as lost:
        return lost
    return None


def _is_kept(path: Path, register: Examined) -> bool:
    """Say whether the register still holds what a receipt proves."""
    content = read_ordinary(path, MAX_RECEIPT).decode("utf-8", "replace")
    try:
        said = read_receipt(content)
    except InputError as error:
        raise InputError(f"{path} : {error}") from None
    opened = register.dialogue.opened
    if said.consultation != opened.id:
        raise InputError(
            f"{path} : ce récépissé est celui d’une autre concertation "
            f"({said.consultation}), pas de {opened.id}."
        )
    digests = register.digests
    if said.seq <= len(digests) and digests[said.seq - 1] == said.digest:
        click.echo(f"{path} : tenu, l’entrée {said.seq} est au registre.")
        return True
    what = (
        "a été retirée" if said.seq > len(digests) else "n’est plus celle du récépissé"
    )
    click.echo(
        report.wrapped(
            f"{path} : l’entrée {said.seq} {what}. Le registre a été réécrit depuis : "
            "gardez ce récépissé et demandez des explications."
        ),
        err=True,
    )
    return False


def _compare(folder: Path, ours: Sequence[str]) -> None:
    """Say how a copy stands to the register. Raises `ConflictError` if they diverged."""
    places = (folder / "consultation" / REGISTER, folder / REGISTER, folder)
    other = Journal(
        next(place for place in places if is_folder(place) or place == folder)
    )
    other.refresh()
    if not other.digests:
        raise InputError(f"{folder} : aucun registre dans ce dossier.")
    theirs = other.digests
    shared = common_length(ours, theirs)
    if shared < min(len(ours), len(theirs)):
        raise ConflictError(
            f"{folder} : les deux registres ont divergé après l’entrée {shared}. Deux "
            "ordinateurs ont enregistré chacun de leur côté. N’enregistrez plus rien : "
            "gardez le registre publié, et déposez à nouveau dans celui-ci les "
            "contributions de l’autre (leurs clés évitent les doublons)."
        )
    if len(ours) == len(theirs):
        click.echo(f"{folder} : la copie est identique.")
    elif len(theirs) < len(ours):
        late = french.counted(len(ours) - len(theirs), "entrée", "entrées")
        click.echo(f"{folder} : la copie est plus ancienne, il lui manque {late}.")
    else:
        more = french.counted(len(theirs) - len(ours), "entrée", "entrées")
        raise ConflictError(
            f"{folder} : la copie a {more} de plus que ce registre. Remettez la copie à "
            "la place de ce registre avant d’enregistrer quoi que ce soit."
        )


# --- receipt -------------------------------------------------------------------------


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@click.option(
    "-o",
    "target",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="L’écrit dans un fichier.",
)
def receipt(folder: Path | None, identifier: str, target: Path | None) -> None:
    """Donne le récépissé d’une contribution, à remettre à l’organisation."""
    place = workspace(folder)
    dialogue = journal(place).refresh()
    standing = dialogue.standing(identifier)
    text = receipt_text(standing, dialogue, versions_of(place))
    if target is None:
        click.echo(text, nl=False)
        return
    write_atomic(target, text)
    click.echo(f"{target} : récépissé de {standing.id}.")


# --- redact --------------------------------------------------------------------------


@click.command()
@in_workspace
@click.argument("what", metavar="NUMÉRO")
@click.option(
    "--field",
    default="text",
    show_default=True,
    metavar="RUBRIQUE",
    help="Le texte visé : text, proposed, contest, reason ou adopted_text ; pour une "
    "entrée, ses rubriques, comme decision.replies.0.reason.",
)
@click.option(
    "--ground",
    type=click.Choice(list(GROUND_LABELS)),
    required=True,
    help="Le motif légal : données personnelles d’un tiers, injure, contenu illicite.",
)
@click.option(
    "--as",
    "roles",
    multiple=True,
    required=True,
    metavar="FONCTION",
    help="Les deux fonctions qui le décident. À donner deux fois.",
)
@click.option(
    "--remove",
    "words",
    multiple=True,
    metavar="MOTS",
    help="Les mots à effacer ; sans cette option, tout le texte. Répétable.",
)
@click.option("--yes", is_flag=True, help="Ne demande pas de confirmation.")
def redact(
    folder: Path | None,
    what: str,
    field: str,
    ground: Ground,
    roles: tuple[str, ...],
    words: tuple[str, ...],
    yes: bool,
) -> None:
    """Expurge un texte du registre : c’est la seule écriture qui l’efface.

    NUMÉRO est celui d’une contribution, C-0042, ou d’une entrée du registre, 57.
    Le numéro, la date, l’auteur et le motif restent visibles, et le registre reste
    vérifiable. L’organisation en est informée et peut déposer à nouveau.
    """
    place = workspace(folder)
    registrar = registrar_of(place)
    register = registrar.journal
    refuse_roles(roles, register.refresh().opened)
    # Run again after an interruption, the command finds its work done.
    register.settle()
    found = place_of_text(what, field, register.dialogue)
    text = text_at(read_entry(entry_path(register.folder, found.entry))[0], found.field)
    remaining = what_remains(text, words)
    said = "en entier" if remaining is None else "en partie"
    say(
        f"Entrée {found.entry}, « {found.field} » sera effacé {said}, pour : "
        f"{GROUND_LABELS[ground]}."
    )
    if remaining is not None:
        say(f"Il restera : {remaining}")
    pieces = erased_pieces(text, words)
    elsewhere = list(_said_elsewhere(place, registrar.versions, pieces))
    with stoppable(NOTHING_ERASED):
        if not yes and not (
            has_terminal() and sure("Effacer ? Cela ne se reprend pas.")
        ):
            raise InputError("rien n’est effacé. Confirmez avec « --yes ».")
        entry = record_redaction(registrar, found, words, ground, roles)
    say(
        f"Expurgé, entrée {entry.seq}. Reconstruisez le site, et informez "
        f"l’organisation. Les sauvegardes, les copies et {place.private} gardent "
        "l’ancien texte : effacez-le aussi là."
    )
    for warning in elsewhere:
        say(warning)


def _said_elsewhere(
    place: Workspace, versions: Mapping[int, FrozenVersion], pieces: Sequence[str]
) -> Iterator[str]:
    """Yield a sentence for each published text that holds what is to be erased."""
    first = versions[min(versions)]
    # What the first version said is not what somebody brought in.
    own = [p for p in pieces if not any(holds_piece(u.text, p) for u in first.units)]
    drafted: list[str] = []
    # Answers that cannot be read keep nothing from being erased.
    with contextlib.suppress(InputError):
        drafted = [
            f"{unit} ({section})"
            for section, texts in _typed_texts(place.answers()).items()
            for unit, text in texts.items()
            if any(holds_piece(text, piece) for piece in own)
        ]
    frozen = [
        number
        for number, version in sorted(versions.items())
        if any(holds_piece(u.text, piece) for u in version.units for piece in own)
    ]
    if drafted:
        yield (
            f"Attention : {place.answers_path} porte encore ces mots, dans "
            f"{french.enumeration(drafted)}. Retirez-les, puis figez une version."
        )
    if frozen:
        yield (
            f"Attention : ces mots sont aussi dans la version "
            f"{french.enumeration(list(map(str, frozen)))}. Une version figée ne se "
            "réécrit pas : voyez avec le délégué à la protection des données s’il faut "
            "cesser de la publier."
        )


def _typed_texts(answers: Answers) -> dict[str, dict[str, str]]:
    """Return the texts of the answers that people wrote, by section and unit."""
    return {
        "adopted": {unit: adopted.text for unit, adopted in answers.adopted.items()},
        "local": {theme: local.text for theme, local in answers.local.items()},
    }
