from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(5, 0)]


class Group(Spec):
    refs: Refcount
