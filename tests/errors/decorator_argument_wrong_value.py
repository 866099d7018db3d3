from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invariant(expect=False)
    def exact(self) -> bool:
        return self.refs == 0
