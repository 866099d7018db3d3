from modelcheck import Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()

    @invariant
    def bound_is_fine(self, dev: Device) -> bool:
        return dev in self.bound
