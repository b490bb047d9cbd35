import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from documents import with_document
from ruamel.yaml import YAML
from variants import edited

from charter_builder.assembly import assemble
from charter_builder.changelog import changes
from charter_builder.interview import answer_question, leave_open, take_proposed
from charter_builder.library import Library
from charter_builder.questionnaire import AdoptedText, Answers, LocalParagraph
from charter_builder.requirements import Coverage, coverage, findings
from charter_builder.units import as_version
from charter_builder.website.pages import Site, build, mail_link, navigation
from charter_builder.workspace import SiteSettings

HOSTILE = (
    '<script>x</script> {{ 7*7 }} [l](javascript:x) {onclick=x} ]]> "q" | # `c` *g*'
)
# A text of the library may hold no expression but those it is checked for.
CLAUSE_HOSTILE = HOSTILE.replace("{{ 7*7 }}", "")
OPEN = SiteSettings(
    contact="rh@isle-verte.example", opens="2027-01-04", closes="2027-01-29"
)


def site_of(
    library: Library, answers: Answers, settings: SiteSettings | None = None
) -> Site:
    charter = assemble(library, answers)
    return Site(
        charter=charter,
        library=library,
        settings=settings or SiteSettings(),
        findings=findings(charter, library),
        coverage=coverage(charter, library),
    )


@pytest.fixture
def site(library: Library, answers: Answers) -> Site:
    return site_of(library, answers)


@pytest.fixture
def pages(site: Site) -> dict[str, str]:
    return build(site)


def front_matter(page: str) -> dict[str, object]:
    _, header, _ = page.split("---\n", 2)
    found: dict[str, object] = YAML(typ="safe").load(header)
    return found


# --- the project ---------------------------------------------------------------------


def test_each_article_has_its_page(pages: dict[str, str]) -> None:
    page = pages["projet/horaires.md"]

    assert front_matter(page)["title"] == "Article 1. Les horaires"
    assert "\n# Les horaires\n" in page
    assert "Les heures où l’on se repose." in page


def test_each_paragraph_says_its_number_and_its_nature(pages: dict[str, str]) -> None:
    marks = re.findall(
        r'id="([\w-]+)" markdown.*?Lien vers le paragraphe (\d+).*?charte-nature[^>]*>'
        r"(\w+)<",
        pages["projet/horaires.md"],
        re.DOTALL,
    )

    assert marks == [
        ("p-1", "1", "loi"),
        ("p-plage-1", "2", "choix"),
        ("p-plage-2", "3", "usage"),
    ]


def test_an_article_says_why_it_is_there_and_on_what_law(
    pages: dict[str, str],
) -> None:
    page = pages["projet/horaires.md"]

    assert "- À quelle heure finit-il\u202f? — 7\u00a0h\u00a030" in page
    assert "Contenus obligatoires traités ici : C01" in page
    assert "[Repos quotidien](../cadre-legal/index.md#repos-quotidien)" in page


def test_articles_follow_each_other(pages: dict[str, str]) -> None:
    assert '<a href="couts.html">2. Les coûts →</a>' in pages["projet/horaires.md"]
    assert '<a href="horaires.html">← 1. Les horaires</a>' in pages["projet/couts.md"]


def test_a_local_paragraph_gives_its_reason_and_says_it_is_not_checked(
    library: Library, answers: Answers
) -> None:
    local = {"couts": LocalParagraph(text="Un vélo est prêté.", reason="Vote de mars.")}

    pages = build(site_of(library, answers.model_copy(update={"local": local})))

    assert "Un vélo est prêté." in pages["projet/couts.md"]
    assert (
        "*Motif donné par la collectivité : Vote de mars.*" in pages["projet/couts.md"]
    )
    assert "non vérifié" in pages["projet/couts.md"]


def test_an_adopted_paragraph_names_the_contributions_it_comes_from(
    library: Library, answers: Answers
) -> None:
    adopted = AdoptedText(
        text="Un vélo est prêté.", contributions=("C-0042",), of="0" * 64
    )

    pages = build(site_of(library, answers.with_adopted("couts", adopted)))

    for page in ("projet/couts.md", "projet/texte-integral.md"):
        said = (
            "_Rédaction adoptée après concertation (C-0042), non vérifiée par l’outil._"
        )
        assert pages[page].count(said) == 1
        assert "Motif donné" not in pages[page]


def test_the_legend_explains_only_the_marks_in_use(pages: dict[str, str]) -> None:
    legend = re.findall(r'charte-nature charte-(\w+)">\w', pages["projet/couts.md"])

    assert "local" not in legend
    assert "law" in legend


def test_the_full_text_holds_every_paragraph_in_order(
    site: Site, pages: dict[str, str]
) -> None:
    numbers = re.findall(r'charte-ref">(\d+\.\d+)<', pages["projet/texte-integral.md"])

    assert numbers == [
        f"{article.number}.{index}"
        for article in site.charter.articles()
        for index, _ in enumerate(article.paragraphs, 1)
    ]


def test_the_act_has_its_page(pages: dict[str, str]) -> None:
    page = pages["projet/deliberation.md"]

    assert "**Le conseil,**" in page
    assert "Vu l’article\u00a0R.\u00a03 du nouveau code" in page
    assert "## Article 1. Adoption" in page
    assert 'href="deliberation.html"' in pages["projet/index.md"]


# --- taking part ---------------------------------------------------------------------


def test_a_contribution_is_a_message_already_filled_in(
    library: Library, answers: Answers
) -> None:
    site = site_of(library, answers, OPEN)

    page = build(site)["projet/couts.md"]

    link = re.search(r'href="(mailto:[^"]*)"', page)
    assert link is not None
    address = urlsplit(link[1].replace("&amp;", "&"))
    filled = parse_qs(address.query)
    assert address.path == "rh@isle-verte.example"
    assert filled["subject"] == ["[Charte d’essai] Article 2 — Les coûts"]
    article = site.charter.article("couts")
    assert article is not None
    assert f"couts · version de l’article {article.version}" in filled["body"][0]


def test_without_an_address_the_form_is_offered_instead(pages: dict[str, str]) -> None:
    for name in ("projet/couts.md", "contributions/index.md"):
        assert "mailto:" not in pages[name]
        assert "n’a pas encore donné d’adresse" in pages[name]


def test_the_home_page_says_when_the_consultation_takes_place(
    library: Library, answers: Answers
) -> None:
    home = build(site_of(library, answers, OPEN))["index.md"]

    assert "reçues du **4 janvier 2027** au **29 janvier 2027** inclus" in home


def test_the_home_page_promises_no_date_that_was_not_given(
    pages: dict[str, str],
) -> None:
    assert "Les dates de la concertation seront publiées ici." in pages["index.md"]
    assert "soumis à la concertation" not in pages["index.md"]


def test_the_home_page_counts_what_is_law_and_what_can_be_discussed(
    pages: dict[str, str],
) -> None:
    home = pages["index.md"]

    assert "Sur 5 paragraphes, 1 reprend la loi" in home
    assert 'aria-label="Paragraphes : loi 1, choix 3, usage 1"' in home
    widths = [float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)"', home)]
    assert widths == [126.0, 382.0, 126.0]


# --- the library ---------------------------------------------------------------------


def test_a_theme_compares_its_options(pages: dict[str, str]) -> None:
    page = pages["bibliotheque/horaires.md"]

    assert "| [Une plage fixe](horaires/plage.md) | Des heures fixes. | oui |" in page
    assert "| [Une règle d’équipe](horaires/souple.md) |" in page
    assert "| Rédaction | Protection |" in page
    assert "| Une règle d’équipe | Moyenne |" in page


def told(library: Library) -> Library:
    """Return the library where a theme tells what is at stake and who decides."""
    return edited(
        library,
        {
            "horaires/theme": {
                "stakes": "Le repos des agents, la continuité du service.",
                "decided_by": {
                    "law": "Le repos dure {{ repos_minimal|heures }}.",
                    "act": "Les heures.",
                    "references": ("repos.quotidien", "forfait.doctrine"),
                },
            }
        },
    )


def test_a_theme_says_what_is_at_stake(library: Library, answers: Answers) -> None:
    pages = build(site_of(told(library), answers))

    assert (
        "## Les enjeux\n\nLe repos des agents, la continuité du service."
        in pages["bibliotheque/horaires.md"]
    )
    assert "## Les enjeux" not in pages["bibliotheque/couts.md"]


def test_a_theme_says_who_decides_and_on_what_sources(
    library: Library, answers: Answers
) -> None:
    pages = build(site_of(told(library), answers))
    rows = re.findall(r"<dt>(.*?)</dt><dd>([^<]*)", pages["bibliotheque/horaires.md"])

    assert [(who, said.strip()) for who, said in rows] == [
        ("Les textes", "Le repos dure 11\u00a0heures."),
        ("La délibération ou la charte", "Les heures."),
    ]
    assert "## Qui décide" not in pages["bibliotheque/couts.md"]


def test_a_source_leads_to_the_legal_page_when_it_is_there(
    library: Library, answers: Answers
) -> None:
    site = site_of(told(library), answers)
    alone = edited(told(library), {"couts/nature": {"references": ()}})

    with_both = build(site)["bibliotheque/horaires.md"]
    with_one = build(site_of(alone, answers))["bibliotheque/horaires.md"]

    assert '<a href="../cadre-legal/index.html#repos-quotidien">' in with_one
    assert '"../cadre-legal/index.html#forfait-doctrine"' in with_both
    assert '"../cadre-legal/index.html#forfait-doctrine"' not in with_one


def test_the_arguments_of_both_sides_stand_under_each_option(
    library: Library, answers: Answers
) -> None:
    both = {
        "employer": {"for": "Simple.", "against": "Cher."},
        "unions": {"for": "Juste.", "against": "Peu."},
    }
    changed = edited(library, {"horaires/plage": {"arguments": both}})

    page = build(site_of(changed, answers))["bibliotheque/horaires.md"]

    _, _, arguments = page.partition("## Les arguments")
    assert re.findall(r"(?m)^### (.*)$", arguments) == ["Une plage fixe"]
    assert (
        "| Employeurs | Simple. | Cher. |\n| Syndicats | Juste. | Peu. |" in arguments
    )


def test_the_plain_words_of_an_option_kept_tell_the_answers_of_the_territory(
    library: Library, answers: Answers
) -> None:
    plain = {"plain_language": "Le soir, on s'arrête à {{ debut|heure }}."}
    changed = edited(library, {"horaires/plage": plain})
    later = answers.model_copy(update={"values": {**answers.values, "debut": "21:00"}})

    page = build(site_of(changed, later))["bibliotheque/horaires/plage.md"]

    assert "Le soir, on s’arrête à 21\u00a0heures." in page


def test_an_option_says_what_it_supposes_and_what_it_excludes(
    library: Library, answers: Answers
) -> None:
    links = {"requires": ("couts/nature",), "excludes": ("horaires/souple",)}
    pages = build(site_of(edited(library, {"horaires/plage": links}), answers))

    said = pages["bibliotheque/horaires/plage.md"]
    assert "- Elle suppose : [En nature](../couts/nature.md) (Les coûts)" in said
    assert (
        "- Elle ne va pas avec : [Une règle d’équipe](../horaires/souple.md)\n" in said
    )
    assert (
        "- Elle ne va pas avec : [Une plage fixe](../horaires/plage.md)"
        in pages["bibliotheque/horaires/souple.md"]
    )


def test_an_option_tells_since_when_it_is_there_and_what_changed(
    library: Library, answers: Answers
) -> None:
    news = (
        "## [0.2.0]\n### Droit\n- La plage `horaires/plage` change.\n"
        "- Le thème `couts` change.\n"
    )
    changed = edited(
        library,
        {"horaires/plage": {"since": "0.1.0"}, "horaires/souple": {"since": "0.2.0"}},
    )

    pages = build(replace(site_of(changed, answers), changes=changes(news)))

    plage = pages["bibliotheque/horaires/plage.md"]
    assert "Présente depuis la version 0.1.0 de la bibliothèque.\n" in plage
    assert "- 0.2.0, Droit : La plage horaires/plage change." in plage
    assert "Le thème couts change." not in plage
    assert "Aucun changement n’est signalé" in pages["bibliotheque/horaires/souple.md"]
    assert "- 0.2.0, Droit : La plage" in pages["bibliotheque/horaires.md"]
    assert "- 0.2.0, Droit : Le thème" in pages["bibliotheque/couts/nature.md"]


def test_an_option_no_entry_names_tells_since_when_it_is_there(
    library: Library, answers: Answers
) -> None:
    changed = edited(library, {"horaires/plage": {"since": "0.1.0"}})

    said = build(site_of(changed, answers))["bibliotheque/horaires/plage.md"]
    assert (
        "Présente depuis la version 0.1.0 de la bibliothèque. Aucun changement n’est "
        "signalé depuis." in said
    )


def test_what_a_theme_became_before_an_option_is_no_part_of_its_history(
    library: Library, answers: Answers
) -> None:
    news = "## 0.3.0\n- Un.  Le thème `couts`.\n## 0.1.0\n- Deux. Le thème `couts`.\n"
    changed = edited(library, {"couts/nature": {"since": "0.2.0"}})

    pages = build(replace(site_of(changed, answers), changes=changes(news)))
    assert "- 0.3.0 : Un." in pages["bibliotheque/couts/nature.md"]
    assert "- 0.1.0 : Deux." not in pages["bibliotheque/couts/nature.md"]
    assert "- 0.1.0 : Deux." in pages["bibliotheque/couts.md"]


def test_an_option_does_not_take_the_age_of_its_theme(
    library: Library, answers: Answers
) -> None:
    changed = edited(library, {"couts/theme": {"since": "0.1.0"}})

    pages = build(site_of(changed, answers))
    assert "Présent depuis la version 0.1.0" in pages["bibliotheque/couts.md"]
    assert "depuis la version" not in pages["bibliotheque/couts/nature.md"]


def test_a_theme_is_as_old_as_its_first_option(
    library: Library, answers: Answers
) -> None:
    ages = {
        "horaires/plage": {"since": "0.10.0"},
        "horaires/souple": {"since": "0.9.0"},
    }

    pages = build(site_of(edited(library, ages), answers))
    assert "Présent depuis la version 0.9.0" in pages["bibliotheque/horaires.md"]


def test_another_wording_is_proposed_by_a_message_already_filled_in(
    library: Library, answers: Answers
) -> None:
    page = build(site_of(library, answers, OPEN))["bibliotheque/horaires/plage.md"]

    found = re.search(r'href="(mailto:[^"]*)"', page)
    assert found
    address = urlsplit(unescape(found[1]))
    asked = parse_qs(address.query)
    assert address.path == "rh@isle-verte.example"
    assert asked["subject"][0].endswith("Autre rédaction — Une plage fixe")
    assert "Référence : horaires/plage · bibliothèque petite" in asked["body"][0]


def test_without_an_address_another_wording_is_proposed_on_paper(
    pages: dict[str, str],
) -> None:
    page = pages["bibliotheque/horaires/plage.md"]

    assert "[formulaire à imprimer](../../contributions/formulaire.md)" in page
    assert "mailto:" not in page
    assert "fichier `horaires/plage.yml`" in page


def test_pages_lead_to_the_guides_that_are_there(site: Site) -> None:
    texts = {"guides/lire-un-projet.md": "# Lire\n", "guides/auteurs.md": "# A\n"}

    without, pages = build(site), build(replace(site, guides=texts))

    assert "guides/lire-un-projet.html" in pages["index.md"]
    assert "../../guides/auteurs.md#" in pages["bibliotheque/horaires/plage.md"]
    assert "guides/" not in without["index.md"]
    assert "guides/" not in without["bibliotheque/horaires/plage.md"]


def test_an_option_kept_shows_the_answers_of_the_territory(
    library: Library, answers: Answers
) -> None:
    later = answers.model_copy(update={"values": {**answers.values, "debut": "21:00"}})

    page = build(site_of(library, later))["bibliotheque/horaires/plage.md"]

    assert "Avec les réponses de la collectivité." in page
    assert "Nul n’est joint de 21\u00a0heures à 7\u00a0h\u00a030." in page


def test_an_option_left_out_shows_what_it_would_say(pages: dict[str, str]) -> None:
    page = pages["bibliotheque/couts/forfait.md"]

    assert "Avec les valeurs proposées par défaut." in page
    assert "L’employeur verse 2,88\u00a0€ par jour." in page
    assert (
        "| Quel montant par jour\u202f? | 2,88\u00a0€ | — | au plus 2,88\u00a0€ |"
        in page
    )


def test_a_theme_not_yet_written_is_announced_without_a_link(
    library: Library, answers: Answers
) -> None:
    parts = {
        "temps": {"title": "Le temps", "themes": ("horaires", "repos")},
        "argent": {"title": "L'argent", "themes": ("couts",)},
    }
    changed = edited(
        library,
        {
            "library": {"parts": parts},
            "repos/theme": {"title": "Le repos", "question": "Q ?", "settles": "S."},
        },
    )

    pages = build(site_of(changed, answers))

    assert "| Le repos | en préparation | — |" in pages["bibliotheque.md"]
    assert "bibliotheque/repos.md" not in pages


def test_a_theme_left_closed_says_so(library: Library) -> None:
    closed = edited(
        library,
        {
            "profiles": {
                "seul": {"title": "Seul", "summary": "S.", "themes": ("horaires",)}
            }
        },
    )
    started = Answers(act_date="2027-03-01", profile="seul", values={"nom": "Isle"})

    pages = build(site_of(closed, take_proposed(closed, started)))

    assert "Ce thème n’est pas ouvert dans ce projet." in pages["bibliotheque/couts.md"]
    assert "projet/couts.md" not in pages


# --- the law -------------------------------------------------------------------------


def test_the_legal_page_gives_what_is_cited_once_under_its_first_article(
    pages: dict[str, str],
) -> None:
    page = pages["cadre-legal/index.md"]

    headings = re.findall(r"(?m)^##+ (.*?) \{: #([\w-]+) \}$", page)
    assert headings == [
        ("Le temps", "partie-temps"),
        ("Repos quotidien", "repos-quotidien"),
        ("L’argent", "partie-argent"),
        ("Montant du forfait", "forfait-doctrine"),
    ]
    assert "Article R.\u00a03 du nouveau code — règle impérative, vérifié sur" in page


def test_a_fact_checked_another_day_says_so(library: Library, answers: Answers) -> None:
    facts = {"repos.quotidien": {"checked": "2026-12-24"}}

    page = build(site_of(edited(library, {"legal/references": facts}), answers))[
        "cadre-legal/index.md"
    ]

    assert "vérifié sur un texte officiel le 24 décembre 2026" in page
    assert page.count(" le 24 décembre 2026") == 1


def test_a_fact_says_where_it_was_read(library: Library, answers: Answers) -> None:
    url = 'https://exemple.fr/?a=1&b="2"'
    facts = {"repos.quotidien": {"url": url}}

    page = build(site_of(edited(library, {"legal/references": facts}), answers))[
        "cadre-legal/index.md"
    ]

    assert 'href="https://exemple.fr/?a=1&amp;b=&quot;2&quot;"' in page


def test_findings_are_shown_with_their_remedy(
    library: Library, answers: Answers
) -> None:
    short = answers.model_copy(update={"values": {**answers.values, "fin": "02:00"}})

    page = build(site_of(library, short))["cadre-legal/verification.md"]

    assert "## Erreur : article\u00a01, Les horaires" in page
    assert "Laissez au moins 11\u00a0heures." in page


def test_a_project_without_finding_says_what_was_not_checked(
    library: Library, answers: Answers
) -> None:
    site = Site(assemble(library, answers), library, SiteSettings())

    page = build(site)["cadre-legal/verification.md"]

    assert "Aucun constat" in page
    assert "Il ne remplace pas la relecture par un juriste." in page


def test_each_expected_content_says_where_it_is_dealt_with(
    site: Site, pages: dict[str, str]
) -> None:
    page = pages["cadre-legal/contenus.md"]

    expected: list[Coverage] = list(site.coverage)
    assert [item.id for item in expected] == re.findall(r"(?m)^\| (C\d+) ·", page)
    assert "| C01 · Horaires dits | traité | article 1, Les horaires |" in page


def test_the_lexicon_follows_the_order_of_the_dictionary(
    library: Library, answers: Answers
) -> None:
    terms = {w: {"definition": "D."} for w in ("équipe", "CST", "zone", "accord")}

    page = build(site_of(edited(library, {"lexicon": terms}), answers))["lexique.md"]

    assert re.findall(r"(?m)^(\w+)\n:", page) == ["accord", "CST", "équipe", "zone"]


# --- navigation ----------------------------------------------------------------------


def test_the_navigation_lists_chapters_and_articles_but_no_option(
    site: Site, pages: dict[str, str]
) -> None:
    listed = re.findall(r"[\w/-]+\.md", str(navigation(site, pages)))

    assert set(listed) <= set(pages)
    assert len(listed) == len(set(listed))
    assert set(pages) - set(listed) == {
        name for name in pages if name.startswith("bibliotheque/")
    } | {"contributions/formulaire.md"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Venir au bureau\n", "Venir au bureau"),
        ("Avant.\n\n# *Venir* [au](x.md) `bureau` #\n", "Venir au bureau"),
        ("Venir au bureau\n===\n", "Venir au bureau"),
        ("---\ntitle: 'Venir'\n---\n# Autre\n", "Venir"),
        ("# <b>Venir</b> &lt;ici&gt; {: #venir }\n", "Venir <ici>"),
        ("Sans titre.\n\n## Plus bas\n", "acces"),
        ("", "acces"),
    ],
)
def test_a_page_of_the_territory_is_listed_under_its_title(
    site: Site, text: str, title: str
) -> None:
    own = Site(
        site.charter,
        site.library,
        site.settings,
        guides={"informations/acces.md": text},
    )

    chapters = navigation(own, build(own))

    assert {"Informations": [{title: "informations/acces.md"}]} in chapters


def test_a_page_of_the_territory_keeps_its_line_breaks(site: Site) -> None:
    text = "# Contact\n\nMairie  \n1 rue du Lac\n\n```\na\n\n\nb\n```\n"
    own = replace(site, guides={"informations/contact.md": text})

    assert build(own)["informations/contact.md"] == text


# --- always --------------------------------------------------------------------------


def test_the_version_follows_the_words_of_the_draft(
    library: Library, answers: Answers
) -> None:
    first, again = site_of(library, answers), site_of(library, answers)
    later = answer_question(library, answers, "debut", "20:00")

    assert first.version == again.version
    assert first.version != site_of(library, later).version


def test_the_version_one_is_asked_to_cite_is_that_of_the_page_of_versions(
    site: Site, pages: dict[str, str]
) -> None:
    assert f"| {site.version} |" in pages["versions.md"]
    for name in ("contributions/index.md", "contributions/formulaire.md"):
        assert f"version de travail {site.version}" in pages[name]


def test_each_frozen_version_has_its_page_and_what_changed(
    library: Library, answers: Answers
) -> None:
    first = as_version(assemble(library, answers), None)
    later = answer_question(library, answers, "debut", "20:00")
    second = as_version(assemble(library, later), first)

    pages = build(replace(site_of(library, later), versions=(first, second)))

    assert "](versions/2.md)" in pages["versions.md"]
    assert "Aucun mot n’a changé." in pages["versions.md"]
    assert "Ce qui a changé" not in pages["versions/1.md"]
    changed = pages["versions/2.md"]
    assert '<del><span class="charte-unseen">[supprimé' in changed
    assert "<strong>Article 1. Les horaires</strong> change." in changed
    assert 'id="horaires"' in changed


def test_hostile_words_stay_words_in_a_frozen_version(
    library: Library, answers: Answers
) -> None:
    local = LocalParagraph(text=HOSTILE, reason=HOSTILE)
    first = as_version(assemble(library, answers), None)
    charter = assemble(library, answers.with_local("couts", local))
    second = as_version(charter, first)

    pages = build(replace(site_of(library, answers), versions=(first, second)))

    for name in ("versions.md", "versions/2.md"):
        assert "<script" not in pages[name]


def test_the_same_answers_give_the_same_pages_in_any_process() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from hashlib import sha256\n"
        "from pathlib import Path\n"
        "from charter_builder.assembly import assemble\n"
        "from charter_builder.interview import take_proposed\n"
        "from charter_builder.questionnaire import Answers\n"
        "from charter_builder.requirements import coverage, findings\n"
        "from charter_builder.storage.library_files import load_library\n"
        "from charter_builder.website.pages import Site, build\n"
        "from charter_builder.workspace import SiteSettings\n"
        "library = load_library(Path('tests/small'))\n"
        "started = Answers(act_date='2027-03-01', profile='court',"
        " values={'nom': 'Isle'})\n"
        "charter = assemble(library, take_proposed(library, started))\n"
        "site = Site(charter, library, SiteSettings(), findings(charter, library),"
        " coverage(charter, library))\n"
        "print(sha256(repr(build(site)).encode()).hexdigest())\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1
    assert seen != {sha256(b"").hexdigest()}


def test_no_page_leaves_a_run_of_blank_lines(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert "\n\n\n" not in text
        assert text.endswith("\n")


def test_what_people_typed_is_neither_markdown_nor_html_nor_a_template(
    library: Library, answers: Answers
) -> None:
    hostile = edited(
        library,
        {
            "library": {"title": f"Charte {HOSTILE}", "licence": HOSTILE},
            "horaires/theme": {
                "title": f"Horaires {HOSTILE}",
                "stakes": CLAUSE_HOSTILE,
                "decided_by": {
                    "law": CLAUSE_HOSTILE,
                    "act": CLAUSE_HOSTILE,
                    "references": ("repos.quotidien",),
                },
                "criteria": {"protection": HOSTILE},
            },
            "horaires/plage": {
                "title": f"Plage {HOSTILE}",
                "attributes": {"protection": HOSTILE},
            },
            "legal/references": {
                "repos.quotidien": {
                    "subject": HOSTILE,
                    "says": HOSTILE,
                    "note": HOSTILE,
                }
            },
        },
    )
    local = {"couts": LocalParagraph(text=HOSTILE, reason=HOSTILE)}
    values = {**answers.values, "nom": f"Isle {HOSTILE}"}
    changed = answers.model_copy(update={"values": values, "local": local})

    news = changes(f"## 1.0.0 {HOSTILE}\n### {HOSTILE}\n- `horaires` {HOSTILE}\n")

    pages = build(replace(site_of(hostile, changed, OPEN), changes=news))

    for name, text in pages.items():
        body = text.rpartition("---\n")[2]
        assert "<script" not in text, name
        assert "](javascript" not in body, name
        assert "{onclick" not in body, name
        assert "{{" not in body, name
        front_matter(text)
    shown = front_matter(pages["projet/horaires.md"])["title"]
    assert str(shown).startswith("Article 1. Horaires &lt;script&gt;")


def test_a_charter_without_a_single_article_still_has_its_pages(
    library: Library,
) -> None:
    free: dict[str, object] = {"choose": "optional", "parameters": {}, "text": None}
    changed = edited(library, {"horaires/theme": free, "couts/theme": free})
    nothing: dict[str, tuple[str, ...]] = {"horaires": (), "couts": ()}
    started = Answers(
        act_date="2027-03-01",
        profile="court",
        chosen=nothing,
        values={"nom": "Isle", "agents": 12},
    )

    pages = build(site_of(changed, started))

    assert "elle compte\n0 article." in pages["projet/index.md"]
    assert "Paragraphes : " in pages["index.md"]


# --- points left à débattre ----------------------------------------------------------


def test_an_open_point_stands_in_its_article_with_its_candidates(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], HOSTILE)

    page = build(site_of(library, left_open))["projet/horaires.md"]

    assert '<div class="charte-debate" id="d-debut" role="group"' in page
    assert page.count('<div class="charte-candidate"') == 2
    assert "<script>" not in page
    assert page.index("p-1") < page.index("d-debut") < page.index("p-plage-2")


def test_an_option_only_proposed_says_so_in_the_library(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "couts", [["nature"], ["forfait"]])

    pages = build(site_of(library, take_proposed(library, left_open)))

    assert pages["bibliotheque/couts.md"].count("| à débattre |") == 2
    page = pages["bibliotheque/couts/forfait.md"]
    assert "est proposée, à débattre, dans ce projet" in page
    assert page.count("L’employeur verse") == 1


def test_the_home_page_lists_what_is_debated(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    pages = build(site_of(library, left_open))

    assert "](projet/horaires.md#d-debut) — article 1" in pages["index.md"]
    assert "Ce qui reste à débattre" not in build(site_of(library, answers))["index.md"]


def test_the_message_about_an_article_asks_which_candidate_is_preferred(
    library: Library, answers: Answers
) -> None:
    left_open = leave_open(library, answers, "debut", ["18:30", "19:00"], "Quand ?")

    site = site_of(library, left_open, OPEN)
    message = mail_link(site, next(site.charter.articles()))

    body = parse_qs(urlsplit(message).query)["body"][0]
    assert "À débattre : Quand\u202f?\r\nA. 18" in body
    assert "Proposition préférée, et pourquoi :" in body


# --- documents -----------------------------------------------------------------------


@pytest.fixture
def with_annexes(library: Library, answers: Answers) -> Site:
    return site_of(with_document(library), answers)


def test_each_document_has_its_page_under_the_project(with_annexes: Site) -> None:
    pages = build(with_annexes)

    assert "# Demande de repos" in pages["projet/annexes/demande.md"]
    assert 'href="demande.html"' in pages["projet/annexes/index.md"]
    assert 'href="annexes/demande.html"' in pages["projet/index.md"]
    project = navigation(with_annexes, pages)[1]["Projet"]
    assert {
        "Annexes": [
            "projet/annexes/index.md",
            {"Demande de repos": "projet/annexes/demande.md"},
        ]
    } in project


def test_a_library_without_document_has_no_annexes(
    site: Site, pages: dict[str, str]
) -> None:
    assert not [path for path in pages if path.startswith("projet/annexes/")]
    assert "Annexes" not in pages["projet/index.md"]
    assert "Annexes" not in str(navigation(site, pages))


def test_a_document_holds_no_form_control(with_annexes: Site) -> None:
    page = build(with_annexes)["projet/annexes/demande.md"]

    assert not re.search(r"<(input|textarea|select|form|button)", page)
    # The name, « Pourquoi ? », and where two people sign.
    assert page.count('<span class="charte-unseen">') == 4
    assert page.count('<p class="charte-blank"') == 2
    assert "| encadrant |" in page


def test_what_a_document_asks_is_shown_as_typed(
    library: Library, answers: Answers
) -> None:
    field = {"kind": "choice", "label": "{{ cas_cite }}", "choices": "- un"}
    question = {"kind": "text", "label": "Quel cas ?", "default": HOSTILE}
    told = edited(library, {"questions": {"cas_cite": question}})
    told = with_document(told, sections=({"fields": (field,)},))
    given = take_proposed(told, answers)
    page = build(site_of(told, given))["projet/annexes/demande.md"]

    assert "<script>" not in page
    assert "[l](javascript" not in page
