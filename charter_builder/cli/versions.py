"""`freeze` and `verify`: versions that no longer change."""

from collections.abc import Sequence
from pathlib import Path

import click

from charter_builder.charter import Charter
from charter_builder.cli import report
from charter_builder.cli.common import drafted, in_workspace, workspace
from charter_builder.cli.draft import draft_files
from charter_builder.cli.trace import (
    given_up_text,
    note_option,
    refuse_unexplained,
    trace_of,
    waiting_text,
)
from charter_builder.errors import InputError, shown
from charter_builder.register import ENTRY_LABELS
from charter_builder.requirements import findings
from charter_builder.storage.consultation_files import journal
from charter_builder.storage.files import is_folder
from charter_builder.storage.register_files import Journal
from charter_builder.storage.version_files import (
    UNITS,
    altered_documents,
    load_version,
    load_versions,
    read_document,
    version_documents,
    version_folders,
    write_version,
)
from charter_builder.storage.version_register import (
    TRACE,
    complete_register,
    refuse_other_versions,
)
from charter_builder.storage.version_register import trace_text as trace_json
from charter_builder.storage.workspace_files import Workspace
from charter_builder.tracing import Trace
from charter_builder.units import (
    FrozenVersion,
    altered_units,
    as_version,
    file_digest,
    frozen,
    with_documents,
)


@click.command()
@in_workspace
@click.option(
    "--final",
    is_flag=True,
    help="Le texte soumis au vote : tout est tranché, sans erreur de droit.",
)
@note_option
def freeze(folder: Path | None, final: bool, notes: tuple[str, ...]) -> None:
    """Fige le projet en une version numérotée, dans versions/.

    Une version figée ne change plus : c’est elle que l’on commente et que l’on cite.
    Pendant une concertation, chaque article qui change cite une contribution retenue,
    ou une raison donnée par --note ; le registre les garde. Code de retour 3 s’il en
    manque une.
    """
    place = workspace(folder)
    charter = drafted(place)
    found = findings(charter, place.library)
    register = _open_register(place, load_versions(place.root))
    completed = complete_register(register, place.root) if register else []
    for entry in completed:
        click.echo(
            f"Registre complété : entrée {entry.seq}, {ENTRY_LABELS[entry.type]}."
        )
    versions = load_versions(place.root)
    previous = versions[-1] if versions else None
    if completed and previous and _is_frozen(charter, previous, final):
        return
    version = frozen(charter, found, previous, final)
    documents = draft_files(charter)
    explained = _explained(place, register, versions, version, notes)
    if explained is not None:
        documents[TRACE] = trace_json(explained.entries)
    version = with_documents(version, documents)
    written = write_version(place.root, version, documents)
    if register is not None:
        complete_register(register, place.root)
    kind = "version finale" if final else "version"
    click.echo(
        f"{written} : {kind} {version.version} figée, empreinte {version.digest[:12]}."
    )
    click.echo(f"Vérification : {report.summary(found)}.")
    if any(finding.severity == "error" for finding in found):
        click.echo(
            "Cette version a des erreurs de droit : « charter check » dit lesquelles.",
            err=True,
        )

    if explained is not None and explained.waiting:
        click.echo(waiting_text(explained.waiting), err=True)
    if explained is not None and explained.given_up and register is not None:
        said = given_up_text(explained.given_up, register.dialogue)
        click.echo(said, err=True)


def _open_register(
    place: Workspace, versions: Sequence[FrozenVersion]
) -> Journal | None:
    """Return the register of the consultation under way, if there is one.

    Raises `InputError` when a version it speaks of is gone: its number is not free.
    """
    register = journal(place)
    dialogue = register.refresh()
    register.check_memory()
    refuse_other_versions(dialogue, {v.version: v for v in versions})
    is_open = dialogue.settings is not None and dialogue.closed is None
    return register if is_open else None


def _is_frozen(charter: Charter, previous: FrozenVersion, final: bool) -> bool:
    same = as_version(charter, previous).digest == previous.digest
    return same and final == previous.final


def _explained(
    place: Workspace,
    register: Journal | None,
    versions: Sequence[FrozenVersion],
    version: FrozenVersion,
    notes: Sequence[str],
) -> Trace | None:
    """Return why a version changes, when a consultation asks for it.

    Raises `ConflictError` when a change has no reason.
    """
    if register is None or not versions:
        if notes:
            raise InputError(
                "--note explique un changement pendant une concertation, et aucune "
                "n’est en cours : retirez cette option."
            )
        return None
    known = {frozen_version.version: frozen_version for frozen_version in versions}
    found = trace_of(place, register.dialogue, known, version, notes)
    refuse_unexplained(found, version.final)
    return found


@click.command()
@click.argument("path", metavar="CHEMIN", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, path: Path) -> None:
    """Dit si un texte est celui d’une version figée.

    CHEMIN est le dossier d’une version (versions/1), ou un document Markdown. Code de
    retour 1 si le texte a changé.
    """
    if is_folder(path) or path.name == UNITS:
        said, intact = _verified_folder(path if is_folder(path) else path.parent)
    else:
        said, intact = _verified_document(path, workspace(None))
    click.echo(said)
    if not intact:
        ctx.exit(1)


def _verified_folder(folder: Path) -> tuple[str, bool]:
    version = load_version(folder)
    altered = [unit.name for unit in altered_units(version)]
    altered += altered_documents(folder, version)
    if altered:
        names = "\n".join(f"  {shown(name, 300)}" for name in altered)
        return f"{folder} : le texte a changé depuis qu’il a été figé :\n{names}", False
    return (
        f"{folder} : version {version.version} intacte, empreinte "
        f"{version.digest[:12]}.",
        True,
    )


def _verified_document(path: Path, place: Workspace) -> tuple[str, bool]:
    text = read_document(path)
    if text is None:
        raise InputError(
            f"{path} : document illisible. Donnez un fichier Markdown en UTF-8, ou le "
            "dossier d’une version."
        )
    for number, folder in reversed(version_folders(place.root)):
        version = load_version(folder)
        for name, frozen_text in version_documents(folder).items():
            # A document changed since the freeze proves nothing.
            if version.documents.get(name) != file_digest(frozen_text):
                continue
            if frozen_text == text:
                return f"{path} : c’est le texte de la version {number} ({name}).", True
    return f"{path} : ce n’est le texte d’aucune version figée.", False
