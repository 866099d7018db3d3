from typing import Annotated

from modelcheck import Spec

LOW, HIGH = 0, 4


class Group(Spec):
    refs: Annotated[int, range(LOW, HIGH)] = 0
