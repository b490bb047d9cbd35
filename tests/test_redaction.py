from pathlib import Path

import pytest
from dialogues import (
    SETTINGS,
    decided,
    dialogue,
    drafted,
    opened,
    redacted,
    submitted,
)

from charter_builder.chain import entry_digest, sealed, text_faults
from charter_builder.charter import Charter
from charter_builder.errors import InputError
from charter_builder.redaction import (
    TextPlace,
    erasure,
    place_of_text,
    refuse_roles,
    text_at,
    what_remains,
)
from charter_builder.storage.proceedings import record_contest
from charter_builder.storage.registrar import Registrar
from charter_builder.units import as_version

DATA = {
    "seq": 3,
    "contribution": {"id": "C-0001", **sealed("text", "Jean Dupont écrit.", "0" * 32)},
}


@pytest.fixture
def registrar(tmp_path: Path, charter: Charter) -> Registrar:
    return opened(tmp_path, as_version(charter, None))


def test_what_remains_is_the_text_without_its_words_or_nothing() -> None:
    assert what_remains("Jean Dupont et Jean Dupont.", ["Jean Dupont"]) == "[…] et […]."
    assert what_remains("Jean Dupont.", []) is None


@pytest.mark.parametrize("words", ["Pierre", "", " "])
def test_words_that_are_not_there_erase_nothing(words: str) -> None:
    with pytest.raises(InputError, match="n’est pas dans le texte"):
        what_remains("Jean Dupont.", [words])


def test_an_erasure_changes_no_digest_and_keeps_no_salt() -> None:
    gone = erasure(DATA, "contribution.text", [], "1" * 32)
    part = erasure(DATA, "contribution.text", ["Jean Dupont"], "1" * 32)

    assert gone.remaining_digest is None
    assert "text_salt" not in gone.data["contribution"]
    assert part.data["contribution"]["text"] == "[…] écrit."
    assert entry_digest(gone.data) == entry_digest(part.data) == entry_digest(DATA)
    assert len(text_faults([part.data])) == 1  # until it is recorded


def test_a_text_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match=r"Textes : contribution\.text"):
        text_at(DATA, "contribution.proposed")


@pytest.mark.parametrize("roles", [["redaction"], ["redaction"] * 2, ["a", "b"]])
def test_two_roles_decide_an_erasure(roles: list[str]) -> None:
    with pytest.raises(InputError, match="deux fonctions différentes"):
        refuse_roles(roles, SETTINGS)


def test_a_text_is_found_by_its_contribution_or_by_its_entry(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    now = dialogue(registrar)

    assert place_of_text("c-1", "text", now) == TextPlace(3, "contribution.text")
    assert place_of_text("57", "contest.reason", now) == TextPlace(57, "contest.reason")
    with pytest.raises(InputError, match="n’a pas d’entrée 999"):
        place_of_text("9" * 5_000, "text", now)
    with pytest.raises(InputError, match="pas de texte à cet endroit"):
        place_of_text("C-0001", "reason", now)


def test_the_reply_given_before_a_contest_is_erased_by_its_entry(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    for said in ("Madame Untel s’y oppose.", "Le service ferme à midi."):
        draft = drafted(registrar, "C-0001", disposition="rejected", reason=said)
        decided(registrar, draft)
        if "Untel" in said:
            record_contest(registrar, "C-0001", "cfdt", "Non.", "e" * 32)
    first, last = dialogue(registrar).standing("C-0001").replies

    redacted(registrar, first.seq, "decision.replies.0.reason", "personal-data")

    first, last = dialogue(registrar).standing("C-0001").replies
    assert (first.reply.reason, last.reply.reason) == (None, "Le service ferme à midi.")
