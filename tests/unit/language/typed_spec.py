"""A spec that uses every name of the language; type checkers judge it."""

# Class attributes of a spec are its state variables, not shared defaults.
# ruff: noqa: RUF012

from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, ClassVar, Final, Self, assert_type

from modelcheck import (
    HOLDS,
    VIOLATED,
    Formula,
    Length,
    Mutex,
    RWLock,
    Scalarset,
    Semaphore,
    Spec,
    action,
    always,
    assume,
    choose,
    constraint,
    eventually,
    every,
    fairness,
    implies,
    init,
    invariant,
    leads_to,
    next_state,
    preempt,
    process,
    reachable,
    require,
    some,
    temporal,
    transition,
    until,
)


class Device(Scalarset, size=2):
    """A device of the group."""


class File(Scalarset, size=2, symmetric=False, name="fd"):
    """An open file."""


class Errno(Enum):
    """What a call returns."""

    OK = 0
    EBUSY = 16


class Domain(Enum):
    """What the hardware uses."""

    DEF = 0
    BLOCKED = 1


Refcount = Annotated[int, range(5)]


@dataclass(frozen=True)
class Request:
    """A device and what it asks for."""

    dev: Device
    urgent: bool


class Ownership(Spec):
    """Every kind of state variable, statement and property."""

    LIMIT: ClassVar[int] = 3
    TOP: Final = 4

    mutex: Mutex
    rw: RWLock
    slots: Semaphore = Semaphore(2)
    cnt: Refcount = 0
    owner: File | None = None
    hw: dict[Device, Domain] = dict.fromkeys(Device, Domain.DEF)
    bound: set[Device] = set()
    queue: Annotated[list[Device], Length(3)] = []
    errno: Errno = choose(Errno)
    flags: dict[Device, bool] = {d: choose(bool) for d in Device}
    pair: tuple[Device, bool] = (choose(Device), False)
    request: Request
    first: Device

    @init
    def start(self) -> None:
        """Finish the initial state."""
        require(len(Device) == 2)
        self.cnt = choose(range(3))

    async def use_dma_api(self, dev: Device) -> Errno:
        """Claim the group."""
        async with self.mutex:
            if choose(bool):
                return Errno.EBUSY
            self.bound.add(dev)
        return Errno.OK

    @process
    async def driver_core(self, dev: Device) -> None:
        """Bind and unbind for ever."""
        while True:
            if await self.use_dma_api(dev) is Errno.OK:
                await preempt()
                await until(lambda: self.cnt == 0)
            async with self.rw.read():
                assert not self.rw.locked() or self.cnt < 5, "counted too far"
            async with self.rw.write(), self.slots:
                self.owner = choose({f for f in File if f is not self.owner})
            await self.mutex.acquire()
            self.mutex.release()

    @process(daemon=True, instances=2, fair="weak")
    async def worker(self) -> None:
        """Choose from everything."""
        await self.driver_core(next(iter(Device)))
        assert_type(choose(range(3)), int)
        assert_type(choose(Device), Device)
        assert_type(choose(bool), bool)
        assert_type(choose(Errno), Errno)
        assert_type(choose({d for d in Device if d not in self.bound}), Device)
        assert_type(choose(self.bound), Device)
        assert_type(self.owner, File | None)

    @action
    def hot_unplug(self, dev: Device, count: Refcount) -> None:
        """Lose a device."""
        require(dev not in self.bound)
        self.queue.append(dev)
        self.cnt = count

    @action(fair="strong")
    def drop(self) -> None:
        """Call an action as a plain method, by keyword."""
        assume(len(self.queue) < 3)
        self.request = replace(self.request, urgent=True)
        self.hot_unplug(dev=choose(Device), count=0)

    @property
    def is_free(self) -> bool:
        """Whether nobody owns the group."""
        return self.owner is None

    @staticmethod
    def both(left: bool, right: bool) -> bool:
        """A pure helper."""
        return left and right

    @invariant
    def all_bound(self) -> bool:
        """A plain invariant."""
        return all(d in self.bound for d in Device)

    @invariant(expect=VIOLATED, because="the group is free at first")
    def owned(self) -> bool:
        """A known flaw."""
        return self.both(self.all_bound(), not self.is_free)

    @reachable
    def blocked(self) -> bool:
        """A plain witness."""
        return any(self.hw[d] is Domain.BLOCKED for d in Device)

    @reachable(expect=HOLDS)
    def still_blocked(self) -> bool:
        """A witness with a verdict."""
        return self.blocked()

    @transition
    def grows(self, after: Self) -> bool:
        """A plain transition property."""
        return self.cnt <= after.cnt

    @transition(expect=VIOLATED, because="it is bounded")
    def always_grows(self, after: Self) -> bool:
        """A transition property with a verdict."""
        return self.grows(after) and self.cnt < after.cnt

    @constraint
    def small(self) -> bool:
        """Bound the search."""
        return self.cnt < self.LIMIT

    @temporal
    def some_day(self) -> Formula:
        """Every operator."""
        assert_type(until(self.is_free, always(self.is_free)), Formula)
        quiet = implies(self.is_free, next_state(not self.is_free) | self.blocked())
        settled = every(leads_to(d in self.bound, self.settles(d)) for d in Device)
        return ~quiet & settled | (self.cnt == 0) & some(
            self.settles(d) for d in Device
        )

    @temporal(expect=VIOLATED, because="nobody has to be bound")
    def settled(self) -> Formula:
        """A known flaw."""
        return some(eventually(d in self.bound) for d in Device)

    def settles(self, dev: Device) -> Formula:
        """A helper that makes a part of a formula."""
        return until(dev not in self.bound, always(dev in self.bound))

    @fairness("strong", of="driver_core")
    def probe_succeeds(self, after: Self, dev: Device) -> bool:
        """A branch that is not put off for ever."""
        return dev in after.bound and dev not in self.bound

    @fairness("weak")
    def moves(self, after: Self) -> bool:
        """A kind of transition, whoever takes it."""
        return self.cnt != after.cnt


class Proposal(Ownership):
    """Overrides and calls what it inherits."""

    @process
    async def driver_core(self, dev: Device) -> None:
        """Bind more carefully."""
        await super().driver_core(dev)

    @action
    def hot_unplug(self, dev: Device, count: Refcount) -> None:
        """Lose a device, with a check first."""
        super().hot_unplug(dev, count)

    @invariant
    def all_bound(self) -> bool:
        """Refine an invariant."""
        return super().all_bound()
