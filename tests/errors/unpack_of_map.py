from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    phase: dict[Device, bool] = {dev: False for dev in Device}
    busy: bool = False

    @action
    def look(self) -> None:
        first, second = self.phase
        self.busy = True
