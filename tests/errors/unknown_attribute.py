from typing import Annotated

from modelcheck import Spec, action, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    owner_cnt: Refcount = 0

    @action
    def claim(self) -> None:
        self.owner_cnt += 1

    @invariant
    def few_owners(self) -> bool:
        return self.onwer_cnt < 4
