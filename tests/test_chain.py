from typing import Any

from dialogues import SETTINGS

from charter_builder.chain import (
    Data,
    as_data,
    chain_faults,
    commitment,
    entry_digest,
    sealed,
    sealed_texts,
    text_faults,
)
from charter_builder.register import NO_PREVIOUS, Opened


def chain(*bodies: Data) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for rank, body in enumerate(bodies, 1):
        entries.append(
            {
                "seq": rank,
                "prev": entry_digest(entries[-1]) if entries else NO_PREVIOUS,
                "at": f"2027-01-05T09:{rank:02}:00Z",
                **body,
            }
        )
    return entries


def said(text: str) -> Data:
    return {"contribution": {"id": "C-0001", **sealed("text", text, "0" * 32)}}


def test_a_whole_chain_has_no_fault() -> None:
    entries = chain(said("un"), said("deux"), said("trois"))

    assert chain_faults(entries) == []
    assert text_faults(entries) == []


def test_an_altered_entry_breaks_the_chain_at_the_next_one() -> None:
    entries = chain(said("un"), said("deux"), said("trois"))
    entries[1] = {**entries[1], "at": "2027-01-05T09:01:30Z"}

    assert [fault.seq for fault in chain_faults(entries)] == [3]


def test_a_missing_entry_is_seen() -> None:
    entries = chain(said("un"), said("deux"), said("trois"))
    del entries[1]

    assert [fault.message for fault in chain_faults(entries)] == ["l’entrée 2 manque."]


def test_a_reworded_text_keeps_the_chain_and_is_seen() -> None:
    entries = chain(said("la plage de 9 h"), said("deux"))
    entries[0]["contribution"]["text"] = "la plage de 8 h"

    assert chain_faults(entries) == []
    assert [fault.seq for fault in text_faults(entries)] == [1]
    assert "modifié" in text_faults(entries)[0].message


def erased(field: str = "contribution.text", **more: object) -> Data:
    return {
        "redaction": {
            "entry": 1,
            "field": field,
            "ground": "personal-data",
            "roles": ["drh", "dpo"],
            **more,
        }
    }


def test_a_text_erased_without_a_redaction_is_seen() -> None:
    entries = chain(said("un"), said("deux"))
    del entries[0]["contribution"]["text"]

    assert "sans expurgation" in text_faults(entries)[0].message


def test_a_redaction_lets_the_text_go_with_its_salt() -> None:
    entries = chain(said("un"), erased())
    contribution = entries[0]["contribution"]
    del contribution["text"], contribution["text_salt"]

    assert chain_faults(entries) == []
    assert text_faults(entries) == []


def test_a_redaction_recorded_and_not_carried_out_is_seen() -> None:
    entries = chain(said("un"), erased())

    assert "interrompu" in text_faults(entries)[0].message


def test_what_a_redaction_leaves_is_committed_too() -> None:
    salt, left = "1" * 32, "Monsieur […] a dit"
    entries = chain(said("un"), erased(remaining_digest=commitment(salt, left)))
    contribution = entries[0]["contribution"]
    contribution |= {"text": left, "text_salt": salt}

    assert text_faults(entries) == []
    contribution["text"] = left + " autre chose"
    assert "modifié" in text_faults(entries)[0].message


def test_the_place_of_a_sealed_text_is_told_by_its_keys() -> None:
    reply = {"contribution": "C-0001", **sealed("reason", "oui", "0" * 32)}
    data = {"decision": {"replies": [reply, reply]}}

    assert [found.field for found in sealed_texts(data)] == [
        "decision.replies.0.reason",
        "decision.replies.1.reason",
    ]


def test_absent_and_null_fields_have_the_same_digest() -> None:
    assert entry_digest({"a": 1, "b": None}) == entry_digest({"a": 1})


def test_an_entry_says_the_same_whatever_the_order_of_its_keys() -> None:
    entry = Opened(
        seq=1, prev=NO_PREVIOUS, at="2027-01-05T09:00:00Z", settings=SETTINGS
    )
    data = as_data(entry)

    assert entry_digest(dict(reversed(data.items()))) == entry_digest(data)
