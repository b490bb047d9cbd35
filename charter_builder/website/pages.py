"""A charter, its library and its checks as Markdown pages: texts in, texts out."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape as html_escape
from html import unescape
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from charter_builder import french
from charter_builder.assembly import library_preview, plain_language
from charter_builder.bounds import range_sentence
from charter_builder.changelog import Change, about, oldest
from charter_builder.charter import (
    DECIDES,
    NATURE_LABELS,
    NATURE_MEANINGS,
    Article,
    Charter,
    Nature,
    OpenPoint,
    Paragraph,
    Part,
    TableBlock,
)
from charter_builder.consultation import day_of
from charter_builder.evaluation import cite, render_line
from charter_builder.forms import TO_FILL, Blank, side_by_side
from charter_builder.interview import default_shown
from charter_builder.library import DecidedBy, Library, Option, Theme
from charter_builder.markdown import (
    DAY,
    NOTHING_SAID,
    asked,
    block_lines,
    escape,
    open_point_lead,
    paragraph_text,
)
from charter_builder.open_points import candidate_runs
from charter_builder.questionnaire import MEASURED
from charter_builder.references import (
    CONFIDENCE_LABELS,
    FORCE_LABELS,
    Citation,
    Reference,
)
from charter_builder.requirements import STATUS_LABELS, Coverage
from charter_builder.retention import TO_CONFIRM, Retention, items
from charter_builder.rules import Finding
from charter_builder.typography import fold, polish
from charter_builder.units import FrozenVersion, as_version, compare_versions
from charter_builder.website.contribution_form import form_shell, version_to_read
from charter_builder.website.dialogue_pages import (
    navigation as consultation_navigation,
)
from charter_builder.website.dialogue_pages import origin_place, shells
from charter_builder.website.dialogue_view import Consultation
from charter_builder.website.finish import place_of
from charter_builder.website.markup import TAG, Trusted
from charter_builder.website.versions import changes_html, unit_html
from charter_builder.website.writer import printable
from charter_builder.words import word_index
from charter_builder.workspace import SiteSettings

SEVERITIES = {"error": "Erreur", "warning": "À vérifier", "note": "Note"}


def _finalize(value: object) -> object:
    if isinstance(value, Trusted) or not isinstance(value, str):
        return value
    return escape(value)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("charter_builder.website"),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.globals.update(
        date=french.day,
        counted=french.counted,
        attr=lambda text: Trusted(html_escape(text)),
        page_title=page_title,
        candidate_markdown=candidate_markdown,
        changes_list=changes_html,
        unit_html=unit_html,
        plain_html=lambda text: Trusted(html_escape(text)),
        paragraph_markdown=lambda paragraph: Trusted(paragraph_text(paragraph)),
        anchor=anchor,
        debate_anchor=debate_anchor,
        DECIDES=DECIDES,
        is_open_point=lambda part: isinstance(part, OpenPoint),
        lead=open_point_lead,
        nothing_said=NOTHING_SAID,
        asked=asked,
        remark=remark,
        rule=RULE,
        day=DAY,
        day_capital=DAY[:1].upper() + DAY[1:],
        to_fill=TO_FILL,
        side_by_side=side_by_side,
        table_markdown=table_markdown,
        fact_anchor=fact_anchor,
        worth=worth,
        labels=NATURE_LABELS,
        meanings=NATURE_MEANINGS,
        status_labels=STATUS_LABELS,
        severity_labels=SEVERITIES,
    )
    return environment


def page_title(text: str) -> Trusted:
    """Return the title of a page, as YAML."""
    return Trusted(json.dumps(printable(text), ensure_ascii=False))


def anchor(paragraph: Paragraph) -> Trusted:
    """Return the anchor of a paragraph: `p-plage-1`."""
    return Trusted("p-" + paragraph.id.partition("/")[2].replace("/", "-"))


def debate_anchor(point: OpenPoint) -> Trusted:
    """Return the anchor of a point left à débattre: `d-debut-deconnexion`."""
    return Trusted("d-" + point.id.replace("_", "-"))


def candidate_markdown(point: OpenPoint, paragraph: Paragraph) -> Trusted:
    """Return a paragraph of a candidate, the words the others have not marked."""
    runs = candidate_runs(point, paragraph)
    if not runs:
        return Trusted(paragraph_text(paragraph))
    return Trusted(
        "".join(
            f"<mark>{escape(run.text)}</mark>"
            if run.kind == "added"
            else escape(run.text)
            for run in runs
        )
    )


RULE = Trusted(
    f'<span class="charte-rule"><span class="charte-unseen">{TO_FILL}</span></span>'
)
"""A ruled blank: paper only, so no form control; its place is said to who cannot see."""


def remark(blank: Blank) -> Trusted:
    """Return the remark beside what is asked, between brackets."""
    if not blank.remark:
        return Trusted("")
    return Trusted(f' <span class="charte-soft">({escape(blank.remark)})</span>')


def table_markdown(blank: Blank) -> Trusted:
    """Return a table to fill in."""
    table = TableBlock(header=blank.columns, rows=tuple(blank.table_rows()))
    return Trusted("\n".join(block_lines(table)))


def fact_anchor(fact: str) -> Trusted:
    """Return the anchor of a legal fact on the legal page."""
    return Trusted("".join(c if c.isalnum() else "-" for c in fact).lower())


def worth(item: Citation | Reference) -> str:
    """Return « règle impérative, vérifié en partie »."""
    return f"{FORCE_LABELS[item.force]}, {CONFIDENCE_LABELS[item.confidence]}"


@dataclass(frozen=True)
class Site:
    """Everything the pages show."""

    charter: Charter
    library: Library
    settings: SiteSettings
    findings: Sequence[Finding] = ()
    coverage: Sequence[Coverage] = ()
    versions: Sequence[FrozenVersion] = ()
    """The frozen versions, in order."""
    guides: Mapping[str, str] = field(default_factory=dict)
    """Hand-written pages, by path: the guides of the program, the territory's own."""
    changes: Sequence[Change] = ()
    """What the library says it changed, the newest first."""
    consultation: Consultation | None = None
    """The consultation, once it is open."""
    retention: Retention = field(default_factory=Retention)
    """How long what is not published is kept."""

    @cached_property
    def articles(self) -> list[tuple[Part, Article]]:
        return [(part, a) for part in self.charter.parts for a in part.articles]

    @cached_property
    def cited_facts(self) -> frozenset[str]:
        """The legal facts the articles cite: those the legal page shows."""
        return frozenset(c.id for _, a in self.articles for c in a.references)

    @cached_property
    def commented(self) -> FrozenVersion | None:
        """The frozen version contributions are written on, while they are received.

        A server has forms of its own.
        """
        if self.consultation and self.consultation.live:
            return None
        return version_to_read(self.consultation)

    @property
    def days(self) -> tuple[str | None, str | None]:
        """The first and the last day of the consultation; the register has the last word."""
        told = self.consultation.dialogue.opened if self.consultation else self.settings
        return told.opens, told.closes

    @property
    def closed_on(self) -> str | None:
        """The day the consultation was closed, if it was."""
        at = self.consultation.dialogue.closed_at if self.consultation else None
        return day_of(at) if at else None

    @cached_property
    def version(self) -> str:
        """The digest of the working text, as the page of versions shows it."""
        last = self.versions[-1] if self.versions else None
        return as_version(self.charter, last).digest[:12]


def build(site: Site) -> dict[str, str]:
    """Return every page of the site, by path."""
    pages = _project_pages(site)
    pages |= _library_pages(site)
    pages |= _legal_pages(site)
    pages |= _other_pages(site)
    if site.consultation:
        pages |= shells(site.consultation)
    if site.commented:
        pages |= form_shell()
    # Pages of the territory are left as they are: two spaces at an end mean a line.
    return {**site.guides, **{path: _tidy(text) for path, text in pages.items()}}


def navigation(site: Site, pages: Iterable[str]) -> list[dict[str, Any]]:
    """Return the navigation: chapters and articles, never the options of a theme."""
    acts = [{a.title: f"projet/{a.id}.md"} for a in site.charter.acts]
    articles = [
        {f"{a.number}. {a.title}": f"projet/{a.id}.md"} for _, a in site.articles
    ]
    documents = [
        {document.title: f"projet/annexes/{document.id}.md"}
        for document in site.charter.documents
    ]
    annexes = (
        [{"Annexes": ["projet/annexes/index.md", *documents]}] if documents else []
    )
    own = [
        {_title_of(path, site.guides.get(path, "")): path}
        for path in sorted(pages)
        if path.startswith("informations/")
    ]
    guides = sorted(path for path in pages if path.startswith("guides/"))
    chapters: list[dict[str, Any]] = [
        {"Accueil": "index.md"},
        {
            "Projet": [
                "projet/index.md",
                *acts,
                {"Texte intégral": "projet/texte-integral.md"},
                *annexes,
                *articles,
            ]
        },
        {
            "Contributions et réponses": consultation_navigation(site.consultation)
            if site.consultation
            else "contributions/index.md"
        },
        {"Versions": "versions.md"},
        {"Bibliothèque de clauses": "bibliotheque.md"},
        {
            "Cadre légal": [
                "cadre-legal/index.md",
                {"Contenus obligatoires": "cadre-legal/contenus.md"},
                {"Vérification": "cadre-legal/verification.md"},
            ]
        },
        {"Lexique": "lexique.md"},
        {"Index des mots": "mots.md"},
    ]
    if own:
        chapters.append({"Informations": own})
    if guides:
        chapters.append({"Guides": guides})
    # The law asks that the state of conformity be said from the home page.
    chapters.append({"Accessibilité : partiellement conforme": "accessibilite.md"})
    chapters.append({"Mentions légales et données personnelles": "mentions.md"})
    return chapters


def _title_of(path: str, text: str) -> str:
    """Return the title of a page of the territory: its heading, or its file's name.

    MkDocs would print a heading in the menu without escaping it.
    """
    found = re.search(r"(?m)^(?:title:\s*(.+)|#\s+(.+)|(.+)\n=+\s*)$", text)
    if not found:
        return path.rpartition("/")[2].removesuffix(".md")
    heading = TAG.sub("", next(filter(None, found.groups())))
    heading = re.sub(
        r"\[([^\]]*)\]\([^)]*\)|[*_`]|\s*\{.*\}\s*$|\s+#+$", r"\1", heading
    )
    return unescape(heading).strip("'\" ")


def _tidy(text: str) -> str:
    """Return the page without runs of blank lines, which templates leave."""
    lines: list[str] = []
    for line in text.split("\n"):
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).rstrip("\n") + "\n"


def _render(site: Site, template: str, **values: object) -> str:
    return _ENVIRONMENT.get_template(f"{template}.md.jinja").render(
        charter=site.charter,
        site=site.settings,
        version=site.version,
        guides=site.guides.keys(),
        legal_page=site.cited_facts,
        consultation=site.consultation,
        commented=site.commented,
        closed_on=site.closed_on,
        place_of=lambda name: Trusted(place_of(name)),
        **values,
    )


# --- the project ---------------------------------------------------------------------


def _project_pages(site: Site) -> dict[str, str]:
    articles = [article for _, article in site.articles]
    pages = {
        "projet/index.md": _render(site, "projet", articles=articles),
        "projet/texte-integral.md": _render(
            site, "texte-integral", legend=legend(site.charter)
        ),
    }
    for act in site.charter.acts:
        pages[f"projet/{act.id}.md"] = _render(site, "deliberation", act=act)
    if site.charter.documents:
        pages["projet/annexes/index.md"] = _render(site, "annexes")
    for document in site.charter.documents:
        path = f"projet/annexes/{document.id}.md"
        pages[path] = _render(site, "document", document=document)
    for index, (part, article) in enumerate(site.articles):
        satisfied = {c for origin in article.provenance for c in origin.satisfies}
        pages[f"projet/{article.id}.md"] = _render(
            site,
            "article",
            article=article,
            part=part,
            before=articles[index - 1] if index else None,
            after=articles[index + 1] if index + 1 < len(articles) else None,
            legend=legend(site.charter),
            mail=mail_link(site, article),
            satisfied=sorted(satisfied),
        )
    return pages


def legend(charter: Charter) -> Trusted:
    """Return the key to the marks beside the paragraphs."""
    used = {paragraph.nature for _, paragraph in charter.paragraphs()}
    rows = [
        f'<li><span class="charte-nature charte-{nature}">{label}</span> '
        f"{NATURE_MEANINGS[nature]}</li>"
        for nature, label in NATURE_LABELS.items()
        if nature in used
    ]
    return Trusted(f'<ul class="charte-legend">{"".join(rows)}</ul>')


def mail_link(site: Site, article: Article) -> str:
    """Return the address of a message already filled in, or nothing."""
    return _message(
        site,
        f"Article {article.number} — {article.title}",
        (
            f"Article {article.number} : {article.title}",
            f"Référence : {article.id} · version de l’article {article.version}",
            "",
            "Organisation ou service (aucun nom de personne n’est nécessaire) :",
            "",
            "Remarque, question ou proposition de rédaction :",
            "",
            *_debated_lines(article),
            "Passage concerné :",
            "",
            "Texte et raisons :",
            "",
        ),
    )


def _message(site: Site, subject: str, lines: Iterable[str]) -> str:
    """Return the address of a message to the territory, or nothing without a contact."""
    if not site.settings.contact:
        return ""
    subject, body = f"[{site.charter.title}] {subject}", "\r\n".join(lines)
    return f"mailto:{site.settings.contact}?subject={quote(subject)}&body={quote(body)}"


def _debated_lines(article: Article) -> Iterator[str]:
    """Yield what a message asks about the points left open in its article."""
    for point in article.open_points:
        if point.home == article.id:
            yield f"À débattre : {point.question}"
            yield from (f"{c.letter}. {c.shown}" for c in point.candidates)
            yield "Proposition préférée, et pourquoi :"
            yield ""


# --- the library ---------------------------------------------------------------------


def _library_pages(site: Site) -> dict[str, str]:
    library = site.library
    numbers = {article.id: article for _, article in site.articles}
    parts = [
        {
            "title": polish(plan.title),
            "rows": [
                {
                    "id": theme,
                    "title": polish(library.themes[theme].title),
                    "ready": bool(library.options_by_theme[theme]),
                    "count": len(library.options_by_theme[theme]),
                    "article": numbers[theme].number if theme in numbers else None,
                }
                for theme in plan.themes
            ],
        }
        for plan in library.manifest.parts.values()
    ]
    pages = {"bibliotheque.md": _render(site, "bibliotheque", parts=parts)}
    texts = library_preview(library, site.charter) | _kept_texts(site)
    for theme_id in library.open_themes():
        theme = library.themes[theme_id]
        options = library.options_by_theme[theme_id]
        article = numbers.get(theme_id)
        shown = {option.id: _option(site, option) for option in options}
        retained = [s["title"] for s in shown.values() if s["standing"] != "non"]
        pages[f"bibliotheque/{theme_id}.md"] = _render(
            site,
            "theme",
            theme=theme,
            title=polish(theme.title),
            settles=_line(site, theme.settles),
            stakes=_line(site, theme.stakes) if theme.stakes else "",
            decided_by=_decided_by(site, theme),
            history=_theme_history(site, theme, options),
            article=article,
            retained=french.enumeration([f"« {title} »" for title in retained]),
            options=list(shown.values()),
            criteria={k: polish(v) for k, v in theme.criteria.items()},
        )
        for option in options:
            pages[f"bibliotheque/{option.id}.md"] = _option_page(
                site, theme, option, shown[option.id], article, texts[option.id]
            )
    return pages


def _line(site: Site, source: str) -> str:
    """Return a text of the library that reads no answer."""
    day = site.charter.act_date
    library = site.library
    return polish(render_line(source, library.figures_on(day), library.references, day))


def _decided_by(site: Site, theme: Theme) -> dict[str, Any]:
    """Return who decides, each with a line, and the sources of what the law fixes."""
    said = theme.decided_by or DecidedBy()
    rows = (
        ("Les textes", said.law),
        ("La délibération ou la charte", said.act),
        ("Au cas par cas", said.each_case),
    )
    return {
        "rows": [(who, _line(site, line)) for who, line in rows if line],
        "citations": cite(
            said.references, site.library.references, site.charter.act_date
        ),
    }


def _own_names(*clauses: Theme | Option) -> frozenset[str]:
    """Return the identifiers of clauses, those they once bore among them."""
    return frozenset(
        name for clause in clauses for name in (clause.id, *clause.renamed_from)
    )


def _theme_history(
    site: Site, theme: Theme, options: Sequence[Option]
) -> dict[str, Any]:
    # A theme is as old as the first of its options.
    since = theme.since or oldest(option.since for option in options)
    found = about(site.changes, _own_names(theme, *options))
    return {
        "since": f"Présent depuis la version {since}" if since else "",
        "changes": found,
    }


def _option_history(site: Site, theme: Theme, option: Option) -> dict[str, Any]:
    # It may be younger than its theme: what the theme says of itself is not its age.
    since = option.since
    found = about(site.changes, _own_names(option), _own_names(theme), since)
    return {
        "since": f"Présente depuis la version {since}" if since else "",
        "changes": found,
    }


def _option(site: Site, option: Option) -> dict[str, Any]:
    arguments = None
    if option.arguments:
        sides = (option.arguments.employer, option.arguments.unions)
        arguments = [
            _line(site, t) for side in sides for t in (side.for_, side.against)
        ]
    return {
        "title": polish(option.title),
        "slug": option.slug,
        "summary": _line(site, option.summary),
        "standing": _standing(site.charter, option.id),
        "attributes": {k: polish(v) for k, v in option.attributes.items()},
        "arguments": arguments,
    }


def _drafts(charter: Charter) -> list[Charter]:
    """Return the charter, or each it would be once its open points are settled."""
    return [variant.charter for variant in charter.variants] or [charter]


def _kept_texts(site: Site) -> dict[str, tuple[tuple[Paragraph, ...], str]]:
    """Return the text of each option a draft holds, with the territory's answers."""
    found: dict[str, tuple[tuple[Paragraph, ...], str]] = {}
    for draft in _drafts(site.charter):
        kept = {o for o in site.library.options if o in draft.clause_ids}
        if kept <= found.keys():
            continue
        plain = plain_language(site.library, draft)
        for article in draft.articles():
            for option in kept - found.keys():
                if option.startswith(f"{article.id}/"):
                    said = article.paragraphs
                    paragraphs = tuple(p for p in said if p.clause == option)
                    found[option] = paragraphs, plain[option]
    return found


def _standing(charter: Charter, option: str) -> str:
    """Return whether an option is in the project, or only proposed there."""
    present = {option in draft.clause_ids for draft in _drafts(charter)}
    return "à débattre" if len(present) > 1 else "oui" if True in present else "non"


def _option_page(
    site: Site,
    theme: Theme,
    option: Option,
    shown: Mapping[str, Any],
    article: Article | None,
    text: tuple[tuple[Paragraph, ...], str],
) -> str:
    library, day = site.library, site.charter.act_date
    figures = library.figures_on(day)
    questions = []
    for question in option.parameters.values():
        usual = question.usual if isinstance(question, MEASURED) else None
        legal = question.legal if isinstance(question, MEASURED) else None
        questions.append(
            {
                "label": polish(question.label),
                "default": polish(default_shown(question, figures)),
                "usual": polish(range_sentence(question, usual, figures)),
                "legal": polish(range_sentence(question, legal, figures)),
            }
        )
    paragraphs, plain = text
    return _render(
        site,
        "option",
        theme=theme,
        theme_title=polish(theme.title),
        option=shown,
        article=article,
        paragraphs=paragraphs,
        plain=plain,
        questions=questions,
        citations=cite(option.references, library.references, day),
        requires=[_linked(library, c, theme) for c in option.requires],
        excludes=[_linked(library, c, theme) for c in _excluded(library, option)],
        history=_option_history(site, theme, option),
        mail=option_mail_link(site, theme, option),
        file=f"{option.id}.yml",
    )


def _excluded(library: Library, option: Option) -> list[str]:
    """Return what does not go with an option, whichever of the two says so."""
    others = [o.id for o in library.options.values() if option.id in o.excludes]
    return list(dict.fromkeys((*option.excludes, *others)))


def _linked(library: Library, clause: str, beside: Theme) -> dict[str, str]:
    """Return a clause as a page of a theme names it: title, other theme, address."""
    theme = clause.split("/")[0]
    elsewhere = theme not in (clause, beside.id)
    return {
        "title": polish(library.title_of(clause)),
        "theme": polish(library.title_of(theme)) if elsewhere else "",
        "path": f"../{clause}.md" if library.options_by_theme.get(theme) else "",
    }


def option_mail_link(site: Site, theme: Theme, option: Option) -> str:
    """Return the address of a message that proposes another wording, or nothing."""
    manifest = site.library.manifest
    title = polish(option.title)
    return _message(
        site,
        f"Autre rédaction — {title}",
        (
            f"Thème : {polish(theme.title)}",
            f"Rédaction de départ : {title}",
            f"Référence : {option.id} · bibliothèque {manifest.id} {manifest.version}",
            "",
            "Organisation ou service (aucun nom de personne n’est nécessaire) :",
            "",
            "Rédaction proposée, complète :",
            "",
            "Raisons :",
            "",
        ),
    )


# --- the law -------------------------------------------------------------------------


def _legal_pages(site: Site) -> dict[str, str]:
    cited: dict[str, list[Article]] = {}
    for _, article in site.articles:
        for citation in article.references:
            cited.setdefault(citation.id, []).append(article)
    first_part = {
        citation.id: part.id
        for part, article in reversed(site.articles)
        for citation in article.references
    }
    rows: dict[str, list[dict[str, Any]]] = {part.id: [] for part in site.charter.parts}
    for fact, reference in site.library.references.items():
        if fact not in cited:
            continue
        rows[first_part[fact]].append(
            {
                "anchor": fact_anchor(fact),
                "subject": polish(reference.subject),
                "says": polish(reference.says),
                "source": _source(reference, site.charter.act_date),
                "checked": reference.checked,
                "note": polish(reference.note) if reference.note else "",
                "url": reference.url,
                "articles": cited[fact],
            }
        )
    groups = [(part, rows[part.id]) for part in site.charter.parts if rows[part.id]]
    return {
        "cadre-legal/index.md": _render(site, "cadre-legal", groups=groups),
        "cadre-legal/contenus.md": _render(site, "contenus", coverage=site.coverage),
        "cadre-legal/verification.md": _render(
            site, "verification", findings=site.findings
        ),
    }


def _source(reference: Reference, day: str) -> str:
    """Return « Article 3 du décret… — règle impérative, vérifié en partie »."""
    printed = reference.printed_on(day)
    said = f"{printed} — {worth(reference)}" if printed else worth(reference)
    return polish(said[:1].upper() + said[1:])


# --- the rest ------------------------------------------------------------------------


def _other_pages(site: Site) -> dict[str, str]:
    counts = Counter(p.nature for _, a in site.articles for p in a.every_paragraph())
    expected = [c for c in site.coverage if c.status in ("covered", "missing")]
    terms = [
        {"word": polish(word), "definition": _line(site, term.definition)}
        for word, term in sorted(site.library.lexicon.items(), key=_alphabetical)
    ]
    title, manifest = site.charter.title, site.library.manifest
    return {
        "index.md": _render(
            site,
            "accueil",
            lower_title=title[:1].lower() + title[1:],
            articles=[article for _, article in site.articles],
            total=sum(counts.values()),
            counts={nature: counts[nature] for nature in NATURE_LABELS},
            covered=sum(c.status == "covered" for c in expected),
            expected=len(expected),
            nature_bar=nature_bar(counts),
            debated=list(site.charter.open_points()),
            notice=polish(manifest.consultation_notice or ""),
            before_act=polish(manifest.before_act or ""),
            opens=site.days[0],
            closes=site.days[1],
        ),
        "contributions/index.md": _render(site, "contributions"),
        "contributions/formulaire.md": _render(site, "formulaire"),
        **_version_pages(site),
        "lexique.md": _render(site, "lexique", terms=terms),
        "mots.md": _render(site, "mots", index=word_index(site.charter)),
        "accessibilite.md": _render(site, "accessibilite"),
        "mentions.md": _render(
            site,
            "mentions",
            licence=manifest.licence,
            to_confirm=TO_CONFIRM,
            kept=list(items(site.consultation.dialogue.opened, site.retention))
            if site.consultation
            else [],
        ),
    }


def _version_pages(site: Site) -> dict[str, str]:
    """Return the list of versions, and one page for each frozen one."""
    last = site.versions[-1] if site.versions else None
    working = as_version(site.charter, last)
    pages = {
        "versions.md": _render(
            site,
            "versions",
            versions=list(site.versions),
            working=working,
            changes=compare_versions(last, working) if last else [],
        )
    }
    for previous, frozen in zip((None, *site.versions), site.versions, strict=False):
        pages[f"versions/{frozen.version}.md"] = _render(
            site,
            "version",
            frozen=frozen,
            previous=previous,
            changes=compare_versions(previous, frozen) if previous else [],
            origin=_origin_of(site, frozen.version),
        )
    return pages


def _origin_of(site: Site, version: int) -> Callable[[str], str]:
    """Return what gives the place where a version says why a text changed."""
    known = site.consultation.explained_versions if site.consultation else ()
    if version not in known:
        return lambda _: ""
    return lambda unit: place_of(origin_place(version, unit))


def _alphabetical(entry: tuple[str, object]) -> str:
    return fold(entry[0])


def nature_bar(counts: Mapping[Nature, int]) -> Trusted:
    """Return a small bar chart of what comes from the law and what can be discussed."""
    total = sum(counts.values()) or 1
    width, left = 640, 0.0
    bars, names, said = [], [], []
    for nature, label in NATURE_LABELS.items():
        count = counts.get(nature, 0)
        if not count:
            continue
        share = width * count / total
        bars.append(
            f'<rect class="bar-{nature}" x="{left + 1:.1f}" y="1" '
            f'width="{max(share - 2, 1):.1f}" height="18"/>'
        )
        # Names stand below, in a list: inside the drawing they would shrink with it.
        names.append(
            f'<li><span class="charte-nature charte-{nature}">{label}</span> {count}</li>'
        )
        said.append(f"{label} {count}")
        left += share
    return Trusted(
        f'<svg class="charte-bar" viewBox="0 0 {width} 20" preserveAspectRatio="none" '
        f'role="img" aria-label="Paragraphes : {", ".join(said)}">{"".join(bars)}</svg>\n'
        f'<ul class="charte-legend charte-legend--bar">{"".join(names)}</ul>'
    )


_ENVIRONMENT = _environment()
