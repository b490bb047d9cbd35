"""A clause library: what its YAML files hold, once loaded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from charter_builder.audit_guide import AuditGuide
from charter_builder.charter import Nature
from charter_builder.evaluation import cite, condition, printed_context
from charter_builder.expressions import theme_name
from charter_builder.forms import FieldTemplate
from charter_builder.model import (
    ClauseId,
    Day,
    FactId,
    Name,
    Prose,
    RequirementId,
    Sentence,
    Slug,
    ThemeId,
    Value,
)
from charter_builder.questionnaire import Question
from charter_builder.references import Citation, Figure, Reference, figures_on
from charter_builder.rules import Rule


class PartPlan(Value):
    """Une partie du document : son titre et ses thèmes, dans l’ordre."""

    title: Sentence
    """Le titre de la partie."""
    themes: tuple[ThemeId, ...] = Field(min_length=1)
    """Les thèmes, dans l’ordre des articles."""


class Manifest(Value):
    """`library.yml` : ce qu’est la bibliothèque, et le plan du document."""

    id: Slug
    """Le nom de la bibliothèque, stable."""
    title: Sentence
    """Le titre du document produit : « Charte du dialogue social »."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    """La version : '1.2.0'."""
    language: Literal["fr"]
    """La langue des textes."""
    legal_status_date: Day
    """Le jour où l’état du droit a été arrêté."""
    covers_from: Day
    """La plus ancienne date d’acte que la bibliothèque sait traiter."""
    licence: Sentence
    """La licence des textes."""
    territory_name: Name
    """La question de `questions.yml` qui donne le nom de la collectivité."""
    consultation_notice: Sentence | None = None
    """Ce que la concertation ne remplace pas : une phrase de l’accueil du site."""
    before_act: Sentence | None = None
    """Ce qui précède l’acte, après sa date : « après l’avis du comité »."""
    retired: dict[str, Sentence] = Field(default_factory=dict)
    """Les questions, les options et les thèmes retirés, avec la raison : une réponse
    enregistrée est alors gardée à part, jamais perdue."""
    parts: dict[Slug, PartPlan] = Field(min_length=1)
    """Le plan : les parties et leurs thèmes."""
    documents: tuple[Slug, ...] = ()
    """Les documents de `annexes/`, dans l’ordre où ils sont présentés."""


class _Printed(Value):
    references: tuple[FactId, ...] = ()
    """Les faits juridiques cités, le principal d’abord."""
    satisfies: tuple[RequirementId, ...] = ()
    """Les contenus obligatoires que le texte traite, par numéro : C01."""
    nature: Nature | tuple[Nature, ...] = "choice"
    """La nature de chaque paragraphe, dans l’ordre : law (imposé par la loi), choice
    (choix de la collectivité), practice (usage). Une seule valeur vaut pour tous."""


class DecidedBy(Value):
    """Qui décide de quoi : les textes, l’acte, puis chacun au cas par cas."""

    law: Prose | None = None
    """Ce que les textes fixent, sans rien ajouter aux faits juridiques cités."""
    act: Prose | None = None
    """Ce que la délibération ou la charte règle."""
    each_case: Prose | None = None
    """Ce qui se décide au cas par cas, ou dans l’équipe."""
    references: tuple[FactId, ...] = ()
    """Les faits juridiques qui fondent « law », le principal d’abord."""


class Theme(_Printed):
    """`<theme>/theme.yml` : un sujet, donc un article de la charte."""

    layout = (
        "title question settles stakes decided_by choose options criteria "
        "references=satisfies=nature=parameters text plain_language since "
        "renamed_from"
    )

    id: ThemeId
    """Le nom du dossier : il est l’identifiant de l’article, pour toujours."""
    title: Sentence
    """Le titre de l’article."""
    question: Sentence
    """La question posée pour choisir les options."""
    settles: Prose
    """Ce que l’article doit régler."""
    stakes: Prose | None = None
    """Les enjeux, en deux ou trois phrases : ce qui compte pour le service, pour les
    agents, pour les organisations syndicales."""
    decided_by: DecidedBy | None = None
    """Qui décide : ce que fixent les textes, la délibération ou la charte, et ce qui se
    décide au cas par cas."""
    choose: Literal["one", "any", "optional"] = "any"
    """Combien d’options : one (une seule), any (une ou plusieurs), optional (aucune
    est possible : l’article disparaît alors)."""
    options: tuple[Slug, ...] = ()
    """Les options, dans l’ordre où elles sont proposées ; vide : thème en préparation."""
    criteria: dict[Slug, str] = Field(default_factory=dict)
    """Les critères de comparaison des options : nom et intitulé."""
    parameters: dict[Name, Question] = Field(default_factory=dict)
    """Les questions communes à plusieurs options."""
    text: Prose | None = None
    """Le socle : ce que l’article dit quelle que soit l’option retenue."""
    plain_language: Prose | None = None
    """La version en langage clair du socle."""
    since: str | None = None
    """La version de la bibliothèque où le thème est apparu."""
    renamed_from: tuple[str, ...] = ()
    """Ses anciens identifiants."""


class Argument(Value):
    """Ce que disent les employeurs, ou les organisations syndicales."""

    for_: Prose = Field(alias="for")
    """En faveur de l’option."""
    against: Prose
    """Contre l’option, ou ses limites."""


class Arguments(Value):
    """Les arguments des deux côtés, tels qu’ils se disent d’ordinaire."""

    employer: Argument
    """Du côté de l’employeur."""
    unions: Argument
    """Du côté des organisations syndicales."""


class Option(_Printed):
    """`<theme>/<option>.yml` : une rédaction possible, avec ses questions."""

    layout = (
        "title summary when recommended_when requires excludes references satisfies "
        "nature attributes parameters text plain_language arguments since "
        "renamed_from"
    )

    id: ClauseId
    """Le chemin du fichier : `deconnexion/plage`."""
    title: Sentence
    """Le nom de l’option, court."""
    summary: Sentence
    """Ce qu’elle change, en une phrase."""
    text: Prose
    """Le texte de la charte."""
    plain_language: Prose | None = None
    """La version en langage clair."""
    parameters: dict[Name, Question] = Field(default_factory=dict)
    """Les questions de l’option."""
    when: str | None = None
    """La condition pour que l’option soit proposée."""
    recommended_when: str | None = None
    """La condition pour que l’option soit recommandée ; « true » pour toujours."""
    requires: tuple[ClauseId, ...] = ()
    """Les clauses que l’option suppose."""
    excludes: tuple[ClauseId, ...] = ()
    """Les clauses avec lesquelles elle ne va pas."""
    attributes: dict[Slug, str] = Field(default_factory=dict)
    """Sa valeur pour chaque critère de comparaison du thème."""
    arguments: Arguments | None = None
    """Les arguments des deux côtés."""
    since: str | None = None
    """La version de la bibliothèque où l’option est apparue."""
    renamed_from: tuple[str, ...] = ()
    """Ses anciens identifiants."""

    @property
    def theme(self) -> str:
        return self.id.split("/")[0]

    @property
    def slug(self) -> str:
        return self.id.split("/")[1]


class Statement(_Printed):
    """Un visa, un considérant ou une formule d’un acte."""

    layout = "text when references satisfies nature"

    text: Prose
    """Le texte."""
    when: str | None = None
    """La condition pour qu’il figure dans l’acte."""


class ActArticleTemplate(Statement):
    """Un article d’un acte."""

    layout = "title when references satisfies nature text"

    title: Sentence
    """Son titre."""


class ActTemplate(Value):
    """`annexes/<acte>.yml` : un acte de la collectivité, la délibération d’abord."""

    id: ThemeId
    """Le nom du fichier : on commente un acte comme un article, sous ce nom."""
    kind: Literal["act"]
    """Le type du document : act."""
    title: Sentence
    """Le titre de l’acte."""
    authority: Sentence
    """Qui décide : « Le conseil municipal »."""
    satisfies: tuple[RequirementId, ...] = ()
    """Les contenus obligatoires que l’acte traite par lui-même."""
    visas: tuple[Statement, ...] = Field(min_length=1)
    """Les visas."""
    recitals: tuple[Statement, ...] = ()
    """Les considérants."""
    articles: tuple[ActArticleTemplate, ...] = Field(min_length=1)
    """Les articles."""
    closing: tuple[Statement, ...] = ()
    """La formule finale."""


class SectionTemplate(_Printed):
    """Une partie d’un document : un texte, des champs à remplir, ou les deux."""

    layout = "title article new_page when text references satisfies nature fields"

    title: Sentence | None = None
    """Son titre ; sans titre, elle suit la précédente."""
    article: bool = False
    """Vrai : la section est un article numéroté, comme dans un arrêté."""
    new_page: bool = False
    """Vrai : la section commence une page."""
    text: Prose | None = None
    """Le texte."""
    fields: tuple[FieldTemplate, ...] = ()
    """Les champs à remplir, sous le texte."""
    when: str | None = None
    """La condition pour qu’elle figure dans le document."""


class DocumentTemplate(Value):
    """`annexes/<document>.yml` : un modèle de document qui accompagne le projet."""

    id: Slug
    """Le nom du fichier."""
    kind: Literal["document"]
    """Le type du document : document."""
    title: Sentence
    """Son titre."""
    purpose: Sentence
    """À quoi il sert, en une phrase."""
    for_: Sentence = Field(alias="for")
    """Qui le remplit, et qui le reçoit."""
    when: str | None = None
    """La condition pour qu’il figure dans le dossier."""
    references: tuple[FactId, ...] = ()
    """Les faits juridiques qui le fondent, le principal d’abord."""
    satisfies: tuple[RequirementId, ...] = ()
    """Les contenus obligatoires que le document traite par lui-même."""
    sections: tuple[SectionTemplate, ...] = Field(min_length=1)
    """Ses sections, dans l’ordre."""


AnnexTemplate = Annotated[ActTemplate | DocumentTemplate, Field(discriminator="kind")]


class Requirement(Value):
    """Un contenu que la loi veut trouver dans le dossier, par numéro : C01, puis C02."""

    title: Sentence
    """Le contenu attendu."""
    where: Literal["charte", "deliberation", "acte", "procedure"]
    """Où il doit se trouver ; « procedure » : c’est une démarche, pas un texte."""
    references: tuple[FactId, ...] = Field(min_length=1)
    """Les faits juridiques qui l’imposent, le principal d’abord."""
    when: str | None = None
    """La condition pour qu’il soit exigé."""
    otherwise: Sentence | None = None
    """Pourquoi il est sans objet quand la condition n’est pas remplie."""
    remedy: Sentence
    """Ce qu’il faut faire s’il manque, ou la démarche à suivre."""


class ProfileAnswers(Value):
    """Les réponses proposées par un profil."""

    options: dict[ThemeId, tuple[ClauseId, ...]] = Field(default_factory=dict)
    """Les options proposées, par thème."""
    values: dict[Name, object] = Field(default_factory=dict)
    """Les réponses proposées, par nom de question."""


class Profile(Value):
    """Un ensemble de thèmes et de réponses proposées, rien de plus."""

    title: Sentence
    """Le nom du profil."""
    summary: Sentence
    """Pour qui, pour quoi."""
    themes: tuple[ThemeId, ...] = Field(min_length=1)
    """Les thèmes ouverts."""
    answers: ProfileAnswers = Field(default_factory=ProfileAnswers)
    """Les réponses proposées."""


class Term(Value):
    """Un mot du lexique."""

    definition: Prose
    """Ce qu’il veut dire, en une phrase."""
    references: tuple[FactId, ...] = ()
    """Les faits juridiques d’où vient la définition."""


@dataclass(frozen=True)
class Owned:
    """A question with who asks it: the profile, a theme, or an option."""

    name: str
    question: Question
    owner: str
    """`""` for a profile question, else the id of a theme or an option."""

    @property
    def theme(self) -> str:
        return self.owner.split("/")[0]


@dataclass(frozen=True)
class Library:
    """Everything a library says. `digest` is that of its files (product, §5)."""

    manifest: Manifest
    questions: Mapping[str, Question]
    profiles: Mapping[str, Profile]
    references: Mapping[str, Reference]
    requirements: Mapping[str, Requirement]
    rules: Mapping[str, Rule]
    lexicon: Mapping[str, Term]
    themes: Mapping[str, Theme]
    options: Mapping[str, Option]
    acts: Mapping[str, ActTemplate]
    documents: Mapping[str, DocumentTemplate] = field(default_factory=dict)
    """In the order the manifest gives."""
    audit: AuditGuide = field(default_factory=AuditGuide)
    digest: str = ""

    @cached_property
    def theme_order(self) -> tuple[str, ...]:
        """Every theme, in the order of the articles."""
        return tuple(
            theme for part in self.manifest.parts.values() for theme in part.themes
        )

    @cached_property
    def options_by_theme(self) -> Mapping[str, tuple[Option, ...]]:
        """The options of each theme, in the order its file gives."""
        return {
            theme: tuple(
                self.options[f"{theme}/{slug}"]
                for slug in (self.themes[theme].options if theme in self.themes else ())
                if f"{theme}/{slug}" in self.options
            )
            for theme in self.theme_order
        }

    @cached_property
    def owned(self) -> Mapping[str, Owned]:
        """Every question by name, in the order they are asked."""
        found = {n: Owned(n, q, "") for n, q in self.questions.items()}
        for theme in self.theme_order:
            for owner in self._owners(theme):
                for name, question in owner.parameters.items():
                    found.setdefault(name, Owned(name, question, owner.id))
        return found

    def _owners(self, theme: str) -> Iterator[Theme | Option]:
        if theme in self.themes:
            yield self.themes[theme]
        yield from self.options_by_theme[theme]

    @cached_property
    def all_questions(self) -> Mapping[str, Question]:
        return {name: owned.question for name, owned in self.owned.items()}

    def may_go(self, unit: str) -> bool:
        """Return whether a project may do without a unit: an act, or an article."""
        theme = self.themes.get(unit)
        if theme is None:
            return unit not in self.acts
        return theme.choose == "optional"

    @cached_property
    def deciding_names(self) -> frozenset[str]:
        """The answers on which a question, an option or a proposal depends."""
        sources: list[str | None] = []
        for owned in self.owned.values():
            sources.append(owned.question.when)
            sources += [proposed.when for proposed in owned.question.default_when]
        for option in self.options.values():
            sources += [option.when, option.recommended_when]
        return frozenset(
            name for source in sources if source for name in condition(source).names
        )

    @cached_property
    def theme_names(self) -> Mapping[str, str]:
        """The name each theme bears in expressions, to its id."""
        return {theme_name(theme): theme for theme in self.theme_order}

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure of the legal facts, by name."""
        return {
            name: figure
            for reference in self.references.values()
            for name, figure in reference.figures.items()
        }

    @cached_property
    def figure_labels(self) -> Mapping[str, str]:
        return {name: figure.label for name, figure in self.figures.items()}

    @cached_property
    def _figures(self) -> dict[str, dict[str, int | Decimal]]:
        return {}

    def figures_on(self, day: str) -> dict[str, int | Decimal]:
        """Return the legal figures in force that day."""
        if day not in self._figures:
            self._figures[day] = figures_on(self.references.values(), day)
        return self._figures[day]

    @cached_property
    def _printed(self) -> dict[str, dict[str, str]]:
        return {}

    def printed_on(self, day: str) -> dict[str, str]:
        """Return the printed form of each fact that day, by the name texts read."""
        if day not in self._printed:
            forms = printed_context(self.references, self.references, day)
            self._printed[day] = forms
        return self._printed[day]

    @cached_property
    def _citations(self) -> dict[tuple[str, str], Citation]:
        return {}

    def citations(self, facts: Sequence[str], day: str) -> tuple[Citation, ...]:
        """Return the facts as an act of that day cites them."""
        known = self._citations
        for fact in facts:
            if (fact, day) not in known:
                (known[fact, day],) = cite((fact,), self.references, day)
        return tuple(known[fact, day] for fact in facts)

    def open_themes(self) -> Iterable[str]:
        """Return the themes that have at least one option, in order."""
        return [theme for theme in self.theme_order if self.options_by_theme[theme]]

    def title_of(self, clause: str) -> str:
        """Return the title of a theme or an option."""
        if clause in self.options:
            return self.options[clause].title
        return self.themes[clause].title if clause in self.themes else clause

    def natures(self, printed: _Printed, blocks: int) -> tuple[Nature, ...]:
        """Return one nature for each block of a text."""
        if isinstance(printed.nature, tuple):
            return printed.nature
        return (printed.nature,) * blocks
