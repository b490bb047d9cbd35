"""The base of every value of the core: frozen, unknown keys refused."""

import ast
import inspect
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
)


class Value(BaseModel):
    """A frozen value; a key nobody declared is an error."""

    # Deferred: most classes are only read inside another one, whose validator suffices.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True
    )

    layout: ClassVar[str] = ""
    """The keys in the order a file writes them, when it is not the order they are
    declared in; those joined by « = » stay as their author put them."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema with the docstring under each field as its description."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, said in field_docstrings(cls).items():
            alias = cls.model_fields[name].alias or name
            properties.get(alias, properties.get(name, {}))["description"] = said
        return schema


@lru_cache(maxsize=256)
def field_docstrings(kind: type[Value]) -> Mapping[str, str]:
    """Return the docstring under each field of a class of values.

    Read when somebody asks: pydantic would read the source of every class again each
    time the program starts, a tenth of the time of a draft.
    """
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not issubclass(base, Value) or base is Value:
            continue
        (body,) = ast.parse(dedent(inspect.getsource(base))).body
        assert isinstance(body, ast.ClassDef)
        for field, said in pairwise(body.body):
            match field, said:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(docstring))),
                ):
                    found[name] = inspect.cleandoc(docstring)
    return found


@lru_cache(maxsize=256)
def key_ranks(kind: type[Value]) -> Mapping[str, int]:
    """Return the place of each key in a file that holds such a value."""
    declared = (field.alias or name for name, field in kind.model_fields.items())
    groups = kind.layout.split() or declared
    return {key: rank for rank, group in enumerate(groups) for key in group.split("=")}


def _as_decimal(given: Any) -> Any:
    # YAML gives floats: the text a person typed is the number that was meant.
    if isinstance(given, bool):
        return given
    return Decimal(str(given)) if isinstance(given, int | float) else given


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A name in lower case, with digits and hyphens, safe as a file name anywhere."""

WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{n}" for n in range(1, 10)}
    | {f"lpt{n}" for n in range(1, 10)}
)
"""Names no file may have on Windows, whatever its extension."""

ThemeId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,29}$")]
"""The id of a theme is the id of its article and of its commentable unit."""

ClauseId = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9-]{1,29}(/[a-z0-9]+(-[a-z0-9]+)*)?$")
]
"""A theme (`deconnexion`) or one of its options (`deconnexion/plage`)."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""The name of a question, a parameter or a figure, unique in a library."""

FactId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9.-]{1,79}$")]
"""The stable id of a legal fact, as `legal/references.yml` declares it."""


def _real_day(given: str) -> str:
    try:
        year = date.fromisoformat(given).year
    except ValueError:
        year = 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"« {given} » n’est pas une date du calendrier : corrigez-la.")
    return given


FIRST_YEAR, LAST_YEAR = 1900, 2999

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_real_day)]
"""An ISO date between quotes: `'2027-03-01'`."""

Number = Annotated[Decimal, BeforeValidator(_as_decimal)]
"""A number as a person typed it, exact."""

Sentence = Annotated[str, Field(min_length=1, max_length=600)]
"""One or two sentences."""

Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
"""A block of text."""

RequirementId = Annotated[str, Field(pattern=r"^[A-Z]\d{2}$")]
"""The number of a compulsory content: `C07`."""
