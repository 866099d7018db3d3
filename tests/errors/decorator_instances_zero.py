from typing import Annotated

from modelcheck import Spec, preempt, process

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    refs: Refcount = 0

    @process(instances=0)
    async def user(self) -> None:
        await preempt()
