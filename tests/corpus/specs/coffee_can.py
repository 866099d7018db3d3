"""The coffee can problem: what is the colour of the last bean?

Source: `CoffeeCan/CoffeeCan.tla` (CoffeeCan100Beans.cfg) of tlaplus/Examples, by
Andrew Helwer, after Gries, Dijkstra and Scholten.
"""

from typing import Annotated, Self

from modelcheck import Spec, action, init, reachable, require, transition

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
