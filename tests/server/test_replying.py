"""Two roles: one prepares, another decides; neither edits what people wrote."""

import re

import pytest
from live_site import Site, Visitor, fields_of
from terminal import flat

from charter_builder.errors import InputError
from charter_builder.storage import draft_store
from charter_builder.storage.draft_store import draft_of

SITTING = {"body": "Groupe de travail", "date": "2027-01-05", "minutes": "PV-1"}


def prepared(site: Site, **given: str) -> Visitor:
    """Post a contribution and prepare its reply; return who prepared it."""
    site.visitor("organisation", "cfdt").deposit()
    drafter = site.visitor("role", "redaction")
    fields = drafter.form("/rh/C-0001") | {
        "disposition": "rejected",
        "reason": "Le service ouvre tôt.",
        **given,
    }
    saved = drafter.post("/rh/C-0001", fields | {"etape": "enregistrer"})
    assert saved.status_code == 303, saved.text
    return drafter


def decide(visitor: Visitor, site: Site, **given: object):  # type: ignore[no-untyped-def]
    token = visitor.token()
    saved = draft_of(site.store, "C-0001")
    fields = {
        **SITTING,
        "jeton": token,
        "present": ["redaction", "cfdt"],
        "drafts": [f"C-0001:{saved.revision if saved else 1}"],
        **given,
    }
    return visitor.post("/rh/decision", fields)


def test_a_reply_prepared_by_one_role_is_decided_by_another(site: Site) -> None:
    prepared(site)
    validator = site.visitor("role", "direction")
    assert "Le service ouvre tôt." in validator.get("/rh/decision").text

    sent = decide(validator, site)

    assert (sent.status_code, sent.location) == (
        303,
        "/contributions/decisions.html#d-0001",
    )
    decision = site.dialogue.decisions[0].decision
    assert (decision.drafted_by, decision.validated_by) == ("redaction", "direction")
    assert draft_of(site.store, "C-0001") is None
    assert "D-0001" in validator.get("/contributions/decisions.html").text
    page = validator.get("/contributions/articles/horaires.html")
    assert "Le service ouvre tôt." in page.text


def test_a_draft_given_up_and_written_again_is_not_the_one_that_was_read(
    site: Site,
) -> None:
    drafter = prepared(site)
    validator = site.visitor("role", "direction")
    read = draft_of(site.store, "C-0001")
    assert read is not None
    drafter.post("/rh/C-0001", drafter.form("/rh/C-0001") | {"etape": "abandonner"})
    fields = {"disposition": "rejected", "reason": "Une tout autre raison."}
    drafter.post(
        "/rh/C-0001",
        drafter.form("/rh/C-0001") | fields | {"etape": "enregistrer"},
    )

    sent = decide(validator, site, drafts=[f"C-0001:{read.revision}"])

    assert sent.status_code == 409
    assert "ce projet a changé" in sent.text
    assert site.dialogue.decisions == ()


def test_a_decision_recorded_says_so_when_its_drafts_stay(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(site)
    validator = site.visitor("role", "direction")

    def full(*_: object) -> None:
        raise InputError("prive.sqlite : disque plein.")

    monkeypatch.setattr(draft_store, "discard_decided", full)
    sent = decide(validator, site)

    assert "La décision D-0001 est inscrite : ne la refaites pas." in flat(sent.text)
    assert len(site.dialogue.decisions) == 1


def test_a_draft_is_private_until_it_is_decided(site: Site) -> None:
    prepared(site)
    visitor = site.visitor("organisation", "cfdt")

    for path in (
        "/contributions/registre.html",
        "/contributions/articles/horaires.html",
        "/search/search_index.json",
        "/espace",
    ):
        assert "Le service ouvre tôt." not in visitor.get(path).text


def test_nobody_validates_a_reply_they_prepared(site: Site) -> None:
    drafter = prepared(site)

    sent = decide(drafter, site)

    assert sent.status_code == 409
    assert "Personne ne valide sa propre réponse" in sent.text
    assert site.dialogue.decisions == ()


def test_who_rewrites_a_draft_becomes_its_author_and_no_longer_validates_it(
    site: Site,
) -> None:
    prepared(site)
    other = site.visitor("role", "direction")
    fields = other.form("/rh/C-0001") | {"reason": "Autre motif."}
    other.post("/rh/C-0001", fields | {"etape": "enregistrer"})

    assert decide(other, site).status_code == 409
    assert decide(site.visitor("role", "redaction"), site).status_code == 303


@pytest.mark.parametrize("path", ["/rh/", "/rh/C-0001", "/rh/decision"])
@pytest.mark.parametrize("kind", ["organisation", "reader", None])
def test_guessing_the_address_of_a_role_gives_nothing(
    site: Site, path: str, kind: str | None
) -> None:
    prepared(site)
    subject = {"organisation": "cfdt", "reader": "lecture"}.get(kind or "", "")
    visitor = site.visitor(kind, subject)  # type: ignore[arg-type]

    shown = visitor.get(path)
    token = ""
    if kind == "organisation":
        token = visitor.form("/contribuer/horaires")["jeton"]
    sent = visitor.post(
        path if path != "/rh/" else "/rh/C-0001",
        {
            "jeton": token,
            "disposition": "retained",
            "drafts": "C-0001:1",
            "present": ["redaction", "cfdt"],
            **SITTING,
        },
    )

    assert (shown.status_code, sent.status_code) == ((403, 403) if kind else (401, 401))
    assert "Le service ouvre tôt." not in shown.text + sent.text
    assert site.dialogue.decisions == ()
    saved = draft_of(site.store, "C-0001")
    assert saved is not None
    assert saved.draft.disposition == "rejected"


def test_the_role_is_that_of_the_session_whatever_the_form_says(site: Site) -> None:
    drafter = prepared(site)

    sent = decide(
        drafter, site, role="direction", validator="direction", validated_by="direction"
    )

    assert sent.status_code == 409
    assert site.dialogue.decisions == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"drafts": []}, "au moins un projet"),
        ({"drafts": ["C-0001:9"]}, "ce projet a changé"),
        ({"drafts": ["C-0099:1"]}, "ce projet a changé"),
        ({"date": "hier"}, "le jour de la séance"),
        ({"date": "2027-02-30"}, "le jour de la séance"),
        ({"date": "2026-01-05"}, "doit se tenir entre"),
        ({"body": " "}, "nommez l’instance"),
        ({"present": ["redaction"]}, "deux au moins"),
        ({"present": ["redaction", "maire"]}, "n’est pas une fonction"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_and_given_back(
    site: Site, given: dict[str, object], said: str
) -> None:
    prepared(site)

    sent = decide(site.visitor("role", "direction"), site, **given)

    assert sent.status_code == 409
    assert said.lower() in sent.text.replace("\u00a0", " ").lower()
    assert site.dialogue.decisions == ()


def test_two_editors_of_one_draft_are_told_of_each_other(site: Site) -> None:
    site.visitor("organisation", "cfdt").deposit()
    one, other = site.visitor("role", "redaction"), site.visitor("role", "direction")
    stale = other.form("/rh/C-0001") | {
        "disposition": "rejected",
        "reason": "Le motif de l’autre.",
    }
    first = one.form("/rh/C-0001") | {"disposition": "rejected", "reason": "Le mien."}
    one.post("/rh/C-0001", first | {"etape": "enregistrer"})

    second = other.post("/rh/C-0001", stale | {"etape": "enregistrer"})

    assert second.status_code == 409
    assert fields_of(second.text)["reason"] == "Le motif de l’autre."
    saved = draft_of(site.store, "C-0001")
    assert saved is not None
    assert saved.draft.reason == "Le mien."


def test_two_validators_at_once_record_one_decision(site: Site) -> None:
    prepared(site)
    validator = site.visitor("role", "direction")

    first, second = decide(validator, site), decide(validator, site)

    assert (first.status_code, second.status_code) == (303, 409)
    assert len(site.dialogue.decisions) == 1


def test_a_draft_seen_before_the_organisation_withdrew_is_not_decided(
    site: Site,
) -> None:
    prepared(site)
    organisation = site.visitor("organisation", "cfdt")
    organisation.post("/retirer/C-0001", organisation.form("/retirer/C-0001"))

    sent = decide(site.visitor("role", "direction"), site)

    assert sent.status_code == 409
    assert site.dialogue.decisions == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"disposition": ""}, "Choisissez la suite"),
        ({"disposition": "explained"}, "Choisissez la suite"),
        ({"disposition": "rejected"}, "le motif est obligatoire"),
        ({"disposition": "to-negotiate"}, "nommez l’instance"),
        ({"disposition": "moot", "satisfied_by": "C-0099"}, "n’existe pas"),
        ({"disposition": "moot", "satisfied_by": "<b>"}, "pas possible"),
        ({"disposition": "rejected", "reason": "Non.", "due": "demain"}, "un jour"),
    ],
)
def test_a_draft_that_lacks_something_is_refused_and_given_back(
    site: Site, given: dict[str, str], said: str
) -> None:
    site.visitor("organisation", "cfdt").deposit()
    drafter = site.visitor("role", "redaction")
    fields = drafter.form("/rh/C-0001") | {"action": "Un gros travail."} | given

    page = drafter.post("/rh/C-0001", fields | {"etape": "enregistrer"})

    assert page.status_code == 422
    assert said.lower() in page.text.replace("\u00a0", " ").lower()
    assert fields_of(page.text)["action"] == "Un gros travail."
    assert draft_of(site.store, "C-0001") is None


@pytest.mark.parametrize("revision", ["9" * 5_000, "9" * 20, "²", "-1", "x", ""])
def test_a_revision_no_form_of_ours_holds_is_that_of_no_draft(
    site: Site, revision: str
) -> None:
    prepared(site)
    drafter = site.visitor("role", "redaction")
    fields = drafter.form("/rh/C-0001") | {"revision": revision}

    page = drafter.post("/rh/C-0001", fields | {"etape": "enregistrer"})

    assert page.status_code == 409


def test_an_article_that_no_project_does_without_is_not_deleted(site: Site) -> None:
    site.visitor("organisation", "cfdt").deposit(kind="amendment", operation="delete")
    drafter = site.visitor("role", "redaction")
    fields = drafter.form("/rh/C-0001") | {"disposition": "retained"}

    page = drafter.post("/rh/C-0001", fields | {"etape": "enregistrer"})

    assert page.status_code == 422
    assert "ce texte ne peut pas être supprimé" in page.text.lower()
    assert draft_of(site.store, "C-0001") is None


def test_only_who_prepared_a_draft_gives_it_up(site: Site) -> None:
    drafter = prepared(site)
    other = site.visitor("role", "direction")

    refused = other.post(
        "/rh/C-0001", other.form("/rh/C-0001") | {"etape": "abandonner"}
    )

    assert refused.status_code == 403
    assert draft_of(site.store, "C-0001") is not None
    drafter.post("/rh/C-0001", drafter.form("/rh/C-0001") | {"etape": "abandonner"})
    assert draft_of(site.store, "C-0001") is None


def test_the_list_filters_by_article_organisation_kind_and_delay(site: Site) -> None:
    site.visitor("organisation", "cfdt").deposit(text="Du temps.")
    site.clock.set("2027-01-15T09:00:00")
    site.visitor("organisation", "cgt").deposit("couts", kind="question", text="Qui ?")
    site.clock.set("2027-01-25T09:00:00")
    role = site.visitor("role", "redaction")

    def found(query: str) -> list[str]:
        page = role.get(f"/rh/{query}").text
        return [name for name in ("C-0001", "C-0002") if f'"/rh/{name}"' in page]

    assert found("") == ["C-0001", "C-0002"]
    assert found("?article=couts") == ["C-0002"]
    assert found("?organisation=cfdt") == ["C-0001"]
    assert found("?nature=question") == ["C-0002"]
    assert found("?retard=1") == ["C-0001"]
    assert found("?article=couts&retard=1") == []


def test_no_address_edits_hides_or_deletes_a_contribution(site: Site) -> None:
    rules = {rule.rule: rule.methods for rule in site.app.url_map.iter_rules()}

    assert not {m for methods in rules.values() for m in methods or ()} & {
        "PUT",
        "PATCH",
        "DELETE",
    }
    posting = {path for path, methods in rules.items() if "POST" in (methods or ())}
    assert posting == {
        "/contribuer/<unit>",
        "/contester/<identifier>",
        "/entrer/<token>",
        "/retirer/<identifier>",
        "/rh/<identifier>",
        "/rh/decision",
        "/sortir",
    }


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", "C-0001"),
        ("?page=2", "C-0031"),
        ("?page=9", "C-0031"),
        ("?page=x", "C-0001"),
    ],
)
def test_a_long_list_has_pages_that_keep_its_filters(
    site: Site, query: str, first: str
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    for number in range(31):
        visitor.deposit(text=f"Motif {number}.")
    role = site.visitor("role", "redaction")

    page = role.get(f"/rh/{query}").text

    shown = re.findall(r'<h2><a href="/rh/(C-\d+)"', page)
    assert shown[0] == first
    assert len(shown) <= 30
    filtered = role.get("/rh/?nature=comment&page=2").text
    assert 'href="/rh/?nature=comment&amp;page=1"' in filtered
    own = visitor.get("/espace?page=2").text
    assert re.findall(r'<h3><a href="[^"]*">(C-\d+)', own) == ["C-0001"]
