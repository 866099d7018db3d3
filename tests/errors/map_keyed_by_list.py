from typing import Annotated

from modelcheck import Length, Scalarset, Spec


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    cost: dict[Annotated[list[Device], Length(2)], bool]
