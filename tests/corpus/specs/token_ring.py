"""Dijkstra's self-stabilising token ring (EWD 426).

Source: `ewd426/TokenRing.tla` (TokenRing.cfg, N = 6 and M = 6) of tlaplus/Examples, by
Markus Kuppe and Murat Demirbas.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    fairness,
    require,
    temporal,
)


class Node(Scalarset, size=6, symmetric=False):
    """Gives the number of nodes; they are numbered, as they stand on a ring."""


N = len(Node)
Place = Annotated[int, range(0, N)]
Counter = Annotated[int, range(0, N)]


class TokenRing(Spec):
    """Everything is possible initially, even that each node has a token."""

    c: dict[Place, Counter]

    @action
    def create_token(self) -> None:
        """Node 0 sees its own value come round, and counts on."""
        require(self.c[0] == self.c[N - 1])
        self.c[0] = (self.c[N - 1] + 1) % N

    @action
    def pass_token(self, i: Place) -> None:
        """Any other node copies what differs in the one before it."""
        require(i != 0)
        require(self.c[i] != self.c[i - 1])
        self.c[i] = self.c[i - 1]

    @fairness("weak")
    def goes_on(self, after: Self) -> bool:
        """Any step; each changes a counter."""
        return any(after.c[i] != self.c[i] for i in range(N))

    def token_is_at(self, place: int) -> bool:
        """Whether all before `place` agree, and the rest is one behind."""
        return all(
            self.c[i] == (self.c[0] if i < place else (self.c[0] - 1) % N)
            for i in range(N)
        )

    @temporal
    def stabilises(self) -> Formula:
        """In the end there is one token, and there always will be."""
        return eventually(
            always(any(self.token_is_at(place) for place in range(N + 1)))
        )
