import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from charter_builder.errors import CharterError, InputError
from charter_builder.expressions import one_line
from charter_builder.library import Library
from charter_builder.questionnaire import (
    AdoptedText,
    Answer,
    Answers,
    LocalParagraph,
    OpenAnswer,
    Question,
)
from charter_builder.storage.answers_file import (
    HEADER,
    create_answers,
    dump_answers,
    load_answers,
    load_answers_text,
    load_partial_answers,
    update_answers,
)

SMALL = Path(__file__).parents[1] / "small"

TYPED_BY_HAND = """\
# Réponses de L'Isle-Verte, relues le 3 mars.

profile:   "court"   # le plus court
act_date: 1/3/2027

themes:
    couts:   # voir la délibération de 2026
      options: forfait
      montant: 2,50

    # Les horaires restent à discuter.
    horaires: {options: [souple, plage], debut: 19 h, fin: '7:30', cas: [urgence]}

questions:
  agents: 1 607
  nom: L'Isle-Verte
"""


@pytest.fixture
def by_hand(library: Library) -> Answers:
    """The answers of `TYPED_BY_HAND`."""
    return load_answers_text(TYPED_BY_HAND, library, "answers.yml")


def reloaded(library: Library, answers: Answers, before: str = "") -> Answers:
    text = dump_answers(library, answers, before)
    return load_answers_text(text, library, "answers.yml")


# --- reading -------------------------------------------------------------------------


def test_a_file_typed_by_hand_is_understood(by_hand: Answers) -> None:
    assert by_hand == Answers(
        act_date="2027-03-01",
        profile="court",
        chosen={
            "couts": ("couts/forfait",),
            "horaires": ("horaires/plage", "horaires/souple"),
        },
        values={
            "agents": 1607,
            "nom": "L'Isle-Verte",
            "montant": Decimal("2.5"),
            "debut": "19:00",
            "fin": "07:30",
            "cas": ("urgence",),
        },
    )


@pytest.mark.parametrize("typed", ["01700", "0x1F", "1.50", "1e3", "2027-03-01", "no"])
def test_a_text_that_looks_like_a_number_or_a_date_stays_as_typed(
    library: Library, typed: str
) -> None:
    text = f"act_date: '2027-03-01'\nprofile: court\nquestions:\n  nom: {typed}\n"

    assert load_answers_text(text, library, "x").values["nom"] == typed


def test_a_theme_closed_by_hand_is_not_a_theme_nobody_decided(library: Library) -> None:
    text = "act_date: '2027-03-01'\nprofile: court\nthemes: {couts: {options: []}}\n"

    assert load_answers_text(text, library, "x").chosen == {"couts": ()}


EVERY_KIND: Mapping[str, tuple[str, str, Answer]] = {
    "bool": ("kind: bool", "oui", True),
    "integer": ("kind: integer\nunit: agents", "1 607", 1607),
    "decimal": ("kind: decimal", "2,75", Decimal("2.75")),
    "duration": ("kind: duration\nunit: mois", "6", 6),
    "money": ("kind: money", "2.88", Decimal("2.88")),
    "time": ("kind: time", "19 h 30", "19:30"),
    "date": ("kind: date", "1er mars 2027", "2027-03-01"),
    "text": ("kind: text", "'# a: b'", "# a: b"),
    "texts": ("kind: texts", "[a, '- b']", ("a", "- b")),
    "rows": (
        "kind: rows\ncolumns: {objet: Objet, nombre: Nombre}",
        "[{objet: Écran, nombre: 02}]",
        (("Écran", "02"),),
    ),
    "choice": (
        "kind: choice\nchoices: {un-an: Un an, deux-ans: Deux ans}",
        "un-an",
        "un-an",
    ),
    "choices": (
        "kind: choices\nchoices: {lundi: Lundi, mardi: Mardi}",
        "[mardi, lundi]",
        ("lundi", "mardi"),
    ),
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_answer_of_every_kind_is_read_written_and_read_again(
    library: Library, kind: str
) -> None:
    declared, typed, answer = EVERY_KIND[kind]
    lines = dict(line.split(": ", 1) for line in declared.split("\n"))
    choices = lines.get("choices") or lines.get("columns")
    data: dict[str, object] = {"label": "Essai ?", "kind": lines["kind"]}
    if "unit" in lines:
        data["unit"] = lines["unit"]
    if choices:
        pairs = [pair.split(": ") for pair in choices.strip("{}").split(", ")]
        data["choices" if "choices" in lines else "columns"] = dict(pairs)
    question: Question = TypeAdapter(Question).validate_python(data)
    extended = replace(library, questions={**library.questions, "essai": question})
    text = f"act_date: '2027-03-01'\nprofile: court\nquestions:\n  essai: {typed}\n"

    found = load_answers_text(text, extended, "answers.yml")

    assert found.values == {"essai": answer}
    assert reloaded(extended, found) == found


# --- a file gone wrong ---------------------------------------------------------------

START = "act_date: '2027-03-01'\nprofile: court\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "answers.yml:1 : « act_date », la date de l’acte, manque : '2027-03-01'."),
        ("- a", "answers.yml:1 : le fichier doit contenir des lignes « nom: valeur »."),
        ("profile: court", "answers.yml:1 : « act_date », la date de l’acte, manque"),
        (
            "act_date: '2027-03-01'",
            "answers.yml:1 : « profile » manque. Profils : court.",
        ),
        (
            "act_date: 2027-02-30\nprofile: court",
            "answers.yml:1 : « 2027-02-30 » n’est ni",
        ),
        (
            "act_date: '2027-02-30'\nprofile: court",
            "answers.yml:1 : « 2027-02-30 » n’est pas un jour du calendrier",
        ),
        ("act_date: [2027]\nprofile: court", "answers.yml:1 : répondez par une date"),
        ("act_date: '9999-01-01'\nprofile: court", "answers.yml:1 : "),
        (
            "act_date: '2020-01-01'\nprofile: court",
            "answers.yml:1 : la bibliothèque connaît le droit applicable à partir du",
        ),
        (
            "act_date: '2027-03-01'\nprofile: courd",
            "answers.yml:2 : « courd » : profil inconnu dans cette bibliothèque. "
            "Vouliez-vous dire « court » ?",
        ),
        (
            "act_date: '2027-03-01'\nprofile: {a: b}",
            "answers.yml:2 : « {'a': 'b'} » : ",
        ),
        ("act_date: '2027-03-01'\nprofile: [a]", "answers.yml:2 : "),
        (
            START + "theme: {}",
            "answers.yml:3 : « theme » n’est pas une rubrique connue. Vouliez-vous dire "
            "« themes » ?",
        ),
        (START + "1: {}", "answers.yml:3 : « 1 » sert de nom de rubrique"),
        (START + "version: 99", "answers.yml:3 : « version » n’est pas une rubrique"),
        (
            START + "questions: [a]",
            "answers.yml:3 : « questions » doit contenir des lignes",
        ),
        (
            START + "questions:\n  agent: 12",
            "answers.yml:4 : « agent » : question inconnue dans cette bibliothèque. "
            "Vouliez-vous dire « agents » ?",
        ),
        (
            START + "questions:\n  agents:",
            "answers.yml:4 : « agents » n’a pas de valeur",
        ),
        (
            START + "questions:\n  agents: douze",
            "answers.yml:4 : « agents » : « douze » n’",
        ),
        (
            START + "questions:\n  agents: [1]",
            "answers.yml:4 : « agents » : répondez par un seul nombre, pas",
        ),
        (
            START + "questions:\n  agents: true",
            "answers.yml:4 : « agents » : répondez par",
        ),
        (START + "questions:\n  agents: 0x" + "f" * 4000, "answers.yml:4 : « 0xfff"),
        (START + "questions:\n  agents: .nan", "answers.yml:4 : « .nan »"),
        (
            START + "questions:\n  agents: -5",
            "answers.yml:4 : « agents » : répondez par un",
        ),
        (
            START + "questions:\n  nom: {a: b}",
            "answers.yml:4 : « nom » : répondez par un",
        ),
        (
            START + "questions:\n  nom: ''",
            "answers.yml:4 : « nom » : la réponse est vide.",
        ),
        (
            START + "questions:\n  nom: " + "x" * 301,
            "answers.yml:4 : « nom » : texte trop",
        ),
        (
            START + "themes:\n  cout: {}",
            "answers.yml:4 : « cout » : thème inconnu dans cette bibliothèque. "
            "Vouliez-vous dire « couts » ?",
        ),
        (
            START + "themes:\n  couts: forfait",
            "answers.yml:4 : « couts » doit contenir",
        ),
        (
            START + "themes:\n  couts:\n    options: [forfet]",
            "answers.yml:5 : « forfet » : option inconnue dans cette bibliothèque. "
            "Vouliez-vous dire « forfait » ?",
        ),
        (
            START + "themes:\n  couts:\n    options: [nature, forfait]",
            "answers.yml:5 : choisissez une option, et une seule.",
        ),
        (
            START + "themes:\n  couts:\n    options: [{a: b}]",
            "answers.yml:5 : « options » doit être une liste de noms : [a, b].",
        ),
        (
            START + "themes:\n  couts:\n    options: {a: b}",
            "answers.yml:5 : « options » doit être une liste de noms : [a, b].",
        ),
        (
            START + "themes:\n  couts:\n    options: ['../../etc']",
            "answers.yml:5 : « ../",
        ),
        (
            START + "themes:\n  couts:\n    materiel: [{objt: x}]",
            "answers.yml:5 : « materiel » : « objt » n’est pas une colonne. "
            "Vouliez-vous dire « objet » ?",
        ),
        (
            START + "local:\n  couts:",
            "answers.yml:4 : « couts » doit contenir « text » et",
        ),
        (
            START + "local:\n  couts: x",
            "answers.yml:4 : « couts » doit contenir « text » et",
        ),
        (
            START + "local:\n  couts: {text: x}",
            "answers.yml:4 : la rubrique « reason » est obligatoire et manque",
        ),
        (
            START + "local:\n  couts: {text: x, raison: y}",
            "answers.yml:4 : « raison » n’est pas une rubrique connue. Vouliez-vous dire "
            "« reason » ?",
        ),
        (
            START + "local:\n  couts: {text: " + "x" * 5000 + ", reason: y}",
            "answers.yml:4 : « text » est trop long (4000 caractères au plus)",
        ),
        (
            START + "adopted:\n  couts: Un texte.",
            "answers.yml:4 : « couts » doit contenir « text », « contributions » et « of »",
        ),
        (
            START + "adopted:\n  couts: {text: x, contributions: [C-42], of: x}",
            "answers.yml:4 : « C-42 » n’a pas la forme attendue pour « contributions » : un numéro de "
            "contribution, comme C-0042",
        ),
        (START + "local:\n  frais: {}", "answers.yml:4 : « frais » : thème inconnu"),
        (START + "questions: &a {nom: x}\nlocal: *a", "answers.yml:3 : les ancres"),
        (
            START + "questions: !!python/name:os.system {}",
            "answers.yml:3 : les balises",
        ),
        (
            START + "profile: court",
            "answers.yml:3 : la rubrique « profile » est écrite",
        ),
    ],
)
def test_a_wrong_answer_is_refused_on_its_line(
    library: Library, text: str, said: str
) -> None:
    with pytest.raises(CharterError) as refused:
        load_answers_text(text, library, "answers.yml")

    lines = str(refused.value).split("\n")
    assert any(line.startswith(said) for line in lines), lines


def test_every_wrong_answer_is_told_at_once(library: Library) -> None:
    text = START + "questions: {agents: x, nom: ''}\nthemes: {cout: {}}\n"
    with pytest.raises(CharterError) as refused:
        load_answers_text(text, library, "answers.yml")

    assert len(str(refused.value).split("\n")) == 3


def test_a_file_that_is_not_there_is_named(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"answers.yml:1 : fichier illisible"):
        load_answers(tmp_path / "answers.yml", library)


def test_a_huge_file_is_refused_unread(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    with file.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)

    with pytest.raises(InputError, match="trop gros : 256 Kio au plus"):
        load_answers(file, library)


def test_a_partial_file_leaves_the_other_answers_as_they_are(
    library: Library, by_hand: Answers, tmp_path: Path
) -> None:
    file = tmp_path / "reprise.yml"
    file.write_text("questions: {agents: 12}\n", encoding="utf-8")

    assert load_partial_answers(file, library, by_hand) == by_hand.with_value(
        "agents", 12
    )


# --- writing -------------------------------------------------------------------------


def test_a_new_file_opens_with_a_word_to_its_reader(
    library: Library, answers: Answers
) -> None:
    assert dump_answers(library, answers).startswith(HEADER)


def test_answers_that_did_not_change_leave_the_file_as_it_was_typed(
    library: Library, by_hand: Answers
) -> None:
    # Only what YAML itself cannot keep moves: indents, and spaces around values.
    once = dump_answers(library, by_hand, TYPED_BY_HAND)

    assert [line.split() for line in once.split("\n")] == [
        line.split()
        for line in TYPED_BY_HAND.replace('"court"   #', '"court" #').split("\n")
    ]
    assert dump_answers(library, by_hand, once) == once


@pytest.fixture
def tidy(library: Library, by_hand: Answers) -> str:
    """The file typed by hand, once written by the program."""
    return dump_answers(library, by_hand, TYPED_BY_HAND)


def changed_lines(before: str, after: str) -> list[str]:
    old = before.split("\n")
    return [line.strip() for line in after.split("\n") if line not in old]


@pytest.mark.parametrize(
    ("name", "value", "lines"),
    [
        ("agents", 12, ["agents: 12"]),
        ("nom", "Ville : # 1", ["nom: 'Ville : # 1'"]),
        ("montant", 3, ["montant: 3"]),
        ("materiel", (), ["materiel: []"]),
    ],
)
def test_a_changed_answer_changes_its_line_only(
    library: Library,
    by_hand: Answers,
    tidy: str,
    name: str,
    value: Answer,
    lines: list[str],
) -> None:
    after = dump_answers(library, by_hand.with_value(name, value), tidy)

    assert changed_lines(tidy, after) == lines


def test_other_options_keep_the_comments_around(
    library: Library, by_hand: Answers, tidy: str
) -> None:
    after = dump_answers(library, by_hand.with_options("couts", ["couts/nature"]), tidy)

    assert changed_lines(tidy, after) == ["options:", "- nature"]
    assert "# Les horaires restent à discuter." in after


def test_an_answer_taken_back_loses_its_line_only(
    library: Library, by_hand: Answers, tidy: str
) -> None:
    values = {name: v for name, v in by_hand.values.items() if name != "agents"}
    after = dump_answers(library, by_hand.model_copy(update={"values": values}), tidy)

    assert set(tidy.split("\n")) - set(after.split("\n")) == {"  agents: 1 607"}
    assert changed_lines(tidy, after) == []


def test_a_theme_left_undecided_again_is_undecided_when_read_again(
    library: Library, by_hand: Answers, tidy: str
) -> None:
    chosen = {"horaires": by_hand.chosen["horaires"]}
    undecided = by_hand.model_copy(update={"chosen": chosen})

    assert reloaded(library, undecided, tidy) == undecided


def test_a_section_left_empty_by_hand_is_filled_below_its_comment(
    library: Library, answers: Answers
) -> None:
    text = dump_answers(library, answers, START + "questions:\n  # le nom ici\n")

    assert "# le nom ici" in text
    assert load_answers_text(text, library, "x") == answers


def test_a_local_paragraph_is_added_kept_and_taken_back(
    library: Library, answers: Answers
) -> None:
    words = "Un paragraphe de notre main.\n\nEt un second : « fin » # vraiment."
    local = LocalParagraph(text=words, reason="Vœu du comité.")
    more = answers.model_copy(update={"local": {"couts": local}})
    text = dump_answers(library, more, dump_answers(library, answers))

    assert load_answers_text(text, library, "x") == more
    assert "text: |-\n      Un paragraphe de notre main.\n\n      Et un second" in text
    assert reloaded(library, answers, text) == answers


def test_an_adopted_text_is_added_kept_and_taken_back(
    library: Library, answers: Answers
) -> None:
    words = "Un forfait est versé.\n\nSont payés :\n- l’écran ;\n- le clavier."
    adopted = AdoptedText(text=words, contributions=("C-0042", "C-0051"), of="1" * 64)
    more = answers.with_adopted("couts", adopted)
    text = dump_answers(library, more, dump_answers(library, answers))

    assert load_answers_text(text, library, "x") == more
    assert "contributions: [C-0042, C-0051]\n" in text
    assert (
        "text: |-\n      Un forfait est versé.\n\n      Sont payés :\n      - l’"
        in text
    )
    assert reloaded(library, answers, text) == answers


def test_an_adopted_text_stays_when_another_answer_changes(
    library: Library, answers: Answers
) -> None:
    adopted = AdoptedText(text="Un mot.", contributions=("C-0042",), of="1" * 64)
    text = dump_answers(library, answers.with_adopted("couts", adopted))
    commented = text.replace("adopted:", "# Voté le 3 mars.\nadopted:")
    after = load_answers_text(commented, library, "x").with_value("agents", 300)

    again = dump_answers(library, after, commented)

    assert "# Voté le 3 mars.\nadopted:" in again
    assert load_answers_text(again, library, "x").adopted == {"couts": adopted}


HAZARDS = [
    "# un dièse",
    "a # b",
    "a: b",
    ": a",
    "- a",
    "-",
    "--- a",
    "...",
    "'a'",
    '"a"',
    "l'été « à Noël »",
    '{"a": [1]}',
    "{{ agents }}",
    "{% if x %}",
    "*gras*",
    "&amp;",
    "!important",
    "| a",
    "> a",
    "? a",
    "@a",
    "`a`",
    "%a",
    "=",
    "<<",
    "~",
    "null",
    "true",
    "oui",
    "no",
    "01700",
    "1e3",
    "0x1F",
    "12:30",
    "2027-03-01",
    ".inf",
    "a\\nb",
    "C:\\ville",
    "日本 🏛 e\u0301",
    "a\u00a0b",
    "x" * 300,
]


@pytest.mark.parametrize("typed", HAZARDS)
def test_a_text_that_looks_like_yaml_comes_back_as_typed(
    library: Library, answers: Answers, typed: str
) -> None:
    parsed = library.questions["nom"].parse(typed)
    changed = (
        answers.with_value("nom", parsed)
        .with_options("horaires", ["horaires/souple"])
        .with_value("cas", (str(parsed), "b"))
        .with_value("materiel", ((str(parsed), "2"),))
        .model_copy(
            update={"local": {"couts": LocalParagraph(text=typed, reason=typed)}}
        )
    )

    assert reloaded(library, changed) == changed
    assert reloaded(library, changed, dump_answers(library, answers)) == changed


texts = st.text(max_size=120).map(lambda typed: one_line(typed) or "é")
texts |= st.sampled_from(HAZARDS).map(one_line)
prose = st.text(
    alphabet=" \n\t#:-'\"|aé{}[]&*!%@`~>?,\\=<0", min_size=1, max_size=60
).filter(one_line) | st.lists(texts, min_size=1, max_size=4).map("\n".join)
clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
number = st.integers(0, 999_999).map("C-{:04}".format)
day = st.dates(date(2025, 2, 1), date(2999, 12, 31)).map(str)


@st.composite
def valid_answers(draw: st.DrawFn, library: Library) -> Answers:
    """Draw any answers the questions of the small library accept."""
    drawn: dict[str, st.SearchStrategy[object]] = {
        "nom": texts,
        "agents": st.integers(1, 1_000_000),
        "debut": clock,
        "fin": clock,
        "cas": st.lists(texts, min_size=1, max_size=5),
        "montant": st.decimals(0, 1000, places=2),
        "materiel": st.lists(st.lists(texts, min_size=2, max_size=2), max_size=4),
    }
    values = {
        name: library.owned[name].question.parse(draw(drawn[name]))
        for name in draw(st.sets(st.sampled_from(sorted(drawn))))
    }
    chosen = {
        theme: draw(st.sampled_from(choices))
        for theme, choices in {
            "horaires": [
                (),
                ("horaires/plage",),
                ("horaires/plage", "horaires/souple"),
            ],
            "couts": [(), ("couts/nature",), ("couts/forfait",)],
        }.items()
        if draw(st.booleans())
    }
    local = {
        theme: LocalParagraph(text=draw(prose), reason=draw(prose))
        for theme in draw(st.sets(st.sampled_from(["horaires", "couts"])))
    }
    adopted = {
        theme: AdoptedText(
            text=draw(prose),
            contributions=tuple(draw(st.lists(number, min_size=1, max_size=3))),
            of=draw(st.sampled_from(["0" * 64, "12e4" * 16, "ab" * 32])),
        )
        for theme in draw(st.sets(st.sampled_from(["horaires", "couts"])))
    }
    return Answers(
        act_date=draw(day),
        profile="court",
        chosen=chosen,
        values=values,
        local=local,
        adopted=adopted,
    )


@given(st.data())
def test_answers_written_are_the_answers_read(
    library: Library, data: st.DataObject
) -> None:
    before, after = data.draw(valid_answers(library)), data.draw(valid_answers(library))
    text = dump_answers(library, before)

    assert load_answers_text(text, library, "answers.yml") == before
    assert reloaded(library, after, text) == after


# --- on the disk ---------------------------------------------------------------------


def test_a_change_is_on_the_disk_and_returned(
    library: Library, answers: Answers, tmp_path: Path
) -> None:
    file = tmp_path / "answers.yml"
    create_answers(file, library, answers)

    found = update_answers(file, library, lambda a: a.with_value("agents", 12))

    assert found == load_answers(file, library) == answers.with_value("agents", 12)


def test_a_change_that_changes_nothing_does_not_touch_the_file(
    library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "answers.yml"
    file.write_text(TYPED_BY_HAND, encoding="utf-8")

    update_answers(file, library, lambda a: a.with_value("agents", 1607))

    assert file.read_text(encoding="utf-8") == TYPED_BY_HAND


@pytest.mark.parametrize(
    "name", ["\x1b[31mrouge", "a\u202eb", "a\ud800b", "x" * 301, ""], ids=ascii
)
def test_an_answer_that_would_not_be_read_again_is_not_written(
    library: Library, answers: Answers, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "answers.yml"
    create_answers(file, library, answers)
    before = file.read_bytes()

    with pytest.raises(CharterError):
        update_answers(file, library, lambda a: a.with_value("nom", name))

    assert file.read_bytes() == before


@pytest.mark.parametrize("cell", ["é" * 300, "," * 300])
def test_answers_too_large_to_be_read_again_are_not_written(
    library: Library, answers: Answers, tmp_path: Path, cell: str
) -> None:
    file = tmp_path / "answers.yml"
    create_answers(file, library, answers)
    before = file.read_bytes()
    rows = ((cell, cell),) * 300
    wide = library.owned["materiel"].question.model_copy(update={"max_items": 300})
    theme = library.themes["couts"].model_copy(
        update={"parameters": {"materiel": wide}}
    )
    larger = replace(library, themes={**library.themes, "couts": theme})

    with pytest.raises(InputError, match="ne tiennent pas dans le fichier"):
        update_answers(file, larger, lambda a: a.with_value("materiel", rows))

    assert file.read_bytes() == before


COUNT = """
import sys
from pathlib import Path
from charter_builder.storage.answers_file import update_answers
from charter_builder.storage.library_files import load_library

library = load_library(Path(sys.argv[1]))
for _ in range(50):
    update_answers(
        Path(sys.argv[2]),
        library,
        lambda answers: answers.with_value("agents", answers.values["agents"] + 1),
    )
"""


def test_two_processes_that_answer_at_once_lose_nothing(
    library: Library, answers: Answers, tmp_path: Path
) -> None:
    file = tmp_path / "answers.yml"
    create_answers(file, library, answers.with_value("agents", 1))

    both = [
        subprocess.Popen([sys.executable, "-c", COUNT, str(SMALL), str(file)])
        for _ in range(2)
    ]

    assert [process.wait() for process in both] == [0, 0]
    assert load_answers(file, library) == answers.with_value("agents", 101)


# --- points left à débattre ----------------------------------------------------------

DEBATED = """\
act_date: '2027-03-01'
profile: court
questions: {nom: Essai, agents: 120}
themes:
  horaires:
    options:
      a-debattre:
        - [plage]   # demandé par deux organisations
        - [plage, souple]
      question: Faut-il une règle d'équipe ?
    debut:
      a-debattre: ['18:30', 19 h]
    fin: '07:30'
    cas: [urgence]
  couts: {options: nature, materiel: []}
"""


def test_points_left_open_are_read_with_their_first_candidate(library: Library) -> None:
    answers = load_answers_text(DEBATED, library, "answers.yml")

    assert answers.open == {
        "horaires": OpenAnswer(
            candidates=(("horaires/plage",), ("horaires/plage", "horaires/souple")),
            question="Faut-il une règle d'équipe ?",
        ),
        "debut": OpenAnswer(candidates=("18:30", "19:00")),
    }
    assert answers.chosen["horaires"] == ("horaires/plage",)
    assert answers.values["debut"] == "18:30"


def test_points_left_open_come_back_as_they_were_written(library: Library) -> None:
    answers = load_answers_text(DEBATED, library, "answers.yml")

    assert reloaded(library, answers) == answers
    assert dump_answers(library, answers, DEBATED) == DEBATED


def test_settling_a_point_leaves_the_other_comments(library: Library) -> None:
    answers = load_answers_text(DEBATED, library, "answers.yml")

    after = dump_answers(library, answers.with_value("debut", "18:30"), DEBATED)

    assert "    debut: '18:30'\n" in after
    assert "# demandé par deux organisations" in after
    assert load_answers_text(after, library, "answers.yml").open.keys() == {"horaires"}


def test_answers_taken_from_another_file_settle_the_point(
    library: Library, tmp_path: Path
) -> None:
    base = load_answers_text(DEBATED, library, "answers.yml")
    other = tmp_path / "autres.yml"
    other.write_text("themes: {horaires: {debut: '20:00'}}\n", encoding="utf-8")

    taken = load_partial_answers(other, library, base)

    assert taken.values["debut"] == "20:00"
    assert taken.open.keys() == {"horaires"}


@pytest.mark.parametrize(
    ("debated", "said"),
    [
        ("{a-debattre: ['18:30']}", "11 : « debut » : un point à débattre a 2 ou 3"),
        ("{a-debattre: ['18:30', '18:30']}", "11 : « debut » : deux propositions"),
        ("{a-debattre: ['18:30', tard]}", "11 : « debut » : répondez par une heure"),
        ("{a-debattre: tard}", "11 : un point à débattre s’écrit « a-debattre: »"),
        (
            "{a-debattre: ['18:30', '19:00'], motif: x}",
            "11 : « motif » n’est pas une rubrique connue",
        ),
        (
            "{a-debattre: ['18:30', '19:00'], question: [x]}",
            "11 : « debut » : « question » doit être un texte",
        ),
    ],
)
def test_a_wrong_point_is_refused_on_its_line(
    library: Library, debated: str, said: str
) -> None:
    text = DEBATED.replace(
        "debut:\n      a-debattre: ['18:30', 19 h]", f"debut: {debated}"
    )

    with pytest.raises(CharterError) as refused:
        load_answers_text(text, library, "answers.yml")
    assert f"answers.yml:{said}" in str(refused.value)


def test_an_unknown_option_among_the_candidates_is_refused_on_its_line(
    library: Library,
) -> None:
    text = DEBATED.replace("[plage, souple]", "[plage, soupe]")

    with pytest.raises(CharterError, match=r"answers\.yml:9 : .*« soupe »"):
        load_answers_text(text, library, "answers.yml")


def test_what_describes_the_authority_is_not_left_open(library: Library) -> None:
    text = DEBATED.replace("nom: Essai", "nom: {a-debattre: [A, B]}")

    with pytest.raises(CharterError, match=r"answers\.yml:3 : « nom » décrit la"):
        load_answers_text(text, library, "answers.yml")
