from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    phase: dict[Device, bool] = {dev: False for dev in Device}
    last: Device

    @action
    def reset(self) -> None:
        self.phase = {self.last: True}
