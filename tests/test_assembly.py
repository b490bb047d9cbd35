import re
from typing import Any

import pytest
from documents import with_document
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from variants import edited

from charter_builder.assembly import IncompleteAnswers, assemble
from charter_builder.charter import (
    Charter,
    ListBlock,
    TableBlock,
    TextBlock,
    plain_text,
)
from charter_builder.errors import InputError
from charter_builder.interview import leave_open, take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers, LocalParagraph
from charter_builder.typography import polish

CHOICE = {
    "kind": "choice",
    "label": "Quel cycle ?",
    "choices": {"semaine": "La semaine", "rtt": "RTT", "mois": "M. le maire décide"},
    "default": "semaine",
}


def texts(charter: Charter) -> dict[str, str]:
    return {p.id: plain_text(p) for _, p in charter.paragraphs()}


def test_an_incomplete_questionnaire_lists_every_answer_that_is_missing(
    library: Library,
) -> None:
    started = Answers(act_date="2027-03-01", profile="court", values={"nom": "X"})

    with pytest.raises(IncompleteAnswers) as refused:
        assemble(library, started)
    assert [step.id for step in refused.value.missing] == [
        "agents",
        "horaires",
        "couts",
    ]
    assert "  agents : Combien d’agents ?" in str(refused.value).replace("'", "’")


def test_each_paragraph_keeps_the_place_of_its_source_block(
    library: Library, answers: Answers
) -> None:
    changed = edited(
        library,
        {
            "couts/nature": {
                "text": "Un.\n\n{% if agents > 9000 %}\nDeux.\n{% endif %}\n\nTrois.",
                "nature": ("law", "choice", "practice"),
            }
        },
    )
    article = assemble(changed, answers).article("couts")

    assert article is not None
    assert [(p.id, p.nature) for p in article.paragraphs[1:]] == [
        ("couts/nature/1", "law"),
        ("couts/nature/3", "practice"),
    ]


def test_an_article_is_numbered_through_the_parts(charter: Charter) -> None:
    assert [(part.id, [a.number for a in part.articles]) for part in charter.parts] == [
        ("temps", [1]),
        ("argent", [2]),
    ]


def test_a_closed_article_leaves_no_trace_and_no_gap_in_numbers(
    library: Library, answers: Answers
) -> None:
    changed = edited(library, {"horaires/theme": {"choose": "optional"}})
    charter = assemble(changed, answers.with_options("horaires", ()))

    assert [part.id for part in charter.parts] == ["argent"]
    assert [(a.id, a.number) for a in charter.articles()] == [("couts", 1)]
    assert texts(charter)["couts/nature/1"].endswith("dans le respect de l’usage.")


def test_a_cited_article_bears_its_number(charter: Charter) -> None:
    assert texts(charter)["couts/nature/1"].endswith("de l’article\u00a01.")


@pytest.mark.parametrize(
    ("day", "printed"),
    [("2026-07-31", "de l’ancien décret"), ("2026-08-01", "du nouveau code")],
)
def test_the_date_of_the_act_decides_what_is_printed(
    library: Library, answers: Answers, day: str, printed: str
) -> None:
    charter = assemble(library, answers.model_copy(update={"act_date": day}))

    assert printed in texts(charter)["horaires/1"]
    assert printed in texts(charter)["deliberation/visa/1/1"]
    found = charter.article("horaires")
    assert found is not None
    assert printed in found.references[0].text


def test_an_article_says_why_each_of_its_clauses_is_there(charter: Charter) -> None:
    article = charter.article("horaires")

    assert article is not None
    told = {origin.clause: origin.because for origin in article.provenance}
    assert told == {
        "horaires": "ce texte vaut quelle que soit l’option retenue",
        "horaires/plage": "option retenue à la question «\u00a0Comment dire les "
        "horaires\u202f?\u00a0», recommandée dans tous les cas",
    }


def test_a_recommendation_says_the_answer_it_comes_from(charter: Charter) -> None:
    article = charter.article("couts")

    assert article is not None
    assert article.provenance[1].because.replace("\u00a0", " ") == (
        "option retenue à la question « Qui paie\u202f? », recommandée parce que : "
        "Combien d’agents : 120 agents (moins de 200 agents)"
    )


def test_an_article_tells_the_answers_it_was_given(charter: Charter) -> None:
    article = charter.article("horaires")

    assert article is not None
    assert [(g.name, g.shown) for g in article.provenance[1].given] == [
        ("debut", "19\u00a0heures"),
        ("fin", "7\u00a0h\u00a030"),
    ]


def test_the_last_item_of_a_list_ends_the_sentence(
    library: Library, answers: Answers
) -> None:
    chosen = answers.with_options("horaires", ("horaires/souple",))
    charter = assemble(library, take_proposed(library, chosen))
    article = charter.article("horaires")

    assert article is not None
    assert article.paragraphs[1].blocks == (
        TextBlock(text="L’équipe décide, sauf dans ces cas\u00a0:"),
        ListBlock(items=("urgence\u202f;", "astreinte.")),
    )


def test_rows_become_a_table(library: Library, answers: Answers) -> None:
    rows = (("chaise d'appoint", "2"), ("écran", ""))
    charter = assemble(library, answers.with_value("materiel", rows))
    article = charter.article("couts")

    assert article is not None
    assert article.paragraphs[0].blocks == (
        TextBlock(text="Le matériel fourni est le suivant\u00a0:"),
        TableBlock(
            header=("Objet", "Nombre"), rows=(("chaise d’appoint", "2"), ("écran", ""))
        ),
    )


@pytest.mark.parametrize(
    ("value", "printed"),
    [("semaine", "la semaine"), ("rtt", "RTT"), ("mois", "M. le maire décide")],
)
def test_the_label_of_a_choice_reads_inside_a_sentence(
    library: Library, answers: Answers, value: str, printed: str
) -> None:
    changed = edited(
        library,
        {
            "couts/nature": {
                "parameters": {"cycle": CHOICE},
                "text": "{{ cycle|libelle }}",
            }
        },
    )
    charter = assemble(changed, answers.with_value("cycle", value))

    assert texts(charter)["couts/nature/1"] == printed


def test_an_article_of_an_act_whose_condition_is_false_is_not_numbered(
    library: Library, answers: Answers
) -> None:
    articles = (
        {"title": "Un", "text": "Un.", "when": "agents > 9000"},
        {"title": "Deux", "text": "Deux.", "satisfies": ("C03",)},
    )
    changed = edited(library, {"annexes/deliberation": {"articles": articles}})
    [act] = assemble(changed, answers).acts

    assert [(a.number, a.title, a.satisfies) for a in act.articles] == [
        (1, "Deux", ("C03",))
    ]


def test_a_local_paragraph_is_marked_and_stands_last(
    library: Library, answers: Answers
) -> None:
    local = LocalParagraph(text="Un *mot*.\n\n- {{ deux }}", reason="C'est l'usage.")
    charter = assemble(library, answers.model_copy(update={"local": {"couts": local}}))
    article = charter.article("couts")

    assert article is not None
    last = article.paragraphs[-1]
    assert (last.id, last.nature, last.reason) == (
        "couts/local/1",
        "local",
        "C’est l’usage.",
    )
    assert last.blocks == (TextBlock(text="Un *mot*."), TextBlock(text="- {{ deux }}"))
    assert article.provenance[-1].clause == "couts/local"


@pytest.mark.parametrize("typed", ["", "  \n ", "\u200b\u202e"])
def test_a_local_paragraph_without_a_word_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="ce texte est vide"):
        LocalParagraph(text=typed, reason="x")


@given(st.text(max_size=40))
def test_a_local_paragraph_is_only_ever_plain_paragraphs(
    library: Library, typed: str
) -> None:
    try:
        local = LocalParagraph(text=typed, reason="x")
    except ValidationError:
        return
    started = Answers(
        act_date="2027-03-01",
        profile="court",
        values={"nom": "X"},
        local={"couts": local},
    )
    charter = assemble(library, take_proposed(library, started))
    [last] = [p for _, p in charter.paragraphs() if p.nature == "local"]

    assert last.blocks
    assert {block.kind for block in last.blocks} == {"text"}
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", plain_text(last)[:-1])


@given(st.text(max_size=40))
def test_what_a_person_typed_is_in_the_charter_as_typed(
    library: Library, typed: str
) -> None:
    changed = edited(library, {"couts/nature": {"text": "A {{ nom }} b.\n\nC."}})
    try:
        shown = changed.questions["nom"].parse(typed)
    except InputError:
        return
    started = Answers(act_date="2027-03-01", profile="court", values={"nom": shown})
    charter = assemble(changed, take_proposed(changed, started))

    assert texts(charter)["couts/nature/1"] == polish(f"A {shown} b.")
    assert texts(charter)["couts/nature/2"] == "C."
    assert charter.territory == polish(str(shown))


def test_the_same_library_and_answers_give_the_same_charter(
    library: Library, answers: Answers
) -> None:
    again = Answers.model_validate_json(answers.model_dump_json(), strict=False)

    assert assemble(library, again) == assemble(library, answers)


def test_an_answer_that_lapsed_is_not_in_the_charter(
    library: Library, answers: Answers
) -> None:
    before = assemble(library, answers)
    after = assemble(
        library, answers.with_value("montant", 3).with_value("cas", ("a",))
    )

    assert after == before
    assert "montant" not in after.values


def test_typography_is_applied_to_all_that_is_printed(charter: Charter) -> None:
    printed: list[Any] = [charter.title, charter.territory, *texts(charter).values()]
    printed += [article.settles for article in charter.articles()]

    assert [text for text in printed if polish(text) != text] == []


def test_a_text_that_fails_names_its_clause(library: Library, answers: Answers) -> None:
    # A library so written is refused when it loads; an author may still meet this.
    changed = edited(library, {"couts/nature": {"text": "{{ montant|euros }}"}})
    unlike = edited(library, {"couts/nature": {"text": "{{ nom|euros }}"}})

    with pytest.raises(InputError, match="couts/nature : le texte lit « montant »"):
        assemble(changed, answers)
    with pytest.raises(InputError, match=r"couts/nature : « \|euros » ne convient pas"):
        assemble(unlike, answers)


# --- documents -----------------------------------------------------------------------


def test_a_document_is_filled_in_with_the_same_answers(
    library: Library, answers: Answers
) -> None:
    [request] = assemble(with_document(library), answers).documents
    first, hours, reply = request.sections

    assert [plain_text(p) for p in first.paragraphs] == [
        polish("Le repos dure 11 heures.")
    ]
    assert hours.fields[0].choices == (
        polish("la plage de 19 heures à 7 h 30"),
        "une autre plage",
    )
    assert reply.fields[0].rows == ("encadrant", "")
    assert [citation.id for citation in request.references] == ["repos.quotidien"]


def test_a_field_whose_condition_is_false_is_left_out(
    library: Library, answers: Answers
) -> None:
    told = with_document(library)
    both = take_proposed(
        told, answers.with_options("horaires", ("horaires/plage", "horaires/souple"))
    )

    def asked(given: Answers) -> list[str]:
        return [
            blank.label
            for blank in assemble(told, given).documents[0].sections[1].fields
        ]

    assert "Les cas" not in asked(answers)
    assert "Les cas" in asked(both)


def test_a_list_of_boxes_goes_through_an_answer(
    library: Library, answers: Answers
) -> None:
    told = with_document(library)
    soft = take_proposed(told, answers.with_options("horaires", ("horaires/souple",)))
    fields = assemble(told, soft).documents[0].sections[1].fields

    assert fields[1].choices == ("urgence", "astreinte")


def test_boxes_that_are_all_left_out_take_their_question_with_them(
    library: Library, answers: Answers
) -> None:
    none = "{% if agents >= 9000 %}\n- grande\n{% endif %}"
    field = {"kind": "choice", "label": "Taille", "choices": none}
    told = with_document(library, sections=({"text": "Un.", "fields": (field,)},))

    assert assemble(told, answers).documents[0].sections[0].fields == ()


def test_articles_are_numbered_as_kept_and_paragraphs_as_written(
    library: Library, answers: Answers
) -> None:
    told = with_document(library)

    def outline(given: Answers) -> list[tuple[str, str]]:
        [request] = assemble(told, given).documents
        return [(section.id, section.heading) for section in request.sections]

    assert outline(answers) == [
        ("demande/section-1", "L’agent"),
        ("demande/section-2", "Article 1. Les heures"),
        ("demande/section-4", "Article 2. La réponse"),
    ]
    large = answers.model_copy(update={"values": {**answers.values, "agents": 300}})
    assert outline(large)[2:] == [
        ("demande/section-3", "Article 2. Le grand service"),
        ("demande/section-4", "Article 3. La réponse"),
    ]
    assert "demande/section-1/1" in texts(assemble(told, answers))


def test_a_document_that_does_not_apply_is_not_in_the_draft(
    library: Library, answers: Answers
) -> None:
    told = with_document(library, when="agents >= 9000")

    assert assemble(told, answers).documents == ()


def test_a_content_may_be_met_by_a_document_or_by_one_of_its_sections(
    library: Library, answers: Answers
) -> None:
    whole = assemble(with_document(library), answers)
    section = {"title": "Avis", "text": "Un.", "satisfies": ("C03",)}
    part = assemble(with_document(library, satisfies=(), sections=(section,)), answers)

    assert whole.satisfied()["C03"] == ["Demande de repos"]
    assert part.satisfied()["C03"] == ["Demande de repos, Avis"]


def test_a_document_reads_the_first_candidate_of_an_open_point(
    library: Library, answers: Answers
) -> None:
    told = with_document(library)
    debated = leave_open(told, answers, "debut", ("20:00", "18:00"))
    charter = assemble(told, debated)

    assert next(charter.open_points())[1].id == "debut"
    assert charter.documents[0].sections[1].fields[0].choices[0] == polish(
        "la plage de 20 heures à 7 h 30"
    )
