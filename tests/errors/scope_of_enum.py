# run: --scope Phase=3
from enum import Enum

from modelcheck import Scalarset, Spec


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    phase: Phase = Phase.IDLE
    dev: Device
