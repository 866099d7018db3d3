"""The cigarette smokers: a dealer offers all ingredients but one.

Source: `CigaretteSmokers/CigaretteSmokers.tla` (3 ingredients, all offers) of
tlaplus/Examples, by Mariusz Ryndzionek.
"""

from modelcheck import (
    Scalarset,
    Spec,
    action,
    choose,
    invariant,
    reachable,
    require,
)


class Ingredient(Scalarset, size=3):
    """What one smoker has plenty of, and names the smoker."""


class CigaretteSmokers(Spec):
    """An offer is written as the ingredient that is missing in it."""

    smoking: dict[Ingredient, bool] = {smoker: False for smoker in Ingredient}
    missing: Ingredient | None = choose(Ingredient)

    @action
    def start_smoking(self) -> None:
        """Whoever has what is missing takes the offer."""
        require(self.missing is not None)
        self.smoking = {smoker: smoker is self.missing for smoker in Ingredient}
        self.missing = None

    @action
    def stop_smoking(self, missing: Ingredient) -> None:
        """The smoker is done and the dealer makes an offer."""
        require(self.missing is None)
        self.smoking = {smoker: False for smoker in Ingredient}
        self.missing = missing

    @invariant
    def at_most_one_smokes(self) -> bool:
        """Never do two smoke."""
        return sum(self.smoking[smoker] for smoker in Ingredient) <= 1

    @reachable
    def somebody_smokes(self) -> bool:
        """An offer can be taken."""
        return any(self.smoking[smoker] for smoker in Ingredient)
