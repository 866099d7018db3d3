from enum import Enum

from modelcheck import Scalarset, Spec, action


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    phase: Phase = Phase.IDLE

    @action
    def start(self, dev: Device) -> None:
        next_one = dev
        next_one = Phase.BUSY
        self.phase = next_one
