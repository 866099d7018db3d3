from typing import Annotated

from modelcheck import Spec, action, require

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        require(cond=self.refs == 0)
        self.refs = 1
