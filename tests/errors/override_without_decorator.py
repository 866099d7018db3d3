from typing import Annotated

from modelcheck import Spec, action, require

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        self.refs += 1


class Bounded(Group):
    def get(self) -> None:
        require(self.refs < 4)
        self.refs += 1
