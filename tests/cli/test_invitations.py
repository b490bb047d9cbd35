"""`charter consultation invite`, and what the server says before it serves."""

import importlib.util
import re
from pathlib import Path

import pytest
from dialogues import SETTINGS, Clock
from live_site import frozen_workspace, opened_in
from terminal import flat, invoke

from charter_builder.register import Body, Closed
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.workspace_files import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return frozen_workspace(tmp_path)


@pytest.fixture
def registrar(place: Workspace) -> Registrar:
    return opened_in(place, SETTINGS, Clock())


def asked(place: Workspace, *words: str):  # type: ignore[no-untyped-def]
    return invoke("-C", str(place.root), "consultation", *words)


def test_a_link_is_shown_once_with_its_address(
    place: Workspace, registrar: Registrar
) -> None:
    result = asked(place, "invite", "cfdt", "--origin", "https://charte.fr/")

    assert result.exit_code == 0
    assert re.search(r"^https://charte\.fr/entrer/[\w.-]{80,}$", result.output, re.M)
    listed = asked(place, "invite", "--list").output
    assert "/entrer/" not in listed
    assert "CFDT Interco : donnée le" in listed
    assert "jamais ouverte" in listed


def test_a_role_and_readers_are_invited_too(
    place: Workspace, registrar: Registrar
) -> None:
    assert "Direction générale" in asked(place, "invite", "--role", "direction").output
    assert "lecture seule" in asked(place, "invite", "--readers").output


def test_an_invitation_is_revoked_by_its_name(
    place: Workspace, registrar: Registrar
) -> None:
    asked(place, "invite", "cfdt")
    name = asked(place, "invite", "--list").output.split()[0]

    result = asked(place, "invite", "--revoke", name)

    assert result.exit_code == 0
    assert "révoquée" in asked(place, "invite", "--list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cftd"], "Vouliez-vous dire « cfdt »"),
        (["--role", "maire"], "n’est pas une fonction"),
        (["--revoke", "abc"], "aucune invitation ne porte ce nom"),
        (["--revoke", ""], "dites une seule chose"),
        ([], "dites une seule chose"),
        (["cfdt", "--list"], "dites une seule chose"),
    ],
)
def test_a_wrong_request_says_what_to_do(
    place: Workspace, registrar: Registrar, words: list[str], said: str
) -> None:
    result = asked(place, "invite", *words)

    assert result.exit_code == 2
    assert said in flat(result.output)


def test_a_closed_consultation_invites_nobody(
    place: Workspace, registrar: Registrar
) -> None:
    body = Body(name="Séance", date="2027-01-30", roles=("DRH", "DGS"))
    registrar.journal.append(lambda _, stamp: Closed(**stamp._asdict(), body=body))

    result = asked(place, "invite", "cfdt")

    assert result.exit_code == 2
    assert "close" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "0"], "un nombre de 1 à 65535"),
        (["--host", "0.0.0.0"], "--origin https://"),
        (["--origin", "charte.fr"], "donnez le protocole"),
        ([], "aucune concertation n’est ouverte"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    place: Workspace, words: list[str], said: str
) -> None:
    result = asked(place, "serve", *words)

    assert result.exit_code == 2
    assert said in flat(result.output)


def test_a_port_that_is_taken_is_said(place: Workspace, registrar: Registrar) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        result = asked(place, "serve", "--port", port)

    assert result.exit_code == 2
    assert "ne peut pas y écouter" in flat(result.output)


def test_without_its_packages_the_server_says_how_to_install_them(
    place: Workspace, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    for words in (["serve"], ["invite", "cfdt"]):
        result = asked(place, *words)
        assert result.exit_code == 2
        assert "charter-builder[server]" in result.output


def test_mail_settings_are_read_on_their_line(
    place: Workspace, registrar: Registrar
) -> None:
    place.private.mkdir(exist_ok=True)
    (place.private / "serveur.yml").write_text(
        "sender: concertation@ville.fr\ncontacts:\n  cfdt: personne\n", "utf-8"
    )

    result = asked(place, "serve")

    assert result.exit_code == 2
    assert "serveur.yml" in result.output
    assert "adresse de messagerie" in flat(result.output)
