"""What a hostile request meets: other sites, other names, other paths, scripts."""

import re
from collections.abc import Callable

import pytest
from dialogues import SETTINGS
from live_site import OURS, Site, fields_of

PUBLIC = SETTINGS.model_copy(update={"visibility": "public"})
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{7*7}}${7*7}"


# --- other sites ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://ailleurs.test"},
        {"Origin": "http://charte.test.ailleurs.test"},
        {"Origin": "https://charte.test"},
        {"Referer": "http://charte.test/contribuer/horaires"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://charte.test"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://charte.test"},
        {"Sec-Fetch-Site": ""},
    ],
)
@pytest.mark.parametrize(
    "path", ["/contribuer/horaires", "/retirer/C-0001", "/rh/decision", "/sortir"]
)
def test_a_request_of_another_site_is_refused(
    site: Site, headers: dict[str, str], path: str
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()
    fields = visitor.form("/contribuer/horaires")

    refused = visitor.post(path, fields | {"etape": "deposer", "text": "x"}, headers)

    assert refused.status_code == 403
    assert list(site.dialogue.standings) == ["C-0001"]
    assert site.dialogue.standing("C-0001").withdrawn_at is None
    assert visitor.get("/espace").status_code == 200


def test_without_fetch_metadata_our_own_origin_is_enough(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {
        "text": "Intranet.",
        "etape": "deposer",
    }

    sent = visitor.post(
        "/contribuer/horaires", fields, {"Origin": "http://charte.test"}
    )

    assert sent.status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
@pytest.mark.parametrize("path", ["/retirer/C-0001", "/contester/C-0001", "/sortir"])
def test_a_form_that_is_not_ours_changes_nothing(
    site: Site, path: str, token: str
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()

    refused = visitor.post(path, {"jeton": token, "text": "x", "key": "a" * 32})

    assert refused.status_code == 403
    assert site.dialogue.standing("C-0001").status == "registered"
    assert visitor.get("/espace").status_code == 200


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "text/plain", "application/json", ""]
)
def test_only_forms_are_read(site: Site, kind: str) -> None:
    visitor = site.visitor("organisation", "cfdt")

    refused = visitor.client.post(
        "/contribuer/horaires",
        base_url="http://charte.test",
        data=b"text=x",
        headers=OURS,
        content_type=kind,
    )

    assert refused.status_code == 415


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_other_methods_are_refused(site: Site, method: str) -> None:
    client = site.app.test_client()

    answer = client.open("/", method=method.upper(), base_url="http://charte.test")

    assert answer.status_code in (403, 405, 415)


# --- other names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["ailleurs.test", "charte.test.ailleurs.test", "charte.test:81", "127.0.0.1"],
)
def test_another_host_name_is_refused(site: Site, host: str) -> None:
    client = site.app.test_client()

    answer = client.get("/", base_url="http://charte.test", headers={"Host": host})

    assert answer.status_code == 421
    assert host not in answer.text


def test_no_address_of_the_request_leads_anywhere_else(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    sent = visitor.deposit()
    places = [sent.location]
    for query in ("next", "url", "retour", "return", "redirect"):
        token = site.invite("organisation", "cfdt")
        page = visitor.get(f"/entrer/{token}?{query}=//ailleurs.test/")
        assert "ailleurs.test" not in page.text
        answer = visitor.post(
            f"/entrer/{token}?{query}=http://ailleurs.test/",
            fields_of(page.text),
            OURS | {"X-Forwarded-Host": "ailleurs.test"},
        )
        places.append(answer.location)
    for path in ("//ailleurs.test/%2e%2e", "/\\ailleurs.test", "//ailleurs.test"):
        answer = visitor.client.get(
            "/", base_url="http://charte.test", environ_overrides={"PATH_INFO": path}
        )
        assert answer.status_code == 404
        places += [answer.location] if answer.location else []

    assert {str(place)[:1] for place in places} == {"/"}
    assert not [p for p in places if "ailleurs" in str(p) or str(p).startswith("//")]


# --- other paths ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/private/prive.sqlite",
        "/private/serveur.cle",
        "/private/",
        "/consultation/register/000001.yml",
        "/consultation/consultation.yml",
        "/register/000001.yml",
        "/answers.yml",
        "/charter.yml",
        "/site.generated.yml",
        "/site-src/index.md",
        "/.git/config",
        "/assets/../private/prive.sqlite",
        "/assets/%2e%2e/private/prive.sqlite",
        "/assets/..%2fprivate%2fserveur.cle",
        "/..%2f..%2fetc/passwd",
        "/etc/passwd",
        "//etc/passwd",
        "/assets/%00",
        "/assets/serveur.css/",
        "/index.md",
        "/templates/base.html.jinja",
        "/assets/stylesheets/../../charter.yml",
    ],
)
@pytest.mark.parametrize("kind", ["organisation", None])
def test_nothing_but_the_built_pages_is_served(
    site: Site, path: str, kind: str | None
) -> None:
    visitor = site.visitor("organisation", "cfdt") if kind else site.visitor()

    answer = visitor.get(path)

    assert answer.status_code in (401, 404, 308)
    assert b"SQLite" not in answer.data
    assert b"seq: 1" not in answer.data
    assert b"root:" not in answer.data


# --- scripts -------------------------------------------------------------------------


def test_what_people_type_is_never_markup(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {
        "kind": "amendment",
        "proposed": HOSTILE,
        "passage": HOSTILE,
        "text": HOSTILE,
    }
    pages = [visitor.post("/contribuer/horaires", fields | {"etape": "verifier"})]
    pages.append(visitor.post("/contribuer/horaires", fields | {"etape": "modifier"}))
    visitor.post("/contribuer/horaires", fields | {"etape": "deposer"})
    role = site.visitor("role", "redaction")
    draft = role.form("/rh/C-0001") | {"disposition": "rejected", "reason": HOSTILE}
    role.post("/rh/C-0001", draft | {"etape": "enregistrer"})
    other = site.visitor("role", "direction")
    pages += [
        visitor.get(path)
        for path in (
            "/espace",
            "/recepisse/C-0001",
            "/retirer/C-0001",
            "/contributions/articles/horaires.html",
            "/contributions/registre.html",
            "/projet/horaires.html",
        )
    ]
    pages += [role.get("/rh/"), role.get("/rh/C-0001"), other.get("/rh/decision")]
    pages.append(role.get(f"/rh/?article={HOSTILE}&nature={HOSTILE}"))
    pages.append(visitor.get(f"/contribuer/horaires?nature={HOSTILE}"))

    for page in pages:
        assert page.status_code == 200
        assert "alert(1)</script>" not in page.text
        assert "<img src=x" not in page.text
        assert "49" not in re.findall(r"&gt;(\d+)", page.text)
    assert "7*7" in pages[0].text


def test_the_search_index_holds_texts_as_the_theme_prints_them(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit(text=HOSTILE)

    index = visitor.get("/search/search_index.json")

    assert index.json is not None
    found = [d for d in index.json["docs"] if "C-0001" in d["title"]]
    assert len(found) == 1
    assert "<" not in found[0]["text"]


def test_every_page_has_a_policy_as_strict_in_the_header_as_in_the_page(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(PUBLIC)
    visitor = site.visitor("organisation", "cfdt")
    for path in ("/", "/projet/horaires.html", "/espace", "/contribuer/horaires", "/x"):
        page = visitor.get(path)
        header = page.headers["Content-Security-Policy"]
        meta = re.search(r'Content-Security-Policy" content="([^"]*)"', page.text)
        assert meta is not None
        assert header == f"{meta[1]}; frame-ancestors 'none'"
        script = re.search(r"script-src ([^;]*)", header)
        assert script is not None
        assert "unsafe" not in script[1]
        assert header.startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path", ["/", "/espace", "/assets/charte.css", "/sante", "/nulle-part", "/entrer/x"]
)
def test_every_answer_has_its_protections(site: Site, path: str) -> None:
    headers = site.visitor("organisation", "cfdt").get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_no_page_asks_another_site_for_anything(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    for path in ("/", "/espace", "/contribuer/horaires"):
        loaded = re.findall(
            r'<(?:script|link|img|source|iframe)\b[^>]*(?:src|href)="([^"]+)"',
            visitor.get(path).text,
        )
        assert loaded
        assert [
            found
            for found in loaded
            if re.match(r"(?:\w+:)?//", found)
            and not found.startswith("http://charte.test/")
        ] == []


def test_the_door_tells_nothing_of_the_project(site: Site) -> None:
    page = site.visitor().get("/")

    assert "Les horaires" not in page.text
    assert "CFDT" not in page.text
    assert "md-nav__" not in page.text


def test_a_page_unchanged_is_not_sent_again(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    page = visitor.get("/contributions/registre.html")
    again = visitor.get(
        "/contributions/registre.html", **{"If-None-Match": page.headers["ETag"]}
    )

    assert again.status_code == 304
    visitor.deposit()
    changed = visitor.get(
        "/contributions/registre.html", **{"If-None-Match": page.headers["ETag"]}
    )
    assert changed.status_code == 200


def test_private_pages_are_kept_by_no_shared_cache(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    for path in ("/", "/espace", "/contribuer/horaires", "/search/search_index.json"):
        assert "private" in visitor.get(path).headers["Cache-Control"]


def test_a_damaged_register_is_said_and_nothing_is_recorded(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    (site.folder / "consultation/register/000003.yml").write_text("seq: [", "utf-8")

    page = visitor.get("/espace")

    assert page.status_code == 503
    assert "000003" not in page.text


@pytest.mark.parametrize(
    "given",
    ["ftp://x.fr", "https://", "charte.fr", "https://a.fr/chemin", "https://u:p@a.fr"],
)
def test_an_origin_that_is_none_is_refused(given: str) -> None:
    from charter_builder.errors import InputError
    from charter_builder.server.access import read_origin

    with pytest.raises(InputError, match="donnez le protocole"):
        read_origin(given)


def test_nothing_of_the_browser_nor_of_the_network_is_kept(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    told = {"User-Agent": "Espion/7", "X-Forwarded-For": "203.0.113.77"}
    fields = visitor.form("/contribuer/horaires") | {"text": "x", "etape": "deposer"}
    sent = visitor.post("/contribuer/horaires", fields, OURS | told)
    assert sent.status_code == 303

    kept = b"".join(
        path.read_bytes() for path in site.folder.rglob("*") if path.is_file()
    )

    for word in (b"Espion", b"203.0.113.77", b"127.0.0.1"):
        assert word not in kept


def test_a_receipt_is_not_a_link_that_others_may_open(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()

    for path in ("/recepisse/C-0001", "/recepisse/C-0001.txt", "/rh/C-0001"):
        assert site.visitor().get(path).status_code == 401


def test_ten_thousand_signs_nobody_sees_are_no_contribution(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    refused = visitor.deposit(text="\u200b" * 10_000)

    assert refused.status_code == 422
    assert dict(site.dialogue.standings) == {}
