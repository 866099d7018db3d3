"""Leader election on a ring by Dolev, Klawe and Rodeh: the largest number wins.

Source: `Examples/LTL/leader.pml` of nimble-code/Spin, after An O(n log n)
unidirectional distributed algorithm for extrema finding in a circle, J. Algorithms 3
(1982). The original has five nodes.
"""

from enum import Enum
from typing import Annotated

from modelcheck import (
    Formula,
    Length,
    Scalarset,
    Spec,
    always,
    eventually,
    init,
    preempt,
    process,
    require,
    temporal,
    until,
)


class Node(Scalarset, size=3, symmetric=False):
    """Gives the number of nodes; they are numbered, as they stand on a ring."""


class Word(Enum):
    """What a message is about."""

    ONE = 0
    TWO = 1
    WINNER = 2


N = len(Node)
Place = Annotated[int, range(0, N)]
Message = tuple[Word, Place]


class RingLeader(Spec):
    """Each node has a number of its own, in any order along the ring."""

    number: dict[Place, Place]
    inbox: dict[Place, Annotated[list[Message], Length(2 * N)]] = {
        i: [] for i in range(N)
    }
    leaders: Annotated[int, range(0, N + 1)] = 0

    @init
    def numbers_differ(self) -> None:
        """No number is given twice."""
        require(
            all(self.number[i] != self.number[j] for i in range(N) for j in range(i))
        )

    def send(self, i: Place, word: Word, nr: Place) -> None:
        """Node `i` sends to the next one."""
        self.inbox[(i + 1) % N].append((word, nr))

    @process
    async def node(self, i: Place) -> None:
        """Compare two neighbours' numbers, until one's own comes round."""
        is_active = True
        knows_winner = False
        maximum: Place = self.number[i]
        neighbour: Place = 0
        self.send(i, Word.ONE, maximum)
        while True:
            await until(lambda: len(self.inbox[i]) > 0)
            word, nr = self.inbox[i].pop(0)
            await preempt()
            if word is Word.WINNER:
                if nr == self.number[i]:
                    self.leaders += 1
                await preempt()
                if not knows_winner:
                    self.send(i, Word.WINNER, nr)
                return
            if not is_active:
                self.send(i, word, nr)
            elif word is Word.ONE and nr != maximum:
                self.send(i, Word.TWO, nr)
                neighbour = nr
            elif word is Word.ONE:
                knows_winner = True
                self.send(i, Word.WINNER, nr)
            elif neighbour > nr and neighbour > maximum:
                maximum = neighbour
                self.send(i, Word.ONE, neighbour)
            else:
                is_active = False

    @temporal
    def somebody_is_elected(self) -> Formula:
        """There will be a leader."""
        return eventually(self.leaders > 0)

    @temporal
    def one_leader_in_the_end(self) -> Formula:
        """There will be one leader, for ever."""
        return eventually(always(self.leaders == 1))

    @temporal
    def none_until_one(self) -> Formula:
        """There is never more than one, and not for ever none."""
        return always(until(self.leaders == 0, self.leaders == 1))

    @temporal
    def not_always_none(self) -> Formula:
        """It is not so that there is never a leader."""
        return ~always(self.leaders == 0)
