"""Orbits, computed without the code under test: by renaming members in shown values.

The states of the reference engine are written as people read them. Under a permutation
of the members of some Scalarsets, each name in them is replaced by another one, in
values and in the names of variables. Two states are permutations of each other if one
becomes the other so. Slow, and short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations, product

from modelcheck.explore.interpreter import Interpreter
from modelcheck.layout.values import Record, Value, state_values
from modelcheck.model.permuting import scalarset_types
from modelcheck.model.program import Model, Role, State

_NAME = re.compile(r"[A-Za-z_]+\d+")


def orbits(model: Model, states: Iterable[State], names: Iterable[str]) -> list[int]:
    """The sizes of the orbits of `states` under permutations of these Scalarsets."""
    shown = {_shown(model, state, {}): state for state in states}
    renamings = list(_renamings(model, names))
    seen: set[str] = set()
    found = []
    for text, state in shown.items():
        if text not in seen:
            orbit = {_shown(model, state, renaming) for renaming in renamings}
            assert orbit <= shown.keys(), "a permutation of a state is not a state"
            seen |= orbit
            found.append(len(orbit))
    return found


def reachable(model: Model) -> set[State]:
    """The reachable states within the constraints, by the interpreter."""
    interpreter = Interpreter(model)
    found = {state for state in interpreter.initial() if interpreter.is_inside(state)}
    stack = list(found)
    while stack:
        for outcome in interpreter.successors(stack.pop()):
            state = outcome.state
            if (
                state is not None
                and state not in found
                and interpreter.is_inside(state)
            ):
                found.add(state)
                stack.append(state)
    return found


def _renamings(model: Model, names: Iterable[str]) -> Iterator[Mapping[str, str]]:
    types = scalarset_types(model)
    members = [types[name].members for name in names]
    for images in product(*(permutations(each) for each in members)):
        yield {
            old: new
            for each, image in zip(members, images, strict=True)
            for old, new in zip(each, image, strict=True)
        }


def _shown(model: Model, state: State, renaming: Mapping[str, str]) -> str:
    """The state as text, with names replaced."""

    def rename(text: str) -> str:
        return _NAME.sub(lambda found: renaming.get(found[0], found[0]), text)

    values = dict(state_values(model, state))
    places = {process.actor: process for process in model.processes}
    for variable in model.variables:
        if variable.owner is None:
            continue
        process = places[variable.owner]
        place = state[process.pc]
        if variable.role is Role.PC:
            # Two places may have one label.
            values[variable.name] = place
        elif not process.locations[place].live.issuperset(variable.cells.leaves()):
            values[variable.name] = None
    text = {rename(name): _text(value, rename) for name, value in values.items()}
    return repr(sorted(text.items()))


def _text(value: Value, rename: object) -> str:
    assert callable(rename)
    match value:
        case str():
            return str(rename(value))
        case frozenset():
            return f"{{{sorted(_text(item, rename) for item in value)}}}"
        case dict():
            pairs = [(_text(k, rename), _text(v, rename)) for k, v in value.items()]
            return f"map{sorted(pairs)}"
        case list() | tuple():
            return f"{[_text(item, rename) for item in value]}"
        case Record(_, fields):
            return f"{[(name, _text(item, rename)) for name, item in fields]}"
    return repr(value)
