from typing import Annotated

from modelcheck import Spec, preempt, process

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @process(True)
    async def daemon(self) -> None:
        await preempt()
