"""A clock that shows only hours.

Source: `SpecifyingSystems/HourClock/HourClock.tla` of tlaplus/Examples, by Leslie
Lamport.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Spec,
    action,
    always,
    eventually,
    every,
    fairness,
    reachable,
    temporal,
)

Hour = Annotated[int, range(1, 13)]


class HourClock(Spec):
    """Every hour is an initial state."""

    hour: Hour

    @action
    def tick(self) -> None:
        """An hour passes."""
        self.hour = self.hour + 1 if self.hour != 12 else 1

    @reachable
    def noon(self) -> bool:
        """Twelve is shown, already initially."""
        return self.hour == 12


class LiveHourClock(HourClock):
    """The clock of `SpecifyingSystems/Liveness/LiveHourClock.tla` never stops."""

    @fairness("weak")
    def next_hour(self, after: Self) -> bool:
        """Another hour is shown."""
        return after.hour != self.hour

    @temporal
    def always_tick(self) -> Formula:
        """It ticks again and again: no hour is shown for ever."""
        return every(always(eventually(self.hour != n)) for n in range(1, 13))

    @temporal
    def all_times(self) -> Formula:
        """It shows each hour again and again."""
        return every(always(eventually(self.hour == n)) for n in range(1, 13))
