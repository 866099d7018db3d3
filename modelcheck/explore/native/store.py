"""Where states are kept: the visited set, and an arena of states for each worker.

An arena holds a worker's states in the order in which they were found, so a level of
the search is a range in each arena, and a table that has become too small is made anew
from the arenas, without a copy of the old one in memory.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modelcheck.explore.native.context import BLOCK, Layout, Slot
from modelcheck.explore.native.memory import PAGE, Region, available
from modelcheck.explore.native.questions import Questions

ENTRIES = 8
"""Entries of a bucket, which has 64 bytes."""

LOAD = 0.75
"""The share of entries in use from which on a table grows."""

FULL = 0.92
"""The share in use at which a table that cannot grow is full."""

CHUNK = 1 << 14
"""How many states a worker takes at once, at most."""

LEAST = 4 * PAGE
"""Bytes that every search may use, whatever it was told."""

FAST_GROWTH = 1 << 26
"""Below this size in bytes a table grows to the fourfold at once."""


@dataclass(frozen=True, slots=True)
class Range:
    """States of one worker's arena, from number `begin` up to `end`."""

    worker: int
    begin: int
    end: int


class Worker:
    """A context, its scratch memory and its arena."""

    def __init__(self, number: int, store: Store) -> None:
        self.number = number
        layout, questions = store.layout, store.questions
        self.context = (ctypes.c_uint64 * (len(Slot) + 1))()
        self.address = ctypes.addressof(self.context)
        self.work = Region(layout.total + PAGE)
        self.arena = store.arenas.address + 8 * layout.words * number * store.stride
        self.fired = (ctypes.c_uint64 * (store.steps + 8))()
        self.key_length = 2 * layout.words + 1
        self.slots = max(len(questions.all), 64)
        self.records = (ctypes.c_uint64 * (self.slots * (self.key_length + 1)))()
        self.open = (ctypes.c_uint64 * (len(questions.all) // 64 + 1))()
        self.dummy = (ctypes.c_uint64 * 8)()
        for slot, value in (
            (Slot.WORK, self.work.address),
            (Slot.STATES, store.arenas.address),
            (Slot.ARENA, self.arena),
            (Slot.FIRST, number * store.stride),
            (Slot.FIRED, ctypes.addressof(self.fired)),
            (Slot.RECORDS, ctypes.addressof(self.records)),
            (Slot.OPEN, ctypes.addressof(self.open)),
            (Slot.DUMMY, ctypes.addressof(self.dummy)),
            (Slot.LEAST, (1 << 63) - 1),
        ):
            self.context[slot] = value

    def __getitem__(self, slot: Slot) -> int:
        return int(self.context[slot])

    def __setitem__(self, slot: Slot, value: int) -> None:
        self.context[slot] = value

    @property
    def is_busy(self) -> bool:
        """Whether states that it took are not dealt with."""
        return (
            self[Slot.BEGIN] < self[Slot.END]
            or self[Slot.POSITION] < self[Slot.PENDING]
        )

    def take_records(self) -> dict[int, tuple[int, ...]]:
        """The keys found, by slot; they are forgotten here."""
        found: dict[int, tuple[int, ...]] = {}
        if self[Slot.FOUND]:
            size = self.key_length + 1
            for slot in range(self.slots):
                start = slot * size
                if self.records[start]:
                    found[slot] = tuple(self.records[start + 1 : start + size])
                    self.records[start] = 0
            self[Slot.FOUND] = 0
        return found


class Store:
    """All memory of one search; `memory` is the most that it may use, in bytes."""

    def __init__(
        self,
        layout: Layout,
        questions: Questions,
        steps: int,
        workers: int,
        memory: int,
    ) -> None:
        self.layout = layout
        self.questions = questions
        self.steps = steps
        self.memory = memory = max(memory, LEAST)
        self.stride = memory // self.bytes_stored + 2 * BLOCK
        self.arenas = Region(8 * layout.words * self.stride * workers)
        self.table = self._first_table()
        self.size = PAGE
        self.workers = [Worker(number, self) for number in range(workers)]
        self._share_table()

    @property
    def bytes_stored(self) -> int:
        """The bytes that a state takes for ever, besides its entry."""
        return 8 * self.layout.words

    @property
    def bytes_a_state(self) -> int:
        """The bytes that a new state takes, besides its entry."""
        return self.bytes_stored

    def _first_table(self) -> Region:
        # Room for the largest table that `memory` allows. It grows in place: pages that
        # were touched once are cheap to clear, new ones are not.
        return Region(1 << self.memory.bit_length() - 1)

    def forget(self, level: Sequence[Range]) -> None:
        """The states of `level` were expanded; a store may give up what it can."""

    @property
    def states(self) -> int:
        """How many states are stored."""
        return sum(worker[Slot.LENGTH] for worker in self.workers)

    @property
    def used(self) -> int:
        """How many bytes are in use, whole pages not counted."""
        return self.size + self.bytes_stored * self.states

    @property
    def is_overfull(self) -> bool:
        """Whether more memory is in use than may be, by more than states."""
        return False

    @property
    def capacity(self) -> int:
        """The number of entries of the table."""
        return self.size // 8

    def give_room(self, rehash: Callable[[Sequence[Range]], None]) -> bool:
        """Let each worker find more states, in a larger table if need be.

        False if there is no memory for that; then nothing was changed.
        """
        count = len(self.workers)
        room = int(self.capacity * LOAD) - self.states
        least = max(self.capacity // 16, 4 * BLOCK * count)
        if room < least:
            if self._grow(rehash):
                room = int(self.capacity * LOAD) - self.states
            else:
                room = int(self.capacity * FULL) - self.states
        # The machine's memory may have become less: only half of it is taken at once.
        bytes_left = min(self.memory - self.used, available() // 2)
        room = min(room, bytes_left // self.bytes_a_state)
        if room < 2 * BLOCK * count:
            return False
        for worker in self.workers:
            worker[Slot.LIMIT] = worker[Slot.LENGTH] + room // count
        return True

    def _grow(self, rehash: Callable[[Sequence[Range]], None]) -> bool:
        size = self.size
        factor = 4 if size < FAST_GROWTH else 2
        left = min(self.memory - self.used, available())
        # There must be room for some of the states that it is made for, too.
        if (factor - 1) * size * 5 // 4 > left:
            factor = 2
            if size * 5 // 4 > left:
                return False
        return self._enlarge(size * factor, rehash)

    def _enlarge(self, size: int, rehash: Callable[[Sequence[Range]], None]) -> bool:
        """Make a table of `size` bytes from the arenas."""
        if size > self.table.size:
            return False
        ctypes.memset(self.table.address, 0, self.size)
        self.size = size
        self._share_table()
        rehash([Range(w.number, 0, w[Slot.LENGTH]) for w in self.workers])
        return True

    def _share_table(self) -> None:
        for worker in self.workers:
            worker[Slot.TABLE] = self.table.address
            worker[Slot.BUCKETS] = self.size // 64 - 1

    def point(self, worker: Worker, states: Range) -> None:
        """Let `worker` work on `states` next."""
        worker[Slot.FRONT] = self.front(states)
        worker[Slot.FROM] = states.worker * self.stride
        worker[Slot.BEGIN] = states.begin
        worker[Slot.END] = states.end

    def front(self, states: Range) -> int:
        """The address from which the states of a range are counted."""
        return self.workers[states.worker].arena

    def close(self) -> None:
        """Give all memory back."""
        self.table.close()
        self.arenas.close()
        for worker in self.workers:
            worker.work.close()
