from modelcheck import Scalarset, Spec, preempt, process


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    locked: bool = False

    @process
    async def poll(self, dev: Device) -> None:
        while True:
            if self.locked:
                continue
            self.locked = True
            await preempt()
