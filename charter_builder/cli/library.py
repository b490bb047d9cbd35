"""`charter library`: for the authors of clauses."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from charter_builder import french
from charter_builder.cli import report
from charter_builder.cli.common import drafted, typed_day
from charter_builder.cli.coverage import coverage
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.schema_reference import report_schema
from charter_builder.storage.library_files import (
    document_kinds,
    library_folder,
    load_library,
    shipped_libraries,
)
from charter_builder.storage.library_style import format_library
from charter_builder.storage.provisions_files import load_mapping
from charter_builder.storage.workspace_files import find_workspace
from charter_builder.typography import polish
from charter_builder.watch import DEFAULT_MONTHS, Alert, WatchReport, watched


@click.group(subcommand_metavar="COMMANDE …")
def library() -> None:
    """Pour les auteurs de clauses."""


library.add_command(coverage)

_folder = click.argument(
    "folder",
    metavar="[BIBLIOTHÈQUE]",
    default=None,
    required=False,
)


@library.command("check", short_help="Vérifie une bibliothèque de clauses.")
@_folder
@click.option(
    "--format",
    "rewrite",
    is_flag=True,
    help="Réécrit aussi les fichiers dans le style commun, sans rien perdre.",
)
def check_library(folder: str | None, rewrite: bool) -> None:
    """Vérifie une bibliothèque de clauses, toutes les erreurs à la fois.

    BIBLIOTHÈQUE est un dossier, ou le nom d’une bibliothèque fournie. --format demande
    un dossier, et ne réécrit rien si la bibliothèque a une erreur.
    """
    where = library_folder(folder)
    if rewrite:
        if folder in (None, *shipped_libraries()):
            raise InputError(
                "une bibliothèque fournie ne se réécrit pas : donnez le dossier de la "
                "vôtre."
            )
        changed = format_library(where)
        for path in changed:
            click.echo(f"{shown(path, 1_000)} : mis en forme.")
        count = french.counted(len(changed), "fichier réécrit", "fichiers réécrits")
        click.echo(f"Mise en forme : {count}.")
    loaded = load_library(where)
    load_mapping(where, loaded)
    manifest = loaded.manifest
    ready = len(list(loaded.open_themes()))
    click.echo(
        f"{manifest.id} {manifest.version} : "
        f"{french.counted(len(loaded.themes), 'thème', 'thèmes')} dont {ready} "
        f"avec leurs clauses, {french.counted(len(loaded.options), 'option', 'options')}, "
        f"{french.counted(len(loaded.owned), 'question', 'questions')}, "
        f"{french.counted(len(loaded.rules), 'règle', 'règles')}, "
        f"{french.counted(len(loaded.references), 'référence', 'références')}. "
        "Aucune erreur."
    )
    click.echo(f"Empreinte : {loaded.digest}")


@library.command("show")
@_folder
def show_library(folder: str | None) -> None:
    """Liste les thèmes et leurs options.

    BIBLIOTHÈQUE est un dossier, ou le nom d’une bibliothèque fournie.
    """
    loaded = load_library(library_folder(folder))
    for plan in loaded.manifest.parts.values():
        click.echo(f"\n{polish(plan.title)}")
        for theme in plan.themes:
            options = loaded.options_by_theme[theme]
            waiting = "" if options else " (en préparation)"
            click.echo(f"  {theme} : {polish(loaded.themes[theme].title)}{waiting}")
            for option in options:
                click.echo(f"    {option.id} : {polish(option.title)}")


@library.command("watch")
@_folder
@click.option("--on", "day", metavar="DATE", help="Le jour à regarder (aujourd’hui).")
@click.option(
    "--months",
    default=DEFAULT_MONTHS,
    show_default=True,
    type=click.IntRange(1, 120),
    metavar="MOIS",
    help="Une vérification plus ancienne est signalée.",
)
@click.option(
    "--workspace",
    "workspaces",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DOSSIER",
    help="Dit aussi si le projet de cet espace de travail est touché.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Pour une personne (text) ou un programme (json).",
)
def watch_library(
    folder: str | None,
    day: str | None,
    months: int,
    workspaces: tuple[Path, ...],
    form: str,
) -> None:
    """Dit quelles références sont à relire, et ce qui en dépend."""
    loaded = load_library(library_folder(folder))
    on = typed_day("--on", day) if day else date.today().isoformat()
    charters = {str(path): drafted(find_workspace(path)) for path in workspaces}
    alerts = watched(loaded, on, months, charters)
    if form == "json":
        result = WatchReport(
            on=on,
            library=loaded.manifest.id,
            version=loaded.manifest.version,
            alerts=tuple(alerts),
        )
        click.echo(result.model_dump_json(indent=2))
        return
    for alert in alerts:
        click.echo(_alert_text(alert) + "\n")
    count = french.counted(len(alerts), "référence à relire", "références à relire")
    click.echo(f"Au {french.day(on)} : {count}.")


_ALERTS = {
    "expired": "PLUS DE TEXTE",
    "changed": "A CHANGÉ",
    "ending": "VA CHANGER",
    "unchecked": "À REVÉRIFIER",
}


def _alert_text(alert: Alert) -> str:
    cited = list(alert.cited_by)
    more = f" et {len(cited) - 12} autres" if len(cited) > 12 else ""
    lines = [
        report.wrapped(f"{_ALERTS[alert.kind]} · {alert.subject} : {alert.detail}"),
        report.wrapped(f"Fait : {alert.fact} ({alert.force})", "  "),
        report.wrapped(f"Cité par : {', '.join(cited[:12])}{more}", "  "),
    ]
    if alert.workspaces:
        lines.append(report.wrapped(f"Projets : {', '.join(alert.workspaces)}", "  "))
    return "\n".join(lines)


@library.command("schema", short_help="Imprime le JSON Schema des fichiers.")
@click.argument("kind", required=False, metavar="[GENRE]")
def schema(kind: str | None) -> None:
    """Imprime le JSON Schema des fichiers, pour que l’éditeur complète les clés.

    GENRE : library, questions, profiles, lexicon, legal/references,
    legal/requirements, legal/audit, rules, annexes, theme, option, coverage/base, coverage ou
    provisions ; tous par défaut. Et check, pour ce qu’imprime « charter check
    --format json ».
    """
    schemas = {name: _schema(name) for name in document_kinds()}
    if kind == "check":
        click.echo(as_text(report_schema()))
        return
    if kind is not None and kind not in schemas:
        hint = (
            did_you_mean(kind, [*schemas, "check"])
            or f" Genres : {', '.join(schemas)}."
        )
        raise InputError(f"« {shown(kind)} » n’est pas un genre de fichier.{hint}")
    wanted = schemas if kind is None else schemas[kind]
    click.echo(as_text(wanted))


def as_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)


def _schema(kind: str) -> dict[str, Any]:
    found = document_kinds()[kind].json_schema(by_alias=True)
    if kind in ("annexes", "theme", "option"):
        # The id is the name of the file: an author never writes it.
        for model in (found, *found.get("$defs", {}).values()):
            if "id" in model.get("properties", ()):
                del model["properties"]["id"]
                model["required"] = [key for key in model["required"] if key != "id"]
    return found
