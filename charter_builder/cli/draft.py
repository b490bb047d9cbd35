"""`draft`, `check`, `explain` and `export`: what one does with the answers given."""

from pathlib import Path

import click

from charter_builder import french
from charter_builder.charter import Charter, Document
from charter_builder.cli import report
from charter_builder.cli.common import drafted, in_workspace, workspace
from charter_builder.errors import InputError, did_you_mean, shown
from charter_builder.library import Library
from charter_builder.markdown import act_text, charter_text, document_text
from charter_builder.requirements import check_report, findings
from charter_builder.storage.answers_file import answer_lines
from charter_builder.storage.files import write_atomic, write_if_changed
from charter_builder.typography import polish

EXPORTED = ("docx", "md")
"""The formats of a document, each the end of the name of a file."""


@click.command()
@in_workspace
def draft(folder: Path | None) -> None:
    """Écrit dans draft/ le projet de charte, la délibération et les annexes."""
    place = workspace(folder)
    charter = drafted(place)
    if place.draft.is_symlink():
        raise InputError(
            f"{place.draft} : ce dossier est un lien symbolique, et ce qu’il désigne "
            "serait réécrit. Retirez le lien et relancez."
        )
    for name, text in draft_files(charter).items():
        write_if_changed(place.draft / name, text)
    for name in place.library.documents:
        if all(name != document.id for document in charter.documents):
            # An answer has changed: this document no longer goes with the charter.
            (place.draft / f"{name}.md").unlink(missing_ok=True)
    place.write_lock()
    count = sum(1 for _ in charter.articles())
    click.echo(
        f"{place.draft} : {french.counted(count, 'article', 'articles')}, délibération "
        f"{_annexes(charter)}pour un acte du {french.day(charter.act_date)}."
    )
    found = findings(charter, place.library)
    click.echo(f"Vérification : {report.summary(found)}.")
    if any(finding.severity == "error" for finding in found):
        click.echo("« charter check » dit lesquelles, avec la source et le remède.")
        return
    click.echo("À lire : « charter export -o projet.docx », ou « charter site serve ».")


def _annexes(charter: Charter) -> str:
    count = len(charter.documents)
    said = french.counted(count, "document annexe", "documents annexes")
    return f"et {said} " if count else ""


def draft_files(charter: Charter) -> dict[str, str]:
    """Return the files of `draft/`, by name."""
    files = {
        "charte.md": charter_text(charter),
        "charte.json": charter.model_dump_json(indent=2, by_alias=True) + "\n",
    }
    for act in charter.acts:
        files[f"{act.id}.md"] = act_text(act, charter)
    for document in charter.documents:
        files[f"{document.id}.md"] = document_text(document, charter)
    return files


@click.command()
@in_workspace
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="Pour une personne (text), un programme (json) ou une intégration (github).",
)
@click.option(
    "--reading",
    is_flag=True,
    help="Mesure aussi la longueur des phrases et la lisibilité de chaque article.",
)
@click.pass_context
def check(ctx: click.Context, folder: Path | None, form: str, reading: bool) -> None:
    """Vérifie la légalité et les contenus du projet.

    Code de retour 1 si une erreur de droit est trouvée. « charter library schema
    check » décrit le format json.
    """
    if reading and form != "text":
        raise InputError(
            "« --reading » écrit pour une personne : il ne va pas avec "
            f"« --format {form} »."
        )
    place = workspace(folder)
    charter = drafted(place)
    result = check_report(charter, place.library)
    found = result.findings
    if form == "json":
        click.echo(result.model_dump_json(indent=2))
    elif form == "github":
        lines = answer_lines(place.answers_path, place.library)
        for finding in found:
            line = min((lines[n] for n in finding.names if n in lines), default=1)
            click.echo(report.github(finding, place.answers_path.as_posix(), line))
    else:
        for finding in found:
            click.echo(report.finding_text(finding) + "\n")
        click.echo(report.coverage_text(result.requirements) + "\n")
        if reading:
            click.echo(report.readings_text(charter) + "\n")
        click.echo(f"{report.summary(found)}.")
    if any(finding.severity == "error" for finding in found):
        ctx.exit(1)


@click.command()
@in_workspace
@click.argument("identifier", metavar="ID")
def explain(folder: Path | None, identifier: str) -> None:
    """Dit pourquoi un article ou un paragraphe est là.

    ID est un article (« deconnexion », ou son numéro), une option
    (« deconnexion/plage ») ou un paragraphe (« deconnexion/plage/1 »).
    """
    place = workspace(folder)
    charter = drafted(place)
    for article in charter.articles():
        if identifier in (article.id, str(article.number)):
            click.echo(report.explanation_text(article))
            return
        asked = [p for p in article.every_paragraph() if identifier in (p.id, p.clause)]
        if asked:
            click.echo(report.explanation_text(article, asked))
            return
    raise InputError(_not_in_draft(identifier, charter, place.library))


def _not_in_draft(identifier: str, charter: Charter, library: Library) -> str:
    """Return why there is nothing to explain: not chosen, or no such thing."""
    sentence = f"« {shown(identifier)} » n’est pas dans le projet"
    option = library.options.get("/".join(identifier.split("/")[:2]))
    if option is not None and option.id not in charter.clause_ids:
        return f"{sentence} : l’option « {polish(option.title)} » n’est pas retenue."
    if identifier in library.themes:
        title = polish(library.themes[identifier].title)
        return f"{sentence} : l’article « {title} » n’est pas ouvert."
    known = [article.id for article in charter.articles()]
    known += [p.id for article in charter.articles() for p in article.every_paragraph()]
    hint = did_you_mean(identifier, known)
    if not hint:
        count = sum(1 for _ in charter.articles())
        hint = f" Donnez le numéro d’un article, de 1 à {count}."
    return f"{sentence}.{hint}"


@click.command()
@in_workspace
@click.option(
    "--to",
    "form",
    type=click.Choice(EXPORTED),
    help="Le format du document ; sans elle, celui que dit le nom du fichier.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FICHIER",
    help="Le fichier à écrire.",
)
@click.option(
    "--document",
    metavar="ID",
    help="Un document annexe, à la place de la délibération et de la charte.",
)
def export(
    folder: Path | None, form: str | None, output: Path, document: str | None
) -> None:
    """Produit un seul document : la délibération et la charte annexée.

    Avec --document, une annexe : « demande » pour le fichier draft/demande.md.
    """
    form = form or _form_of(output)
    place = workspace(folder)
    charter = drafted(place)
    annex: Document | None = None
    if document is not None:
        annex = _annex(document, charter, place.library)
    if form == "docx":
        try:
            from charter_builder.export import docx
        except ImportError:
            raise InputError(
                "l’export Word demande un complément : "
                "pip install 'charter-builder[export]'."
            ) from None
        rendered = (
            docx.render_document(annex, charter) if annex else docx.render(charter)
        )
        write_atomic(output, rendered)
    elif annex:
        write_atomic(output, document_text(annex, charter))
    else:
        acts = [act_text(act, charter) for act in charter.acts]
        write_atomic(output, "\n".join([*acts, charter_text(charter)]))
    click.echo(f"{output} : écrit.")


def _form_of(output: Path) -> str:
    """Return the format that the name of a file says. Raises `InputError`."""
    said = output.suffix.removeprefix(".").lower()
    if said in EXPORTED:
        return said
    raise InputError(
        f"{output} : ce nom ne dit pas le format. Finissez-le par "
        f"{french.enumeration([f'.{form}' for form in EXPORTED], 'ou')}, ou donnez --to."
    )


def _annex(identifier: str, charter: Charter, library: Library) -> Document:
    known = {document.id: document for document in charter.documents}
    if identifier in known:
        return known[identifier]
    sentence = f"« {shown(identifier)} » n’est pas un document de ce projet"
    if identifier in library.documents:
        raise InputError(
            f"{sentence} : les réponses données ne le demandent pas. « charter draft » "
            "écrit ceux qui l’accompagnent."
        )
    documents = ", ".join(known) or "aucun"
    hint = did_you_mean(identifier, known) or f" Documents : {documents}."
    raise InputError(f"{sentence}.{hint}")
