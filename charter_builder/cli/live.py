"""`charter consultation serve`: the consultation as a site one writes in."""

import contextlib
import importlib.util
import threading
from collections.abc import Mapping
from pathlib import Path

import click

from charter_builder.cli.common import in_workspace, workspace
from charter_builder.cli.site import live_stamps, write_sources
from charter_builder.errors import InputError
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website.builder import Session, built_files

PACKAGES = ("flask", "itsdangerous", "waitress")
LOCAL = ("127.0.0.1", "localhost", "::1")


def refuse_without_packages() -> None:
    """Raise `InputError` when what the server needs is not installed."""
    if any(importlib.util.find_spec(name) is None for name in PACKAGES):
        raise InputError(
            "le serveur demande des paquets qui ne sont pas installés : « pip install "
            "'charter-builder[server]' »."
        )


@click.command("serve")
@in_workspace
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADRESSE",
    help="L’adresse où écouter.",
)
@click.option(
    "--port", default=8080, show_default=True, metavar="PORT", help="Le port."
)
@click.option(
    "--origin",
    metavar="ADRESSE",
    help="L’adresse que les gens ouvrent : https://charte.exemple.fr.",
)
@click.option(
    "--behind-proxy",
    "behind",
    metavar="ADRESSE",
    help="L’adresse du serveur web placé devant, dont les en-têtes sont crus.",
)
def serve(
    folder: Path | None, host: str, port: int, origin: str | None, behind: str | None
) -> None:
    """Sert la concertation : dépôts et réponses en ligne.

    Un seul serveur par concertation. Il écrit dans le même registre que les autres
    commandes, qui restent utilisables pendant ce temps.
    """
    refuse_without_packages()
    # Imported here: nobody else needs these packages.
    from charter_builder.server.access import read_origin
    from charter_builder.server.running import Listening
    from charter_builder.server.running import serve as run

    if not 1 <= port <= 65535:
        raise InputError("le port est un nombre de 1 à 65535 : --port 8080.")
    if origin is None and host not in LOCAL:
        raise InputError(
            "dites l’adresse que les gens ouvrent : --origin https://charte.exemple.fr."
        )
    place = workspace(folder)
    listening = Listening(
        host, port, read_origin(origin or f"http://{host}:{port}"), behind
    )
    if not listening.origin.is_secure and host not in LOCAL:
        click.echo(
            "Attention : sans https, ce qui est déposé se lit sur le réseau. Placez un "
            "serveur web devant (guide « Serveur »).",
            err=True,
        )
    builder = LiveBuilder(place, str(listening.origin))
    with contextlib.suppress(KeyboardInterrupt):
        run(place, listening, builder.build, lambda: live_stamps(builder.place), _ready)
    click.echo("\nServeur arrêté.")


def _ready(address: str) -> None:
    click.echo(f"La concertation est servie sur {address}/ (Ctrl-C pour arrêter).")


class LiveBuilder:
    """Builds the pages a server shows, in memory, each time from what the files say."""

    def __init__(self, place: Workspace, origin: str) -> None:
        self.place = place
        self.origin = origin
        self.session = Session()
        self._lock = threading.Lock()

    def build(self) -> Mapping[str, bytes]:
        """Return the built files, without what people wrote. Raises `CharterError`."""
        with self._lock:
            self.place = Workspace(self.place.root)
            written = write_sources(self.place, self.origin, live=True)
            return built_files(self.place.root, written.act_date, self.session)
