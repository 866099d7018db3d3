"""The finite types of a model: what values a variable may have, and how many.

A type describes values as people see them (members, sets, maps). How a value is cut
into cells is decided in `shapes.py`, how cells become bits in `modelcheck.layout`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import prod


@dataclass(frozen=True, slots=True)
class BoolType:
    """True or false."""


@dataclass(frozen=True, slots=True)
class IntType:
    """The integers from `lo` to `hi`, both included."""

    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class EnumType:
    """The members of one `enum.Enum` class, in the order they are written."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScalarsetType:
    """`size` interchangeable values (`symmetric`), or ordered ones."""

    name: str
    size: int
    symmetric: bool
    prefix: str

    @property
    def members(self) -> tuple[str, ...]:
        """The printed names, `dev0`, `dev1`, ..."""
        return tuple(f"{self.prefix}{index}" for index in range(self.size))


@dataclass(frozen=True, slots=True)
class NoneType:
    """The type of `None` alone: a function that returns nothing."""


@dataclass(frozen=True, slots=True)
class OptionalType:
    """The values of `item`, and `None`."""

    item: Type


@dataclass(frozen=True, slots=True)
class SetType:
    """All subsets of `item`'s values."""

    item: Type


@dataclass(frozen=True, slots=True)
class DictType:
    """Total maps from `key` to `value`."""

    key: Type
    value: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    """Products, by position."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A frozen dataclass: a product with named fields."""

    name: str
    fields: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """Sequences of at most `length` elements of `item`."""

    item: Type
    length: int


class LockKind(Enum):
    """The three kinds of lock that a spec can declare."""

    MUTEX = "Mutex"
    RWLOCK = "RWLock"
    SEMAPHORE = "Semaphore"


@dataclass(frozen=True, slots=True)
class LockType:
    """A lock's state; `holders` are the actors that can hold it, in order.

    `permits` is the number of permits of a semaphore and 1 for other locks.
    """

    kind: LockKind
    holders: tuple[str, ...]
    permits: int = 1


Type = (
    BoolType
    | IntType
    | EnumType
    | ScalarsetType
    | NoneType
    | OptionalType
    | SetType
    | DictType
    | TupleType
    | RecordType
    | ListType
    | LockType
)

BOOL = BoolType()
NONE = NoneType()


def is_index(type_: Type) -> bool:
    """Whether a value of `type_` is a member of a named finite list."""
    return isinstance(type_, EnumType | ScalarsetType)


def is_container(type_: Type) -> bool:
    """Whether CPython values of `type_` can be changed in place."""
    return isinstance(type_, SetType | DictType | ListType)


def parts(type_: Type) -> tuple[Type, ...]:
    """The components of a product type, in order; empty for other types."""
    if isinstance(type_, TupleType):
        return type_.items
    if isinstance(type_, RecordType):
        return tuple(field for _, field in type_.fields)
    return ()


def cardinality(type_: Type) -> int:
    """How many values `type_` has."""
    match type_:
        case BoolType():
            return 2
        case IntType(lo, hi):
            return hi - lo + 1
        case EnumType():
            return len(type_.members)
        case ScalarsetType():
            return type_.size
        case NoneType():
            return 1
        case OptionalType(item):
            return cardinality(item) + 1
        case SetType(item):
            return int(2 ** cardinality(item))
        case DictType(key, value):
            return int(cardinality(value) ** cardinality(key))
        case TupleType() | RecordType():
            return prod(cardinality(part) for part in parts(type_))
        case ListType(item, length):
            return sum(int(cardinality(item) ** n) for n in range(length + 1))
        case LockType():
            return _lock_states(type_)


def _lock_states(lock: LockType) -> int:
    actors = len(lock.holders)
    if lock.kind is LockKind.MUTEX:
        return actors + 1
    if lock.kind is LockKind.SEMAPHORE:
        return lock.permits + 1
    return actors + int(2**actors)


def spell(type_: Type) -> str:
    """The type as a spec writes it, for messages and `modelcheck show`."""
    match type_:
        case BoolType():
            return "bool"
        case IntType(lo, hi):
            return f"Annotated[int, range({lo}, {hi + 1})]"
        case EnumType() | ScalarsetType() | RecordType():
            return type_.name
        case NoneType():
            return "None"
        case OptionalType(item):
            return f"{spell(item)} | None"
        case SetType(item):
            return f"set[{spell(item)}]"
        case DictType(key, value):
            return f"dict[{spell(key)}, {spell(value)}]"
        case TupleType(items):
            return f"tuple[{', '.join(map(spell, items))}]"
        case ListType(item, length):
            return f"Annotated[list[{spell(item)}], Length({length})]"
        case LockType(kind=kind):
            return kind.value
