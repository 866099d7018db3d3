"""Finite types: what an annotation of a spec stands for while CPython runs it.

A `FiniteType` lists its values, picks one, and admits values into the state: it copies
containers into checked ones and raises `RangeError` for what does not belong. How an
annotation becomes a finite type is `annotations.finite_type`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol, TypeVar

from modelcheck.language.errors import RangeError, SpecDefinitionError
from modelcheck.language.values import members_of, render_value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Length:
    """The bound of a list: `Annotated[list[Device], Length(3)]` holds at most 3."""

    maximum: int

    def __post_init__(self) -> None:
        """Raise `SpecDefinitionError` for a negative length."""
        if self.maximum < 0:
            message = f"Length({self.maximum}): a length is not negative"
            raise SpecDefinitionError(message)


class Chooser(Protocol):
    """Answers one choice."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Return one of `options`."""
        ...


class FiniteType(ABC):
    """A known, finite set of values."""

    #: Whether values never change and can be hashed: set elements and dict keys are.
    immutable = True

    @abstractmethod
    def __str__(self) -> str:
        """Return the type as it is written in a spec."""

    @abstractmethod
    def values(self) -> Iterator[object]:
        """Yield every value once, in a fixed order."""

    @abstractmethod
    def admit(self, value: object, label: str) -> object:
        """Return what a state holds for `value`; `label` names the place in messages.

        Containers come back as checked copies. Raises `RangeError` when `value` is no
        value of the type.
        """

    def pick(self, pick: Chooser) -> object:
        """Return any value, asking `pick` part by part for the large types."""
        return pick(tuple(self.values()))

    def refuse(self, value: object, label: str) -> RangeError:
        """Return the error that says `value` does not belong at `label`."""
        return RangeError(f"{label}: {render_value(value)} is not in {self}")


class BoolType(FiniteType):
    """`bool`."""

    def __str__(self) -> str:
        """Return `bool`."""
        return "bool"

    def values(self) -> Iterator[object]:
        """Yield `False`, then `True`."""
        yield False
        yield True

    def admit(self, value: object, label: str) -> object:
        """Return `value` if it is a bool."""
        if not isinstance(value, bool):
            raise self.refuse(value, label)
        return value


@dataclass(frozen=True)
class IntType(FiniteType):
    """`Annotated[int, range(lo, hi)]`."""

    bounds: range

    def __str__(self) -> str:
        """Return the range."""
        return str(self.bounds)

    def values(self) -> Iterator[object]:
        """Yield the range."""
        return iter(self.bounds)

    def admit(self, value: object, label: str) -> object:
        """Return `value` as an int if it is in the range."""
        if not isinstance(value, int) or value not in self.bounds:
            raise self.refuse(value, label)
        return int(value)


@dataclass(frozen=True)
class MemberType(FiniteType):
    """An enum or a scalarset: values are the members of a class."""

    members: type[object]

    def __str__(self) -> str:
        """Return the name of the class."""
        return self.members.__name__

    def values(self) -> Iterator[object]:
        """Yield the members in order of definition."""
        return iter(members_of(self.members) or ())

    def admit(self, value: object, label: str) -> object:
        """Return `value` if it is a member."""
        if type(value) is not self.members and not isinstance(value, self.members):
            raise self.refuse(value, label)
        return value


@dataclass(frozen=True)
class OptionalType(FiniteType):
    """`T | None`."""

    inner: FiniteType

    def __post_init__(self) -> None:
        """Be as immutable as the inner type."""
        object.__setattr__(self, "immutable", self.inner.immutable)

    def __str__(self) -> str:
        """Return `T | None`."""
        return f"{self.inner} | None"

    def values(self) -> Iterator[object]:
        """Yield `None`, then the values of `T`."""
        yield None
        yield from self.inner.values()

    def admit(self, value: object, label: str) -> object:
        """Return `None`, or what `T` makes of `value`."""
        if value is None:
            return None
        try:
            return self.inner.admit(value, label)
        except RangeError:
            if isinstance(self.inner, (BoolType, IntType, MemberType)):
                raise self.refuse(value, label) from None
            raise


@dataclass(frozen=True)
class TupleType(FiniteType):
    """`tuple[A, B]`."""

    items: tuple[FiniteType, ...]

    def __post_init__(self) -> None:
        """Be immutable if every item is."""
        object.__setattr__(self, "immutable", all(i.immutable for i in self.items))

    def __str__(self) -> str:
        """Return `tuple[A, B]`."""
        return f"tuple[{', '.join(map(str, self.items))}]"

    def values(self) -> Iterator[object]:
        """Yield the product."""
        return product(*(item.values() for item in self.items))

    def admit(self, value: object, label: str) -> object:
        """Return a tuple of admitted items."""
        if not isinstance(value, tuple) or len(value) != len(self.items):
            raise self.refuse(value, label)
        return tuple(
            item.admit(part, f"{label}[{index}]")
            for index, (item, part) in enumerate(zip(self.items, value, strict=True))
        )

    def pick(self, pick: Chooser) -> object:
        """Pick item by item."""
        return tuple(item.pick(pick) for item in self.items)


@dataclass(frozen=True)
class RecordType(FiniteType):
    """A frozen dataclass."""

    record: type[object]
    fields: tuple[tuple[str, FiniteType], ...]

    def __str__(self) -> str:
        """Return the name of the class."""
        return self.record.__name__

    def values(self) -> Iterator[object]:
        """Yield the product of the fields."""
        for parts in product(*(kind.values() for _, kind in self.fields)):
            yield self._make(parts)

    def admit(self, value: object, label: str) -> object:
        """Return `value` if each of its fields is in range."""
        if type(value) is not self.record:
            raise self.refuse(value, label)
        for name, kind in self.fields:
            kind.admit(getattr(value, name), f"{label}.{name}")
        return value

    def pick(self, pick: Chooser) -> object:
        """Pick field by field."""
        return self._make(tuple(kind.pick(pick) for _, kind in self.fields))

    def _make(self, parts: tuple[object, ...]) -> object:
        return self.record(
            **dict(zip((name for name, _ in self.fields), parts, strict=True))
        )
