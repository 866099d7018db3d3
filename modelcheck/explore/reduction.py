"""Symmetry reduction: which Scalarsets a search uses, and the representatives.

The group is the product of all permutations of each Scalarset that was shown to be
symmetric. The representative of a state is the least, as a packed number, of its
permutations in which the members are sorted by their keys (`layout.sorting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import factorial, prod

from modelcheck.explore.book import is_searched
from modelcheck.explore.compiled import CUT, Compiled
from modelcheck.explore.exchanges import PackedExchange, make_exchange, make_keys
from modelcheck.layout.exchanging import Program, program
from modelcheck.layout.packing import WORD, Packing
from modelcheck.layout.sorting import Keys, keys_of
from modelcheck.model.permuting import Exchange
from modelcheck.model.program import Model
from modelcheck.model.symmetry import Symmetric, find_symmetries
from modelcheck.verdict.verdicts import Limits

MOST_PERMUTATIONS = 5040
"""As many permutations are looked at to find a representative; 7! for one Scalarset."""

MOST_TWINS = 1 << 32
"""The order of the group at most: so many states of one orbit can be added up."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One Scalarset of a reduction: the exchanges of neighbours, and the keys."""

    symmetric: Symmetric
    programs: tuple[Program, ...]
    keys: Keys

    @property
    def size(self) -> int:
        """The number of members."""
        return self.symmetric.scalarset.size


@dataclass(frozen=True)
class Reduction:
    """The symmetries that a search of `model` uses; `refused` says why not others.

    It serves searches that ask about no other properties than those `asked`.
    """

    model: Model
    packing: Packing
    axes: tuple[Axis, ...]
    asked: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def names(self) -> tuple[str, ...]:
        """The Scalarsets."""
        return tuple(axis.symmetric.scalarset.name for axis in self.axes)

    @property
    def order(self) -> int:
        """The number of permutations."""
        return prod(factorial(axis.size) for axis in self.axes)

    @property
    def mixed(self) -> tuple[Axis, ...]:
        """The Scalarsets for which sorting by keys is not enough."""
        return tuple(axis for axis in self.axes if not axis.keys.is_local)

    @cached_property
    def bits(self) -> int:
        """The bits of a packed state that decide how it is permuted, and change."""
        cells: set[int] = set()
        for axis in self.axes:
            for each in axis.symmetric.exchanges:
                cells.update(c for c, t in enumerate(each.targets) if c != t)
                cells.update(each.kinds)
                cells.update(c for x in each.conditions.values() for c, _ in x)
        return self.packing.bits(cells)

    @cached_property
    def canonical(self) -> Canonical:
        """The function from states to their representatives."""
        return Canonical(self)


def find_reduction(model: Model, limits: Limits) -> Reduction | None:
    """The reduction for a search of `model` within `limits`; None if it has no use.

    It depends on nothing else, so every engine on every machine counts the same.
    """
    if not model.symmetric:
        return None
    packing = Packing(model)
    asked = [prop for prop in model.properties if is_searched(prop, limits)]
    initial = _Initial(model, packing)
    symmetries = find_symmetries(model, asked, initial.is_closed)
    refused = dict(symmetries.refused)
    usable: list[Symmetric] = []
    for each in symmetries.found:
        if _is_wide(packing, each):
            refused[each.scalarset.name] = "its members are in a cell of over 64 bits"
        else:
            usable.append(each)
    names = frozenset(prop.name for prop in asked)
    return Reduction(model, packing, _axes(packing, usable, refused), names, refused)


def used_reduction(
    reduction: Reduction | None, model: Model, limits: Limits
) -> Reduction | None:
    """`reduction`, if there is one that reduces anything.

    Raises `ValueError` if it was not made for such a search: properties that it does
    not know may tell the members apart.
    """
    if reduction is None or not reduction.axes:
        return None
    asked = {prop.name for prop in model.properties if is_searched(prop, limits)}
    if reduction.model is not model or not asked <= reduction.asked:
        message = "the reduction was made for another search"
        raise ValueError(message)
    return reduction


def _is_wide(packing: Packing, symmetric: Symmetric) -> bool:
    return any(
        place.width > WORD and (cell in each.kinds or each.targets[cell] != cell)
        for each in symmetric.exchanges
        for cell, place in enumerate(packing.fields)
    )


def _axes(
    packing: Packing, usable: list[Symmetric], refused: dict[str, str]
) -> tuple[Axis, ...]:
    """An axis for each of `usable`; those that make too many permutations are refused.

    The largest go first.
    """
    while True:
        axes = tuple(
            Axis(
                each,
                tuple(program(packing, exchange) for exchange in each.exchanges),
                keys_of(packing, each, [x for x in usable if x is not each]),
            )
            for each in usable
        )
        mixed = [axis for axis in axes if not axis.keys.is_local]
        count = prod(factorial(axis.size) for axis in mixed)
        order = prod(factorial(axis.size) for axis in axes)
        if count <= MOST_PERMUTATIONS and order <= MOST_TWINS:
            return axes
        candidates = axes if count <= MOST_PERMUTATIONS else mixed
        largest = max(candidates, key=lambda axis: axis.size).symmetric
        usable.remove(largest)
        refused[largest.scalarset.name] = (
            f"there would be {max(count, order):,} permutations"
        )


class _Initial:
    """The initial states, computed when they are first asked for."""

    def __init__(self, model: Model, packing: Packing) -> None:
        self._model = model
        self._packing = packing
        self._states: set[int] | None = None

    def is_closed(self, exchange: Exchange) -> bool:
        """Whether `exchange` maps each initial state to an initial state."""
        if self._states is None:
            found: list[int] = []
            bad: list[int] = []
            Compiled(self._model).initial().run(0, found, bad)
            self._states = set(found)
            if any(number != CUT for number in bad):
                # The search ends there, with an error.
                self._states.clear()
        function = make_exchange(self._packing, program(self._packing, exchange))
        return all(function(state) in self._states for state in self._states)


class Canonical:
    """Computes the representative of packed states, and the number of their twins."""

    def __init__(self, reduction: Reduction) -> None:
        packing = reduction.packing
        self.reduction = reduction
        self._axes = [
            _Sorter(
                [make_exchange(packing, each) for each in axis.programs],
                make_keys(packing, axis.keys),
                is_local=axis.keys.is_local,
            )
            for axis in reduction.axes
        ]

    def __call__(self, state: int) -> int:
        """The representative of `state`."""
        return self.look(state)[0]

    def look(self, state: int) -> tuple[int, int]:
        """The representative, and in how many ways `state` is permuted to itself."""
        twins = 1
        mixed: list[tuple[_Sorter, list[int]]] = []
        for axis in self._axes:
            state, keys = axis.sorted(state)
            if len(set(keys)) == len(keys):
                continue
            if axis.is_local:
                twins *= prod(map(factorial, _runs(keys)))
            else:
                mixed.append((axis, keys))
        if not mixed:
            return state, twins
        least, count = state, 0
        for other in _permuted(state, mixed):
            if other == least:
                count += 1
            elif other < least:
                least, count = other, 1
        return least, twins * count

    def orbit(self, state: int) -> int:
        """How many states have the representative of `state`."""
        return self.reduction.order // self.look(state)[1]


@dataclass(frozen=True, slots=True)
class _Sorter:
    """Sorts the members of one Scalarset by their keys."""

    exchanges: Sequence[PackedExchange]
    keys: Callable[[int], list[int]]
    is_local: bool

    def sorted(self, state: int) -> tuple[int, list[int]]:
        """`state` with its members sorted, and their keys."""
        keys = self.keys(state)
        for end in range(len(keys) - 1, 0, -1):
            for place in range(end):
                if keys[place] > keys[place + 1]:
                    keys[place : place + 2] = keys[place + 1], keys[place]
                    state = self.exchanges[place](state)
        return state, keys


def _runs(keys: Sequence[int]) -> Iterator[int]:
    """How many keys are equal, for each value of them; they are sorted."""
    length = 1
    for one, two in pairwise(keys):
        if one == two:
            length += 1
        else:
            yield length
            length = 1
    yield length


def _permuted(state: int, axes: Sequence[tuple[_Sorter, list[int]]]) -> Iterator[int]:
    """`state` under all permutations that leave the keys sorted."""
    if not axes:
        yield state
        return
    (axis, keys), *rest = axes
    yield from _orders(state, axis, keys, 0, rest)


def _orders(
    state: int,
    axis: _Sorter,
    keys: list[int],
    place: int,
    rest: Sequence[tuple[_Sorter, list[int]]],
) -> Iterator[int]:
    """`state` with the members from `place` on in every order among equal keys."""
    if place == len(keys):
        yield from _permuted(state, rest)
        return
    yield from _orders(state, axis, keys, place + 1, rest)
    # Bring each of the following members with the same key to this place.
    for other in range(place, len(keys) - 1):
        if keys[other] != keys[other + 1]:
            return
        moved = state
        for low in range(other, place - 1, -1):
            moved = axis.exchanges[low](moved)
        yield from _orders(moved, axis, keys, place + 1, rest)
