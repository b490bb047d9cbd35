"""`contest`, `withdraw`, `reclassify`, `done`: what follows a contribution."""

from pathlib import Path
from typing import get_args

import click

from charter_builder import french
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.contribution_report import heading
from charter_builder.cli.desk import (
    ask_text,
    known_unit,
    read_text_file,
    registrar_of,
    stoppable,
    sure,
)
from charter_builder.cli.prompts import say
from charter_builder.dialogue import contribution_number
from charter_builder.errors import InputError, shown
from charter_builder.follow_up import refuse_contest, refuse_withdrawal
from charter_builder.register import KIND_LABELS, Kind
from charter_builder.storage.proceedings import (
    record_action_done,
    record_contest,
    record_reclassification,
    record_withdrawal,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.typed_text import bounded_line

NOTHING_RECORDED = "Arrêté : rien n’est inscrit au registre."

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
        with stoppable(NOTHING_RECORDED):
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
    if has_terminal() and not _sure_to_withdraw(registrar, number, organisation):
        return
    entry = record_withdrawal(registrar, number, organisation)
    say(f"{number} : retirée par son organisation, entrée {entry.seq} du registre.")


def _sure_to_withdraw(registrar: Registrar, number: str, organisation: str) -> bool:
    """Show a contribution, and return whether it is the one: nothing brings it back."""
    dialogue = registrar.journal.refresh()
    refuse_withdrawal(dialogue, number, organisation)
    standing = dialogue.standing(number)
    click.echo(heading(standing, dialogue, registrar.versions))
    words = " ".join((standing.contribution.text or "").split())
    if words:
        say(f"Elle dit : « {shown(words, 200)} »", "  ", "  ")
    agreed = False
    with stoppable(NOTHING_RECORDED):
        agreed = sure("La retirer ? Cela ne se reprend pas.")
        if not agreed:
            say(NOTHING_RECORDED)
    return agreed


@click.command()
@in_workspace
@click.argument("identifier", metavar="NUMÉRO")
@click.option(
    "--article",
    metavar="ARTICLE",
    help="L’article dont elle parle : numéro ou identifiant.",
)
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
    if article is not None:
        dialogue = registrar.journal.refresh()
        article = known_unit(article, dialogue, registrar.versions)
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
