from enum import Enum

from modelcheck import Spec


class Errno(Enum):
    OK = 0
    EBUSY = 16


class Group(Spec):
    phase: dict[Errno, bool] = {Errno.OK: True}
