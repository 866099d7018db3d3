from enum import Enum

from modelcheck import Scalarset, Spec, action


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    domain: dict[Device, Phase] = {dev: Phase.IDLE for dev in Device}

    @action
    def attach(self, dev: Device) -> None:
        self.domain[dev] = True
