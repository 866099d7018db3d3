from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @action
    def scan(self) -> None:
        for page in range(1_000_000):
            self.refs = page % 5
