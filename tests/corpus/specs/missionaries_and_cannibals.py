"""Missionaries and cannibals cross a river in a boat for two.

Source: `MissionariesAndCannibals/MissionariesAndCannibals.tla` of tlaplus/Examples, by
Leslie Lamport. The solution is the counterexample to `somebody_is_left`.
"""

from modelcheck import (
    VIOLATED,
    Scalarset,
    Spec,
    action,
    invariant,
    reachable,
    require,
)


class Missionary(Scalarset, size=3):
    """Somebody who can be eaten."""


class Cannibal(Scalarset, size=3):
    """Somebody who eats missionaries when in the majority."""


class MissionariesAndCannibals(Spec):
    """The sets hold who is on the west bank; all start on the east bank."""

    boat_is_east: bool = True
    missionaries: set[Missionary] = set()
    cannibals: set[Cannibal] = set()

    def is_safe(self) -> bool:
        """Whether missionaries are outnumbered on neither bank."""
        west = len(self.missionaries)
        east = len(Missionary) - west
        cannibals = len(self.cannibals)
        return (west == 0 or cannibals <= west) and (
            east == 0 or len(Cannibal) - cannibals <= east
        )

    @action
    def cross(self, group: frozenset[Missionary], others: frozenset[Cannibal]) -> None:
        """One or two people row to the other bank."""
        require(1 <= len(group) + len(others) <= 2)
        if self.boat_is_east:
            require(not any(person in self.missionaries for person in group))
            require(not any(person in self.cannibals for person in others))
            self.missionaries |= group
            self.cannibals |= others
        else:
            require(group <= self.missionaries)
            require(others <= self.cannibals)
            self.missionaries -= group
            self.cannibals -= others
        require(self.is_safe())
        self.boat_is_east = not self.boat_is_east

    @invariant(expect=VIOLATED, because="its counterexample solves the puzzle")
    def somebody_is_left(self) -> bool:
        """Somebody is on the east bank."""
        crossed = len(self.missionaries) + len(self.cannibals)
        return crossed < len(Missionary) + len(Cannibal)

    @reachable
    def all_missionaries_cross(self) -> bool:
        """The missionaries can all be on the west bank."""
        return len(self.missionaries) == len(Missionary)
