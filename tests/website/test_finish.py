import base64
import json
import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter_builder.errors import InputError
from charter_builder.typography import plain
from charter_builder.website.finish import INDEX, finish
from charter_builder.website.markup import french_spaces, labelled_tables

THEME = "set(palette)"


def page(content: str = "<p>Texte</p>", head: str = "") -> str:
    """Return a page as the theme frames it."""
    return (
        '<!doctype html>\n<html lang="fr"><head>\n<meta charset="utf-8">'
        f"<title>Page - Charte</title>{head}"
        f"<script>{THEME}</script></head>\n<body><header>…</header>"
        f'<article class="md-content__inner">{content}</article>'
        '<script id="__config" type="application/json">{"base": "."}</script>'
        '<script src="assets/bundle.js"></script></body></html>'
    )


def finished(content: str = "<p>Texte</p>", head: str = "", name: str = "a") -> str:
    files = {"404.html": page().encode(), f"{name}.html": page(content, head).encode()}
    return finish(files, None)[f"{name}.html"].decode()


def policy(text: str) -> dict[str, list[str]]:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert found is not None
    rules = (rule.split() for rule in found[1].split("; "))
    return {name: values for name, *values in rules}


# --- the security policy -------------------------------------------------------------


def test_only_the_scripts_of_the_theme_may_run() -> None:
    digest = base64.b64encode(sha256(THEME.encode()).digest()).decode()

    found = policy(finished())

    assert found["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert found["default-src"] == ["'none'"]
    assert found["connect-src"] == found["font-src"] == ["'self'"]
    assert found["img-src"] == ["'self'", "data:"]
    assert found["base-uri"] == ["'none'"]


def test_the_policy_comes_first_but_for_the_character_set() -> None:
    text = finished()

    assert text.index("<meta charset") < text.index("Content-Security-Policy")
    assert text.index("Content-Security-Policy") < text.index("<title>")
    assert text.index("<meta charset") < 1024


def test_a_followed_link_does_not_say_where_it_comes_from() -> None:
    assert '<meta name="referrer" content="no-referrer">' in finished()


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=x.js></SCRIPT>",
        '<img src="a.png" onerror="alert(1)">',
        '<p title=">" onclick=alert(1)>x</p>',
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" &#106;avascript:alert(1)">x</a>',
        "</article><script>alert(1)</script>",
    ],
)
def test_a_page_that_would_run_something_is_refused_and_named(content: str) -> None:
    with pytest.raises(InputError) as raised:
        finished(content, name="informations/acces")

    assert "docs/acces.md : " in str(raised.value)
    assert "Retirez-le de la page." in str(raised.value)


def test_a_script_slipped_in_the_frame_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.html : alert\(1\)"):
        finished(head="<script>alert(1)</script>")
    with pytest.raises(InputError, match=r"a\.html : <p onclick=alert\(1\)>"):
        finished(head="<p onclick=alert(1)>")


def test_a_title_is_only_words() -> None:
    slipped = "</title><script>alert(1)</script><title>"
    files = {
        "404.html": page().encode(),
        "a.html": page().replace("<title>Page", f"<title>{slipped}").encode(),
    }

    text = finish(files, None)["a.html"].decode()

    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)" in text
    assert text.count("</title>") == 1


@pytest.mark.parametrize(
    "content",
    [
        "<p>On écrit &lt;script&gt; et onclick= dans un texte.</p>",
        "<p>Lien javascript: cité</p>",
        '<a href="https://www.legifrance.gouv.fr/" title="onglet = 1">Légifrance</a>',
    ],
)
def test_a_text_that_speaks_of_scripts_is_not_refused(content: str) -> None:
    assert content in plain(finished(content))


# --- nothing from elsewhere ----------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        '<img src="https://ailleurs.example/a.png">',
        "<img alt=x src=//ailleurs.example/a.png>",
        '<img alt="a > b" src="https://ailleurs.example/a.png">',
        "<img alt=l'été src=https://ailleurs.example/a.png>",
        '<img src=" ht\ntps://ailleurs.example/a.png">',
        '<img src="&#104;ttps://ailleurs.example/a.png">',
        r'<img src="\\ailleurs.example\a.png">',
        '<img srcset="a.png 1x, https://ailleurs.example/a.png 2x">',
        '<video poster="https://ailleurs.example/a.png"></video>',
        '<iframe src="http://ailleurs.example"></iframe>',
        '<object data="https://ailleurs.example/a"></object>',
        '<link rel="preconnect" href="https://ailleurs.example">',
        '<svg><use href="https://ailleurs.example/a.svg#x"/></svg>',
        '<base href="https://ailleurs.example/">',
        '<meta http-equiv="refresh" content="0; url=https://ailleurs.example/">',
        '<p style="background:url(https://ailleurs.example/a.png)">x</p>',
        '<style>@import "https://ailleurs.example/a.css";</style>',
    ],
)
def test_a_page_that_would_call_another_site_is_refused_and_named(content: str) -> None:
    with pytest.raises(InputError) as raised:
        finished(content, name="informations/acces")

    assert re.search(r"docs/acces\.md : .*ailleurs\.example", str(raised.value))


@pytest.mark.parametrize("mark", ["\"'", "'", '"', "<", "<img ", " x='"])
def test_a_tag_that_never_closes_is_soon_read(mark: str) -> None:
    trap = "<p>a</p><img " + mark * 2_000

    assert trap in finished(trap)


def test_a_style_sheet_that_would_call_another_site_is_refused() -> None:
    sheet = b'@font-face { src: url("https://polices.example/a.woff2") }'

    with pytest.raises(InputError, match=r"a\.css : https://polices\.example/a\.woff2"):
        finish({"assets/a.css": sheet}, None)


@pytest.mark.parametrize(
    ("content", "head"),
    [
        ('<a href="https://www.legifrance.gouv.fr/">Légifrance</a>', ""),
        ('<img src="../images/plan.png" alt="">', ""),
        ('<img src="data:image/png;base64,AAAA" alt="">', ""),
        ("", '<link rel="canonical" href="https://ville.fr/a.html">'),
        ("", '<meta name="author" content="https://ville.fr">'),
        ('<svg xmlns="http://www.w3.org/2000/svg"></svg>', ""),
    ],
)
def test_links_and_local_files_are_accepted(content: str, head: str) -> None:
    text = finished(content, head)

    assert content in text
    assert head in text


# --- what the theme leaves -----------------------------------------------------------


def test_the_search_dialog_and_the_skip_link_speak_french() -> None:
    frame = page().replace(
        "<body>",
        '<body><a aria-label="Skip to content" href="#x">Aller</a>'
        '<div class="md-search" data-md-component="search" role="dialog"></div>',
    )

    text = finish({"404.html": frame.encode()}, None)["404.html"].decode()

    assert 'aria-label="Aller au contenu"' in text
    assert '<div class="md-search" aria-label="Recherche"' in text


def test_the_page_of_a_lost_address_speaks_french() -> None:
    text = finished("<h1>404 - Not found</h1>", name="404")

    assert "<h1>Page introuvable</h1>" in text


def test_a_menu_has_a_name_for_those_who_do_not_see_it() -> None:
    menu = (
        '<label class="md-nav__link " for="__nav_2" id="__nav_2_label" tabindex="0">'
        '<span class="md-nav__icon md-icon"></span></label>'
        '<nav aria-labelledby="__nav_2_label"><label class="md-nav__title" '
        'for="__nav_2"><span class="md-nav__icon md-icon"></span>\n Projet\n</label>'
    )
    frame = page().replace("<header>", f"<header>{menu}")

    text = finish({"404.html": frame.encode()}, None)["404.html"].decode()

    label = re.search(r'id="__nav_2_label"[^>]*>(.*?)</label>', text)
    assert label is not None
    assert "Pages de « Projet »" in label[1]


def test_a_title_escaped_twice_is_read_once() -> None:
    text = finished(
        head='<meta name="x" content="Vals &amp;amp; Monts &amp;lt;b&amp;gt;">'
    )

    assert 'content="Vals &amp; Monts &lt;b&gt;"' in text


def test_the_title_of_a_page_uses_one_kind_of_dash() -> None:
    assert "<title>Page — Charte</title>" in finished()


@pytest.mark.parametrize(
    ("address", "kept"), [(None, False), ("https://ville.fr/charte", True)]
)
def test_the_map_of_the_site_needs_its_address(address: str | None, kept: bool) -> None:
    files = {"sitemap.xml": b"<urlset/>", "sitemap.xml.gz": b"x"}

    assert set(finish(files, address)) == (set(files) if kept else set())


# --- search --------------------------------------------------------------------------


def test_the_search_knows_words_without_accents_in_both_numbers() -> None:
    index = {
        "config": {"lang": ["fr"], "fields": {"title": {"boost": 1000.0}}},
        "docs": [
            {
                "location": "a.html",
                "title": "La déconnexion",
                "text": "<p>Les <em>négociations</em></p>",
            }
        ],
    }

    found = json.loads(finish({INDEX: json.dumps(index).encode()}, None)[INDEX])

    title, words = (set(found["docs"][0][key].split()) for key in ("kt", "kw"))
    assert {"deconnexion", "deconnexions", "déconnexions"} <= title < words
    assert {"negociation", "negociations", "négociation"} <= words
    fields = found["config"]["fields"]
    assert fields["title"]["boost"] > fields["kt"]["boost"] > fields["kw"]["boost"]
    assert re.split(found["config"]["separator"], "l’accord\u00a0») d'abord") == [
        "l",
        "accord",
        "d",
        "abord",
    ]


# --- tables --------------------------------------------------------------------------

TABLE = (
    "<table>\n<thead>\n<tr>\n<th></th>\n<th>Dit &quot;oui&quot;</th>\n</tr>\n</thead>\n"
    "<tbody>\n<tr>\n<td>Ligne</td>\n<td>Cas <b>1</b></td>\n</tr>\n</tbody>\n</table>"
)


def test_each_cell_of_a_table_says_its_row_and_its_column() -> None:
    html = labelled_tables(TABLE)

    assert '<th scope="col">Dit &quot;oui&quot;</th>' in html
    assert '<th scope="row">Ligne</th>' in html
    assert '<td data-label="Dit &quot;oui&quot;"><span>Cas <b>1</b></span></td>' in html


def test_a_heading_without_a_word_is_no_heading() -> None:
    assert "<th></th>" not in labelled_tables(TABLE)


def test_the_text_of_a_table_is_left_as_it_is() -> None:
    def words(html: str) -> list[str]:
        return re.sub(r"<[^>]*>", " ", html).split()

    assert words(labelled_tables(TABLE)) == words(TABLE)


def test_a_table_someone_wrote_in_html_is_left_as_it_is() -> None:
    own = '<table class="x"><tr><td>a</td></tr></table>'

    assert labelled_tables(own) == own


# --- spaces --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("<p>ceci : cela</p>", "<p>ceci\u00a0: cela</p>"),
        ("<p>oui ; non ? si !</p>", "<p>oui\u202f; non\u202f? si\u202f!</p>"),
        ("<p>« oui »</p>", "<p>«\u00a0oui\u00a0»</p>"),
        ("<p><b>oui</b> : non</p>", "<p><b>oui</b>\u00a0: non</p>"),
        ("<p>le 4 mars</p>", "<p>le 4\u00a0mars</p>"),
        ("<p>le 1er mars</p>", "<p>le 1er\u00a0mars</p>"),
        ("<code>a : b</code> : c", "<code>a : b</code>\u00a0: c"),
        ('<a title="a : b">c : d</a>', '<a title="a : b">c\u00a0: d</a>'),
        ("<pre>« a »</pre>", "<pre>« a »</pre>"),
    ],
)
def test_french_spaces_do_not_break_at_the_end_of_a_line(
    typed: str, printed: str
) -> None:
    assert french_spaces(typed) == printed


@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "<code>", "</code>", " : ", "« ", " »", "a", "<"]
        )
    ).map("".join)
)
def test_only_the_kind_of_spaces_changes(html: str) -> None:
    def ordinary(text: str) -> str:
        return re.sub(r"\s", " ", text)

    assert ordinary(french_spaces(html)) == ordinary(html)
