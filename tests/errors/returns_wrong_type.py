from enum import Enum
from typing import Annotated

from modelcheck import Spec, invariant


class Phase(Enum):
    IDLE = 0
    BUSY = 1


Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    def state(self) -> Phase:
        return self.refs > 0

    @invariant
    def idle(self) -> bool:
        return self.state() is Phase.IDLE
