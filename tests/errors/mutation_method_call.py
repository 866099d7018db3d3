from typing import Annotated

from modelcheck import Length, Scalarset, Spec, invariant


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    bound: set[Device] = set()
    queue: Annotated[list[Device], Length(2)] = []

    @invariant
    def first_is_bound(self) -> bool:
        return not self.queue or self.queue.pop(0) in self.bound
