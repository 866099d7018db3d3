"""Chameneos: creatures meet in pairs and change their colours, until they fade.

Source: `Chameneos/Chameneos.tla` (N = 4 meetings, M = 4 creatures) of tlaplus/Examples,
by Mariusz Ryndzionek.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset, Spec, action, choose, invariant, reachable, require


class Creature(Scalarset, size=4):
    """One of the chameneos."""


class Color(Enum):
    """A colour, or none any more."""

    BLUE = 0
    RED = 1
    YELLOW = 2
    FADED = 3


LIMIT = 4
BRIGHT = {Color.BLUE, Color.RED, Color.YELLOW}
Meetings = Annotated[int, range(0, LIMIT + 1)]


def complement(one: Color, two: Color) -> Color:
    """The colour both get: their own if it is the same, else the third one."""
    if one is two:
        return one
    if Color.BLUE not in (one, two):
        return Color.BLUE
    return Color.RED if Color.RED not in (one, two) else Color.YELLOW


class Chameneos(Spec):
    """Any colours initially; one creature at a time waits in the meeting place."""

    color: dict[Creature, Color] = {who: choose(BRIGHT) for who in Creature}
    met: dict[Creature, Meetings] = {who: 0 for who in Creature}
    place: Creature | None = None
    meetings: Meetings = 0

    @action
    def enter(self, who: Creature) -> None:
        """A creature waits in the empty meeting place."""
        require(self.color[who] is not Color.FADED)
        require(self.place is None)
        require(self.meetings < LIMIT)
        self.place = who

    @action
    def fade(self, who: Creature) -> None:
        """There were enough meetings: the creature fades."""
        require(self.color[who] is not Color.FADED)
        require(self.place is None)
        require(self.meetings >= LIMIT)
        self.color[who] = Color.FADED

    @action
    def meet(self, who: Creature) -> None:
        """Two creatures meet and both take the complementary colour."""
        require(self.color[who] is not Color.FADED)
        other = self.place
        require(other is not None and other is not who)
        if other is not None:
            color = complement(self.color[who], self.color[other])
            self.color[who] = color
            self.color[other] = color
            self.met[who] += 1
            self.met[other] += 1
        self.place = None
        self.meetings += 1

    @invariant
    def sum_of_meetings(self) -> bool:
        """In the end the creatures have counted every meeting twice."""
        counted = sum(self.met[who] for who in Creature)
        return self.meetings < LIMIT or counted == 2 * LIMIT

    @reachable
    def all_faded(self) -> bool:
        """The game ends."""
        return all(self.color[who] is Color.FADED for who in Creature)
