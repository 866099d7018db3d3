from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    def is_idle(self) -> bool:
        return self.refs == 0

    @invariant
    def idle(self) -> bool:
        return self.is_idle
