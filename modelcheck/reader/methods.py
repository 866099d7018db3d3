"""Methods: functions of a spec class, and what their decorators make of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.modules import (
    ClassSymbol,
    Foreign,
    Known,
    Module,
    Symbol,
    lookup,
    suggest,
)
from modelcheck.reader.options import NO_OPTIONS, ROLES, Evaluate, Options, options
from modelcheck.reader.symbols import attribute_symbol, name_span
from modelcheck.reader.wording import code

_PLAIN = frozenset({"property", "staticmethod", "override"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A function of a spec class; `role` is its decorator's name, or empty."""

    owner: ClassSymbol
    node: Function
    role: str = ""
    options: Options = NO_OPTIONS
    is_property: bool = False
    is_static: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.node.name

    @property
    def module(self) -> Module:
        """The module it is written in."""
        return self.owner.module

    @property
    def span(self) -> Span:
        """The place of its `def` line's name."""
        return name_span(self.module, self.node)


def read_method(owner: ClassSymbol, node: Function, evaluate: Evaluate) -> Method:
    """The function `node` of the class `owner`, with what is written above it."""
    role, found, plain = "", NO_OPTIONS, set[str]()
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        head = call.func if call else decorator
        name = _decorator_name(owner.module, head)
        if name in _PLAIN and call is None:
            plain.add(name)
        elif name in ROLES and not role:
            role = name
            found = options(owner.module, name, decorator, evaluate)
        elif name in ROLES:
            raise SpecError(
                Code.DECORATOR,
                f"`{node.name}` is already an @{role}",
                owner.module.span(decorator),
                help="write two methods, with one decorator each",
            )
        else:
            raise SpecError(
                Code.DECORATOR,
                f"`@{ast.unparse(head)}` is not a decorator of the language here",
                owner.module.span(decorator),
                help=suggest(code(head), ROLES | _PLAIN)
                or "a method has one of @action, @process, @init, @invariant, "
                "@transition, @reachable, @temporal, @fairness, @mapping",
            )
    method = Method(
        owner, node, role, found, "property" in plain, "staticmethod" in plain
    )
    _check_form(method)
    return method


def _decorator_name(module: Module, head: ast.expr) -> str:
    if isinstance(head, ast.Name):
        symbol: Symbol | None = lookup(module, head.id, module.span(head))
    elif isinstance(head, ast.Attribute):
        symbol = attribute_symbol(module, head)
    else:
        symbol = None
    if isinstance(symbol, Foreign):
        return ""
    return symbol.name if isinstance(symbol, Known) else ""


def _check_form(method: Method) -> None:
    """Refuse what no decorator or call can make sense of in a `def` line."""
    node, module = method.node, method.module
    arguments = node.args
    extra = arguments.vararg or arguments.kwarg
    if extra is not None:
        raise SpecError(
            Code.SIGNATURE,
            f"`{method.name}` takes any number of arguments",
            module.span(extra),
            help="list the parameters: dev: Device",
        )
    is_async = isinstance(node, ast.AsyncFunctionDef)
    if method.role == "process" and not is_async:
        raise SpecError(
            Code.SIGNATURE,
            f"the process `{method.name}` can never be suspended",
            method.span,
            help=f"write `async def {method.name}`",
        )
    if is_async and method.role not in ("", "process"):
        raise SpecError(
            Code.AWAIT_OUTSIDE,
            f"an @{method.role} is atomic and cannot be async",
            method.span,
            help=f"write `def {method.name}`, or make it a @process",
        )


def check_override(old: Method | None, new: Method) -> None:
    """Refuse a method that hides the decorator of the one that it overrides."""
    if old is None or old.role == new.role:
        return
    if old.role and not new.role:
        raise SpecError(
            Code.DECORATOR,
            f"`{new.name}` overrides an @{old.role} without saying what it is",
            new.span,
            help=f"write @{old.role} above it",
            notes=[Note(old.span, "the method it overrides")],
        )
