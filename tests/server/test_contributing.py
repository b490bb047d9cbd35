"""What an organisation does: contribute, keep its receipt, withdraw, contest."""

import threading

import pytest
from dialogues import anything_goes
from live_site import Site, fields_of

from charter_builder.decisions import Sitting
from charter_builder.receipts import read_receipt
from charter_builder.register import Closed, Contested
from charter_builder.replies import Draft, SavedDraft
from charter_builder.storage.proceedings import record_decision

LONG_AGO = "0" * 64


def ids(site: Site) -> list[str]:
    return list(site.dialogue.standings)


def test_a_contribution_is_verified_then_recorded_with_a_receipt(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires")
    fields |= {
        "kind": "amendment",
        "proposed": fields["proposed"].replace("19", "18"),
        "text": "Les soirées comptent.",
    }

    checked = visitor.post("/contribuer/horaires", fields | {"etape": "verifier"})

    assert checked.status_code == 200
    assert "<del>" in checked.text
    assert "[ajouté" in checked.text
    assert ids(site) == []
    sent = visitor.post(
        "/contribuer/horaires", fields_of(checked.text) | {"etape": "deposer"}
    )
    assert (sent.status_code, sent.location) == (303, "/recepisse/C-0001#titre")
    given = site.dialogue.standing("C-0001").contribution
    assert (given.organisation, given.channel, given.authentication) == (
        "cfdt",
        "server",
        "invitation",
    )
    receipt = visitor.get("/recepisse/C-0001.txt")
    assert read_receipt(receipt.text).digest == site.dialogue.standing("C-0001").digest
    assert "attachment" in receipt.headers["Content-Disposition"]


def test_the_receipt_page_puts_the_focus_on_its_title(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()

    page = visitor.get("/recepisse/C-0001").text

    assert '<h1 id="titre" tabindex="-1" autofocus>' in page


def test_what_was_recorded_is_in_the_pages_at_once(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    assert "Plus court." not in visitor.get("/contributions/registre.html").text

    visitor.deposit()

    assert "Plus court." in visitor.get("/contributions/registre.html").text
    assert "Plus court." in visitor.get("/contributions/articles/horaires.html").text
    assert "C-0001" in visitor.get("/projet/horaires.html").text
    assert "Plus court." in visitor.get("/search/search_index.json").text


def test_the_second_page_of_the_register_needs_no_new_build(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    assert visitor.get("/contributions/registre_2.html").status_code == 404

    for number in range(26):
        visitor.deposit(text=f"Motif {number}.")

    assert "C-0026" in visitor.get("/contributions/registre_2.html").text
    assert visitor.get("/contributions/registre_3.html").status_code == 404


def test_a_typed_text_is_kept_to_the_last_sign(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    typed = 'Première ligne :\n\n- « point » ; l\'autre\n<b>&amp;</b> "fin" ?'

    visitor.deposit(text=typed)

    assert site.dialogue.standing("C-0001").contribution.text == typed


def test_a_double_click_gives_one_entry(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Une fois."}
    found: list[str | None] = []

    def send() -> None:
        other = site.visitor()
        cookie = visitor.client.get_cookie("charte", domain="charte.test")
        assert cookie is not None
        other.client.set_cookie("charte", cookie.value, domain="charte.test")
        found.append(
            other.post("/contribuer/horaires", fields | {"etape": "deposer"}).location
        )

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {str(place).partition("?")[0].partition("#")[0] for place in found} == {
        "/recepisse/C-0001"
    }
    assert ids(site) == ["C-0001"]


def test_two_tabs_with_the_same_text_give_one_entry(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    first, second = visitor.deposit(), visitor.deposit()

    assert first.location == "/recepisse/C-0001#titre"
    assert second.location == "/recepisse/C-0001?deja=1#titre"
    assert "déjà enregistrée" in visitor.get("/recepisse/C-0001?deja=1").text


def test_the_same_words_about_another_passage_are_another_contribution(
    site: Site,
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit(text="Trop vague.", passage="Le repos dure au moins 11 heures")

    again = visitor.deposit(
        text="Trop vague.", passage="Un suivi est fait", stance="against"
    )

    assert again.location == "/recepisse/C-0002#titre"
    assert ids(site) == ["C-0001", "C-0002"]


def test_going_back_and_changing_the_text_says_it_before_recording_another(
    site: Site,
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"etape": "deposer"}
    visitor.post("/contribuer/horaires", fields | {"text": "Le premier."})

    again = visitor.post("/contribuer/horaires", fields | {"text": "Le second."})

    assert again.status_code == 422
    given_back = fields_of(again.text)
    assert given_back["text"] == "Le second."
    assert given_back["key"] != fields["key"]
    sent = visitor.post("/contribuer/horaires", given_back | {"etape": "deposer"})
    assert sent.location == "/recepisse/C-0002#titre"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": " "}, "motifs est vide"),
        ({"kind": "amendment"}, "celle du projet"),
        ({"kind": "comment", "proposed": "Autre chose."}, "choisissez « amendement »"),
        ({"kind": "choice"}, "choisissez une des propositions"),
        ({"kind": "poème"}, "Choisissez la nature"),
        ({"operation": "burn"}, "Choisissez une des réponses"),
        ({"stance": "loud"}, "Choisissez une des réponses"),
        ({"text": "a" * 20_001}, "20 001 caractères"),
        ({"text": "a" * 90_000}, "90 000 caractères"),
        ({"passage": "a" * 4_001}, "4 001 caractères"),
    ],
)
def test_a_refusal_names_the_field_and_gives_everything_back(
    site: Site, typed: dict[str, str], said: str
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Un motif."} | typed

    page = visitor.post("/contribuer/horaires", fields | {"etape": "verifier"})

    assert page.status_code == 422
    plain = page.text.replace("\u202f", " ").replace("\u00a0", " ")
    assert said.lower() in plain.lower()
    assert "<title>Erreur – " in page.text
    assert fields_of(page.text)["text"] == fields["text"]
    assert ids(site) == []


def test_an_expired_session_gives_the_text_back_and_lets_one_take_up_again(
    site: Site,
) -> None:
    token = site.invite("organisation", "cfdt")
    visitor = site.visitor()
    visitor.enter(token)
    fields = visitor.form("/contribuer/horaires") | {"text": "Une heure de travail."}
    site.seconds += 13 * 3600

    page = visitor.post("/contribuer/horaires", fields | {"etape": "deposer"})

    assert page.status_code == 403
    assert "Une heure de travail." in page.text
    visitor.enter(token)
    back = visitor.post(
        "/contribuer/horaires", fields_of(page.text) | {"etape": "modifier"}
    )
    assert fields_of(back.text)["text"] == "Une heure de travail."
    checked = visitor.post(
        "/contribuer/horaires", fields_of(back.text) | {"etape": "verifier"}
    )
    sent = visitor.post(
        "/contribuer/horaires", fields_of(checked.text) | {"etape": "deposer"}
    )
    assert sent.location == "/recepisse/C-0001#titre"


def test_a_form_of_another_session_is_shown_again_and_records_nothing(
    site: Site,
) -> None:
    fields = site.visitor("organisation", "cgt").form("/contribuer/horaires")
    visitor = site.visitor("organisation", "cfdt")

    page = visitor.post(
        "/contribuer/horaires", fields | {"text": "Un motif.", "etape": "deposer"}
    )

    assert page.status_code == 403
    assert fields_of(page.text)["text"] == "Un motif."
    assert ids(site) == []


def test_sixty_submissions_an_hour_then_the_text_is_given_back(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    for number in range(60):
        assert visitor.deposit(text=f"Motif {number}.").status_code == 303

    page = visitor.deposit(text="Le soixante et unième.")

    assert page.status_code == 429
    assert fields_of(page.text)["text"] == "Le soixante et unième."
    assert site.visitor("organisation", "cgt").deposit().status_code == 303
    site.seconds += 3601
    assert visitor.deposit(text="Le soixante et unième.").status_code == 303


def test_the_same_form_sent_again_is_no_other_submission(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Un.", "etape": "deposer"}

    statuses = {
        visitor.post("/contribuer/horaires", fields).status_code for _ in range(70)
    }

    assert statuses == {303}
    assert ids(site) == ["C-0001"]


def test_a_request_too_large_gives_the_text_back(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    text = "é" * 60_000
    fields = visitor.form("/contribuer/horaires") | {"text": text}

    page = visitor.post("/contribuer/horaires", fields | {"etape": "verifier"})

    assert page.status_code == 413
    assert fields_of(page.text)["text"] == text


def test_an_enormous_request_is_refused_in_a_sentence(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")

    page = visitor.post("/contribuer/horaires", {"text": "a" * 3_000_000})

    assert page.status_code == 413
    assert "Rien n’est" in page.text


def test_a_late_deposit_is_recorded_as_late_and_says_so(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    # Midnight in Paris is 23:00 in universal time.
    site.clock.set("2027-01-29T22:59:59")
    visitor.deposit(text="À temps.")
    site.clock.set("2027-01-29T23:00:00")

    assert "après la clôture" in visitor.get("/contribuer/horaires").text
    visitor.deposit(text="Trop tard.")

    late = {s.contribution.text: s.late for s in site.dialogue.standings.values()}
    assert late == {"À temps.": False, "Trop tard.": True}
    assert "après la clôture" in visitor.get("/recepisse/C-0002").text


def test_an_ended_mandate_reads_and_writes_nothing(site: Site) -> None:
    visitor = site.visitor("organisation", "fo")
    visitor.deposit()
    site.clock.set("2027-01-11T09:00:00")

    refused = visitor.deposit(text="Encore un mot.")
    withdrawn = visitor.post("/retirer/C-0001", visitor.form("/retirer/C-0001"))

    assert refused.status_code == 422
    assert "mandat" in refused.text
    assert withdrawn.status_code == 409
    assert site.dialogue.standing("C-0001").withdrawn_at is None
    assert visitor.get("/projet/horaires.html").status_code == 200


def test_a_closed_consultation_takes_nothing_and_gives_the_text_back(
    site: Site,
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Après la fin."}
    _close(site)

    page = visitor.post("/contribuer/horaires", fields | {"etape": "deposer"})

    assert page.status_code == 422
    assert "close" in page.text
    assert fields_of(page.text)["text"] == "Après la fin."


def _close(site: Site) -> None:
    from charter_builder.register import Body

    body = Body(name="Séance", date="2027-01-30", roles=("DRH", "DGS"))
    site.live.registrar.journal.append(
        lambda _, stamp: Closed(**stamp._asdict(), body=body)
    )


def test_an_unknown_article_gives_the_text_back(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Pas perdu."}

    page = visitor.post("/contribuer/ailleurs", fields)

    assert page.status_code == 404
    assert "Pas perdu." in page.text
    assert visitor.get("/contribuer/ailleurs").status_code == 404


def test_a_number_of_version_that_is_none_breaks_nothing(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    fields = visitor.form("/contribuer/horaires") | {"text": "Un motif."}

    for version in ("²", "-1", "0", "99999999999", "1.5", "٣"):
        page = visitor.post("/contribuer/horaires", fields | {"version": version})
        assert page.status_code in (200, 404)
        assert "Un motif." in page.text


# --- one's own only ------------------------------------------------------------------


def test_another_organisation_neither_withdraws_nor_contests_nor_takes_the_receipt(
    site: Site,
) -> None:
    site.visitor("organisation", "cfdt").deposit()
    _reply(site)
    other = site.visitor("organisation", "cgt")
    token = other.form("/contribuer/horaires")["jeton"]
    fields = {"jeton": token, "text": "Pas d’accord.", "key": "a" * 32}

    for path in ("/retirer/C-0001", "/contester/C-0001"):
        assert other.get(path).status_code == 404
        assert other.post(path, fields).status_code == 404
    assert other.get("/recepisse/C-0001").status_code == 404
    assert other.get("/recepisse/C-0001.txt").status_code == 404
    standing = site.dialogue.standing("C-0001")
    assert (standing.withdrawn_at, standing.contest) == (None, None)


def test_an_organisation_withdraws_its_contribution_which_stays_visible(
    site: Site,
) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()

    sent = visitor.post("/retirer/C-0001", visitor.form("/retirer/C-0001"))

    assert (sent.status_code, sent.location) == (303, "/espace")
    assert site.dialogue.standing("C-0001").status == "withdrawn"
    assert "Plus court." in visitor.get("/contributions/articles/horaires.html").text


def test_once_withdrawn_the_same_text_may_be_posted_again(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()
    visitor.post("/retirer/C-0001", visitor.form("/retirer/C-0001"))

    assert visitor.deposit().location == "/recepisse/C-0002#titre"


def test_a_reply_is_contested_once(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()
    _reply(site)
    fields = visitor.form("/contester/C-0001") | {"text": "La raison ne tient pas."}

    sent = [visitor.post("/contester/C-0001", fields) for _ in range(2)]

    assert [page.status_code for page in sent] == [303, 303]
    contests = [
        e for e in site.live.registrar.journal.entries if isinstance(e, Contested)
    ]
    assert len(contests) == 1
    again = visitor.post(
        "/contester/C-0001", fields | {"key": "b" * 32, "text": "Encore."}
    )
    assert again.status_code == 409
    assert "Encore." in again.text
    changed = visitor.post("/contester/C-0001", fields | {"text": "Autre motif."})
    assert changed.status_code == 409
    assert "avec un autre motif" in changed.text
    assert "Autre motif." in changed.text


def test_contesting_without_a_reason_is_refused(site: Site) -> None:
    visitor = site.visitor("organisation", "cfdt")
    visitor.deposit()
    _reply(site)

    page = visitor.post("/contester/C-0001", visitor.form("/contester/C-0001"))

    assert page.status_code == 409
    assert site.dialogue.standing("C-0001").contest is None


def _reply(site: Site) -> None:
    standing = site.dialogue.standing("C-0001")
    draft = Draft(
        contribution="C-0001", disposition="rejected", reason="Le service ouvre tôt."
    )
    saved = SavedDraft(draft, "redaction", standing.changed_seq, 1, "")
    sitting = Sitting("Groupe de travail", "2027-01-05", ("redaction", "cfdt"))
    with site.live.writing() as registrar:
        record_decision(registrar, [saved], "direction", sitting, anything_goes)


@pytest.mark.parametrize(("unit", "offered"), [("horaires", 3), ("deliberation", 2)])
def test_a_new_article_is_offered_after_an_article_only(
    site: Site, unit: str, offered: int
) -> None:
    page = site.visitor("organisation", "cfdt").get(f"/contribuer/{unit}")

    assert page.text.count('name="operation"') == offered
    assert ('value="insert-after"' in page.text) == (offered == 3)


def test_a_role_contributes_in_no_organisation_s_name(site: Site) -> None:
    fields = site.visitor("organisation", "cfdt").form("/contribuer/horaires")
    role = site.visitor("role", "redaction")

    page = role.post(
        "/contribuer/horaires", fields | {"text": "Faux.", "etape": "deposer"}
    )

    assert page.status_code == 403
    assert ids(site) == []


def test_the_organisation_is_that_of_the_session_whatever_the_form_says(
    site: Site,
) -> None:
    visitor = site.visitor("organisation", "cgt")

    visitor.deposit(organisation="cfdt", channel="paper")

    given = site.dialogue.standing("C-0001").contribution
    assert (given.organisation, given.channel) == ("cgt", "server")
