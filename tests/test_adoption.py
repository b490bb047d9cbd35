"""Articles with the text adopted after the consultation."""

import pytest

from charter_builder.adoption import article_words, cut_points, generated_digest
from charter_builder.assembly import assemble
from charter_builder.charter import Article, Charter, ListBlock, TableBlock
from charter_builder.interview import answer_question, leave_open
from charter_builder.library import Library
from charter_builder.markdown import charter_text
from charter_builder.questionnaire import AdoptedText, Answers
from charter_builder.requirements import findings
from charter_builder.rules import Finding


def generated(library: Library, answers: Answers) -> Article:
    article = assemble(library, answers).article("horaires")
    assert article is not None
    return article


def adopting(
    library: Library, answers: Answers, *changes: tuple[str, str]
) -> tuple[Answers, Article]:
    """Return answers that adopt a changed article, and that article."""
    before = generated(library, answers)
    text = article_words(before)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    adopted = AdoptedText(
        text=text, contributions=("C-0042",), of=generated_digest(before)
    )
    after = answers.with_adopted("horaires", adopted)
    return after, generated(library, after)


REQUEST = ("à la demande.", "à la demande, par écrit.")
LAW = ("au moins 11", "environ 11")


def told(library: Library, answers: Answers) -> dict[str, Finding]:
    found = findings(assemble(library, answers), library)
    return {f.rule: f for f in found if f.rule.startswith("concertation.")}


def test_paragraphs_left_as_they_were_keep_their_origin(
    library: Library, answers: Answers
) -> None:
    _, article = adopting(library, answers, REQUEST)

    assert [(p.id, p.nature) for p in article.paragraphs] == [
        ("horaires/1", "law"),
        ("horaires/plage/1", "choice"),
        ("horaires/concertation/1", "local"),
    ]


def test_a_paragraph_that_changed_says_where_it_comes_from(
    library: Library, answers: Answers
) -> None:
    _, article = adopting(library, answers, REQUEST)

    assert article.paragraphs[2].reserve == (
        "Rédaction adoptée après concertation (C-0042), non vérifiée par l’outil."
    )
    assert article.provenance[-1].because == "C-0042, non vérifiée par l’outil"


def test_typography_does_not_make_a_paragraph_new(
    library: Library, answers: Answers
) -> None:
    _, article = adopting(library, answers, ("\u00a0", " "), ("’", "'"))

    assert article.paragraphs == generated(library, answers).paragraphs


def test_a_paragraph_that_moves_keeps_its_origin(
    library: Library, answers: Answers
) -> None:
    before = article_words(generated(library, answers)).split("\n\n")
    _, article = adopting(
        library, answers, ("\n\n".join(before), "\n\n".join(reversed(before)))
    )

    assert [p.id for p in article.paragraphs] == [
        "horaires/plage/2",
        "horaires/plage/1",
        "horaires/1",
    ]


def test_the_adopted_text_is_the_one_of_the_document(
    library: Library, answers: Answers
) -> None:
    after, article = adopting(library, answers, REQUEST)

    assert "à la demande, par écrit." in charter_text(assemble(library, after))
    assert article_words(article) == after.adopted["horaires"].text


def test_lists_and_tables_are_read_from_the_text(
    library: Library, answers: Answers
) -> None:
    text = "Sont exclus :\n- le lundi ;\n- le mardi.\n\nObjet | Nombre\nÉcran | 2"
    adopted = AdoptedText(text=text, contributions=("C-0001",), of="0" * 64)
    article = generated(library, answers.with_adopted("horaires", adopted))

    assert article_words(article).replace("\u00a0", " ").replace("\u202f", " ") == text
    assert article.paragraphs[0].blocks[1] == ListBlock(
        items=("le lundi\u202f;", "le mardi.")
    )
    assert article.paragraphs[1].blocks == (
        TableBlock(header=("Objet", "Nombre"), rows=(("Écran", "2"),)),
    )


def test_text_that_looks_like_a_template_is_data(
    library: Library, answers: Answers
) -> None:
    _, article = adopting(library, answers, ("à la demande.", "{{ debut }} *."))

    assert "{{ debut }} *." in article_words(article)


# --- what to check -------------------------------------------------------------------


def test_an_adopted_text_is_noted(library: Library, answers: Answers) -> None:
    after, _ = adopting(library, answers, REQUEST)
    found = told(library, after)

    assert list(found) == ["concertation.redaction-adoptee"]
    assert found["concertation.redaction-adoptee"].severity == "note"


def test_an_answer_that_changes_under_it_is_an_error(
    library: Library, answers: Answers
) -> None:
    after, _ = adopting(library, answers, REQUEST)
    changed = answer_question(library, after, "debut", "20:00")
    stale = told(library, changed)["concertation.a-reexaminer"]

    assert stale.severity == "error"
    assert "adoptée à réexaminer (C-0042)" in stale.message
    assert "charter consultation apply C-0042" in stale.remedy


def test_what_the_law_imposes_and_is_not_said_any_more_is_to_check(
    library: Library, answers: Answers
) -> None:
    after, _ = adopting(library, answers, LAW)
    lost = told(library, after)["concertation.loi-retiree"]

    assert lost.severity == "warning"
    assert "Le repos dure au moins" in lost.message


def test_rules_on_wording_read_the_adopted_text(
    library: Library, answers: Answers
) -> None:
    after, _ = adopting(
        library, answers, ("à la demande.", "chaque année, renouvelable une fois.")
    )

    found = findings(assemble(library, after), library)

    assert "argent.mots" in {finding.rule for finding in found}


# --- points left à débattre ----------------------------------------------------------


@pytest.fixture
def debated(library: Library, answers: Answers) -> Answers:
    return leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")


def test_a_point_left_open_stays_open(library: Library, debated: Answers) -> None:
    after, article = adopting(library, debated, REQUEST)
    before = generated(library, debated)

    assert article.open_points == before.open_points
    assert [p.id for p in article.paragraphs] == [
        "horaires/1",
        "horaires/concertation/1",
    ]
    assert article_words(article) == after.adopted["horaires"].text


def test_each_candidate_is_checked_with_the_adopted_text(
    library: Library, debated: Answers
) -> None:
    after, _ = adopting(
        library, debated, ("à la demande.", "à la demande, sans aucun autre frais.")
    )
    found = [
        f for f in findings(assemble(library, after), library) if "périmée" in f.message
    ]

    assert len(found) == 1


def test_a_text_that_cuts_a_point_left_open_is_told(
    library: Library, debated: Answers
) -> None:
    article = generated(library, debated)
    text = article_words(article)

    assert cut_points(article, text.replace("à la demande", "toujours")) == []
    assert [
        p.id for p in cut_points(article, text.replace("18\u00a0h\u00a030", "17 h"))
    ] == ["debut"]


def test_a_charter_without_adopted_text_is_what_it_was(charter: Charter) -> None:
    assert charter.adoptions == ()
    assert "adoptions" not in charter.model_dump_json()
