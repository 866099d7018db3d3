from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
    phase: dict[Device, bool] = {dev: False for dev in Device}

    @action
    def reset(self) -> None:
        self.phase = {dev: True for dev in Device if dev in self.bound}
