from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def drop_all(self) -> None:
        for i in self.refs:
            self.refs -= 1
