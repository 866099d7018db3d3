# Class attributes of a spec are its state variables, not shared defaults.
# ruff: noqa: RUF012

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import pytest

from modelcheck.language import (
    Mutex,
    Scalarset,
    Spec,
    action,
    choose,
    init,
    invariant,
    preempt,
    process,
    require,
    until,
)
from modelcheck.language.errors import (
    LanguageError,
    ReplayError,
    SpecDefinitionError,
    StepDisabled,
)
from modelcheck.language.outcomes import (
    Disabled,
    Move,
    StepFailed,
    Taken,
    Where,
)
from modelcheck.language.scheduler import World
from modelcheck.language.suspension import PauseKind

T = TypeVar("T")
HERE = Path(__file__)


class Device(Scalarset, size=2):
    pass


class Mode(Enum):
    OFF = 0
    ON = 1


DEV0, DEV1 = Device
Small = Annotated[int, range(3)]


def first(options: Sequence[T]) -> T:
    return options[0]


def last(options: Sequence[T]) -> T:
    return options[-1]


def line_of(text: str) -> int:
    lines = HERE.read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.strip() == text)


def take(world: World[Spec], *actors: str) -> None:
    for actor in actors:
        assert isinstance(world.take(Move(actor)), Taken), actor


def enabled(world: World[Spec]) -> list[str]:
    return [move.actor for move in world.enabled()]


@dataclass(frozen=True)
class Request:
    dev: Device
    urgent: bool


class Actors(Spec):
    bound: set[Device] = set()

    @action
    def unplug(self, dev: Device) -> None:
        require(dev in self.bound)

    @action
    def mode(self, mode: Mode, dev: Device | None) -> None:
        pass

    @action
    def count(self, count: Small) -> None:
        pass

    @action
    def ask(self, request: Request) -> None:
        pass

    @action
    def several(self, devs: frozenset[Device], pair: tuple[bool]) -> None:
        pass

    @action
    def grow(self, more: set[bool]) -> None:
        more.add(True)

    @process
    async def core(self, dev: Device) -> None:
        pass

    @process(instances=2)
    async def worker(self, on: bool) -> None:
        pass


def test_actors_are_all_combinations_of_arguments() -> None:
    assert World(Actors, first).actors == (
        "unplug(dev0)",
        "unplug(dev1)",
        "mode(OFF, None)",
        "mode(OFF, dev0)",
        "mode(OFF, dev1)",
        "mode(ON, None)",
        "mode(ON, dev0)",
        "mode(ON, dev1)",
        "count(0)",
        "count(1)",
        "count(2)",
        "ask(Request(dev=dev0, urgent=False))",
        "ask(Request(dev=dev0, urgent=True))",
        "ask(Request(dev=dev1, urgent=False))",
        "ask(Request(dev=dev1, urgent=True))",
        "several({}, (False,))",
        "several({}, (True,))",
        "several({dev0}, (False,))",
        "several({dev0}, (True,))",
        "several({dev1}, (False,))",
        "several({dev1}, (True,))",
        "several({dev0, dev1}, (False,))",
        "several({dev0, dev1}, (True,))",
        "grow({})",
        "grow({False})",
        "grow({True})",
        "grow({False, True})",
        "core(dev0)",
        "core(dev1)",
        "worker(False)#0",
        "worker(False)#1",
        "worker(True)#0",
        "worker(True)#1",
    )


def test_an_argument_is_fresh_in_each_call() -> None:
    world: World[Spec] = World(Actors, first)
    take(world, "grow({})")
    assert world.actor("grow({})").arguments == (frozenset(),)


def test_an_unknown_actor_is_named() -> None:
    with pytest.raises(LanguageError, match="no actor is called 'nobody'"):
        World(Actors, first).take(Move("nobody"))


class Unbounded(Spec):
    @action
    def count(self, count: int) -> None:
        pass


def test_a_parameter_needs_a_finite_type() -> None:
    with pytest.raises(SpecDefinitionError, match=r"Unbounded\.count, count: int"):
        World(Unbounded, first)


def test_a_process_has_an_instance() -> None:
    with pytest.raises(SpecDefinitionError, match="at least one"):
        process(instances=0)


class Places(Spec):
    cnt: Small = 0
    mutex: Mutex

    async def helper(self) -> None:
        await preempt()  # inner

    @process
    async def walk(self) -> None:
        self.cnt = 1  # starts
        await self.helper()  # outer
        await until(lambda: self.cnt == 2)  # waits
        async with self.mutex:  # locks
            self.cnt = 0

    @action
    def bump(self) -> None:
        require(self.cnt == 1)
        self.cnt = 2


def test_a_process_says_where_it_is() -> None:
    world: World[Spec] = World(Places, first)
    file = str(HERE)

    def place(text: str) -> tuple[str, int]:
        return file, line_of(text)

    start = place("self.cnt = 1  # starts")
    assert world.where("walk") == Where(PauseKind.START, (start,))
    take(world, "walk")
    chain = (place("await self.helper()  # outer"), place("await preempt()  # inner"))
    assert world.where("walk") == Where(PauseKind.PREEMPT, chain)
    assert world.snapshot()["cnt"] == 1
    take(world, "walk")
    waits = place("await until(lambda: self.cnt == 2)  # waits")
    assert world.where("walk") == Where(PauseKind.UNTIL, (waits,))
    assert enabled(world) == ["bump"]
    take(world, "bump", "walk")
    locks = place("async with self.mutex:  # locks")
    assert world.where("walk") == Where(PauseKind.ACQUIRE, (locks,), "mutex")
    take(world, "walk")
    assert world.where("walk") == Where(PauseKind.LEAVE, (locks,))
    take(world, "walk")
    assert world.where("walk") == Where(PauseKind.DONE)
    assert world.done("walk")
    assert not world.done("bump")
    assert world.enabled() == []
    with pytest.raises(LanguageError, match="is an action"):
        world.where("bump")


class Undone(Spec):
    cnt: Small = 0
    ghost: set[bool] = set()
    gate: bool = False
    mutex: Mutex

    @process
    async def walk(self) -> None:
        local = 0
        async with self.mutex:
            local += 1
            await preempt()
            self.cnt = local
            self.ghost.add(choose(bool))
        self.mutex.locked()
        self.cnt = 2
        require(self.gate)
        await preempt()

    @process
    async def early(self) -> None:
        self.cnt = 2
        require(self.gate)

    @action
    def open(self) -> None:
        require(not self.gate)
        self.gate = True

    @action
    def late(self) -> None:
        self.ghost.add(True)
        self.cnt = choose({1, 2})
        require(self.cnt == 2 and self.gate)


def test_a_failing_require_undoes_the_step_of_a_process() -> None:
    world: World[Spec] = World(Undone, last)
    take(world, "walk", "walk", "walk")
    before = world.snapshot()
    assert before == {"cnt": 1, "ghost": {True}, "gate": False, "mutex": None}
    where = world.where("walk")
    result = world.take(Move("walk"))
    assert isinstance(result, Disabled)
    assert "require" in result.reason
    assert world.snapshot() == before
    assert world.where("walk") == where
    assert not world.try_take(Move("walk"))
    take(world, "open", "walk")
    assert world.snapshot()["cnt"] == 2
    assert world.where("walk").kind is PauseKind.PREEMPT
    take(world, "walk")
    assert world.done("walk")


def test_a_failing_require_in_the_first_step_starts_over() -> None:
    world: World[Spec] = World(Undone, first)
    assert "early" in enabled(world)
    assert not world.try_take(Move("early"))
    assert world.snapshot()["cnt"] == 0
    assert world.where("early").kind is PauseKind.START
    take(world, "open", "early")
    assert world.done("early")


def test_a_failing_require_undoes_an_action() -> None:
    world: World[Spec] = World(Undone, first)
    before = world.snapshot()
    bound = vars(world.spec)["ghost"]
    result = world.take(Move("late"))
    assert isinstance(result, Disabled)
    assert [choice.value for choice in result.choices] == [1]
    assert world.snapshot() == before
    assert vars(world.spec)["ghost"] is bound
    assert enabled(world) == ["walk", "early", "open"]
    take(world, "open")
    assert "late" in enabled(world)
    assert not world.try_take(Move("late"))
    assert isinstance(world.take(Move("late"), [1]), Taken)
    assert world.snapshot()["cnt"] == 2


def test_branches_try_every_choice_and_change_nothing() -> None:
    world: World[Spec] = World(Undone, first)
    take(world, "walk", "walk", "open")
    before = (world.snapshot(), world.where("walk"), world.history)
    branches = list(world.branches(Move("walk")))
    assert [branch.state and branch.state["ghost"] for branch in branches] == [
        {False},
        {True},
    ]
    late = list(world.branches(Move("late")))
    assert [type(branch.result) for branch in late] == [Disabled, Taken]
    assert (world.snapshot(), world.where("walk"), world.history) == before


class Alias(Spec):
    bound: set[bool] = set()
    cnt: Small = 0

    @process
    async def keep(self) -> None:
        mine = self.bound
        await preempt()
        mine.add(True)

    @action
    def fail(self) -> None:
        self.bound = {False}
        require(self.cnt == 1)


def test_undoing_an_action_keeps_what_processes_refer_to() -> None:
    world: World[Spec] = World(Alias, first)
    take(world, "keep")
    assert not world.try_take(Move("fail"))
    take(world, "keep")
    assert world.snapshot()["bound"] == {True}


class Choosing(Spec):
    free: set[Device] = {DEV1}
    picked: Device | None = None

    @action
    def pick(self) -> None:
        self.picked = choose(self.free)
        self.free.remove(self.picked)


def test_an_empty_choice_disables_the_step() -> None:
    world: World[Spec] = World(Choosing, first)
    take(world, "pick")
    assert world.snapshot() == {"free": frozenset(), "picked": DEV1}
    assert world.enabled() == []
    result = world.take(Move("pick"))
    assert isinstance(result, Disabled)
    assert "nothing to choose" in result.reason


def test_a_chooser_must_answer_with_an_option() -> None:
    world: World[Spec] = World(Choosing, first)

    def stranger(_options: Sequence[T]) -> T:
        return DEV0  # type: ignore[return-value]

    world = World(Choosing, stranger)
    with pytest.raises(LanguageError, match="which is none of"):
        world.take(Move("pick"))


def test_a_script_must_fit() -> None:
    with pytest.raises(ReplayError, match="choice 3 of only 1"):
        World(Choosing, first).take(Move("pick"), [3])


class Started(Spec):
    cnt: Small
    size: Small = 0

    @init
    def start(self) -> None:
        require(self.cnt > 0)
        self.size = choose({self.cnt, 0})
        assert self.size != 2, "too large"

    @invariant
    def small(self) -> bool:
        assert self.cnt == 1, "looked at"
        return self.cnt == self.size


def test_init_finishes_the_initial_state() -> None:
    with pytest.raises(StepDisabled, match="require"):
        World(Started, first)
    with pytest.raises(StepFailed, match="too large"):
        World(Started, last)

    def middle(options: Sequence[T]) -> T:
        return options[1]

    world = World(Started, middle)
    assert world.snapshot() == {"cnt": 1, "size": 1}
    assert [choice.value for choice in world.initial_choices] == [1, 1]
    assert world.holds("small")
    world.spec.cnt = 2
    with pytest.raises(StepFailed, match="looked at"):
        world.holds("small")


class TwoStarts(Started):
    @init
    def again(self) -> None:
        pass


def test_there_is_one_init() -> None:
    with pytest.raises(SpecDefinitionError, match="start and again"):
        World(TwoStarts, last)


def test_a_long_history_is_rebuilt_exactly() -> None:
    world: World[Spec] = World(Undone, first)
    take(world, "walk", "walk", "walk")
    for _ in range(3):
        assert not world.try_take(Move("walk"))
    assert [step.move.actor for step in world.history] == ["walk"] * 3
    world.close()
