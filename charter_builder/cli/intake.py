"""`consultation import` and `record`: what organisations send, or hand over on paper."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal

import click

from charter_builder import french
from charter_builder.carnet import as_submission, charter_name, foreign
from charter_builder.cli import report
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.desk import (
    ask_line,
    ask_text,
    choose,
    paragraphs,
    pause,
    read_text_file,
    stoppable,
    store_of,
)
from charter_builder.cli.prompts import confirm, say
from charter_builder.consultation import PARIS, Organisation, moment
from charter_builder.contributions import Origin, Refusal, Submission
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.follow_up import known_organisation
from charter_builder.questionnaire import parse_day
from charter_builder.receipts import receipt_text
from charter_builder.register import (
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Authentication,
    Channel,
    Kind,
    Operation,
    Stance,
    clean_text,
)
from charter_builder.storage.consultation_files import (
    journal,
    refuse_other_consultation,
    versions_of,
)
from charter_builder.storage.draft_store import begun, forget_begun, keep_begun
from charter_builder.storage.files import write_atomic
from charter_builder.storage.intake import Piece, Received, keep_original, receive
from charter_builder.storage.registrar import Outcome, Registrar, random_hex
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion, Unit

ORIGINALS = "originals"

# HR gives the organisation, and so vouches for it.
_VOUCHED: dict[Channel, Authentication] = {
    "mail": "known-mail",
    "file": "hand-delivered",
    "paper": "hand-delivered",
}

Fate = Literal["new", "known", "hand", "refused"]


@dataclass(frozen=True)
class Found:
    """One thing found in what was received, and what becomes of it."""

    piece: str
    """The file, and where it was in it."""
    fate: Fate
    submission: Submission | None = None
    origin: Origin | None = None
    why: str = ""
    """The cause of a refusal, or the words of what is to be entered by hand."""


def _registrar(place: Workspace) -> Registrar:
    registrar = Registrar(journal(place), versions_of(place), random_hex)
    dialogue = registrar.journal.refresh()
    _ = dialogue.opened
    refuse_other_consultation(place, dialogue)
    refuse_other_versions(dialogue, registrar.versions)
    return registrar


# --- import --------------------------------------------------------------------------


@click.command("import")
@in_workspace
@click.argument(
    "paths",
    metavar="FICHIER…",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
@click.option(
    "--organisation",
    "identifier",
    metavar="ID",
    help="Qui a remis ces fichiers : vous en répondez.",
)
@click.option(
    "--channel",
    type=click.Choice(["mail", "file"]),
    help="Par où ils sont venus ; sinon mail pour un .eml, file pour le reste.",
)
@click.option(
    "--received",
    metavar="QUAND",
    help="Quand ils sont arrivés : '29/01/2027 22:10', ou « mail » pour la date du "
    "courriel.",
)
@click.option("--yes", is_flag=True, help="Enregistre sans demander.")
@click.pass_context
def import_(
    ctx: click.Context,
    folder: Path | None,
    paths: tuple[Path, ...],
    identifier: str | None,
    channel: Channel | None,
    received: str | None,
    yes: bool,
) -> None:
    """Enregistre les contributions de fichiers et de courriels.

    Lit les carnets (.json), les courriels (.eml), les textes collés (.txt), et les
    archives (.zip) de ceux-ci. Montre ce qui est trouvé, puis demande. Rien n’est
    abandonné : ce qui ne se lit pas est dit, avec ce qu’il faut faire. Code de retour 2
    si quelque chose est refusé.
    """
    place = workspace(folder)
    registrar = _registrar(place)
    organisation = known_organisation(
        identifier or _who_sent(registrar), registrar.journal.dialogue
    )
    when = _moment_of(received, registrar)
    files = [receive(path) for path in paths]
    found = list(_found(registrar, files, organisation, channel, when))
    _tell(found, registrar, organisation)
    for file in files:
        for piece in file.pieces:
            if piece.note:
                click.echo(report.wrapped(f"{piece.name} dit aussi : {piece.note}"))
    if any(one.fate == "new" for one in found):
        click.echo(report.wrapped(_sum(found, "à enregistrer", "à enregistrer")))
        if not yes and not has_terminal():
            raise InputError("rien n’est enregistré. Confirmez avec « --yes ».")
        if not yes and not _agreed():
            say("Rien n’est enregistré.")
            return
        for file in files:
            keep_original(place.private / ORIGINALS, file)
        found = list(_recorded(registrar, found))
    click.echo(report.wrapped(_sum(found, "enregistrée", "enregistrées")))
    if any(one.fate == "refused" for one in found):
        ctx.exit(2)


def _who_sent(registrar: Registrar) -> str:
    """Return who sent the files, asked in a terminal. Raises `InputError`."""
    if not has_terminal():
        raise InputError("dites qui a remis ces fichiers : --organisation ID.")
    known = registrar.journal.dialogue.opened.organisations
    return choose("Qui a remis ces fichiers ?", {one.id: one.name for one in known})


def _agreed() -> bool:
    typed: str = click.prompt(
        "Enregistrer ? oui ou non (Entrée : non)",
        prompt_suffix="\n> ",
        default="non",
        show_default=False,
    )
    return typed.strip().lower() in ("oui", "o")


def _moment_of(received: str | None, registrar: Registrar) -> str | None:
    """Return the moment given, in universal time, or « mail ». Raises `InputError`."""
    if received in (None, "mail"):
        return received
    try:
        day, _, hour = (received or "").strip().rpartition(" ")
        given = datetime.strptime(f"{parse_day(day)} {hour}", "%Y-%m-%d %H:%M")
    except (InputError, ValueError):
        raise InputError(
            f"« {shown(received)} » n’est pas un instant : écrivez-le comme "
            "'29/01/2027 22:10', à l’heure de Paris, ou « mail »."
        ) from None
    at = moment(given.replace(tzinfo=PARIS))
    if at > moment(registrar.journal.clock()):
        raise InputError(
            f"« {received} » est à venir : une contribution ne peut pas être déjà reçue."
        )
    return at


def _found(
    registrar: Registrar,
    files: Sequence[Received],
    organisation: Organisation,
    channel: Channel | None,
    when: str | None,
) -> Iterator[Found]:
    """Yield what each file holds, judged as the register now stands."""
    names = [charter_name(version) for version in registrar.versions.values()]
    settings = registrar.journal.dialogue.opened
    now = moment(registrar.journal.clock())
    seen: dict[str, Submission] = {}
    for file in files:
        is_mail = file.path.suffix.lower() == ".eml"
        by: Channel = channel or ("mail" if is_mail else "file")
        for piece in file.pieces:
            arrived = piece.sent_at if when == "mail" else when
            at = arrived if arrived and arrived <= now else None
            origin = Origin(organisation.id, by, _VOUCHED[by], at)
            if piece.carnet is None:
                yield from _without_carnet(piece)
                continue
            wrong = foreign(piece.carnet, settings, names, organisation.id)
            for item in piece.carnet.items:
                if wrong or item.submission is None:
                    yield Found(
                        piece.name,
                        "refused",
                        why=wrong or f"contribution {item.rank} : {item.fault}",
                    )
                    continue
                yield _judged(registrar, piece, item.submission, origin, seen)


def _without_carnet(piece: Piece) -> Iterator[Found]:
    if piece.fault:
        yield Found(piece.name, "refused", why=piece.fault)
    elif piece.by_hand is not None:
        yield Found(piece.name, "hand", why=piece.by_hand)


def _judged(
    registrar: Registrar,
    piece: Piece,
    submission: Submission,
    origin: Origin,
    seen: dict[str, Submission],
) -> Found:
    found = Found(piece.name, "new", submission, origin)
    before = seen.setdefault(submission.key, submission)
    if before is not submission:
        if before == submission:
            return replace(found, fate="known")
        return replace(
            found,
            fate="refused",
            why="une autre contribution de ces fichiers porte la même clé.",
        )
    try:
        return found if registrar.foresee(submission, origin) else _known(found)
    except Refusal as refusal:
        return replace(found, fate="refused", why=str(refusal))


def _known(found: Found) -> Found:
    return replace(found, fate="known")


def _tell(
    found: Sequence[Found], registrar: Registrar, organisation: Organisation
) -> None:
    """Print what was found, file by file."""
    told = ""
    lines = [(one.piece, _line(one, registrar, organisation)) for one in found]
    for (piece, line), same in groupby(lines):
        if piece != told:
            click.echo(f"{piece} :")
            told = piece
        count = sum(1 for _ in same)
        many = "" if count == 1 else f" ({count} contributions)"
        click.echo(report.wrapped(line + many, "    ", "  "))


def _line(one: Found, registrar: Registrar, organisation: Organisation) -> str:
    said = _summary(one.submission, registrar) if one.submission else ""
    if one.fate == "refused":
        return f"- refusée : {said + ' : ' if said else ''}{one.why}"
    if one.fate == "hand":
        words = f" Il commence par : « {one.why} »." if one.why else ""
        return (
            f"- à rattacher à la main : ce n’est pas un carnet.{words} Lisez-le et "
            "recopiez chaque contribution : « charter consultation record "
            f"--organisation {organisation.id} »."
        )
    if one.fate == "known":
        return f"- déjà connue : {said}"
    return f"- à enregistrer : {said}"


def _summary(given: Submission, registrar: Registrar) -> str:
    version = registrar.versions.get(given.version)
    unit = version.unit(given.unit) if version else None
    name = unit.name if unit else shown(given.unit)
    words = " ".join(clean_text(given.text or given.proposed or "").split())
    start = shown(words, 80)
    return f"{name}, version {given.version}, {KIND_LABELS[given.kind]}" + (
        f" : « {start} »" if start else ""
    )


def _recorded(registrar: Registrar, found: Iterable[Found]) -> Iterator[Found]:
    """Record what is new, and yield what then became of everything."""
    for one in found:
        if one.fate != "new" or one.submission is None or one.origin is None:
            yield one
            continue
        try:
            outcome = registrar.record(one.submission, one.origin)
        except Refusal as refusal:
            click.echo(report.wrapped(f"Refusée : {refusal}"), err=True)
            yield replace(one, fate="refused", why=str(refusal))
            continue
        standing = outcome.standing
        click.echo(
            f"{standing.id}  entrée {standing.seq}, empreinte {standing.digest[:12]}"
            + ("" if outcome.is_new else " (déjà connue)")
        )
        yield one if outcome.is_new else _known(one)


def _sum(found: Sequence[Found], one: str, many: str) -> str:
    """Return « 3 trouvées = 1 enregistrée + 1 déjà connue + … »."""
    counts = Counter(item.fate for item in found)
    total = french.counted(len(found), "trouvée", "trouvées")
    parts = [
        french.counted(counts["new"], one, many),
        french.counted(counts["known"], "déjà connue", "déjà connues"),
        f"{counts['hand']} à rattacher à la main",
        french.counted(counts["refused"], "refusée", "refusées"),
    ]
    return f"{total} = {' + '.join(parts)}."


# --- record --------------------------------------------------------------------------


@click.command()
@in_workspace
@click.option("--organisation", metavar="ID", help="Qui a remis le papier.")
@click.option("--article", metavar="ARTICLE", help="Son numéro ou son identifiant.")
@click.option(
    "--on-version",
    "number",
    type=int,
    metavar="N",
    help="La version lue ; sinon la dernière.",
)
@click.option("--kind", type=click.Choice(list(KIND_LABELS)), help="Sa nature.")
@click.option("--text", metavar="TEXTE", help="L’exposé des motifs, recopié.")
@click.option(
    "--text-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Le même, dans un fichier.",
)
@click.option("--proposed", metavar="TEXTE", help="La rédaction proposée, entière.")
@click.option(
    "--proposed-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="La même, dans un fichier.",
)
@click.option(
    "--operation",
    type=click.Choice(list(OPERATION_LABELS)),
    help="Pour un amendement : remplacer (sans option), supprimer, ajouter après.",
)
@click.option("--passage", metavar="MOTS", help="Le passage visé, recopié.")
@click.option(
    "--choice",
    "chosen",
    metavar="POINT=LETTRE",
    help="Pour un point à débattre ; la lettre suffit s’il n’y en a qu’un.",
)
@click.option("--stance", type=click.Choice(list(STANCE_LABELS)), help="L’avis donné.")
@click.option(
    "--received", metavar="QUAND", help="Quand il a été remis : '29/01/2027 17:00'."
)
@click.option(
    "-o",
    "target",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Écrit le récépissé dans un fichier.",
)
def record(
    folder: Path | None,
    organisation: str | None,
    article: str | None,
    number: int | None,
    kind: Kind | None,
    text: str | None,
    text_file: Path | None,
    proposed: str | None,
    proposed_file: Path | None,
    operation: Operation | None,
    passage: str | None,
    chosen: str | None,
    stance: Stance | None,
    received: str | None,
    target: Path | None,
) -> None:
    """Saisit une contribution reçue sur papier, ou dans un texte, et donne son récépissé.

    Dans un terminal, ce qui manque est demandé. Le récépissé se remet à l’organisation.
    """
    place = workspace(folder)
    registrar = _registrar(place)
    if received == "mail":
        raise InputError("« mail » vaut pour un courriel : donnez le jour et l’heure.")
    when = _moment_of(received, registrar)
    version = _version(registrar, number)
    paper = Paper(place, registrar, version)
    with stoppable(STOPPED):
        author = known_organisation(
            organisation or paper.organisation(), registrar.journal.dialogue
        )
        unit = _unit(version, article or paper.article())
        of_kind: Kind = kind or paper.kind(unit)
        if text_file:
            text = read_text_file(text_file)
        if proposed_file:
            proposed = read_text_file(proposed_file)
        if of_kind == "amendment" and operation is None and proposed is None:
            operation = paper.operation()
        if of_kind == "amendment" and operation != "delete" and proposed is None:
            proposed = paper.proposed(unit, operation)
        if of_kind == "choice" and chosen is None:
            chosen = paper.choice(unit)
        if text is None:
            text = paper.text()
        submission = as_submission(
            {
                "key": registrar.random(),
                "version": version.version,
                "unit": unit.id,
                "unit_sha256": unit.sha256,
                "kind": of_kind,
                "operation": operation,
                "passage": passage,
                "choice": _choice(chosen, unit) if of_kind == "choice" else None,
                "stance": stance,
                "text": text,
                "proposed": proposed,
            }
        )
        if paper.asked and not _sure_of(author, submission, registrar):
            say("Rien n’est enregistré.")
            return
        origin = Origin(author.id, "paper", *_paper(when))
        outcome = registrar.record(submission, origin, typed=True)
        paper.forget()
        _give_receipt(outcome, registrar, target)


def _sure_of(author: Organisation, given: Submission, registrar: Registrar) -> bool:
    """Return whether what was typed may be recorded: nothing can change it then."""
    say()
    say(f"{author.name}, {_summary(given, registrar)}")
    return confirm("L’enregistrer ? Une contribution ne se corrige plus ensuite.")


def _give_receipt(outcome: Outcome, registrar: Registrar, target: Path | None) -> None:
    """Print or write the receipt of what was just recorded."""
    if not outcome.is_new:
        click.echo(
            f"{outcome.standing.id} : déjà enregistrée dans les mêmes mots.", err=True
        )
    said = receipt_text(
        outcome.standing, registrar.journal.dialogue, registrar.versions
    )
    if target is None:
        click.echo(said, nl=False)
        return
    write_atomic(target, said)
    click.echo(f"{target} : récépissé de {outcome.standing.id}, à remettre.")


def _paper(when: str | None) -> tuple[Authentication, str | None]:
    return _VOUCHED["paper"], when


def _version(registrar: Registrar, number: int | None) -> FrozenVersion:
    known = [entry.version for entry in registrar.journal.dialogue.versions]
    found = registrar.versions.get(number or max(known, default=0))
    if found is None:
        raise InputError(
            f"la version {number} n’existe pas (versions figées : "
            f"{french.enumeration([str(n) for n in registrar.versions])})."
        )
    return found


def _unit(version: FrozenVersion, given: str) -> Unit:
    """Return the unit of a number or an identifier. Raises `InputError`."""
    typed = given.strip().lower()
    for unit in version.units:
        if typed in (unit.id, str(unit.number)):
            return unit
    names = [unit.id for unit in version.units]
    raise InputError(
        f"« {shown(given)} » n’est ni le numéro ni l’identifiant d’un article de la "
        f"version {version.version}.{did_you_mean(given, names)}"
    )


def _choice(given: str | None, unit: Unit) -> dict[str, str] | None:
    if not given:
        return None
    point, separator, letter = given.rpartition("=")
    if not separator and len(unit.points) == 1:
        point = unit.points[0].id
    letter = letter.strip().upper()
    if not point or len(letter) != 1 or not "A" <= letter <= "Z":
        points = ", ".join(f"{point.id}=A" for point in unit.points)
        raise InputError(
            f"« {shown(given)} » : donnez le point et la lettre"
            + (f" ({points})." if points else f" ; {unit.name} n’a aucun point ouvert.")
        )
    return {"point": point.strip(), "letter": letter}


# --- what is asked in a terminal -----------------------------------------------------

STOPPED = (
    "Arrêté : rien n’est enregistré. Ce que vous avez tapé est gardé, et « charter "
    "consultation record » le rappelle."
)
_KEPT = "papier"


@dataclass
class Paper:
    """The questions about one paper; what is typed is kept until it is recorded."""

    place: Workspace
    registrar: Registrar
    version: FrozenVersion
    asked: bool = False
    """Whether a person was asked something: they then confirm."""

    @cached_property
    def before(self) -> dict[str, str]:
        """What was typed of a paper that was not recorded."""
        found = begun(store_of(self.place), _KEPT, _KEPT)
        if found:
            say("Une saisie interrompue est rappelée : Entrée en garde chaque réponse.")
        return found

    def organisation(self) -> str:
        kept = self._before("--organisation", "organisation")
        known = self.registrar.journal.dialogue.opened.organisations
        names = {one.id: one.name for one in known}
        return self._kept("organisation", choose("Quelle organisation ?", names, kept))

    def article(self) -> str:
        kept = self._before("--article", "article")
        question = (
            f"Quel article de la version {self.version.version} ? Son numéro, ou son "
            "identifiant ; « ? » en donne la liste."
        )
        while True:
            typed = ask_line(question, kept)
            if typed == "?":
                for unit in self.version.units:
                    say(f"{unit.id} : {unit.name}", "      ", "  ")
                continue
            try:
                return self._kept("article", _unit(self.version, typed).id)
            except InputError as error:
                say(f"Non : {error}", "  ", "! ")

    def kind(self, unit: Unit) -> Kind:
        kept = self._before("--kind", "kind")
        labels: dict[str, str] = {
            known: label
            for known, label in KIND_LABELS.items()
            if known != "choice" or unit.points
        }
        typed = self._kept("kind", choose("De quoi s’agit-il ?", labels, kept))
        return next(known for known in KIND_LABELS if known == typed)

    def operation(self) -> Operation | None:
        """Return what an amendment asks; without a terminal, a new wording."""
        if not has_terminal():
            return None
        kept = self._before("--operation", "operation")
        labels: dict[str, str] = dict(OPERATION_LABELS.items())
        typed = choose("Que demande l’amendement ?", labels, kept)
        self._kept("operation", typed)
        return next(known for known in OPERATION_LABELS if known == typed)

    def proposed(self, unit: Unit, operation: Operation | None) -> str:
        """Ask the wording proposed: the article to correct in a file, or typed."""
        kept = self._before("--proposed", "proposed")
        ways = {
            "file": "je corrige le texte de l’article dans un fichier déjà rempli",
            "typed": "je la tape ici",
        }
        if operation != "insert-after":
            way = choose("Quelle est la rédaction proposée, entière ?", ways)
            if way == "file":
                return self._corrected(unit)
        typed = ask_text(
            "Écrivez-la, un paragraphe par ligne ; « - » commence un élément.",
            kept,
            keep=lambda text: self._keep("proposed", text),
        )
        return paragraphs(typed)

    def _corrected(self, unit: Unit) -> str:
        path = self.place.private / f"saisie-{unit.id}.txt"
        if not path.exists():
            write_atomic(path, unit.text + "\n")
            path.chmod(0o600)
        pause(
            f"{path} : ouvrez ce fichier, portez-y la rédaction proposée, enregistrez-le, "
            "puis tapez Entrée ici."
        )
        return read_text_file(path)

    def choice(self, unit: Unit) -> str:
        kept = self._before("--choice", "choice")
        rows = {
            f"{point.id}={candidate.letter}": (
                f"{point.question} {candidate.letter} : {candidate.shown}"
            )
            for point in unit.points
            for candidate in point.candidates
        }
        return self._kept("choice", choose("Quelle proposition ?", rows, kept))

    def text(self) -> str:
        kept = self._before("--text", "text")
        typed = ask_text(
            "Quels sont les motifs ? Un paragraphe par ligne.",
            kept,
            keep=lambda text: self._keep("text", text),
        )
        return paragraphs(typed)

    def forget(self) -> None:
        """Forget what was typed, once it is recorded."""
        if not self.asked:
            return
        forget_begun(store_of(self.place), _KEPT)
        for path in self.place.private.glob("saisie-*.txt"):
            path.unlink()

    def _before(self, option: str, name: str) -> str | None:
        """Return what was typed before. Raises `InputError` when nobody can answer."""
        if not has_terminal():
            raise InputError(
                f"il manque « {option} » : donnez-le, rien n’est enregistré."
            )
        self.asked = True
        return self.before.get(name)

    def _kept(self, name: str, typed: str) -> str:
        self._keep(name, typed)
        return typed

    def _keep(self, name: str, typed: str) -> None:
        self.before[name] = typed
        keep_begun(store_of(self.place), _KEPT, _KEPT, self.before)
