"""What organisations send, and what strangers could: read within bounds, never dropped."""

import io
import stat
import struct
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from charter_builder.carnet import Envelope, block, carnet_text
from charter_builder.contributions import Submission
from charter_builder.storage.intake import Piece, keep_original, receive


def submission(number: int = 1, text: str = "Nous demandons l’été.") -> Submission:
    return Submission(key=f"{number:032x}", version=1, unit="horaires", text=text)


CARNET = Envelope(
    consultation="essai-2027",
    charter="Charte",
    organisation="cfdt",
    contributions=(submission(1), submission(2)),
)
RAW = carnet_text(CARNET).encode()
BLOCK = block(RAW)


def pieces(folder: Path, name: str, raw: bytes) -> tuple[Piece, ...]:
    path = folder / name
    path.write_bytes(raw)
    return receive(path).pieces


def keys(found: tuple[Piece, ...]) -> list[int]:
    return [
        int(item.submission.key, 16)
        for piece in found
        if piece.carnet
        for item in piece.carnet.items
        if item.submission
    ]


def mail(text: str = "", page: str = "", charset: str = "utf-8") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Contributions été"
    message["Date"] = "Fri, 29 Jan 2027 22:10:00 +0100"
    if text or not page:
        message.set_content(text, charset=charset)
    if page:
        add = message.add_alternative if text else message.set_content
        add(page, subtype="html", charset=charset)
    return message


def attached(message: EmailMessage, name: str, raw: bytes, kind: str) -> EmailMessage:
    main, sub = kind.split("/")
    message.add_attachment(raw, maintype=main, subtype=sub, filename=name)
    return message


OUTLOOK = (
    '<html xmlns:o="x"><head><style><!-- p {margin:0} --></style></head><body lang=FR>'
    "<div class=WordSection1>"
    + "".join(
        f"<p class=MsoNormal><span style='font-size:11.0pt'>{line or '&nbsp;'}"
        "<o:p></o:p></span></p>\r\n"
        for line in ["Bonjour,", "", *BLOCK.split("\n"), "", "Cordialement"]
    )
    + "</div></body></html>"
)
THUNDERBIRD = (
    "Le 28/01/2027 à 10:12, CFDT a écrit :\r\n>\r\n"
    + "".join(f"> {line}\r\n" for line in BLOCK.split("\n"))
    + "> -- \r\n> Section syndicale\r\n"
)
MAILS = {
    "pasted": mail(f"Bonjour,\n\n{BLOCK}\n"),
    "in Latin-1": mail(f"À l’été,\n\n{BLOCK}\n", charset="cp1252"),
    "Outlook's page": mail("", OUTLOOK),
    "Outlook's page beside a text without it": mail("Bonjour", OUTLOOK),
    "Thunderbird's quote": mail(THUNDERBIRD),
    "both": mail(f"Bonjour\n{BLOCK}", OUTLOOK),
    "an attachment": attached(mail("Voici."), "c.json", RAW, "application/json"),
    "an attachment of no known type": attached(
        mail("Voici."), "contributions été.json", RAW, "application/octet-stream"
    ),
    "an attached text": attached(
        mail("Ci-joint."), "c.txt", BLOCK.encode(), "text/plain"
    ),
    "an attachment and the same pasted": attached(
        mail(f"Bonjour\n{BLOCK}"), "c.json", RAW, "application/json"
    ),
}


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("name", ["pasted", "in Latin-1"])
def test_a_body_is_read_whatever_carries_it(
    tmp_path: Path, name: str, encoding: str
) -> None:
    message = EmailMessage()
    charset = MAILS[name].get_content_charset() or ""
    message.set_content(MAILS[name].get_content(), charset=charset, cte=encoding)

    assert keys(pieces(tmp_path, "m.eml", message.as_bytes())) == [1, 2]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_gives_its_contributions_once(tmp_path: Path, name: str) -> None:
    found = pieces(tmp_path, "m.eml", MAILS[name].as_bytes())

    assert keys(found) == [1, 2]
    assert not [piece for piece in found if piece.fault or piece.by_hand is not None]
    assert found[0].sent_at == "2027-01-29T21:10:00Z"


def test_a_mail_forwarded_as_an_attachment_is_read(tmp_path: Path) -> None:
    outer = mail("Pour suite à donner.")
    outer.add_attachment(MAILS["an attachment"])

    found = pieces(tmp_path, "m.eml", outer.as_bytes())

    assert keys(found) == [1, 2]


def test_the_server_that_receives_tells_when_rather_than_the_sender(
    tmp_path: Path,
) -> None:
    raw = b"Received: from a by b; Sat, 30 Jan 2027 08:00:00 +0100\r\n"

    found = pieces(tmp_path, "m.eml", raw + MAILS["pasted"].as_bytes())

    assert found[0].sent_at == "2027-01-30T07:00:00Z"


def test_words_around_a_carnet_are_told_and_not_counted(tmp_path: Path) -> None:
    (carnet, words) = pieces(tmp_path, "m.eml", MAILS["an attachment"].as_bytes())

    assert carnet.carnet
    assert (words.note, words.by_hand) == ("Voici.", None)


def test_a_mail_without_a_carnet_is_to_be_entered_by_hand(tmp_path: Path) -> None:
    message = mail("Nous sommes contre l’article 3.\n" * 30)
    attached(message, "scan.pdf", b"%PDF", "application/pdf")

    pdf, words = pieces(tmp_path, "m.eml", message.as_bytes())

    assert "pièce jointe scan.pdf" in pdf.name
    assert pdf.by_hand == ""
    assert str(words.by_hand).startswith("Nous sommes contre l’article 3.")


def test_an_attachment_stays_beside_a_carnet(tmp_path: Path) -> None:
    message = attached(mail(BLOCK), "scan.pdf", b"%PDF", "application/pdf")

    found = pieces(tmp_path, "m.eml", message.as_bytes())

    assert [piece.by_hand for piece in found] == ["", None]
    assert keys(found) == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_whatever_program_saved_it(
    tmp_path: Path, encoding: str
) -> None:
    raw = f"À l’été\r\n{BLOCK}".encode(encoding)

    assert keys(pieces(tmp_path, "m.txt", raw)) == [1, 2]


# --- hostile mails -------------------------------------------------------------------

HEAD = b"From: a@b\r\nMIME-Version: 1.0\r\n"
HOSTILE_MAILS = {
    "a long header": HEAD + b"Content-Type: text/plain" + b'; a="b"' * 12_000,
    "open quotes": HEAD + b"Content-Disposition: attachment; filename=" + b'"' * 90_000,
    "open brackets": HEAD + b"Content-Disposition: " + b"(" * 90_000,
    "many parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 100_000,
    "parts in parts": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(1_900)
    ),
}


@pytest.mark.parametrize("name", HOSTILE_MAILS)
def test_a_mail_made_to_keep_us_busy_is_refused(tmp_path: Path, name: str) -> None:
    (found,) = pieces(tmp_path, "m.eml", HOSTILE_MAILS[name] + b"\r\n\r\nx")

    assert found.fault.startswith("ce courriel")


def test_a_message_that_repeats_a_block_for_ever_is_refused(tmp_path: Path) -> None:
    (found,) = pieces(tmp_path, "m.txt", b"DEBUTDUCARNET " * 100_000)

    assert "plus de 20 blocs" in found.fault


@pytest.mark.parametrize("raw", [b"", b"\0\xff" * 999, b"Date: (((\r\n\r\n", b"\r\n"])
def test_noise_is_told(tmp_path: Path, raw: bytes) -> None:
    for name in ("m.eml", "m.txt", "m.json", "m.zip", "m.pdf"):
        found = pieces(tmp_path, name, raw)
        told = [bool(piece.fault) or piece.by_hand is not None for piece in found]
        assert told == [True], name


# --- archives ------------------------------------------------------------------------


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, raw in files.items():
            made.writestr(name, raw)
    return target.getvalue()


def test_an_archive_gives_what_its_files_hold(tmp_path: Path) -> None:
    raw = archive(
        {
            "été/c.json": RAW,
            "m.eml": MAILS["pasted"].as_bytes(),
            "__MACOSX/._c.json": b"x",
            "scan.pdf": b"%PDF",
        }
    )

    found = pieces(tmp_path, "lot.zip", raw)

    assert keys(found) == [1, 2, 1, 2]
    assert [piece.name for piece in found if piece.by_hand == ""] == [
        "lot.zip, scan.pdf"
    ]


def test_a_file_damaged_in_an_archive_is_told_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in ("un.json", "deux.json", "trois.json"):
            made.writestr(name, RAW)
    raw = bytearray(target.getvalue())
    place = raw.index(RAW, raw.index(b"deux.json"))
    raw[place + 20] ^= 1

    found = pieces(tmp_path, "lot.zip", bytes(raw))

    assert [(piece.name, bool(piece.carnet)) for piece in found] == [
        ("lot.zip, un.json", True),
        ("lot.zip, deux.json", False),
        ("lot.zip, trois.json", True),
    ]
    assert "abîmé dans l’archive" in found[1].fault


def link() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        entry = zipfile.ZipInfo("c.json")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    return target.getvalue()


def patched(raw: bytes, sign: bytes, offset: int, value: bytes) -> bytes:
    place = raw.rfind(sign) + offset
    return raw[:place] + value + raw[place + len(value) :]


MANY = archive({f"{n}.json": b"" for n in range(30_000)})
BOMB = archive({"c.json": b"0" * 200_000_000})
HOSTILE_ARCHIVES = {
    "a bomb": (BOMB, "dépasse 50 Mio"),
    "a bomb that lies": (
        patched(BOMB, b"PK\1\2", 24, struct.pack("<I", 9)),
        "abîmé dans l’archive",
    ),
    "too many files": (MANY, "plus de 2000 fichiers"),
    "too many files, hidden": (
        patched(MANY, b"PK\5\6", 8, struct.pack("<HH", 1, 1)),
        "plus de 2000 fichiers",
    ),
    "a way out": (archive({"../c.json": RAW}), "sort de son dossier"),
    "a way out of Windows": (archive({"a\\..\\c.json": RAW}), "sort de son dossier"),
    "the root": (archive({"/etc/c.json": RAW}), "sort de son dossier"),
    "a drive": (archive({"C:c.json": RAW}), "sort de son dossier"),
    "another archive": (archive({"a.zip": archive({"c.json": RAW})}), "une autre"),
    "a link": (link(), "contient un lien"),
    "a password": (
        patched(archive({"c.json": RAW}), b"PK\1\2", 8, b"\1\0"),
        "mot de passe",
    ),
    "an unknown method": (
        patched(archive({"c.json": RAW}), b"PK\1\2", 10, b"\x63\0"),
        "abîmé dans l’archive",
    ),
    "cut": (archive({"c.json": RAW})[:-30], "abîmée"),
}


@pytest.mark.parametrize("name", HOSTILE_ARCHIVES)
def test_an_archive_made_to_do_harm_is_refused(tmp_path: Path, name: str) -> None:
    raw, said = HOSTILE_ARCHIVES[name]

    (found,) = pieces(tmp_path, "lot.zip", raw)

    assert said in found.fault


# --- originals -----------------------------------------------------------------------


def test_an_original_is_kept_once_as_it_came(tmp_path: Path) -> None:
    path = tmp_path / "Été & co.eml"
    path.write_bytes(MAILS["pasted"].as_bytes())

    kept = {keep_original(tmp_path / "originals", receive(path)) for _ in range(2)}

    assert [one.read_bytes() for one in kept] == [path.read_bytes()]
    assert [one.name[12:] for one in kept] == ["-Été___co.eml"]
