"""Signatures: what the `def` line and the outline of a function say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from modelcheck.reader.errors import Code, SpecError
from modelcheck.reader.methods import Function, Method
from modelcheck.reader.modules import Known, Module

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def receiver_name(method: Method) -> str:
    """What a method calls its instance: `self`; raises MC113 if nothing."""
    if not method.node.args.args:
        raise SpecError(
            Code.SIGNATURE,
            f"`{method.name}` has no parameter `self`",
            method.span,
            help=f"write `def {method.name}(self)`"
            + ("" if method.role else ", or make it a @staticmethod"),
        )
    return method.node.args.args[0].arg


def default_values(function: Function) -> dict[str, ast.expr]:
    """The defaults of the parameters of `function` that have one."""
    spec = function.args
    names = [*spec.posonlyargs, *spec.args]
    found = {
        p.arg: d for p, d in zip(reversed(names), reversed(spec.defaults), strict=False)
    }
    for parameter, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            found[parameter.arg] = default
    return found


def is_frozen(function: Function, name: str) -> bool:
    """Whether the parameter `name` of `function` is a `frozenset[...]`."""
    spec = function.args
    for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        if parameter.arg == name:
            return is_frozen_annotation(parameter.annotation)
    return False


def is_frozen_annotation(node: ast.expr | None) -> bool:
    """Whether an annotation is `frozenset[...]`, or of that or None."""
    match node:
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return is_frozen_annotation(left)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return is_frozen_annotation(inner)
        case ast.Subscript(value=ast.Name(id=head)):
            return head == "frozenset"
    return False


def returns_formula(function: Function, module: Module) -> bool:
    """Whether `function` is declared to return a formula of temporal logic."""
    return names_formula(function.returns, module)


def names_formula(node: ast.expr | None, module: Module) -> bool:
    """Whether an annotation is `Formula`, `modelcheck.Formula` or one in quotes."""
    match node:
        case ast.Name(id=name):
            return module.names.get(name) == Known("Formula")
        case ast.Attribute(value=ast.Name(id=owner), attr="Formula"):
            return module.names.get(owner) == Known("modelcheck")
        case ast.Constant(value=str(text)):
            return text.rpartition(".")[2] == "Formula"
    return False


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body behind its docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest] if rest:
            return rest
    return body


@lru_cache(1 << 14)
def returns_of(node: ast.stmt) -> tuple[ast.AST, ...]:
    """The `return` statements in `node`, not in functions inside it."""
    return tuple(_returns(node))


def _returns(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Return):
        yield node
    elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _returns(child)
