"""`consultation export`: the register as tables, for the instance that gives its opinion."""

from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli.common import in_workspace, typed_day, workspace
from charter_builder.consultation import day_of
from charter_builder.errors import InputError
from charter_builder.export import tables
from charter_builder.exports import Selection, Sheet, sheets
from charter_builder.storage.consultation_files import (
    refuse_other_consultation,
    sound_register,
)
from charter_builder.storage.files import is_file, is_folder, write_atomic
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website.dialogue_view import FOLDER, Consultation
from charter_builder.website.dialogue_words import anchor


@click.command()
@in_workspace
@click.option(
    "--to",
    "form",
    type=click.Choice(["ods", "csv"]),
    help="Un classeur (ods), ou un fichier CSV par tableau ; sans cette option, ce que "
    "dit le nom du fichier.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FICHIER",
    help="Le classeur à écrire ; pour des CSV, une archive .zip ou un dossier.",
)
@click.option(
    "--session", metavar="JOUR", help="Les réponses d’une séance : 2027-03-18."
)
@click.option(
    "--organisation", metavar="ID", help="Les contributions d’une organisation."
)
def export(
    folder: Path | None,
    form: str | None,
    output: Path,
    session: str | None,
    organisation: str | None,
) -> None:
    """Exporte le registre en tableaux, pour l’instance qui rend son avis.

    Contributions, décisions, statistiques, textes modifiés, et de quoi vérifier.
    """
    form = form or _form_of(output)
    place = workspace(folder)
    day = typed_day("--session", session) if session else None
    made = tabled(place, Selection(day, organisation))
    name = output.name.lower()
    if form == "ods":
        _refuse_folder(output)
        write_atomic(output, tables.ods(made))
    elif name.endswith(".zip"):
        _refuse_folder(output)
        write_atomic(output, tables.csv_archive(made))
    elif name.endswith((".csv", ".ods")) or is_file(output):
        raise InputError(
            f"{output} : l’export CSV fait plusieurs fichiers. Donnez une archive "
            "(.zip) ou un dossier."
        )
    else:
        for file, content in tables.csv_files(made).items():
            write_atomic(output / file, content)
    count = len(made[0].rows)
    click.echo(f"{output} : {french.counted(count, 'contribution', 'contributions')}.")


def tabled(place: Workspace, selection: Selection) -> tuple[Sheet, ...]:
    """Return the tables of a workspace. Raises `InputError` without a consultation."""
    register = sound_register(place)
    dialogue = register.dialogue
    dialogue.opened  # noqa: B018  (raises when there is none)
    versions = load_versions(place.root)
    refuse_other_consultation(place, dialogue)
    refuse_other_versions(dialogue, {v.version: v for v in versions})
    shown = Consultation(
        dialogue, versions, register.entries, register.digests, day_of(dialogue.last_at)
    )
    site = (place.settings.site.address or "").rstrip("/")
    base = f"{site}/{FOLDER}" if site else FOLDER
    links = {
        identifier: f"{base}/{page}#{anchor(identifier)}"
        for identifier, page in shown.pages_of.items()
    }
    return sheets(dialogue, versions, links, selection)


def _form_of(output: Path) -> str:
    """Return the format that the name of a file says. Raises `InputError`."""
    _refuse_folder(output)
    forms = {".ods": "ods", ".zip": "csv", ".csv": "csv"}
    form = forms.get(output.suffix.lower())
    if form is None:
        raise InputError(
            f"{output} : ce nom ne dit pas le format. Finissez-le par .ods (un classeur) "
            "ou .zip (un fichier CSV par tableau), ou donnez --to."
        )
    return form


def _refuse_folder(output: Path) -> None:
    if is_folder(output):
        raise InputError(f"{output} : c’est un dossier. Donnez un nom de fichier.")
