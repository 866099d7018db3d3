"""Values: from the numbers in cells to Python values that people can read.

Members of enums and scalarsets become their names, sets frozensets, maps dicts, records
`Record`s. A mutex is the name of its holder or None, a reader-writer lock the pair of
its writer and the set of its readers, a semaphore the number of permits left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from modelcheck.model.program import Model, Role, State, Variable
from modelcheck.model.shapes import keys, scalar, shape
from modelcheck.model.types import (
    BoolType,
    DictType,
    EnumType,
    IntType,
    ListType,
    LockKind,
    LockType,
    NoneType,
    OptionalType,
    RecordType,
    ScalarsetType,
    SetType,
    TupleType,
    Type,
)


@dataclass(frozen=True, slots=True)
class Record:
    """A value of a frozen dataclass: its name, and its fields in order."""

    name: str
    fields: tuple[tuple[str, Value], ...]


Value = (
    bool
    | int
    | str
    | None
    | frozenset["Value"]
    | dict["Value", "Value"]
    | tuple["Value", ...]
    | list["Value"]
    | Record
)


def decode(type_: Type, leaves: Iterable[int]) -> Value:
    """The value of `type_` with the components `leaves`, in the order of `shape()`."""
    return _decode(type_, iter(leaves))


def _decode(type_: Type, leaves: Iterator[int]) -> Value:
    match type_:
        case BoolType():
            return bool(next(leaves))
        case IntType():
            return next(leaves)
        case EnumType() | ScalarsetType():
            return type_.members[next(leaves)]
        case NoneType():
            return None
        case SetType(item):
            return _members(_universe(item), next(leaves))
        case OptionalType(item):
            return _optional(type_, item, leaves)
        case DictType(key, value):
            return {name: _decode(value, leaves) for name in _universe(key)}
        case TupleType(items):
            return tuple(_decode(item, leaves) for item in items)
        case RecordType(name, fields):
            return Record(name, tuple((f, _decode(t, leaves)) for f, t in fields))
        case ListType():
            return _list(type_, leaves)
        case LockType():
            return _lock(type_, leaves)


@cache
def _universe(type_: Type) -> tuple[Value, ...]:
    """Every value of `type_`, in rank order."""
    return tuple(decode(type_, leaves) for leaves in keys(type_))


def _members(universe: tuple[Value, ...], bits: int) -> frozenset[Value]:
    return frozenset(v for rank, v in enumerate(universe) if bits >> rank & 1)


def _optional(type_: Type, item: Type, leaves: Iterator[int]) -> Value:
    first = next(leaves)
    if scalar(type_) is not None:
        return _universe(item)[first - 1] if first else None
    rest = list(islice(leaves, _size(item)))
    return decode(item, rest) if first else None


def _size(type_: Type) -> int:
    return sum(1 for _ in shape(type_).leaves())


def _list(type_: ListType, leaves: Iterator[int]) -> Value:
    length = next(leaves)
    rest = list(islice(leaves, type_.length * _size(type_.item)))
    items = iter(rest)
    return [_decode(type_.item, items) for _ in range(length)]


def _lock(lock: LockType, leaves: Iterator[int]) -> Value:
    first = next(leaves)
    if lock.kind is LockKind.SEMAPHORE:
        return first
    holder = lock.holders[first - 1] if first else None
    if lock.kind is LockKind.MUTEX:
        return holder
    return (holder, _members(lock.holders, next(leaves)))


def state_values(model: Model, state: State) -> dict[str, Value]:
    """The value of every variable in `state`; of a pc the label of the location."""
    return {v.name: _value(model, v, state) for v in model.variables}


def _value(model: Model, variable: Variable, state: State) -> Value:
    leaves = [state[cell] for cell in variable.cells.leaves()]
    if variable.role is Role.PC:
        for process in model.processes:
            if variable.cells.leaf == process.pc:
                return process.locations[leaves[0]].label
    return decode(variable.type_, leaves)


def show(value: Value) -> str:
    """`value` as a spec would write it, in a fixed order; member names stand bare."""
    match value:
        case str():
            return value
        case frozenset():
            return f"{{{', '.join(map(show, sorted(value, key=_rank)))}}}"
        case dict():
            pairs = (f"{show(key)}: {show(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(show, value))}]"
        case tuple():
            comma = "," if len(value) == 1 else ""
            return f"({', '.join(map(show, value))}{comma})"
        case Record(name, fields):
            shown = ", ".join(f"{field}={show(item)}" for field, item in fields)
            return f"{name}({shown})"
    return repr(value)


_NUMBER = re.compile(r"(\d+)")


def _rank(value: Value) -> tuple[int, int, list[tuple[int, str]]]:
    """Where to show `value` in a set: None, then numbers, then names, dev2 < dev10."""
    if value is None:
        return (0, 0, [])
    if isinstance(value, int):
        return (1, value, [])
    pieces = _NUMBER.split(show(value))
    return (2, 0, [(int(p), "") if p.isdigit() else (-1, p) for p in pieces])
