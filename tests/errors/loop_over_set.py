from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
    last: Device

    @action
    def visit(self) -> None:
        for dev in self.bound:
            self.last = dev
