from modelcheck import Spec


class Group(Spec):
    busy: bool = False

    def is_busy(self) -> bool
        return self.busy
