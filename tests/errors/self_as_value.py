from typing import Annotated, Self

from modelcheck import Spec, transition

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @transition
    def changes(self, after: Self) -> bool:
        return self != after
