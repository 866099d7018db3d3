from typing import Annotated

from modelcheck import Spec, transition

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @transition
    def grows(self) -> bool:
        return self.refs >= 0
