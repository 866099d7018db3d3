from typing import Annotated

from modelcheck import Spec, action

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    def get(self) -> None:
        self.refs += 1


class Bounded(Group):
    @action
    def put(self) -> None:
        super().put()
