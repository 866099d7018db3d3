"""Which statements of its modules a spec may depend on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from modelcheck.reader.facts import Function
from modelcheck.reader.modules import Module


def used(modules: Iterable[Module], spec: str) -> list[tuple[Module, ast.stmt]]:
    """The statements that `spec` may depend on: those that bind a name it uses.

    Names are not resolved: whatever is called like something used counts as used.
    """
    binding: dict[str, list[tuple[Module, ast.stmt]]] = {}
    found: list[tuple[Module, ast.stmt]] = []
    for module in modules:
        found.extend(
            (module, node)
            for node in ast.walk(module.source.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
        for statement in module.source.tree.body:
            for name in _bound(statement):
                binding.setdefault(name, []).append((module, statement))
    open_ = {spec}
    seen: set[str] = set()
    while open_:
        name = open_.pop()
        seen.add(name)
        for module, statement in binding.get(name, ()):
            found.append((module, statement))
            open_ |= set(_mentioned(statement)) - seen
    return found


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module may bind."""
    if isinstance(statement, Function | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, Function | ast.ClassDef):
            yield node.name


def _mentioned(statement: ast.stmt) -> Iterator[str]:
    """Every name, attribute and word of a text in a statement."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)):
                yield from re.findall(r"\w+", text)
