"""`charter audit`: what a person and a program read."""

import json
from datetime import date
from pathlib import Path

import pytest
from terminal import SMALL, flat, invoke

from charter_builder.audit import AuditReport


@pytest.fixture
def old_charter(tmp_path: Path) -> Path:
    path = tmp_path / "charte.md"
    path.write_text(
        "# Charte\n\n## 2. Quotité\n\nLes agents peuvent télétravailler quatre jours par "
        "semaine.\n",
        encoding="utf-8",
    )
    return path


def test_an_error_of_law_is_told_with_its_place_its_source_and_its_remedy(
    old_charter: Path,
) -> None:
    ran = invoke("audit", old_charter, "--on", "01/03/2027")

    assert ran.exit_code == 1
    said = flat(ran.output)
    assert "ERREUR · Cette valeur dépasse le plafond légal de 3 jours" in said
    assert f"Où : {old_charter}, ligne 5, sous « 2. Quotité »" in said
    assert "Texte : « télétravailler quatre jours par semaine »" in said
    assert "Source : dispositions réglementaires prises pour l’application" in said
    assert "Remède : Ramenez le télétravail à 3 jours par semaine au plus." in said
    assert "Rédaction proposée : quotite (Quotité de télétravail" in said
    assert "Droit au 1er mars 2027 : 1 erreur" in said


def test_a_text_without_error_ends_with_code_zero(tmp_path: Path) -> None:
    path = tmp_path / "charte.txt"
    path.write_text("Le télétravail est volontaire.\n", encoding="utf-8")
    ran = invoke("audit", path, "--on", "2027-03-01")

    assert ran.exit_code == 0
    assert "À VÉRIFIER · Contenu attendu et introuvable" in flat(ran.output)
    assert "C20 · Acte individuel avec ses mentions obligatoires" in flat(ran.output)


def test_a_program_reads_the_same_audit_as_json(old_charter: Path) -> None:
    ran = invoke("audit", old_charter, "--on", "2027-03-01", "--format", "json")
    report = AuditReport.model_validate_json(ran.output)

    assert ran.exit_code == 1
    assert json.loads(ran.output)["format"] == 1
    assert [f.rule for f in report.findings if f.severity == "error"] == [
        "valeur.jours-par-semaine"
    ]
    assert report.files[0].name == str(old_charter)
    assert report.act_date == "2027-03-01"


def test_without_a_date_the_law_is_that_of_today(old_charter: Path) -> None:
    ran = invoke("audit", old_charter, "--format", "json")

    assert json.loads(ran.output)["act_date"] == date.today().isoformat()


def test_another_library_may_judge(old_charter: Path) -> None:
    old_charter.write_text("Elle est renouvelable une fois.", encoding="utf-8")
    ran = invoke("audit", old_charter, "--on", "2027-03-01", "--library", SMALL)

    assert ran.exit_code == 1
    assert "Règle : argent.mots" in flat(ran.output)


def test_an_encoding_that_was_guessed_is_said(old_charter: Path) -> None:
    old_charter.write_bytes("Été.".encode("cp1252"))
    ran = invoke("audit", old_charter, "--on", "2027-03-01")

    assert "lu en Windows-1252" in flat(ran.stderr)


def test_an_act_older_than_the_library_is_said(old_charter: Path) -> None:
    ran = invoke("audit", old_charter, "--on", "2019-03-01")

    assert "actes datés du 1er février 2025" in flat(ran.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "FICHIER"),
        (("absent.md",), "fichier illisible"),
        (("charte.docx",), "ce format ne se lit pas ici"),
        (("charte.md", "--on", "hier"), "--on : « hier » n’est pas une date"),
    ],
)
def test_a_wrong_request_is_refused_with_code_two(
    arguments: tuple[str, ...], said: str
) -> None:
    ran = invoke("audit", *arguments)

    assert ran.exit_code == 2
    assert said in flat(ran.stderr)
