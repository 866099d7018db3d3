"""Cars that go round and share a bridge with one lane.

Source: `SingleLaneBridge/SingleLaneBridge.tla` (MC.cfg: two cars each way, 8 places,
the bridge being places 4 and 5) of tlaplus/Examples, by Younes Akhouayri.
"""

from typing import Annotated, Self

from modelcheck import (
    Formula,
    Length,
    Scalarset,
    Spec,
    action,
    every,
    fairness,
    invariant,
    leads_to,
    require,
    temporal,
)


class Car(Scalarset, size=4, symmetric=False):
    """The first half drives to the left, the second to the right."""


N = len(Car)
Number = Annotated[int, range(0, N)]
Place = Annotated[int, range(1, 9)]
FIRST = 4
LAST = 5


class SingleLaneBridge(Spec):
    """Who comes to the bridge queues; the head of the queue may be let onto it."""

    place: dict[Number, Place] = {car: 8 if car < N // 2 else 1 for car in range(N)}
    queue: Annotated[list[Number], Length(N)] = []

    def goes_left(self, car: Number) -> bool:
        """Whether `car` drives towards place 1."""
        return car < N // 2

    def following(self, car: Number) -> Place:
        """Where `car` comes to; the road is a circle."""
        here = self.place[car]
        if self.goes_left(car):
            return here - 1 if here > 1 else 8
        return here + 1 if here < 8 else 1

    def is_on_bridge(self, car: Number) -> bool:
        """Whether `car` is on the bridge."""
        return FIRST <= self.place[car] <= LAST

    def is_free(self, place: Place) -> bool:
        """Whether no car is at `place`."""
        return all(self.place[car] != place for car in range(N))

    @action
    def move_outside(self, car: Number) -> None:
        """A car drives on; before the bridge it joins the queue."""
        there = self.following(car)
        require(not FIRST <= there <= LAST)
        if there == (LAST + 1 if self.goes_left(car) else FIRST - 1):
            self.queue.append(car)
        self.place[car] = there

    @action
    def move_inside(self, car: Number) -> None:
        """A car on the bridge drives on if there is room."""
        require(self.is_on_bridge(car))
        there = self.following(car)
        require(self.is_free(there))
        self.place[car] = there

    @action
    def enter_bridge(self) -> None:
        """The head of the queue enters an empty bridge, or follows the others."""
        require(len(self.queue) > 0)
        car = self.queue.pop(0)
        require(not self.is_on_bridge(car))
        require(
            all(
                not self.is_on_bridge(other)
                or self.goes_left(other) == self.goes_left(car)
                for other in range(N)
            )
        )
        require(self.is_free(self.following(car)))
        self.place[car] = self.following(car)

    @fairness("weak", of="move_outside")
    def outside(self, after: Self, car: Number) -> bool:
        """No car outside stands still for ever."""
        return after.place[car] != self.place[car]

    @fairness("weak", of="move_inside")
    def inside(self, after: Self, car: Number) -> bool:
        """No car on the bridge stands still for ever if it can go on."""
        return after.place[car] != self.place[car]

    @fairness("weak", of="enter_bridge")
    def entering(self, after: Self) -> bool:
        """The head of the queue is not held back for ever."""
        return len(after.queue) < len(self.queue)

    @invariant
    def one_way(self) -> bool:
        """Cars on the bridge drive the same way, and none is where another is."""
        return all(
            not self.is_on_bridge(a)
            or not self.is_on_bridge(b)
            or (
                self.goes_left(a) == self.goes_left(b)
                and self.place[a] != self.place[b]
            )
            for a in range(N)
            for b in range(a)
        )

    @temporal
    def cars_exit_bridge(self) -> Formula:
        """Who is on the bridge leaves it."""
        return every(
            leads_to(self.is_on_bridge(car), not self.is_on_bridge(car))
            for car in range(N)
        )

    @temporal
    def cars_enter_bridge(self) -> Formula:
        """Who is not on the bridge comes to it."""
        return every(
            leads_to(not self.is_on_bridge(car), self.is_on_bridge(car))
            for car in range(N)
        )
