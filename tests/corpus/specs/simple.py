"""Lamport's "Teaching Concurrency": N processes on a circle, two steps each.

Source: `TeachingConcurrency/Simple.tla` (N = 5) of tlaplus/Examples, by Leslie Lamport.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Proc(Scalarset, size=5, symmetric=False):
    """Gives the number of processes; they are numbered, as they sit on a circle."""


N = len(Proc)
Place = Annotated[int, range(0, N)]


class At(Enum):
    """The control point of a process."""

    WRITE = 0
    READ = 1
    DONE = 2


class Simple(Spec):
    """Each writes its own `x`, then copies its neighbour's `x` to its own `y`."""

    x: dict[Place, bool] = {i: False for i in range(N)}
    y: dict[Place, bool] = {i: False for i in range(N)}
    at: dict[Place, At] = {i: At.WRITE for i in range(N)}

    @action
    def write(self, i: Place) -> None:
        """Set the own register."""
        require(self.at[i] is At.WRITE)
        self.x[i] = True
        self.at[i] = At.READ

    @action
    def read(self, i: Place) -> None:
        """Copy the neighbour's register."""
        require(self.at[i] is At.READ)
        self.y[i] = self.x[(i - 1) % N]
        self.at[i] = At.DONE

    @action
    def terminating(self) -> None:
        """All are done: nothing changes any more."""
        require(all(self.at[i] is At.DONE for i in range(N)))

    @invariant
    def somebody_saw_a_write(self) -> bool:
        """When all are done, at least one `y` is set."""
        return any(self.at[i] is not At.DONE or self.y[i] for i in range(N))

    @invariant
    def written_before_read(self) -> bool:
        """Whoever is past its write has its register set."""
        return all(self.at[i] is At.WRITE or self.x[i] for i in range(N))

    @reachable
    def only_one_saw(self) -> bool:
        """All are done and only one `y` is set."""
        done = all(self.at[i] is At.DONE for i in range(N))
        return done and sum(self.y[i] for i in range(N)) == 1
