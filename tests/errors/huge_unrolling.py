from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def scan(self) -> None:
        for i in range(1000):
            for j in range(1000):
                self.refs = (i + j) % 5
