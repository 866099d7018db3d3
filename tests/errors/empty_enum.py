from enum import Enum

from modelcheck import Spec


class Phase(Enum):
    """Nothing yet."""


class Group(Spec):
    phase: Phase
