from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    owner_cnt: Refcount = 0

    @action
    def drop(self) -> None:
        self.drop_to_zero()

    def drop_to_zero(self) -> None:
        if self.owner_cnt > 0:
            self.owner_cnt -= 1
            self.drop_to_zero()
