from decimal import Decimal
from typing import Any

import pytest
from documents import with_document
from hypothesis import given
from hypothesis import strategies as st
from variants import edited

from charter_builder import coherence
from charter_builder.assembly import assemble
from charter_builder.interview import take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.requirements import findings

PARAMETERS: dict[str, dict[str, Any]] = {
    "cycle": {
        "kind": "choice",
        "label": "Quel cycle ?",
        "choices": {"semaine": "La semaine", "mois": "Le mois"},
        "default": "mois",
    },
    "couleurs": {
        "kind": "choices",
        "label": "Quelles couleurs ?",
        "choices": {"rouge": "Rouge", "vert": "Vert"},
        "default": ("vert",),
    },
    "vehicule": {"kind": "bool", "label": "Un véhicule ?", "default": True},
    "jours": {
        "kind": "integer",
        "label": "Combien de jours ?",
        "default": 2,
        "when": "cycle == 'mois'",
    },
    "heures": {
        "kind": "decimal",
        "label": "Combien d'heures ?",
        "default": 2.5,
        "when": "vehicule and agents >= 200",
    },
    "jour": {"kind": "date", "label": "Quel jour ?", "default": "2027-03-01"},
}
READ_ALL = (
    "{% if cycle == 'mois' %}{{ jours|jours }}{% endif %} {{ cycle|libelle }} "
    "{{ couleurs|libelle|liste }} {{ jour|date }} "
    "{% if vehicule and agents >= 200 %}{{ heures|heures }}{% endif %}"
)


@pytest.fixture(scope="module")
def wide(library: Library) -> Library:
    """The small library with one question of each kind in the theme of costs."""
    theme = library.themes["couts"]
    told = theme.model_dump(by_alias=True, exclude_unset=True)["parameters"]
    return edited(
        library,
        {
            "couts/theme": {
                "parameters": {**told, **PARAMETERS},
                "text": f"{theme.text}\n{READ_ALL}",
            }
        },
    )


def said(library: Library, *document: str) -> list[str]:
    """Return the sentences said of a document, or of all."""
    return [
        problem.message
        for problem in coherence.problems(library)
        if not document or problem.document in document
    ]


def said_of_text(library: Library, text: str, where: str = "couts/nature") -> list[str]:
    return said(edited(library, {where: {"text": text}}), where)


def test_a_coherent_library_has_no_problem(library: Library, wide: Library) -> None:
    assert coherence.problems(library) == []
    assert coherence.problems(wide) == []


def test_a_problem_names_its_document_its_field_and_its_line(library: Library) -> None:
    changed = edited(library, {"couts/nature": {"text": "Un.\n\n{{ montan|euros }}"}})
    [problem] = coherence.problems(changed)

    assert (problem.document, problem.path) == ("couts/nature", ("text",))
    assert problem.line_in_text == 3
    assert problem.message.endswith("Vouliez-vous dire « montant » ?")


def test_all_problems_are_told_at_once_in_a_stable_order(library: Library) -> None:
    changed = edited(
        library,
        {
            "couts/nature": {"text": "{{ a.b }}", "references": ("inconnu",)},
            "horaires/souple": {"requires": ("inconnue",), "attributes": {}},
        },
    )
    found = coherence.problems(changed)

    assert [(p.document, p.path[0]) for p in found] == [
        ("couts/nature", "references"),
        ("couts/nature", "text"),
        ("horaires/souple", "attributes"),
        ("horaires/souple", "requires"),
    ]
    assert coherence.problems(changed) == found


# --- what is read where it was surely asked ------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ agents }} {{ nom }}",
        "{{ cycle|libelle }}",
        "{% if cycle == 'mois' %}{{ jours|jours }}{% endif %}",
        "{% if cycle == 'mois' and agents > 3 %}{{ jours|jours }}{% endif %}",
        "{{ jours|jours if cycle == 'mois' else 'x' }}",
        "{% if cycle == 'mois' and jours > 3 %}x{% endif %}",
        "{% if vehicule %}{% if agents >= 200 %}{{ heures|heures }}{% endif %}{% endif %}",
        "{% if 'plage' in horaires %}{{ debut|heure }}{% endif %}",
        "{% if horaires %}{{ 'horaires'|article }}{% endif %}",
        "{% if 'plage' in horaires %}{{ 'horaires'|article }}{% endif %}",
    ],
)
def test_an_answer_read_where_it_was_surely_asked_is_accepted(
    wide: Library, text: str
) -> None:
    assert said_of_text(wide, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ jours|jours }}",
        "{% if cycle == 'semaine' %}{{ jours|jours }}{% endif %}",
        "{% if cycle != 'mois' %}{{ jours|jours }}{% endif %}",
        "{% if cycle == 'mois' or agents > 3 %}{{ jours|jours }}{% endif %}",
        "{% if cycle == 'mois' %}x{% else %}{{ jours|jours }}{% endif %}",
        "{% if jours > 3 and cycle == 'mois' %}x{% endif %}",
        "{% if vehicule %}{{ heures|heures }}{% endif %}",
        "{% if horaires %}{{ debut|heure }}{% endif %}",
        "{% if 'souple' in horaires %}{{ debut|heure }}{% endif %}",
        "{% if 'plage' not in horaires %}{{ debut|heure }}{% endif %}",
    ],
)
def test_an_answer_read_where_it_may_not_have_been_asked_is_refused(
    wide: Library, text: str
) -> None:
    [sentence] = said_of_text(wide, text)

    assert "n’est posée que sous la condition" in sentence


@pytest.mark.parametrize(
    "text",
    ["{{ 'horaires'|article }}", "{% if couts %}{{ 'horaires'|article }}{% endif %}"],
)
def test_an_article_that_may_be_closed_is_cited_only_when_open(
    library: Library, text: str
) -> None:
    [sentence] = said_of_text(library, text)

    assert sentence == (
        "l’article « horaires » peut être fermé : citez-le sous {% if horaires %}."
    )


def test_the_condition_of_an_option_is_true_in_its_text(wide: Library) -> None:
    text = "{{ jours|jours }} {% for un_cas in cas %}{{ un_cas }}{% endfor %}"
    under = {"text": text, "when": "cycle == 'mois'"}

    assert said(edited(wide, {"horaires/souple": under})) == []
    [sentence] = said_of_text(wide, text, "horaires/souple")
    assert "« jours » n’est posée que sous la condition" in sentence


def test_a_statement_reads_what_its_condition_surely_read(wide: Library) -> None:
    sure = {"text": "{{ jours|jours }}", "when": "jours > 3", "title": "Un"}
    unsure = {
        "text": "{{ jours|jours }}",
        "when": "vehicule or jours > 3",
        "title": "Un",
    }

    assert said(edited(wide, {"annexes/deliberation": {"articles": (sure,)}})) == []
    [sentence] = said(edited(wide, {"annexes/deliberation": {"articles": (unsure,)}}))
    assert "« jours » n’est posée que sous la condition" in sentence


# --- rules ---------------------------------------------------------------------------

RULE = {"remedy": "Faites.", "references": ("repos.quotidien",)}


@pytest.mark.parametrize(
    ("rule", "is_refused"),
    [
        ({"kind": "bound", "value": "jours", "message": "{{ jours|jours }}"}, False),
        ({"kind": "bound", "value": "agents", "message": "{{ jours|jours }}"}, True),
        (
            {
                "kind": "implies",
                "if": "jours > 3",
                "then": "agents > 3",
                "message": "{{ jours|jours }}",
            },
            False,
        ),
        (
            {
                "kind": "implies",
                "if": "agents > 3",
                "then": "jours > 3",
                "message": "{{ jours|jours }}",
            },
            True,
        ),
        (
            {
                "kind": "implies",
                "if": "agents > 3 or jours > 3",
                "then": "agents > 3",
                "message": "{{ jours|jours }}",
            },
            True,
        ),
        (
            {
                "kind": "required_clause",
                "any_of": ("couts",),
                "when": "jours > 3",
                "message": "{{ jours|jours }}",
            },
            False,
        ),
    ],
)
def test_a_rule_says_only_answers_that_were_given_when_it_speaks(
    wide: Library, rule: dict[str, Any], is_refused: bool
) -> None:
    found = said(edited(wide, {"rules": {"temps.essai": RULE | rule}}), "rules/temps")

    assert bool(found) is is_refused


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            {"kind": "hours_between", "start": "debut", "end": "agents"},
            "« agents » est de type integer : cette règle mesure des heures (time).",
        ),
        (
            {
                "kind": "hours_between",
                "start": "debut",
                "end": "fin",
                "max": {"answer": "nom"},
            },
            "« nom » est de type text : cette règle mesure des nombres.",
        ),
        (
            {"kind": "bound", "value": "debut"},
            "« debut » est de type time : cette règle mesure des nombres.",
        ),
        (
            {"kind": "sum_within", "terms": ("agents", "nom")},
            "« nom » est de type text : cette règle mesure des nombres.",
        ),
    ],
)
def test_a_rule_measures_only_what_can_be_measured(
    library: Library, rule: dict[str, Any], sentence: str
) -> None:
    told = RULE | {"message": "Voici"} | rule
    [found] = said(edited(library, {"rules": {"temps.essai": told}}), "rules/temps")

    assert found.startswith(sentence)


@pytest.mark.parametrize("text", ["{{ cycle|libelle }}", "{{ 'couts'|article }}"])
def test_the_message_of_a_rule_has_neither_labels_nor_article_numbers(
    wide: Library, text: str
) -> None:
    rule = RULE | {"kind": "bound", "value": "jours", "message": text}

    assert len(said(edited(wide, {"rules": {"temps.essai": rule}}), "rules/temps")) == 1


# --- prose read before any answer ----------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ agents }}",
        "{% if horaires %}x{% endif %}",
        "{{ act_date|date }}",
        "{% if horaires %}{{ 'horaires'|article }}{% endif %}",
    ],
)
@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("couts/theme", "settles"),
        ("couts/theme", "stakes"),
        ("couts/nature", "summary"),
    ],
)
def test_what_is_read_before_any_answer_cites_none(
    library: Library, document: str, field: str, text: str
) -> None:
    assert said(edited(library, {document: {field: text}}), document) != []


@pytest.mark.parametrize("who", ["law", "act", "each_case"])
def test_who_decides_is_told_before_any_answer(library: Library, who: str) -> None:
    told = {who: "Selon {{ agents }}.", "references": ("repos.quotidien",)}

    assert said(edited(library, {"couts/theme": {"decided_by": told}})) != []


def test_what_the_texts_fix_cites_them(library: Library) -> None:
    alone = edited(library, {"couts/theme": {"decided_by": {"law": "Une règle."}}})
    wrong = {"law": "Une règle.", "references": ("repos.quotidiens",)}

    assert said(alone) == [
        "ce que fixent les textes a une source : citez-la dans « references »."
    ]
    assert "Vouliez-vous dire « repos.quotidien » ?" in "".join(
        said(edited(library, {"couts/theme": {"decided_by": wrong}}))
    )


def test_what_is_read_before_any_answer_may_cite_the_law(library: Library) -> None:
    text = "{{ repos_minimal|heures }} ({{ 'repos.quotidien'|reference }})."

    assert said(edited(library, {"couts/nature": {"summary": text}})) == []


# --- what is printed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "{{ vehicule }}",
            "« vehicule » ne s’imprime pas ainsi : mettez-la sous un if.",
        ),
        (
            "{{ cycle }}",
            "« cycle » ne s’imprime pas ainsi : écrivez-la avec « |libelle ».",
        ),
        (
            "{{ couleurs|libelle }}",
            "« couleurs|libelle » ne s’imprime pas ainsi : écrivez-la avec "
            "« |libelle|liste ».",
        ),
        ("{{ couleurs|liste }}", "« couleurs|liste » ne s’imprime pas ainsi"),
        ("{{ jour }}", "« jour » ne s’imprime pas ainsi : écrivez-la avec « |date »."),
        ("{{ jour|heure }}", "« jour|heure » ne s’imprime pas ainsi"),
        ("{{ nom|jours }}", "« nom|jours » ne s’imprime pas ainsi"),
        ("{{ agents|heure }}", "« agents|heure » ne s’imprime pas ainsi"),
        ("{{ materiel }}", "« materiel » ne s’imprime pas ainsi"),
        ("{{ couts }}", "« couts » ne s’imprime pas ainsi : mettez-la sous un if."),
        ("{{ act_date }}", "« act_date » ne s’imprime pas ainsi"),
        ("{{ 'x' if vehicule else jour }}", "« jour » ne s’imprime pas ainsi"),
        ("{{ repos_minimal|date }}", "« repos_minimal|date » ne s’imprime pas ainsi"),
    ],
)
def test_an_answer_is_printed_only_with_a_filter_of_its_kind(
    wide: Library, text: str, sentence: str
) -> None:
    [found] = said_of_text(wide, text)

    assert found.startswith(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "trois jours",
        "3 heures",
        "{{ '3 heures' if vehicule else 'x' }}",
        "{{ 3|heures }}",
        "{{ 3 }}",
        "{{ agents|pluriel('1 agent', 'agents') }}",
    ],
)
def test_a_number_is_never_typed_in_a_text_even_between_quotes(
    wide: Library, text: str
) -> None:
    [sentence] = said_of_text(wide, text)

    assert "est écrit dans le texte" in sentence


@pytest.mark.parametrize(
    ("values", "gap"),
    [
        (({"from": "2025-02-01", "value": 3},), None),
        (({"from": "2025-02-02", "value": 3},), "2025-02-01"),
        (({"from": "2020-01-01", "value": 0, "until": "2026-12-31"},), "2027-01-01"),
        (
            (
                {"from": "2020-01-01", "value": 3, "until": "2026-12-31"},
                {"from": "2027-01-01", "value": 4},
            ),
            None,
        ),
        (
            (
                {"from": "2020-01-01", "value": 3, "until": "2024-12-31"},
                {"from": "2025-01-01", "value": 4},
            ),
            None,
        ),
    ],
)
def test_a_text_reads_only_figures_in_force_whatever_the_date_of_the_act(
    library: Library, values: tuple[dict[str, Any], ...], gap: str | None
) -> None:
    figure = {"repos_minimal": {"label": "Repos", "values": values}}
    changed = edited(
        library, {"legal/references": {"repos.quotidien": {"figures": figure}}}
    )
    found = said(changed, "horaires/theme")

    assert [f"le {gap} :" in sentence for sentence in found] == ([True] if gap else [])


# --- profiles, names, circles --------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cout": ()}, "« cout » : thème inconnu"),
        (
            {"couts": ("horaires/plage",)},
            "l’option « horaires/plage » n’est pas du thème « couts »",
        ),
        (
            {"couts": ("couts/nature", "couts/forfait")},
            "« couts » : choisissez une option, et une seule.",
        ),
    ],
)
def test_a_profile_proposes_only_what_may_be_chosen(
    library: Library, options: dict[str, tuple[str, ...]], sentence: str
) -> None:
    profile = {"court": {"answers": {"options": options}}}
    [found] = said(edited(library, {"profiles": profile}))

    assert found.startswith(sentence)


def test_the_name_of_the_authority_is_always_asked(library: Library) -> None:
    changed = edited(library, {"questions": {"nom": {"when": "agents > 3"}}})

    assert said(changed) == [
        "le nom de la collectivité est toujours demandé : retirez cette condition."
    ]


@pytest.mark.parametrize("name", ["self", "loop", "super", "not", "true"])
def test_a_question_never_takes_a_word_of_the_language(
    library: Library, name: str
) -> None:
    question = {"kind": "bool", "label": "Oui ?"}

    assert f"« {name} » est un nom réservé : choisissez-en un autre." in said(
        edited(library, {"questions": {name: question}})
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"horaires/souple": {"when": "'plage' in horaires"}},
        {"couts/nature": {"when": "cycle == 'mois'"}},
        {
            "couts/nature": {"when": "'plage' in horaires"},
            "horaires/plage": {"when": "'nature' in couts"},
        },
        {"questions": {"agents": {"when": "agents > 3"}}},
    ],
)
def test_conditions_that_turn_in_a_circle_are_refused(
    wide: Library, changes: dict[str, dict[str, Any]]
) -> None:
    found = said(edited(wide, changes))

    assert [s for s in found if s.startswith("ces conditions tournent en rond")] != []


# --- a library without problem always drafts -----------------------------------------

CONDITIONS = [
    "cycle == 'mois'",
    "cycle != 'mois'",
    "vehicule",
    "not vehicule",
    "agents >= 200",
    "horaires",
    "'plage' in horaires",
    "'souple' in horaires",
    "'forfait' in couts",
    "jours > 3",
    "heures > 3",
    "materiel",
    "repos_minimal > 3",
    "act_date > '2027-01-01'",
    "debut > '19:00'",
]
# A blank, with a condition under which it may be read: the right one, or a wrong one.
BLANKS = [
    ("{{ agents }}", "vehicule"),
    ("{{ agents|heure }}", "vehicule"),
    ("{{ nom }}", "vehicule"),
    ("{{ nom|jours }}", "vehicule"),
    ("{{ cycle|libelle }}", "vehicule"),
    ("{{ cycle }}", "vehicule"),
    ("{{ couleurs|libelle|liste }}", "vehicule"),
    ("{{ couleurs|libelle }}", "vehicule"),
    ("{{ vehicule }}", "vehicule"),
    ("{{ jours|jours }}", "cycle == 'mois'"),
    ("{{ jours|jours }}", "cycle == 'semaine'"),
    ("{{ heures|heures }}", "vehicule and agents >= 200"),
    ("{{ heures|heures }}", "vehicule"),
    ("{{ jour|date }}", "vehicule"),
    ("{{ debut|heure }}", "'plage' in horaires"),
    ("{{ debut|heure }}", "horaires"),
    ("{{ cas|liste }}", "'souple' in horaires"),
    ("{% for c in cas %}{{ c }}{% endfor %}", "'souple' in horaires"),
    ("{% for c in materiel %}{{ c }}{% endfor %}", "couts"),
    ("{{ montant|euros }}", "'forfait' in couts"),
    ("{{ materiel|tableau('A', 'B') }}", "couts"),
    ("{{ materiel|tableau('A') }}", "couts"),
    ("{{ 'horaires'|article }}", "horaires"),
    ("{{ 'horaires'|article }}", "'souple' in horaires"),
    ("{{ 'repos.quotidien'|reference }}", "vehicule"),
    ("{{ repos_minimal|heures }}", "vehicule"),
    ("mot", "vehicule"),
]


@st.composite
def pieces(draw: st.DrawFn) -> str:
    blank, guard = draw(st.sampled_from(BLANKS))
    other = draw(st.sampled_from(CONDITIONS))
    return draw(
        st.sampled_from(
            [
                blank,
                f"{{% if {guard} %}}{blank}{{% endif %}}",
                f"{{% if {other} %}}a{{% elif {guard} %}}{blank}{{% else %}}b{{% endif %}}",
                f"{{% if {guard} %}}a{{% else %}}{blank}{{% endif %}}",
                f"{{% if {other} and {guard} %}}{blank}{{% endif %}}",
                f"{{% if {other} or {guard} %}}{blank}{{% endif %}}",
                f"{{% if {guard} and {other} %}}{blank}{{% endif %}}",
                f"{{% if {guard} %}}{{% if {other} %}}{blank}{{% endif %}}{{% endif %}}",
            ]
        )
    )


@st.composite
def given_answers(draw: st.DrawFn) -> Answers:
    options = ["horaires/plage", "horaires/souple"]
    chosen = draw(st.sets(st.sampled_from(options), min_size=1))
    return Answers(
        act_date=draw(st.sampled_from(["2025-02-01", "2026-08-01", "2030-01-01"])),
        profile="court",
        chosen={
            "horaires": tuple(o for o in options if o in chosen),
            "couts": (draw(st.sampled_from(["couts/nature", "couts/forfait"])),),
        },
        values={
            "nom": "X",
            "agents": draw(st.sampled_from([1, 200])),
            "vehicule": draw(st.booleans()),
            "cycle": draw(st.sampled_from(["semaine", "mois"])),
            "heures": Decimal("2.5"),
            "materiel": draw(st.sampled_from([(), (("a", "b"),)])),
        },
    )


@given(
    st.sampled_from(["couts/theme", "horaires/plage", "annexes/deliberation"]),
    st.lists(pieces(), min_size=1, max_size=3).map(" ".join),
    given_answers(),
)
def test_a_library_without_problem_always_drafts(
    wide: Library, where: str, text: str, answers: Answers
) -> None:
    if where == "annexes/deliberation":
        changed = edited(wide, {where: {"articles": ({"title": "Un", "text": text},)}})
    else:
        before = wide.options.get(where) or wide.themes["couts"]
        changed = edited(wide, {where: {"text": f"{text}\n\n{before.text}"}})
        changed = edited(changed, {where: {"nature": "choice"}})
    if coherence.problems(changed):
        return
    charter = assemble(changed, take_proposed(changed, answers))

    assert len(list(charter.articles())) == 2
    assert isinstance(findings(charter, changed), list)


# --- documents -----------------------------------------------------------------------


def test_a_document_read_with_its_answers_has_no_problem(library: Library) -> None:
    assert said(with_document(library)) == []


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (
            {"kind": "line", "label": "{{ debt }}"},
            "« debt » ne correspond à aucune question",
        ),
        (
            {"kind": "line", "label": "Nom", "hint": "avant {{ debut|heure }}"},
            "« debut » n’est posée que sous la condition",
        ),
        (
            {"kind": "line", "label": "Nom", "when": "debt == 1"},
            "« debt » ne correspond à aucune question",
        ),
        (
            {"kind": "choice", "label": "Cas", "choices": "- un\n- {{ debt }}"},
            "« debt » ne correspond à aucune question",
        ),
        (
            {"kind": "choices", "label": "Cas", "choices": "un\n- autre"},
            "« choices » est une liste",
        ),
        (
            {"kind": "table", "label": "Avis", "columns": ("A", "B"), "rows": "un"},
            "« rows » est une liste",
        ),
        (
            {"kind": "table", "label": "Avis", "columns": ("A", "B")},
            "ce tableau n’a aucune ligne",
        ),
        (
            {"kind": "lines", "label": "Dans 3 jours"},
            "le nombre « 3 » est écrit dans le texte",
        ),
    ],
)
def test_a_field_is_checked_as_a_text(
    library: Library, field: dict[str, Any], sentence: str
) -> None:
    [found] = said(with_document(library, sections=({"fields": (field,)},)))

    assert found.startswith(sentence)


def test_a_field_reads_what_its_document_and_its_section_surely_read(
    library: Library,
) -> None:
    field = {"kind": "line", "label": "Avant {{ debut|heure }}"}
    section = {"when": "'plage' in horaires", "fields": (field,)}

    assert said(with_document(library, sections=(section,))) == []
    told = with_document(
        library, when="'plage' in horaires", sections=({"fields": (field,)},)
    )
    assert said(told) == []


def test_a_section_says_something(library: Library) -> None:
    [found] = said(with_document(library, sections=({"title": "Vide"},)))

    assert found.startswith("cette section ne dit rien")


def test_the_order_of_the_documents_names_each_of_them_once(library: Library) -> None:
    told = with_document(library)

    def listed(*names: str) -> list[str]:
        return said(edited(told, {"library": {"documents": names}}))

    assert listed("demande") == []
    [forgotten] = listed()
    assert forgotten.startswith("le document « demande » n’est pas dans la liste")
    [unknown] = listed("demande", "demandes")
    assert "n’a pas de fichier annexes/demandes.yml" in unknown
    [twice] = listed("demande", "demande")
    assert twice.startswith("le document « demande » est cité deux fois")


def test_a_document_does_not_take_the_place_of_the_charter(library: Library) -> None:
    section = {"text": "Un."}
    told = edited(
        library,
        {
            "annexes/charte": {
                "kind": "document",
                "title": "Charte",
                "purpose": "Un.",
                "for": "Un.",
                "sections": (section,),
            },
            "library": {"documents": ("charte",)},
        },
    )

    [found] = said(told)
    assert found.startswith("« charte » est le nom d’un fichier du projet")


def test_a_compulsory_content_may_be_met_by_a_document(library: Library) -> None:
    content = {
        "title": "Acte",
        "where": "deliberation",
        "references": ("repos.quotidien",),
        "remedy": "Écrivez-le.",
    }
    wanted = edited(library, {"legal/requirements": {"C04": content}})

    assert said(wanted) != []
    assert said(with_document(wanted, satisfies=("C04",))) == []
