"""`charter site`: builds the site of a workspace, or serves it on this computer."""

import socket
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli.common import drafted, in_workspace, workspace
from charter_builder.colour import style_sheet
from charter_builder.errors import CharterError, InputError
from charter_builder.requirements import coverage, findings
from charter_builder.storage.files import write_if_changed
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.website.builder import build_site
from charter_builder.website.pages import Site, build, navigation
from charter_builder.website.starter import docs_folder
from charter_builder.website.writer import (
    GENERATED_CONFIGURATION,
    generated_configuration,
    write_tree,
)

HOST = "127.0.0.1"


@click.group(subcommand_metavar="COMMANDE …")
def site() -> None:
    """Construit ou sert le site de la concertation."""


@site.command("build")
@in_workspace
def build_command(folder: Path | None) -> None:
    """Construit le site dans site/ ; seules les pages changées sont réécrites."""
    place = workspace(folder)
    pages, changed = make_site(place)
    click.echo(
        f"{place.site} : {french.counted(pages, 'page', 'pages')}, "
        f"{_rewritten(changed)}."
    )


def _rewritten(count: int) -> str:
    return french.counted(count, "fichier réécrit", "fichiers réécrits")


def make_site(place: Workspace) -> tuple[int, int]:
    """Write the pages, build and finish the site.

    Returns the number of pages and of published files that changed.
    """
    charter = drafted(place)
    content = Site(
        charter=charter,
        library=place.library,
        settings=place.settings.site,
        findings=findings(charter, place.library),
        coverage=coverage(charter, place.library),
        versions=load_versions(place.root),
        guides=_written_pages(place),
    )
    pages = build(content)
    files = {name: text.encode() for name, text in pages.items()}
    write_tree(place.site_source, files | _assets(place))
    write_if_changed(
        place.root / GENERATED_CONFIGURATION,
        generated_configuration(
            navigation(content, pages),
            f"{charter.title} — {charter.territory}",
            place.settings.site.address,
        ),
    )
    changed = build_site(
        place.root, place.site, place.settings.site.address, charter.act_date
    )
    return len(pages), len(changed)


def _written_pages(place: Workspace) -> dict[str, str]:
    """Return the pages written by hand: our guides for readers, the territory's own."""
    pages = {
        f"guides/{path.name}": _page_text(path)
        for path in sorted((docs_folder() / "guides").glob("*.md"))
    }
    own = place.root / "docs"
    for path in sorted(own.glob("**/*.md")) if own.is_dir() else ():
        if path.is_symlink():
            raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
        name = path.relative_to(own).as_posix()
        pages[f"informations/{name}"] = _page_text(path)
    return pages


def _page_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(
            f"{path} : la page n’est pas en UTF-8 : enregistrez-la en UTF-8."
        ) from None


def _assets(place: Workspace) -> dict[str, bytes]:
    shipped = docs_folder() / "assets"
    found = {
        f"assets/{path.relative_to(shipped).as_posix()}": path.read_bytes()
        for path in sorted(shipped.rglob("*"))
        if path.is_file()
    }
    found["assets/couleur.css"] = style_sheet(place.settings.site.accent).encode()
    return found


@site.command("serve")
@in_workspace
@click.option(
    "--port", default=8000, show_default=True, metavar="PORT", help="Le port."
)
def serve_command(folder: Path | None, port: int) -> None:
    """Sert le site sur cet ordinateur, et le reconstruit quand quelque chose change."""
    place = workspace(folder)
    # First: a port already taken is said before the site is built.
    server = open_server(place.site, port)
    make_site(place)
    serve(place, server)


def serve(place: Workspace, server: ThreadingHTTPServer) -> None:
    """Serve the site until interrupted, and build it again when something changes."""
    address = f"http://{HOST}:{server.server_address[1]}/"
    click.echo(f"Le site est servi sur {address} (Ctrl-C pour arrêter).")
    threading.Thread(target=_rebuild_on_change, args=(place,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("\nServeur arrêté.")
    finally:
        server.server_close()


def free_port(port: int) -> int:
    """Return that port, or the next free one, said when it is another."""
    for candidate in range(port, min(port + 50, 65536)):
        with socket.socket() as probe:
            # Like the server itself: a port in its closing wait is not busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
        if candidate != port:
            click.echo(
                f"Le port {port} est occupé : le {candidate} est pris à sa place."
            )
        return candidate
    raise InputError(f"aucun port libre à partir de {port} : donnez-en un avec --port.")


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for the person who builds the site."""


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of that folder on this computer only.

    Raises `InputError` when the port is taken.
    """

    def handler(*args: object) -> _QuietHandler:
        return _QuietHandler(*args, directory=str(folder.resolve()))  # type: ignore[arg-type]

    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except (OSError, OverflowError):
        raise InputError(
            f"le port {port} est occupé ou refusé : choisissez-en un autre avec --port "
            f"{port + 1 if port < 65535 else 8001}."
        ) from None


def _rebuild_on_change(place: Workspace) -> None:
    seen = _stamps(place)
    while True:
        time.sleep(0.5)
        now = _stamps(place)
        if now == seen:
            continue
        seen = now
        try:
            # A fresh value: settings and library are read again.
            _, changed = make_site(Workspace(place.root))
            click.echo(f"Site reconstruit : {_rewritten(changed)}.")
        except CharterError as error:
            click.echo(f"Erreur : {error}\nLe site d’avant reste servi.", err=True)


def _stamps(place: Workspace) -> dict[str, tuple[int, int]]:
    watched = [
        place.root / "charter.yml",
        place.answers_path,
        place.root / "mkdocs.yml",
    ]
    for folder in (place.library_folder, place.root / "docs"):
        watched += folder.rglob("*.*") if folder.is_dir() else ()
    stamps = {}
    for path in watched:
        try:
            status = path.stat()
            stamps[str(path)] = (status.st_mtime_ns, status.st_size)
        except OSError:
            continue
    return stamps
