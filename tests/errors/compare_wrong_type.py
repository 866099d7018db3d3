from modelcheck import Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    owner: File | None = None

    @invariant
    def dev_is_no_owner(self) -> bool:
        return all(self.owner != dev for dev in Device)
