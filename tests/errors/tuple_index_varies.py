from typing import Annotated

from modelcheck import Spec, action


class Group(Spec):
    pair: tuple[bool, bool] = (False, True)
    which: Annotated[int, range(0, 2)] = 0
    seen: bool = False

    @action
    def look(self) -> None:
        self.seen = self.pair[self.which]
