"""Whatever the path through the questionnaire, the answers in the end are the same."""

import contextlib
import io
import os
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from terminal import SMALL, invoke

from charter_builder.cli import ask, prompts
from charter_builder.interview import Step
from charter_builder.questionnaire import Answers
from charter_builder.storage.answers_file import load_answers
from charter_builder.storage.workspace_files import Workspace

# What the person means to answer in the end, and other answers given on the way.
MEANT = {
    "nom": ["Essai"],
    "agents": ["300"],
    "horaires": ["1,2"],
    "debut": ["20:00"],
    "fin": ["08:00"],
    "cas": ["inondation", "panne", ""],
    "couts": ["2"],
    "materiel": ["écran | 1", ""],
    "montant": ["2,50"],
}
FINAL = {
    "nom": "Essai",
    "agents": 300,
    "horaires": ("horaires/plage", "horaires/souple"),
    "debut": "20:00",
    "fin": "08:00",
    "cas": ("inondation", "panne"),
    "couts": ("couts/forfait",),
    "materiel": (("écran", "1"),),
    "montant": Decimal("2.5"),
}
OTHERWISE = {
    "nom": ["Ville d'à côté"],
    "agents": ["12"],
    "horaires": ["2"],
    "debut": ["21:30"],
    "fin": ["09:15"],
    "cas": ["neige", ""],
    "couts": ["1"],
    "materiel": ["0"],
    "montant": ["1"],
}
CANDIDATES = {
    "nom": ["Une autre"],  # refused: it describes the authority, and taken as the name
    "agents": ["7"],
    "horaires": ["1", "2", ""],
    "debut": ["18:00", "19:00", ""],
    "fin": ["07:00", "08:00", ""],
    "cas": ["grève", "gel ; verglas", ""],
    "couts": ["1", "2", ""],
    "materiel": ["souris | 2", "écran | 1", ""],
    "montant": ["1", "2", ""],
}

Action = Literal[
    "answer", "other", "enter", "back", "jump", "open", "kill", "wrong", "quit", "take"
]
ACTIONS: tuple[Action, ...] = (
    *("answer", "answer", "answer", "other", "enter", "back", "jump", "open"),
    *("kill", "wrong", "quit", "take"),
)


class Killed(BaseException):
    """The process is gone between two lines: nothing may catch it."""


@dataclass
class Person:
    """Types at the prompts: first as told, then what is meant to stay."""

    plan: deque[tuple[Action, str]]
    folder: Path
    step: Step | None = None
    typing: deque[str] = field(default_factory=deque)
    jumping: bool = False
    lines: int = 0

    def meets(self, asked: prompts.Asked) -> prompts.Given:
        """Stand for `ask_step`: note which question is on the screen."""
        self.step, self.jumping = asked.step, False
        self.typing.clear()
        try:
            return _ask_step(asked)
        finally:
            self.step = None

    def agrees(self, question: str) -> bool:
        return True

    def reads(self, mark: str = "> ") -> str:
        """Stand for `read_line`: return what is typed next."""
        self.lines += 1
        assert self.lines < 2_000, "the same question for ever"
        if self.typing:
            return self.typing.popleft()
        if self.step is None:
            return self._elsewhere()
        action, word = self.plan.popleft() if self.plan else ("answer", "")
        return self._acts(action, word, self.step.id)

    def _acts(self, action: Action, word: str, name: str) -> str:
        match action:
            case "kill":
                raise Killed
            case "quit":
                return "q"
            case "back":
                return "<"
            case "take":
                return "*"
            case "wrong":
                return "\x1b[A ?! 12 x"
            case "jump":
                self.jumping = True
                self.typing.extend([word, "1"])
                return ">"
            case "open":
                self.typing.extend([*CANDIDATES.get(name, ["x", "y"]), "Quoi ?"])
                return "d"
            case "enter":
                return ""
        table = OTHERWISE if action == "other" else MEANT
        first, *others = table.get(name, ["Essai"])
        self.typing.extend(others)
        return first

    def _elsewhere(self) -> str:
        """Type at the review, in a list, or where one jumps from."""
        if self.jumping:
            self.jumping = False
            return ""
        wrong = self.plan.popleft()[1] if self.plan else self._wrongly_answered()
        if not wrong:
            return ""
        self.jumping = True
        self.typing.extend([wrong, "1"])
        return ">"

    def _wrongly_answered(self) -> str:
        answers = load_answers(
            self.folder / "answers.yml", Workspace(self.folder).library
        )
        for name in MEANT:
            if name in answers.open or _said(answers, name) != FINAL[name]:
                return name
        return ""


def _said(answers: Answers, name: str) -> object:
    return answers.values.get(name, answers.chosen.get(name))


_ask_step = prompts.ask_step

STRAIGHT = Answers.model_validate(
    {
        "act_date": "2027-03-01",
        "profile": "court",
        "chosen": {k: v for k, v in FINAL.items() if k in ("horaires", "couts")},
        "values": {k: v for k, v in FINAL.items() if k not in ("horaires", "couts")},
    }
)


def town(folder: Path) -> Path:
    invoke(
        *("new", folder, "--library", SMALL, "--profile", "court"),
        *("--name", "Essai", "--date", "01/03/2027"),
    )
    return folder


def sit(person: Person) -> bool:
    """Run one sitting; return whether the questionnaire came to its end."""
    person.typing.clear()
    person.jumping = False
    place = Workspace(person.folder)
    with (
        patch.object(prompts, "read_line", person.reads),
        patch.object(prompts, "ask_step", person.meets),
        patch.object(prompts, "confirm", person.agrees),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        try:
            ask._Conversation(place, None).run()
        except (Killed, prompts.Quit):
            return False
    return True


def answered(folder: Path, plan: list[tuple[Action, str]]) -> Answers:
    """Return the answers once the person has come to the end of the questionnaire."""
    person = Person(deque(plan), town(folder))
    while not sit(person):
        pass
    assert not person.plan
    return load_answers(folder / "answers.yml", Workspace(folder).library)


@settings(max_examples=int(os.environ.get("ROUNDS", "30")))
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(list(MEANT)))))
def test_any_path_ends_in_the_answers_given_straight(
    plan: list[tuple[Action, str]],
) -> None:
    with TemporaryDirectory() as folder:
        wandering = answered(Path(folder) / "ville", plan)

    assert {name: _said(wandering, name) for name in MEANT} == FINAL
    assert wandering.open == {}
    assert wandering == STRAIGHT
