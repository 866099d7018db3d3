from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0
    twice: Refcount = refs * 2
