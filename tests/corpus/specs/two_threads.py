"""Threads that share a lock and a counter.

Source: `docs/core/temporal-logic.rst` and `raw-specs/liveness` of hwayne/learntla-v2,
by Hillel Wayne: `strong_fairness` 1 and 2, `threads_liveness` 2, 3 and 4.
"""

from typing import Annotated

from modelcheck import (
    VIOLATED,
    Formula,
    Scalarset,
    Spec,
    always,
    eventually,
    every,
    preempt,
    process,
    temporal,
    until,
)


class Thread(Scalarset, size=2):
    """A thread."""


Count = Annotated[int, range(0, 2 * len(Thread))]


class Sharing(Spec):
    """Threads that take the lock and release it, for ever."""

    owner: Thread | None = None

    async def take_turns(self, me: Thread) -> None:
        """Wait for the lock, hold it for one step."""
        while True:
            await until(lambda: self.owner is None)
            self.owner = me
            await preempt()
            self.owner = None
            await preempt()


class WeaklyFair(Sharing):
    """A thread that could always go on does."""

    @process(fair="weak")
    async def thread(self, me: Thread) -> None:
        """Take the lock again and again."""
        await self.take_turns(me)

    @temporal(expect=VIOLATED, because="the lock is free only now and then")
    def everybody_gets_the_lock(self) -> Formula:
        """No thread waits for ever."""
        return every(eventually(self.owner is thread) for thread in Thread)


class StronglyFair(Sharing):
    """A thread that could go on now and then does."""

    @process(fair="strong")
    async def thread(self, me: Thread) -> None:
        """Take the lock again and again."""
        await self.take_turns(me)

    @temporal
    def everybody_gets_the_lock(self) -> Formula:
        """No thread waits for ever."""
        return every(eventually(self.owner is thread) for thread in Thread)


class Counting(Spec):
    """Each thread counts once, under the lock."""

    counter: Count = 0
    owner: Thread | None = None

    @process(fair="weak")
    async def thread(self, me: Thread) -> None:
        """Read and write the counter in two steps."""
        await until(lambda: self.owner is None)
        self.owner = me
        await preempt()
        seen = self.counter
        await preempt()
        self.counter = seen + 1
        await preempt()
        self.owner = None

    @temporal
    def reaches_two(self) -> Formula:
        """The counter has the right value at some time."""
        return eventually(self.counter == len(Thread))


class CountingFromOne(Counting):
    """The counter starts too high, which shows only in the end."""

    counter: Count = 1

    @temporal(expect=VIOLATED, because="it goes on to three")
    def stays_at_two(self) -> Formula:
        """The counter has the right value in the end."""
        return eventually(always(self.counter == len(Thread)))
