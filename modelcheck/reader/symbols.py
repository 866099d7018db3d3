"""Symbols: what attributes and bases of classes stand for, and where names are."""

from __future__ import annotations

import ast

from modelcheck.model.statements import Span
from modelcheck.reader.modules import (
    ClassSymbol,
    Foreign,
    Known,
    Module,
    Symbol,
    lookup,
)
from modelcheck.reader.refusals import foreign, no_type


def attribute_symbol(module: Module, node: ast.Attribute) -> Symbol:
    """What `module_name.attribute` stands for; raises `SpecError` if nothing."""
    span = module.span(node)
    if isinstance(node.value, ast.Name):
        owner = lookup(module, node.value.id, span)
        if isinstance(owner, Module) and node.attr in owner.names:
            return owner.names[node.attr]
        if isinstance(owner, Known):
            return Known(node.attr)
        if isinstance(owner, Foreign):
            raise foreign(owner.module, span)
    raise no_type(module, node)


def base_names(symbol: ClassSymbol) -> list[str]:
    """The names of the language among a class's bases."""
    names = []
    for base in symbol.node.bases:
        found: Symbol | None = None
        if isinstance(base, ast.Name):
            found = symbol.module.names.get(base.id)
        elif isinstance(base, ast.Attribute):
            found = attribute_symbol(symbol.module, base)
        if isinstance(found, Known):
            names.append(found.name)
    return names


def name_span(
    module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
) -> Span:
    """The place of the name in a `def` or `class` line."""
    whole = module.span(node)
    skip = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}[type(node)]
    start = whole.col + skip
    return Span(whole.path, whole.line, start, whole.line, start + len(node.name))
