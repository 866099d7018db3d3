from typing import Annotated

from modelcheck import VIOLATED, Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invariant(expect=VIOLATED, because=f"{1} is wrong")
    def exact(self) -> bool:
        return self.refs == 0
