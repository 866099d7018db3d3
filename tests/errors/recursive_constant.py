from typing import Annotated

from modelcheck import Spec

LIMIT = DOUBLE // 2
DOUBLE = LIMIT * 2


class Group(Spec):
    owner_cnt: Annotated[int, range(0, LIMIT)] = 0
