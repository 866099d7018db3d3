from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    users: dict[Device, bool] = {dev: False for dev in Device}

    @action
    def remove(self, dev: Device) -> None:
        del self.users[dev]
