"""The prisoners and the two switches: one of them counts.

Source: `Prisoners/Prisoners.tla` (4 prisoners) of tlaplus/Examples, by Leslie Lamport.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    choose,
    eventually,
    fairness,
    invariant,
    reachable,
    temporal,
)


class Other(Scalarset, size=3):
    """A prisoner who does not count; the counter is one more."""


GOAL = 2 * len(Other)
Count = Annotated[int, range(0, GOAL + 2)]
Times = Annotated[int, range(0, 3)]


class Prisoners(Spec):
    """Nobody knows how the two switches are set initially."""

    switch_a: bool = choose(bool)
    switch_b: bool = choose(bool)
    times: dict[Other, Times] = {other: 0 for other in Other}
    count: Count = 0

    @action
    def other_enters(self, other: Other) -> None:
        """Move switch A up, but only twice; otherwise flip B."""
        if not self.switch_a and self.times[other] < 2:
            self.switch_a = True
            self.times[other] += 1
        else:
            self.switch_b = not self.switch_b

    @action
    def counter_enters(self) -> None:
        """Move switch A down and count; otherwise flip B."""
        if self.switch_a:
            self.switch_a = False
            self.count += 1
        else:
            self.switch_b = not self.switch_b

    @invariant
    def counter_is_right(self) -> bool:
        """When the counter has reached the goal, everybody has been in the room."""
        everybody = all(self.times[other] > 0 for other in Other)
        return self.count != GOAL or everybody

    @invariant
    def count_follows_switches(self) -> bool:
        """The count is what was switched up, give or take the initial position."""
        up = sum(self.times[other] for other in Other) - int(self.switch_a)
        return self.count in (up, up + 1)

    @reachable
    def goal_is_reached(self) -> bool:
        """The prisoners can get free."""
        return self.count == GOAL


class FairPrisoners(Prisoners):
    """Everybody is taken into the room again and again."""

    @fairness("weak", of="counter_enters")
    def counter_comes(self, after: Self) -> bool:
        """Every visit moves a switch."""
        return after.switch_a != self.switch_a or after.switch_b != self.switch_b

    @fairness("weak", of="other_enters")
    def other_comes(self, after: Self, other: Other) -> bool:
        """Every visit moves a switch: A up, or B."""
        moves_a = after.times[other] > self.times[other]
        return moves_a or after.switch_b != self.switch_b

    @temporal
    def liveness(self) -> Formula:
        """The prisoners get free."""
        return eventually(self.count == GOAL)
