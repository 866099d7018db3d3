from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        if self.refs == 4:
            raise OverflowError
        self.refs += 1
