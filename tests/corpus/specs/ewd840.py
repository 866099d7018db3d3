"""Termination detection on a ring (EWD 840) by Dijkstra, Feijen and van Gasteren.

Source: `ewd840/EWD840.tla` (N = 3 and N = 4) of tlaplus/Examples, by Stephan Merz.
"""

from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    VIOLATED,
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    every,
    fairness,
    invariant,
    leads_to,
    reachable,
    require,
    temporal,
)


class Node(Scalarset, size=3, symmetric=False):
    """Gives the number of nodes; they are numbered, the token counts down."""


N = len(Node)
Place = Annotated[int, range(0, N)]


class Excuse(Enum):
    """Why the token may leave a node; each that holds is a step of its own."""

    PASSIVE = 0
    BLACK_NODE = 1
    BLACK_TOKEN = 2


class Ewd840(Spec):
    """The token is black initially; its place and the nodes are arbitrary."""

    active: dict[Place, bool]
    black: dict[Place, bool]
    token: Place
    token_black: bool = True

    def is_valid(self, excuse: Excuse, i: Place) -> bool:
        """Whether `excuse` holds for node `i`."""
        if excuse is Excuse.PASSIVE:
            return not self.active[i]
        return self.black[i] if excuse is Excuse.BLACK_NODE else self.token_black

    @action
    def initiate_probe(self, excuse: Excuse) -> None:
        """Node 0 starts another round with a white token, as the last one failed."""
        require(self.token == 0)
        require(excuse is not Excuse.PASSIVE)
        require(self.is_valid(excuse, 0))
        self.token = N - 1
        self.token_black = False
        self.black[0] = False

    @action
    def pass_token(self, i: Place, excuse: Excuse) -> None:
        """A passive node, or one that spoils the round anyway, passes the token on."""
        require(i != 0)
        require(self.token == i)
        require(self.is_valid(excuse, i))
        self.token = i - 1
        self.token_black = self.token_black or self.black[i]
        self.black[i] = False

    @action
    def send(self, i: Place, j: Place) -> None:
        """An active node activates another; against the token's way it turns black."""
        require(self.active[i])
        require(j != i)
        self.active[j] = True
        if j > i:
            self.black[i] = True

    @action
    def deactivate(self, i: Place) -> None:
        """An active node becomes passive."""
        require(self.active[i])
        self.active[i] = False

    @fairness("weak")
    def system(self, after: Self) -> bool:
        """The token moves on if it can; nodes work and send as they like."""
        return after.token != self.token

    def is_terminated(self) -> bool:
        """All nodes are passive."""
        return all(not self.active[i] for i in range(N))

    @temporal
    def liveness(self) -> Formula:
        """Termination is detected in the end."""
        return leads_to(self.is_terminated(), self.is_detected())

    @temporal(expect=VIOLATED, because="nodes wake each other up again")
    def false_liveness(self) -> Formula:
        """It would be detected if each node were passive again and again."""
        return leads_to(self.all_rest(), self.is_detected())

    def all_rest(self) -> Formula:
        """Each node is passive again and again."""
        return every(always(eventually(not self.active[i])) for i in range(N))

    def is_detected(self) -> bool:
        """What node 0 takes for termination."""
        white = not self.token_black and not self.black[0]
        return self.token == 0 and white and not self.active[0]

    @invariant
    def detection_is_right(self) -> bool:
        """When termination is detected, all nodes are passive."""
        return not self.is_detected() or not any(self.active[i] for i in range(N))

    @invariant
    def dijkstras_invariant(self) -> bool:
        """Beyond the token all are passive, or black is still to be met, or was met."""
        return (
            all(not self.active[i] or i <= self.token for i in range(N))
            or any(self.black[j] and j <= self.token for j in range(N))
            or self.token_black
        )

    @reachable
    def termination_is_detected(self) -> bool:
        """The algorithm can succeed."""
        return self.is_detected()
