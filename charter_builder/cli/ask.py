"""`charter ask`: the questionnaire, saved after each answer."""

from collections.abc import Sequence
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
from charter_builder.storage.answers_file import load_partial_answers, update_answers
from charter_builder.storage.workspace_files import Workspace
from charter_builder.typography import NBSP, fold, polish

LONGEST_IN_LIST = 160
"""Characters of an answer shown in a list: the question itself shows it whole."""

REVIEW_COMMANDS = (
    f"Entrée : terminer · un numéro : revoir cette section · >{NBSP}: chercher une "
    f"question · v{NBSP}: lire le projet · q{NBSP}: s’arrêter ici"
)
SECTION_COMMANDS = (
    "Un numéro : changer cette réponse · "
    f"t :{NBSP}tout revoir · q :{NBSP}s’arrêter ici · Entrée : retour"
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
    if missing:
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
            self._walk_section(self.section)
        self._ask_missing()
        if self.section is None:
            self._review()
        else:
            click.echo("\nCette section est complète.")

    def _ask_missing(self) -> None:
        """Ask until nothing is missing."""
        step = self._next_missing()
        while step is not None:
            back = None
            try:
                back = self._ask(step, self.section)
            except prompts.TakeSection:
                self._take_section(step.section)
            step = back or self._next_missing()

    def _welcome(self) -> None:
        missing = len(state(self.library, self.answers).missing)
        if missing:
            prompts.say(
                "Chaque réponse est enregistrée aussitôt : vous pouvez vous arrêter et "
                "reprendre quand vous voulez."
            )
        click.echo(prompts.legend())

    def _missing(self, current: State) -> list[Step]:
        return [s for s in current.missing if self.section in (None, s.section)]

    def _next_missing(self) -> Step | None:
        missing = self._missing(state(self.library, self.answers))
        return missing[0] if missing else None

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

        Nobody goes back out of the section `within`. Raises `TakeSection` or `Quit`.
        """
        current = state(self.library, self.answers)
        # What is to come depends on answers not given yet: count with those proposed.
        expected = state(self.library, take_proposed(self.library, self.answers))
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
        left = sum(
            step.id
            not in (current.chosen if step.kind == "options" else current.values)
            for step in expected.steps
            if self.section in (None, step.section)
        )
        title = self.titles[step.section]
        click.echo()
        click.echo("─" * report.width())
        prompts.say(f"{title} · encore {prompts.minutes_left(left)}" if left else title)

    def _progress(self, step: Step, expected: State) -> str:
        inside = [s for s in expected.steps if s.section == step.section]
        position = inside.index(step) + 1 if step in inside else len(inside)
        return f"[{position} sur {len(inside)}]"

    def _previous(self, step: Step, current: State, within: str | None) -> Step:
        reachable = [s for s in current.steps if within in (None, s.section)]
        position = reachable.index(step)
        if position == 0:
            where = "" if within is None else " de cette section"
            prompts.say(f"C’est la première question{where}.")
            return step
        return reachable[position - 1]

    def _take_section(self, section: str) -> None:
        before = state(self.library, self.answers)
        self.answers = update_answers(
            self.place.answers_path,
            self.library,
            lambda answers: take_proposed(self.library, answers, section),
        )
        after = state(self.library, self.answers)
        known = {(s.kind, s.id) for s in before.steps if before.is_answered(s)}
        taken = [
            step
            for step in after.steps
            if after.is_answered(step) and (step.kind, step.id) not in known
        ]
        if taken:
            click.echo("Réponses prises :")
        for step in taken:
            prompts.say(self._answered(step, after), "    ", "  · ")
        if any(step.section == section for step in after.missing):
            prompts.say(
                "Rien n’est proposé pour ce qui suit : c’est à vous de répondre."
            )
        elif not taken:
            prompts.say("Tout est déjà répondu dans cette section.")

    def _answered(self, step: Step, current: State) -> str:
        label = step_label(self.library, step)
        given = shown(self.library, current, step) or "pas encore de réponse"
        if len(given) > LONGEST_IN_LIST:
            given = given[:LONGEST_IN_LIST].rsplit(" ", 1)[0] + " …"
        return f"{label} {given}" if label.endswith("?") else f"{label} : {given}"

    def _walk_section(self, section: str) -> None:
        """Ask every step of a section again, its answers as defaults."""
        done: set[tuple[str, str]] = set()
        step = self._first_of(section, done)
        while step is not None:
            try:
                following = self._ask(step, section)
            except prompts.TakeSection:
                self._take_section(section)
                return
            if following is None:
                done.add((step.kind, step.id))
            step = following or self._first_of(section, done)

    def _first_of(self, section: str, done: set[tuple[str, str]]) -> Step | None:
        """Return the first step of a section that is not done yet."""
        current = state(self.library, self.answers)
        left = (s for s in current.steps if (s.kind, s.id) not in done)
        return next((s for s in left if s.section == section), None)

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
            prompts.say(self.titles[section], "      ", f"{number:4}. ")
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
        """Return the step a person picks in a list that shows the answers given."""
        if len(steps) == 1:
            return steps[0]
        for number, step in enumerate(steps, 1):
            prompts.say(self._answered(step, current), "      ", f"{number:4}. ")
        prompts.say("Quelle question ? Son numéro (Entrée : rester ici).")
        while line := prompts.read_line():
            if line.isdecimal() and 1 <= int(line) <= len(steps):
                return steps[int(line) - 1]
            prompts.say(f"Non : un numéro de 1 à {len(steps)}.", "  ", "! ")
        return None

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
                charter = assemble(self.library, self.answers)
                for article in charter.articles():
                    click.echo("\n" + report.article_text(article))
                click.echo()
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
                prompts.say(REVIEW_COMMANDS)
        prompts.say("Tout est enregistré. « charter draft » écrit le projet.")

    def _review_section(self, section: str) -> None:
        """Show the answers of a section, and ask again those a person picks."""
        while True:
            current = state(self.library, self.answers)
            steps = [s for s in current.steps if s.section == section]
            click.echo()
            prompts.say(self.titles[section])
            for number, step in enumerate(steps, 1):
                prompts.say(self._answered(step, current), "      ", f"{number:4}. ")
            prompts.say(SECTION_COMMANDS)
            line = prompts.read_line()
            if not line:
                return
            if line == "q":
                raise prompts.Quit
            self.shown_section = section
            if line == "t":
                self._walk_section(section)
            elif line.isdecimal() and 1 <= int(line) <= len(steps):
                self._ask_again(steps[int(line) - 1], section)
            self._ask_missing()

    def _ask_again(self, step: Step, section: str | None) -> None:
        """Ask one step, and those one goes to from there."""
        asked: Step | None = step
        while asked is not None:
            try:
                asked = self._ask(asked, section)
            except prompts.TakeSection:
                assert asked is not None
                self._take_section(asked.section)
                return

    def _sections(self) -> list[str]:
        used = {step.section for step in state(self.library, self.answers).steps}
        return [section for section in self.titles if section in used]

    def _show_review(self) -> None:
        current = state(self.library, self.answers)
        click.echo()
        click.echo("─" * report.width())
        click.echo("RELECTURE")
        for number, section in enumerate(self._sections(), 1):
            steps = [s for s in current.steps if s.section == section]
            count = french.counted(len(steps), "réponse", "réponses")
            left_open = sum(step.id in current.open for step in steps)
            count += f", dont {left_open} à débattre" if left_open else ""
            prompts.say(f"{self.titles[section]} ({count})", "      ", f"{number:4}. ")
        found = findings(assemble(self.library, self.answers), self.library)
        click.echo()
        for finding in found:
            if finding.severity != "note":
                click.echo(report.finding_text(finding) + "\n")
        prompts.say(f"Vérification : {report.summary(found)}.")
        prompts.say(REVIEW_COMMANDS)
