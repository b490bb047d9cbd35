"""`contest`, `withdraw`, `reclassify`, `done`: what follows a contribution."""

from pathlib import Path
from typing import get_args

import click

from charter_builder import french
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.desk import (
    ask_text,
    read_text_file,
    registrar_of,
    stoppable,
)
from charter_builder.cli.prompts import say
from charter_builder.dialogue import contribution_number
from charter_builder.errors import InputError
from charter_builder.follow_up import bounded_line, refuse_contest
from charter_builder.register import KIND_LABELS, Kind
from charter_builder.storage.proceedings import (
    record_action_done,
    record_contest,
    record_reclassification,
    record_withdrawal,
)

_organisation = click.option(
    "--organisation",
    required=True,
    metavar="ID",
    help="L’organisation qui a déposé la contribution.",
)


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@_organisation
@click.option("--reason", metavar="TEXTE", help="Pourquoi elle conteste.")
@click.option(
    "--reason-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="Pourquoi elle conteste, dans un fichier de texte.",
)
def contest(
    folder: Path | None,
    identifier: str,
    organisation: str,
    reason: str | None,
    reason_file: Path | None,
) -> None:
    """Enregistre qu’une organisation conteste la réponse à sa contribution.

    Une réponse se conteste une fois. Une seconde décision est alors due ; elle est
    définitive.
    """
    if reason is not None and reason_file is not None:
        raise InputError("donnez --reason ou --reason-file, l’un ou l’autre.")
    registrar = registrar_of(workspace(folder))
    number = contribution_number(identifier)
    said = read_text_file(reason_file) if reason_file else reason
    if said is None and has_terminal():
        refuse_contest(registrar.journal.refresh(), number, organisation)
        with stoppable("Rien n’est inscrit au registre."):
            said = ask_text(f"Pourquoi la réponse à {number} est-elle contestée ?")
        if said is None:
            return
    if said is None:
        raise InputError(
            "dites pourquoi la réponse est contestée : --reason ou --reason-file."
        )
    entry = record_contest(registrar, number, organisation, said, registrar.random())
    say(
        f"{number} : contestation inscrite, entrée {entry.seq} du registre. Une seconde "
        f"décision est due : « charter consultation reply {number} », puis « charter "
        "consultation decide »."
    )


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@_organisation
def withdraw(folder: Path | None, identifier: str, organisation: str) -> None:
    """Retire une contribution, à la demande de l’organisation qui l’a déposée.

    Elle reste au registre, marquée comme retirée.
    """
    registrar = registrar_of(workspace(folder))
    number = contribution_number(identifier)
    entry = record_withdrawal(registrar, number, organisation)
    say(f"{number} : retirée par son organisation, entrée {entry.seq} du registre.")


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@click.option("--article", metavar="ARTICLE", help="L’article dont elle parle.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Sa nature.")
@click.option("--why", required=True, metavar="TEXTE", help="Pourquoi, en une ligne.")
def reclassify(
    folder: Path | None,
    identifier: str,
    article: str | None,
    kind: Kind | None,
    why: str,
) -> None:
    """Corrige l’article ou la nature d’une contribution.

    Son texte ne change pas, et sa place d’origine reste au registre. Seuls un
    commentaire et une question se changent l’un en l’autre.
    """
    registrar = registrar_of(workspace(folder))
    number = contribution_number(identifier)
    said = bounded_line(why, "--why : dites pourquoi, en une ligne.")
    entry = record_reclassification(registrar, number, article, kind, said)
    places = [article] if article else []
    places += [KIND_LABELS[kind]] if kind else []
    say(
        f"{number} : reclassée ({french.enumeration(places)}), entrée {entry.seq} du "
        "registre."
    )


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@click.option("--what", required=True, metavar="TEXTE", help="Ce qui a été fait.")
def done(folder: Path | None, identifier: str, what: str) -> None:
    """Dit faite l’action que la réponse à une contribution promettait."""
    registrar = registrar_of(workspace(folder))
    number = contribution_number(identifier)
    entry = record_action_done(registrar, number, what)
    say(f"{number} : action faite, entrée {entry.seq} du registre.")
