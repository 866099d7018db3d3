from modelcheck import Scalarset, Spec


class Device(Scalarset, size=-1):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
