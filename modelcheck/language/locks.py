"""Locks: finite state that knows its holders.

Each lock suspends the process twice: before it takes the lock, until the lock is free
(taking it and the code after it are then one step), and after it has released the lock
at the end of `async with`.
"""

from types import TracebackType
from typing import Protocol

from modelcheck.language._context import current_turn
from modelcheck.language.errors import LockError, SpecDefinitionError
from modelcheck.language.suspension import Pause, PauseKind, Suspend


class Lock(Protocol):
    """What the rest of the language needs from every kind of lock."""

    label: str

    def fresh(self) -> "Lock":
        """Return a free lock of the same kind and size."""
        ...

    def state(self) -> object:
        """Return the lock's state as a plain immutable value."""
        ...

    def restore(self, state: object) -> None:
        """Go back to a state that `state()` returned."""
        ...


class _Guard:
    """The `async with` protocol over `acquire()` and `release()`."""

    __slots__ = ()

    async def acquire(self) -> None:
        """Wait for the lock and take it."""
        raise NotImplementedError

    def release(self) -> None:
        """Give the lock back."""
        raise NotImplementedError

    async def __aenter__(self) -> None:
        """Wait for the lock and take it."""
        await self.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the lock, then let the other actors run."""
        # An exception means that the step failed, or that its coroutine is being thrown
        # away: the state is shown as it was at that statement, with the lock held.
        if error is None:
            self.release()
            await Suspend(Pause(PauseKind.LEAVE))


class Mutex(_Guard):
    """A lock with one holder, free initially: `mutex: Mutex`.

    Taking it twice blocks for ever; releasing it without holding it is a violation.
    """

    __slots__ = ("_holder", "label")

    def __init__(self) -> None:
        """Make a free mutex."""
        self.label = "mutex"
        self._holder: str | None = None

    async def acquire(self) -> None:
        """Wait until the mutex is free, then take it. A preemption point."""
        turn = current_turn("Mutex.acquire()")
        await Suspend(Pause(PauseKind.ACQUIRE, self._is_free, self.label))
        self._holder = turn.actor

    def release(self) -> None:
        """Free the mutex. No preemption point.

        Raises `LockError` when the running actor does not hold it.
        """
        actor = current_turn("Mutex.release()").actor
        if self._holder != actor:
            holder = "nobody" if self._holder is None else self._holder
            message = f"{actor} releases {self.label}, which {holder} holds"
            raise LockError(message)
        self._holder = None

    def locked(self) -> bool:
        """Tell whether somebody holds the mutex."""
        return self._holder is not None

    def fresh(self) -> "Mutex":
        """Return a free mutex."""
        return Mutex()

    def state(self) -> str | None:
        """Return the name of the holding actor, or `None`."""
        return self._holder

    def restore(self, state: object) -> None:
        """Go back to a state that `state()` returned."""
        self._holder = state if isinstance(state, str) else None

    def _is_free(self) -> bool:
        return self._holder is None


class Semaphore(_Guard):
    """A lock with a fixed number of permits: `slots: Semaphore = Semaphore(2)`.

    Permits have no owner: any actor may release one that somebody took.
    """

    __slots__ = ("_free", "_permits", "label")

    def __init__(self, permits: int = 1) -> None:
        """Make a semaphore with `permits` permits, all free.

        Raises `SpecDefinitionError` when there would be none.
        """
        if permits < 1:
            message = f"Semaphore({permits}): a semaphore has at least one permit"
            raise SpecDefinitionError(message)
        self.label = "semaphore"
        self._permits = permits
        self._free = permits

    async def acquire(self) -> None:
        """Wait until a permit is free, then take it. A preemption point."""
        current_turn("Semaphore.acquire()")
        await Suspend(Pause(PauseKind.ACQUIRE, self._is_free, self.label))
        self._free -= 1

    def release(self) -> None:
        """Give one permit back. No preemption point.

        Raises `LockError` when all permits are free already.
        """
        actor = current_turn("Semaphore.release()").actor
        if self._free == self._permits:
            message = (
                f"{actor} releases {self.label}, but all its {self._permits} permits "
                "are free"
            )
            raise LockError(message)
        self._free += 1

    def locked(self) -> bool:
        """Tell whether no permit is left."""
        return self._free == 0

    def fresh(self) -> "Semaphore":
        """Return a semaphore with as many permits, all free."""
        return Semaphore(self._permits)

    def state(self) -> int:
        """Return the number of permits left."""
        return self._free

    def restore(self, state: object) -> None:
        """Go back to a state that `state()` returned."""
        self._free = state if isinstance(state, int) else self._permits

    def _is_free(self) -> bool:
        return self._free > 0


class RWLock:
    """A lock with many readers or one writer: `async with self.rw.read():`.

    Taking either side while holding one blocks for ever, as it may in the kernel once a
    writer waits.
    """

    __slots__ = ("label", "readers", "writer")

    def __init__(self) -> None:
        """Make a free lock."""
        self.label = "rwlock"
        self.writer: str | None = None
        self.readers: frozenset[str] = frozenset()

    def read(self) -> "ReadSide":
        """Return the shared side, for `async with`."""
        return ReadSide(self)

    def write(self) -> "WriteSide":
        """Return the exclusive side, for `async with`."""
        return WriteSide(self)

    def locked(self) -> bool:
        """Tell whether anybody holds either side."""
        return self.writer is not None or bool(self.readers)

    def fresh(self) -> "RWLock":
        """Return a free lock."""
        return RWLock()

    def state(self) -> tuple[str | None, frozenset[str]]:
        """Return the writer, or `None`, and the readers."""
        return (self.writer, self.readers)

    def restore(self, state: object) -> None:
        """Go back to a state that `state()` returned."""
        match state:
            case (str() | None as writer, frozenset() as readers):
                self.writer, self.readers = writer, readers


class ReadSide(_Guard):
    """The shared side of an `RWLock`."""

    __slots__ = ("_lock",)

    def __init__(self, lock: RWLock) -> None:
        """Keep the lock of which this is one side."""
        self._lock = lock

    async def acquire(self) -> None:
        """Wait until nobody writes, then read."""
        actor = current_turn("RWLock.read()").actor
        lock = self._lock

        def is_free() -> bool:
            return lock.writer is None and actor not in lock.readers

        await Suspend(Pause(PauseKind.ACQUIRE, is_free, f"{lock.label}.read()"))
        lock.readers |= {actor}

    def release(self) -> None:
        """Stop reading. Raises `LockError` when the running actor does not read."""
        actor = current_turn("RWLock.read()").actor
        if actor not in self._lock.readers:
            message = f"{actor} releases {self._lock.label}, which it does not read"
            raise LockError(message)
        self._lock.readers -= {actor}


class WriteSide(_Guard):
    """The exclusive side of an `RWLock`."""

    __slots__ = ("_lock",)

    def __init__(self, lock: RWLock) -> None:
        """Keep the lock of which this is one side."""
        self._lock = lock

    async def acquire(self) -> None:
        """Wait until nobody reads or writes, then write."""
        actor = current_turn("RWLock.write()").actor
        lock = self._lock

        def is_free() -> bool:
            return not lock.locked()

        await Suspend(Pause(PauseKind.ACQUIRE, is_free, f"{lock.label}.write()"))
        lock.writer = actor

    def release(self) -> None:
        """Stop writing. Raises `LockError` when the running actor does not write."""
        actor = current_turn("RWLock.write()").actor
        if self._lock.writer != actor:
            message = f"{actor} releases {self._lock.label}, which it does not write"
            raise LockError(message)
        self._lock.writer = None
