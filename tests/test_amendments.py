"""Amendments against the text they cite, side by side."""

from pathlib import Path

import pytest
from dialogues import dialogue, opened, replied, submitted
from versions import version

from charter_builder.amendments import (
    Rivals,
    adopted_wording,
    holds,
    rivals,
    to_examine_again,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.units import FrozenVersion

TEXT = "L’agent est joignable entre 9 heures et midi.\n\nUn casque est fourni à tous."
MORNING = TEXT.replace("9 heures", "10 heures")
EARLY = TEXT.replace("entre 9", "dès 8")
SCREEN = TEXT.replace("Un casque est fourni", "Un casque et un écran sont fournis")


@pytest.fixture
def first() -> FrozenVersion:
    return version(1, {"couts": "Tout est payé.", "horaires": TEXT})


@pytest.fixture
def registrar(tmp_path: Path, first: FrozenVersion) -> Registrar:
    return opened(tmp_path, first)


def amended(registrar: Registrar, proposed: str, **given: object) -> str:
    done = submitted(registrar, kind="amendment", proposed=proposed, **given)
    return done.standing.id


def competing(registrar: Registrar) -> list[Rivals]:
    standings = dialogue(registrar).standings.values()
    return rivals(standings, registrar.versions)


def test_amendments_on_one_article_are_shown_together(registrar: Registrar) -> None:
    amended(registrar, MORNING)
    amended(registrar, "Rien n’est payé.", unit="couts")
    amended(registrar, SCREEN, organisation="cgt")
    submitted(registrar, text="Un commentaire.")

    assert [
        (group.unit.id, [a.standing.id for a in group.amendments])
        for group in competing(registrar)
    ] == [("couts", ["C-0002"]), ("horaires", ["C-0001", "C-0003"])]


def test_each_shows_the_words_it_changes(registrar: Registrar) -> None:
    amended(registrar, MORNING.replace("’", "'"))
    ((only,),) = [group.amendments for group in competing(registrar)]

    assert [run for run in only.runs if run.kind != "same"] == [
        ("removed", "9"),
        ("added", "10"),
    ]


def test_those_that_change_the_same_words_overlap(registrar: Registrar) -> None:
    morning = amended(registrar, MORNING)
    screen = amended(registrar, SCREEN, organisation="cgt")
    early = amended(registrar, EARLY, organisation="cgt")
    (group,) = competing(registrar)

    assert group.overlaps == ((morning, early),)
    assert group.overlapping(early) == [morning]
    assert group.overlapping(screen) == []


def test_deleting_an_article_overlaps_any_change_in_it(registrar: Registrar) -> None:
    amended(registrar, MORNING)
    amended(registrar, "", operation="delete", organisation="cgt")
    (group,) = competing(registrar)

    assert group.overlaps == (("C-0001", "C-0002"),)
    assert group.amendments[1].runs == (("removed", TEXT),)


def test_two_that_delete_the_same_article_agree(registrar: Registrar) -> None:
    for organisation in ("cfdt", "cgt"):
        amended(registrar, "", operation="delete", organisation=organisation)
    (group,) = competing(registrar)

    assert group.overlaps == ()


def test_two_new_articles_in_one_place_overlap(registrar: Registrar) -> None:
    amended(registrar, "Une pause est due.", operation="insert-after")
    amended(registrar, "Un bilan est fait.", operation="insert-after")
    amended(registrar, MORNING)
    (group,) = competing(registrar)

    assert group.overlaps == (("C-0001", "C-0002"),)
    assert group.amendments[0].runs == (("added", "Une pause est due."),)


def test_an_amendment_without_reply_adopts_no_wording(registrar: Registrar) -> None:
    name = amended(registrar, MORNING)
    assert adopted_wording(dialogue(registrar).standing(name)) is None

    replied(registrar, name, "partly-retained", SCREEN)
    assert adopted_wording(dialogue(registrar).standing(name)) == SCREEN.replace(
        "9 heures", "9\u00a0heures"
    )

    replied(registrar, name, "rejected")
    assert adopted_wording(dialogue(registrar).standing(name)) is None


def test_a_text_holds_a_wording_whatever_else_it_changes() -> None:
    both = SCREEN.replace("9 heures", "10 heures")

    assert holds(TEXT, both, MORNING)
    assert not holds(TEXT, SCREEN, MORNING)
    assert not holds(TEXT, EARLY, MORNING)


def test_only_those_that_still_wait_are_to_examine_again(registrar: Registrar) -> None:
    applied, waiting, rejected, promised = (
        amended(registrar, MORNING) for _ in range(4)
    )
    replied(registrar, applied, "retained", MORNING)
    replied(registrar, rejected, "rejected")
    replied(registrar, promised, "retained", SCREEN)
    found = to_examine_again(dialogue(registrar), "horaires", [applied])

    assert [standing.id for standing in found] == [waiting, promised]
