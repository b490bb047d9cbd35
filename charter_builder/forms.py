"""The blanks of a document: as a library writes them, and as they are printed.

Everything is made for paper: what is filled in on a screen belongs to other tools.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from charter_builder.model import Prose, Sentence, Value


class _Field(Value):
    layout = "kind lines label hint when choices columns rows blank_rows"

    label: Prose
    """Ce qui est demandé ; se lit et se vérifie comme un texte."""
    hint: Prose | None = None
    """Une précision pour la personne qui remplit."""
    when: str | None = None
    """La condition pour que le champ figure dans le document."""


class LineField(_Field):
    """Une ligne à remplir."""

    kind: Literal["line"]


class LinesField(_Field):
    """Plusieurs lignes à remplir."""

    kind: Literal["lines"]
    lines: int = Field(default=3, ge=2, le=20)
    """Le nombre de lignes."""


class DateField(_Field):
    """Une date à remplir."""

    kind: Literal["date"]


class CheckboxField(_Field):
    """Une case à cocher : le libellé est la phrase que l’on approuve."""

    kind: Literal["checkbox"]


class ChoiceField(_Field):
    """Une seule case à cocher parmi plusieurs."""

    kind: Literal["choice"]
    choices: Prose
    """Une liste, un tiret par case ; conditions et boucles comme dans un texte."""


class ChoicesField(_Field):
    """Une ou plusieurs cases à cocher."""

    kind: Literal["choices"]
    choices: Prose
    """Une liste, un tiret par case ; conditions et boucles comme dans un texte."""


class TableField(_Field):
    """Un tableau à remplir."""

    kind: Literal["table"]
    columns: tuple[Sentence, ...] = Field(min_length=2, max_length=8)
    """Les intitulés des colonnes."""
    rows: Prose | None = None
    """Une liste, un tiret par ligne déjà intitulée ; conditions et boucles comme dans
    un texte."""
    blank_rows: int = Field(default=0, ge=0, le=30)
    """Le nombre de lignes vides, sous les autres."""


class SignatureField(_Field):
    """La place d’une signature, avec le lieu et la date ; le libellé dit qui signe."""

    kind: Literal["signature"]


FieldTemplate = Annotated[
    LineField
    | LinesField
    | DateField
    | CheckboxField
    | ChoiceField
    | ChoicesField
    | TableField
    | SignatureField,
    Field(discriminator="kind"),
]


BlankKind = Literal[
    "line", "lines", "date", "checkbox", "choice", "choices", "table", "signature"
]


class Blank(Value):
    """One thing to fill in, as the document prints it."""

    kind: BlankKind
    label: str
    hint: str = ""
    lines: int = 1
    choices: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    """The first cell of each row; empty where the row is blank."""

    @property
    def remark(self) -> str:
        """Return what helps whoever fills it in: the hint, or how many boxes to tick."""
        return self.hint or _HOW_MANY.get(self.kind, "")

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of a table, blank save for their first cell."""
        blanks = ("",) * (len(self.columns) - 1)
        return [(row, *blanks) for row in self.rows]


BOX = "☐"
TO_FILL = "à remplir"
_HOW_MANY = {"choice": "une seule case", "choices": "une ou plusieurs cases"}


def list_of(template: FieldTemplate) -> tuple[str, Prose] | None:
    """Return the key and the text of the list a field goes through, if it has one."""
    match template:
        case ChoiceField() | ChoicesField():
            return "choices", template.choices
        case TableField(rows=str(rows)):
            return "rows", rows
        case _:
            return None


def side_by_side(blanks: Sequence[Blank]) -> Iterator[tuple[Blank, ...]]:
    """Yield the blanks one by one; signatures that follow each other come together."""
    together: list[Blank] = []
    for blank in blanks:
        if blank.kind == "signature":
            together.append(blank)
            continue
        if together:
            yield tuple(together)
            together = []
        yield (blank,)
    if together:
        yield tuple(together)
