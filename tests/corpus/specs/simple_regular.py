"""Lamport's "Teaching Concurrency" with regular instead of atomic registers.

Source: `TeachingConcurrency/SimpleRegular.tla` (N = 8) of tlaplus/Examples, by Leslie
Lamport, after Yuri Abraham.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, choose, invariant, reachable, require


class Proc(Scalarset, size=8, symmetric=False):
    """Gives the number of processes; they are numbered, as they sit on a circle."""


N = len(Proc)
Place = Annotated[int, range(0, N)]
Bit = Annotated[int, range(0, 2)]


class At(Enum):
    """The control point of a process."""

    BEGIN_WRITE = 0
    END_WRITE = 1
    READ = 2
    DONE = 3


class SimpleRegular(Spec):
    """A register being written holds the old and the new value; a read gets either."""

    x: dict[Place, set[Bit]] = {i: {0} for i in range(N)}
    y: dict[Place, Bit] = {i: 0 for i in range(N)}
    at: dict[Place, At] = {i: At.BEGIN_WRITE for i in range(N)}

    @action
    def begin_write(self, i: Place) -> None:
        """From here on a read may see 0 or 1."""
        require(self.at[i] is At.BEGIN_WRITE)
        self.x[i] = {0, 1}
        self.at[i] = At.END_WRITE

    @action
    def end_write(self, i: Place) -> None:
        """From here on a read sees 1."""
        require(self.at[i] is At.END_WRITE)
        self.x[i] = {1}
        self.at[i] = At.READ

    @action
    def read(self, i: Place) -> None:
        """Copy what the neighbour's register may give."""
        require(self.at[i] is At.READ)
        self.y[i] = choose(self.x[(i - 1) % N])
        self.at[i] = At.DONE

    @action
    def terminating(self) -> None:
        """All are done: nothing changes any more."""
        require(all(self.at[i] is At.DONE for i in range(N)))

    @invariant
    def somebody_read_one(self) -> bool:
        """When all are done, at least one `y` is 1."""
        return any(self.at[i] is not At.DONE or self.y[i] == 1 for i in range(N))

    @invariant
    def written_before_read(self) -> bool:
        """Whoever is past its writes has a register that can only give 1."""
        return all(
            self.at[i] not in (At.READ, At.DONE) or self.x[i] == {1} for i in range(N)
        )

    @reachable
    def all_read_one(self) -> bool:
        """All are done and all `y` are 1."""
        return all(self.at[i] is At.DONE and self.y[i] == 1 for i in range(N))
