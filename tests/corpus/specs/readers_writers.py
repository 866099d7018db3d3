"""Readers and writers, served fairly in the order of a queue.

Source: `ReadersWriters/ReadersWriters.tla` (MC.cfg, 3 actors) of tlaplus/Examples, by
Isaac DeFrain.
"""

from enum import Enum
from typing import Annotated, Self

from modelcheck import (
    Formula,
    Length,
    Scalarset,
    Spec,
    action,
    always,
    eventually,
    every,
    fairness,
    invariant,
    reachable,
    require,
    temporal,
)


class Actor(Scalarset, size=3):
    """Somebody who reads and writes."""


class Kind(Enum):
    """What an actor asks for."""

    READ = 0
    WRITE = 1


Queue = Annotated[list[tuple[Kind, Actor]], Length(2 * len(Actor))]


class ReadersWriters(Spec):
    """An actor has at most one request of each kind in the queue."""

    readers: set[Actor] = set()
    writers: set[Actor] = set()
    waiting: Queue = []

    @action(fair="weak")
    def try_read(self, actor: Actor) -> None:
        """Ask for reading."""
        require((Kind.READ, actor) not in self.waiting)
        self.waiting.append((Kind.READ, actor))

    @action(fair="weak")
    def try_write(self, actor: Actor) -> None:
        """Ask for writing."""
        require((Kind.WRITE, actor) not in self.waiting)
        self.waiting.append((Kind.WRITE, actor))

    @action(fair="weak")
    def read_or_write(self) -> None:
        """Serve the first request of the queue, if nothing is in its way."""
        require(len(self.waiting) > 0)
        require(len(self.writers) == 0)
        kind, actor = self.waiting.pop(0)
        if kind is Kind.READ:
            self.readers.add(actor)
        else:
            require(len(self.readers) == 0)
            self.writers.add(actor)

    @action
    def stop(self, actor: Actor) -> None:
        """A reader or a writer is done."""
        require(actor in self.readers or actor in self.writers)
        if actor in self.readers:
            self.readers.remove(actor)
        else:
            self.writers.remove(actor)

    @fairness("weak", of="stop")
    def somebody_stops(self, after: Self) -> bool:
        """If somebody can stop, somebody does."""
        return after.readers != self.readers or after.writers != self.writers

    @temporal
    def liveness(self) -> Formula:
        """Everybody reads, writes and does neither, again and again."""
        return (
            every(always(eventually(actor in self.readers)) for actor in Actor)
            & every(always(eventually(actor in self.writers)) for actor in Actor)
            & every(always(eventually(actor not in self.readers)) for actor in Actor)
            & every(always(eventually(actor not in self.writers)) for actor in Actor)
        )

    @invariant
    def no_reader_beside_a_writer(self) -> bool:
        """Readers and writers exclude each other."""
        return len(self.readers) == 0 or len(self.writers) == 0

    @invariant
    def one_writer(self) -> bool:
        """At most one writes."""
        return len(self.writers) <= 1

    @reachable
    def all_read(self) -> bool:
        """All actors can read at the same time."""
        return all(actor in self.readers for actor in Actor)
