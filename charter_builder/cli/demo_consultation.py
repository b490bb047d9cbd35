"""The consultation of the sample, played again: fixed clock, fixed keys, real functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

from charter_builder.applying import Plan, planned
from charter_builder.assembly import assemble
from charter_builder.cli.draft import draft_files
from charter_builder.consultation import ConsultationSettings
from charter_builder.contributions import Origin, Submission, located
from charter_builder.decisions import Sitting
from charter_builder.errors import InputError
from charter_builder.interview import answer_options, answer_question
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.redaction import place_of_text
from charter_builder.register import Choice, Opened
from charter_builder.replies import (
    Draft,
    Project,
    SavedDraft,
    checked,
)
from charter_builder.requirements import findings
from charter_builder.storage.consultation_files import (
    consultation_text,
    journal,
    settings_path,
    versions_of,
)
from charter_builder.storage.files import write_if_changed
from charter_builder.storage.proceedings import (
    record_contest,
    record_decision,
    record_redaction,
    record_withdrawal,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import write_version
from charter_builder.storage.version_register import (
    TRACE,
    complete_register,
    record_version,
    trace_text,
)
from charter_builder.storage.workspace_files import Workspace
from charter_builder.storage.yaml_files import parse
from charter_builder.tracing import trace
from charter_builder.units import FrozenVersion, Unit, frozen, with_documents

Step = Mapping[str, Any]


@dataclass
class Played:
    """The scene: where it is played, and what its fixed clock and dice give."""

    place: Workspace
    library: Library
    answers: Answers
    at: datetime = datetime(2027, 1, 4, tzinfo=UTC)
    drawn: int = 0
    registrar: Registrar = field(init=False)

    def __post_init__(self) -> None:
        self.registrar = Registrar(
            journal(self.place, lambda: self.at),
            versions_of(self.place),
            self.draw,
        )

    def draw(self) -> str:
        """Return the next key or salt: never in real use, the same each time here."""
        self.drawn += 1
        return sha256(f"valmorane {self.drawn}".encode()).hexdigest()[:32]

    def set_clock(self, at: str) -> None:
        self.at = datetime.fromisoformat(at).replace(tzinfo=UTC)


def play(place: Workspace, library: Library, answers: Answers) -> Answers:
    """Play the consultation of the sample; return the answers it ends with."""
    text = (files("charter_builder.demo") / "concertation.yml").read_text("utf-8")
    script: Step = parse(text)
    settings = TypeAdapter(ConsultationSettings).validate_python(script["settings"])
    write_if_changed(settings_path(place), consultation_text(settings))
    scene = Played(place, library, answers)
    for step in script["steps"]:
        ((what, given),) = step.items()
        if "at" in given:
            scene.set_clock(given["at"])
        if what == "freeze":
            _freeze(scene, given, settings)
        else:
            _STEPS[what](scene, given)
    return scene.answers


def is_played(place: Workspace) -> bool:
    """Return whether a workspace has versions or a consultation already."""
    return place.consultation.exists() or (place.root / "versions").exists()


def _freeze(scene: Played, given: Step, settings: ConsultationSettings) -> None:
    place, register = scene.place, scene.registrar.journal
    charter = assemble(scene.library, scene.answers)
    versions = scene.registrar.versions
    previous = versions[max(versions)] if versions else None
    version = frozen(charter, findings(charter, scene.library), previous, final=False)
    documents = draft_files(charter)
    if previous is not None:
        adopted = {u: a.contributions for u, a in scene.answers.adopted.items()}
        notes = given.get("notes", {})
        found = trace(register.refresh(), versions, version, adopted, notes)
        if found.unexplained:
            names = ", ".join(entry.unit.id for entry in found.unexplained)
            raise InputError(f"l’exemple n’explique pas le changement de {names}.")
        documents[TRACE] = trace_text(found.entries)
    version = with_documents(version, documents)
    write_version(place.root, version, documents)
    if previous is None:
        register.append(lambda _, stamp: Opened(**stamp._asdict(), settings=settings))
        record_version(register, version)
    complete_register(register, place.root)
    scene.registrar.versions = versions_of(place)


# --- what organisations do -----------------------------------------------------------


def _contribute(scene: Played, given: Step) -> None:
    number = given.get("version", 1)
    version = scene.registrar.versions[number]
    unit = _unit(version, given["unit"])
    choice = given.get("choice")
    edits = given.get("edits")
    submission = Submission(
        key=scene.draw(),
        version=number,
        unit=unit.id,
        unit_sha256=unit.sha256,
        kind=given["kind"],
        stance=given.get("stance"),
        passage=given.get("passage"),
        choice=Choice(**choice) if choice else None,
        text=given["text"],
        proposed=edited(unit.text, edits) if edits else None,
        written_on=given["at"][:10],
    )
    origin = Origin(given["organisation"], "file", "known-mail")
    standing = scene.registrar.record(submission, origin).standing
    passage = standing.contribution.passage
    if passage is not None and passage.start is None:
        raise InputError(f"l’exemple cite un passage absent : « {passage.exact} ».")


def _unit(version: FrozenVersion, identifier: str) -> Unit:
    unit = version.unit(identifier)
    if unit is None:
        raise InputError(f"l’exemple cite un article absent : « {identifier} ».")
    return unit


def edited(text: str, edits: Sequence[Mapping[str, str]]) -> str:
    """Return a text with changes told by the words they touch.

    `replace` … `by`, `after` … `add`, or `move` a paragraph `after` another.
    """
    for edit in edits:
        if "move" in edit:
            start, end = _place(text, edit["move"])
            moved = text[start:end]
            text = f"{text[:start].rstrip()}\n\n{text[end:].lstrip()}".strip()
            _, after = _place(text, edit["after"])
            text = f"{text[:after]}\n\n{moved}{text[after:]}"
        elif "replace" in edit:
            start, end = _place(text, edit["replace"])
            text = text[:start] + edit["by"] + text[end:]
        else:
            _, end = _place(text, edit["after"])
            text = f"{text[:end]} {edit['add']}{text[end:]}"
    return text


def _place(text: str, words: str) -> tuple[int, int]:
    passage = located(words, text)
    if passage is None or passage.start is None or passage.end is None:
        raise InputError(f"l’exemple change des mots absents : « {words} ».")
    return passage.start, passage.end


def _withdraw(scene: Played, given: Step) -> None:
    record_withdrawal(scene.registrar, given["contribution"], given["organisation"])


def _contest(scene: Played, given: Step) -> None:
    record_contest(
        scene.registrar,
        given["contribution"],
        given["organisation"],
        given["reason"],
        scene.draw(),
    )


# --- what the employer's side does ---------------------------------------------------


def _decide(scene: Played, given: Step) -> None:
    drafts = [
        SavedDraft(draft, given["drafted_by"], _seen(scene, draft), 1, given["at"])
        for draft in _drafts(scene, given)
    ]
    sitting = Sitting(
        given["body"], given["date"], tuple(given["present"]), given.get("minutes")
    )
    record_decision(
        scene.registrar, drafts, given["validated_by"], sitting, scene.library.may_go
    )


def _seen(scene: Played, draft: Draft) -> int:
    dialogue = scene.registrar.journal.dialogue
    return dialogue.standing(draft.contribution).changed_seq


def _drafts(scene: Played, given: Step) -> Iterator[Draft]:
    dialogue = scene.registrar.journal.refresh()
    for reply in given["replies"]:
        fields = dict(reply)
        standing = dialogue.standing(fields["contribution"])
        target = standing.contribution.target
        unit = _unit(scene.registrar.versions[target.version], target.unit)
        if fields.pop("adopt", None) == "proposed":
            fields["adopted_text"] = standing.contribution.proposed
        elif "edits" in fields:
            fields["adopted_text"] = edited(unit.text, fields.pop("edits"))
        project = Project(scene.registrar.versions, scene.library.may_go)
        yield checked(Draft(**fields), dialogue, given["date"], project)


def _redact(scene: Played, given: Step) -> None:
    place = place_of_text(
        given["contribution"], given["field"], scene.registrar.journal.refresh()
    )
    record_redaction(
        scene.registrar, place, given["remove"], given["ground"], given["roles"]
    )


def _apply(scene: Played, given: Step) -> None:
    dialogue = scene.registrar.journal.refresh()
    found = [dialogue.standing(name) for name in given["contributions"]]
    for unit in dict.fromkeys(standing.unit for standing in found):
        on_unit = [standing for standing in found if standing.unit == unit]
        plan = planned(
            scene.library,
            scene.answers,
            unit,
            on_unit,
            dialogue,
            scene.registrar.versions,
            None,
        )
        if not isinstance(plan, Plan) or plan.adopted is None:
            raise InputError(f"l’exemple ne peut pas appliquer {unit}.")
        scene.answers = scene.answers.with_adopted(unit, plan.adopted)


def _settle(scene: Played, given: Step) -> None:
    for key, candidate in given.items():
        answer = answer_options if key in scene.library.themes else answer_question
        scene.answers = answer(scene.library, scene.answers, key, candidate)


_STEPS: Mapping[str, Callable[[Played, Step], None]] = {
    "contribute": _contribute,
    "withdraw": _withdraw,
    "contest": _contest,
    "decide": _decide,
    "redact": _redact,
    "apply": _apply,
    "settle": _settle,
}
