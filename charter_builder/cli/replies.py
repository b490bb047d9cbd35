"""`charter consultation reply`: replies in preparation, private until decided."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from charter_builder import french
from charter_builder.awaiting import awaits_reply, refuse_reply
from charter_builder.cli import report
from charter_builder.cli.common import has_terminal, in_workspace, typed_day, workspace
from charter_builder.cli.contribution_report import (
    contribution_text,
    draft_lines,
)
from charter_builder.cli.desk import (
    acting_role,
    ask_day,
    ask_line,
    ask_text,
    choose,
    paragraphs,
    pause,
    read_text_file,
    registrar_of,
    stoppable,
    store_of,
    sure,
    told,
)
from charter_builder.cli.prompts import GoBack, confirm, say
from charter_builder.consultation import day_of, moment
from charter_builder.decisions import is_stale
from charter_builder.dialogue import Dialogue, Standing, contribution_number, unit_of
from charter_builder.errors import ConflictError, InputError
from charter_builder.register import DISPOSITION_LABELS, Disposition
from charter_builder.replies import (
    Draft,
    DraftRefused,
    FieldFault,
    Project,
    SavedDraft,
    checked,
    dispositions_of,
    fields_of,
    proposed_text,
)
from charter_builder.storage.draft_store import (
    begun,
    discard_draft,
    draft_of,
    drafts,
    forget_begun,
    keep_begun,
    save_draft,
)
from charter_builder.storage.files import write_atomic
from charter_builder.storage.private_store import PrivateStore
from charter_builder.storage.register_files import now
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion

MEANINGS: dict[Disposition, str] = {
    "retained": "elle est suivie",
    "partly-retained": "une partie est suivie, le reste non, et vous dites pourquoi",
    "rejected": "elle n’est pas suivie, et vous dites pourquoi",
    "to-negotiate": "une instance en décide plus tard ; ce n’est pas une réponse finale",
    "explained": "vous répondez à la question",
    "moot": "une autre contribution, suivie, la satisfait déjà",
    "out-of-scope": "une autre instance est saisie, à une date dite",
}

STOPPED = (
    "Arrêté. Les projets de réponse enregistrés le restent ; une réponse commencée est "
    "gardée, et « charter consultation reply » la reprend."
)
OPTIONS = {
    "reason": "--reason ou --reason-file",
    "adopted_text": "--adopted-file",
    "action": "--action",
    "lead": "--lead",
    "due": "--due",
    "body": "--body",
    "satisfied_by": "--satisfied-by",
}


@click.command()
@in_workspace
@click.argument("identifier", metavar="[NUMÉRO]", required=False)
@click.option("--as", "role", metavar="FONCTION", help="La fonction qui prépare.")
@click.option(
    "--disposition",
    type=click.Choice(list(DISPOSITION_LABELS)),
    help="La suite donnée.",
)
@click.option("--reason", metavar="TEXTE", help="Le motif, ou l’explication.")
@click.option(
    "--reason-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="Le motif, dans un fichier de texte.",
)
@click.option(
    "--adopted-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="La rédaction adoptée pour l’article entier, dans un fichier de texte.",
)
@click.option("--action", metavar="TEXTE", help="Ce qui sera fait.")
@click.option("--lead", metavar="TEXTE", help="La fonction qui s’en charge.")
@click.option("--due", metavar="JOUR", help="Pour quel jour : 2027-03-18.")
@click.option("--body", metavar="TEXTE", help="L’instance qui négocie, ou est saisie.")
@click.option(
    "--satisfied-by",
    metavar="NUMÉRO",
    help="La contribution qui rend celle-ci sans objet.",
)
@click.option("--discard", is_flag=True, help="Oublie le projet de réponse.")
def reply(
    folder: Path | None,
    identifier: str | None,
    role: str | None,
    discard: bool,
    reason_file: Path | None,
    adopted_file: Path | None,
    **given: str | None,
) -> None:
    """Prépare la réponse à une contribution.

    Le projet de réponse reste privé jusqu’à ce qu’une autre fonction le valide (charter
    consultation decide). Dans un terminal, sans --disposition, la commande montre la
    contribution et pose les questions ; sans numéro, elle prend l’une après l’autre
    celles qui attendent une réponse.
    """
    desk = Desk(workspace(folder))
    if discard:
        _discard(desk, identifier)
        return
    files = {"reason": reason_file, "adopted_text": adopted_file}
    fields = _given_fields(given, files)
    if "disposition" not in fields and (fields or not has_terminal()):
        raise InputError(
            "dites la suite donnée : --disposition "
            f"{french.enumeration(list(DISPOSITION_LABELS), 'ou')}. Dans un terminal, "
            "sans aucune option, les questions sont posées."
        )
    with stoppable(STOPPED):
        acting = acting_role(role, desk.dialogue, "En tant que quelle fonction ?")
        if fields:
            _save(desk, _draft(identifier, fields), acting)
        else:
            _converse(desk, identifier, acting)


@dataclass(frozen=True)
class Desk:
    """A workspace, with what the register and the private store now say."""

    place: Workspace

    @cached_property
    def registrar(self) -> Registrar:
        return registrar_of(self.place)

    @cached_property
    def dialogue(self) -> Dialogue:
        """What the register says at the start: what the person has read."""
        return self.registrar.journal.refresh()

    @property
    def versions(self) -> Mapping[int, FrozenVersion]:
        return self.registrar.versions

    @cached_property
    def store(self) -> PrivateStore:
        return store_of(self.place)

    @cached_property
    def at(self) -> str:
        return moment(now())

    def checked(self, draft: Draft) -> Draft:
        project = Project(self.versions, self.place.library.may_go)
        return checked(draft, self.dialogue, day_of(self.at), project)


def _given_fields(
    given: Mapping[str, str | None], files: Mapping[str, Path | None]
) -> dict[str, str]:
    """Return the fields given with options. Raises `InputError`."""
    fields = {name: value for name, value in given.items() if value is not None}
    for name, path in files.items():
        if path is None:
            continue
        if name in fields:
            raise InputError(f"{OPTIONS[name]} : donnez l’un ou l’autre.")
        fields[name] = read_text_file(path)
    if "due" in fields:
        fields["due"] = typed_day("--due", fields["due"])
    return fields


def _draft(identifier: str | None, fields: Mapping[str, str]) -> Draft:
    if identifier is None:
        raise InputError("donnez le numéro de la contribution : C-0042.")
    if "satisfied_by" in fields:
        fields = {
            **fields,
            "satisfied_by": contribution_number(fields["satisfied_by"]),
        }
    return Draft.model_validate(
        {"contribution": contribution_number(identifier), **fields}
    )


def _save(desk: Desk, draft: Draft, role: str) -> None:
    """Check a draft given with options and keep it."""
    before = draft_of(desk.store, draft.contribution)
    try:
        ready = desk.checked(draft)
    except DraftRefused as refused:
        # The options are all there is to mend.
        lines = [
            f"{draft.contribution} : {fault.message}"
            + (f" ({OPTIONS[fault.field]})" if fault.field in OPTIONS else "")
            for fault in refused.faults
        ]
        raise InputError("\n".join(lines)) from None
    _keep(desk, ready, role, before)


def _keep(desk: Desk, draft: Draft, role: str, before: SavedDraft | None) -> None:
    seen = desk.dialogue.standing(draft.contribution).changed_seq
    save_draft(desk.store, draft, role, seen, desk.at, before.revision if before else 0)
    forget_begun(desk.store, draft.contribution)
    title = desk.dialogue.opened.role(role)
    label = DISPOSITION_LABELS[draft.disposition]
    say(
        f"{draft.contribution} : projet de réponse « {label} » enregistré, privé. Une "
        f"autre fonction que « {title.title if title else role} » le valide : « charter "
        "consultation decide »."
    )
    if before is not None and before.role != role:
        other = desk.dialogue.opened.role(before.role)
        say(f"Il remplace celui de « {other.title if other else before.role} ».")


def _keep_or_ask(
    desk: Desk, draft: Draft, role: str, before: SavedDraft | None
) -> None:
    """Keep a draft; show first the one that somebody else saved meanwhile."""
    try:
        _keep(desk, draft, role, before)
    except ConflictError as conflict:
        other = draft_of(desk.store, draft.contribution)
        say(f"{conflict}")
        if other is not None:
            told(draft_lines(other.draft))
        if sure("Le remplacer par le vôtre ?"):
            _keep(desk, draft, role, other)
        else:
            say("Le vôtre n’est pas enregistré.")


def _discard(desk: Desk, identifier: str | None) -> None:
    if identifier is None:
        raise InputError("donnez le numéro de la contribution : C-0042.")
    number = desk.dialogue.standing(contribution_number(identifier)).id
    was_begun = forget_begun(desk.store, number)
    if discard_draft(desk.store, number) or was_begun:
        say(f"{number} : projet de réponse oublié.")
    else:
        say(f"{number} : aucun projet de réponse.")


# --- in a terminal -------------------------------------------------------------------


def _converse(desk: Desk, identifier: str | None, role: str) -> None:
    """Ask for one reply, or for all those that are awaited, one after the other."""
    if identifier is not None:
        standing = desk.dialogue.standing(contribution_number(identifier))
        refuse_reply(standing, desk.dialogue)
        _ask_reply(desk, standing, role)
        return
    waiting = _waiting(desk)
    if not waiting:
        say("Aucune contribution n’attend de projet de réponse.")
        return
    for rank, standing in enumerate(waiting, 1):
        say()
        say(f"{rank} sur {len(waiting)}")
        _ask_reply(desk, standing, role)
    say()
    say("Toutes les contributions qui attendaient ont leur projet de réponse.")


def _waiting(desk: Desk) -> list[Standing]:
    """Return what awaits a reply and has no draft that still holds."""
    prepared = {
        saved.draft.contribution
        for saved in drafts(desk.store)
        if saved.draft.contribution in desk.dialogue.standings
        and not is_stale(saved, desk.dialogue)
    }
    return [
        standing
        for standing in desk.dialogue.standings.values()
        if awaits_reply(standing, desk.dialogue) and standing.id not in prepared
    ]


def _ask_reply(desk: Desk, standing: Standing, role: str) -> None:
    """Show a contribution, ask for the reply, and keep it once it is whole."""
    known = {s.draft.contribution: s.draft.disposition for s in drafts(desk.store)}
    click.echo(contribution_text(standing, desk.dialogue, desk.versions, known))
    before = draft_of(desk.store, standing.id)
    fields: dict[str, str] = {}
    if before is not None:
        fields = before.draft.model_dump(exclude_none=True)
        del fields["contribution"]
        say()
        say("Projet de réponse enregistré :")
        told(draft_lines(before.draft, standing, desk.versions))
    typed = begun(desk.store, standing.id, role)
    if typed:
        fields = typed
        say()
        say(
            "Vous aviez commencé une réponse : chaque question rappelle ce que vous aviez "
            "écrit."
        )
    say()
    say(
        "« v » montre l’article entier, « < » revient à la question d’avant, « q » "
        "s’arrête."
    )
    while True:
        fields = _ask_fields(desk, standing, fields, role)
        try:
            ready = desk.checked(_draft(standing.id, fields))
        except DraftRefused as refused:
            for fault in refused.faults:
                say(f"Non : {fault.message}", "  ", "! ")
            continue
        say()
        say(f"Votre projet de réponse à {standing.id} :")
        told(draft_lines(ready, standing, desk.versions))
        if confirm("L’enregistrer ?"):
            _keep_or_ask(desk, ready, role, before)
            return
        fields = ready.model_dump(exclude_none=True)
        del fields["contribution"]


def _ask_fields(
    desk: Desk, standing: Standing, before: Mapping[str, str], role: str
) -> dict[str, str]:
    """Ask the disposition, then each field it takes; `<` goes back one question.

    Each answer is kept at once: an interruption loses nothing.
    """
    answers: dict[str, str] = {}
    rank = 0

    def keep(name: str, value: str) -> None:
        typed = {**before, **answers, name: value}
        keep_begun(desk.store, standing.id, role, typed)

    while True:
        names = list(_asked(standing, answers.get("disposition")))
        if rank == len(names):
            kept = ("disposition", *names)
            return {name: value for name, value in answers.items() if name in kept}
        name = names[rank]
        try:
            known = answers.get(name, before.get(name))
            value = _ask(desk, standing, name, answers, known, keep)
        except GoBack:
            if rank == 0:
                raise
            rank -= 1
            continue
        answers.pop(name, None)
        if value is not None:
            answers[name] = value
            keep(name, value)
        faults = _faults_so_far(desk, standing, answers, name)
        for fault in faults:
            say(f"Non : {fault.message}", "  ", "! ")
            answers.pop(name, None)
        rank += not faults


def _faults_so_far(
    desk: Desk, standing: Standing, answers: Mapping[str, str], name: str
) -> list[FieldFault]:
    """Return what is wrong in the answer just given: the others are still to come."""
    if name == "disposition":
        return []
    try:
        desk.checked(_draft(standing.id, answers))
    except DraftRefused as refused:
        # A wording may be that of another disposition.
        about = {name, "disposition"} if name == "adopted_text" else {name}
        return [fault for fault in refused.faults if fault.field in about]
    return []


def _asked(standing: Standing, disposition: str | None) -> Iterator[str]:
    yield "disposition"
    for known in DISPOSITION_LABELS:
        if known == disposition:
            fields = fields_of(standing.kind, known)
            yield from fields.required
            if "reason" in fields.optional:
                yield "reason"


QUESTIONS = {
    "reason": "Quel est le motif ?",
    "action": "Que sera-t-il fait ?",
    "lead": "Quelle fonction s’en charge ?",
    "due": "Pour quel jour ?",
    "body": "Quelle instance ?",
    "satisfied_by": "Quelle contribution, suivie, la satisfait ? Donnez son numéro.",
}
QUESTIONS_FOR = {
    ("partly-retained", "reason"): "Qu’est-ce qui n’est pas retenu, et pourquoi ?",
    ("explained", "reason"): "Quelle est l’explication ?",
    ("to-negotiate", "body"): "Quelle instance négocie ?",
    ("to-negotiate", "lead"): "Quelle fonction conduit la négociation ?",
    ("to-negotiate", "due"): "Pour quel jour la négociation doit-elle aboutir ?",
    ("out-of-scope", "body"): "Quelle instance est saisie ?",
    ("out-of-scope", "due"): "Pour quel jour est-elle saisie ?",
}


def _ask(
    desk: Desk,
    standing: Standing,
    name: str,
    answers: Mapping[str, str],
    kept: str | None,
    keep: Callable[[str, str], None],
) -> str | None:
    """Ask one field; return nothing when it is passed over."""
    disposition = answers.get("disposition", "")
    question = QUESTIONS_FOR.get((disposition, name), QUESTIONS.get(name, ""))
    say()
    if name == "disposition":
        choices: dict[str, str] = {
            found: f"{DISPOSITION_LABELS[found]} : {MEANINGS[found]}"
            for found in dispositions_of(standing.kind)
        }
        question = "Quelle suite lui donnez-vous ?"
        return choose(question, choices, kept, {"v": lambda: _article(desk, standing)})
    if name == "reason":
        disposition_fields = fields_of(standing.kind, _disposition(disposition))
        optional = "reason" not in disposition_fields.required
        if optional and not kept:
            question = "Un motif à ajouter ? Il est facultatif."
        return ask_text(question, kept, optional, lambda text: keep(name, text)) or None
    if name == "adopted_text":
        return _ask_wording(desk, standing, disposition, kept)
    if name == "due":
        return ask_day(question, kept)
    if name == "satisfied_by":
        return _until_number(question, kept)
    return ask_line(question, kept)


def _article(desk: Desk, standing: Standing) -> str:
    """Return the whole text that a contribution is about."""
    unit = unit_of(standing, desk.versions)
    if unit is None:
        return "Cette version n’est plus dans versions/."
    lines = [unit.name, *unit.text.split("\n")]
    return "\n".join(report.wrapped(line, "  ") for line in lines)


def _disposition(named: str) -> Disposition:
    return next(known for known in DISPOSITION_LABELS if known == named)


def _until_number(question: str, kept: str | None) -> str:
    while True:
        try:
            return contribution_number(ask_line(question, kept))
        except InputError as error:
            say(f"Non : {error}", "  ", "! ")


def _ask_wording(
    desk: Desk, standing: Standing, disposition: str, kept: str | None
) -> str | None:
    """Ask the wording adopted: as proposed, from a file to correct, or typed."""
    proposed = proposed_text(standing)
    ways: dict[str, str] = {}
    if kept is not None:
        ways["kept"] = "la même qu’avant"
    if disposition == "retained" and proposed is not None:
        ways["proposed"] = "celle qui est proposée, sans y toucher"
    ways |= {
        "file": "celle que je corrige dans un fichier déjà rempli",
        "typed": "celle que je tape ici",
    }
    chosen = choose("Quelle rédaction est adoptée, pour l’article entier ?", ways)
    wordings: dict[str, Callable[[], str | None]] = {
        "kept": lambda: kept,
        "proposed": lambda: proposed,
        "file": lambda: _corrected(desk, standing),
        "typed": lambda: paragraphs(
            ask_text("Écrivez-la, un paragraphe par ligne ; « - » commence un élément.")
        ),
    }
    return wordings[chosen]()


def _corrected(desk: Desk, standing: Standing) -> str:
    """Return the wording corrected in a file that holds the proposal to begin with."""
    path = desk.place.private / f"redaction-{standing.id}.txt"
    unit = unit_of(standing, desk.versions)
    if not path.exists():
        start = proposed_text(standing) or (unit.text if unit else "")
        write_atomic(path, start + "\n")
        path.chmod(0o600)
    pause(
        f"{path} : ouvrez ce fichier, corrigez-le, enregistrez-le, puis tapez Entrée ici."
    )
    return read_text_file(path)
