"""`consultation purge` and `processing-record`: private data, and until when it is kept."""

from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli import report
from charter_builder.cli.common import drafted, in_workspace, typed_day, workspace
from charter_builder.consultation import day_of, moment
from charter_builder.errors import InputError, shown
from charter_builder.retention import HOLDING_LABELS, Holding, processing_record
from charter_builder.storage.consultation_files import (
    dialogue_of,
    load_consultation,
)
from charter_builder.storage.files import write_atomic
from charter_builder.storage.register_files import now
from charter_builder.storage.retention_files import (
    Held,
    erase,
    held,
    load_retention,
    unknown,
)
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.workspace_files import Workspace

SHOWN = 20
"""Files named one by one; beyond, they are counted."""


@click.command()
@in_workspace
@click.option(
    "--on",
    "day",
    metavar="JOUR",
    help="Ce qui sera à effacer ce jour-là : 2027-09-01. Aujourd’hui, sans cette option.",
)
@click.option(
    "--yes", is_flag=True, help="Efface ; sans cette option, dit seulement quoi."
)
def purge(folder: Path | None, day: str | None, yes: bool) -> None:
    """Efface ce que private/ garde au-delà de son délai.

    Les délais courent de la clôture ; private/conservation.yml les règle. Le registre,
    lui, n’est jamais touché.
    """
    place = workspace(folder)
    today = day_of(moment(now()))
    on = typed_day("--on", day) if day else today
    if yes and on > today:
        raise InputError(
            f"le {french.day(on)} n’est pas arrivé : rien n’est effacé. Relancez ce "
            "jour-là, ou sans --yes pour voir ce qui le sera."
        )
    retention = load_retention(place)
    closed_at = dialogue_of(place).closed_at
    if closed_at is None:
        click.echo(
            "La concertation n’est pas close : rien n’est à effacer. Les délais courent "
            "de sa clôture."
        )
        return
    closed_on = day_of(closed_at)
    due: list[Holding] = []
    for holding, label in HOLDING_LABELS.items():
        found = held(place, holding)
        until = retention.due(holding, closed_on)
        if not found:
            click.echo(report.wrapped(f"Rien à effacer : {label}."))
        elif until > on:
            click.echo(
                report.wrapped(f"À effacer à partir du {french.day(until)} : {label}.")
            )
        else:
            due.append(holding)
            _tell(place, label, found)
    _tell_unknown(place)
    if not due:
        return
    if not yes:
        click.echo(
            "Rien n’est effacé. Pour effacer : « charter consultation purge --yes »."
        )
        return
    for holding in due:
        erase(place, holding)
    click.echo(
        report.wrapped(
            "Effacé. Les sauvegardes et les copies de ce dossier sont à effacer aussi."
        )
    )


def _tell(place: Workspace, label: str, found: Held) -> None:
    rows = (
        [french.counted(found.rows, "ligne", "lignes") + " dans prive.sqlite"]
        if found.rows
        else []
    )
    files = (
        [french.counted(len(found.files), "fichier", "fichiers")] if found.files else []
    )
    click.echo(
        report.wrapped(f"À effacer : {label} ({french.enumeration(files + rows)}).")
    )
    for path in found.files[:SHOWN]:
        click.echo(f"  {shown(path.relative_to(place.private).as_posix(), 120)}")
    if len(found.files) > SHOWN:
        click.echo(f"  … et {len(found.files) - SHOWN} autres.")


def _tell_unknown(place: Workspace) -> None:
    names = [shown(path.name, 120) for path in unknown(place)]
    if names:
        click.echo(
            report.wrapped(
                "À regarder vous-même, cette commande ne sait pas ce que c’est : "
                f"{', '.join(names)}."
            )
        )


@click.command("processing-record")
@in_workspace
@click.option(
    "-o",
    "target",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="L’écrit dans un fichier.",
)
def record(folder: Path | None, target: Path | None) -> None:
    """Écrit la fiche de la concertation pour le registre des traitements.

    Elle vient des réglages ; le délégué à la protection des données la complète.
    """
    place = workspace(folder)
    versions = load_versions(place.root)
    text = processing_record(
        load_consultation(place),
        load_retention(place),
        versions[-1].territory if versions else drafted(place).territory,
        place.settings.site.contact,
    )
    if target is None:
        click.echo(text, nl=False)
        return
    write_atomic(target, text)
    click.echo(f"{target} : fiche écrite, à compléter.")
