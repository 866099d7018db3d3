from typing import Annotated
import functools

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @functools.cache
    def exact(self) -> bool:
        return self.refs == 0
