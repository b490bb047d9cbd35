"""`charter new`: the folder of one territory."""

import re
from collections.abc import Callable
from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli import prompts
from charter_builder.cli.common import has_terminal
from charter_builder.errors import InputError, unknown_id
from charter_builder.interview import act_day
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.library_files import (
    library_folder,
    load_library,
    shipped_libraries,
)
from charter_builder.storage.workspace_files import create_workspace, refuse_full
from charter_builder.typography import fold
from charter_builder.website.starter import starter_files
from charter_builder.workspace import SHIPPED, SiteSettings, WorkspaceSettings


@click.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path))
@click.option(
    "--profile", default="essentiel", metavar="PROFIL", help="L’ensemble de thèmes."
)
@click.option(
    "--library",
    "followed",
    metavar="BIBLIOTHÈQUE",
    help="Une autre bibliothèque : un nom, comme dialogue-social, ou un dossier.",
)
@click.option("--name", metavar="NOM", help="Le nom de la collectivité.")
@click.option(
    "--date", "act_date", metavar="DATE", help="La date prévue de la délibération."
)
@click.option(
    "--contact",
    metavar="ADRESSE",
    help="L’adresse fonctionnelle qui reçoit les contributions.",
)
def new(
    folder: Path,
    profile: str,
    followed: str | None,
    name: str | None,
    act_date: str | None,
    contact: str | None,
) -> None:
    """Crée l’espace de travail d’une collectivité : le dossier de ses réponses.

    Par exemple : charter new valmorane
    """
    refuse_full(folder)
    library = load_library(library_folder(followed))
    if profile not in library.profiles:
        raise InputError(unknown_id("profil", profile, library.profiles))
    site = _site_settings(contact)
    _need_terminal(name, act_date)
    question = library.questions[library.manifest.territory_name]
    if name is None:
        name = _ask(question.label, question.parse, question.help or "")
    else:
        name = _option("--name", name, question.parse)
    day = _act_day(library, act_date)
    answers = Answers(
        act_date=day,
        profile=profile,
        values={library.manifest.territory_name: name},
    )
    create_workspace(
        folder,
        WorkspaceSettings(
            territory=_slug(name),
            library=_library_setting(folder, followed),
            site=site,
        ),
        library,
        answers,
        starter_files(library.manifest.title, name),
    )
    click.echo(f"{folder} : espace de travail créé pour {name}.")
    click.echo(_profile_lines(library, profile))
    click.echo(f"Étape suivante : « cd {folder} », puis « charter ask ».")


def _need_terminal(name: str | None, act_date: str | None) -> None:
    missing = [
        option
        for option, given in (("--name", name), ("--date", act_date))
        if given is None
    ]
    if missing and not has_terminal():
        raise InputError(f"sans terminal, donnez aussi {' et '.join(missing)}.")


def _profile_lines(library: Library, profile: str) -> str:
    """Return how long the charter will be, and how to have another."""
    count = len(library.profiles[profile].themes)
    line = f"Profil « {profile} » : {french.counted(count, 'article', 'articles')}."
    other = next((name for name in library.profiles if name != profile), None)
    if other is None:
        return line
    return f"{line}\nPour en changer : « charter ask --set profile={other} »."


def _ask(label: str, parse: Callable[[object], object], help_text: str) -> str:
    prompts.say(label)
    while True:
        line = prompts.read_line()
        if line == "?":
            prompts.say(help_text)
            continue
        if line == "q":
            raise click.Abort
        try:
            return str(parse(line))
        except InputError as error:
            prompts.say(f"Non : {error}", "  ", "! ")


def _option(option: str, given: str, parse: Callable[[object], object]) -> str:
    try:
        return str(parse(given))
    except InputError as error:
        raise InputError(f"« {option} » : {error}") from None


def _act_day(library: Library, given: str | None) -> str:
    def parse(text: object) -> str:
        return act_day(library, text)

    if given is not None:
        return _option("--date", given, parse)
    return _ask(
        "À quelle date l’assemblée doit-elle délibérer ? Une date approchée suffit "
        "aujourd’hui ; écrivez-la comme 01/03/2027.",
        parse,
        "Les références juridiques imprimées dans l’acte dépendent de cette date. Pour "
        "la changer plus tard : « charter ask --set act_date=01/06/2027 ».",
    )


def _slug(name: str) -> str:
    letters = fold(name).replace("œ", "oe").replace("æ", "ae")
    words = re.findall(r"[a-z0-9]+", letters)
    return "-".join(words)[:60].strip("-") or "collectivite"


def _library_setting(folder: Path, followed: str | None) -> str:
    name = followed or SHIPPED
    if name in shipped_libraries():
        return name
    target, start = Path(name).resolve(), folder.resolve()
    # Relative, so that the two folders can move together.
    try:
        common = Path(*_common(target, start))
        up = len(start.relative_to(common).parts)
        return "/".join([".."] * up + list(target.relative_to(common).parts))
    except ValueError:
        return str(target)


def _common(first: Path, second: Path) -> list[str]:
    shared = []
    for one, other in zip(first.parts, second.parts, strict=False):
        if one != other:
            break
        shared.append(one)
    return shared


def _site_settings(contact: str | None) -> SiteSettings:
    if contact is None:
        return SiteSettings()
    try:
        return SiteSettings(contact=contact)
    except ValueError:
        raise InputError(
            f"« {contact} » n’est pas une adresse de messagerie."
        ) from None
