"""What every command shares: the workspace it acts on, and how it speaks."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from charter_builder.charter import Charter
from charter_builder.cli import report
from charter_builder.errors import InputError, shown
from charter_builder.questionnaire import parse_day
from charter_builder.storage.answers_file import answers_moved
from charter_builder.storage.workspace_files import Workspace, find_workspace

F = TypeVar("F", bound=Callable[..., object])


def in_workspace(command: F) -> F:
    """Give a command the option -C; its `folder` argument is the folder given."""
    return click.option(
        "-C",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DOSSIER",
        help="Travaille sur l’espace de travail de ce dossier.",
    )(command)


def workspace(folder: Path | None) -> Workspace:
    """Return the workspace a command acts on.

    Raises `InputError` when there is none.
    """
    context = click.get_current_context(silent=True)
    given = folder or (context.find_root().obj if context else None)
    return find_workspace(Path(given or "."))


def has_terminal() -> bool:
    """Return whether a person can answer; without standard input, nobody can."""
    return sys.stdin is not None and sys.stdin.isatty()


def typed_day(option: str, given: str) -> str:
    """Return a date given with an option. Raises `InputError`."""
    try:
        return parse_day(given)
    except InputError:
        raise InputError(
            f"{option} : « {shown(given)} » n’est pas une date, comme 18/03/2027."
        ) from None


def drafted(place: Workspace) -> Charter:
    """Return the charter of the workspace as its answers now make it."""
    from charter_builder.assembly import assemble

    warn_of_another_library(place)
    warn_of_moved_answers(place)
    return assemble(place.library, place.answers())


def warn_of_moved_answers(place: Workspace) -> None:
    """Say which answers follow a library that changed names or places."""
    for said in answers_moved(place.answers_path, place.library):
        click.echo(report.wrapped(f"Réponses : {said}"), err=True)


def warn_of_another_library(place: Workspace) -> None:
    """Say when the library is no longer the one of the last draft."""
    lock = place.lock()
    if lock is None or lock.digest == place.library.digest:
        return
    manifest = place.library.manifest
    click.echo(
        f"Attention : la bibliothèque a changé depuis le dernier projet "
        f"({lock.id} {lock.version} → {manifest.id} {manifest.version}, empreinte "
        f"{place.library.digest[:12]}). Relisez le projet ; « charter draft » enregistre "
        "la nouvelle version.",
        err=True,
    )
