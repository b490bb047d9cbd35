"""Why each unit changed from one version to the next, and because of whom."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from charter_builder.amendments import adopted_wording, deletes, holds, is_retained
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.register import UnitTrace
from charter_builder.typography import plain
from charter_builder.units import (
    FrozenVersion,
    Unit,
    UnitChange,
    UnitPoint,
    compare_versions,
)


class Explained(NamedTuple):
    """One unit, how it changed, and because of what."""

    unit: Unit
    change: UnitChange | None
    """Nothing when its text is the same: a wording it already held is cited there."""
    contributions: tuple[str, ...]
    note: str | None

    @property
    def is_explained(self) -> bool:
        return self.change is None or bool(self.contributions or self.note)

    @property
    def entry(self) -> UnitTrace:
        """What the register keeps of it."""
        return UnitTrace(
            unit=self.unit.id,
            contributions=self.contributions,
            employer_note=self.note,
        )


class Trace(NamedTuple):
    """A new version, explained."""

    explained: tuple[Explained, ...]
    waiting: tuple[Standing, ...]
    """What was retained and is in no version yet."""
    given_up: tuple[Standing, ...]
    """What was retained, was in the last version, and is not in this one any more."""

    @property
    def unexplained(self) -> list[Explained]:
        return [found for found in self.explained if not found.is_explained]

    @property
    def entries(self) -> tuple[UnitTrace, ...]:
        return tuple(found.entry for found in self.explained if found.is_explained)

    def changed_by(self, identifier: str) -> list[Explained]:
        """Return the units that a contribution changed."""
        return [found for found in self.explained if identifier in found.contributions]


def trace(
    dialogue: Dialogue,
    versions: Mapping[int, FrozenVersion],
    after: FrozenVersion,
    adopted: Mapping[str, Sequence[str]],
    notes: Mapping[str, str],
    settled: Mapping[str, str | None] | None = None,
) -> Trace:
    """Return why the units of a new version are not those of the last one.

    `adopted` gives, for each unit, the contributions its text was adopted from;
    `notes`, the reasons of the employer; `settled`, how each point chosen by a
    contribution is settled now, when it is known.
    """
    before = versions[max(versions)]
    found = _Found(dialogue, versions, before, after, adopted, settled)
    changes = {_unit(change).id: change for change in differing(before, after)}
    explained = [
        Explained(
            _unit(change), change, tuple(found.of_change(change)), notes.get(identifier)
        )
        for identifier, change in changes.items()
    ]
    cited = {name for entry in explained for name in entry.contributions}
    for standing in found.held:
        unit = after.unit(standing.unit) or before.unit(standing.unit)
        if standing.id not in cited and unit is not None:
            explained.append(Explained(unit, None, (standing.id,), None))
            cited.add(standing.id)
    waiting = [
        standing
        for standing in dialogue.standings.values()
        if is_retained(standing)
        and standing.kind in ("amendment", "choice")
        and standing.applied_in is None
        and standing.id not in cited
    ]
    return Trace(tuple(explained), tuple(waiting), tuple(found.given_up()))


class _Found:
    """Which contributions the new version comes from."""

    def __init__(
        self,
        dialogue: Dialogue,
        versions: Mapping[int, FrozenVersion],
        before: FrozenVersion,
        after: FrozenVersion,
        adopted: Mapping[str, Sequence[str]],
        settled: Mapping[str, str | None] | None,
    ) -> None:
        self.before, self.after = before, after
        self.dialogue = dialogue
        self.versions = versions
        self.settled = settled
        retained = [
            standing
            for standing in dialogue.standings.values()
            if is_retained(standing) and self._is_to_bring_in(standing)
        ]
        # HR may have settled a collision: the text then differs from the reply's.
        self.adopted = {
            unit: [s for s in retained if s.id in names and s.unit == unit]
            for unit, names in adopted.items()
            if after.unit(unit) is not None
        }
        by_hand = {s.id for found in self.adopted.values() for s in found}
        self.held = [s for s in retained if s.id in by_hand or self._is_held(s)]

    def given_up(self) -> Iterator[Standing]:
        """Yield what the last version said by a contribution, and this one does not."""
        for standing in self.dialogue.standings.values():
            if (
                is_retained(standing)
                and self._was_in_its_version(standing)
                and self._was_held(standing)
                and not self._is_held(standing)
            ):
                yield standing

    def _is_to_bring_in(self, standing: Standing) -> bool:
        """Return whether no version says it yet, or the last one does not any more."""
        return standing.applied_in is None or (
            self._was_in_its_version(standing) and not self._was_held(standing)
        )

    def _was_in_its_version(self, standing: Standing) -> bool:
        """Return whether the version that applied its wording says it as adopted.

        When a person settled a collision, it says something else.
        """
        version = self.versions.get(standing.applied_in or 0)
        return version is not None and self._says_adopted(standing, version)

    def of_change(self, change: UnitChange) -> Iterator[str]:
        """Yield the contributions that a change comes from, in order."""
        for standing in self.held:
            if self._explains(standing, change):
                yield standing.id

    def _explains(self, standing: Standing, change: UnitChange) -> bool:
        if standing.kind == "choice":
            return self._settles(standing, change)
        if standing.contribution.operation == "insert-after":
            before, after = change.before, change.after
            is_new = before is None or not _says(before, standing)
            return after is not None and is_new and _says(after, standing)
        return standing.unit == _unit(change).id and not self._was_held(standing)

    def _settles(self, standing: Standing, change: UnitChange) -> bool:
        """Return whether a choice settled the point that a unit left open.

        One choice may change several articles: all that showed the point.
        """
        cited = self._cited(standing)
        point = _point(standing, cited) if cited is not None else None
        return (
            point is not None
            and change.before is not None
            and _debates(change.before, point)
            and not (change.after and _debates(change.after, point))
        )

    def _cited(self, standing: Standing) -> Unit | None:
        """Return the unit as the contribution read it."""
        version = self.versions.get(standing.contribution.target.version)
        return version.unit(standing.unit) if version else None

    def _was_held(self, standing: Standing) -> bool:
        """Return whether the last version said it already: it explains no change."""
        return self._says_adopted(standing, self.before)

    def _says_adopted(self, standing: Standing, version: FrozenVersion) -> bool:
        """Return whether a version holds the wording adopted for one of its units."""
        adopted = adopted_wording(standing)
        unit = version.unit(standing.unit)
        cited = self._cited(standing)
        is_new = standing.contribution.operation == "insert-after"
        if adopted is None or unit is None or cited is None or is_new:
            return False
        return holds(cited.text, unit.text, adopted)

    def _is_held(self, standing: Standing) -> bool:
        cited = self._cited(standing)
        now = self.after.unit(standing.unit)
        if cited is None:
            return False
        if standing.kind == "choice":
            point = _point(standing, cited)
            return (
                point is not None
                and (now is None or point.id not in _ids(now))
                and self._is_as_chosen(standing, point)
            )
        if standing.kind != "amendment":
            return False
        if deletes(standing):
            return now is None
        if standing.contribution.operation == "insert-after":
            return any(_says(unit, standing) for unit in self.after.units)
        adopted = adopted_wording(standing)
        return (
            adopted is not None
            and now is not None
            and holds(cited.text, now.text, adopted)
        )

    def _is_as_chosen(self, standing: Standing, point: UnitPoint) -> bool:
        """Return whether a point is settled the way a choice wanted, if it was followed.

        Retained in part, a choice may have led to another answer.
        """
        choice, reply = standing.contribution.choice, standing.reply
        is_followed = reply is not None and reply.reply.disposition == "retained"
        if self.settled is None or choice is None or not is_followed:
            return True
        return self.settled.get(point.id) in {
            candidate.shown
            for candidate in point.candidates
            if candidate.letter == choice.letter
        }


def _unit(change: UnitChange) -> Unit:
    unit = change.after or change.before
    assert unit is not None
    return unit


def _ids(unit: Unit) -> set[str]:
    return {point.id for point in unit.points}


def _point(standing: Standing, unit: Unit) -> UnitPoint | None:
    choice = standing.contribution.choice
    wanted = choice.point if choice else ""
    return next((point for point in unit.points if point.id == wanted), None)


def _debates(unit: Unit, point: UnitPoint) -> bool:
    """Return whether a unit shows a point left open, its own or another article's."""
    return plain(f"À débattre : {point.question}") in plain(unit.text)


def _says(unit: Unit, standing: Standing) -> bool:
    adopted = adopted_wording(standing)
    return adopted is not None and plain(_flat(adopted)) in plain(_flat(unit.text))


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- what differs --------------------------------------------------------------------

_SPACE = r"[ \u00a0\u202f]"
# « article 3 », « articles 3, 5 et 7 »; those of a law have numbers of their own.
_CITED = re.compile(
    rf"\barticles?{_SPACE}\d+\b(?:(?:,|{_SPACE}et){_SPACE}\d+\b)*"
    rf"(?!{_SPACE}(?:du|de{_SPACE}la|de{_SPACE}l[’'])[ \u00a0]?"
    r"(?:décret|loi|code|arrêté|ordonnance|accord|règlement))"
)
_NUMBER = re.compile(r"\d+")


def differing(before: FrozenVersion, after: FrozenVersion) -> list[UnitChange]:
    """Return the units that do not say the same in two versions.

    An article that only changes its number, and those that cite it by that number, say
    the same.
    """
    return [
        change
        for change in compare_versions(before, after)
        if change.kind != "moved" and not _is_renumbering(change, before, after)
    ]


def _is_renumbering(
    change: UnitChange, before: FrozenVersion, after: FrozenVersion
) -> bool:
    if change.before is None or change.after is None:
        return False
    old, new = (_without_numbers(unit.text) for unit in (change.before, change.after))
    return (
        change.before.title == change.after.title
        and old.words == new.words
        and all(
            one == other or _article(one, before) == _article(other, after)
            for one, other in zip(old.numbers, new.numbers, strict=True)
        )
    )


class _Numberless(NamedTuple):
    """A text without the numbers of the articles it cites, and these numbers."""

    words: str
    numbers: tuple[str, ...]


def _without_numbers(text: str) -> _Numberless:
    numbers = [n for cited in _CITED.findall(text) for n in _NUMBER.findall(cited)]
    bare = _CITED.sub(lambda cited: _NUMBER.sub("…", cited[0]), text)
    return _Numberless(plain(bare), tuple(numbers))


def _article(number: str, version: FrozenVersion) -> str:
    """Return the article of that number; what is none is like no other."""
    found = (unit.id for unit in version.units if str(unit.number) == number)
    return next(found, f"{version.version}/{number}")
