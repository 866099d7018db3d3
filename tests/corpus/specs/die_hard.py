"""Four gallons from a jug of five and a jug of three.

Source: `DieHard/DieHard.tla` of tlaplus/Examples, by Leslie Lamport. The solution is
the counterexample to `not_solved`.
"""

from typing import Annotated

from modelcheck import VIOLATED, Spec, action, invariant

Big = Annotated[int, range(0, 6)]
Small = Annotated[int, range(0, 4)]


class DieHard(Spec):
    """Both jugs are empty initially."""

    big: Big = 0
    small: Small = 0

    @action
    def fill_small(self) -> None:
        """Fill the small jug from the faucet."""
        self.small = 3

    @action
    def fill_big(self) -> None:
        """Fill the big jug from the faucet."""
        self.big = 5

    @action
    def empty_small(self) -> None:
        """Pour the small jug out."""
        self.small = 0

    @action
    def empty_big(self) -> None:
        """Pour the big jug out."""
        self.big = 0

    @action
    def small_to_big(self) -> None:
        """Pour until the small jug is empty or the big one is full."""
        poured = min(self.small, 5 - self.big)
        self.big += poured
        self.small -= poured

    @action
    def big_to_small(self) -> None:
        """Pour until the big jug is empty or the small one is full."""
        poured = min(self.big, 3 - self.small)
        self.small += poured
        self.big -= poured

    @invariant(expect=VIOLATED, because="its counterexample solves the puzzle")
    def not_solved(self) -> bool:
        """Four gallons have not been measured."""
        return self.big != 4
