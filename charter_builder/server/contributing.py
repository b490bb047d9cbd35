"""Contributing to an article, withdrawing, contesting: complete without JavaScript.

What a person typed is given back on every refusal: nothing typed is lost.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from flask import Flask, Response, g, request
from pydantic import ValidationError

from charter_builder import french
from charter_builder.consultation import Organisation
from charter_builder.contributions import (
    Origin,
    Refusal,
    Submission,
    admitted,
    located,
    same_text,
)
from charter_builder.dialogue import Standing
from charter_builder.errors import InputError
from charter_builder.receipts import receipt_text
from charter_builder.register import (
    KIND_LABELS,
    MAX_PASSAGE,
    OPERATION_LABELS,
    STANCE_LABELS,
    Contribution,
    clean_text,
)
from charter_builder.server.service import (
    EXPIRED_FORM,
    Service,
    Stop,
    capital,
    refusal_status,
    see_other,
)
from charter_builder.storage.proceedings import record_contest, record_withdrawal
from charter_builder.storage.session_store import Session
from charter_builder.units import FrozenVersion, Unit

FIELDS = (
    "key",
    "version",
    "kind",
    "passage",
    "operation",
    "proposed",
    "choice",
    "text",
    "stance",
)
MAX_SENT = 100_000
"""Characters of one field that are looked at; more is given back, not read."""

TOO_MANY = (
    "Votre organisation a fait soixante envois en une heure, le maximum. Votre texte est "
    "ci-dessous : gardez cette page ouverte et déposez-le un peu plus tard."
)


class Target(NamedTuple):
    """What one contributes to: a unit of a frozen version."""

    version: FrozenVersion
    unit: Unit


def register(app: Flask, service: Service) -> None:
    """Add the routes of the organisations."""

    @app.get("/contribuer/<unit>")
    def form(unit: str) -> Response:
        service.organisation()
        target = _target(service, unit, "")
        kind = request.args.get("nature", "")
        values = _blank(target.unit, kind if kind in KIND_LABELS else "comment")
        return _form(service, target, values)

    @app.post("/contribuer/<unit>")
    def send(unit: str) -> Response:
        values = typed()
        if service.person() is None:
            return _expired(service, values)
        session, organisation = service.organisation()
        target = _target(service, unit, values["version"])
        if g.is_too_large:
            errors = {"text": service.too_large_sentence}
            return _form(service, target, values, errors, status=413)
        step = request.form.get("etape")
        if step == "modifier":
            return _form(service, target, values)
        errors, submission = _read(values, target)
        if submission is None:
            return _form(service, target, values, errors, status=422)
        if step != "deposer":
            return _verify(service, target, values, submission)
        if not service.is_form_known(session):
            return _verify(service, target, values, submission, EXPIRED_FORM, 403)
        return _deposit(service, target, values, submission, session, organisation)

    @app.get("/recepisse/<identifier>")
    def receipt(identifier: str) -> Response:
        _, organisation = service.organisation()
        standing = service.own(identifier, organisation)
        return service.page(
            "recepisse",
            f"Contribution {standing.id} enregistrée",
            standing=standing,
            again="deja" in request.args,
            text=_receipt(service, standing),
        )

    @app.get("/recepisse/<identifier>.txt")
    def download(identifier: str) -> Response:
        _, organisation = service.organisation()
        standing = service.own(identifier, organisation)
        answer = Response(_receipt(service, standing), mimetype="text/plain")
        answer.headers["Content-Disposition"] = (
            f'attachment; filename="recepisse-{standing.id}.txt"'
        )
        return answer

    @app.get("/retirer/<identifier>")
    def ask_withdrawal(identifier: str) -> Response:
        _, organisation = service.organisation()
        return _withdrawal(service, service.own(identifier, organisation))

    @app.post("/retirer/<identifier>")
    def withdraw(identifier: str) -> Response:
        session, organisation = service.organisation()
        standing = service.own(identifier, organisation)
        if not service.is_form_known(session):
            return _withdrawal(service, standing, EXPIRED_FORM, 403)
        if standing.status == "withdrawn":
            return see_other("/espace")
        try:
            _refuse_ended(service, organisation)
            with service.live.writing() as registrar:
                record_withdrawal(registrar, standing.id, organisation.id)
        except InputError as error:
            return _withdrawal(
                service, standing, capital(str(error)), refusal_status(error)
            )
        return see_other("/espace")

    @app.get("/contester/<identifier>")
    def ask_contest(identifier: str) -> Response:
        _, organisation = service.organisation()
        return _contest(service, service.own(identifier, organisation))

    @app.post("/contester/<identifier>")
    def contest(identifier: str) -> Response:
        session, organisation = service.organisation()
        standing = service.own(identifier, organisation)
        said, key = request.form.get("text", ""), request.form.get("key", "")
        if g.is_too_large:
            return _contest(service, standing, said, service.too_large_sentence, 413)
        if not service.is_form_known(session):
            return _contest(service, standing, said, EXPIRED_FORM, 403)
        if not _is_key(key):
            return _contest(service, standing, said, EXPIRED_FORM, 422)
        try:
            _refuse_ended(service, organisation)
            with service.live.writing() as registrar:
                if not service.gate.may_submit(session):
                    return _contest(service, standing, said, TOO_MANY, 429)
                record_contest(registrar, standing.id, organisation.id, said, key)
        except InputError as error:
            return _contest(
                service, standing, said, capital(str(error)), refusal_status(error)
            )
        return see_other("/espace")


# --- what was typed ------------------------------------------------------------------


def typed() -> dict[str, str]:
    """Return what the form holds, each field there, line ends as one types them."""
    return {
        name: request.form.get(name, "").replace("\r\n", "\n") for name in FIELDS
    } | {"key": request.form.get("key", "")}


def _blank(unit: Unit, kind: str) -> dict[str, str]:
    return dict.fromkeys(FIELDS, "") | {
        "key": secrets.token_hex(16),
        "kind": kind,
        "operation": "replace",
        "proposed": unit.text,
    }


def _is_key(key: str) -> bool:
    return len(key) == 32 and set(key) <= set("0123456789abcdef")


def _target(service: Service, unit: str, version: str) -> Target:
    """Return what a form is about. Raises `Stop` when there is no such thing."""
    versions = {v.version: v for v in service.snapshot().site.versions}
    last = max(versions, default=0)
    number = int(version) if version.isdecimal() and len(version) < 6 else last
    read = versions.get(number)
    found = read.unit(unit) if read else None
    if read is None or found is None:
        # Another version may have it: what one typed must not be lost for that.
        if request.method == "POST":
            raise Stop(
                service.message(
                    "Article introuvable",
                    "Cet article n’est plus dans la version citée. Votre texte est "
                    "ci-dessous : copiez-le, puis ouvrez l’article voulu.",
                    404,
                    _given_back(typed()),
                )
            )
        raise Stop(service.lost())
    return Target(read, found)


def _read(
    values: Mapping[str, str], target: Target
) -> tuple[dict[str, str], Submission | None]:
    """Return a submission, or the fields to mend with a sentence for each."""
    errors: dict[str, str] = {}
    unit, kind = target.unit, values["kind"]
    proposed = clean_text(values["proposed"][:MAX_SENT])
    is_reworded = bool(proposed) and not same_text(proposed, unit.text)
    if kind not in KIND_LABELS:
        errors["kind"] = "Choisissez la nature de votre contribution."
    elif kind != "amendment" and is_reworded:
        errors["kind"] = (
            "Vous avez modifié la rédaction de l’article : choisissez « amendement », ou "
            "rétablissez le texte."
        )
    for name, labels in (("operation", OPERATION_LABELS), ("stance", STANCE_LABELS)):
        if values[name] and values[name] not in labels:
            errors[name] = "Choisissez une des réponses proposées."
    for name, limit in (
        ("passage", MAX_PASSAGE),
        ("proposed", 80_000),
        ("text", 80_000),
    ):
        if len(values[name]) > limit:
            errors[name] = (
                f"Ce texte compte {french.number(len(values[name]))} caractères : "
                "raccourcissez-le, ou déposez-le en deux contributions."
            )
    if errors:
        return errors, None
    is_amendment = kind == "amendment"
    point, _, letter = values["choice"].partition("|")
    given = {
        "key": values["key"] if _is_key(values["key"]) else secrets.token_hex(16),
        "version": target.version.version,
        "unit": unit.id,
        "unit_sha256": unit.sha256,
        "kind": kind,
        "operation": (values["operation"] or "replace") if is_amendment else None,
        "passage": values["passage"].strip() or None,
        "choice": {"point": point, "letter": letter}
        if kind == "choice" and letter
        else None,
        "stance": values["stance"] or None,
        "text": values["text"],
        "proposed": values["proposed"] if is_amendment else None,
    }
    try:
        return {}, Submission.model_validate(given)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        name = field if field in FIELDS else "text"
        return {name: "Cette réponse n’est pas possible : corrigez-la."}, None


# --- pages ---------------------------------------------------------------------------


def _form(
    service: Service,
    target: Target,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> Response:
    site = service.snapshot().site
    values = {**values, "version": str(target.version.version)}
    if not _is_key(values["key"]):
        values["key"] = secrets.token_hex(16)
    return service.page(
        "depot",
        f"Contribuer : {target.unit.name}",
        status,
        target=target,
        values=values,
        errors=dict(errors or {}),
        notice=notice,
        already=site.on_unit.get(target.unit.id, []),
        is_last=target.version is site.versions[-1],
        is_late=_is_late(service),
    )


def _verify(
    service: Service,
    target: Target,
    values: Mapping[str, str],
    submission: Submission,
    notice: str = "",
    status: int = 200,
) -> Response:
    """Show what will be recorded; what the registrar would refuse is said here."""
    _, organisation = service.organisation()
    site = service.snapshot().site
    try:
        given = _tried(service, submission, organisation)
    except Refusal as refusal:
        return _refused(service, target, values, refusal)
    passage = located(submission.passage, target.unit.text)
    return service.page(
        "verifier",
        f"Vérifier avant de déposer : {target.unit.name}",
        status,
        target=target,
        values={**values, "version": str(target.version.version)},
        notice=notice,
        given=given,
        passage=passage,
        is_passage_found=passage is not None and passage.start is not None,
        points=site.points(target.version.version, target.unit.id),
        is_late=_is_late(service),
    )


def _tried(
    service: Service, submission: Submission, organisation: Organisation
) -> Contribution:
    """Return what would be recorded. Raises `Refusal`."""
    return admitted(
        submission,
        Origin(organisation.id, "server", "invitation"),
        service.dialogue,
        {v.version: v for v in service.snapshot().site.versions},
        service.live.now(),
        ("0" * 32, "0" * 32),
    )


def _deposit(
    service: Service,
    target: Target,
    values: Mapping[str, str],
    submission: Submission,
    session: Session,
    organisation: Organisation,
) -> Response:
    origin = Origin(organisation.id, "server", "invitation")
    try:
        with service.live.writing() as registrar:
            # A form sent again is no other submission.
            is_again = submission.key in registrar.journal.dialogue.keys
            if not is_again and not service.gate.may_submit(session):
                errors = {"text": TOO_MANY}
                return _form(service, target, values, errors, status=429)
            outcome = registrar.record(submission, origin, typed=True)
    except Refusal as refusal:
        return _refused(service, target, values, refusal)
    except InputError as error:
        status = refusal_status(error)
        said = (
            "Le disque du serveur est plein. Rien n’est enregistré. Votre texte est "
            "ci-dessous, entier : gardez cette page ouverte, prévenez la direction des "
            "ressources humaines, puis déposez de nouveau."
            if status == 507
            else "L’enregistrement n’a pas pu se faire. Rien n’est enregistré. Votre "
            "texte est ci-dessous, entier : déposez de nouveau dans un instant."
        )
        return _form(service, target, values, {"text": said}, status=status)
    again = "" if outcome.is_new else "?deja=1"
    return see_other(f"/recepisse/{outcome.standing.id}{again}#titre")


def _refused(
    service: Service, target: Target, values: Mapping[str, str], refusal: Refusal
) -> Response:
    field = refusal.field if refusal.field in FIELDS else "text"
    said = capital(str(refusal))
    if refusal.field == "key":
        # Edited after it was sent: another contribution, which needs its own key.
        values = {**values, "key": secrets.token_hex(16)}
        field = "text"
        said = (
            "Ce formulaire avait déjà servi à déposer une contribution, qui est au "
            "registre. Si ce texte en est une autre, vérifiez et déposez de nouveau."
        )
    return _form(service, target, values, {field: said}, status=422)


def _expired(service: Service, values: Mapping[str, str]) -> Response:
    """Give back what one typed before the session ended, and nothing else."""
    return service.page(
        "expire",
        "Votre session a expiré",
        403,
        values=values,
        typed=_given_back(values),
    )


def _given_back(values: Mapping[str, str]) -> dict[str, str]:
    labels = {
        "passage": "Passage visé",
        "proposed": "Rédaction proposée",
        "text": "Exposé des motifs",
    }
    return {
        label: values[name] for name, label in labels.items() if values[name].strip()
    }


def _withdrawal(
    service: Service, standing: Standing, notice: str = "", status: int = 200
) -> Response:
    return service.page(
        "retirer",
        f"Retirer la contribution {standing.id}",
        status,
        standing=standing,
        notice=notice,
    )


def _contest(
    service: Service,
    standing: Standing,
    said: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    key = request.form.get("key", "")
    return service.page(
        "contester",
        f"Contester la réponse à {standing.id}",
        status,
        standing=standing,
        said=said,
        key=key if _is_key(key) else secrets.token_hex(16),
        errors={"text": problem} if problem else {},
    )


# --- what is checked -----------------------------------------------------------------


def _receipt(service: Service, standing: Standing) -> str:
    site = service.snapshot().site
    return receipt_text(standing, site.dialogue, {v.version: v for v in site.versions})


def _is_late(service: Service) -> bool:
    return service.live.now() >= service.dialogue.opened.deadline


def _refuse_ended(service: Service, organisation: Organisation) -> None:
    """Raise `InputError` once the mandate of an organisation is over."""
    day = service.snapshot().site.day
    if not organisation.is_mandated_on(day):
        raise InputError(
            f"le mandat de {organisation.name} ne couvre pas le {french.day(day)}."
        )
