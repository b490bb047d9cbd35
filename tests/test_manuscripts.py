from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.manuscripts import (
    Passage,
    cleaned,
    html_passages,
    markdown_passages,
    text_passages,
)


def told(passages: tuple[Passage, ...]) -> list[tuple[int, str, str]]:
    return [
        (p.line, p.heading, " ".join(p.text.split()))
        for p in passages
        if not p.is_heading
    ]


# --- what word processors leave ------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("décret n°2016-151", "décret n° 2016-151"),
        ("décret N° 2016 – 151", "décret N° 2016-151"),
        ("loi no 84-53", "loi n° 84-53"),
        ("art. L.430-1", "art. L. 430-1"),
        ("télé\u00adtravail", "télétravail"),
        ("co\u200bmité", "comité"),
        ("ﬁn", "fin"),
        ("re\u0301seau", "réseau"),
        ("a\x1b[31mb\x9bc", "a [31mb c"),
        ("a\u202eb", "ab"),
    ],
)
def test_a_text_is_cleaned_of_what_only_a_typesetter_put(typed: str, read: str) -> None:
    assert cleaned(typed) == read


# --- plain text ----------------------------------------------------------------------


def test_a_plain_text_has_headings_paragraphs_and_lines() -> None:
    text = (
        "CHARTE DU TÉLÉTRAVAIL\n\n"
        "Article 1. Objet\n"
        "Cette charte fixe\nles règles.\n\n"
        "Article 2 - Lieux\n\n"
        "- le domicile ;\n- un tiers-lieu.\n"
    )

    assert told(text_passages(text)) == [
        (4, "Article 1. Objet", "Cette charte fixe les règles."),
        (9, "Article 2 - Lieux", "le domicile ;"),
        (10, "Article 2 - Lieux", "un tiers-lieu."),
    ]


def test_paragraphs_of_one_line_each_are_told_apart() -> None:
    text = "Le télétravail est volontaire.\nIl est réversible.\n"

    assert [line for line, _, _ in told(text_passages(text))] == [1, 2]


@pytest.mark.parametrize("read", [text_passages, markdown_passages])
def test_each_visa_is_a_passage(
    read: Callable[[str], tuple[Passage, ...]],
) -> None:
    text = "Vu le code,\nVu l’avis\ndu comité,\nConsidérant le reste,\n"

    assert [line for line, _, _ in told(read(text))] == [1, 2, 4]


def test_the_introduction_of_a_list_goes_with_its_items() -> None:
    [lead, first, second] = text_passages("Sont exclus :\n- l’accueil ;\n- le reste.\n")

    assert lead.lead == ""
    assert {first.lead, second.lead} == {"Sont exclus :"}


# --- Markdown ------------------------------------------------------------------------


def test_markdown_marks_are_read_as_a_reader_sees_them() -> None:
    text = (
        "---\ntitle: x\n---\n"
        "Charte\n======\n\n"
        "### 2. Quotité\n\n"
        "Les **quatre** jours de [télétravail](page.md), l&#39;agent `x`.<br>\n\n"
        "<!-- comité\ntechnique -->\n"
        "> Une citation.\n"
    )

    assert told(markdown_passages(text)) == [
        (9, "2. Quotité", "Les quatre jours de télétravail, l'agent x."),
        (13, "2. Quotité", "Une citation."),
    ]


def test_each_row_of_a_table_is_a_passage_under_its_header() -> None:
    passages = markdown_passages("| Jours | Qui |\n|---|---|\n| 4 jours | tous |\n")

    assert told(passages)[-1] == (3, "", "4 jours | tous")
    assert passages[-1].lead == "Jours | Qui"


# --- HTML ----------------------------------------------------------------------------


def test_a_page_is_read_without_what_is_not_shown() -> None:
    page = (
        "<html><head><title>Titre</title><style>p { }</style></head>\n"
        "<body><script>var comite = '<p>CHSCT</p>';</script>\n"
        "<!-- comité technique -->\n"
        "<h2 class=x>Article 3<br>Quotité</h2>\n"
        "<p>Les <b>quatre</b>&nbsp;jours\nd&rsquo;été.</p>\n"
        "<ul><li><p>Un lieu ;</p></li></ul>\n"
        "<template><p>caché</p></template>\n"
        "</body></html>"
    )

    assert told(html_passages(page)) == [
        (5, "Article 3 Quotité", "Les quatre jours d’été."),
        (7, "Article 3 Quotité", "Un lieu ;"),
    ]


def test_the_cells_of_a_row_are_read_together() -> None:
    page = "<table><tr><td><p>Quotité</p></td><td>4 jours</td></tr></table>"

    assert told(html_passages(page)) == [(1, "", "Quotité | 4 jours")]


@pytest.mark.parametrize(
    "page",
    [
        "<p>Le texte. <!-- sans fin",
        "<p>Le texte. <script>var sans = fin",
        "<p>Le texte. <p a='sans fin",
        "Le texte.",
        "<p>Le texte.</p></p></div></ul>",
        "<head><body>Le texte.",
    ],
)
def test_a_broken_page_is_read_all_the_same(page: str) -> None:
    assert told(html_passages(page))[0][2].startswith("Le texte.")


@pytest.mark.parametrize(
    "half", ["<!--", "<a", "</", "<![CDATA[", "<a b='", "<script></", "<ul>", "&#"]
)
def test_half_a_tag_a_hundred_thousand_times_is_read_at_once(half: str) -> None:
    # With the parser of the standard library alone, the first takes minutes.
    assert len(html_passages(half * 100_000)) <= 1


@given(st.text(alphabet="<>/!-ap &;'\"=\n", max_size=80))
def test_any_page_is_read_line_for_line(page: str) -> None:
    lines = page.count("\n") + 1

    assert all(1 <= passage.line <= lines for passage in html_passages(page))


@given(st.text(alphabet="#>-*|1.a \n=`[]()<", max_size=80))
def test_any_markdown_is_read_line_for_line(text: str) -> None:
    lines = text.count("\n") + 1

    assert all(1 <= passage.line <= lines for passage in markdown_passages(text))
