from modelcheck import Spec, action, invariant


class Group(Spec):
    busy: bool = False

    @action
    def start(self) -> None:
        self.busy = True

    @invariant
    def deadlock(self) -> bool:
        return True
