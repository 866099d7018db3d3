"""Shapes: how a value of a type is cut into scalar components.

Scalars (Booleans, integers, members, optional scalars, sets, mutexes) are one
component; products, maps and sequences are trees of components. The encoding is
canonical: equal values have equal components, because unused ones are 0.

==============  =======================================================
type            components
==============  =======================================================
bool            0 or 1
int             the number itself
member          its index
T | None        0 for None, index + 1 for a scalar T; otherwise a flag and T's
set[T]          one mask; bit i is the value of rank i
dict[K, V]      one V for each value of K, in rank order
tuple, record   the components, in order
list[T]         the length, then `length` times T
Mutex           0 free, i + 1 held by actor i
RWLock          writer as for Mutex, then the mask of readers
Semaphore       permits left
==============  =======================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from modelcheck.model.terms import Sort
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
    cardinality,
    parts,
)

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Scalar:
    """The range of one component: sort and interval, both ends included."""

    sort: Sort
    lo: int
    hi: int


class Shape(Generic[T]):
    """A tree whose leaves are components: `leaf`, or `items` in order."""

    __slots__ = ("items", "leaf")

    def __init__(self, leaf: T | None = None, items: tuple[Shape[T], ...] = ()) -> None:
        self.leaf = leaf
        self.items = items

    def __repr__(self) -> str:
        """The tree, written as nested parentheses."""
        if self.leaf is not None:
            return f"{self.leaf!r}"
        return f"({', '.join(map(repr, self.items))})"

    def leaves(self) -> Iterator[T]:
        """The components from left to right."""
        if self.leaf is not None:
            yield self.leaf
        for item in self.items:
            yield from item.leaves()

    def map(self, function: Callable[[T], U]) -> Shape[U]:
        """The same tree with `function` applied to every component."""
        if self.leaf is not None:
            return Shape(function(self.leaf))
        return Shape(items=tuple(item.map(function) for item in self.items))

    def zip(self, other: Shape[U]) -> Iterator[tuple[T, U]]:
        """Pairs of components of two trees of the same form."""
        return zip(self.leaves(), other.leaves(), strict=True)


def scalar(type_: Type) -> Scalar | None:
    """The component that holds a value of `type_`, or None if it takes several."""
    match type_:
        case BoolType():
            return Scalar(Sort.BOOL, 0, 1)
        case IntType(lo, hi):
            return Scalar(Sort.INT, lo, hi)
        case EnumType() | ScalarsetType():
            return Scalar(Sort.INT, 0, cardinality(type_) - 1)
        case SetType(item):
            return Scalar(Sort.MASK, 0, (1 << cardinality(item)) - 1)
        case OptionalType(item) if _is_counted(item):
            return Scalar(Sort.INT, 0, cardinality(item))
        case LockType(kind=LockKind.MUTEX, holders=holders):
            return Scalar(Sort.INT, 0, len(holders))
        case LockType(kind=LockKind.SEMAPHORE, permits=permits):
            return Scalar(Sort.INT, 0, permits)
    return None


def _is_counted(type_: Type) -> bool:
    """Whether `T | None` is one component: None is 0, the value of rank r is r + 1."""
    return isinstance(type_, BoolType | IntType | EnumType | ScalarsetType)


def shape(type_: Type) -> Shape[Scalar]:
    """The components of a value of `type_`; `NoneType` has none."""
    single = scalar(type_)
    if single is not None:
        return Shape(single)
    match type_:
        case OptionalType(item):
            return Shape(items=(Shape(Scalar(Sort.BOOL, 0, 1)), shape(item)))
        case DictType(key, value):
            return Shape(items=(shape(value),) * cardinality(key))
        case ListType(item, length):
            size = Shape(Scalar(Sort.INT, 0, length))
            return Shape(items=(size, *(shape(item),) * length))
        case LockType(holders=holders):
            writer = Shape(Scalar(Sort.INT, 0, len(holders)))
            readers = Shape(Scalar(Sort.MASK, 0, (1 << len(holders)) - 1))
            return Shape(items=(writer, readers))
    return Shape(items=tuple(map(shape, parts(type_))))


def keys(type_: Type) -> Iterator[tuple[int, ...]]:
    """The components of every value of `type_`, in rank order.

    Rank order is the order of iteration in a spec: the members as written, integers
    upwards, products lexicographically, None first.
    """
    match type_:
        case BoolType():
            yield from ((0,), (1,))
        case IntType(lo, hi):
            yield from ((value,) for value in range(lo, hi + 1))
        case EnumType() | ScalarsetType():
            yield from ((index,) for index in range(cardinality(type_)))
        case NoneType():
            yield ()
        case SetType(item):
            yield from ((bits,) for bits in range(1 << cardinality(item)))
        case OptionalType(item):
            yield from _optional_keys(type_, item)
        case DictType(key, value):
            yield from _products([value] * cardinality(key))
        case ListType(item, length):
            yield from _list_keys(item, length)
        case TupleType() | RecordType():
            yield from _products(list(parts(type_)))
        case LockType():
            yield tuple(_free(type_))


def _products(items: list[Type]) -> Iterator[tuple[int, ...]]:
    for choice in product(*(list(keys(item)) for item in items)):
        yield tuple(leaf for part in choice for leaf in part)


def _optional_keys(type_: Type, item: Type) -> Iterator[tuple[int, ...]]:
    if scalar(type_) is not None:
        yield from ((index,) for index in range(cardinality(item) + 1))
        return
    yield (0,) * (1 + sum(1 for _ in shape(item).leaves()))
    yield from ((1, *leaves) for leaves in keys(item))


def _list_keys(item: Type, length: int) -> Iterator[tuple[int, ...]]:
    width = sum(1 for _ in shape(item).leaves())
    for size in range(length + 1):
        for leaves in _products([item] * size):
            yield (size, *leaves, *(0,) * (width * (length - size)))


def _free(lock: LockType) -> tuple[int, ...]:
    if lock.kind is LockKind.SEMAPHORE:
        return (lock.permits,)
    return (0,) if lock.kind is LockKind.MUTEX else (0, 0)


def unused(type_: Type) -> tuple[int, ...]:
    """The components that stand for "no value": 0, or the lowest if 0 is not one."""
    return tuple(min(max(leaf.lo, 0), leaf.hi) for leaf in shape(type_).leaves())


def free_lock(lock: LockType) -> tuple[int, ...]:
    """The components of a lock that nobody holds."""
    return _free(lock)
