"""Representatives of states that are permutations of each other, in one search.

A permutation touches some bits of a state, so what it did to these is remembered, like
what steps do (`explore.memo`).
"""

from __future__ import annotations

from collections.abc import Iterable

from modelcheck.explore.memo import MOST_ENTRIES
from modelcheck.explore.reduction import Reduction
from modelcheck.verdict.verdicts import Saving


class Representatives:
    """Representatives, remembered; and how many states they stand for.

    `deltas` maps the `bits` of a state to the difference to its representative.
    """

    def __init__(self, reduction: Reduction) -> None:
        self.bits = reduction.bits
        self.canonical = reduction.canonical
        self.deltas: dict[int, int] = {}
        self._orbits: dict[int, int] = {}
        self._reduction = reduction
        self._states = 0

    def miss(self, state: int) -> int:
        """The representative of a state that the table does not have; stores it."""
        found = self.canonical(state)
        if len(self.deltas) >= MOST_ENTRIES:
            self.deltas.clear()
        self.deltas[state & self.bits] = state ^ found
        return found

    def count(self, states: Iterable[int]) -> None:
        """Count the states that `states`, which are representatives, stand for."""
        bits, orbits = self.bits, self._orbits
        for state in states:
            size = orbits.get(state & bits)
            if size is None:
                if len(orbits) >= MOST_ENTRIES:
                    orbits.clear()
                size = orbits[state & bits] = self.canonical.orbit(state)
            self._states += size

    def saving(self) -> Saving:
        """What was saved so far."""
        reduction = self._reduction
        return Saving(reduction.names, reduction.order, self._states)
