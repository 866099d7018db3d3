"""Dining philosophers after Chandy and Misra: dirty forks are cleaned and handed over.

Source: `DiningPhilosophers/DiningPhilosophers.tla` (NP = 5) of tlaplus/Examples, by
Jeff Hemphill.
"""

from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    every,
    fairness,
    invariant,
    reachable,
    require,
    temporal,
)


class Philosopher(Scalarset, size=5, symmetric=False):
    """Gives the number of philosophers; they are numbered, as they sit on a circle."""


class At(Enum):
    """The control point of a philosopher."""

    LOOP = 0
    EAT = 1
    THINK = 2


N = len(Philosopher)
Seat = Annotated[int, range(0, N)]


class DiningPhilosophers(Spec):
    """Fork `i` lies left of philosopher `i`; fork 1 starts with philosopher 0."""

    holder: dict[Seat, Seat] = {i: 0 if i == 1 else i for i in range(N)}
    clean: dict[Seat, bool] = {i: False for i in range(N)}
    hungry: dict[Seat, bool] = {i: True for i in range(N)}
    at: dict[Seat, At] = {i: At.LOOP for i in range(N)}

    def can_eat(self, i: Seat) -> bool:
        """Whether `i` has both forks, and both are clean."""
        right = (i + 1) % N
        has_both = self.holder[i] == i and self.holder[right] == i
        return has_both and self.clean[i] and self.clean[right]

    @action
    def loop(self, i: Seat) -> None:
        """Hand over one dirty fork, then eat, think or look again."""
        require(self.at[i] is At.LOOP)
        right = (i + 1) % N
        if self.hungry[i]:
            self.at[i] = At.EAT if self.can_eat(i) else At.LOOP
        else:
            self.at[i] = At.THINK
        if self.holder[i] == i and not self.clean[i]:
            self.holder[i] = (i - 1) % N
            self.clean[i] = True
        elif self.holder[right] == i and not self.clean[right]:
            self.holder[right] = right
            self.clean[right] = True

    @action
    def think(self, i: Seat) -> None:
        """Get hungry."""
        require(self.at[i] is At.THINK)
        self.hungry[i] = True
        self.at[i] = At.LOOP

    @action
    def eat(self, i: Seat) -> None:
        """Eating makes both forks dirty."""
        require(self.at[i] is At.EAT)
        self.hungry[i] = False
        self.clean[i] = False
        self.clean[(i + 1) % N] = False
        self.at[i] = At.LOOP

    @invariant
    def neighbours_do_not_eat_together(self) -> bool:
        """Those who share a fork never eat at the same time."""
        return not any(
            self.at[i] is At.EAT and self.at[(i + 1) % N] is At.EAT for i in range(N)
        )

    @reachable
    def last_eats(self) -> bool:
        """The last philosopher can eat."""
        return self.at[N - 1] is At.EAT


class FairDiningPhilosophers(DiningPhilosophers):
    """No philosopher falls asleep for ever."""

    @fairness("weak")
    def philosopher(self, after: Self, i: Seat) -> bool:
        """A step of `i` that changes something."""
        right = (i + 1) % N
        return (
            after.at[i] is not self.at[i]
            or (self.holder[i] == i and after.holder[i] != i)
            or (self.holder[right] == i and after.holder[right] != i)
        )

    @temporal
    def nobody_starves(self) -> Formula:
        """Every philosopher has eaten again and again."""
        return every(always(eventually(not self.hungry[i])) for i in range(N))
