from modelcheck import Semaphore, Spec


class Group(Spec):
    slots: Semaphore
