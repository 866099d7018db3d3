"""Dijkstra's mutual exclusion of 1965, the first one published.

Source: `dijkstra-mutex/DijkstraMutex.tla` of tlaplus/Examples, by Leslie Lamport, after
E. W. Dijkstra, Solution of a Problem in Concurrent Programming Control, CACM 8(9).
"""

from enum import Enum
from typing import Self

from modelcheck import (
    VIOLATED,
    Formula,
    Scalarset,
    Spec,
    action,
    choose,
    every,
    fairness,
    invariant,
    leads_to,
    require,
    temporal,
)


class Proc(Scalarset, size=3):
    """A process."""


class At(Enum):
    """The control point of a process, called as in the original."""

    LI0 = 0
    LI1 = 1
    LI2 = 2
    LI3A = 3
    LI3B = 4
    LI3C = 5
    LI3D = 6
    LI4A = 7
    LI4B = 8
    CS = 9
    LI5 = 10
    LI6 = 11
    NCS = 12


class DijkstraMutex(Spec):
    """`b` and `c` say what a process does not do; `k` is whose turn it is.

    The original has one local variable, which holds a process or a set of them; `seen`
    and `rest` are its two halves, of which at most one is in use.
    """

    b: dict[Proc, bool] = {proc: True for proc in Proc}
    c: dict[Proc, bool] = {proc: True for proc in Proc}
    k: Proc
    seen: dict[Proc, Proc | None] = {proc: None for proc in Proc}
    rest: dict[Proc, set[Proc]] = {proc: set() for proc in Proc}
    fresh: dict[Proc, bool] = {proc: True for proc in Proc}
    at: dict[Proc, At] = {proc: At.LI0 for proc in Proc}

    @action
    def li0(self, proc: Proc) -> None:
        """It wants to enter."""
        require(self.at[proc] is At.LI0)
        self.b[proc] = False
        self.at[proc] = At.LI1

    @action
    def li1(self, proc: Proc) -> None:
        """Whose turn is it?"""
        require(self.at[proc] is At.LI1)
        self.at[proc] = At.LI4A if self.k is proc else At.LI2

    @action
    def li2(self, proc: Proc) -> None:
        """Not its own: it stands back."""
        require(self.at[proc] is At.LI2)
        self.c[proc] = True
        self.at[proc] = At.LI3A

    @action
    def li3a(self, proc: Proc) -> None:
        """It reads whose turn it is."""
        require(self.at[proc] is At.LI3A)
        self.seen[proc] = self.k
        self.rest[proc] = set()
        self.fresh[proc] = False
        self.at[proc] = At.LI3B

    @action
    def li3b(self, proc: Proc, other: Proc) -> None:
        """Does `other`, whose turn it was, want to enter?"""
        require(self.at[proc] is At.LI3B)
        require(self.seen[proc] is other)
        self.at[proc] = At.LI3C if self.b[other] else At.LI3D

    @action
    def li3c(self, proc: Proc) -> None:
        """It takes its turn."""
        require(self.at[proc] is At.LI3C)
        self.k = proc
        self.at[proc] = At.LI3D

    @action
    def li3d(self, proc: Proc) -> None:
        """Once more."""
        require(self.at[proc] is At.LI3D)
        self.at[proc] = At.LI1

    @action
    def li4a(self, proc: Proc) -> None:
        """It is its turn; who else thinks so?"""
        require(self.at[proc] is At.LI4A)
        self.c[proc] = False
        self.seen[proc] = None
        self.rest[proc] = {other for other in Proc if other is not proc}
        self.fresh[proc] = False
        self.at[proc] = At.LI4B

    @action
    def li4b(self, proc: Proc) -> None:
        """It asks one after the other, and gives up if one does."""
        require(self.at[proc] is At.LI4B)
        require(len(self.rest[proc]) > 0)
        other = choose(self.rest[proc])
        self.rest[proc].remove(other)
        if not self.c[other]:
            self.at[proc] = At.LI1

    @action
    def enter(self, proc: Proc) -> None:
        """It has asked all."""
        require(self.at[proc] is At.LI4B)
        require(len(self.rest[proc]) == 0)
        self.at[proc] = At.CS

    @action
    def leave(self, proc: Proc) -> None:
        """The critical section is over."""
        require(self.at[proc] is At.CS)
        self.at[proc] = At.LI5

    @action
    def li5(self, proc: Proc) -> None:
        """It stands back."""
        require(self.at[proc] is At.LI5)
        self.c[proc] = True
        self.at[proc] = At.LI6

    @action
    def li6(self, proc: Proc) -> None:
        """It no longer wants to enter."""
        require(self.at[proc] is At.LI6)
        self.b[proc] = True
        self.at[proc] = At.NCS

    @action
    def ncs(self, proc: Proc) -> None:
        """The remainder of the cycle."""
        require(self.at[proc] is At.NCS)
        self.at[proc] = At.LI0

    def has_moved(self, after: Self, proc: Proc) -> bool:
        """Whether the step to `after` is one of `proc`; each of its steps shows."""
        has_asked = self.rest[proc] != after.rest[proc]
        return self.at[proc] is not after.at[proc] or has_asked

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return sum(self.at[proc] is At.CS for proc in Proc) <= 1


class FairMutex(DijkstraMutex):
    """Every process goes on."""

    @fairness("weak")
    def goes_on(self, after: Self, proc: Proc) -> bool:
        """Any step of `proc`."""
        return self.has_moved(after, proc)

    @temporal
    def deadlock_free(self) -> Formula:
        """If one wants to enter, one does."""
        return every(
            leads_to(self.at[i] is At.LI0, any(self.at[j] is At.CS for j in Proc))
            for i in Proc
        )

    @temporal(expect=VIOLATED, because="others may be faster again and again")
    def starvation_free(self) -> Formula:
        """Whoever wants to enter does."""
        return every(leads_to(self.at[i] is At.LI0, self.at[i] is At.CS) for i in Proc)


class MayStayOutside(DijkstraMutex):
    """Nobody has to come back for another cycle."""

    @fairness("weak")
    def goes_on(self, after: Self, proc: Proc) -> bool:
        """Any step of `proc` but the one that starts a cycle."""
        return self.at[proc] is not At.NCS and self.has_moved(after, proc)

    @temporal
    def deadlock_freedom(self) -> Formula:
        """If one is on its way, one enters."""
        return every(
            leads_to(
                self.at[i] not in (At.LI5, At.LI6, At.NCS),
                any(self.at[j] is At.CS for j in Proc),
            )
            for i in Proc
        )
