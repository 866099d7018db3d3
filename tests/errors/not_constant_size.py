from modelcheck import Scalarset, Spec, choose

COUNT = choose(range(1, 3))


class Device(Scalarset, size=COUNT):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
