import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from charter_builder.storage.yaml_files import (
    MAX_FILE,
    YamlSyntaxError,
    compose,
    decode,
    entries,
    parse,
    parse_as_typed,
    read_text,
)

YAMLISH = st.text(
    alphabet=st.sampled_from("ab: -?[]{},\n&*!|>'\"%@`#<\\u0e9.~=\té"), max_size=60
)


def refusal(text: str) -> tuple[str, int]:
    with pytest.raises(YamlSyntaxError) as refused:
        parse(text)
    return str(refused.value), refused.value.line


# --- plain data ----------------------------------------------------------------------


def test_lists_come_as_tuples() -> None:
    assert parse("a: [x, [y]]") == {"a": ("x", ("y",))}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "12:30", "1,5"])
def test_a_word_that_old_yaml_reads_otherwise_stays_a_word(word: str) -> None:
    assert parse(f"a: {word}") == {"a": word}


def test_a_text_keeps_the_words_that_look_like_yaml_signs() -> None:
    assert parse("a: |\n  R & D, *gras*, << ici >>, 100 % !\n") == {
        "a": "R & D, *gras*, << ici >>, 100 % !\n"
    }


@pytest.mark.parametrize("typed", ["01700", "0x1F", "1_000", "1.50", "2027-3-1", "1e3"])
def test_a_value_read_as_typed_is_the_text_a_person_typed(typed: str) -> None:
    assert parse_as_typed(f"a: [{typed}]") == {"a": (typed,)}


def test_yes_no_and_nothing_read_as_typed_stay_what_they_are() -> None:
    assert parse_as_typed("a: true\nb: FALSE\nc: null\nd:\n") == {
        "a": True,
        "b": False,
        "c": None,
        "d": None,
    }


def test_a_value_read_as_typed_is_refused_like_any_other() -> None:
    with pytest.raises(YamlSyntaxError, match="ancres"):
        parse_as_typed("a: &x 1\nb: *x")


# --- what is refused, and on which line ----------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "« a » est écrite deux fois"),
        ("a:\n\tb: 1", 2, "tabulation"),
        ("a:\n  b: 1\n\tc: 1", 3, "tabulation"),
        ("a: 1\nb: &x 2", 2, "ancres"),
        ("a: 1\nb: *x", 2, "ancres"),
        ("{a: 1, b: &x 2}", 1, "ancres"),
        ("a: 1\n<<: {b: 2}", 2, "« << » n’est pas admis"),
        ("a: 1\nb: !!str 2", 2, "balises"),
        ("a: 1\nb: !Secret 2", 2, "balises"),
        ("%YAML 1.1\n---\na: no", 1, "directives"),
        ("%TAG ! tag:yaml.org,2002:\n---\na: !str 1", 1, "directives"),
        ("a: 1\n---\nb: 1", 2, "un seul document"),
        ('a: 1\nb: "x\nc: 3', 2, "n’est pas fermé"),
        ("a: 1\nb: [x\nc: 3", 2, "crochet"),
        ("a: 1\nb: {c: d ?, e: f}", 2, "mettez les textes entre guillemets"),
        ("a: b: c", 1, "deux-points"),
        ("a: 1\nb: `x`", 2, "mettez des guillemets"),
        ("a: 1\n  b: 2", 2, "deux-points"),
        ("a:\n  - x\n - y", 3, "décalage"),
        ("a: 1\nfaute\nb: 2", 2, "nom: valeur"),
        ('a: 1\nb: "\\q"', 2, "caractère spécial"),
        ("a: |x\n  y", 1, "passez à la ligne"),
        ("a: 1\n2: b", 2, "« 2 » sert de nom de rubrique"),
        ("a: 1\n[x, y]: b", 2, "sert de nom de rubrique"),
        ('a: 1\nb: "\\e"', 2, "U+001B"),
        ('a: 1\n"b\\u200b": 2', 2, "U+200B"),
        ("a: 1\nb: 2027-02-30", 2, "ni une date ni un nombre"),
        ("a: 2027-02-28\nb: 2027-02-28 25:00:00", 2, "ni une date ni un nombre"),
        ("a: 1\nb: " + "9" * 5000, 2, "ni une date ni un nombre"),
        ("a: 1\n? - b: 1\n: 2", 2, "sert de nom de rubrique"),
        ("a: {{ b }}", 1, "sert de nom de rubrique"),
        ("a: 1\nb: 0x" + "f" * 5000, 2, "nombre raisonnable"),
        ("a: 1\nb: -.inf", 2, "nombre raisonnable"),
        ("a: 1\nb: " + "[" * 100, 2, "trop de crochets"),
        ("a: 1\nb:\n  " + "- " * 30 + "x", 3, "niveaux emboîtés"),
        ("a: 1\nb: " + "[" * 25 + "]" * 25, 2, "niveaux emboîtés"),
    ],
)
def test_what_is_not_plain_data_is_refused_on_its_line(
    text: str, line: int, words: str
) -> None:
    said, at = refusal(text)

    assert words in said
    assert at == line


def test_a_very_deep_file_does_not_kill_the_process() -> None:
    # In a process of its own: the C parser would overrun the stack, and pytest with it.
    script = (
        "from charter_builder.storage.yaml_files import parse, YamlSyntaxError\n"
        "for deep in ('- ' * 100_000 + 'x', '? ' * 100_000 + 'x'):\n"
        "    try:\n"
        "        parse(deep)\n"
        "    except YamlSyntaxError as refused:\n"
        "        print('refusé')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, "refusé\nrefusé\n")


def test_a_bomb_of_aliases_is_refused_before_it_is_built() -> None:
    bomb = "a0: &a0 x\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )

    assert refusal(bomb)[1] == 1


@given(YAMLISH)
def test_whatever_is_typed_is_data_or_a_french_sentence(text: str) -> None:
    line = 1
    try:
        parse_as_typed(text)
    except YamlSyntaxError as refused:
        line = refused.line

    assert 1 <= line <= text.count("\n") + 1


@given(st.binary(max_size=40))
def test_whatever_the_bytes_they_are_text_or_a_french_sentence(raw: bytes) -> None:
    text = ""
    with contextlib.suppress(YamlSyntaxError):
        text = decode(raw)

    assert "\r" not in text
    assert not text.startswith("\ufeff")


# --- bytes ---------------------------------------------------------------------------


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa: 1") == "a: 1"


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r", b"\n"])
def test_every_kind_of_line_end_reads_the_same(line_end: bytes) -> None:
    assert decode(b"a: 1" + line_end + b"b: 2") == "a: 1\nb: 2"


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        ("a: 1\nb: été".encode("latin-1"), 2, "UTF-8"),
        ("a: 1\r\nb: 1\r\nc: é".encode("cp1252"), 3, "UTF-8"),
        ("a: 1".encode("utf-16"), 1, "UTF-8"),
        (b"a: 1\nb: \x00", 2, "U+0000"),
        ("a: 1\nb: \u202exyz".encode(), 2, "U+202E"),
        ("a: 1\nb: x\u200by".encode(), 2, "U+200B"),
        ("a: 1\nb: x\ufeffy".encode(), 2, "U+FEFF"),
    ],
)
def test_bytes_that_are_no_plain_text_are_refused_on_their_line(
    raw: bytes, line: int, words: str
) -> None:
    with pytest.raises(YamlSyntaxError, match=words.replace("+", r"\+")) as refused:
        decode(raw)

    assert refused.value.line == line


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"#" * MAX_FILE)

    assert len(read_text(file)) == MAX_FILE


@pytest.mark.parametrize("size", [MAX_FILE + 1, 100 * 1024 * 1024])
def test_a_larger_file_is_refused_unread(tmp_path: Path, size: int) -> None:
    file = tmp_path / "a.yml"
    with file.open("wb") as stream:
        stream.truncate(size)

    with pytest.raises(YamlSyntaxError, match="trop gros : 256 Kio au plus"):
        read_text(file)


def _nodes(node: Node) -> int:
    if isinstance(node, MappingNode):
        return 1 + sum(_nodes(key) + _nodes(value) for key, value in node.value)
    if isinstance(node, SequenceNode):
        return 1 + sum(map(_nodes, node.value))
    return 1


@pytest.mark.parametrize(
    "row", ["- {a: {b: {c: [[[1]]]}}}", "- - - - - a", "- ? ? ? a"]
)
def test_values_in_values_count_as_much_as_values_in_lines(row: str) -> None:
    text = f"{row}\n" * 50
    root = compose(text)

    assert root is not None
    assert _nodes(root) <= 3 * entries(text)


@pytest.mark.parametrize("content", ["a\n" * 20_001, "a: [" + "1," * 20_001 + "]"])
def test_a_file_of_too_many_values_is_refused_unread(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "a.yml").write_text(content)

    with pytest.raises(
        YamlSyntaxError, match="trop long : 20000 lignes, virgules, crochets"
    ):
        read_text(tmp_path / "a.yml")


def test_a_missing_file_says_so_in_french(tmp_path: Path) -> None:
    with pytest.raises(YamlSyntaxError, match=r"illisible \(il n’existe pas\)"):
        read_text(tmp_path / "a.yml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(YamlSyntaxError, match="un dossier tient la place d’un fichier"):
        read_text(tmp_path)


def test_a_pipe_is_refused_at_once_though_nobody_writes_to_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yml")

    with pytest.raises(YamlSyntaxError, match="pas un fichier ordinaire"):
        read_text(tmp_path / "a.yml")


def test_a_device_is_refused() -> None:
    with pytest.raises(YamlSyntaxError, match="pas un fichier ordinaire"):
        read_text(Path("/dev/zero"))
