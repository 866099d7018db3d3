from enum import Enum

from modelcheck import Spec, invariant


class Errno(Enum):
    OK = 0
    EBUSY = 16


class Group(Spec):
    last: Errno = Errno.OK

    @invariant
    def never_busy(self) -> bool:
        return self.last == 0
