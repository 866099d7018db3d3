from enum import Enum

from modelcheck import Spec, action, require


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Group(Spec):
    phase: Phase = Phase.IDLE

    @action
    def start(self) -> None:
        require(self.phase != "busy")
        self.phase = Phase.BUSY
