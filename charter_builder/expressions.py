"""The checked subset of Jinja that clause texts and conditions are written in.

A forked library is a stranger's file, and a sandbox alone does not hold: Jinja only
parses, then every syntax node must be on a whitelist (no attribute, call, subscript,
arithmetic, import, macro or set). What is left we compute ourselves, one function for
each kind of node: nothing of a stranger's text is ever compiled to Python. Because the
tree is small we also know which names it reads, under which conditions, and can say in
French why a condition was true.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, Protocol

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from charter_builder import french
from charter_builder.errors import ExpressionError, MissingAnswer, did_you_mean

Plain = bool | int | Decimal | str | Sequence[str] | Sequence[Sequence[str]]
"""What an expression may hold: no object with a capability ever enters."""

Context = Mapping[str, Plain]

MAX_CONDITION = 1_000
MAX_TEXT = 20_000
MAX_NODES = 1_500
MAX_NESTING = 25
# Deeper trees exhaust the recursion, or the nesting that Python can compile.
MAX_DEPTH = 60
MAX_RENDERED = 500_000

# Marks of structure in a rendered text. Values are stripped of control characters when
# they are printed, so nothing a person types can forge one.
BLOCK = "\x1e"
ITEM = "\x1d"
TABLE = "\x1c"
ROW = "\x1b"
CELL = "\x1f"

# Lone surrogates come from bytes that are not UTF-8; no file could hold them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


def one_line(text: str) -> str:
    """Return what a person typed as one harmless line."""
    return re.sub(r"\s+", " ", _harmless(text)).strip()


def _harmless(text: str) -> str:
    if text.isprintable():  # nearly always
        return text
    spaced = re.sub(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]", " ", text)
    return _INVISIBLE.sub("", _CONTROL.sub("", spaced))


# --- our own filters -----------------------------------------------------------------


def _counted(one: str, many: str) -> Callable[[int | Decimal], str]:
    return lambda value: french.counted(value, one, many)


def _list(words: Sequence[str], last: str = "et") -> str:
    return french.enumeration([one_line(word) for word in words], last)


class _Structure(str):
    """What `tableau` gives: the only printed value that may hold marks."""

    __slots__ = ()


def _table(rows: Sequence[Sequence[str]], *headers: str) -> str:
    lines = [headers, *rows]
    body = ROW.join(CELL.join(one_line(cell) for cell in line) for line in lines)
    # On a line of its own, whatever stands around it.
    return _Structure(f"\n{TABLE}{body}\n")


def _plural(value: int | Decimal, one: str, many: str) -> str:
    return many if abs(Decimal(value)) >= 2 else one


# What a filter raises on a value of another kind.
_WRONG_VALUE = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@dataclass(frozen=True)
class Filter:
    """One filter: its function, its number of constant arguments, what it gives."""

    function: Callable[..., object]
    min_args: int
    max_args: int
    help: str

    def named(self, name: str) -> Callable[..., object]:
        """Return the function; its failures are sentences."""

        def apply(value: object, *arguments: str) -> object:
            try:
                return self.function(value, *arguments)
            except _WRONG_VALUE:
                raise ExpressionError(
                    f"« |{name} » ne convient pas à « {str(value)[:60]} »."
                ) from None

        return apply


FILTERS: Mapping[str, Filter] = {
    "jours": Filter(french.days, 0, 0, "2 → « 2 jours », 0.5 → « une demi-journée »"),
    "jours_ouvres": Filter(
        _counted("jour ouvré", "jours ouvrés"), 0, 0, "2 → « 2 jours ouvrés »"
    ),
    "heures": Filter(_counted("heure", "heures"), 0, 0, "11 → « 11 heures »"),
    "minutes": Filter(_counted("minute", "minutes"), 0, 0, "20 → « 20 minutes »"),
    "semaines": Filter(_counted("semaine", "semaines"), 0, 0, "4 → « 4 semaines »"),
    "mois": Filter(lambda v: f"{french.number(v)} mois", 0, 0, "3 → « 3 mois »"),
    "ans": Filter(_counted("an", "ans"), 0, 0, "5 → « 5 ans »"),
    "nombre": Filter(french.number, 0, 0, "1607 → « 1 607 »"),
    "pourcent": Filter(lambda v: f"{french.number(v)} %", 0, 0, "75 → « 75 % »"),
    "euros": Filter(french.money, 0, 0, "2.88 → « 2,88 € »"),
    "heure": Filter(french.clock, 0, 0, "'19:00' → « 19 heures »"),
    "date": Filter(french.day, 0, 0, "'2027-03-01' → « 1er mars 2027 »"),
    "liste": Filter(_list, 0, 1, '→ « a, b et c » ; liste("ou") → « a, b ou c »'),
    "pluriel": Filter(_plural, 2, 2, 'pluriel("agent", "agents") : le mot seul'),
    "tableau": Filter(_table, 1, 8, "un tableau ; un intitulé par colonne"),
    # The three that follow never run: the parser turns them into plain values.
    "libelle": Filter(str, 0, 0, "le libellé d’une réponse à choix"),
    "reference": Filter(str, 0, 0, "la référence à imprimer à la date de l’acte"),
    "article": Filter(str, 0, 0, "le numéro de l’article : « article 4 »"),
}


def label_key(name: str) -> str:
    """Return the context key that holds the label of a choice."""
    return f"{name}__libelle"


def reference_key(fact: str) -> str:
    """Return the context key that holds the printed form of a legal fact."""
    # Two facts never share a key: no identifier holds an underscore.
    return "reference__" + fact.replace(".", "_p").replace("-", "_t")


def article_key(theme: str) -> str:
    """Return the context key that holds the article of a theme, numbered."""
    return "article__" + theme.replace("-", "_")


def theme_name(theme: str) -> str:
    """Return the name a theme bears in expressions: its id with underscores."""
    return theme.replace("-", "_")


# --- parsing -------------------------------------------------------------------------


_ENVIRONMENT = Environment(
    trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False, autoescape=False
)

_ALLOWED: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Const,
        nodes.Name,
        nodes.List,
        nodes.Tuple,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.CondExpr,
        nodes.If,
        nodes.For,
        nodes.Filter,
    }
)

_FORBIDDEN_NAMES = {
    nodes.Getattr: "un accès par point (« a.b »)",
    nodes.Getitem: "un accès par crochets (« a[b] »)",
    nodes.Call: "un appel de fonction",
    nodes.Macro: "une macro",
    nodes.Import: "une importation",
    nodes.FromImport: "une importation",
    nodes.Include: "une inclusion",
    nodes.Extends: "un héritage",
    nodes.Assign: "une affectation (set)",
    nodes.AssignBlock: "une affectation (set)",
    nodes.Test: "un test (« is »)",
    nodes.BinExpr: "un calcul",
    nodes.UnaryExpr: "un calcul",
    nodes.Concat: "une concaténation (« ~ »)",
}

# Jinja gives these an object of its own.
JINJA_NAMES = frozenset({"self", "super", "loop", "caller", "varargs", "kwargs"})
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)*_?")
_IDENTIFIER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]*")


class Read(NamedTuple):
    """A place where a name is read, and the conditions known to be true there."""

    name: str
    guards: frozenset[str]
    line: int


class Comparison(NamedTuple):
    """A name compared with constants, so that the library can check their kinds.

    For `'x' in theme` the name is the right-hand side and the operator `has`.
    """

    name: str
    operator: str
    constants: tuple[object, ...]
    line: int


class Printed(NamedTuple):
    """A name a text prints, and the filters it goes through: `x|libelle|liste`."""

    name: str
    filters: tuple[str, ...]
    line: int


class _Parsed(NamedTuple):
    reads: tuple[Read, ...] = ()
    references: frozenset[str] = frozenset()
    articles: tuple[Read, ...] = ()
    labels: frozenset[str] = frozenset()
    table_widths: tuple[tuple[str, int, int], ...] = ()
    loops: tuple[Read, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    printed: tuple[Printed, ...] = ()
    words: tuple[tuple[int, str], ...] = ()


def _refuse(message: str, node: nodes.Node | None = None, line: int = 1) -> NoReturn:
    raise ExpressionError(message, getattr(node, "lineno", line) or line)


_BRACKETS = re.compile(r"[(\[{)\]}]")
_EXPRESSION = re.compile(r"{[{%].*?(?:[%}]}|\Z)", re.DOTALL)


def expression_size(source: str) -> int:
    """Return how many characters of a text are blanks and conditions, not words."""
    return sum(len(found) for found in _EXPRESSION.findall(source))


def _check_size(source: str, limit: int) -> None:
    if len(source) > limit:
        _refuse(f"texte trop long : {len(source)} caractères, {limit} au plus.")
    if sum(map(source.count, "([{")) <= MAX_NESTING:  # nearly always
        return
    depth = 0
    for bracket in _BRACKETS.findall(source):
        if bracket in "([{":
            depth += 1
            if depth > MAX_NESTING:
                _refuse(f"trop de parenthèses emboîtées ({MAX_NESTING} au plus).")
        else:
            depth = max(0, depth - 1)


def _syntax(source: str) -> nodes.Template:
    try:
        return nodes.Template(Parser(_ENVIRONMENT, source).subparse(), lineno=1)
    except TemplateSyntaxError as error:
        _refuse(f"syntaxe incorrecte : {_translated(error.message)}", line=error.lineno)
    except RecursionError:
        _refuse("expression trop emboîtée : coupez-la en plusieurs.")
    except ValueError:  # a number of thousands of digits
        _refuse("nombre trop grand : corrigez-le.")


def _translated(message: str | None) -> str:
    text = message or ""
    tag = re.match(r"Encountered unknown tag '(\w+)'", text)
    if tag:
        return f"la balise « {tag[1]} » n’est pas admise (if, for, elif, else)."
    if "unexpected '}'" in text or "end of print statement" in text:
        return "un « {{ » n’est pas bien fermé par « }} »."
    if "end of template" in text:
        return "un bloc {% if %} ou {% for %} n’est pas fermé."
    return "vérifiez les accolades, les guillemets et les parenthèses."


def canonical(node: nodes.Node) -> str:
    """Return one spelling of a condition, to compare conditions with."""
    match node:
        case nodes.Name():
            return str(node.name)
        case nodes.Const():
            return repr(node.value)
        case nodes.Not():
            return f"not({canonical(node.node)})"
        case nodes.And():
            return " and ".join(sorted(conjuncts(node)))
        case nodes.Or():
            return f"({canonical(node.left)} or {canonical(node.right)})"
        case nodes.Compare():
            tail = "".join(f" {o.op} {canonical(o.expr)}" for o in node.ops)
            return canonical(node.expr) + tail
        case nodes.List() | nodes.Tuple():
            return f"[{', '.join(canonical(item) for item in node.items)}]"
        case nodes.CondExpr():
            parts = (node.test, node.expr1, node.expr2)
            return "if(" + ", ".join(canonical(p) if p else "" for p in parts) + ")"
        case nodes.Filter():
            inner = canonical(node.node) if node.node else ""
            return f"{inner}|{node.name}({', '.join(map(canonical, node.args))})"
    return type(node).__name__


def conjuncts(node: nodes.Node) -> frozenset[str]:
    """Return the conditions that are all true when `node` is."""
    if isinstance(node, nodes.And):
        return conjuncts(node.left) | conjuncts(node.right)
    found = {canonical(node)}
    # `'x' in theme` also says that the theme is open.
    if (
        isinstance(node, nodes.Compare)
        and [o.op for o in node.ops] == ["in"]
        and isinstance(node.ops[0].expr, nodes.Name)
    ):
        found.add(node.ops[0].expr.name)
    return frozenset(found)


def option_guard(theme: str, option: str) -> str:
    """Return the condition that says an option is chosen, as `conjuncts` spells it."""
    return f"{option!r} in {theme_name(theme)}"


def conjuncts_of_name(name: str) -> frozenset[str]:
    """Return the condition that says a theme is open."""
    return frozenset({name})


class _Reader:
    """Walks a tree once: refuses what is not allowed, notes what is read."""

    def __init__(self) -> None:
        self.count = 0
        self.depth = 0
        self.reads: list[Read] = []
        self.references: set[str] = set()
        self.articles: list[Read] = []
        self.labels: set[str] = set()
        self.tables: list[tuple[str, int, int]] = []
        self.loops: list[Read] = []
        self.comparisons: list[Comparison] = []
        self.printed: list[Printed] = []
        self.words: list[tuple[int, str]] = []

    def visit(
        self, node: nodes.Node, guards: frozenset[str], local: frozenset[str]
    ) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            _refuse("expression trop grande : coupez-la en plusieurs.", node)
        if self.depth >= MAX_DEPTH:
            _refuse("expression trop emboîtée : coupez-la en plusieurs.", node)
        self.depth += 1
        self._visit(node, guards, local)
        self.depth -= 1

    def _visit(
        self, node: nodes.Node, guards: frozenset[str], local: frozenset[str]
    ) -> None:
        if type(node) not in _ALLOWED:
            what = next(
                (w for kind, w in _FORBIDDEN_NAMES.items() if isinstance(node, kind)),
                f"cette construction ({type(node).__name__})",
            )
            _refuse(
                f"{what} ne peut pas servir ici : n’y servent que les noms, "
                "les comparaisons, and, or, not, in, if, for et nos filtres.",
                node,
            )
        match node:
            case nodes.TemplateData():
                pass
            case nodes.Name():
                self._name(node, guards, local)
            case nodes.Const():
                _check_constant(node)
            case nodes.Output():
                for piece in node.nodes:
                    self.visit(piece, guards, local)
                    self._shown(piece, (), local)
            case nodes.Filter():
                self._filter(node, guards, local)
            case nodes.Compare():
                self._compare(node)
                for child in node.iter_child_nodes():
                    self.visit(child, guards, local)
            case nodes.And():
                self.visit(node.left, guards, local)
                self.visit(node.right, guards | conjuncts(node.left), local)
            case nodes.Or():
                self.visit(node.left, guards, local)
                left = frozenset({f"not({canonical(node.left)})"})
                self.visit(node.right, guards | left, local)
            case nodes.CondExpr():
                if node.expr2 is None:
                    _refuse("« a if b » se termine par « else … ».", node)
                self._branches(
                    ((node.test, (node.expr1,)),), (node.expr2,), guards, local
                )
            case nodes.If():
                branches = [
                    (branch.test, branch.body) for branch in (node, *node.elif_)
                ]
                self._branches(branches, node.else_, guards, local)
            case nodes.For():
                self._loop(node, guards, local)
            case _:
                for child in node.iter_child_nodes():
                    self.visit(child, guards, local)

    def _shown(
        self, node: nodes.Node, filters: tuple[str, ...], local: frozenset[str]
    ) -> None:
        """Note the names a text prints, and the words its author typed."""
        match node:
            case nodes.TemplateData():
                self.words.append((node.lineno, node.data))
            case nodes.Const():
                self.words.append((node.lineno, str(node.value)))
            case nodes.Name() if node.name not in local:
                self.printed.append(Printed(node.name, filters, node.lineno))
            case nodes.CondExpr():
                for branch in filter(None, (node.expr1, node.expr2)):
                    self._shown(branch, filters, local)
            case nodes.Filter() if node.name not in ("reference", "article"):
                for argument in node.args:
                    self._shown(argument, (), local)
                if node.node is not None:
                    self._shown(node.node, (node.name, *filters), local)

    def _compare(self, node: nodes.Compare) -> None:
        if len(node.ops) != 1:
            return
        left, operand = node.expr, node.ops[0]
        right = operand.expr
        found: tuple[str, str, tuple[object, ...]] | None = None
        if isinstance(left, nodes.Name) and isinstance(right, nodes.Const):
            found = left.name, operand.op, (right.value,)
        elif isinstance(left, nodes.Name) and isinstance(
            right, nodes.List | nodes.Tuple
        ):
            constants = [i.value for i in right.items if isinstance(i, nodes.Const)]
            found = left.name, operand.op, tuple(constants)
        elif isinstance(left, nodes.Const) and isinstance(right, nodes.Name):
            found = right.name, "has", (left.value,)
        if found:
            self.comparisons.append(Comparison(*found, node.lineno))

    def _branches(
        self,
        tests: Sequence[tuple[nodes.Node, Sequence[nodes.Node]]],
        otherwise: Sequence[nodes.Node],
        guards: frozenset[str],
        local: frozenset[str],
    ) -> None:
        known = guards
        for test, body in tests:
            self.visit(test, known, local)
            for child in body:
                self.visit(child, known | conjuncts(test), local)
            known = known | {f"not({canonical(test)})"}
        for child in otherwise:
            self.visit(child, known, local)

    def _name(
        self, node: nodes.Name, guards: frozenset[str], local: frozenset[str]
    ) -> None:
        _check_name(node)
        if node.name not in local:
            self.reads.append(Read(node.name, guards, node.lineno))

    def _loop(
        self, node: nodes.For, guards: frozenset[str], local: frozenset[str]
    ) -> None:
        if local:
            _refuse("une boucle dans une boucle n’est pas admise.", node)
        simple = isinstance(node.target, nodes.Name) and isinstance(
            node.iter, nodes.Name
        )
        if not simple or node.recursive or node.test is not None or node.else_:
            _refuse(
                "une boucle s’écrit {% for element in reponse %} … {% endfor %}.", node
            )
        assert isinstance(node.target, nodes.Name)
        _check_name(node.target)
        self.visit(node.iter, guards, local)
        assert isinstance(node.iter, nodes.Name)
        self.loops.append(Read(node.iter.name, guards, node.lineno))
        for child in node.body:
            self.visit(child, guards, local | {node.target.name})

    def _filter(
        self, node: nodes.Filter, guards: frozenset[str], local: frozenset[str]
    ) -> None:
        known = FILTERS.get(node.name)
        if known is None:
            hint = did_you_mean(node.name, FILTERS)
            _refuse(f"le filtre « {node.name} » n’existe pas.{hint}", node)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
            _refuse(f"arguments incorrects pour « {node.name} ».", node)
        if not known.min_args <= len(node.args) <= known.max_args or not all(
            isinstance(a, nodes.Const) and isinstance(a.value, str) for a in node.args
        ):
            _refuse(f"arguments incorrects pour « {node.name} ».", node)
        if node.name in ("reference", "article"):
            if not isinstance(node.node, nodes.Const) or not isinstance(
                node.node.value, str
            ):
                _refuse(f"« {node.name} » suit un identifiant entre guillemets.", node)
            if not _IDENTIFIER.fullmatch(node.node.value):
                _refuse(f"« {node.node.value[:60]} » n’est pas un identifiant.", node)
            if node.name == "reference":
                self.references.add(node.node.value)
            else:
                self.articles.append(Read(node.node.value, guards, node.lineno))
            return
        if node.name in ("libelle", "tableau"):
            if not isinstance(node.node, nodes.Name):
                _refuse(f"« {node.name} » suit le nom d’une réponse.", node)
            if node.name == "libelle":
                self.labels.add(node.node.name)
            else:
                self.tables.append((node.node.name, len(node.args), node.lineno))
        self.visit(node.node, guards, local)


def _check_name(node: nodes.Name) -> None:
    if node.name in JINJA_NAMES or not _NAME.fullmatch(node.name):
        _refuse(f"« {node.name[:60]} » n’est pas un nom admis.", node)


def _check_constant(node: nodes.Const) -> None:
    value = node.value
    if value is None:
        _refuse("« none » n’est pas admis.", node)
    if isinstance(value, int | float) and not abs(value) <= 10**9:
        _refuse("nombre trop grand : corrigez-le.", node)
    if isinstance(value, str) and len(value) > 200:
        _refuse("texte entre guillemets trop long.", node)
    if isinstance(value, str) and _harmless(value) != value:
        _refuse(
            "caractère invisible ou de contrôle entre guillemets : retirez-le.", node
        )


def _read(tree: nodes.Template) -> _Parsed:
    reader = _Reader()
    try:
        reader.visit(tree, frozenset(), frozenset())
    except RecursionError:
        _refuse("expression trop emboîtée : coupez-la en plusieurs.")
    return _Parsed(
        tuple(reader.reads),
        frozenset(reader.references),
        tuple(reader.articles),
        frozenset(reader.labels),
        tuple(reader.tables),
        tuple(reader.loops),
        tuple(reader.comparisons),
        tuple(reader.printed),
        tuple(reader.words),
    )


# --- computing -----------------------------------------------------------------------

Compute = Callable[[Context], Any]

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda item, holder: item in holder,
    "notin": lambda item, holder: item not in holder,
}


def _computed(node: nodes.Node) -> Compute:
    """Return the function that gives the value of an expression in a context."""
    match node:
        case nodes.Name():
            return _reading(node.name)
        case nodes.Const():
            # Answers are exact decimals; Python would compare 2.88 with a float.
            exact = node.value
            value = Decimal(str(exact)) if isinstance(exact, float) else exact
            return lambda _: value
        case nodes.List():
            items = [_computed(item) for item in node.items]
            return lambda context: [item(context) for item in items]
        case nodes.Tuple():
            items = [_computed(item) for item in node.items]
            return lambda context: tuple(item(context) for item in items)
        case nodes.Not():
            denied = _computed(node.node)
            return lambda context: not denied(context)
        case nodes.And():
            left, right = _computed(node.left), _computed(node.right)
            return lambda context: left(context) and right(context)
        case nodes.Or():
            left, right = _computed(node.left), _computed(node.right)
            return lambda context: left(context) or right(context)
        case nodes.Compare():
            return _comparing(node)
        case nodes.CondExpr() if node.expr2 is not None:
            test, then = _computed(node.test), _computed(node.expr1)
            otherwise = _computed(node.expr2)
            return lambda context: (then if test(context) else otherwise)(context)
        case nodes.Filter() if node.node is not None:
            return _filtering(node, node.node)
    raise ExpressionError(f"construction inattendue ({type(node).__name__}).")


def _reading(name: str) -> Compute:
    def read(context: Context) -> Plain:
        try:
            return context[name]
        except KeyError:
            raise MissingAnswer(name.split("__")[0]) from None

    return read


def _comparing(node: nodes.Compare) -> Compute:
    first = _computed(node.expr)
    others = [(_COMPARED[o.op], _computed(o.expr)) for o in node.ops]

    def compare(context: Context) -> object:
        left = first(context)
        for compared, other in others:
            right = other(context)
            if not compared(left, right):
                return False
            left = right
        return True

    return compare


def _filtering(node: nodes.Filter, target: nodes.Node) -> Compute:
    if node.name == "libelle" and isinstance(target, nodes.Name):
        return _reading(label_key(target.name))
    if isinstance(target, nodes.Const) and node.name in ("reference", "article"):
        key = reference_key if node.name == "reference" else article_key
        return _reading(key(target.value))
    apply = FILTERS[node.name].named(node.name)
    value = _computed(target)
    arguments = [a.value for a in node.args if isinstance(a, nodes.Const)]
    return lambda context: apply(value(context), *arguments)


def _printed(value: object) -> str:
    if isinstance(value, bool):
        raise ExpressionError(
            "une réponse oui/non ne s’imprime pas : écrivez {% if … %}."
        )
    if isinstance(value, int | Decimal):
        return french.number(value)
    if isinstance(value, str):
        return value if isinstance(value, _Structure) else _harmless(value)
    raise ExpressionError("une liste s’imprime avec « |liste » ou « |tableau ».")


@dataclass
class _Page:
    """What a text writes, no longer than is admitted."""

    pieces: list[str] = field(default_factory=list)
    size: int = 0

    def write(self, piece: str) -> None:
        self.size += len(piece)
        if self.size > MAX_RENDERED:
            raise ExpressionError(
                f"texte produit trop long : {MAX_RENDERED} caractères au plus."
            )
        self.pieces.append(piece)


Write = Callable[[Context, _Page], None]


def _written(body: Sequence[nodes.Node]) -> Write:
    """Return the function that writes some nodes of a text in a context."""
    writes = [write for node in body for write in _writes(node)]

    def write_all(context: Context, page: _Page) -> None:
        for write in writes:
            write(context, page)

    return write_all


def _writes(node: nodes.Node) -> Iterator[Write]:
    match node:
        case nodes.Output():
            for child in node.nodes:
                if isinstance(child, nodes.TemplateData):
                    yield _writing_words(child.data)
                else:
                    yield _writing_value(_computed(child))
        case nodes.If():
            branches = [(_computed(b.test), _written(b.body)) for b in _branches(node)]
            yield _writing_branch(branches, _written(node.else_))
        case nodes.For(target=nodes.Name(name=name)):
            yield _writing_each(name, _computed(node.iter), _written(node.body))


def _branches(node: nodes.If) -> tuple[nodes.If, ...]:
    return (node, *node.elif_)


def _writing_words(words: str) -> Write:
    return lambda _, page: page.write(words)


def _writing_value(value: Compute) -> Write:
    return lambda context, page: page.write(_printed(value(context)))


def _writing_branch(
    branches: Sequence[tuple[Compute, Write]], otherwise: Write
) -> Write:
    def write(context: Context, page: _Page) -> None:
        for test, body in branches:
            if test(context):
                return body(context, page)
        return otherwise(context, page)

    return write


def _writing_each(name: str, items: Compute, body: Write) -> Write:
    def write(context: Context, page: _Page) -> None:
        for item in items(context):
            body({**context, name: item}, page)

    return write


# --- conditions ----------------------------------------------------------------------


class Condition:
    """A condition that was parsed and found within the subset.

    Raises `ExpressionError` when the source is outside it.
    """

    def __init__(self, source: str) -> None:
        _check_size(source, MAX_CONDITION)
        if "{" in source or "}" in source:
            _refuse("une condition s’écrit sans accolades : retirez-les.")
        tree = _syntax("{{ (" + source.strip() + ") }}")
        body = tree.body
        if len(body) != 1 or not isinstance(body[0], nodes.Output):
            _refuse("une condition est une seule expression.")
        self._node: nodes.Expr = body[0].nodes[0]
        if isinstance(self._node, nodes.Tuple | nodes.List):
            _refuse("une condition est une seule expression, vraie ou fausse.")
        self.source = source.strip()
        self._parsed = _read(tree)
        if self._parsed.articles or self._parsed.references or self._parsed.labels:
            _refuse(
                "« reference », « article » et « libelle » servent dans les textes "
                "seulement."
            )

    @property
    def reads(self) -> tuple[Read, ...]:
        return self._parsed.reads

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return self._parsed.comparisons

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(read.name for read in self.reads)

    @cached_property
    def conjuncts(self) -> frozenset[str]:
        """The conditions that are all true when this one is."""
        return conjuncts(self._node)

    @cached_property
    def _compute(self) -> Compute:
        return _computed(self._node)

    def holds(self, context: Context) -> bool:
        """Return whether the condition is true.

        Raises `MissingAnswer` when it needs an answer the context does not hold.
        """
        try:
            return bool(self._compute(context))
        except TypeError:
            raise ExpressionError(
                f"la condition « {self.source} » compare des valeurs de types "
                "différents."
            ) from None

    def explain(self, context: Context, speaker: "Speaker") -> str:
        """Return in French why the condition is true (or false) here.

        Raises `MissingAnswer` when it needs an answer the context does not hold.
        """
        reasons = _reasons(self._node, context, speaker, self.holds(context))
        return french.enumeration(list(dict.fromkeys(reasons)))


class Speaker(Protocol):
    """Gives the French words for names and values."""

    def subject(self, name: str) -> str:
        """Return what a name stands for: « Nombre d’agents »."""

    def value(self, name: str, value: Plain) -> str:
        """Return a value of that name as a reader knows it."""


_OPERATORS = {
    "eq": "",
    "ne": "autre que ",
    "gt": "plus de ",
    "gteq": "au moins ",
    "lt": "moins de ",
    "lteq": "au plus ",
}
_OPPOSITE = {
    "eq": "ne",
    "ne": "eq",
    "gt": "lteq",
    "gteq": "lt",
    "lt": "gteq",
    "lteq": "gt",
    "in": "notin",
    "notin": "in",
}


def _truth(node: nodes.Node, context: Context) -> bool | None:
    try:
        return bool(_computed(node)(context))
    except (MissingAnswer, ExpressionError, TypeError):
        return None


def _reasons(
    node: nodes.Node, context: Context, speaker: Speaker, positive: bool
) -> Iterator[str]:
    match node:
        case nodes.Not():
            yield from _reasons(node.node, context, speaker, not positive)
        case nodes.And() | nodes.Or():
            sides = (node.left, node.right)
            both = isinstance(node, nodes.And) == positive
            for side in sides:
                if both or _truth(side, context) is positive:
                    yield from _reasons(side, context, speaker, positive)
        case nodes.Compare():
            yield _comparison(node, context, speaker, positive)
        case nodes.Name():
            yield _bare_name(node.name, context, speaker, positive)
        case nodes.Const():
            yield "toujours" if positive == bool(node.value) else "jamais"
        case _:
            yield f"la condition « {canonical(node)} » est remplie"


def _bare_name(name: str, context: Context, speaker: Speaker, positive: bool) -> str:
    subject = speaker.subject(name)
    value = context.get(name)
    if isinstance(value, bool):
        return f"{subject} : {'oui' if value else 'non'}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{subject} : {'retenu' if positive else 'non retenu'}"
    return f"{subject} : {'renseigné' if positive else 'non renseigné'}"


def _comparison(
    node: nodes.Compare, context: Context, speaker: Speaker, positive: bool
) -> str:
    if len(node.ops) != 1:
        return f"la condition « {canonical(node)} » est remplie"
    operand = node.ops[0]
    operator = operand.op if positive else _OPPOSITE[operand.op]
    left, right = node.expr, operand.expr
    if operator in ("in", "notin") and isinstance(right, nodes.Name):
        shown = speaker.value(right.name, _constant(left, context))
        denied = "" if operator == "in" else "sans "
        return f"{speaker.subject(right.name)} : {denied}{shown}"
    if isinstance(left, nodes.Name):
        subject = speaker.subject(left.name)
        if operator in ("in", "notin"):
            return f"{subject} : {speaker.value(left.name, context[left.name])}"
        wanted = speaker.value(left.name, _constant(right, context))
        if operator == "eq" or left.name not in context:
            return f"{subject} : {_OPERATORS[operator]}{wanted}"
        given = speaker.value(left.name, context[left.name])
        return f"{subject} : {given} ({_OPERATORS[operator]}{wanted})"
    return f"la condition « {canonical(node)} » est remplie"


def _constant(node: nodes.Node, context: Context) -> Plain:
    if isinstance(node, nodes.Const):
        value: Plain = node.value
        return value
    if isinstance(node, nodes.Name) and node.name in context:
        return context[node.name]
    return canonical(node)


# --- texts ---------------------------------------------------------------------------

_TAG = re.compile(r"{%\s*(if|for|endif|endfor)\b")
_TRIM = re.compile(r"{[{%#][-+]|[-+][}%#]}")
_RAW = re.compile(r"{%\s*raw\b")


def _marked(source: str) -> str:
    """Mark blocks and list items; keep every line where it was.

    A blank line outside any `if` or `for` separates two blocks. Done on the source
    because Jinja eats the line break that follows a tag.
    """
    lines = source.rstrip().split("\n")
    depth = 0
    marked: list[str] = []
    in_block = False
    for line in lines:
        if not line.strip():
            is_break = depth == 0 and in_block
            marked.append(BLOCK if is_break else "")
            in_block = in_block and not is_break
            continue
        in_block = True
        marked.append(ITEM + line[2:] if line.startswith("- ") else line)
        for tag in _TAG.findall(line):
            depth += -1 if tag.startswith("end") else 1
    return "\n".join(marked)


def _check_signs(source: str) -> None:
    """Refuse signs that nobody sees, and those by which Jinja would eat a mark."""
    # Printable but for its line breaks, as nearly all are, a text hides nothing.
    if not source.replace("\n", "").isprintable():
        hidden = _CONTROL.search(source) or _INVISIBLE.search(source)
        if hidden:
            _refuse(
                "caractère invisible ou de contrôle : retapez ce passage.",
                line=_line_of(hidden),
            )
    if "{" in source or "}" in source:
        trimmed = _TRIM.search(source) or _RAW.search(source)
        if trimmed:
            _refuse(f"« {trimmed[0]} » n’est pas admis.", line=_line_of(trimmed))


def _line_of(found: re.Match[str]) -> int:
    return found.string.count("\n", 0, found.start()) + 1


def _check_layout(tree: nodes.Template, marked: str) -> None:
    """Refuse a text where a mark would be lost, or depend on a condition."""
    kept = "".join(
        child.data
        for output in tree.body
        if isinstance(output, nodes.Output)
        for child in output.nodes
        if isinstance(child, nodes.TemplateData)
    )
    if kept.count(BLOCK) != marked.count(BLOCK):
        _refuse(
            "une ligne vide ou une balise if, for est mal placée : dans un commentaire, "
            "entre guillemets ou coupée en deux lignes."
        )


def _blocks(rendered: str) -> list[str]:
    # Not a bare `strip`: our marks of structure are white space too.
    return [block.strip(" \n") for block in rendered.split(BLOCK)]


class Text:
    """A clause text: source blocks separated by blank lines, blanks and conditions.

    Each block outside any `if` or `for` is one commentable paragraph; a block whose
    condition is false disappears. Raises `ExpressionError` outside the subset.
    """

    def __init__(self, source: str) -> None:
        _check_size(source, MAX_TEXT)
        _check_signs(source)
        self.source = source
        self._marked = _marked(source)
        self._body: list[nodes.Node] = []
        if "{" in source:
            tree = _syntax(self._marked)
            self._body = tree.body
            self._parsed = _read(tree)
            _check_layout(tree, self._marked)
        else:  # four texts in five: nothing to parse
            self._parsed = _Parsed(words=((1, self._marked),) if self._marked else ())
        self.block_count = self._marked.count(BLOCK) + 1

    @property
    def reads(self) -> tuple[Read, ...]:
        return self._parsed.reads

    @property
    def references(self) -> frozenset[str]:
        """The legal facts whose printed form the text shows."""
        return self._parsed.references

    @property
    def articles(self) -> tuple[Read, ...]:
        """The themes whose article number the text shows."""
        return self._parsed.articles

    @property
    def labels(self) -> frozenset[str]:
        return self._parsed.labels

    @property
    def tables(self) -> tuple[tuple[str, int, int], ...]:
        """Answer, number of headings and line of each table."""
        return self._parsed.table_widths

    @property
    def loops(self) -> tuple[Read, ...]:
        """The lists the text goes through."""
        return self._parsed.loops

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return self._parsed.comparisons

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(read.name for read in self.reads)

    @property
    def printed(self) -> tuple[Printed, ...]:
        """The answers and figures the text prints."""
        return self._parsed.printed

    @property
    def literal(self) -> tuple[tuple[int, str], ...]:
        """The words typed by the author, each run with its line."""
        return self._parsed.words

    @cached_property
    def _write(self) -> Write:
        return _written(self._body)

    def render(self, context: Context) -> list[str]:
        """Return the rendered blocks, in order; an empty one is an empty string.

        Raises `MissingAnswer` when a blank has no value.
        """
        if "{" not in self.source:
            return list(self._plain_blocks)
        page = _Page()
        try:
            self._write(context, page)
        except TypeError:
            raise ExpressionError("une valeur n’a pas le type attendu.") from None
        return _blocks("".join(page.pieces))

    @cached_property
    def _plain_blocks(self) -> list[str]:
        """The blocks of a text without blanks: most labels of forms are."""
        return _blocks(self._marked)

    def line(self, context: Context) -> str:
        """Return the text on one line, for texts of one sentence."""
        return " ".join(" ".join(self.render(context)).split())
