"""`charter consultation`: the social dialogue, from its opening to its register."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter

from charter_builder import french
from charter_builder.cli import Entry, LazyGroup, report
from charter_builder.cli.common import has_terminal, in_workspace, typed_day, workspace
from charter_builder.cli.desk import ask_day, known_unit, stoppable, store_of
from charter_builder.cli.prompts import read_line, say
from charter_builder.consultation import (
    VISIBILITY_LABELS,
    ConsultationSettings,
    Organisation,
    day_of,
    moment,
)
from charter_builder.dialogue import (
    STATUS_LABELS,
    Dialogue,
    Standing,
    organisation_name,
)
from charter_builder.errors import InputError
from charter_builder.follow_up import known_organisation
from charter_builder.register import (
    DISPOSITION_LABELS,
    ENTRY_LABELS,
    KIND_LABELS,
    AnyEntry,
    Opened,
    SettingsChanged,
    clean_text,
)
from charter_builder.replies import SavedDraft
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
from charter_builder.storage.draft_store import drafts
from charter_builder.storage.files import write_atomic
from charter_builder.storage.register_files import Journal, Stamp, now
from charter_builder.storage.validation import validate
from charter_builder.storage.version_register import complete_register, record_version
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typed_text import bounded_line
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
    "record": Entry("paper", "record", "Saisit une contribution reçue sur papier."),
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
    "processing-record": Entry(
        "privacy", "record", "Écrit la fiche du registre des traitements."
    ),
    "purge": Entry(
        "privacy", "purge", "Efface ce que private/ garde au-delà de son délai."
    ),
    "receipt": Entry("proofs", "receipt", "Donne le récépissé d’une contribution."),
    "redact": Entry("proofs", "redact", "Expurge un texte, avec son motif légal."),
    "verify": Entry(
        "proofs", "verify", "Vérifie le registre, un récépissé, une copie."
    ),
    "invite": Entry(
        "invitations", "invite", "Donne, liste ou révoque les liens d’invitation."
    ),
    "serve": Entry(
        "live", "serve", "Sert la concertation : dépôts et réponses en ligne."
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
@click.option("--opens", metavar="JOUR", help="Le premier jour : 04/01/2027.")
@click.option("--closes", metavar="JOUR", help="Le dernier jour : 29/01/2027.")
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
        with stoppable("Rien n’est écrit."):
            _write_settings(place, organisations, opens, closes, visibility)
        return
    if organisations or opens or closes or visibility:
        raise InputError(
            f"{path} : ce fichier existe déjà. Corrigez-le avec un éditeur de texte, "
            "puis relancez « charter consultation open » sans option."
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
        say(f"Registre complété : entrée {entry.seq}, {ENTRY_LABELS[entry.type]}.")
    if not recorded:
        if completed:
            return
        click.echo("La concertation est déjà ouverte, avec ces réglages.")
        return
    if any(entry.type == "consultation.opened" for entry in recorded):
        say(
            f"Concertation « {settings.title} » ouverte sur la version {max(versions)}."
        )
    else:
        say(
            f"Concertation « {settings.title} » : nouveaux réglages inscrits, et pourquoi."
        )
    _say_settings(settings)
    say(f"Registre : entrée {register.dialogue.head.size}, {_short(register)}.")
    say("Étape suivante : « charter site build » met le formulaire dans le site.")


def _write_settings(
    place: Workspace,
    organisations: Sequence[str],
    opens: str | None,
    closes: str | None,
    visibility: str | None,
) -> None:
    """Write the first settings, to read again before opening."""
    given = _first_settings(place, organisations, opens, closes, visibility)
    path = settings_path(place)
    write_atomic(path, consultation_text(given))
    say(f"{path} : les réglages de la concertation sont écrits.")
    _say_settings(given)
    say(
        "Relisez-les. Pour les corriger, ouvrez ce fichier avec un éditeur de texte. "
        "Puis relancez « charter consultation open » sans option : la concertation "
        "s’ouvre."
    )


def _say_settings(settings: ConsultationSettings) -> None:
    """Say what the settings hold, with the names to type in the other commands."""
    say(
        f"Du {french.day(settings.opens)} au {french.day(settings.closes)}, registre "
        f"lisible par {VISIBILITY_LABELS[settings.visibility]}.",
        "  ",
        "  ",
    )
    for what, option, names in (
        ("Organisations", "--organisation", settings.organisations),
        ("Fonctions", "--as", settings.roles),
    ):
        say(f"{what} (à désigner par {option}) :", "  ", "  ")
        for one in names:
            title = one.name if isinstance(one, Organisation) else one.title
            say(f"{one.id} : {title}", "      ", "    ")


def open_register(
    register: Journal,
    settings: ConsultationSettings,
    version: FrozenVersion,
    why: str | None = None,
) -> list[AnyEntry]:
    """Record the opening, or the settings that changed, and the version in force.

    Returns the entries recorded: none when the register says all this already.
    """
    size = 0

    def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
        # Under the lock: somebody else may have opened it meanwhile.
        nonlocal size
        size = dialogue.head.size
        if dialogue.settings is None:
            return Opened(**stamp._asdict(), settings=settings)
        if dialogue.settings == settings:
            return register.entries[-1]
        return _changed(dialogue, stamp, settings, why)

    entry = register.append(make)
    recorded = [entry] if entry.seq > size else []
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
    if settings.closes < before.closes:
        raise InputError(
            "« closes » ne s’avance pas : les organisations comptent sur ce jour. "
            f"Rétablissez '{before.closes}', ou un jour plus tard."
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
        "consultation.yml a changé depuis l’ouverture. Dites pourquoi, pour le registre : "
        "« charter consultation open --why 'prolongée d’une semaine' ».",
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
    names = organisations or (_asked_organisations() if has_terminal() else ())
    if not names:
        raise InputError(
            "aucune organisation n’est nommée. Nommez-les : « charter consultation open "
            "--organisation 'CFDT Interco' --organisation 'CGT Territoriaux' »."
        )
    first = _day("--opens", opens or site.opens, "Quel est le premier jour ?")
    last = _day("--closes", closes or site.closes, "Quel est le dernier jour ?")
    settings: ConsultationSettings = validate(
        SETTINGS,
        _SETTINGS,
        {
            "id": f"{place.settings.territory[:48]}-{first[:4]}",
            "title": place.library.manifest.title,
            "visibility": visibility or "parties",
            "opens": first,
            "closes": last,
            "organisations": _organisations(names),
            "roles": (
                {"id": "redaction", "title": "Chargé de mission ressources humaines"},
                {"id": "direction", "title": "Direction générale des services"},
            ),
        },
    )
    return settings


def _day(option: str, given: str | None, question: str) -> str:
    """Return a day, asked in a terminal. Raises `InputError`."""
    if given:
        return typed_day(option, given)
    if has_terminal():
        return ask_day(question)
    raise InputError(f"{question} Donnez-le : « {option} 18/03/2027 ».")


def _asked_organisations() -> list[str]:
    """Ask which organisations take part, one by line."""
    say("Quelles organisations participent ? Une par ligne, une ligne vide finit.")
    names: list[str] = []
    while name := read_line():
        names.append(name)
    return names


def _organisations(given: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Return the short name and the name of each.

    The short name is the one of « cfdt=CFDT Interco », or the acronym the name starts
    with when no other starts so, or the whole name.
    """
    pairs = [one.rpartition("=") for one in given]
    acronyms = [_acronym(name) for _, _, name in pairs]
    return tuple(
        {
            "id": identifier.strip()
            or (acronym if acronym and acronyms.count(acronym) == 1 else _slug(name)),
            "name": clean_text(name).strip(),
        }
        for (identifier, _, name), acronym in zip(pairs, acronyms, strict=True)
    )


def _acronym(name: str) -> str:
    """Return « cfdt » for « CFDT Interco », nothing when no acronym comes first."""
    first = (name.split() or [""])[0]
    return _slug(first) if len(first) > 1 and first.isupper() else ""


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name)))


def _short(register: Journal) -> str:
    return f"empreinte {register.dialogue.head.digest[:12]}"


# --- list ----------------------------------------------------------------------------


@click.command("list")
@in_workspace
@click.option(
    "--article", metavar="ARTICLE", help="Celles d’un article : numéro ou identifiant."
)
@click.option("--organisation", metavar="ID", help="Celles d’une organisation.")
@click.option("--pending", is_flag=True, help="Celles qui attendent une suite.")
def list_(
    folder: Path | None, article: str | None, organisation: str | None, pending: bool
) -> None:
    """Donne les contributions et où elles en sont."""
    place = workspace(folder)
    dialogue = dialogue_of(place)
    _ = dialogue.opened  # Says when there is none.
    versions = versions_of(place)
    today = day_of(moment(now()))
    if organisation is not None:
        organisation = known_organisation(organisation, dialogue).id
    if article is not None:
        article = known_unit(article, dialogue, versions)
    prepared = _prepared(place)
    found = [
        standing
        for standing in dialogue.standings.values()
        if article in (None, standing.unit)
        and organisation in (None, standing.contribution.organisation)
        and not (pending and standing.is_settled)
    ]
    for standing in found:
        name = organisation_name(standing, dialogue)
        version = versions.get(standing.contribution.target.version)
        unit = version.unit(standing.unit) if version else None
        click.echo(
            report.wrapped(
                f"{standing.id}  {name}, {KIND_LABELS[standing.kind]}, "
                f"{unit.name if unit else standing.unit} : {_where(standing, today)}"
                f"{_preparing(standing, prepared)}",
                "    ",
                "",
            )
        )
    total = len(found)
    waiting = sum(1 for standing in found if not standing.is_settled)
    counted = french.counted(total, "contribution", "contributions")
    if total and waiting == total:
        say(f"{counted}, en attente d’une suite.")
    elif total:
        say(f"{counted}, dont {waiting} en attente d’une suite.")
    else:
        say(f"{counted}.")


def _prepared(place: Workspace) -> dict[str, SavedDraft]:
    """Return the replies in preparation; a workspace never prepared any has no file."""
    store = store_of(place)
    if not store.path.exists():
        return {}
    return {saved.draft.contribution: saved for saved in drafts(store)}


def _preparing(standing: Standing, prepared: Mapping[str, SavedDraft]) -> str:
    saved = prepared.get(standing.id)
    if saved is None:
        return ""
    label = DISPOSITION_LABELS[saved.draft.disposition]
    return f" ; projet de réponse : {label}, à décider"


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
