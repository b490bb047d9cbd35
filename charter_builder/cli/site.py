"""`charter site`: builds the site of a workspace, or serves it on this computer."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click

from charter_builder import french
from charter_builder.cli.common import drafted, in_workspace, workspace
from charter_builder.cli.prompts import say
from charter_builder.colour import style_sheet
from charter_builder.consultation import day_of
from charter_builder.errors import CharterError, InputError
from charter_builder.requirements import coverage, findings
from charter_builder.storage.consultation_files import (
    dialogue_of,
    refuse_other_consultation,
    refuse_publication,
    sound_register,
)
from charter_builder.storage.files import read_ordinary, write_if_changed
from charter_builder.storage.library_files import load_changes
from charter_builder.storage.retention_files import load_retention
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import SETTINGS, Workspace
from charter_builder.units import FrozenVersion
from charter_builder.website.builder import Session, build_site
from charter_builder.website.contribution_form import form_fragment
from charter_builder.website.dialogue_pages import inserts
from charter_builder.website.dialogue_view import Consultation
from charter_builder.website.finish import Inserts
from charter_builder.website.pages import Site, build, navigation
from charter_builder.website.preview import HOST, Preview, open_server
from charter_builder.website.starter import docs_folder
from charter_builder.website.writer import (
    GENERATED_CONFIGURATION,
    generated_configuration,
    write_tree,
)

POLL, SETTLE = 0.2, 0.05
"""Seconds between two looks at the files, and how long they must stay the same."""

MAX_PAGE = 2 * 1024**2
"""A page people read, of the guides or of the territory."""


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
    dialogue = dialogue_of(place)
    awaited = dialogue.settings is not None and dialogue.closed is None
    if place.settings.site.contact is None and awaited:
        say(
            "Le site ne donne aucune adresse où envoyer les contributions : écrivez-la "
            f"dans {place.root / 'charter.yml'} (contact), puis reconstruisez-le."
        )


def _rewritten(count: int) -> str:
    return french.counted(count, "fichier réécrit", "fichiers réécrits")


def make_site(place: Workspace, session: Session | None = None) -> tuple[int, int]:
    """Write the pages, build and finish the site.

    A process that builds several times gives one session to all its builds. Returns
    the number of pages and of published files that changed.
    """
    written = write_sources(place, place.settings.site.address)
    changed = build_site(
        place.root,
        place.site,
        place.settings.site.address,
        written.act_date,
        session,
        all_inserts(written.site),
    )
    return written.pages, len(changed)


class Written(NamedTuple):
    """What was written for the generator to read."""

    pages: int
    act_date: str
    site: Site


def write_sources(place: Workspace, address: str | None, live: bool = False) -> Written:
    """Write the pages and the configuration that the generator reads.

    `live` pages are those of a server: one contributes in the page itself.
    """
    charter = drafted(place)
    versions = load_versions(place.root)
    consultation = open_consultation(place, versions)
    if consultation and live:
        consultation = replace(consultation, live=True)
    content = Site(
        charter=charter,
        library=place.library,
        settings=place.settings.site,
        findings=findings(charter, place.library),
        coverage=coverage(charter, place.library),
        versions=versions,
        guides=_written_pages(place),
        changes=load_changes(place.library_folder),
        consultation=consultation,
        retention=load_retention(place),
    )
    pages = build(content)
    files = {name: text.encode() for name, text in pages.items()}
    write_tree(place.site_source, files | _assets(place))
    write_if_changed(
        place.root / GENERATED_CONFIGURATION,
        generated_configuration(
            navigation(content, pages),
            f"{charter.title} — {charter.territory}",
            address,
        ),
    )
    return Written(len(pages), charter.act_date, content)


def all_inserts(content: Site) -> Inserts:
    """Return what people typed, and the form to add to it."""
    if content.consultation is None:
        return Inserts()
    typed = inserts(content.consultation)
    if content.commented is None:
        return typed
    form = form_fragment(
        content.consultation, content.commented, content.settings.contact
    )
    return typed._replace(fragments={**typed.fragments, **form})


def open_consultation(
    place: Workspace, versions: Sequence[FrozenVersion]
) -> Consultation | None:
    """Return what the pages show of the consultation, if there is one.

    They tell the day of its last entry: without a new one, nothing is written again.
    Raises `InputError` for a register that is damaged or was altered.
    """
    register = sound_register(place)
    dialogue = register.dialogue
    # A register that lost its end, or is gone, would take contributions off the pages.
    register.check_memory()
    if dialogue.settings is None:
        return None
    refuse_other_consultation(place, dialogue)
    refuse_publication(place, dialogue.settings.visibility)
    refuse_other_versions(dialogue, {v.version: v for v in versions})
    return Consultation(
        dialogue=dialogue,
        versions=versions,
        entries=register.entries,
        digests=register.digests,
        day=day_of(dialogue.last_at),
    )


def _written_pages(place: Workspace) -> dict[str, str]:
    """Return the pages written by hand: our guides for readers, the territory's own."""
    pages = {
        f"guides/{path.name}": _page_text(path)
        for path in sorted((docs_folder() / "guides").glob("*.md"))
    }
    own = place.root / "docs"
    if own.is_symlink():
        raise InputError(f"{own} : les liens symboliques ne sont pas admis.")
    for path in sorted(own.glob("**/*.md")) if own.is_dir() else ():
        name = path.relative_to(own).as_posix()
        # An editor keeps hidden files, links among them, beside a page being written.
        if name.startswith(".") or "/." in name:
            continue
        if path.is_symlink():
            raise InputError(f"{path} : les liens symboliques ne sont pas admis.")
        if path.is_dir():
            continue
        pages[f"informations/{name}"] = _page_text(path)
    return pages


def _page_text(path: Path) -> str:
    try:
        text = read_ordinary(path, MAX_PAGE).decode()
    except UnicodeDecodeError:
        raise InputError(
            f"{path} : la page n’est pas en UTF-8 : enregistrez-la en UTF-8."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
    """Sert le site sur cet ordinateur, et le reconstruit quand quelque chose change.

    La page ouverte se met à jour toute seule ; une erreur s’affiche en haut.
    """
    place, session = workspace(folder), Session()
    with _saying_how_to_go_on():
        watched = place.library_folder
    # First: a port already taken is said before the site is built.
    serving = Serving(place, watched, port, session)
    with _saying_how_to_go_on():
        make_site(place, session)
    serving.run()


@contextlib.contextmanager
def _saying_how_to_go_on() -> Iterator[None]:
    """Add to an error what to do when no site was ever served."""
    try:
        yield
    except CharterError as error:
        raise InputError(
            f"{error}\nLe site n’est pas servi : corrigez, puis relancez « charter site "
            "serve ». Une fois le site servi, une erreur ne l’arrête plus : elle "
            "s’affiche en haut de la page."
        ) from None


class Serving:
    """A workspace whose site is served, and built again when something changes."""

    def __init__(
        self, place: Workspace, library_folder: Path, port: int, session: Session
    ) -> None:
        self.place = place
        self.session = session
        self.library_folder = library_folder
        self.library_stamps = _stamps(self._library_sources())
        self.stamps = self._stamps()
        self.preview = Preview(session.publishing)
        self.server = open_server(place.site, port, self.preview)

    def run(self) -> None:
        """Serve the site until interrupted."""
        address = f"http://{HOST}:{self.server.server_address[1]}/"
        click.echo(f"Le site est servi sur {address} (Ctrl-C pour arrêter).")
        stopped = threading.Event()
        watching = threading.Thread(target=self._watch, args=(stopped,))
        watching.start()
        interrupted = False
        try:
            self.server.serve_forever()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            # A build that has begun ends: the site is never left half written.
            stopped.set()
            watching.join()
            self.server.server_close()
        if interrupted:
            click.echo("\nServeur arrêté.")

    def _watch(self, stopped: threading.Event) -> None:
        while not stopped.wait(POLL):
            if self._changed():
                self.rebuild()

    def _changed(self) -> bool:
        """Return whether something changed since the last look, and stopped changing.

        Editors empty a file before they fill it: what is half written is not read.
        """
        now = self._stamps()
        if now == self.stamps:
            return False
        while now != self.stamps:
            self.stamps = now
            time.sleep(SETTLE)
            now = self._stamps()
        return True

    def rebuild(self) -> None:
        """Build the site again, and say in the terminal and in the pages what came."""
        try:
            self._read_library_again_if_changed()
            _, changed = make_site(self.place, self.session)
        except CharterError as error:
            self._failed(str(error))
        except Exception as error:
            # A theme or an extension of the territory may raise anything at all.
            self._failed(f"erreur inattendue ({type(error).__name__}) : {error}")
        else:
            self.preview.built(changed)
            click.echo(f"Site reconstruit : {_rewritten(changed)}.")

    def _failed(self, error: str) -> None:
        self.preview.failed(error)
        click.echo(f"Erreur : {error}\nLe site d’avant reste servi.", err=True)

    def _read_library_again_if_changed(self) -> None:
        stamps = _stamps(self._library_sources())
        if stamps == self.library_stamps:
            return
        place = Workspace(self.place.root)
        # What charter.yml now says, if it can be read, is what must be watched.
        self.library_folder = place.library_folder
        self.place = place
        self.library_stamps = stamps

    def _library_sources(self) -> list[Path]:
        return [self.place.root / SETTINGS, self.library_folder]

    def _stamps(self) -> dict[str, tuple[int, int]]:
        return _stamps(
            [
                *self._library_sources(),
                *_page_sources(self.place),
                self.place.consultation,
            ]
        )


def _page_sources(place: Workspace) -> list[Path]:
    """Return what pages are made of, besides the library and the register."""
    root = place.root
    return [
        place.answers_path,
        root / "mkdocs.yml",
        root / "docs",
        root / "overrides",
        root / "versions",
        docs_folder() / "guides",
        docs_folder() / "assets",
    ]


def live_stamps(place: Workspace) -> dict[str, tuple[int, int]]:
    """Return what changes when the pages of a server must be built again."""
    return _stamps(
        [
            place.root / SETTINGS,
            place.library_folder,
            *_page_sources(place),
        ]
    )


def _stamps(sources: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Return when each file was written, and its size; hidden files do not count."""
    stamps: dict[str, tuple[int, int]] = {}
    for source in sources:
        inside = source.rglob("*") if source.is_dir() else ()
        for path in (source, *inside):
            # A file may go while one looks.
            with contextlib.suppress(OSError):
                if not path.name.startswith("."):
                    status = path.stat()
                    stamps[str(path)] = status.st_mtime_ns, status.st_size
    return stamps


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
