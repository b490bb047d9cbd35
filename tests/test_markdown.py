from html.parser import HTMLParser

import markdown
import pytest
from documents import with_document
from hypothesis import assume, example, given
from hypothesis import strategies as st

from charter_builder.assembly import assemble
from charter_builder.charter import (
    Act,
    Charter,
    ListBlock,
    Paragraph,
    TableBlock,
    TextBlock,
)
from charter_builder.expressions import one_line
from charter_builder.forms import Blank
from charter_builder.library import Library
from charter_builder.markdown import (
    DOTS,
    act_text,
    blank_blocks,
    charter_text,
    document_text,
    escape,
    paragraph_text,
)
from charter_builder.questionnaire import Answers

# Those of mkdocs.yml, and those a territory is likely to add.
EXTENSIONS = ["attr_list", "md_in_html", "tables", "def_list", "toc", "admonition"]
EXTENSIONS += ["footnotes", "abbr", "fenced_code", "pymdownx.details"]

CONVERTER = markdown.Markdown(extensions=EXTENSIONS)

SIGNS = (
    "* ** _ __ ` ``` ~~~ # ## - -- --- + > : ! !!! ??? ???+ 1. 1) = == === | \\ [ ] [a](b) "
    "[^1]: *[A]: ![a](b) < > <b> </p> <!-- --> &lt; &amp;#42; &#42; {#a} {:.b} { } ${a} $ ^ "
    "~ http://a.b www.a.b javascript:a(1) DATA:x mailto:a@b.fr <http://a> a@b.fr --8<-- "
    "[TOC] :smile: mot note \"a\" 'b' (c) ++k++ {{ }} {% %} \u00a0 é"
)
TYPED = (
    st.lists(st.sampled_from(SIGNS.split(" ")), max_size=6).map(" ".join)
    | st.lists(st.sampled_from(SIGNS.split(" ")), max_size=6).map("".join)
    | st.text(max_size=30)
).map(one_line)


class Page(HTMLParser):
    """What a browser makes of a page: its tags and, for each, its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(CONVERTER.reset().convert(source))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.texts.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self.tags and data.strip():
            self.texts[self.tags[-1]][-1] += data


def paragraph(*blocks: TextBlock | ListBlock | TableBlock) -> Paragraph:
    return Paragraph(id="a/1", clause="aa", nature="choice", blocks=blocks)


@given(TYPED)
@example("---")
@example("!!! note")
@example("- [ ] a")
def test_a_text_reads_in_a_page_as_it_was_typed(typed: str) -> None:
    assume(typed)
    page = Page(paragraph_text(paragraph(TextBlock(text=typed))))

    assert page.tags == ["p"]
    assert page.attributes == []
    assert page.texts["p"][0].strip() == typed


@given(st.lists(TYPED.filter(bool), min_size=2, max_size=3))
@example(["Le conseil", "---"])
@example(["Le conseil", "- un", "1. deux"])
def test_every_line_of_a_text_reads_as_it_was_typed(typed: list[str]) -> None:
    page = Page(escape("\n".join(typed)))

    assert page.tags == ["p"]
    assert [line.strip() for line in page.texts["p"][0].split("\n")] == typed


@given(st.lists(TYPED.filter(bool), min_size=1, max_size=3))
def test_the_items_of_a_list_read_as_they_were_typed(typed: list[str]) -> None:
    page = Page(paragraph_text(paragraph(ListBlock(items=tuple(typed)))))

    assert page.tags == ["ul", *["li"] * len(typed)]
    assert [text.strip() for text in page.texts["li"]] == typed


@given(st.lists(st.tuples(TYPED, TYPED), min_size=1, max_size=3))
def test_the_cells_of_a_table_read_as_they_were_typed(
    typed: list[tuple[str, str]],
) -> None:
    table = TableBlock(header=("A", "B"), rows=tuple(typed))
    page = Page(paragraph_text(paragraph(table)))

    assert {"table", "thead", "tbody", "tr", "th", "td"} == set(page.tags)
    cells = [text.strip() for text in page.texts["td"]]
    assert cells == [cell for row in typed for cell in row]


@example("0", "???0")
@example("!!! x", "!!!x")
@given(TYPED, TYPED)
def test_two_paragraphs_stay_two_paragraphs(one: str, two: str) -> None:
    assume(one and two)
    blocks = TextBlock(text=one), TextBlock(text=two)
    page = Page(paragraph_text(paragraph(*blocks)))

    assert [text.strip() for text in page.texts["p"]] == [one, two]


@pytest.mark.parametrize(
    "word", ["agent", "l’agent", "« oui »", "2,88 €", "a/b", "1er"]
)
def test_ordinary_words_are_left_readable_in_the_source(word: str) -> None:
    assert escape(word) == word


def test_a_charter_reads_from_its_title_to_the_state_of_the_law(
    charter: Charter,
) -> None:
    assert (
        charter_text(charter).replace("\u00a0", " ").replace("\u202f", " ")
        == """\
# Charte d’essai

L’Isle-Verte — projet pour un acte du 1er mars 2027

## Le temps

### Article 1. Les horaires

Le repos dure au moins 11 heures (article R. 3 du nouveau code).

Nul n’est joint de 19 heures à 7 h 30.

Un suivi est fait à la demande.

## L’argent

### Article 2. Les coûts

Matériel fourni : néant.

L’employeur fournit le matériel, dans le respect de l’article 1.

---

État du droit au 23 novembre 2026 · bibliothèque petite 1.0.0 ("""
        + (f"{charter.library_digest[:12]})\n")
    )


def test_an_act_reads_from_what_it_has_regard_to_to_what_it_decides(
    charter: Charter,
) -> None:
    text = act_text(charter.acts[0], charter).replace("\u00a0", " ")

    assert (
        text.replace("\u202f", " ")
        == """\
# Délibération d’essai

L’Isle-Verte

Le conseil

Vu l’article R. 3 du nouveau code ;

Après en avoir délibéré, décide :

## Article 1. Adoption

La charte est adoptée.

---

État du droit au 23 novembre 2026 · bibliothèque petite 1.0.0 (23a68314528b)
"""
    )


def test_a_local_paragraph_says_it_was_not_checked() -> None:
    local = Paragraph(
        id="aa/local/1",
        clause="aa/local",
        nature="local",
        blocks=(TextBlock(text="a"),),
    )

    assert paragraph_text(local) == (
        "a\n\n_Rédaction locale, non vérifiée par l’outil._"
    )


def test_a_title_is_no_more_markdown_than_a_paragraph(charter: Charter) -> None:
    act: Act = charter.acts[0].model_copy(update={"title": "a *b* <c> [d](e)"})

    assert Page(act_text(act, charter)).texts["h1"] == ["a *b* <c> [d](e)"]


def test_a_document_is_text_to_fill_in(library: Library, answers: Answers) -> None:
    charter = assemble(with_document(library), answers)
    text = document_text(charter.documents[0], charter)

    assert (
        text.replace("\u00a0", " ").replace("\u202f", " ").replace(DOTS, "…")
        == """\
# Demande de repos

L’Isle-Verte

_L’agent demande ses heures._

_Remplie par l’agent._

## L’agent

Le repos dure 11 heures.

**Nom :** …

**À partir du :** le …… / …… / ………

**Pourquoi ?**

……

……

## Article 1. Les heures

**La demande porte sur :** _(une seule case)_

- ☐ la plage de 19 heures à 7 h 30
- ☐ une autre plage

☐ L’agent a lu la charte.

## Article 2. La réponse

**Les avis :**

| Avis | Oui | Non |
|---|---|---|
| encadrant |   |   |
|   |   |   |

**L’agent :** à ………………………………, le …… / …… / ………

Signature : …

**L’encadrant :** à ………………………………, le …… / …… / ………

Signature : …
"""
    )


def test_what_is_asked_is_no_more_markdown_than_a_paragraph(charter: Charter) -> None:
    hostile = "a *b* <c> [d](e)"
    blank = Blank(kind="choice", label=hostile, hint=hostile, choices=(hostile,))

    assert "*b*" not in "\n".join(blank_blocks(blank))
    assert "<c>" not in "\n".join(blank_blocks(blank))
