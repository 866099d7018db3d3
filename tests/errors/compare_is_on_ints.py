from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    owner_cnt: Refcount = 0

    @invariant
    def unowned(self) -> bool:
        return self.owner_cnt is 0
