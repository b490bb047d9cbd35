from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import edited

from charter_builder.assembly import assemble
from charter_builder.changes import compare_charters
from charter_builder.charter import (
    Article,
    Charter,
    OpenPoint,
    Paragraph,
    body_lines,
    plain_text,
)
from charter_builder.errors import InputError
from charter_builder.interview import (
    answer_question,
    leave_open,
    open_shown,
    state,
    take_proposed,
)
from charter_builder.library import Library
from charter_builder.markdown import article_text, charter_text
from charter_builder.questionnaire import Answers
from charter_builder.requirements import coverage, findings
from charter_builder.typography import NBSP, NNBSP


def plain(text: str) -> str:
    """Return a text as one types it: ordinary spaces and apostrophes."""
    return text.replace(NBSP, " ").replace(NNBSP, " ").replace("’", "'")


def article(charter: Charter, theme: str) -> Article:
    found = charter.article(theme)
    assert found is not None
    return found


def only_point(charter: Charter) -> OpenPoint:
    ((_, point),) = charter.open_points()
    return point


def test_a_value_left_open_shows_its_paragraph_under_each_candidate(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    drafted = article(assemble(library, left_open), "horaires")

    (point,) = drafted.open_points
    assert [p.id for p in drafted.paragraphs] == ["horaires/1", "horaires/plage/2"]
    assert (point.at, plain(point.question), point.home) == (1, "Quand ?", "horaires")
    assert [c.letter for c in point.candidates] == ["A", "B"]
    assert [plain(c.shown) for c in point.candidates] == ["18 h 30", "19 heures"]
    assert [plain(plain_text(c.paragraphs[0])) for c in point.candidates] == [
        "Nul n'est joint de 18 h 30 à 7 h 30.",
        "Nul n'est joint de 19 heures à 7 h 30.",
    ]


def test_options_left_open_show_the_paragraphs_of_each(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "couts", [["nature"], ["forfait"]])

    drafted = article(assemble(library, take_proposed(library, left_open)), "couts")

    (point,) = drafted.open_points
    assert [p.id for p in drafted.paragraphs] == ["couts/1"]
    assert [[p.id for p in c.paragraphs] for c in point.candidates] == [
        ["couts/nature/1"],
        ["couts/forfait/1"],
    ]
    assert plain(point.question) == "Qui paie ?"


def test_what_every_candidate_asks_is_asked(library: Library, answers: Answers) -> None:
    left_open = leave_open(library, answers, "couts", [["nature"], ["forfait"]])

    assert [step.id for step in state(library, left_open).missing] == ["montant"]


def test_another_article_that_reads_the_value_shows_the_candidates_too(
    library: Library, answers: Answers
) -> None:
    citing = edited(
        library,
        {
            "couts/nature": {
                "text": (
                    "{% if 'plage' in horaires %}\nDès {{ debut|heure }}.\n"
                    "{% else %}\nToujours.\n{% endif %}"
                )
            }
        },
    )
    left_open = leave_open(citing, answers, "debut", ["18:30", "19:00"])

    drafted = assemble(citing, left_open)

    (elsewhere,) = article(drafted, "couts").open_points
    assert elsewhere.home == "horaires"
    assert [p.id for _, p in drafted.open_points()] == ["debut"], "counted once"
    said = plain(article_text(article(drafted, "couts")))
    assert "Selon ce qui sera retenu sur « À quelle heure le repos" in said


def test_a_value_no_text_prints_is_still_to_be_settled_in_its_article(
    library: Library, answers: Answers
) -> None:
    silent = edited(library, {"horaires/plage": {"text": "Un.\n\nDeux."}})
    left_open = leave_open(silent, answers, "debut", ["18:30", "19:00"])

    point = only_point(assemble(silent, left_open))

    assert point.id == "debut"
    assert [c.paragraphs for c in point.candidates] == [(), ()]


def test_an_article_that_one_candidate_closes_keeps_its_number(
    library: Library, answers: Answers
) -> None:
    optional = edited(library, {"horaires/theme": {"choose": "optional"}})
    left_open = leave_open(optional, answers, "horaires", [[], ["plage"]])

    drafted = assemble(optional, left_open)

    point = only_point(drafted)
    assert [a.number for a in drafted.articles()] == [1, 2]
    assert [plain(c.shown) for c in point.candidates] == [
        "« Une plage fixe »",
        "aucun article",
    ]
    assert point.candidates[1].paragraphs == ()
    assert "Rien n'est écrit ici" in plain(article_text(article(drafted, "horaires")))


def test_an_act_that_prints_the_value_shows_the_candidates(
    library: Library, answers: Answers
) -> None:
    template = library.acts["deliberation"].articles[0]
    told = template.model_copy(
        update={
            "text": "{% if 'plage' in horaires %}\nDès {{ debut|heure }}.\n{% endif %}"
        }
    )
    act = library.acts["deliberation"].model_copy(update={"articles": (told,)})
    telling = replace(library, acts={"deliberation": act})
    left_open = leave_open(telling, answers, "debut", ["18:30", "19:00"])

    (decided,) = assemble(telling, left_open).acts[0].articles

    assert decided.paragraphs == ()
    assert len(decided.open_points[0].candidates) == 2


def test_an_answer_settles_the_point(library: Library, answers: Answers) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "20:00"])

    settled = answer_question(library, left_open, "debut", "18:30")

    assert settled.open == {}
    assert list(assemble(library, settled).open_points()) == []


def test_a_point_whose_question_lapses_is_not_shown(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "20:00"])

    elsewhere = left_open.with_options("horaires", ["horaires/souple"])

    assert (
        list(assemble(library, take_proposed(library, elsewhere)).open_points()) == []
    )


@pytest.mark.parametrize(
    ("key", "candidates", "said"),
    [
        ("debut", ["18:30"], "deux ou trois|2 ou 3"),
        ("debut", ["18:00", "19:00", "20:00", "21:00"], "2 ou 3"),
        ("debut", ["18:30", "18 h 30"], "les mêmes"),
        ("debut", ["18:30", "tard"], "répondez par une heure"),
        ("nom", ["A", "B"], "décrit la collectivité"),
        ("couts", [["nature"], ["rien"]], "n’est pas une option"),
        ("couts", [["nature"], ["nature", "forfait"]], "une seule"),
        ("couts", ["nature", "forfait"], "liste d’options"),
        ("debout", ["18:30", "19:00"], "Vouliez-vous dire « debut »"),
    ],
)
def test_what_cannot_be_debated_is_refused(
    library: Library,
    answers: Answers,
    key: str,
    candidates: list[object],
    said: str,
) -> None:
    with pytest.raises(InputError, match=said):
        leave_open(library, answers, key, candidates)


# --- checks --------------------------------------------------------------------------


def test_each_open_point_is_noted(library: Library, answers: Answers) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    (note,) = findings(assemble(library, left_open), library)

    assert (note.rule, note.severity) == ("debat.point-ouvert", "note")
    assert plain(note.message) == (
        "Point à débattre : Quand ? A, 18 h 30 ; B, 19 heures."
    )


def test_an_unlawful_candidate_is_an_error_that_names_it(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["19:00", "21:00"])

    found = findings(assemble(library, left_open), library)

    (error,) = [f for f in found if f.severity == "error"]
    assert error.rule == "temps.repos"
    assert plain(error.message).startswith("Avec la proposition B (21 heures) sur")


def test_what_is_wrong_whatever_is_chosen_names_no_candidate(
    library: Library, answers: Answers
) -> None:
    wrong = answer_question(library, answers, "fin", "20:00")
    left_open = leave_open(library, wrong, "couts", [["nature"], ["forfait"]])

    found = findings(assemble(library, take_proposed(library, left_open)), library)

    errors = [f for f in found if f.severity == "error"]
    assert [plain(f.message)[:8] for f in errors] == ["Le repos"]


def test_a_content_that_one_candidate_lacks_is_missing(
    library: Library, answers: Answers
) -> None:
    with_content = edited(library, {"horaires/theme": {"satisfies": ()}})
    with_content = edited(with_content, {"horaires/plage": {"satisfies": ("C01",)}})
    settled = coverage(assemble(with_content, answers), with_content)
    left_open = leave_open(with_content, answers, "horaires", [["plage"], ["souple"]])

    drafted = assemble(with_content, take_proposed(with_content, left_open))

    assert settled[0].status == "covered"
    assert coverage(drafted, with_content)[0].status == "missing"


# --- what people read ----------------------------------------------------------------


def test_the_draft_shows_the_candidates_as_a_quotation(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    text = plain(charter_text(assemble(library, left_open)))

    assert "> **À débattre.** Quand ?\n>\n> **Proposition A : 18 h 30**\n>\n" in text


def test_the_answers_printed_say_what_is_debated(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"])
    point = left_open.open["debut"]

    (told,) = [
        given.shown
        for origin in article(assemble(library, left_open), "horaires").provenance
        for given in origin.given
        if given.name == "debut"
    ]

    assert plain(told) == plain(open_shown(library, "debut", point))
    assert plain(told) == "à débattre : 18 h 30 ou 19 heures"


def test_options_proposed_are_explained_as_such(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "couts", [["nature"], ["forfait"]])

    drafted = article(assemble(library, take_proposed(library, left_open)), "couts")

    told = {o.clause: plain(o.because) for o in drafted.provenance}
    assert told.keys() == {"couts", "couts/nature", "couts/forfait"}
    assert told["couts/forfait"].startswith("option proposée, à débattre, à la")


def test_leaving_a_point_open_changes_its_article_only(
    library: Library, answers: Answers
) -> None:
    before = assemble(library, answers)
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"])

    changes = compare_charters(before, assemble(library, left_open))

    assert [change.theme for change in changes] == ["horaires"]


def test_the_checked_variants_are_no_part_of_the_document(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"])

    drafted = assemble(library, left_open)

    assert len(drafted.variants) == 2
    assert "variants" not in drafted.model_dump()


VALUES = st.sampled_from(["17:00", "18:30", "19:00", "20:15"])


@given(st.lists(VALUES, min_size=2, max_size=3, unique=True), st.data())
def test_each_candidate_reads_as_if_it_were_the_answer(
    library: Library, candidates: list[str], data: st.DataObject
) -> None:
    started = Answers(act_date="2027-03-01", profile="court", values={"nom": "X"})
    answers = take_proposed(library, started)
    drafted = assemble(library, leave_open(library, answers, "debut", candidates))
    rank = data.draw(st.integers(0, len(candidates) - 1))
    settled = assemble(
        library, answer_question(library, answers, "debut", candidates[rank])
    )

    for woven in drafted.articles():
        alone: list[Paragraph] = []
        for part in woven.body():
            if isinstance(part, OpenPoint):
                alone += part.candidates[rank].paragraphs
            else:
                alone.append(part)
        expected = article(settled, woven.id)
        assert [(p.id, plain_text(p)) for p in alone] == [
            (p.id, plain_text(p)) for p in expected.paragraphs
        ]


def test_the_words_of_an_article_include_those_of_its_candidates(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    lines = [
        plain(line)
        for line in body_lines(article(assemble(library, left_open), "horaires"))
    ]

    assert lines[1] == "À débattre : Quand ?"
    assert "Proposition B : 19 heures" in lines
