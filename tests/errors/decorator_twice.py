from typing import Annotated

from modelcheck import Spec, invariant, reachable

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invariant
    @reachable
    def empty(self) -> bool:
        return self.refs == 0
