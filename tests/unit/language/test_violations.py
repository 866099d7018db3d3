# Class attributes of a spec are its state variables, not shared defaults.
# ruff: noqa: RUF012

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import pytest

from modelcheck.language import (
    Length,
    Mutex,
    Scalarset,
    Spec,
    action,
    assume,
    choose,
    preempt,
    process,
    require,
    until,
)
from modelcheck.language.errors import (
    LanguageError,
    OutsideWorldError,
    ReplayError,
    SpecDefinitionError,
)
from modelcheck.language.outcomes import (
    Move,
    StepFailed,
    StepViolation,
    Taken,
    ViolationKind,
)
from modelcheck.language.scheduler import World
from modelcheck.language.suspension import PauseKind

T = TypeVar("T")
HERE = Path(__file__)


class Device(Scalarset, size=2):
    pass


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


class Faulty(Spec):
    cnt: Small = 0
    zero: Small = 0
    owner: Device | None = None
    hw: dict[Device, bool] = dict.fromkeys(Device, False)
    queue: Annotated[list[Device], Length(1)] = []

    def deeper(self) -> None:
        assert self.cnt == 2, "too deep"

    @action
    def assertion(self) -> None:
        self.cnt = 1
        self.deeper()

    @action
    def silent(self) -> None:
        raise AssertionError  # pytest would give an `assert` here words

    @action
    def division(self) -> None:
        self.cnt = 1 // self.zero

    @action
    def key(self) -> None:
        self.hw[self.owner] = self.hw[self.owner]  # type: ignore[index]

    @action
    def index(self) -> None:
        self.queue.pop(0)

    @action
    def range(self) -> None:
        self.cnt += 3

    @action
    def full(self) -> None:
        self.queue.append(DEV0)
        self.queue.append(DEV1)  # full

    @process
    async def condition(self) -> None:
        await until(lambda: 1 // self.zero == 1)

    @process
    async def midway(self) -> None:
        self.cnt = 1
        await preempt()
        self.cnt = 2
        raise AssertionError


@pytest.mark.parametrize(
    ("actor", "kind", "message", "text"),
    [
        ("assertion", "ASSERTION", "too deep", 'assert self.cnt == 2, "too deep"'),
        (
            "silent",
            "ASSERTION",
            "assertion failed",
            "raise AssertionError  # pytest would give an `assert` here words",
        ),
        ("division", "DIVISION", "by zero", "self.cnt = 1 // self.zero"),
        ("index", "INDEX", "pop from empty list", "self.queue.pop(0)"),
        ("range", "RANGE", "cnt: 3 is not in", "self.cnt += 3"),
        ("full", "RANGE", "queue: 2 elements", "self.queue.append(DEV1)  # full"),
    ],
)
def test_a_fault_is_a_violation_with_its_place(
    actor: str, kind: str, message: str, text: str
) -> None:
    world: World[Spec] = World(Faulty, first)
    before = world.snapshot()
    result = world.take(Move(actor))
    assert isinstance(result, StepViolation)
    assert result.kind is ViolationKind[kind]
    assert message in result.message
    assert (result.file, result.line) == (str(HERE), line_of(text))
    assert world.snapshot() == before
    assert Move(actor) in world.enabled()


def test_a_missing_key_is_a_violation() -> None:
    world: World[Spec] = World(Faulty, first)
    result = world.take(Move("key"))
    assert isinstance(result, StepViolation)
    assert (result.kind, result.message) == (ViolationKind.KEY, "no such element: None")


def test_a_violation_shows_the_state_in_which_it_happened() -> None:
    world: World[Spec] = World(Faulty, first)
    take(world, "midway")
    result = world.take(Move("midway"))
    assert isinstance(result, StepViolation)
    assert result.state["cnt"] == 2
    assert world.snapshot()["cnt"] == 1
    assert world.where("midway").kind is PauseKind.PREEMPT
    with pytest.raises(StepFailed, match="assertion failed"):
        world.try_take(Move("midway"))


def test_a_fault_in_a_condition_is_a_violation_too() -> None:
    world: World[Spec] = World(Faulty, first)
    take(world, "condition")
    assert Move("condition") in world.enabled()
    result = world.take(Move("condition"))
    assert isinstance(result, StepViolation)
    assert result.kind is ViolationKind.DIVISION
    assert world.where("condition").kind is PauseKind.UNTIL


class HeldWhenBroken(Spec):
    mutex: Mutex

    @process
    async def walk(self) -> None:
        async with self.mutex:
            raise AssertionError


def test_locks_are_shown_held_where_a_step_broke() -> None:
    world: World[Spec] = World(HeldWhenBroken, first)
    take(world, "walk")
    result = world.take(Move("walk"))
    assert isinstance(result, StepViolation)
    assert result.state == {"mutex": "walk"}
    assert world.snapshot() == {"mutex": None}


class Foreign(Spec):
    @process  # type: ignore[type-var]
    def plain(self) -> None:
        pass

    @process
    async def stranger(self) -> None:
        await Elsewhere()

    @process
    async def never(self) -> None:
        await until(True)  # type: ignore[arg-type]

    @action
    def crash(self) -> None:
        message = "crash"
        raise LookupError(message)

    @action
    def numbers(self) -> None:
        choose([1, 2])  # type: ignore[call-overload]


class Elsewhere:
    def __await__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        yield "somewhere else"


@pytest.mark.parametrize(
    ("actor", "error", "message"),
    [
        ("plain", SpecDefinitionError, "is an `async def`"),
        ("stranger", LanguageError, "awaits something"),
        ("never", LanguageError, "takes a function"),
        ("crash", LookupError, "crash"),
        ("numbers", LanguageError, "choose from bool"),
    ],
)
def test_errors_in_the_code_come_through(
    actor: str, error: type[Exception], message: str
) -> None:
    world: World[Spec] = World(Foreign, first)
    with pytest.raises(error, match=message):
        world.take(Move(actor))
    assert world.history == ()


class Conditions(Spec):
    flag: bool = False

    @process
    async def guess(self) -> None:
        await until(lambda: choose(bool))


def test_a_condition_does_not_choose() -> None:
    world: World[Spec] = World(Conditions, first)
    take(world, "guess")
    with pytest.raises(LanguageError, match="no place in the condition"):
        world.enabled()


COUNTER = iter(range(100))


class Impure(Spec):
    flag: bool = False

    @process
    async def walk(self) -> None:
        if next(COUNTER) == 0:
            choose(bool)
        await preempt()
        require(self.flag)


def test_a_spec_that_is_not_deterministic_is_noticed() -> None:
    world: World[Spec] = World(Impure, first)
    take(world, "walk")
    with pytest.raises(ReplayError, match="other choices than before"):
        world.take(Move("walk"))


def outside_choose() -> None:
    choose(bool)


def outside_require() -> None:
    require(True)


def outside_assume() -> None:
    assume(True)


def outside_preempt() -> None:
    preempt().send(None)


def outside_until() -> None:
    until(lambda: True).send(None)


@pytest.mark.parametrize(
    "call",
    [outside_choose, outside_require, outside_assume, outside_preempt, outside_until],
)
def test_nothing_works_outside_a_world(call) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    name = call.__name__.removeprefix("outside_")
    with pytest.raises(OutsideWorldError, match=rf"{name}\(.*modelcheck run"):
        call()
