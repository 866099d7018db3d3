# run: ::Slips
"""A counter with a lower bound."""

from typing import Annotated

from kernel.objects import Forgets
from modelcheck import VIOLATED, Spec, action, invariant, require


class Counter(Spec):
    """It counts."""

    refs: Annotated[int, range(0, 3)] = 0

    @action
    def take(self) -> None:
        """One more."""
        require(self.refs < 2)
        self.refs += 1

    @invariant
    def is_counted(self) -> bool:
        """It is in range."""
        return self.refs < 3

    @invariant(expect=VIOLATED, because="it is used")
    def is_zero(self) -> bool:
        """It is never used."""
        return self.refs == 0


class Slips(Counter, Forgets, breaks="is_counted"):
    """Its mixin stands behind the spec."""
