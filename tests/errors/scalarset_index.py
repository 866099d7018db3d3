from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    current: Device

    @action
    def reset(self) -> None:
        self.current = Device(0)
