"""Each class of attack that others met has a test here, and it exists."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from charter_builder.storage.yaml_files import parse

TESTS = Path(__file__).resolve().parent
CLASSES: list[dict[str, Any]] = list(
    parse((TESTS / "cases" / "security.yml").read_text(encoding="utf-8"))
)


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef))


def test_every_class_of_the_site_and_of_the_consultation_is_there() -> None:
    assert [entry["class"] for entry in CLASSES] == list(range(19, 33))


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: str(entry["class"]))
def test_the_tests_against_an_attack_exist(entry: dict[str, Any]) -> None:
    assert entry["tests"]
    for named in entry["tests"]:
        file, _, name = named.partition("::")
        assert name in functions(TESTS / file), named
