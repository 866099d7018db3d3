from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def grow(self) -> None:
        step = lambda n: n + 1
        self.refs = step(self.refs)
