"""Answers that follow a library: renamed, merged, split, moved or retired.

Works on the plain data of `answers.yml`, before anything is checked, as a list of
moves: the same list is then applied to the file, so that its comments and order stay.
What cannot follow is set aside in the file, never dropped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from charter_builder.library import Library
from charter_builder.questionnaire import ChoiceQuestion, ChoicesQuestion

ASIDE = "set_aside"
"""The key of `answers.yml` where what cannot follow is kept."""

OPEN = "a-debattre"
"""The key of `answers.yml` that lists the candidates of a point left open."""

_TEXTS = {"local": "rédaction locale", "adopted": "rédaction adoptée"}
"""The sections that hold a text by theme, as a sentence names that text."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """One change of place or of value in the answers, and the sentence that says it."""

    source: Path
    target: Path
    value: Any
    said: str
    keeps_source: bool = False
    """True for all but the last target of an answer that was split."""
    changes_value: bool = False
    """False when the value stays as it is written in the file."""


def migrations(library: Library, data: Mapping[str, Any]) -> list[Move]:
    """Return the moves that bring the answers of an older library to this one."""
    return list(_Migration(library, data).moves())


class _Migration:
    def __init__(self, library: Library, data: Mapping[str, Any]) -> None:
        self.library = library
        self.data = data
        self.taken: set[Path] = set()
        self.questions = _renamed(
            {name: owned.question.renamed_from for name, owned in library.owned.items()}
        )
        self.themes = _renamed({t.id: t.renamed_from for t in library.themes.values()})
        self.options = _renamed(
            {option.id: option.renamed_from for option in library.options.values()}
        )

    def moves(self) -> Iterator[Move]:
        for name, value in _mapping(self.data, "questions").items():
            yield from self._answer(("questions", str(name)), str(name), value)
        for theme, given in _mapping(self.data, "themes").items():
            if not isinstance(given, Mapping):
                continue
            for name, value in given.items():
                path = ("themes", str(theme), str(name))
                if name == "options":
                    yield from self._options(path, str(theme), value)
                else:
                    yield from self._answer(path, str(name), value)
        for section, said in _TEXTS.items():
            for theme, given in _mapping(self.data, section).items():
                yield from self._text(section, said, str(theme), given)

    # --- one answer ---

    def _answer(self, path: Path, name: str, value: Any) -> Iterator[Move]:
        if name in self.library.owned:
            targets = [name]
        elif name in self.questions:
            targets = self.questions[name]
        elif reason := self._reason(name, path[-2]):
            yield self._aside(path, value, f"« {name} » n’est plus demandé : {reason}")
            return
        else:
            return  # An unknown name: the reader of answers says so, with its line.
        for index, target in enumerate(targets):
            place = self._place(target)
            renamed = self._value(target, value)
            last = index == len(targets) - 1
            if place == path and renamed == value:
                self.taken.add(place)
            elif _have_merged(value, renamed):
                said = f"« {target} » : les propositions n’en font plus qu’une"
                yield self._aside(path, value, said, not last)
            elif place in self.taken or (place != path and self._holds(place)):
                told = f"« {name} » s’appelle maintenant « {target} », qui"
                said = f"{told if name != target else f'« {name} »'} avait déjà une réponse"
                yield self._aside(path, value, said, not last)
            else:
                self.taken.add(place)
                said = _said(name, target, value, renamed)
                yield Move(path, place, renamed, said, not last, renamed != value)

    def _reason(self, *names: str) -> str:
        """Return why the first of these names that was retired is no longer there."""
        retired = self.library.manifest.retired
        return next((retired[name] for name in names if name in retired), "")

    def _place(self, name: str) -> Path:
        owned = self.library.owned[name]
        return ("themes", owned.theme, name) if owned.owner else ("questions", name)

    def _holds(self, path: Path) -> bool:
        data: Any = self.data
        for key in path:
            if not isinstance(data, Mapping) or key not in data:
                return False
            data = data[key]
        return True

    def _value(self, name: str, value: Any) -> Any:
        """Return a value with its renamed choices followed."""
        question = self.library.owned[name].question
        if not isinstance(question, ChoiceQuestion | ChoicesQuestion):
            return value
        if isinstance(value, Mapping) and isinstance(value.get(OPEN), tuple):
            candidates = tuple(self._value(name, one) for one in value[OPEN])
            return {**value, OPEN: candidates}
        renamed = question.renamed_values
        if isinstance(value, tuple):
            followed = [renamed.get(str(item), item) for item in value]
            return tuple(dict.fromkeys(followed))
        return renamed.get(str(value), value)

    # --- the options of a theme ---

    def _open_options(
        self, path: Path, theme: str, given: Mapping[str, Any]
    ) -> Iterator[Move]:
        """Follow the candidates of a theme left open, all together or not at all."""
        listed = given.get(OPEN)
        if not isinstance(listed, tuple):
            return
        followed: list[tuple[str, ...]] = []
        themes: set[str] = set()
        for candidate in listed:
            slugs = (candidate,) if isinstance(candidate, str) else candidate
            if not isinstance(slugs, tuple):
                return
            targets = [self._option_targets(f"{theme}/{slug}") for slug in slugs]
            if any(found is None for found in targets):
                return  # Unknown: the reader says so.
            if not all(targets):
                said = f"options à débattre de « {theme} », dont une retirée"
                yield self._aside(path, given, said)
                return
            kept = [target.split("/") for found in targets for target in found or ()]
            themes |= {new for new, _ in kept}
            followed.append(tuple(dict.fromkeys(slug for _, slug in kept)))
        new_theme = next(iter(themes), theme)
        place = ("themes", new_theme, "options")
        admitted = all(self._admits(new_theme, slugs) for slugs in followed) and (
            # Two candidates that became one are no longer a choice.
            len(set(map(frozenset, followed))) == len(listed)
        )
        if place == path and tuple(followed) == listed:
            self.taken.add(path)
        elif len(themes) > 1 or not admitted or not self._is_free(place, path):
            yield self._aside(path, given, f"options à débattre de « {theme} »")
        else:
            self.taken.add(place)
            said = f"options à débattre de « {theme} » : les noms ont changé"
            value = {**given, OPEN: tuple(followed)}
            yield Move(path, place, value, said, changes_value=True)

    def _options(self, path: Path, theme: str, given: Any) -> Iterator[Move]:
        if isinstance(given, Mapping):
            yield from self._open_options(path, theme, given)
            return
        slugs = (given,) if isinstance(given, str) else given
        if not isinstance(slugs, tuple):
            return
        if not slugs:
            yield from self._closed(path, theme)
            return
        # For each new theme, each new option and those it comes from.
        kept: dict[str, dict[str, list[str]]] = {}
        lost: list[str] = []
        for slug in map(str, slugs):
            targets = self._option_targets(f"{theme}/{slug}")
            if targets is None:
                return  # Unknown: the reader says so.
            if not targets:
                lost.append(slug)
            for target in targets:
                new_theme, _, new_slug = target.partition("/")
                kept.setdefault(new_theme, {}).setdefault(new_slug, []).append(slug)
        if list(kept) == [theme] and tuple(kept[theme]) == slugs:
            self.taken.add(path)
            return
        homes: dict[Path, tuple[str, ...]] = {}
        for new_theme, origins in kept.items():
            home: Path = ("themes", new_theme, "options")
            if self._is_free(home, path) and self._admits(new_theme, tuple(origins)):
                self.taken.add(home)
                homes[home] = tuple(origins)
            else:
                lost += [slug for olds in origins.values() for slug in olds]
        if lost:
            said = f"options de « {theme} » qui n’ont pas pu suivre : {', '.join(lost)}"
            yield self._aside(path, tuple(dict.fromkeys(lost)), said, bool(homes), True)
        # The place they leave comes last: what is written there must stay.
        for place in sorted(homes, key=lambda place: place == path):
            chosen = homes.pop(place)
            said = f"options de « {theme} » : {', '.join(slugs)} → {', '.join(chosen)}"
            yield Move(path, place, chosen, said, bool(homes), changes_value=True)

    def _closed(self, path: Path, theme: str) -> Iterator[Move]:
        """Follow a theme that was closed: no option, hence no article."""
        if theme in self.library.themes:
            self.taken.add(path)
        elif theme in self.themes:
            new_theme = self.themes[theme][0]
            place = ("themes", new_theme, "options")
            if self._is_free(place, path):
                self.taken.add(place)
                yield Move(path, place, (), _said(theme, new_theme, (), ()))
            else:
                said = f"« {theme} » s’appelle maintenant « {new_theme} », qui a déjà ses options"
                yield self._aside(path, (), said)
        elif reason := self._reason(theme):
            yield self._aside(path, (), f"« {theme} » est retiré : {reason}")

    def _is_free(self, place: Path, path: Path) -> bool:
        return place not in self.taken and (place == path or not self._holds(place))

    def _admits(self, theme: str, slugs: tuple[str, ...]) -> bool:
        return self.library.themes[theme].choose != "one" or len(slugs) == 1

    def _option_targets(self, old: str) -> list[str] | None:
        if old in self.library.options:
            return [old]
        if old in self.options:
            return self.options[old]
        if self._reason(old):
            return []
        theme, _, slug = old.partition("/")
        followed = [
            target
            for new in self.themes.get(theme, ())
            for target in (f"{new}/{slug}", *self.options.get(f"{new}/{slug}", ()))
            if target in self.library.options
        ]
        return followed or ([] if self._reason(theme) else None)

    def _text(self, section: str, what: str, theme: str, given: Any) -> Iterator[Move]:
        path = (section, theme)
        if theme in self.library.themes:
            self.taken.add(path)
        elif theme in self.themes:
            target = (section, self.themes[theme][0])
            if self._is_free(target, path):
                self.taken.add(target)
                said = f"{what} : « {theme} » s’appelle « {target[1]} »"
                yield Move(path, target, given, said)
            else:
                said = (
                    f"{what} : « {theme} » s’appelle « {target[1]} », qui en "
                    "avait déjà une"
                )
                yield self._aside(path, given, said)
        elif reason := self._reason(theme):
            yield self._aside(path, given, f"« {theme} » est retiré : {reason}")

    def _aside(
        self,
        path: Path,
        value: Any,
        said: str,
        keeps_source: bool = False,
        changes_value: bool = False,
    ) -> Move:
        # One set aside by an earlier change is not replaced.
        earlier = _mapping(self.data, ASIDE)
        name = base = ".".join(path)
        for count in range(2, len(earlier) + 3):
            if name not in earlier:
                break
            name = f"{base} ({count})"
        said = f"{said} ; gardé à part."
        return Move(path, (ASIDE, name), value, said, keeps_source, changes_value)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    given = data.get(key)
    return given if isinstance(given, Mapping) else {}


def _renamed(names: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return, for each old name, the names that took its place."""
    found: dict[str, list[str]] = {}
    for new, olds in names.items():
        for old in olds:
            found.setdefault(old, []).append(new)
    return found


def _have_merged(before: Any, after: Any) -> bool:
    """Return whether candidates of a point left open now have the same name."""
    if before == after or not isinstance(after, Mapping):
        return False
    return len(set(after[OPEN])) < len(before[OPEN])


def _said(old: str, new: str, before: Any, after: Any) -> str:
    if old != new:
        return f"« {old} » s’appelle maintenant « {new} »"
    if before != after:
        return f"« {new} » : la valeur « {before} » s’appelle maintenant « {after} »"
    return f"« {new} » a changé d’article"


def apply_moves(data: dict[str, Any], moves: list[Move]) -> dict[str, Any]:
    """Apply moves to plain data, in place; return it."""
    for move in moves:
        if not move.keeps_source:
            _take(data, move.source)
            _drop_if_empty(data, move.source[:-1])
    for move in moves:
        put(data, move.target, move.value)
    return data


def _take(data: Any, path: Path) -> None:
    for key in path[:-1]:
        data = data.get(key)
        if not isinstance(data, dict):
            return
    data.pop(path[-1], None)


def _drop_if_empty(data: Any, path: Path) -> None:
    """Drop a theme whose answers all left: it may no longer be known."""
    if len(path) == 2 and isinstance(data.get(path[0]), dict):
        section = data[path[0]]
        if section.get(path[1]) == {}:
            del section[path[1]]


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set a value, making the sections that lead to it."""
    for key in path[:-1]:
        if not isinstance(data.get(key), dict):
            data[key] = type(data)()
        data = data[key]
    data[path[-1]] = value
