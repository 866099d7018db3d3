from modelcheck import Spec
from kernel.broken import Device


class Group(Spec):
    bound: set[Device] = set()
