"""What every route shares: who asks, what they typed, and a page to answer with."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from jinja2 import Environment
from markupsafe import Markup, escape

from charter_builder.consultation import Organisation, Role
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.errors import InputError
from charter_builder.library import Library
from charter_builder.server.access import Gate
from charter_builder.server.live import Live, Snapshot
from charter_builder.storage.invitations import Subject
from charter_builder.storage.private_store import PrivateStore
from charter_builder.storage.register_files import DiskFull
from charter_builder.storage.session_store import Session
from charter_builder.typography import polish
from charter_builder.website.dialogue_words import environment
from charter_builder.website.markup import french_spaces
from charter_builder.website.versions import unit_html

TOKEN = "jeton"
"""The field of every form of ours that proves that the form is ours."""

PRIVATE_CACHE = "private, no-cache"
"""Kept by the browser, so that « back » gives back what one typed, but asked again."""

EXPIRED_FORM = (
    "Cette page était ouverte depuis une autre session. Rien n’est enregistré : relisez, "
    "puis déposez."
)


class Person(NamedTuple):
    """Who asks: in the name of an organisation, of a role, or only to read."""

    session: Session
    organisation: Organisation | None = None
    role: Role | None = None

    @property
    def name(self) -> str:
        if self.organisation is not None:
            return self.organisation.name
        return self.role.title if self.role is not None else "lecture seule"


class Stop(Exception):
    """A request that ends here, with the answer to give."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass
class Service:
    """The consultation, its doors and its private file, for one process."""

    live: Live
    gate: Gate
    store: PrivateStore
    library: Library
    templates: Environment = field(
        default_factory=lambda: environment("charter_builder.server")
    )

    def __post_init__(self) -> None:
        self.templates.globals["unit_html"] = lambda unit: Markup(unit_html(unit))
        self.templates.globals["polish"] = polish

    # --- who asks --------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return where things stand: the same during a whole request."""
        if "snapshot" not in g:
            g.snapshot = self.live.snapshot()
        snapshot: Snapshot = g.snapshot
        return snapshot

    @property
    def is_public(self) -> bool:
        """Whether anybody may read everything."""
        return self.dialogue.opened.visibility == "public"

    @property
    def dialogue(self) -> Dialogue:
        return self.snapshot().site.dialogue

    def person(self) -> Person | None:
        """Return who asks, if they entered and still take part."""
        if "person" not in g:
            session = self.gate.session(request)
            g.person = session and self._person(session)
        person: Person | None = g.person
        return person

    def _person(self, session: Session) -> Person | None:
        if session.subject.kind == "reader":
            return Person(session)
        organisation, role = self.named(session.subject)
        if organisation is None and role is None:
            return None
        return Person(session, organisation, role)

    def named(self, subject: Subject) -> tuple[Organisation | None, Role | None]:
        """Return the organisation or the role of a subject, if it still takes part."""
        settings = self.dialogue.opened
        if subject.kind == "organisation":
            return settings.organisation(subject.id), None
        return None, settings.role(subject.id) if subject.kind == "role" else None

    def organisation(self) -> tuple[Session, Organisation]:
        """Return the organisation that asks. Raises `Stop` for anybody else."""
        person = self.person()
        if person is None:
            raise Stop(self.door())
        if person.organisation is None:
            raise Stop(
                self.message(
                    "Page réservée aux organisations",
                    f"Vous êtes entré au titre de : {person.name}. Cette page est celle "
                    "des organisations : elle demande leur lien d’invitation.",
                    403,
                )
            )
        return person.session, person.organisation

    def role(self) -> tuple[Session, Role]:
        """Return the role that asks. Raises `Stop` for anybody else."""
        person = self.person()
        if person is None:
            raise Stop(self.door())
        if person.role is None:
            raise Stop(
                self.message(
                    "Page réservée aux fonctions qui répondent",
                    f"Vous êtes entré au titre de : {person.name}. Cette page est celle "
                    "des fonctions qui préparent et valident les réponses.",
                    403,
                )
            )
        return person.session, person.role

    # --- what they typed -------------------------------------------------------------

    @cached_property
    def too_large_sentence(self) -> str:
        return (
            "Ce que vous envoyez dépasse 256 Kio. Votre texte est ci-dessous, entier : "
            "raccourcissez-le, ou déposez-le en deux contributions."
        )

    def is_form_known(self, session: Session) -> bool:
        """Return whether the form is one of ours, made for that session."""
        return self.gate.knows_form(request.form.get(TOKEN, ""), session.digest)

    # --- what is answered ------------------------------------------------------------

    def page(
        self, template: str, title: str, status: int = 200, **values: object
    ) -> Response:
        """Return a page of the server."""
        snapshot = self.snapshot()
        person = self.person()
        body = self.templates.get_template(f"{template}.html.jinja").render(
            site=snapshot.site,
            dialogue=snapshot.site.dialogue,
            settings=snapshot.site.dialogue.opened,
            head=snapshot.site.dialogue.head,
            day=snapshot.site.day,
            dialogue_redactions=lambda seq: [
                r for r in snapshot.site.dialogue.redactions if r.entry == seq
            ],
            title=title,
            person=person,
            token_name=TOKEN,
            token=self.gate.form_token(person.session.digest) if person else "",
            **{"errors": {}, "notice": "", **values},
        )
        shown = f"Erreur – {title}" if values.get("errors") else title
        page = self.live.shells.framed(
            str(escape(shown)), _spaced(body), person is not None or self.is_public
        )
        response = Response(page.content, status, mimetype="text/html")
        response.headers["Content-Security-Policy"] = policy_header(page.policy)
        response.headers["Cache-Control"] = PRIVATE_CACHE
        return response

    def message(
        self,
        title: str,
        sentence: str,
        status: int = 200,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a page that says one thing, and gives back what was typed."""
        return self.page("message", title, status, sentence=sentence, typed=typed or {})

    def door(self) -> Response:
        """Return the page that says how to enter."""
        return self.page("porte", "Entrer dans la concertation", 401)

    def lost(self) -> Response:
        """Return the page that says that there is none."""
        page = self.live.shells.lost()
        response = Response(page.content, 404, mimetype="text/html")
        response.headers["Content-Security-Policy"] = policy_header(page.policy)
        return response

    def own(self, identifier: str, organisation: Organisation) -> Standing:
        """Return a contribution of that organisation. Raises `Stop` for any other."""
        standing = self.dialogue.standings.get(identifier)
        if standing is None or standing.contribution.organisation != organisation.id:
            raise Stop(self.lost())
        return standing


_TYPED = re.compile(r"(<textarea\b.*?</textarea>)", re.DOTALL)


def _spaced(body: str) -> str:
    """Return a page with French spaces; what one types is given back as typed."""
    pieces = _TYPED.split(body)
    pieces[::2] = map(french_spaces, pieces[::2])
    return "".join(pieces)


PER_PAGE = 30
"""Contributions on one page of a list."""

T = TypeVar("T")


class Paged(NamedTuple, Generic[T]):
    """One page of a list, and the addresses of all of them."""

    items: Sequence[T]
    rank: int
    pages: list[str]


def paged(items: Sequence[T]) -> Paged[T]:
    """Return the page of a list that the request asks for, its filters kept."""
    count = max(1, -(-len(items) // PER_PAGE))
    asked = request.args.get("page", "")
    rank = min(int(asked), count) - 1 if asked.isdecimal() and len(asked) < 6 else 0
    kept = [(k, v) for k, v in request.args.items() if k != "page" and v]
    pages = [
        f"{request.path}?{urlencode([*kept, ('page', number)])}"
        for number in range(1, count + 1)
    ]
    start = max(rank, 0) * PER_PAGE
    return Paged(items[start : start + PER_PAGE], max(rank, 0), pages)


def policy_header(policy: str) -> str:
    """Return the policy of a page, and what only a header may say."""
    return f"{policy}; frame-ancestors 'none'"


def see_other(path: str) -> Response:
    """Send the browser to one of our own pages, by a path written in the program."""
    response = redirect(path, 303)
    # A path, never an address: no header of the request can change where it leads.
    response.autocorrect_location_header = False
    assert isinstance(response, Response)
    return response


def refusal_status(error: InputError) -> int:
    """Return the status of a refusal: the disk, or what was asked."""
    if isinstance(error, DiskFull) or isinstance(error.__cause__, sqlite3.Error):
        return 507
    return 409


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
