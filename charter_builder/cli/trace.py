"""`charter consultation trace`, and what `freeze` asks of a new version."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli import report
from charter_builder.cli.common import drafted, in_workspace, workspace
from charter_builder.dialogue import Dialogue, Standing, organisation_name
from charter_builder.errors import ConflictError, InputError, did_you_mean, shown
from charter_builder.interview import settled_shown
from charter_builder.questionnaire import Answers
from charter_builder.register import (
    DISPOSITION_LABELS,
    KIND_LABELS,
    MAX_LINE,
    clean_text,
    has_words,
)
from charter_builder.storage.consultation_files import dialogue_of, versions_of
from charter_builder.storage.version_register import refuse_other_versions
from charter_builder.storage.workspace_files import Workspace
from charter_builder.tracing import Explained, Trace
from charter_builder.tracing import trace as traced
from charter_builder.typography import polish
from charter_builder.units import CHANGE_LABELS, FrozenVersion, as_version

note_option = click.option(
    "--note",
    "notes",
    multiple=True,
    metavar="ARTICLE=RAISON",
    help="Pourquoi un article change, à défaut de contribution ; publié. Répétable.",
)


@click.command()
@in_workspace
@note_option
@click.pass_context
def trace(ctx: click.Context, folder: Path | None, notes: tuple[str, ...]) -> None:
    """Dit d’où vient chaque changement depuis la dernière version.

    Dans les deux sens : de chaque article à ses contributions, de chaque contribution
    retenue aux articles. Code de retour 3 si quelque chose manque ; « charter freeze »
    pose les mêmes questions.
    """
    place = workspace(folder)
    dialogue = dialogue_of(place)
    _ = dialogue.opened  # Says when there is none.
    versions = versions_of(place)
    if not versions:
        raise InputError(
            f"{place.root} : versions/ est vide, et la concertation porte sur une version. "
            "Reprenez ce dossier d’une sauvegarde."
        )
    refuse_other_versions(dialogue, versions)
    charter = drafted(place)
    last = versions[max(versions)]
    found = trace_of(place, dialogue, versions, as_version(charter, last), notes)
    click.echo(trace_text(found, last, dialogue))
    missing = [*_unexplained_lines(found, final=False)]
    if missing:
        click.echo("\n" + "\n".join(missing), err=True)
    if missing or found.waiting:
        ctx.exit(3)


def trace_of(
    place: Workspace,
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    after: FrozenVersion,
    notes: Sequence[str],
) -> Trace:
    """Return why a new version is not the last one."""
    answers = place.answers()
    adopted = {unit: text.contributions for unit, text in answers.adopted.items()}
    given = _notes(notes, after, versions[max(versions)])
    points = {
        choice.point
        for standing in dialogue.standings.values()
        if (choice := standing.contribution.choice)
    }
    settled = {point: _settled(place, answers, point) for point in points}
    found = traced(dialogue, versions, after, adopted, given, settled)
    changed = {entry.unit.id for entry in found.explained if entry.change}
    for unit in given:
        if unit not in changed:
            raise InputError(
                f"--note {unit} : cet article n’a pas changé depuis la version "
                f"{max(versions)}. Retirez cette raison."
            )
    return found


def _settled(place: Workspace, answers: Answers, point: str) -> str | None:
    """Return how a point is settled, as frozen versions say it."""
    known = place.library.owned.keys() | place.library.themes.keys()
    said = settled_shown(place.library, answers, point) if point in known else None
    return polish(said) if said else None


def _notes(
    given: Sequence[str], after: FrozenVersion, before: FrozenVersion
) -> dict[str, str]:
    known = {unit.id: unit for version in (before, after) for unit in version.units}
    found: dict[str, str] = {}
    for note in given:
        unit, _, reason = note.partition("=")
        unit, reason = unit.strip(), " ".join(clean_text(reason).split())
        if unit not in known:
            raise InputError(
                f"--note « {shown(note)} » : « {shown(unit)} » n’est pas un article."
                f"{did_you_mean(unit, known)} Écrivez --note article='raison'."
            )
        if not has_words(reason) or len(reason) > MAX_LINE:
            raise InputError(
                f"--note {unit} : donnez une raison, de {MAX_LINE} caractères au plus ; "
                "elle est publiée."
            )
        found[unit] = reason
    return found


def refuse_unexplained(found: Trace, final: bool) -> None:
    """Raise `ConflictError` with what is to be typed when a change has no reason."""
    lines = list(_unexplained_lines(found, final))
    if lines:
        raise ConflictError("\n".join(lines))


def _unexplained_lines(found: Trace, final: bool) -> Iterator[str]:
    missing = found.unexplained
    if not missing:
        return
    count = french.counted(
        len(missing),
        "article change sans contribution ni raison",
        "articles changent sans contribution ni raison",
    )
    yield f"{count} :"
    yield from (f"  {entry.unit.name} ({entry.unit.id})" for entry in missing)
    notes = " ".join(
        f"--note {shlex.quote(entry.unit.id)}='raison'" for entry in missing
    )
    yield (
        "Ce qui change vient d’une contribution retenue, ou d’une raison de "
        "l’employeur, publiée. Dites laquelle :"
    )
    yield f"  charter freeze {'--final ' if final else ''}{notes}"


# --- as a terminal shows it ----------------------------------------------------------


def trace_text(found: Trace, last: FrozenVersion, dialogue: Dialogue) -> str:
    """Return a trace both ways: from changes, then from contributions."""
    lines = [f"Depuis la version {last.version}, article par article :"]
    lines += [report.wrapped(_entry_line(e), "    ", "  ") for e in found.explained]
    if not found.explained:
        lines.append("  aucun mot ne change.")
    lines += ["", "Contribution par contribution :"]
    cited = [
        dialogue.standing(name)
        for name in sorted({c for e in found.explained for c in e.contributions})
    ]
    for standing in cited:
        units = [entry.unit.name for entry in found.changed_by(standing.id)]
        said = f"{_named(standing, dialogue)} → {' ; '.join(units)}"
        lines.append(report.wrapped(said, "    ", "  "))
    for standing in found.waiting:
        said = f"{_named(standing, dialogue)} → rien encore : {_next(standing)}"
        lines.append(report.wrapped(said, "    ", "  "))
    if not cited and not found.waiting:
        lines.append("  aucune n’est à appliquer.")
    if found.given_up:
        lines += ["", given_up_text(found.given_up, dialogue)]
    return "\n".join(lines)


def _entry_line(entry: Explained) -> str:
    what = (
        CHANGE_LABELS[entry.change.kind]
        if entry.change
        else "tient déjà cette rédaction"
    )
    because = ", ".join(entry.contributions)
    if entry.note:
        because += f"{' ; ' if because else ''}raison de l’employeur : {entry.note}"
    return f"{entry.unit.name} {what} ← {because or 'rien ne l’explique'}"


def _named(standing: Standing, dialogue: Dialogue) -> str:
    name = organisation_name(standing, dialogue)
    reply = standing.reply
    label = DISPOSITION_LABELS[reply.reply.disposition] if reply else ""
    return f"{standing.id} ({name}, {KIND_LABELS[standing.kind]}, {label})"


def _next(standing: Standing) -> str:
    choice = standing.contribution.choice
    if standing.kind == "choice" and choice:
        return (
            f"tranchez le point avec « charter ask --set {choice.point}=… » "
            f"(proposition {choice.letter})"
        )
    return f"« charter consultation apply {standing.id} »"


def given_up_text(given_up: Iterable[Standing], dialogue: Dialogue) -> str:
    """Return what the last version owed to a contribution, and this one drops."""
    return "\n".join(
        report.wrapped(
            f"{_named(s, dialogue)} : sa rédaction, dans la version {s.applied_in}, n’est "
            f"plus dans le projet. « charter consultation apply {s.id} » l’y remet."
        )
        for s in given_up
    )


def waiting_text(waiting: Iterable[Standing]) -> str:
    """Return what was retained and that a version still leaves out."""
    return "\n".join(
        report.wrapped(f"{s.id} est retenue et n’est pas dans cette version.")
        for s in waiting
    )
