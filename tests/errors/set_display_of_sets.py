from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    busy: bool = False

    @action
    def start(self, dev: Device) -> None:
        found = {{dev}, {dev}}
        self.busy = bool(found)
