"""From a library and answers to the charter, every paragraph with its origin."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from charter_builder import french
from charter_builder.adoption import with_adopted
from charter_builder.charter import (
    Act,
    ActArticle,
    Article,
    Block,
    Charter,
    Document,
    DocumentSection,
    Given,
    ListBlock,
    Nature,
    Paragraph,
    Part,
    Provenance,
    TableBlock,
    TextBlock,
    blocks_of,
    expression_context,
)
from charter_builder.errors import ExpressionError, InputError, MissingAnswer
from charter_builder.evaluation import holds, text
from charter_builder.expressions import (
    Plain,
    Text,
    article_key,
    label_key,
    one_line,
    reference_key,
)
from charter_builder.forms import (
    Blank,
    BlankKind,
    ChoiceField,
    ChoicesField,
    FieldTemplate,
    LinesField,
    TableField,
)
from charter_builder.interview import (
    State,
    Step,
    candidate_options,
    candidate_shown,
    open_shown,
    preview_answers,
    sample_answer,
    settled,
    state,
    why_recommended,
)
from charter_builder.library import (
    ActTemplate,
    DocumentTemplate,
    Library,
    Option,
    SectionTemplate,
    Statement,
    Theme,
)
from charter_builder.open_points import Point, Proposed, weave
from charter_builder.questionnaire import (
    Answer,
    Answers,
    ChoiceQuestion,
    ChoicesQuestion,
)
from charter_builder.typography import polish


class IncompleteAnswers(InputError):
    """Some questions have no answer: a draft would have holes."""

    def __init__(self, library: Library, missing: Iterable[Step]) -> None:
        self.missing = list(missing)
        lines = [f"  {step.id} : {_label(library, step)}" for step in self.missing]
        count = french.counted(
            len(self.missing), "réponse manque encore", "réponses manquent encore"
        )
        super().__init__(
            f"{count} :\n"
            + "\n".join(lines)
            + "\nRépondez avec « charter ask », ou donnez-les une à une : "
            f"charter ask --set {self.missing[0].id}=… « charter ask --defaults » "
            "prend ce qui est proposé, quand quelque chose l’est."
        )


def _label(library: Library, step: Step) -> str:
    if step.kind == "options":
        return library.themes[step.id].question
    return library.owned[step.id].question.label


def assemble(library: Library, answers: Answers) -> Charter:
    """Return the charter of a territory.

    Raises `IncompleteAnswers` with everything that is still to be answered.
    """
    current = state(library, answers)
    if current.missing:
        raise IncompleteAnswers(library, current.missing)
    open_themes = [t for t in library.theme_order if current.chosen.get(t)]
    numbers = {theme: number for number, theme in enumerate(open_themes, 1)}
    draft = _drafted(library, answers, current, numbers)
    points = [
        _open_point(library, answers, step, draft, numbers)
        for step in current.steps
        if step.id in current.open
    ]
    return with_adopted(weave(draft, points), answers.adopted)


def _open_point(
    library: Library,
    answers: Answers,
    step: Step,
    draft: Charter,
    numbers: Mapping[str, int],
) -> Point:
    """Return a point left à débattre, with the charter each candidate gives.

    The articles keep their numbers from one candidate to the other.
    """
    point = answers.open[step.id]
    first, *others = point.candidates
    proposed = [Proposed(candidate_shown(library, step.id, first), draft)]
    for candidate in others:
        after = settled(library, answers, step.id, candidate)
        # A candidate may raise questions nobody was asked: they take what is proposed.
        after = preview_answers(library, after)
        charter = _drafted(library, after, state(library, after), numbers)
        proposed.append(Proposed(candidate_shown(library, step.id, candidate), charter))
    subject = _label(library, step)
    return Point(step.id, step.theme, subject, point.question or subject, proposed)


def _drafted(
    library: Library, answers: Answers, current: State, numbers: Mapping[str, int]
) -> Charter:
    """Return the charter with each open point as its first candidate has it."""
    context = _rendering_context(library, answers.act_date, current, numbers)
    parts = tuple(
        Part(
            id=part,
            title=polish(plan.title),
            articles=tuple(
                _article(library, answers, current, context, theme, numbers[theme])
                for theme in plan.themes
                if theme in numbers and current.chosen.get(theme)
            ),
        )
        for part, plan in library.manifest.parts.items()
    )
    return Charter(
        title=polish(library.manifest.title),
        territory=polish(str(current.values[library.manifest.territory_name])),
        act_date=answers.act_date,
        profile=answers.profile,
        library=library.manifest.id,
        library_version=library.manifest.version,
        library_digest=library.digest,
        legal_status_date=library.manifest.legal_status_date,
        parts=tuple(part for part in parts if part.articles),
        acts=tuple(
            _act(library, answers.act_date, act, context)
            for act in library.acts.values()
        ),
        documents=tuple(
            _document(library, answers.act_date, document, context)
            for document in library.documents.values()
            if holds(document.when, context)
        ),
        chosen=dict(current.chosen),
        values=dict(current.values),
        figures=library.figures_on(answers.act_date),
    )


def _rendering_context(
    library: Library, on: str, current: State, numbers: Mapping[str, int]
) -> dict[str, Plain]:
    """Return what texts read: answers, labels, figures, references, article numbers."""
    context: dict[str, Plain] = dict(current.context)
    for name, value in current.values.items():
        question = library.owned[name].question
        if isinstance(question, ChoiceQuestion):
            context[label_key(name)] = _inside_sentence(question.choices[str(value)])
        elif isinstance(question, ChoicesQuestion) and isinstance(value, tuple):
            context[label_key(name)] = [
                _inside_sentence(question.choices[str(item)]) for item in value
            ]
    context |= library.printed_on(on)
    for theme, number in numbers.items():
        context[article_key(theme)] = f"article {number}"
    return context


def _inside_sentence(label: str) -> str:
    """Return a label as it reads inside a sentence: no capital, save for initials."""
    second = label[1:2]
    return label if second.isupper() or second == "." else label[:1].lower() + label[1:]


def _article(
    library: Library,
    answers: Answers,
    current: State,
    context: Mapping[str, Plain],
    theme_id: str,
    number: int,
) -> Article:
    theme = library.themes[theme_id]
    chosen = [library.options[identifier] for identifier in current.chosen[theme_id]]
    paragraphs: list[Paragraph] = []
    paragraphs += _paragraphs(library, theme.id, theme, context)
    for option in chosen:
        paragraphs += _paragraphs(library, option.id, option, context)
    local = answers.local.get(theme_id)
    if local:
        paragraphs.append(
            Paragraph(
                id=f"{theme_id}/local/1",
                clause=f"{theme_id}/local",
                nature="local",
                blocks=_local_blocks(local.text),
                reason=polish(local.reason),
            )
        )
    return Article(
        id=theme_id,
        number=number,
        title=polish(theme.title),
        settles=_line(library, theme.settles, answers.act_date),
        paragraphs=tuple(paragraphs),
        provenance=tuple(_provenances(library, answers, current, theme)),
    )


def _local_blocks(typed: str) -> tuple[Block, ...]:
    """Return what a person typed, as plain paragraphs: never structure."""
    chunks = map(one_line, re.split(r"\n\s*\n", typed))
    return tuple(TextBlock(text=polish(chunk)) for chunk in chunks if chunk)


def _paragraphs(
    library: Library,
    clause: str,
    printed: Theme | Option | Statement | SectionTemplate,
    context: Mapping[str, Plain],
    identifier: str = "",
) -> Iterator[Paragraph]:
    if printed.text is None:
        return
    source = text(printed.text)
    rendered = _rendered(source, context, clause)
    natures = library.natures(printed, source.block_count)
    for index, (block, nature) in enumerate(zip(rendered, natures, strict=True), 1):
        if block:
            yield _paragraph(f"{identifier or clause}/{index}", clause, nature, block)


def _rendered(source: Text, context: Mapping[str, Plain], clause: str) -> list[str]:
    try:
        return source.render(context)
    except MissingAnswer as error:
        raise InputError(
            f"{clause} : le texte lit « {error.name} », qui n’a pas de valeur ici. "
            "Signalez-le aux auteurs de la bibliothèque."
        ) from None
    except ExpressionError as error:
        raise InputError(f"{clause} : {error}") from None


# Few texts of a charter change from one territory to the next.
@lru_cache(maxsize=4_096)
def _paragraph(
    identifier: str, clause: str, nature: Nature, rendered: str
) -> Paragraph:
    return Paragraph(
        id=identifier,
        clause=clause,
        nature=nature,
        blocks=tuple(map(_polished, blocks_of(rendered))),
    )


def _polished(block: Block) -> Block:
    match block:
        case TextBlock():
            return TextBlock(text=polish(block.text))
        case ListBlock():
            items = [polish(item) for item in block.items]
            if items and items[-1].endswith(";"):
                items[-1] = items[-1].rstrip("; \u00a0\u202f") + "."
            return ListBlock(items=tuple(items))
        case TableBlock():
            return TableBlock(
                header=tuple(map(polish, block.header)),
                rows=tuple(tuple(map(polish, row)) for row in block.rows),
            )


def _line(library: Library, source: str, on: str) -> str:
    """Return a text of the library that reads no answer."""
    from_library = text(source)
    context: dict[str, Plain] = dict(library.figures_on(on))
    for fact in from_library.references:
        printed = library.references[fact].printed_on(on)
        if printed:
            context[reference_key(fact)] = printed
    return polish(from_library.line(context))


def _provenances(
    library: Library,
    answers: Answers,
    current: State,
    theme: Theme,
) -> Iterator[Provenance]:
    on = answers.act_date
    is_open = theme.id in current.open
    kept = candidate_options(answers, theme.id).union(current.chosen[theme.id])
    if theme.text is not None:
        yield Provenance(
            clause=theme.id,
            title="Socle de l’article",
            because="ce texte vaut quelle que soit l’option retenue",
            given=_given(library, current, theme.id),
            references=library.citations(theme.references, on),
            satisfies=theme.satisfies,
        )
    for option in library.options_by_theme[theme.id]:
        if option.id not in kept:
            continue
        status = "proposée, à débattre," if is_open else "retenue"
        because = f"option {status} à la question « {theme.question} »"
        reason = why_recommended(library, option, current.context)
        yield Provenance(
            clause=option.id,
            title=polish(option.title),
            because=polish(f"{because}, {reason}" if reason else because),
            given=_given(library, current, option.id),
            references=library.citations(option.references, on),
            satisfies=option.satisfies,
        )
    if theme.id in answers.local:
        yield Provenance(
            clause=f"{theme.id}/local",
            title="Rédaction locale",
            because="paragraphe ajouté par la collectivité, non vérifié par l’outil",
        )


def _given(library: Library, current: State, owner: str) -> tuple[Given, ...]:
    return tuple(
        _answer(
            name,
            library.owned[name].question.label,
            _shown(library, current, name),
        )
        for name in current.questions_of.get(owner, ())
    )


@lru_cache(maxsize=8_192)
def _answer(name: str, label: str, shown: str) -> Given:
    return Given(name=name, label=polish(label), shown=polish(shown))


def _shown(library: Library, current: State, name: str) -> str:
    if name in current.open:
        return open_shown(library, name, current.open[name])
    return library.owned[name].question.show(current.values[name])


def _act(
    library: Library, on: str, act: ActTemplate, context: Mapping[str, Plain]
) -> Act:
    clause = f"annexes/{act.id}"

    def said(kind: str, statements: Iterable[Statement]) -> Iterator[Paragraph]:
        for index, statement in enumerate(statements, 1):
            if holds(statement.when, context):
                yield from _paragraphs(
                    library, clause, statement, context, f"{act.id}/{kind}/{index}"
                )

    kept = [a for a in act.articles if holds(a.when, context)]
    return Act(
        id=act.id,
        title=polish(text(act.title).line(context)),
        authority=polish(text(act.authority).line(context)),
        visas=tuple(said("visa", act.visas)),
        recitals=tuple(said("considerant", act.recitals)),
        articles=tuple(
            ActArticle(
                number=number,
                title=polish(template.title),
                paragraphs=tuple(
                    _paragraphs(
                        library, clause, template, context, f"{act.id}/article-{number}"
                    )
                ),
                references=library.citations(template.references, on),
                satisfies=template.satisfies,
            )
            for number, template in enumerate(kept, 1)
        ),
        closing=tuple(said("formule", act.closing)),
        satisfies=act.satisfies,
    )


def _document(
    library: Library,
    on: str,
    template: DocumentTemplate,
    context: Mapping[str, Plain],
) -> Document:
    return Document(
        id=template.id,
        title=_one_line(template.title, context),
        purpose=_one_line(template.purpose, context),
        for_=_one_line(template.for_, context),
        sections=tuple(_sections(library, on, template, context)),
        references=library.citations(template.references, on),
        satisfies=template.satisfies,
    )


def _sections(
    library: Library,
    on: str,
    template: DocumentTemplate,
    context: Mapping[str, Plain],
) -> Iterator[DocumentSection]:
    clause = f"annexes/{template.id}"
    articles = 0
    for rank, section in enumerate(template.sections, 1):
        if not holds(section.when, context):
            continue
        articles += section.article
        identifier = f"{template.id}/section-{rank}"
        yield DocumentSection(
            id=identifier,
            title=_one_line(section.title, context) if section.title else "",
            number=articles if section.article else None,
            new_page=section.new_page,
            paragraphs=tuple(
                _paragraphs(library, clause, section, context, identifier)
            ),
            fields=tuple(
                blank
                for field in section.fields
                if holds(field.when, context)
                for blank in _blanks(field, context, clause)
            ),
            references=library.citations(section.references, on),
            satisfies=section.satisfies,
        )


def _blanks(
    field: FieldTemplate, context: Mapping[str, Plain], clause: str
) -> Iterator[Blank]:
    """Yield what a field prints: nothing when all that it offers is left out."""
    label = _one_line(field.label, context)
    hint = _one_line(field.hint, context) if field.hint else ""
    match field:
        case LinesField():
            yield _blank(field.kind, label, hint, lines=field.lines)
        case ChoiceField() | ChoicesField():
            choices = _items(field.choices, context, clause)
            if choices:
                yield _blank(field.kind, label, hint, choices=choices)
        case TableField():
            named = _items(field.rows, context, clause) if field.rows else ()
            rows = (*named, *("",) * field.blank_rows)
            columns = tuple(map(polish, field.columns))
            if rows:
                yield _blank(field.kind, label, hint, columns=columns, rows=rows)
        case _:
            yield _blank(field.kind, label, hint)


@lru_cache(maxsize=8_192)
def _blank(
    kind: BlankKind,
    label: str,
    hint: str,
    lines: int = 1,
    choices: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    rows: tuple[str, ...] = (),
) -> Blank:
    """Return a blank; most are the same in every charter, and are made once."""
    return Blank(
        kind=kind,
        label=label,
        hint=hint,
        lines=lines,
        choices=choices,
        columns=columns,
        rows=rows,
    )


def _one_line(source: str, context: Mapping[str, Plain]) -> str:
    return polish(text(source).line(context)) if "{" in source else _fixed(source)


@lru_cache(maxsize=8_192)
def _fixed(source: str) -> str:
    """Return a text without blanks as every charter prints it."""
    return polish(text(source).line({}))


def _items(source: str, context: Mapping[str, Plain], clause: str) -> tuple[str, ...]:
    """Return the items of a list written as in a text, without their punctuation."""
    if "{" not in source:
        return _fixed_items(source)
    return _items_of(_rendered(text(source), context, clause))


@lru_cache(maxsize=2_048)
def _fixed_items(source: str) -> tuple[str, ...]:
    return _items_of(text(source).render({}))


def _items_of(rendered: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        polish(item.rstrip("; "))
        for chunk in rendered
        for block in blocks_of(chunk)
        if isinstance(block, ListBlock)
        for item in block.items
    )


def library_preview(
    library: Library, charter: Charter
) -> dict[str, tuple[tuple[Paragraph, ...], str]]:
    """Return each option's paragraphs and plain-language text, with default answers.

    Every option of the library is taken as chosen at once: a preview shows one text,
    not a charter. Profile answers are those of the charter.
    """
    everything = {
        theme: tuple(option.id for option in library.options_by_theme[theme])
        for theme in library.open_themes()
    }
    given = {n: v for n, v in charter.values.items() if n in library.questions}
    rendering = _sample_context(library, charter, everything, given)
    return {
        option.id: (
            tuple(_paragraphs(library, option.id, option, rendering)),
            _plain_language(option, rendering),
        )
        for option in library.options.values()
    }


def plain_language(library: Library, charter: Charter) -> dict[str, str]:
    """Return the plain-language text of each option a charter holds, as it answers."""
    chosen = {
        theme: tuple(
            option.id
            for option in library.options_by_theme[theme]
            if option.id in charter.clause_ids
        )
        for theme in library.open_themes()
    }
    rendering = _sample_context(library, charter, chosen, charter.values)
    return {
        option: _plain_language(library.options[option], rendering)
        for options in chosen.values()
        for option in options
    }


def _plain_language(option: Option, rendering: Mapping[str, Plain]) -> str:
    said = option.plain_language
    return polish(text(said).line(rendering)) if said else ""


def _sample_context(
    library: Library,
    charter: Charter,
    chosen: dict[str, tuple[str, ...]],
    given: Mapping[str, Answer],
) -> dict[str, Plain]:
    """Return what texts read: some answers given, the others as they are proposed."""
    values = {
        name: given[name]
        if name in given
        else sample_answer(owned.question, charter.figures)
        for name, owned in library.owned.items()
    }
    context = expression_context(
        charter.act_date, values, chosen, charter.figures, library.theme_order
    )
    numbers = {article.id: article.number for article in charter.articles()}
    numbers = {t: numbers.get(t, n) for n, t in enumerate(library.theme_order, 1)}
    current = State((), context, values, chosen)
    return _rendering_context(library, charter.act_date, current, numbers)
