"""The prisoners and the lamp: one of them counts how often the others switch it on.

Source: `Prisoners_Single_Switch/Prisoner.tla` (3 prisoners) of tlaplus/Examples, by
Florian Schanda. `LightUnknown` is its variant in which the lamp may be on initially.
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


class Other(Scalarset, size=2):
    """A prisoner who does not count; the counter is one more."""


PRISONERS = len(Other) + 1
Count = Annotated[int, range(0, 2 * PRISONERS + 1)]
Signals = Annotated[int, range(0, 3)]


class LightOff(Spec):
    """The lamp is known to be off initially: one signal from each is enough."""

    count: Count = 1
    announced: bool = False
    signalled: dict[Other, Signals] = {other: 0 for other in Other}
    light: bool = False
    counter_visited: bool = False
    visited: set[Other] = set()

    def limit(self) -> Signals:
        """How often each prisoner signals."""
        return 1

    def threshold(self) -> Count:
        """How many signals, counting the counter, mean that all were in the cell."""
        return PRISONERS

    @action
    def counter_enters(self) -> None:
        """Switch the lamp off and count; announce when it is enough."""
        if self.light:
            self.light = False
            self.count += 1
        self.announced = self.count >= self.threshold()
        self.counter_visited = True

    @action
    def other_enters(self, other: Other) -> None:
        """Switch the lamp on if it is off, but not too often."""
        if not self.light and self.signalled[other] < self.limit():
            self.light = True
            self.signalled[other] += 1
        self.visited.add(other)

    @invariant
    def announcement_is_right(self) -> bool:
        """When it is announced, everybody has been in the cell."""
        everybody = all(other in self.visited for other in Other)
        return not self.announced or (self.counter_visited and everybody)

    @reachable
    def is_announced(self) -> bool:
        """The prisoners can get free."""
        return self.announced


class LightUnknown(LightOff):
    """Nobody knows whether the lamp is on initially: two signals from each."""

    light: bool = choose(bool)

    def limit(self) -> Signals:
        """How often each prisoner signals."""
        return 2

    def threshold(self) -> Count:
        """One signal may have been the lamp's initial state."""
        return 2 * PRISONERS - 1


class FairLightOff(LightOff):
    """The warden forgets nobody whose visit would change something."""

    @fairness("weak", of="counter_enters")
    def counter_comes(self, after: Self) -> bool:
        """A visit of the counter that changes something."""
        return (
            after.light != self.light
            or after.announced != self.announced
            or after.counter_visited != self.counter_visited
        )

    @fairness("weak", of="other_enters")
    def other_comes(self, after: Self, other: Other) -> bool:
        """A visit of another prisoner that changes something."""
        is_first = other not in self.visited and other in after.visited
        return is_first or after.light != self.light

    @temporal
    def terminating(self) -> Formula:
        """The prisoners get free."""
        return eventually(self.announced)


class FairLightUnknown(LightUnknown, FairLightOff):
    """The same, if the lamp may be on initially."""
