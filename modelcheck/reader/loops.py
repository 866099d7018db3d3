"""Which names a function or loop changes, and which a loop leaves behind."""

from __future__ import annotations

import ast
from functools import lru_cache

# A function is lowered once for each call of it, and the same nodes are asked about.
_NODES = 1 << 14


def outliving_names(loop: ast.For, function: ast.AST | None) -> dict[str, bool]:
    """The variables of `loop` that need storage, and whether its body assigns them.

    The others are read only in the round that binds them, and stand for its value.
    """
    names = assigned_names(loop.target)
    stored = {name for s in loop.body for name in assigned_names(s)}
    outside = frozenset[str]() if function is None else _free(function)
    return {name: name in stored for name in names if name in outside | stored}


@lru_cache(_NODES)
def assigned_names(node: ast.AST) -> frozenset[str]:
    """The names assigned in `node`."""
    return frozenset(
        found.id
        for found in ast.walk(node)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store)
    )


MUTATORS = frozenset(
    {"add", "discard", "remove", "clear", "update", "difference_update"}
    | {"intersection_update", "append", "pop", "insert", "extend"}
)


@lru_cache(_NODES)
def changed_names(node: ast.AST) -> frozenset[str]:
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
    return frozenset(found)


@lru_cache(_NODES)
def _free(node: ast.AST) -> frozenset[str]:
    """The names read in `node`, other than in rounds of loops that bind them."""
    if isinstance(node, ast.Name):
        return frozenset([node.id] if isinstance(node.ctx, ast.Load) else [])
    if isinstance(node, ast.For):
        inside = frozenset[str]().union(*map(_free, node.body))
        return inside - assigned_names(node.target) | _free(node.iter)
    return frozenset[str]().union(*map(_free, ast.iter_child_nodes(node)))
