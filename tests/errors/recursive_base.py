from modelcheck import Spec


class Group(Group, Spec):
    busy: bool = False
