"""Scalarsets: finite sets of interchangeable members, made by writing a class.

`class Device(Scalarset, size=2)` has exactly two members, found by iterating over the
class. Nothing but identity tells them apart, so exchanging two of them in a state never
changes what a spec can do; that is what makes symmetry reduction sound.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self, TypeVar

from modelcheck.language.errors import SpecDefinitionError

M = TypeVar("M")

_LONGEST_WHOLE_PREFIX = 4
_CUT_PREFIX = 3

_sizes: ContextVar[Mapping[str, int] | None] = ContextVar(
    "modelcheck_scopes", default=None
)


@contextmanager
def scopes(sizes: Mapping[str, int]) -> Iterator[None]:
    """Override `size=` of scalarsets defined inside the `with` block, by class name.

    Names that no class bears are ignored here. A size below 1 raises
    `SpecDefinitionError` where its class is defined.
    """
    token = _sizes.set(dict(sizes))
    try:
        yield
    finally:
        _sizes.reset(token)


class ScalarsetType(type):
    """The class of scalarset classes: for `for d in Device` and `len(Device)`."""

    _members: tuple["Scalarset", ...] = ()
    _prefix: str = ""
    _symmetric: bool = True

    def __iter__(cls: type[M]) -> Iterator[M]:
        """Yield the members in order of their number."""
        members: tuple[object, ...] = vars(cls).get("_members", ())
        return (member for member in members if isinstance(member, cls))

    def __len__(cls) -> int:
        """Return the number of members."""
        return len(cls._members)

    def __bool__(cls) -> bool:
        """Be true as every class is, though `__len__` exists."""
        return True

    def __contains__(cls, value: object) -> bool:
        """Tell whether `value` is a member."""
        return type(value) is cls

    def __call__(cls, *_args: object, **_keywords: object) -> object:
        """Refuse: a scalarset has the members its class made, and no others."""
        message = (
            f"{cls.__name__}() makes no member: iterate over {cls.__name__}, take one "
            f"as a parameter, or write choose({cls.__name__})"
        )
        raise TypeError(message)


class Scalarset(metaclass=ScalarsetType):
    """Base of the finite sets of a spec: `class Device(Scalarset, size=2)`.

    `size` is the number of members (a scope of the same name overrides it),
    `symmetric=False` makes the members ordered, and `name` is the prefix they print
    with (by default the class name in lower case, cut to three letters when it has more
    than four: `dev0`). Raises `SpecDefinitionError` for a missing or non-positive size
    and for a subclass of a subclass.
    """

    __slots__ = ("_index",)

    _index: int

    def __init_subclass__(
        cls, *, size: int | None = None, symmetric: bool = True, name: str | None = None
    ) -> None:
        """Make the members."""
        if cls.__mro__[1] is not Scalarset:
            message = f"{cls.__name__}: derive a scalarset from Scalarset directly"
            raise SpecDefinitionError(message)
        cls._symmetric = symmetric
        cls._prefix = _default_prefix(cls.__name__) if name is None else name
        cls._members = tuple(
            _new_member(cls, index) for index in range(_size_of(cls.__name__, size))
        )

    def __repr__(self) -> str:
        """Return the member's printed name, such as `dev0`."""
        return f"{type(self)._prefix}{self._index}"  # noqa: SLF001 - its own class

    def __hash__(self) -> int:
        """Hash by number, so that a set's order is the same in every run."""
        return self._index

    def __eq__(self, other: object) -> bool:
        """Compare by identity: members are singletons."""
        return self is other

    def __lt__(self, other: Self) -> bool:
        """Order by number; only for `symmetric=False`."""
        mine, theirs = _ranks(self, other, "<")
        return mine < theirs

    def __le__(self, other: Self) -> bool:
        """Order by number; only for `symmetric=False`."""
        mine, theirs = _ranks(self, other, "<=")
        return mine <= theirs

    def __gt__(self, other: Self) -> bool:
        """Order by number; only for `symmetric=False`."""
        mine, theirs = _ranks(self, other, ">")
        return mine > theirs

    def __ge__(self, other: Self) -> bool:
        """Order by number; only for `symmetric=False`."""
        mine, theirs = _ranks(self, other, ">=")
        return mine >= theirs

    def __copy__(self) -> Self:
        """Return the member itself: there is one of each."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return the member itself: there is one of each."""
        return self


def member_index(member: Scalarset) -> int:
    """Return the number that `member` prints with, counted from 0."""
    return member._index  # noqa: SLF001 - the one public way to the number


def is_symmetric(scalarset: type[Scalarset]) -> bool:
    """Tell whether the members of `scalarset` are interchangeable."""
    return scalarset._symmetric  # noqa: SLF001 - as above


def _new_member(cls: type[Scalarset], index: int) -> Scalarset:
    # Not `cls()`: the metaclass refuses calls, so that a spec cannot make members.
    member = object.__new__(cls)
    member._index = index
    return member


def _size_of(class_name: str, declared: int | None) -> int:
    size = (_sizes.get() or {}).get(class_name, declared)
    if size is None:
        message = (
            f"{class_name}: write its size, `class {class_name}(Scalarset, size=2)`"
        )
        raise SpecDefinitionError(message)
    if size < 1:
        message = f"{class_name}: size={size}, but a scalarset has at least one member"
        raise SpecDefinitionError(message)
    return size


def _default_prefix(class_name: str) -> str:
    lower = class_name.lower()
    return lower if len(lower) <= _LONGEST_WHOLE_PREFIX else lower[:_CUT_PREFIX]


def _ranks(member: Scalarset, other: object, operator: str) -> tuple[int, int]:
    kind = type(member)
    if not isinstance(other, kind):
        message = f"{operator} compares members of {kind.__name__}, not {other!r}"
        raise TypeError(message)
    if is_symmetric(kind):
        message = (
            f"members of {kind.__name__} are interchangeable and have no order; "
            f"`class {kind.__name__}(Scalarset, symmetric=False, ...)` gives them one"
        )
        raise TypeError(message)
    return member_index(member), member_index(other)
