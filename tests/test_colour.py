import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.colour import (
    DARK,
    ENOUGH,
    LIGHT,
    contrast,
    readable,
    style_sheet,
)
from charter_builder.website.starter import docs_folder

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
WASHES = {LIGHT: "#f6f7f8", DARK: "#1b2126"}
"""What lies behind the rows of a table: `--charte-wash` of each display."""


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_the_contrast_is_the_one_of_the_wcag(
    first: str, second: str, ratio: float
) -> None:
    assert round(contrast(first, second), 2) == ratio
    assert contrast(first, second) == contrast(second, first)


@pytest.mark.parametrize("background", [LIGHT, DARK])
@given(colour=COLOURS)
def test_any_accent_becomes_readable_on_the_page_and_on_its_washes(
    background: str, colour: str
) -> None:
    found = readable(colour, background)

    assert contrast(found, background) >= ENOUGH
    assert contrast(found, WASHES[background]) >= ENOUGH


@pytest.mark.parametrize(
    ("colour", "background"), [("#1b5e82", LIGHT), ("#8cc8ea", DARK)]
)
def test_a_colour_that_reads_well_is_kept(colour: str, background: str) -> None:
    assert readable(colour, background) == colour


@given(colour=COLOURS)
def test_what_is_made_readable_stays_so(colour: str) -> None:
    found = readable(colour, LIGHT)

    assert readable(found, LIGHT) == found


def test_the_washes_are_those_of_the_style_sheet() -> None:
    css = (docs_folder() / "assets" / "charte.css").read_text(encoding="utf-8")

    # Then, on paper, the light one again.
    light, dark, printed = re.findall(r"--charte-wash: (#\w+)", css)
    assert [light, dark] == list(WASHES.values())
    assert printed == light


def test_the_style_sheet_gives_one_colour_for_each_display() -> None:
    sheet = style_sheet("#ffdd00")

    light, dark = re.findall(r"#\w{6}", sheet)
    assert contrast(light, LIGHT) >= ENOUGH
    assert dark == "#ffdd00"
