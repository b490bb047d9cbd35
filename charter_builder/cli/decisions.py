"""`charter consultation decide` and `close`: what a body decides, on the record."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from charter_builder import french
from charter_builder.cli import report
from charter_builder.cli.common import has_terminal, in_workspace, typed_day, workspace
from charter_builder.cli.contribution_report import draft_lines, heading
from charter_builder.cli.desk import (
    acting_role,
    ask_day,
    ask_line,
    choose_several,
    registrar_of,
    stoppable,
    store_of,
    sure,
    told,
)
from charter_builder.cli.prompts import say
from charter_builder.closing import closing, refuse_closing
from charter_builder.consultation import moment
from charter_builder.decisions import (
    Sitting,
    decision,
    is_stale,
    known_role,
    refuse_own_drafts,
    refuse_sitting_day,
)
from charter_builder.dialogue import Dialogue, contribution_number
from charter_builder.errors import InputError, shown
from charter_builder.figures import repeated_reasons
from charter_builder.replies import Project, SavedDraft
from charter_builder.storage.draft_store import drafts, forget_decided
from charter_builder.storage.proceedings import record_closing, record_decision
from charter_builder.storage.register_files import now
from charter_builder.storage.registrar import Registrar

Command = Callable[..., None]
NOTHING_RECORDED = "Arrêté : rien n’est inscrit au registre."


def _sitting_options(command: Command) -> Command:
    for option in (
        click.option(
            "--minutes", metavar="TEXTE", help="La référence du compte rendu."
        ),
        click.option(
            "--present",
            multiple=True,
            metavar="FONCTION",
            help="Une fonction, ou une organisation, présente. Deux au moins.",
        ),
        click.option("--date", metavar="JOUR", help="Le jour de la séance."),
        click.option("--body", metavar="TEXTE", help="L’instance qui décide."),
        click.option(
            "--as", "role", metavar="FONCTION", help="La fonction qui valide."
        ),
    ):
        command = option(command)
    return command


def _sitting(
    dialogue: Dialogue,
    body: str | None,
    date: str | None,
    present: tuple[str, ...],
    minutes: str | None,
) -> Sitting:
    """Return the sitting given with options, the rest asked in a terminal."""
    if not has_terminal():
        options = {"--body": body, "--date": date, "--present": present}
        missing = [name for name, value in options.items() if not value]
        if missing:
            raise InputError(
                "dites quelle instance a décidé, quel jour, et qui était présent : "
                f"{french.enumeration(missing)} {'manque' if len(missing) == 1 else 'manquent'}."
            )
    settings = dialogue.opened
    others = not (body and date and present)
    body = body or ask_line(
        "Quelle instance a décidé ? Par exemple : Groupe de travail."
    )
    at = moment(now())
    if date:
        day = typed_day("--date", date)
    else:
        day = ask_day(
            "Quel jour a-t-elle siégé ?",
            refuse=lambda given: refuse_sitting_day(given, dialogue, at),
        )
    known = {role.id: role.title for role in settings.roles} | {
        o.id: o.delegates for o in settings.organisations
    }
    present = present or choose_several("Qui était présent ?", known)
    if minutes is None and others:
        minutes = ask_line("Quelle est la référence du compte rendu ?", optional=True)
    return Sitting(body, day, present, minutes or None)


# --- decide --------------------------------------------------------------------------


@click.command()
@in_workspace
@click.argument("identifiers", metavar="[NUMÉRO]…", nargs=-1)
@_sitting_options
def decide(
    folder: Path | None,
    identifiers: tuple[str, ...],
    role: str | None,
    **sitting: Any,
) -> None:
    """Rend officielles des réponses préparées par une autre fonction.

    La décision dit quelle instance a siégé, quel jour, et quelles fonctions étaient
    présentes. Sans numéro, elle porte sur tous les projets de réponse que la fonction
    qui valide n’a pas préparés. Elle est inscrite au registre, et ne se reprend plus.
    """
    place = workspace(folder)
    registrar = registrar_of(place)
    dialogue = registrar.journal.refresh()
    store = store_of(place)
    with stoppable(NOTHING_RECORDED):
        acting = acting_role(role, dialogue, "Vous validez en tant que ?")
        numbers = [contribution_number(given) for given in identifiers]
        chosen = _chosen(drafts(store), numbers, acting, dialogue)
        refuse_own_drafts_of(chosen, acting, dialogue)
        _show(chosen, registrar, dialogue)
        held = _sitting(dialogue, **sitting)
        project = Project(registrar.versions, place.library.may_go)
        for group in _by_role(chosen):
            # What is refused is told before a person confirms, not after.
            at, random = moment(now()), registrar.random
            decision(group, acting, held, dialogue, at, random, project)
        if has_terminal() and not sure("Inscrire cette décision au registre ?"):
            say(NOTHING_RECORDED)
            return
        for group in _by_role(chosen):
            entry = record_decision(registrar, group, acting, held, project.may_go)
            count = french.counted(
                len(group), "réponse officielle", "réponses officielles"
            )
            say(
                f"{entry.decision.id} : {count}, entrée {entry.seq} du registre, "
                f"empreinte {registrar.journal.dialogue.head.digest[:12]}."
            )
            forget_decided(store, group, entry.decision.id)
        _say_next(registrar.journal.dialogue)


def _say_next(dialogue: Dialogue) -> None:
    """Say which wordings and choices wait for the draft, and how they get there."""
    waiting = [s.id for s in dialogue.standings.values() if s.awaits_version]
    if waiting:
        say(
            f"À porter dans le projet : « charter consultation apply {' '.join(waiting)} »."
        )
    say("« charter site build » publie les réponses.")


def _chosen(
    saved: Sequence[SavedDraft],
    numbers: Sequence[str],
    acting: str,
    dialogue: Dialogue,
) -> list[SavedDraft]:
    """Return the drafts to validate; say which are left aside, and why."""
    by_number = {draft.draft.contribution: draft for draft in saved}
    for number in numbers:
        dialogue.standing(number)
        if number not in by_number:
            raise InputError(
                f"{number} : aucun projet de réponse. Préparez-le : « charter "
                f"consultation reply {number} »."
            )
    if numbers:
        return [by_number[number] for number in dict.fromkeys(numbers)]
    chosen = []
    for draft in saved:
        number = draft.draft.contribution
        if number not in dialogue.standings or is_stale(draft, dialogue):
            say(
                f"{number} : le registre dit autre chose depuis ce projet de réponse ; "
                "il est laissé de côté. Reprenez-le, ou oubliez-le : « charter "
                f"consultation reply {number} --discard ».",
            )
        elif draft.role == acting and len({d.role for d in saved}) > 1:
            say(f"{number} : préparée par la fonction qui valide, laissée de côté.")
        else:
            chosen.append(draft)
    return chosen


def _by_role(chosen: Sequence[SavedDraft]) -> list[list[SavedDraft]]:
    """Return the drafts of each role: a decision names one who prepared."""
    ordered = sorted(chosen, key=lambda saved: saved.role)
    return [list(group) for _, group in groupby(ordered, lambda saved: saved.role)]


def refuse_own_drafts_of(
    chosen: Sequence[SavedDraft], acting: str, dialogue: Dialogue
) -> None:
    """Raise `InputError` before anything is asked, if the role may not validate."""
    if not chosen:
        raise InputError(
            "aucun projet de réponse à valider. Préparez-en : « charter consultation "
            "reply »."
        )
    for group in _by_role(chosen):
        refuse_own_drafts(group, acting, dialogue)


def _show(
    chosen: Sequence[SavedDraft], registrar: Registrar, dialogue: Dialogue
) -> None:
    versions = registrar.versions
    for saved in chosen:
        standing = dialogue.standing(saved.draft.contribution)
        click.echo()
        click.echo(heading(standing, dialogue, versions))
        asked = " ".join((standing.contribution.text or "").split())
        if asked:
            say(f"Elle dit : « {shown(asked, 200)} »", "  ", "  ")
        say(f"Préparée par : {known_role(saved.role, dialogue)}", "  ", "  ")
        told(draft_lines(saved.draft, standing, versions))
    click.echo()
    if len(chosen) > 1 and has_terminal():
        say(
            f"{len(chosen)} réponses, ci-dessus. Pour n’en décider qu’une partie, tapez "
            "« q », puis donnez leurs numéros : « charter consultation decide "
            f"{chosen[0].draft.contribution} »."
        )
        click.echo()
    rejecting = {
        saved.draft.contribution: saved.draft.reason or ""
        for saved in chosen
        if saved.draft.disposition == "rejected"
    }
    for reason, numbers in repeated_reasons(dialogue, rejecting).items():
        say(
            f"Attention : le même motif rejette {len(numbers)} contributions "
            f"({french.enumeration(numbers)}) ; la page publique le dira. « {reason} »"
        )


# --- close ---------------------------------------------------------------------------


@click.command()
@in_workspace
@_sitting_options
def close(folder: Path | None, role: str | None, **sitting: Any) -> None:
    """Clôt la concertation, si rien ne reste dû.

    Toute contribution a sa réponse définitive, toute rédaction retenue est dans une
    version figée, toute organisation qui a contribué a son bordereau à jour. Sinon, la
    commande donne la liste de ce qui reste dû, et le code de retour est 3.
    """
    registrar = registrar_of(workspace(folder))
    dialogue = registrar.journal.refresh()
    with stoppable(NOTHING_RECORDED):
        acting = acting_role(role, dialogue, "Vous clôturez en tant que ?")
        refuse_closing(dialogue, acting, moment(now()))
        held = _sitting(dialogue, **sitting)
        closing(dialogue, acting, held, moment(now()))
        _say_silent(dialogue)
        if has_terminal() and not sure("Clore la concertation ? Le registre se ferme."):
            say(NOTHING_RECORDED)
            return
        entry = record_closing(registrar, acting, held)
    digest = registrar.journal.dialogue.head.digest
    click.echo(
        report.wrapped(
            f"La concertation est close, entrée {entry.seq} du registre. Son empreinte, à "
            "recopier au compte rendu :"
        )
    )
    click.echo(digest)


def _say_silent(dialogue: Dialogue) -> None:
    """Say which organisations dispute their bordereau, or did not answer."""
    for organisation in dialogue.opened.organisations:
        if organisation.id not in dialogue.bordereaux:
            continue
        answer = dialogue.bordereau_answer(organisation.id)
        if answer is None:
            say(f"{organisation.name} n’a pas dit si son bordereau est complet.")
        elif not answer.confirms:
            say(f"{organisation.name} conteste son bordereau ; le registre le dit.")
