from modelcheck import Spec


class Group(Spec):
    is_busy: bool = lambda: False
