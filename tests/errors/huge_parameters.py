from typing import Annotated

from modelcheck import Spec, action, require

Page = Annotated[int, range(0, 1000)]


class Group(Spec):
    mapped: bool = False

    @action
    def map(self, first: Page, last: Page) -> None:
        require(first <= last)
        self.mapped = True
