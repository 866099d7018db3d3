from modelcheck import Scalarset, Spec, choose, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()

    @invariant
    def some_device_is_free(self) -> bool:
        return choose(Device) not in self.bound
