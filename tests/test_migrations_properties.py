"""Whatever a library renames, merges, splits, moves or retires, no answer is lost."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import charter_builder.demo
from charter_builder.interview import take_proposed
from charter_builder.library import Library
from charter_builder.migrations import OPEN, migrations
from charter_builder.questionnaire import (
    ChoiceQuestion,
    ChoicesQuestion,
    Question,
)
from charter_builder.storage.answers_file import (
    dump_answers,
    load_answers,
    load_answers_text,
)
from charter_builder.storage.library_files import load_library, shipped_library
from charter_builder.storage.yaml_files import parse_as_typed

SMALL = Path(__file__).parent / "small"
SAMPLE = Path(charter_builder.demo.__file__).parent / "answers.yml"

BY_HAND = """\
# Réponses relues le 3 mars.
act_date: '2027-03-01'   # prévue
profile: court
questions:
  nom: L'Isle-Verte # notre nom
  # au 1er janvier
  agents: 120
themes:
  # le temps
  horaires:   # en comité
    options: [plage, souple]  # les deux
    # décidé le 3 mars
    debut: '20:00'
    fin: '07:30' # avant l'école
    cas: [urgence, astreinte]
  couts:
    options:
      a-debattre: [[nature], [forfait]]
      question: Qui paie ?
    montant: 2.5   # par jour
    # le matériel est compté
    materiel:
      - {objet: Écran, nombre: '2'}
local:
  horaires: # demandé par les agents
    text: La mairie ferme à 19 heures.
    reason: Demande des agents.
  couts:
    text: Rien de plus.
    reason: Budget.
# fin
"""

ROUNDS = int(os.environ.get("ROUNDS", "100"))
ACTIONS = ("rename", "split", "merge", "move", "retire")


@dataclass
class Change:
    """A new library, and where each id of the old one went."""

    library: Library
    themes: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    questions: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each new question, its old values and their new names."""


@dataclass(frozen=True)
class Dice:
    """What changes in a library, and how much of it."""

    random: Random
    actions: tuple[str, ...]
    share: float

    def action(self, *possible: str) -> str:
        allowed = [a for a in possible if a in self.actions]
        changes = allowed and self.random.random() < self.share
        return self.random.choice(allowed) if changes else "keep"


def _image(
    old: list[str], dice: Dice, names: Any, *possible: str
) -> dict[str, list[str]]:
    """Return the new names of each old one, drawn at random."""
    found: dict[str, list[str]] = {}
    for index, name in enumerate(old):
        match dice.action(*possible):
            case "rename":
                found[name] = [names(name, f"n{index}")]
            case "split":
                found[name] = [names(name, f"a{index}"), names(name, f"b{index}")]
            case "merge" if index:
                found[name] = found[old[dice.random.randrange(index)]]
            case "retire":
                found[name] = []
            case _:
                found[name] = [name]
    # A name that stands for two takes a new one: an id is never used again.
    for name, news in found.items():
        others = [o for o in old if o != name and found[o] == news and news]
        if name in news and others:
            fresh = [names(name, f"m{old.index(name)}")]
            for other in (name, *others):
                found[other] = fresh
    return found


def changed(library: Library, dice: Dice) -> Change:
    """Return the library with a part of its ids changed, each change declared."""
    retired: dict[str, str] = {}
    reason = "plus rien ne la demande"
    order = list(library.theme_order)
    themes = _image(order, dice, lambda t, n: f"{t[:20]}-{n}", *ACTIONS[:3], "retire")
    if not any(themes.values()):
        themes[order[0]] = [order[0]]
    alive = list(dict.fromkeys(new for news in themes.values() for new in news))
    retired |= {old: reason for old, news in themes.items() if not news}

    # --- options ---
    options: dict[str, list[str]] = {}
    for theme in order:
        ids = [option.id for option in library.options_by_theme[theme]]
        images = _image(ids, dice, lambda o, n: f"{o[:50]}-{n}", *ACTIONS[:3], "retire")
        moves = {i: dice.action("move") == "move" for i in ids}
        homes: dict[str, str] = {}
        for old in ids:
            slugs = [new.split("/")[1] for new in images[old]]
            stays = themes[theme] and not moves[old]
            options[old] = []
            for slug in slugs:
                if not stays and "move" not in dice.actions:
                    continue
                pool = themes[theme] if stays else alive
                home = homes.setdefault(slug, dice.random.choice(pool))
                # Coming from elsewhere, it takes a name nothing else has.
                kept = (
                    slug
                    if home in (theme, *themes[theme])
                    and len([t for t in order if home in themes[t]]) <= 1
                    else f"{slug[:40]}-{theme[:15]}".strip("-")
                )
                options[old].append(f"{home}/{kept}")
            if not options[old]:
                retired[old] = reason
    origins = _origins(options)

    # --- questions ---
    owners: dict[str, str] = {}
    made: dict[str, Question] = {}
    values: dict[str, dict[str, str]] = {}
    names = [n for n in library.owned if n != library.manifest.territory_name]
    questions = _image(
        names, dice, lambda q, n: f"{q[:30]}_{n}", "rename", "split", "retire"
    )
    questions |= {n: [n] for n in library.owned if n not in questions}
    if "merge" in dice.actions:
        _merge(library, dice, questions)
    everywhere = ["", *alive, *origins]
    for old, news in questions.items():
        owned = library.owned[old]
        natural = (
            [""]
            if not owned.owner
            else options[owned.owner]
            if "/" in owned.owner
            else themes[owned.owner]
        )
        if dice.action("move") == "move" and old != library.manifest.territory_name:
            natural = everywhere
        if not natural:
            questions[old] = news = []
        if not news:
            retired[old] = reason
        for new in news:
            owners.setdefault(new, dice.random.choice(natural))
            made[new], values[new] = _revalued(made.get(new, owned.question), dice)
    for new, olds in _origins(questions).items():
        update = {"renamed_from": tuple(old for old in olds if old != new)}
        made[new] = made[new].model_copy(update=update)

    def asked_by(owner: str) -> dict[str, Question]:
        return {n: made[n] for n, o in owners.items() if o == owner and n in made}

    new_options = {
        new: library.options[olds[0]].model_copy(
            update={
                "id": new,
                "parameters": asked_by(new),
                "renamed_from": tuple(o for o in olds if o != new),
            }
        )
        for new, olds in origins.items()
    }
    new_themes = {
        new: library.themes[olds[0]].model_copy(
            update={
                "id": new,
                "parameters": asked_by(new),
                "options": tuple(
                    o.split("/")[1] for o in new_options if o.split("/")[0] == new
                ),
                "renamed_from": tuple(o for o in olds if o != new),
            }
        )
        for new, olds in _origins(themes).items()
    }
    (slug, plan), *_ = library.manifest.parts.items()
    manifest = library.manifest.model_copy(
        update={
            "retired": retired,
            "parts": {slug: plan.model_copy(update={"themes": tuple(new_themes)})},
        }
    )
    followed = replace(
        library,
        manifest=manifest,
        questions=asked_by(""),
        themes=new_themes,
        options=new_options,
    )
    return Change(followed, themes, options, questions, values)


def _origins(images: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for old, news in images.items():
        for new in dict.fromkeys(news):
            found.setdefault(new, []).append(old)
    return found


def _merge(library: Library, dice: Dice, questions: dict[str, list[str]]) -> None:
    """Make one of some pairs of questions whose answers may be taken for each other."""
    simple = [
        name
        for name, owned in library.owned.items()
        if owned.question.kind in ("text", "time", "bool") and questions[name] == [name]
    ]
    for one, other in pairwise(simple):
        alike = library.owned[one].question.kind == library.owned[other].question.kind
        free = questions[one] == [one] and questions[other] == [other]
        named = library.manifest.territory_name in (one, other)
        if alike and free and not named and dice.action("merge") == "merge":
            questions[one] = questions[other] = [f"{one[:30]}_m"]


def _revalued(question: Question, dice: Dice) -> tuple[Question, dict[str, str]]:
    """Return a question with some of its values renamed, and the new names."""
    if not isinstance(question, ChoiceQuestion | ChoicesQuestion):
        return question, {}
    if question.renamed_values:
        return question, dict(question.renamed_values)
    renamed = {
        value: f"{value[:50]}-v"
        for value in question.choices
        if dice.action("rename") == "rename"
    }
    choices = {renamed.get(v, v): label for v, label in question.choices.items()}
    update = {"choices": choices, "renamed_values": renamed}
    return question.model_copy(update=update), renamed


# --- what must hold ------------------------------------------------------------------


def answers_of(data: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every answer of a file, with its place."""
    for name, value in data.get("questions", {}).items():
        yield ("questions", name), value
    for theme, inside in data.get("themes", {}).items():
        for name, value in inside.items():
            yield ("themes", theme, name), value
    for theme, value in data.get("local", {}).items():
        yield ("local", theme), value


def _followed(value: Any, names: Mapping[str, str]) -> Any:
    if not names:
        return value
    if isinstance(value, Mapping) and OPEN in value:
        return {**value, OPEN: tuple(_followed(one, names) for one in value[OPEN])}
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(_followed(one, names) for one in value))
    return names.get(value, value) if isinstance(value, str) else value


def lost(change: Change, before: Any, after: Any) -> Iterator[str]:
    """Yield what the first file says and the second no longer does."""
    aside = after.get("set_aside", {})
    homes: dict[str, Any] = {}
    for path, value in answers_of(after):
        homes[path[-1] if path[-1] != "options" else f"{path[1]}/options"] = value
        if path[0] == "local":
            homes[f"local/{path[1]}"] = value
    for path, value in answers_of(before):
        key = ".".join(path)
        kept = aside.get(key)
        if path[0] == "local":
            targets = change.themes[path[1]]
            if kept != value and not any(
                homes.get(f"local/{target}") == value for target in targets
            ):
                yield key
        elif path[-1] == "options":
            yield from _lost_options(change, path[1], value, homes, kept)
        else:
            for target in change.questions[path[-1]] or [""]:
                wanted = _followed(value, change.values.get(target, {}))
                if kept != value and (not target or homes.get(target) != wanted):
                    yield f"{key} → {target}"


def _lost_options(
    change: Change, theme: str, value: Any, homes: Mapping[str, Any], kept: Any
) -> Iterator[str]:
    if kept == value:
        return
    if not value:
        if not any(homes.get(f"{new}/options") == () for new in change.themes[theme]):
            yield f"themes.{theme}.options: []"
        return
    if isinstance(value, Mapping):
        slugs = {slug for one in value[OPEN] for slug in one}
    else:
        slugs = {value} if isinstance(value, str) else set(value)
    for slug in slugs:
        for target in change.options[f"{theme}/{slug}"] or [""]:
            home, _, new = target.partition("/")
            found = homes.get(f"{home}/options", ())
            if isinstance(found, Mapping):
                found = tuple(slug for one in found[OPEN] for slug in one)
            if (
                new not in found
                and slug not in (kept or ())
                and new not in (kept or ())
            ):
                yield f"themes.{theme}.options: {slug} → {target}"


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"(?m)(?:^|\s)(# .*?)\s*$", text))


def check(change: Change, text: str) -> None:
    """Follow a library with a file of answers, and look at all that must hold."""
    library = change.library
    before = parse_as_typed(text)
    moves = migrations(library, parse_as_typed(text))
    answers = load_answers_text(text, library, "answers.yml")
    written = followed(change, text)
    after = parse_as_typed(written)

    assert list(lost(change, before, after)) == [], written
    said = " ".join(move.said for move in moves)
    for key in after.get("set_aside", {}):
        assert key.split(".")[-1] in said or key.split(".")[1] in said, key
    assert len([m for m in moves if "gardé à part" in m.said]) >= len(
        after.get("set_aside", {})
    )
    assert comments(written) == comments(text), written
    # A second time, nothing is left to do.
    assert migrations(library, parse_as_typed(written)) == []
    assert load_answers_text(written, library, "answers.yml") == answers
    assert dump_answers(library, answers, written) == written


def dice() -> st.SearchStrategy[Dice]:
    return st.builds(
        Dice,
        st.integers(0, 2**32).map(Random),
        st.lists(st.sampled_from(ACTIONS), min_size=1, unique=True).map(tuple),
        st.sampled_from([0.1, 0.4, 1.0]),
    )


@cache
def small() -> Library:
    return load_library(SMALL)


@cache
def shipped() -> Library:
    return load_library(shipped_library())


@cache
def sample() -> str:
    """The answers of the sample, everything proposed taken, a comment on each line."""
    library = shipped()
    answers = take_proposed(library, load_answers(SAMPLE, library))
    text = dump_answers(library, answers)
    return re.sub(
        r"(?m)^( +)([a-z][a-z0-9_-]*: [^|>\n]*)$",
        lambda m: f"{m[1]}# avant {m.start()}\n{m[1]}{m[2]}  # sur {m.start()}",
        text,
    )


@given(dice())
def test_no_answer_of_a_small_file_is_lost(dice: Dice) -> None:
    check(changed(small(), dice), BY_HAND)


@settings(max_examples=max(ROUNDS // 8, 1))
@given(dice())
def test_no_answer_of_the_sample_is_lost(dice: Dice) -> None:
    check(changed(shipped(), dice), sample())


def test_every_answer_of_the_sample_follows_when_every_id_is_renamed() -> None:
    change = changed(shipped(), Dice(Random(1), ("rename",), 1.0))
    written = followed(change, sample())

    assert "set_aside" not in written
    assert list(lost(change, parse_as_typed(sample()), parse_as_typed(written))) == []


@given(st.integers(0, 2**32), st.sampled_from([0.2, 1.0]))
def test_a_file_whose_ids_are_renamed_is_the_same_but_for_these_names(
    seed: int, share: float
) -> None:
    change = changed(small(), Dice(Random(seed), ("rename",), share))
    names = {old: new for old, (new,) in (change.themes | change.questions).items()}
    names |= {o.split("/")[1]: n.split("/")[1] for o, (n,) in change.options.items()}

    renamed = re.sub(
        r"(?m)^( +)([a-z]+):|\b(plage|souple|nature|forfait)\b",
        lambda m: names.get(m[3], m[3]) if m[3] else f"{m[1]}{names.get(m[2], m[2])}:",
        BY_HAND,
    )
    # A comment at the end of a longer line has less room before it.
    assert re.sub(" +#", " #", followed(change, BY_HAND)) == re.sub(
        " +#", " #", renamed
    )


def followed(change: Change, text: str) -> str:
    """Return the file of answers once it followed the library."""
    answers = load_answers_text(text, change.library, "answers.yml")
    return dump_answers(change.library, answers, text)
