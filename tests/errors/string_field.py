from modelcheck import Spec


class Group(Spec):
    name: str = "group0"
