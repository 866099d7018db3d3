"""A queueing lock of Mellor-Crummey and Scott, as CMurphi's example `mcslock1` has it.

Source: J. M. Mellor-Crummey and M. L. Scott, Algorithms for scalable synchronization on
shared-memory multiprocessors, 1991; the variant with compare-and-swap. The counts with
and without symmetry are those that come with CMurphi; N processes always have one step
each, so that N times as many rules fire as there are states.
"""

from enum import Enum

from modelcheck import Scalarset, Spec, action, invariant, require


class Proc(Scalarset, size=3):
    """A process, and its node of the queue."""


class At(Enum):
    """The control point of a process."""

    OUTSIDE = 0
    SWAP = 1
    TEST_BEFORE = 2
    LOCK_MINE = 3
    LINK = 4
    SPIN = 5
    INSIDE = 6
    COMPARE_AND_SWAP = 7
    SPIN_FOR_NEXT = 8
    PASS_ON = 9


class McsLock(Spec):
    """The lock is the tail of a queue, whose head is inside."""

    at: dict[Proc, At] = {proc: At.OUTSIDE for proc in Proc}
    following: dict[Proc, Proc | None] = {proc: None for proc in Proc}
    locked: dict[Proc, bool] = {proc: False for proc in Proc}
    before: dict[Proc, Proc | None] = {proc: None for proc in Proc}
    tail: Proc | None = None

    @action
    def prepare(self, proc: Proc) -> None:
        """Nobody follows yet."""
        require(self.at[proc] is At.OUTSIDE)
        self.following[proc] = None
        self.at[proc] = At.SWAP

    @action
    def swap(self, proc: Proc) -> None:
        """It puts itself at the tail, and learns who was there."""
        require(self.at[proc] is At.SWAP)
        self.before[proc] = self.tail
        self.tail = proc
        self.at[proc] = At.TEST_BEFORE

    @action
    def test_before(self, proc: Proc) -> None:
        """Without anybody before it, it has the lock."""
        require(self.at[proc] is At.TEST_BEFORE)
        self.at[proc] = At.INSIDE if self.before[proc] is None else At.LOCK_MINE

    @action
    def lock_mine(self, proc: Proc) -> None:
        """It prepares to wait."""
        require(self.at[proc] is At.LOCK_MINE)
        self.locked[proc] = True
        self.at[proc] = At.LINK

    @action
    def link(self, proc: Proc) -> None:
        """It tells the one before it."""
        require(self.at[proc] is At.LINK)
        before = self.before[proc]
        if before is not None:  # there is one
            self.following[before] = proc
        self.at[proc] = At.SPIN

    @action
    def spin(self, proc: Proc) -> None:
        """It waits until the lock is passed on."""
        require(self.at[proc] is At.SPIN)
        if not self.locked[proc]:
            self.at[proc] = At.INSIDE

    @action
    def leave(self, proc: Proc) -> None:
        """Does anybody follow?"""
        require(self.at[proc] is At.INSIDE)
        is_alone = self.following[proc] is None
        self.at[proc] = At.COMPARE_AND_SWAP if is_alone else At.PASS_ON

    @action
    def compare_and_swap(self, proc: Proc) -> None:
        """The queue becomes empty, unless somebody has come to the tail."""
        require(self.at[proc] is At.COMPARE_AND_SWAP)
        if self.tail is proc:
            self.tail = None
            self.at[proc] = At.OUTSIDE
        else:
            self.at[proc] = At.SPIN_FOR_NEXT

    @action
    def spin_for_next(self, proc: Proc) -> None:
        """Whoever has come will say so."""
        require(self.at[proc] is At.SPIN_FOR_NEXT)
        if self.following[proc] is not None:
            self.at[proc] = At.PASS_ON

    @action
    def pass_on(self, proc: Proc) -> None:
        """The next one may enter."""
        require(self.at[proc] is At.PASS_ON)
        following = self.following[proc]
        if following is not None:  # there is one
            self.locked[following] = False
        self.at[proc] = At.OUTSIDE

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[proc] is At.INSIDE for proc in Proc) <= 1
