"""Two mutexes, taken in opposite orders, in one order, and one of them twice."""

from typing import Annotated

from modelcheck import VIOLATED, Mutex, Spec, process, reachable

Count = Annotated[int, range(0, 3)]


class LockOrder(Spec):
    """`there` takes `left` then `right`, `back` the other way round: deadlock."""

    left: Mutex
    right: Mutex
    started: Count = 0
    moved: Count = 0

    @process
    async def there(self) -> None:
        """Move something from left to right."""
        self.started += 1
        async with self.left, self.right:
            self.moved += 1

    @process
    async def back(self) -> None:
        """Move something from right to left."""
        self.started += 1
        async with self.right, self.left:
            self.moved += 1

    @reachable
    def both_move(self) -> bool:
        """With some luck both get through."""
        return self.moved == 2


class OneOrder(LockOrder):
    """Both take `left` first: no deadlock."""

    @process
    async def back(self) -> None:
        """Move something from right to left."""
        self.started += 1
        async with self.left, self.right:
            self.moved += 1


class Twice(Spec):
    """One process takes the mutex that it holds: it waits for itself."""

    mutex: Mutex
    started: bool = False

    @process
    async def worker(self) -> None:
        """Take the mutex, and take it again."""
        self.started = True
        async with self.mutex, self.mutex:
            self.started = False

    @reachable(expect=VIOLATED, because="nobody else releases the mutex")
    def gets_through(self) -> bool:
        """The mutex is taken twice."""
        return not self.started and self.mutex.locked()
