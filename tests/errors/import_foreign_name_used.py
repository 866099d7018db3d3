from collections import deque

from modelcheck import Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    queue: deque[Device]
