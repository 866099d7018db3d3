"""Leader election on a ring by Chang and Roberts: the smallest identity wins.

Source: `chang_roberts/ChangRoberts.tla` (MCChangRoberts.cfg, N = 3) of
tlaplus/Examples, by Stephan Merz.
"""

from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    eventually,
    fairness,
    implies,
    init,
    invariant,
    reachable,
    require,
    temporal,
)


class Node(Scalarset, size=3, symmetric=False):
    """Gives the number of nodes; a node's number is its identity."""


class Role(Enum):
    """What a node knows about the election."""

    CANDIDATE = 0
    LOST = 1
    WON = 2


N = len(Node)
Place = Annotated[int, range(0, N)]


class ChangRoberts(Spec):
    """Any set of nodes may start the election."""

    inbox: dict[Place, set[Place]] = {i: set() for i in range(N)}
    started: dict[Place, bool] = {i: False for i in range(N)}
    initiator: dict[Place, bool]
    role: dict[Place, Role] = {i: Role.LOST for i in range(N)}

    @init
    def initiators_are_candidates(self) -> None:
        """Whoever does not start the election has lost it."""
        for i in range(N):
            if self.initiator[i]:
                self.role[i] = Role.CANDIDATE

    @action
    def start(self, i: Place) -> None:
        """An initiator sends its identity to the next node."""
        require(not self.started[i])
        self.started[i] = True
        if self.initiator[i]:
            self.inbox[(i + 1) % N].add(i)

    @action
    def receive(self, i: Place, candidate: Place) -> None:
        """A message is forwarded, unless it comes from a larger node or from itself."""
        require(self.started[i])
        require(candidate in self.inbox[i])
        self.inbox[i].remove(candidate)
        if self.role[i] is Role.LOST or candidate < i:
            self.role[i] = Role.LOST
            self.inbox[(i + 1) % N].add(candidate)
        elif candidate == i:
            self.role[i] = Role.WON

    @invariant
    def winner_is_the_smallest_initiator(self) -> bool:
        """The winner is an initiator, and all others know that they lost."""
        return all(
            self.role[i] is not Role.WON or (self.initiator[i] and self.others_lost(i))
            for i in range(N)
        )

    def others_lost(self, winner: Place) -> bool:
        """Whether all but `winner` lost, and no smaller one is an initiator."""
        return all(
            i == winner
            or (self.role[i] is Role.LOST and (i > winner or not self.initiator[i]))
            for i in range(N)
        )

    @reachable
    def last_node_wins(self) -> bool:
        """Even the largest identity can win, if it is the only initiator."""
        return self.role[N - 1] is Role.WON


class FairChangRoberts(ChangRoberts):
    """No node sleeps for ever while it has something to do."""

    @fairness("weak")
    def node(self, after: Self, i: Place) -> bool:
        """Node `i` starts, or takes a message out of its inbox; nobody else does."""
        has_started = after.started[i] and not self.started[i]
        return has_started or not self.inbox[i] <= after.inbox[i]

    @temporal
    def liveness(self) -> Formula:
        """If there is a candidate initially, somebody wins."""
        return implies(
            any(self.role[i] is Role.CANDIDATE for i in range(N)),
            eventually(any(self.role[i] is Role.WON for i in range(N))),
        )
