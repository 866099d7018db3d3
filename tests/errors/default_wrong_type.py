from enum import Enum

from modelcheck import Spec


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Group(Spec):
    phase: Phase = False
