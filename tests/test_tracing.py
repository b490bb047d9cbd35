"""Why each unit changed from one version to the next."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from dialogues import dialogue, opened, replied, submitted
from versions import version

from charter_builder.register import UnitTrace, VersionApplied
from charter_builder.storage.registrar import Registrar
from charter_builder.tracing import Trace, differing, trace
from charter_builder.units import FrozenVersion, UnitChoice, UnitPoint

TEXTS = {
    "horaires": "L’agent est joignable entre 9 heures et midi.",
    "couts": "Tout est payé, selon l’article 1.",
    "lieux": "Le lieu est libre.",
}
LATER = TEXTS["horaires"].replace("9 heures", "10 heures")


@pytest.fixture
def registrar(tmp_path: Path) -> Registrar:
    return opened(tmp_path, version(1, TEXTS))


def after(**texts: str | None) -> FrozenVersion:
    changed = {**TEXTS, **texts}
    return version(2, {unit: text for unit, text in changed.items() if text})


def retained(registrar: Registrar, adopted: str | None, **given: object) -> str:
    fields = {"kind": "amendment", "proposed": adopted, **given}
    name = submitted(registrar, **fields).standing.id
    replied(registrar, name, "retained", adopted)
    return name


def traced(
    registrar: Registrar,
    new: FrozenVersion,
    adopted: Mapping[str, tuple[str, ...]] | None = None,
    notes: Mapping[str, str] | None = None,
) -> Trace:
    return trace(
        dialogue(registrar), registrar.versions, new, adopted or {}, notes or {}
    )


def because(found: Trace) -> dict[str, tuple[str, ...]]:
    return {entry.unit.id: entry.contributions for entry in found.explained}


def test_a_version_that_says_the_same_needs_no_reason(registrar: Registrar) -> None:
    assert traced(registrar, after()) == Trace((), (), ())


def test_a_change_without_a_reason_is_unexplained(registrar: Registrar) -> None:
    found = traced(registrar, after(horaires=LATER))

    assert [entry.unit.id for entry in found.unexplained] == ["horaires"]
    assert found.entries == ()


def test_a_note_of_the_employer_explains_a_change(registrar: Registrar) -> None:
    found = traced(registrar, after(horaires=LATER), notes={"horaires": "Accord."})

    assert found.unexplained == []
    assert found.entries[0].employer_note == "Accord."


def test_a_wording_the_text_holds_explains_its_change(registrar: Registrar) -> None:
    name = retained(registrar, LATER)
    found = traced(registrar, after(horaires=LATER + " Une pause est due."))

    assert because(found) == {"horaires": (name,)}
    assert [entry.unit.id for entry in found.changed_by(name)] == ["horaires"]


def test_a_wording_the_text_does_not_hold_explains_nothing(
    registrar: Registrar,
) -> None:
    name = retained(registrar, LATER)
    found = traced(registrar, after(horaires="Chacun choisit ses heures."))

    assert len(found.unexplained) == 1
    assert [standing.id for standing in found.waiting] == [name]


def test_a_wording_settled_by_hand_is_explained_by_what_was_adopted(
    registrar: Registrar,
) -> None:
    name = retained(registrar, LATER)
    new = after(horaires=TEXTS["horaires"].replace("9 heures", "9 h 30"))

    assert because(traced(registrar, new, {"horaires": (name,)})) == {
        "horaires": (name,)
    }


def test_what_was_not_retained_explains_nothing(registrar: Registrar) -> None:
    name = submitted(registrar, kind="amendment", proposed=LATER).standing.id
    replied(registrar, name, "rejected")
    found = traced(registrar, after(horaires=LATER), {"horaires": (name,)})

    assert len(found.unexplained) == 1


def test_a_number_nobody_knows_explains_nothing(registrar: Registrar) -> None:
    found = traced(registrar, after(horaires=LATER), {"horaires": ("C-0099",)})

    assert len(found.unexplained) == 1


def test_a_wording_already_there_is_cited_all_the_same(registrar: Registrar) -> None:
    retained(registrar, LATER)
    registrar.versions = {
        1: registrar.versions[1],
        2: after(horaires=LATER),
    }
    new = version(3, {**TEXTS, "horaires": LATER})
    found = traced(registrar, new)

    assert because(found) == {"horaires": ("C-0001",)}
    assert found.explained[0].change is None


def test_a_wording_already_there_explains_no_other_change(
    registrar: Registrar,
) -> None:
    retained(registrar, LATER)
    registrar.versions = {1: registrar.versions[1], 2: after(horaires=LATER)}
    new = version(3, {**TEXTS, "horaires": LATER + " Une pause est due."})
    found = traced(registrar, new)

    assert [entry.contributions for entry in found.unexplained] == [()]
    assert [entry.contributions for entry in found.entries] == [("C-0001",)]


def test_an_adopted_wording_that_changes_nothing_explains_nothing(
    registrar: Registrar,
) -> None:
    name = submitted(registrar, kind="amendment", proposed=LATER).standing.id
    replied(registrar, name, "partly-retained", TEXTS["horaires"])
    found = traced(registrar, after(horaires="Chacun choisit ses heures."))

    assert len(found.unexplained) == 1


def test_an_article_deleted_on_request_is_explained(registrar: Registrar) -> None:
    name = retained(registrar, None, operation="delete", unit="lieux")

    assert because(traced(registrar, after(lieux=None))) == {"lieux": (name,)}
    assert [s.id for s in traced(registrar, after()).waiting] == [name]


def test_a_request_to_delete_answered_by_another_wording_is_held_by_it(
    registrar: Registrar,
) -> None:
    name = submitted(registrar, kind="amendment", operation="delete").standing.id
    replied(registrar, name, "partly-retained", LATER)

    assert because(traced(registrar, after(horaires=LATER))) == {"horaires": (name,)}
    assert [s.id for s in traced(registrar, after(horaires=None)).waiting] == [name]


def test_an_article_added_on_request_is_explained(registrar: Registrar) -> None:
    pause = "Une pause de midi est due."
    name = retained(registrar, pause, operation="insert-after")

    assert because(traced(registrar, after(pause=pause))) == {"pause": (name,)}


def test_a_new_article_explains_no_change_in_the_one_beside_it(
    registrar: Registrar,
) -> None:
    pause = "Une pause de midi est due."
    name = retained(registrar, pause, operation="insert-after")
    found = traced(registrar, after(pause=pause, horaires=LATER))

    assert because(found) == {"horaires": (), "pause": (name,)}


def test_a_choice_explains_every_article_that_showed_the_point(
    tmp_path: Path,
) -> None:
    open_texts = {
        **TEXTS,
        "horaires": "À débattre : Quand ?\n\nProposition A : 9 heures",
        "couts": "À débattre : Quand ?\n\nProposition A : 9 heures",
    }
    first = version(1, open_texts)
    point = UnitPoint(
        id="debut",
        question="Quand ?",
        candidates=(UnitChoice(letter="A", shown="9 heures"),),
    )
    units = tuple(
        unit.model_copy(update={"points": (point,)}) if unit.id == "horaires" else unit
        for unit in first.units
    )
    registrar = opened(tmp_path, first.model_copy(update={"units": units}))
    name = retained(
        registrar, None, kind="choice", choice={"point": "debut", "letter": "A"}
    )

    new = after(horaires="Dès 9 heures.", couts="Dès 9 heures.", lieux="Ailleurs.")

    assert because(traced(registrar, new)) == {
        "horaires": (name,),
        "couts": (name,),
        "lieux": (),
    }


def test_a_version_that_held_it_already_leaves_later_changes_unexplained(
    registrar: Registrar,
) -> None:
    name = retained(registrar, LATER)
    change = UnitTrace(unit="horaires", contributions=(name,))
    registrar.journal.append(
        lambda _, stamp: VersionApplied(**stamp._asdict(), version=2, changes=(change,))
    )
    registrar.versions = {1: registrar.versions[1], 2: after(horaires=LATER)}
    new = version(3, {**TEXTS, "horaires": LATER + " Une pause est due."})
    found = traced(registrar, new, {"horaires": (name,)})

    assert [entry.unit.id for entry in found.unexplained] == ["horaires"]
    assert found.waiting == ()


# --- what differs --------------------------------------------------------------------


def test_articles_that_change_number_and_those_that_cite_them_say_the_same() -> None:
    new = version(
        2,
        {
            "lieux": TEXTS["lieux"],
            "horaires": TEXTS["horaires"],
            "couts": "Tout est payé, selon l’article 2.",
        },
    )

    assert differing(version(1, TEXTS), new) == []


def test_an_article_that_cites_another_one_differs() -> None:
    new = after(couts="Tout est payé, selon l’article 3.")

    assert [c.after.id for c in differing(version(1, TEXTS), new) if c.after] == [
        "couts"
    ]


def renumbered(text: str, later: str) -> list[str]:
    """Return what differs once an article comes second: « lieux » was 2, is 3."""
    before = {"objet": "Rien.", "lieux": "Les lieux.", "temps": text}
    new = {"objet": "Rien.", "neuf": "Neuf.", "lieux": "Les lieux.", "temps": later}
    changes = differing(version(1, before), version(2, new))
    return [change.after.id for change in changes if change.after]


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("Voir l’article 2.", "Voir l’article 3."),
        ("Voir les articles 1 et 2.", "Voir les articles 1 et 3."),
        ("Selon l’article 2 du décret n° 5.", "Selon l’article 2 du décret n° 5."),
        (
            "L’article 2 (article 2 du décret n° 5).",
            "L’article 3 (article 2 du décret n° 5).",
        ),
    ],
)
def test_articles_cited_by_their_new_numbers_are_no_difference(
    text: str, later: str
) -> None:
    assert renumbered(text, later) == ["neuf"]


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("Voir l’article 2.", "Voir l’article 1."),
        ("Voir les articles 1 et 2.", "Voir les articles 2 et 3."),
        ("Selon l’article 2 du décret n° 5.", "Selon l’article 3 du décret n° 5."),
        ("Selon l’article 2 de la loi.", "Selon l’article 3 de la loi."),
    ],
)
def test_another_article_cited_is_a_difference(text: str, later: str) -> None:
    assert renumbered(text, later) == ["neuf", "temps"]


def test_a_new_title_differs() -> None:
    new = version(2, TEXTS, title="Autre titre")

    assert len(differing(version(1, TEXTS), new)) == 3
