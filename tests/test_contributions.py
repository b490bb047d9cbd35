from pathlib import Path

import pytest
from dialogues import Clock, opened, submitted

from charter_builder.charter import Charter
from charter_builder.contributions import Refusal, located
from charter_builder.register import MAX_PASSAGE, Choice
from charter_builder.storage.registrar import Registrar
from charter_builder.units import as_version

TEXT = "L’agent est joignable entre 9\u00a0h et 12\u00a0h puis « le soir »\u202f; fin."


@pytest.fixture
def registrar(tmp_path: Path, charter: Charter) -> Registrar:
    return opened(tmp_path, as_version(charter, None))


@pytest.mark.parametrize(
    ("copied", "found"),
    [
        ("entre 9 h et 12 h", "entre 9\u00a0h et 12\u00a0h"),
        ("L'agent est", "L’agent est"),
        ('puis "le soir" ;', "puis « le soir »\u202f;"),
    ],
)
def test_a_copied_passage_is_found_whatever_its_spaces_and_quotes(
    copied: str, found: str
) -> None:
    passage = located(copied, TEXT)

    assert passage is not None
    assert passage.exact == found
    assert TEXT[passage.start : passage.end] == found


@pytest.mark.parametrize("copied", ["h", "le matin"])
def test_a_passage_that_is_not_there_once_keeps_its_words_without_a_place(
    copied: str,
) -> None:
    passage = located(copied, TEXT)

    assert passage is not None
    assert (passage.exact, passage.start) == (copied, None)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_long_passage_is_kept_to_its_last_word(is_there: bool) -> None:
    words = " ".join(f"mot{number}" for number in range(450))
    passage = located(words, f"Avant. {words} Après." if is_there else "Rien.")

    assert passage is not None
    assert (passage.exact, passage.start is not None) == (words, is_there)
    assert 2_000 < len(passage.exact) <= MAX_PASSAGE


def test_a_contribution_is_recorded_with_its_number(registrar: Registrar) -> None:
    outcome = submitted(registrar)

    assert outcome.is_new
    assert outcome.standing.id == "C-0001"
    assert outcome.standing.status == "registered"
    assert outcome.standing.due == "2027-01-20"


def test_the_same_key_sent_again_gives_the_same_entry(registrar: Registrar) -> None:
    first = submitted(registrar, key="a" * 32)
    again = submitted(registrar, key="a" * 32)

    assert not again.is_new
    assert again.standing == first.standing
    assert registrar.journal.dialogue.head.size == 3


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Autre."},
        {"organisation": "cgt"},
        {"stance": "against"},
        {"passage": "ce jour-là"},
        {"kind": "amendment", "operation": "delete"},
    ],
)
def test_a_key_sent_again_with_other_words_is_refused(
    registrar: Registrar, change: dict[str, str]
) -> None:
    submitted(registrar, key="a" * 32)

    with pytest.raises(Refusal, match="modifiée après son envoi"):
        submitted(registrar, key="a" * 32, **change)


def test_a_request_to_delete_sent_again_as_another_wording_is_refused(
    registrar: Registrar,
) -> None:
    submitted(registrar, key="a" * 32, kind="amendment", operation="delete")

    with pytest.raises(Refusal, match="modifiée après son envoi"):
        submitted(registrar, key="a" * 32, kind="amendment", proposed="À midi.")


def test_an_amendment_sent_again_is_known(registrar: Registrar) -> None:
    given = {"kind": "amendment", "proposed": "À midi.", "passage": "horaires"}
    submitted(registrar, key="a" * 32, **given)

    assert not submitted(registrar, key="a" * 32, **given).is_new


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"organisation": "cfd"}, "organisation", "Vouliez-vous dire « cfdt »"),
        ({"version": 2}, "version", "versions figées : 1"),
        ({"unit": "horaire"}, "unit", "Vouliez-vous dire « horaires »"),
        ({"unit_sha256": "0" * 64}, "unit", "n’est pas celui de la version 1"),
        ({"text": " \u200b\n"}, "text", "dites pourquoi"),
        ({"text": "x" * 20_001}, "text", "20 001 caractères"),
        ({"text": "\u2800"}, "text", "dites pourquoi"),
        ({"text": "\u3164 …"}, "text", "dites pourquoi"),
        ({"kind": "amendment"}, "proposed", "propose une rédaction"),
        (
            {"kind": "amendment", "proposed": "\u2800\n\u3164"},
            "proposed",
            "propose une rédaction",
        ),
        ({"kind": "choice"}, "choice", "choisissez"),
        (
            {"kind": "choice", "choice": Choice(point="x", letter="A")},
            "choice",
            "aucun point à débattre",
        ),
    ],
)
def test_what_cannot_be_recorded_says_which_field_to_mend(
    registrar: Registrar, given: dict[str, object], field: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said) as caught:
        submitted(registrar, **given)

    assert caught.value.field == field
    assert registrar.journal.dialogue.head.size == 2


def test_an_amendment_that_changes_nothing_is_refused(
    registrar: Registrar, charter: Charter
) -> None:
    unit = as_version(charter, None).unit("horaires")
    assert unit is not None

    with pytest.raises(Refusal, match="celle du projet"):
        submitted(registrar, kind="amendment", proposed=unit.text.replace("’", "'"))


def test_a_mandate_that_ended_no_longer_contributes(
    tmp_path: Path, charter: Charter
) -> None:
    clock = Clock()
    registrar = opened(tmp_path, as_version(charter, None), clock=clock)
    clock.set("2027-01-10T22:58:00")
    submitted(registrar, organisation="fo")  # 23:59 in Paris

    with pytest.raises(Refusal, match="mandat de FO"):
        submitted(registrar, organisation="fo")


def test_what_arrives_after_midnight_in_paris_is_late(
    tmp_path: Path, charter: Charter
) -> None:
    clock = Clock()
    registrar = opened(tmp_path, as_version(charter, None), clock=clock)
    clock.set("2027-01-29T22:58:00")

    assert [submitted(registrar).standing.late for _ in range(2)] == [False, True]


def test_words_that_are_not_in_the_text_are_quoted_in_the_reasons(
    registrar: Registrar,
) -> None:
    given = {"passage": "Jean Dupont a dit", "text": "C’est injuste.", "key": "b" * 32}
    recorded = submitted(registrar, **given).standing.contribution

    assert recorded.passage is None
    assert recorded.text == "« Jean Dupont a dit »\n\nC’est injuste."
    assert not submitted(registrar, **given).is_new


def test_a_version_that_was_not_submitted_receives_nothing(
    registrar: Registrar, charter: Charter
) -> None:
    made = as_version(charter, None).model_copy(update={"version": 2})
    registrar.versions = {**registrar.versions, 2: made}

    with pytest.raises(Refusal, match="la version 2 n’existe pas") as refused:
        submitted(registrar, version=2)
    assert refused.value.field == "version"
