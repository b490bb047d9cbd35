"""Entering by an invitation, leaving, and the page one arrives on.

Mail scanners follow links: opening one changes nothing, only its button does.
"""

from flask import Flask, Response, request

from charter_builder.server.service import TOKEN, Service, paged, see_other
from charter_builder.storage.invitations import Invitation


def register(app: Flask, service: Service) -> None:
    """Add the routes of the entrance."""

    @app.get("/entrer")
    def door() -> Response:
        person = service.person()
        return see_other("/espace") if person else service.door()

    @app.get("/entrer/<token>")
    def shown(token: str) -> Response:
        invitation, name = _invited(service, token)
        if invitation is None:
            return _unknown(service)
        return service.page(
            "entrer",
            f"Entrer au nom de {name}",
            name=name,
            entrance=f"/entrer/{token}",
            kind=invitation.subject.kind,
            entrance_token=service.gate.form_token(token),
        )

    @app.post("/entrer/<token>")
    def enter(token: str) -> Response:
        invitation, name = _invited(service, token)
        if invitation is None:
            return _unknown(service)
        if not service.gate.knows_form(request.form.get(TOKEN, ""), token):
            return service.message(
                f"Entrer au nom de {name}",
                "Cette page a expiré : rouvrez le lien de votre invitation.",
                403,
            )
        person = service.person()
        answer = see_other("/espace")
        service.gate.enter(
            invitation, service.live.now(), person.session if person else None, answer
        )
        return answer

    @app.post("/sortir")
    def leave() -> Response:
        person = service.person()
        if person is not None and not service.is_form_known(person.session):
            return service.message(
                "Sortir", "Cette page a expiré : rechargez-la, puis recommencez.", 403
            )
        answer = see_other("/entrer")
        service.gate.leave(person.session if person else None, answer)
        return answer

    @app.get("/espace")
    def space() -> Response:
        person = service.person()
        if person is None:
            return service.door()
        if person.role is not None:
            return see_other("/rh/")
        if person.organisation is None:
            return see_other("/")
        site = service.snapshot().site
        return service.page(
            "espace",
            person.organisation.name,
            shown=paged(site.of_organisation.get(person.organisation.id, [])[::-1]),
            units=site.versions[-1].units if site.versions else (),
            version=site.versions[-1] if site.versions else None,
        )


def _invited(service: Service, token: str) -> tuple[Invitation | None, str]:
    """Return the invitation of a token and in whose name it lets in."""
    invitation = service.gate.invitations.read(token)
    if invitation is None:
        return None, ""
    if invitation.subject.kind == "reader":
        return invitation, "lecteur"
    organisation, role = service.named(invitation.subject)
    if organisation is not None:
        return invitation, organisation.name
    return (invitation, role.title) if role is not None else (None, "")


def _unknown(service: Service) -> Response:
    if not service.gate.may_try(request.remote_addr):
        return service.message(
            "Trop d’essais",
            "Trop de liens inconnus depuis ce poste. Attendez dix minutes, puis rouvrez "
            "le lien reçu, entier.",
            429,
        )
    return service.message(
        "Invitation inconnue",
        "Ce lien n’ouvre rien : il est incomplet, ou il a été révoqué. Rouvrez-le depuis "
        "le message d’origine, entier ; sinon demandez-en un autre à la direction des "
        "ressources humaines.",
        404,
    )
