"""`charter library coverage`: how much of real charters a library can say."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from charter_builder import french
from charter_builder.cli.report import wrapped
from charter_builder.errors import InputError
from charter_builder.provisions import (
    FOLDER,
    SEEN,
    STATUSES,
    Count,
    CoverageReport,
    Group,
    ProvisionsDocument,
    Row,
    Seen,
    Status,
    bench,
    failures,
    report,
    unmatched,
)
from charter_builder.storage.library_files import library_folder, load_library
from charter_builder.storage.provisions_files import load_mapping, load_provisions
from charter_builder.typography import polish

SEEN_LABELS: dict[Seen, str] = {
    "text": "Texte lu",
    "heading": "Titre seul",
    "secondary": "Source secondaire",
}
_WORDS: dict[Status, tuple[str, str]] = {
    "expressed": ("exprimée", "exprimées"),
    "partial": ("partielle", "partielles"),
    "refused": ("refusée", "refusées"),
    "absent": ("absente", "absentes"),
}
_REASONS: dict[Status, str] = {
    "expressed": "dite par",
    "partial": "il manque",
    "refused": "refusée par la règle",
    "absent": "pourquoi",
}


@click.command("coverage", short_help="Mesure ce qu’elle sait dire de chartes réelles.")
@click.argument("folder", metavar="[BIBLIOTHÈQUE]", default=None, required=False)
@click.option(
    "--provisions",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DOSSIER",
    help="Les documents réels, décomposés en dispositions.",
)
@click.option("--details", is_flag=True, help="Montre aussi ce qui n’est pas exprimé.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Pour une personne ou pour un programme.",
)
def coverage(folder: str | None, provisions: Path, details: bool, form: str) -> None:
    """Mesure ce que la bibliothèque sait dire de documents réels.

    Chaque disposition est rapprochée de l’entrée que la bibliothèque lui donne, dans son
    dossier « coverage ». Chaque entrée est essayée dans un projet complet : une valeur
    doit être acceptée sans erreur de droit, un refus doit déclencher la règle nommée.
    """
    where = library_folder(folder)
    library = load_library(where)
    documents = load_provisions(provisions)
    mapping = load_mapping(where, library)
    if mapping is None:
        raise InputError(
            f"{where} : cette bibliothèque ne dit rien de documents réels. Créez son "
            f"dossier « {FOLDER} » : le guide des auteurs le décrit."
        )
    correspondence = mapping.correspondence
    problems = list(unmatched(documents, correspondence))
    if not problems:
        click.echo("Chaque entrée est essayée dans un projet complet…", err=True)
        stand = bench(library, correspondence.base)
        problems = [
            problem
            for document in documents
            for name, entry in correspondence.documents[document].items()
            for problem in failures(stand, document, name, entry)
        ]
    if problems:
        raise mapping.errors(problems)
    measured = report(library, documents, correspondence)
    if form == "json":
        click.echo(measured.model_dump_json(indent=2))
        return
    aside = len(correspondence.documents.keys() - documents.keys())
    click.echo("\n".join(_lines(measured, aside)))
    if details:
        click.echo("\n".join(_details(measured, documents)))


def _lines(measured: CoverageReport, aside: int) -> Iterable[str]:
    found = measured.library
    total = sum(measured.total.count(seen).provisions for seen in SEEN)
    documents = len(measured.documents)
    yield wrapped(
        f"{found.id} {found.version} : {french.counted(total, 'disposition', 'dispositions')}"
        f" de {french.counted(documents, 'document', 'documents')}, toutes essayées."
    )
    if aside:
        yield wrapped(
            f"{french.counted(aside, 'document connu', 'documents connus')} de la "
            "bibliothèque, absents de ce dossier : non comptés."
        )
    yield ""
    yield from _group(measured.total, "")
    yield ""
    yield "Par document"
    for group in measured.documents:
        yield wrapped(f"{group.id}, {group.title}", "    ", "  ")
        yield from _group(group, "    ")
    yield ""
    yield "Par sujet"
    for group in measured.themes:
        yield f"  {group.id}"
        yield from _group(group, "    ")


def _group(group: Group, indent: str) -> Iterable[str]:
    for seen in SEEN:
        count = group.count(seen)
        if count.provisions:
            said = f"{SEEN_LABELS[seen]} : {_count(count)}"
            yield wrapped(said, f"{indent}  ", indent)


def _count(count: Count) -> str:
    parts = [
        f"{french.counted(count.of(status), *_WORDS[status])} "
        f"({french.number(count.rate(status))} %)"
        for status in STATUSES
        if count.of(status)
    ]
    return f"{count.provisions}, dont {', '.join(parts)}"


def _details(
    measured: CoverageReport, documents: Mapping[str, ProvisionsDocument]
) -> Iterable[str]:
    texts = {
        provision.id: provision.provision
        for document in documents.values()
        for provision in document.provisions
    }
    for status in STATUSES[1:]:
        rows = [row for row in measured.provisions if row.status == status]
        if rows:
            yield ""
            yield polish(f"Dispositions {_WORDS[status][1]}")
        for row in rows:
            yield from _detail(row, texts[row.id])


def _detail(row: Row, text: str) -> Iterable[str]:
    yield wrapped(f"{row.id} ({SEEN_LABELS[row.seen].lower()}) : {text}", "    ", "  ")
    yield wrapped(f"{_REASONS[row.status]} : {row.reason}", "      ")
