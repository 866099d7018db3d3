from enum import Enum

from modelcheck import Spec, action


class Errno(Enum):
    OK = 0
    EBUSY = 16


class Group(Spec):
    last: Errno = Errno.OK

    @action
    def fail(self) -> None:
        self.last = Errno.EBUYS
