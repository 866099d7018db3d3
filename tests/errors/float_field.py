from modelcheck import Spec


class Group(Spec):
    load: float = 0.0
