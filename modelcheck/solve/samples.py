"""Reachable states that are known: what no clause of an invariant may exclude.

PDR generalises a cube as far as one step back allows, which is often too far: the
clause it then learns is given up some frames later, because a state that can be reached
is in the cube. A sample of the reachable states shows that at once and without a
solver. It guides only; nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelcheck.model.program import State
from modelcheck.solve.cubes import Cube, Feature


class Samples:
    """For each value of each feature, the sampled states that have it, as bits.

    `has_initial` says that all initial states are among them.
    """

    def __init__(
        self, features: Sequence[Feature], states: Sequence[State], *, has_initial: bool
    ) -> None:
        self.has_initial = has_initial
        self._all = (1 << len(states)) - 1
        self._having = [_having(feature, states) for feature in features]

    def meets(self, cube: Cube) -> bool:
        """Whether one of the states is in the cube."""
        found = self._all
        for number, allowed in cube.items():
            having = self._having[number]
            values = 0
            for value in allowed:
                values |= having[value]
            found &= values
            if not found:
                return False
        return bool(found)


def _having(feature: Feature, states: Sequence[State]) -> dict[int, int]:
    rows = {value: bytearray(b"0" * len(states)) for value in feature.values}
    for place, state in enumerate(states):
        rows[feature.value(state)][place] = ord("1")
    return {value: int(b"0" + row, 2) for value, row in rows.items()}
