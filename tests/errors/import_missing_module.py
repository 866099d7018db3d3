from modelcheck import Spec
from kernel.grup import Device


class Group(Spec):
    bound: set[Device] = set()
