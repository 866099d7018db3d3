from modelcheck import Spec
from kernel.objects import Devices


class Group(Spec):
    busy: bool = False
