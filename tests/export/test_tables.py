import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest

from charter_builder.export.tables import MIMETYPE, csv_archive, csv_files, ods
from charter_builder.exports import Column, Sheet

HOSTILE = (
    '=HYPERLINK("https://mechant.example";"ici")',
    "<script>alert(1)</script> & ]]>",
    "🙂 " * 10_000,
    "deux  espaces, puis\n\nun alinéa",
    "  un retrait",
)
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def sheet(*cells: str | int | float | date) -> Sheet:
    columns = tuple(Column(f"Colonne {n}", 3.0) for n, _ in enumerate(cells))
    return Sheet("Décisions & suites", columns, (cells,))


def content(file: bytes) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return ElementTree.fromstring(archive.read("content.xml"))


def cells(file: bytes) -> list[ElementTree.Element]:
    """Return the cells of the rows below the titles."""
    rows = content(file).findall(f".//{TABLE}table/{TABLE}table-row")
    return [cell for row in rows for cell in row]


def read(cell: ElementTree.Element) -> str:
    """Return the text of a cell as a spreadsheet shows it."""
    lines = []
    for paragraph in cell.findall(f"{TEXT}p"):
        line = paragraph.text or ""
        for space in paragraph:
            line += " " * int(space.attrib[f"{TEXT}c"]) + (space.tail or "")
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_comes_back_as_it_was_and_is_a_string(typed: str) -> None:
    (cell,) = cells(ods([sheet(typed)]))

    assert cell.attrib[f"{OFFICE}value-type"] == "string"
    assert f"{TABLE}formula" not in cell.attrib
    assert read(cell) == typed


def test_numbers_and_days_are_typed_for_sorting() -> None:
    whole, half, day = cells(ods([sheet(3, 2.5, date(2027, 3, 14))]))

    assert whole.attrib[f"{OFFICE}value"] == "3"
    assert (half.attrib[f"{OFFICE}value"], read(half)) == ("2.5", "2,5")
    assert day.attrib[f"{OFFICE}date-value"] == "2027-03-14"
    assert read(day) == "14/03/2027"


def test_the_file_says_what_it_is_by_its_first_bytes() -> None:
    file = ods([sheet("a")])

    assert file[30:].startswith(b"mimetype" + MIMETYPE.encode())
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        for name in archive.namelist()[1:]:
            ElementTree.fromstring(archive.read(name))
        assert all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in archive.infolist())


def test_the_same_tables_give_the_same_bytes() -> None:
    assert ods([sheet("a", 1)]) == ods([sheet("a", 1)])
    assert csv_archive([sheet("a", 1)]) == csv_archive([sheet("a", 1)])


def test_a_csv_file_is_the_one_that_french_spreadsheets_open() -> None:
    ((name, file),) = csv_files([sheet("a;b", '"c"', "d\ne")]).items()

    assert name == "1-decisions-suites.csv"
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.count(b"\r\n") == 2
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["a;b", '"c"', "d\ne"]


def test_a_formula_is_neutralised_in_csv_even_split_at_another_sign() -> None:
    ((_, file),) = csv_files([sheet("=1+1", "vrai,=1+1")]).items()

    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["'=1+1", "vrai,=1+1"]
    assert b'"vrai,=1+1"' in file
