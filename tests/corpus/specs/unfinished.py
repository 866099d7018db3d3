"""One step to do, and another that does nothing.

Source: `examples/language-features/weakFairness.qnt` of informalsystems/quint.
"""

from typing import Self

from modelcheck import (
    VIOLATED,
    Formula,
    Spec,
    action,
    eventually,
    fairness,
    leads_to,
    require,
    temporal,
)


class Unfinished(Spec):
    """Doing nothing is always possible."""

    done: bool = False

    @action
    def finish(self) -> None:
        """Do it."""
        require(not self.done)
        self.done = True

    @action
    def noop(self) -> None:
        """Do nothing."""

    @temporal(expect=VIOLATED, because="doing nothing for ever is possible")
    def gets_done(self) -> Formula:
        """What is not done will be."""
        return leads_to(not self.done, self.done)


class Finished(Unfinished):
    """What can be done all the time is done."""

    @fairness("weak", of="finish")
    def finishes(self, after: Self) -> bool:
        """It is done."""
        return after.done

    @temporal
    def gets_done(self) -> Formula:
        """What is not done will be."""
        return leads_to(not self.done, self.done)

    @temporal
    def is_done(self) -> Formula:
        """It will be done."""
        return eventually(self.done)
