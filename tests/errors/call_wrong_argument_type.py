from modelcheck import Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @action
    def user(self, dev: Device) -> None:
        self.claim(dev)

    def claim(self, file: File) -> None:
        self.owner = file
