"""What changes between two charters."""

from charter_builder.assembly import assemble
from charter_builder.changes import compare_charters
from charter_builder.library import Library
from charter_builder.questionnaire import Answers


def test_a_charter_does_not_change_from_itself(
    library: Library, answers: Answers
) -> None:
    charter = assemble(library, answers)
    assert compare_charters(charter, charter) == []


def test_an_article_that_reads_otherwise_shows_its_words(
    library: Library, answers: Answers
) -> None:
    after = answers.with_value("debut", "20:00")
    (change,) = compare_charters(assemble(library, answers), assemble(library, after))
    assert (change.kind, change.theme, change.after) == ("reworded", "horaires", 1)
    assert [run.text for run in change.runs if run.kind != "same"] == ["19", "20"]


def test_an_article_that_goes_renumbers_the_next(
    library: Library, answers: Answers
) -> None:
    closed = answers.with_options("horaires", ())
    changes = compare_charters(assemble(library, answers), assemble(library, closed))
    kinds = {change.theme: change.kind for change in changes}
    assert kinds["horaires"] == "removed"
    couts = next(change for change in changes if change.theme == "couts")
    assert (couts.before, couts.after) == (2, 1)


def test_an_article_that_comes_is_all_new(library: Library, answers: Answers) -> None:
    closed = answers.with_options("horaires", ())
    changes = compare_charters(assemble(library, closed), assemble(library, answers))
    added = next(change for change in changes if change.kind == "added")
    assert added.theme == "horaires"
    assert {run.kind for run in added.runs} == {"added"}
