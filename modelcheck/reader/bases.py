"""Bases: which class of a file is its spec, and what it derives from."""

from __future__ import annotations

import ast

from modelcheck.model.statements import Span
from modelcheck.reader.errors import Code, Note, SpecError
from modelcheck.reader.headers import is_twin
from modelcheck.reader.modules import ClassSymbol, Module, Symbol, lookup, suggest
from modelcheck.reader.symbols import attribute_symbol, base_names, name_span


def find_spec(module: Module, name: str | None) -> ClassSymbol:
    """The spec of the main module: the class called `name`, or the only one.

    A class that another spec of the file derives from is not counted, and neither is a
    twin. Raises MC400 where there is none and MC401 where there are several.
    """
    specs = [
        symbol
        for symbol in module.names.values()
        if isinstance(symbol, ClassSymbol) and symbol.module is module
        if _is_spec(symbol)
    ]
    names = [symbol.node.name for symbol in specs]
    if name is not None:
        for symbol in specs:
            if symbol.node.name == name:
                return symbol
        what = "there is no spec called"
        if isinstance(module.names.get(name), ClassSymbol):
            what = "only a class that derives from Spec is a spec, not"
        raise SpecError(
            Code.NO_SPEC,
            f"{what} `{name}`",
            Span(module.source.path),
            help=suggest(name, names)
            or (f"its specs are {', '.join(names)}" if names else _WRITE_SPEC),
        )
    specs = [symbol for symbol in specs if not is_twin(symbol)]
    bases = {base for symbol in specs for base in linearise(symbol)[1:]}
    leaves = [symbol for symbol in specs if symbol not in bases]
    if not leaves:
        raise SpecError(
            Code.NO_SPEC,
            "this file defines no spec",
            Span(module.source.path),
            help=_WRITE_SPEC,
        )
    if len(leaves) > 1:
        raise _many(module, leaves)
    return leaves[0]


_WRITE_SPEC = "write one: class Group(Spec):, with Spec imported from modelcheck"


def _many(module: Module, leaves: list[ClassSymbol]) -> SpecError:
    path = module.source.path
    last = leaves[-1]
    notes = [
        Note(name_span(symbol.module, symbol.node), f"{symbol.node.name} is one")
        for symbol in leaves[:-1]
    ]
    choices = ", ".join(f"{path}::{symbol.node.name}" for symbol in leaves[:4])
    return SpecError(
        Code.MANY_SPECS,
        f"this file defines {len(leaves)} specs",
        name_span(last.module, last.node),
        help=f"choose one: {choices}",
        notes=notes,
    )


def _is_spec(symbol: ClassSymbol, seen: tuple[ClassSymbol, ...] = ()) -> bool:
    if symbol in seen:
        return False
    if "Spec" in base_names(symbol):
        return True
    return any(_is_spec(base, (*seen, symbol)) for base in _bases(symbol))


def _bases(symbol: ClassSymbol) -> list[ClassSymbol]:
    found = []
    for node in symbol.node.bases:
        base = _base(symbol.module, node)
        if isinstance(base, ClassSymbol):
            found.append(base)
    return found


def _base(module: Module, node: ast.expr) -> Symbol | None:
    if isinstance(node, ast.Name):
        return lookup(module, node.id, module.span(node))
    if isinstance(node, ast.Attribute):
        return attribute_symbol(module, node)
    return None


def linearise(
    symbol: ClassSymbol, active: tuple[ClassSymbol, ...] = ()
) -> list[ClassSymbol]:
    """Python's method resolution order of spec classes (C3, Python 2.3 and later)."""
    span = name_span(symbol.module, symbol.node)
    if symbol in active:
        raise SpecError(
            Code.RECURSION,
            f"`{symbol.node.name}` is its own base",
            span,
            help="derive it from Spec, or from a class defined above it",
        )
    bases = _bases(symbol)
    lists = [linearise(base, (*active, symbol)) for base in bases] + [list(bases)]
    order = [symbol]
    while any(lists):
        heads = [entries[0] for entries in lists if entries]
        tails = {entry for entries in lists for entry in entries[1:]}
        good = next((head for head in heads if head not in tails), None)
        if good is None:
            raise SpecError(
                Code.SIGNATURE,
                f"the bases of `{symbol.node.name}` cannot be put in order",
                span,
                help="list the more derived class first",
            )
        order.append(good)
        lists = [[e for e in entries if e is not good] for entries in lists]
    return order
