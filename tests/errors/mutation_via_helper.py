from typing import Annotated

from modelcheck import Spec, invariant

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0
    freed: bool = False

    def get_refs(self) -> Refcount:
        self.refs += 1
        return self.refs

    def is_alive(self) -> bool:
        return self.get_refs() > 0

    @invariant
    def alive_until_freed(self) -> bool:
        return self.freed or self.is_alive()
