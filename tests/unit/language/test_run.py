import io
import random
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from modelcheck.language import Spec
from modelcheck.language.errors import SpecDefinitionError, StepDisabled
from modelcheck.language.run import (
    RecordKind,
    RunRecord,
    SpecLoadError,
    load_spec,
    run_random,
)
from modelcheck.language.scheduler import World

SPEC = """
from __future__ import annotations

from typing import Annotated

from kernel.devices import Device, Pair
from modelcheck import Spec, action, choose, constraint, invariant, preempt
from modelcheck import process, require

Count = Annotated[int, range(0, 4)]


class Counter(Spec):
    count: Count = 0
    seen: set[Device] = set()
    last: Pair | None = None

    @process
    async def up(self) -> None:
        while True:
            await preempt()
            self.count += 1  # up

    @action
    def see(self, pair: Pair) -> None:
        require(pair.dev not in self.seen)
        self.seen.add(pair.dev)
        self.last = pair

    @invariant
    def sees_little(self) -> bool:
        return len(self.seen) < 2


class Bounded(Counter):
    @constraint
    def small(self) -> bool:
        return self.count < 2


class Ending(Spec):
    left: bool = True

    @process
    async def leave(self) -> None:
        await preempt()
        require(not choose(bool))
        self.left = False


class Waiting(Spec):
    flag: bool = False

    @process
    async def wait(self) -> None:
        await preempt()
        require(self.flag)


class Impossible(Spec):
    flag: bool = choose({x for x in (True, False) if x and not x})
"""

DEVICES = """
from __future__ import annotations

from dataclasses import dataclass

from modelcheck import Scalarset


class Device(Scalarset, size=2):
    pass


@dataclass(frozen=True)
class Pair:
    dev: Device
    flag: bool
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "devices.py").write_text(DEVICES)
    file = tmp_path / "counter.py"
    file.write_text(SPEC)
    return file


def test_a_spec_is_loaded_with_its_neighbours_and_forgotten(spec: Path) -> None:
    path = list(sys.path)
    loaded = load_spec(spec, "Counter")
    assert loaded.__name__ == "Counter"
    assert sys.path == path
    assert not {"counter", "kernel", "kernel.devices"} & set(sys.modules)
    assert not list(spec.parent.rglob("__pycache__"))


def test_loads_with_different_scopes_do_not_mix(spec: Path) -> None:
    two = load_spec(spec, "Counter")
    three = load_spec(spec, "Counter", {"Device": 3})

    def sights(loaded: type) -> int:
        records = run_random(loaded, steps=0, seed=1)
        return len(list(records))

    assert two is not three
    assert sights(two) == sights(three) == 1
    names = {
        loaded: {r.actor for r in run_random(loaded, steps=60, seed=2)}
        for loaded in (two, three)
    }
    assert not any("dev2" in name for name in names[two])
    assert any("dev2" in name for name in names[three])


def test_modules_of_the_same_name_are_put_back(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = type(sys)("kernel")
    monkeypatch.setitem(sys.modules, "kernel", mine)
    load_spec(spec, "Counter")
    assert sys.modules["kernel"] is mine


def test_a_name_of_the_standard_library_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "queue.py"
    file.write_text("from modelcheck import Spec\n\nclass Only(Spec):\n    a: bool\n")
    before = sys.modules.get("queue")
    assert load_spec(file).__name__ == "Only"
    assert sys.modules.get("queue") is before
    assert "spec_queue" not in sys.modules


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = (\n", 1, "never closed"),
        ("\nimport nowhere_to_be_found\n", 2, "ModuleNotFoundError"),
        ("\n\n1 // 0\n", 3, "ZeroDivisionError"),
        ("from modelcheck import Spec\n", 0, "it defines none"),
        ("from modelcheck import Spec\nclass A(Spec):\n    x: int\n", 0, "A.x: int"),
        ("from modelcheck import choose\nchoose(bool)\n", 2, "works only inside"),
    ],
)
def test_a_file_that_cannot_be_loaded(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(SpecLoadError, match=message) as caught:
        load_spec(file)
    assert (caught.value.file, caught.value.line) == (str(file), line)
    assert "broken" not in sys.modules


def test_the_class_must_be_clear(spec: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecLoadError, match="say which spec; it defines Bounded, End"):
        load_spec(spec)
    with pytest.raises(SpecLoadError, match="no spec called Nobody"):
        load_spec(spec, "Nobody")
    with pytest.raises(SpecLoadError, match="no such Python file"):
        load_spec(tmp_path / "absent.py")


def test_a_spec_that_another_one_derives_from_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "two.py"
    file.write_text(
        "from modelcheck import Spec\n"
        "class Base(Spec):\n    flag: bool = False\n"
        "class Derived(Base):\n    other: bool = False\n"
    )
    assert load_spec(file).__name__ == "Derived"
    assert load_spec(file, "Base").__name__ == "Base"


def test_threads_load_one_after_the_other(spec: Path) -> None:
    """What is imported for one of them is not forgotten by another."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            loaded = list(pool.map(load_spec, [spec] * 40, ["Counter"] * 40))
    finally:
        sys.setswitchinterval(interval)
    assert len(set(loaded)) == 40
    assert "kernel" not in sys.modules


def test_a_run_is_the_same_for_the_same_seed(spec: Path) -> None:
    def told(record: RunRecord) -> str:
        return f"{record.number} {record.kind} {record.actor} {record.changed}"

    loaded = load_spec(spec, "Counter")
    runs = [
        [told(r) for r in run_random(loaded, steps=20, seed=seed)] for seed in (5, 5, 6)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_a_run_tells_changes_and_ends_at_a_violation(spec: Path) -> None:
    records = list(run_random(load_spec(spec, "Counter"), steps=100, seed=1))
    start, end = records[0], records[-1]
    assert (start.number, start.kind, start.actor) == (0, RecordKind.INITIAL, "init")
    assert start.state == {"count": 0, "seen": frozenset(), "last": None}
    assert end.kind is RecordKind.VIOLATION
    assert end.violation is not None
    assert end.violation.message == "count: 4 is not in range(0, 4)"
    assert end.violation.line == 1 + next(
        n for n, line in enumerate(SPEC.splitlines()) if line.endswith("# up")
    )
    for before, record in pairwise(records[:-1]):
        assert record.kind is RecordKind.STEP
        assert record.changed == {
            name: (before.state[name], value)
            for name, value in record.state.items()
            if before.state[name] != value
        }
    broken = [r.broken for r in records if "sees_little" in r.broken]
    assert broken == [("sees_little",)] * len(broken) != []


def test_a_run_stops_where_a_constraint_cuts(spec: Path) -> None:
    *_, end = run_random(load_spec(spec, "Bounded"), steps=100, seed=1)
    assert end.kind is RecordKind.CUT
    assert end.broken == ("small",)
    assert end.state["count"] == 2


@pytest.mark.parametrize("seed", range(6))
def test_a_run_is_stuck_only_when_no_choice_helps(spec: Path, seed: int) -> None:
    *_, last, end = run_random(load_spec(spec, "Ending"), steps=100, seed=seed)
    assert last.changed == {"left": (True, False)}
    assert end.kind is RecordKind.STUCK
    assert end.waiting == {}


def test_a_stuck_run_says_who_waits_where(spec: Path) -> None:
    *_, end = run_random(load_spec(spec, "Waiting"), steps=100, seed=1)
    assert (end.kind, end.number) == (RecordKind.STUCK, 2)
    ((actor, where),) = end.waiting.items()
    assert actor == "wait"
    assert where.frames[0][0] == str(spec)


def test_a_spec_without_initial_state_does_not_run(spec: Path) -> None:
    with pytest.raises(SpecDefinitionError, match="no initial state"):
        list(run_random(load_spec(spec, "Impossible"), steps=1, seed=1))


@pytest.mark.parametrize("seed", range(5))
def test_rebuilding_a_world_changes_nothing(seed: int) -> None:
    sample = load_spec(Path(__file__).with_name("typed_spec.py"), "Ownership")
    dice = random.Random(seed)
    world = started(sample, dice)
    for _ in range(30):
        moves = world.enabled()
        world.take(dice.choice(moves))
        before = told_of(world)
        moving = [m for m in moves if world.actor(m.actor).is_process]
        for move in moving:
            assert list(world.branches(move))
        assert told_of(world) == before


def started(sample: type[Spec], dice: random.Random) -> World[Spec]:
    while True:
        try:
            return World(sample, dice.choice)
        except StepDisabled:
            continue


def told_of(world: World[Spec]) -> tuple[object, ...]:
    processes = [name for name in world.actors if world.actor(name).is_process]
    places = [world.where(name) for name in processes]
    return world.snapshot(), places, world.history


def debug(
    spec: Path, name: str, commands: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[RunRecord], str]:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(commands))
    monkeypatch.setattr(sys, "stdout", output)
    records = list(run_random(load_spec(spec, name), steps=20, seed=1, pdb=True))
    return records, output.getvalue()


def test_pdb_stops_only_in_the_spec(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = "s\n" * 60 + "q\n"
    _, output = debug(spec, "Counter", commands, monkeypatch)
    stops = re.findall(r"^(?:\(Pdb\) )?> (.*)\(\d+\)", output, re.MULTILINE)
    assert len(stops) > 20
    assert set(stops) == {str(spec)}


def test_pdb_continues_step_by_step_and_quits(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, output = debug(spec, "Ending", "c\nn\np self.left\nq\n", monkeypatch)
    assert [record.number for record in records] == [0, 1]
    assert "True" in output
    assert sys.gettrace() is None or "pdb" not in repr(sys.gettrace())
