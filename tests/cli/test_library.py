"""`charter library`: what the authors of clauses see."""

import json
import shutil
from pathlib import Path

import pytest
from terminal import SMALL, flat, invoke

from charter_builder.library import Library
from charter_builder.watch import WatchReport


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the small library, to write mistakes in."""
    return shutil.copytree(SMALL, tmp_path / "bibliotheque")


def test_a_library_without_mistake_is_counted(library: Library) -> None:
    checked = invoke("library", "check", SMALL)

    assert checked.exit_code == 0
    assert checked.output == (
        "petite 1.0.0 : 2 thèmes dont 2 avec leurs clauses, 4 options, 7 questions, "
        f"3 règles, 3 références. Aucune erreur.\nEmpreinte : {library.digest}\n"
    )


def test_without_a_folder_the_shipped_library_is_checked() -> None:
    checked = invoke("library", "check")

    assert checked.exit_code == 0
    assert checked.output.startswith("teletravail-fpt ")


def test_all_the_mistakes_of_a_library_are_told_at_once_each_on_its_line(
    own: Path,
) -> None:
    for name, right, wrong in (
        ("couts/nature.yml", "agents < 200", "agent < 200"),
        ("couts/theme.yml", "[nature, forfait]", "[natur, forfait]"),
        ("horaires/plage.yml", "{{ debut|heure }}", "{{ debut|heur }}"),
    ):
        text = (own / name).read_text()
        (own / name).write_text(text.replace(right, wrong))
    checked = invoke("library", "check", own)

    assert checked.exit_code == 2
    for place, hint in (
        ("couts/nature.yml:3 : ", "« agents »"),
        ("couts/theme.yml:5 : ", "« nature »"),
        ("horaires/plage.yml:17 : ", "« heure »"),
    ):
        assert any(
            place in line and f"Vouliez-vous dire {hint}" in line
            for line in checked.stderr.splitlines()
        ), checked.stderr


def test_a_folder_that_is_no_library_is_one_sentence(tmp_path: Path) -> None:
    checked = invoke("library", "check", tmp_path / "nulle-part")

    assert checked.exit_code == 2
    assert checked.stderr.count("\n") == 1
    assert "ce n’est ni un dossier, ni une bibliothèque fournie" in checked.stderr


def test_the_files_of_a_library_are_written_in_one_style_and_named(own: Path) -> None:
    plage = own / "horaires" / "plage.yml"
    text = plage.read_text(encoding="utf-8")
    untidy = text.replace("title: Une plage fixe", "title:   'Une plage fixe' # ici")
    plage.write_text(untidy, encoding="utf-8")
    checked = invoke("library", "check", own, "--format")

    assert checked.exit_code == 0
    told, count, *summary = checked.output.splitlines()
    assert told == f"{plage} : mis en forme."
    assert count == "Mise en forme : 1 fichier réécrit."
    assert summary == invoke("library", "check", own).output.splitlines()
    tidy = text.replace("title: Une plage fixe", "title: Une plage fixe  # ici")
    assert plage.read_text(encoding="utf-8") == tidy


def test_a_library_in_our_style_is_left_as_it_is(own: Path) -> None:
    checked = invoke("library", "check", own, "--format")

    assert checked.output.startswith("Mise en forme : 0 fichier réécrit.\npetite ")


def test_checking_alone_writes_nothing(own: Path) -> None:
    plage = own / "horaires" / "plage.yml"
    untidy = plage.read_text(encoding="utf-8").replace("title: ", "title:    ")
    plage.write_text(untidy, encoding="utf-8")

    assert invoke("library", "check", own).exit_code == 0
    assert plage.read_text(encoding="utf-8") == untidy


@pytest.mark.parametrize("named", [(), ("dialogue-social",)])
def test_a_shipped_library_is_rewritten_only_by_its_folder(
    named: tuple[str, ...],
) -> None:
    checked = invoke("library", "check", *named, "--format")

    assert checked.exit_code == 2
    assert "une bibliothèque fournie ne se réécrit pas" in checked.stderr


def test_themes_and_options_are_listed_part_by_part() -> None:
    shown = invoke("library", "show", SMALL)

    assert shown.output == (
        "\nLe temps\n"
        "  horaires : Les horaires\n"
        "    horaires/plage : Une plage fixe\n"
        "    horaires/souple : Une règle d’équipe\n"
        "\nL’argent\n"
        "  couts : Les coûts\n"
        "    couts/nature : En nature\n"
        "    couts/forfait : Un forfait\n"
    )


def test_a_schema_describes_every_key_to_an_editor() -> None:
    schema = json.loads(invoke("library", "schema", "option").output)

    assert "text" in schema["properties"]
    assert all("description" in field for field in schema["properties"].values())


def test_the_schema_of_a_file_named_by_its_path_has_no_id() -> None:
    schema = json.loads(invoke("library", "schema", "theme").output)

    assert "id" not in schema["properties"]
    assert "id" not in schema["required"]


def test_without_a_kind_every_schema_is_printed() -> None:
    schemas = json.loads(invoke("library", "schema").output)

    assert {"library", "questions", "theme", "option", "rules"} <= schemas.keys()


def test_a_kind_of_file_nobody_knows_comes_with_a_hint() -> None:
    refused = invoke("library", "schema", "thme")

    assert refused.exit_code == 2
    assert "« thme » n’est pas un genre de fichier." in refused.stderr
    assert "Vouliez-vous dire « theme » ?" in refused.stderr


# --- watch ---------------------------------------------------------------------------


def test_watch_says_nothing_the_day_everything_was_checked() -> None:
    watched = invoke("library", "watch", SMALL, "--on", "2026-11-24")

    assert watched.output == "Au 24 novembre 2026 : 0 référence à relire.\n"


def test_watch_lists_what_is_old_and_the_drafts_it_touches(
    answered_town: Path,
) -> None:
    watched = invoke(
        *("library", "watch", SMALL, "--on", "01/01/2030"),
        *("--workspace", answered_town),
    )

    said = flat(watched.output)
    assert watched.exit_code == 0
    assert "À REVÉRIFIER · Repos quotidien" in said
    assert "Projets : " in said


def test_watch_for_a_program_is_a_documented_value() -> None:
    watched = invoke(
        "library", "watch", SMALL, "--on", "2030-01-01", "--format", "json"
    )

    report = WatchReport.model_validate_json(watched.output)
    assert report.on == "2030-01-01"
    assert report.alerts


def test_watch_refuses_a_wrong_day() -> None:
    refused = invoke("library", "watch", SMALL, "--on", "demain")

    assert refused.exit_code == 2
    assert "--on : « demain » n’est pas une date" in flat(refused.stderr)
