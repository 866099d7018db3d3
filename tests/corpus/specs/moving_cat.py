"""The cat that moves every night to the next box, and how to find it.

Source: `Moving_Cat_Puzzle/Cat.tla` (6 boxes, and 5) of tlaplus/Examples, by Florian
Schanda.
"""

from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    Formula,
    Scalarset,
    Spec,
    action,
    choose,
    eventually,
    fairness,
    reachable,
    require,
    temporal,
)


class Box(Scalarset, size=6, symmetric=False):
    """Gives the number of boxes; they are numbered, as they stand in a row."""


class Way(Enum):
    """A direction along the row."""

    LEFT = 0
    RIGHT = 1


N = len(Box)
Place = Annotated[int, range(0, N)]


class MovingCat(Spec):
    """Look into one box after the other, but never into the two outermost ones."""

    cat: Place
    looked_at: Place = choose(range(1, N - 1))
    way: Way

    @action
    def next_day(self, cat_goes: Way) -> None:
        """The cat moves to a neighbouring box, and we look into the next one."""
        require(self.cat < N - 1 if cat_goes is Way.RIGHT else self.cat > 0)
        self.cat += 1 if cat_goes is Way.RIGHT else -1
        following = self.looked_at + (1 if self.way is Way.RIGHT else -1)
        if 1 <= following <= N - 2:
            self.looked_at = following
        else:
            self.way = Way.LEFT if self.way is Way.RIGHT else Way.RIGHT

    @reachable
    def found(self) -> bool:
        """The cat can be found."""
        return self.looked_at == self.cat


class LiveMovingCat(MovingCat):
    """The cat has to move every night."""

    @fairness("weak")
    def cat_moves(self, after: Self) -> bool:
        """The cat goes somewhere else."""
        return after.cat != self.cat

    @temporal
    def victory(self) -> Formula:
        """Wherever cat and search begin, the cat is found."""
        return eventually(self.looked_at == self.cat)
