"""`charter consultation apply` and `trace`, and a version frozen while it lasts."""

import json
import re
import shutil
from pathlib import Path

import pytest
from dialogues import dialogue, opened_town, replied, submitted
from terminal import flat, invoke
from trees import write_tree

from charter_builder.carrying import carried
from charter_builder.register import Disposition, VersionApplied
from charter_builder.storage.proceedings import record_contest, record_withdrawal
from charter_builder.storage.register_files import Journal
from charter_builder.storage.registrar import Registrar
from charter_builder.storage.version_files import load_versions, write_version
from charter_builder.storage.workspace_files import Workspace
from charter_builder.units import file_digest, text_digest

MORE = ("à la demande.", "à la demande, par écrit.")
HOURS = ("de 19\u00a0heures", "de 20\u00a0heures")


class Talks:
    """A workspace with a consultation open on its first version."""

    def __init__(self, town: Path) -> None:
        self.town = town
        self.registrar: Registrar = opened_town(town)

    def text(self, unit: str = "horaires", version: int = 1) -> str:
        found = load_versions(self.town)[version - 1].unit(unit)
        assert found is not None
        return found.text

    def changed(self, *changes: tuple[str, str], unit: str = "horaires") -> str:
        text = self.text(unit)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return text

    def amended(
        self,
        *changes: tuple[str, str],
        unit: str = "horaires",
        disposition: Disposition | None = "retained",
        organisation: str = "cfdt",
    ) -> str:
        """Record an amendment and, unless told not to, the reply that adopts it."""
        text = self.changed(*changes, unit=unit)
        done = submitted(
            self.registrar,
            kind="amendment",
            proposed=text,
            unit=unit,
            organisation=organisation,
        )
        name = done.standing.id
        if disposition:
            adopted = text if disposition in ("retained", "partly-retained") else None
            replied(self.registrar, name, disposition, adopted)
        return name

    def run(self, *words: str | Path) -> "tuple[int, str]":
        done = invoke("-C", self.town, *words)
        return done.exit_code, flat(done.output + done.stderr)

    def draft(self) -> str:
        invoke("-C", self.town, "draft")
        return (self.town / "draft" / "charte.md").read_text("utf-8")

    def answers(self) -> str:
        return (self.town / "answers.yml").read_text("utf-8")


@pytest.fixture
def talks(answered_town: Path) -> Talks:
    assert invoke("-C", answered_town, "freeze").exit_code == 0
    return Talks(answered_town)


# --- apply ---------------------------------------------------------------------------


def test_the_wording_adopted_goes_into_the_draft(talks: Talks) -> None:
    code, said = talks.run("consultation", "apply", talks.amended(MORE))

    assert code == 0
    assert "rédaction adoptée, C-0001 (CFDT Interco)" in said
    assert "demande{+, par écrit+}." in said
    assert "contributions: [C-0001]" in talks.answers()
    assert "à la demande, par écrit." in talks.draft()
    assert "Rédaction adoptée après concertation (C-0001)" in talks.draft()


def test_it_joins_what_the_draft_changed_since(talks: Talks) -> None:
    name = talks.amended(MORE)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, _ = talks.run("consultation", "apply", name)

    assert code == 0
    assert "de 20\u00a0heures à" in talks.draft()
    assert "à la demande, par écrit." in talks.draft()


def test_two_amendments_that_are_apart_are_applied_together(talks: Talks) -> None:
    first, second = talks.amended(MORE), talks.amended(HOURS, organisation="cgt")

    code, _ = talks.run("consultation", "apply", first, second)

    assert code == 0
    assert "contributions: [C-0001, C-0002]" in talks.answers()
    assert "de 20\u00a0heures à" in talks.draft()


def test_amendments_applied_one_after_the_other_are_all_kept(talks: Talks) -> None:
    first, second = talks.amended(MORE), talks.amended(HOURS, organisation="cgt")
    talks.run("consultation", "apply", first)

    talks.run("consultation", "apply", second)

    assert "contributions: [C-0001, C-0002]" in talks.answers()
    assert "à la demande, par écrit." in talks.draft()


def test_a_draft_that_says_it_already_is_left_alone(talks: Talks) -> None:
    name = talks.amended(HOURS)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    before = talks.answers()

    code, said = talks.run("consultation", "apply", name)

    assert code == 0
    assert "le projet tient déjà la rédaction adoptée" in said
    assert talks.answers() == before


def test_applying_twice_writes_once(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    before = talks.answers()

    _, said = talks.run("consultation", "apply", name)

    assert "tient déjà" in said
    assert talks.answers() == before


def test_an_answer_changed_afterwards_is_joined_by_applying_again(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    code, said = talks.run("check")
    assert code == 1
    assert "Rédaction adoptée à réexaminer (C-0001)" in said

    assert talks.run("consultation", "apply", name)[0] == 0

    assert talks.run("check")[0] == 0
    assert "de 20\u00a0heures à" in talks.draft()
    assert "à la demande, par écrit." in talks.draft()


def test_an_answer_changed_and_changed_back_leaves_the_text(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    before = talks.answers()
    for hour in ("20:00", "19:00"):
        invoke("-C", talks.town, "ask", "--set", f"debut={hour}")

    assert talks.run("check")[0] == 0
    assert talks.answers() == before


def test_what_the_law_imposes_and_goes_is_told(talks: Talks) -> None:
    name = talks.amended(("au moins 11", "environ 11"))

    _, said = talks.run("consultation", "apply", name)

    assert "À vérifier : ce que la loi impose n’est plus dit tel quel" in said


@pytest.mark.parametrize(
    ("disposition", "said"),
    [
        (None, "aucune réponse officielle"),
        ("rejected", "rejetée. Seule une contribution retenue"),
        ("to-negotiate", "à négocier. Seule une contribution retenue"),
    ],
)
def test_what_was_not_retained_is_not_applied(
    talks: Talks, disposition: Disposition | None, said: str
) -> None:
    name = talks.amended(MORE, disposition=disposition)
    before = talks.answers()

    code, told = talks.run("consultation", "apply", name)

    assert code == 2
    assert said in told
    assert talks.answers() == before


def test_a_comment_has_no_wording_to_apply(talks: Talks) -> None:
    name = submitted(talks.registrar).standing.id
    replied(talks.registrar, name, "retained")

    code, said = talks.run("consultation", "apply", name)

    assert code == 2
    assert "ne porte pas de rédaction adoptée" in said


def test_an_unknown_contribution_is_refused(talks: Talks) -> None:
    code, said = talks.run("consultation", "apply", "C-0099")

    assert code == 2
    assert "aucune contribution ne porte ce numéro" in said


def test_a_text_that_no_version_froze_is_never_joined_in_silence(talks: Talks) -> None:
    name = talks.amended(MORE)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    talks.run("consultation", "apply", name)
    invoke("-C", talks.town, "ask", "--set", "debut=19:00")

    code, _ = talks.run("consultation", "apply", name)

    assert code == 3
    settle = talks.town / "private" / "a-trancher" / "horaires.txt"
    text = settle.read_text("utf-8")
    mark = (
        "[[À TRANCHER : le projet dit « 19\u00a0heures » ; la rédaction adoptée, « 20"
    )
    assert mark.replace("19\u00a0heures", "19") in text.replace("\u00a0heures", "")
    assert talks.run("check")[0] == 1


def test_a_wording_erased_in_part_is_not_applied(talks: Talks) -> None:
    name = talks.amended(MORE)
    redact = ("consultation", "redact", name, "--field", "adopted_text", "--yes")
    who = ("--ground", "insult", "--as", "redaction", "--as", "direction")
    assert talks.run(*redact, *who, "--remove", "par écrit")[0] == 0
    before = talks.answers()

    code, said = talks.run("consultation", "apply", name)

    assert (code, talks.answers()) == (2, before)
    assert "a été expurgée en partie" in said
    whole = talks.town / "texte.txt"
    whole.write_text(talks.changed(("à la demande.", "à la demande, signée.")), "utf-8")
    assert talks.run("consultation", "apply", name, "--with", whole)[0] == 0
    assert "à la demande, signée." in talks.draft()


def test_words_erased_that_are_published_elsewhere_are_told(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    talks.run("freeze")
    redact = ("consultation", "redact", name, "--field", "adopted_text", "--yes")
    who = ("--ground", "insult", "--as", "redaction", "--as", "direction")

    _, said = talks.run(*redact, *who)

    assert "porte encore ces mots, dans horaires (adopted). Retirez-les" in said
    assert "ces mots sont aussi dans la version 2. Une version figée" in said


def test_the_text_after_a_passage_to_settle_stays_apart(talks: Talks) -> None:
    last = ("à la demande.", "à la demande, sous deux jours.")
    first, second = talks.amended(MORE), talks.amended(last, organisation="cgt")

    assert talks.run("consultation", "apply", first, second)[0] == 3

    settle = talks.town / "private" / "a-trancher" / "horaires.txt"
    text = settle.read_text("utf-8")
    settled = re.sub(r"\[\[.*?\]\]", ", par écrit", text, flags=re.DOTALL)
    settle.write_text(f"{settled}\n\n# Un titre à dièse.\n", "utf-8")
    assert talks.run("consultation", "apply", first, second, "--with", settle)[0] == 0
    assert "# Un titre à dièse." in talks.answers()


def test_a_mark_is_seen_whatever_its_spaces(talks: Talks) -> None:
    name = talks.amended(MORE)
    settle = talks.town / "texte.txt"
    settle.write_text("Le [[À TRANCHER\u00a0: le projet dit ]] reste.", "utf-8")

    code, said = talks.run("consultation", "apply", name, "--with", settle)

    assert code == 2
    assert "un passage reste à trancher" in said


def test_two_organisations_that_ask_the_same_get_it_once(talks: Talks) -> None:
    first = talks.amended(MORE)
    second = talks.amended(MORE, HOURS, organisation="cgt")
    talks.run("consultation", "apply", first, second)

    for _ in range(2):
        assert talks.run("consultation", "apply", first)[0] == 0

    assert talks.answers().count("par écrit") == 1


def test_answers_that_say_all_that_was_adopted_take_it_out_and_say_so(
    talks: Talks,
) -> None:
    name = talks.amended(HOURS)
    talks.run("consultation", "apply", name)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, said = talks.run("consultation", "apply", name)

    assert code == 0
    assert "les réponses donnent maintenant la rédaction adoptée" in said
    assert "qui est retirée de" in said
    assert "contributions:" not in talks.answers()


def test_what_is_contested_or_withdrawn_is_not_to_be_applied(talks: Talks) -> None:
    first, second = talks.amended(MORE), talks.amended(HOURS, organisation="cgt")
    record_contest(talks.registrar, first, "cfdt", "Non.", "a" * 32)

    _, contested = talks.run("consultation", "apply")
    record_withdrawal(talks.registrar, first, "cfdt")
    _, withdrawn = talks.run("consultation", "apply")

    for said in (contested, withdrawn):
        assert f"« charter consultation apply {second} »" in said
    assert talks.run("consultation", "apply", second)[0] == 0


def drop_what_was_adopted(talks: Talks) -> None:
    path = talks.town / "answers.yml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("adopted:")], "utf-8")


def test_a_version_that_drops_an_adopted_wording_says_so(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    talks.run("freeze")
    drop_what_was_adopted(talks)
    note = ("--note", "horaires=Mise en cohérence.")

    _, traced = talks.run("consultation", "trace", *note)
    code, frozen = talks.run("freeze", *note)

    lost = "sa rédaction, dans la version 2, n’est plus dans le projet."
    again = f"« charter consultation apply {name} » l’y remet."
    assert code == 0
    for said in (traced, frozen):
        assert lost in said
        assert again in said
    # Brought in again, it explains the change by itself.
    assert talks.run("consultation", "apply", name)[0] == 0
    code, traced = talks.run("consultation", "trace")
    assert (code, lost in traced) == (0, False)
    assert f"Les horaires change ← {name}" in traced


def test_the_same_reply_after_a_contest_waits_for_no_other_version(
    talks: Talks,
) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)
    talks.run("freeze")
    record_contest(talks.registrar, name, "cfdt", "Non.", "a" * 32)
    replied(talks.registrar, name, "retained", talks.changed(MORE))

    assert "Aucune contribution retenue" in talks.run("consultation", "apply")[1]
    code, said = talks.run("consultation", "trace")
    assert (code, "rien encore" in said) == (0, False)


ACT = ("La charte est adoptée.", "La charte est adoptée pour trois ans.")


def test_the_wording_adopted_for_an_act_goes_into_it(talks: Talks) -> None:
    name = talks.amended(ACT, unit="deliberation")

    code, said = talks.run("consultation", "apply", name)

    assert code == 0
    assert "Délibération d’essai : rédaction adoptée, C-0001" in said
    assert "{+pour trois ans+}" in said.replace("{+ ", "{+")
    talks.draft()
    act = (talks.town / "draft" / "deliberation.md").read_text("utf-8")
    assert "## Article 1. Adoption\n\nLa charte est adoptée pour trois ans." in act
    assert "Rédaction adoptée après concertation (C-0001)" in act
    code, said = talks.run("freeze")
    assert (code, "figée" in said) == (0, True)
    assert not talks.registrar.journal.refresh().standing(name).awaits_version


def test_a_wording_that_is_no_act_any_more_is_refused(talks: Talks) -> None:
    name = talks.amended(
        ("Après en avoir délibéré, décide :", "Décide :"), unit="deliberation"
    )
    before = talks.answers()

    code, said = talks.run("consultation", "apply", name)

    assert code == 2
    assert "Délibération d’essai : un acte garde la ligne « Après en avoir" in said
    assert "--with" in said
    assert talks.answers() == before


def test_an_article_to_delete_is_closed_by_hand(talks: Talks) -> None:
    done = submitted(talks.registrar, kind="amendment", operation="delete")
    replied(talks.registrar, done.standing.id, "retained")

    code, said = talks.run("consultation", "apply", done.standing.id)

    assert code == 0
    assert "supprime l’article « horaires ». Rien n’est écrit" in said


def test_an_article_kept_in_other_words_is_not_to_be_closed(talks: Talks) -> None:
    done = submitted(talks.registrar, kind="amendment", operation="delete")
    replied(talks.registrar, done.standing.id, "partly-retained", talks.changed(MORE))

    code, said = talks.run("consultation", "apply", done.standing.id)

    assert code == 0
    assert "supprime" not in said
    assert "à la demande, par écrit." in talks.draft()


def test_a_request_to_delete_that_was_rejected_is_not_applied(talks: Talks) -> None:
    done = submitted(talks.registrar, kind="amendment", operation="delete")
    replied(talks.registrar, done.standing.id, "rejected")

    code, said = talks.run("consultation", "apply", done.standing.id)

    assert code == 2
    assert "rejetée" in said


def test_a_point_left_open_is_settled_before_its_words_are_amended(
    answered_town: Path,
) -> None:
    debate = ("--debate", "debut=18:30", "--debate", "debut=20:00")
    invoke("-C", answered_town, "ask", *debate)
    invoke("-C", answered_town, "freeze")
    talks = Talks(answered_town)
    name = talks.amended(("18\u00a0h\u00a030 à", "17\u00a0heures à"))

    code, said = talks.run("consultation", "apply", name)

    assert code == 2
    assert "un point encore à débattre" in said
    assert "charter ask --set debut=…" in said


# --- wordings that compete (consultation.md, acceptance 24) --------------------------


def collided(talks: Talks) -> str:
    """Record an amendment on words the draft has changed too; return its number."""
    name = talks.amended(HOURS)
    invoke("-C", talks.town, "ask", "--set", "debut=18:30")
    return name


def test_wordings_that_overlap_stop_and_show_both_changes(talks: Talks) -> None:
    name = collided(talks)
    before = talks.answers()

    code, said = talks.run("consultation", "apply", name)

    assert code == 3
    assert "1 passage changé des deux côtés" in said
    assert "De la version 1 au projet :" in said
    assert "[-19 heures-]{+18 h 30+}" in said
    assert "De la version 1 à la rédaction adoptée :" in said
    assert "[-19-]{+20+}" in said
    assert talks.answers() == before


def test_a_passage_left_unsettled_is_never_taken(talks: Talks) -> None:
    name = collided(talks)
    talks.run("consultation", "apply", name)
    path = talks.town / "private" / "a-trancher" / "horaires.txt"

    code, said = talks.run("consultation", "apply", name, "--with", path)

    assert code == 2
    assert "un passage reste à trancher" in said
    assert "TRANCHER" not in talks.answers()


def test_the_text_settled_by_hand_is_taken(talks: Talks) -> None:
    name = collided(talks)
    talks.run("consultation", "apply", name)
    path = talks.town / "private" / "a-trancher" / "horaires.txt"
    head, _, rest = path.read_text("utf-8").partition("[[À TRANCHER : le")
    tail = rest.partition("]]")[2]
    path.write_text(f"{head}19 h 30{tail}", "utf-8")

    code, _ = talks.run("consultation", "apply", name, "--with", path)

    assert code == 0
    assert "de 19\u00a0h\u00a030 à 7" in talks.draft()
    assert "contributions: [C-0001]" in talks.answers()
    assert talks.run("check")[0] == 0


@pytest.mark.parametrize("content", [b"\xff\xfe", b"# rien\n", b""])
def test_a_settled_text_that_cannot_be_read_is_refused(
    talks: Talks, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "texte.txt"
    path.write_bytes(content)

    code, _ = talks.run("consultation", "apply", talks.amended(MORE), "--with", path)

    assert code == 2
    assert "adopted" not in talks.answers()


def test_two_competing_amendments_from_acceptance_to_version(
    talks: Talks, tmp_path: Path
) -> None:
    accepted = talks.amended(HOURS)
    other = talks.amended(
        ("de 19\u00a0heures", "de 21\u00a0heures"),
        organisation="cgt",
        disposition=None,
    )

    code, said = talks.run("consultation", "apply", accepted)
    assert code == 0
    assert (
        f"{other} (CGT Territoriaux) : texte de base changé : à réexaminer ; elle change "
        "les mêmes mots" in said
    )
    assert dialogue(talks.registrar).standing(other).status == "registered"

    replied(
        talks.registrar, other, "partly-retained", talks.changed(("de 19", "de 21"))
    )
    code, _ = talks.run("consultation", "apply", other)
    assert code == 3

    given = write_tree(tmp_path, {"r.yml": "themes: {couts: {options: [forfait]}}"})
    invoke("-C", talks.town, "ask", "--answers", given / "r.yml", "--defaults")
    code, said = talks.run("freeze")
    assert code == 3
    assert "1 article change sans contribution ni raison : Article 2. Les coûts" in said
    assert talks.run("freeze", "--note", "couts=Budget voté")[0] == 0
    assert [(c.unit, c.contributions) for c in applied(talks)[0].changes] == [
        ("horaires", (accepted,)),
        ("couts", ()),
    ]


# --- trace and freeze ----------------------------------------------------------------


def applied(talks: Talks) -> tuple[VersionApplied, ...]:
    return dialogue(talks.registrar).traces


def test_a_version_records_what_it_comes_from(talks: Talks) -> None:
    name = talks.amended(MORE)
    talks.run("consultation", "apply", name)

    code, _ = talks.run("freeze")

    assert code == 0
    (trace,) = applied(talks)
    assert [(c.unit, c.contributions) for c in trace.changes] == [("horaires", (name,))]
    assert [v.version for v in dialogue(talks.registrar).versions] == [1, 2]
    assert dialogue(talks.registrar).standing(name).status == "applied"
    assert talks.run("verify", talks.town / "versions" / "2")[0] == 0
    assert talks.run("consultation", "verify")[0] == 0


def test_a_change_without_a_reason_stops_the_version(talks: Talks) -> None:
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    size = dialogue(talks.registrar).head.size

    code, said = talks.run("freeze")

    assert code == 3
    assert (
        "1 article change sans contribution ni raison : Article 1. Les horaires" in said
    )
    assert "charter freeze --note horaires='raison'" in said
    assert not (talks.town / "versions" / "2").exists()
    assert dialogue(talks.registrar).head.size == size


def test_a_reason_of_the_employer_is_published(talks: Talks) -> None:
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, _ = talks.run("freeze", "--note", "horaires=Accord du 3 mars")

    assert code == 0
    (trace,) = applied(talks)
    assert [(c.unit, c.employer_note) for c in trace.changes] == [
        ("horaires", "Accord du 3 mars")
    ]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("couts=Raison", "cet article n’a pas changé"),
        ("horaire=Raison", "n’est pas un article. Vouliez-vous dire « horaires » ?"),
        ("horaires=", "donnez une raison"),
        ("horaires", "donnez une raison"),
        ("horaires=" + "x" * 301, "de 300 caractères au plus"),
    ],
)
def test_a_reason_that_says_nothing_is_refused(
    talks: Talks, note: str, said: str
) -> None:
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, told = talks.run("freeze", "--note", note)

    assert code == 2
    assert said in told
    assert not (talks.town / "versions" / "2").exists()


def test_no_reason_is_asked_without_a_consultation(answered_town: Path) -> None:
    invoke("-C", answered_town, "freeze")
    invoke("-C", answered_town, "ask", "--set", "debut=20:00")

    refused = invoke("-C", answered_town, "freeze", "--note", "horaires=Raison")
    assert refused.exit_code == 2
    assert "aucune n’est en cours" in flat(refused.stderr)
    assert invoke("-C", answered_town, "freeze").exit_code == 0
    assert not (answered_town / "versions" / "2" / "trace.json").exists()


def test_an_answer_that_gives_the_wording_is_traced_too(talks: Talks) -> None:
    name = talks.amended(HOURS)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, _ = talks.run("freeze")

    assert code == 0
    assert applied(talks)[0].changes[0].contributions == (name,)


def test_a_contribution_explains_one_version_only(talks: Talks) -> None:
    talks.run("consultation", "apply", talks.amended(MORE))
    talks.run("freeze")
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    talks.run("consultation", "apply", "C-0001")

    code, said = talks.run("freeze")

    assert code == 3
    assert "Article 1. Les horaires" in said


def test_a_choice_is_applied_once_its_point_is_settled(answered_town: Path) -> None:
    debate = ("--debate", "debut=18:30", "--debate", "debut=20:00")
    invoke("-C", answered_town, "ask", *debate)
    invoke("-C", answered_town, "freeze")
    talks = Talks(answered_town)
    name = submitted(
        talks.registrar, kind="choice", choice={"point": "debut", "letter": "B"}
    ).standing.id
    replied(talks.registrar, name, "retained")
    code, said = talks.run("consultation", "apply", name)
    assert code == 0
    assert "charter ask --set debut=20:00" in said
    assert talks.run("consultation", "trace")[0] == 3

    invoke("-C", talks.town, "ask", "--set", "debut=20:00")
    code, _ = talks.run("freeze")

    assert code == 0
    assert applied(talks)[0].changes[0].contributions == (name,)


def test_a_point_settled_otherwise_is_not_the_choice_that_was_retained(
    answered_town: Path,
) -> None:
    debate = ("--debate", "debut=18:30", "--debate", "debut=20:00")
    invoke("-C", answered_town, "ask", *debate)
    invoke("-C", answered_town, "freeze")
    talks = Talks(answered_town)
    name = submitted(
        talks.registrar, kind="choice", choice={"point": "debut", "letter": "B"}
    ).standing.id
    replied(talks.registrar, name, "retained")

    invoke("-C", talks.town, "ask", "--set", "debut=18:30")
    code, said = talks.run("consultation", "trace")

    assert code == 3
    assert (
        f"{name} (CFDT Interco, choix sur un point à débattre, retenue) → rien" in said
    )
    assert "rien ne l’explique" in said


def test_the_trace_reads_both_ways(talks: Talks) -> None:
    talks.run("consultation", "apply", talks.amended(MORE))

    code, said = talks.run("consultation", "trace")

    assert code == 0
    assert "Article 1. Les horaires change ← C-0001" in said
    assert (
        "C-0001 (CFDT Interco, amendement, retenue) → Article 1. Les horaires" in said
    )


def test_a_trace_without_frozen_versions_says_so(talks: Talks) -> None:
    shutil.rmtree(talks.town / "versions")

    code, said = talks.run("consultation", "trace")

    assert code == 2
    assert "versions/ est vide" in said


def test_the_trace_says_what_is_missing_both_ways(talks: Talks) -> None:
    talks.amended(MORE)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, said = talks.run("consultation", "trace")

    assert code == 3
    assert "rien ne l’explique" in said
    assert "→ rien encore : « charter consultation apply C-0001 »" in said
    assert "charter freeze --note horaires='raison'" in said


def test_what_was_retained_and_left_out_is_told_when_freezing(talks: Talks) -> None:
    talks.amended(MORE)
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, said = talks.run("freeze", "--note", "horaires=Accord")

    assert code == 0
    assert "C-0001 est retenue et n’est pas dans cette version" in said


# --- a freeze cut short --------------------------------------------------------------


def stopped_before_the_register(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the second version, the program killed once its folder is written."""

    def killed(*given: object) -> Path:
        write_version(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    talks.run("consultation", "apply", talks.amended(MORE))
    with monkeypatch.context() as patched:
        patched.setattr("charter_builder.cli.versions.write_version", killed)
        talks.run("freeze")
    assert (talks.town / "versions" / "2").exists()
    assert applied(talks) == ()


@pytest.mark.parametrize("command", [("freeze",), ("consultation", "open")])
def test_the_next_command_completes_the_register(
    talks: Talks, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_before_the_register(talks, monkeypatch)

    code, said = talks.run(*command)
    again, _ = talks.run("consultation", "open")

    assert (code, again) == (0, 0)
    assert "Registre complété" in said
    (trace,) = applied(talks)
    assert trace.changes[0].contributions == ("C-0001",)
    assert [v.version for v in dialogue(talks.registrar).versions] == [1, 2]
    assert talks.run("consultation", "verify")[0] == 0


def test_an_opening_cut_short_is_completed_by_the_version_it_was_on(
    talks: Talks,
) -> None:
    # As if the program had stopped right after the first entry.
    (talks.town / "consultation" / "register" / "000002.yml").unlink()
    invoke("-C", talks.town, "ask", "--set", "debut=20:00")

    code, _ = talks.run("freeze", "--note", "horaires=Accord")

    assert code == 0
    talks.registrar.journal = Journal(talks.town / "consultation" / "register")
    assert [v.version for v in dialogue(talks.registrar).versions] == [1, 2]


def test_a_version_changed_since_it_was_recorded_is_refused(talks: Talks) -> None:
    units = talks.town / "versions" / "1" / "units.json"
    data = json.loads(units.read_text("utf-8"))
    unit = data["units"][1]
    unit["text"] += " Un mot de plus."
    unit["sha256"] = text_digest(unit["title"], unit["text"])
    units.write_text(json.dumps(data), "utf-8")

    code, said = talks.run("freeze")

    assert code == 2
    assert "n’est plus le texte inscrit au registre" in said


def test_an_explanation_that_cites_nobody_known_is_not_recorded(
    talks: Talks, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_before_the_register(talks, monkeypatch)
    path = talks.town / "versions" / "2" / "trace.json"
    before = path.read_text("utf-8")
    after = before.replace("C-0001", "C-0009")
    path.write_text(after, "utf-8")

    code, said = talks.run("freeze")

    assert code == 2
    assert "trace.json n’est plus celui qui a été figé" in said

    # Its digest made again, as somebody would.
    units = talks.town / "versions" / "2" / "units.json"
    digests = file_digest(before), file_digest(after)
    units.write_text(units.read_text("utf-8").replace(*digests), "utf-8")
    code, said = talks.run("freeze")

    assert code == 2
    assert "C-0009 n’est pas au registre" in said
    assert talks.run("consultation", "verify")[0] == 0


# --- comments on the next version (consultation.md, acceptance 25) -------------------


def test_four_comments_are_told_unchanged_moved_modified_and_deleted(
    talks: Talks,
) -> None:
    sentence = "Un suivi est fait à la demande."

    def comment(unit: str, passage: str) -> str:
        return submitted(talks.registrar, unit=unit, passage=passage).standing.id

    names = [
        comment("horaires", "Le repos dure au moins"),
        comment("horaires", "Un suivi est fait à la demande"),
        comment("horaires", "joint de 19 heures à 7"),
        comment("couts", "Matériel fourni : néant."),
    ]
    amended = [
        talks.amended((f"\n\n{sentence}", ""), ("de 19", "de 20")),
        talks.amended(("Matériel fourni\u00a0: néant.", sentence), unit="couts"),
    ]
    talks.run("consultation", "apply", *amended)
    assert talks.run("freeze")[0] == 0

    versions = load_versions(talks.town)
    standings = dialogue(talks.registrar).standings
    found = [
        carried(standings[name].unit, standings[name].contribution.passage, versions)
        for name in names
    ]

    assert [f.state for f in found] == ["unchanged", "moved", "modified", "deleted"]
    assert [f.unit for f in found] == ["horaires", "couts", "horaires", None]
    assert found[2].old == "joint de 19\u00a0heures à 7"
    assert found[2].new == "joint de 20\u00a0heures à 7"


def test_the_workspace_keeps_what_is_to_settle_private(talks: Talks) -> None:
    talks.run("consultation", "apply", collided(talks))

    place = Workspace(talks.town)
    assert [p.name for p in (place.private / "a-trancher").iterdir()] == [
        "horaires.txt"
    ]
