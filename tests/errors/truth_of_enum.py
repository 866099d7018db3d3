from enum import Enum

from modelcheck import Spec, invariant


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Group(Spec):
    phase: Phase = Phase.IDLE

    @invariant
    def idle(self) -> bool:
        return not self.phase
