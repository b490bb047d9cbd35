import copy
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from charter_builder import french
from charter_builder.charter import ListBlock, TableBlock, TextBlock, blocks_of
from charter_builder.errors import ExpressionError, MissingAnswer
from charter_builder.expressions import (
    FILTERS,
    MAX_CONDITION,
    MAX_TEXT,
    Condition,
    Context,
    Plain,
    Text,
    one_line,
    reference_key,
)
from charter_builder.storage.yaml_files import parse

CASES: dict[str, list[dict[str, Any]]] = parse(
    Path(__file__).with_name("cases").joinpath("expressions.yml").read_text("utf-8")
)


@dataclass(frozen=True)
class Blunt:
    """Says names and values as they are written."""

    def subject(self, name: str) -> str:
        return name

    def value(self, name: str, value: Plain) -> str:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if is_number or isinstance(value, float):
            return french.number(Decimal(str(value)))
        return str(value)


def plain(answers: dict[str, Any]) -> dict[str, Plain]:
    """Return answers as the questionnaire would give them: exact, lists as lists."""
    return {
        name: Decimal(str(given))
        if isinstance(given, float)
        else list(given)
        if isinstance(given, tuple)
        else given
        for name, given in answers.items()
    }


# --- what jurists can review ---------------------------------------------------------


@pytest.mark.parametrize("case", CASES["conditions"], ids=lambda c: c["expression"])
def test_a_condition_is_worth_what_its_case_says(case: dict[str, Any]) -> None:
    condition, answers = Condition(case["expression"]), plain(case["answers"])

    if case["value"] == "manque":
        with pytest.raises(MissingAnswer):
            condition.holds(answers)
    else:
        assert condition.holds(answers) is case["value"]
        assert condition.explain(answers, Blunt()) == case["explanation"]


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda c: c["text"])
def test_a_text_reads_as_its_case_says(case: dict[str, Any]) -> None:
    text = Text(case["text"])

    assert text.render(plain(case["answers"])) == list(case["blocks"])
    assert text.block_count == len(case["blocks"])


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda c: c["text"])
def test_a_text_outside_the_subset_is_refused_in_french(case: dict[str, Any]) -> None:
    with pytest.raises(ExpressionError) as refused:
        Text(case["text"])

    assert str(refused.value).startswith(case["message"])


def test_every_filter_has_a_case() -> None:
    written = " ".join(case["text"] for case in CASES["texts"])
    shown_elsewhere = {"libelle", "reference", "article", "tableau"}

    assert [n for n in FILTERS.keys() - shown_elsewhere if f"|{n}" not in written] == []


# --- places --------------------------------------------------------------------------


def test_a_refusal_names_the_line_of_the_text() -> None:
    with pytest.raises(ExpressionError) as refused:
        Text("Un.\n\nDeux.\n{{ a.b }}")

    assert refused.value.line == 4


def test_a_missing_answer_is_named() -> None:
    with pytest.raises(MissingAnswer, match="agents"):
        Text("{{ agents|nombre }}").render({})


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"reference", "article"}))
def test_a_missing_answer_is_named_whatever_the_filter(name: str) -> None:
    arguments = {"pluriel": '("a", "b")', "tableau": '("a")'}.get(name, "")

    with pytest.raises(MissingAnswer, match="réponse « agents » manque"):
        Text(f"{{{{ agents|{name}{arguments} }}}}").render({})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ x|jours }}", "abc"),
        ("{{ x|date }}", "abc"),
        ("{{ x|date }}", "2027-13-01"),
        ("{{ x|heure }}", 19),
        ("{{ x|liste }}", 19),
        ('{{ x|pluriel("a", "b") }}', "abc"),
        ("{{ x }}", True),
        ("{{ x }}", ["a"]),
        ("{% for y in x %}{{ y }}{% endfor %}", 3),
        ("{% if x > 'a' %}b{% endif %}", 3),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_sentence(source: str, value: Plain) -> None:
    with pytest.raises(ExpressionError):
        Text(source).render({"x": value})


# --- what is read, and where ---------------------------------------------------------


def guards_of(text: str, name: str) -> list[set[str]]:
    return [set(read.guards) for read in Text(text).reads if read.name == name]


@pytest.mark.parametrize(
    ("text", "guards"),
    [
        ("{{ x }}", [set()]),
        ("{% if a %}{{ x }}{% endif %}", [{"a"}]),
        ("{% if a and b > 1 %}{{ x }}{% endif %}", [{"a", "b gt 1"}]),
        ("{% if a or b %}{{ x }}{% endif %}", [{"(a or b)"}]),
        ("{% if a %}y{% else %}{{ x }}{% endif %}", [{"not(a)"}]),
        ("{% if a %}y{% elif b %}{{ x }}{% endif %}", [{"not(a)", "b"}]),
        ("{% if 'p' in t %}{{ x }}{% endif %}", [{"'p' in t", "t"}]),
        ("{{ x if a else b }}", [{"a"}]),
        ("{{ b if a else x }}", [{"not(a)"}]),
        ("{% if a and x %}y{% endif %}", [{"a"}]),
        ("{% if a or x %}y{% endif %}", [{"not(a)"}]),
        ("{% for x in b %}{{ x }}{% endfor %}", []),
        ("{% if a %}{% for c in x %}{{ c }}{% endfor %}{% endif %}", [{"a"}]),
    ],
)
def test_a_text_knows_what_is_true_where_it_reads_an_answer(
    text: str, guards: list[set[str]]
) -> None:
    assert guards_of(text, "x") == guards


def test_two_facts_never_share_their_printed_form() -> None:
    facts = ["a.b-c", "a.b.c", "a-b.c", "a-b-c", "ab.c", "a.bc"]

    assert len({reference_key(fact) for fact in facts}) == len(facts)


# --- paragraphs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n{% if x %}\nb\n\nc\n{% endif %}",
        "a\n\n\n\nb",
        "{# un\n\ncommentaire #}\na\n\nb",
        "{% if x %}{{ '{% endif' }}\n\nb{% endif %}\n\nc",
        "{% if x %}{{ '{% if' }}{% endif %}\n\nb\n\nc",
        "{%\nif x %}\na\n\nb\n{% endif %}\n\nc",
        "{% for x in c %}\n\n- {{ x }}\n\n{% endfor %}\n\nb",
    ],
)
@pytest.mark.parametrize("x", [True, False])
def test_a_text_has_as_many_paragraphs_whatever_the_answers(text: str, x: bool) -> None:
    try:
        source = Text(text)
    except ExpressionError:
        return

    assert len(source.render({"x": x, "c": ["a"] if x else []})) == source.block_count


@pytest.mark.parametrize(
    "text",
    ["a\n\n{{- x }}", "{% if x -%}\n- a\n{% endif %}", "{%+ if x %}a{% endif %}"],
)
def test_a_tag_that_eats_the_space_around_it_is_refused(text: str) -> None:
    with pytest.raises(
        ExpressionError, match=r"« .* » n’est pas admis|ne peut pas servir"
    ):
        Text(text)


def test_list_items_of_a_loop_stay_one_list() -> None:
    text = Text("Sauf :\n{% for c in cas %}\n- {{ c }} ;\n{% endfor %}\n")
    [block] = text.render({"cas": ["a", "b"]})

    assert blocks_of(block) == (
        TextBlock(text="Sauf :"),
        ListBlock(items=("a ;", "b ;")),
    )


@pytest.mark.parametrize(
    "text",
    [
        "Avant :\n{{ t|tableau('A', 'B') }}\nAprès.",
        "Avant : {{ t|tableau('A', 'B') }} Après.",
        "Avant :\n{% if t %}\n{{ t|tableau('A', 'B') }}\n{% endif %}\nAprès.",
    ],
)
def test_a_table_stands_alone_wherever_it_is_written(text: str) -> None:
    [block] = Text(text).render({"t": [["a", "b"], ["c", "d"]]})

    assert blocks_of(block) == (
        TextBlock(text="Avant :"),
        TableBlock(header=("A", "B"), rows=(("a", "b"), ("c", "d"))),
        TextBlock(text="Après."),
    )


def test_a_table_after_a_list_comes_after_the_list() -> None:
    [block] = Text("- a\n- b\n{{ t|tableau('A') }}").render({"t": [["c"]]})

    assert [b.kind for b in blocks_of(block)] == ["list", "table"]


# --- a stranger's library (security classes 1, 6 and 12) -----------------------------

ESCAPES = [
    # dunder chains
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ nom.__init__.__globals__['os'].popen('id').read() }}",
    "{{ nom['__class__'] }}",
    "{{ __import__('os') }}",
    "{{ _x }}",
    "{{ a__b }}",
    # filters that lead to attributes
    "{{ nom|attr('__class__') }}",
    "{{ cas|map(attribute='__class__')|list }}",
    "{{ cas|groupby('__class__') }}",
    "{{ cas|selectattr('__class__') }}",
    "{{ nom|xmlattr }}",
    "{{ nom|format('x') }}",
    # format strings
    "{{ '{0.__class__}'.format(nom) }}",
    "{{ '{a.__class__}'.format_map(nom) }}",
    "{{ '%s' % nom }}",
    "{{ 'a' ~ nom }}",
    # a bound method passed to a filter
    "{{ cas|map('upper')|list }}",
    "{{ nom.format|map(cas) }}",
    "{{ nom|jours(nom.__class__) }}",
    "{{ nom|jours(*cas) }}",
    "{{ nom|jours(**cas) }}",
    # what Jinja gives away
    "{{ cycler('a').__init__ }}",
    "{{ joiner() }}",
    "{{ namespace(a=1) }}",
    "{{ range(10) }}",
    "{{ dict(a=1) }}",
    "{{ lipsum() }}",
    "{{ self }}",
    "{{ self.__init__ }}",
    "{% for c in cas %}{{ loop }}{% endfor %}",
    "{% for loop in cas %}{{ loop }}{% endfor %}",
    "{{ super() }}",
    "{{ caller() }}",
    # constructions
    "{% macro a(b) %}{{ b }}{% endmacro %}{{ a(1) }}",
    "{% call nom() %}{% endcall %}",
    "{% set nom = 'x' %}",
    "{% set nom %}x{% endset %}",
    "{% with a = nom %}{{ a }}{% endwith %}",
    "{% filter jours %}x{% endfilter %}",
    "{% block a %}{% endblock %}",
    "{% autoescape false %}{{ nom }}{% endautoescape %}",
    "{% do cas.append('x') %}",
    "{% trans %}x{% endtrans %}",
    "{% debug %}",
    "{% break %}",
    "{{ nom is string }}",
    "{{ cas[0] }}",
    "{{ cas[:] }}",
    "{{ {'a': nom} }}",
    "{% for c in cas recursive %}{{ loop(c) }}{% endfor %}",
    # other files
    "{% include '../../etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{% include 'C:\\\\x' %}",
    "{% include '%2e%2e/x' %}",
    "{% extends '../x' %}",
    "{% import '../x' as x %}",
    "{% from '../x' import y %}",
    "{% include nom %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_text_that_reaches_out_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Text(text)


@pytest.mark.parametrize(
    "source",
    [
        "nom.__class__",
        "nom['x']",
        "open('x')",
        "nom|attr('x')",
        "nom is defined",
        "1 + 1 == 2",
        "-agents < 0",
        "'a' ~ nom",
        "[c for c in cas]",
        "(lambda: 1)",
        "nom := 1",
        "self",
        "none",
        "{'a': 1}",
        "a) }}{{ (b",
        "a }}{% if b",
        "'a.b'|reference",
        "'a'|article",
        "nom|libelle == 'x'",
        "",
        "  ",
        "agents, cas",
        "[agents]",
        "a if b",
    ],
)
def test_a_condition_outside_the_subset_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        Condition(source)


@pytest.mark.parametrize(
    "text", ["{{ '\\x1e' }}", "{{ '\\u202e' }}", "{{ 'a\\n\\nb' }}"]
)
def test_a_mark_of_structure_cannot_be_written_between_quotes(text: str) -> None:
    with pytest.raises(ExpressionError, match="caractère invisible"):
        Text(text)


@pytest.mark.parametrize("character", ["\x00", "\x1e", "\u202e", "\u200b", "\u2066"])
def test_an_invisible_character_in_a_text_is_refused_on_its_line(
    character: str,
) -> None:
    with pytest.raises(ExpressionError, match="caractère invisible") as refused:
        Text(f"Un.\nDeux{character}.")

    assert refused.value.line == 2


# --- capable objects (class 2) -------------------------------------------------------


class Model(BaseModel):
    name: str = "x"


@pytest.mark.parametrize(
    "value",
    [Path("/etc/passwd"), Model(), date, date(2027, 3, 1), open, b"x", object()],
)
def test_an_object_that_could_act_is_never_printed(value: Any) -> None:
    with pytest.raises(ExpressionError):
        Text("{{ x }}").render({"x": value})


# --- mutation (class 3) --------------------------------------------------------------


def test_a_text_leaves_the_answers_as_they_were() -> None:
    answers: dict[str, Plain] = {
        "nom": "X",
        "cas": ["a", "b"],
        "t": [["a", "b"]],
        "n": Decimal("2.5"),
    }
    before = copy.deepcopy(answers)
    text = Text(
        "{{ nom }}{% for nom in cas %}{{ nom }}{% endfor %}"
        "{{ cas|liste }}{{ t|tableau('A', 'B') }}{{ n|jours }}"
    )
    first = text.render(answers)

    assert answers == before
    assert text.render(answers) == first


def test_a_condition_leaves_the_answers_as_they_were() -> None:
    answers: dict[str, Plain] = {"cas": ["a"], "result": 3}

    assert Condition("result == 3 and 'a' in cas").holds(answers)
    assert answers == {"cas": ["a"], "result": 3}


# --- answers are data (class 4) ------------------------------------------------------

SYNTAX = "{{ }} {% %} {# #} nom if * - # | < > & \\ ` _ &lt; <b> 1. a é"
INVISIBLE = (
    "\n \n\n \r \t \x00 \x1b \x1c \x1d \x1e \x1f \x85 \u2028 \u202e \ud800 \u00a0"
)
NASTY = st.text(max_size=40) | st.lists(
    st.sampled_from([*SYNTAX.split(" "), *INVISIBLE.split(" "), "- ", " "]), max_size=8
).map("".join)


@given(NASTY)
@example("{{ nom }}")
@example("{% if x %}")
@example("\x1e\x1c\x1d")
def test_what_a_person_typed_is_printed_as_typed(typed: str) -> None:
    shown = one_line(typed)
    blocks = Text("Avant {{ nom }} après.\n\nFin.").render({"nom": shown})

    assert blocks == [f"Avant {shown} après.", "Fin."]


@given(NASTY)
def test_what_a_person_typed_never_makes_a_paragraph_a_list_or_a_table(
    typed: str,
) -> None:
    blocks = Text("A {{ nom }} b.\n\n- {{ nom }}\n- c").render({"nom": typed})

    assert len(blocks) == 2
    assert [b.kind for b in blocks_of(blocks[0])] == ["text"]
    [items] = blocks_of(blocks[1])
    assert isinstance(items, ListBlock)
    assert len(items.items) == 2


@given(st.lists(NASTY, max_size=4))
def test_a_loop_makes_one_item_for_each_answer(typed: list[str]) -> None:
    text = Text("Cas :\n{% for c in cas %}\n- x{{ c }}\n{% endfor %}")
    [block] = text.render({"cas": typed})
    items = [b for b in blocks_of(block) if isinstance(b, ListBlock)]

    assert sum(len(b.items) for b in items) == len(typed)


@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=3))
def test_a_table_keeps_its_rows_and_columns(rows: list[tuple[str, str]]) -> None:
    [block] = Text("{{ t|tableau('A', 'B') }}").render({"t": rows})
    [table] = blocks_of(block)

    assert isinstance(table, TableBlock)
    assert table.rows == tuple((one_line(a), one_line(b)) for a, b in rows)


@given(NASTY)
def test_a_line_typed_twice_is_the_same_line(typed: str) -> None:
    assert one_line(one_line(typed)) == one_line(typed)
    assert one_line(typed).encode().decode() == one_line(typed)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", one_line(typed))


# --- exhaustion (class 5) ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 50000000 }}",
        "{{ cas * 50000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 10000000000 }}",
        "{{ " + "9" * 5_000 + " }}",
        "{{ 1e999 }}",
        "{{ 1e300 }}",
        "{{ nom|center(50000000) }}",
        "{{ nom|indent(50000000) }}",
        "{{ nom|jours(50000000) }}",
        "{{ '" + "a" * 201 + "' }}",
        "{% for a in cas %}{% for b in cas %}{{ b }}{% endfor %}{% endfor %}",
        "{% for a in range(100000000) %}{% endfor %}",
        "a" * (MAX_TEXT + 1),
        "{{ " + "(" * 30 + "1" + ")" * 30 + " }}",
        "{{ a }}" * 2_000,
    ],
    ids=lambda text: text[:30],
)
def test_a_text_that_would_exhaust_the_machine_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Text(text)


@pytest.mark.parametrize("count", [5, 50, 59, 100, 240, 4_000])
@pytest.mark.parametrize(
    "nested",
    [
        lambda n: "{{ 1 if " + "not " * n + "a else 2 }}",
        lambda n: "{{ 1 if " + " and ".join(["a"] * n) + " else 2 }}",
        lambda n: "{{ 1 if " + " or ".join(["a"] * n) + " else 2 }}",
        lambda n: "{{ " + "1 if a else " * n + "2 }}",
        lambda n: "{{ n" + "|nombre" * n + " }}",
        lambda n: "{% if a %}" * n + "x" + "{% endif %}" * n,
        lambda n: "{% if a %}x" + "{% elif a %}y" * n + "{% endif %}",
        lambda n: "{{ 1 if " + "a == " * n + "a else 2 }}",
        lambda n: "{{ n }} " * n,
    ],
)
def test_a_deep_or_long_text_is_refused_or_rendered(nested: Any, count: int) -> None:
    try:
        rendered = Text(nested(count)).render({"a": True, "n": "1"})
    except ExpressionError:
        return

    assert rendered


@pytest.mark.parametrize("count", [5, 50, 59, 100, 240])
@pytest.mark.parametrize("operator", ["and", "or"])
def test_a_long_condition_is_refused_or_explained(count: int, operator: str) -> None:
    try:
        condition = Condition(f" {operator} ".join(["a"] * count))
    except ExpressionError:
        return

    assert condition.holds({"a": True})
    assert condition.explain({"a": True}, Blunt()) == "a : oui"


def test_a_condition_of_thousands_of_characters_is_refused() -> None:
    with pytest.raises(ExpressionError, match="trop long"):
        Condition(" or ".join(["a"] * MAX_CONDITION))


@pytest.mark.parametrize(
    "text",
    [
        "{% for c in cas %}" + "{{ c }}" * 1_400 + "{% endfor %}",
        "{{ t|tableau('A') }}" * 400,
    ],
    ids=["loop", "tables"],
)
def test_a_text_that_swells_when_printed_is_stopped(text: str) -> None:
    answers: Context = {"cas": ["a" * 300] * 200, "t": [["a" * 300]] * 200}

    with pytest.raises(ExpressionError, match="texte produit trop long"):
        Text(text).render(answers)


# --- any string ----------------------------------------------------------------------

WORDS = (
    "{{ }} {% %} {# #} if else elif endif for in endfor not and or is set raw endraw macro "
    "true none self loop a n cas t h j absent == < >= != ( ) [ ] , . | 'x' \"plage\" 1 2.5 "
    "1e99 '\\x1e' ~ + - * é ² ª 0x1F 1_0 \\ ' \" : = __class__ |liste('ou') "
    "|pluriel('a','b') |tableau('A','B') \n \n\n"
)
FILTERED = [f"|{name}" for name in FILTERS]
SOURCES = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from([*WORDS.split(" "), *FILTERED]), max_size=14).map(
        " ".join
    ),
    st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
)
CONTEXT: Context = {
    "a": True,
    "n": Decimal("2.5"),
    "cas": ["a", "b"],
    "t": [["a", "b"]],
    "h": "19:00",
    "j": "2027-03-01",
}


LEAVES = "a n cas t h j absent 1 2.5 'x' true ['a',1] 'plage' act_date"
SHAPES = [
    "({} and {})",
    "({} or {})",
    "(not {})",
    "({} == {})",
    "({} < {})",
    "({} >= {} != 1)",
    "({} in {})",
    "({} not in {})",
    "({0} if {1} else {0})",
    "({}|liste('ou'))",
    "({}|pluriel('a', 'b'))",
    "({}|tableau('A', 'B'))",
    *(f"({{}}{filtered})" for filtered in FILTERED),
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Return something that looks like an expression, most often within the subset."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(LEAVES.split(" ")))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    return draw(st.sampled_from(SHAPES)).format(left, right)


@given(st.one_of(SOURCES, expressions()))
def test_any_condition_is_refused_or_holds_or_lacks_an_answer(source: str) -> None:
    try:
        condition = Condition(source)
    except ExpressionError:
        return
    try:
        holds = condition.holds(CONTEXT)
        explained = condition.explain(CONTEXT, Blunt())
    except (MissingAnswer, ExpressionError):
        return

    assert holds in (True, False)
    assert isinstance(explained, str)


@given(st.one_of(SOURCES, expressions().map(lambda e: f"Un {{{{ {e} }}}}.\n\nDeux.")))
def test_any_text_is_refused_or_rendered_or_lacks_an_answer(source: str) -> None:
    try:
        text = Text(source)
    except ExpressionError:
        return
    try:
        blocks = text.render(CONTEXT)
    except (MissingAnswer, ExpressionError):
        return

    assert len(blocks) == text.block_count


def lacking(text: Text, answers: Context) -> set[str]:
    """Return the answer a text lacks, if any."""
    try:
        text.render(answers)
    except MissingAnswer as missing:
        return {missing.name}
    except ExpressionError:
        pass
    return set()


@given(expressions())
def test_a_text_lacks_only_answers_it_says_it_reads(source: str) -> None:
    try:
        text = Text(f"{{% if {source} %}}{{{{ {source} }}}}{{% endif %}}")
    except ExpressionError:
        return

    assert lacking(text, CONTEXT) <= text.names - CONTEXT.keys()


@st.composite
def truths(draw: st.DrawFn, depth: int = 3) -> str:
    """Return an expression of three yes-or-no answers."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["p", "q", "r"]))
    left, right = draw(truths(depth - 1)), draw(truths(depth - 1))
    return draw(st.sampled_from(SHAPES[:3])).format(left, right)


@given(
    st.tuples(truths(), truths(), truths(), truths()), st.tuples(*[st.booleans()] * 3)
)
def test_where_an_answer_is_read_all_that_guards_it_is_true(
    tests: tuple[str, str, str, str], answers: tuple[bool, bool, bool]
) -> None:
    one, two, three, four = tests
    context: Context = dict(zip("pqr", answers, strict=True))
    text = (
        f"{{% if {one} %}}{{{{ x1 }}}}"
        f"{{% elif {two} %}}{{{{ 1 if {three} and x2 else 2 }}}}"
        f"{{% else %}}{{{{ x3 if {four} else x4 }}}}{{% endif %}}"
    )
    guards = [g for x in lacking(Text(text), context) for g in guards_of(text, x)]

    # Spelled as `conjuncts` does, yes-or-no conditions still parse.
    assert [g for g in set().union(*guards) if not Condition(g).holds(context)] == []
