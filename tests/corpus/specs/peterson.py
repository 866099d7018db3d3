"""Peterson's algorithm for two processes.

Source: `locks_auxiliary_vars/Peterson.tla` of tlaplus/Examples, by Jarod Differdange.
`SwappedWrites` is our broken variant: it gives way before it says what it wants.
"""

from enum import Enum

from modelcheck import (
    VIOLATED,
    Formula,
    Spec,
    action,
    every,
    invariant,
    leads_to,
    reachable,
    require,
    temporal,
)


class Proc(Enum):
    """One of the two processes."""

    ONE = 1
    TWO = 2


class At(Enum):
    """The control point of a process."""

    OUTSIDE = 0
    FIRST_WRITE = 1
    SECOND_WRITE = 2
    WAIT = 3
    INSIDE = 4
    RESET = 5


CRITICAL = (At.INSIDE, At.RESET)


def other(proc: Proc) -> Proc:
    """The process that is not `proc`."""
    return Proc.TWO if proc is Proc.ONE else Proc.ONE


class Peterson(Spec):
    """A process says that it wants to enter, then gives way to the other."""

    wants: dict[Proc, bool] = {proc: False for proc in Proc}
    turn: Proc = Proc.ONE
    at: dict[Proc, At] = {proc: At.OUTSIDE for proc in Proc}

    @action
    def work(self, proc: Proc) -> None:
        """Whatever happens outside the critical section."""
        require(self.at[proc] is At.OUTSIDE)
        self.at[proc] = At.FIRST_WRITE

    @action(fair="weak")
    def first_write(self, proc: Proc) -> None:
        """Say that one wants to enter."""
        require(self.at[proc] is At.FIRST_WRITE)
        self.wants[proc] = True
        self.at[proc] = At.SECOND_WRITE

    @action(fair="weak")
    def second_write(self, proc: Proc) -> None:
        """Give way to the other process."""
        require(self.at[proc] is At.SECOND_WRITE)
        self.turn = other(proc)
        self.at[proc] = At.WAIT

    @action(fair="weak")
    def enter(self, proc: Proc) -> None:
        """Wait until the other does not want to, or gave way."""
        require(self.at[proc] is At.WAIT)
        require(not self.wants[other(proc)] or self.turn is proc)
        self.at[proc] = At.INSIDE

    @action(fair="weak")
    def leave(self, proc: Proc) -> None:
        """Whatever happens inside the critical section."""
        require(self.at[proc] is At.INSIDE)
        self.at[proc] = At.RESET

    @action(fair="weak")
    def reset(self, proc: Proc) -> None:
        """Say that one no longer wants to enter."""
        require(self.at[proc] is At.RESET)
        self.wants[proc] = False
        self.at[proc] = At.OUTSIDE

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[proc] in CRITICAL for proc in Proc) <= 1

    @temporal
    def starvation_freedom(self) -> Formula:
        """Whoever wants to enter does, if nobody stops on the way."""
        return every(
            leads_to(self.at[proc] is At.FIRST_WRITE, self.at[proc] is At.INSIDE)
            for proc in Proc
        )

    @reachable
    def second_waits_for_first(self) -> bool:
        """One process is inside while the other waits."""
        inside = any(self.at[proc] is At.INSIDE for proc in Proc)
        return inside and any(self.at[proc] is At.WAIT for proc in Proc)


class SwappedWrites(Peterson):
    """The two writes are swapped: both processes can be inside at the same time."""

    @action(fair="weak")
    def first_write(self, proc: Proc) -> None:
        """Give way to the other process."""
        require(self.at[proc] is At.FIRST_WRITE)
        self.turn = other(proc)
        self.at[proc] = At.SECOND_WRITE

    @action(fair="weak")
    def second_write(self, proc: Proc) -> None:
        """Say that one wants to enter."""
        require(self.at[proc] is At.SECOND_WRITE)
        self.wants[proc] = True
        self.at[proc] = At.WAIT

    @invariant(expect=VIOLATED, because="giving way first lets the other pass both")
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[proc] in CRITICAL for proc in Proc) <= 1
