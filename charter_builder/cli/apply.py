"""`charter consultation apply`: wordings adopted, brought into the draft."""

import shlex
from collections.abc import Mapping, Sequence
from itertools import dropwhile
from pathlib import Path

import click

from charter_builder import french
from charter_builder.amendments import (
    deletes,
    require_retained,
    rivals,
    to_examine_again,
    wording_to_apply,
)
from charter_builder.applying import (
    TO_SETTLE,
    Clash,
    Plan,
    planned,
    text_to_settle,
)
from charter_builder.cli import report
from charter_builder.cli.common import in_workspace, workspace
from charter_builder.cli.desk import read_text_file
from charter_builder.cli.effects_report import runs_text
from charter_builder.cli.prompts import say
from charter_builder.dialogue import Dialogue, Standing, organisation_name
from charter_builder.errors import ConflictError, InputError, shown
from charter_builder.merging import same_words
from charter_builder.open_points import LETTERS
from charter_builder.questionnaire import Answers, OpenAnswer
from charter_builder.register import clean_text
from charter_builder.storage.answers_file import update_answers
from charter_builder.storage.consultation_files import dialogue_of, versions_of
from charter_builder.storage.files import write_atomic
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import plain
from charter_builder.units import FrozenVersion
from charter_builder.worddiff import compare_words

FOLDER = "a-trancher"


@click.command()
@in_workspace
@click.argument("contributions", nargs=-1, metavar="[NUMÉRO]…")
@click.option(
    "--with",
    "settled",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FICHIER",
    help="Le texte, une fois les passages tranchés.",
)
@click.pass_context
def apply(
    ctx: click.Context,
    folder: Path | None,
    contributions: tuple[str, ...],
    settled: Path | None,
) -> None:
    """Porte dans le projet la rédaction adoptée par la réponse officielle.

    Les mots changés par l’amendement rejoignent ceux que le projet a changés depuis la
    version citée ; le résultat est écrit dans answers.yml. Si deux changements se
    touchent, rien n’est écrit, code de retour 3 : un fichier de private/ montre les
    passages à trancher. Sans numéro, la commande dit ce qui reste à porter.
    """
    place = workspace(folder)
    dialogue = dialogue_of(place)
    if not contributions:
        _say_waiting(dialogue)
        return
    found = [dialogue.standing(name) for name in contributions]
    standings = list({standing.id: standing for standing in found}.values())
    versions = versions_of(place)
    refuse_other_versions(dialogue, versions)
    answers = place.answers()
    texts, by_hand = _sorted(standings, dialogue, answers)
    if settled is not None and (len(texts) != 1 or by_hand):
        raise InputError(
            "--with donne un seul texte : ne citez que les contributions d’un article."
        )
    plans: list[Plan] = []
    clashes = 0
    for unit, found in texts.items():
        whole = _settled_text(settled) if settled else None
        plan = planned(place.library, answers, unit, found, dialogue, versions, whole)
        if isinstance(plan, Plan):
            plans.append(plan)
        else:
            _show_clash(place, plan, found, dialogue)
            clashes += 1
    if clashes:
        ctx.exit(3)
    _write(place, answers, plans)
    for plan in plans:
        _show(plan, place, dialogue, versions)
    for said in by_hand:
        click.echo(said)


def _say_waiting(dialogue: Dialogue) -> None:
    """Say what is retained and in no frozen version yet."""
    waiting = [s for s in dialogue.standings.values() if s.awaits_version]
    if not waiting:
        say("Aucune contribution retenue n’attend une version.")
        return
    say("Retenues, et dans aucune version figée :")
    for standing in waiting:
        say(f"{_named(standing, dialogue)}, {standing.unit}", "    ", "  ")
    numbers = " ".join(standing.id for standing in waiting)
    say(f"Pour les porter dans le projet : « charter consultation apply {numbers} ».")


def _sorted(
    standings: Sequence[Standing],
    dialogue: Dialogue,
    answers: Answers,
) -> tuple[dict[str, list[Standing]], list[str]]:
    """Return what changes the text of an article, and what a person must do by hand."""
    texts: dict[str, list[Standing]] = {}
    by_hand: list[str] = []
    for standing in standings:
        said = _by_hand(standing, dialogue, answers)
        if said:
            by_hand.append(said)
        else:
            texts.setdefault(standing.unit, []).append(standing)
    return texts, by_hand


def _by_hand(
    standing: Standing,
    dialogue: Dialogue,
    answers: Answers,
) -> str:
    """Return what to do when an answer, not a wording, makes the change."""
    require_retained(standing)
    name = _named(standing, dialogue)
    choice = standing.contribution.choice
    operation = standing.contribution.operation
    if standing.kind == "choice" and choice:
        said = f"{name} choisit la proposition {choice.letter} d’un point à débattre"
        if choice.point not in answers.open:
            return report.wrapped(
                f"{said} : vos réponses le tranchent déjà. Rien n’est écrit."
            )
        typed = _as_set(answers.open[choice.point], choice.letter, choice.point)
        return report.wrapped(
            f"{said}. Rien n’est écrit : tranchez-le avec « charter ask --set "
            f"{choice.point}={typed} »."
        )
    if deletes(standing):
        return report.wrapped(
            f"{name} supprime l’article « {standing.unit} ». Rien n’est écrit : fermez-le "
            f"avec « charter ask », ou dans answers.yml : themes, {standing.unit}, "
            "options: []."
        )
    if operation == "insert-after":
        adopted = wording_to_apply(standing)
        return (
            report.wrapped(
                f"{name} ajoute un article. Rien n’est écrit : ouvrez le thème qui convient, "
                "ou ajoutez ce texte en rédaction locale avec « charter ask » :"
            )
            + f"\n\n{adopted}"
        )
    return ""


def _as_set(point: OpenAnswer, letter: str, key: str) -> str:
    """Return a candidate as `--set` takes it, or « … » for one that is no single word."""
    rank = LETTERS.index(letter)
    candidate = point.candidates[rank] if rank < len(point.candidates) else None
    match candidate:
        case bool():
            return "oui" if candidate else "non"
        case tuple() if all(isinstance(one, str) for one in candidate):
            return ",".join(str(one).removeprefix(f"{key}/") for one in candidate)
        case None | tuple():
            return "…"
    typed = str(candidate)
    return shlex.quote(typed) if shlex.quote(typed) != typed else typed


def _write(place: Workspace, read: Answers, plans: Sequence[Plan]) -> None:
    """Write every text at once, unless an answer changed meanwhile."""

    def change(answers: Answers) -> Answers:
        if answers != read:
            raise ConflictError(
                f"{place.answers_path} : une réponse a changé entre-temps. Rien n’est "
                "écrit : recommencez."
            )
        for plan in plans:
            unit = plan.unit.id
            if plan.adopted is not None:
                answers = answers.with_adopted(unit, plan.adopted)
            elif unit in answers.adopted:
                others = {k: t for k, t in answers.adopted.items() if k != unit}
                answers = answers.model_copy(update={"adopted": others})
        return answers

    update_answers(place.answers_path, place.library, change)


# --- a text to settle ----------------------------------------------------------------


def _settled_text(path: Path) -> str:
    """Return the text of a file a person settled, its remarks left out."""
    # The remarks that the command wrote are all at the head.
    lines = dropwhile(
        lambda line: line.startswith("#"), read_text_file(path).splitlines()
    )
    text = clean_text("\n".join(lines)).strip()
    if plain(TO_SETTLE) in plain(text):
        raise InputError(
            f"{path} : un passage reste à trancher ({TO_SETTLE} …]]). Remplacez-le par "
            "la rédaction voulue, puis recommencez."
        )
    if not text:
        raise InputError(f"{path} : ce fichier ne contient aucun texte.")
    return text


def _show_clash(
    place: Workspace,
    clash: Clash,
    standings: Sequence[Standing],
    dialogue: Dialogue,
) -> None:
    """Tell what collides, both changes shown, and write a text to settle."""
    unit = clash.unit
    name = unit.name
    path = place.private / FOLDER / f"{unit.id}.txt"
    names = " ".join(standing.id for standing in standings)
    again = f"charter consultation apply {names} --with {shlex.quote(str(path))}"
    version = clash.standing.contribution.target.version
    write_atomic(path, _file_text(name, clash, again, dialogue))
    count = french.counted(
        len(clash.merge.collisions), "passage changé", "passages changés"
    )
    lines = [
        report.wrapped(
            f"{name} : {count} des deux côtés, dans le projet et par "
            f"{_named(clash.standing, dialogue)}. Rien n’est écrit dans answers.yml."
        ),
        "",
        f"De la version {version} au projet :",
        runs_text(compare_words(clash.base, clash.current)),
        "",
        f"De la version {version} à la rédaction adoptée :",
        runs_text(compare_words(clash.base, clash.adopted)),
        "",
        report.wrapped(f"Tranchez dans {path}, où chaque passage est marqué, puis :"),
        f"  {again}",
    ]
    click.echo("\n".join(lines), err=True)


def _file_text(name: str, clash: Clash, again: str, dialogue: Dialogue) -> str:
    return (
        f"# {name}\n"
        f"# À trancher avec {_named(clash.standing, dialogue)}.\n"
        f"# Remplacez chaque passage « {TO_SETTLE} … ]] » par la rédaction voulue.\n"
        "# Ces premières lignes, à dièse, ne comptent pas. Puis :\n"
        f"#   {again}\n\n"
        f"{text_to_settle(clash.merge)}\n"
    )


# --- what was done -------------------------------------------------------------------


def _show(
    plan: Plan,
    place: Workspace,
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
) -> None:
    name = plan.unit.name
    said = french.enumeration([_named(s, dialogue) for s in plan.standings])
    if same_words(plan.before, plan.after) and plan.adopted is None and plan.known:
        click.echo(
            report.wrapped(
                f"{name} : les réponses donnent maintenant la rédaction adoptée ({said}), "
                f"qui est retirée de {place.answers_path}."
            )
        )
        return
    if same_words(plan.before, plan.after) and plan.adopted != plan.known:
        click.echo(
            report.wrapped(
                f"{name} : la rédaction adoptée ({said}) vaut aussi pour les réponses "
                f"d’aujourd’hui. Écrit dans {place.answers_path} (adopted)."
            )
        )
        return
    if same_words(plan.before, plan.after):
        click.echo(
            report.wrapped(
                f"{name} : le projet tient déjà la rédaction adoptée ({said}). Rien "
                "n’est à écrire."
            )
        )
        return
    click.echo(report.wrapped(f"{name} : rédaction adoptée, {said}."))
    click.echo(runs_text(compare_words(plan.before, plan.after)))
    if plan.adopted is None:
        click.echo(
            report.wrapped(
                "Les réponses donnent maintenant ce texte : la rédaction adoptée est "
                f"retirée de {place.answers_path}."
            )
        )
    else:
        click.echo(report.wrapped(f"Écrit dans {place.answers_path} (adopted)."))
    _show_lost_law(plan, place)
    _show_others(plan, dialogue, versions)


def _show_lost_law(plan: Plan, place: Workspace) -> None:
    from charter_builder.assembly import assemble

    charter = assemble(place.library, place.answers())
    for adoption in charter.adoptions:
        if adoption.unit == plan.unit.id:
            for lost in adoption.lost_law:
                click.echo(
                    report.wrapped(
                        "À vérifier : ce que la loi impose n’est plus dit tel quel : "
                        f"« {shown(lost, 200)} »"
                    ),
                    err=True,
                )


def _show_others(
    plan: Plan, dialogue: Dialogue, versions: Mapping[int, FrozenVersion]
) -> None:
    applied = {standing.id for standing in plan.standings}
    groups = rivals(dialogue.on_unit(plan.unit.id), versions)
    before = set(plan.known.contributions) - applied if plan.known else set()
    for other in to_examine_again(dialogue, plan.unit.id, applied):
        if other.id in before:
            say(
                f"{_named(other, dialogue)}, déjà portée dans ce texte : vérifiez que "
                "le texte la suit encore."
            )
            continue
        touched = any(applied & {*group.overlapping(other.id)} for group in groups)
        why = " ; elle change les mêmes mots" if touched else ""
        click.echo(
            report.wrapped(
                f"{_named(other, dialogue)} : texte de base changé : à réexaminer{why}."
            )
        )


def _named(standing: Standing, dialogue: Dialogue) -> str:
    return f"{standing.id} ({organisation_name(standing, dialogue)})"
