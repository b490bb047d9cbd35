"""The reference of YAML keys, written from the models: docstrings, types and bounds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from charter_builder.audit_guide import AuditGuide, Excuse, Measure, Mention, Signs
from charter_builder.charter import NATURE_MEANINGS, Nature
from charter_builder.expressions import FILTERS
from charter_builder.forms import FieldTemplate
from charter_builder.library import (
    ActArticleTemplate,
    ActTemplate,
    Argument,
    Arguments,
    DecidedBy,
    DocumentTemplate,
    Manifest,
    Option,
    PartPlan,
    Profile,
    ProfileAnswers,
    Requirement,
    SectionTemplate,
    Statement,
    Term,
    Theme,
)
from charter_builder.model import (
    ClauseId,
    Day,
    FactId,
    Name,
    Number,
    Prose,
    RequirementId,
    Sentence,
    Slug,
    ThemeId,
    Value,
    field_docstrings,
)
from charter_builder.provisions import Base, Entry, Provision, ProvisionsDocument
from charter_builder.questionnaire import (
    AdoptedText,
    DefaultWhen,
    FigureOf,
    LegalBound,
    LocalParagraph,
    Question,
    Range,
)
from charter_builder.references import (
    CONFIDENCE_LABELS,
    FORCE_LABELS,
    Citation,
    DatedValue,
    Figure,
    PrintedForm,
    Reference,
    Severity,
)
from charter_builder.requirements import (
    STATUS_LABELS,
    CheckReport,
    Coverage,
    LibraryUsed,
)
from charter_builder.rules import AnswerOf, Finding, Rule
from charter_builder.workspace import LibraryLock, SiteSettings, WorkspaceSettings

Model = type[Value]

# Told apart by identity: each is an annotated str or Decimal.
_FORMS: tuple[tuple[object, str, str], ...] = (
    (Slug, "nom court", "noms courts"),
    (ThemeId, "identifiant de thème", "identifiants de thème"),
    (ClauseId, "identifiant de clause", "identifiants de clause"),
    (Name, "nom", "noms"),
    (FactId, "identifiant de fait juridique", "identifiants de fait juridique"),
    (RequirementId, "identifiant de contenu", "identifiants de contenu"),
    (Day, "date", "dates"),
    (Number, "nombre", "nombres"),
    (Sentence, "phrase", "phrases"),
    (Prose, "texte long", "textes longs"),
    (Nature, "[nature](#natures)", "[natures](#natures)"),
    (Question, "[question](#question)", "[questions](#question)"),
    (FieldTemplate, "[champ](#champ)", "[champs](#champ)"),
    (str, "texte", "textes"),
    (bool, "`true` ou `false`", "`true` ou `false`"),
    (int, "nombre entier", "nombres entiers"),
    (object, "réponse", "réponses"),
)

_PARTS: Mapping[Model, tuple[str, str]] = {
    PartPlan: ("partie", "parties"),
    FigureOf: ("chiffre nommé", "chiffres nommés"),
    AnswerOf: ("réponse nommée", "réponses nommées"),
    DefaultWhen: ("proposition conditionnelle", "propositions conditionnelles"),
    Range: ("intervalle", "intervalles"),
    LegalBound: ("limite légale", "limites légales"),
    DecidedBy: ("qui décide", "qui décide"),
    Arguments: ("arguments", "arguments"),
    Argument: ("argument", "arguments"),
    PrintedForm: ("forme imprimée", "formes imprimées"),
    Figure: ("chiffre", "chiffres"),
    DatedValue: ("valeur datée", "valeurs datées"),
    ProfileAnswers: ("réponses proposées", "réponses proposées"),
    Statement: ("formule", "formules"),
    ActArticleTemplate: ("article d’acte", "articles d’acte"),
    SectionTemplate: ("section", "sections"),
    Mention: ("mention périmée", "mentions périmées"),
    Measure: ("valeur à comparer", "valeurs à comparer"),
    Signs: ("signes d’un contenu", "signes de contenus"),
    Excuse: ("excuse", "excuses"),
    SiteSettings: ("réglages du site", "réglages du site"),
    LibraryUsed: ("bibliothèque", "bibliothèques"),
    Finding: ("constat", "constats"),
    Coverage: ("contenu attendu", "contenus attendus"),
    Citation: ("source", "sources"),
    Provision: ("disposition", "dispositions"),
}
"""The models found inside others, as a reader calls one and several."""

_AUTHORED: tuple[Nature, ...] = ("law", "choice", "practice")
"""The natures an author writes; « local » is set by the program."""

_INTRODUCTION = """\
# Clés des fichiers

Cette page est écrite par le programme, d’après ses propres modèles : elle ne se corrige
pas à la main. Le [guide des auteurs](guides/auteurs.md) explique comment s’en servir.

Une clé inconnue est une erreur, signalée avec sa ligne. Trois formes reviennent partout :

- un **nom court** a des minuscules sans accent, des chiffres et des tirets :
  `envoi-differe` ;
- un **nom** de question ou de chiffre a des minuscules, des chiffres et des tirets bas :
  `debut_deconnexion` ; il est unique dans la bibliothèque ;
- une **date** est entre guillemets : `'2027-03-01'`.

Un **identifiant de clause** est celui d’un thème (`deconnexion`) ou d’une option
(`deconnexion/plage`). La clé `id` ne s’écrit pas dans les fichiers de thème, d’option et
d’annexe : l’identifiant est le nom du fichier."""

_ANSWERS = """\
Les réponses d’une collectivité. Le fichier est complété par `charter ask` et se modifie
aussi à la main : les commentaires y sont gardés.

| Clé | Ce qu’elle dit | Forme |
|---|---|---|
| `act_date` | La date prévue de l’acte : elle décide des références imprimées. | \
date, obligatoire |
| `profile` | Le profil : les thèmes ouverts et les réponses proposées. | \
nom court, obligatoire |
| `questions` | Les réponses aux questions de `questions.yml`. | lignes « nom : réponse » |
| `themes` | Pour chaque thème, `options` (la liste des options retenues ; une liste \
vide ferme l’article) et les réponses à ses questions. | \
lignes « identifiant de thème : réponses » |
| `local` | Pour chaque thème, un paragraphe propre à la collectivité. | \
lignes « identifiant de thème : [paragraphe local](#paragraphe-local) » |
| `adopted` | Pour chaque article ou acte, le texte adopté après concertation. Écrit par \
`charter consultation apply`. | \
lignes « identifiant de l’article ou de l’acte : [texte adopté](#texte-adopte) » |
| `set_aside` | Les réponses qui n’ont pas pu suivre la bibliothèque, gardées à part. | \
lignes « ancien emplacement : réponse » |"""


_REPORT = """\
# Vérification pour un programme

Cette page est écrite par le programme, d’après ses propres modèles : elle ne se corrige
pas à la main.

`charter check --format json` imprime tout ce que la commande dit d’un projet, sous une
forme qu’un autre programme peut lire. Le code de retour est le même : 1 si une erreur de
droit est trouvée, 2 si le projet ne peut pas être lu ; rien n’est alors imprimé en JSON.
[check.schema.json](check.schema.json) en est le JSON Schema ; `charter library schema
check` l’imprime aussi.

## Ce qui ne change pas

`format` vaut `1`. Tant qu’il vaut `1`, aucune clé ne disparaît, ne change de nom, de
type ni de sens, et toutes les clés sont toujours présentes, même vides. Une version du
programme peut ajouter une clé : ignorez celles que vous ne connaissez pas. Un changement
qui romprait ceci donnerait `2` à `format` ; lisez-le d’abord.

Les identifiants (`rule`, les `id`, les `names`) sont ceux de la bibliothèque
et suivent sa version ; les phrases sont faites pour être lues par une personne, et leur
rédaction peut changer.

## Le rapport"""

_SEVERITY_LABELS: Mapping[Severity, str] = {
    "error": "erreur de droit : le projet est à corriger, le code de retour vaut 1",
    "warning": "point à vérifier : la règle n’est pas certaine, ou c’est un conseil",
    "note": "à savoir",
}


def report_page() -> str:
    """Return the page that documents `charter check --format json`, in Markdown."""
    blocks = [
        _REPORT,
        *_model(CheckReport, always=True),
        "## Les valeurs",
        *_labels("Gravité d’un constat", "", _SEVERITY_LABELS.items()),
        *_labels("État d’un contenu attendu", "", STATUS_LABELS.items()),
        *_labels("Force d’une source", "", FORCE_LABELS.items()),
        *_labels("Ce qui a été vérifié d’une source", "", CONFIDENCE_LABELS.items()),
    ]
    return "\n\n".join(blocks) + "\n"


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of `charter check --format json`.

    It lets keys be added: a program written for this schema reads the next version.
    """
    schema = TypeAdapter(CheckReport).json_schema(mode="serialization")
    for model in (schema, *schema["$defs"].values()):
        del model["additionalProperties"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def keys_page() -> str:
    """Return the page that documents every key of every file, in Markdown."""
    blocks = [
        _INTRODUCTION,
        *_file("La bibliothèque : `library.yml`", Manifest),
        *_named("Les questions : `questions.yml`", "nom", "question"),
        *_kinds("Question", "question", Question),
        *_file("Les thèmes : `<thème>/theme.yml`", Theme),
        *_file("Les options : `<thème>/<option>.yml`", Option),
        "## Les règles : `rules/*.yml`",
        "Chaque fichier contient des règles, par nom court. L’identifiant d’une règle "
        "est le nom du fichier, un point, son nom : `temps.repos`.",
        *_kinds("Règle", "regle", Rule, told=(FigureOf,)),
        *_named(
            "Le cadre légal : `legal/references.yml`", "identifiant", "fait juridique"
        ),
        *_model(Reference),
        *_labels(
            "Ce que vaut un fait juridique",
            "La force et la confiance décident ensemble de la gravité : une règle "
            "impérative ou un contenu obligatoire vérifiés, même en partie, donnent une "
            "erreur ; non vérifiés, un point à vérifier, comme la doctrine et la "
            "pratique ; le reste donne une note.",
            [*FORCE_LABELS.items(), *CONFIDENCE_LABELS.items()],
        ),
        *_named(
            "Les contenus attendus : `legal/requirements.yml`", "numéro", "contenu"
        ),
        *_model(Requirement),
        *_file("L’audit d’un texte existant : `legal/audit.yml`", AuditGuide),
        *_named("Les profils : `profiles.yml`", "nom court", "profil"),
        *_model(Profile),
        *_named("Le lexique : `lexicon.yml`", "mot", "définition"),
        *_model(Term),
        *_file("Les actes : `annexes/*.yml`, `kind: act`", ActTemplate),
        *_file("Les documents : `annexes/*.yml`, `kind: document`", DocumentTemplate),
        *_kinds("Champ", "champ", FieldTemplate),
        *_labels(
            "Les natures { #natures }",
            "Un paragraphe finit à une ligne vide.",
            [(nature, NATURE_MEANINGS[nature]) for nature in _AUTHORED],
        ),
        "## Les filtres",
        "Un filtre met une réponse en forme dans un texte : `{{ montant|euros }}`.",
        _table(("Filtre", "Ce qu’il donne"), _filter_rows()),
        *_file("Le projet d’essai : `coverage/base.yml`", Base),
        *_named("Les correspondances : `coverage/*.yml`", "disposition", "entrée"),
        *_kinds("Entrée", "entree", Entry),
        *_file("Un document réel : `charter library coverage`", ProvisionsDocument),
        "## L’espace de travail : `charter.yml`",
        *_model(WorkspaceSettings),
        "## L’espace de travail : `library.lock`",
        *_model(LibraryLock),
        "## L’espace de travail : `answers.yml`",
        _ANSWERS,
        "### Paragraphe local { #paragraphe-local }",
        *_model(LocalParagraph),
        "### Texte adopté { #texte-adopte }",
        *_model(AdoptedText),
    ]
    return "\n\n".join(blocks) + "\n"


def _file(title: str, model: Model) -> Iterator[str]:
    yield f"## {title}"
    yield from _model(model)


def _named(title: str, key: str, value: str) -> Iterator[str]:
    yield f"## {title}"
    yield f"Le fichier contient des lignes « {key} : {value} »."


def _model(model: Model, always: bool = False) -> Iterator[str]:
    """Yield the sentence of a model, its table of keys, then the models inside it.

    With `always`, the program writes it and leaves no key out.
    """
    _, _, said = _one_line(model.__doc__).rpartition("` : ")
    yield said[:1].upper() + said[1:]
    yield _keys(model, always=always)
    yield from _parts([model], always=always)


def _parts(
    models: Iterable[Model], told: Iterable[Model] = (), always: bool = False
) -> Iterator[str]:
    found = dict.fromkeys(part for model in models for part in _parts_of(model))
    for part in (part for part in found if part not in told):
        title = _PARTS[part][0]
        yield f"### {title[:1].upper()}{title[1:]} {{ #{_anchor(title)} }}"
        yield _one_line(part.__doc__)
        yield _keys(part, always=always)


def _kinds(
    title: str, anchor: str, union: object, told: Iterable[Model] = ()
) -> Iterator[str]:
    """Yield the keys all the kinds share, then each kind with its own."""
    kinds: tuple[Model, ...] = get_args(get_args(union)[0])
    every = [get_type_hints(kind, include_extras=True) for kind in kinds]
    shared = {
        name
        for name in kinds[0].model_fields
        if all(hints.get(name) == every[0][name] for hints in every)
    }
    own = {name for kind in kinds for name in kind.model_fields} - shared
    yield f"### {title} {{ #{anchor} }}"
    if shared - {"kind"}:
        yield "`kind` donne le type. Les autres clés communes à tous les types :"
        yield _keys(kinds[0], own)
    else:
        yield "`kind` donne le type."
    for kind in kinds:
        word = get_args(get_type_hints(kind)["kind"])[0]
        yield f"#### `kind: {word}` {{ #{anchor}-{word} }}"
        yield _one_line(kind.__doc__)
        if set(kind.model_fields) - shared - {"kind"}:
            yield _keys(kind, shared)
    yield from _parts(kinds, told)


def _labels(title: str, said: str, labels: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"### {title}"
    if said:
        yield said
    rows = [(f"`{word}`", label) for word, label in labels]
    yield _table(("Valeur", "Ce qu’elle veut dire"), rows)


def _filter_rows() -> Iterator[tuple[str, str]]:
    for name, known in FILTERS.items():
        # What is typed in a text stands out: liste("ou").
        yield f"`{name}`", re.sub(r"\w+\(\"[^)]*\)", r"`\g<0>`", known.help)


# --- one model -----------------------------------------------------------------------


def _keys(model: Model, without: Iterable[str] = (), always: bool = False) -> str:
    hints = get_type_hints(model, include_extras=True)
    said = field_docstrings(model)
    # One word only tells the models of a union apart: nothing to choose.
    told = len(get_args(hints.get("kind"))) == 1
    hidden = {"id", "kind"} if told else set()
    hidden |= set(without)
    if model in (Theme, Option):
        hidden.add("id")
    rows = [
        (
            f"`{field.alias or name}`",
            _one_line(said.get(name)),
            _form(hints[name]) if always else _form_of(field, hints[name]),
        )
        for name, field in sorted(
            model.model_fields.items(),
            key=lambda item: always or not item[1].is_required(),
        )
        if name not in hidden
    ]
    return _table(("Clé", "Ce qu’elle dit", "Forme"), rows)


def _form_of(field: FieldInfo, hint: object) -> str:
    form = _form(hint)
    if field.is_required():
        return f"{form}, obligatoire"
    if isinstance(field.default, bool):
        return f"{form} ; par défaut `{str(field.default).lower()}`"
    if isinstance(field.default, str | int | Decimal):
        return f"{form} ; par défaut `{field.default}`"
    return form


def _form(hint: object, several: bool = False) -> str:
    """Return the words for a type: « liste de phrases », « date ou texte »."""
    for known, one, many in _FORMS:
        if hint is known or hint == known:
            return many if several else one
    if isinstance(hint, type) and hint in _PARTS:
        one, many = _PARTS[hint]
        return f"[{many if several else one}](#{_anchor(one)})"
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _form(arguments[0], several)
    if origin is Literal:
        return _either(f"`{value}`" for value in arguments)
    if origin in (Union, UnionType):
        kept = [a for a in arguments if a is not NoneType]
        return _either(dict.fromkeys(_form(a, several) for a in kept))
    if origin is tuple:
        words = _form(arguments[0], several=True)
        return f"liste {'d’' if words.strip('[`')[0] in 'aeéiou' else 'de '}{words}"
    if origin is dict:
        key, value = (_form(a) for a in arguments)
        return f"lignes « {key} : {value} »"
    raise AssertionError(f"no French words for {hint!r}")


def _parts_of(model: Model) -> list[Model]:
    """Return the models found in the fields of a model, and in theirs."""
    found: dict[Model, None] = {}

    def look(hint: object) -> None:
        if isinstance(hint, type) and issubclass(hint, Value):
            if hint not in found and hint in _PARTS:
                found[hint] = None
                for inner in get_type_hints(hint, include_extras=True).values():
                    look(inner)
            return
        if hint in (Question, FieldTemplate):
            return  # Each has its own section.
        for argument in get_args(hint):
            look(argument)

    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        look(hints[name])
    return list(found)


# --- Markdown ------------------------------------------------------------------------


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} ou {last}" if first else last


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _anchor(title: str) -> str:
    return title.replace(" ", "-").replace("’", "-").replace("é", "e")
