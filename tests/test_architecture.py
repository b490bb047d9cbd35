"""Imports point inward: a module at the top is pure, a folder touches the world."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "charter_builder"

# A layer, and the layers it may import. `entry` is the package and `__main__`.
LAYERS: dict[str, set[str]] = {
    "core": {"core"},
    "storage": {"core", "storage"},
    "export": {"core", "export"},
    "website": {"core", "website"},
    "demo": set(),
    "server": {"core", "storage", "export", "website", "server"},
    "cli": {"core", "storage", "export", "website", "server", "cli"},
    "entry": {"core", "storage", "cli", "entry"},
}
# What a pure module may name: nothing here reads a file, the network or the clock.
PURE = (
    "base64 bisect collections contextlib copy dataclasses datetime decimal difflib enum "
    "errno fractions functools hashlib heapq html itertools json math operator re string "
    "statistics textwrap types typing unicodedata urllib.parse zlib zoneinfo pydantic"
)
# `model` reads the docstrings of our own classes, which Python does not keep.
ONLY_IN = {"jinja2": {"expressions"}, "ast": {"model"}, "inspect": {"model"}}
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__"}
CLOCK = {"now", "today", "utcnow"}


def modules() -> list[str]:
    return sorted(
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(
            ".__init__"
        )
        for path in PACKAGE.rglob("*.py")
    )


@cache
def tree(module: str) -> ast.Module:
    path = PACKAGE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def layer(module: str) -> str:
    if module in ("__init__", "__main__"):
        return "entry"
    folder = PACKAGE / module.split(".")[0]
    return folder.name if folder.is_dir() else "core"


def imported(module: str) -> Iterator[str]:
    """Yield every module named by an import, even inside a function."""
    known = set(modules())
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} : relative import"
            name = node.module or ""
            inside = name.removeprefix("charter_builder").lstrip(".")
            for alias in node.names:
                # `from charter_builder import french` names a module.
                submodule = f"{inside}.{alias.name}".lstrip(".")
                ours = name.split(".")[0] == "charter_builder"
                yield f"{name}.{alias.name}" if ours and submodule in known else name


def own_imports(module: str) -> set[str]:
    return {
        name.removeprefix("charter_builder").lstrip(".") or "__init__"
        for name in imported(module)
        if name.split(".")[0] == "charter_builder"
    }


CORE = [module for module in modules() if layer(module) == "core"]


def test_every_folder_of_the_package_is_a_layer_of_the_table() -> None:
    assert {layer(module) for module in modules()} <= LAYERS.keys()


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_the_layers_it_may(module: str) -> None:
    outward = {
        name for name in own_imports(module) if layer(name) not in LAYERS[layer(module)]
    }

    assert outward == set()


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: own_imports(module) - {"__init__"} for module in modules()}
    while leaves := {module for module, names in graph.items() if not names}:
        graph = {m: names - leaves for m, names in graph.items() if m not in leaves}

    assert graph == {}


@pytest.mark.parametrize("module", CORE)
def test_a_core_module_names_only_packages_that_touch_nothing(module: str) -> None:
    foreign = {n for n in imported(module) if n.split(".")[0] != "charter_builder"}
    impure = {
        name
        for name in foreign
        if not {name, name.split(".")[0]} & set(PURE.split())
        and module not in ONLY_IN.get(name.split(".")[0], set())
    }

    assert impure == set()


@pytest.mark.parametrize("module", CORE)
def test_a_core_module_neither_prints_nor_reads_nor_asks_the_time(module: str) -> None:
    called = [
        node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call)
    ]
    names = {function.id for function in called if isinstance(function, ast.Name)}
    methods = {f.attr for f in called if isinstance(f, ast.Attribute)}

    assert names & IMPURE_CALLS == set()
    assert methods & CLOCK == set()


def test_the_table_sees_an_import_hidden_in_a_function() -> None:
    assert "cli" in own_imports("__main__")


def test_no_word_of_a_library_is_in_the_program() -> None:
    # The sample's answers are data, and those of one library.
    texts = {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for suffix in ("py", "jinja", "yml", "po")
        for path in PACKAGE.rglob(f"*.{suffix}")
        if "demo" not in path.relative_to(PACKAGE).parts
    }
    assert "website/templates/accueil.md.jinja" in texts
    assert [
        name
        for name, text in texts.items()
        if re.search(
            r"t[ée]l[ée][- ]?(travail|work)|comité social", text, re.IGNORECASE
        )
    ] == []
