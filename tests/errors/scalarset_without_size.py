from modelcheck import Scalarset, Spec


class Device(Scalarset):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
