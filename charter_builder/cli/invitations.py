"""`charter consultation invite`: the links by which one enters the live server."""

from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli.common import in_workspace, workspace
from charter_builder.cli.live import refuse_without_packages
from charter_builder.consultation import ConsultationSettings, day_of, moment
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.storage.consultation_files import dialogue_of
from charter_builder.storage.invitations import Invitation, Invitations, Subject
from charter_builder.storage.private_store import NAME, PrivateStore
from charter_builder.storage.register_files import now


@click.command("invite")
@in_workspace
@click.argument("organisation", required=False)
@click.option("--role", metavar="ID", help="Invite une fonction qui répond.")
@click.option("--readers", is_flag=True, help="Invite à lire, sans rien déposer.")
@click.option(
    "--origin",
    metavar="ADRESSE",
    help="L’adresse du serveur : https://…, dans le lien.",
)
@click.option("--list", "listed", is_flag=True, help="Donne les invitations.")
@click.option("--revoke", metavar="NOM", help="Révoque une invitation.")
def invite(
    folder: Path | None,
    organisation: str | None,
    role: str | None,
    readers: bool,
    origin: str | None,
    listed: bool,
    revoke: str | None,
) -> None:
    """Donne, liste ou révoque les liens d’invitation.

    Un lien sert jusqu’à la clôture, autant de fois qu’il faut. Il n’est écrit nulle
    part : il ne s’affiche qu’une fois, et se remet à l’organisation elle-même.
    """
    refuse_without_packages()
    asked = [bool(organisation), bool(role), readers, listed, bool(revoke)]
    if sum(asked) != 1:
        raise InputError(
            "dites une seule chose : une organisation, --role, --readers, --list ou "
            "--revoke."
        )
    place = workspace(folder)
    dialogue = dialogue_of(place)
    settings = dialogue.opened
    invitations = Invitations(PrivateStore(place.private / NAME), settings.id)
    at = moment(now())
    if listed:
        _list(invitations, settings)
    elif revoke:
        gone = invitations.revoke(revoke, at)
        click.echo(
            f"Invitation {gone.name} ({_name(gone.subject, settings)}) révoquée : ses "
            "sessions sont fermées."
        )
    else:
        if dialogue.closed is not None:
            raise InputError("la concertation est close : personne n’y entre plus.")
        subject = _subject(organisation, role, settings)
        token = invitations.invite(subject, at)
        click.echo(f"Invitation au nom de : {_name(subject, settings)}")
        click.echo(f"{(origin or '').rstrip('/')}/entrer/{token}")
        click.echo(
            "Ce lien ne s’affichera plus : remettez-le à l’adresse fonctionnelle "
            "concernée, et à elle seule."
            + ("" if origin else " Mettez devant l’adresse de votre serveur.")
        )


def _subject(
    organisation: str | None, role: str | None, settings: ConsultationSettings
) -> Subject:
    if organisation:
        known = [one.id for one in settings.organisations]
        if settings.organisation(organisation) is None:
            raise InputError(
                f"« {shown(organisation)} » ne participe pas à cette concertation."
                f"{did_you_mean(organisation, known)} Organisations : "
                f"{', '.join(known)}."
            )
        return Subject("organisation", organisation)
    if role:
        known = [one.id for one in settings.roles]
        if settings.role(role) is None:
            raise InputError(
                f"« {shown(role)} » n’est pas une fonction de cette concertation."
                f"{did_you_mean(role, known)} Fonctions : {', '.join(known)}."
            )
        return Subject("role", role)
    return Subject("reader", "lecture")


def _name(subject: Subject, settings: ConsultationSettings) -> str:
    if subject.kind == "reader":
        return "lecture seule"
    if subject.kind == "organisation":
        organisation = settings.organisation(subject.id)
        return organisation.name if organisation else subject.id
    role = settings.role(subject.id)
    return role.title if role else subject.id


def _list(invitations: Invitations, settings: ConsultationSettings) -> None:
    given = invitations.all()
    for one in given:
        click.echo(f"{one.name}  {_name(one.subject, settings)} : {_told(one)}")
    click.echo(f"{french.counted(len(given), 'invitation', 'invitations')}.")


def _told(one: Invitation) -> str:
    said = f"donnée le {french.day(day_of(one.created))}"
    if one.revoked:
        return f"{said}, révoquée le {french.day(day_of(one.revoked))}"
    if one.last_used:
        return f"{said}, ouverte le {french.day(day_of(one.last_used))}"
    return f"{said}, jamais ouverte"
