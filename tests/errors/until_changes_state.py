from typing import Annotated

from modelcheck import Length, Scalarset, Spec, process, until


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    queue: Annotated[list[Device], Length(2)] = []

    @process
    async def worker(self) -> None:
        await until(lambda: self.queue.pop(0) in Device)
