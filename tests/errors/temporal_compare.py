from typing import Annotated

from modelcheck import Formula, Scalarset, Spec, action, eventually, temporal


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

    @temporal
    def settles(self) -> Formula:
        return eventually(self.busy) & self.count == 0
