"""`charter audit`: an existing charter against the law of a day."""

from datetime import date
from pathlib import Path

import click

from charter_builder import french
from charter_builder.audit import (
    CONTENT_LABELS,
    AuditFinding,
    AuditReport,
)
from charter_builder.audit import audit as audited
from charter_builder.cli import report
from charter_builder.cli.common import typed_day
from charter_builder.library import Library
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.manuscript_files import UTF8, read_manuscripts


@click.command()
@click.argument(
    "paths",
    metavar="FICHIER…",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "--on",
    "on",
    metavar="DATE",
    help="La date de l’acte audité ; par défaut, aujourd’hui.",
)
@click.option(
    "--library",
    "library_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DOSSIER",
    help="Une autre bibliothèque que celle fournie.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Pour une personne (text) ou un programme (json).",
)
@click.pass_context
def audit(
    ctx: click.Context,
    paths: tuple[Path, ...],
    on: str | None,
    library_folder: Path | None,
    form: str,
) -> None:
    """Relit une charte existante, écrite par n’importe qui, selon le droit d’un jour.

    Les fichiers (.md, .txt ou .html) sont lus ensemble : la charte et la délibération
    qui l’adopte, par exemple. Code de retour 1 si une erreur de droit est trouvée.
    """
    day = typed_day("--on", on) if on else date.today().isoformat()
    texts = read_manuscripts(list(paths))
    library = load_library(library_folder or shipped_library())
    result = audited(texts, library, day)
    if form == "json":
        click.echo(result.model_dump_json(indent=2))
    else:
        _print(result, library)
    if any(finding.severity == "error" for finding in result.findings):
        ctx.exit(1)


def _print(result: AuditReport, library: Library) -> None:
    covers_from = library.manifest.covers_from
    for file in result.files:
        if file.encoding != UTF8:
            click.echo(
                report.wrapped(
                    f"{file.name} : lu en {file.encoding}. Si des accents sont faux, "
                    f"enregistrez-le en {UTF8}."
                ),
                err=True,
            )
    if result.act_date < covers_from:
        click.echo(
            report.wrapped(
                f"La bibliothèque traite les actes datés du {french.day(covers_from)} ou "
                "d’après : pour un acte plus ancien, des règles et des chiffres manquent."
            ),
            err=True,
        )
    for finding in result.findings:
        click.echo(finding_text(finding) + "\n")
    click.echo(contents_text(result) + "\n")
    click.echo(
        report.wrapped(
            f"Droit au {french.day(result.act_date)} : {report.summary(result.findings)}."
        )
    )
    click.echo(
        report.wrapped(
            "Cet audit cherche des mots et des nombres : il ne prouve pas qu’un texte est "
            "conforme, et ne remplace pas un juriste."
        )
    )


def finding_text(finding: AuditFinding) -> str:
    """Return one finding: what, where, the words, which source, what to do."""
    label = report.SEVERITY_LABELS[finding.severity]
    lines = [report.wrapped(f"{label} · {finding.message}")]
    where = finding.heading
    if finding.file:
        under = f", sous « {finding.heading} »" if finding.heading else ""
        where = f"{finding.file}, ligne {finding.line}{under}"
    lines.append(report.wrapped(f"Où : {where}", "  "))
    if finding.quote:
        lines.append(report.wrapped(f"Texte : « {finding.quote} »", "  "))
    # Several facts may be printed as one and the same text.
    sources = dict.fromkeys(citation.label for citation in finding.references)
    lines += [report.wrapped(f"Source : {label}", "  ") for label in sources]
    if finding.remedy:
        lines.append(report.wrapped(f"Remède : {finding.remedy}", "  "))
    if finding.clause:
        lines.append(
            report.wrapped(
                f"Rédaction proposée : {finding.clause} ({finding.clause_title})", "  "
            )
        )
    lines.append(report.wrapped(f"Règle : {finding.rule}", "  "))
    return "\n".join(lines)


def contents_text(result: AuditReport) -> str:
    """Return the table of compulsory contents, with where their words are."""
    lines = ["Contenus attendus"]
    for content in result.contents:
        lines.append(report.wrapped(f"{content.id} · {content.title}", "      ", "  "))
        detail = CONTENT_LABELS[content.status]
        if content.places:
            detail += f" : {' ; '.join(content.places)}"
        lines.append(report.wrapped(detail, "      "))
    return "\n".join(lines)
