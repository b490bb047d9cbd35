"""Invitations, sessions, and who may read."""

from collections.abc import Callable

import pytest
from dialogues import SETTINGS
from live_site import OURS, Site, fields_of

from charter_builder.consultation import Organisation
from charter_builder.storage.session_store import SESSION_SECONDS

PUBLIC = SETTINGS.model_copy(update={"visibility": "public"})
PAGES = [
    "/",
    "/projet/horaires.html",
    "/projet/texte-integral.html",
    "/contributions/registre.html",
    "/versions/1.html",
    "/search/search_index.json",
    "/sitemap.xml",
    "/sitemap.xml.gz",
    "/404.html",
]


def test_opening_a_link_changes_nothing_and_its_button_opens_the_session(
    site: Site,
) -> None:
    token = site.invite("organisation", "cfdt")
    scanner = site.visitor()
    for _ in range(10):
        page = scanner.get(f"/entrer/{token}")
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
    visitor = site.visitor()

    entered = visitor.enter(token)

    assert (entered.status_code, entered.location) == (303, "/espace")
    assert "CFDT Interco" in visitor.get("/espace").text


def test_an_invitation_serves_many_times(site: Site) -> None:
    token = site.invite("organisation", "cfdt")

    assert [site.visitor().enter(token).status_code for _ in range(3)] == [303] * 3


def test_a_revoked_invitation_opens_nothing_and_ends_its_sessions(site: Site) -> None:
    token = site.invite("organisation", "cfdt")
    visitor = site.visitor()
    visitor.enter(token)
    invitation = site.invitations.read(token)
    assert invitation is not None

    site.invitations.revoke(invitation.name, "2027-01-06T08:00:00Z")

    assert visitor.get("/espace").status_code == 401
    assert site.visitor().get(f"/entrer/{token}").status_code == 404


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: "x"])
def test_a_token_that_is_not_whole_is_refused(
    site: Site, change: Callable[[str], str]
) -> None:
    token = change(site.invite("organisation", "cfdt"))

    assert site.visitor().get(f"/entrer/{token}").status_code == 404


def test_a_token_signed_by_another_server_is_refused(
    site: Site, make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from charter_builder.storage.invitations import Invitations, Subject
    from charter_builder.storage.private_store import PrivateStore

    other = PrivateStore(tmp_path_factory.mktemp("other") / "prive.sqlite")
    token = Invitations(other, SETTINGS.id).invite(
        Subject("organisation", "cfdt"), "2027-01-05T08:00:00Z"
    )

    assert site.visitor().get(f"/entrer/{token}").status_code == 404


def test_neither_tokens_nor_session_secrets_are_kept(site: Site) -> None:
    token = site.invite("organisation", "cfdt")
    visitor = site.visitor()
    cookie = visitor.enter(token).headers["Set-Cookie"]
    secret = cookie.split("=", 1)[1].split(";")[0]

    kept = b"".join(
        path.read_bytes() for path in (site.folder / "private").glob("*sqlite*")
    )

    assert len(kept) > 1000
    assert token.encode() not in kept
    assert secret.encode() not in kept


def test_the_private_files_are_for_their_owner_only(site: Site) -> None:
    site.invite("organisation", "cfdt")

    for name in ("prive.sqlite", "serveur.cle"):
        assert (site.folder / "private" / name).stat().st_mode & 0o077 == 0


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(site: Site) -> None:
    cookie = (
        site.visitor().enter(site.invite("organisation", "cfdt")).headers["Set-Cookie"]
    )

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Max-Age={SESSION_SECONDS}" in cookie


def test_over_https_the_cookie_never_travels_in_clear(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(origin="https://charte.test")
    token = site.invite("organisation", "cfdt")
    client = site.app.test_client()
    base = "https://charte.test"
    page = client.get(f"/entrer/{token}", base_url=base)

    entered = client.post(
        f"/entrer/{token}",
        base_url=base,
        data=fields_of(page.text),
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert entered.headers["Set-Cookie"].startswith("__Host-charte=")
    assert "Secure" in entered.headers["Set-Cookie"]
    assert "max-age" in entered.headers["Strict-Transport-Security"]


def test_a_session_ends_after_twelve_hours(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    site.seconds += SESSION_SECONDS

    assert visitor.get("/espace").status_code == 401


def test_leaving_ends_the_session_for_good(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    cookie = visitor.client.get_cookie("charte", domain="charte.test")
    assert cookie is not None
    token = visitor.form("/contribuer/horaires")["jeton"]

    left = visitor.post("/sortir", {"jeton": token})

    assert left.location == "/entrer"
    visitor.client.set_cookie("charte", cookie.value, domain="charte.test")
    assert visitor.get("/espace").status_code == 401


def test_entering_in_another_name_ends_the_session_before(site: Site) -> None:
    visitor = site.visitor("role", "redaction")
    before = visitor.client.get_cookie("charte", domain="charte.test")
    assert before is not None

    visitor.enter(site.invite("role", "direction"))

    assert "Direction générale" in visitor.get("/rh/").text
    old = site.visitor()
    old.client.set_cookie("charte", before.value, domain="charte.test")
    assert old.get("/rh/").status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_a_consultation_of_parties_shows_its_door_only(
    site: Site, path: str
) -> None:
    page = site.visitor().get(path)

    assert page.status_code == 401
    assert "Les horaires" not in page.text
    assert "Nul n’est joint" not in page.text


@pytest.mark.parametrize("path", PAGES[:6])
def test_a_consultation_open_to_all_is_read_without_a_session(
    make_site: Callable[..., Site], path: str
) -> None:
    assert make_site(PUBLIC).visitor().get(path).status_code == 200


def test_even_open_to_all_contributing_asks_for_an_invitation(
    make_site: Callable[..., Site],
) -> None:
    visitor = make_site(PUBLIC).visitor()

    for path in ("/contribuer/horaires", "/espace", "/rh/", "/recepisse/C-0001"):
        assert visitor.get(path).status_code == 401


def test_a_reader_reads_and_writes_nothing(site: Site) -> None:
    visitor = site.visitor("reader", "lecture")

    assert visitor.get("/projet/horaires.html").status_code == 200
    assert visitor.get("/contribuer/horaires").status_code == 403
    assert visitor.get("/rh/").status_code == 403


def test_the_look_of_the_pages_is_served_to_anybody(site: Site) -> None:
    visitor = site.visitor()

    for path in ("/assets/charte.css", "/assets/serveur.css", "/assets/charte.js"):
        assert visitor.get(path).status_code == 200


def test_someone_who_no_longer_takes_part_has_no_session_any_more(
    make_site: Callable[..., Site],
) -> None:
    more = SETTINGS.model_copy(
        update={
            "organisations": (
                *SETTINGS.organisations,
                Organisation(id="unsa", name="UNSA"),
            )
        }
    )
    site = make_site(more)
    token = site.invite("organisation", "sud")

    assert site.visitor().get(f"/entrer/{token}").status_code == 404


def test_too_many_wrong_links_from_one_address_are_slowed_down(site: Site) -> None:
    visitor = site.visitor()

    statuses = [visitor.get(f"/entrer/x{n}").status_code for n in range(61)]

    assert statuses == [404] * 60 + [429]
    assert visitor.enter(site.invite("organisation", "cfdt")).status_code == 303


def test_entering_from_another_site_is_refused(site: Site) -> None:
    token = site.invite("organisation", "cfdt")
    visitor = site.visitor()
    fields = fields_of(visitor.get(f"/entrer/{token}").text)

    refused = visitor.post(
        f"/entrer/{token}", fields, OURS | {"Sec-Fetch-Site": "cross-site"}
    )

    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers
