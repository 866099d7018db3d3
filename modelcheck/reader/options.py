"""Options: what decorators of methods, and their arguments, say."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from modelcheck.model.program import Expect
from modelcheck.model.statements import NO_SPAN, Span
from modelcheck.model.temporal import Strength
from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.modules import Module, suggest
from modelcheck.reader.wording import code

ROLES = frozenset(
    {"action", "process", "init", "invariant", "transition", "reachable"}
    | {"temporal", "constraint", "fairness", "mapping", "lemma"}
)
PROPERTY_ROLES = frozenset({"invariant", "transition", "reachable", "temporal"})
_PROPERTY_OPTIONS = frozenset({"expect", "because"})
_OPTIONS = {
    "action": frozenset({"fair"}),
    "process": frozenset({"fair", "daemon", "instances"}),
    "invariant": _PROPERTY_OPTIONS,
    "lemma": frozenset(),
    "transition": _PROPERTY_OPTIONS,
    "reachable": _PROPERTY_OPTIONS,
    "temporal": _PROPERTY_OPTIONS,
    "init": frozenset(),
    "constraint": frozenset(),
    "fairness": frozenset({"of"}),
    "mapping": frozenset(),
}

Evaluate = Callable[[Module, ast.expr], int]
"""The value of a constant integer expression of a module."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a decorator's arguments say.

    `of` names the action or process whose steps an @fairness is about, empty for all,
    or the variable that an @mapping gives a value; `of_span` is where it does.
    """

    is_daemon: bool = False
    instances: int = 1
    expect: Expect = Expect.HOLDS
    because: str = ""
    fair: Strength | None = None
    of: str = ""
    of_span: Span = NO_SPAN


NO_OPTIONS = Options()


def options(module: Module, role: str, node: ast.expr, evaluate: Evaluate) -> Options:
    """What the decorator `node`, which makes a method a `role`, says of it."""
    call = node if isinstance(node, ast.Call) else None
    if role == "fairness":
        return _fairness_options(module, node, call)
    if role == "mapping":
        return _mapping_options(module, node, call)
    if call is None:
        return NO_OPTIONS
    if call.args:
        raise SpecError(
            Code.DECORATOR,
            f"@{role} takes options by name only",
            module.span(call.args[0]),
            help=_option_help(role),
        )
    found: dict[str, object] = {}
    for keyword in call.keywords:
        name = keyword.arg or "**"
        if name not in _OPTIONS[role]:
            raise SpecError(
                Code.DECORATOR,
                f"@{role} has no option `{name}`",
                module.span(keyword),
                help=suggest(name, _OPTIONS[role]) or _option_help(role),
            )
        found[name] = option(module, keyword, evaluate)
    return Options(
        bool(found.get("daemon", False)),
        int(str(found.get("instances", 1))),
        Expect(found.get("expect", "holds")),
        str(found.get("because", "")),
        Strength(found["fair"]) if "fair" in found else None,
    )


def _fairness_options(
    module: Module, decorator: ast.expr, call: ast.Call | None
) -> Options:
    """What `@fairness("strong", of="driver_core")` says."""
    match call:
        case ast.Call(args=[strength], keywords=[]):
            return Options(fair=_strength(module, strength))
        case ast.Call(
            args=[strength],
            keywords=[ast.keyword(arg="of", value=ast.Constant(value=str(of)) as name)],
        ):
            return Options(
                fair=_strength(module, strength), of=of, of_span=module.span(name)
            )
    raise SpecError(
        Code.DECORATOR,
        "@fairness says how fair, and perhaps to what",
        module.span(decorator),
        help='write @fairness("strong"), or @fairness("weak", of="driver_core")',
    )


def _mapping_options(
    module: Module, decorator: ast.expr, call: ast.Call | None
) -> Options:
    """What `@mapping("owner")` says."""
    match call:
        case ast.Call(args=[ast.Constant(value=str(of)) as name], keywords=[]):
            return Options(of=of, of_span=module.span(name))
    raise SpecError(
        Code.DECORATOR,
        "@mapping names the variable of the abstract spec that it gives a value",
        module.span(decorator),
        help='write @mapping("owner")',
    )


def _strength(module: Module, node: ast.expr) -> Strength:
    for strength in Strength:
        if isinstance(node, ast.Constant) and node.value == strength.value:
            return strength
    raise SpecError(
        Code.DECORATOR,
        f"`{code(node)}` is no kind of fairness",
        module.span(node),
        help=_VALUES["fair"],
    )


def _option_help(role: str) -> str:
    names = sorted(_OPTIONS[role])
    return f"its options are {', '.join(names)}" if names else "it has no options"


def option(module: Module, keyword: ast.keyword, evaluate: Evaluate) -> object:
    """The value that `keyword` gives; raises MC110 if it is none for that option."""
    span = module.span(keyword.value)
    match keyword.arg, keyword.value:
        case "daemon", ast.Constant(value=bool(flag)):
            return flag
        case "because", value:
            text = text_of(value)
            if text is not None:
                return text
        case "expect", ast.Name() | ast.Attribute() as node:
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in ("HOLDS", "VIOLATED"):
                return name.lower()
        case "instances", value:
            count = evaluate(module, value)
            if count >= 1:
                return count
        case "fair", value:
            return _strength(module, value).value
        case "floor", value:
            states = evaluate(module, value)
            if states >= 0:
                return states
    raise SpecError(
        Code.DECORATOR,
        f"`{code(keyword.value)}` is no value for {keyword.arg}=",
        span,
        help=_VALUES[keyword.arg or ""],
    )


_VALUES = {
    "daemon": "write daemon=True or daemon=False",
    "because": "write the reason as a string",
    "expect": "write expect=HOLDS or expect=VIOLATED",
    "instances": "write a whole number from 1",
    "fair": 'write "weak" or "strong"',
    "floor": "write the least number of states that a search must find: floor=1_000",
}


def text_of(node: ast.expr) -> str | None:
    """A string constant, possibly added up from several."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return left + right if left is not None and right is not None else None
    return None
