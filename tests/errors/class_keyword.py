from modelcheck import Spec


class Group(Spec, metaclass=type):
    busy: bool = False
