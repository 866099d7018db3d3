"""What the language allows is accepted, and means what it means in Python.

Each snippet is a spec that `mypy --strict` accepts. Its states are counted by a plain
breadth-first search with the reference interpreter: the number in the table, worked out
by hand, is that of different values of the declared variables (positions and locals of
processes and the holders of locks left out). All its properties hold, and every goal is
reached.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelcheck.explore.interpreter import Interpreter
from modelcheck.model.program import Kind, Model, Role, State
from modelcheck.reader import read_spec

PRELUDE = '''\
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Annotated, ClassVar, Final, Optional, Self

from modelcheck import (
    HOLDS, VIOLATED, Length, Mutex, RWLock, Scalarset, Semaphore, Spec, action, assume,
    choose, constraint, init, invariant, preempt, process, reachable, require,
    transition, until,
)


class Device(Scalarset, size=2):
    """A device."""


class File(Scalarset, size=2):
    """An open file."""


class Phase(Enum):
    IDLE = 0
    BUSY = 1


Refcount = Annotated[int, range(0, 5)]


@dataclass(frozen=True)
class Entry:
    dev: Device
    valid: bool = True


'''

SNIPPETS: dict[str, tuple[int, str]] = {
    "bool": (
        2,
        """
class S(Spec):
    flag: bool = False

    @action
    def flip(self) -> None:
        self.flag = not self.flag
""",
    ),
    "no default means every value": (
        2 * 5 * 2 * 3,
        """
class S(Spec):
    flag: bool
    refs: Refcount
    phase: Phase
    owner: File | None
""",
    ),
    "integers within a range": (
        5,
        """
class S(Spec):
    level: Annotated[int, range(-2, 3)] = 0

    @action
    def up(self) -> None:
        require(self.level < 2)
        self.level += 1

    @action
    def down(self) -> None:
        require(-2 < self.level)
        self.level = -1 + self.level

    @invariant
    def in_range(self) -> bool:
        return -2 <= self.level <= 2 and abs(self.level) < 3
""",
    ),
    "integer operators": (
        1,
        """
class S(Spec):
    seven: Annotated[int, range(7, 8)] = 7

    @invariant
    def as_in_python(self) -> bool:
        n = self.seven
        return (
            n // 2 == 3 and -n // 2 == -4 and n % 3 == 1 and -n % 3 == 2
            and n * n - n == 42 and +n == 7 and min(n, 3, 9) == 3 and max(n, 3) == 7
            and int(n > 3) + int(n > 9) == 1 and bool(n) and 0 < n < 9 != n
        )
""",
    ),
    "operators on bools": (
        4,
        """
class S(Spec):
    a: bool
    b: bool

    @invariant
    def laws(self) -> bool:
        a, b = self.a, self.b
        return (
            (a & b) == (a and b) and (a | b) == (a or b) and (a ^ b) == (a != b)
            and (a is b) == (a == b) and a + b == int(a) + int(b)
            and (True if a else b) == (a or b)
        )
""",
    ),
    "enums": (
        2,
        """
class S(Spec):
    phase: Phase = Phase.IDLE

    @action
    def change(self, new: Phase) -> None:
        require(self.phase is not new)
        self.phase = new

    @invariant
    def one_of_them(self) -> bool:
        return self.phase in (Phase.IDLE, Phase.BUSY) and self.phase in Phase
""",
    ),
    "auto() goes on from the largest number, which may have another name then": (
        2,
        """
class Mode(Enum):
    HIGH = 2
    NEXT = auto()
    SAME = 3


class S(Spec):
    mode: Mode = Mode.HIGH

    @action
    def set_mode(self) -> None:
        self.mode = Mode.SAME

    @invariant
    def two_members(self) -> bool:
        return len(Mode) == 2
""",
    ),
    "an alias in an enum, and auto()": (
        2 * 3,
        """
class Mode(Enum):
    OFF = 0
    ON = 1
    DISABLED = 0


class Colour(Enum):
    RED = auto()
    GREEN = auto()
    BLUE = auto()


class S(Spec):
    mode: Mode
    colour: Colour

    @invariant
    def names(self) -> bool:
        is_off = self.mode is Mode.OFF
        is_disabled = self.mode is Mode.DISABLED
        return is_off == is_disabled and len(Mode) == 2 and len(Colour) == 3
""",
    ),
    "scalarsets": (
        3,
        """
class S(Spec):
    owner: File | None = None

    @action
    def claim(self, file: File) -> None:
        require(self.owner is None)
        self.owner = file

    @action
    def release(self) -> None:
        require(self.owner is not None)
        self.owner = None

    @reachable
    def anyone(self) -> bool:
        return any(self.owner is file for file in File)
""",
    ),
    "ordered scalarsets": (
        3,
        """
class Cpu(Scalarset, size=3, symmetric=False, name="cpu"):
    pass


class S(Spec):
    first: Cpu

    @transition
    def falls(self, after: Self) -> bool:
        return after.first < self.first

    @action
    def lower(self, cpu: Cpu) -> None:
        require(cpu < self.first)
        self.first = cpu
""",
    ),
    "an optional integer": (
        6,
        """
class S(Spec):
    count: Refcount | None = None

    @action
    def start(self) -> None:
        require(self.count is None)
        self.count = 0

    @action
    def step(self) -> None:
        require(self.count is not None and self.count < 4)
        if self.count is not None:
            self.count += 1

    @invariant
    def small(self) -> bool:
        return self.count is None or self.count * 2 <= 8
""",
    ),
    "Optional[...] and a quoted annotation": (
        1 + 2 + 4,
        """
class S(Spec):
    phase: Optional[Phase] = None
    other: "Phase | None" = None

    @action
    def change(self, new: Phase) -> None:
        self.phase, self.other = new, self.phase
""",
    ),
    "sets": (
        4,
        """
class S(Spec):
    bound: set[Device] = set()

    @action
    def bind(self, dev: Device) -> None:
        require(dev not in self.bound)
        self.bound.add(dev)

    @action
    def unbind(self, dev: Device) -> None:
        require(dev in self.bound)
        self.bound.remove(dev)

    @action
    def unbind_all(self) -> None:
        self.bound.clear()

    @invariant
    def counted(self) -> bool:
        return len(self.bound) == sum(1 for dev in Device if dev in self.bound)
""",
    ),
    "operators on sets": (
        16,
        """
class S(Spec):
    a: set[Device]
    b: set[Device]

    @invariant
    def laws(self) -> bool:
        both, either = self.a & self.b, self.a | self.b
        return (
            both <= self.a <= either and (self.a - self.b) | both == self.a
            and self.a ^ self.b == either - both
            and self.a.issubset(either) and either.issuperset(self.b)
            and (self.a - self.b).isdisjoint(self.b)
            and (not both) == (len(both) == 0)
            and self.a.union(self.b) == either
            and self.a.intersection(self.b) == both
            and self.a.difference(self.b) == self.a - self.b
        )

    @action
    def merge(self) -> None:
        self.a |= self.b
        self.b -= self.a
        self.a &= set(Device)
""",
    ),
    "sets of tuples": (
        2**4,
        """
class S(Spec):
    pairs: set[tuple[Device, bool]] = set()

    @action
    def mark(self, dev: Device, flag: bool) -> None:
        self.pairs.add((dev, flag))

    @reachable
    def all_of_them(self) -> bool:
        return self.pairs == {(dev, flag) for dev in Device for flag in (True, False)}
""",
    ),
    "maps": (
        2**2,
        """
class S(Spec):
    phase: dict[Device, Phase] = {dev: Phase.IDLE for dev in Device}

    @action
    def change(self, dev: Device, new: Phase) -> None:
        self.phase[dev] = new

    @invariant
    def whole(self) -> bool:
        return (
            len(self.phase) == 2
            and all(dev in self.phase for dev in Device)
            and all(self.phase[dev] is phase for dev, phase in self.phase.items())
            and sum(p is Phase.BUSY for p in self.phase.values())
            == sum(self.phase[dev] is Phase.BUSY for dev in self.phase)
        )
""",
    ),
    "maps by tuples and by numbers": (
        2**4 * 2**2,
        """
class S(Spec):
    seen: dict[tuple[Device, bool], bool] = {
        (dev, flag): False for dev in Device for flag in (False, True)
    }
    used: dict[Annotated[int, range(0, 2)], bool] = {0: False, 1: False}

    @action
    def see(self, dev: Device, flag: bool) -> None:
        self.seen[dev, flag] = True

    @action
    def use(self, page: Annotated[int, range(0, 2)]) -> None:
        self.used[page] = not self.used[page]
""",
    ),
    "maps of sets": (
        4**2,
        """
class S(Spec):
    users: dict[Device, set[File]] = {dev: set() for dev in Device}

    @action
    def open(self, dev: Device, file: File) -> None:
        self.users[dev].add(file)

    @action
    def close_all(self, dev: Device) -> None:
        self.users[dev] = set()
""",
    ),
    "maps of maps": (
        2**4,
        """
class S(Spec):
    may: dict[Device, dict[File, bool]] = {
        dev: {file: False for file in File} for dev in Device
    }

    @action
    def allow(self, dev: Device, file: File) -> None:
        self.may[dev][file] = True
""",
    ),
    "defaults that are chosen": (
        2 * 2**2 * 3,
        """
class S(Spec):
    phase: Phase = choose(Phase)
    flags: dict[Device, bool] = {dev: choose(bool) for dev in Device}
    level: Refcount = choose(range(1, 4))
""",
    ),
    "an initial state that is finished by a method": (
        3,
        """
class S(Spec):
    one: File
    flags: dict[File, bool] = {file: False for file in File}

    @init
    def start(self) -> None:
        self.flags[self.one] = True
        if choose(bool):
            self.flags[choose(File)] = True
        require(self.one is self.one)
        self.one = choose(File)
        require(self.flags[self.one] and not all(self.flags[f] for f in File)
                or all(self.flags[f] for f in File) and self.is_first(self.one))

    def is_first(self, file: File) -> bool:
        for other in File:
            return other is file
        return False
""",
    ),
    "tuples": (
        4,
        """
class S(Spec):
    pair: tuple[bool, Phase] = (False, Phase.IDLE)

    @action
    def flip(self) -> None:
        flag, phase = self.pair
        self.pair = (not flag, phase)

    @action
    def change(self, new: Phase) -> None:
        self.pair = (self.pair[0], new)

    @invariant
    def sizes(self) -> bool:
        return len(self.pair) == 2 and self.pair[-1] is self.pair[1]
""",
    ),
    "dataclasses": (
        1 + 4,
        """
class S(Spec):
    entry: Entry | None = None

    @action
    def fill(self, dev: Device) -> None:
        self.entry = Entry(dev)

    @action
    def invalidate(self) -> None:
        entry = self.entry
        if entry is not None and entry.valid:
            self.entry = replace(entry, valid=False)

    @invariant
    def equal_by_value(self) -> bool:
        if self.entry is None:
            return True
        return self.entry == Entry(dev=self.entry.dev, valid=self.entry.valid)
""",
    ),
    "a dataclass in a dataclass": (
        2 * 2 * 3,
        """
@dataclass(frozen=True)
class Slot:
    entry: Entry
    owner: File | None = None


class S(Spec):
    slot: Slot

    @action
    def move(self, dev: Device) -> None:
        self.slot = replace(self.slot, entry=Entry(dev, self.slot.entry.valid))

    @action
    def give(self, file: File) -> None:
        self.slot = Slot(self.slot.entry, owner=file)
""",
    ),
    "queues": (
        1 + 2 + 4,
        """
class S(Spec):
    queue: Annotated[list[Device], Length(2)] = []

    @action
    def send(self, dev: Device) -> None:
        require(len(self.queue) < 2)
        self.queue.append(dev)

    @action
    def receive(self) -> None:
        require(bool(self.queue))
        first = self.queue[0]
        assert self.queue.pop(0) is first, "first in, first out"

    @invariant
    def members(self) -> bool:
        return all(dev in self.queue for dev in self.queue) and (
            not self.queue or self.queue.index(self.queue[0]) == 0
        )
""",
    ),
    "lists of dataclasses, changed in the middle": (
        1 + 4 + 16,
        """
Stack = Annotated[list[Entry], Length(2)]


class S(Spec):
    stack: Stack = []

    @action
    def push(self, dev: Device, valid: bool) -> None:
        require(len(self.stack) != 2)
        self.stack.insert(0, Entry(dev, valid))

    @action
    def invalidate(self) -> None:
        for index, entry in enumerate(self.stack):
            self.stack[index] = replace(entry, valid=False)

    @action
    def pop(self) -> None:
        require(len(self.stack) > 0)
        last = self.stack.pop()
        assert last not in self.stack or self.stack.count(last) == 1
""",
    ),
    "a mutex": (
        3,
        """
class S(Spec):
    mutex: Mutex
    refs: Annotated[int, range(0, 3)] = 0

    @process
    async def user(self, file: File) -> None:
        async with self.mutex:
            before = self.refs
            await preempt()
            assert self.mutex.locked()
            self.refs = before + 1

    @reachable
    def both(self) -> bool:
        return self.refs == 2 and not self.mutex.locked()
""",
    ),
    "the update that is lost without a mutex": (
        4,
        """
class S(Spec):
    refs: Annotated[int, range(0, 3)] = 0
    left: Annotated[int, range(0, 3)] = 2

    @process
    async def user(self, file: File) -> None:
        before = self.refs
        await preempt()
        self.refs = before + 1
        self.left -= 1

    @invariant
    def never_two_and_one(self) -> bool:
        return self.left + self.refs >= 1

    @reachable
    def lost(self) -> bool:
        return self.left == 0 and self.refs == 1

    @reachable
    def kept(self) -> bool:
        return self.left == 0 and self.refs == 2
""",
    ),
    "acquire and release": (
        2,
        """
class S(Spec):
    mutex: Mutex
    inside: Annotated[int, range(0, 2)] = 0

    @process(instances=2)
    async def user(self) -> None:
        await self.mutex.acquire()
        self.inside += 1
        await preempt()
        self.inside -= 1
        self.mutex.release()
""",
    ),
    "a lock for each member": (
        4,
        """
class S(Spec):
    locks: dict[Device, Mutex]
    inside: dict[Device, bool] = {dev: False for dev in Device}

    @process
    async def user(self, dev: Device, file: File) -> None:
        async with self.locks[dev]:
            assert not self.inside[dev]
            self.inside[dev] = True
            await preempt()
            self.inside[dev] = False
""",
    ),
    "readers and writers": (
        4,
        """
class S(Spec):
    rw: RWLock
    readers: Annotated[int, range(0, 3)] = 0
    writing: bool = False

    @process
    async def reader(self, file: File) -> None:
        async with self.rw.read():
            self.readers += 1
            await preempt()
            self.readers -= 1

    @process
    async def writer(self) -> None:
        async with self.rw.write():
            self.writing = True
            await preempt()
            self.writing = False

    @invariant
    def apart(self) -> bool:
        return not (self.readers > 0 and self.writing)
""",
    ),
    "a semaphore": (
        3,
        """
class S(Spec):
    slots: Semaphore = Semaphore(2)
    inside: Refcount = 0

    @process(instances=3)
    async def user(self) -> None:
        async with self.slots:
            self.inside += 1
            await preempt()
            self.inside -= 1

    @invariant
    def two(self) -> bool:
        return self.inside <= 2
""",
    ),
    "waiting": (
        4,
        """
class S(Spec):
    turn: Annotated[int, range(0, 4)] = 0

    @process
    async def ping(self) -> None:
        for number in (0, 2):
            await until(lambda: self.turn == number)
            self.turn += 1

    @process(daemon=True)
    async def pong(self) -> None:
        while True:
            await until(lambda: self.turn % 2 == 1 and self.turn < 3)
            self.turn += 1
""",
    ),
    "async helpers that give a value": (
        1 + 2 * 2,
        """
class Errno(Enum):
    OK = 0
    EBUSY = 16


class S(Spec):
    mutex: Mutex
    owner: File | None = None
    failed: bool = False

    async def claim(self, file: File) -> Errno:
        async with self.mutex:
            if self.owner is not None:
                return Errno.EBUSY
            self.owner = file
        return Errno.OK

    @process
    async def user(self, file: File) -> None:
        if await self.claim(file) is Errno.EBUSY:
            self.failed = True
            return
        await preempt()
        assert self.owner is file
""",
    ),
    "loops in a process": (
        4,
        """
class S(Spec):
    tries: Annotated[int, range(0, 4)] = 0

    @process
    async def retry(self) -> None:
        while self.tries < 10:
            await preempt()
            if self.tries == 3:
                break
            self.tries += 1
            if choose(bool):
                continue
            await preempt()
""",
    ),
    "loops in a helper": (
        3,
        """
class S(Spec):
    bound: set[Device] = set()
    last: Device | None = None

    def first_free(self) -> Device | None:
        for dev in Device:
            if dev in self.bound:
                continue
            return dev
        return None

    def count(self) -> int:
        total = 0
        for dev in Device:
            if dev in self.bound:
                total += 1
        return total

    @action
    def bind(self) -> None:
        require(self.count() < 2)
        found: Device | None = None
        for dev in Device:
            if dev not in self.bound:
                found = dev
                break
        assert found is self.first_free()
        if found is not None:
            self.bound.add(found)

    @invariant
    def in_order(self) -> bool:
        return self.count() == len(self.bound)
""",
    ),
    "counting in nested loops": (
        5,
        """
class S(Spec):
    pairs: Annotated[int, range(0, 5)] = 0

    @action
    def count(self) -> None:
        total = 0
        for one in Device:
            inner = 0
            for two in Device:
                if choose(bool):
                    inner += 1
                    continue
                if one is two and choose(bool):
                    break
            total = total + inner
        self.pairs = total
""",
    ),
    "parameters that are assigned": (
        5,
        """
Small = Annotated[int, range(0, 3)]


class S(Spec):
    refs: Refcount = 0
    left: Refcount = 0

    def capped(self, value: Refcount) -> Refcount:
        if value > 2:
            value = 2
        return value

    @process
    async def count(self, owner: File | None, most: Small) -> None:
        require(most == 2 and owner is not None)
        while most > 0:
            await preempt()
            most -= 1
            if owner is not None:
                owner = None
                self.left += 1
        self.refs = self.capped(4)

    @invariant
    def known(self) -> bool:
        return self.capped(1) == 1 and self.capped(3) == 2
""",
    ),
    "iterations": (
        1,
        """
class S(Spec):
    flag: bool = True

    @invariant
    def sums(self) -> bool:
        squares = [n * n for n in range(4)]
        back = [n for n in reversed(range(3))]
        return (
            sum(squares) == 14 and back[0] == 2 and len(back) == 3
            and sum(n for n in range(1, 10, 3)) == 12
            and sum(n for n in range(3, 0, -1)) == 6
            and sum(i * n for i, n in enumerate(squares)) == 36
            and {n % 2 for n in range(4)} == {0, 1}
            and max(n for n in squares) == 9 and 9 in squares and 5 not in squares
            and any(n == 2 for n in range(3)) and not all(n < 2 for n in range(3))
            and {n: n > 0 for n in range(2)} == {0: False, 1: True}
            and all(not flag or self.flag for flag in (True, False))
        )
""",
    ),
    "locals that are containers": (
        4,
        """
class S(Spec):
    bound: set[Device] = set()

    @action
    def choose_some(self) -> None:
        seen: set[Device] = set()
        order: Annotated[list[Device], Length(2)] = []
        for dev in Device:
            if choose(bool):
                seen.add(dev)
                order.append(dev)
        copy = set(seen)
        copy.clear()
        assert len(order) == len(seen) and not copy
        self.bound = seen
""",
    ),
    "choices": (
        1 + 2,
        """
class S(Spec):
    bound: set[Device] = {dev for dev in Device}
    last: Device | None = None

    @action
    def take(self) -> None:
        self.last = choose(self.bound)
        self.bound.discard(self.last)
        self.bound.discard(choose({dev for dev in Device if dev is not self.last}))

    @action
    def never(self) -> None:
        self.last = choose({dev for dev in Device if False})
""",
    ),
    "inheritance": (
        3,
        """
class Base(Spec):
    refs: Refcount = 4
    LIMIT = 2

    @action
    def get(self) -> None:
        require(self.may_get())
        self.refs += 1

    def may_get(self) -> bool:
        return self.refs < self.LIMIT

    @invariant
    def few(self) -> bool:
        return self.refs <= 4


class Middle(Base):
    refs = 0


class S(Middle):
    def may_get(self) -> bool:
        return super().may_get() and self.refs != 4

    @invariant
    def few(self) -> bool:
        return super().few() and self.refs <= 2
""",
    ),
    "two bases": (
        2 * 2,
        """
class Left(Spec):
    a: bool = False

    def note(self) -> None:
        self.a = True


class Right(Spec):
    b: bool = False

    def note(self) -> None:
        self.b = True


class S(Left, Right):
    @action
    def left(self) -> None:
        self.note()

    @action
    def right(self) -> None:
        self.b = True
""",
    ),
    "properties of every kind": (
        3,
        """
class S(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        self.refs += 1

    @constraint
    def small(self) -> bool:
        return self.refs < 2

    @transition
    def grows(self, after: Self) -> bool:
        return after.refs == self.refs + 1 and after.is_used() and self.is_less(after)

    @reachable(expect=HOLDS, because="it starts there")
    def unused(self) -> bool:
        return not self.is_used()

    def is_used(self) -> bool:
        return self.refs > 0

    def is_less(self, other: Self) -> bool:
        return self.refs < other.refs
""",
    ),
    "helpers of every kind": (
        2,
        """
def bounded(value: int, most: int = 1) -> int:
    return value if value < most else most


def is_even(value: Refcount) -> bool:
    return value % 2 == 0


class S(Spec):
    refs: Refcount = 0

    @property
    def is_used(self) -> bool:
        return self.refs > 0

    @staticmethod
    def twice(value: Annotated[int, range(0, 2)], *, offset: int = 0) -> int:
        return value * 2 + offset

    @action
    def get(self) -> None:
        self.refs = bounded(self.refs + 1)

    @invariant
    def works(self) -> bool:
        return (
            is_even(self.twice(self.refs)) and self.twice(1, offset=1) == 3
            and self.is_used == (self.refs == 1) and bounded(most=3, value=7) == 3
        )
""",
    ),
    "constants": (
        3,
        """
SIZE = len(Device) + 1
LAST = SIZE - 1
WAITING = (Phase.IDLE,)


class S(Spec):
    STEP: ClassVar[int] = 1
    TOP: Final = LAST
    refs: Annotated[int, range(0, SIZE)] = 0
    phase: Phase = WAITING[0]

    @action
    def get(self) -> None:
        require(self.refs < self.TOP and self.phase in WAITING)
        self.refs += S.STEP
""",
    ),
    "assume and assert": (
        3,
        """
class S(Spec):
    refs: Refcount = 0

    @action
    def get(self) -> None:
        assume(self.refs < 2)
        self.refs += 1
        assert self.refs <= 2, f"{self.refs} are too many"
""",
    ),
    "statements that do nothing": (
        1,
        """
class S(Spec):
    '''A docstring.'''

    flag: bool = False

    @action
    def nothing(self) -> None:
        '''Does nothing.'''

    @action
    def nothing_more(self) -> None:
        pass

    @action
    def to_be_written(self) -> None: ...


if __name__ == "__main__":
    print("not executed")
""",
    ),
}

WHOLE: dict[str, tuple[int, str]] = {
    "modules imported whole": (
        2 * 2,
        """
from __future__ import annotations

import dataclasses
import enum
import typing

import modelcheck
from modelcheck import Spec


class Device(modelcheck.Scalarset, size=2):
    pass


class Phase(enum.Enum):
    IDLE = enum.auto()
    BUSY = enum.auto()


@dataclasses.dataclass(frozen=True)
class Pair:
    dev: Device
    phase: Phase


class S(Spec):
    pair: Pair

    @modelcheck.action
    def change(self, refs: typing.Annotated[int, range(2)]) -> None:
        modelcheck.require(refs == 0)
        self.pair = dataclasses.replace(self.pair, phase=Phase.BUSY)
""",
    ),
    "names imported under other names": (
        2,
        """
from typing import TYPE_CHECKING

from modelcheck import Scalarset as Symmetric
from modelcheck import Spec as Specification
from modelcheck import action as atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["S"]


class Device(Symmetric, size=2):
    pass


class S(Specification):
    dev: Device

    @atomic
    def change(self, dev: Device) -> None:
        self.dev = dev
""",
    ),
}
TEXTS = {name: (count, PRELUDE + text) for name, (count, text) in SNIPPETS.items()}
TEXTS |= WHOLE


class Search:
    """All states of a model, and what its properties say of them."""

    def __init__(self, model: Model) -> None:
        self.interpreter = Interpreter(model)
        self.model = model
        self.failed: set[str] = set()
        self.reached: set[str] = set()
        self.seen: set[State] = set()
        self._run()

    def _run(self) -> None:
        frontier = self.interpreter.initial()
        while frontier:
            state = frontier.pop()
            if state in self.seen:
                continue
            self.seen.add(state)
            self._look(state)
            if self.interpreter.is_inside(state):
                frontier.extend(self._after(state))

    def _after(self, state: State) -> list[State]:
        found = []
        for outcome in self.interpreter.successors(state):
            if outcome.failed is not None:
                self.failed.add(outcome.failed.message)
            if outcome.state is not None:
                self._compare(state, outcome.state)
                found.append(outcome.state)
        return found

    def _look(self, state: State) -> None:
        for prop in self.model.properties:
            if prop.kind is Kind.INVARIANT and not self.interpreter.holds(prop, state):
                self.failed.add(prop.name)
            if prop.kind is Kind.REACHABLE and self.interpreter.holds(prop, state):
                self.reached.add(prop.name)

    def _compare(self, state: State, after: State) -> None:
        transitions = (p for p in self.model.properties if p.kind is Kind.TRANSITION)
        for prop in transitions:
            if not self.interpreter.holds(prop, state, after):
                self.failed.add(prop.name)

    def values(self) -> set[tuple[int, ...]]:
        """The different values of the declared variables, locks left out."""
        cells = [
            index
            for variable in self.model.variables
            if variable.role is Role.STATE
            for index in variable.cells.leaves()
        ]
        return {tuple(state[index] for index in cells) for state in self.seen}


@pytest.mark.parametrize("name", TEXTS)
def test_snippet(name: str, tmp_path: Path) -> None:
    count, text = TEXTS[name]
    path = tmp_path / "spec.py"
    path.write_text(text, encoding="utf-8")
    search = Search(read_spec(f"{path}::S"))
    goals = {p.name for p in search.model.properties if p.kind is Kind.REACHABLE}
    assert not search.failed
    assert search.reached == goals
    assert len(search.values()) == count


def test_mypy_accepts_the_snippets(tmp_path: Path) -> None:
    for number, (_, text) in enumerate(TEXTS.values()):
        path = tmp_path / f"snippet{number}.py"
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "."],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
