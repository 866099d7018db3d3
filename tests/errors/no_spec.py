from typing import Annotated


Refcount = Annotated[int, range(0, 5)]

class Group:
    refs: Refcount = 0
