"""Dining philosophers, the last of whom is left-handed, so that there is no deadlock.

Source: our own benchmark `Dining` (N = 8), checked state for state against TLC, SPIN,
Murphi and NuSMV. `RightHanded` is the broken variant, without a left-handed one.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant, reachable, require


class Philosopher(Scalarset, size=8, symmetric=False):
    """Gives the number of philosophers; they are numbered, as they sit on a circle."""


class At(Enum):
    """What a philosopher does."""

    THINK = 0
    ONE_FORK = 1
    EAT = 2
    PUT_SECOND = 3


N = len(Philosopher)
Seat = Annotated[int, range(0, N)]


class Dining(Spec):
    """Each takes two forks, one after the other, and puts them down likewise."""

    at: dict[Seat, At] = {i: At.THINK for i in range(N)}
    taken: dict[Seat, bool] = {i: False for i in range(N)}

    def first(self, i: Seat) -> Seat:
        """The fork that philosopher `i` takes first."""
        return i if i < N - 1 else 0

    def second(self, i: Seat) -> Seat:
        """The fork that philosopher `i` takes second."""
        return i + 1 if i < N - 1 else N - 1

    @action
    def take_first(self, i: Seat) -> None:
        """Take the first fork."""
        require(self.at[i] is At.THINK)
        require(not self.taken[self.first(i)])
        self.at[i] = At.ONE_FORK
        self.taken[self.first(i)] = True

    @action
    def take_second(self, i: Seat) -> None:
        """Take the second fork and eat."""
        require(self.at[i] is At.ONE_FORK)
        require(not self.taken[self.second(i)])
        self.at[i] = At.EAT
        self.taken[self.second(i)] = True

    @action
    def put_first(self, i: Seat) -> None:
        """Put the first fork down."""
        require(self.at[i] is At.EAT)
        self.at[i] = At.PUT_SECOND
        self.taken[self.first(i)] = False

    @action
    def put_second(self, i: Seat) -> None:
        """Put the second fork down."""
        require(self.at[i] is At.PUT_SECOND)
        self.at[i] = At.THINK
        self.taken[self.second(i)] = False

    @invariant
    def neighbours_do_not_eat_together(self) -> bool:
        """Those who share a fork never eat at the same time."""
        return not any(
            self.at[i] is At.EAT and self.at[(i + 1) % N] is At.EAT for i in range(N)
        )

    @reachable
    def first_eats(self) -> bool:
        """The first philosopher can eat."""
        return self.at[0] is At.EAT


class RightHanded(Dining):
    """Everybody takes the left fork first: all may wait with one fork in hand."""

    def first(self, i: Seat) -> Seat:
        """The fork that philosopher `i` takes first."""
        return i

    def second(self, i: Seat) -> Seat:
        """The fork that philosopher `i` takes second."""
        return (i + 1) % N
