from typing import Annotated

from modelcheck import Mutex, Spec, process

Refcount = Annotated[int, range(0, 5)]

class Group(Spec):
    mutex: Mutex
    refs: Refcount = 0

    @process
    async def get(self) -> None:
        with self.mutex:
            self.refs = 1
