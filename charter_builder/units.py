"""Frozen versions: the text people comment, unit by unit, with its digest.

A unit is what one comments: an article of the charter, or an act. Its id never changes;
its number may. A frozen version is never rewritten.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import Field

from charter_builder import french
from charter_builder.charter import Article, Charter, unit_text
from charter_builder.errors import InputError
from charter_builder.model import Day, ThemeId, Value
from charter_builder.rules import Finding
from charter_builder.typography import plain, polish
from charter_builder.worddiff import Run, compare_words


class UnitChoice(Value):
    """Une proposition pour un point à débattre."""

    letter: str
    """Sa lettre : A, B ou C."""
    shown: str
    """La réponse proposée, comme on la lit."""


class UnitPoint(Value):
    """Un point laissé à débattre, que les contributions peuvent trancher."""

    id: str
    """Son identifiant : celui de la question, ou du thème."""
    question: str
    """Ce qui est demandé."""
    candidates: tuple[UnitChoice, ...]
    """Les propositions."""


class Unit(Value):
    """Ce qu’on commente : un article de la charte, ou un acte."""

    id: ThemeId
    """Son identifiant : il ne change pas d’une version à l’autre."""
    kind: Literal["article", "act"]
    """Un article de la charte, ou un acte."""
    number: int | None = None
    """Son numéro dans cette version."""
    title: str
    """Son titre."""
    text: str
    """Son texte, les éléments de liste marqués par « - »."""
    sha256: str
    """L’empreinte du titre et du texte."""
    points: tuple[UnitPoint, ...] = ()
    """Les points à débattre qui se tranchent ici."""

    @property
    def name(self) -> str:
        """« Article 7. Plages de joignabilité », or the title of an act."""
        if self.number is None:
            return self.title
        return f"Article {self.number}. {self.title}"


class Tombstone(Value):
    """Une unité retirée : son identifiant n’est pas réutilisé."""

    id: ThemeId
    """Son identifiant."""
    title: str
    """Son dernier titre."""
    last_version: int
    """La dernière version où elle figurait."""


class FrozenVersion(Value):
    """`versions/N/units.json` : le texte d’une version, figé."""

    format: Literal[1] = 1
    """La version de ce format."""
    version: int = Field(ge=1)
    """Le numéro de la version."""
    final: bool = False
    """Si c’est le texte soumis au vote."""
    title: str
    """Le titre de la charte."""
    territory: str
    """La collectivité."""
    act_date: Day
    """La date de l’acte."""
    library: str
    """La bibliothèque de clauses."""
    library_version: str
    """Sa version."""
    library_digest: str
    """Son empreinte."""
    units: tuple[Unit, ...] = Field(min_length=1)
    """Les unités, dans l’ordre de lecture."""
    removed: tuple[Tombstone, ...] = ()
    """Les unités des versions d’avant qui n’y sont plus."""
    documents: dict[str, str] = Field(default_factory=dict)
    """L’empreinte de chaque document gardé avec la version, par nom de fichier."""

    @property
    def digest(self) -> str:
        """The digest of the whole text, from those of its units."""
        rows = "\n".join(f"{unit.sha256}  {unit.id}" for unit in self.units)
        return sha256(rows.encode()).hexdigest()

    def unit(self, identifier: str) -> Unit | None:
        return next((unit for unit in self.units if unit.id == identifier), None)


def frozen(
    charter: Charter,
    findings: Sequence[Finding],
    previous: FrozenVersion | None,
    final: bool,
) -> FrozenVersion:
    """Return the next version of a charter.

    Raises `InputError` for a final version with a point still open or a legal error,
    and for a text that has not changed.
    """
    if final:
        _refuse_unsettled(charter, findings)
    version = as_version(charter, previous, final)
    if previous and (version.digest, final) == (previous.digest, previous.final):
        raise InputError(
            f"le texte est celui de la version {previous.version} : il n’y a rien de "
            "nouveau à figer."
        )
    return version


def as_version(
    charter: Charter, previous: FrozenVersion | None, final: bool = False
) -> FrozenVersion:
    """Return a charter as the version after `previous`, whatever its state."""
    units = tuple(_units(charter))
    return FrozenVersion(
        version=previous.version + 1 if previous else 1,
        final=final,
        title=charter.title,
        territory=charter.territory,
        act_date=charter.act_date,
        library=charter.library,
        library_version=charter.library_version,
        library_digest=charter.library_digest,
        units=units,
        removed=tuple(_removed(previous, {unit.id for unit in units})),
    )


def _refuse_unsettled(charter: Charter, findings: Sequence[Finding]) -> None:
    lines = [
        f"  article {article.number} : {point.question} (charter ask --set "
        f"{point.id}=…)"
        for article, point in charter.open_points()
    ]
    if lines:
        count = french.counted(len(lines), "point reste", "points restent")
        raise InputError(
            f"{count} à débattre : une version finale tranche tout.\n"
            + "\n".join(map(polish, lines))
        )
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        count = french.counted(len(errors), "erreur de droit", "erreurs de droit")
        raise InputError(
            f"{count} dans le projet : une version finale n’en a pas. « charter check » "
            "dit lesquelles, avec la source et le remède."
        )


def _units(charter: Charter) -> Iterator[Unit]:
    for act in charter.acts:
        yield _unit(act.id, "act", None, act.title, unit_text(act))
    for article in charter.articles():
        points = tuple(_points(article))
        yield _unit(
            article.id,
            "article",
            article.number,
            article.title,
            unit_text(article),
            points,
        )


def _points(article: Article) -> Iterator[UnitPoint]:
    for point in article.open_points:
        if point.home == article.id:
            yield UnitPoint(
                id=point.id,
                question=point.question,
                candidates=tuple(
                    UnitChoice(letter=candidate.letter, shown=candidate.shown)
                    for candidate in point.candidates
                ),
            )


def _unit(
    identifier: str,
    kind: Literal["article", "act"],
    number: int | None,
    title: str,
    text: str,
    points: tuple[UnitPoint, ...] = (),
) -> Unit:
    return Unit(
        id=identifier,
        kind=kind,
        number=number,
        title=title,
        text=text,
        sha256=text_digest(title, text),
        points=points,
    )


def text_digest(title: str, text: str) -> str:
    """Return the digest of a unit: its number may change, its words may not."""
    return sha256(f"{title}\n\n{text}".encode()).hexdigest()


def _removed(previous: FrozenVersion | None, present: set[str]) -> Iterator[Tombstone]:
    if previous is None:
        return
    yield from (stone for stone in previous.removed if stone.id not in present)
    for unit in previous.units:
        if unit.id not in present:
            yield Tombstone(id=unit.id, title=unit.title, last_version=previous.version)


def with_documents(
    version: FrozenVersion, documents: Mapping[str, str]
) -> FrozenVersion:
    """Return the version with the digests of the documents kept beside it."""
    digests = {name: file_digest(text) for name, text in documents.items()}
    return version.model_copy(update={"documents": digests})


def file_digest(text: str) -> str:
    """Return the digest of a document, whatever its line ends."""
    return sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def altered_units(version: FrozenVersion) -> list[Unit]:
    """Return the units whose words are no longer those that were frozen."""
    return [
        unit
        for unit in version.units
        if text_digest(unit.title, unit.text) != unit.sha256
    ]


class UnitChange(NamedTuple):
    """What became of one unit from a version to the next."""

    kind: Literal["added", "removed", "moved", "reworded"]
    before: Unit | None
    after: Unit | None
    runs: tuple[Run, ...] = ()


CHANGE_LABELS = {
    "added": "apparaît",
    "removed": "disparaît",
    "moved": "change de numéro",
    "reworded": "change",
}
"""What became of a unit, as a sentence says it."""


def compare_versions(before: FrozenVersion, after: FrozenVersion) -> list[UnitChange]:
    """Return what changes from one version to another, in the order of the new one."""
    changes = [
        UnitChange("removed", unit, None)
        for unit in before.units
        if after.unit(unit.id) is None
    ]
    for unit in after.units:
        changes += _unit_changes(before.unit(unit.id), unit)
    return changes


def _unit_changes(before: Unit | None, after: Unit) -> Iterator[UnitChange]:
    if before is None:
        yield UnitChange("added", None, after, (Run("added", after.text),))
    elif plain(before.text) != plain(after.text) or before.title != after.title:
        runs = tuple(compare_words(before.text, after.text))
        yield UnitChange("reworded", before, after, runs)
    elif before.number != after.number:
        yield UnitChange("moved", before, after)
