"""What the rounds of a loop over members have to do with each other: their locals.

A round that changes nothing may be skipped (docs/adr/0035) if the others do not notice:
no local is carried from one to the next.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from modelcheck.reader.facts import Function, mentioned


def jumps(body: Sequence[ast.stmt]) -> bool:
    """Whether `break` or `continue` belongs to the loop around `body`."""
    stack: list[ast.AST] = list(body)
    while stack:
        top = stack.pop()
        if isinstance(top, ast.Break | ast.Continue):
            return True
        if not isinstance(top, ast.For | ast.While):
            stack += ast.iter_child_nodes(top)
    return False


def is_local_to_a_round(
    body: Sequence[ast.stmt], target: str, stored: frozenset[str]
) -> bool:
    """Whether no local that a round of a loop changes is read before it is set there.

    These are in `stored`. Each is set in every round, first of all, by a statement of
    the loop's own body; so after the loop it has the value of the last round, which
    might be any.
    """
    fixed = {target}
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if set(mentioned([value])) & (stored - fixed):
                    return False
                fixed.add(name)
                continue
        if set(mentioned([node])) & (stored - fixed):
            return False
    return True


def local_maps(function: Function, scalarset: str) -> Iterator[str]:
    """The locals that are maps from all members to bool, and only looked up in.

    What they say of one member depends on who else there is no more than the rest of
    the function does; but they are no variables that could be left out by name.
    """
    made: set[ast.Name] = set()
    looked_up: set[ast.expr] = set()
    names: list[ast.Name] = []
    for node in ast.walk(function):
        match node:
            case ast.Assign(
                targets=[ast.Name() as target],
                value=ast.DictComp(
                    value=ast.Constant(value=bool()),
                    generators=[
                        ast.comprehension(
                            target=ast.Name(), iter=ast.Name(id=over), ifs=[]
                        )
                    ],
                ),
            ) if over == scalarset:
                made.add(target)
            case ast.Subscript(value=ast.Name() as map_):
                looked_up.add(map_)
            case ast.Name():
                names.append(node)
    bad = {name.id for name in names if name not in made and name not in looked_up}
    parameters = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    yield from {name.id for name in made} - bad - parameters


def of_rounds(function: Function) -> Iterator[str]:
    """The locals that are only read in rounds of loops of which they are targets."""
    inside: set[ast.AST] = set()
    for loop in ast.walk(function):
        match loop:
            case ast.For(target=ast.Name(id=name) as target, body=body):
                inside.add(target)
                inside.update(
                    part
                    for node in body
                    for part in ast.walk(node)
                    if isinstance(part, ast.Name) and part.id == name
                )
    targets = {x.id for x in inside if isinstance(x, ast.Name)}
    yield from targets - {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node not in inside
    }


def changed_locals(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The locals that are assigned, in whole or in part, or whose methods are called.

    A container that can change is not given to functions (MC112).
    """
    for part in (part for node in body for part in ast.walk(node)):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case (
                ast.Subscript(value=value, ctx=ast.Store() | ast.Del())
                | ast.Call(func=ast.Attribute(value=value))
            ):
                yield from _parts_of_locals(value)


def _parts_of_locals(node: ast.expr) -> Iterator[str]:
    """The locals that `node` may be, or be a part of."""
    match node:
        case ast.Attribute(value=ast.Name(id="self")):
            pass
        case ast.Attribute(value=value) | ast.Subscript(value=value):
            yield from _parts_of_locals(value)
        case _:
            yield from set(mentioned([node])) - {"self", "super"}
