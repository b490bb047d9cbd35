"""`charter library`: for the authors of clauses."""

import json
from pathlib import Path
from typing import Any

import click

from charter_builder import french
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.storage.library_files import (
    document_kinds,
    load_library,
    shipped_library,
)
from charter_builder.typography import polish


@click.group(subcommand_metavar="COMMANDE …")
def library() -> None:
    """Pour les auteurs de clauses."""


_folder = click.argument(
    "folder",
    metavar="[DOSSIER]",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    required=False,
)


@library.command("check")
@_folder
def check_library(folder: Path | None) -> None:
    """Vérifie une bibliothèque de clauses, toutes les erreurs à la fois."""
    loaded = load_library(folder or shipped_library())
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
def show_library(folder: Path | None) -> None:
    """Liste les thèmes et leurs options."""
    loaded = load_library(folder or shipped_library())
    for plan in loaded.manifest.parts.values():
        click.echo(f"\n{polish(plan.title)}")
        for theme in plan.themes:
            options = loaded.options_by_theme[theme]
            waiting = "" if options else " (en préparation)"
            click.echo(f"  {theme} : {polish(loaded.themes[theme].title)}{waiting}")
            for option in options:
                click.echo(f"    {option.id} : {polish(option.title)}")


@library.command("schema", short_help="Imprime le JSON Schema des fichiers.")
@click.argument("kind", required=False, metavar="[GENRE]")
def schema(kind: str | None) -> None:
    """Imprime le JSON Schema des fichiers, pour que l’éditeur complète les clés.

    GENRE : library, questions, profiles, lexicon, legal/references,
    legal/requirements, legal/audit, rules, annexes, theme ou option ; tous par défaut.
    """
    schemas = {name: _schema(name) for name in document_kinds()}
    if kind is not None and kind not in schemas:
        hint = did_you_mean(kind, schemas) or f" Genres : {', '.join(schemas)}."
        raise InputError(f"« {shown(kind)} » n’est pas un genre de fichier.{hint}")
    wanted = schemas if kind is None else schemas[kind]
    click.echo(json.dumps(wanted, ensure_ascii=False, indent=2, sort_keys=True))


def _schema(kind: str) -> dict[str, Any]:
    found = document_kinds()[kind].json_schema(by_alias=True)
    if kind in ("annexes", "theme", "option"):
        # The id is the name of the file: an author never writes it.
        found["properties"].pop("id", None)
        found["required"] = [key for key in found["required"] if key != "id"]
    return found
