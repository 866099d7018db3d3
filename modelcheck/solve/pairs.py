"""Pairs of values that never meet: the strongest invariant of clauses of two literals.

A *value* is a value of a feature (`cubes.py`). Two values *meet* if some state has
both. An invariant of this form is a set of pairs that do not meet; the states it leaves
are those in which every two values may. Every state added makes it weaker, so that
after all reachable states have been added it would be exact, of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from random import Random

from modelcheck.model.program import Model, State
from modelcheck.model.terms import Sort
from modelcheck.solve.cubes import Cube, Feature

Pair = tuple[int, int]
"""The numbers of two values; twice the same one stands for the value alone."""

MOST_FREE = 15
"""A state of the abstraction differs in up to so many features from a known one."""


@dataclass(frozen=True, slots=True)
class _Places:
    """What each value of a cell is in a row, by the numbers of its features' values."""

    index: int
    parts: Sequence[tuple[Mapping[int, int], Feature]]
    known: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def look_up(self, value: int, state: State) -> list[int]:
        """What `value`, which the cell has in `state`, is; it is known from now on."""
        found = [numbers[feature.value(state)] for numbers, feature in self.parts]
        self.known[value] = found
        return found


class Pairs:
    """Which values have met; all values of all features have a number, from 0 on.

    A set of values is an integer, with a bit for each.
    """

    def __init__(self, model: Model, features: Sequence[Feature]) -> None:
        self._model = model
        self._features = features
        self.values = [
            (number, value)
            for number, feature in enumerate(features)
            for value in sorted(feature.values)
        ]
        self._numbers: list[dict[int, int]] = [{} for _ in features]
        for place, (number, value) in enumerate(self.values):
            self._numbers[number][value] = place
        self._ones = [1 << place for place in range(len(self.values))]
        self._met = [0] * len(self.values)
        self._of_feature = [sum(1 << p for p in row.values()) for row in self._numbers]
        self._cells = [
            _Places(index, list(parts))
            for index, parts in groupby(
                zip(self._numbers, features, strict=True),
                key=lambda part: part[1].cell.index,
            )
        ]

    def row(self, state: State) -> list[int]:
        """The values in `state`, one for each feature."""
        row: list[int] = []
        for cell in self._cells:
            value = state[cell.index]
            row += cell.known.get(value) or cell.look_up(value, state)
        return row

    def add(self, row: Sequence[int]) -> bool:
        """Let the values of a state meet; whether some have not met before."""
        together = sum(map(self._ones.__getitem__, row))
        is_new, met = False, self._met
        for value in row:
            if together & ~met[value]:
                met[value] |= together
                is_new = True
        return is_new

    def has_met(self, pair: Pair) -> bool:
        """Whether both values have been in one state."""
        one, two = pair
        return bool(self._met[one] >> two & 1)

    def apart(self) -> list[Pair]:
        """The pairs that have not met; of a value that no state has, only itself."""
        found = []
        seen = sum(1 << place for place, met in enumerate(self._met) if met)
        for one, met in enumerate(self._met):
            if not met:
                found.append((one, one))
                continue
            own = self._of_feature[self.values[one][0]]
            later = seen & ~met & ~own & ~((1 << one) - 1)
            found += [(one, two) for two in _members(later)]
        return found

    def cube(self, pair: Pair) -> Cube:
        """The states that have both values."""
        return {
            number: frozenset({value}) for number, value in map(self._value, {*pair})
        }

    def variation(self, row: Sequence[int], random: Random) -> list[int] | None:
        """Some row of values that have all met, by another choice of a few features.

        None if the choices made leave none.
        """
        count = len(self._features)
        free = random.sample(range(count), random.randint(1, min(MOST_FREE, count)))
        changed = list(row)
        allowed = -1
        for number in {*range(count)}.difference(free):
            allowed &= self._met[row[number]]
        for number in free:
            values = list(_members(allowed & self._of_feature[number]))
            if not values:
                return None
            changed[number] = random.choice(values)
            allowed &= self._met[changed[number]]
        return changed

    def state(self, row: Sequence[int]) -> State | None:
        """The state with these values; None if a cell would leave its range."""
        state = [cell.range.lo for cell in self._model.cells]
        bits: dict[int, int] = {}
        for feature, place in zip(self._features, row, strict=True):
            value, cell = self._value(place)[1], feature.cell
            if feature.bit is None:
                state[cell.index] = value
            else:
                bits[cell.index] = bits.get(cell.index, 0) | value << feature.bit
        for index, distance in bits.items():
            scalar = self._model.cells[index].range
            low = 0 if scalar.sort is Sort.MASK else scalar.lo
            if scalar.sort is not Sort.MASK and low + distance > scalar.hi:
                return None
            state[index] = low + distance
        return tuple(state)

    def _value(self, place: int) -> tuple[int, int]:
        return self.values[place]


def _members(places: int) -> Iterator[int]:
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest
