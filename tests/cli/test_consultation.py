"""`charter consultation`: opening, following, proving, erasing."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dialogues import submitted
from terminal import flat, invoke

from charter_builder.cli.consultation import open_register
from charter_builder.dialogue import Dialogue
from charter_builder.register import AnyEntry
from charter_builder.storage.consultation_files import (
    journal,
    load_consultation,
    versions_of,
)
from charter_builder.storage.register_files import Journal, Stamp
from charter_builder.storage.registrar import Outcome, Registrar, random_hex
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import text_digest

ORGANISATIONS = ("--organisation", "CFDT Interco", "--organisation", "cgt=CGT Été")
DAYS = ("--opens", "1/1/20", "--closes", "2090-01-31")
Submit = Callable[..., Outcome]


@pytest.fixture
def consulted(answered_town: Path) -> Path:
    """A workspace whose consultation is open since long and for long."""
    invoke("-C", answered_town, "freeze")
    invoke("-C", answered_town, "consultation", "open", *ORGANISATIONS, *DAYS)
    opened = invoke("-C", answered_town, "consultation", "open")
    assert opened.exit_code == 0, opened.output
    return answered_town


@pytest.fixture
def submit(consulted: Path) -> Submit:
    place = Workspace(consulted)
    registrar = Registrar(journal(place), versions_of(place), random_hex)
    return lambda **given: submitted(registrar, **{"organisation": "cfdt", **given})


def test_opening_first_writes_settings_to_read(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    first = invoke("-C", answered_town, "consultation", "open", *ORGANISATIONS, *DAYS)

    assert "Relisez-les" in first.output
    assert "Du 1er janvier 2020 au 31 janvier 2090" in flat(first.output)
    assert "cfdt : CFDT Interco" in flat(first.output)
    settings = (answered_town / "consultation" / "consultation.yml").read_text()
    assert "id: cfdt\n" in settings
    assert "name: CGT Été" in settings
    assert not (answered_town / "consultation" / "register").exists()


def test_opening_records_the_settings_and_the_version(consulted: Path) -> None:
    register = consulted / "consultation" / "register"

    assert sorted(path.name for path in register.iterdir()) == [
        "000001.yml",
        "000002.yml",
    ]
    assert "déjà ouverte" in invoke("-C", consulted, "consultation", "open").output


def test_opening_without_a_last_day_asks_for_it(answered_town: Path) -> None:
    first = ("--opens", "1/1/20")
    refused = invoke(
        "-C", answered_town, "consultation", "open", *ORGANISATIONS, *first
    )

    assert refused.exit_code == 2
    assert "Quel est le dernier jour ? Donnez-le : « --closes" in flat(refused.stderr)
    assert not (answered_town / "consultation").exists()


def test_organisations_that_start_alike_keep_their_whole_name(
    answered_town: Path,
) -> None:
    names = ("--organisation", "CFDT Interco", "--organisation", "CFDT Santé")
    invoke("-C", answered_town, "consultation", "open", *names, *DAYS)

    settings = (answered_town / "consultation" / "consultation.yml").read_text()
    assert "id: cfdt-interco\n" in settings
    assert "id: cfdt-sante\n" in settings


def test_a_consultation_needs_a_frozen_version(answered_town: Path) -> None:
    invoke("-C", answered_town, "consultation", "open", *ORGANISATIONS, *DAYS)
    refused = invoke("-C", answered_town, "consultation", "open")

    assert refused.exit_code == 2
    assert "charter freeze" in refused.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("response_days: 30", "response_days: 20"), "Dites pourquoi"),
        (("visibility: parties", "visibility: public"), "ne change pas"),
        (("id: cgt", "id: cgtu"), "ne se retire pas"),
        (("closes: '2090-01-31'", "closes: '2090-01-30'"), "ne s’avance pas"),
        (("closes: '2090-01-31'", "closes: 31/01/2090"), "forme attendue"),
        (("roles:", "role:"), "Vouliez-vous dire « roles »"),
    ],
)
def test_settings_that_change_are_recorded_or_refused(
    consulted: Path, change: tuple[str, str], said: str
) -> None:
    path = consulted / "consultation" / "consultation.yml"
    path.write_text(path.read_text().replace(*change))

    refused = invoke("-C", consulted, "consultation", "open")

    assert refused.exit_code == 2
    assert said in flat(refused.stderr)


def test_a_longer_consultation_says_why(consulted: Path) -> None:
    path = consulted / "consultation" / "consultation.yml"
    path.write_text(path.read_text().replace("2090-01-31", "2090-02-28"))

    invoke("-C", consulted, "consultation", "open", "--why", "prolongée d’un mois")

    entry = (consulted / "consultation" / "register" / "000003.yml").read_text()
    assert "consultation.changed" in entry
    assert "prolongée d’un mois" in entry


@pytest.mark.parametrize(
    ("why", "said"), [("x" * 301, "300 au plus"), (" \n", "Dites pourquoi")]
)
def test_a_reason_to_change_the_settings_is_one_line(
    consulted: Path, why: str, said: str
) -> None:
    path = consulted / "consultation" / "consultation.yml"
    path.write_text(path.read_text().replace("2090-01-31", "2090-02-28"))

    done = invoke("-C", consulted, "consultation", "open", "--why", why)

    assert (done.exit_code, said in flat(done.stderr)) == (2, True)


def test_two_who_open_at_once_open_one_consultation(consulted: Path) -> None:
    place = Workspace(consulted)
    settings = load_consultation(place)
    register = consulted / "consultation" / "register"
    other = consulted.parent / "autre"
    register.rename(other)

    class Late(Journal):
        """Looked when nothing was open; somebody else has opened since."""

        def append(self, make: Callable[[Dialogue, Stamp], AnyEntry]) -> AnyEntry:
            if other.exists():
                other.rename(register)
            return super().append(make)

    late = Late(register)

    assert open_register(late, settings, versions_of(place)[1]) == []
    assert len(list(register.iterdir())) == 2


@pytest.mark.parametrize("command", ["receipt", "apply"])
def test_a_number_is_understood_as_one_says_it(
    consulted: Path, submit: Submit, command: str
) -> None:
    submit()

    done = invoke("-C", consulted, "consultation", command, "c-1")

    assert "C-0001" in done.output + done.stderr


def test_a_register_that_lost_its_end_is_not_said_whole_where_it_was_kept(
    consulted: Path, submit: Submit
) -> None:
    submit()
    (consulted / "consultation" / "register" / "000003.yml").unlink()

    done = invoke("-C", consulted, "consultation", "verify")

    assert done.exit_code == 3
    assert "n’est pas la suite" in flat(done.stderr)
    assert "registre entier" not in done.output


def test_the_list_says_where_each_contribution_is(
    consulted: Path, submit: Submit
) -> None:
    submit()
    submit(organisation="cgt", unit="couts", kind="question")

    listed = flat(invoke("-C", consulted, "consultation", "list").output)
    assert "C-0001 CFDT Interco, commentaire, Article 1. Les horaires" in listed
    assert "en attente de réponse avant le" in listed
    only = invoke("-C", consulted, "consultation", "list", "--organisation", "cgt")
    assert "C-0001" not in only.output
    assert "C-0002" in only.output


def test_a_receipt_is_found_again_until_the_register_is_rewritten(
    consulted: Path, submit: Submit, tmp_path: Path
) -> None:
    submit()
    receipt = tmp_path / "récépissé.txt"
    invoke("-C", consulted, "consultation", "receipt", "c-0001", "-o", receipt)
    quoted = tmp_path / "quoted.txt"
    quoted.write_text(
        "".join(f"> {line}\r\n" for line in receipt.read_text().split("\n"))
    )
    check = ("-C", consulted, "consultation", "verify", "--receipt", quoted)

    assert "tenu" in invoke(*check).output

    (consulted / "consultation" / "register" / "000003.yml").unlink()
    lost = invoke(*check)
    assert lost.exit_code == 1
    assert "a été retirée" in flat(lost.stderr)


@pytest.mark.parametrize("text", ["bonjour", "Entrée du registre : 3"])
def test_a_text_that_is_no_receipt_says_so(
    consulted: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "r.txt").write_text(text)
    refused = invoke(
        *("-C", consulted, "consultation", "verify", "--receipt", tmp_path / "r.txt")
    )

    assert refused.exit_code == 2
    assert "n’est pas un récépissé" in refused.stderr


def test_copies_are_compared_by_their_entries(
    consulted: Path, submit: Submit, tmp_path: Path
) -> None:
    copy = tmp_path / "copie"
    shutil.copytree(consulted, copy)
    compare = ("-C", consulted, "consultation", "verify", "--copy")

    assert "identique" in invoke(*compare, copy).output
    submit()
    assert "il lui manque 1 entrée" in invoke(*compare, copy).output
    ahead = invoke("-C", copy, "consultation", "verify", "--copy", consulted)
    assert ahead.exit_code == 3

    place = Workspace(copy)
    submitted(
        Registrar(journal(place), versions_of(place), random_hex),
        organisation="cgt",
        text="De l’autre côté.",
    )
    forked = invoke(*compare, copy)
    assert forked.exit_code == 3
    assert "ont divergé après l’entrée 2" in flat(forked.stderr)


def test_a_register_changed_by_hand_is_told(consulted: Path, submit: Submit) -> None:
    submit()
    path = consulted / "consultation" / "register" / "000003.yml"
    path.write_text(path.read_text().replace("courte", "longue"))

    done = invoke("-C", consulted, "consultation", "verify")
    assert done.exit_code == 1
    assert "a été modifié" in flat(done.stderr)


ERASE = ("--ground", "personal-data", "--as", "redaction", "--as", "direction", "--yes")


def test_a_name_is_erased_and_the_register_stays_whole(
    consulted: Path, submit: Submit
) -> None:
    submit(text="Jean Dupont demande une plage plus courte.")
    done = invoke(
        *("-C", consulted, "consultation", "redact", "C-0001"),
        *("--remove", "Jean Dupont", *ERASE),
    )

    assert done.exit_code == 0, done.output
    register = consulted / "consultation" / "register"
    assert "Jean Dupont" not in "".join(p.read_text() for p in register.glob("*.yml"))
    assert "[…] demande" in (register / "000003.yml").read_text()
    assert invoke("-C", consulted, "consultation", "verify").exit_code == 0


def test_an_erased_name_is_gone_from_the_site_and_from_the_exports(
    consulted: Path, submit: Submit, tmp_path: Path
) -> None:
    submit(text="Jean Dupont demande une plage plus courte.")
    invoke("-C", consulted, "site", "build")
    told = (consulted / "site").rglob("*")
    assert any(b"Jean Dupont" in path.read_bytes() for path in told if path.is_file())
    redact = ("consultation", "redact", "C-0001", *ERASE)
    assert invoke("-C", consulted, *redact).exit_code == 0

    invoke("-C", consulted, "site", "build")
    export = ("-C", consulted, "consultation", "export")
    invoke(*export, "--to", "ods", "-o", tmp_path / "registre.ods")
    invoke(*export, "--to", "csv", "-o", tmp_path / "registre.zip")

    for name in ("registre.ods", "registre.zip"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert archive.namelist()
            assert not any(b"Dupont" in archive.read(n) for n in archive.namelist())
    files = [
        p
        for place in ("site", "site-src", "consultation")
        for p in (consulted / place).rglob("*")
        if p.is_file()
    ]
    assert not any(b"Dupont" in path.read_bytes() for path in files)
    page = consulted / "site" / "contributions" / "articles" / "horaires.html"
    assert "données personnelles d’un tiers" in page.read_text()
    assert invoke("-C", consulted, "consultation", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--ground", "insult", "--as", "redaction", "--yes"), "deux fonctions"),
        (("--ground", "insult", "--as", "a", "--as", "b", "--yes"), "n’en est pas une"),
        ((*ERASE, "--field", "proposed"), "plus de texte"),
        ((*ERASE, "--field", "reason"), "pas de texte à cet endroit"),
        ((*ERASE, "--remove", "Pierre"), "n’est pas dans le texte"),
        ((*ERASE, "--remove", ""), "n’est pas dans le texte"),
        (ERASE[:-1], "rien n’est effacé"),
    ],
)
def test_what_cannot_be_erased_says_why(
    consulted: Path, submit: Submit, options: tuple[str, ...], said: str
) -> None:
    submit()
    refused = invoke("-C", consulted, "consultation", "redact", "C-0001", *options)

    assert refused.exit_code == 2
    assert said in flat(refused.stderr)


def test_a_workspace_without_consultation_says_how_to_open_one(
    answered_town: Path,
) -> None:
    for command in ("list", "verify"):
        refused = invoke("-C", answered_town, "consultation", command)

        assert refused.exit_code == 2
        assert "charter consultation open" in flat(refused.stderr)


# --- what was changed by hand --------------------------------------------------------


def altered(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a frozen version as somebody would, its digests made again."""
    version = json.loads(path.read_text())
    change(version)
    for unit in version["units"]:
        unit["sha256"] = text_digest(unit["title"], unit["text"])
    path.write_text(json.dumps(version))


def longer(version: dict[str, Any]) -> None:
    version["units"][1]["text"] += " Un mot de plus."


ACTING = (
    ("freeze",),
    ("site", "build"),
    ("consultation", "verify"),
    ("consultation", "bordereau"),
    ("consultation", "record", "--organisation", "cfdt-interco"),
    ("consultation", "export", "-o", "/nonexistent/registre.ods"),
)


@pytest.mark.parametrize("command", ACTING)
def test_a_version_that_is_no_longer_the_one_registered_is_not_used(
    consulted: Path, submit: Submit, command: tuple[str, ...]
) -> None:
    submit()
    altered(consulted / "versions" / "1" / "units.json", longer)

    refused = invoke("-C", consulted, *command)

    assert refused.exit_code == (1 if "verify" in command else 2)
    assert "n’est plus le texte inscrit au registre" in flat(refused.stderr)


@pytest.mark.parametrize("command", ACTING)
def test_a_version_that_is_gone_is_missed(
    consulted: Path, submit: Submit, command: tuple[str, ...]
) -> None:
    submit()
    shutil.rmtree(consulted / "versions" / "1")

    refused = invoke("-C", consulted, *command)

    assert refused.exit_code == (1 if "verify" in command else 2)
    assert "versions/1 manque" in flat(refused.stderr)
    assert not (consulted / "versions" / "1").exists()


def test_a_version_edited_by_hand_is_not_built(consulted: Path) -> None:
    path = consulted / "versions" / "1" / "units.json"
    path.write_text(path.read_text().replace("repos", "labeur"))

    refused = invoke("-C", consulted, "site", "build")

    assert refused.exit_code == 2
    assert "n’est plus le texte qui a été figé" in flat(refused.stderr)


def test_a_version_made_by_hand_does_not_enter_the_register(consulted: Path) -> None:
    shutil.copytree(consulted / "versions" / "1", consulted / "versions" / "2")
    path = consulted / "versions" / "2" / "units.json"
    altered(path, lambda version: version.update(version=2))
    altered(path, longer)

    refused = invoke("-C", consulted, "freeze")

    assert refused.exit_code == 2
    assert "n’a pas été figée par « charter freeze »" in flat(refused.stderr)
    register = consulted / "consultation" / "register"
    assert len([*register.glob("*.yml")]) == 2


def test_a_version_in_the_folder_of_another_is_refused(consulted: Path) -> None:
    shutil.copytree(consulted / "versions" / "1", consulted / "versions" / "2")

    refused = invoke("-C", consulted, "freeze")

    assert refused.exit_code == 2
    assert "ce dossier tient la version 1" in flat(refused.stderr)


@pytest.mark.parametrize("command", [("consultation", "verify"), ("site", "build")])
@pytest.mark.parametrize("lost", ["000003.yml", "*.yml"])
def test_a_register_that_lost_its_end_here_is_not_called_whole(
    consulted: Path, submit: Submit, command: tuple[str, ...], lost: str
) -> None:
    submit()
    for path in (consulted / "consultation" / "register").glob(lost):
        path.unlink()

    refused = invoke("-C", consulted, *command)

    assert refused.exit_code == 3
    assert "n’est pas la suite" in flat(refused.stderr)


@pytest.mark.parametrize(
    ("why", "said"),
    [("\u200b", "dites pourquoi"), (" ", "dites pourquoi"), ("é" * 301, "300 au plus")],
)
def test_a_reason_that_says_nothing_or_too_much_is_refused(
    consulted: Path, why: str, said: str
) -> None:
    settings = consulted / "consultation" / "consultation.yml"
    settings.write_text(settings.read_text().replace("2090-01-31", "2090-02-28"))

    refused = invoke("-C", consulted, "consultation", "open", "--why", why)

    assert refused.exit_code == 2
    assert said in flat(refused.stderr).lower()


def test_a_reason_is_recorded_without_its_invisible_signs(consulted: Path) -> None:
    settings = consulted / "consultation" / "consultation.yml"
    settings.write_text(settings.read_text().replace("2090-01-31", "2090-02-28"))
    invoke(
        "-C", consulted, "consultation", "open", "--why", "une\u200b semaine\nde plus"
    )

    entry = (consulted / "consultation" / "register" / "000003.yml").read_text()
    assert "why: 'une semaine de plus'" in entry


@pytest.mark.parametrize("command", [("consultation", "open"), ("site", "build")])
def test_a_register_for_the_parties_is_not_built_for_everybody(
    consulted: Path, command: tuple[str, ...]
) -> None:
    settings = consulted / "charter.yml"
    text = settings.read_text()
    settings.write_text(text.replace("visibility: private", "visibility: public"))

    refused = invoke("-C", consulted, *command)

    assert refused.exit_code == 2
    assert "visibility: private" in flat(refused.stderr)
    assert not (consulted / "site").exists()


@pytest.mark.parametrize("command", [c for c in ACTING if c != ("freeze",)])
def test_the_register_of_another_consultation_is_not_taken_for_this_one(
    consulted: Path, command: tuple[str, ...]
) -> None:
    settings = consulted / "consultation" / "consultation.yml"
    text = settings.read_text()
    settings.write_text(re.sub("(?m)^id: .*", "id: autre-2027", text))

    refused = invoke("-C", consulted, *command)

    assert refused.exit_code == (1 if "verify" in command else 2)
    assert "celui d’une autre concertation" in flat(refused.stderr)
