from enum import Enum

from modelcheck import Spec


class Phase(Enum):
    IDLE = 0
    BUSY = 1

    def is_busy(self) -> bool:
        return self is Phase.BUSY


class Group(Spec):
    phase: Phase = Phase.IDLE
