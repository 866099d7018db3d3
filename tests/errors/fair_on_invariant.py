from typing import Annotated

from modelcheck import Scalarset, Spec, action, invariant


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

    @invariant(fair="weak")
    def quiet(self) -> bool:
        return not self.busy
