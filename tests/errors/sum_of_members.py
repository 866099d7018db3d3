from typing import Annotated

from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def count(self) -> None:
        self.refs = sum(dev for dev in Device)
