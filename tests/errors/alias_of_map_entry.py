from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    users: dict[Device, set[File]] = {dev: set() for dev in Device}

    @action
    def share(self, one: Device, two: Device) -> None:
        self.users[one] = self.users[two]
