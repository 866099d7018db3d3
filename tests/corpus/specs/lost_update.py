"""Two workers increment a counter in two steps, without and with a mutex."""

from typing import Annotated

from modelcheck import (
    VIOLATED,
    Mutex,
    Scalarset,
    Spec,
    invariant,
    preempt,
    process,
    reachable,
)


class Worker(Scalarset, size=2):
    """Somebody who increments the counter once."""


Count = Annotated[int, range(0, len(Worker) + 1)]


class LostUpdate(Spec):
    """Between reading and writing the other worker may write too."""

    counter: Count = 0
    finished: set[Worker] = set()

    @process
    async def increment(self, worker: Worker) -> None:
        """Read, let others run, write."""
        seen = self.counter
        await preempt()
        self.counter = seen + 1
        self.finished.add(worker)

    @invariant(expect=VIOLATED, because="both workers can read the same value")
    def nothing_is_lost(self) -> bool:
        """Every finished increment was counted."""
        return self.counter == len(self.finished)

    @reachable
    def all_counted(self) -> bool:
        """Nothing is lost when the workers come one after the other."""
        return self.counter == len(Worker)


class UnderMutex(LostUpdate):
    """Under the mutex nothing is lost."""

    mutex: Mutex

    @process
    async def increment(self, worker: Worker) -> None:
        """Read, let others run, write."""
        async with self.mutex:
            seen = self.counter
            await preempt()
            self.counter = seen + 1
            self.finished.add(worker)

    @invariant
    def nothing_is_lost(self) -> bool:
        """Every finished increment was counted."""
        return self.counter == len(self.finished)
