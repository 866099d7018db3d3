"""Limits, interruption, growth and the checking mode of the native explorer."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from modelcheck.explore.native import NativeExplorer, engine, memory, search, selfcheck
from modelcheck.explore.native.compact import CompactStore
from modelcheck.explore.native.context import Slot
from modelcheck.explore.native.engine import Machinery, Portions
from modelcheck.explore.native.store import FULL, Range, Store, Worker
from modelcheck.model.program import Kind, Model
from modelcheck.model.statements import Assign, Require
from modelcheck.model.terms import add, const, eq, lt, not_
from modelcheck.reader import read_spec
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import (
    Finding,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.explore.models import Builder

SPECS = Path(__file__).parents[2] / "corpus" / "specs"
SMALL = 1 << 26

Rehash = Callable[[Sequence[Range]], None]


class Impatient(Silence):
    """Interrupts after having been asked `patience` times."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.told: list[str] = []

    def progress(self, engine: str, text: str, done: float | None) -> None:
        assert engine == "native"
        assert done is None
        self.told.append(text)

    def is_interrupted(self) -> bool:
        self.patience -= 1
        return self.patience < 0


def two_phase(managers: int) -> Model:
    return read_spec(str(SPECS / "two_phase.py"), {"RM": managers})


def run(
    model: Model, limits: Limits | None = None, workers: int = 1, memory: int = SMALL
) -> Findings:
    engine = NativeExplorer(workers=workers, memory=memory)
    return engine.run(model, limits or Limits(), Silence())


def counter(most: int, bad: int) -> Model:
    """Counts from 0 to `most`, which is an endless chain of small levels."""
    builder = Builder("counter")
    cell = builder.number("x", 0, most)
    guard = lt(cell.now, const(most))
    builder.step("up", Require(guard), Assign(cell.index, add(cell.now, const(1))))
    builder.ask(Kind.INVARIANT, "never", not_(eq(cell.now, const(bad))))
    return builder.model()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_tight_memory_bound_ends_the_search(workers: int) -> None:
    model = two_phase(8)
    found = run(model, workers=workers, memory=1 << 23)
    assert found.counts is not None
    assert found.stops == {Stop.MEMORY}
    verdicts = {f.prop.name: f.verdict for f in found.findings}
    assert verdicts["consistent"] is Verdict.BOUNDED
    assert found.counts.distinct * 8 < 1 << 23
    assert sum(found.counts.levels) == found.counts.distinct


def test_a_table_grows_while_a_level_is_expanded() -> None:
    found = run(two_phase(7))
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated) == (296_448, 2_744_706)


def test_an_interrupt_ends_the_search() -> None:
    watch = Impatient(5)
    found = NativeExplorer(memory=SMALL).run(two_phase(7), Limits(), watch)
    assert found.stops == {Stop.INTERRUPT}


def test_the_time_limit_ends_the_search() -> None:
    found = run(two_phase(7), Limits(seconds=0.0))
    assert found.stops == {Stop.TIME}


def test_the_depth_bound_ends_the_search() -> None:
    found = run(two_phase(5), Limits(depth=3))
    assert found.stops == {Stop.DEPTH}
    assert found.depth == 3
    assert found.counts is not None
    assert found.counts.depth == 4


@pytest.mark.parametrize("workers", [1, 2])
def test_a_long_trace_is_found_and_replays(workers: int) -> None:
    model = counter(400, 321)
    found = run(model, workers=workers)
    (finding,) = [f for f in found.findings if f.prop.name == "never"]
    assert finding.evidence is not None
    assert finding.evidence.length == 321
    assert len(replay_evidence(model, finding.evidence).steps) == 321


def test_the_same_path_with_any_number_of_workers() -> None:
    model = two_phase(7)
    paths = [
        [f.evidence for f in run(model, workers=workers).findings] for workers in (1, 2)
    ]
    assert paths[0] == paths[1]


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelcheck.explore.native.search.PATIENCE", 0.0)
    watch = Impatient(1 << 30)
    NativeExplorer(memory=SMALL).run(two_phase(5), Limits(), watch)
    assert any("states" in text for text in watch.told)


def test_the_phases_of_a_run_are_known() -> None:
    engine = NativeExplorer(memory=SMALL)
    engine.run(two_phase(3), Limits(), Silence())
    assert engine.phases.search > 0.0
    assert engine.phases.table >= 1 << 21


def test_available_memory_is_less_than_all() -> None:
    assert 0 < memory.available() < 1 << 50


class TestCheckingMode:
    """`MODELCHECK_CHECK=1`."""

    @pytest.fixture(autouse=True)
    def on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MODELCHECK_CHECK", "1")

    def test_right_code_passes(self) -> None:
        found = run(two_phase(7))
        assert found.is_complete

    @pytest.mark.parametrize("call", ["peek", "start"])
    def test_wrong_code_is_noticed(
        self, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`peek` loses a successor; `start` does not find what is stored."""
        real = Machinery.call

        def wrong(self: Machinery, name: str, worker: object) -> int:
            result = real(self, name, worker)  # type: ignore[arg-type]
            if name == call == "peek":
                return max(result - 1, 0)
            return result

        if call == "start":
            monkeypatch.setattr(Machinery, "rehash", lambda *_: None)
        monkeypatch.setattr(Machinery, "call", wrong)
        with pytest.raises(selfcheck.Mistake):
            run(two_phase(7))

    def test_off_unless_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MODELCHECK_CHECK", "0")
        assert not selfcheck.is_wanted()


def test_ranges_are_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = Machinery.close

    def close(self: Machinery) -> None:
        seen.extend(self.packed(Range(0, 0, 2)))
        real(self)

    monkeypatch.setattr(Machinery, "close", close)
    run(counter(3, 9))
    assert seen == [0, 1]
    assert ctypes.sizeof(ctypes.c_uint64) == 8


def test_hash_compaction_says_how_safe_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelcheck.explore.native.engine.DIRECT", False)
    model = two_phase(7)
    engine = NativeExplorer(2, SMALL, hash_compact=True)
    found = engine.run(model, Limits(), Silence())
    assert found.counts is not None
    assert found.counts.distinct == 296_448
    assert found.omission == pytest.approx(296_448**2 / 2**65, rel=1e-3)
    reasons = {f.prop.name: f.reason for f in found.findings}
    assert "odds 2e-09" in reasons["consistent"]
    (goal,) = [f for f in found.findings if f.prop.name == "everybody_commits"]
    assert goal.evidence is not None
    assert len(replay_evidence(model, goal.evidence).steps) == 22


def test_states_of_one_word_are_never_compacted() -> None:
    engine = NativeExplorer(memory=SMALL, hash_compact=True)
    found = engine.run(two_phase(3), Limits(), Silence())
    assert found.omission is None


BRANCHES = """\
from typing import Annotated

from modelcheck import Spec, action, choose, invariant


class Branches(Spec):
    kind: Annotated[int, range(6)]
    sum: Annotated[int, range(9)] = 0

    def count(self) -> None:
        for _ in range(8):
            if choose(bool):
                self.sum = (self.sum + 1) % 9

    @action
    def add(self) -> None:
        if self.kind == 0:
            self.count()
        elif self.kind == 1:
            self.count()
        elif self.kind == 2:
            self.count()
        elif self.kind == 3:
            self.count()
        elif self.kind == 4:
            self.count()
        else:
            self.count()

    @invariant
    def kind_is_low(self) -> bool:
        return self.kind < 5
"""


def test_choices_in_other_branches_are_not_multiplied(tmp_path: Path) -> None:
    # 8 choices for each kind; the values of all 48 would be 2 to the 48.
    path = tmp_path / "branches.py"
    path.write_text(BRANCHES, encoding="utf-8")
    counts = run(read_spec(str(path))).counts
    assert counts is not None
    assert (counts.generated, counts.distinct) == (6 + 6 * 9 * 2**8, 6 * 9)


def failing(real: Callable[..., object], calls: int) -> Callable[..., object]:
    """Does what `real` does for some calls, and then has no memory."""
    left = iter(range(calls))

    def call(*args: object) -> object:
        if next(left, None) is None:
            raise MemoryError
        return real(*args)

    return call


def goal_of(found: Findings) -> Finding:
    """What was found about a goal that `two_phase(7)` reaches after 22 steps."""
    return next(f for f in found.findings if f.prop.name == "everybody_commits")


@pytest.mark.parametrize("workers", [1, 2])
def test_no_memory_in_the_middle_of_a_level(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """The search is cut short there; states and answers so far stay."""
    monkeypatch.setattr(Store, "give_room", failing(Store.give_room, 1))
    model = two_phase(7)
    found = run(model, workers=workers)
    assert found.stops == {Stop.MEMORY}
    assert found.counts is not None
    assert sum(found.counts.levels) == found.counts.distinct > 1_000
    assert found.counts.levels[0] == 1
    verdicts = {f.prop.name: f.verdict for f in found.findings}
    assert verdicts["consistent"] is Verdict.BOUNDED


def test_no_memory_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A violation stays one, with its path."""
    model = counter(40_000, 321)
    monkeypatch.setattr(Store, "forget", failing(Store.forget, 400))
    found = run(model)
    assert found.stops == {Stop.MEMORY}
    (finding,) = [f for f in found.findings if f.prop.name == "never"]
    assert finding.verdict is Verdict.VIOLATED
    assert finding.evidence is not None
    assert len(replay_evidence(model, finding.evidence).steps) == 321


def test_no_memory_for_a_larger_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fingerprints are copied to a new table; without one the old one is filled."""
    monkeypatch.setattr("modelcheck.explore.native.engine.DIRECT", False)
    real = CompactStore._enlarge

    def enlarge(store: CompactStore, size: int, rehash: Rehash) -> bool:
        with monkeypatch.context() as patched:
            patched.setattr(
                "modelcheck.explore.native.compact.Region", failing(memory.Region, 0)
            )
            return real(store, size, rehash)

    monkeypatch.setattr(CompactStore, "_enlarge", enlarge)
    engine = NativeExplorer(memory=SMALL, hash_compact=True)
    found = engine.run(two_phase(7), Limits(), Silence())
    assert found.stops == {Stop.MEMORY}
    assert found.counts is not None
    assert found.counts.distinct > FULL * memory.PAGE // 8 - 4_096
    assert goal_of(found).verdict is not Verdict.VIOLATED


@pytest.mark.parametrize("hash_compact", [False, True])
def test_other_programs_take_the_memory(
    monkeypatch: pytest.MonkeyPatch, hash_compact: bool
) -> None:
    """However much was free in the beginning, what is left now counts."""
    monkeypatch.setattr("modelcheck.explore.native.engine.DIRECT", not hash_compact)
    for module in ("store", "compact"):
        name = f"modelcheck.explore.native.{module}.available"
        monkeypatch.setattr(name, lambda: memory.PAGE)
    engine = NativeExplorer(memory=1 << 30, hash_compact=hash_compact)
    found = engine.run(two_phase(7), Limits(), Silence())
    assert found.stops == {Stop.MEMORY}


@pytest.mark.parametrize(
    ("most", "current", "kept", "left"),
    [("max", "5", "0", None), ("1000", "400", "150", 750), ("1000", "2000", "0", 0)],
)
def test_a_control_group_may_have_less(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: str,
    current: str,
    kept: str,
    left: int | None,
) -> None:
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    (tmp_path / "memory.max").write_text(f"{most}\n")
    (tmp_path / "memory.current").write_text(f"{current}\n")
    (tmp_path / "memory.stat").write_text(f"anon 7\ninactive_file {kept}\n")
    found = memory.available()
    assert found == int(left * memory.SHARE) if left is not None else found > 1_000


@pytest.mark.parametrize("workers", [1, 2])
def test_a_deadlock_at_the_depth_bound(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """It is among states that are not expanded, with fingerprints as without."""
    monkeypatch.setattr("modelcheck.explore.native.engine.DIRECT", False)
    for hash_compact in (False, True):
        model = counter(3, -1)
        engine = NativeExplorer(workers, SMALL, hash_compact=hash_compact)
        found = engine.run(model, Limits(depth=3), Silence())
        (stuck,) = [f for f in found.findings if f.prop.kind is Kind.DEADLOCK]
        assert stuck.evidence is not None
        assert len(replay_evidence(model, stuck.evidence).steps) == 3


def test_portions_cut_no_batch_and_lose_no_state() -> None:
    ranges = [Range(0, 3, 5000), Range(1, 0, 10), Range(1, 40, 90_000)]
    portions = Portions(ranges)
    taken: list[Range] = []
    sizes = iter([1024, 64, 2048, 1 << 14] * 1000)
    while (portion := portions.take(next(sizes))) is not None:
        taken.append(portion)
    assert [(r.worker, state) for r in ranges for state in range(r.begin, r.end)] == [
        (r.worker, state) for r in taken for state in range(r.begin, r.end)
    ]


def test_a_slow_portion_makes_the_next_one_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Time that passes in compiled code is looked at in portions of whole batches."""
    now = [0.0]
    sizes: list[int] = []
    call = Machinery.call

    def slow(machinery: Machinery, name: str, worker: Worker) -> int:
        if name == "run":
            size = worker[Slot.END] - worker[Slot.BEGIN]
            sizes.append(size)
            now[0] += size * 0.001
        return call(machinery, name, worker)

    monkeypatch.setattr(Machinery, "call", slow)
    monkeypatch.setattr(search, "monotonic", lambda: now[0])
    monkeypatch.setattr(engine, "BATCH", 8)
    model = read_spec(str(SPECS / "iommu_group.py"), {"Device": 2})
    found = NativeExplorer().run(model, Limits(), Silence())
    monkeypatch.undo()
    assert max(sizes) <= 96  # a tenth of a second, of twelve batches
    assert sum(sizes) == 20_235
    usual = NativeExplorer().run(model, Limits(), Silence())
    assert found.counts is not None
    assert usual.counts is not None
    assert found.counts.levels == usual.counts.levels
