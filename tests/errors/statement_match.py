from enum import Enum

from modelcheck import Spec, action


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Group(Spec):
    phase: Phase = Phase.IDLE

    @action
    def step(self) -> None:
        match self.phase:
            case Phase.IDLE:
                self.phase = Phase.BUSY
