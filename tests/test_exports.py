import re
from datetime import date
from pathlib import Path

import pytest
from consultations import SEEN, SESSION, small_consultation
from dialogues import Clock, redacted

from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.exports import Cell, Selection, Sheet, csv_text, sheets
from charter_builder.storage.consultation_files import dialogue_of, journal
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import load_versions
from charter_builder.typography import plain
from charter_builder.units import FrozenVersion

Told = tuple[Dialogue, list[FrozenVersion]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    place = small_consultation(tmp_path_factory.mktemp("export"))
    return dialogue_of(place), load_versions(place.root)


def tables(told: Told, selection: Selection = Selection()) -> dict[str, Sheet]:  # noqa: B008
    made = sheets(*told, {"C-0001": "contributions/articles/horaires.html"}, selection)
    return {sheet.title: sheet for sheet in made}


def row(sheet: Sheet, identifier: str) -> dict[str, Cell]:
    """Return the row of a contribution by the titles of its columns."""
    (cells,) = (cells for cells in sheet.rows if cells[0] == identifier)
    return {
        column.title: cell for column, cell in zip(sheet.columns, cells, strict=True)
    }


def test_every_row_has_a_cell_for_each_column(told: Told) -> None:
    for sheet in tables(told).values():
        assert {len(cells) for cells in sheet.rows} == {len(sheet.columns)}


def test_a_contribution_is_told_with_its_answer(told: Told) -> None:
    said = row(tables(told)["Contributions"], "C-0004")

    assert said["Article (n° et titre)"] == "Article 1. Les horaires"
    assert said["Organisation"] == "CGT Territoriaux"
    assert said["Collège"] == "représentants du personnel"
    assert said["Nature"] == (
        "amendement : nouvelle rédaction de l’article (avis favorable sous réserve)"
    )
    assert said["Texte en vigueur"] == "[7 alinéas]"
    assert said["Texte proposé"] == f"{SEEN}\n[7 autres alinéas]"
    assert said["Disposition"] == "partiellement retenue"
    assert said["Motif de la réponse"] == "Motif de C-0004."
    assert "bilan" in str(said["Texte adopté"])
    assert (said["Instance"], said["Date de la séance"]) == (
        "Groupe de travail",
        date.fromisoformat(SESSION),
    )
    assert said["Appliqué dans"] == "version 2"


def test_a_contribution_put_elsewhere_is_beside_the_text_of_its_article(
    told: Told,
) -> None:
    said = row(tables(told)["Contributions"], "C-0012")

    assert said["Article (n° et titre)"] == "Article 1. Les horaires"
    assert said["Texte en vigueur"] == "[7 alinéas]"


@pytest.mark.parametrize(
    ("identifier", "column", "expected"),
    [
        ("C-0001", "Lien", "contributions/articles/horaires.html"),
        ("C-0008", "Motifs", "[texte expurgé : données personnelles d’un tiers]"),
        ("C-0008", "Disposition", "en attente de réponse"),
        ("C-0009", "Disposition", "retirée par l’organisation"),
        ("C-0013", "Texte proposé", "Quand ?\nProposition B : 20 heures"),
        ("C-0005", "Nature", "amendement : suppression de l’article"),
    ],
)
def test_what_is_particular_is_said(
    told: Told, identifier: str, column: str, expected: str
) -> None:
    said = str(row(tables(told)["Contributions"], identifier)[column])

    assert plain(said) == plain(expected)


def test_a_deletion_shows_the_whole_text_that_would_go(told: Told) -> None:
    said = row(tables(told)["Contributions"], "C-0005")
    unit = told[1][0].unit("horaires")
    assert unit is not None

    lines = [line for line in unit.text.split("\n") if line]
    assert said["Texte en vigueur"] == "\n".join(lines)
    assert said["Texte proposé"] == ""


def test_an_article_that_disappears_is_given_whole(told: Told) -> None:
    first, second, *_ = told[1]
    kept = tuple(unit for unit in second.units if unit.id != "couts")
    gone = first.unit("couts")
    assert gone is not None
    versions = [first, second.model_copy(update={"units": kept})]

    texts = tables((told[0], versions))["Textes modifiés"].rows

    (cells,) = (cells for cells in texts if cells[3] == "disparaît")
    lines = [line for line in gone.text.split("\n") if line]
    assert cells[4:6] == ("\n".join(lines), "")


def test_an_erased_wording_leaves_the_text_beside_it_cut_down(tmp_path: Path) -> None:
    place = small_consultation(tmp_path)
    register = journal(place, Clock("2027-02-01T09:00:00"))
    given = register.refresh().standing("C-0003").replies[0]
    rank = [r.contribution for r in given.decision.replies].index("C-0003")
    field = f"decision.replies.{rank}.adopted_text"
    redacted(Registrar(register, {}), given.seq, field, "personal-data")

    told = dialogue_of(place), load_versions(place.root)
    said = row(tables(told)["Contributions"], "C-0003")

    assert said["Texte en vigueur"] == "[7 alinéas]"
    assert str(said["Texte adopté"]).startswith("[texte expurgé")


def test_decisions_keep_the_first_reply_and_what_was_said_against_it(
    told: Told,
) -> None:
    made = [cells for cells in tables(told)["Décisions"].rows if "C-0001" in cells]

    assert [cells[8] for cells in made] == ["rejetée", "expliquée"]
    assert [cells[11] for cells in made] == [f"Non. {SEEN}", ""]


def test_a_session_exports_what_it_answered_and_nothing_else(told: Told) -> None:
    made = tables(told, Selection(session="2027-01-25"))

    assert [cells[0] for cells in made["Contributions"].rows] == ["C-0001"]
    assert [cells[0] for cells in made["Décisions"].rows] == ["D-0002"]
    assert ("Ce qui est exporté", "séance du 25 janvier 2027") in made[
        "Vérification"
    ].rows


def test_a_session_shows_its_own_reply_not_the_one_that_followed(told: Told) -> None:
    made = tables(told, Selection(session=SESSION))["Contributions"]

    assert row(made, "C-0001")["Disposition"] == "rejetée"


def test_an_organisation_exports_its_own_contributions(told: Told) -> None:
    made = tables(told, Selection(organisation="fo"))

    assert [cells[0] for cells in made["Contributions"].rows] == ["C-0010"]
    assert [c.title for c in made["Statistiques"].columns][1:] == ["FO", "Ensemble"]
    assert made["Textes modifiés"].rows == ()


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(session="2027-03-18"), "Séances : 2027-01-18, 2027-01-25."),
        (Selection(organisation="cfd"), "Vouliez-vous dire « cfdt »"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    told: Told, selection: Selection, said: str
) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        tables(told, selection)


def test_texts_that_change_say_because_of_whom(told: Told) -> None:
    changed = {cells[0]: cells for cells in tables(told)["Textes modifiés"].rows}

    assert changed["Article 1. Les horaires"][6] == "C-0003, C-0004"
    assert changed["Article 2. Les coûts"][7] == f"Mise en cohérence. {SEEN}"
    before, after = map(plain, map(str, changed["Article 1. Les horaires"][4:6]))
    assert before.split("\n")[0] == "[1 autre alinéa]"
    assert before.split("\n")[3] == "Nul n'est joint de 18 h 30 à 7 h 30."
    assert after == "[3 alinéas]"


def test_the_proofs_give_the_head_of_the_register_and_count_what_is_there(
    told: Told,
) -> None:
    rows = tables(told)["Vérification"].rows
    proofs = {label: value for label, value in rows}  # noqa: C416

    assert proofs["Empreinte de la dernière entrée"] == told[0].head.digest
    assert proofs["Entrées du registre"] == str(told[0].head.size)
    assert proofs["Contributions au registre"] == "13"
    assert proofs["Textes expurgés"] == "1"
    assert "apostrophe" in str(proofs["Fichiers CSV"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_could_be_a_formula_starts_with_an_apostrophe_in_csv(
    start: str,
) -> None:
    assert csv_text(f"{start}1+1") == f"'{start}1+1"


def test_other_cells_are_as_one_reads_them_in_csv() -> None:
    assert csv_text("1 = 1") == "1 = 1"
    assert csv_text(-2) == "-2"
    assert csv_text(2.5) == "2,5"
    assert csv_text(date(2027, 3, 1)) == "01/03/2027"
