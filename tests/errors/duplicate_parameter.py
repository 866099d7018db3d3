from modelcheck import Spec, action


class Group(Spec):
    busy: bool = False

    @action
    def start(self, flag: bool, flag: bool) -> None:
        self.busy = flag
