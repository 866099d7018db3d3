from typing import Annotated

from modelcheck import VIOLATED, Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invariant(expects=VIOLATED, because="nobody counts")
    def exact(self) -> bool:
        return self.refs == 0
