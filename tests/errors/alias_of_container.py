from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()

    @action
    def bind(self, dev: Device) -> None:
        devices = self.bound
        devices.add(dev)
