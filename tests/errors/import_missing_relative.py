from .nowhere import Device

from modelcheck import Spec


class Group(Spec):
    bound: set[Device] = set()
