from typing import Annotated

from modelcheck import Spec, action, require

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    owner_cnt: Refcount = 0

    @action
    def claim(self) -> None:
        require(self.owner_cnt < MAX_OWNERS)
        self.owner_cnt += 1
