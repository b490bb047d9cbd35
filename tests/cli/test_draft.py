"""`draft`, `check`, `explain` and `export`: what one does with the answers given."""

import json
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from documents import MANIFEST, REQUEST
from docx import Document
from terminal import SMALL, flat, invoke
from trees import write_tree


@pytest.fixture
def unlawful_town(answered_town: Path) -> Path:
    """A workspace whose daily rest lasts one hour."""
    invoke("-C", answered_town, "ask", "--set", "debut=01:00", "--set", "fin=02:00")
    return answered_town


# --- draft ---------------------------------------------------------------------------


def test_a_draft_is_the_charter_its_data_and_the_act(answered_town: Path) -> None:
    drafted = invoke("-C", answered_town, "draft")

    folder = answered_town / "draft"
    assert drafted.exit_code == 0
    assert {path.name for path in folder.iterdir()} == {
        "charte.md",
        "charte.json",
        "deliberation.md",
    }
    assert "Nul n’est joint de 19 heures" in flat((folder / "charte.md").read_text())
    assert json.loads((folder / "charte.json").read_text())["act_date"] == "2027-03-01"


def test_what_was_drafted_and_how_to_read_it_is_said(answered_town: Path) -> None:
    drafted = invoke("-C", answered_town, "draft")

    assert drafted.output == (
        f"{answered_town}/draft : 2 articles, délibération pour un acte du "
        "1er mars 2027.\n"
        "Vérification : 0 erreur, 0 point à vérifier, 0 note.\n"
        "À lire : « charter export -o projet.docx », ou « charter site "
        "serve ».\n"
    )


def test_what_cannot_be_explained_says_which_numbers_can(answered_town: Path) -> None:
    refused = invoke("-C", answered_town, "explain", "97")

    assert "Donnez le numéro d’un article, de 1 à 2." in refused.stderr


def test_a_second_draft_rewrites_nothing(answered_town: Path) -> None:
    def stamps() -> dict[str, int]:
        return {
            str(path): path.stat().st_mtime_ns
            for path in answered_town.rglob("*")
            if path.is_file()
        }

    invoke("-C", answered_town, "draft")
    before = stamps()
    invoke("-C", answered_town, "draft")

    assert stamps() == before


def test_a_draft_with_errors_is_written_and_says_where_to_read_them(
    unlawful_town: Path,
) -> None:
    drafted = invoke("-C", unlawful_town, "draft")

    assert drafted.exit_code == 0
    assert "1 erreur, 0 point à vérifier" in drafted.output
    assert "« charter check » dit lesquelles" in drafted.output


@pytest.mark.parametrize("command", ["draft", "check"])
def test_a_draft_with_holes_is_refused(town: Path, command: str) -> None:
    refused = invoke("-C", town, command)

    assert refused.exit_code == 2
    for name in ("agents", "horaires", "couts"):
        assert f"\n  {name} : " in refused.stderr
    assert not (town / "draft").exists()


def test_a_library_changed_since_the_last_draft_is_said_once(tmp_path: Path) -> None:
    library = shutil.copytree(SMALL, tmp_path / "bibliotheque")
    folder = tmp_path / "ville"
    invoke(
        *("new", folder, "--library", library, "--profile", "court"),
        *("--name", "Essai", "--date", "01/03/2027"),
    )
    invoke("-C", folder, "ask", "--defaults")
    manifest = library / "library.yml"
    manifest.write_text(manifest.read_text().replace("'1.0.0'", "'1.1.0'"))

    assert "(petite 1.0.0 → petite 1.1.0" in invoke("-C", folder, "draft").stderr
    assert invoke("-C", folder, "draft").stderr == ""


# --- check ---------------------------------------------------------------------------


def test_a_lawful_draft_checks_with_code_zero(answered_town: Path) -> None:
    checked = invoke("-C", answered_town, "check")

    assert checked.exit_code == 0
    assert checked.output.endswith("\n0 erreur, 0 point à vérifier, 0 note.\n")


def test_an_unlawful_draft_checks_with_code_one(unlawful_town: Path) -> None:
    checked = invoke("-C", unlawful_town, "check")

    assert checked.exit_code == 1
    assert (
        "ERREUR · Le repos entre 1 heure et 2 heures est trop court (durée : 1 heure). "
        "Où : article 1, Les horaires Réponses : debut, fin Source : article R. 3 du "
        "nouveau code (règle impérative) Remède : Laissez au moins 11 heures. "
        "Règle : temps.repos"
    ) in flat(checked.output)


def test_a_point_to_verify_is_no_error(answered_town: Path) -> None:
    invoke(
        *("-C", answered_town, "ask", "--set", "couts=forfait"),
        *("--set", "montant=2"),
    )
    checked = invoke("-C", answered_town, "check")

    assert checked.exit_code == 0
    assert "À VÉRIFIER · Le forfait de 2 € est inférieur" in flat(checked.output)


def test_each_compulsory_content_is_said_treated_or_not(answered_town: Path) -> None:
    checked = flat(invoke("-C", answered_town, "check").output)

    assert "C01 · Horaires dits traité : article 1, Les horaires" in checked
    assert "C02 · Forfait décidé sans objet : Le forfait n’est pas versé." in checked
    assert "C03 · Avis recueilli démarche à faire : Saisissez le comité." in checked


def test_a_program_reads_the_same_check_as_json(unlawful_town: Path) -> None:
    checked = invoke("-C", unlawful_town, "check", "--format", "json")

    told = json.loads(checked.stdout)
    assert checked.exit_code == 1
    assert told["act_date"] == "2027-03-01"
    assert [finding["rule"] for finding in told["findings"]] == ["temps.repos"]
    assert [item["id"] for item in told["requirements"]] == ["C01", "C02", "C03"]


def test_a_check_also_says_how_each_article_reads(answered_town: Path) -> None:
    checked = invoke("-C", answered_town, "check", "--reading")

    assert checked.exit_code == 0
    assert re.search(
        r"Lisibilité Article 1 : indice \d+, phrase médiane de [\d,]+ mots?, "
        r"la plus longue de \d+ .*Ensemble : indice \d+",
        flat(checked.output),
    )


@pytest.mark.parametrize("form", ["json", "github"])
def test_the_reading_is_for_a_person(answered_town: Path, form: str) -> None:
    refused = invoke("-C", answered_town, "check", "--reading", "--format", form)

    assert refused.exit_code == 2
    assert f"il ne va pas avec « --format {form} »" in refused.stderr


# A key that goes, or takes another name, makes another format: raise `format` with it.
FORMAT_1 = {
    "": {"format", "act_date", "library", "findings", "requirements"},
    "library": {"id", "version", "digest"},
    "findings": {
        *("rule", "severity", "message", "place", "names", "references", "remedy"),
    },
    "findings.references": {"id", "text", "subject", "force", "confidence"},
    "requirements": {
        *("id", "title", "where", "status", "places", "reason", "references"),
    },
    "requirements.references": {"id", "text", "subject", "force", "confidence"},
}


def keys_of(told: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the place and the keys of each object of a report."""
    if isinstance(told, dict):
        yield path, frozenset(told)
        for key, value in told.items():
            yield from keys_of(value, f"{path}.{key}".strip("."))
    elif isinstance(told, list):
        for item in told:
            yield from keys_of(item, path)


def test_the_json_of_format_1_keeps_every_key_everywhere(unlawful_town: Path) -> None:
    told = json.loads(invoke("-C", unlawful_town, "check", "--format", "json").stdout)

    assert told["format"] == 1
    found = list(keys_of(told))
    assert {path for path, _ in found} == set(FORMAT_1)
    assert [
        (path, FORMAT_1[path] - keys) for path, keys in found if FORMAT_1[path] - keys
    ] == []


def departures(schema: Any, told: Any, root: Any, path: str = "") -> Iterator[str]:
    """Yield where a value departs from a schema, for the words ours uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    known = {"object": dict, "array": list, "string": str, "integer": int}
    if "type" in schema and not isinstance(told, known[schema["type"]]):
        yield f"{path}: not of type {schema['type']}"
    elif told not in schema.get("enum", [told]) or schema.get("const", told) != told:
        yield f"{path}: {told} not expected"
    elif isinstance(told, dict):
        yield from (f"{path}: no {key}" for key in set(schema["required"]) - set(told))
        for key, value in told.items():
            yield from departures(
                schema["properties"][key], value, root, f"{path}.{key}"
            )
    elif isinstance(told, list):
        for item in told:
            yield from departures(schema["items"], item, root, path)


def test_the_json_is_what_its_schema_says(unlawful_town: Path) -> None:
    told = json.loads(invoke("-C", unlawful_town, "check", "--format", "json").stdout)
    schema = json.loads(invoke("library", "schema", "check").stdout)

    assert list(departures(schema, told, schema)) == []
    told["findings"][0]["severity"] = "grave"
    del told["library"]["digest"]
    assert list(departures(schema, told, schema)) == [
        ".library: no digest",
        ".findings.severity: grave not expected",
    ]


def test_the_schema_lets_a_later_version_add_keys() -> None:
    schema = invoke("library", "schema", "check").stdout

    assert "additionalProperties" not in schema


# --- explain -------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["couts", "2"])
def test_an_article_is_explained_by_its_name_or_number(
    answered_town: Path, identifier: str
) -> None:
    explained = flat(invoke("-C", answered_town, "explain", identifier).output)

    assert explained.startswith("Article 2. Les coûts Ce qu’il règle : Qui paie quoi.")
    assert (
        "option retenue à la question « Qui paie ? », recommandée parce que : Combien "
        "d’agents : 120 agents (moins de 200 agents)."
    ) in explained
    assert "Source : doctrine de l’administration" in explained


def test_a_paragraph_is_explained_alone(answered_town: Path) -> None:
    explained = flat(invoke("-C", answered_town, "explain", "couts/nature/1").output)

    assert (
        "L’employeur fournit le matériel, dans le respect de l’article 1" in explained
    )
    assert "Matériel fourni : néant" not in explained


@pytest.mark.parametrize("identifier", ["couts/forfait", "couts/forfait/1"])
def test_an_option_left_out_is_said_so(answered_town: Path, identifier: str) -> None:
    refused = invoke("-C", answered_town, "explain", identifier)

    assert refused.exit_code == 2
    assert flat(refused.stderr).endswith(
        f"« {identifier} » n’est pas dans le projet : l’option « Un forfait » n’est pas "
        "retenue."
    )


def test_a_name_that_is_nowhere_comes_with_a_hint(answered_town: Path) -> None:
    refused = invoke("-C", answered_town, "explain", "cout")

    assert refused.exit_code == 2
    assert "« cout » n’est pas dans le projet." in refused.stderr
    assert "Vouliez-vous dire « couts » ?" in refused.stderr


# --- export --------------------------------------------------------------------------


def test_the_name_of_the_file_says_the_format(
    answered_town: Path, tmp_path: Path
) -> None:
    done = invoke("-C", answered_town, "export", "-o", tmp_path / "projet.DOCX")
    refused = invoke("-C", answered_town, "export", "-o", tmp_path / "projet.pdf")

    assert done.exit_code == 0
    assert (tmp_path / "projet.DOCX").read_bytes().startswith(b"PK")
    assert refused.exit_code == 2
    assert "Finissez-le par .docx ou .md, ou donnez --to" in flat(refused.output)
    assert not (tmp_path / "projet.pdf").exists()


def test_the_whole_dossier_is_one_markdown_file(
    answered_town: Path, tmp_path: Path
) -> None:
    target = tmp_path / "dossier" / "projet.md"
    exported = invoke("-C", answered_town, "export", "--to", "md", "-o", target)

    assert exported.output == f"{target} : écrit.\n"
    text = flat(target.read_text(encoding="utf-8"))
    assert text.index("La charte est adoptée.") < text.index("Nul n’est joint")


def test_the_whole_dossier_is_one_word_file(
    answered_town: Path, tmp_path: Path
) -> None:
    target = tmp_path / "projet.docx"
    invoke("-C", answered_town, "export", "--to", "docx", "-o", target)

    document = Document(BytesIO(target.read_bytes()))
    text = flat(" ".join(paragraph.text for paragraph in document.paragraphs))
    assert text.index("La charte est adoptée.") < text.index("Nul n’est joint")


def test_a_document_that_cannot_be_written_is_one_sentence(
    answered_town: Path, tmp_path: Path
) -> None:
    (tmp_path / "fichier").write_text("")
    target = tmp_path / "fichier" / "projet.md"
    refused = invoke("-C", answered_town, "export", "--to", "md", "-o", target)

    assert refused.exit_code == 2
    assert "un fichier tient la place d’un dossier" in refused.stderr


# --- documents -----------------------------------------------------------------------


@pytest.fixture
def documented_town(tmp_path: Path) -> Path:
    """A workspace whose library has a document, asked of small towns only."""
    clauses = Path(shutil.copytree(SMALL, tmp_path / "clauses"))
    small = REQUEST.replace("sections:", "when: agents < 500\nsections:", 1)
    write_tree(clauses, {"library.yml": MANIFEST, "annexes/demande.yml": small})
    folder = tmp_path / "ville"
    invoke(
        *("new", folder, "--library", clauses, "--profile", "court"),
        *("--name", "Essai", "--date", "01/03/2027"),
    )
    invoke("-C", folder, "ask", "--defaults")
    return folder


def test_the_draft_holds_its_documents(documented_town: Path) -> None:
    drafted = invoke("-C", documented_town, "draft")

    assert "délibération et 1 document annexe" in flat(drafted.output)
    text = (documented_town / "draft" / "demande.md").read_text(encoding="utf-8")
    assert text.startswith("# Demande de repos\n")


def test_a_document_that_no_longer_applies_leaves_the_draft(
    documented_town: Path,
) -> None:
    invoke("-C", documented_town, "draft")
    invoke("-C", documented_town, "ask", "--set", "agents=900")
    invoke("-C", documented_town, "draft")

    assert not (documented_town / "draft" / "demande.md").exists()
    assert (documented_town / "draft" / "deliberation.md").exists()


@pytest.mark.parametrize("form", ["md", "docx"])
def test_one_document_is_exported_alone(
    documented_town: Path, tmp_path: Path, form: str
) -> None:
    target = tmp_path / f"demande.{form}"
    invoke(
        *("-C", documented_town, "export", "--to", form),
        *("--document", "demande", "-o", target),
    )

    if form == "md":
        text = target.read_text(encoding="utf-8")
    else:
        document = Document(BytesIO(target.read_bytes()))
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Demande de repos" in text
    assert "La charte est adoptée." not in text


def test_a_document_that_does_not_exist_is_not_exported(
    documented_town: Path, tmp_path: Path
) -> None:
    target = tmp_path / "refus.md"
    refused = invoke(
        *("-C", documented_town, "export", "--to", "md"),
        *("--document", "refus", "-o", target),
    )

    assert refused.exit_code == 2
    assert "« refus » n’est pas un document de ce projet." in flat(refused.stderr)
    assert "Documents : demande." in flat(refused.stderr)
    assert not target.exists()


def test_a_document_the_answers_do_not_ask_for_says_so(
    documented_town: Path, tmp_path: Path
) -> None:
    invoke("-C", documented_town, "ask", "--set", "agents=900")
    refused = invoke(
        *("-C", documented_town, "export", "--to", "md"),
        *("--document", "demande", "-o", tmp_path / "demande.md"),
    )

    assert refused.exit_code == 2
    assert "les réponses données ne le demandent pas" in flat(refused.stderr)


def test_an_annex_without_a_name_is_not_the_charter(
    answered_town: Path, tmp_path: Path
) -> None:
    target = tmp_path / "projet.md"

    refused = invoke(
        *("-C", answered_town, "export", "--to", "md"),
        *("--document", "", "-o", target),
    )

    assert refused.exit_code == 2
    assert "n’est pas un document de ce projet" in flat(refused.stderr)
    assert not target.exists()


def test_a_draft_that_is_a_link_is_refused(answered_town: Path, tmp_path: Path) -> None:
    outside = tmp_path / "dehors"
    outside.mkdir()
    (answered_town / "draft").symlink_to(outside)

    refused = invoke("-C", answered_town, "draft")

    assert refused.exit_code == 2
    assert "ce dossier est un lien symbolique" in flat(refused.stderr)
    assert list(outside.iterdir()) == []
