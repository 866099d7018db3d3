# run: --scope Device=0
from modelcheck import Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
