"""`answers.yml`: answers a person may edit by hand, comments kept."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from charter_builder.errors import (
    DocumentErrors,
    InputError,
    PathStep,
    Problem,
    unknown_id,
    unknown_key,
)
from charter_builder.interview import act_day, check_count
from charter_builder.library import Library
from charter_builder.migrations import ASIDE, OPEN, Move, apply_moves, migrations, put
from charter_builder.questionnaire import (
    AdoptedText,
    Answer,
    Answers,
    LocalParagraph,
    OpenAnswer,
    RowsQuestion,
    open_answer,
)
from charter_builder.storage.comments import with_comments
from charter_builder.storage.files import locked, write_atomic
from charter_builder.storage.validation import LineFinder, located, validate
from charter_builder.storage.yaml_files import (
    MAX_FILE,
    YamlSyntaxError,
    is_readable,
    parse_as_typed,
    read_text,
)

HEADER = """\
# Les réponses de la collectivité. Ce fichier se modifie aussi à la main : les
# commentaires sont gardés. « charter ask » le complète après chaque réponse.
"""
_LOCAL = TypeAdapter(LocalParagraph)
_ADOPTED = TypeAdapter(AdoptedText)
_KEYS = ("act_date", "profile", "questions", "themes", "local", "adopted", ASIDE)
_OPEN_KEYS = (OPEN, "question")

T = TypeVar("T")


def load_answers(path: Path, library: Library) -> Answers:
    """Return the answers of a file, checked against the library.

    Raises `DocumentErrors` with every problem on its line.
    """
    return load_answers_text(_read(path), library, str(path))


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except YamlSyntaxError as error:
        raise InputError(f"{path}:{error.line} : {error}") from None


def load_partial_answers(path: Path, library: Library, base: Answers) -> Answers:
    """Return the base answers with those of a file over them.

    The file has the same form; what it leaves out stays as in the base.
    """
    found = load_answers_text(_read(path), library, str(path), base)
    return found.model_copy(
        update={
            "chosen": {**base.chosen, **found.chosen},
            "values": {**base.values, **found.values},
            "open": {**_without(base.open, found), **found.open},
            "local": {**base.local, **found.local},
            "adopted": {**base.adopted, **found.adopted},
        }
    )


def _without(points: Mapping[str, OpenAnswer], settled: Answers) -> dict[str, Any]:
    """Return the open points that other answers do not settle."""
    given = settled.values.keys() | settled.chosen.keys()
    return {key: point for key, point in points.items() if key not in given}


def load_answers_text(
    text: str, library: Library, shown: str, base: Answers | None = None
) -> Answers:
    """Return the answers of a text; `base` gives the date and profile it leaves out."""
    try:
        data = parse_as_typed(text)
    except YamlSyntaxError as error:
        raise InputError(f"{shown}:{error.line} : {error}") from None
    if isinstance(data, dict):
        data = apply_moves(data, migrations(library, data))
    reader = _Reader(library)
    if base is not None and (data is None or isinstance(data, dict)):
        data = {"act_date": base.act_date, "profile": base.profile, **(data or {})}
    answers = reader.read({} if data is None else data)
    if reader.problems or answers is None:
        raise located(reader.problems, {"answers": text}, {"answers": shown})
    return answers


class _Reader:
    """Turns raw data into answers, noting everything that is wrong."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.problems: list[Problem] = []
        self.act_date: str | None = None
        self.profile: str | None = None
        self.chosen: dict[str, tuple[str, ...]] = {}
        self.values: dict[str, Answer] = {}
        self.open: dict[str, OpenAnswer] = {}
        self.local: dict[str, LocalParagraph] = {}
        self.adopted: dict[str, AdoptedText] = {}

    def _wrong(self, path: tuple[PathStep, ...], message: str) -> None:
        self.problems.append(Problem("answers", path, message))

    def read(self, data: Any) -> Answers | None:
        if not isinstance(data, dict):
            self._wrong((), "le fichier doit contenir des lignes « nom: valeur ».")
            return None
        for key in data:
            if key not in _KEYS:
                self._wrong((key,), unknown_key(key, _KEYS))
        self.act_date = self._act_date(data.get("act_date"))
        self.profile = self._profile(data.get("profile"))
        self._questions(self._mapping(data, "questions"))
        for theme, given in self._mapping(data, "themes").items():
            self._theme(theme, given)
        for theme, given in self._mapping(data, "local").items():
            keys, known = "« text » et « reason »", self.library.themes
            self._text("local", keys, known, _LOCAL, theme, given, self.local)
        units = [*self.library.themes, *self.library.acts]
        for unit, given in self._mapping(data, "adopted").items():
            keys = "« text », « contributions » et « of »"
            self._text("adopted", keys, units, _ADOPTED, unit, given, self.adopted)
        if self.problems or self.act_date is None or self.profile is None:
            return None
        return Answers(
            act_date=self.act_date,
            profile=self.profile,
            chosen=self.chosen,
            values=self.values,
            open=self.open,
            local=self.local,
            adopted=self.adopted,
        )

    def _mapping(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        given = data.get(key)
        if given is None:
            return {}
        if not isinstance(given, dict):
            self._wrong((key,), f"« {key} » doit contenir des lignes « nom: valeur ».")
            return {}
        return given

    def _act_date(self, given: Any) -> str | None:
        if given is None:
            self._wrong((), "« act_date », la date de l’acte, manque : '2027-03-01'.")
            return None
        try:
            return act_day(self.library, given)
        except InputError as error:
            self._wrong(("act_date",), str(error))
            return None

    def _profile(self, given: Any) -> str | None:
        if not isinstance(given, str) or given not in self.library.profiles:
            known = self.library.profiles
            self._wrong(
                ("profile",),
                f"« profile » manque. Profils : {', '.join(known)}."
                if given is None
                else unknown_id("profil", given, known),
            )
            return None
        return str(given)

    def _questions(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            path = ("questions", name)
            if name in self.library.questions:
                self._value(name, value, path)
            else:
                self._unknown(name, path, self.library.questions)

    def _unknown(
        self, name: str, path: tuple[PathStep, ...], known: Iterable[str]
    ) -> None:
        # One that is known but misplaced was brought home by `migrations`.
        self._wrong(path, unknown_id("question", name, known))

    def _theme(self, theme: str, given: Any) -> None:
        path = ("themes", theme)
        if theme not in self.library.themes:
            self._wrong(path, unknown_id("thème", theme, self.library.themes))
            return
        if not isinstance(given, dict):
            self._wrong(path, f"« {theme} » doit contenir des lignes « nom: valeur ».")
            return
        for name, value in given.items():
            owned = self.library.owned.get(name)
            if name == "options":
                self._options(theme, value)
            elif owned is None or owned.theme != theme:
                here = [n for n, o in self.library.owned.items() if o.theme == theme]
                self._unknown(name, (*path, name), [*here, "options"])
            else:
                self._value(name, value, (*path, name))

    def _options(self, theme: str, given: Any) -> None:
        path: tuple[PathStep, ...] = ("themes", theme, "options")
        if isinstance(given, dict) and OPEN in given:
            self._open(
                theme,
                given,
                path,
                lambda index, slugs: self._slugs(theme, slugs, (*path, OPEN, index)),
            )
            if theme in self.open:
                first = self.open[theme].candidates[0]
                assert isinstance(first, tuple)
                self.chosen[theme] = tuple(map(str, first))
            return
        chosen = self._slugs(theme, given, path)
        if chosen is not None:
            self.chosen[theme] = chosen

    def _slugs(
        self, theme: str, given: Any, path: tuple[PathStep, ...]
    ) -> tuple[str, ...] | None:
        """Return the options a list names, noting what is wrong in it."""
        slugs = (given,) if isinstance(given, str) else given
        if slugs is None:
            slugs = ()
        if not isinstance(slugs, tuple) or not all(isinstance(s, str) for s in slugs):
            self._wrong(path, "« options » doit être une liste de noms : [a, b].")
            return None
        known = [option.slug for option in self.library.options_by_theme[theme]]
        for index, slug in enumerate(slugs):
            if slug not in known:
                self._wrong((*path, index), unknown_id("option", slug, known))
        try:
            if slugs:
                check_count(self.library, theme, len(set(slugs)))
        except InputError as error:
            self._wrong(path, str(error))
        return tuple(f"{theme}/{slug}" for slug in known if slug in slugs)

    def _open(
        self,
        key: str,
        given: Mapping[str, Any],
        path: tuple[PathStep, ...],
        parse: Callable[[int, Any], Answer | None],
    ) -> None:
        """Read a point left à débattre, each candidate as an answer of its own."""
        for unknown in given.keys() - set(_OPEN_KEYS):
            self._wrong((*path, unknown), unknown_key(unknown, _OPEN_KEYS))
        listed = given.get(OPEN)
        if not isinstance(listed, tuple):
            self._wrong(
                path,
                f"un point à débattre s’écrit « {OPEN}: » suivi de la liste des "
                "propositions.",
            )
            return
        asked = given.get("question") or ""
        parsed = [parse(index, candidate) for index, candidate in enumerate(listed)]
        candidates = [candidate for candidate in parsed if candidate is not None]
        if len(candidates) < len(parsed):
            return
        try:
            if not isinstance(asked, str):
                raise InputError("« question » doit être un texte.")
            self.open[key] = open_answer(candidates, asked)
        except InputError as error:
            self._wrong(path, f"« {key} » : {error}")

    def _value(self, name: str, given: Any, path: tuple[PathStep, ...]) -> None:
        if isinstance(given, dict) and OPEN in given:
            if not self.library.owned[name].owner:
                self._wrong(
                    path,
                    f"« {name} » décrit la collectivité : cette réponse ne se laisse "
                    "pas à débattre.",
                )
                return
            self._open(
                name,
                given,
                path,
                lambda index, one: self._parsed(name, one, (*path, OPEN, index)),
            )
            if name in self.open:
                self.values[name] = self.open[name].candidates[0]
            return
        value = self._parsed(name, given, path)
        if value is not None:
            self.values[name] = value

    def _parsed(
        self, name: str, given: Any, path: tuple[PathStep, ...]
    ) -> Answer | None:
        """Return one value, noting what is wrong with it."""
        question = self.library.owned[name].question
        if given is None and not getattr(question, "optional", False):
            self._wrong(
                path, f"« {name} » n’a pas de valeur : écrivez-la, ou retirez la ligne."
            )
            return None
        try:
            return question.parse(given)
        except InputError as error:
            self._wrong(path, f"« {name} » : {error}")
            return None

    def _text(
        self,
        section: str,
        keys: str,
        known: Collection[str],
        form: TypeAdapter[T],
        unit: str,
        given: Any,
        found: dict[str, T],
    ) -> None:
        """Read what a section holds for a unit: a text and what goes with it."""
        path: tuple[PathStep, ...] = (section, unit)
        if unit not in known:
            self._wrong(path, unknown_id("thème", unit, known))
            return
        if not isinstance(given, dict):
            self._wrong(path, f"« {unit} » doit contenir {keys}.")
            return
        try:
            found[unit] = validate("answers", form, given)
        except DocumentErrors as error:
            for problem in error.problems:
                self._wrong((*path, *problem.path), problem.message)


# --- writing -------------------------------------------------------------------------


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # never folded: what was typed stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def dump_answers(library: Library, answers: Answers, before: str = "") -> str:
    """Return the text of `answers.yml`, over the text that was there.

    Only what changed is written again: the rest keeps its comments, order and quotes.
    """
    yaml = _round_trip()
    document = yaml.load(before) if before.strip() else None
    if not isinstance(document, CommentedMap):
        document = CommentedMap()
        before = ""
    old = _Reader(library)
    data = parse_as_typed(before) or {}
    moves: list[Move] = []
    if isinstance(data, dict):
        moves = migrations(library, data)
        _migrate(document, moves)
        apply_moves(data, moves)
    old.read(data)
    if old.act_date != answers.act_date:
        document["act_date"] = SingleQuotedScalarString(answers.act_date)
    if old.profile != answers.profile:
        document["profile"] = answers.profile
    for theme, options in answers.chosen.items():
        point = answers.open.get(theme)
        if point != old.open.get(theme) or set(options) != set(
            old.chosen.get(theme, ("",))
        ):
            _section(document, "themes", theme)["options"] = _written(
                options, point, _slugs_of
            )
    for name, value in answers.values.items():
        point = answers.open.get(name)
        if name not in old.values or (value, point) != (
            old.values[name],
            old.open.get(name),
        ):
            _section(document, *_place(library, name))[name] = _written(
                value, point, partial(_scalar, library, name)
            )
    for theme, local in answers.local.items():
        if old.local.get(theme) != local:
            place = _section(document, "local", theme)
            _put(place, "text", _prose(local.text))
            _put(place, "reason", _prose(local.reason))
    for unit, adopted in answers.adopted.items():
        if old.adopted.get(unit) != adopted:
            place = _section(document, "adopted", unit)
            _put(place, "text", _prose(adopted.text))
            _put(place, "contributions", _on_one_line(adopted.contributions))
            _put(place, "of", SingleQuotedScalarString(adopted.of))
    for theme in old.chosen.keys() - answers.chosen.keys():
        del document["themes"][theme]["options"]
    for name in old.values.keys() - answers.values.keys():
        del _section(document, *_place(library, name))[name]
    for theme in old.local.keys() - answers.local.keys():
        del document["local"][theme]
    for unit in old.adopted.keys() - answers.adopted.keys():
        del document["adopted"][unit]
    out = StringIO()
    yaml.dump(document, out)
    text = out.getvalue()
    if moves:
        moved = {move.source: move.target for move in moves}
        text = with_comments(before, text, moved)
    return (HEADER if not before else "") + text


def answer_lines(path: Path, library: Library) -> dict[str, int]:
    """Return the line of each answer of a file, by name of question."""
    text = _read(path)
    finder = LineFinder(text)
    return {
        name: finder.of((*_place(library, name), name))
        for name in load_answers_text(text, library, str(path)).values
    }


def answers_moved(path: Path, library: Library) -> list[str]:
    """Return what following the library changes in a file of answers, in sentences."""
    try:
        data = parse_as_typed(_read(path))
    except InputError:
        return []  # `load_answers` says what is wrong, on its line.
    if not isinstance(data, dict):
        return []
    return [move.said for move in migrations(library, data)]


def _migrate(document: CommentedMap, moves: list[Move]) -> None:
    """Apply moves to the file itself: comments and order stay where they can."""
    for move in _in_renamed_sections(document, moves):
        holder, key = _holder(document, move.source), move.source[-1]
        if holder is None and move.source == move.target:
            continue
        value = _as_lists(move.value)
        same_section = move.source[:-1] == move.target[:-1]
        if holder is not None:
            is_list = isinstance(holder[key], CommentedMap | CommentedSeq)
            stays = not is_list or (same_section and not move.keeps_source)
            # With its quotes, as a person wrote it. A list is copied: written twice,
            # it would be an alias; elsewhere, its comments would come with it.
            as_written = stays and not move.changes_value
            value = holder[key] if as_written else _styled(value, holder[key])
        if holder is not None and same_section and not move.keeps_source:
            place = list(holder).index(key)
            comment = holder.ca.items.pop(key, None)
            del holder[key]
            holder.insert(place, move.target[-1], value)
            if comment is not None:
                holder.ca.items[move.target[-1]] = comment
            continue
        if holder is not None and not move.keeps_source:
            del holder[key]
            holder.ca.items.pop(key, None)
        put(document, move.target, value)
        _drop_empty_sections(document, move.source)


def _in_renamed_sections(document: CommentedMap, moves: list[Move]) -> list[Move]:
    """Rename the sections that move as a whole; return the moves from their new names.

    Their comments and their order then stay.
    """
    for section in ("themes", "local", "adopted"):
        themes = document.get(section)
        for old in list(themes) if isinstance(themes, CommentedMap) else ():
            inside = [m for m in moves if m.source[:2] == (section, str(old))]
            names = {m.target[:2] for m in inside}
            whole = isinstance(themes[old], CommentedMap) and len(inside) == len(
                themes[old] if section == "themes" else [old]
            )
            if not whole or len(names) != 1 or any(m.keeps_source for m in inside):
                continue
            (kind, new), *_ = names
            if kind != section or new in themes:
                continue
            _rename_key(themes, old, new)
            moves = [
                replace(m, source=(section, new, *m.source[2:])) if m in inside else m
                for m in moves
            ]
    return moves


def _rename_key(holder: CommentedMap, old: str, new: str) -> None:
    place, value = list(holder).index(old), holder[old]
    comment = holder.ca.items.pop(old, None)
    del holder[old]
    holder.insert(place, new, value)
    if comment is not None:
        holder.ca.items[new] = comment


def _drop_empty_sections(document: CommentedMap, path: tuple[str, ...]) -> None:
    """Drop the sections an answer left empty: a comment before « {} » is no YAML."""
    for length in range(len(path) - 1, 0, -1):
        holder, key = _holder(document, path[:length]), path[length - 1]
        if holder is not None and holder[key] == {}:
            del holder[key]
            holder.ca.items.pop(key, None)


def _as_lists(value: Any) -> Any:
    """Return plain data as the file holds it: tuples are lists there."""
    if isinstance(value, tuple):
        return [_as_lists(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _as_lists(item) for key, item in value.items()}
    return value


def _styled(value: Any, like: Any) -> Any:
    """Return a value written on one line where the value it replaces is."""
    styled: Any = value
    if isinstance(value, list) and isinstance(like, CommentedSeq):
        items = like[: len(value)] + [None] * (len(value) - len(like))
        styled = CommentedSeq(map(_styled, value, items))
    elif isinstance(value, dict) and isinstance(like, CommentedMap):
        pairs = {key: _styled(one, like.get(key)) for key, one in value.items()}
        styled = CommentedMap(pairs)
    if styled is not value and like.fa.flow_style():
        styled.fa.set_flow_style()
    return styled


def _holder(document: CommentedMap, path: tuple[str, ...]) -> CommentedMap | None:
    for key in path[:-1]:
        document = document.get(key)
        if not isinstance(document, CommentedMap):
            return None
    return document if path[-1] in document else None


def _place(library: Library, name: str) -> tuple[str, ...]:
    """Return the sections of the file that hold a question."""
    owned = library.owned[name]
    return ("themes", owned.theme) if owned.owner else ("questions",)


def _section(document: CommentedMap, *keys: str) -> CommentedMap:
    for key in keys:
        if not isinstance(document.get(key), CommentedMap):
            document[key] = CommentedMap()
        document = document[key]
    return document


def _put(document: CommentedMap, key: str, value: Any) -> None:
    if key not in document or document[key] != value:
        document[key] = value


def _on_one_line(items: Iterable[str]) -> CommentedSeq:
    listed = CommentedSeq(items)
    listed.fa.set_flow_style()
    return listed


def _prose(text: str) -> Any:
    """Return a long text as a `|` block, unless a block would not give it back."""
    lines = text.split("\n")
    if "\t" in text or not lines[0] or not lines[-1]:
        return DoubleQuotedScalarString(text)
    if any(line != line.strip() for line in lines):
        return DoubleQuotedScalarString(text)
    return LiteralScalarString(text) if len(lines) > 1 or len(text) > 80 else text


def _written(
    settled: Answer, point: OpenAnswer | None, write: Callable[[Answer], Any]
) -> Any:
    """Return an answer as the file holds it, settled or left à débattre."""
    if point is None:
        return write(settled)
    listed = CommentedSeq(map(write, point.candidates))
    question = {"question": _prose(point.question)} if point.question else {}
    return CommentedMap({OPEN: listed, **question})


def _slugs_of(options: Answer) -> list[str]:
    assert isinstance(options, tuple)
    return [str(option).split("/")[1] for option in options]


def _scalar(library: Library, name: str, value: Answer) -> Any:
    question = library.owned[name].question
    if isinstance(value, Decimal):
        return float(value)
    if question.kind in ("time", "date"):
        return SingleQuotedScalarString(str(value))
    if isinstance(question, RowsQuestion) and isinstance(value, tuple):
        return [dict(zip(question.columns, row, strict=True)) for row in value]
    if isinstance(value, tuple):
        return list(value)
    return value


def create_answers(path: Path, library: Library, answers: Answers) -> None:
    """Write the first answers of a workspace."""
    _save(path, library, answers, "")


def update_answers(
    path: Path, library: Library, change: Callable[[Answers], Answers]
) -> Answers:
    """Apply one change to the answers on the disk; return them as they now stand.

    Reads and writes under a lock: what another process saved meanwhile stays.
    """
    with locked(path):
        text = _read(path)
        before = load_answers_text(text, library, str(path))
        after = change(before)
        return before if after == before else _save(path, library, after, text)


def _save(path: Path, library: Library, answers: Answers, before: str) -> Answers:
    """Write the answers, and return them as they will be read again.

    Raises `InputError`, the file as it was, when they would not be read the same.
    """
    text = dump_answers(library, answers, before)
    again = load_answers_text(text, library, str(path))
    same = again.model_copy(update={"chosen": _as_sets(again)}) == answers.model_copy(
        update={"chosen": _as_sets(answers)}
    )
    if not same or not is_readable(text):
        raise InputError(
            f"{path} : ces réponses ne tiennent pas dans le fichier "
            f"({MAX_FILE // 1024} Kio au plus, texte simple). L’ancien fichier est "
            "intact : raccourcissez la réponse."
        )
    write_atomic(path, text)
    return again


def _as_sets(answers: Answers) -> dict[str, frozenset[str]]:
    return {theme: frozenset(options) for theme, options in answers.chosen.items()}
