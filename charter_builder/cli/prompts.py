"""Asks one step in a terminal: plain lines, no cursor tricks.

They work over SSH, in forty columns, with a screen reader, with LANG=C. A one-letter
command counts only when alone on its line; doubled, it is the character itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import click
from pydantic import ValidationError

from charter_builder import french
from charter_builder.assembly import assemble
from charter_builder.bounds import broken_bound, range_sentence
from charter_builder.cli import report
from charter_builder.cli.comparison import comparison_text
from charter_builder.errors import CharterError, InputError, shown
from charter_builder.evaluation import cite, render_line
from charter_builder.interview import (
    State,
    Step,
    answer_options,
    candidate_shown,
    is_recommended,
    offered_options,
    preview_answers,
    proposed_answer,
    proposed_options,
    why_recommended,
)
from charter_builder.library import Library, Option
from charter_builder.open_points import LETTERS
from charter_builder.questionnaire import (
    MAX_CANDIDATES,
    MEASURED,
    MIN_CANDIDATES,
    Answer,
    Answers,
    BoolQuestion,
    ChoiceQuestion,
    ChoicesQuestion,
    LocalParagraph,
    OpenAnswer,
    Question,
    RowsQuestion,
    TextQuestion,
    TextsQuestion,
    open_answer,
)
from charter_builder.references import Reference
from charter_builder.typography import NBSP, polish

COMMANDS = {
    "?": "l’aide de la question, et ce que disent les textes",
    "v": "voir l’article tel que vos réponses l’écrivent",
    "=": "comparer les options d’un article",
    "<": "revenir à la question d’avant",
    ">": "aller à une autre question",
    "r": "prendre ce qui est proposé pour le reste de l’article",
    "*": "prendre ce qui est proposé pour le reste de la section",
    "d": "laisser ce point à débattre, avec deux ou trois propositions",
    "+": "ajouter à l’article un paragraphe de votre main",
    "q": "s’arrêter ici ; tout est enregistré",
}
ALL_COMMANDS = "??"
FIRST_COMMANDS = ("?", "<", "r", "*", "q")
"""Those to know before the first question; `??` lists the others."""

LONG = 12
"""After that many lines, half a screen, a question is out of sight: it is repeated."""


_MORE_HELP = f"({ALL_COMMANDS}{NBSP}: toutes les commandes)"


class Command(Exception):
    """A command that leaves the question as it stands."""


class GoBack(Command):
    """The person wants the previous question."""


class Jump(Command):
    """The person wants another question, anywhere."""


class LeaveOpen(Command):
    """The person leaves this question à débattre."""


class AddParagraph(Command):
    """The person adds a paragraph of their own to this article."""


class TakeSection(Command):
    """The person takes every recommended answer of this section."""


class TakeArticle(Command):
    """The person takes every recommended answer left in this article."""


class Quit(Command):
    """The person stops here."""


_LEAVING: Mapping[str, type[Command]] = {
    "<": GoBack,
    ">": Jump,
    "r": TakeArticle,
    "*": TakeSection,
    "d": LeaveOpen,
    "+": AddParagraph,
    "q": Quit,
}

Given = Answer | OpenAnswer
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """A step with all that is needed to put it to a person."""

    library: Library
    answers: Answers
    state: State
    step: Step
    progress: str

    @property
    def on(self) -> str:
        return self.answers.act_date


def say(text: str = "", indent: str = "", first: str | None = None) -> None:
    """Print one paragraph, folded to the terminal."""
    click.echo(report.wrapped(text, indent, first))


def read_line(mark: str = "> ") -> str:
    """Return one typed line, without its ends."""
    line: str = click.prompt(
        "", prompt_suffix=mark, default="", show_default=False, type=str
    )
    return line.strip()


def ask_step(asked: Asked) -> Given:
    """Put one step to the person; return a checked answer.

    Raises `GoBack`, `Jump`, `TakeArticle`, `TakeSection`, `AddParagraph` or `Quit` when
    one of these commands is typed.
    """
    say()
    say(asked.progress)
    if asked.step.kind == "options":
        return _ask_options(asked)
    return _ask_question(asked)


def _ask_options(asked: Asked) -> Given:
    library, theme = asked.library, asked.library.themes[asked.step.id]
    offered = offered_options(library, asked.state.context, theme.id)
    current = asked.state.chosen.get(theme.id)
    proposed = current
    if proposed is None:
        proposed = proposed_options(library, asked.answers, asked.state, theme.id)
    numbers = [str(n) for n, o in enumerate(offered, 1) if o.id in proposed]
    lines = [
        report.wrapped(polish(theme.title).upper()),
        report.wrapped(theme.question),
    ]
    if current is None and theme.id in asked.answers.chosen:
        lapsed = (
            "Votre réponse d’avant ne va plus avec les autres : choisissez à nouveau."
        )
        lines.append(report.wrapped(lapsed))
    for number, option in enumerate(offered, 1):
        lines += _option_lines(asked, number, option)
    left_open = asked.state.open.get(theme.id)
    if left_open:
        lines += _open_lines(library, theme.id, left_open)
    else:
        kept = current is not None
        hints = _options_hint(theme.choose, len(offered), numbers, kept)
        lines += [report.wrapped(hint) for hint in hints]
    question = "\n".join(lines)
    click.echo(question)

    def parse(line: str) -> tuple[str, ...]:
        settled = _candidate(left_open, line)
        if isinstance(settled, tuple):
            return tuple(str(option) for option in settled)
        if line == "0" and theme.choose == "optional":
            line = ""
        picked = _picked(_words(line), [option.slug for option in offered])
        after = answer_options(library, asked.answers, theme.id, picked)
        return after.chosen[theme.id]

    def default() -> Given:
        if left_open:
            return left_open
        slugs = [option.split("/")[1] for option in proposed]
        return answer_options(library, asked.answers, theme.id, slugs).chosen[theme.id]

    def article(line: str) -> str:
        number = line[1:]
        wanted: Sequence[str] = proposed
        if number.isdecimal() and 1 <= int(number) <= len(offered):
            wanted = (offered[int(number) - 1].id,)
        return _article(asked, wanted)

    keyboard = _Keyboard(
        question,
        lambda: _theme_help(asked, offered),
        article,
        lambda: comparison_text(library, theme, offered, asked.on),
        numbered=True,
    )
    return _loop_or_open(
        keyboard,
        parse,
        default,
        lambda: _leave_open(
            keyboard,
            theme.question,
            "les numéros des options, comme 1,2",
            parse,
        ),
    )


def _options_hint(
    choose: str, count: int, proposed: list[str], kept: bool
) -> list[str]:
    """Return what Enter takes, and what else may be typed, a line each."""
    hints = []
    if count > 1:
        several = f"Tapez un numéro, ou plusieurs séparés par une virgule{NBSP}: 1,2."
        hints.append("Tapez un numéro." if choose == "one" else several)
        hints.append(f"v{count}{NBSP}: lire l’article avec l’option {count}.")
    if choose == "optional":
        hints.append(f"0{NBSP}: aucune option, l’article disparaît.")
    if proposed or choose == "optional":
        what = "garde votre réponse" if kept else "prend"
        hints.append(f"Entrée {what} : {french.enumeration(proposed) or 'aucune'}.")
    elif count == 1:
        hints.append("Tapez un numéro.")
    return hints


def _option_lines(asked: Asked, number: int, option: Option) -> list[str]:
    mark = ""
    if is_recommended(option, asked.state.context):
        mark = "  [recommandée]"
    return [
        report.wrapped(option.title + mark, "     ", f"  {number}. "),
        report.wrapped(_filled(asked, option.summary), "     "),
    ]


def _theme_help(asked: Asked, offered: Sequence[Option]) -> str:
    theme = asked.library.themes[asked.step.id]
    settles = f"Ce que l’article règle : {_filled(asked, theme.settles)}"
    lines = [report.wrapped(settles)]
    for option in offered:
        why = why_recommended(asked.library, option, asked.state.context)
        if why:
            lines.append(report.wrapped(f"« {option.title} » : {why}.", "  "))
    return "\n".join([*lines, *_source_lines(asked, theme.references), _MORE_HELP])


def _open_lines(library: Library, key: str, point: OpenAnswer) -> list[str]:
    """Return the candidates of a point that is open already."""
    lines = [report.wrapped("Laissé à débattre :")]
    for letter, candidate in zip(LETTERS, point.candidates, strict=False):
        shown_ = candidate_shown(library, key, candidate)
        lines.append(report.wrapped(shown_, "     ", f"  {letter}. "))
    if point.question:
        lines.append(report.wrapped(f"Question aux parties : {point.question}"))
    lines.append(
        report.wrapped(
            "Entrée garde ces propositions ; une lettre ou une autre réponse tranche le "
            "point."
        )
    )
    return lines


def _candidate(point: OpenAnswer | None, line: str) -> Answer | None:
    """Return the candidate that a letter typed at an open point stands for, if any."""
    candidates = dict(zip(LETTERS, point.candidates, strict=False)) if point else {}
    return candidates.get(line.upper())


def _ask_question(asked: Asked) -> Given:
    library, name = asked.library, asked.step.id
    question = library.owned[name].question
    current = asked.answers.values.get(name)
    proposed = current
    if proposed is None:
        proposed = proposed_answer(library, asked.answers, asked.state, name)
    if proposed is None and isinstance(question, TextQuestion) and question.optional:
        proposed = ""
    what = "garde votre réponse" if current is not None else "prend"
    left_open = asked.state.open.get(name)
    text = "\n".join(
        [
            *_question_lines(asked, question),
            *(
                _open_lines(library, name, left_open)
                if left_open
                else _proposed_lines(f"Entrée {what} :", question, proposed)
            ),
        ]
    )
    click.echo(text)
    keyboard = _Keyboard(
        text,
        lambda: _question_help(asked, question),
        lambda _: _article(asked, None),
        lambda: "Rien à comparer ici : « = » compare les options d’un article.",
    )

    def parse(line: str) -> Answer:
        settled = _candidate(left_open, line)
        if settled is not None:
            return settled
        if isinstance(question, TextsQuestion | RowsQuestion):
            return _parse_lines(keyboard, question, line, proposed)
        return candidate(line)

    def candidate(line: str) -> Answer:
        value = question.parse(_without_numbers(question, line))
        _refuse_unlawful(asked, name, question, value)
        return value

    def default() -> Given:
        if left_open:
            return left_open
        if proposed is None:
            raise InputError("une réponse est nécessaire ici.")
        return proposed

    def leave_open() -> OpenAnswer:
        if not library.owned[name].owner:
            raise InputError(
                "cette réponse décrit la collectivité : elle ne se laisse pas à débattre."
            )
        both = _both_answers(question, proposed)
        if both:
            shown_ = " et ".join(f"« {question.show(answer)} »" for answer in both)
            say(f"À débattre, entre {shown_}. « < » y renonce.")
            return open_answer(both, _question_to_parties(keyboard, question.label))
        how = "une réponse possible"
        if isinstance(question, TextsQuestion | RowsQuestion):
            how = "ses éléments séparés par « ; »"
        elif isinstance(question, ChoiceQuestion):
            how = "un des numéros ci-dessus"
        return _leave_open(keyboard, question.label, how, candidate)

    return _loop_or_open(keyboard, parse, default, leave_open)


def _leave_open(
    keyboard: "_Keyboard",
    asked: str,
    how: str,
    parse: Callable[[str], Answer],
) -> OpenAnswer:
    """Read two or three candidates, then the question to the parties."""
    say(
        f"À débattre : deux ou trois propositions, une par ligne ({how}) ; une ligne "
        "vide termine. La première sert à rédiger le reste du projet. « < » y renonce."
    )
    candidates: list[Answer] = []
    while len(candidates) < MAX_CANDIDATES:
        say(f"Proposition {LETTERS[len(candidates)]}", "  ")
        line = keyboard.line()
        if line:
            value = _try(parse, line)
            if value is not None and value in candidates:
                say("Non : cette proposition est déjà là.", "  ", "! ")
            elif value is not None:
                candidates.append(value)
        elif len(candidates) >= MIN_CANDIDATES:
            break
        else:
            say(f"Non : il faut {MIN_CANDIDATES} propositions au moins.", "  ", "! ")
    while True:
        question = _question_to_parties(keyboard, asked)
        point = _try(lambda line: open_answer(candidates, line), question)
        if point is not None:
            return point


def _question_to_parties(keyboard: "_Keyboard", asked: str) -> str:
    say(f"Quelle question poser aux syndicats et aux agents ? (Entrée : « {asked} »)")
    return keyboard.line()


def _both_answers(question: Question, proposed: Answer | None) -> list[Answer]:
    """Return the two answers of a question that has only two, the proposed one first."""
    answers: list[Answer] = []
    if isinstance(question, BoolQuestion):
        answers = [True, False]
    elif (
        isinstance(question, ChoiceQuestion) and len(question.choices) == MIN_CANDIDATES
    ):
        answers = list(question.choices)
    return sorted(answers, key=lambda answer: answer != proposed)


def _loop_or_open(
    keyboard: "_Keyboard",
    parse: Callable[[str], Answer],
    default: Callable[[], Given],
    leave_open: Callable[[], OpenAnswer],
) -> Given:
    """Read an answer, or the candidates of a point left à débattre."""
    while True:
        try:
            return _loop(keyboard, parse, default)
        except LeaveOpen:
            pass
        try:
            point = _try(lambda _: leave_open(), "")
        except GoBack:
            say("Rien n’est laissé à débattre.")
            point = None
        if point is not None:
            return point
        click.echo(keyboard.question)


def _question_lines(asked: Asked, question: Question) -> list[str]:
    lines = []
    if asked.step.theme:
        lines.append(report.wrapped(asked.library.themes[asked.step.theme].title))
    lines.append(report.wrapped(question.label))
    if isinstance(question, ChoiceQuestion | ChoicesQuestion):
        for number, label in enumerate(question.choices.values(), 1):
            lines.append(report.wrapped(label, "     ", f"  {number}. "))
    hint = _hint(question, asked)
    return [*lines, report.wrapped(hint)] if hint else lines


def _proposed_lines(
    what: str, question: Question, proposed: Answer | None
) -> list[str]:
    """Return what Enter takes, if anything; a list or a table is shown whole."""
    if proposed is None:
        return []
    if not isinstance(question, TextsQuestion | RowsQuestion) or not proposed:
        return [report.wrapped(f"{what} {question.show(proposed)}")]
    assert isinstance(proposed, tuple)
    return [
        report.wrapped(what),
        *_numbered(proposed),
        report.wrapped(
            f"Pour n’en changer qu’une partie{NBSP}: « + texte » ajoute une ligne, "
            f"« -{len(proposed)} » retire la dernière."
        ),
    ]


def _numbered(items: Sequence[object]) -> list[str]:
    """Return the items of a list, or the rows of a table, with their numbers."""
    return [
        report.wrapped(
            " | ".join(item) if isinstance(item, list | tuple) else str(item),
            "     ",
            f"{number:3}. ",
        )
        for number, item in enumerate(items, 1)
    ]


def _hint(question: Question, asked: Asked) -> str:
    if isinstance(question, BoolQuestion):
        return "oui ou non"
    if isinstance(question, TextsQuestion):
        return (
            "Pour écrire votre liste : un élément par ligne ; une ligne vide termine."
        )
    if isinstance(question, RowsQuestion):
        columns = " | ".join(question.columns.values())
        return (
            f"Pour écrire vos lignes : « {columns} » ; une ligne vide termine. 0 : aucune "
            "ligne."
        )
    if isinstance(question, ChoicesQuestion):
        return f"Tapez un numéro, ou plusieurs séparés par une virgule{NBSP}: 1,2."
    if isinstance(question, MEASURED):
        figures = asked.library.figures_on(asked.on)
        unit = getattr(question, "unit", None)
        usual = range_sentence(question, question.usual, figures)
        legal = range_sentence(question, question.legal, figures)
        told = f"D’usage : {usual}. " if usual else ""
        told += f"Limite légale : {legal}." if legal else ""
        # A range says the unit already.
        return told or (f"En {unit}." if unit and unit not in question.label else "")
    return ""


def _parse_lines(
    keyboard: "_Keyboard",
    question: TextsQuestion | RowsQuestion,
    first: str,
    proposed: Answer | None,
) -> Answer:
    """Read the lines that follow the first; a wrong one is asked again, alone.

    A first line that adds or removes one keeps what was proposed: nobody types eleven
    lines again to change one.
    """
    if isinstance(question, RowsQuestion) and first == "0":
        return question.parse([])
    unfinished = question.model_copy(update={"min_items": 0})
    items: list[object] = []
    if _changes_list(first) and isinstance(proposed, tuple):
        items += proposed

    def change(line: str) -> None:
        removed = _REMOVED.fullmatch(line)
        if removed:
            if not 1 <= int(removed[1]) <= len(items):
                raise InputError(f"il n’y a pas de ligne {removed[1]}.")
            del items[int(removed[1]) - 1]
            return
        given: object = line.removeprefix("+ ").strip().rstrip(" ;")
        if isinstance(question, RowsQuestion):
            given = [cell.strip() for cell in str(given).split("|")]
        unfinished.parse([*items, given])
        items.append(given)

    def take(line: str) -> None:
        change(line)
        if _changes_list(line):
            click.echo("\n".join(_numbered(items)))
            say("Une ligne vide termine.")

    take(first)
    while True:
        try:
            line = keyboard.line("+ ")
        except Command:
            say("Les lignes tapées ici ne sont pas enregistrées.")
            raise
        if line:
            _try(take, line)
            continue
        parsed = _try(lambda _: question.parse(items), line)
        if parsed is not None:
            return parsed


_REMOVED = re.compile(r"- ?(\d{1,3})")


def _changes_list(line: str) -> bool:
    """Whether a line adds to a list or removes from it, rather than replaces it."""
    return line.startswith("+ ") or _REMOVED.fullmatch(line) is not None


def _without_numbers(question: Question, line: str) -> str:
    """Return the values that the numbers of a list of choices stand for.

    Only here: in a file, « 2 » would change meaning the day choices are reordered.
    """
    match question:
        case ChoiceQuestion():
            return _picked([line], list(question.choices))[0]
        case ChoicesQuestion():
            return ",".join(_picked(_words(line), list(question.choices)))
    return line


def _words(line: str) -> list[str]:
    words = line.replace(";", " ").replace(",", " ").split()
    return [word for word in words if word != "et"]


def _picked(words: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return what was typed, each number replaced by the value it stands for.

    Raises `InputError` for a number that stands for none, or an unknown word.
    """
    picked = []
    for word in words:
        if word in values:
            picked.append(word)
        elif word.isdecimal() and 1 <= int(word) <= len(values):
            picked.append(values[int(word) - 1])
        else:
            raise InputError(
                f"« {shown(word)} » n’est pas un numéro de 1 à {len(values)}."
            )
    return picked


def _refuse_unlawful(
    asked: Asked, name: str, question: Question, value: Answer
) -> None:
    figures = asked.library.figures_on(asked.on)
    context = {**asked.state.context, name: value}
    legal = broken_bound(question, value, context, figures)
    if legal is None:
        return
    sources = cite(legal.references, asked.library.references, asked.on)
    told = (
        f"la limite légale est : {range_sentence(question, legal, figures)} "
        f"({sources[0].text}). {_filled(asked, legal.remedy)}"
    )
    main = asked.library.references[legal.references[0]]
    if main.effective_severity == "error":
        raise InputError(told)
    # As `charter check` will say: a source that was not verified refuses nothing.
    say(f"À vérifier : {told}", "  ", "! ")


def _question_help(asked: Asked, question: Question) -> str:
    facts = list(question.references)
    if isinstance(question, MEASURED) and question.legal:
        facts = [*question.legal.references, *facts]
    lines = _source_lines(asked, dict.fromkeys(facts))
    if question.help:
        lines.insert(0, report.wrapped(_filled(asked, question.help)))
    lines = lines or ["Pas d’aide pour cette question."]
    return "\n".join([*lines, _MORE_HELP])


def _source_lines(asked: Asked, facts: Iterable[str]) -> list[str]:
    """Return what the sources say, those of one text together."""
    by_source: dict[str, list[Reference]] = {}
    for citation in cite(facts, asked.library.references, asked.on):
        reference = asked.library.references[citation.id]
        by_source.setdefault(citation.label, []).append(reference)
    lines = []
    for label, references in by_source.items():
        said = " ".join(reference.says for reference in references)
        lines.append(report.wrapped(f"{said} — {label}", "    ", "  · "))
        notes = dict.fromkeys(r.note for r in references if r.note)
        lines += [report.wrapped(f"Réserve : {note}", "    ") for note in notes]
    return lines


def _filled(asked: Asked, source: str) -> str:
    return polish(
        render_line(
            source, dict(asked.state.context), asked.library.references, asked.on
        )
    )


def _article(asked: Asked, options: Sequence[str] | None) -> str:
    """Return the article these options give, with the answers given so far."""
    theme = asked.step.theme
    if not theme:
        return report.wrapped(
            "Cette réponse sert à tout le projet : elle n’a pas de texte à elle."
        )
    answers = asked.answers
    if options is not None:
        answers = answers.with_options(theme, options)
    try:
        charter = assemble(asked.library, preview_answers(asked.library, answers))
    except CharterError as error:
        return report.wrapped(f"Le texte ne peut pas encore être montré : {error}")
    article = charter.article(theme)
    if article is None:
        return "Sans option, l’article disparaît."
    return f"\n{report.article_text(article)}\n\n{report.marks_text([article])}\n"


@dataclass(frozen=True)
class _Keyboard:
    """Reads lines; answers the commands, or raises those that leave the question."""

    question: str
    help: Callable[[], str]
    article: Callable[[str], str]
    compare: Callable[[], str]
    numbered: bool = False
    """Whether `v2` shows the second option: elsewhere it is a text."""

    def line(self, mark: str = "> ") -> str:
        """Return one typed line that is no command; a doubled one is the character."""
        while True:
            line = read_line(mark)
            if line == "?":
                self._tell(self.help())
            elif line == ALL_COMMANDS:
                self._tell(all_commands())
            elif line == "v" or (
                self.numbered and line.startswith("v") and line[1:].isdecimal()
            ):
                self._tell(self.article(line))
            elif line == "=":
                self._tell(self.compare())
            elif line in _LEAVING:
                raise _LEAVING[line]
            elif len(line) == 2 and line[0] == line[1] and line[0] in COMMANDS:
                return line[0]
            else:
                return line

    def _tell(self, text: str) -> None:
        click.echo(text)
        if text.count("\n") >= LONG:
            click.echo(f"\n{self.question}")


def _loop(
    keyboard: _Keyboard, parse: Callable[[str], Answer], default: Callable[[], Given]
) -> Given:
    """Read until a command or a valid answer."""
    while True:
        line = keyboard.line()
        answered: Given | None = (
            _try(parse, line) if line else _try(lambda _: default(), line)
        )
        if answered is not None:
            return answered


def _try(parse: Callable[[str], T], line: str) -> T | None:
    try:
        return parse(line)
    except InputError as error:
        say(f"Non : {error}", "  ", "! ")
        return None


def ask_paragraph(title: str, current: LocalParagraph | None) -> LocalParagraph | None:
    """Return a paragraph written for an article, with its reason; None removes it.

    Raises `GoBack` when nothing is to change, `Quit` when the person stops.
    """
    say(f"Paragraphe propre à la collectivité, article « {title} »")
    say(
        "Il est imprimé tel quel, avec la mention « non vérifié par l’outil » : "
        "faites-le relire."
    )
    if current is not None:
        say(f"Aujourd’hui : {current.text}", "    ", "  ")
        say(f"Motif : {current.reason}", "    ", "  ")
        say("« - » seul sur la ligne le retire.")
    say("Écrivez-le ; une ligne vide termine. Une ligne vide d’abord ne change rien.")
    lines: list[str] = []
    while line := plain_line("+ "):
        if line == "-" and current is not None and not lines:
            return None
        lines.append(line)
    if not lines:
        raise GoBack
    while True:
        say("Pourquoi l’ajouter ? Ce motif est publié avec le paragraphe.")
        reason = plain_line("> ")
        if not reason:
            say("Non : le motif est obligatoire.", "  ", "! ")
            continue
        try:
            return LocalParagraph(text="\n".join(lines), reason=reason)
        except ValidationError:
            say(
                "Non : ce texte est trop long. Quatre pages ne font plus un paragraphe : "
                "rien n’a été enregistré.",
                "  ",
                "! ",
            )
            raise GoBack from None


def plain_line(mark: str) -> str:
    """Return one line of free text; only « < » and « q » alone are commands."""
    line = read_line(mark)
    if line == "<":
        raise GoBack
    if line == "q":
        raise Quit
    return line[0] if line in ("<<", "qq") else line


def confirm(question: str) -> bool:
    """Return the answer to a yes-or-no question; Enter says yes."""
    while True:
        say(f"{question} oui ou non (Entrée : oui)")
        line = read_line().lower()
        if line in ("", "o", "oui"):
            return True
        if line in ("n", "non", "<"):
            return False
        if line == "q":
            raise Quit
        say("Non : répondez par oui ou par non.", "  ", "! ")


def legend() -> str:
    """Return the commands to know before the first question, one on a line."""
    return "\n".join(
        [
            report.wrapped(
                "La touche Entrée prend la réponse proposée. Pour autre chose, tapez un "
                "de ces signes, seul, puis Entrée :"
            ),
            *(_command_line(sign) for sign in FIRST_COMMANDS),
            report.wrapped("toutes les commandes", " " * 6, f"  {ALL_COMMANDS}  "),
        ]
    )


def all_commands() -> str:
    """Return every command with what it does."""
    doubled = "Pour répondre par l’une de ces lettres, doublez-la : qq."
    lines = [_command_line(sign) for sign in COMMANDS]
    return "\n".join([*lines, report.wrapped(doubled)])


def _command_line(sign: str) -> str:
    return report.wrapped(COMMANDS[sign], " " * 6, f"  {sign}   ")


def minutes_left(choices: int, questions: int) -> int:
    """Return the minutes that choices of options and other questions take.

    At 220 words a minute, and a few seconds to decide: in the shipped library a choice
    of options shows a hundred words, a question thirty-five. Above ten minutes, to the
    nearest five: nobody knows better.
    """
    minutes = max(1, round((choices * 35 + questions * 12) / 60))
    return minutes if minutes <= 10 else 5 * round(minutes / 5)
