from modelcheck import Spec


class Group(Spec):
    bound: set = set()
