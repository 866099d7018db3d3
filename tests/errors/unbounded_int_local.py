from typing import Annotated

from modelcheck import Spec, preempt, process

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    tries: Refcount = 0

    @process
    async def retry(self) -> None:
        count = 0
        while True:
            await preempt()
            count += 1
            self.tries = count % 5
