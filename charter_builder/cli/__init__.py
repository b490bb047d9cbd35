"""The `charter` command: reads, calls the core, writes. No decision is taken here."""

import importlib
import sys
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import click

from charter_builder.errors import (
    CharterError,
    ConflictError,
    InputError,
    system_refusal,
)


class Entry(NamedTuple):
    """Where a command is, so that `--help` imports none of them."""

    module: str
    name: str
    help: str


COMMANDS = {
    "new": Entry("workspace", "new", "Crée l’espace de travail d’une collectivité."),
    "ask": Entry("ask", "ask", "Pose les questions et enregistre chaque réponse."),
    "draft": Entry("draft", "draft", "Écrit le projet de charte et la délibération."),
    "check": Entry("draft", "check", "Vérifie la légalité et les contenus du projet."),
    "explain": Entry(
        "draft", "explain", "Dit pourquoi un article ou un passage est là."
    ),
    "export": Entry("draft", "export", "Produit un document Word ou Markdown."),
    "audit": Entry(
        "audit", "audit", "Relit une charte existante selon le droit d’un jour."
    ),
    "site": Entry("site", "site", "Construit ou sert le site de la concertation."),
    "freeze": Entry("versions", "freeze", "Fige le projet en une version numérotée."),
    "verify": Entry("versions", "verify", "Dit si un texte est celui d’une version."),
    "consultation": Entry(
        "consultation", "consultation", "La concertation : contributions et réponses."
    ),
    "library": Entry("library", "library", "Pour les auteurs de clauses."),
    "demo": Entry("demo", "demo", "Monte l’exemple complet d’une ville fictive."),
}


INTERRUPTED = 130


class Failure(click.ClickException):
    """A domain error as the terminal shows it."""

    def __init__(self, error: CharterError) -> None:
        super().__init__(str(error))
        self.exit_code = 3 if isinstance(error, ConflictError) else 2  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error, its long lines folded at words when a person reads it."""
        if file is None and sys.stderr.isatty():
            from charter_builder.cli.report import folded

            click.echo(folded(f"Erreur : {self.message}"), err=True)
        else:
            super().show(file)


class LazyGroup(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def __init__(
        self, *args: Any, entries: Mapping[str, Entry] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"charter_builder.cli.{entry.module}")
        command: click.Command = getattr(module, entry.name)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commandes\N{NO-BREAK SPACE}"):
            formatter.write_dl(
                [(name, entry.help) for name, entry in self.entries.items()]
            )


class Application(LazyGroup):
    """The whole program: domain errors become one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CharterError as error:
            raise Failure(error) from error
        except BrokenPipeError:
            # Who read our output has gone: click ends without a word.
            raise
        except OSError as error:
            # The last resort: whoever reads or writes a file says it better.
            raise Failure(InputError(system_refusal(error))) from error
        except (click.Abort, KeyboardInterrupt):
            # click would exit with 1, which says that a legal error was found.
            click.echo("\nInterrompu.", err=True)
            ctx.exit(INTERRUPTED)


@click.group(
    cls=Application,
    entries=COMMANDS,
    subcommand_metavar="COMMANDE …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.option(
    "-C",
    "folder",
    type=click.Path(),
    metavar="DOSSIER",
    help="Travaille sur l’espace de travail de ce dossier.",
)
@click.version_option(package_name="charter-builder")
@click.pass_context
def charter(ctx: click.Context, folder: str | None) -> None:
    """Co-écrire la charte d’une collectivité.

    Un espace de travail se crée avec « charter new » ; les autres commandes agissent
    sur celui du dossier courant, ou de celui que donne « -C ».
    """
    ctx.obj = folder
