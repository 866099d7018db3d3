from modelcheck import Spec


class Group(Spec):
    mutex: Mutex
