"""The Flask application: limits, headers, pages of the site, then the forms."""

import mimetypes
import re
import sys
import time
import traceback
from importlib.resources import files

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from charter_builder.errors import CharterError
from charter_builder.server import contributing, entrance, replying
from charter_builder.server.live import FRAME, Page
from charter_builder.server.service import PRIVATE_CACHE, Service, Stop, policy_header
from charter_builder.website.finish import DISK_INDEX, INDEX

MAX_REQUEST = 256 * 1024
MAX_READ = 2 * 1024**2
"""What is read of a request too large, to give its text back."""

FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is not a page."""
WORKER = "default-src 'none'; script-src 'self'; connect-src 'self'"
"""The policy of a script: the theme's search runs in a worker, which has its own."""
STYLE = "assets/serveur.css"
_OPEN_TO_ALL = re.compile(r"assets/[\w./-]+")
"""What anybody may read in any consultation: the look of the pages."""


def create_app(service: Service) -> Flask:
    """Return the application that serves one consultation."""
    app = Flask("charter_builder.server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_READ
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_READ

    # « //ailleurs » is a page that does not exist, never an address to be sent to.
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False

    @app.before_request
    def check() -> Response | None:
        if request.path == "/sante":
            return None
        return refused(service)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        response.headers.setdefault("Cache-Control", PRIVATE_CACHE)
        if response.status_code == 429:
            response.headers["Retry-After"] = "600"
        if service.gate.origin.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    @app.errorhandler(Stop)
    def stopped(stop: Stop) -> Response:
        return stop.response

    @app.errorhandler(CharterError)
    def said(error: CharterError) -> Response:
        print(f"Erreur : {error}", file=sys.stderr, flush=True)
        return _plain(
            503,
            "La concertation ne peut pas répondre pour l’instant. Ce que vous avez déposé "
            "et dont vous avez le récépissé est enregistré. Prévenez la direction des "
            "ressources humaines.",
        )

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        return service.message(
            "Envoi trop gros",
            "Cet envoi dépasse tout ce qu’une contribution peut contenir. Rien n’est "
            "enregistré. Revenez en arrière : votre navigateur a gardé votre texte ; "
            "déposez-le en plusieurs contributions.",
            413,
        )

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _http(service, error)
        traceback.print_exception(error)
        return _plain(
            500,
            "Erreur inattendue. Ce dont vous avez le récépissé est enregistré. Revenez en "
            "arrière : votre navigateur a gardé votre texte.",
        )

    @app.get("/sante")
    def health() -> Response:
        return _plain(200, "ok")

    entrance.register(app, service)
    contributing.register(app, service)
    replying.register(app, service)

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        return site_page(service, path)

    return app


def refused(service: Service) -> Response | None:
    """Return the answer to a request that goes no further, if it is one."""
    if not service.gate.origin.is_host(request.host):
        return _plain(421, "Ce serveur ne répond pas à ce nom.")
    if request.method in ("GET", "HEAD"):
        return None
    if not service.gate.is_ours(request):
        return _plain(
            403,
            "Cette demande ne vient pas d’une page de la concertation : elle est "
            "refusée. Rouvrez la concertation et recommencez.",
        )
    if request.mimetype != FORM:
        return _plain(415, "Seuls les formulaires de la concertation sont acceptés.")
    g.is_too_large = (request.content_length or 0) > MAX_REQUEST
    return None


def _http(service: Service, error: HTTPException) -> Response:
    if error.code == 404:
        person = service.person()
        return service.lost() if person or service.is_public else service.door()
    if error.code == 405:
        return _plain(405, "Cette adresse ne s’ouvre pas ainsi.")
    return _plain(error.code or 500, "Demande refusée.")


def _plain(status: int, sentence: str) -> Response:
    response = Response(f"{sentence}\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


# --- the pages of the site -----------------------------------------------------------


def site_page(service: Service, path: str) -> Response:
    """Return a page or a file of the site, to whom may read it."""
    name = f"{path}index.html" if not path or path.endswith("/") else path
    if name == STYLE:
        return _sent(name, _style())
    if _OPEN_TO_ALL.fullmatch(name) and name in service.live.shells.files:
        return _file(service, name)
    if not service.is_public and service.person() is None:
        return service.door()
    if name == INDEX:
        snapshot = service.snapshot()
        page = service.live.shells.index(snapshot, time.monotonic)
        return _sent(name, page)
    if name in (DISK_INDEX, FRAME):
        return service.lost()
    if not name.endswith(".html"):
        return _file(service, name)
    page_ = service.live.shells.page(name, service.snapshot().fragments)
    return service.lost() if page_ is None else _sent(name, page_)


def _file(service: Service, name: str) -> Response:
    content = service.live.shells.files.get(name)
    # Never the disk: only what the generator made of the pages can be asked for.
    if content is None or name.endswith(".html"):
        return service.lost()
    return _sent(name, Page(content, "", ""))


def _style() -> Page:
    content = (files("charter_builder.server") / "serveur.css").read_bytes()
    return Page(content, "", "")


_TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")


def _sent(name: str, page: Page) -> Response:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(page.content, mimetype=kind)
    if kind.startswith(_TEXT) and "charset" not in response.headers["Content-Type"]:
        response.headers["Content-Type"] = f"{kind}; charset=utf-8"
    if kind == "text/javascript":
        response.headers["Content-Security-Policy"] = policy_header(WORKER)
    if page.policy:
        response.headers["Content-Security-Policy"] = policy_header(page.policy)
    if page.tag:
        response.set_etag(page.tag)
    else:
        response.add_etag()
    is_open = _OPEN_TO_ALL.fullmatch(name) is not None
    response.headers["Cache-Control"] = (
        "public, max-age=600" if is_open else PRIVATE_CACHE
    )
    answer = response.make_conditional(request)
    assert isinstance(answer, Response)
    return answer
