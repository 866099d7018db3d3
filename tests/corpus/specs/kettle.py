"""A kettle that may be turned off before the water boils.

Source: `examples/language-features/strongFairness.qnt` of informalsystems/quint.
"""

from enum import Enum
from typing import Self

from modelcheck import (
    VIOLATED,
    Formula,
    Spec,
    action,
    eventually,
    fairness,
    require,
    temporal,
)


class Water(Enum):
    """How warm the water is."""

    COLD = 0
    HEATING = 1
    COOLING = 2
    BOILING = 3


class Kettle(Spec):
    """Nobody stops for ever."""

    water: Water = Water.COLD

    @action
    def turn_on(self) -> None:
        """Somebody wants tea."""
        require(self.water is Water.COLD)
        self.water = Water.HEATING

    @action
    def turn_off(self) -> None:
        """Somebody changes his mind."""
        require(self.water is Water.HEATING)
        self.water = Water.COOLING

    @action
    def boil(self) -> None:
        """The sensor turns the kettle off."""
        require(self.water is Water.HEATING)
        self.water = Water.BOILING

    @action
    def cool(self) -> None:
        """The water gets colder."""
        require(self.water in (Water.BOILING, Water.COOLING))
        self.water = Water.COOLING if self.water is Water.BOILING else Water.COLD

    @fairness("weak")
    def goes_on(self, after: Self) -> bool:
        """Any step."""
        return after.water is not self.water

    @temporal(expect=VIOLATED, because="it is turned off in time, again and again")
    def boils(self) -> Formula:
        """The water boils some day."""
        return eventually(self.water is Water.BOILING)


class PatientKettle(Kettle):
    """If the water could boil again and again, it does."""

    @fairness("strong", of="boil")
    def boils_at_last(self, after: Self) -> bool:
        """The sensor comes first."""
        return after.water is Water.BOILING

    @temporal
    def boils(self) -> Formula:
        """The water boils some day."""
        return eventually(self.water is Water.BOILING)
