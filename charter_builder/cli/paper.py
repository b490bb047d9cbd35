"""`consultation record`: what organisations hand over on paper, typed by HR."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from charter_builder import french
from charter_builder.carnet import as_submission
from charter_builder.cli.common import has_terminal, in_workspace, workspace
from charter_builder.cli.desk import (
    ask_line,
    ask_text,
    choose,
    paragraphs,
    pause,
    read_text_file,
    registrar_of,
    stoppable,
    store_of,
)
from charter_builder.cli.intake import VOUCHED, moment_of, summary
from charter_builder.cli.prompts import confirm, say
from charter_builder.consultation import Organisation
from charter_builder.contributions import Origin, Submission
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.follow_up import known_organisation
from charter_builder.receipts import receipt_text
from charter_builder.register import (
    KIND_LABELS,
    OPERATION_LABELS,
    STANCE_LABELS,
    Kind,
    Operation,
    Stance,
)
from charter_builder.storage.draft_store import begun, forget_begun, keep_begun
from charter_builder.storage.files import write_atomic
from charter_builder.storage.registrar import Outcome, Registrar
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import FrozenVersion, Unit


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
    registrar = registrar_of(place)
    if received == "mail":
        raise InputError("« mail » vaut pour un courriel : donnez le jour et l’heure.")
    when = moment_of(received, registrar)
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
        origin = Origin(author.id, "paper", VOUCHED["paper"], when)
        outcome = registrar.record(submission, origin, typed=True)
        paper.forget()
        _give_receipt(outcome, registrar, target)


def _sure_of(author: Organisation, given: Submission, registrar: Registrar) -> bool:
    """Return whether what was typed may be recorded: nothing can change it then."""
    say()
    say(f"{author.name}, {summary(given, registrar)}")
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
