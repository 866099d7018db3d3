from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    class Inner:
        busy: bool = False
