from modelcheck import Spec, preempt, process


class Group(Spec):
    busy: bool = False

    @process
    async def one(self) -> None:
        await self.two()

    @process
    async def two(self) -> None:
        await preempt()
