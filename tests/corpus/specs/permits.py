"""A semaphore with two permits, a lock for readers and writers, and a daemon."""

from typing import Annotated

from modelcheck import (
    VIOLATED,
    Length,
    RWLock,
    Scalarset,
    Semaphore,
    Spec,
    invariant,
    preempt,
    process,
    reachable,
    until,
)


class Worker(Scalarset, size=3):
    """Somebody who wants to get in."""


class Permits(Spec):
    """Two of three workers can be inside."""

    slots: Semaphore = Semaphore(2)
    asked: set[Worker] = set()
    inside: set[Worker] = set()

    @process
    async def work(self, worker: Worker) -> None:
        """Ask, get in, get out."""
        self.asked.add(worker)
        async with self.slots:
            self.inside.add(worker)
            await preempt()
            self.inside.remove(worker)

    @invariant
    def at_most_two(self) -> bool:
        """There are no more workers inside than permits."""
        return len(self.inside) <= 2

    @invariant(expect=VIOLATED, because="there are two permits")
    def at_most_one(self) -> bool:
        """Workers are alone inside."""
        return len(self.inside) <= 1


class Shared(Spec):
    """Workers read together, and one writes alone."""

    table: RWLock
    asked: set[Worker] = set()
    reading: set[Worker] = set()
    writing: bool = False

    @process
    async def read(self, worker: Worker) -> None:
        """Ask, read, stop reading."""
        self.asked.add(worker)
        async with self.table.read():
            self.reading.add(worker)
            await preempt()
            self.reading.remove(worker)

    @process
    async def write(self) -> None:
        """Write once."""
        async with self.table.write():
            self.writing = True
            await preempt()
            self.writing = False

    @invariant
    def writer_is_alone(self) -> bool:
        """Nobody reads what is being written."""
        return not self.writing or len(self.reading) == 0

    @reachable
    def all_read_together(self) -> bool:
        """All workers can read at the same time."""
        return all(worker in self.reading for worker in Worker)


class Served(Spec):
    """A daemon serves requests; waiting for the next one is no deadlock."""

    requests: Annotated[list[Worker], Length(len(Worker))] = []
    served: set[Worker] = set()

    @process
    async def ask(self, worker: Worker) -> None:
        """Send one request and wait for the answer."""
        self.requests.append(worker)
        await until(lambda: worker in self.served)

    @process(daemon=True)
    async def serve(self) -> None:
        """Answer one request after the other."""
        while True:
            await until(lambda: len(self.requests) > 0)
            self.served.add(self.requests.pop(0))

    @reachable
    def all_are_served(self) -> bool:
        """Every request is answered."""
        return all(worker in self.served for worker in Worker)


class Unserved(Served):
    """The daemon answers once, the other workers wait for ever."""

    @process(daemon=True)
    async def serve(self) -> None:
        """Answer the first request."""
        await until(lambda: len(self.requests) > 0)
        self.served.add(self.requests.pop(0))

    @reachable(expect=VIOLATED, because="only one request is answered")
    def all_are_served(self) -> bool:
        """Every request is answered."""
        return all(worker in self.served for worker in Worker)
