"""A clock that shows only hours.

Source: `SpecifyingSystems/HourClock/HourClock.tla` of tlaplus/Examples, by Leslie
Lamport.
"""

from typing import Annotated

from modelcheck import Spec, action, reachable

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
