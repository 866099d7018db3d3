from typing import Annotated

from modelcheck import Spec

LIMIT = 3
LIMIT = 4


class Group(Spec):
    refs: Annotated[int, range(0, LIMIT)] = 0
