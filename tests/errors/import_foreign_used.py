import random

from modelcheck import Spec, action


class Group(Spec):
    busy: bool = False

    @action
    def start(self) -> None:
        self.busy = random.random() < 1
