from typing import Annotated

from modelcheck import Length, Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    queue: Annotated[list[bool], Length(2)] = [False, False]

    @invariant
    def first(self) -> bool:
        return all(not self.queue[dev] for dev in Device)
