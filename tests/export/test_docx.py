"""The Word document, read back: its text, its outline, its bookmarks."""

import re
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from documents import with_document
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.styles.style import ParagraphStyle
from hypothesis import given
from hypothesis import strategies as st
from terminal import flat

from charter_builder.assembly import assemble
from charter_builder.charter import (
    Block,
    Charter,
    ListBlock,
    Nature,
    Paragraph,
    TableBlock,
    TextBlock,
    unit_text,
)
from charter_builder.export.docx import bookmark_name, render, render_document
from charter_builder.interview import leave_open
from charter_builder.library import Library
from charter_builder.questionnaire import AdoptedText, Answers, LocalParagraph
from charter_builder.typography import NBSP, NNBSP

HOSTILE = (
    '=cmd|" /C calc"!A0 { INCLUDETEXT "C:\\x" } <w:p/> &amp; ]]> {{ x }} [x](y) 🏛 '
    "l’été « à »\N{NO-BREAK SPACE}; -- *gras*"
)
TABLE = TableBlock(
    header=("Lieu", "Postes"), rows=(("Mairie", "4"), ("Espace partagé", "2"))
)


def with_paragraph(
    charter: Charter, *blocks: Block, nature: Nature = "choice", name: str = "essai/1"
) -> Charter:
    """Return the charter, one paragraph added to its first article."""
    added = Paragraph(id=name, clause="essai", nature=nature, blocks=blocks)
    part, *others = charter.parts
    article, *rest = part.articles
    longer = article.model_copy(update={"paragraphs": (*article.paragraphs, added)})
    changed = part.model_copy(update={"articles": (longer, *rest)})
    return charter.model_copy(update={"parts": (changed, *others)})


def with_formulas(charter: Charter) -> Charter:
    """Return the charter, its act with a recital and a signature."""

    def said(name: str, text: str) -> tuple[Paragraph, ...]:
        blocks = (TextBlock(text=text),)
        return (Paragraph(id=name, clause="annexes", nature="choice", blocks=blocks),)

    act = charter.acts[0].model_copy(
        update={
            "recitals": said("deliberation/considerant/1/1", "Considérant ceci ;"),
            "closing": said("deliberation/formule/1/1", "Fait à [lieu]."),
        }
    )
    return charter.model_copy(update={"acts": (act,)})


def member(file: bytes, name: str) -> ElementTree.Element:
    with ZipFile(BytesIO(file)) as archive:
        return ElementTree.fromstring(archive.read(name))


def outline(file: bytes) -> list[tuple[str, str]]:
    """Return the titles, in order, with their style."""
    found = [
        (paragraph.style.name or "", paragraph.text)
        for paragraph in Document(BytesIO(file)).paragraphs
        if paragraph.style is not None
    ]
    return [(n, text) for n, text in found if n == "Title" or n.startswith("Heading")]


def lines(file: bytes) -> list[tuple[str, str]]:
    """Return every line with its style, natures and tables left out."""
    return [
        (paragraph.style.name or "", paragraph.text.rpartition("\t")[2])
        for paragraph in Document(BytesIO(file)).paragraphs
        if paragraph.style is not None
    ]


def natures(file: bytes) -> list[tuple[str, str]]:
    """Return each nature printed in the margin, and the line it is beside."""
    return [
        (run.text, paragraph.text.partition("\t")[2])
        for paragraph in Document(BytesIO(file)).paragraphs
        for run in paragraph.runs
        if run.style is not None and run.style.name == "Nature"
    ]


def bookmarks(file: bytes) -> dict[str, str]:
    """Return the text each bookmark encloses; every one must be closed."""
    found: dict[str, str] = {}
    opened: dict[str | None, str] = {}
    for element in member(file, "word/document.xml").iter():
        number = element.get(qn("w:id"))
        if element.tag == qn("w:bookmarkStart"):
            name = element.get(qn("w:name"), "")
            assert name not in found
            assert number not in opened
            opened[number], found[name] = name, ""
        elif element.tag == qn("w:bookmarkEnd"):
            del opened[number]
        elif element.tag == qn("w:t"):
            for name in opened.values():
                found[name] += element.text or ""
    assert not opened
    return found


def test_the_act_comes_first_and_the_charter_is_annexed(charter: Charter) -> None:
    assert outline(render(charter)) == [
        ("Title", "Délibération d’essai"),
        ("Heading 2", "Article 1. Adoption"),
        ("Title", "Charte d’essai"),
        ("Heading 1", "Le temps"),
        ("Heading 2", "Article 1. Les horaires"),
        ("Heading 1", "L’argent"),
        ("Heading 2", "Article 2. Les coûts"),
    ]


def test_the_whole_text_is_read_back_in_order(charter: Charter) -> None:
    assert lines(render(with_formulas(charter))) == [
        ("Collectivité", "L’Isle-Verte"),
        ("Title", "Délibération d’essai"),
        ("Autorité", "Le conseil"),
        ("Visa", f"Vu l’article{NBSP}R.{NBSP}3 du nouveau code{NNBSP};"),
        ("Visa", "Considérant ceci ;"),
        ("Dispositif", "Après en avoir délibéré, décide :"),
        ("Heading 2", "Article 1. Adoption"),
        ("Alinéa", "La charte est adoptée."),
        ("Formule", "Fait à [lieu]."),
        ("Annexe", "Annexe"),
        ("Collectivité", "L’Isle-Verte"),
        ("Title", "Charte d’essai"),
        ("Heading 1", "Le temps"),
        ("Heading 2", "Article 1. Les horaires"),
        (
            "Alinéa",
            f"Le repos dure au moins 11{NBSP}heures "
            f"(article{NBSP}R.{NBSP}3 du nouveau code).",
        ),
        ("Alinéa", f"Nul n’est joint de 19{NBSP}heures à 7{NBSP}h{NBSP}30."),
        ("Alinéa", "Un suivi est fait à la demande."),
        ("Heading 1", "L’argent"),
        ("Heading 2", "Article 2. Les coûts"),
        ("Alinéa", f"Matériel fourni{NBSP}: néant."),
        (
            "Alinéa",
            f"L’employeur fournit le matériel, dans le respect de l’article{NBSP}1.",
        ),
    ]


def test_the_charter_begins_on_a_new_page(charter: Charter) -> None:
    starts = [
        paragraph.text
        for paragraph in Document(BytesIO(render(charter))).paragraphs
        if paragraph.paragraph_format.page_break_before
    ]
    assert starts == ["Annexe"]


def test_a_charter_without_act_is_not_an_annex(charter: Charter) -> None:
    alone = render(charter.model_copy(update={"acts": ()}))
    assert lines(alone)[0] == ("Collectivité", "L’Isle-Verte")
    assert outline(alone)[0] == ("Title", "Charte d’essai")


def test_each_act_begins_on_a_new_page(charter: Charter) -> None:
    second = charter.acts[0].model_copy(update={"id": "arrete", "title": "Arrêté"})
    several = charter.model_copy(update={"acts": (*charter.acts, second)})
    document = Document(BytesIO(render(several)))
    starts = [
        document.paragraphs[index + 1].text
        for index, paragraph in enumerate(document.paragraphs)
        if paragraph.paragraph_format.page_break_before
    ]
    assert starts == ["Arrêté", "L’Isle-Verte"]


def test_blocks_become_lines_lists_and_tables(charter: Charter) -> None:
    file = render(
        with_paragraph(
            charter,
            TextBlock(text="Trois cas :"),
            ListBlock(items=("un ;", "deux.")),
            TextBlock(text="Et ceci :"),
            TABLE,
        )
    )
    written = lines(file)
    start = written.index(("Alinéa", "Trois cas :"))
    assert written[start : start + 4] == [
        ("Alinéa", "Trois cas :"),
        ("List Bullet", "un ;"),
        ("List Bullet", "deux."),
        ("Alinéa suite", "Et ceci :"),
    ]
    (table,) = Document(BytesIO(file)).tables
    assert table.style is not None
    assert table.style.name == "Table Grid"
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Lieu", "Postes"],
        ["Mairie", "4"],
        ["Espace partagé", "2"],
    ]


def test_the_first_row_of_a_table_is_repeated_on_each_page(charter: Charter) -> None:
    file = render(with_paragraph(charter, TextBlock(text="Voici :"), TABLE))
    rows = list(member(file, "word/document.xml").iter(qn("w:tr")))
    repeated = [row.find(f".//{qn('w:tblHeader')}") is not None for row in rows]
    assert repeated == [True, False, False]


def test_two_tables_in_a_row_stay_apart(charter: Charter) -> None:
    file = render(with_paragraph(charter, TABLE, TABLE))
    body = [child.tag for child in member(file, "word/document.xml")[0]]
    positions = [index for index, tag in enumerate(body) if tag == qn("w:tbl")]
    assert positions[1] - positions[0] > 1


def test_each_paragraph_has_a_bookmark_around_its_text(charter: Charter) -> None:
    whole = with_formulas(charter)
    expected = {}
    for _, paragraph in whole.paragraphs():
        (block,) = paragraph.blocks
        assert isinstance(block, TextBlock)
        expected[bookmark_name(paragraph.id)] = block.text
    assert bookmarks(render(whole)) == expected


@pytest.mark.parametrize(
    ("blocks", "enclosed"),
    [
        ((TextBlock(text="Voici :"), TABLE), "Voici :"),
        ((ListBlock(items=("un ;", "deux.")),), "un ;"),
        ((TABLE,), "Lieu"),
    ],
)
def test_a_bookmark_never_leaves_the_first_block(
    charter: Charter, blocks: tuple[Block, ...], enclosed: str
) -> None:
    file = render(with_paragraph(charter, *blocks))
    assert bookmarks(file)["p_essai__1"] == enclosed


def test_a_bookmark_can_be_read_back_as_the_id_of_its_paragraph() -> None:
    assert bookmark_name("horaires/plage-fixe/12") == "p_horaires__plage_fixe__12"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("temps/travail/1", "temps-travail/1"),
        ("temps--travail/1", "temps/travail/1"),
        (f"{'a' * 30}/{'b' * 50}/1", f"{'a' * 30}/{'b' * 50}/2"),
        ("temps/1", "temps/Ⅰ"),
    ],
)
def test_ids_that_look_alike_have_two_bookmarks(one: str, other: str) -> None:
    assert bookmark_name(one) != bookmark_name(other)


@given(st.lists(st.text("ab1-/_", min_size=1, max_size=60), unique=True, max_size=30))
def test_a_bookmark_is_a_name_that_word_accepts(identifiers: list[str]) -> None:
    names = [bookmark_name(identifier) for identifier in identifiers]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"p_[a-z0-9_]{1,38}", name) for name in names)


def test_the_nature_of_a_paragraph_stands_before_it(charter: Charter) -> None:
    local = with_paragraph(charter, TextBlock(text="Ajouté."), nature="local")
    shown = natures(render(local))
    assert [nature for nature, _ in shown] == [
        "choix",
        "loi",
        "choix",
        "usage",
        "non vérifié",
        "choix",
        "choix",
    ]
    assert shown[4] == ("non vérifié", "Ajouté.")


def test_the_foot_of_the_page_explains_the_natures_shown(charter: Charter) -> None:
    quiet = charter.model_copy(update={"acts": (), "parts": charter.parts[1:]})
    footer = Document(BytesIO(render(quiet))).sections[0].footer
    legend = footer.paragraphs[-1]
    assert legend.text == f"En marge — choix{NBSP}: choix de la collectivité"
    assert [run.style.name for run in legend.runs if run.style] == ["Nature"]


def test_a_visa_and_a_signature_show_no_nature(charter: Charter) -> None:
    beside = [line for _, line in natures(render(with_formulas(charter)))]
    assert "La charte est adoptée." in beside
    assert "Considérant ceci ;" not in beside
    assert "Fait à [lieu]." not in beside


def test_what_a_person_typed_is_text_and_nothing_else(charter: Charter) -> None:
    typed = with_paragraph(
        charter.model_copy(update={"territory": HOSTILE, "title": HOSTILE}),
        TextBlock(text=HOSTILE),
        ListBlock(items=(HOSTILE,)),
        TableBlock(header=(HOSTILE,), rows=((HOSTILE,),)),
    )
    file = render(typed)
    document = Document(BytesIO(file))
    written = lines(file)
    assert bookmarks(file)["p_essai__1"] == HOSTILE
    assert ("Collectivité", HOSTILE) in written
    assert ("Title", HOSTILE) in written
    assert ("List Bullet", HOSTILE) in written
    assert [cell.text for cell in document.tables[0].columns[0].cells] == [HOSTILE] * 2
    fields = {qn("w:fldSimple"), qn("w:fldChar"), qn("w:instrText"), qn("w:hyperlink")}
    tags = {element.tag for element in member(file, "word/document.xml").iter()}
    assert tags.isdisjoint(fields)


def test_the_file_refers_to_nothing_outside(charter: Charter) -> None:
    with ZipFile(BytesIO(render(charter))) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b"External" not in archive.read(name)
        assert not [name for name in archive.namelist() if name.endswith(".jpeg")]


def test_every_page_tells_its_number_and_the_version(charter: Charter) -> None:
    file = render(charter)
    footer = Document(BytesIO(file)).sections[0].footer
    page, version, _ = [paragraph.text for paragraph in footer.paragraphs]
    assert page.startswith(
        "Établi pour un acte du 1er mars 2027 · état du droit au 23 novembre 2026\t"
    )
    assert version == (
        f"Bibliothèque petite 1.0.0 ({charter.library_digest[:12]}) "
        f"· texte {charter.digest[:12]}"
    )
    fields = member(file, "word/footer1.xml").iter(qn("w:fldSimple"))
    assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


def test_the_document_says_what_it_is(charter: Charter) -> None:
    file = render(charter)
    core = Document(BytesIO(file)).core_properties
    assert (core.title, core.subject) == ("Charte d’essai", "L’Isle-Verte")
    assert core.author == core.last_modified_by == "L’Isle-Verte"
    assert core.language == "fr-FR"
    assert core.identifier == charter.digest
    assert core.comments == ""
    for moment in (core.created, core.modified):
        assert moment is not None
        assert f"{moment:%Y-%m-%d}" == charter.act_date
    properties = {
        element.get("name"): "".join(element.itertext())
        for element in member(file, "docProps/custom.xml")
    }
    assert properties == {
        "charter_digest": charter.digest,
        "library": "petite",
        "library_version": "1.0.0",
        "library_digest": charter.library_digest,
    }


def test_a_very_long_name_does_not_break_the_properties(charter: Charter) -> None:
    long = charter.model_copy(update={"territory": "Communauté " * 50})
    subject = Document(BytesIO(render(long))).core_properties.subject
    assert subject == ("Communauté " * 50)[:255]


def test_the_language_of_the_document_is_french(charter: Charter) -> None:
    styles = member(render(charter), "word/styles.xml")
    languages = {element.get(qn("w:val")) for element in styles.iter(qn("w:lang"))}
    assert languages == {"fr-FR"}


def test_a_page_is_a4_and_a_title_never_ends_it(charter: Charter) -> None:
    document = Document(BytesIO(render(charter)))
    section = document.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert abs(section.page_width - Cm(21)) < Cm(0.01)
    assert abs(section.page_height - Cm(29.7)) < Cm(0.01)
    for name in ("Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        assert style.paragraph_format.keep_with_next


def test_no_style_calls_for_a_font_of_the_theme(charter: Charter) -> None:
    fonts = member(render(charter), "word/styles.xml").iter(qn("w:rFonts"))
    assert {value for font in fonts for value in font.attrib.values()} == {
        "Times New Roman"
    }


def test_the_same_charter_gives_the_same_bytes(charter: Charter) -> None:
    again = Charter.model_validate_json(charter.model_dump_json())
    assert render(charter) == render(again)
    with ZipFile(BytesIO(render(charter))) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.create_system, entry.compress_type) == (0, 0)


# --- points left à débattre ----------------------------------------------------------


def test_an_open_point_is_a_table_of_its_candidates(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    document = Document(BytesIO(render(assemble(library, left_open))))

    (table,) = document.tables
    shown = [[flat(cell.text) for cell in row.cells] for row in table.rows]
    assert shown == [
        ["Proposition A : 18 h 30", "Proposition B : 19 heures"],
        [
            "Nul n’est joint de 18 h 30 à 7 h 30.",
            "Nul n’est joint de 19 heures à 7 h 30.",
        ],
    ]
    bold = [
        run.text.strip()
        for cell in table.rows[1].cells
        for run in cell.paragraphs[0].runs
        if run.bold
    ]
    assert [flat(text) for text in bold] == ["18 h 30", "19 heures"]
    asked = next(
        p for p in document.paragraphs if p.style and p.style.name == "À débattre"
    )
    assert flat(asked.text) == "À débattre Quand ?"


def test_the_question_of_an_open_point_has_the_bookmark(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    document = Document(BytesIO(render(assemble(library, left_open))))

    names = [
        mark.get(qn("w:name"))
        for mark in document.element.body.iter(qn("w:bookmarkStart"))
    ]
    assert bookmark_name("horaires/debat/debut") in names
    assert len(names) == len(set(names))


def test_a_local_paragraph_says_that_nobody_checked_it(
    library: Library, answers: Answers
) -> None:
    local = LocalParagraph(text="Un vélo est prêté.", reason="Vote de mars.")
    written = answers.with_local("couts", local)

    document = Document(BytesIO(render(assemble(library, written))))

    said = [flat(p.text) for p in document.paragraphs]
    assert "Rédaction locale, non vérifiée par l’outil. Motif : Vote de mars." in said


# --- documents -----------------------------------------------------------------------


@pytest.fixture
def request_form(library: Library, answers: Answers) -> bytes:
    charter = assemble(with_document(library), answers)
    return render_document(charter.documents[0], charter)


def test_a_document_stands_alone(request_form: bytes) -> None:
    written = lines(request_form)

    assert written[:3] == [
        ("Collectivité", "L’Isle-Verte"),
        ("Title", "Demande de repos"),
        ("Mode d’emploi", "L’agent demande ses heures. Remplie par l’agent."),
    ]
    sections = [text for style, text in written if style == "Section"]
    assert sections == ["L’agent", "Article 1. Les heures", "Article 2. La réponse"]
    core = Document(BytesIO(request_form)).core_properties
    assert core.title == "Demande de repos"


def test_a_line_to_fill_in_is_ruled_to_the_margin(request_form: bytes) -> None:
    ruled = [
        paragraph
        for paragraph in Document(BytesIO(request_form)).paragraphs
        if any(stop.leader for stop in paragraph.paragraph_format.tab_stops)
    ]

    # The name, then the two lines of « Pourquoi ? ».
    assert [paragraph.text for paragraph in ruled] == [f"Nom{NBSP}: \t", "\t", "\t"]


def test_a_box_has_a_font_that_has_it(request_form: bytes) -> None:
    boxes = [
        run
        for paragraph in Document(BytesIO(request_form)).paragraphs
        for run in paragraph.runs
        if "☐" in run.text
    ]

    assert len(boxes) == 3
    assert {run.font.name for run in boxes} == {"Segoe UI Symbol"}


def test_a_table_to_fill_in_keeps_its_blank_rows(request_form: bytes) -> None:
    table = Document(BytesIO(request_form)).tables[0]

    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Avis", "Oui", "Non"],
        ["encadrant", "", ""],
        ["", "", ""],
    ]
    assert table.rows[2].height
    assert round(table.rows[2].height.cm, 1) == 0.9


def test_two_people_sign_side_by_side_and_never_on_an_empty_page(
    request_form: bytes,
) -> None:
    document = Document(BytesIO(request_form))
    (row,) = document.tables[1].rows

    assert [cell.paragraphs[0].text for cell in row.cells] == ["L’agent", "L’encadrant"]
    above = document.tables[1]._tbl.getprevious()
    assert above.pPr.keepNext is not None


def test_a_section_may_start_a_page(request_form: bytes) -> None:
    starts = [
        paragraph.text
        for paragraph in Document(BytesIO(request_form)).paragraphs
        if paragraph.paragraph_format.page_break_before
    ]

    assert starts == ["Article 2. La réponse"]


def test_a_paragraph_of_a_document_has_its_bookmark(request_form: bytes) -> None:
    names = [
        mark.get(qn("w:name"))
        for mark in member(request_form, "word/document.xml").iter(
            qn("w:bookmarkStart")
        )
    ]

    assert names == [bookmark_name("demande/section-1/1")]


def test_a_document_is_always_the_same_bytes(
    library: Library, answers: Answers, request_form: bytes
) -> None:
    charter = assemble(with_document(library), answers)

    assert render_document(charter.documents[0], charter) == request_form


def test_an_adopted_paragraph_names_the_contributions_it_comes_from(
    library: Library, answers: Answers
) -> None:
    adopted = AdoptedText(
        text="Un vélo est prêté.", contributions=("C-0042",), of="0" * 64
    )

    charter = assemble(library, answers.with_adopted("couts", adopted))
    document = Document(BytesIO(render(charter)))

    said = [flat(p.text) for p in document.paragraphs]
    assert (
        "Rédaction adoptée après concertation (C-0042), non vérifiée par l’outil."
        in said
    )


def test_a_recital_adopted_for_an_act_says_so_too(
    library: Library, answers: Answers
) -> None:
    text = unit_text(assemble(library, answers).acts[0])
    recital = "Considérant la concertation ;\n\nAprès en avoir"
    adopted = AdoptedText(
        text=text.replace("Après en avoir", recital),
        contributions=("C-0042",),
        of="0" * 64,
    )

    charter = assemble(library, answers.with_adopted("deliberation", adopted))
    document = Document(BytesIO(render(charter)))

    said = [flat(p.text) for p in document.paragraphs]
    place = said.index("Considérant la concertation ;")
    assert said[place + 1] == (
        "Rédaction adoptée après concertation (C-0042), non vérifiée par l’outil."
    )
