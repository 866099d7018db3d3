from typing import Annotated

from modelcheck import Length, Scalarset, Spec, action


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    queue: Annotated[list[Device], Length(3)] = []

    @action
    def drop(self) -> None:
        self.queue.pop(1)
