import re
from dataclasses import replace
from pathlib import Path

import pytest
from dialogues import SETTINGS, opened, submitted

from charter_builder.charter import Charter
from charter_builder.consultation import Organisation, day_of
from charter_builder.register import (
    Body,
    Contest,
    Contested,
    Decided,
    Decision,
    Disposition,
    Reply,
    Withdrawn,
    sealed,
)
from charter_builder.storage.registrar import Registrar
from charter_builder.units import as_version
from charter_builder.website.dialogue_pages import (
    PER_PAGE,
    Consultation,
    _paged,
    fragments,
    inserts,
    shells,
)
from charter_builder.website.finish import inserted

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
