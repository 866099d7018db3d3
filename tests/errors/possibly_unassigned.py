from enum import Enum

from modelcheck import Spec, action


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Group(Spec):
    phase: Phase = Phase.IDLE
    busy: bool = False

    @action
    def start(self) -> None:
        if self.busy:
            new = Phase.IDLE
        self.phase = new
