import re
from dataclasses import replace
from pathlib import Path

import pytest
from dialogues import SETTINGS, opened, submitted

from charter_builder import french
from charter_builder.chain import sealed
from charter_builder.charter import Charter
from charter_builder.consultation import Organisation, day_of
from charter_builder.library import Library
from charter_builder.register import (
    Body,
    Closed,
    Contest,
    Contested,
    Decided,
    Decision,
    Disposition,
    Reclassified,
    Reply,
    SettingsChanged,
    UnitTrace,
    VersionApplied,
    VersionFrozen,
    Withdrawn,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.units import as_version
from charter_builder.website import dialogue_view
from charter_builder.website.dialogue_pages import (
    Fragments,
    _paged,
    fragments,
    inserts,
    shells,
)
from charter_builder.website.dialogue_view import PER_PAGE, Consultation
from charter_builder.website.dialogue_words import page_links
from charter_builder.website.finish import inserted
from charter_builder.website.pages import Site, build
from charter_builder.workspace import SiteSettings

HOSTILE = "<script>alert(1)</script> [x](javascript:alert) {{ 7*7 }} **gras** &amp;"


@pytest.fixture
def registrar(tmp_path: Path, charter: Charter) -> Registrar:
    return opened(tmp_path, as_version(charter, None))


def shown(registrar: Registrar, day: str = "") -> Consultation:
    journal = registrar.journal
    return Consultation(
        dialogue=journal.refresh(),
        versions=list(registrar.versions.values()),
        entries=journal.entries,
        digests=journal.digests,
        day=day or day_of(journal.dialogue.last_at),
    )


def replied(registrar: Registrar, identifier: str, disposition: Disposition) -> None:
    reply = Reply(
        contribution=identifier,
        disposition=disposition,
        **sealed("reason", f"Parce que {HOSTILE}", registrar.random()),
    )
    body = Body(name="Groupe", date="2027-01-06", roles=("DRH", "DGS"))
    registrar.journal.append(
        lambda dialogue, stamp: Decided(
            **stamp._asdict(),
            decision=Decision(
                id=dialogue.next_decision,
                body=body,
                drafted_by="redaction",
                validated_by="direction",
                replies=(reply,),
            ),
        )
    )


def test_every_place_of_a_shell_has_its_fragment(registrar: Registrar) -> None:
    for number in range(PER_PAGE + 1):
        submitted(registrar, text=f"Remarque {number}")
    consultation = shown(registrar)
    found = fragments(consultation)

    for path, page in shells(consultation).items():
        name = path.removeprefix("contributions/").removesuffix(".md")
        assert found[name].strip()
        assert found[name] in inserted(page, found)


def test_a_shell_holds_nothing_that_people_typed(registrar: Registrar) -> None:
    submitted(registrar, text=HOSTILE)

    assert "alert" not in "".join(shells(shown(registrar)).values())


def test_what_people_typed_is_text_wherever_it_is_shown(registrar: Registrar) -> None:
    submitted(registrar, text=HOSTILE, kind="question", passage=HOSTILE)
    submitted(registrar, kind="amendment", proposed=HOSTILE, text=HOSTILE)
    replied(registrar, "C-0001", "explained")
    registrar.journal.append(
        lambda _, stamp: Contested(
            **stamp._asdict(),
            contest=Contest(
                contribution="C-0001",
                organisation="cfdt",
                key=registrar.random(),
                **sealed("reason", HOSTILE, registrar.random()),
            ),
        )
    )
    found = inserts(shown(registrar))

    pages = "".join(found.fragments.values())
    assert "&lt;script&gt;" in pages
    assert "<script" not in pages
    assert not re.search(r'href="javascript', pages)
    entries = " ".join(entry["text"] for entry in found.search)
    assert "<" not in entries


def test_an_amendment_put_elsewhere_is_compared_with_the_text_of_its_article(
    registrar: Registrar,
) -> None:
    submitted(registrar, kind="amendment", proposed="Le matériel est prêté.")
    registrar.journal.append(
        lambda _, stamp: Reclassified(
            **stamp._asdict(), contribution="C-0001", unit="couts", why="Erreur."
        )
    )
    site = shown(registrar)
    (standing,) = site.standings
    unit = registrar.versions[1].unit("couts")

    assert unit is not None
    assert site.read_text(standing) == unit.text


def test_a_reason_to_change_the_settings_is_on_the_register_page(
    registrar: Registrar,
) -> None:
    settings = SETTINGS.model_copy(update={"closes": "2027-02-26"})
    registrar.journal.append(
        lambda _, stamp: SettingsChanged(
            **stamp._asdict(), settings=settings, why="Prolongée d’un mois."
        )
    )

    assert "Prolongée d’un mois." in fragments(shown(registrar))["journal"]


def test_a_reply_that_is_late_is_told_with_the_day(registrar: Registrar) -> None:
    submitted(registrar)

    assert "1 réponse en retard" not in fragments(shown(registrar))["etat"]
    assert "1 réponse en retard" in fragments(shown(registrar, "2027-03-01"))["etat"]


def test_the_page_of_an_organisation_says_where_each_contribution_is(
    registrar: Registrar,
) -> None:
    submitted(registrar)
    submitted(registrar, organisation="cgt")
    registrar.journal.append(
        lambda _, stamp: Withdrawn(
            **stamp._asdict(), contribution="C-0001", organisation="cfdt"
        )
    )
    found = fragments(shown(registrar))

    assert "retirée par l’organisation" in found["organisations/cfdt"]
    assert "C-0002" not in found["organisations/cfdt"]
    assert "Aucune contribution" in found["organisations/fo"]


def test_positions_put_each_organisation_beside_each_article(
    registrar: Registrar,
) -> None:
    submitted(registrar, stance="against")
    submitted(registrar, organisation="cgt", unit="couts", stance="for")
    page = fragments(shown(registrar))["positions"]

    assert page.index("Les horaires") < page.index("défavorable")
    assert page.index("défavorable") < page.index("<strong>favorable</strong>")


def test_an_erased_text_says_why_it_is_not_there(registrar: Registrar) -> None:
    submitted(registrar)
    consultation = shown(registrar)
    standing = consultation.standings[0]
    erased = standing.contribution.model_copy(update={"text": None, "text_salt": None})
    gone = replace(
        consultation,
        dialogue=replace(
            consultation.dialogue,
            standings={"C-0001": replace(standing, contribution=erased)},
        ),
    )

    assert "Texte expurgé" in fragments(gone)["articles/horaires"]
    assert "Texte expurgé" in fragments(gone)["registre"]


def test_a_full_page_of_long_contributions_stays_under_300_kilobytes(
    registrar: Registrar,
) -> None:
    for number in range(PER_PAGE):
        submitted(registrar, text=f"Remarque {number}. " + "Nous demandons. " * 250)
    found = fragments(shown(registrar))

    assert max(len(page.encode()) for page in found.values()) < 300_000


def test_the_same_register_gives_the_same_pages(registrar: Registrar) -> None:
    submitted(registrar, text=HOSTILE)

    assert inserts(shown(registrar)) == inserts(shown(registrar))


# --- amendments that compete, long pages, positions, versions ---------------------------


def amended(registrar: Registrar, number: int, **given: object) -> None:
    submitted(
        registrar, kind="amendment", proposed=f"Une rédaction, la {number}.", **given
    )


def test_amendments_on_one_text_are_read_together_before_the_rest(
    registrar: Registrar,
) -> None:
    amended(registrar, 1)
    submitted(registrar, text="Une remarque entre les deux.")
    amended(registrar, 2, organisation="cgt")
    page = fragments(shown(registrar))["articles/horaires"]

    order = [
        page.index(what)
        for what in (
            "Amendements concurrents sur la version 1",
            'id="c-0001"',
            'id="c-0003"',
            "Autres contributions",
            'id="c-0002"',
        )
    ]
    assert order == sorted(order)
    assert page.count("charte-diff") == 2


def test_one_amendment_or_one_that_was_withdrawn_competes_with_nothing(
    registrar: Registrar,
) -> None:
    amended(registrar, 1)
    amended(registrar, 2, organisation="cgt")
    registrar.journal.append(
        lambda _, stamp: Withdrawn(
            **stamp._asdict(), contribution="C-0001", organisation="cfdt"
        )
    )
    page = fragments(shown(registrar))["articles/horaires"]

    assert "concurrents" not in page
    assert page.index('id="c-0001"') < page.index('id="c-0002"')


def test_long_texts_make_more_pages_each_under_300_kilobytes(
    registrar: Registrar,
) -> None:
    long = "Nous demandons ceci & cela. " * 700
    for number in range(12):
        submitted(
            registrar, kind="amendment", text=long, proposed=f"Le n° {number}. {long}"
        )
    consultation = shown(registrar)
    found = fragments(consultation)
    pages = [name for name in found if name.startswith("articles/horaires")]

    assert len(pages) > 2
    assert max(len(found[name].encode()) for name in pages) < 300_000
    for standing in consultation.standings:
        name = consultation.pages_of[standing.id].removesuffix(".html")
        assert f'id="{standing.id.lower()}"' in found[name]


def test_many_decisions_take_several_pages_and_are_found_on_theirs(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue_view, "REPLIES_PER_PAGE", 10)
    for number in range(3):
        submitted(registrar, text=f"Remarque {number}")
        replied(registrar, f"C-{number + 1:04}", "rejected")
    found = fragments(shown(registrar))

    assert 'id="d-0003"' in found["decisions_2"]
    assert 'href="../decisions_2.html#d-0003"' in found["articles/horaires"]


@pytest.mark.parametrize(
    ("count", "rank", "expected"),
    [
        (3, 0, [1, 2, 3]),
        (400, 0, [1, 2, 3, None, 400]),
        (400, 200, [1, None, 199, 200, 201, 202, 203, None, 400]),
        (400, 4, [1, 2, 3, 4, 5, 6, 7, None, 400]),
    ],
)
def test_a_long_list_of_pages_names_those_around_and_both_ends(
    count: int, rank: int, expected: list[int | None]
) -> None:
    links = page_links([f"p-{n + 1}.html" for n in range(count)], rank)

    assert [link and link[0] for link in links] == expected
    assert all(link is None or link[1] == f"p-{link[0]}.html" for link in links)


def test_a_position_is_told_on_one_line_for_paper(registrar: Registrar) -> None:
    for stance in ("for", "against", None):
        submitted(registrar, stance=stance)
    replied(registrar, "C-0001", "rejected")
    replied(registrar, "C-0002", "rejected")
    page = fragments(shown(registrar))["positions"]

    assert '<span class="charte-short">contre : 2 rej., att.</span>' in page


def versioned(registrar: Registrar, number: int) -> None:
    registrar.journal.append(
        lambda _, stamp: VersionFrozen(
            **stamp._asdict(), version=number, digest="a" * 64
        )
    )


def test_a_version_says_whom_each_change_comes_from(registrar: Registrar) -> None:
    amended(registrar, 1)
    replied(registrar, "C-0001", "retained")
    versioned(registrar, 2)
    versioned(registrar, 3)
    registrar.journal.append(
        lambda _, stamp: VersionApplied(
            **stamp._asdict(),
            version=2,
            changes=(
                UnitTrace(unit="horaires", contributions=("C-0001",)),
                UnitTrace(unit="couts", employer_note=f"Cohérence {HOSTILE}"),
            ),
        )
    )
    consultation = shown(registrar)
    found = fragments(consultation)

    assert consultation.explained_versions == {2, 3}
    assert (
        'articles/horaires.html#c-0001">C-0001</a> (CFDT' in found["origine-2/horaires"]
    )
    assert "&lt;script&gt;" in found["origine-2/couts"]
    assert "Aucune raison" in found["origine-3/couts"]


def test_a_fragment_is_made_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("a")
        return "A"

    found = Fragments({"a": make, "b": str})

    assert (len(found), list(found), made) == (2, ["a", "b"], [])
    assert (found["a"], found["a"], made) == ("A", "A", ["a"])


def test_pages_of_a_closed_consultation_ask_for_no_contribution(
    registrar: Registrar, library: Library, charter: Charter
) -> None:
    submitted(registrar)
    site = Site(charter, library, SiteSettings(), consultation=shown(registrar))
    assert "Contribuer sur cet article" in build(site)["projet/horaires.md"]

    body = Body(name="Groupe", date="2027-01-06", roles=("DRH", "DGS"))
    registrar.journal.append(
        lambda _, stamp: Closed(**stamp._asdict(), by="direction", body=body)
    )
    pages = build(replace(site, consultation=shown(registrar)))

    article, home = pages["projet/horaires.md"], pages["index.md"]
    assert "elle ne reçoit plus de contribution" in article
    assert "Formulaire à imprimer" not in article
    assert "elle ne reçoit plus de contribution" in pages["contributions/index.md"]
    assert "Les contributions ont été reçues du" in home
    assert "Comment participer" not in home


def test_the_home_page_tells_the_days_of_the_register(
    registrar: Registrar, library: Library, charter: Charter
) -> None:
    site = Site(charter, library, SiteSettings(), consultation=shown(registrar))
    settings = registrar.journal.dialogue.opened

    assert f"**{french.day(settings.closes)}** inclus" in build(site)["index.md"]


def test_the_printed_form_cites_the_frozen_version(
    registrar: Registrar, library: Library, charter: Charter
) -> None:
    site = Site(charter, library, SiteSettings(), consultation=shown(registrar))

    assert "— version 1\n" in build(site)["contributions/formulaire.md"]


def test_a_reply_of_the_same_day_is_said_in_words(registrar: Registrar) -> None:
    number = submitted(registrar).standing.id
    replied(registrar, number, "rejected")

    assert "la moitié le jour même" in fragments(shown(registrar))["etat"]


def test_the_second_page_of_an_organisation_is_not_that_of_another(
    tmp_path: Path, charter: Charter
) -> None:
    organisations = (
        Organisation(id="cgt", name="CGT"),
        Organisation(id="cgt-2", name="CGT des cadres"),
    )
    settings = SETTINGS.model_copy(update={"organisations": organisations})
    registrar = opened(tmp_path, as_version(charter, None), settings)
    for number in range(60):
        submitted(registrar, organisation="cgt", text=f"Demande {number} de la CGT.")
    submitted(registrar, organisation="cgt-2", text="Demande des cadres.")

    site = shown(registrar)

    names = [name for name, _ in _paged(site)]
    assert len(set(names)) == len(names)
    made = fragments(site)
    assert "C-0061" in made["organisations/cgt-2"]
    pages = [made[name] for name in made if name.startswith("organisations/cgt")]
    assert all(any(f"C-{n:04}" in page for page in pages) for n in range(1, 62))


def test_the_journal_links_each_contribution_it_names(registrar: Registrar) -> None:
    submitted(registrar, text="Une remarque.")
    consultation = shown(registrar)
    page = consultation.pages_of["C-0001"]

    assert consultation.linked("C-0001, C-0099 <b>") == (
        f'<a class="charte-number" href="{page}#c-0001">C-0001</a>, C-0099 &lt;b&gt;'
    )
    assert consultation.linked("C-0001") in fragments(consultation)["journal"]
