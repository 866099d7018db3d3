"""Peterson's lock for N processes: N - 1 levels, each of which holds one back.

Source: our own benchmark `Peterson` (N = 3 and N = 4), checked state for state against
TLC, SPIN, Murphi and NuSMV.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Proc(Scalarset, size=3, symmetric=False):
    """Gives the number of processes; process 0 is special in the initial `last`."""


class At(Enum):
    """The control point of a process."""

    IDLE = 0
    SET_LEVEL = 1
    SET_LAST = 2
    WAIT = 3
    INSIDE = 4


N = len(Proc)
Index = Annotated[int, range(0, N)]
Level = Annotated[int, range(0, N)]
Door = Annotated[int, range(1, N)]


class FilterLock(Spec):
    """`goal` is the level a process is about to pass, `level` the one it announced."""

    at: dict[Index, At] = {i: At.IDLE for i in range(N)}
    goal: dict[Index, Level] = {i: 0 for i in range(N)}
    level: dict[Index, Level] = {i: 0 for i in range(N)}
    last: dict[Door, Index] = {door: 0 for door in range(1, N)}

    @action
    def start(self, i: Index) -> None:
        """A process wants to enter."""
        require(self.at[i] is At.IDLE)
        self.at[i] = At.SET_LEVEL
        self.goal[i] = 1

    @action
    def set_level(self, i: Index) -> None:
        """It announces its level."""
        require(self.at[i] is At.SET_LEVEL)
        self.at[i] = At.SET_LAST
        self.level[i] = self.goal[i]

    @action
    def set_last(self, i: Index) -> None:
        """It is the last that came to this level."""
        require(self.at[i] is At.SET_LAST)
        self.at[i] = At.WAIT
        self.last[self.goal[i]] = i

    @action
    def wait(self, i: Index) -> None:
        """It passes when another came later, or nobody is as far."""
        require(self.at[i] is At.WAIT)
        goal = self.goal[i]
        ahead = all(k == i or self.level[k] < goal for k in range(N))
        require(self.last[goal] != i or ahead)
        if goal + 1 < N:
            self.at[i] = At.SET_LEVEL
            self.goal[i] = goal + 1
        else:
            self.at[i] = At.INSIDE

    @action
    def leave(self, i: Index) -> None:
        """It leaves the critical section."""
        require(self.at[i] is At.INSIDE)
        self.at[i] = At.IDLE
        self.goal[i] = 0
        self.level[i] = 0

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[i] is At.INSIDE for i in range(N)) <= 1

    @reachable
    def last_process_enters(self) -> bool:
        """The last process can be inside."""
        return self.at[N - 1] is At.INSIDE
