from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @invariant
    def few(self) -> bool:
        return self.refs < 4

    @invariant
    def few(self) -> bool:
        return self.refs >= 0
