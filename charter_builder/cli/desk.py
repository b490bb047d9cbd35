"""What the commands of the employer's side share: the registrar, and plain questions.

Lines only, no cursor tricks: a number alone, a text that ends on an empty line, `<` to go
back, `q` to stop.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import click

from charter_builder import french
from charter_builder.cli.common import has_terminal
from charter_builder.cli.prompts import GoBack, Quit, plain_line, say
from charter_builder.decisions import known_role
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.questionnaire import parse_day
from charter_builder.storage.consultation_files import (
    journal,
    refuse_other_consultation,
    versions_of,
)
from charter_builder.storage.files import read_ordinary
from charter_builder.storage.private_store import NAME, PrivateStore
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion

MAX_FILE = 1024**2
LONGEST_LINE = 4_095
"""Bytes a terminal gives of one line: it drops the rest without a word."""

NOTHING: Mapping[str, Callable[[], str]] = MappingProxyType({})
T = TypeVar("T")


def registrar_of(place: Workspace) -> Registrar:
    """Return who records in the register of a workspace."""
    registrar = Registrar(journal(place), versions_of(place))
    dialogue = registrar.journal.refresh()
    refuse_other_consultation(place, dialogue)
    refuse_other_versions(dialogue, registrar.versions)
    return registrar


def store_of(place: Workspace) -> PrivateStore:
    return PrivateStore(place.private / NAME)


def read_text_file(path: Path) -> str:
    """Return the text of a file a person wrote. Raises `InputError`."""
    try:
        return read_ordinary(path, MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            f"{path} : ce n’est pas un fichier de texte. Enregistrez-le en texte brut "
            "(.txt), en UTF-8."
        ) from None


def known_unit(
    given: str, dialogue: Dialogue, versions: Mapping[int, FrozenVersion]
) -> str:
    """Return the identifier of an article given by its number or by itself."""
    last = versions[max(versions)]
    for unit in last.units:
        if given in (unit.id, str(unit.number)):
            return unit.id
    known = {u.id for version in versions.values() for u in version.units}
    known |= {standing.unit for standing in dialogue.standings.values()}
    if given in known:
        return given
    raise InputError(
        f"« {shown(given)} » n’est ni le numéro ni l’identifiant d’un article."
        f"{did_you_mean(given, known)}"
    )


def acting_role(given: str | None, dialogue: Dialogue, question: str) -> str:
    """Return the role that acts, asked in a terminal. Raises `InputError`."""
    roles = {role.id: role.title for role in dialogue.opened.roles}
    if given is None and has_terminal():
        return choose(question, roles)
    if given is None:
        raise InputError(
            f"dites au nom de quelle fonction : --as {' ou --as '.join(roles)}."
        )
    known_role(given, dialogue)
    return given


@contextlib.contextmanager
def stoppable(said: str) -> Iterator[None]:
    """Let a person stop at any question; say then what is kept."""
    try:
        yield
    except (Quit, GoBack):
        say(said)
    except (click.Abort, KeyboardInterrupt):
        click.echo()
        say(said)
        raise


# --- questions -----------------------------------------------------------------------


def _until(
    parse: Callable[[str], T], shows: Mapping[str, Callable[[], str]] = NOTHING
) -> T:
    """Read lines until one is an answer; `shows` are letters that show something."""
    while True:
        line = plain_line("> ")
        if line in shows:
            click.echo(shows[line]())
            continue
        try:
            return parse(line)
        except InputError as error:
            say(f"Non : {error}", "  ", "! ")


def choose(
    question: str,
    choices: Mapping[str, str],
    kept: str | None = None,
    shows: Mapping[str, Callable[[], str]] = NOTHING,
) -> str:
    """Return the key of one numbered choice; Enter keeps the one given before."""
    names = list(choices)
    say(question)
    for number, label in enumerate(choices.values(), 1):
        say(label, "     ", f"  {number}. ")
    if kept in choices:
        say(f"Entrée : {names.index(str(kept)) + 1}, comme avant.")

    def parse(line: str) -> str:
        if not line and kept in choices:
            return str(kept)
        if not line.isdecimal() or not 1 <= int(line) <= len(names):
            raise InputError(f"tapez un numéro de 1 à {len(names)}.")
        return names[int(line) - 1]

    return _until(parse, shows)


def choose_several(question: str, choices: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of numbered choices, two at least."""
    names = list(choices)
    say(question)
    for number, label in enumerate(choices.values(), 1):
        say(label, "     ", f"  {number}. ")
    say("Tapez deux numéros au moins, séparés par une virgule : 1,2.")

    def parse(line: str) -> tuple[str, ...]:
        words = line.replace(",", " ").replace(";", " ").split()
        if len(set(words)) < 2 or not all(
            word.isdecimal() and 1 <= int(word) <= len(names) for word in words
        ):
            raise InputError(f"tapez deux numéros au moins, de 1 à {len(names)}.")
        return tuple(dict.fromkeys(names[int(word) - 1] for word in words))

    return _until(parse)


def ask_line(question: str, kept: str | None = None, optional: bool = False) -> str:
    """Return one line; Enter keeps what was given before, or passes when it may."""
    say(question)
    if kept:
        say(f"Entrée garde : {kept}")
    elif optional:
        say("Entrée : rien.")

    def parse(line: str) -> str:
        if line or kept or optional:
            return line or kept or ""
        raise InputError("une réponse est nécessaire ici.")

    return _until(parse)


def pause(question: str) -> None:
    """Wait for the person to have done something elsewhere."""
    say(question)
    plain_line("> ")


def ask_day(
    question: str,
    kept: str | None = None,
    refuse: Callable[[str], None] = lambda _: None,
) -> str:
    """Return a day in ISO form, however it is typed; asked again when refused."""
    say(f"{question} Par exemple : 18/03/2027.")
    if kept:
        say(f"Entrée garde : {french.day(kept)}")

    def parse(line: str) -> str:
        day = kept if kept and not line else parse_day(line)
        refuse(day)
        return day

    return _until(parse)


def ask_text(
    question: str,
    kept: str | None = None,
    optional: bool = False,
    keep: Callable[[str], None] = lambda _: None,
) -> str:
    """Return a text of several lines, which an empty line ends.

    `keep` is given the text after each line, so that an interruption loses no line.
    """
    say(question)
    end = "Une ligne vide termine."
    if kept:
        say("Vous aviez écrit :")
        for line in kept.split("\n"):
            say(line, "  ")
        end += " Une ligne vide d’abord garde ce texte ; « + » d’abord le complète."
    elif optional:
        end += " Une ligne vide d’abord : rien."
    say(end)
    while True:
        lines: list[str] = []
        while line := plain_line("+ "):
            if line == "+" and kept and not lines:
                lines += kept.split("\n")
                continue
            if len(line.encode()) >= LONGEST_LINE:
                say(
                    "Non : le terminal coupe une ligne aussi longue, et celle-ci n’est "
                    "pas prise. Coupez-la, ou mettez ce texte dans un fichier "
                    "(--reason-file, --adopted-file).",
                    "  ",
                    "! ",
                )
                continue
            lines.append(line)
            keep("\n".join(lines))
        if lines or kept or optional:
            return "\n".join(lines) or kept or ""
        say("Non : un texte est nécessaire ici.", "  ", "! ")


def paragraphs(typed: str) -> str:
    """Return lines as paragraphs, the items of a list kept together."""
    text = ""
    for line in typed.split("\n"):
        together = line.startswith("- ") and text
        text += ("\n" if together else "\n\n" if text else "") + line
    return text


def sure(question: str) -> bool:
    """Return the answer to a question whose yes cannot be undone: it is typed."""
    while True:
        say(f"{question} Tapez oui ou non.")
        line = plain_line("> ").lower()
        if line in ("o", "oui"):
            return True
        if line in ("n", "non"):
            return False
        say("Non : répondez par oui ou par non.", "  ", "! ")


def told(lines: Sequence[str]) -> None:
    click.echo("\n".join(lines))
