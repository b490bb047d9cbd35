"""What a lawful dossier must contain, and where a draft has it."""

from collections.abc import Iterator, Mapping
from typing import Literal

from charter_builder import french
from charter_builder.charter import Article, Charter, expression_context
from charter_builder.errors import shown
from charter_builder.evaluation import cite, holds, render_line
from charter_builder.expressions import Plain
from charter_builder.library import Library, Requirement
from charter_builder.model import Value
from charter_builder.references import Citation
from charter_builder.rules import GRAVITY, Finding, check
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
    """Un contenu attendu, et où le projet en est."""

    id: str
    """Son numéro : `C01`."""
    title: str
    """Ce qui est attendu."""
    where: str
    """Où : `charte`, `deliberation`, `acte` ou `procedure`."""
    status: Status
    """Son état."""
    places: tuple[str, ...] = ()
    """Les articles qui le traitent."""
    reason: str = ""
    """Pourquoi il est sans objet, ou ce qu’il reste à faire."""
    references: tuple[Citation, ...] = ()
    """Les textes qui le demandent."""


class LibraryUsed(Value):
    """La bibliothèque avec laquelle le projet est fait."""

    id: str
    """Son identifiant."""
    version: str
    """Sa version."""
    digest: str
    """L’empreinte de ses fichiers."""


class CheckReport(Value):
    """Le résultat de « charter check --format json »."""

    format: Literal[1] = 1
    """La version de ce format : elle change quand une clé change de sens."""
    act_date: str
    """La date de l’acte : '2027-03-01'."""
    library: LibraryUsed
    """La bibliothèque."""
    findings: tuple[Finding, ...]
    """Les constats, les plus graves d’abord."""
    requirements: tuple[Coverage, ...]
    """Les contenus attendus, dans l’ordre de la bibliothèque."""


def check_report(charter: Charter, library: Library) -> CheckReport:
    """Return everything there is to say on a draft, as one value."""
    return CheckReport(
        act_date=charter.act_date,
        library=LibraryUsed(
            id=charter.library,
            version=charter.library_version,
            digest=charter.library_digest,
        ),
        findings=tuple(findings(charter, library)),
        requirements=tuple(coverage(charter, library)),
    )


def coverage(charter: Charter, library: Library) -> list[Coverage]:
    """Return every requirement of the library with its status, in order.

    With points left open, a content counts only when it is there however they are
    settled.
    """
    if charter.variants:
        each = [coverage(variant.charter, library) for variant in charter.variants]
        return [max(found, key=_worst) for found in zip(*each, strict=True)]
    context = _context(charter, library)
    satisfied = charter.satisfied()
    return [
        _one(identifier, requirement, charter, library, context, satisfied)
        for identifier, requirement in library.requirements.items()
    ]


def _worst(item: Coverage) -> bool:
    return item.status == "missing"


def _context(charter: Charter, library: Library) -> dict[str, Plain]:
    return expression_context(
        charter.act_date,
        charter.values,
        charter.chosen,
        charter.figures,
        library.theme_order,
    )


def _one(
    identifier: str,
    requirement: Requirement,
    charter: Charter,
    library: Library,
    context: Mapping[str, Plain],
    satisfied: Mapping[str, list[str]],
) -> Coverage:
    on = charter.act_date
    status: Status
    reason = ""
    if not holds(requirement.when, context):
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
    """Return all there is to say on a draft: rules, bounds, incoherences, contents.

    Each candidate of a point left open is checked as if it were the answer: none of
    them may bring in what the law refuses.
    """
    found = (
        _of_candidates(charter, library)
        if charter.variants
        else _settled(charter, library)
    )
    found += _open_points(charter)
    found += _local_paragraphs(charter)
    found += _adopted_texts(charter)
    return sorted(found, key=lambda finding: GRAVITY[finding.severity])


def _of_candidates(charter: Charter, library: Library) -> list[Finding]:
    """Return the findings of every candidate, each saying which one brings it."""
    each = [
        (variant.said, {_key(f): f for f in _settled(variant.charter, library)})
        for variant in charter.variants
    ]
    always = set.intersection(*(set(found) for _, found in each))
    told: dict[tuple[str, str, str], Finding] = {}
    for said, found in each:
        for key, finding in found.items():
            if key in always:
                told.setdefault(key, finding)
            elif key not in told:
                message = polish(f"{said[:1].upper()}{said[1:]} : {finding.message}")
                told[key] = finding.model_copy(update={"message": message})
    return list(told.values())


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.message, finding.place


def _open_points(charter: Charter) -> Iterator[Finding]:
    for article, point in charter.open_points():
        candidates = " ; ".join(f"{c.letter}, {c.shown}" for c in point.candidates)
        yield Finding(
            rule="debat.point-ouvert",
            severity="note",
            message=polish(f"Point à débattre : {point.question} {candidates}."),
            place=polish(f"article {article.number}, {article.title}"),
            names=(point.id,),
            remedy=polish(
                "À trancher avant la version finale : « charter ask » repose la "
                "question."
            ),
        )


def _local_paragraphs(charter: Charter) -> Iterator[Finding]:
    for article in charter.articles():
        for paragraph in article.every_paragraph():
            if paragraph.nature == "local" and not paragraph.is_adopted:
                yield Finding(
                    rule="redaction.locale",
                    severity="note",
                    message=polish(
                        "Paragraphe écrit par la collectivité, non vérifié par "
                        f"l’outil. Motif donné : {paragraph.reason}"
                    ),
                    place=polish(f"article {article.number}, {article.title}"),
                    remedy=polish("Faites-le relire par un juriste."),
                )


def _adopted_texts(charter: Charter) -> Iterator[Finding]:
    """Yield what to check of the articles whose text comes from the consultation."""
    for adoption in charter.adoptions:
        unit = charter.unit(adoption.unit)
        assert unit is not None
        place = unit.title
        if isinstance(unit, Article):
            place = polish(f"article {unit.number}, {unit.title}")
        names = french.enumeration(list(adoption.contributions))
        if adoption.is_stale:
            again = " ".join(adoption.contributions)
            yield Finding(
                rule="concertation.a-reexaminer",
                severity="error",
                message=polish(
                    f"Rédaction adoptée à réexaminer ({names}) : une réponse a changé "
                    "depuis, et le texte qu’elle remplaçait n’est plus le même."
                ),
                place=place,
                remedy=polish(
                    f"« charter consultation apply {again} » réunit les deux "
                    "changements. Pour revenir au texte des réponses, retirez "
                    f"« {unit.id} » de « adopted », dans answers.yml."
                ),
            )
        if adoption.fault:
            yield Finding(
                rule="concertation.acte-incomplet",
                severity="error",
                message=polish(
                    f"{adoption.fault[:1].upper()}{adoption.fault[1:]} ({names})"
                ),
                place=place,
                remedy=polish(
                    f"Corrigez le texte de « {unit.id} » dans « adopted », dans "
                    "answers.yml, ou retirez-le."
                ),
            )
        for lost in adoption.lost_law:
            yield Finding(
                rule="concertation.loi-retiree",
                severity="warning",
                message=polish(
                    f"À vérifier : la rédaction adoptée ({names}) ne reprend pas tel "
                    f"quel ce que la loi impose : « {shown(lost, 200)} »"
                ),
                place=place,
                remedy="Vérifiez que la règle reste dite, ou rétablissez ce paragraphe.",
            )
        yield Finding(
            rule="concertation.redaction-adoptee",
            severity="note",
            message=polish(
                f"Rédaction adoptée après concertation ({names}), non vérifiée par "
                "l’outil."
            ),
            place=place,
            remedy=polish("Faites-la relire par un juriste."),
        )


def _settled(charter: Charter, library: Library) -> list[Finding]:
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
                    message=polish(f"Contenu attendu et introuvable : {item.title}."),
                    place=WHERE_LABELS[item.where],
                    references=item.references,
                    remedy=item.reason,
                )
            )
    return found


def _incompatible(charter: Charter, library: Library) -> Iterator[Finding]:
    """Yield the options that suppose or exclude one another in vain."""
    present = charter.clause_ids
    told: set[frozenset[str]] = set()
    for article in charter.articles():
        place = polish(f"article {article.number}, {article.title}")
        for identifier in charter.chosen[article.id]:
            option = library.options[identifier]
            for other in option.requires:
                if other not in present:
                    yield _unmet(option.title, library.title_of(other), place)
            for other in option.excludes:
                pair = frozenset({identifier, other})
                # Two options that exclude each other are one thing to settle.
                if other in present and pair not in told:
                    told.add(pair)
                    yield _clash(option.title, library.title_of(other), place)


def _unmet(option: str, other: str, place: str) -> Finding:
    return Finding(
        rule="coherence.suppose",
        severity="error",
        message=polish(
            f"L’option « {option} » suppose « {other} », qui n’est pas retenue."
        ),
        place=place,
        remedy=polish(f"Retenez « {other} », ou renoncez à « {option} »."),
    )


def _clash(option: str, other: str, place: str) -> Finding:
    return Finding(
        rule="coherence.exclut",
        severity="error",
        message=polish(f"L’option « {option} » ne va pas avec « {other} »."),
        place=place,
        remedy="Gardez l’une des deux.",
    )
