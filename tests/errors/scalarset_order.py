from modelcheck import Scalarset, Spec, action, require


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    current: Device

    @action
    def lower(self, dev: Device) -> None:
        require(dev < self.current)
        self.current = dev
