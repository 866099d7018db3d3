from modelcheck import Spec


class Group(Spec):
    holder: 5
