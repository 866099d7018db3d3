"""Peterson's lock for N processes, as CMurphi's example `n_peterson` has it.

Source: G. L. Peterson, Myths about the mutual exclusion problem, 1981. The counts with
and without symmetry are those that come with CMurphi; N processes always have one step
each, so that N times as many rules fire as there are states.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, require


class Proc(Scalarset, size=3):
    """A process; nobody comes first."""


class At(Enum):
    """The control point of a process."""

    OUTSIDE = 0
    ANNOUNCE = 1
    YIELD = 2
    WAIT = 3
    INSIDE = 4


N = len(Proc)
Level = Annotated[int, range(0, N + 1)]


class Peterson(Spec):
    """Whoever comes last to a level waits there, until others are behind or follow."""

    at: dict[Proc, At] = {proc: At.OUTSIDE for proc in Proc}
    announced: dict[Proc, Level] = {proc: 0 for proc in Proc}
    last: dict[Level, Proc | None] = {level: None for level in range(N + 1)}
    level: dict[Proc, Level] = {proc: 0 for proc in Proc}

    @action
    def start(self, proc: Proc) -> None:
        """It wants to enter."""
        require(self.at[proc] is At.OUTSIDE)
        self.level[proc] = 1
        self.at[proc] = At.ANNOUNCE

    @action
    def announce(self, proc: Proc) -> None:
        """It says which level it is at."""
        require(self.at[proc] is At.ANNOUNCE)
        self.announced[proc] = self.level[proc]
        self.at[proc] = At.YIELD

    @action
    def give_way(self, proc: Proc) -> None:
        """It is the last that came there."""
        require(self.at[proc] is At.YIELD)
        self.last[self.level[proc]] = proc
        self.at[proc] = At.WAIT

    @action
    def wait(self, proc: Proc) -> None:
        """It goes on if all others are behind, or somebody came later."""
        require(self.at[proc] is At.WAIT)
        mine = self.level[proc]
        is_first = all(k is proc or self.announced[k] < mine for k in Proc)
        if is_first or self.last[mine] is not proc:
            self.level[proc] = mine + 1
            self.at[proc] = At.ANNOUNCE if mine + 1 < N else At.INSIDE

    @action
    def leave(self, proc: Proc) -> None:
        """It leaves; Murphi's example goes back to the first level, not below."""
        require(self.at[proc] is At.INSIDE)
        self.announced[proc] = 1
        self.at[proc] = At.OUTSIDE

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[proc] is At.INSIDE for proc in Proc) <= 1
