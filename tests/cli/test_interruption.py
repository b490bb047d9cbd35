"""Killed, doubled or cut short, a session loses nothing but the line being typed."""

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Terminal, flat, invoke, run

from charter_builder.library import Library
from charter_builder.questionnaire import Answer, Answers
from charter_builder.storage.answers_file import load_answers

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

ROUNDS = int(os.environ.get("ROUNDS", "5"))
Saved = Callable[[Path], Answers]


@pytest.fixture
def saved(library: Library) -> Saved:
    """Reads the answers a workspace now holds."""
    return lambda folder: load_answers(folder / "answers.yml", library)


# --- a process killed at any moment --------------------------------------------------

Values = dict[str, Answer]
Typed = tuple[str, Answer, list[str]]
"""The question answered, the answer meant, the lines that give it."""


def something_to_type(screen: str, rng: random.Random) -> Typed | None:
    """Return a lawful answer to the question displayed last, if there is one."""
    time_ = f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    word = rng.choice(["été", "Œuvre", "l'astreinte", "nuit : «x»", "# 12", "- oui"])
    count = rng.randrange(1, 900)
    options = rng.choice([("plage",), ("souple",), ("plage", "souple")])
    numbers = {"plage": "1", "souple": "2"}
    rows = tuple((f"{word} {i}", str(i)) for i in range(rng.randrange(3)))
    costs = rng.choice(["nature", "forfait"])
    sum_ = rng.randrange(3)
    answers: dict[str, Typed] = {
        "Quel est le nom": ("nom", f"{word} {count}", [f"{word} {count}"]),
        "Combien d’agents": ("agents", count, [str(count)]),
        "Comment dire": (
            "horaires",
            tuple(f"horaires/{name}" for name in options),
            [",".join(numbers[name] for name in options)],
        ),
        "le repos commence": ("debut", time_, [time_]),
        "finit-il": ("fin", time_, [time_]),
        "Dans quels cas": ("cas", (word, str(count)), [word, str(count), ""]),
        "Qui paie": ("couts", (f"couts/{costs}",), [str(1 + (costs == "forfait"))]),
        "Quel matériel": (
            "materiel",
            rows,
            [*(" | ".join(row) for row in rows), ""] if rows else ["0"],
        ),
        "Quel montant": ("montant", sum_, [str(sum_)]),
    }
    places = {label: screen.rfind(label) for label in answers}
    last = max(places, key=lambda label: places[label])
    # The review and the list of a section ask no question, and may name some.
    asked_after = max(screen.rfind("RELECTURE"), screen.rfind("changer cette réponse"))
    return answers[last] if places[last] > asked_after else None


def held(answers: Answers) -> Values:
    """Return every answer by the name of its question or theme."""
    return {**answers.values, **answers.chosen}


def type_and_kill(
    folder: Path, before: Values, rng: random.Random
) -> tuple[Values, Values]:
    """Answer some questions and kill the program.

    Returns what was acknowledged, and the same with the answer being given.
    """
    sure = dict(before)
    with Terminal("-C", folder, "ask") as terminal:
        assert "Traceback" not in terminal.said
        for _ in range(rng.randrange(5)):
            typed = something_to_type(terminal.said, rng)
            while typed is None:
                terminal.enter(rng.choice("123t"))
                typed = something_to_type(terminal.said, rng)
            name, value, lines = typed
            said = terminal.enter_all(*lines)
            assert "! Non" not in said
            if "L’enregistrer ?" in said:
                terminal.enter("oui")
            sure[name] = value
        maybe = dict(sure)
        typed = something_to_type(terminal.said, rng)
        if typed is not None:
            name, value, lines = typed
            maybe[name] = value
            whole = "".join(f"{line}\n" for line in lines)
            terminal.child.send(rng.choice([whole, whole[: rng.randrange(len(whole))]]))
            # About what a save takes: the kill falls before, in the middle or after.
            time.sleep(rng.random() * 0.04)
        terminal.child.kill(signal.SIGKILL)
        terminal.child.wait()
    return sure, maybe


def test_a_killed_session_keeps_every_acknowledged_answer(
    town: Path, saved: Saved
) -> None:
    rng = random.Random(20_200_615)
    known = held(saved(town))
    for round_ in range(ROUNDS):
        sure, maybe = type_and_kill(town, known, rng)
        known = held(saved(town))
        assert known in (sure, maybe), f"round {round_}"


def test_a_killed_session_is_resumed_where_it_was(town: Path) -> None:
    with Terminal("-C", town, "ask") as terminal:
        terminal.enter_all("120", "1,2")
        asked = terminal.said[terminal.said.index("[question 2 sur 4") :]
        terminal.child.send("18:3")
        terminal.child.kill(signal.SIGKILL)
    with Terminal("-C", town, "ask") as terminal:
        assert terminal.said.endswith(asked)


# --- two people, one workspace -------------------------------------------------------


def test_two_sessions_at_once_lose_no_answer(town: Path, saved: Saved) -> None:
    with (
        Terminal("-C", town, "ask") as officer,
        Terminal("-C", town, "ask", "--section", "argent") as colleague,
    ):
        officer.enter("120")
        colleague.enter("1")
        officer.enter_all("1", "18:00")
        colleague.enter("0")
        review = officer.enter("7:00")

    assert "RELECTURE" in review
    assert held(saved(town)) == {
        **{"nom": saved(town).values["nom"], "agents": 120},
        **{"horaires": ("horaires/plage",), "debut": "18:00", "fin": "07:00"},
        **{"couts": ("couts/nature",), "materiel": ()},
    }


def test_two_answers_to_one_question_are_put_to_the_second_person(
    town: Path, saved: Saved
) -> None:
    with (
        Terminal("-C", town, "ask") as officer,
        Terminal("-C", town, "ask") as colleague,
    ):
        officer.enter("120")
        told = colleague.enter("300")
        assert "Une autre réponse à cette question a été enregistrée" in told
        assert "Entrée garde votre réponse : 120 agents" in told
        assert saved(town).values["agents"] == 120
        colleague.enter("300")

    assert saved(town).values["agents"] == 300


def test_two_sessions_may_give_the_same_answer(town: Path) -> None:
    with (
        Terminal("-C", town, "ask") as officer,
        Terminal("-C", town, "ask") as colleague,
    ):
        officer.enter("300")
        assert "Comment dire les horaires ?" in colleague.enter("300")


def test_a_session_keeps_what_was_written_by_hand_meanwhile(
    town: Path, saved: Saved
) -> None:
    path = town / "answers.yml"
    with Terminal("-C", town, "ask") as terminal:
        text = path.read_text(encoding="utf-8")
        path.write_text(
            f"{text}# relu le 3 mars\nlocal:\n  couts:\n    text: Un prêt.\n"
            "    reason: Choix du conseil.\n",
            encoding="utf-8",
        )
        terminal.enter("120")

    assert "# relu le 3 mars" in path.read_text(encoding="utf-8")
    assert saved(town).local["couts"].text == "Un prêt."
    assert saved(town).values["agents"] == 120


def test_a_session_that_meets_a_file_broken_by_hand_says_where(town: Path) -> None:
    path = town / "answers.yml"
    with Terminal("-C", town, "ask") as terminal:
        broken = f"{path.read_text(encoding='utf-8')}themse: {{}}\n"
        path.write_text(broken, encoding="utf-8")
        said = terminal.enter("120")
        assert terminal.end() == 2

    assert "answers.yml:7" in said
    assert "Vouliez-vous dire « themes » ?" in said
    assert path.read_text(encoding="utf-8") == broken


# --- a disk that refuses -------------------------------------------------------------


def no_room() -> None:
    """Let the process write no file longer than a few bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_is_one_sentence_and_loses_nothing(town: Path) -> None:
    invoke("-C", town, "ask", "--set", "agents=120")
    before = (town / "answers.yml").read_bytes()
    with Terminal("-C", town, "ask", preparation=no_room) as terminal:
        said = terminal.enter("1")
        assert terminal.end() == 2

    assert said == flat(
        f"Erreur : {town}/answers.yml : écriture impossible (taille de fichier limitée "
        "par le système). L’ancien fichier est intact : libérez de la place ou vérifiez "
        "les droits, puis recommencez."
    )
    assert (town / "answers.yml").read_bytes() == before


def test_a_full_disk_leaves_no_half_written_file_behind(town: Path) -> None:
    before = {path.name for path in town.iterdir()} | {".answers.yml.lock"}
    with Terminal("-C", town, "ask", preparation=no_room) as terminal:
        terminal.enter("120")
        terminal.end()

    assert {path.name for path in town.iterdir()} == before


def test_once_there_is_room_again_the_session_resumes(town: Path) -> None:
    invoke("-C", town, "ask", "--set", "agents=120")
    with Terminal("-C", town, "ask", preparation=no_room) as terminal:
        terminal.enter("1")
    with Terminal("-C", town, "ask") as terminal:
        assert "Comment dire les horaires ?" in terminal.said
        assert "À quelle heure le repos commence-t-il ?" in terminal.enter("1")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder_is_one_sentence(town: Path) -> None:
    town.chmod(0o555)
    try:
        refused = run("-C", town, "ask", "--set", "agents=120")
    finally:
        town.chmod(0o755)

    assert refused.returncode == 2
    assert "droits" in refused.stderr
    assert refused.stderr.count("\n") == 1
