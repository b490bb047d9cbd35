import base64
import html
import json
import quopri
import re
import textwrap
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from dialogues import SETTINGS
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.carnet import (
    END,
    MAX_CARNET,
    START,
    Envelope,
    Unreadable,
    block,
    carnet_text,
    charter_name,
    decode_blocks,
    foreign,
    mail_text,
    read_carnet,
    said_once,
)
from charter_builder.charter import Charter
from charter_builder.contributions import Submission
from charter_builder.units import as_version

CHARTER = "Charte des horaires — L’Isle-Verte"


def submission(**given: object) -> Submission:
    fields = {
        "key": "a" * 32,
        "version": 1,
        "unit": "horaires",
        "text": "Nous demandons « une plage » plus courte…",
        **given,
    }
    return Submission.model_validate(fields)


def envelope(*contributions: Submission) -> Envelope:
    return Envelope(
        consultation="essai-2027",
        charter=CHARTER,
        organisation="cfdt",
        contributions=contributions or (submission(),),
    )


def raw(**changes: object) -> bytes:
    fields = json.loads(carnet_text(envelope())) | changes
    return json.dumps(fields, ensure_ascii=False).encode()


# --- the file ------------------------------------------------------------------------


def test_a_carnet_is_read_back_as_it_was_written() -> None:
    written = envelope(submission(), submission(key="b" * 32, kind="question"))

    carnet = read_carnet(carnet_text(written).encode())

    assert (carnet.consultation, carnet.organisation) == ("essai-2027", "cfdt")
    assert tuple(i.submission for i in carnet.items) == written.contributions


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (raw()[:200], "tronqué"),
        (raw().decode().encode("cp1252", "replace"), "pas en UTF-8"),
        (raw().decode().encode("utf-16"), "pas en UTF-8"),
        (b"", "est vide"),
        (b"PK\x03\x04\x00}", "n’est pas un carnet"),
        (b'["a"] }', "n’est pas un carnet"),
        (b"[" * 500_000 + b"}", "n’est pas un carnet"),
        (b'{"format": ' + b"9" * 5_000 + b"}", "n’est pas un carnet"),
        (b'{"format": 1, "format": 1}', "n’est pas un carnet"),
        (b'{"format": NaN}', "n’est pas un carnet"),
        (raw(format=2), "au format 2, plus récent que ce programme"),
        (raw(format="1"), "n’est pas un carnet"),
        (raw(format=True), "n’est pas un carnet"),
        (raw(contributions={}), "la liste « contributions » manque"),
        (raw(contributions=[{}] * 501), "501 contributions, 500 au plus"),
        (raw(auteur="X"), "« auteur » n’est pas une rubrique connue"),
        (raw(organisation="CFDT"), "« CFDT » n’a pas la forme attendue"),
        (raw(x="a" * MAX_CARNET), "au plus : un carnet est plus petit"),
    ],
)
def test_what_is_no_carnet_is_refused_in_a_sentence(given: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_carnet(given)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Jeanne"}, "« name » n’est pas une rubrique connue"),
        ({"key": "zz"}, "« zz » n’a pas la forme attendue pour « key »"),
        ({"kind": "vote"}, "« vote » n’est pas une valeur admise pour « kind »"),
        ({"version": "1"}, "« version » doit être un nombre entier"),
        ({"text": "a" * 90_000}, "« text » est trop long"),
        ({"choice": {"point": "p"}}, "la rubrique « letter » est obligatoire"),
        ({"text": "\ud800"}, "la valeur de « text » n’est pas correcte"),
    ],
)
def test_one_contribution_at_fault_leaves_the_others(
    changes: dict[str, object], said: str
) -> None:
    good = json.loads(carnet_text(envelope()))["contributions"][0]
    given = json.dumps(
        json.loads(carnet_text(envelope())) | {"contributions": [good | changes, good]}
    )

    wrong, right = read_carnet(given.encode()).items

    assert wrong.submission is None
    assert said in wrong.fault
    assert right.submission is not None


def test_a_file_that_notepad_saved_again_is_read() -> None:
    assert len(read_carnet(b"\xef\xbb\xbf" + raw().replace(b"\n", b"\r\n")).items) == 1


@given(st.binary(max_size=300))
def test_any_bytes_give_a_carnet_or_a_sentence(noise: bytes) -> None:
    start = raw()
    for given_bytes in (noise, start[:-1] + noise, start[: len(noise)] + noise):
        told = "."
        try:
            read_carnet(given_bytes)
        except Unreadable as refused:
            told = str(refused)
        assert told.endswith(".")


@pytest.mark.parametrize(
    ("changes", "organisation", "said"),
    [
        ({}, "cfdt", ""),
        ({"charter": CHARTER.replace("’", "'")}, "cfdt", ""),
        ({"consultation": "autre-2027"}, "cfdt", "celui d’une autre concertation"),
        ({"charter": "Charte — Ailleurs"}, "cfdt", "porte sur une autre charte"),
        ({}, "cgt", "au nom de CFDT Interco, et vous avez donné CGT Territoriaux"),
    ],
)
def test_a_carnet_for_another_place_or_organisation_is_told_so(
    changes: dict[str, object], organisation: str, said: str
) -> None:
    carnet = read_carnet(raw(**changes))

    told = foreign(carnet, SETTINGS, [CHARTER], organisation)

    assert said in told
    assert bool(told) == bool(said)


def test_a_message_that_holds_a_carnet_twice_holds_each_contribution_once() -> None:
    items = read_carnet(raw()).items

    assert said_once([*items, *items]) == list(items)


# --- the mail ------------------------------------------------------------------------

WRITTEN = envelope(
    submission(),
    submission(
        key="b" * 32,
        kind="amendment",
        operation="replace",
        proposed="L’agent est joignable — de 9 h à 11 h.\n\n- sauf le mercredi ;",
        stance="reserved",
    ),
    *(submission(key=f"{n:032x}", text=f"Motif {n} " * 40) for n in range(20)),
)
SENT = "\n".join(
    ["Bonjour,", "", "Voici.", "", block(carnet_text(WRITTEN).encode()), "", "M. A2"]
)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def wrapped(text: str, width: int = 38) -> str:
    lines = (textwrap.wrap(line, width) or [""] for line in text.split("\n"))
    return "\n".join(part for line in lines for part in line)


def as_outlook(text: str) -> str:
    lines = "".join(
        f"<p class=MsoNormal><span lang=FR>{html.escape(line)}<o:p></o:p></span></p>\r\n"
        for line in text.split("\n")
    )
    return f"<html><body><!-- x --><div class=WordSection1>{lines}</div></body></html>"


MANGLINGS: dict[str, Callable[[str], str]] = {
    "quoted": quoted,
    "quoted three times": lambda text: quoted(quoted(quoted(text))),
    "quoted with initials": lambda text: re.sub("(?m)^", "JD> ", text),
    "quoted with bars": lambda text: re.sub("(?m)^", " | ", text),
    "wrapped": wrapped,
    "wrapped in quotes": lambda text: quoted(wrapped(quoted(text))),
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "no-break spaces": lambda text: re.sub("(?m)^", "\u00a0\u202f", text),
    "line breaks as tags": lambda text: text.replace("\n", "<br>\n"),
    "html": as_outlook,
    "html entities": lambda text: html.escape(quoted(text)).replace(" ", "&nbsp;"),
    "corrected": lambda text: text.replace("DEBUT", "DÉBUT").replace("...", "…"),
    "lower case": str.lower,
    "capital first": lambda text: "\n".join(map(str.capitalize, text.split("\n"))),
    "dashes between": lambda text: re.sub("(?m)$", " — ", text),
    "no width": lambda text: re.sub(r"(\w{7})", "\\1\u200b\u00ad", text),
    "on one line": lambda text: " ".join(text.split()),
    "spaced": lambda text: re.sub(r"(\w{4})", r"\1 ", text),
    "as it travels": lambda text: quopri.encodestring(text.encode()).decode(),
    "signed and forwarded": lambda text: f"{text}\n-- \nA. B2C\n\n{quoted(text)}",
    "end cut": lambda text: re.split(f"(?i){END}", text)[0],
}


@pytest.mark.parametrize("mangling", MANGLINGS)
def test_a_block_survives_what_mail_programs_do(mangling: str) -> None:
    found = decode_blocks(MANGLINGS[mangling](SENT))

    assert found == [carnet_text(WRITTEN).encode()]


@given(st.lists(st.sampled_from(sorted(MANGLINGS)), min_size=2, max_size=4))
def test_a_block_survives_several_of_them_or_says_it_did_not(names: list[str]) -> None:
    text = SENT
    for name in names:
        text = MANGLINGS[name](text)

    for found in decode_blocks(text):
        assert isinstance(found, Unreadable) or found == carnet_text(WRITTEN).encode()


@pytest.mark.parametrize("first", MANGLINGS)
@pytest.mark.parametrize("then", ["quoted", "html", "windows line ends", "no width"])
def test_a_block_survives_two_of_them(first: str, then: str) -> None:
    text = MANGLINGS[then](MANGLINGS[first](SENT))

    assert decode_blocks(text) == [carnet_text(WRITTEN).encode()]


def test_the_letters_hold_nothing_a_program_would_correct() -> None:
    lines = block(carnet_text(WRITTEN).encode()).split("\n")

    assert (lines[0], lines[-1]) == (START, END)
    assert all(re.fullmatch("[A-Z2-7]{1,60}", line) for line in lines)


@given(st.data())
def test_a_changed_letter_is_seen(data: Any) -> None:
    start = SENT.index(START) + len(START)
    place = data.draw(st.integers(start, SENT.index(END) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))

    (found,) = decode_blocks(SENT[:place] + letter + SENT[place + 1 :])

    same = SENT[place] in (letter, "\n") or found == carnet_text(WRITTEN).encode()
    assert isinstance(found, Unreadable) or same


def test_a_block_cut_in_the_middle_says_that_its_end_is_missing() -> None:
    (found,) = decode_blocks(SENT[: SENT.index(END) - 200])

    assert "incomplet" in str(found)


def test_a_block_with_a_lost_line_says_that_it_was_changed() -> None:
    lines = SENT.split("\n")
    lost = [*lines[:8], *lines[9:-3], "A" * 60, END]

    (found,) = decode_blocks("\n".join(lost))

    assert "modifié en route" in str(found)


def bomb(size: int) -> str:
    packed = zlib.compress(b"0" * size, 9)
    head = len(packed).to_bytes(4, "big") + zlib.crc32(packed).to_bytes(4, "big")
    letters = base64.b32encode(b"CB\x01" + head + packed).decode().strip("=")
    return f"{START} {letters} {END}"


def test_a_block_that_unpacks_to_gigabytes_is_refused() -> None:
    (found,) = decode_blocks(bomb(300 * 1024**2))

    assert "bien plus qu’un carnet" in str(found)


@given(st.text(max_size=200))
def test_any_text_gives_blocks_or_sentences(noise: str) -> None:
    for text in (noise, f"{START}{noise}", f"{noise}{START}{noise}{END}{noise}"):
        for found in decode_blocks(text):
            assert isinstance(found, Unreadable)


def test_the_text_for_a_mail_can_be_read_by_a_person_and_by_the_program(
    charter: Charter,
) -> None:
    version = as_version(charter, None)
    written = WRITTEN.model_copy(update={"charter": charter_name(version)})

    text = mail_text(written, SETTINGS, {1: version})

    assert text.startswith("Charte des horaires\nCFDT Interco : 22 contributions")
    assert "Avis sur l’article : favorable sous réserve" in text
    assert "Rédaction proposée :\nL’agent est joignable — de 9 h à 11 h." in text
    assert decode_blocks(text) == [carnet_text(written).encode()]
