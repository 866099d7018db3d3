from typing import Annotated

from modelcheck import Spec

Page = Annotated[int, range(0, 1000)]


class Group(Spec):
    tlb: dict[Page, dict[Page, bool]]
