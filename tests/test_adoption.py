"""Articles with the text adopted after the consultation."""

import pytest

from charter_builder.adopted_act import act_with, require_act
from charter_builder.adoption import cut_points, generated_digest
from charter_builder.assembly import assemble
from charter_builder.charter import (
    Act,
    Article,
    Candidate,
    Charter,
    ListBlock,
    OpenPoint,
    TableBlock,
    unit_text,
)
from charter_builder.errors import InputError
from charter_builder.interview import answer_question, leave_open
from charter_builder.library import Library
from charter_builder.markdown import charter_text
from charter_builder.questionnaire import AdoptedText, Answers
from charter_builder.requirements import findings
from charter_builder.rules import Finding
from charter_builder.typography import plain


def generated(library: Library, answers: Answers) -> Article:
    article = assemble(library, answers).article("horaires")
    assert article is not None
    return article


def adopting(
    library: Library, answers: Answers, *changes: tuple[str, str]
) -> tuple[Answers, Article]:
    """Return answers that adopt a changed article, and that article."""
    before = generated(library, answers)
    text = unit_text(before)
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
    before = unit_text(generated(library, answers)).split("\n\n")
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
    assert unit_text(article) == after.adopted["horaires"].text


def test_lists_and_tables_are_read_from_the_text(
    library: Library, answers: Answers
) -> None:
    text = "Sont exclus :\n- le lundi ;\n- le mardi.\n\nObjet | Nombre\nÉcran | 2"
    adopted = AdoptedText(text=text, contributions=("C-0001",), of="0" * 64)
    article = generated(library, answers.with_adopted("horaires", adopted))

    assert unit_text(article).replace("\u00a0", " ").replace("\u202f", " ") == text
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

    assert "{{ debut }} *." in unit_text(article)


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
    assert unit_text(article) == after.adopted["horaires"].text


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
    text = unit_text(article)

    assert cut_points(article, text.replace("à la demande", "toujours")) == []
    assert [
        p.id for p in cut_points(article, text.replace("18\u00a0h\u00a030", "17 h"))
    ] == ["debut"]


def test_a_charter_without_adopted_text_is_what_it_was(charter: Charter) -> None:
    assert charter.adoptions == ()
    assert "adoptions" not in charter.model_dump_json()


# --- acts ----------------------------------------------------------------------------

ACT = """\
Le conseil municipal

Vu le code général ;

Vu l’avis du comité ;

Entendu le rapport de sa présidente ;

Considérant que chacun est entendu ;

Après en avoir délibéré, décide :

Article 1. Adoption

La charte est adoptée.

Article 2. Effet

Elle s’applique :

- dès demain ;
- partout.

Fait à Valmorane."""


def adopted_act(text: str) -> AdoptedText:
    return AdoptedText(text=text, contributions=("C-0042",), of="0" * 64)


@pytest.fixture
def act(charter: Charter) -> Act:
    """An act whose every paragraph has an origin of its own."""
    bare = act_with(charter.acts[0], adopted_act(ACT))
    assert unit_text(bare).replace("\u00a0", " ").replace("\u202f", " ") == ACT
    closing = bare.articles[1].paragraphs[-1:]
    second = bare.articles[1].model_copy(
        update={"paragraphs": bare.articles[1].paragraphs[:-1]}
    )
    return bare.model_copy(
        update={"articles": (bare.articles[0], second), "closing": closing}
    )


def test_an_act_is_read_back_as_it_was(act: Act) -> None:
    assert act_with(act, adopted_act(unit_text(act))) == act


def test_every_part_of_an_act_may_change(act: Act) -> None:
    text = unit_text(act)
    for old, new in (
        ("Le conseil municipal", "Le conseil communautaire"),
        ("comité", "comité social"),
        ("Considérant", "Vu l’accord ;\n\nConsidérant"),
        ("Article 2. Effet", "Article 2. Durée\n\nTrois ans.\n\nArticle 3. Effet"),
    ):
        assert old in text
        text = text.replace(old, new)

    after = act_with(act, adopted_act(text))

    assert unit_text(after).replace("\u202f", " ").split() == text.split()
    assert after.authority == "Le conseil communautaire"
    assert [a.name for a in after.articles] == [
        "Article 1. Adoption",
        "Article 2. Durée",
        "Article 3. Effet",
    ]
    assert after.articles[0] == act.articles[0]
    assert after.articles[2].paragraphs == act.articles[1].paragraphs
    assert after.closing == act.closing
    assert after.recitals == act.recitals
    assert [paragraph.is_adopted for paragraph in after.visas] == [True] * 4
    assert after.visas[0] is act.visas[0]


def test_an_article_of_an_act_that_changes_its_title_keeps_what_it_satisfies(
    act: Act,
) -> None:
    first = act.articles[0].model_copy(update={"satisfies": ("C01",)})
    known = act.model_copy(update={"articles": (first, *act.articles[1:])})
    text = unit_text(known).replace("Adoption", "Adoption de la charte")

    after = act_with(known, adopted_act(text))

    assert after.articles[0].title == "Adoption de la charte"
    assert after.articles[0].satisfies == ("C01",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Après en avoir délibéré, décide :", "Décide :", "garde la ligne"),
        ("Article 1. Adoption\n\n", "", "garde la ligne"),
        ("Le conseil municipal\n\n", "", "commence par l’autorité"),
    ],
)
def test_a_text_that_is_no_act_any_more_is_told_and_loses_no_word(
    act: Act, old: str, new: str, said: str
) -> None:
    text = unit_text(act)
    assert old in text
    text = text.replace(old, new)

    with pytest.raises(InputError, match=said):
        require_act(text)
    shown = unit_text(act_with(act, adopted_act(text)))
    assert not set(text.split()) - set(shown.split()) - {"Décide"}


def test_a_heading_typed_right_above_its_text_is_a_heading(act: Act) -> None:
    text = unit_text(act).replace("Effet\n\n", "Effet\n")
    assert text != unit_text(act)

    assert act_with(act, adopted_act(text)) == act


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Article 2 : Effet", "n’est pas le titre d’un article"),
        ("Article 2. ", "n’est pas le titre d’un article"),
        ("Article 2er. Effet", "n’est pas le titre d’un article"),
        ("article 2. Effet", "n’est pas le titre d’un article"),
        ("Article 1. Effet", "se numérotent 1, 2, 3… ; .* sont 1, 1"),
        (f"Article {'9' * 5_000}. Effet", "n’est pas le titre d’un article"),
    ],
)
def test_a_heading_that_is_none_is_told(act: Act, heading: str, said: str) -> None:
    text = unit_text(act).replace("Article 2. Effet", heading)

    with pytest.raises(InputError, match=said):
        require_act(text)
    act_with(act, adopted_act(text))


def test_a_paragraph_that_cites_an_article_is_no_heading(act: Act) -> None:
    text = unit_text(act).replace(
        "La charte est adoptée.", "Article 5 du décret oblige, la charte est adoptée."
    )

    require_act(text)
    assert len(act_with(act, adopted_act(text)).articles) == 2


@pytest.fixture
def debated_act(act: Act) -> Act:
    """An act whose second article leaves a point à débattre, after its paragraph."""
    point = OpenPoint(
        id="debut",
        at=1,
        subject="Le début",
        question="À quelle heure ?",
        home="horaires",
        candidates=(
            Candidate(letter="A", shown="19 heures", paragraphs=()),
            Candidate(letter="B", shown="20 heures", paragraphs=()),
        ),
    )
    second = act.articles[1].model_copy(
        update={"open_points": (point,), "satisfies": ("C26",)}
    )
    return act.model_copy(update={"articles": (act.articles[0], second)})


@pytest.mark.parametrize(
    ("old", "new", "homes"),
    [
        ("Article 2. Effet", "Article 2. Effet dans le temps", [0, 1]),
        (
            "Article 2. Effet",
            "Article 2. Suivi\n\nUn suivi.\n\nArticle 3. Effet",
            [0, 0, 1],
        ),
        (
            "Article 2. Effet",
            "Article 2. Suivi\n\nUn suivi.\n\nArticle 3. Durée",
            [0, 0, 1],
        ),
    ],
)
def test_an_open_point_of_an_act_stays_where_it_is_said(
    debated_act: Act, old: str, new: str, homes: list[int]
) -> None:
    text = unit_text(debated_act).replace(old, new)

    after = act_with(debated_act, adopted_act(text))

    assert [len(article.open_points) for article in after.articles] == homes
    assert unit_text(after) == text


def test_another_article_under_the_same_number_satisfies_nothing(
    debated_act: Act,
) -> None:
    kept = unit_text(debated_act).split("Article 2. Effet")[0]
    text = f"{kept}Article 2. Salle de repos\n\nUne salle est ouverte."

    after = act_with(debated_act, adopted_act(text))

    assert after.articles[1].satisfies == ()


def test_a_text_of_the_answers_that_is_no_act_is_an_error(
    library: Library, answers: Answers
) -> None:
    before = assemble(library, answers).acts[0]
    adopted = AdoptedText(
        text="Tout est arrêté.",
        contributions=("C-0042",),
        of=generated_digest(before),
    )

    found = told(library, answers.with_adopted("deliberation", adopted))

    assert found["concertation.acte-incomplet"].severity == "error"


def test_an_act_with_an_adopted_text_is_noted(
    library: Library, answers: Answers
) -> None:
    before = assemble(library, answers).acts[0]
    adopted = AdoptedText(
        text=unit_text(before).replace("adoptée", "adoptée pour trois ans"),
        contributions=("C-0042",),
        of=generated_digest(before),
    )
    after = answers.with_adopted("deliberation", adopted)

    found = told(library, after)

    assert found["concertation.redaction-adoptee"].place == before.title
    assert "concertation.a-reexaminer" not in found
    stale = after.with_adopted(
        "deliberation", adopted.model_copy(update={"of": "0" * 64})
    )
    remedy = told(library, stale)["concertation.a-reexaminer"].remedy
    assert '"deliberation" de "adopted"' in plain(remedy or "")
