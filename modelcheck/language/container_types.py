"""Finite types whose values live in checked containers or are locks."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from modelcheck.language.containers import CheckedDict, CheckedList, CheckedSet
from modelcheck.language.errors import SpecDefinitionError
from modelcheck.language.finite import Chooser, FiniteType
from modelcheck.language.locks import Mutex, RWLock, Semaphore

LockClass: TypeAlias = type[Mutex] | type[RWLock] | type[Semaphore]
LOCKS = (Mutex, RWLock, Semaphore)


@dataclass(frozen=True)
class SetType(FiniteType):
    """`set[T]` (`frozen` false) or `frozenset[T]`: all subsets of the values of T."""

    element: FiniteType
    frozen: bool

    def __post_init__(self) -> None:
        """Be immutable if frozen."""
        object.__setattr__(self, "immutable", self.frozen)

    def __str__(self) -> str:
        """Return `set[T]` or `frozenset[T]`."""
        return f"{'frozenset' if self.frozen else 'set'}[{self.element}]"

    def values(self) -> Iterator[object]:
        """Yield every subset as a frozenset, counting in binary from the empty one."""
        elements = tuple(self.element.values())
        for mask in range(1 << len(elements)):
            yield frozenset(e for i, e in enumerate(elements) if mask >> i & 1)

    def admit(self, value: object, label: str) -> object:
        """Return a checked copy, or a frozenset if frozen."""
        if not isinstance(value, AbstractSet):
            raise self.refuse(value, label)
        if self.frozen:
            return frozenset(self.element.admit(e, label) for e in value)
        return CheckedSet(value, self.element, label)

    def pick(self, pick: Chooser) -> object:
        """Ask for each element whether it is in."""
        elements = tuple(self.element.values())
        return frozenset(e for e in elements if pick((False, True)))


@dataclass(frozen=True)
class DictType(FiniteType):
    """`dict[K, V]`: all total maps."""

    key: FiniteType
    value: FiniteType
    immutable = False

    def __str__(self) -> str:
        """Return `dict[K, V]`."""
        return f"dict[{self.key}, {self.value}]"

    def values(self) -> Iterator[object]:
        """Yield every total map as a plain dict."""
        keys = tuple(self.key.values())
        for entries in product(tuple(self.value.values()), repeat=len(keys)):
            yield dict(zip(keys, entries, strict=True))

    def admit(self, value: object, label: str) -> object:
        """Return a checked copy; a missing key is a `RangeError`."""
        if not isinstance(value, Mapping):
            raise self.refuse(value, label)
        return CheckedDict(value, (self.key, self.value), label)

    def pick(self, pick: Chooser) -> object:
        """Pick the value of each key."""
        return {key: self.value.pick(pick) for key in self.key.values()}


@dataclass(frozen=True)
class ListType(FiniteType):
    """`Annotated[list[T], Length(n)]`: sequences of at most n elements."""

    element: FiniteType
    maximum: int
    immutable = False

    def __str__(self) -> str:
        """Return the type without `Annotated`."""
        return f"list[{self.element}] of at most {self.maximum}"

    def values(self) -> Iterator[object]:
        """Yield every sequence as a tuple, short ones first."""
        elements = tuple(self.element.values())
        for length in range(self.maximum + 1):
            yield from product(elements, repeat=length)

    def admit(self, value: object, label: str) -> object:
        """Return a checked copy."""
        if not isinstance(value, (list, tuple)):
            raise self.refuse(value, label)
        return CheckedList(value, self.element, self.maximum, label)

    def pick(self, pick: Chooser) -> object:
        """Pick a length, then element by element."""
        length = pick(range(self.maximum + 1))
        return tuple(self.element.pick(pick) for _ in range(length))


@dataclass(frozen=True)
class LockType(FiniteType):
    """A lock: it is free initially, and nobody assigns it."""

    lock: LockClass
    immutable = False

    def __str__(self) -> str:
        """Return the name of the class."""
        return self.lock.__name__

    def values(self) -> Iterator[object]:
        """Yield a free lock; raise `SpecDefinitionError` for a semaphore of no size."""
        if self.lock is Semaphore:
            message = "a semaphore has a size: write `slots: Semaphore = Semaphore(2)`"
            raise SpecDefinitionError(message)
        yield self.lock()

    def admit(self, value: object, label: str) -> object:
        """Return a fresh lock like `value`, labelled `label`."""
        if not isinstance(value, LOCKS) or type(value) is not self.lock:
            raise self.refuse(value, label)
        lock = value.fresh()
        lock.label = label
        return lock

    def pick(self, _pick: Chooser) -> object:
        """Return a free lock: there is nothing to choose."""
        return next(self.values())
