"""What a lawful dossier must contain (C01 to C30), and where a draft has it."""

from collections.abc import Mapping
from typing import Literal

from charter_builder.charter import Charter, expression_context
from charter_builder.library import Library, Requirement
from charter_builder.model import Value
from charter_builder.references import Citation
from charter_builder.rules import Finding, check, cite, holds, render_line
from charter_builder.typography import polish

Status = Literal["covered", "procedure", "not-applicable", "missing"]

STATUS_LABELS: dict[Status, str] = {
    "covered": "traité",
    "procedure": "démarche à faire",
    "not-applicable": "sans objet",
    "missing": "manquant",
}
WHERE_LABELS = {
    "charte": "la charte",
    "deliberation": "la délibération ou la charte qui lui est annexée",
    "acte": "l’acte individuel",
    "procedure": "la procédure",
}


class Coverage(Value):
    """How a draft stands with one requirement."""

    id: str
    title: str
    where: str
    status: Status
    places: tuple[str, ...] = ()
    """The articles that meet it."""
    reason: str = ""
    """Why it is not applicable, or what is to be done."""
    references: tuple[Citation, ...] = ()


def coverage(charter: Charter, library: Library) -> list[Coverage]:
    """Return every requirement of the library with its status, in order."""
    context = expression_context(
        charter.act_date,
        charter.values,
        charter.chosen,
        charter.figures,
        library.theme_order,
    )
    satisfied = charter.satisfied()
    return [
        _one(identifier, requirement, charter, library, context, satisfied)
        for identifier, requirement in library.requirements.items()
    ]


def _one(
    identifier: str,
    requirement: Requirement,
    charter: Charter,
    library: Library,
    context: Mapping[str, object],
    satisfied: Mapping[str, list[str]],
) -> Coverage:
    on = charter.act_date
    status: Status
    reason = ""
    if not holds(requirement.when, context):  # type: ignore[arg-type]
        status, reason = "not-applicable", requirement.otherwise or ""
    elif identifier in satisfied:
        status = "covered"
    else:
        drafted = requirement.where in ("charte", "deliberation")
        status = "missing" if drafted else "procedure"
        reason = render_line(
            requirement.remedy,
            dict(library.figures_on(on)),
            library.references,
            on,
        )
    return Coverage(
        id=identifier,
        title=polish(requirement.title),
        where=requirement.where,
        status=status,
        places=tuple(satisfied.get(identifier, ())) if status == "covered" else (),
        reason=polish(reason),
        references=cite(requirement.references, library.references, on),
    )


def findings(charter: Charter, library: Library) -> list[Finding]:
    """Return all there is to say on a draft: rules, bounds, incoherences, contents."""
    found = check(
        charter,
        library.rules,
        library.references,
        library.all_questions,
        library.theme_order,
    )
    found += _incompatible(charter, library)
    for item in coverage(charter, library):
        if item.status == "missing":
            main = library.requirements[item.id].references[0]
            found.append(
                Finding(
                    rule=f"contenu.{item.id}",
                    severity=library.references[main].effective_severity,
                    message=f"Contenu attendu et introuvable : {item.title}.",
                    place=WHERE_LABELS[item.where],
                    references=item.references,
                    remedy=item.reason,
                )
            )
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda finding: order[finding.severity])


def _incompatible(charter: Charter, library: Library) -> list[Finding]:
    found = []
    present = charter.clause_ids
    for theme, options in charter.chosen.items():
        article = charter.article(theme)
        place = f"article {article.number}, {article.title}" if article else theme
        for identifier in options:
            option = library.options[identifier]
            for other in option.requires:
                if other not in present:
                    found.append(
                        Finding(
                            rule="coherence.suppose",
                            severity="error",
                            message=polish(
                                f"L’option « {option.title} » suppose "
                                f"« {library.title_of(other)} », qui n’est pas retenue."
                            ),
                            place=place,
                            remedy=polish(
                                f"Retenez « {library.title_of(other)} », ou renoncez à "
                                f"« {option.title} »."
                            ),
                        )
                    )
            for other in option.excludes:
                if other in present:
                    found.append(
                        Finding(
                            rule="coherence.exclut",
                            severity="error",
                            message=polish(
                                f"L’option « {option.title} » ne va pas avec "
                                f"« {library.title_of(other)} »."
                            ),
                            place=place,
                            remedy="Gardez l’une des deux.",
                        )
                    )
    return found
