"""A queue with room for two: who looks whether there is room, or anything to take?"""

from enum import Enum
from typing import Annotated

from modelcheck import Length, Spec, action, reachable, require


class Job(Enum):
    """What is put into the queue."""

    SMALL = 0
    LARGE = 1


ROOM = 2
Queue = Annotated[list[Job], Length(ROOM)]


class BoundedQueue(Spec):
    """Both sides look before they act."""

    queue: Queue = []

    @action
    def put(self, job: Job) -> None:
        """Append a job if there is room."""
        require(len(self.queue) < ROOM)
        self.queue.append(job)

    @action
    def take(self) -> None:
        """Take the oldest job if there is any."""
        require(len(self.queue) > 0)
        self.queue.pop(0)

    @reachable
    def large_waits_behind_small(self) -> bool:
        """The queue can be full, and keeps the order."""
        return self.queue == [Job.SMALL, Job.LARGE]


class Overflow(BoundedQueue):
    """The producer does not look."""

    @action
    def put(self, job: Job) -> None:
        """Append a job."""
        self.queue.append(job)


class Underflow(BoundedQueue):
    """The consumer does not look."""

    @action
    def take(self) -> None:
        """Take the oldest job."""
        self.queue.pop(0)
