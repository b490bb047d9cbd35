"""Receipts by mail: one for each contribution, whatever happens in between."""

import smtplib
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from live_site import Site
from pydantic import ValidationError

from charter_builder.receipts import read_receipt
from charter_builder.server.outbox import MailSettings, Outbox, Smtp

CONTACTS = {"cfdt": "interco@cfdt.test"}


def outbox(site: Site, folder: Path, smtp: Smtp | None = None) -> Outbox:
    settings = MailSettings(
        sender="concertation@ville.test", smtp=smtp, contacts=CONTACTS
    )
    return Outbox(site.live, site.store, settings, folder, lambda: site.seconds)


def test_without_a_mail_server_receipts_wait_in_a_folder(
    site: Site, tmp_path: Path
) -> None:
    site.visitor("organisation", "cfdt").deposit()

    outbox(site, tmp_path / "a-envoyer").send_waiting()

    (path,) = (tmp_path / "a-envoyer").iterdir()
    assert path.name == "C-0001-cfdt.eml"
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "interco@cfdt.test"
    body = message.get_body()
    assert body is not None
    receipt = read_receipt(body.get_content())
    assert receipt.digest == site.dialogue.standing("C-0001").digest


def test_a_receipt_is_mailed_once(site: Site, tmp_path: Path) -> None:
    site.visitor("organisation", "cfdt").deposit()
    mails = outbox(site, tmp_path / "a-envoyer")
    mails.send_waiting()
    next((tmp_path / "a-envoyer").iterdir()).unlink()

    outbox(site, tmp_path / "a-envoyer").send_waiting()

    assert list((tmp_path / "a-envoyer").iterdir()) == []


def test_an_organisation_without_a_mailbox_is_mailed_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.visitor("organisation", "cgt").deposit()

    outbox(site, tmp_path / "a-envoyer").send_waiting()

    assert not (tmp_path / "a-envoyer").exists()


def test_what_cannot_leave_keeps_nothing_back(site: Site, tmp_path: Path) -> None:
    silent, other = (site.visitor("organisation", o) for o in ("cfdt", "cgt"))
    away = Smtp(host="127.0.0.1", port=1, security="none")
    for number in range(55):
        silent.deposit(text=f"Motif {number}.")
    outbox(site, tmp_path, away).send_waiting()
    other.deposit(text="Un autre motif.")
    # The mailbox of the first one is taken out of the settings.
    settings = MailSettings(sender="c@ville.test", contacts={"cgt": "cgt@cgt.test"})
    folder = tmp_path / "a-envoyer"

    for _ in range(8):
        site.seconds += 3_600
        Outbox(
            site.live, site.store, settings, folder, lambda: site.seconds
        ).send_waiting()

    assert [path.name for path in folder.iterdir()] == ["C-0056-cgt.eml"]


def test_a_mail_server_that_is_away_is_tried_again_later(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.visitor("organisation", "cfdt").deposit()
    sent: list[str] = []
    away = True

    class Server:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            if away:
                raise OSError("no route")

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing to close."""

        def send_message(self, message: object) -> None:
            sent.append(str(message))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    mails = outbox(site, tmp_path, Smtp(host="smtp.test", port=25, security="none"))

    mails.send_waiting()
    away = False
    mails.send_waiting()
    assert sent == []
    site.seconds += 61
    mails.send_waiting()

    assert len(sent) == 1


def test_an_address_that_is_none_is_refused() -> None:
    for given in ("personne", "a@b", "a@b.fr\nBcc: x@y.fr", "Jean <a@b.fr>"):
        with pytest.raises(ValidationError):
            MailSettings(contacts={"cfdt": given})
