from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    def sign(self) -> Refcount:
        if self.refs > 0:
            return 1

    @invariant
    def small(self) -> bool:
        return self.sign() < 2
