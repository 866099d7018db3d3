from modelcheck import Scalarset, Spec, process


class Device(Scalarset, size=2):
    """A device of the group."""


class Group(Spec):
    locked: bool = False

    @process
    async def spin(self, dev: Device) -> None:
        while self.locked:
            pass
        self.locked = True
