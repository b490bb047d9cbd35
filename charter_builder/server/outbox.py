"""Receipts by mail: one for each contribution, to the mailbox the organisation gave.

So an organisation learns of a contribution that somebody else posted in its name. The
mail waits on the disk until it leaves; the contribution never waits for it.
"""

import re
import smtplib
import ssl
import sys
import threading
import traceback
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from charter_builder.consultation import instant
from charter_builder.dialogue import Standing
from charter_builder.errors import CharterError, system_reason
from charter_builder.model import Slug, Value
from charter_builder.receipts import receipt_text
from charter_builder.server.live import Live, Snapshot
from charter_builder.storage.files import write_atomic
from charter_builder.storage.private_store import PrivateStore
from charter_builder.storage.session_store import (
    Pending,
    due_receipts,
    enqueue,
    known_receipts,
    receipt_failed,
    receipt_sent,
)
from charter_builder.storage.workspace_files import Workspace, load_settings

SETTINGS = "serveur.yml"
FOLDER = "a-envoyer"
EVERY = 30.0
"""Seconds between two looks at what waits."""
PATIENCE = 20.0
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+", re.ASCII)


class Smtp(Value):
    """Le serveur de messagerie."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
    """Son nom : smtp.exemple.fr."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Son port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """starttls, tls ou none (relais interne)."""
    user: str | None = None
    """L’identifiant, s’il en faut un."""
    password: str | None = None
    """Le mot de passe, s’il en faut un."""


class MailSettings(Value):
    """`private/serveur.yml` : à qui envoyer les récépissés, et par quel serveur."""

    format: Literal[1] = 1
    """La version de ce format."""
    sender: str = "concertation@localhost.localdomain"
    """L’adresse fonctionnelle qui envoie."""
    smtp: Smtp | None = None
    """Le serveur de messagerie ; sans lui, les messages attendent dans a-envoyer/."""
    contacts: dict[Slug, str] = Field(default_factory=dict)
    """L’adresse fonctionnelle de chaque organisation ; jamais celle d’une personne."""

    @model_validator(mode="after")
    def _addresses(self) -> "MailSettings":
        for name, address in [("sender", self.sender), *self.contacts.items()]:
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"« {name} » n’est pas une adresse de messagerie.")
        return self


_SETTINGS = TypeAdapter(MailSettings)


def mail_settings(place: Workspace) -> MailSettings:
    """Return `private/serveur.yml`, or nothing set. Raises `DocumentErrors`."""
    path = place.private / SETTINGS
    return load_settings(path, _SETTINGS) if path.exists() else MailSettings()


def receipt_mail(
    standing: Standing, snapshot: Snapshot, settings: MailSettings, address: str
) -> EmailMessage:
    """Return the mail of one receipt: the same bytes however often it is made."""
    site = snapshot.site
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = address
    message["Subject"] = f"Récépissé de la contribution {standing.id}"
    message["Date"] = format_datetime(instant(standing.at))
    # Sent twice after a crash, it is shown once.
    message["Message-ID"] = (
        f"<{standing.id.lower()}.{standing.digest[:32]}@{site.dialogue.opened.id}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    versions = {version.version: version for version in site.versions}
    message.set_content(
        receipt_text(standing, site.dialogue, versions)
        + "\nSi votre organisation n’a rien déposé, prévenez la direction des ressources "
        "humaines : son invitation sera révoquée, et vous pourrez retirer cette "
        "contribution.\n"
    )
    return message


class Outbox:
    """Mails receipts, from a thread of its own."""

    def __init__(
        self,
        live: Live,
        store: PrivateStore,
        settings: MailSettings,
        folder: Path,
        seconds: Callable[[], int],
    ) -> None:
        self.live = live
        self.store = store
        self.settings = settings
        self.folder = folder
        self.seconds = seconds

    def run(self, stopped: threading.Event) -> None:
        """Send what waits until told to stop."""
        while not stopped.is_set():
            try:
                self.send_waiting()
            except CharterError as error:
                print(f"Récépissés : {error}", file=sys.stderr, flush=True)
            except Exception as error:
                # The mails of one day must not stop those of the next.
                traceback.print_exception(error)
            self.live.recorded.wait(EVERY)
            self.live.recorded.clear()

    def send_waiting(self) -> None:
        """Find what was recorded, and send what is due.

        What waits is found in the register: killed in between, nothing is forgotten.
        """
        if not self.settings.contacts:
            return
        snapshot = self.live.snapshot()
        known = known_receipts(self.store)
        waiting = [
            standing.id
            for standing in snapshot.site.standings
            if standing.id not in known
            and standing.contribution.channel == "server"
            and standing.contribution.organisation in self.settings.contacts
        ]
        if waiting:
            enqueue(self.store, waiting, self.seconds())
        for pending in due_receipts(self.store, self.seconds()):
            self._send(pending, snapshot)

    def _send(self, pending: Pending, snapshot: Snapshot) -> None:
        standing = snapshot.site.dialogue.standings.get(pending.contribution)
        address = (
            self.settings.contacts.get(standing.contribution.organisation)
            if standing
            else None
        )
        if standing is None or address is None:
            # Later: what cannot leave must not keep back what can.
            receipt_failed(self.store, pending, self.seconds())
            return
        message = receipt_mail(standing, snapshot, self.settings, address)
        try:
            self._deliver(standing, message)
        except (OSError, smtplib.SMTPException) as error:
            receipt_failed(self.store, pending, self.seconds())
            said = system_reason(error) if isinstance(error, OSError) else str(error)
            print(
                f"Récépissé {pending.contribution} : envoi impossible ({said}) ; il sera "
                "réessayé.",
                file=sys.stderr,
                flush=True,
            )
        else:
            receipt_sent(self.store, pending.contribution, self.seconds())

    def _deliver(self, standing: Standing, message: EmailMessage) -> None:
        smtp = self.settings.smtp
        if smtp is None:
            name = f"{standing.id}-{standing.contribution.organisation}.eml"
            write_atomic(self.folder / name, message.as_bytes())
            return
        context = ssl.create_default_context()
        if smtp.security == "tls":
            with smtplib.SMTP_SSL(
                smtp.host, smtp.port, timeout=PATIENCE, context=context
            ) as server:
                _hand_over(server, smtp, message)
            return
        with smtplib.SMTP(smtp.host, smtp.port, timeout=PATIENCE) as server:
            if smtp.security == "starttls":
                server.starttls(context=context)
            _hand_over(server, smtp, message)


def _hand_over(server: smtplib.SMTP, smtp: Smtp, message: EmailMessage) -> None:
    if smtp.user:
        server.login(smtp.user, smtp.password or "")
    server.send_message(message)
