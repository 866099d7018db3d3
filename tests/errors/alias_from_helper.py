from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()

    def devices(self) -> set[Device]:
        return self.bound

    @action
    def bind(self, dev: Device) -> None:
        devices = self.devices()
        devices.add(dev)
