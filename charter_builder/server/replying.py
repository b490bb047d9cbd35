"""Preparing replies, and deciding them: two roles, never the same session.

Nothing here edits, hides or deletes what an organisation wrote. Applying a reply to the
text and closing stay on the command line.
"""

from collections.abc import Mapping
from datetime import date as calendar_day

from flask import Flask, Response, g, request
from pydantic import ValidationError

from charter_builder.awaiting import awaits_reply
from charter_builder.consultation import Role
from charter_builder.decisions import Sitting
from charter_builder.dialogue import Standing
from charter_builder.errors import ConflictError, InputError
from charter_builder.figures import repeated_reasons
from charter_builder.replies import (
    FIELD_LABELS,
    Draft,
    DraftRefused,
    Project,
    SavedDraft,
    checked,
    dispositions_of,
    proposed_text,
)
from charter_builder.server.service import (
    EXPIRED_FORM,
    Service,
    Stop,
    capital,
    paged,
    refusal_status,
    see_other,
)
from charter_builder.storage.draft_store import (
    discard_draft,
    draft_of,
    drafts,
    forget_decided,
    save_draft,
)
from charter_builder.storage.proceedings import record_decision
from charter_builder.website.dialogue_view import FOLDER
from charter_builder.website.dialogue_words import anchor

DRAFT_FIELDS = ("disposition", *FIELD_LABELS)
MAX_TYPED = 80_000
MAX_DIGITS = 16
"""Digits of a revision: a random number below 2**53."""


def register(app: Flask, service: Service) -> None:
    """Add the routes of the roles."""

    @app.get("/rh/")
    def todo() -> Response:
        service.role()
        return _list(service)

    @app.get("/rh/<identifier>")
    def reply(identifier: str) -> Response:
        service.role()
        standing = _standing(service, identifier)
        saved = draft_of(service.store, standing.id)
        values = _saved_values(saved) if saved else _fresh(standing)
        return _draft(service, standing, saved, values)

    @app.post("/rh/<identifier>")
    def save(identifier: str) -> Response:
        session, role = service.role()
        standing = _standing(service, identifier)
        values = {
            name: request.form.get(name, "").replace("\r\n", "\n")
            for name in (*DRAFT_FIELDS, "revision")
        }
        saved = draft_of(service.store, standing.id)
        if g.is_too_large:
            errors = {"reason": service.too_large_sentence}
            return _draft(service, standing, saved, values, errors, status=413)
        if not service.is_form_known(session):
            return _draft(
                service, standing, saved, values, notice=EXPIRED_FORM, status=403
            )
        if request.form.get("etape") == "abandonner":
            return _discard(service, standing, saved, role)
        return _save(service, standing, saved, role, values)

    @app.get("/rh/decision")
    def decision() -> Response:
        _, role = service.role()
        return _sitting(service, role, {})

    @app.post("/rh/decision")
    def decide() -> Response:
        session, role = service.role()
        values = {name: request.form.get(name, "") for name in _SITTING}
        if not service.is_form_known(session):
            return _sitting(service, role, values, notice=EXPIRED_FORM, status=403)
        try:
            made = _decided(service, role, values)
        except InputError as error:
            return _sitting(
                service,
                role,
                values,
                {"drafts": capital(str(error))},
                refusal_status(error),
            )
        page = service.live.snapshot().site.page_of_decision[made]
        return see_other(f"/{FOLDER}/{page}#{anchor(made)}")


# --- what is to do -------------------------------------------------------------------


def _list(service: Service) -> Response:
    site = service.snapshot().site
    asked = {
        name: request.args.get(name, "")
        for name in ("article", "organisation", "nature", "retard")
    }
    found = [
        standing
        for standing in site.standings
        if awaits_reply(standing, site.dialogue)
        and asked["article"] in ("", standing.unit)
        and asked["organisation"] in ("", standing.contribution.organisation)
        and asked["nature"] in ("", standing.kind)
        and (not asked["retard"] or standing.is_overdue(site.day))
    ]
    waiting = [s for s in site.standings if awaits_reply(s, site.dialogue)]
    return service.page(
        "traiter",
        f"À traiter ({len(waiting)})",
        shown=paged(found),
        found=len(found),
        total=len(waiting),
        overdue=sum(s.is_overdue(site.day) for s in waiting),
        drafts={saved.draft.contribution: saved for saved in drafts(service.store)},
        asked=asked,
        amended=_competing(waiting),
    )


def _competing(waiting: list[Standing]) -> dict[str, int]:
    """Return how many amendments wait on each unit."""
    found: dict[str, int] = {}
    for standing in waiting:
        if standing.kind == "amendment":
            found[standing.unit] = found.get(standing.unit, 0) + 1
    return found


# --- one reply -----------------------------------------------------------------------


def _standing(service: Service, identifier: str) -> Standing:
    standing = service.dialogue.standings.get(identifier)
    if standing is None:
        raise Stop(service.lost())
    return standing


def _fresh(standing: Standing) -> dict[str, str]:
    proposed = proposed_text(standing) if standing.kind == "amendment" else ""
    return dict.fromkeys(DRAFT_FIELDS, "") | {
        "adopted_text": proposed or "",
        "revision": "0",
    }


def _saved_values(saved: SavedDraft) -> dict[str, str]:
    said = saved.draft.model_dump(mode="json")
    return {name: said.get(name) or "" for name in DRAFT_FIELDS} | {
        "revision": str(saved.revision)
    }


def _draft(
    service: Service,
    standing: Standing,
    saved: SavedDraft | None,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response:
    site = service.snapshot().site
    return service.page(
        "repondre",
        f"Répondre à {standing.id}",
        status,
        standing=standing,
        saved=saved,
        values=values,
        errors=dict(errors or {}),
        notice=notice or ("Projet enregistré." if "fait" in request.args else ""),
        choices=dispositions_of(standing.kind),
        labels=FIELD_LABELS,
        awaits=awaits_reply(standing, site.dialogue),
        rivals=[
            s
            for s in site.on_unit.get(standing.unit, [])
            if s.kind == "amendment" and s.id != standing.id
            if s.status != "withdrawn" and standing.kind == "amendment"
        ],
    )


def _save(
    service: Service,
    standing: Standing,
    saved: SavedDraft | None,
    role: Role,
    values: Mapping[str, str],
) -> Response:
    site = service.snapshot().site
    errors: dict[str, str] = {}
    if values["disposition"] not in dispositions_of(standing.kind):
        errors["disposition"] = "Choisissez la suite donnée."
    for name in FIELD_LABELS:
        if len(values[name]) > MAX_TYPED:
            errors[name] = "Ce texte est trop long : raccourcissez-le."
    if errors:
        return _draft(service, standing, saved, values, errors, status=422)
    given = {name: values[name].strip() or None for name in DRAFT_FIELDS}
    # The field is there, filled in, whatever one answers.
    if given["disposition"] not in ("retained", "partly-retained"):
        given["adopted_text"] = None
    try:
        draft = Draft.model_validate({"contribution": standing.id, **given})
        ready = checked(
            draft,
            site.dialogue,
            site.day,
            Project({v.version: v for v in site.versions}, service.library.may_go),
        )
        save_draft(
            service.store,
            ready,
            role.id,
            standing.changed_seq,
            service.live.now(),
            _revision(values["revision"]),
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        name = field if field in DRAFT_FIELDS else "reason"
        sentence = "Cette réponse n’est pas possible : corrigez-la."
        if name == "due":
            sentence = "Donnez un jour : 2027-02-15."
        return _draft(service, standing, saved, values, {name: sentence}, status=422)
    except DraftRefused as refused:
        errors = {fault.field: capital(fault.message) for fault in refused.faults}
        return _draft(service, standing, saved, values, errors, status=422)
    except ConflictError as error:
        newest = draft_of(service.store, standing.id)
        values = {**values, "revision": str(newest.revision if newest else 0)}
        return _draft(
            service, standing, newest, values, notice=capital(str(error)), status=409
        )
    except InputError as error:
        return _draft(
            service,
            standing,
            saved,
            values,
            {"reason": capital(str(error))},
            status=refusal_status(error),
        )
    return see_other(f"/rh/{standing.id}?fait=1#titre")


def _revision(given: str) -> int:
    """Return which draft a form was filled from; none for what no form of ours holds."""
    return int(given) if given.isdecimal() and len(given) <= MAX_DIGITS else 0


def _discard(
    service: Service, standing: Standing, saved: SavedDraft | None, role: Role
) -> Response:
    if saved is not None and saved.role != role.id:
        return _draft(
            service,
            standing,
            saved,
            _saved_values(saved),
            notice="Ce projet est d’une autre fonction : elle seule l’abandonne.",
            status=403,
        )
    discard_draft(service.store, standing.id)
    return see_other("/rh/")


# --- one decision --------------------------------------------------------------------

_SITTING = ("body", "date", "minutes", "role")


def _sitting(
    service: Service,
    role: Role,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> Response:
    site = service.snapshot().site
    every = drafts(service.store)
    others: dict[str, list[SavedDraft]] = {}
    for saved in every:
        if saved.role != role.id:
            others.setdefault(saved.role, []).append(saved)
    return service.page(
        "decider",
        "Décider",
        status,
        groups=others,
        own=sum(saved.role == role.id for saved in every),
        values={name: values.get(name, "") for name in _SITTING},
        errors=dict(errors or {}),
        notice=notice,
        present=request.form.getlist("present"),
        chosen=request.form.getlist("drafts"),
        repeated=repeated_reasons(
            site.dialogue,
            {
                saved.draft.contribution: saved.draft.reason
                for saved in every
                if saved.draft.disposition == "rejected" and saved.draft.reason
            },
        ),
        labels=FIELD_LABELS,
        mine=role,
    )


def _decided(service: Service, role: Role, values: Mapping[str, str]) -> str:
    """Record a decision; return its number. Raises `InputError`."""
    known = {
        f"{saved.draft.contribution}:{saved.revision}": saved
        for saved in drafts(service.store)
    }
    named = list(dict.fromkeys(request.form.getlist("drafts")))
    if not named:
        raise InputError("choisissez au moins un projet de réponse à valider.")
    gone = [name for name in named if name not in known]
    if gone:
        raise InputError(
            f"{gone[0].partition(':')[0]} : ce projet a changé, ou n’est plus là, depuis "
            "que cette page est ouverte. Relisez-le, puis décidez."
        )
    date = values["date"].strip()
    if not _is_day(date):
        raise InputError("donnez le jour de la séance : 2027-03-18.")
    sitting = Sitting(
        body=values["body"],
        date=date,
        present=tuple(request.form.getlist("present")),
        minutes=values["minutes"].strip() or None,
    )
    wanted = [known[name] for name in named]
    with service.live.writing() as registrar:
        entry = record_decision(
            registrar, wanted, role.id, sitting, service.library.may_go
        )
    forget_decided(service.store, wanted, entry.decision.id)
    return entry.decision.id


def _is_day(given: str) -> bool:
    try:
        return calendar_day.fromisoformat(given).isoformat() == given
    except ValueError:
        return False
