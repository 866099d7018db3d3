"""The coffee can problem: what is the colour of the last bean?

Source: `CoffeeCan/CoffeeCan.tla` (CoffeeCan100Beans.cfg) of tlaplus/Examples, by
Andrew Helwer, after Gries, Dijkstra and Scholten.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Spec,
    action,
    eventually,
    fairness,
    implies,
    init,
    reachable,
    require,
    temporal,
    transition,
)

MOST = 100
Beans = Annotated[int, range(0, MOST + 1)]


class CoffeeCan(Spec):
    """Every can of 1 to `MOST` beans is an initial state."""

    black: Beans
    white: Beans

    @init
    def some_beans(self) -> None:
        """The can is neither empty nor too full."""
        require(1 <= self.black + self.white <= MOST)

    @action
    def pick_two_black(self) -> None:
        """Two black beans: one goes back."""
        require(self.black + self.white > 1)
        require(self.black >= 2)
        self.black -= 1

    @action
    def pick_two_white(self) -> None:
        """Two white beans are thrown out, a black one goes in."""
        require(self.black + self.white > 1)
        require(self.white >= 2)
        self.black += 1
        self.white -= 2

    @action
    def pick_one_of_each(self) -> None:
        """The black bean is thrown out."""
        require(self.black + self.white > 1)
        require(self.black >= 1)
        require(self.white >= 1)
        self.black -= 1

    @action
    def stop(self) -> None:
        """One bean is left: nothing changes any more."""
        require(self.black + self.white == 1)

    @transition
    def fewer_beans(self, after: Self) -> bool:
        """Every step before the last takes a bean out."""
        before = self.black + self.white
        return before <= 1 or after.black + after.white < before

    @transition
    def parity_of_white(self, after: Self) -> bool:
        """The number of white beans stays odd, or stays even."""
        return self.white % 2 == after.white % 2

    @reachable
    def one_white_bean(self) -> bool:
        """The last bean can be white."""
        return self.black == 0 and self.white == 1


class LiveCoffeeCan(CoffeeCan):
    """Nobody stops while there are two beans."""

    @fairness("weak")
    def next_pick(self, after: Self) -> bool:
        """A step that changes the can."""
        return after.black != self.black or after.white != self.white

    @temporal
    def eventually_terminates(self) -> Formula:
        """One bean is left."""
        return eventually(self.black + self.white == 1)

    @temporal
    def termination_hypothesis(self) -> Formula:
        """The last bean is white if the number of white beans was odd."""
        return implies(
            self.white % 2 == 0, eventually(self.black == 1 and self.white == 0)
        ) & implies(
            self.white % 2 == 1, eventually(self.black == 0 and self.white == 1)
        )
