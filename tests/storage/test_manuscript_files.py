"""Files anyone may have written: read, or refused with a sentence."""

import os
from pathlib import Path

import pytest

from charter_builder.errors import InputError
from charter_builder.storage import manuscript_files
from charter_builder.storage.manuscript_files import read_manuscript, read_manuscripts

SENTENCE = "L’agent télétravaille à l’été."


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (SENTENCE.encode(), "UTF-8"),
        (SENTENCE.encode("utf-8-sig"), "UTF-8"),
        (SENTENCE.encode("utf-16"), "UTF-16"),
        (SENTENCE.encode("cp1252"), "Windows-1252"),
    ],
)
def test_a_text_is_read_in_the_encodings_people_have(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    read = read_manuscript(written(tmp_path, "charte.txt", content))

    assert read.encoding == encoding
    assert [passage.text for passage in read.passages] == [SENTENCE]


def test_a_page_says_its_encoding(tmp_path: Path) -> None:
    page = "<meta charset=iso-8859-15><p>l’œuvre à 3 €</p>".replace("’", "'")
    read = read_manuscript(written(tmp_path, "x.htm", page.encode("iso-8859-15")))

    assert read.encoding == "ISO-8859-15"
    assert read.passages[0].text == "l'œuvre à 3 €"


def test_the_lines_of_windows_and_of_old_macs_count_as_others(tmp_path: Path) -> None:
    windows = read_manuscript(written(tmp_path, "a.txt", b"Un.\r\n\r\nDeux.\r\n"))
    mac = read_manuscript(written(tmp_path, "b.txt", b"Un.\r\rDeux.\r"))

    assert (
        [p.line for p in windows.passages] == [p.line for p in mac.passages] == [1, 3]
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("charte.docx", b"PK\x03\x04", "enregistrez-le d’abord en texte"),
        ("charte.pdf", b"%PDF", "enregistrez-le d’abord en texte"),
        ("charte", b"texte", "fichier sans extension"),
        ("charte.txt", b"PK\x03\x04\x00\x00", "ce n’est pas un fichier de texte"),
        ("charte.txt", b"\x81\x8d\x8f", "encodage inconnu"),
        ("charte.txt", b"\xff\xfea", "encodage inconnu"),
        ("charte.txt", b" \n\n", "aucun texte à lire"),
        ("charte.html", b"<script>p</script>", "aucun texte à lire"),
    ],
)
def test_what_is_no_text_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_manuscript(written(tmp_path, name, content))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.txt : fichier illisible"):
        read_manuscript(tmp_path / "absent.txt")


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "dossier.txt").mkdir()
    os.mkfifo(tmp_path / "tuyau.txt")
    for name in ("dossier.txt", "tuyau.txt"):
        with pytest.raises(InputError, match="fichier"):
            read_manuscript(tmp_path / name)


def test_a_file_too_large_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "gros.txt", b"a" * (manuscript_files.MAX_FILE + 1))

    with pytest.raises(InputError, match="trop gros : 4 Mio au plus"):
        read_manuscript(path)


def test_a_page_of_too_many_tags_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "x.html", b"<p>" * (manuscript_files.MAX_TAGS + 1))

    with pytest.raises(InputError, match="plus de 100000 balises"):
        read_manuscript(path)


def test_a_dossier_too_long_or_of_too_many_files_is_refused(tmp_path: Path) -> None:
    half = written(tmp_path, "a.txt", b"mot " * 70_000)

    with pytest.raises(InputError, match="plus de 500000 caractères"):
        read_manuscripts([half, half])
    with pytest.raises(InputError, match="20 au plus"):
        read_manuscripts([half] * 21)
