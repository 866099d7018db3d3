from modelcheck import Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2):
    """An open file."""


class Group(Spec):
    holder: Device | File
