"""`charter ask` without a terminal: answers come from files and options."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import COMMAND, environment, flat, invoke, run
from trees import write_tree

from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.storage.answers_file import load_answers

Saved = Callable[[Path], Answers]
MISSING = ("agents", "horaires", "couts")


@pytest.fixture
def saved(library: Library) -> Saved:
    """Reads the answers a workspace now holds."""
    return lambda folder: load_answers(folder / "answers.yml", library)


# --- never a hang --------------------------------------------------------------------


def missing_ids(message: str) -> tuple[str, ...]:
    """Return the ids a refusal lists, one per indented line."""
    lines = [line for line in message.splitlines() if line.startswith("  ")]
    return tuple(line.split(" : ")[0].strip() for line in lines)


def test_with_nothing_to_read_the_missing_answers_are_listed(town: Path) -> None:
    refused = run("-C", town, "ask")

    assert refused.returncode == 2
    assert missing_ids(refused.stderr) == MISSING
    assert "  agents : Combien d" in refused.stderr
    assert "« charter ask --defaults »" in refused.stderr


def test_a_pipe_that_stays_silent_is_not_waited_for(town: Path) -> None:
    started = time.monotonic()
    with subprocess.Popen(
        [*COMMAND, "-C", str(town), "ask"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as process:
        assert process.stderr is not None
        message = process.stderr.read()
        assert process.wait(timeout=30) == 2

    assert missing_ids(message) == MISSING
    assert time.monotonic() - started < 30


def test_a_closed_standard_input_is_no_terminal(town: Path) -> None:
    shell = f'exec "$0" -m charter_builder -C "{town}" ask <&-'
    refused = subprocess.run(
        ["sh", "-c", shell, COMMAND[0]],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=30,
        check=False,
    )

    assert refused.returncode == 2
    assert missing_ids(refused.stderr) == MISSING


def test_nothing_missing_is_said_and_is_no_error(answered_town: Path) -> None:
    done = invoke("-C", answered_town, "ask")

    assert done.exit_code == 0
    assert done.output == "Toutes les réponses sont données.\n"


# --- --set ---------------------------------------------------------------------------


def test_an_answer_is_set_and_the_rest_is_still_asked(town: Path, saved: Saved) -> None:
    refused = invoke("-C", town, "ask", "--set", "agents=1 250")

    assert refused.exit_code == 2
    assert missing_ids(refused.stderr) == ("horaires", "couts")
    assert saved(town).values["agents"] == 1250


def test_the_options_of_a_theme_are_set_by_name(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "horaires=souple, plage")

    assert saved(town).chosen["horaires"] == ("horaires/plage", "horaires/souple")


def test_lists_and_tables_are_set_on_one_line(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "cas=été;œuvre", "--set", "materiel=écran|1")

    assert saved(town).values["cas"] == ("été", "œuvre")
    assert saved(town).values["materiel"] == (("écran", "1"),)


def test_the_date_of_the_act_is_set_like_an_answer(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "act_date=15/09/2027")

    assert saved(town).act_date == "2027-09-15"


def test_a_value_may_hold_an_equals_sign(town: Path, saved: Saved) -> None:
    invoke("-C", town, "ask", "--set", "nom=Ville = village")

    assert saved(town).values["nom"] == "Ville = village"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("agnts=3", "« agnts » : réponse inconnue"),
        ("agnts=3", "Vouliez-vous dire « agents » ?"),
        ("agents", "« agents » : écrivez clé=valeur."),
        ("agents=beaucoup", "« agents » : « beaucoup » n’est pas un nombre."),
        ("debut=25:00", "« debut » : répondez par une heure : 19:00 ou 19 h 30."),
        ("horaires=plaje", "Vouliez-vous dire « plage » ?"),
        ("couts=nature,forfait", "« couts » : choisissez une option, et une seule."),
        ("profile=cour", "Vouliez-vous dire « court » ?"),
        ("act_date=bientôt", "« act_date » : répondez par une date : 01/03/2027."),
    ],
)
def test_a_wrong_setting_is_explained_and_nothing_is_saved(
    town: Path, setting: str, told: str
) -> None:
    before = (town / "answers.yml").read_bytes()
    refused = invoke("-C", town, "ask", "--set", "cas=un", "--set", setting)

    assert refused.exit_code == 2
    assert told in flat(refused.stderr)
    assert (town / "answers.yml").read_bytes() == before


def test_a_value_beyond_a_legal_bound_is_saved_and_said(
    answered_town: Path, saved: Saved
) -> None:
    done = invoke(
        *("-C", answered_town, "ask", "--set", "couts=forfait"),
        *("--set", "montant=9"),
    )

    assert done.exit_code == 0
    assert "La limite légale est : au plus 2,88 € (arrêté" in flat(done.stderr)
    assert "« charter check » le signalera" in flat(done.stderr)
    assert saved(answered_town).values["montant"] == 9


def test_settings_given_at_once_by_several_people_are_all_kept(
    town: Path, saved: Saved
) -> None:
    settings = {"agents": "300", "debut": "18:00", "montant": "2"}
    processes = [
        subprocess.Popen(
            [*COMMAND, "-C", str(town), "ask", "--set", f"{key}={value}"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        for key, value in settings.items()
    ]
    for process in processes:
        process.wait(timeout=60)

    assert settings.keys() <= saved(town).values.keys()


# --- --answers -----------------------------------------------------------------------


def test_a_file_of_answers_is_taken_over_those_given(town: Path, saved: Saved) -> None:
    write_tree(
        town.parent,
        {
            "autres.yml": """\
            questions: {agents: 80}
            themes:
              horaires: {options: [souple], cas: [neige]}
            """
        },
    )
    invoke("-C", town, "ask", "--set", "agents=300", "--set", "couts=nature")
    refused = invoke("-C", town, "ask", "--answers", town.parent / "autres.yml")

    assert missing_ids(refused.stderr) == ("materiel",)
    assert saved(town).values["agents"] == 80
    assert saved(town).chosen["couts"] == ("couts/nature",)


def test_a_setting_wins_over_the_file(town: Path, saved: Saved) -> None:
    write_tree(town.parent, {"autres.yml": "questions: {agents: 80}\n"})
    invoke(
        *("-C", town, "ask", "--answers", town.parent / "autres.yml"),
        *("--set", "agents=90"),
    )

    assert saved(town).values["agents"] == 90


def test_every_mistake_of_a_file_is_told_on_its_line_and_nothing_is_saved(
    town: Path,
) -> None:
    before = (town / "answers.yml").read_bytes()
    write_tree(
        town.parent,
        {
            "autres.yml": """\
            questions:
              agens: 80
            themes:
              horaires:
                options: [plaje]
                debut: 25h
            """
        },
    )
    refused = invoke("-C", town, "ask", "--answers", town.parent / "autres.yml")

    assert refused.exit_code == 2
    for line, hint in ((2, "agents"), (5, "plage"), (6, "répondez par une heure")):
        told = [row for row in refused.stderr.splitlines() if hint in row]
        assert len(told) == 1
        assert f"autres.yml:{line} : " in told[0]
    assert (town / "answers.yml").read_bytes() == before


# --- --defaults ----------------------------------------------------------------------


def test_what_is_proposed_is_taken_where_nothing_is_answered(
    town: Path, saved: Saved
) -> None:
    done = invoke("-C", town, "ask", "--set", "agents=300", "--defaults")

    assert done.exit_code == 0
    assert done.output == "8 réponses enregistrées.\n"
    assert saved(town).values["agents"] == 300
    assert saved(town).chosen["couts"] == ("couts/forfait",)


def test_what_is_proposed_may_be_taken_in_one_section(town: Path, saved: Saved) -> None:
    done = invoke("-C", town, "ask", "--defaults", "--section", "temps")

    assert done.exit_code == 0
    assert saved(town).chosen.keys() == {"horaires"}
    assert "agents" not in saved(town).values


def test_a_section_nobody_knows_is_refused_with_a_hint(town: Path) -> None:
    refused = invoke("-C", town, "ask", "--section", "temp")

    assert refused.exit_code == 2
    assert "Vouliez-vous dire « temps » ?" in refused.stderr


def test_comments_written_by_hand_stay(town: Path) -> None:
    path = town / "answers.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("profile: court", "profile: court  # décidé en bureau"),
        encoding="utf-8",
    )
    invoke("-C", town, "ask", "--defaults")

    assert "profile: court  # décidé en bureau" in path.read_text(encoding="utf-8")
