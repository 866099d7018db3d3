from collections.abc import Sequence
from typing import TypeVar

import pytest

from modelcheck.language import (
    Mutex,
    RWLock,
    Semaphore,
    Spec,
    action,
    preempt,
    process,
)
from modelcheck.language.errors import OutsideWorldError, SpecDefinitionError
from modelcheck.language.outcomes import (
    Disabled,
    Move,
    StepViolation,
    Taken,
    ViolationKind,
)
from modelcheck.language.scheduler import World
from modelcheck.language.suspension import PauseKind

T = TypeVar("T")


def first(options: Sequence[T]) -> T:
    return options[0]


def run(world: World[Spec], *actors: str) -> None:
    for actor in actors:
        assert isinstance(world.take(Move(actor)), Taken), actor


def enabled(world: World[Spec]) -> list[str]:
    return [move.actor for move in world.enabled()]


class TwoSections(Spec):
    mutex: Mutex
    inside: bool = False

    @process(instances=2)
    async def worker(self) -> None:
        async with self.mutex:
            self.inside = True
            await preempt()
            self.inside = False


def test_a_mutex_has_one_holder_and_two_preemption_points() -> None:
    world: World[Spec] = World(TwoSections, first)
    run(world, "worker#0", "worker#1")
    assert world.where("worker#0").kind is PauseKind.ACQUIRE
    assert world.where("worker#0").waits_for == "mutex"
    assert world.snapshot() == {"mutex": None, "inside": False}
    run(world, "worker#0")
    assert world.snapshot() == {"mutex": "worker#0", "inside": True}
    assert enabled(world) == ["worker#0"]
    assert isinstance(world.take(Move("worker#1")), Disabled)
    run(world, "worker#0")
    assert world.where("worker#0").kind is PauseKind.LEAVE
    assert world.snapshot() == {"mutex": None, "inside": False}
    assert enabled(world) == ["worker#0", "worker#1"]
    run(world, "worker#0")
    assert world.done("worker#0")
    assert not world.done("worker#1")
    run(world, "worker#1", "worker#1", "worker#1")
    assert world.enabled() == []


class Misuse(Spec):
    mutex: Mutex
    slots: Semaphore = Semaphore(1)

    @process
    async def holder(self) -> None:
        await self.mutex.acquire()
        assert self.mutex.locked()
        await preempt()
        self.mutex.release()
        assert not self.mutex.locked()

    @process
    async def twice(self) -> None:
        await self.mutex.acquire()
        await self.mutex.acquire()

    @action
    def steal(self) -> None:
        self.mutex.release()

    @action
    def give(self) -> None:
        self.slots.release()


def test_acquiring_twice_blocks_for_ever() -> None:
    world: World[Spec] = World(Misuse, first)
    run(world, "twice", "twice")
    assert world.snapshot()["mutex"] == "twice"
    assert "twice" not in enabled(world)


def test_releasing_what_one_does_not_hold_is_a_violation() -> None:
    world: World[Spec] = World(Misuse, first)
    run(world, "holder", "holder")
    result = world.take(Move("steal"))
    assert isinstance(result, StepViolation)
    assert result.kind is ViolationKind.LOCK
    assert result.message == "steal releases mutex, which holder holds"
    assert world.snapshot()["mutex"] == "holder"
    run(world, "holder")
    assert world.done("holder")


def test_releasing_a_free_semaphore_is_a_violation() -> None:
    result = World(Misuse, first).take(Move("give"))
    assert isinstance(result, StepViolation)
    assert result.message == "give releases slots, but all its 1 permits are free"


class Crossed(Spec):
    a: Mutex
    b: Mutex

    @process
    async def forth(self) -> None:
        async with self.a, self.b:
            pass

    @process
    async def back(self) -> None:
        async with self.b, self.a:
            pass


def test_a_deadlock_shows_as_no_enabled_move() -> None:
    world: World[Spec] = World(Crossed, first)
    run(world, "forth", "back", "forth", "back")
    assert world.enabled() == []
    assert world.snapshot() == {"a": "forth", "b": "back"}
    assert world.where("forth").waits_for == "b"
    assert world.where("back").waits_for == "a"


class Shared(Spec):
    rw: RWLock

    @process(instances=2)
    async def reader(self) -> None:
        async with self.rw.read():
            await preempt()

    @process
    async def writer(self) -> None:
        async with self.rw.write():
            await preempt()

    @process
    async def upgrader(self) -> None:
        async with self.rw.read(), self.rw.write():
            pass


def test_a_rwlock_has_many_readers_or_one_writer() -> None:
    world: World[Spec] = World(Shared, first)
    run(world, "reader#0", "reader#1", "writer", "reader#0", "reader#1")
    readers = frozenset({"reader#0", "reader#1"})
    assert world.snapshot() == {"rw": (None, readers)}
    assert "writer" not in enabled(world)
    assert world.where("writer").waits_for == "rw.write()"
    run(world, "reader#0", "reader#0", "reader#1", "writer")
    assert world.snapshot() == {"rw": ("writer", frozenset())}
    run(world, "writer")
    assert world.snapshot() == {"rw": (None, frozenset())}


def test_taking_the_other_side_too_blocks_for_ever() -> None:
    world: World[Spec] = World(Shared, first)
    run(world, "upgrader", "upgrader")
    assert world.snapshot() == {"rw": (None, frozenset({"upgrader"}))}
    assert "upgrader" not in enabled(world)


class Pool(Spec):
    slots: Semaphore = Semaphore(2)

    @process(instances=3)
    async def user(self) -> None:
        async with self.slots:
            await preempt()


def test_a_semaphore_counts_permits() -> None:
    world = World(Pool, first)
    everybody = ("user#0", "user#1", "user#2")
    run(world, *everybody, "user#0", "user#1")
    assert world.snapshot() == {"slots": 0}
    assert world.spec.slots.locked()
    assert enabled(world) == ["user#0", "user#1"]
    run(world, "user#0")
    assert world.snapshot() == {"slots": 1}
    assert enabled(world) == list(everybody)


class PerGroup(Spec):
    locks: dict[bool, Mutex]

    @process
    async def user(self, side: bool) -> None:
        async with self.locks[side]:
            await preempt()


def test_locks_can_stand_in_a_map() -> None:
    world: World[Spec] = World(PerGroup, first)
    run(world, "user(True)", "user(True)")
    assert world.snapshot() == {"locks": {False: None, True: "user(True)"}}
    assert world.where("user(True)").kind is PauseKind.PREEMPT


def test_a_semaphore_has_a_permit() -> None:
    with pytest.raises(SpecDefinitionError, match="at least one"):
        Semaphore(0)


def test_locks_need_a_running_world() -> None:
    spec = TwoSections()
    with pytest.raises(OutsideWorldError, match=r"Mutex\.release"):
        spec.mutex.release()
    waiting = spec.mutex.acquire()
    with pytest.raises(OutsideWorldError, match=r"Mutex\.acquire"):
        waiting.send(None)
