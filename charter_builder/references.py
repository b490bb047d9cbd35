"""Legal facts: their force, how sure we are, what to print and count on a given day.

Nothing in the program knows an article number or an amount: printed forms and figures
are dated data of the library (`legal/references.yml`).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from charter_builder.model import Day, FactId, Name, Number, Prose, Sentence, Value

Force = Literal[
    "HARD", "MANDATORY-CONTENT", "PROCEDURE", "COMMITMENT", "SOFT", "CASE", "INFO"
]
Confidence = Literal[
    "verified-official", "verified-secondary", "partly-verified", "not-verified"
]
Severity = Literal["error", "warning", "note"]

FORCE_LABELS: dict[Force, str] = {
    "HARD": "règle impérative",
    "MANDATORY-CONTENT": "contenu obligatoire",
    "PROCEDURE": "procédure",
    "COMMITMENT": "engagement de l’accord-cadre",
    "SOFT": "doctrine ou pratique",
    "CASE": "jurisprudence",
    "INFO": "information",
}
CONFIDENCE_LABELS: dict[Confidence, str] = {
    "verified-official": "vérifié sur un texte officiel",
    "verified-secondary": "vérifié sur une source secondaire",
    "partly-verified": "vérifié en partie",
    "not-verified": "à vérifier",
}


class PrintedForm(Value):
    """Comment la référence s’imprime pendant une période."""

    layout = "from until text"

    text: Sentence
    """La référence telle qu’elle doit figurer dans l’acte."""
    from_: Day | None = Field(default=None, alias="from")
    """Premier jour où cette forme est la bonne."""
    until: Day | None = None
    """Dernier jour où cette forme est la bonne."""

    def holds_on(self, day: str) -> bool:
        return (self.from_ is None or self.from_ <= day) and (
            self.until is None or day <= self.until
        )


class DatedValue(Value):
    """La valeur d’un chiffre à partir d’un jour."""

    layout = "from until value"

    value: Number
    """Le chiffre."""
    from_: Day = Field(alias="from")
    """Premier jour où il s’applique."""
    until: Day | None = None
    """Dernier jour où il s’applique, s’il a pris fin."""


class Figure(Value):
    """Un chiffre fixé par un texte, avec ses valeurs successives."""

    label: Sentence
    """Ce que le chiffre mesure : « Durée minimale du repos »."""
    unit: str | None = None
    """Son unité : « jours », « euros », « heures »."""
    values: tuple[DatedValue, ...] = Field(min_length=1)
    """Ses valeurs, de la plus ancienne à la plus récente."""

    def on(self, day: str) -> Decimal | None:
        """Return the value in force that day, if any."""
        current = [
            dated
            for dated in self.values
            if dated.from_ <= day and (dated.until is None or day <= dated.until)
        ]
        # The latest to begin, in whatever order the file gives them.
        newest = max(current, key=lambda dated: dated.from_, default=None)
        return newest.value if newest else None

    def first_gap(self, day: str) -> str | None:
        """Return the first day from that one on that has no value, if any."""
        for dated in sorted(self.values, key=lambda dated: dated.from_):
            if dated.from_ > day:
                break
            if dated.until is None:
                return None
            if dated.until >= day:
                day = day_after(dated.until)
        return day


def day_after(day: str) -> str:
    """Return the next day."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


class Reference(Value):
    """Un fait juridique : ce qu’il dit, sa force, sa source datée."""

    layout = "subject says force confidence severity note printed figures url checked"

    subject: Sentence
    """De quoi il s’agit, en quelques mots."""
    says: Prose
    """Ce que dit la règle, en une ou deux phrases simples."""
    force: Force
    """Ce qu’elle vaut : HARD, MANDATORY-CONTENT, PROCEDURE, COMMITMENT, SOFT…"""
    confidence: Confidence
    """Ce qui a été vérifié."""
    note: Sentence | None = None
    """La réserve à faire connaître au lecteur, s’il y en a une."""
    printed: tuple[PrintedForm, ...] = Field(min_length=1)
    """Les formes imprimées, avec leurs dates."""
    figures: dict[Name, Figure] = Field(default_factory=dict)
    """Les chiffres que fixe ce texte, par nom."""
    severity: Severity | None = None
    """La gravité imposée, quand force et confiance ne suffisent pas à la dire."""
    url: str | None = None
    """L’adresse de la source, si elle a été vue."""
    checked: Day
    """Le jour de la dernière vérification."""

    @model_validator(mode="after")
    def _safe_url(self) -> "Reference":
        if self.url is not None and not self.url.startswith("https://"):
            raise ValueError("« url » doit commencer par https://")
        return self

    def printed_on(self, day: str) -> str | None:
        """Return the form to print in an act of that day, if the library knows one."""
        return next((form.text for form in self.printed if form.holds_on(day)), None)

    @property
    def effective_severity(self) -> Severity:
        """What breaking this rule amounts to: force × confidence (product, §5)."""
        if self.severity:
            return self.severity
        if self.force in ("HARD", "MANDATORY-CONTENT"):
            return "warning" if self.confidence == "not-verified" else "error"
        return "warning" if self.force == "SOFT" else "note"


class Citation(Value):
    """Une source, telle que ce projet l’imprime à la date de l’acte."""

    id: FactId
    """L’identifiant du fait juridique dans la bibliothèque."""
    text: str
    """La référence imprimée."""
    subject: str
    """De quoi il s’agit."""
    force: Force
    """La force du fait."""
    confidence: Confidence
    """Ce qui en a été vérifié."""

    @property
    def label(self) -> str:
        """The reference with what it is worth: « … (règle impérative) »."""
        doubt = (
            ""
            if self.confidence.startswith("verified")
            else (f", {CONFIDENCE_LABELS[self.confidence]}")
        )
        return f"{self.text} ({FORCE_LABELS[self.force]}{doubt})"


def figures_on(references: Iterable[Reference], day: str) -> dict[str, int | Decimal]:
    """Return every figure in force that day, by name."""
    found: dict[str, int | Decimal] = {}
    for reference in references:
        for name, figure in reference.figures.items():
            value = figure.on(day)
            if value is not None:
                whole = value == value.to_integral_value()
                found[name] = int(value) if whole else value
    return found
