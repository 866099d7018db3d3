from enum import Enum

from modelcheck import Spec


class Phase(Enum):
    IDLE = object()
    BUSY = object()


class Group(Spec):
    phase: Phase = Phase.IDLE
