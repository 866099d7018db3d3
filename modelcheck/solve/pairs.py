"""Pairs of values that never meet: the strongest invariant of clauses of two literals.

Two values (`values.py`) *meet* if some state has both. An invariant of this form is a
set of pairs that do not meet; the states it leaves are those in which every two values
may. Every state added makes it weaker, so that after all reachable states have been
added it would be exact, of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from modelcheck.solve.values import Values

MOST_FREE = 15
"""A state of the abstraction differs in up to so many features from a known one."""


class Pair(NamedTuple):
    """That no state has both values; twice the same one stands for the value alone."""

    one: int
    two: int


class Pairs:
    """Which values have met. A set of values is an integer, with a bit for each."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._ones = [1 << place for place in range(len(values.all))]
        self._met = [0] * len(values.all)
        self._of_feature = [sum(1 << p for p in row) for row in values.of_feature]

    def add(self, row: Sequence[int]) -> bool:
        """Let the values of a state meet; whether some have not met before."""
        together = sum(map(self._ones.__getitem__, row))
        is_new, met = False, self._met
        for value in row:
            if together & ~met[value]:
                met[value] |= together
                is_new = True
        return is_new

    def apart(self) -> list[Pair]:
        """The pairs that have not met; of a value that no state has, only itself."""
        found = []
        seen = sum(1 << place for place, met in enumerate(self._met) if met)
        for one, met in enumerate(self._met):
            if not met:
                found.append(Pair(one, one))
                continue
            own = self._of_feature[self._values.all[one][0]]
            later = seen & ~met & ~own & ~((1 << one) - 1)
            found += [Pair(one, two) for two in _members(later)]
        return found

    def variation(self, row: Sequence[int], random: Random) -> list[int] | None:
        """Some row of values that have all met, by another choice of a few features.

        None if the choices made leave none.
        """
        count = len(self._values.of_feature)
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


def _members(places: int) -> Iterator[int]:
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest
