"""Which names a function or loop changes, and which a loop leaves behind."""

from __future__ import annotations

import ast


def outliving_names(loop: ast.For, function: ast.AST | None) -> dict[str, bool]:
    """The variables of `loop` that need storage, and whether its body assigns them.

    The others are read only in the round that binds them, and stand for its value.
    """
    names = assigned_names(loop.target)
    stored = {name for s in loop.body for name in assigned_names(s)}
    outside = set() if function is None else _free(function)
    return {name: name in stored for name in names if name in outside | stored}


def assigned_names(node: ast.AST) -> set[str]:
    """The names assigned in `node`."""
    return {
        found.id
        for found in ast.walk(node)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store)
    }


MUTATORS = frozenset(
    {"add", "discard", "remove", "clear", "update", "difference_update"}
    | {"intersection_update", "append", "pop", "insert", "extend"}
)


def changed_names(node: ast.AST) -> set[str]:
    """The names in `node` whose container may be changed in place."""
    found = set()
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Attribute(value=base, attr=name)):
                changed = base if name in MUTATORS else None
            case ast.Subscript(value=base, ctx=ast.Store()):
                changed = base
            case _:
                changed = None
        while isinstance(changed, ast.Subscript):
            changed = changed.value
        if isinstance(changed, ast.Name):
            found.add(changed.id)
    return found


def _free(node: ast.AST) -> set[str]:
    """The names read in `node`, other than in rounds of loops that bind them."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.For):
        inside = set().union(*(_free(s) for s in node.body)) - assigned_names(
            node.target
        )
        return inside | _free(node.iter)
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        found |= _free(child)
    return found
