"""Components: the parts of a variable that people follow through a trace.

A map is followed key by key (`hw[dev0]`), a record field by field (`group.owner`); a
set, a sequence, a product and a lock stay whole, because their parts make no sense
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from modelcheck.layout.values import Record, Value, decode, show
from modelcheck.model.program import Model, Process, Role, State, Variable
from modelcheck.model.shapes import Shape, free_lock, keys, scalar
from modelcheck.model.types import (
    DictType,
    EnumType,
    IntType,
    ListType,
    LockKind,
    LockType,
    OptionalType,
    RecordType,
    SetType,
    Type,
    cardinality,
    parts,
)


@dataclass(frozen=True, slots=True)
class Component:
    """A named part of the state: `cells` hold a value of `type_`."""

    name: str
    type_: Type
    cells: tuple[int, ...]
    role: Role

    def leaves(self, state: State) -> tuple[int, ...]:
        """The numbers that stand for the value in `state`."""
        return tuple(state[cell] for cell in self.cells)

    def text(self, state: State) -> str:
        """The value in `state`, as people read it."""
        return value_text(self.type_, self.leaves(state))

    def is_default(self, state: State) -> bool:
        """Whether the value is the empty one: false, 0, None, {}, a free lock.

        Members of enumerations and scalarsets have no empty value, and a number that
        cannot be 0 has none.
        """
        leaves = self.leaves(state)
        if isinstance(self.type_, LockType):
            return leaves == free_lock(self.type_)
        return _is_empty(decode(self.type_, leaves))


@dataclass(frozen=True, slots=True)
class Change:
    """A component whose value a step changed, before and after as text."""

    name: str
    before: str
    after: str
    role: Role


def value_text(type_: Type, leaves: tuple[int, ...]) -> str:
    """The value that `leaves` stand for; a lock is `free` or names who holds it."""
    if isinstance(type_, LockType):
        return _lock_text(type_, leaves)
    return show(decode(type_, leaves))


def components(model: Model) -> tuple[Component, ...]:
    """The components of the variables that people read, in the order of the spec."""
    shown = (v for v in model.variables if v.owner is None)
    return tuple(part for v in shown for part in of_variable(v))


def kept_locals(model: Model, process: Process, state: State) -> tuple[Component, ...]:
    """The locals of `process` that will be read again from where it stands."""
    live = process.locations[state[process.pc]].live
    return tuple(
        replace(part, name=part.name.removeprefix(f"{process.actor}."))
        for variable in model.variables
        if variable.owner == process.actor and variable.role is Role.LOCAL
        for part in of_variable(variable)
        if not live.isdisjoint(part.cells)
    )


def of_variable(variable: Variable) -> tuple[Component, ...]:
    """The components of one variable."""
    split = _split(variable.name, variable.type_, variable.cells)
    return tuple(Component(*part, variable.role) for part in split)


def changes(model: Model, before: State, after: State) -> tuple[Change, ...]:
    """What differs between two states."""
    return tuple(
        Change(part.name, part.text(before), part.text(after), part.role)
        for part in components(model)
        if part.leaves(before) != part.leaves(after)
    )


def reading(model: Model, cells: frozenset[int]) -> tuple[Component, ...]:
    """The components that share a cell with `cells`."""
    return tuple(p for p in components(model) if not cells.isdisjoint(p.cells))


_Part = tuple[str, Type, tuple[int, ...]]


def _split(name: str, type_: Type, cells: Shape[int]) -> Iterator[_Part]:
    if isinstance(type_, DictType):
        for key, item in zip(keys(type_.key), cells.items, strict=True):
            label = value_text(type_.key, key)
            yield from _split(f"{name}[{label}]", type_.value, item)
    elif isinstance(type_, RecordType) and type_.fields:
        for (field, part), item in zip(type_.fields, cells.items, strict=True):
            yield from _split(f"{name}.{field}", part, item)
    else:
        yield name, type_, tuple(cells.leaves())


def leaf_types(type_: Type) -> Iterator[Type | None]:
    """For each component of a value of `type_`, the type that it is a value of.

    None stands for the flag of an optional product, which people do not see.
    """
    if scalar(type_) is not None:
        yield type_
        return
    match type_:
        case OptionalType(item):
            yield None
            yield from leaf_types(item)
        case DictType(key, value):
            yield from list(leaf_types(value)) * cardinality(key)
        case ListType(item, length):
            yield IntType(0, length)
            yield from list(leaf_types(item)) * length
        case LockType(holders=actors):
            yield LockType(LockKind.MUTEX, actors)
            yield SetType(EnumType("", actors))
        case _:
            for part in parts(type_):
                yield from leaf_types(part)


def _is_empty(value: Value) -> bool:
    """Whether there is nothing in a value; names of members are never empty."""
    match value:
        case Record(_, parts):
            return all(_is_empty(part) for _, part in parts)
        case tuple():
            return all(map(_is_empty, value))
        case dict():
            return all(map(_is_empty, value.values()))
    return not value


def holders(lock: LockType, leaves: tuple[int, ...]) -> tuple[str, ...]:
    """The actors that hold `lock`; a semaphore does not know its own."""
    if lock.kind is LockKind.SEMAPHORE:
        return ()
    writer = leaves[0]
    readers = leaves[1] if lock.kind is LockKind.RWLOCK else 0
    return tuple(
        holder
        for index, holder in enumerate(lock.holders)
        if writer == index + 1 or readers >> index & 1
    )


def _lock_text(lock: LockType, leaves: tuple[int, ...]) -> str:
    if lock.kind is LockKind.SEMAPHORE:
        return f"{leaves[0]} of {lock.permits} free"
    held = holders(lock, leaves)
    if not held:
        return "free"
    mode = "read by " if lock.kind is LockKind.RWLOCK and not leaves[0] else ""
    return mode + ", ".join(held)
