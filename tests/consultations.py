"""A consultation in progress in a workspace: every kind, every disposition, hostile words."""

from pathlib import Path

from dialogues import SETTINGS, Clock, counting, redacted, submitted
from sites import small_workspace

from charter_builder.assembly import assemble
from charter_builder.chain import sealed
from charter_builder.cli.consultation import open_register
from charter_builder.consultation import ConsultationSettings
from charter_builder.interview import leave_open
from charter_builder.questionnaire import Answers
from charter_builder.register import (
    ActionDone,
    Body,
    BordereauSent,
    Contest,
    Contested,
    Decided,
    Decision,
    Disposition,
    Reclassified,
    Reply,
    UnitTrace,
    VersionApplied,
    VersionFrozen,
    Withdrawn,
    clean_text,
)
from charter_builder.storage.consultation_files import (
    consultation_text,
    journal,
    settings_path,
    versions_of,
)
from charter_builder.storage.files import write_atomic
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import load_versions, write_version
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion, as_version
from charter_builder.workspace import SiteSettings

HOSTILE = (
    '=HYPERLINK("https://mechant.example";"ici") <script>alert(1)</script> 🙂 '
    "[x](javascript:alert(2)) {{ 7*7 }} \N{RIGHT-TO-LEFT OVERRIDE}eicifilam"
)
SEEN = clean_text(HOSTILE)
"""The same as the register keeps it: without the sign that turns words round."""
SESSION = "2027-01-18"


def frozen(place: Workspace, answers: Answers) -> FrozenVersion:
    """Freeze the draft that some answers give."""
    versions = load_versions(place.root)
    version = as_version(
        assemble(place.library, answers), versions[-1] if versions else None
    )
    write_version(place.root, version, {})
    return version


def open_consultation(
    place: Workspace,
    version: FrozenVersion,
    settings: ConsultationSettings = SETTINGS,
    clock: Clock | None = None,
) -> Registrar:
    """Open a consultation in a workspace; return who records in it."""
    write_atomic(settings_path(place), consultation_text(settings))
    register = journal(place, clock or Clock())
    open_register(register, settings, version)
    return Registrar(register, versions_of(place), counting())


def decided(
    registrar: Registrar,
    *replies: tuple[str, Disposition, dict[str, object]],
    session: str = SESSION,
) -> None:
    """Record a decision; each reply is a contribution, a disposition, other fields."""
    made = tuple(
        Reply.model_validate(
            {
                "contribution": identifier,
                "disposition": disposition,
                **sealed("reason", f"Motif de {identifier}.", registrar.random()),
                **_with_adopted(dict(fields), registrar),
            }
        )
        for identifier, disposition, fields in replies
    )
    body = Body(name="Groupe de travail", date=session, roles=("DRH", "DGS"))
    registrar.journal.append(
        lambda dialogue, stamp: Decided(
            **stamp._asdict(),
            decision=Decision(
                id=dialogue.next_decision,
                body=body,
                drafted_by="redaction",
                validated_by="direction",
                replies=made,
            ),
        )
    )


def _with_adopted(fields: dict[str, object], registrar: Registrar) -> dict[str, object]:
    adopted = fields.pop("adopted", None)
    if isinstance(adopted, str):
        fields |= sealed("adopted_text", adopted, registrar.random())
    return fields


def in_progress(
    place: Workspace, first: Answers, second: Answers, unit: str, point: str = ""
) -> Registrar:
    """Record a consultation with every kind and disposition, on two versions.

    `unit` is an article that the second answers change; `point` one left open in it.
    """
    version = frozen(place, first)
    read = version.unit(unit)
    assert read is not None
    other = next(u.id for u in version.units if u.kind == "article" and u.id != unit)
    clock = Clock()
    registrar = open_consultation(place, version, clock=clock)
    text = read.text
    longer = f"{text}\n\nUn bilan est présenté chaque année."
    submitted(registrar, unit=unit, text="Pour <b>tous</b>.", stance="against")  # 1
    submitted(registrar, unit=unit, kind="question", text=HOSTILE, passage=HOSTILE)  # 2
    submitted(registrar, unit=unit, kind="amendment", proposed=longer)  # 3
    submitted(
        registrar,
        organisation="cgt",
        unit=unit,
        kind="amendment",
        proposed=f"{HOSTILE}\n\n{text}",
        stance="reserved",
    )  # 4
    submitted(
        registrar, organisation="cgt", unit=unit, kind="amendment", operation="delete"
    )  # 5
    submitted(
        registrar,
        organisation="cgt",
        unit=other,
        kind="amendment",
        operation="insert-after",
        proposed="Un nouvel article.",
        stance="for",
    )  # 6
    submitted(registrar, unit=other, text="Qui paie ? " * 1_600)  # 7
    submitted(registrar, unit=other, text="Un nom : Jeanne Ledoux.")  # 8
    submitted(registrar, unit=other, text="Retirée ensuite.")  # 9
    submitted(registrar, organisation="fo", unit=other, text="Une visite.")  # 10
    submitted(registrar, unit="deliberation", kind="question", text="Et l’acte ?")  # 11
    submitted(
        registrar, organisation="cgt", unit=other, text="Sans réponse encore."
    )  # 12
    if point:
        submitted(
            registrar,
            organisation="cgt",
            unit=unit,
            kind="choice",
            choice={"point": point, "letter": "B"},
            text="",
        )  # 13
    clock.set("2027-01-18T14:00:00")
    decided(
        registrar,
        ("C-0001", "rejected", {}),
        ("C-0002", "explained", {}),
        ("C-0003", "retained", {"adopted": longer}),
        ("C-0004", "partly-retained", {"adopted": longer}),
        ("C-0005", "moot", {"satisfied_by": "C-0003"}),
        ("C-0006", "out-of-scope", {"body": "Conseil", "due": "2027-02-15"}),
        (
            "C-0007",
            "to-negotiate",
            {"body": "Groupe", "lead": "DRH", "due": "2027-02-01"},
        ),
        ("C-0010", "retained", {"action": "Une visite sera organisée."}),
    )
    append = registrar.journal.append
    append(
        lambda _, stamp: Contested(
            **stamp._asdict(),
            contest=Contest(
                contribution="C-0001",
                organisation="cfdt",
                key=registrar.random(),
                **sealed("reason", f"Non. {SEEN}", registrar.random()),
            ),
        )
    )
    append(
        lambda _, stamp: Withdrawn(
            **stamp._asdict(), contribution="C-0009", organisation="cfdt"
        )
    )
    append(
        lambda _, stamp: Reclassified(
            **stamp._asdict(),
            contribution="C-0012",
            unit=unit,
            why="Elle vise cet article.",
        )
    )
    append(
        lambda _, stamp: ActionDone(
            **stamp._asdict(), contribution="C-0010", what="Visite faite."
        )
    )
    erased = registrar.journal.dialogue.standing("C-0008").seq
    redacted(registrar, erased, "contribution.text", "personal-data")
    append(
        lambda _, stamp: BordereauSent(
            **stamp._asdict(), organisation="cgt", digest="a" * 64
        )
    )
    clock.set("2027-01-25T14:00:00")
    decided(registrar, ("C-0001", "explained", {}), session="2027-01-25")
    newer = frozen(place, second)
    append(
        lambda _, stamp: VersionFrozen(
            **stamp._asdict(), version=newer.version, digest=newer.digest
        )
    )
    append(
        lambda _, stamp: VersionApplied(
            **stamp._asdict(),
            version=newer.version,
            changes=(
                UnitTrace(unit=unit, contributions=("C-0003", "C-0004")),
                UnitTrace(unit=other, employer_note=f"Mise en cohérence. {SEEN}"),
            ),
        )
    )
    registrar.versions = versions_of(place)
    return registrar


def small_consultation(
    folder: Path,
    settings: SiteSettings = SiteSettings(),  # noqa: B008  (frozen)
) -> Workspace:
    """Return a workspace of the small library with a consultation in progress."""
    place = small_workspace(folder, settings=settings)
    answers = place.answers()
    in_progress(
        place,
        leave_open(place.library, answers, "debut", ["18:30", "20:00"], "Quand ?"),
        answers.with_value("debut", "20:00").with_value("materiel", (("Poste", "1"),)),
        "horaires",
        "debut",
    )
    return place
