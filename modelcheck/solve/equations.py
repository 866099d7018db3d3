"""Linear equations between values: the strongest invariant of this form.

That a value is there counts as 1, that it is not as 0. An equation says that a weighted
sum of some values and a constant is 0 in every state: that a counter is the number of
those who hold something, or that a process has a bit set just while its program counter
is between two places. All the equations that some states satisfy are a vector space,
orthogonal to these states; of a state that does not, one equation of a basis is given
up, and the others that it violates are made orthogonal to it (Karr, "Affine
relationships among variables of a program", Acta Informatica 6, 1976; from states:
Sharma and others, "A data driven approach for algebraic loop invariants", ESOP 2013).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import gcd
from random import Random
from typing import NamedTuple

from modelcheck.solve.values import Values

CONSTANT = -1
"""In an equation, the number of the constant, which is there in every state."""

LONGEST = 48
"""An equation with more parts than this is given up ..."""

LARGEST = 64
"""... and so is one with a larger weight: what they say is rarely worth a solver."""

_MODULUS = (1 << 61) - 1


class Equation(NamedTuple):
    """Values by number, the constant, if any, first; each with its weight, not 0."""

    parts: tuple[tuple[int, int], ...]


class Equations:
    """A basis of the equations that all rows added so far satisfy.

    It `is_whole` unless some were given up for their length or their weights.
    """

    def __init__(self, values: Values) -> None:
        self.is_whole = True
        self._basis: dict[Equation, int] = {}
        self._mix = [0] * (len(values.all) + 1)
        self._random = Random(1)  # noqa: S311 - no secret is made of it
        self._put({CONSTANT: 1})
        for row in values.of_feature:
            # The values of a feature always sum up to 1: one of them is redundant.
            for place in row[1:]:
                self._put({place: 1})

    def __iter__(self) -> Iterator[Equation]:
        """The equations of the basis."""
        return iter(self._basis)

    def has(self, row: Sequence[int]) -> bool:
        """Whether the row satisfies all of them.

        One that does not is taken for one that does with a probability of 2**-61: one
        random combination stands for all of them.
        """
        mix = self._mix
        return (sum(map(mix.__getitem__, row)) + mix[CONSTANT]) % _MODULUS == 0

    def add(self, row: Sequence[int]) -> bool:
        """Give up what makes the row satisfy the rest; whether that was needed."""
        if self.has(row):
            return False
        there = {CONSTANT, *row}
        broken = [
            (len(each.parts), each, excess)
            for each in self._basis
            if (excess := sum(weight for place, weight in each.parts if place in there))
        ]
        _, given_up, amount = min(broken)
        self._drop(given_up)
        for _, each, excess in broken:
            if each is not given_up:
                self._drop(each)
                sums = {place: weight * amount for place, weight in each.parts}
                for place, weight in given_up.parts:
                    sums[place] = sums.get(place, 0) - weight * excess
                self._put(sums)
        return True

    def _put(self, sums: Mapping[int, int]) -> None:
        parts = sorted((place, weight) for place, weight in sums.items() if weight)
        divisor = gcd(*(weight for _, weight in parts))
        if parts[-1][1] < 0:
            divisor = -divisor
        found = Equation(tuple((place, w // divisor) for place, w in parts))
        largest = max(abs(weight) for _, weight in found.parts)
        if len(found.parts) > LONGEST or largest > LARGEST:
            self.is_whole = False
            return
        self._basis[found] = share = self._random.randrange(1, _MODULUS)
        self._blend(found, share)

    def _drop(self, equation: Equation) -> None:
        self._blend(equation, -self._basis.pop(equation))

    def _blend(self, equation: Equation, share: int) -> None:
        for place, weight in equation.parts:
            self._mix[place] = (self._mix[place] + share * weight) % _MODULUS
