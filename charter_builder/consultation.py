"""What a consultation is: who takes part, when, and who may read it."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from charter_builder.errors import shown
from charter_builder.model import WINDOWS_NAMES, Day, Slug, Value

PARIS = ZoneInfo("Europe/Paris")
"""Days and deadlines are those of Paris, whatever the computer's own time."""

College = Literal["staff-representatives", "employer", "staff"]
COLLEGE_LABELS: dict[College, str] = {
    "staff-representatives": "représentants du personnel",
    "employer": "employeur",
    "staff": "agents",
}

Visibility = Literal["parties", "agents", "public"]
VISIBILITY_LABELS: dict[Visibility, str] = {
    "parties": "les organisations et les instances qui participent",
    "agents": "tous les agents",
    "public": "toute personne",
}


def _real_moment(given: str) -> str:
    try:
        instant(given)
    except ValueError:
        raise ValueError(f"« {given} » n’est pas un instant possible.") from None
    return given


MOMENT = "%Y-%m-%dT%H:%M:%SZ"

Moment = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"),
    AfterValidator(_real_moment),
]
"""An instant in universal time, to the second: `'2027-01-14T09:12:33Z'`."""


def _one_line(given: str) -> str:
    # A second line would forge another in a receipt, or end the title of a page.
    if given != given.strip() or len(given.splitlines()) != 1:
        raise ValueError(
            f"« {shown(given)} » : un nom tient sur une seule ligne, sans espace au bout."
        )
    return given


def _portable(given: str) -> str:
    # It names a page, on a key that any computer may open.
    if given in WINDOWS_NAMES:
        raise ValueError(
            f"« {given} » est un nom que Windows se réserve : choisissez-en un autre."
        )
    return given


OneLine = Annotated[str, AfterValidator(_one_line)]
ShortName = Annotated[Slug, AfterValidator(_portable)]


class Organisation(Value):
    """Une organisation qui participe ; jamais une personne."""

    id: ShortName
    """Son nom court, sans accent : cfdt."""
    name: Annotated[OneLine, Field(min_length=1, max_length=120)]
    """Son nom, comme elle l’écrit : CFDT Interco."""
    college: College = "staff-representatives"
    """staff-representatives (représentants du personnel), employer ou staff (agents)."""
    since: Day | None = None
    """Le premier jour de son mandat, s’il commence pendant la concertation."""
    until: Day | None = None
    """Le dernier jour de son mandat, s’il finit pendant la concertation."""

    @property
    def delegates(self) -> str:
        """Those it sent to a sitting, as a decision names them: never a person."""
        # No « de » before a name: « de la CGT », « du Syndicat », « de l’Union ».
        return f"{self.name} (représentants)"

    def is_mandated_on(self, day: str) -> bool:
        return (self.since or day) <= day <= (self.until or day)


class Role(Value):
    """Une fonction du côté de l’employeur, qui prépare ou qui valide les réponses."""

    id: Slug
    """Son nom court : drh."""
    title: Annotated[OneLine, Field(min_length=1, max_length=120)]
    """La fonction, sans nom de personne : Direction des ressources humaines."""


class ConsultationSettings(Value):
    """`consultation/consultation.yml` : qui participe, quand, qui peut lire."""

    format: Literal[1] = 1
    """La version de ce format."""
    id: Slug
    """Le nom court de la concertation : valmorane-2027."""
    title: Annotated[OneLine, Field(min_length=1, max_length=600)]
    """Son titre."""
    visibility: Visibility = "parties"
    """Qui peut lire : parties, agents ou public. Ce choix ne change plus ensuite."""
    opens: Day
    """Le premier jour : '2027-01-04'."""
    closes: Day
    """Le dernier jour, jusqu’à minuit à Paris : '2027-01-29'."""
    response_days: Annotated[int, Field(ge=1, le=366)] = 30
    """Le délai de réponse, en jours, à compter de l’enregistrement."""
    organisations: Annotated[tuple[Organisation, ...], Field(min_length=1)]
    """Les organisations qui participent."""
    roles: Annotated[tuple[Role, ...], Field(min_length=2)]
    """Les fonctions qui préparent et valident les réponses : deux au moins."""

    @model_validator(mode="after")
    def _coherent(self) -> "ConsultationSettings":
        if self.closes < self.opens:
            raise ValueError(
                "« closes » est avant « opens » : inversez les deux dates."
            )
        for what, names in (
            ("organisations", [organisation.id for organisation in self.organisations]),
            ("roles", [role.id for role in self.roles]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"« {what} » donne deux fois « {twice[0]} ».")
        self._refuse_lookalikes()
        return self

    def _refuse_lookalikes(self) -> None:
        seen: dict[str, str] = {}
        for organisation in self.organisations:
            key = as_seen(organisation.name)
            if key in seen:
                raise ValueError(
                    f"deux organisations se ressemblent trop : « {seen[key]} » et « "
                    f"{organisation.name} ». Distinguez leurs noms : chaque texte est "
                    "publié sous celui de son auteur."
                )
            seen[key] = organisation.name

    def organisation(self, identifier: str) -> Organisation | None:
        return next((o for o in self.organisations if o.id == identifier), None)

    def role(self, identifier: str) -> Role | None:
        return next((r for r in self.roles if r.id == identifier), None)

    @property
    def deadline(self) -> str:
        """The first instant at which it is too late: midnight in Paris."""
        return _midnight_after(self.closes)


_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁԛԝαβεζηικμνορτυχıl01",
    "abekmhopctyxijsdqwabezhikmnoptyxiioi",
)
"""Cyrillic and Greek letters that look Latin, once in lower case, and digits."""


def as_seen(name: str) -> str:
    """Return what a hurried reader sees of a name: two that give the same are twins."""
    letters = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    return "".join(sign for sign in letters if sign.isalnum())


@lru_cache(maxsize=64)
def _midnight_after(day: str) -> str:
    after = date.fromisoformat(day) + timedelta(days=1)
    return moment(datetime.combine(after, time(), PARIS))


def moment(instant: datetime) -> str:
    """Return an aware instant as the register writes it."""
    return instant.astimezone(UTC).strftime(MOMENT)


def instant(given: str) -> datetime:
    """Return the aware instant of a moment of the register."""
    # Not `strptime`: it is ten times slower, and a register has thousands of these.
    return datetime.fromisoformat(given[:-1]).replace(tzinfo=UTC)


def day_of(given: str) -> str:
    """Return the day in Paris of a moment of the register."""
    return instant(given).astimezone(PARIS).date().isoformat()


def due_day(given: str, days: int) -> str:
    """Return the day that many days after a moment of the register."""
    return (date.fromisoformat(day_of(given)) + timedelta(days=days)).isoformat()
