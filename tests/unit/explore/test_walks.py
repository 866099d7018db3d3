"""The random numbers of walks, their ends, the estimate, and shortening."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore import simulation
from modelcheck.explore.book import Book
from modelcheck.explore.search import Explorer
from modelcheck.explore.shortening import without_loops
from modelcheck.explore.simulation import Simulator
from modelcheck.explore.walks import (
    GAMMA,
    ONES,
    Course,
    End,
    Sketch,
    Tally,
    Walker,
    mix,
)
from modelcheck.model.program import Kind, Model
from modelcheck.model.statements import Assign, Choose, Require
from modelcheck.model.terms import FALSE, TRUE, add, and_, const, eq, lt, mod, not_
from modelcheck.model.types import IntType
from modelcheck.verdict.verdicts import (
    Finding,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.explore.models import Builder


def simulate(
    model: Model,
    limits: Limits | None = None,
    *,
    runs: int = 50,
    seed: int = 1,
    is_native: bool | None = False,
) -> Findings:
    engine = Simulator(runs, seed, is_native=is_native)
    return engine.run(model, limits or Limits(depth=40), Silence())


def finding(found: Findings, name: str) -> Finding:
    return next(f for f in found.findings if f.prop.name == name)


def ends(found: Findings) -> dict[str, int]:
    assert found.sampling is not None
    return {end: count for end, count in found.sampling.ends.items() if count}


def ring(size: int, bad: int) -> Builder:
    """A counter that goes round in both directions; `bad` violates."""
    builder = Builder("ring")
    cell = builder.number("x", 0, size - 1)
    for name, step in (("up", 1), ("down", size - 1)):
        term = mod(add(cell.now, const(step)), const(size))
        builder.step(name, Assign(cell.index, term))
    builder.ask(Kind.INVARIANT, "never", not_(eq(cell.now, const(bad))))
    return builder


def test_the_generator_gives_the_numbers_published_for_splitmix64() -> None:
    state, found = 1234567, []
    for _ in range(5):
        state = state + GAMMA & ONES
        found.append(mix(state))
    assert found == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_successors_are_equally_probable() -> None:
    builder = Builder()
    cell = builder.number("x", 0, 9)
    temp = builder.temp(0, 9)
    builder.step("any", Choose(temp, None, IntType(0, 9)), Assign(cell.index, temp))
    builder.step("seven", Assign(cell.index, const(7)))
    model = builder.model()
    walker = Walker(model, Book(model, Limits()))
    course = Course(walker.starts(), 3, 4000)
    walker.take(course, 0, Tally())
    counts = [walker.path.count(state) for state in range(10)]
    # Four standard deviations of a binomial distribution are 76; that two steps lead
    # to 7 does not count.
    assert all(abs(count - 400) < 76 for count in counts)
    pairs = set(pairwise(walker.path))
    assert len(pairs) == 100


def test_walks_of_one_seed_differ_and_repeat() -> None:
    model = ring(1000, 999).model()
    walker = Walker(model, Book(model, Limits()))
    paths = []
    for seed, number in ((0, 0), (0, 1), (1, 0), (0, 0)):
        walker.take(Course(walker.starts(), seed, 30), number, Tally())
        paths.append(tuple(walker.path))
    assert len(set(paths)) == 3
    assert paths[0] == paths[3]


@pytest.mark.parametrize("count", [0, 1, 50, 4000, 30_000])
def test_the_sketch_is_within_a_few_percent(count: int) -> None:
    sketch = Sketch()
    for number in range(count):
        for _ in range(2):
            sketch.see([number, 7])
    assert abs(sketch.estimate() - count) <= 0.06 * count


def test_sketches_add_up() -> None:
    one, two, both = Sketch(), Sketch(), Sketch()
    for number in range(500):
        (one if number % 3 else two).see([number])
        both.see([number])
    one.add(two.registers)
    assert one.registers == both.registers


@pytest.mark.parametrize("is_native", [False, True])
def test_a_walk_ends_at_the_depth_bound(is_native: bool) -> None:
    found = simulate(ring(9, 8).model(), Limits(depth=3), is_native=is_native)
    assert ends(found) == {"depth": 50}
    assert finding(found, "never").verdict is Verdict.VIOLATED
    assert found.sampling is not None
    assert (found.sampling.steps, found.sampling.walks) == (150, 50)


@pytest.mark.parametrize("is_native", [False, True])
@pytest.mark.parametrize("rest", [FALSE, TRUE])
def test_a_walk_ends_where_nothing_can_be_done(rest: object, is_native: bool) -> None:
    builder = Builder()
    cell = builder.number("x", 0, 3)
    more = add(cell.now, const(1))
    builder.step("up", Require(lt(cell.now, const(3))), Assign(cell.index, more))
    model = builder.model(is_rest=rest)  # type: ignore[arg-type]
    found = simulate(model, is_native=is_native)
    assert ends(found) == {("rest" if rest is TRUE else "deadlock"): 50}
    stuck = finding(found, "deadlock")
    assert stuck.verdict is (Verdict.BOUNDED if rest is TRUE else Verdict.VIOLATED)
    assert stuck.evidence is None or stuck.evidence.length == 3


@pytest.mark.parametrize("is_native", [False, True])
def test_a_walk_ends_where_all_is_cut_off(is_native: bool) -> None:
    builder = Builder()
    cell = builder.number("x", 0, 3)
    more = mod(add(cell.now, const(1)), const(4))
    builder.step("up", Assign(cell.index, more))
    builder.ask(Kind.INVARIANT, "never", not_(eq(cell.now, const(3))))
    builder.ask(Kind.CONSTRAINT, "low", lt(cell.now, const(2)))
    builder.constraints.append(builder.properties.pop())
    found = simulate(builder.model(), is_native=is_native)
    assert ends(found) == {"blocked": 50}
    assert finding(found, "never").verdict is Verdict.BOUNDED
    assert finding(found, "deadlock").verdict is Verdict.BOUNDED
    assert found.sampling is not None
    assert found.sampling.distinct == 2


def test_nothing_holds_and_nothing_is_complete() -> None:
    found = simulate(ring(9, 4).model(), Limits(depth=1), runs=5)
    assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}
    assert not found.is_complete
    assert found.stops == {Stop.SAMPLING}
    assert "5 random runs to depth 1" in found.findings[0].reason


def test_a_goal_that_is_met_holds() -> None:
    builder = ring(6, 5)
    cell = builder.cells[0]
    builder.ask(Kind.REACHABLE, "goal", eq(cell.now, const(3)))
    builder.ask(Kind.REACHABLE, "mirage", and_(FALSE))
    found = simulate(builder.model())
    assert finding(found, "goal").verdict is Verdict.HOLDS
    assert finding(found, "mirage").verdict is Verdict.BOUNDED


def test_initial_states_are_looked_at() -> None:
    builder = Builder()
    cell = builder.number("x", 0, 99)
    temp = builder.temp(0, 99)
    builder.step("stay", Assign(cell.index, cell.now))
    builder.ask(Kind.INVARIANT, "never", not_(eq(cell.now, const(42))))
    init = (Choose(temp, None, IntType(0, 99)), Assign(cell.index, temp))
    model = builder.model(init)
    both = [
        finding(simulate(model, runs=500, is_native=native), "never")
        for native in (False, True)
    ]
    assert both[0].evidence is not None
    assert both[0].evidence.length == 0
    assert both[0] == both[1]


def test_no_initial_state_is_no_verdict() -> None:
    found = simulate(ring(4, 3).model((Require(FALSE),)))
    assert {f.verdict for f in found.findings} == {Verdict.UNKNOWN}


def test_a_found_path_is_shortened() -> None:
    model = ring(30, 12).model()
    found = finding(simulate(model, Limits(depth=400)), "never")
    assert found.evidence is not None
    assert found.evidence.length == 12
    assert "not necessarily the shortest" in found.reason
    assert "to 12 steps" in found.reason
    shortest = finding(Explorer().run(model, Limits(), Silence()), "never")
    assert shortest.evidence is not None
    assert shortest.evidence.length == 12


def test_max_violations_ends_after_a_block() -> None:
    model = ring(4, 2).model()
    found = simulate(model, Limits(depth=9, max_violations=1), runs=5000)
    assert Stop.VIOLATIONS in found.stops
    assert found.sampling is not None
    assert found.sampling.walks < 5000


def test_a_simulation_ends_when_all_is_decided() -> None:
    limits = Limits(depth=9, properties=frozenset({"never"}))
    found = simulate(ring(4, 2).model(), limits, runs=5000)
    assert found.stops == {Stop.SAMPLING}
    assert found.sampling is not None
    assert found.sampling.walks < 5000


class Impatient(Silence):
    def __init__(self, patience: int) -> None:
        self.patience = patience

    def is_interrupted(self) -> bool:
        self.patience -= 1
        return self.patience < 0


@pytest.mark.parametrize("is_native", [False, True])
def test_an_interrupt_leaves_what_was_found(is_native: bool) -> None:
    engine = Simulator(10**9, 0, is_native=is_native)
    limits = Limits(depth=20)
    found = engine.run(ring(9, 4).model(), limits, Impatient(40))
    assert Stop.INTERRUPT in found.stops
    assert finding(found, "never").verdict is Verdict.VIOLATED
    assert found.sampling is not None
    assert 0 < found.sampling.walks < 10**9


@pytest.mark.parametrize("is_native", [False, True])
def test_the_time_limit_ends_the_simulation(is_native: bool) -> None:
    limits = Limits(depth=20, seconds=0.0)
    found = simulate(ring(9, 4).model(), limits, runs=10**9, is_native=is_native)
    assert Stop.TIME in found.stops


def test_a_small_job_is_done_without_compiling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from modelcheck.explore.native import walkers

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(walkers, "load", refuse)
    simulate(ring(9, 4).model(), Limits(depth=10), runs=10, is_native=None)
    runs = simulation.FEW_STEPS
    with pytest.raises(AssertionError):
        simulate(ring(9, 4).model(), Limits(depth=10), runs=runs, is_native=None)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_a_path_without_loops_visits_each_state_once(path: list[int]) -> None:
    found = without_loops(path)
    assert len(set(found)) == len(found)
    assert (found[0], found[-1]) == (path[0], path[-1])
    assert set(pairwise(found)) <= set(pairwise(path))


def test_every_end_has_a_name() -> None:
    assert [end.name.lower() for end in End] == ["depth", "rest", "deadlock", "blocked"]


def test_the_checking_mode_takes_walks_both_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from modelcheck.explore.native import selfcheck, walking

    model = ring(9, 4).model()
    monkeypatch.setenv("MODELCHECK_CHECK", "1")
    plain = simulate(model, is_native=False)
    checked = simulate(model, is_native=True)
    assert checked.findings == plain.findings
    # Another constant in the compiled generator: other walks.
    monkeypatch.setattr(walking, "GAMMA", GAMMA + 2)
    with pytest.raises(selfcheck.Mistake, match="does not take walk 0"):
        simulate(model, is_native=True)
