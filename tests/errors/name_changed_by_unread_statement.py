from typing import Annotated

from modelcheck import Spec

LIMIT = 3
if LIMIT > 2:
    LIMIT = 2


class Group(Spec):
    refs: Annotated[int, range(0, LIMIT)] = 0
