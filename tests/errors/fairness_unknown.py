from typing import Annotated, Self

from modelcheck import Scalarset, Spec, action, fairness


class Device(Scalarset, size=2):
    """A device."""


class Group(Spec):
    busy: bool = False
    count: Annotated[int, range(3)] = 0
    bound: set[Device] = set()
    owner: Device | None = None

    @action
    def claim(self, dev: Device) -> None:
        self.owner = dev

    @fairness("very")
    def moves(self, after: Self) -> bool:
        return after.busy
