"""The register as tables: what the instance that gives its opinion receives.

Rows of plain values, the same whatever the file they end in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from charter_builder import french
from charter_builder.abridging import around, differing, whole
from charter_builder.consultation import COLLEGE_LABELS, day_of
from charter_builder.dialogue import STATUS_LABELS, Dialogue, GivenReply, Standing
from charter_builder.errors import InputError, shown
from charter_builder.figures import Outcomes, outcomes
from charter_builder.follow_up import known_organisation
from charter_builder.register import (
    DISPOSITION_LABELS,
    GROUND_LABELS,
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Reply,
    clean_text,
)
from charter_builder.units import (
    CHANGE_LABELS,
    FrozenVersion,
    Unit,
    UnitChange,
    compare_versions,
)

Cell = str | int | float | date
"""A text, a number or a day."""

RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when it opens a CSV file."""


class Column(NamedTuple):
    """A column: its title, and its width in centimetres."""

    title: str
    width: float


class Sheet(NamedTuple):
    """One table of the file."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Selection:
    """Which contributions are exported: all, or those of a session, an organisation."""

    session: str | None = None
    """Those that the decisions of that day answer."""
    organisation: str | None = None


def sheets(
    dialogue: Dialogue,
    versions: Sequence[FrozenVersion],
    links: Mapping[str, str],
    selection: Selection = Selection(),
) -> tuple[Sheet, ...]:
    """Return the tables of a consultation, as of the last entry of its register.

    `links` lead to the page of each contribution. Raises `InputError` for a session or
    an organisation that is not there.
    """
    chosen = _Chosen(dialogue, versions, selection)
    return (
        Sheet("Contributions", _CONTRIBUTIONS, tuple(_contributions(chosen, links))),
        Sheet("Décisions", _DECISIONS, tuple(_decisions(chosen))),
        _statistics(chosen),
        Sheet("Textes modifiés", _TEXTS, tuple(_changed_texts(chosen))),
        Sheet("Vérification", _PROOFS, tuple(_proofs(chosen))),
    )


def csv_text(cell: Cell) -> str:
    """Return a cell as a CSV file holds it: no text of it can be a formula."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(RISKY_STARTS) else cell
    return shown_value(cell)


def shown_value(cell: Cell) -> str:
    """Return a cell as one reads it: « 14/03/2027 », « 2,5 »."""
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


class _Chosen:
    """The contributions to export, with what is said around them."""

    def __init__(
        self,
        dialogue: Dialogue,
        versions: Sequence[FrozenVersion],
        selection: Selection,
    ) -> None:
        self.dialogue = dialogue
        self.settings = dialogue.opened
        self.versions = {version.version: version for version in versions}
        self.selection = selection
        self.standings = _selected(dialogue, selection)
        self.ids = {standing.id for standing in self.standings}

    @property
    def is_whole(self) -> bool:
        return self.selection == Selection()

    def reply(self, standing: Standing) -> GivenReply | None:
        """Return the reply that holds, or the one the session gave."""
        session = self.selection.session
        given = [r for r in standing.replies if session in (None, r.decision.body.date)]
        return given[-1] if given else None

    def unit(self, version: int, identifier: str) -> Unit | None:
        frozen = self.versions.get(version)
        return frozen.unit(identifier) if frozen else None

    def unit_name(self, version: int, identifier: str) -> str:
        unit = self.unit(version, identifier)
        return unit.name if unit else identifier

    def organisation_name(self, identifier: str) -> str:
        return self.dialogue.organisation_name(identifier)

    def role_title(self, identifier: str) -> str:
        return self.dialogue.role_title(identifier)


def _selected(dialogue: Dialogue, selection: Selection) -> list[Standing]:
    organisation, session = selection.organisation, selection.session
    if organisation is not None:
        known_organisation(organisation, dialogue)
    sessions = sorted({made.decision.body.date for made in dialogue.decisions})
    if session is not None and session not in sessions:
        days = f"Séances : {', '.join(sessions)}." if sessions else ""
        raise InputError(
            f"« {shown(session)} » : aucune décision n’est enregistrée pour une séance "
            f"de ce jour. {days or 'Sans --session, tout le registre est exporté.'}"
        )
    return [
        standing
        for standing in dialogue.standings.values()
        if organisation in (None, standing.contribution.organisation)
        and (
            session is None
            or any(r.decision.body.date == session for r in standing.replies)
        )
    ]


def _day(given: str) -> date:
    return date.fromisoformat(given)


# --- contributions -------------------------------------------------------------------

_CONTRIBUTIONS = (
    Column("N°", 1.6),
    Column("Date", 2.0),
    Column("Article (n° et titre)", 2.8),
    Column("Version", 1.5),
    Column("Organisation", 2.4),
    Column("Collège", 2.5),
    Column("Nature", 2.4),
    Column("Passage", 3.0),
    Column("Motifs", 5.6),
    Column("Texte en vigueur", 5.6),
    Column("Texte proposé", 5.6),
    Column("Disposition", 2.3),
    Column("Motif de la réponse", 5.6),
    Column("Texte adopté", 5.6),
    Column("Instance", 2.4),
    Column("Date de la séance", 2.0),
    Column("Appliqué dans", 1.9),
    Column("Lien", 2.6),
)


def _contributions(
    chosen: _Chosen, links: Mapping[str, str]
) -> Iterator[tuple[Cell, ...]]:
    for standing in chosen.standings:
        given = standing.contribution
        target = given.target
        reply = chosen.reply(standing)
        body = reply.decision.body if reply else None
        texts = _compared(chosen, standing, reply)
        yield _clean(
            standing.id,
            _day(day_of(standing.at)),
            chosen.unit_name(target.version, standing.unit),
            target.version,
            chosen.organisation_name(given.organisation),
            COLLEGE_LABELS[given.college],
            _nature(standing),
            given.passage.exact if given.passage else "",
            _text(chosen, standing.seq, "contribution.text", given.text, True),
            texts.read,
            texts.proposed,
            _disposition(standing, reply),
            _reply_text(chosen, reply, "reason") if reply else "",
            texts.adopted,
            body.name if body else "",
            _day(body.date) if body else "",
            f"version {standing.applied_in}" if standing.applied_in else "",
            links.get(standing.id, ""),
        )


class _Compared(NamedTuple):
    """The texts one reads side by side, without the paragraphs they share."""

    read: str
    proposed: str
    adopted: str


def _compared(
    chosen: _Chosen, standing: Standing, reply: GivenReply | None
) -> _Compared:
    given = standing.contribution
    unit = chosen.unit(given.target.version, standing.unit)
    read = unit.text if unit else ""
    proposed = _proposed(chosen, standing)
    adopted = _reply_text(chosen, reply, "adopted_text") if reply else ""
    # Only what people wrote is compared: what stands for an erased text is not.
    is_reworded = given.proposed is not None and given.operation == "replace"
    is_adopted = reply is not None and reply.reply.adopted_text is not None
    cut_read, cut_proposed, cut_adopted = differing(
        read, proposed if is_reworded else "", adopted if is_adopted else ""
    )
    passage = given.passage if standing.unit == given.target.unit else None
    if given.operation == "delete":
        # What goes is read here, or nowhere.
        cut_read = whole(read)
    elif passage and passage.end and not is_reworded and not adopted:
        # A remark: beside the words it quotes, the paragraph they come from.
        cut_read = around(read, passage.start or 0, passage.end)
    return _Compared(
        cut_read,
        cut_proposed if is_reworded else proposed,
        cut_adopted if is_adopted else adopted,
    )


def _clean(*cells: Cell) -> tuple[Cell, ...]:
    # No sign in a cell that one does not see: nothing reads from right to left.
    return tuple(clean_text(c) if isinstance(c, str) else c for c in cells)


def _nature(standing: Standing) -> str:
    given = standing.contribution
    said = KIND_LABELS[standing.kind]
    if given.operation:
        said += f" : {OPERATION_LABELS[given.operation]}"
    if given.stance:
        said += f" (avis {STANCE_LABELS[given.stance]})"
    return said


def _text(
    chosen: _Chosen, seq: int, field: str, text: str | None, is_expected: bool
) -> str:
    """Return a text people wrote, or why it is no longer there."""
    if text is not None or not is_expected:
        return text or ""
    grounds = {
        GROUND_LABELS[redaction.ground]
        for redaction in chosen.dialogue.redactions
        if redaction.entry == seq and redaction.field == field
    }
    return f"[texte expurgé : {', '.join(sorted(grounds)) or 'motif inconnu'}]"


def _proposed(chosen: _Chosen, standing: Standing) -> str:
    given = standing.contribution
    if given.choice is None:
        expected = given.proposed_digest is not None
        field = "contribution.proposed"
        return _text(chosen, standing.seq, field, given.proposed, expected)
    read = chosen.unit(given.target.version, given.target.unit)
    for point in read.points if read else ():
        for candidate in point.candidates:
            if (point.id, candidate.letter) == (
                given.choice.point,
                given.choice.letter,
            ):
                return (
                    f"{point.question}\n"
                    f"Proposition {candidate.letter} : {candidate.shown}"
                )
    return f"Proposition {given.choice.letter}"


def _disposition(standing: Standing, reply: GivenReply | None) -> str:
    if standing.status == "withdrawn" or reply is None:
        return STATUS_LABELS[standing.status]
    said = DISPOSITION_LABELS[reply.reply.disposition]
    if standing.is_contested:
        return f"{said} ({STATUS_LABELS['contested']})"
    return said


def _reply_text(chosen: _Chosen, given: GivenReply, name: str) -> str:
    reply = given.reply
    rank = given.decision.replies.index(reply)
    text = reply.reason if name == "reason" else reply.adopted_text
    digest = reply.reason_digest if name == "reason" else reply.adopted_text_digest
    field = f"decision.replies.{rank}.{name}"
    return _text(chosen, given.seq, field, text, digest is not None)


# --- decisions -----------------------------------------------------------------------

_DECISIONS = (
    Column("Décision", 2.0),
    Column("Instance", 3.6),
    Column("Date de la séance", 2.4),
    Column("Fonctions présentes", 4.4),
    Column("Réponses préparées par", 3.6),
    Column("Validées par", 3.6),
    Column("Compte rendu", 2.6),
    Column("Contribution", 2.4),
    Column("Disposition", 3.0),
    Column("Motif", 7.0),
    Column("Suite promise", 5.0),
    Column("Contestation de l’organisation", 6.0),
    Column("Entrée du registre", 2.0),
)


def _decisions(chosen: _Chosen) -> Iterator[tuple[Cell, ...]]:
    made = [(given, s) for s in chosen.standings for given in s.replies]
    for given, standing in sorted(made, key=lambda pair: pair[0].seq):
        decision, body = given.decision, given.decision.body
        if chosen.selection.session not in (None, body.date):
            continue
        yield _clean(
            decision.id,
            body.name,
            _day(body.date),
            french.enumeration(body.roles),
            chosen.role_title(decision.drafted_by),
            chosen.role_title(decision.validated_by),
            body.minutes or "",
            standing.id,
            DISPOSITION_LABELS[given.reply.disposition],
            _reply_text(chosen, given, "reason"),
            _promised(given.reply),
            _contest(chosen, standing, given),
            given.seq,
        )


def _promised(reply: Reply) -> str:
    said = (
        ("", reply.action),
        ("Instance : ", reply.body),
        ("Qui s’en charge : ", reply.lead),
        ("Échéance : ", french.day(reply.due) if reply.due else None),
        ("Satisfaite par : ", reply.satisfied_by),
    )
    return "\n".join(f"{label}{value}" for label, value in said if value)


def _contest(chosen: _Chosen, standing: Standing, given: GivenReply) -> str:
    """Return what the organisation said against that reply, if it did."""
    contest = standing.contest
    before = [r for r in standing.replies if r.seq < standing.contested_seq]
    if contest is None or not before or before[-1] is not given:
        return ""
    field = "contest.reason"
    return _text(chosen, standing.contested_seq, field, contest.reason, True)


# --- statistics ----------------------------------------------------------------------


def _statistics(chosen: _Chosen) -> Sheet:
    day = day_of(chosen.dialogue.last_at)
    named = {
        organisation.name: outcomes(
            [
                s
                for s in chosen.standings
                if s.contribution.organisation == organisation.id
            ],
            day,
        )
        for organisation in chosen.settings.organisations
        if chosen.selection.organisation in (None, organisation.id)
    }
    found = [*named.values(), outcomes(chosen.standings, day)]
    columns = (
        Column("Au " + french.day(day), 6.0),
        *(Column(name, 4.0) for name in named),
        Column("Ensemble", 4.0),
    )
    # One list per organisation, then one row per figure.
    rows = zip(*map(_figures, found), strict=True)
    return Sheet(
        "Statistiques",
        columns,
        tuple(_clean(row[0][0], *(value for _, value in row)) for row in rows),
    )


def _figures(found: Outcomes) -> list[tuple[str, Cell]]:
    return [
        ("Contributions", found.total),
        *((f"dont {said}", found.by_kind[kind]) for kind, said in KIND_LABELS.items()),
        *(
            (said.capitalize(), found.by_disposition[key])
            for key, said in DISPOSITION_LABELS.items()
        ),
        ("Sans réponse", found.waiting),
        ("Réponse en retard", found.overdue),
        ("Réponse contestée", found.contested),
        ("Reçues après la clôture des dépôts", found.late),
        ("Retirées par l’organisation", found.withdrawn),
        (
            "Délai médian de réponse, en jours",
            "" if found.median_days is None else found.median_days,
        ),
    ]


# --- texts that change from one version to the next ------------------------------------

_TEXTS = (
    Column("Article (n° et titre)", 4.6),
    Column("De la version", 2.0),
    Column("À la version", 2.0),
    Column("Changement", 2.6),
    Column("Texte avant", 9.0),
    Column("Texte après", 9.0),
    Column("Contributions", 4.0),
    Column("Note de l’employeur", 5.6),
)


def _changed_texts(chosen: _Chosen) -> Iterator[tuple[Cell, ...]]:
    for before, after in pairwise(
        chosen.versions[number] for number in sorted(chosen.versions)
    ):
        because = {
            trace.unit: trace for trace in chosen.dialogue.trace_of(after.version)
        }
        for change in compare_versions(before, after):
            unit = change.after or change.before
            assert unit is not None
            trace = because.get(unit.id)
            old, new = _before_and_after(change)
            cited = trace.contributions if trace else ()
            if not chosen.is_whole and chosen.ids.isdisjoint(cited):
                continue
            yield _clean(
                unit.name,
                before.version,
                after.version,
                CHANGE_LABELS[change.kind],
                old,
                new,
                ", ".join(cited),
                (trace.employer_note or "") if trace else "",
            )


def _before_and_after(change: UnitChange) -> tuple[str, ...]:
    before = change.before.text if change.before else ""
    if change.after is None:
        return whole(before), ""
    return differing(before, change.after.text)


# --- what lets a reader check ----------------------------------------------------------

_PROOFS = (Column("Élément", 7.0), Column("Valeur", 20.0))

_RULES = (
    (
        "Formules",
        "Aucune cellule n’est une formule : un texte qui commence par « = » reste un "
        "texte.",
    ),
    (
        "Fichiers CSV",
        "UTF-8 avec marque d’ordre, séparateur point-virgule, lignes terminées par CR LF. "
        "Un texte qui commence par = + - @, une tabulation ou un retour est précédé d’une "
        "apostrophe : retirez-la pour retrouver le texte exact.",
    ),
    (
        "Textes longs",
        "Un texte comparé à un autre est donné sans les alinéas qu’ils ont en commun ; "
        "leur nombre est entre crochets. Un texte supprimé, ou dont la suppression est "
        "demandée, est donné entier. Les autres sont entiers dans leur version figée, "
        "et dans le registre.",
    ),
    (
        "Signes invisibles",
        "Les signes de commande et ceux qui changent le sens de lecture ne sont pas "
        "gardés par le registre.",
    ),
    (
        "Ce qui fait foi",
        "Le registre. « charter consultation verify » le vérifie entier ; chaque récépissé "
        "s’y retrouve.",
    ),
)


def _proofs(chosen: _Chosen) -> Iterator[tuple[Cell, ...]]:
    dialogue = chosen.dialogue
    settings = chosen.settings
    counted: Iterable[tuple[str, str | int]] = (
        ("Concertation", f"{settings.title} ({settings.id})"),
        ("Arrêtée au", french.day(day_of(dialogue.last_at))),
        ("Entrées du registre", dialogue.head.size),
        ("Empreinte de la dernière entrée", dialogue.head.digest),
        ("Ce qui est exporté", _said(chosen)),
        ("Contributions exportées", len(chosen.standings)),
        ("Contributions au registre", len(dialogue.standings)),
        ("Décisions au registre", len(dialogue.decisions)),
        ("Textes expurgés", len(dialogue.redactions)),
        *(
            (f"Empreinte de la version {number}", version.digest)
            for number, version in sorted(chosen.versions.items())
        ),
        *_RULES,
    )
    for label, value in counted:
        # As texts: a column of words and numbers is read from the left.
        yield _clean(label, str(value))


def _said(chosen: _Chosen) -> str:
    session, organisation = chosen.selection.session, chosen.selection.organisation
    said = [
        *([f"séance du {french.day(session)}"] if session else []),
        *([chosen.organisation_name(organisation)] if organisation else []),
    ]
    return ", ".join(said) or "tout le registre"
