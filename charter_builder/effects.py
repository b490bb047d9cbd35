"""What changing one answer does to the others, before anybody agrees to it."""

from typing import Literal, NamedTuple

from charter_builder import french
from charter_builder.assembly import assemble
from charter_builder.changes import Change, compare_charters
from charter_builder.interview import State, Step, open_shown, preview_answers, state
from charter_builder.library import Library
from charter_builder.questionnaire import Answers
from charter_builder.typography import polish


class Effect(NamedTuple):
    """A step that lapses, comes up, comes back or is answered otherwise."""

    kind: Literal["lapsed", "asked", "back", "changed"]
    step: Step
    label: str
    before: str
    after: str
    """The answers as people read them; empty where there is none."""


def effects(library: Library, before: Answers, after: Answers) -> list[Effect]:
    """Return what else changes between two sets of answers, in the order of the steps.

    The answer that was changed on purpose is among them, as `changed`.
    """
    old, new = state(library, before), state(library, after)
    known = {(s.kind, s.id): s for s in old.steps}
    now = {(s.kind, s.id): s for s in new.steps}
    found = [
        _effect(library, "lapsed", step, old, new)
        for key, step in known.items()
        if key not in now and old.is_answered(step)
    ]
    for key, step in now.items():
        answered = new.is_answered(step)
        if key not in known or not old.is_answered(known[key]):
            if key not in known:
                kind: Literal["asked", "back"] = "back" if answered else "asked"
                found.append(_effect(library, kind, step, old, new))
            elif answered:
                found.append(_effect(library, "changed", step, old, new))
        elif not answered:
            found.append(_effect(library, "lapsed", step, old, new))
            found.append(_effect(library, "asked", step, old, new))
        elif shown(library, old, step) != shown(library, new, step):
            found.append(_effect(library, "changed", step, old, new))
    return found


def _effect(
    library: Library,
    kind: Literal["lapsed", "asked", "back", "changed"],
    step: Step,
    old: State,
    new: State,
) -> Effect:
    return Effect(
        kind,
        step,
        step_label(library, step),
        shown(library, old, step),
        "" if kind in ("lapsed", "asked") else shown(library, new, step),
    )


def step_label(library: Library, step: Step) -> str:
    """Return what a step asks, short: the article, or the question."""
    if step.kind == "options":
        return polish(library.themes[step.id].title)
    return polish(library.owned[step.id].question.label)


def shown(library: Library, current: State, step: Step) -> str:
    """Return the answer to a step as people read it, or nothing."""
    if step.id in current.open:
        return polish(open_shown(library, step.id, current.open[step.id]))
    if step.kind == "options":
        if step.id not in current.chosen:
            return ""
        titles = [library.options[o].title for o in current.chosen[step.id]]
        return polish(french.enumeration(titles) or "aucune option")
    if step.id not in current.values:
        return ""
    return polish(library.owned[step.id].question.show(current.values[step.id]))


def effect_on_text(library: Library, before: Answers, after: Answers) -> list[Change]:
    """Return what a change does to the articles.

    What is not answered yet is filled with what is proposed, on both sides.
    """
    return compare_charters(
        assemble(library, preview_answers(library, before)),
        assemble(library, preview_answers(library, after)),
    )
