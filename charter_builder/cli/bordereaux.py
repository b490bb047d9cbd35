"""`charter consultation bordereau`: what each organisation checks before closing."""

from pathlib import Path

import click

from charter_builder.cli.common import in_workspace, workspace
from charter_builder.cli.desk import read_text_file, registrar_of
from charter_builder.cli.prompts import say
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.export.page import html_page
from charter_builder.follow_up import known_organisation
from charter_builder.storage.files import write_atomic
from charter_builder.storage.proceedings import (
    record_bordereau,
    record_bordereau_answer,
)
from charter_builder.storage.registrar import Registrar

FOLDER = "bordereaux"


@click.command()
@in_workspace
@click.argument("organisations", metavar="[ORGANISATION]…", nargs=-1)
@click.option("--confirm", metavar="ID", help="Cette organisation confirme le sien.")
@click.option("--dispute", metavar="ID", help="Cette organisation conteste le sien.")
@click.option("--reason", metavar="TEXTE", help="Ce qu’elle conteste.")
@click.option(
    "--reason-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="Ce qu’elle conteste, dans un fichier de texte.",
)
def bordereau(
    folder: Path | None,
    organisations: tuple[str, ...],
    confirm: str | None,
    dispute: str | None,
    reason: str | None,
    reason_file: Path | None,
) -> None:
    """Écrit le bordereau de chaque organisation, ou enregistre son retour.

    Le bordereau donne ses contributions, les réponses et les empreintes, à vérifier et à
    signer. Sans nom, la commande écrit ceux qui manquent ou ne sont plus à jour.
    """
    place = workspace(folder)
    registrar = registrar_of(place)
    if confirm or dispute:
        said = read_text_file(reason_file) if reason_file else reason
        if organisations or (confirm and (dispute or said)):
            raise InputError(
                "un retour à la fois : --confirm ID, ou --dispute ID --reason TEXTE."
            )
        _answer(registrar, confirm or str(dispute), bool(confirm), said)
        return
    if reason or reason_file:
        raise InputError("--reason va avec --dispute ID.")
    dialogue = registrar.journal.refresh()
    names = [known_organisation(name, dialogue).id for name in organisations]
    names = names or _awaited(dialogue)
    if not names:
        say("Chaque organisation qui a contribué a son bordereau, à jour.")
        return
    for name in names:
        _write(registrar, name, place.private / FOLDER)


def _awaited(dialogue: Dialogue) -> list[str]:
    """Return the organisations whose bordereau is missing or out of date."""
    return [
        organisation.id
        for organisation in dialogue.opened.organisations
        if dialogue.of(organisation.id) and not dialogue.has_bordereau(organisation.id)
    ]


def _write(registrar: Registrar, organisation: str, folder: Path) -> None:
    paths: list[Path] = []

    def keep(seq: int, text: str) -> None:
        paths[:] = [
            folder / f"{organisation}-{seq:06}.{kind}" for kind in ("html", "md")
        ]
        write_atomic(paths[0], html_page(f"Bordereau {organisation}", text))
        write_atomic(paths[1], text)

    entry = record_bordereau(registrar, organisation, keep)
    say(
        f"{paths[0]} : bordereau à imprimer et à remettre, entrée {entry.seq} du "
        f"registre. Le même en texte, {paths[1].name}, a pour empreinte "
        f"{entry.digest[:12]}."
    )


def _answer(
    registrar: Registrar, organisation: str, confirms: bool, reason: str | None
) -> None:
    entry = record_bordereau_answer(registrar, organisation, confirms, reason)
    said = "confirme" if confirms else "conteste"
    name = known_organisation(organisation, registrar.journal.dialogue).name
    say(f"{name} {said} son bordereau, entrée {entry.seq} du registre.")
