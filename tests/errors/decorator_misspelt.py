from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invarient
    def exact(self) -> bool:
        return self.refs == 0
