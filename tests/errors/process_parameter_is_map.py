from modelcheck import Scalarset, Spec, action, choose


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    busy: bool = False

    @action
    def start(self, flags: dict[Device, bool]) -> None:
        self.busy = flags[choose(Device)]
