from modelcheck import Spec, preempt, process


class Group(Spec):
    busy: bool = False

    @process(fair="weak")
    async def driver(self) -> None:
        await preempt()
        self.busy = True
