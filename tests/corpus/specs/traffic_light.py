"""Two traffic lights: a goal that no state reaches, and a step that is forbidden."""

from enum import Enum
from typing import Self

from modelcheck import VIOLATED, Spec, action, reachable, require, transition


class Street(Enum):
    """One of the crossing streets."""

    NORTH = 0
    EAST = 1


class Light(Enum):
    """What a traffic light shows."""

    RED = 0
    GREEN = 1
    YELLOW = 2


class TrafficLight(Spec):
    """A light turns green when both are red."""

    light: dict[Street, Light] = {street: Light.RED for street in Street}

    @action
    def turn_green(self, street: Street) -> None:
        """Let a street go."""
        require(all(self.light[other] is Light.RED for other in Street))
        self.light[street] = Light.GREEN

    @action
    def turn_yellow(self, street: Street) -> None:
        """Warn that a street has to stop."""
        require(self.light[street] is Light.GREEN)
        self.light[street] = Light.YELLOW

    @action
    def turn_red(self, street: Street) -> None:
        """Stop a street."""
        require(self.light[street] is Light.YELLOW)
        self.light[street] = Light.RED

    @reachable
    def east_may_go(self) -> bool:
        """The light of the east street can be green."""
        return self.light[Street.EAST] is Light.GREEN

    @reachable(expect=VIOLATED, because="a light waits until both are red")
    def both_may_go(self) -> bool:
        """Both lights can be green."""
        return all(self.light[street] is Light.GREEN for street in Street)


class Warned(TrafficLight):
    """Without a power cut everybody is warned."""

    @transition
    def warned_before_red(self, after: Self) -> bool:
        """No light goes from green to red."""
        return not any(
            self.light[street] is Light.GREEN and after.light[street] is Light.RED
            for street in Street
        )


class PowerCut(TrafficLight):
    """A power cut makes all lights red, whatever they showed."""

    @action
    def power_cut(self) -> None:
        """Everybody stops at once."""
        self.light = {street: Light.RED for street in Street}

    @transition(expect=VIOLATED, because="a power cut warns nobody")
    def warned_before_red(self, after: Self) -> bool:
        """No light goes from green to red."""
        return not any(
            self.light[street] is Light.GREEN and after.light[street] is Light.RED
            for street in Street
        )
