"""`charter ask`: the questionnaire, saved after each answer."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from charter_builder import french
from charter_builder.assembly import IncompleteAnswers, assemble
from charter_builder.bounds import broken_bound, range_sentence
from charter_builder.cli import INTERRUPTED, prompts, report
from charter_builder.cli.common import (
    has_terminal,
    in_workspace,
    warn_of_moved_answers,
    workspace,
)
from charter_builder.cli.effects_report import changes_text, effects_text
from charter_builder.effects import effect_on_text, effects, shown, step_label
from charter_builder.errors import InputError, unknown_id
from charter_builder.evaluation import cite
from charter_builder.interview import (
    State,
    Step,
    act_day,
    answer_options,
    answer_question,
    leave_open,
    section_titles,
    state,
    take_proposed,
)
from charter_builder.library import Library
from charter_builder.questionnaire import Answers, OpenAnswer
from charter_builder.requirements import findings
from charter_builder.rules import Finding
from charter_builder.storage.answers_file import load_partial_answers, update_answers
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import NBSP, fold, polish

LONGEST_IN_LIST = 160
"""Characters of an answer shown in a list: the question itself shows it whole."""
LONGEST_TAKEN = 60
"""The same in the list of answers just taken, which one only glances at."""

REVIEW_COMMANDS = (
    f"Un numéro : revoir cette section · >{NBSP}: chercher une question · "
    f"v{NBSP}: lire le projet · Entrée : terminer"
)
SECTION_COMMANDS = (
    f"Un numéro : ouvrir cet article · t{NBSP}: tout revoir · Entrée : retour"
)
ANSWERS_COMMANDS = (
    f"Un numéro : changer cette réponse · t{NBSP}: tout revoir · Entrée : retour"
)


@click.command()
@in_workspace
@click.option("--section", metavar="SECTION", help="Ne pose que cette section.")
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FICHIER",
    help="Reprend les réponses de ce fichier.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="CLÉ=VALEUR",
    help="Donne une réponse : une question, ou un thème et ses options.",
)
@click.option(
    "--debate",
    "debated",
    multiple=True,
    metavar="CLÉ=VALEUR",
    help="Laisse à débattre : répétez l’option pour chaque proposition.",
)
@click.option(
    "--defaults",
    is_flag=True,
    help="Prend ce qui est proposé là où rien n’est répondu.",
)
@click.option(
    "--preview",
    "previews",
    multiple=True,
    metavar="CLÉ=VALEUR",
    help="Montre ce qu’une réponse changerait, sans rien enregistrer.",
)
@click.pass_context
def ask(
    ctx: click.Context,
    folder: Path | None,
    section: str | None,
    answers_file: Path | None,
    settings: tuple[str, ...],
    debated: tuple[str, ...],
    defaults: bool,
    previews: tuple[str, ...],
) -> None:
    """Pose les questions et enregistre chaque réponse.

    Sans terminal, donnez les réponses par --answers, --set ou --defaults : s’il en
    manque, la commande s’arrête et dit lesquelles.
    """
    place = workspace(folder)
    if section is not None and section not in section_titles(place.library):
        raise InputError(unknown_id("section", section, section_titles(place.library)))
    warn_of_moved_answers(place)
    if previews:
        _preview(place, previews)
        return
    if answers_file or settings or debated or defaults:
        given = _Given(answers_file, settings, debated, defaults)
        _without_terminal(place, section, given)
        return
    if not has_terminal():
        missing = state(place.library, place.answers()).missing
        if missing:
            raise IncompleteAnswers(place.library, missing)
        click.echo("Toutes les réponses sont données.")
        return
    try:
        _Conversation(place, section).run()
    except prompts.Quit:
        prompts.say("Vos réponses sont enregistrées. « charter ask » reprend ici.")
    except (click.Abort, KeyboardInterrupt):
        click.echo()
        prompts.say("Interrompu : vos réponses sont enregistrées.")
        ctx.exit(INTERRUPTED)


def _preview(place: Workspace, settings: tuple[str, ...]) -> None:
    """Show the effects of some answers on the others and on the text; save nothing."""
    library, before = place.library, place.answers()
    after = before
    for setting in settings:
        after = _with_setting(library, after, setting)
    for line in unlawful_values(library, after):
        click.echo(line, err=True)
    found = effects(library, before, after)
    if found:
        click.echo("Réponses :\n" + effects_text(found) + "\n")
    click.echo(changes_text(effect_on_text(library, before, after)))
    click.echo("\nRien n’a été enregistré.")


class _Given(NamedTuple):
    """Answers given on the command line."""

    file: Path | None
    settings: tuple[str, ...]
    debated: tuple[str, ...]
    defaults: bool


def _without_terminal(place: Workspace, section: str | None, given: _Given) -> None:
    library = place.library

    def change(answers: Answers) -> Answers:
        if given.file:
            answers = load_partial_answers(given.file, library, answers)
        for setting in given.settings:
            answers = _with_setting(library, answers, setting)
        answers = _with_debates(library, answers, given.debated)
        if given.defaults:
            answers = take_proposed(library, answers, section)
        return answers

    answers = update_answers(place.answers_path, library, change)
    for line in unlawful_values(library, answers):
        click.echo(line, err=True)
    current = state(library, answers)
    missing = [s for s in current.missing if section in (None, s.section)]
    done = len(current.steps) - len(current.missing)
    click.echo(
        french.counted(done, "réponse enregistrée", "réponses enregistrées") + "."
    )
    if missing and has_terminal():
        # A person answered what they meant to: that is no failure.
        left = french.counted(
            len(missing), "réponse manque encore", "réponses manquent encore"
        )
        click.echo(f"{left} : « charter ask » pose ces questions.")
    elif missing:
        raise IncompleteAnswers(library, missing)


def _with_setting(library: Library, answers: Answers, setting: str) -> Answers:
    key, separator, value = setting.partition("=")
    key = key.strip()
    if not separator:
        raise InputError(f"« {setting} » : écrivez --set clé=valeur.")
    try:
        if key == "act_date":
            return answers.model_copy(update={"act_date": act_day(library, value)})
        if key == "profile":
            if value not in library.profiles:
                raise InputError(unknown_id("profil", value, library.profiles))
            return answers.model_copy(update={"profile": value})
        if key in library.themes:
            slugs = [word.strip() for word in value.split(",") if word.strip()]
            return answer_options(library, answers, key, slugs)
        if key in library.owned:
            return answer_question(library, answers, key, value)
    except InputError as error:
        raise InputError(f"« {key} » : {error}") from None
    known = [*library.owned, *library.themes, "act_date", "profile"]
    raise InputError(unknown_id("réponse", key, known))


def _with_debates(
    library: Library, answers: Answers, debated: Sequence[str]
) -> Answers:
    """Return the answers with the points left open by repeated `--debate`."""
    candidates: dict[str, list[object]] = {}
    for setting in debated:
        key, separator, value = setting.partition("=")
        key = key.strip()
        if not separator:
            raise InputError(f"« {setting} » : écrivez --debate clé=valeur.")
        given: object = value
        if key in library.themes:
            given = [word.strip() for word in value.split(",") if word.strip()]
        candidates.setdefault(key, []).append(given)
    for key, listed in candidates.items():
        try:
            answers = leave_open(library, answers, key, listed)
        except InputError as error:
            raise InputError(f"« {key} » : {error}") from None
    return answers


def unlawful_values(library: Library, answers: Answers) -> list[str]:
    """Return a sentence for each answer outside its legal bound."""
    current = state(library, answers)
    figures = library.figures_on(answers.act_date)
    lines = []
    for name, settled in current.values.items():
        question = library.owned[name].question
        point = current.open.get(name)
        for value in point.candidates if point else (settled,):
            legal = broken_bound(question, value, current.context, figures)
            if legal is None:
                continue
            source = cite(legal.references, library.references, answers.act_date)
            lines.append(
                polish(
                    f"Attention : {question.label.rstrip(' ?')} : "
                    f"{question.show(value)}. La limite légale est : "
                    f"{range_sentence(question, legal, figures)} ({source[0].text}). "
                    "« charter check » le signalera."
                )
            )
    return lines


def _answered(answers: Answers, step: Step, given: prompts.Given) -> Answers:
    if step.kind == "options":
        if isinstance(given, OpenAnswer):
            return answers.with_open_options(step.id, given)
        assert isinstance(given, tuple)
        return answers.with_options(step.id, [str(option) for option in given])
    if isinstance(given, OpenAnswer):
        return answers.with_open_value(step.id, given)
    return answers.with_value(step.id, given)


def _given(answers: Answers, step: Step) -> prompts.Given | None:
    given = answers.chosen if step.kind == "options" else answers.values
    return answers.open.get(step.id) or given.get(step.id)


class _Conversation:
    """One sitting in a terminal: where one is, and what is saved."""

    def __init__(self, place: Workspace, section: str | None) -> None:
        self.place = place
        self.library = place.library
        self.section = section
        self.answers = place.answers()
        self.titles = section_titles(self.library)
        self.shown_section = ""

    def run(self) -> None:
        self._welcome()
        if self.section is not None and not self._missing(
            state(self.library, self.answers)
        ):
            self._walk(self.section, None)
        self._ask_missing()
        if self.section is None:
            self._review()
        else:
            click.echo("\nCette section est complète.")

    def _ask_missing(self) -> None:
        """Ask until nothing is missing."""
        step = self._next_missing(None)
        while step is not None:
            back = None
            try:
                back = self._ask(step, self.section)
            except prompts.TakeSection:
                self._take(step.section, None)
            except prompts.TakeArticle:
                self._take_article(step)
            step = back or self._next_missing(step)

    def _welcome(self) -> None:
        current = state(self.library, self.answers)
        if not current.missing and self.section is None:
            return
        prompts.say(
            "Chaque réponse est enregistrée aussitôt : arrêtez-vous quand vous voulez, "
            "« charter ask » reprend au même endroit."
        )
        left = self._left(current, self._expected())
        if left:
            prompts.say(_time_to_answer(left))
        click.echo()
        click.echo(prompts.legend())

    def _expected(self) -> State:
        """Return the steps to come, counted with the answers proposed."""
        return state(self.library, take_proposed(self.library, self.answers))

    def _left(self, current: State, expected: State) -> list[Step]:
        """Return the steps still to answer, those to come included."""
        return [
            step
            for step in expected.steps
            if self.section in (None, step.section) and not current.is_answered(step)
        ]

    def _missing(self, current: State) -> list[Step]:
        return [s for s in current.missing if self.section in (None, s.section)]

    def _next_missing(self, last: Step | None) -> Step | None:
        """Return the next step without answer after the last one asked, if any.

        Who jumped to an article goes on with it; what was left behind comes last.
        """
        current = state(self.library, self.answers)
        missing = self._missing(current)
        places = {(s.kind, s.id): place for place, s in enumerate(current.steps)}
        start = places.get((last.kind, last.id), 0) if last else 0
        following = (s for s in missing if places[s.kind, s.id] >= start)
        return next(following, missing[0] if missing else None)

    def _save(self, step: Step, given: prompts.Given) -> bool:
        """Save one answer; return False, nothing saved, if the file has another.

        Somebody may answer at the same time, or edit the file: nobody's answer is
        replaced unseen.
        """
        conflict = False

        def change(answers: Answers) -> Answers:
            nonlocal conflict
            found = _given(answers, step)
            conflict = found not in (_given(self.answers, step), given, None)
            if conflict:
                return answers
            return _answered(answers, step, given)

        self.answers = update_answers(self.place.answers_path, self.library, change)
        return not conflict

    def _ask(self, step: Step, within: str | None) -> Step | None:
        """Ask one step; return the step to go back to, or None once it is answered.

        Nobody goes back out of the section `within`. Raises `TakeSection`,
        `TakeArticle` or `Quit`.
        """
        current = state(self.library, self.answers)
        expected = self._expected()
        self._announce(step, current, expected)
        progress = self._progress(step, expected)
        asked = prompts.Asked(self.library, self.answers, current, step, progress)
        try:
            given = prompts.ask_step(asked)
        except prompts.GoBack:
            return self._previous(step, current, within)
        except prompts.Jump:
            return self._destination(current, within) or step
        except prompts.AddParagraph:
            self._write_paragraph(step)
            return step
        if not self._agreed(step, given):
            return step
        if not self._save(step, given):
            prompts.say(
                "Une autre réponse à cette question a été enregistrée entre-temps. La "
                "voici : gardez-la ou remplacez-la."
            )
            return step
        return None

    def _agreed(self, step: Step, given: prompts.Given) -> bool:
        """Show what a changed answer does to the others; return whether it is kept.

        A first answer changes nobody's: only one that was given before is asked about.
        """
        if _given(self.answers, step) in (None, given):
            return True
        after = _answered(self.answers, step, given)
        others = [
            effect
            for effect in effects(self.library, self.answers, after)
            if (effect.step.kind, effect.step.id) != (step.kind, step.id)
            # A question that comes up will be asked: nothing is lost by it.
            and effect.kind != "asked"
        ]
        if not others:
            return True
        prompts.say("Cette réponse en change d’autres :")
        click.echo(effects_text(others))
        return prompts.confirm("L’enregistrer ?")

    def _announce(self, step: Step, current: State, expected: State) -> None:
        if step.section == self.shown_section:
            return
        self.shown_section = step.section
        sections = list(dict.fromkeys(s.section for s in expected.steps))
        title = self.titles[step.section]
        if self.section is None and step.section in sections:
            title += (
                f" · section {sections.index(step.section) + 1} sur {len(sections)}"
            )
        left = self._left(current, expected)
        click.echo()
        click.echo("─" * report.width())
        if left:
            title += f" · encore environ {_in_minutes(_minutes(left))}"
        prompts.say(title)

    def _progress(self, step: Step, expected: State) -> str:
        inside = [s for s in expected.steps if s.section == step.section]
        position = inside.index(step) + 1 if step in inside else len(inside)
        return f"[question {position} sur {len(inside)} · ?{NBSP}: aide]"

    def _previous(self, step: Step, current: State, within: str | None) -> Step:
        reachable = [s for s in current.steps if within in (None, s.section)]
        position = reachable.index(step)
        if position == 0:
            where = "" if within is None else " de cette section"
            prompts.say(f"C’est la première question{where}.")
            return step
        return reachable[position - 1]

    def _take_article(self, step: Step) -> None:
        if step.theme:
            self._take(step.section, step.theme)
        else:
            prompts.say(
                "« r » sert dans un article ; « * » prend ce qui est proposé ici."
            )

    def _take(self, section: str, theme: str | None) -> None:
        """Take what is proposed for a section, or for one of its articles."""
        before = state(self.library, self.answers)
        self.answers = update_answers(
            self.place.answers_path,
            self.library,
            lambda answers: take_proposed(
                self.library, answers, section, theme, wait=True
            ),
        )
        after = state(self.library, self.answers)
        known = {(s.kind, s.id) for s in before.steps if before.is_answered(s)}
        taken = [
            step
            for step in after.steps
            if after.is_answered(step) and (step.kind, step.id) not in known
        ]
        if taken:
            prompts.say("Réponses prises (« > » pour y revenir) :")
        for group in _by_theme(taken):
            # Thirty answers in a row would not be read: an article is one line.
            whole = theme is None and bool(group[0].theme)
            for step in group[:1] if whole else group:
                line = self._article(group, after) if whole else None
                line = line or self._answered(step, after, LONGEST_TAKEN)
                prompts.say(line, "    ", "  · ")
        still = [s for s in after.missing if s.section == section]
        if any(theme in (None, step.theme) for step in still):
            prompts.say(
                "Rien n’est proposé pour ce qui suit : c’est à vous de répondre."
            )
        elif not taken:
            prompts.say("Tout est déjà répondu ici.")

    def _article(self, steps: Sequence[Step], current: State) -> str:
        """Return an article in one line: its options, and how many answers."""
        theme = steps[0].theme
        title = polish(self.library.themes[theme].title)
        options = next((s for s in steps if s.kind == "options"), None)
        chosen = shown(self.library, current, options) if options else ""
        details = [
            french.counted(len(steps) - bool(options), "réponse", "réponses"),
            *_count_open(steps, current),
        ]
        if theme in self.answers.local:
            details.append("un paragraphe ajouté")
        line = f"{title} : {chosen}" if chosen else title
        return f"{line} ({', '.join(details)})"

    def _answered(
        self, step: Step, current: State, longest: int = LONGEST_IN_LIST
    ) -> str:
        label = step_label(self.library, step)
        given = shown(self.library, current, step) or "pas encore de réponse"
        given = _shortened(given, longest)
        return f"{label} {given}" if label.endswith("?") else f"{label} : {given}"

    def _walk(self, section: str, theme: str | None) -> None:
        """Ask every step of a section, or of one article, its answers as defaults."""
        done: set[tuple[str, str]] = set()
        step = self._first_of(section, theme, done)
        while step is not None:
            try:
                following = self._ask(step, section)
            except prompts.TakeSection:
                self._take(section, None)
                return
            except prompts.TakeArticle:
                self._take_article(step)
                if step.theme:
                    steps = state(self.library, self.answers).steps
                    done |= {(s.kind, s.id) for s in steps if s.theme == step.theme}
                step = self._first_of(section, theme, done)
                continue
            if following is None:
                done.add((step.kind, step.id))
            step = following or self._first_of(section, theme, done)

    def _first_of(
        self, section: str, theme: str | None, done: set[tuple[str, str]]
    ) -> Step | None:
        """Return the first step of a section, or of an article, not done yet."""
        current = state(self.library, self.answers)
        left = (s for s in current.steps if (s.kind, s.id) not in done)
        return next(
            (s for s in left if s.section == section and theme in (None, s.theme)), None
        )

    # --- going elsewhere ---

    def _destination(self, current: State, within: str | None) -> Step | None:
        """Ask which question to go to; None stays here.

        A section is chosen by number, a question by a word of it: nobody knows the
        number of a question by heart.
        """
        reachable = [s for s in current.steps if within in (None, s.section)]
        sections = list(dict.fromkeys(step.section for step in reachable))
        if len(sections) == 1:
            return self._picked(reachable, current)
        for number, section in enumerate(sections, 1):
            inside = [s for s in reachable if s.section == section]
            done = sum(current.is_answered(step) for step in inside)
            told = (
                "complète" if done == len(inside) else "à finir" if done else "à faire"
            )
            prompts.say(f"{self.titles[section]} ({told})", "      ", f"{number:4}. ")
        prompts.say(
            "Où aller ? Le numéro d’une section, ou un mot de la question (Entrée : "
            "rester ici)."
        )
        while line := prompts.read_line():
            if line.isdecimal() and 1 <= int(line) <= len(sections):
                inside = [s for s in reachable if s.section == sections[int(line) - 1]]
                return self._picked(inside, current)
            found = [s for s in reachable if self._speaks_of(s, line)]
            if found:
                return self._picked(found, current)
            prompts.say(f"Aucune question ne parle de « {line} ».", "  ", "! ")
        return None

    def _speaks_of(self, step: Step, word: str) -> bool:
        known = [step.id, step_label(self.library, step)]
        if step.theme:
            theme = self.library.themes[step.theme]
            known += [theme.title, theme.question]
        return any(fold(word) in fold(text) for text in known)

    def _picked(self, steps: Sequence[Step], current: State) -> Step | None:
        """Return the step a person picks: first the article, when there are several."""
        groups = _by_theme(steps)
        if len(groups) > 1:
            lines = [self._article(group, current) for group in groups]
            number = self._number(lines, "Quel article ?")
            return self._picked(groups[number - 1], current) if number else None
        if len(steps) == 1:
            return steps[0]
        lines = [self._answered(step, current) for step in steps]
        number = self._number(lines, "Quelle question ?")
        return steps[number - 1] if number else None

    def _number(self, lines: Sequence[str], asked: str) -> int:
        """Return the number a person picks in a list; 0 stays here."""
        _say_numbered(lines)
        prompts.say(f"{asked} Son numéro (Entrée : rester ici).")
        while line := prompts.read_line():
            if line.isdecimal() and 1 <= int(line) <= len(lines):
                return int(line)
            prompts.say(f"Non : un numéro de 1 à {len(lines)}.", "  ", "! ")
        return 0

    # --- a paragraph of one's own ---

    def _write_paragraph(self, step: Step) -> None:
        if not step.theme:
            prompts.say("Un paragraphe s’ajoute à un article : attendez d’y être.")
            return
        theme = step.theme
        before = self.answers.local.get(theme)
        try:
            local = prompts.ask_paragraph(
                polish(self.library.themes[theme].title), before
            )
        except prompts.GoBack:
            prompts.say("Rien n’est changé.")
            return
        moved = False

        def change(answers: Answers) -> Answers:
            nonlocal moved
            moved = answers.local.get(theme) != before
            return answers if moved else answers.with_local(theme, local)

        self.answers = update_answers(self.place.answers_path, self.library, change)
        prompts.say(
            "Ce paragraphe a été changé entre-temps : rien n’est enregistré. Retapez « + »."
            if moved
            else "Paragraphe enregistré."
            if local
            else "Paragraphe retiré."
        )

    def _review(self) -> None:
        self._show_review()
        while line := prompts.read_line():
            sections = self._sections()
            if line == "q":
                raise prompts.Quit
            if line == "v":
                articles = list(assemble(self.library, self.answers).articles())
                for article in articles:
                    click.echo("\n" + report.article_text(article))
                click.echo(f"\n{report.marks_text(articles)}\n")
                prompts.say(REVIEW_COMMANDS)
            elif line == ">":
                step = self._destination(state(self.library, self.answers), None)
                if step is not None:
                    self._ask_again(step, None)
                    self._ask_missing()
                self._show_review()
            elif line.isdecimal() and 1 <= int(line) <= len(sections):
                self._review_section(sections[int(line) - 1])
                self._show_review()
            else:
                prompts.say(f"Non : un numéro de 1 à {len(sections)}.", "  ", "! ")
                prompts.say(REVIEW_COMMANDS)
        prompts.say("Tout est enregistré. « charter draft » écrit le projet.")

    def _review_section(self, section: str) -> None:
        """Show the articles of a section, and the answers of those a person picks."""
        while True:
            current = state(self.library, self.answers)
            groups = _by_theme([s for s in current.steps if s.section == section])
            if len(groups) == 1:
                self._review_answers(section, groups[0][0].theme)
                return
            click.echo()
            prompts.say(self.titles[section])
            _say_numbered([self._article(group, current) for group in groups])
            prompts.say(SECTION_COMMANDS)
            line = self._line_of_review()
            if not line:
                return
            if line == "t":
                self._walk(section, None)
                self._ask_missing()
            elif line.isdecimal() and 1 <= int(line) <= len(groups):
                self._review_answers(section, groups[int(line) - 1][0].theme)
            else:
                prompts.say(f"Non : un numéro de 1 à {len(groups)}.", "  ", "! ")

    def _review_answers(self, section: str, theme: str) -> None:
        """Show the answers of an article, and ask again those a person picks."""
        while True:
            current = state(self.library, self.answers)
            steps = [
                s for s in current.steps if (s.section, s.theme) == (section, theme)
            ]
            if not steps:
                return
            click.echo()
            title = polish(self.library.themes[theme].title) if theme else ""
            prompts.say(title or self.titles[section])
            _say_numbered([self._answered(step, current) for step in steps])
            prompts.say(ANSWERS_COMMANDS)
            line = self._line_of_review()
            if not line:
                return
            self.shown_section = section
            if line == "t":
                self._walk(section, theme)
            elif line.isdecimal() and 1 <= int(line) <= len(steps):
                self._ask_again(steps[int(line) - 1], section)
            else:
                prompts.say(f"Non : un numéro de 1 à {len(steps)}.", "  ", "! ")
            self._ask_missing()

    def _line_of_review(self) -> str:
        line = prompts.read_line()
        if line == "q":
            raise prompts.Quit
        return line

    def _ask_again(self, step: Step, section: str | None) -> None:
        """Ask one step, and those one goes to from there."""
        asked: Step | None = step
        while asked is not None:
            before = self.answers
            try:
                following = self._ask(asked, section)
            except prompts.TakeSection:
                self._take(asked.section, None)
                return
            except prompts.TakeArticle:
                self._take_article(asked)
                return
            if following is None:
                self._tell_change(asked, before)
            asked = following

    def _tell_change(self, step: Step, before: Answers) -> None:
        """Say what was saved, and at once the error of law it makes."""
        old, new = state(self.library, before), state(self.library, self.answers)
        was, now = shown(self.library, old, step), shown(self.library, new, step)
        if was == now:
            return
        prompts.say(f"Enregistré : {_shortened(now)} (c’était : {_shortened(was)}).")
        if old.missing or new.missing:
            return
        known = {finding.rule for finding in self._errors(before)}
        for finding in self._errors(self.answers):
            if finding.rule not in known:
                told = f"ERREUR : {finding.message} {finding.remedy or ''}"
                prompts.say(told, "  ", "! ")

    def _errors(self, answers: Answers) -> list[Finding]:
        found = findings(assemble(self.library, answers), self.library)
        return [finding for finding in found if finding.severity == "error"]

    def _sections(self) -> list[str]:
        used = {step.section for step in state(self.library, self.answers).steps}
        return [section for section in self.titles if section in used]

    def _show_review(self) -> None:
        """Show the findings, then the sections: their numbers stay on the screen."""
        current = state(self.library, self.answers)
        click.echo()
        click.echo("─" * report.width())
        click.echo("RELECTURE")
        found = findings(assemble(self.library, self.answers), self.library)
        for finding in found:
            if finding.severity == "error":
                click.echo("\n" + report.finding_text(finding))
        for finding in found:
            if finding.severity == "warning":
                click.echo()
                prompts.say(f"{report.SEVERITY_LABELS['warning']} · {finding.message}")
        click.echo()
        prompts.say(f"Vérification : {report.summary(found)}.")
        if any(finding.severity != "error" for finding in found):
            prompts.say("« charter check » donne les sources et les remèdes.")
        click.echo()
        for number, section in enumerate(self._sections(), 1):
            steps = [s for s in current.steps if s.section == section]
            count = french.counted(len(steps), "réponse", "réponses")
            details = ", ".join([count, *_count_open(steps, current)])
            prompts.say(
                f"{self.titles[section]} ({details})", "      ", f"{number:4}. "
            )
        prompts.say(REVIEW_COMMANDS)


def _minutes(steps: Sequence[Step]) -> int:
    choices = sum(step.kind == "options" for step in steps)
    return prompts.minutes_left(choices, len(steps) - choices)


def _time_to_answer(left: Sequence[Step]) -> str:
    """Return how long the questions left take, one by one or an article at a time."""
    whole = _minutes(left)
    # With « r », an article is its choice of options, one question, and the list of the
    # answers taken to read.
    choices = sum(step.kind == "options" for step in left)
    others = 2 * choices + sum(not step.theme for step in left)
    quick = prompts.minutes_left(choices, others)
    count = french.counted(len(left), "question", "questions")
    told = f"{count} sans réponse : environ {_in_minutes(whole)} à les lire une par une"
    if quick < whole:
        told += (
            f", {_in_minutes(quick)} en prenant avec « r » la suite de chaque article"
        )
    return f"{told}."


def _in_minutes(count: int) -> str:
    return french.counted(count, "minute", "minutes")


def _by_theme(steps: Iterable[Step]) -> list[list[Step]]:
    """Return the steps of each article together, in order."""
    groups: dict[str, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.theme, []).append(step)
    return list(groups.values())


def _count_open(steps: Iterable[Step], current: State) -> list[str]:
    left_open = sum(step.id in current.open for step in steps)
    return [f"dont {left_open} à débattre"] if left_open else []


def _say_numbered(lines: Iterable[str]) -> None:
    for number, line in enumerate(lines, 1):
        prompts.say(line, "      ", f"{number:4}. ")


def _shortened(text: str, longest: int = LONGEST_IN_LIST) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0] + " …"
