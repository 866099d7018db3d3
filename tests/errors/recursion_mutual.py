from enum import Enum

from modelcheck import Scalarset, Spec, preempt, process


class Phase(Enum):
    IDLE = 0
    BUSY = 1


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    phase: Phase = Phase.IDLE

    @process
    async def driver(self, dev: Device) -> None:
        await self.start()

    async def start(self) -> None:
        self.phase = Phase.BUSY
        await preempt()
        await self.stop()

    async def stop(self) -> None:
        self.phase = Phase.IDLE
        await preempt()
        await self.start()
