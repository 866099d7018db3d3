from typing import Annotated, Self

from modelcheck import Spec, transition

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @transition
    def refs_grow(self, after: Self) -> bool:
        after.refs = self.refs
        return after.refs >= self.refs
