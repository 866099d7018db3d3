from modelcheck import RWLock, Spec, process


class Group(Spec):
    rw: RWLock
    busy: bool = False

    @process
    async def reader(self) -> None:
        async with self.rw:
            self.busy = True
