"""The kinds of question, and the answers a person gives to them.

A question of `questions.yml` and a parameter of a clause are the same thing: a typed
question with a unit, bounds and a default. Legal bound and usual range are separate.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from charter_builder import french
from charter_builder.errors import InputError, did_you_mean
from charter_builder.expressions import Plain, one_line
from charter_builder.model import (
    FIRST_YEAR,
    LAST_YEAR,
    ClauseId,
    Day,
    FactId,
    Name,
    Number,
    Sentence,
    Slug,
    ThemeId,
    Value,
)

Answer = bool | int | Decimal | str | tuple[str, ...] | tuple[tuple[str, ...], ...]
"""A checked answer. Times, dates and choices are strings."""

MAX_TEXT_ANSWER = 4_000
MAX_ROWS = 200


class FigureOf(Value):
    """Un chiffre du cadre légal, nommé."""

    figure: Name
    """Le nom du chiffre dans `legal/references.yml`."""


Limit = Number | FigureOf


class Range(Value):
    """Un intervalle, une des deux bornes pouvant manquer."""

    min: Limit | str | None = None
    """La plus petite valeur."""
    max: Limit | str | None = None
    """La plus grande valeur."""


class LegalBound(Range):
    """La limite fixée par un texte : la dépasser est une erreur de droit."""

    references: tuple[FactId, ...] = Field(min_length=1)
    """Les faits juridiques qui fixent la limite ; le premier décide de la gravité."""
    remedy: Sentence
    """Ce qu’il faut faire quand la limite est dépassée."""
    when: str | None = None
    """La condition pour que la limite s’applique."""


class DefaultWhen(Value):
    """Une autre réponse proposée, sous condition."""

    when: str
    """La condition."""
    value: object
    """La réponse proposée quand elle est remplie."""


class _Question(Value):
    layout = (
        "kind unit label=help=when columns choices renamed_values default "
        "default_when min max min_items max_items max_length optional usual legal "
        "references since renamed_from"
    )

    label: Sentence
    """La question, telle qu’elle est posée."""
    help: str | None = None
    """L’aide affichée par « ? »."""
    when: str | None = None
    """La condition pour que la question soit posée."""
    references: tuple[FactId, ...] = ()
    """Les faits juridiques qui éclairent la question."""
    default_when: tuple[DefaultWhen, ...] = ()
    """Des réponses proposées selon d’autres réponses ; la première qui vaut l’emporte."""
    since: str | None = None
    """La version de la bibliothèque où la question est apparue."""
    renamed_from: tuple[str, ...] = ()
    """Ses anciens noms : une réponse enregistrée suit le changement."""


class BoolQuestion(_Question):
    """Oui ou non."""

    kind: Literal["bool"]
    default: bool | None = None
    """La réponse proposée."""

    def parse(self, given: object) -> bool:
        if isinstance(given, bool):
            return given
        words = {"oui": True, "o": True, "non": False, "n": False}
        words |= {"true": True, "false": False, "yes": True, "y": True, "no": False}
        answer = words.get(str(given).strip().lower())
        if answer is None:
            raise InputError("répondez par oui ou par non.")
        return answer

    def show(self, value: Plain) -> str:
        return "oui" if value else "non"


class _Amount(_Question):
    default: Limit | None = None
    """La valeur proposée : un nombre, ou un chiffre du cadre légal."""
    min: Number = Decimal(0)
    """La plus petite valeur possible."""
    max: Number = Decimal(1_000_000)
    """La plus grande valeur possible."""
    usual: Range | None = None
    """Ce qui se pratique, à titre indicatif."""
    legal: LegalBound | None = None
    """La limite légale."""

    def _number(self, given: object) -> Decimal:
        if isinstance(given, bool):
            raise InputError("répondez par un nombre.")
        if isinstance(given, (dict, list, tuple)):
            raise InputError("répondez par un seul nombre, pas par une liste.")
        typed = _without_unit(str(given), getattr(self, "unit", None) or "euros")
        text = re.sub(r"[\s\u00a0\u202f€]", "", typed).replace(",", ".")
        if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,4})?", text):
            raise InputError(f"« {str(given)[:40]} » n’est pas un nombre.")
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise InputError("répondez par un nombre.") from None
        if not self.min <= value <= self.max:
            raise InputError(
                f"répondez par un nombre de {french.number(self.min)} à "
                f"{french.number(self.max)}."
            )
        return value


def _without_unit(typed: str, unit: str) -> str:
    """Return « 120 » for « 120 agents »: people repeat the unit they read."""
    text = " ".join(typed.split())
    singular = " ".join(french.measured(1, unit).split()[1:])
    for word in (unit, singular):
        if text.lower().endswith(word):
            return text[: -len(word)]
    return text


class IntegerQuestion(_Amount):
    """Un nombre entier."""

    kind: Literal["integer"]
    unit: str | None = None
    """L’unité, au pluriel : « jours », « agents »."""

    def parse(self, given: object) -> int:
        value = self._number(given)
        if value != value.to_integral_value():
            raise InputError("répondez par un nombre entier.")
        return int(value)

    def show(self, value: Plain) -> str:
        assert isinstance(value, int | Decimal)
        return french.measured(value, self.unit)


class DecimalQuestion(_Amount):
    """Un nombre, avec ou sans décimales."""

    kind: Literal["decimal"]
    unit: str | None = None
    """L’unité, au pluriel."""

    def parse(self, given: object) -> int | Decimal:
        value = self._number(given)
        return int(value) if value == value.to_integral_value() else value

    def show(self, value: Plain) -> str:
        assert isinstance(value, int | Decimal)
        return french.measured(value, self.unit)


class DurationQuestion(DecimalQuestion):
    """Une durée, dans l’unité dite."""

    kind: Literal["duration"]  # type: ignore[assignment]
    unit: str
    """L’unité, au pluriel : « mois », « jours ouvrés »."""


class MoneyQuestion(_Amount):
    """Une somme en euros."""

    kind: Literal["money"]

    def parse(self, given: object) -> int | Decimal:
        value = self._number(given)
        if value.as_tuple().exponent not in (0, -1, -2):
            raise InputError("une somme a deux décimales au plus.")
        return int(value) if value == value.to_integral_value() else value

    def show(self, value: Plain) -> str:
        assert isinstance(value, int | Decimal)
        return french.money(value)


class TimeQuestion(_Question):
    """Une heure de la journée."""

    kind: Literal["time"]
    default: str | None = None
    """L’heure proposée : '19:00'."""
    usual: Range | None = None
    """Ce qui se pratique, à titre indicatif."""
    legal: LegalBound | None = None
    """La limite légale."""

    def parse(self, given: object) -> str:
        found = re.fullmatch(
            r"(\d{1,2})(?:\s*(?::|h|heures?)\s*(\d{2})?)?", str(given).strip().lower()
        )
        if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
            raise InputError("répondez par une heure : 19:00 ou 19 h 30.")
        return f"{int(found[1]):02}:{int(found[2] or 0):02}"

    def show(self, value: Plain) -> str:
        return french.clock(str(value))


class DateQuestion(_Question):
    """Une date."""

    kind: Literal["date"]
    default: Day | None = None
    """La date proposée : '2027-03-01'."""

    def parse(self, given: object) -> str:
        return parse_day(given)

    def show(self, value: Plain) -> str:
        return french.day(str(value))


def parse_day(given: object) -> str:
    """Return a date typed 2027-03-01, 1/3/2027, 1/3/27, « 1er mars 2027 » in ISO form."""
    text = str(given).strip().lower()
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    usual = re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)", text)
    words = re.fullmatch(r"(\d{1,2}|1er) +(\w+) +(\d{4})", text)
    if iso:
        parts = int(iso[1]), int(iso[2]), int(iso[3])
    elif usual:
        year = usual[4] if len(usual[4]) == 4 else f"20{usual[4]}"
        parts = int(year), int(usual[3]), int(usual[1])
    elif words and words[2] in french.MONTHS:
        month = french.MONTHS.index(words[2]) + 1
        parts = int(words[3]), month, int(words[1].removesuffix("er"))
    else:
        raise InputError("répondez par une date : 01/03/2027.")
    if not FIRST_YEAR <= parts[0] <= LAST_YEAR:
        raise InputError("répondez par une date : 01/03/2027.")
    try:
        return date(*parts).isoformat()
    except ValueError:
        raise InputError(f"« {text} » n’est pas un jour du calendrier.") from None


class TextQuestion(_Question):
    """Un texte libre."""

    kind: Literal["text"]
    default: str | None = None
    """Le texte proposé."""
    max_length: int = Field(default=300, ge=1, le=MAX_TEXT_ANSWER)
    """La longueur maximale, en caractères."""
    optional: bool = False
    """La réponse peut être vide."""

    def parse(self, given: object) -> str:
        return _text(given, self.max_length, self.optional)

    def show(self, value: Plain) -> str:
        return str(value) or "(vide)"


class TextsQuestion(_Question):
    """Une liste de textes courts."""

    kind: Literal["texts"]
    default: tuple[str, ...] | None = None
    """La liste proposée."""
    min_items: int = 1
    """Le nombre minimal d’éléments."""
    max_items: int = Field(default=20, le=MAX_ROWS)
    """Le nombre maximal d’éléments."""

    def parse(self, given: object) -> tuple[str, ...]:
        items = [given] if isinstance(given, str) else given
        if isinstance(given, str):
            items = [part for part in given.split(";") if part.strip()]
        if not isinstance(items, Sequence) or isinstance(items, str):
            raise InputError("répondez par une liste, un élément par ligne.")
        parsed = tuple(_text(item, 300, False) for item in items)
        _check_count(len(parsed), self.min_items, self.max_items)
        return parsed

    def show(self, value: Plain) -> str:
        return french.enumeration([str(item) for item in _sequence(value)]) or "(aucun)"


class RowsQuestion(_Question):
    """Un petit tableau."""

    kind: Literal["rows"]
    columns: dict[Name, str] = Field(min_length=1, max_length=8)
    """Les colonnes : nom et intitulé."""
    default: tuple[dict[str, str], ...] | None = None
    """Les lignes proposées."""
    min_items: int = 0
    """Le nombre minimal de lignes."""
    max_items: int = Field(default=40, le=MAX_ROWS)
    """Le nombre maximal de lignes."""

    def parse(self, given: object) -> tuple[tuple[str, ...], ...]:
        if isinstance(given, str):
            lines = [line for line in given.split(";") if line.strip()]
            given = [[cell.strip() for cell in line.split("|")] for line in lines]
        if not isinstance(given, Sequence):
            raise InputError("répondez par des lignes de tableau.")
        rows = tuple(self._row(row) for row in given)
        _check_count(len(rows), self.min_items, self.max_items)
        return rows

    def _row(self, row: object) -> tuple[str, ...]:
        if isinstance(row, Mapping):
            unknown = [key for key in row if key not in self.columns]
            if unknown:
                raise InputError(
                    f"« {unknown[0]} » n’est pas une colonne."
                    f"{did_you_mean(unknown[0], self.columns)}"
                )
            row = [row.get(column, "") for column in self.columns]
        if isinstance(row, str) or not isinstance(row, Sequence):
            raise InputError("une ligne de tableau est une liste de cellules.")
        if len(row) != len(self.columns):
            wanted = french.enumeration(list(self.columns.values()))
            raise InputError(
                f"chaque ligne compte {len(self.columns)} cellules : {wanted}."
            )
        return tuple(_text(cell, 300, True) for cell in row)

    def show(self, value: Plain) -> str:
        rows = _sequence(value)
        return french.counted(len(rows), "ligne", "lignes") if rows else "aucune ligne"


class ChoiceQuestion(_Question):
    """Un choix parmi plusieurs."""

    kind: Literal["choice"]
    choices: dict[Slug, str] = Field(min_length=2, max_length=30)
    """Les valeurs et leur libellé."""
    renamed_values: dict[str, Slug] = Field(default_factory=dict)
    """Les anciennes valeurs et celles qui les remplacent."""
    default: Slug | None = None
    """La valeur proposée."""

    def parse(self, given: object) -> str:
        return _choice(given, self.choices)

    def show(self, value: Plain) -> str:
        return self.choices.get(str(value), str(value))


class ChoicesQuestion(_Question):
    """Plusieurs choix parmi plusieurs."""

    kind: Literal["choices"]
    choices: dict[Slug, str] = Field(min_length=2, max_length=30)
    """Les valeurs et leur libellé."""
    renamed_values: dict[str, Slug] = Field(default_factory=dict)
    """Les anciennes valeurs et celles qui les remplacent."""
    default: tuple[Slug, ...] | None = None
    """Les valeurs proposées."""
    min_items: int = 1
    """Le nombre minimal de valeurs."""

    def parse(self, given: object) -> tuple[str, ...]:
        items = given
        if isinstance(given, str):
            items = [part.strip() for part in given.split(",") if part.strip()]
        if isinstance(items, int):
            items = [str(items)]
        if not isinstance(items, Sequence) or isinstance(items, str):
            raise InputError("répondez par une liste de valeurs.")
        chosen = {_choice(item, self.choices) for item in items}
        _check_count(len(chosen), self.min_items, len(self.choices))
        return tuple(value for value in self.choices if value in chosen)

    def show(self, value: Plain) -> str:
        if isinstance(value, str):
            return self.choices.get(value, value)
        shown = [self.choices.get(str(v), str(v)) for v in _sequence(value)]
        return french.enumeration(shown) or "(aucun)"


Question = Annotated[
    BoolQuestion
    | IntegerQuestion
    | DecimalQuestion
    | DurationQuestion
    | MoneyQuestion
    | TimeQuestion
    | DateQuestion
    | TextQuestion
    | TextsQuestion
    | RowsQuestion
    | ChoiceQuestion
    | ChoicesQuestion,
    Field(discriminator="kind"),
]

MEASURED = (IntegerQuestion, DecimalQuestion, MoneyQuestion, TimeQuestion)
"""The kinds that have legal bounds and usual ranges."""


def _sequence(value: Plain) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _check_count(count: int, least: int, most: int) -> None:
    if count < least:
        raise InputError(f"il faut au moins {least} élément{'s' if least > 1 else ''}.")
    if count > most:
        raise InputError(f"{most} éléments au plus.")


def _text(given: object, limit: int, optional: bool) -> str:
    if isinstance(given, Mapping | bool) or (
        isinstance(given, Sequence) and not isinstance(given, str)
    ):
        raise InputError("répondez par un texte.")
    text = one_line(str(given)) if given is not None else ""
    if not text and not optional:
        raise InputError("la réponse est vide.")
    if len(text) > limit:
        raise InputError(f"texte trop long : {len(text)} caractères, {limit} au plus.")
    return text


def _choice(given: object, choices: Mapping[str, str]) -> str:
    text = str(given).strip()
    if text in choices:
        return text
    hint = did_you_mean(text, choices) or f" Valeurs admises : {', '.join(choices)}."
    raise InputError(f"« {text[:60]} » n’est pas une des réponses possibles.{hint}")


def default_answer(
    question: Question, figures: Mapping[str, int | Decimal]
) -> Answer | None:
    """Return the proposed answer, if the question has one."""
    default = question.default
    if default is None:
        return None
    if isinstance(default, FigureOf):
        return figures.get(default.figure)
    return question.parse(default)


def measured_unit(question: Question) -> str:
    """Return the unit an answer counts in, « » when it has none."""
    if isinstance(question, MoneyQuestion):
        return "euros"
    return getattr(question, "unit", None) or ""


def limit_value(
    limit: Limit | str | None, figures: Mapping[str, int | Decimal]
) -> int | Decimal | str | None:
    """Return what a limit is worth on the day the figures were taken."""
    return figures.get(limit.figure) if isinstance(limit, FigureOf) else limit


# --- answers -------------------------------------------------------------------------


def _said(typed: str) -> str:
    if not one_line(typed):
        raise ValueError("ce texte est vide : écrivez-le.")
    return typed


class LocalParagraph(Value):
    """Un paragraphe écrit par la collectivité, non vérifié par l’outil."""

    text: Annotated[str, Field(max_length=MAX_TEXT_ANSWER), AfterValidator(_said)]
    """Le texte, en clair."""
    reason: Annotated[str, Field(max_length=1_000), AfterValidator(_said)]
    """Pourquoi la collectivité l’ajoute."""


MAX_ARTICLE = 20_000
"""Characters of one article: as many as an amendment may propose."""


class AdoptedText(Value):
    """Le texte d’un article, adopté après concertation à la place de celui des réponses."""

    text: Annotated[str, Field(max_length=MAX_ARTICLE), AfterValidator(_said)]
    """Le texte de l’article entier, ses paragraphes séparés par une ligne vide."""
    contributions: Annotated[
        tuple[Annotated[str, Field(pattern=r"^C-\d{4,6}$")], ...],
        Field(min_length=1, max_length=100),
    ]
    """Les contributions dont il vient : [C-0042]."""
    of: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """L’empreinte du texte que donnaient les réponses : si elle change, il est à
    réexaminer."""


MIN_CANDIDATES, MAX_CANDIDATES = 2, 3
MAX_PARTIES_QUESTION = 1_000


class OpenAnswer(Value):
    """Un point laissé à débattre : ce qui est proposé, et la question aux parties."""

    candidates: tuple[Answer, ...] = Field(
        min_length=MIN_CANDIDATES, max_length=MAX_CANDIDATES
    )
    """Les propositions : des réponses, ou les options d’un thème. Le reste du projet est
    rédigé avec la première."""
    question: str = Field(default="", max_length=MAX_PARTIES_QUESTION)
    """La question posée aux parties ; vide : celle du questionnaire."""


def open_answer(candidates: Iterable[Answer], question: str = "") -> OpenAnswer:
    """Return an open point, its candidates checked.

    Raises `InputError` for one candidate, four, or twice the same.
    """
    # The draft is written with the first: an article that disappears comes last.
    given = tuple(sorted(candidates, key=lambda candidate: candidate == ()))
    if not MIN_CANDIDATES <= len(given) <= MAX_CANDIDATES:
        raise InputError(
            f"un point à débattre a {MIN_CANDIDATES} ou {MAX_CANDIDATES} propositions."
        )
    if len(set(given)) < len(given):
        raise InputError("deux propositions sont les mêmes : gardez-en une.")
    asked = one_line(question)
    if len(asked) > MAX_PARTIES_QUESTION:
        raise InputError(
            f"la question aux parties est trop longue : {len(asked)} caractères, "
            f"{MAX_PARTIES_QUESTION} au plus."
        )
    return OpenAnswer(candidates=given, question=asked)


class Answers(Value):
    """Everything one territory answered, checked against its library.

    `chosen` has a theme only when somebody decided; `()` closes the article. What is
    left open (à débattre) is in `open`, by name of question or id of theme, and its
    first candidate in `values` or `chosen`: the draft is written with that one.
    """

    act_date: Day
    profile: str
    chosen: dict[ThemeId, tuple[ClauseId, ...]] = Field(default_factory=dict)
    values: dict[str, Answer] = Field(default_factory=dict)
    open: dict[str, OpenAnswer] = Field(default_factory=dict)
    local: dict[ThemeId, LocalParagraph] = Field(default_factory=dict)
    adopted: dict[ThemeId, AdoptedText] = Field(default_factory=dict)

    def with_value(self, name: str, value: Answer) -> "Answers":
        """Return the answers with this one, settled."""
        return self._with("values", name, value)

    def with_options(self, theme: str, options: Sequence[str]) -> "Answers":
        """Return the answers with the options of a theme, settled."""
        return self._with("chosen", theme, tuple(options))

    def with_open_value(self, name: str, point: OpenAnswer) -> "Answers":
        """Return the answers with the answer to a question left open."""
        return self._with("values", name, point.candidates[0], point)

    def with_open_options(self, theme: str, point: OpenAnswer) -> "Answers":
        """Return the answers with the options of a theme left open."""
        return self._with("chosen", theme, point.candidates[0], point)

    def with_local(self, theme: str, local: LocalParagraph | None) -> "Answers":
        """Return the answers with the local paragraph of a theme, or without it."""
        others = {key: text for key, text in self.local.items() if key != theme}
        added = {theme: local} if local is not None else {}
        return self.model_copy(update={"local": {**others, **added}})

    def with_adopted(self, unit: str, adopted: AdoptedText) -> "Answers":
        """Return the answers with the text adopted for an article or an act."""
        return self.model_copy(update={"adopted": {**self.adopted, unit: adopted}})

    def _with(
        self,
        where: Literal["values", "chosen"],
        key: str,
        value: Answer,
        point: OpenAnswer | None = None,
    ) -> "Answers":
        still_open = {name: other for name, other in self.open.items() if name != key}
        if point is not None:
            still_open[key] = point
        return self.model_copy(
            update={where: {**getattr(self, where), key: value}, "open": still_open}
        )
