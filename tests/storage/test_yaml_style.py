"""The one style of YAML files: what it changes, and what it never does."""

from collections import Counter
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from charter_builder.library import Option
from charter_builder.storage.library_files import document_kinds
from charter_builder.storage.yaml_files import YamlSyntaxError, parse, parse_as_typed
from charter_builder.storage.yaml_style import WIDTH, comments, in_style


def styled(text: str, value: object = None) -> str:
    return in_style(dedent(text), value)


def becomes(before: str, after: str) -> None:
    assert styled(before) == dedent(after)
    assert styled(after) == dedent(after)


# --- one behaviour each --------------------------------------------------------------


def test_a_text_of_several_lines_stands_under_a_bar() -> None:
    becomes(
        r"""
        text: "Une phrase.\n\nUne autre.\n"
        """,
        """\
        text: |
          Une phrase.

          Une autre.
        """,
    )


def test_every_level_is_two_spaces_further_and_a_list_too() -> None:
    becomes(
        """
        a:
            b:
            -   c
            -   d:  1
                e:  2
        """,
        """\
        a:
          b:
            - c
            - d: 1
              e: 2
        """,
    )


def test_quotes_are_dropped_where_words_need_none() -> None:
    becomes(
        """
        "title": "Des réunions"
        'oui': 'non'
        plage: 'à l''heure'
        """,
        """\
        title: Des réunions
        oui: non
        plage: à l'heure
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        "'19:00'",
        "'2027-03-01'",
        "'0.1.0'",
        "'12'",
        "'true'",
        "'no'",
        "'Objet : le télétravail'",
        "'n° #3'",
        "'{{ jours }} par semaine'",
        "'{jours} par semaine'",
        "'télétravailler {jours} par semaine'",
        "\"'plage' in reunions\"",
        "''",
        "' une espace devant'",
        "'0x1F'",
        "'-'",
        "'<<'",
    ],
)
def test_quotes_stay_where_the_text_could_be_read_otherwise(text: str) -> None:
    becomes(f"key: {text}\n", f"key: {text}\n")


@pytest.mark.parametrize("typed", ["1.10", "017", "0x1F", "1_000", "true", "~"])
def test_a_number_stays_as_it_was_typed(typed: str) -> None:
    becomes(f"key: {typed}\n", f"key: {typed}\n")


def test_a_list_stays_on_one_line_or_one_item_a_line_as_its_author_chose() -> None:
    text = """\
    options: [plage, a-distance]
    themes:
      - reunions
      - quotite
    usual: {min: 2, max: 7}
    """
    becomes(text, text)


def test_a_list_too_long_for_a_line_has_one_item_a_line() -> None:
    first, second = "a" * 50, "b" * 50
    becomes(
        f"options: [{first}, {second}]\n",
        f"options:\n  - {first}\n  - {second}\n",
    )


def test_a_list_cut_over_several_lines_comes_back_on_one() -> None:
    becomes(
        """
        options: [
          plage,
          'a, b',
        ]
        """,
        """\
        options: [plage, 'a, b']
        """,
    )


def test_a_list_with_comments_has_one_item_a_line() -> None:
    becomes(
        """
        options: [ # dans l'ordre
          plage, # la première
          # celle de l'équipe
          a-distance,
          # la dernière
        ] # fin
        """,
        """\
        # dans l'ordre
        options:  # fin
          - plage  # la première
          # celle de l'équipe
          - a-distance
          # la dernière
        """,
    )


def test_a_sentence_cut_without_a_mark_is_cut_under_one() -> None:
    words = "une phrase " * 10
    long = f"{words}\n  {words}".rstrip()
    found = styled(f"against: {long}\n")

    assert found.startswith("against: >-\n  une phrase")
    assert max(map(len, found.split("\n"))) <= WIDTH
    assert parse(found) == {"against": " ".join(long.split())}


def test_a_folded_sentence_stays_cut_where_its_author_cut_it() -> None:
    becomes(
        """
        remedy: >-
            Une phrase
            coupée court.
        """,
        """\
        remedy: >-
          Une phrase
          coupée court.
        """,
    )


def test_a_comment_follows_the_key_it_stands_above_or_beside() -> None:
    option = document_kinds()["option"].validate_python(
        {
            "id": "reunions/plage",
            "title": "a",
            "summary": "b",
            "text": "c\n",
        }
    )
    assert isinstance(option, Option)
    assert styled(
        """
        # Le texte de la charte.
        text: | # voté
          c
        # Court.
        title: a # nom
        summary: b
        """,
        option,
    ) == dedent(
        """\
        # Court.
        title: a  # nom
        summary: b
        # Le texte de la charte.
        text: |  # voté
          c
        """
    )


def test_what_opens_a_file_stays_at_its_top() -> None:
    option = document_kinds()["option"].validate_python(
        {"id": "reunions/plage", "title": "a", "summary": "b", "text": "c\n"}
    )
    assert styled(
        """
        # yaml-language-server: $schema=../option.schema.json
        # Cette option vient du centre de gestion.

        # Le texte.
        text: |
          c
        title: a
        summary: b
        """,
        option,
    ) == dedent(
        """\
        # yaml-language-server: $schema=../option.schema.json
        # Cette option vient du centre de gestion.

        title: a
        summary: b
        # Le texte.
        text: |
          c
        """
    )


def test_a_comment_further_from_the_margin_ends_what_came_before() -> None:
    text = """\
    parameters:
      a:
        kind: bool
        # une rubrique à venir
      # une question à venir
    # le texte
    text: a
    # fin
    """
    becomes(text, text)


def test_one_empty_line_at_most_separates_two_entries() -> None:
    becomes(
        """

        a: 1



        # c

        b: 2

        """,
        """\
        a: 1

        # c

        b: 2
        """,
    )


def test_an_empty_line_never_becomes_a_part_of_the_text_above() -> None:
    text = "a: |+\n  texte\n\n# c\nb: 1\n"

    assert styled(text) == text
    assert parse(text) == {"a": "texte\n\n", "b": 1}


def test_the_mark_of_a_document_goes_and_its_comment_stays() -> None:
    becomes("--- # début\na: 1\n...\n", "# début\na: 1\n")


@pytest.mark.parametrize("text", ["{}\n", "# rien\n{}\n"])
def test_a_file_that_holds_nothing_stays_empty(text: str) -> None:
    becomes(text, text)


def test_the_order_of_names_that_authors_choose_is_theirs() -> None:
    text = "b: 1\na: 2\n"
    becomes(text, text)


def test_a_sign_of_comment_inside_a_text_is_none() -> None:
    text = 'a: "l\'# un"  # deux\nb: |\n  # trois\nc: >-\n  # quatre\n'

    assert comments(text) == ["# deux"]
    assert styled(text) == text


# --- any document --------------------------------------------------------------------

_LETTERS = st.sampled_from(
    [*"abé œ'\"#:-,[]{}|>&*!%@`?=~.\\/19", "\u202f", "…", "𝛼", " : ", " #", "{{ x }}"]
)
_WORDS = st.lists(_LETTERS, max_size=8).map("".join)
_TEXTS = st.lists(
    _WORDS | st.sampled_from(["", " ", "\t", "  retrait"]), max_size=4
).map("\n".join) | st.sampled_from(
    ["true", "no", "12", "1.10", "2027-03-01", "19:00", "a\n", "b\n\n"]
)
_REMARKS = st.sampled_from(["", "# remarque", "#", "# l'autre : « oui » #2", "#collé"])
Draw = Callable[[st.SearchStrategy[Any]], Any]


def _typed(draw: Draw, text: str, margin: int, in_flow: bool) -> str:
    """Return a text as one of the ways an author may type it."""
    pad = " " * margin
    single = "'{}'".format(text.replace("'", "''"))
    double = '"{}"'.format(
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\t", "\\t")
    )
    ways = [double]
    if "\n" not in text and "\t" not in text:
        ways += [single, text]
        if " " in text.strip():
            ways.append(text.strip().replace(" ", f"\n{pad}", 1))
    if not in_flow:
        ended = len(text) - len(text.rstrip("\n"))
        mark = "-" if not ended else "" if ended == 1 else "+"
        remark = draw(st.sampled_from(["", "", " # en tête"]))
        body = "\n".join(
            pad + line if line else "" for line in text.removesuffix("\n").split("\n")
        )
        ways += [f"{style}{mark}{remark}\n{body}" for style in "|>"]
    return str(draw(st.sampled_from(ways)))


def _remark(draw: Draw, margin: int) -> str:
    """Return lines of comments, or none, near a margin."""
    said = draw(_REMARKS)
    away = max(0, margin + draw(st.sampled_from([-2, 0, 0, 0, 2])))
    idle = "\n" * draw(st.integers(0, 2))
    return f"{idle}{' ' * away}{said}\n" if said else idle


def _flow(draw: Draw, depth: int, margin: int) -> str:
    pad = " " * (margin + 2)

    def value() -> str:
        if depth < 2 and draw(st.booleans()):
            return _flow(draw, depth + 1, margin + 2)
        return _typed(draw, draw(_WORDS), margin + 2, in_flow=True)

    def gap() -> str:
        return str(
            draw(st.sampled_from(["", " ", f"\n{pad}", f" # ici\n{pad}# là\n{pad}"]))
        )

    size = draw(st.integers(0, 3))
    if draw(st.booleans()):
        items = [f"{gap()}{value()}" for _ in range(size)]
        return f"[{','.join(items)}{gap()}]"
    items = [f"{gap()}k{index}: {value()}" for index in range(size)]
    return f"{{{','.join(items)}{gap()}}}"


def _block(draw: Draw, depth: int, margin: int) -> str:
    pad, step = " " * margin, draw(st.integers(2, 4))
    is_list = depth > 0 and draw(st.booleans())
    lines = ""
    for index in range(draw(st.integers(1, 4))):
        lines += _remark(draw, margin)
        lead = f"{pad}-" if is_list else f"{pad}k{index}:"
        beside = draw(st.sampled_from(["", "", " # à côté"]))
        kind = draw(st.sampled_from(["text", "text", "flow", "block", "bare"]))
        if kind == "block" and depth < 3:
            inside = _block(draw, depth + 1, margin + step)
            lines += f"{lead}{beside}\n{inside}"
        elif kind == "flow":
            lines += f"{lead} {_flow(draw, 0, margin)}{beside}\n"
        elif kind == "bare":
            bare = draw(st.sampled_from(["12", "true", "1.10", "~", "2027-03-01"]))
            lines += f"{lead} {bare}{beside}\n"
        else:
            said = _typed(draw, draw(_TEXTS), margin + step, in_flow=False)
            lines += f"{lead} {said}{beside if chr(10) not in said else ''}\n"
    return lines + _remark(draw, margin)


@st.composite
def documents(draw: Draw) -> str:
    return _block(draw, 0, 0)


@example("k0: [a, # x\n  {b: 'c'} # y\n ] # z\nk1: >+\n  a\n\n  b\n\n# d\n")
@example('k0: "a\\n "\nk1: ""\n')
@example("k0: >+\n\n\n")
@example("k0: >+\n  a\n   \n\n")
@example('k0: {k0: "a?"}\n')
@given(documents())
def test_any_document_keeps_its_data_and_its_comments(text: str) -> None:
    try:
        before = parse(text)
    except YamlSyntaxError:
        assume(False)
    found = in_style(text)

    assert parse(found) == before
    assert parse_as_typed(found) == parse_as_typed(text)
    assert Counter(comments(found)) == Counter(comments(text))
    assert in_style(found) == found


@given(documents())
def test_any_document_loses_no_word_of_its_comments(text: str) -> None:
    # Counted without our own reading of comments.
    assume("# remarque" in text)
    try:
        parse(text)
    except YamlSyntaxError:
        assume(False)

    assert in_style(text).count("# remarque") == text.count("# remarque")
