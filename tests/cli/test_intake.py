"""`charter consultation import` and `record`: counted, confirmed, never dropped."""

import json
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import Result
from terminal import Terminal, flat, invoke

from charter_builder.carnet import Envelope, carnet_text, charter_name
from charter_builder.storage.consultation_files import dialogue_of, versions_of
from charter_builder.storage.workspace_files import Workspace

DAYS = ("--opens", "2020-01-01", "--closes", "2090-01-31")


@pytest.fixture
def consulted(answered_town: Path) -> Path:
    """A workspace whose consultation is open since long and for long."""
    given = ("--organisation", "CFDT Interco", "--organisation", "CGT")
    invoke("-C", answered_town, "freeze")
    invoke("-C", answered_town, "consultation", "open", *given, *DAYS)
    invoke("-C", answered_town, "consultation", "open")
    return answered_town


def carnet(folder: Path, *items: Mapping[str, object], **changes: object) -> bytes:
    place = Workspace(folder)
    settings = dialogue_of(place).opened
    version = versions_of(place)[1]
    empty = Envelope(
        consultation=settings.id,
        charter=charter_name(version),
        organisation="cfdt",
    )
    fields = json.loads(carnet_text(empty))
    fields["contributions"] = [
        {"key": f"{n:032x}", "version": 1, "unit": "horaires", "text": f"Motif {n}."}
        | dict(item)
        for n, item in enumerate(items, 1)
    ]
    return json.dumps(fields | changes).encode()


def imported(folder: Path, raw: bytes, *options: str, name: str = "c.json") -> Result:
    path = folder.parent / name
    path.write_bytes(raw)
    return invoke(
        *("-C", folder, "consultation", "import", path),
        *("--organisation", "cfdt", *options),
    )


def count(folder: Path) -> int:
    return len(dialogue_of(Workspace(folder)).standings)


def test_25_contributions_on_12_articles_are_registered_once(consulted: Path) -> None:
    version = versions_of(Workspace(consulted))[1]
    units = [unit.id for unit in version.units]
    items = [{"unit": units[n % len(units)]} for n in range(25)]
    raw = carnet(consulted, *items)

    first = imported(consulted, raw, "--yes")
    again = imported(consulted, raw, "--yes")

    assert "25 trouvées = 25 enregistrées + 0 déjà connue + 0 à" in flat(first.output)
    assert "25 trouvées = 0 enregistrée + 25 déjà connues + 0 à" in flat(again.output)
    assert (first.exit_code, again.exit_code, count(consulted)) == (0, 0, 25)


def test_nothing_is_recorded_without_agreement(consulted: Path) -> None:
    shown = imported(consulted, carnet(consulted, {}))

    assert "1 trouvée = 1 à enregistrer" in flat(shown.output)
    assert "rien n’est enregistré. Confirmez avec « --yes »" in shown.stderr
    assert (shown.exit_code, count(consulted)) == (2, 0)
    assert not (consulted / "private" / "originals").exists()


def test_a_person_agrees_in_a_terminal(consulted: Path) -> None:
    path = consulted.parent / "c.json"
    path.write_bytes(carnet(consulted, {}))
    command = ("-C", consulted, "consultation", "import", path)
    with Terminal(*command, "--organisation", "cfdt") as terminal:
        assert "1 trouvée = 1 à enregistrer" in terminal.said
        assert "1 trouvée = 1 enregistrée" in terminal.enter("oui")
        assert terminal.end() == 0

    assert count(consulted) == 1


def test_one_refused_leaves_the_others_and_the_exit_code_says_so(
    consulted: Path,
) -> None:
    raw = carnet(consulted, {}, {"unit": "horares"}, {"text": " "}, {"nom": "X"})

    result = imported(consulted, raw, "--yes")

    said = flat(result.output)
    assert "4 trouvées = 1 enregistrée + 0 déjà connue + 0 à rattacher" in said
    assert "Vouliez-vous dire « horaires »" in said
    assert "l’exposé des motifs est vide" in said
    assert "« nom » n’est pas une rubrique connue" in said
    assert (result.exit_code, count(consulted)) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organisation": "cgt"}, "au nom de CGT, et vous avez donné CFDT Interco"),
        ({"consultation": "autre"}, "celui d’une autre concertation"),
        ({"charter": "Autre"}, "porte sur une autre charte"),
        ({"format": 2}, "mettez charter-builder à jour"),
    ],
)
def test_a_carnet_that_is_not_for_here_is_refused(
    consulted: Path, changes: dict[str, object], said: str
) -> None:
    result = imported(consulted, carnet(consulted, {}, **changes), "--yes")

    assert said in flat(result.output)
    assert "1 trouvée = 0 enregistrée + 0 déjà connue" in flat(result.output)
    assert (result.exit_code, count(consulted)) == (2, 0)


def test_a_key_changed_after_it_was_sent_is_refused(consulted: Path) -> None:
    imported(consulted, carnet(consulted, {}), "--yes")

    result = imported(consulted, carnet(consulted, {"text": "Autre."}), "--yes")

    assert "a été modifiée après son envoi" in flat(result.output)
    assert (result.exit_code, count(consulted)) == (2, 1)


def test_an_invitation_is_never_recorded(consulted: Path) -> None:
    imported(consulted, carnet(consulted, {}, invitation="JETON-SECRET"), "--yes")

    written = [p.read_text() for p in (consulted / "consultation").rglob("*.yml")]
    assert count(consulted) == 1
    assert not [text for text in written if "JETON-SECRET" in text]


def mail(text: str, date: str = "Fri, 10 Jan 2025 22:10:00 +0100") -> bytes:
    message = EmailMessage()
    message["Date"] = date
    message.set_content(text)
    return message.as_bytes()


def test_a_message_without_a_carnet_is_to_be_entered_by_hand(consulted: Path) -> None:
    result = imported(consulted, mail("Nous sommes contre."), name="m.eml")

    said = flat(result.output)
    assert "Il commence par : « Nous sommes contre. »" in said
    assert "charter consultation record --organisation cfdt" in said
    assert "1 trouvée = 0 enregistrée + 0 déjà connue + 1 à rattacher à la main" in said
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("received", "at"),
    [
        ((), None),
        (("--received", "mail"), "2025-01-10T21:10:00Z"),
        (("--received", "2025-07-01 09:00"), "2025-07-01T07:00:00Z"),
    ],
)
def test_the_moment_of_reception_is_proven_when_one_says_so(
    consulted: Path, received: tuple[str, ...], at: str | None
) -> None:
    message = EmailMessage()
    message["Date"] = "Fri, 10 Jan 2025 22:10:00 +0100"
    raw = carnet(consulted, {})
    message.set_content("Voici.")
    message.add_attachment(raw, "application", "json", filename="c.json")

    imported(consulted, message.as_bytes(), "--yes", *received, name="m.eml")

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.received_at == at
    assert standing.contribution.channel == "mail"


def test_a_mail_is_known_however_its_name_is_written(consulted: Path) -> None:
    message = EmailMessage()
    message.set_content("Voici.")
    raw = carnet(consulted, {})
    message.add_attachment(raw, "application", "json", filename="c.json")

    imported(consulted, message.as_bytes(), "--yes", name="M.EML")

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.channel == "mail"


@pytest.mark.parametrize(
    ("received", "said"),
    [("demain", "n’est pas un instant"), ("2089-01-01 10:00", "est à venir")],
)
def test_a_moment_that_cannot_be_is_refused(
    consulted: Path, received: str, said: str
) -> None:
    raw = carnet(consulted, {})

    result = imported(consulted, raw, "--yes", "--received", received)

    assert said in flat(result.stderr)
    assert (result.exit_code, count(consulted)) == (2, 0)


def test_originals_are_kept_out_of_what_is_published(consulted: Path) -> None:
    raw = carnet(consulted, {})
    imported(consulted, raw, "--yes")

    (kept,) = (consulted / "private" / "originals").iterdir()
    assert kept.read_bytes() == raw


# --- record --------------------------------------------------------------------------

PAPER = ("--organisation", "cgt", "--article", "horaires")


def recorded(folder: Path, *options: str | Path) -> Result:
    return invoke("-C", folder, "consultation", "record", *options)


def test_a_paper_is_recorded_and_gives_a_receipt(consulted: Path) -> None:
    result = recorded(
        consulted, *PAPER, "--kind", "comment", "--text", "Trop tôt.", "--stance", "for"
    )

    assert "Récépissé de la contribution C-0001" in result.output
    assert "Empreinte :" in result.output
    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.channel == "paper"
    assert standing.contribution.text == "Trop tôt."


def test_a_paper_typed_twice_is_one_contribution(consulted: Path) -> None:
    given = (*PAPER, "--kind", "comment", "--text", "Trop tôt.")

    recorded(consulted, *given)
    again = recorded(consulted, *given)

    assert "déjà enregistrée" in again.stderr
    assert "Récépissé de la contribution C-0001" in again.output
    assert count(consulted) == 1


def test_a_paper_that_gives_another_opinion_is_another_contribution(
    consulted: Path,
) -> None:
    given = (*PAPER, "--kind", "comment", "--text", "Trop tôt.")

    recorded(consulted, *given)
    recorded(consulted, *given, "--stance", "against")

    assert count(consulted) == 2


def test_an_amendment_may_come_from_files(consulted: Path) -> None:
    proposed, receipt = consulted.parent / "p.txt", consulted.parent / "r.txt"
    proposed.write_text("De 9 h à 11 h.\n\n- sauf l’été ;\n", encoding="utf-8")

    recorded(
        *(consulted, "--organisation", "cgt", "--article", "1", "--kind", "amendment"),
        *("--text", "Trop tôt.", "--proposed-file", proposed, "-o", receipt),
    )

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.proposed == "De 9 h à 11 h.\n\n- sauf l’été ;"
    verified = invoke("-C", consulted, "consultation", "verify", "--receipt", receipt)
    assert "tenu" in verified.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--organisation", "cgtt"), "Vouliez-vous dire « cgt »"),
        ((*PAPER[:2], "--article", "horair"), "Vouliez-vous dire « horaires »"),
        ((*PAPER, "--on-version", "9"), "la version 9 n’existe pas"),
        ((*PAPER, "--kind", "comment"), "il manque « --text »"),
        (PAPER, "il manque « --kind »"),
        ((*PAPER, "--kind", "comment", "--text", "a" * 90_000), "est trop long"),
        ((*PAPER, "--kind", "choice", "--choice", "A", "--text", ""), "point"),
        (
            (*PAPER, "--kind", "comment", "--text", "a", "--received", "mail"),
            "donnez le jour et l’heure",
        ),
    ],
)
def test_what_cannot_be_recorded_is_told(
    consulted: Path, options: tuple[str, ...], said: str
) -> None:
    result = recorded(consulted, *options)

    assert said in flat(result.stderr)
    assert (result.exit_code, count(consulted)) == (2, 0)


def test_a_terminal_asks_what_is_missing(consulted: Path) -> None:
    with Terminal("-C", consulted, "consultation", "record") as terminal:
        assert "CFDT Interco" in terminal.said
        assert "tapez un numéro de 1 à" in terminal.enter("9")
        assert "Quel article" in terminal.enter("1")
        assert "horaires : Article 1." in terminal.enter("?")
        assert "n’est ni le numéro" in terminal.enter("99")
        assert "amendement" in terminal.enter("horaires")
        assert "un paragraphe par ligne" in terminal.enter("1").lower()
        terminal.enter("Premier alinéa.")
        terminal.enter("Second alinéa.")
        assert "L’enregistrer ?" in terminal.enter("")
        terminal.enter("oui")
        assert "Récépissé de la contribution C-0001" in flat(terminal.transcript)

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.text == "Premier alinéa.\n\nSecond alinéa."


def test_a_paper_interrupted_is_recalled(consulted: Path) -> None:
    command = ("-C", consulted, "consultation", "record")
    with Terminal(*command) as terminal:
        terminal.enter_all("1", "1", "1", "Premier alinéa.")
        assert "Ce que vous avez tapé est gardé" in terminal.press("c")
        assert terminal.end() == 130
    assert count(consulted) == 0

    with Terminal(*command) as terminal:
        assert "Une saisie interrompue est rappelée" in terminal.said
        assert "Premier alinéa." in terminal.enter_all("", "", "")
        assert "L’enregistrer ?" in terminal.enter_all("+", "Second alinéa.", "")
        terminal.enter("oui")
        assert terminal.end() == 0

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert standing.contribution.text == "Premier alinéa.\n\nSecond alinéa."
    with Terminal(*command) as terminal:
        assert "interrompue" not in terminal.said


def test_an_amendment_on_paper_is_corrected_in_a_file_that_holds_the_article(
    consulted: Path,
) -> None:
    path = consulted / "private" / "saisie-horaires.txt"
    with Terminal("-C", consulted, "consultation", "record") as terminal:
        assert "Que demande l’amendement ?" in terminal.enter_all("2", "1", "3")
        assert "fichier déjà rempli" in terminal.enter("1")
        assert "saisie-horaires.txt" in terminal.enter("1")
        path.write_text(path.read_text() + "\nNul n’est joint le dimanche.\n")
        assert "motifs" in terminal.enter("")
        terminal.enter_all("Repos.", "", "oui")
        assert terminal.end() == 0

    (standing,) = dialogue_of(Workspace(consulted)).standings.values()
    assert "Nul n’est joint le dimanche." in (standing.contribution.proposed or "")
    assert not path.exists()


def test_one_refusal_of_a_whole_carnet_is_said_once(consulted: Path) -> None:
    raw = carnet(consulted, {}, {"key": "b" * 32}, organisation="cgt")

    said = flat(imported(consulted, raw, "--yes").output)

    assert said.count("au nom de CGT") == 1
    assert "(2 contributions)" in said
    assert "2 trouvées" in said


def test_an_import_says_that_it_lacks_an_organisation(consulted: Path) -> None:
    path = consulted.parent / "carnet.json"
    path.write_bytes(carnet(consulted, {}))

    result = invoke("-C", consulted, "consultation", "import", path)

    assert "dites qui a remis ces fichiers : --organisation" in flat(result.stderr)
    assert result.exit_code == 2
