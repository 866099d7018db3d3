from typing import Annotated

from modelcheck import Spec

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    pages: dict[tuple[Refcount, Refcount, Refcount, Refcount, Refcount], bool]
