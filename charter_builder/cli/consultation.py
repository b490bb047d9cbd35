"""`charter consultation`: the social dialogue, from its opening to its register."""

import re
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter

from charter_builder import french
from charter_builder.cli import Entry, LazyGroup, report
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.consultation import (
    VISIBILITY_LABELS,
    ConsultationSettings,
    day_of,
    moment,
)
from charter_builder.dialogue import STATUS_LABELS, Dialogue, Standing
from charter_builder.errors import InputError
from charter_builder.follow_up import bounded_line
from charter_builder.register import (
    DISPOSITION_LABELS,
    ENTRY_LABELS,
    KIND_LABELS,
    AnyEntry,
    Opened,
    SettingsChanged,
    clean_text,
)
from charter_builder.storage.consultation_files import (
    SETTINGS,
    consultation_text,
    dialogue_of,
    journal,
    load_consultation,
    refuse_publication,
    settings_path,
    versions_of,
)
from charter_builder.storage.files import write_atomic
from charter_builder.storage.register_files import Journal, Stamp, now
from charter_builder.storage.validation import validate
from charter_builder.storage.version_register import complete_register, record_version
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import fold
from charter_builder.units import FrozenVersion

_SETTINGS = TypeAdapter(ConsultationSettings)

HERE = "consultation"
COMMANDS = {
    "open": Entry(
        HERE, "open_", "Ouvre la concertation sur la dernière version figée."
    ),
    "import": Entry(
        "intake", "import_", "Enregistre les fichiers et les courriels reçus."
    ),
    "record": Entry("intake", "record", "Saisit une contribution reçue sur papier."),
    "list": Entry(HERE, "list_", "Donne les contributions et où elles en sont."),
    "reply": Entry("replies", "reply", "Prépare la réponse à une contribution."),
    "decide": Entry("decisions", "decide", "Rend officielles des réponses préparées."),
    "contest": Entry(
        "follow_up", "contest", "Enregistre la contestation d’une réponse."
    ),
    "withdraw": Entry(
        "follow_up", "withdraw", "Retire une contribution, pour son organisation."
    ),
    "reclassify": Entry(
        "follow_up", "reclassify", "Corrige l’article ou la nature d’une contribution."
    ),
    "done": Entry("follow_up", "done", "Dit faite l’action promise par une réponse."),
    "apply": Entry("apply", "apply", "Porte une rédaction adoptée dans le projet."),
    "trace": Entry("trace", "trace", "Dit d’où vient chaque changement."),
    "bordereau": Entry(
        "bordereaux", "bordereau", "Remet à une organisation ce que le registre tient."
    ),
    "close": Entry("decisions", "close", "Clôt la concertation, si rien ne reste dû."),
    "export": Entry(
        "register_export", "export", "Exporte le registre en tableaux (ODS ou CSV)."
    ),
    "receipt": Entry("proofs", "receipt", "Donne le récépissé d’une contribution."),
    "redact": Entry("proofs", "redact", "Expurge un texte, avec son motif légal."),
    "verify": Entry(
        "proofs", "verify", "Vérifie le registre, un récépissé, une copie."
    ),
}


@click.group(cls=LazyGroup, entries=COMMANDS, subcommand_metavar="COMMANDE …")
def consultation() -> None:
    """La concertation : contributions, réponses, registre.

    Chaque contribution est enregistrée dans un registre qui ne se réécrit pas, et
    reçoit une réponse motivée.
    """


# --- open ----------------------------------------------------------------------------


@click.command("open")
@in_workspace
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="NOM",
    help="Une organisation qui participe : 'CFDT Interco'. Répétable.",
)
@click.option("--opens", metavar="JOUR", help="Le premier jour : 2027-01-04.")
@click.option("--closes", metavar="JOUR", help="Le dernier jour : 2027-01-29.")
@click.option(
    "--visibility",
    type=click.Choice(["parties", "agents", "public"]),
    help="Qui peut lire le registre.",
)
@click.option(
    "--why",
    metavar="RAISON",
    help="Pourquoi consultation.yml a changé depuis l’ouverture.",
)
def open_(
    folder: Path | None,
    organisations: tuple[str, ...],
    opens: str | None,
    closes: str | None,
    visibility: str | None,
    why: str | None,
) -> None:
    """Ouvre la concertation sur la dernière version figée.

    Les réglages sont dans consultation/consultation.yml : la commande écrit ce fichier
    s’il n’existe pas, et s’arrête pour que vous le relisiez. Relancée, elle inscrit
    l’ouverture au registre.
    """
    place = workspace(folder)
    path = settings_path(place)
    if not path.exists():
        given = _first_settings(place, organisations, opens, closes, visibility)
        write_atomic(path, consultation_text(given))
        click.echo(
            f"{path} : les réglages de la concertation sont écrits. Relisez-les, "
            "corrigez-les, puis relancez « charter consultation open »."
        )
        return
    if organisations or opens or closes or visibility:
        raise InputError(
            f"{path} : ce fichier existe déjà : corrigez-le, puis relancez sans option."
        )
    settings = load_consultation(place)
    refuse_publication(place, settings.visibility)
    versions = versions_of(place)
    if not versions:
        raise InputError(
            "aucune version n’est figée : les contributions citent un texte qui ne "
            "change plus. Figez-la : « charter freeze »."
        )
    register = journal(place)
    recorded = open_register(register, settings, versions[max(versions)], why)
    completed = complete_register(register, place.root)
    for entry in completed:
        click.echo(
            f"Registre complété : entrée {entry.seq}, {ENTRY_LABELS[entry.type]}."
        )
    if not recorded:
        if completed:
            return
        click.echo("La concertation est déjà ouverte, avec ces réglages.")
        return
    last = max(versions)
    click.echo(
        f"Concertation « {settings.title} » : version {last}, du "
        f"{french.day(settings.opens)} au {french.day(settings.closes)}, "
        f"{french.counted(len(settings.organisations), 'organisation', 'organisations')}, "
        f"lisible par {VISIBILITY_LABELS[settings.visibility]}."
    )
    click.echo(f"Registre : entrée {register.dialogue.head.size}, {_short(register)}.")


def open_register(
    register: Journal,
    settings: ConsultationSettings,
    version: FrozenVersion,
    why: str | None = None,
) -> list[AnyEntry]:
    """Record the opening, or the settings that changed, and the version in force.

    Returns the entries recorded: none when the register says all this already.
    """
    before = register.refresh()
    recorded: list[AnyEntry] = []
    if before.settings is None:
        recorded.append(
            register.append(
                lambda _, stamp: Opened(**stamp._asdict(), settings=settings)
            )
        )
    elif before.settings != settings:
        recorded.append(
            register.append(lambda now_, stamp: _changed(now_, stamp, settings, why))
        )
    if not register.refresh().versions:
        recorded += record_version(register, version)
    return recorded


def _changed(
    dialogue: Dialogue, stamp: Stamp, settings: ConsultationSettings, why: str | None
) -> SettingsChanged:
    before = dialogue.opened
    if dialogue.closed is not None:
        raise InputError("la concertation est close : ses réglages ne changent plus.")
    if settings.visibility != before.visibility:
        raise InputError(
            "« visibility » ne change pas une fois la concertation ouverte : les "
            f"organisations ont écrit pour être lues par "
            f"{VISIBILITY_LABELS[before.visibility]}. Rétablissez « "
            f"{before.visibility} »."
        )
    if settings.id != before.id:
        raise InputError(f"« id » ne change pas : rétablissez « {before.id} ».")
    gone = [o.id for o in before.organisations if settings.organisation(o.id) is None]
    if gone:
        raise InputError(
            f"« {gone[0]} » ne se retire pas : ses contributions restent au registre. "
            "Donnez à son mandat un dernier jour (until)."
        )
    said = bounded_line(
        why or "",
        "consultation.yml a changé depuis l’ouverture. Dites pourquoi, pour le "
        "registre : « charter consultation open --why 'prolongée d’une semaine' ».",
    )
    return SettingsChanged(**stamp._asdict(), settings=settings, why=said)


def _first_settings(
    place: Workspace,
    organisations: Sequence[str],
    opens: str | None,
    closes: str | None,
    visibility: str | None,
) -> ConsultationSettings:
    """Return the settings to start with. Raises `DocumentErrors` for a wrong value."""
    site = place.settings.site
    first = opens or site.opens or day_of(moment(now()))
    names = organisations or (_asked_organisations() if has_terminal() else ())
    if not names:
        raise InputError(
            "aucune organisation n’est nommée. Nommez-les : « charter consultation open "
            "--organisation 'CFDT Interco' --organisation 'CGT Territoriaux' »."
        )
    settings: ConsultationSettings = validate(
        SETTINGS,
        _SETTINGS,
        {
            "id": f"{place.settings.territory[:48]}-{first[:4]}",
            "title": place.library.manifest.title,
            "visibility": visibility or "parties",
            "opens": first,
            "closes": closes or site.closes or first,
            "organisations": tuple(map(_organisation, names)),
            "roles": (
                {"id": "redaction", "title": "Chargé de mission ressources humaines"},
                {"id": "direction", "title": "Direction générale des services"},
            ),
        },
    )
    return settings


def _asked_organisations() -> list[str]:
    """Ask which organisations take part, one by line."""
    click.echo(
        "Quelles organisations participent ? Une par ligne, une ligne vide finit."
    )
    names: list[str] = []
    while name := click.prompt("Organisation", default="", show_default=False).strip():
        names.append(name)
    return names


def _organisation(given: str) -> dict[str, str]:
    """Return the short name and the name in « cfdt=CFDT Interco », or in a name alone."""
    identifier, separator, name = given.partition("=")
    if not separator:
        identifier, name = "-".join(re.findall(r"[a-z0-9]+", fold(given))), given
    return {"id": identifier.strip(), "name": clean_text(name).strip()}


def _short(register: Journal) -> str:
    return f"empreinte {register.dialogue.head.digest[:12]}"


# --- list ----------------------------------------------------------------------------


@click.command("list")
@in_workspace
@click.option("--article", metavar="ARTICLE", help="Celles d’un article.")
@click.option("--organisation", metavar="ID", help="Celles d’une organisation.")
@click.option("--pending", is_flag=True, help="Celles qui attendent une suite.")
def list_(
    folder: Path | None, article: str | None, organisation: str | None, pending: bool
) -> None:
    """Donne les contributions et où elles en sont."""
    place = workspace(folder)
    dialogue = dialogue_of(place)
    settings = dialogue.opened
    versions = versions_of(place)
    today = day_of(moment(now()))
    found = [
        standing
        for standing in dialogue.standings.values()
        if article in (None, standing.unit)
        and organisation in (None, standing.contribution.organisation)
        and not (pending and standing.is_settled)
    ]
    for standing in found:
        author = settings.organisation(standing.contribution.organisation)
        name = author.name if author else standing.contribution.organisation
        version = versions.get(standing.contribution.target.version)
        unit = version.unit(standing.unit) if version else None
        click.echo(
            report.wrapped(
                f"{standing.id}  {name}, {KIND_LABELS[standing.kind]}, "
                f"{unit.name if unit else standing.unit} : {_where(standing, today)}"
            )
        )
    total = len(found)
    waiting = sum(1 for standing in found if not standing.is_settled)
    click.echo(
        f"{french.counted(total, 'contribution', 'contributions')}, dont "
        f"{french.number(waiting)} en attente d’une suite."
    )


def _where(standing: Standing, today: str) -> str:
    reply = standing.reply
    said = STATUS_LABELS[standing.status]
    if reply is not None and standing.status in ("replied", "applied"):
        said = DISPOSITION_LABELS[reply.reply.disposition]
        if standing.applied_in:
            said += f", appliquée dans la version {standing.applied_in}"
        elif standing.awaits_version:
            said += ", à appliquer"
    if standing.is_overdue(today):
        said += " (en retard)"
    elif standing.status == "registered":
        said += f" avant le {french.day(standing.due)}"
    return said
