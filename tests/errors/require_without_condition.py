from modelcheck import Spec, action, require


class Group(Spec):
    busy: bool = False

    @action
    def start(self) -> None:
        require()
        self.busy = True
