"""A reusable barrier of two waiting chambers, made of a lock and two semaphores.

Source: `barriers/Barriers.tla` (N = 6) of tlaplus/Examples, by Jarod Differdange.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Proc(Scalarset, size=6):
    """A process that uses the barrier."""


class At(Enum):
    """The control point of a process."""

    OUTSIDE = 0
    LOCK_IN = 1
    COUNT_IN = 2
    TEST_IN = 3
    OPEN_IN = 4
    UNLOCK_IN = 5
    WAIT_IN = 6
    LOCK_OUT = 7
    COUNT_OUT = 8
    TEST_OUT = 9
    OPEN_OUT = 10
    UNLOCK_OUT = 11
    WAIT_OUT = 12


N = len(Proc)
Count = Annotated[int, range(0, N + 1)]

LOCKED = (
    At.COUNT_IN,
    At.TEST_IN,
    At.OPEN_IN,
    At.UNLOCK_IN,
    At.COUNT_OUT,
    At.TEST_OUT,
    At.OPEN_OUT,
    At.UNLOCK_OUT,
)
COUNTED = (
    At.TEST_IN,
    At.OPEN_IN,
    At.UNLOCK_IN,
    At.WAIT_IN,
    At.LOCK_OUT,
    At.COUNT_OUT,
)
ENTERING = (At.OUTSIDE, At.LOCK_IN, At.COUNT_IN, At.TEST_IN, At.OPEN_IN)
LEAVING = (At.LOCK_OUT, At.COUNT_OUT, At.TEST_OUT, At.OPEN_OUT)


class Barriers(Spec):
    """The second chamber keeps a fast process from lapping a slow one."""

    at: dict[Proc, At] = {proc: At.OUTSIDE for proc in Proc}
    locked: bool = False
    gate_in: Count = 0
    gate_out: Count = 0
    inside: Count = 0

    @action
    def work(self, proc: Proc) -> None:
        """Whatever happens outside the barrier."""
        require(self.at[proc] is At.OUTSIDE)
        self.at[proc] = At.LOCK_IN

    @action
    def lock_in(self, proc: Proc) -> None:
        """Take the lock to be counted in."""
        require(self.at[proc] is At.LOCK_IN)
        require(not self.locked)
        self.locked = True
        self.at[proc] = At.COUNT_IN

    @action
    def count_in(self, proc: Proc) -> None:
        """One more has arrived."""
        require(self.at[proc] is At.COUNT_IN)
        self.inside += 1
        self.at[proc] = At.TEST_IN

    @action
    def test_in(self, proc: Proc) -> None:
        """Is this the last to arrive?"""
        require(self.at[proc] is At.TEST_IN)
        self.at[proc] = At.OPEN_IN if self.inside == N else At.UNLOCK_IN

    @action
    def open_in(self, proc: Proc) -> None:
        """Let everybody through the first gate."""
        require(self.at[proc] is At.OPEN_IN)
        self.gate_in += N
        self.at[proc] = At.UNLOCK_IN

    @action
    def unlock_in(self, proc: Proc) -> None:
        """Release the lock."""
        require(self.at[proc] is At.UNLOCK_IN)
        self.locked = False
        self.at[proc] = At.WAIT_IN

    @action
    def wait_in(self, proc: Proc) -> None:
        """Pass the first gate."""
        require(self.at[proc] is At.WAIT_IN)
        require(self.gate_in > 0)
        self.gate_in -= 1
        self.at[proc] = At.LOCK_OUT

    @action
    def lock_out(self, proc: Proc) -> None:
        """Take the lock to be counted out."""
        require(self.at[proc] is At.LOCK_OUT)
        require(not self.locked)
        self.locked = True
        self.at[proc] = At.COUNT_OUT

    @action
    def count_out(self, proc: Proc) -> None:
        """One fewer is inside."""
        require(self.at[proc] is At.COUNT_OUT)
        self.inside -= 1
        self.at[proc] = At.TEST_OUT

    @action
    def test_out(self, proc: Proc) -> None:
        """Is this the last to leave?"""
        require(self.at[proc] is At.TEST_OUT)
        self.at[proc] = At.OPEN_OUT if self.inside == 0 else At.UNLOCK_OUT

    @action
    def open_out(self, proc: Proc) -> None:
        """Let everybody through the second gate."""
        require(self.at[proc] is At.OPEN_OUT)
        self.gate_out += N
        self.at[proc] = At.UNLOCK_OUT

    @action
    def unlock_out(self, proc: Proc) -> None:
        """Release the lock."""
        require(self.at[proc] is At.UNLOCK_OUT)
        self.locked = False
        self.at[proc] = At.WAIT_OUT

    @action
    def wait_out(self, proc: Proc) -> None:
        """Pass the second gate."""
        require(self.at[proc] is At.WAIT_OUT)
        require(self.gate_out > 0)
        self.gate_out -= 1
        self.at[proc] = At.OUTSIDE

    @invariant
    def lock_excludes(self) -> bool:
        """At most one process is between lock and unlock, and only if it is locked."""
        holders = sum(self.at[proc] in LOCKED for proc in Proc)
        return holders <= 1 and (holders == 0 or self.locked)

    @invariant
    def count_is_exact(self) -> bool:
        """`inside` is the number of processes that were counted in and not out."""
        return self.inside == sum(self.at[proc] in COUNTED for proc in Proc)

    @invariant
    def one_gate_is_closed(self) -> bool:
        """Never are both gates open."""
        return self.gate_in == 0 or self.gate_out == 0

    @invariant
    def nobody_laps(self) -> bool:
        """Nobody arrives while others are being counted out."""
        return not (
            any(self.at[proc] in ENTERING for proc in Proc)
            and any(self.at[proc] in LEAVING for proc in Proc)
        )

    @reachable
    def second_gate_opens(self) -> bool:
        """The barrier is passed."""
        return self.gate_out > 0
