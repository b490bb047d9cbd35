"""A live consultation on the small charter: its pages built once, its register fresh."""

import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from pathlib import Path

from dialogues import SETTINGS, Clock, counting
from flask.testing import FlaskClient
from sites import small_workspace
from terminal import SMALL
from werkzeug.test import TestResponse

from charter_builder.assembly import assemble
from charter_builder.cli.live import LiveBuilder
from charter_builder.consultation import ConsultationSettings
from charter_builder.dialogue import Dialogue
from charter_builder.markdown import charter_text
from charter_builder.register import Opened, VersionFrozen
from charter_builder.server.access import Gate, read_origin
from charter_builder.server.app import create_app
from charter_builder.server.live import Live
from charter_builder.server.service import Service
from charter_builder.storage.invitations import Invitations, Subject, SubjectKind
from charter_builder.storage.library_files import load_library
from charter_builder.storage.private_store import NAME, PrivateStore
from charter_builder.storage.register_files import Journal
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import load_versions, write_version
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion, as_version

ORIGIN = "http://charte.test"
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


def frozen_workspace(folder: Path) -> Workspace:
    """Return the small workspace, its first version frozen."""
    place = small_workspace(folder)
    charter = assemble(place.library, place.answers())
    version = as_version(charter, None)
    write_version(place.root, version, {"charte.md": charter_text(charter)})
    return place


def opened_in(
    place: Workspace, settings: ConsultationSettings = SETTINGS, at: Clock | None = None
) -> Registrar:
    """Open a consultation in a workspace; return who records in it."""
    version = load_versions(place.root)[-1]
    journal = Journal(
        place.consultation / "register", place.private / "registre.json", at or Clock()
    )
    journal.append(lambda _, stamp: Opened(**stamp._asdict(), settings=settings))
    journal.append(
        lambda _, stamp: VersionFrozen(
            **stamp._asdict(), version=version.version, digest=version.digest
        )
    )
    return Registrar(journal, {version.version: version}, counting())


class Built:
    """The pages of the small consultation, and the version they show."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "frozen"
        self.folder.mkdir()
        frozen_workspace(self.folder)
        # The workspace stays as it is: what is opened is a copy of it.
        place = Workspace(self.copied_to(folder / "opened"))
        opened_in(place)
        self.files = dict(LiveBuilder(place, ORIGIN).build())
        self.version: FrozenVersion = load_versions(place.root)[-1]

    def copied_to(self, folder: Path) -> Path:
        """Copy the workspace and its library; return where the workspace is."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return folder / "charte"


class StillClock(Clock):
    """A clock that moves only when told."""

    def __call__(self) -> datetime:
        return self.at


class Site:
    """A server one asks in the same process, on a register of its own."""

    def __init__(
        self,
        folder: Path,
        built: Built,
        settings: ConsultationSettings = SETTINGS,
        origin: str = ORIGIN,
    ) -> None:
        self.clock = StillClock()
        self.folder = folder
        self.seconds = 1_000_000
        place = Workspace(folder)
        version = built.version
        journal = Journal(
            place.consultation / "register", place.private / "registre.json", self.clock
        )
        journal.append(lambda _, stamp: Opened(**stamp._asdict(), settings=settings))
        journal.append(
            lambda _, stamp: VersionFrozen(
                **stamp._asdict(), version=version.version, digest=version.digest
            )
        )
        registrar = Registrar(journal, {1: version}, counting())
        self.store = PrivateStore(place.private / NAME)
        self.invitations = Invitations(self.store, settings.id)
        self.live = Live(registrar, lambda: {1: version}, lambda: built.files)
        gate = Gate(self.invitations, read_origin(origin), lambda: self.seconds)
        self.service = Service(self.live, gate, self.store, load_library(SMALL))
        self.app = create_app(self.service)
        self.version = version

    @property
    def dialogue(self) -> Dialogue:
        return self.live.snapshot().site.dialogue

    def invite(self, kind: SubjectKind, subject: str) -> str:
        return self.invitations.invite(Subject(kind, subject), "2027-01-05T08:00:00Z")

    def visitor(self, kind: SubjectKind | None = None, subject: str = "") -> "Visitor":
        """Return a browser, already in the name of someone if asked."""
        visitor = Visitor(self.app.test_client())
        if kind is not None:
            visitor.enter(self.invite(kind, subject))
        return visitor


class Visitor:
    """A browser without JavaScript: it opens pages and sends their forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, headers=headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, object],
        headers: Mapping[str, str] = OURS,
    ) -> TestResponse:
        return self.client.post(
            path, base_url=ORIGIN, data=dict(fields), headers=dict(headers)
        )

    def enter(self, token: str) -> TestResponse:
        page = self.get(f"/entrer/{token}")
        return self.post(f"/entrer/{token}", fields_of(page.text))

    def form(self, path: str) -> dict[str, str]:
        """Return what the main form of a page holds."""
        return fields_of(self.get(path).text)

    def token(self) -> str:
        """Return what a form of this session holds, besides what is typed."""
        page = self.get("/espace")
        if page.status_code == 303:
            page = self.get("/rh/")
        found = re.search(r'name="jeton" value="(\w+)"', page.text)
        assert found is not None
        return found[1]

    def deposit(self, unit: str = "horaires", **typed: str) -> TestResponse:
        """Contribute as a person does: form, verification, deposit."""
        fields = self.form(f"/contribuer/{unit}") | {"text": "Plus court."} | typed
        page = self.post(f"/contribuer/{unit}", fields | {"etape": "verifier"})
        if page.status_code != 200:
            return page
        return self.post(
            f"/contribuer/{unit}", fields_of(page.text) | {"etape": "deposer"}
        )


_FORM = re.compile(r'<form method="post"(?! action="/sortir").*?</form>', re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_AREA = re.compile(
    r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL
)


def fields_of(html: str) -> dict[str, str]:
    """Return what a browser would send of the form of a page, but its button."""
    form = _FORM.search(html)
    assert form is not None, html[-3000:]
    fields: dict[str, str] = {}
    for tag in _INPUT.findall(form[0]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if said.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        fields[said["name"]] = unescape(said.get("value", ""))
    return fields | {name: unescape(text) for name, text in _AREA.findall(form[0])}
