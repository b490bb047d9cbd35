"""A document of ours as one page to print."""

from charter_builder.bordereau import _quoted
from charter_builder.export.page import html_page

HOSTILE = "<script>alert(1)</script> **gras**"


def test_a_page_reads_what_people_typed_as_they_typed_it() -> None:
    page = html_page("Bordereau <cfdt>", f"# Titre\n\n{_quoted(HOSTILE)}\n")

    assert "<title>Bordereau &lt;cfdt&gt;</title>" in page
    assert "<h1>Titre</h1>" in page
    assert "<script" not in page
    assert "<strong>" not in page
    assert "&#60;script&#62;" in page


def test_lines_that_follow_each_other_stay_apart() -> None:
    page = html_page("t", _quoted("Un.\nDeux.\n\nTrois."))

    assert "Un.<br>\nDeux." in page
    assert "\\" not in page


def test_a_page_fetches_nothing() -> None:
    page = html_page("t", "Texte.")

    assert "http" not in page
    assert "src=" not in page
