from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        if (new := self.refs + 1) < 5:
            self.refs = new
