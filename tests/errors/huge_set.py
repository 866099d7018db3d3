from typing import Annotated

from modelcheck import Spec


class Group(Spec):
    pages: set[Annotated[int, range(0, 1_000_000)]] = set()
