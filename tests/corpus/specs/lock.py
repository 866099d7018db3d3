"""An abstract lock, taken and released by two processes for ever.

Source: `locks_auxiliary_vars/Lock.tla` of tlaplus/Examples, by Jarod Differdange.
"""

from enum import Enum

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Proc(Scalarset, size=2):
    """A process."""


class At(Enum):
    """The control point of a process."""

    OUTSIDE = 0
    LOCK = 1
    INSIDE = 2
    UNLOCK = 3


CRITICAL = (At.INSIDE, At.UNLOCK)


class Lock(Spec):
    """The lock is a flag, tested and set in one step."""

    locked: bool = False
    at: dict[Proc, At] = {proc: At.OUTSIDE for proc in Proc}

    @action
    def work(self, proc: Proc) -> None:
        """Whatever happens outside the critical section."""
        require(self.at[proc] is At.OUTSIDE)
        self.at[proc] = At.LOCK

    @action
    def lock(self, proc: Proc) -> None:
        """Take the lock."""
        require(self.at[proc] is At.LOCK)
        require(not self.locked)
        self.locked = True
        self.at[proc] = At.INSIDE

    @action
    def leave(self, proc: Proc) -> None:
        """Whatever happens inside the critical section."""
        require(self.at[proc] is At.INSIDE)
        self.at[proc] = At.UNLOCK

    @action
    def unlock(self, proc: Proc) -> None:
        """Release the lock."""
        require(self.at[proc] is At.UNLOCK)
        self.locked = False
        self.at[proc] = At.OUTSIDE

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section, and only with the lock."""
        inside = sum(self.at[proc] in CRITICAL for proc in Proc)
        return inside <= 1 and (inside == 0 or self.locked)

    @reachable
    def somebody_is_inside(self) -> bool:
        """The lock can be taken."""
        return any(self.at[proc] is At.INSIDE for proc in Proc)
