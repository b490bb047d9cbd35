"""The most costly libraries a stranger may send within the limits of size.

Each shape is some files put over the small library, as many as the limits admit.
`python tests/hostile.py [SHAPE…]` loads each in its own process and prints the
processor time it took: a person reads that, the tests only look at what is said.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from trees import write_tree

from charter_builder.storage.library_files import MAX_ENTRIES, MAX_FILES, MAX_SIZE
from charter_builder.storage.yaml_files import MAX_FILE, entries, is_readable

SMALL = Path(__file__).parent / "small"
Files = dict[str, str]

OPTION = "title: Une option\nsummary: Ce qu’elle change.\n"
TEXT = "text: |\n  Le texte de cette option.\n"
THEME = "title: Un sujet\nquestion: Que retenir ?\nsettles: Ce qui est réglé.\n"
ACT = "kind: act\ntitle: Un acte\nauthority: Le conseil\n"
RULE = (
    "{name}:\n  kind: {kind}\n  message: Une règle\n  remedy: Corrigez.\n"
    "  references: [repos.quotidien]\n"
)


def _names(count: int, prefix: str = "n") -> list[str]:
    return [f"{prefix}{number:05}" for number in range(count)]


def _small(name: str) -> str:
    return (SMALL / f"{name}.yml").read_text(encoding="utf-8")


def _spread(folder: str, rows: Iterable[str]) -> Files:
    """Return rows in as few files as can be read."""
    files: Files = {}
    size, values = MAX_FILE, 0
    for row in rows:
        size, values = size + len(row.encode()), values + entries(row)
        if size > MAX_FILE or values > MAX_ENTRIES // 2:
            name = f"{folder}/suite-{len(files)}.yml"
            files[name] = ""
            size, values = len(row.encode()), entries(row)
        files[name] += row
    return files


def _theme(bodies: Mapping[str, str], more: str = "") -> Files:
    """Return a theme and its options."""
    files = {f"masse/{slug}.yml": OPTION + body for slug, body in bodies.items()}
    files["masse/theme.yml"] = f"{THEME}options: [{', '.join(bodies)}]\n{more}"
    files["library.yml"] = _small("library").replace("[couts]", "[couts, masse]")
    return files


def _texts(line: str, lines: int, count: int) -> Files:
    body = "text: |\n" + f"  {line}\n" * lines
    return _theme(dict.fromkeys(_names(count, "o"), body))


def _conditions(source: str, count: int, key: str = "when") -> Files:
    """Return options whose conditions are all different, and as long as admitted."""
    return _theme(
        {f"o{n}": f"{TEXT}{key}: {source} or agents > {n}\n" for n in range(count)}
    )


def _questions(rows: Iterable[str]) -> Files:
    return {"questions.yml": _small("questions") + "".join(rows)}


# --- keys, values and nesting --------------------------------------------------------


def junk_keys(count: int) -> Files:
    return {
        f"couts/suite-{n}.yml": "".join(f"{k}: 1\n" for k in _names(300, "titre"))
        for n in range(count)
    }


def junk_keys_near_ours(count: int) -> Files:
    return _spread("couts", (f"paramete{name}: 1\n" for name in _names(count)))


def long_junk_keys(count: int) -> Files:
    return {
        f"couts/suite-{n}.yml": "".join(
            f"recommended_when_parameters_{k}: 1\n" for k in _names(300)
        )
        for n in range(count)
    }


def junk_questions(count: int) -> Files:
    return _questions(f"{name}: {{kind: 1, zut: 2}}\n" for name in _names(count))


def junk_rules(count: int) -> Files:
    return _spread("rules", (f"n{n}: {{kind: bound, zut: 2}}\n" for n in range(count)))


def junk_bounds(count: int) -> Files:
    return _questions(
        f"{name}: {{kind: decimal, label: a, min: [x], max: [x], default: [x], "
        "legal: {min: [x], max: [x]}, usual: {min: [x]}}\n"
        for name in _names(count)
    )


def files_wrong_as_a_whole(count: int) -> Files:
    return {f"{name}/theme.yml": "- zut\n" for name in _names(count, "t")}


def misplaced_files(count: int) -> Files:
    return {f"legal/{name}.yml": "a: b\n" for name in _names(count)}


def keys_written_twice(count: int) -> Files:
    return {f"legal/{name}.yml": "a: b\na: b\n" for name in _names(count)}


def nested_flow(count: int) -> Files:
    row = "- " + "{a: " * 17 + "1" + "}" * 17 + "\n"
    return {f"couts/suite-{n}.yml": "satisfies:\n" + row * 900 for n in range(count)}


def nested_dashes(count: int) -> Files:
    row = "- " * 17 + "a\n"
    return {f"couts/suite-{n}.yml": "satisfies:\n" + row * 900 for n in range(count)}


def nested_dashes_and_tabs(count: int) -> Files:
    row = "-\t" * 7 + "a\n"
    return {f"couts/suite-{n}.yml": "satisfies:\n" + row * 2_000 for n in range(count)}


def nested_keys(count: int) -> Files:
    tower = (
        "".join(f"{' ' * depth}k:\n" for depth in range(1, 18)) + " " * 18 + "k: 1\n"
    )
    return _spread("couts", (f"{name}:\n{tower}" for name in _names(count)))


def questions_marks(count: int) -> Files:
    return {f"couts/suite-{n}.yml": ("? " * 7 + "a\n") * 2_000 for n in range(count)}


def brackets_in_comments(count: int) -> Files:
    return {f"couts/suite-{n}.yml": "# " + "[]" * 2_000 + "\n" for n in range(count)}


def marks_in_texts(count: int) -> Files:
    """Texts that look like anchors, so that every file is read twice."""
    body = "text: |\n" + f"  {'une ligne &a *b << suite ' * 9}\n" * 60
    return {f"couts/suite-{n}.yml": body for n in range(count)}


def long_strings(count: int) -> Files:
    body = "title: " + "a" * 250_000 + "\n"
    return {f"couts/suite-{n}.yml": body for n in range(count)}


def long_escapes(count: int) -> Files:
    body = 'title: "' + "\\u00e9" * 40_000 + '"\n'
    return {f"couts/suite-{n}.yml": body for n in range(count)}


def long_numbers(count: int) -> Files:
    return _spread("couts", (f"{n}: {'9' * 3_900}\n" for n in _names(count)))


# --- texts and conditions ------------------------------------------------------------


def texts_of_blanks(count: int) -> Files:
    return _texts("{{agents}} " * 20, 35, count)


def texts_of_too_many_blanks(count: int) -> Files:
    return _texts("{{ab}}" * 40, 80, count)


def texts_of_ifs(count: int) -> Files:
    return _texts("{% if agents > 1 %}" * 15 + "a" + "{% endif %}" * 15, 18, count)


def texts_of_words(count: int) -> Files:
    return _texts("Une phrase ordinaire de la charte, sans rien. " * 40, 10, count)


def texts_of_long_conditions(count: int) -> Files:
    return _texts(f"{{% if {'agents or ' * 300} agents %}}a{{% endif %}}", 4, count)


def texts_never_closed(count: int) -> Files:
    return _texts("{{ " + "agents or " * 1_900, 1, count)


def texts_of_numbers(count: int) -> Files:
    return _texts("1 2 3 4 5 6 7 8 9 " * 10, 100, count)


def texts_of_unknown_names(count: int) -> Files:
    return _texts("{{agenta}} " * 15, 35, count)


def texts_of_unknown_facts(count: int) -> Files:
    return _texts('{{ "forfait.doctrin"|reference }} ' * 8, 60, count)


def texts_of_comments(count: int) -> Files:
    return _texts("{# a #}" * 100, 25, count)


def conditions_of_ors(count: int) -> Files:
    return _conditions(" or ".join(["agents > 1"] * 69), count)


def conditions_of_ands(count: int) -> Files:
    many = " and ".join(f"agents > {n}" for n in range(55))
    return _conditions(many, count, "recommended_when")


def conditions_of_lists(count: int) -> Files:
    return _conditions(f"agents in [{', '.join(['1'] * 45)}]", count)


def conditions_of_parentheses(count: int) -> Files:
    many = " or ".join(["(" * 21 + "agents > 1" + ")" * 21] * 17)
    return _conditions(many, count)


def conditions_of_nots(count: int) -> Files:
    return _conditions(" or ".join(["not " * 40 + "agents"] * 5), count)


def conditions_of_wrong_kinds(count: int) -> Files:
    return _conditions(" or ".join(["agents == 'abcd'"] * 45), count)


# --- many of everything --------------------------------------------------------------


def many_options(count: int) -> Files:
    return _theme(dict.fromkeys(_names(count, "o"), TEXT))


def many_options_not_listed(count: int) -> Files:
    files = _theme(dict.fromkeys(_names(count, "o"), TEXT))
    return files | {"masse/theme.yml": THEME + "options: [o]\n"}


def many_themes(count: int) -> Files:
    names = _names(count, "t")
    files = {f"{name}/theme.yml": THEME + "options: [o]\n" for name in names}
    files |= {f"{name}/o.yml": OPTION + TEXT for name in names}
    plan = f"[couts, {', '.join(names)}]"
    return files | {"library.yml": _small("library").replace("[couts]", plan)}


def many_criteria(count: int) -> Files:
    rows = "".join(f"  c{n}: Un critère\n" for n in range(count))
    return _theme(dict.fromkeys(_names(1_500, "o"), TEXT), f"criteria:\n{rows}")


def many_parameters(count: int) -> Files:
    names = _names(count)
    bodies = {}
    for start in range(0, count, 2_000):
        some = names[start : start + 2_000]
        asked = "".join(f"  {name}: {{kind: integer, label: a}}\n" for name in some)
        bodies[f"o{start}"] = f"{TEXT}parameters:\n{asked}"
    rules = (
        RULE.format(name=f"r{n}", kind="implies")
        + f"  if: {' and '.join(names[n * 40 : n * 40 + 40])}\n  then: agents\n"
        for n in range(count // 40)
    )
    return _theme(bodies) | _spread("rules", rules)


def unused_parameters(count: int) -> Files:
    return _questions(f"{n}: {{kind: bool, label: a}}\n" for n in _names(count))


def chained_questions(count: int) -> Files:
    names = _names(count)
    return _questions(
        f"{name}: {{kind: bool, label: a, when: {after}}}\n"
        for name, after in zip(names, [*names[1:], "agents"], strict=True)
    )


def circle_of_questions(count: int) -> Files:
    names = _names(count)
    return _questions(
        f"{name}: {{kind: bool, label: a, when: {after}}}\n"
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    )


def many_rules(count: int) -> Files:
    rows = (
        RULE.format(name=name, kind="bound") + "  value: montant\n  min: 1\n"
        for name in _names(count)
    )
    return _spread("rules", rows)


def sum_of_thousands(count: int) -> Files:
    row = RULE.format(name="r1", kind="sum_within") + "  min: 1\n"
    return {"rules/masse.yml": f"{row}  terms: [{', '.join(['montant'] * count)}]\n"}


def rule_on_thousands_of_clauses(count: int) -> Files:
    row = RULE.format(name="r1", kind="required_clause")
    some = ", ".join(["couts/nature"] * count)
    return {"rules/masse.yml": f"{row}  any_of: [{some}, zut, zut]\n"}


def rule_of_wordings(count: int) -> Files:
    words = ", ".join(f"mot {n} … autre {n}" for n in range(100))
    rows = (
        RULE.format(name=name, kind="wording") + f"  forbidden: [{words}]\n"
        for name in _names(count)
    )
    return _spread("rules", rows)


def many_requires(count: int) -> Files:
    some = ", ".join(["couts/nature"] * count)
    more = some.replace("nature", "forfait")
    body = f"{TEXT}requires: [{some}]\nexcludes: [{more}]\n"
    return _theme({"o1": body, "o2": body})


def unknown_requires(count: int) -> Files:
    some = ", ".join(f"couts/natur-{n}" for n in range(count))
    return _theme(dict.fromkeys(("o1", "o2"), f"{TEXT}requires: [{some}]\n"))


def unknown_facts_among_thousands(count: int) -> Files:
    row = (
        "forfait.fait-{n}: {{subject: a, says: b, force: HARD, confidence: not-verified, "
        "printed: [{{text: c}}], checked: '2026-11-23'}}\n"
    )
    some = ", ".join(f"forfait.fait{n}" for n in range(150))
    facts = "".join(row.format(n=n) for n in range(count))
    return _theme(dict.fromkeys(("o1", "o2"), f"{TEXT}references: [{some}]\n")) | {
        "legal/references.yml": _small("legal/references") + facts
    }


def figure_of_thousands_of_values(count: int) -> Files:
    values = "".join(
        f"        - {{from: '2{n // 336:03}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}', "
        f"value: 11, until: '2{n // 336:03}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}'}}\n"
        for n in range(count)
    )
    before = "        - {from: '2002-01-01', value: 11}\n"
    facts = _small("legal/references").replace(before, values)
    read = _texts("{{ repos_minimal|heures }} " * 20, 10, 20)
    return {**read, "legal/references.yml": facts}


def thousands_of_printed_forms(count: int) -> Files:
    before = "    - text: arrêté du forfait\n"
    forms = "    - {text: article 3}\n" * count
    return {
        "legal/references.yml": _small("legal/references").replace(before, forms),
    }


def profile_of_thousands(count: int) -> Files:
    themes = ", ".join(["couts"] * count)
    values = "".join(f"      agents{n}: 1\n" for n in range(count))
    return {
        "profiles.yml": f"court:\n  title: t\n  summary: s\n  themes: [{themes}]\n"
        f"  answers:\n    options:\n      couts: [{themes}]\n    values:\n{values}"
    }


def acts_of_thousands(count: int) -> Files:
    visas = "".join(
        f"  - {{text: 'Vu {{{{ agents }}}}', when: agents > {n}}}\n"
        for n in range(count)
    )
    return {
        f"annexes/acte-{n}.yml": f"{ACT}visas:\n{visas}articles:\n"
        "  - {title: t, text: u}\n"
        for n in range(3)
    }


def thousands_of_proposals(count: int) -> Files:
    proposals = "    - {when: agents, value: [a, b]}\n" * count
    return _questions(
        [
            "mesures:\n  kind: choices\n  label: a\n  choices: {a: A, b: B, c: C}\n",
            f"  default_when:\n{proposals}",
        ]
    )


def table_of_thousands_of_rows(count: int) -> Files:
    rows = ", ".join(["{objet: a, nombre: b}"] * count)
    theme = _small("couts/theme").replace("default: []", f"default: [{rows}]")
    return {"couts/theme.yml": theme}


SHAPES: Mapping[str, Callable[[int], Files]] = {
    name: shape
    for name, shape in list(globals().items())
    if not name.startswith("_")
    and callable(shape)
    and getattr(shape, "__annotations__", {}) == {"count": int, "return": Files}
}


def _is_admitted(files: Files) -> bool:
    whole = {
        path.relative_to(SMALL).as_posix(): path.read_text(encoding="utf-8")
        for path in SMALL.rglob("*.yml")
    } | files
    return (
        len(whole) <= MAX_FILES
        and all(map(is_readable, whole.values()))
        and sum(map(len, whole.values())) <= MAX_SIZE
        and sum(map(entries, whole.values())) <= MAX_ENTRIES
    )


def largest(shape: str) -> Files:
    """Return the largest files of a shape that the limits admit."""
    make, low, high = SHAPES[shape], 1, 2
    while _is_admitted(make(high)):
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if _is_admitted(make(middle)) else (low, middle)
    return make(low)


def write(folder: Path, files: Files) -> Path:
    """Write the small library with those files over it."""
    shutil.copytree(SMALL, folder)
    return write_tree(folder, {name: text.encode() for name, text in files.items()})


def main() -> None:
    """Print how long each shape takes to be refused, or accepted."""
    spent = 0.0
    for name in sys.argv[1:] or SHAPES:
        with tempfile.TemporaryDirectory() as root:
            folder = write(Path(root) / "bibliotheque", largest(name))
            command = [sys.executable, "-m", "charter_builder", "library", "check"]
            done = subprocess.run([*command, folder], capture_output=True, text=True)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            before, spent = spent, used.ru_utime + used.ru_stime
            lines = (done.stdout + done.stderr).splitlines()
            said = lines[0].replace(str(folder), "")[:90] if lines else ""
            print(f"{name:32} {spent - before:5.2f} s {len(lines):5}  {said}")


if __name__ == "__main__":
    main()
