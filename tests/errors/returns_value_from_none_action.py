from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        self.refs += 1
        return self.refs
