"""Containers in the state: dict, set and list that check every mutation.

They are the ordinary classes with the growing mutators guarded, so that spec code and
type checkers see nothing new. A mutation is checked before it happens, and a value put
into a container is admitted (copied, if it is a container itself) like one assigned to
a state variable.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NoReturn, Self, SupportsIndex, overload

from modelcheck.language.errors import RangeError
from modelcheck.language.finite import FiniteType
from modelcheck.language.values import in_order, render_value


class CheckedSet(set[object]):
    """A set in the state whose elements are values of one finite type."""

    __slots__ = ("_element", "_label")

    def __init__(
        self, elements: Iterable[object], element: FiniteType, label: str
    ) -> None:
        """Copy `elements`; raise `RangeError` if one is not of type `element`."""
        self._element = element
        self._label = label
        super().__init__(self._admitted(elements))

    def __iter__(self) -> Iterator[object]:
        """Yield the elements in order of definition, the same in every run.

        Raises `RuntimeError` when the set changes meanwhile, as a plain set does.
        """
        size = len(self)
        for element in in_order(set(self)):
            if len(self) != size:
                message = "Set changed size during iteration"
                raise RuntimeError(message)
            yield element

    def __repr__(self) -> str:
        """Return the elements in order, in braces."""
        return render_value(self) if self else "set()"

    def add(self, element: object, /) -> None:
        """Add one element."""
        super().add(self._element.admit(element, self._label))

    def update(self, *others: Iterable[object]) -> None:
        """Add the elements of all `others`, or none if one is out of range."""
        super().update(*[self._admitted(other) for other in others])

    def symmetric_difference_update(self, other: Iterable[object], /) -> None:
        """Keep what is in exactly one of the two."""
        super().symmetric_difference_update(self._admitted(other))

    def __ior__(self, other: AbstractSet[object], /) -> Self:
        """Add the elements of `other`."""
        self.update(other)
        return self

    def __ixor__(self, other: AbstractSet[object], /) -> Self:
        """Keep what is in exactly one of the two."""
        self.symmetric_difference_update(other)
        return self

    def restore(self, elements: frozenset[object]) -> None:
        """Hold exactly `elements`, which were admitted before."""
        super().clear()
        super().update(elements)

    def _admitted(self, elements: Iterable[object]) -> list[object]:
        return [self._element.admit(element, self._label) for element in elements]


class CheckedDict(dict[object, object]):
    """A total map in the state: every key of a finite type, always."""

    __slots__ = ("_key", "_label", "_value")

    def __init__(
        self,
        items: Mapping[object, object],
        types: tuple[FiniteType, FiniteType],
        label: str,
    ) -> None:
        """Copy `items`; raise `RangeError` for a missing or wrong key or value."""
        self._key, self._value = types
        self._label = label
        for key in items:
            self._key.admit(key, f"{label} key")
        super().__init__((key, self._entry(items, key)) for key in self._key.values())

    def __setitem__(self, key: object, value: object, /) -> None:
        """Map `key` to `value`."""
        key = self._key.admit(key, f"{self._label} key")
        super().__setitem__(key, self._value.admit(value, self._place(key)))

    def update(  # type: ignore[override]  # narrower: keys of a spec are no strings
        self, other: Mapping[object, object] | Iterable[tuple[object, object]], /
    ) -> None:
        """Map each key of `other` to its value there."""
        for key, value in dict(other).items():
            self[key] = value

    def __ior__(  # type: ignore[override,misc]
        self, other: Mapping[object, object] | Iterable[tuple[object, object]], /
    ) -> Self:
        """Map each key of `other` to its value there."""
        self.update(other)
        return self

    def setdefault(self, key: object, _default: object = None, /) -> object:
        """Return the value of `key`, which has one: the map is total."""
        return self[key]

    def __delitem__(self, _key: object, /) -> None:
        """Refuse: the map is total."""
        self._refuse_removal()

    def pop(self, _key: object, *_default: object) -> NoReturn:
        """Refuse: the map is total."""
        self._refuse_removal()

    def popitem(self) -> NoReturn:
        """Refuse: the map is total."""
        self._refuse_removal()

    def clear(self) -> NoReturn:
        """Refuse: the map is total."""
        self._refuse_removal()

    def restore(self, items: dict[object, object]) -> None:
        """Hold exactly `items`, which were admitted before."""
        super().update(items)

    def _entry(self, items: Mapping[object, object], key: object) -> object:
        if key not in items:
            message = (
                f"{self._label}: no value for {render_value(key)}; the map is total"
            )
            raise RangeError(message)
        return self._value.admit(items[key], self._place(key))

    def _place(self, key: object) -> str:
        return f"{self._label}[{render_value(key)}]"

    def _refuse_removal(self) -> NoReturn:
        message = f"{self._label}: a dict in the state is a total map, no key can go"
        raise RangeError(message)


class CheckedList(list[object]):
    """A sequence in the state with elements of one finite type and a maximal length."""

    __slots__ = ("_element", "_label", "_maximum")

    def __init__(
        self, elements: Iterable[object], element: FiniteType, maximum: int, label: str
    ) -> None:
        """Copy `elements`; raise `RangeError` if one is wrong or there are too many."""
        self._element = element
        self._maximum = maximum
        self._label = label
        super().__init__(self._admitted(elements))

    def append(self, element: object, /) -> None:
        """Add `element` at the end; raise `RangeError` when the list is full."""
        self._check_length(len(self) + 1)
        super().append(self._element.admit(element, f"{self._label}[{len(self)}]"))

    def extend(self, elements: Iterable[object], /) -> None:
        """Add all of `elements` at the end, or none."""
        self.restore(self._admitted([*self, *elements]))

    def insert(self, index: SupportsIndex, element: object, /) -> None:
        """Put `element` before position `index`; raise `RangeError` when full."""
        changed = list(self)
        changed.insert(index, element)
        self.restore(self._admitted(changed))

    @overload
    def __setitem__(self, index: SupportsIndex, value: object, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[object], /) -> None: ...
    def __setitem__(self, index: SupportsIndex | slice, value: object, /) -> None:
        """Replace one element, or a slice."""
        changed = list(self)
        if isinstance(index, slice):
            changed[index] = value if isinstance(value, Iterable) else ()
        else:
            changed[index] = value
        self.restore(self._admitted(changed))

    def __iadd__(self, elements: Iterable[object], /) -> Self:  # type: ignore[misc]
        """Add all of `elements` at the end, or none."""
        self.extend(elements)
        return self

    def __imul__(self, times: SupportsIndex, /) -> Self:
        """Repeat the elements; raise `RangeError` when they do not fit."""
        self.restore(self._admitted(list(self) * times))
        return self

    def restore(self, elements: Iterable[object]) -> None:
        """Hold exactly `elements`, which were admitted before."""
        super().__setitem__(slice(None), elements)

    def _admitted(self, elements: Iterable[object]) -> list[object]:
        admitted = [
            self._element.admit(element, f"{self._label}[{index}]")
            for index, element in enumerate(elements)
        ]
        self._check_length(len(admitted))
        return admitted

    def _check_length(self, length: int) -> None:
        if length > self._maximum:
            message = f"{self._label}: {length} elements, but Length({self._maximum})"
            raise RangeError(message)
