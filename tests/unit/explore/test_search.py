from __future__ import annotations

import gc
from collections.abc import Callable
from unittest.mock import patch

import pytest

from modelcheck.explore import search
from modelcheck.explore.book import PropertyError
from modelcheck.explore.compiled import RangeExceeded
from modelcheck.explore.reference import Reference
from modelcheck.explore.search import Explorer
from modelcheck.model.program import DEADLOCK, EVALUATION, Kind, Model, Property
from modelcheck.model.statements import (
    Assert,
    Assign,
    Check,
    Choose,
    If,
    Let,
    Require,
    Span,
)
from modelcheck.model.terms import (
    FALSE,
    TRUE,
    Sort,
    add,
    and_,
    bit,
    card,
    const,
    div,
    eq,
    has,
    ite,
    le,
    lt,
    mul,
    not_,
    or_,
    sub,
    union,
)
from modelcheck.model.types import BOOL, IntType
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import (
    Engine,
    Finding,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.explore.models import NO_DEADLOCK, Builder, put

ENGINES = pytest.mark.parametrize(
    "engine", [Explorer(), Reference()], ids=lambda engine: engine.name
)


def run(engine: Engine, model: Model, limits: Limits | None = None) -> Findings:
    found = engine.run(model, limits or Limits(), Silence())
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    return found


def of(found: Findings, name: str) -> Finding:
    return next(f for f in found.findings if f.prop.name == name)


def counter(top: int = 5) -> Builder:
    builder = Builder("counter")
    x = builder.number("x", 0, top)
    builder.step("up", Require(lt(x.now, const(top))), *put(x, add(x.now, const(1))))
    return builder


def commit() -> Model:
    """Transaction commit with three managers, as TLC's example has it."""
    working, prepared, committed, aborted = map(const, range(4))
    builder = Builder("TCommit")
    managers = [builder.number(f"rm{number}", 0, 3) for number in range(3)]
    agreed = and_(*(le(const(1), rm.now) for rm in managers))
    can_commit = and_(agreed, *(not_(eq(rm.now, aborted)) for rm in managers))
    no_commit = and_(*(not_(eq(rm.now, committed)) for rm in managers))
    for rm in managers:
        is_open = or_(eq(rm.now, working), eq(rm.now, prepared))
        builder.step(
            "prepare", Require(eq(rm.now, working)), Assign(rm.index, prepared)
        )
        ready = and_(eq(rm.now, prepared), can_commit)
        builder.step("commit", Require(ready), Assign(rm.index, committed))
        builder.step(
            "abort", Require(and_(is_open, no_commit)), Assign(rm.index, aborted)
        )
    return builder.model(is_rest=TRUE)


@ENGINES
def test_counts_are_those_of_tlc(engine: Engine) -> None:
    found = run(engine, commit())
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated) == (34, 94)
    assert found.counts.depth == 7
    assert sum(found.counts.levels) == 34
    assert sum(found.fired) == 93
    assert found.is_complete


@ENGINES
def test_out_degree_counts_new_successors(engine: Engine) -> None:
    found = run(engine, commit())
    assert found.counts is not None
    assert found.counts.out_degree == (0, 33 / 34, 6)


@ENGINES
def test_the_first_violation_of_each_property_is_reported(engine: Engine) -> None:
    builder = counter()
    x = builder.cells[0]
    builder.ask(Kind.INVARIANT, "below_three", lt(x.now, const(3)))
    builder.ask(Kind.INVARIANT, "below_five", lt(x.now, const(5)))
    builder.ask(Kind.INVARIANT, "natural", le(const(0), x.now))
    builder.ask(Kind.TRANSITION, "from_one", not_(eq(x.now, const(1))))
    found = run(engine, builder.model())
    lengths = {f.prop.name: f.evidence and f.evidence.length for f in found.findings}
    assert lengths == {
        "below_three": 3,
        "below_five": 5,
        "natural": None,
        "from_one": 2,
        DEADLOCK: 5,
        EVALUATION: None,
    }


@ENGINES
def test_a_goal_holds_by_its_witness(engine: Engine) -> None:
    builder = counter()
    x = builder.cells[0]
    builder.ask(Kind.REACHABLE, "four", eq(x.now, const(4)))
    builder.ask(Kind.REACHABLE, "never", and_(eq(x.now, const(4)), lt(x.now, const(4))))
    found = run(engine, builder.model(is_rest=TRUE))
    four, never = of(found, "four"), of(found, "never")
    assert four.verdict is Verdict.HOLDS
    assert four.evidence is not None
    assert four.evidence.states[-1] == (4,)
    assert (never.verdict, never.evidence) == (Verdict.VIOLATED, None)
    assert never.reason


@ENGINES
def test_a_depth_bound_never_says_holds(engine: Engine) -> None:
    builder = counter()
    builder.ask(Kind.INVARIANT, "natural", le(const(0), builder.cells[0].now))
    builder.ask(Kind.REACHABLE, "five", eq(builder.cells[0].now, const(5)))
    found = run(engine, builder.model(), Limits(depth=4))
    assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}
    assert found.stops == {Stop.DEPTH}
    assert found.depth == 4
    assert found.counts is not None
    assert (found.counts.levels, found.counts.queued) == ((1, 1, 1, 1, 1), 1)


@ENGINES
def test_a_depth_that_reaches_everything_is_no_bound(engine: Engine) -> None:
    builder = Builder()
    builder.flag("flag")
    builder.step("set", Assign(0, TRUE))
    found = run(engine, builder.model(), Limits(depth=2))
    assert found.is_complete


@ENGINES
def test_rest_is_no_deadlock(engine: Engine) -> None:
    at_rest = run(engine, counter().model(is_rest=TRUE))
    assert of(at_rest, DEADLOCK).verdict is Verdict.HOLDS
    ignored = run(engine, counter().model(), Limits(deadlock=False))
    assert [f.prop.name for f in ignored.findings] == [EVALUATION]


@ENGINES
def test_a_step_back_to_the_same_state_is_no_deadlock(engine: Engine) -> None:
    builder = Builder()
    builder.flag("flag")
    builder.step("stay")
    found = run(engine, builder.model())
    assert of(found, DEADLOCK).verdict is Verdict.HOLDS
    assert found.counts is not None
    assert found.counts.generated == 2


@ENGINES
def test_transition_properties_see_steps_to_the_same_state(engine: Engine) -> None:
    builder = Builder()
    flag = builder.flag("flag")
    builder.step("stay")
    builder.ask(Kind.TRANSITION, "moves", not_(eq(flag.now, flag.after)))
    found = run(engine, builder.model())
    assert of(found, "moves").verdict is Verdict.VIOLATED


@ENGINES
def test_failed_checks_belong_to_their_properties(engine: Engine) -> None:
    span = Span("hand.py", 3, 4, 3, 9)
    builder = counter(3)
    x = builder.cells[0]
    asserted = Assert(lt(x.now, const(2)), Check.ASSERT, "x < 2", "up", span)
    builder.step("check", asserted)
    builder.step("leave", *put(x, add(x.now, const(2))))
    other = Assert(lt(x.now, const(3)), Check.ASSERT, "x < 3", "up", Span("hand.py", 8))
    builder.step("other", Require(lt(const(2), x.now)), other)
    builder.properties.append(Property("x < 2", Kind.ASSERTION, (), TRUE, span=span))
    found = run(engine, builder.model())
    mine, rest = of(found, "x < 2").evidence, of(found, EVALUATION).evidence
    assert mine is not None
    assert (mine.states, mine.step, mine.length) == (((0,), (2,)), 1, 2)
    assert rest is not None
    assert (rest.step, rest.length) == (2, 2)
    assert of(found, DEADLOCK).verdict is Verdict.HOLDS


@ENGINES
def test_a_check_that_no_property_stands_for_is_an_error(engine: Engine) -> None:
    builder = counter(3)
    builder.properties = [NO_DEADLOCK]
    builder.step("leave", *put(builder.cells[0], const(7)))
    with pytest.raises(LookupError, match="no property stands for"):
        run(engine, builder.model())


@ENGINES
def test_choices_go_on_behind_the_branch(engine: Engine) -> None:
    builder = Builder()
    x, y = builder.number("x", 0, 9), builder.number("y", 0, 9)
    temp, other = builder.temp(1, 2), builder.temp(0, 2)
    builder.step(
        "choose",
        Require(eq(x.now, const(0))),
        Let(other, const(0)),
        Assign(y.index, const(5)),
        If(
            eq(y.now, const(5)),
            (Choose(temp, None, IntType(1, 2)), Assign(x.index, temp)),
            (Assign(x.index, const(9)),),
        ),
        Assign(y.index, add(x.now, y.now)),
        Choose(other, bit(x.now, 3), IntType(0, 2)),
        Assign(x.index, add(x.now, other)),
    )
    builder.ask(Kind.INVARIANT, "sums", or_(lt(x.now, const(3)), eq(y.now, const(7))))
    found = run(engine, builder.model(is_rest=TRUE))
    assert of(found, "sums").verdict is Verdict.HOLDS
    assert found.counts is not None
    assert found.counts.levels == (1, 2)


@ENGINES
def test_each_choice_starts_from_the_same_values(engine: Engine) -> None:
    builder = Builder()
    x = builder.number("x", 0, 20)
    temp, kept = builder.temp(1, 3), builder.temp(0, 20)
    builder.step(
        "choose",
        Require(eq(x.now, const(0))),
        Assign(x.index, const(1)),
        Let(kept, const(1)),
        Choose(temp, None, IntType(1, 3)),
        Assign(x.index, add(x.now, temp)),
        Let(kept, add(kept, temp)),
        Assign(x.index, add(x.now, kept)),
    )
    builder.ask(Kind.REACHABLE, "eight", eq(x.now, const(8)))
    builder.ask(Kind.INVARIANT, "most", le(x.now, const(8)))
    found = run(engine, builder.model(is_rest=TRUE))
    assert of(found, "eight").verdict is Verdict.HOLDS
    assert of(found, "most").verdict is Verdict.HOLDS
    assert found.counts is not None
    assert found.counts.levels == (1, 3)


@ENGINES
def test_an_empty_choice_disables(engine: Engine) -> None:
    builder = Builder()
    members = builder.members("members", 3)
    temp = builder.temp(0, 2)
    builder.step("take", Choose(temp, members.now, IntType(0, 2)))
    found = run(engine, builder.model())
    assert of(found, DEADLOCK).verdict is Verdict.VIOLATED


@ENGINES
def test_states_outside_a_constraint_are_looked_at_and_not_expanded(
    engine: Engine,
) -> None:
    builder = counter()
    x = builder.cells[0]
    builder.ask(Kind.INVARIANT, "below_four", lt(x.now, const(4)))
    builder.ask(Kind.INVARIANT, "below_five", lt(x.now, const(5)))
    bound = Property("bound", Kind.CONSTRAINT, (), lt(x.now, const(4)))
    builder.constraints.append(bound)
    found = run(engine, builder.model())
    assert of(found, "below_four").verdict is Verdict.VIOLATED
    assert of(found, "below_five").verdict is Verdict.BOUNDED
    assert found.stops == {Stop.CONSTRAINT}
    assert found.depth is None
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated) == (4, 5)


@ENGINES
def test_an_assumption_makes_the_search_bounded(engine: Engine) -> None:
    builder = counter()
    x = builder.cells[0]
    cut = Require(lt(x.now, const(2)), is_assumption=True)
    builder.steps.clear()
    builder.step("up", cut, *put(x, add(x.now, const(1))))
    builder.ask(Kind.INVARIANT, "below_three", lt(x.now, const(3)))
    found = run(engine, builder.model())
    assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}
    assert found.stops == {Stop.CONSTRAINT}


@ENGINES
def test_two_processes_and_a_lost_update(engine: Engine) -> None:
    builder = Builder("lost update")
    x = builder.number("x", 0, 2)
    pcs = []
    for actor in ("a", "b"):
        pc = builder.process(actor, ["start", "write", "done"])
        copy = builder.number(f"{actor}.copy", 0, 2)
        builder.step(
            "read",
            Assign(copy.index, x.now),
            Assign(pc.index, const(1)),
            at=(pc.index, 0),
        )
        builder.step(
            "write",
            *put(x, add(copy.now, const(1))),
            Assign(pc.index, const(2)),
            at=(pc.index, 1),
        )
        pcs.append(pc)
    both = and_(*(eq(pc.now, const(2)) for pc in pcs))
    builder.ask(Kind.INVARIANT, "exact", or_(not_(both), eq(x.now, const(2))))
    found = run(engine, builder.model(is_rest=both))
    exact = of(found, "exact")
    assert exact.evidence is not None
    assert exact.evidence.length == 4
    assert of(found, DEADLOCK).verdict is Verdict.HOLDS


@ENGINES
def test_masks_wider_than_a_word_and_negative_numbers(engine: Engine) -> None:
    builder = Builder()
    members, x = builder.members("members", 100), builder.number("x", -7, -1, -7)
    grown = union(members.now, bit(add(x.now, const(100)), 100))
    builder.step(
        "add",
        Require(lt(x.now, const(-1))),
        Assign(members.index, grown),
        *put(x, add(x.now, const(2))),
    )
    builder.ask(Kind.REACHABLE, "three", eq(card(members.now), const(3)))
    builder.ask(Kind.INVARIANT, "holds_95", not_(has(members.now, const(95))))
    found = run(engine, builder.model(is_rest=TRUE))
    assert of(found, "three").verdict is Verdict.HOLDS
    violated = of(found, "holds_95").evidence
    assert violated is not None
    assert violated.states[-1] == (1 << 95 | 1 << 93, -3)


@ENGINES
def test_initial_states_may_repeat(engine: Engine) -> None:
    builder = Builder()
    x = builder.number("x", 0, 3)
    temp = builder.temp(0, 3)
    init = (Choose(temp, None, IntType(0, 3)), Assign(x.index, div(temp, const(2))))
    found = run(engine, builder.model(init, is_rest=TRUE))
    assert found.counts is not None
    assert (found.counts.generated, found.counts.levels) == (4, (2,))


@ENGINES
def test_no_initial_state(engine: Engine) -> None:
    found = run(engine, Builder().model((Require(FALSE),)))
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.levels) == (0, ())
    assert found.is_complete


@ENGINES
def test_a_check_that_fails_initially_is_an_error(engine: Engine) -> None:
    builder = Builder()
    x = builder.number("x", 0, 3)
    with pytest.raises(PropertyError) as caught:
        run(engine, builder.model(put(x, const(4))))
    assert (caught.value.prop.name, caught.value.path) == (EVALUATION, ())


@ENGINES
@pytest.mark.parametrize("kind", [Kind.INVARIANT, Kind.REACHABLE, Kind.TRANSITION])
def test_a_property_without_a_value_is_an_error(engine: Engine, kind: Kind) -> None:
    builder = counter()
    x = builder.cells[0]
    failed = Assert(lt(x.now, const(2)), Check.KEY, "no key", "p")
    builder.ask(
        kind, "p", eq(x.now, x.now) if kind is not Kind.REACHABLE else FALSE, failed
    )
    with pytest.raises(PropertyError, match="p: no key") as caught:
        run(engine, builder.model())
    ends = ((3,),) if kind is Kind.TRANSITION else ()
    assert caught.value.path == ((0,), (1,), (2,), *ends)


@ENGINES
def test_the_constraint_itself_may_have_no_value(engine: Engine) -> None:
    builder = counter()
    failed = Assert(lt(builder.cells[0].now, const(2)), Check.KEY, "no key", "p")
    builder.constraints.append(Property("p", Kind.CONSTRAINT, (failed,), TRUE))
    with pytest.raises(PropertyError) as caught:
        run(engine, builder.model())
    assert caught.value.path == ((0,), (1,), (2,))


@ENGINES
def test_only_the_properties_asked_for_are_answered(engine: Engine) -> None:
    builder = counter()
    builder.ask(Kind.INVARIANT, "p", TRUE)
    found = run(engine, builder.model(), Limits(properties=frozenset({"p"})))
    assert [f.prop.name for f in found.findings] == ["p"]


def wide() -> Builder:
    """A model of 20,000 states, more than a chunk on some levels."""
    builder = Builder()
    cells = [
        builder.number(name, 0, top) for name, top in (("x", 99), ("y", 99), ("z", 1))
    ]
    for cell in cells:
        top = cell.range.hi
        builder.step(
            "up", Require(lt(cell.now, const(top))), *put(cell, add(cell.now, const(1)))
        )
    builder.ask(Kind.INVARIANT, "near", lt(add(cells[0].now, cells[1].now), const(9)))
    return builder


@ENGINES
def test_the_limit_on_violations_ends_the_search(engine: Engine) -> None:
    found = run(engine, wide().model(), Limits(max_violations=1))
    assert of(found, "near").verdict is Verdict.VIOLATED
    assert of(found, DEADLOCK).verdict is Verdict.BOUNDED
    assert found.stops == {Stop.VIOLATIONS}
    assert found.counts is not None
    assert found.counts.distinct < 20000


@ENGINES
def test_the_time_limit_ends_the_search(engine: Engine) -> None:
    found = run(engine, wide().model(), Limits(seconds=0))
    assert found.stops == {Stop.TIME}
    assert found.counts is not None
    assert (found.counts.levels, found.counts.queued) == ((1,), 1)


class Impatient(Silence):
    """Interrupts when it is asked for the third time."""

    def __init__(self) -> None:
        self.asked = 0
        self.told: list[str] = []

    def progress(self, engine: str, text: str, done: float | None) -> None:
        assert done is None
        self.told.append(f"{engine}: {text}")

    def is_interrupted(self) -> bool:
        self.asked += 1
        return self.asked == 3


@ENGINES
def test_an_interrupt_leaves_a_truthful_report(engine: Engine) -> None:
    watch = Impatient()
    with patch.object(search, "CHUNK", 1):
        found = engine.run(wide().model(), Limits(), watch)
    assert found.stops == {Stop.INTERRUPT}
    assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}
    assert found.counts is not None
    assert sum(found.counts.levels) == found.counts.distinct
    assert found.counts.queued == found.counts.distinct - 2
    assert found.depth == 1


def test_progress_is_told() -> None:
    watch = Impatient()
    with patch.object(search, "PATIENCE", 0):
        Explorer().run(wide().model(), Limits(), watch)
    assert watch.told[0] == "explore: 1 states, 1 queued, depth 1"


def test_memory_that_runs_out_ends_the_search() -> None:
    def full(*_: object) -> Callable[..., object]:
        def expand(*_: object) -> object:
            raise MemoryError

        return expand

    with patch.object(search, "make_loop", full):
        found = run(Explorer(), counter().model())
    assert found.stops == {Stop.MEMORY}
    assert of(found, DEADLOCK).verdict is Verdict.BOUNDED
    assert gc.isenabled()


def test_an_unchecked_value_does_not_spoil_its_neighbours() -> None:
    builder = Builder()
    x = builder.number("x", 0, 3)
    builder.step("up", Assign(x.index, add(x.now, const(1))))
    with pytest.raises(RangeExceeded, match="x in step0"):
        run(Explorer(), builder.model())


def test_terms_may_be_deep() -> None:
    builder = Builder()
    x, flag = builder.number("x", 0, 9), builder.flag("flag")
    term = x.now
    for _ in range(3000):
        term = sub(add(term, const(1)), const(1))
    doubled = x.now
    for _ in range(60):
        doubled = add(doubled, doubled)
    cond = flag.now
    for number in range(2000):
        cond = or_(and_(cond, lt(x.now, const(number % 9))), eq(x.now, const(5)))
    builder.step("up", Require(lt(term, const(9))), *put(x, add(term, const(1))))
    builder.step("set", Require(lt(const(2**62), doubled)), Assign(flag.index, TRUE))
    builder.ask(Kind.INVARIANT, "deep", not_(cond))
    found = run_without_replay(builder.model(is_rest=TRUE))
    assert found.counts is not None
    assert found.counts.distinct == 10 + 5
    assert of(found, "deep").verdict is Verdict.VIOLATED


def run_without_replay(model: Model) -> Findings:
    """The interpreter recurses on terms, so it cannot follow here."""
    return Explorer().run(model, Limits(), Silence())


@ENGINES
def test_bodies_may_be_deep(engine: Engine) -> None:
    builder = Builder()
    x, y = builder.number("x", 0, 200), builder.number("y", 0, 3)
    temp = builder.temp(0, 1)
    body: tuple[object, ...] = (Choose(temp, None, BOOL), Assign(y.index, temp))
    for number in range(120):
        body = (
            If(eq(x.now, const(number)), (Assign(y.index, const(2)),), body),  # type: ignore[arg-type]
            Assign(x.index, add(x.now, const(1))),
        )
    builder.step("deep", Require(eq(x.now, const(0))), *body)
    other: tuple[object, ...] = ()
    for number in range(120):
        other = (If(lt(x.now, const(number)), (), other), Assign(y.index, const(3)))  # type: ignore[arg-type]
    builder.step("plain", *other)
    found = run(engine, builder.model(is_rest=TRUE))
    assert found.counts is not None
    assert found.counts.distinct > 2


@ENGINES
def test_many_choices_in_a_row(engine: Engine) -> None:
    builder = Builder()
    x = builder.number("x", 0, 30)
    body: list[object] = [Require(eq(x.now, const(0)))]
    for _ in range(30):
        temp = builder.temp(0, 1)
        body += [Choose(temp, None, BOOL), Assign(x.index, add(x.now, temp))]
        body.append(Require(le(x.now, const(1))))
    builder.step("choose", *body)
    found = run(engine, builder.model(is_rest=TRUE))
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated) == (2, 32)


def test_a_branch_may_assign_hundreds_of_cells() -> None:
    builder = Builder()
    cells = [builder.number(f"x{number}", -2, 2) for number in range(300)]
    temp = builder.temp(-1, 2)
    assigns = (Assign(cell.index, temp) for cell in cells)
    builder.step("all", Choose(temp, None, IntType(-1, 2)), *assigns)
    found = run(Explorer(), builder.model())
    assert found.counts is not None
    assert found.counts.distinct == 4


def test_a_boolean_temporary_chooses() -> None:
    builder = Builder()
    flag = builder.flag("flag")
    temp = builder.temp(0, 1, Sort.BOOL)
    builder.step("flip", Choose(temp, None, BOOL), Assign(flag.index, temp))
    found = run(Explorer(), builder.model())
    assert found.counts is not None
    assert (found.counts.distinct, found.counts.generated) == (2, 5)


@ENGINES
def test_what_is_computed_in_advance_needs_no_temporary_to_be_set(
    engine: Engine,
) -> None:
    builder = Builder()
    x, flag = builder.number("x", 0, 200, 4), builder.flag("flag")
    temp = builder.temp(2, 3)
    large = div(x.now, temp)
    for _ in range(5):
        large = add(large, x.now)
    builder.step(
        "square",
        Require(lt(x.now, const(5))),
        If(flag.now, (Let(temp, const(2)),)),
        *put(x, ite(flag.now, add(large, mul(const(2), large)), const(6))),
    )
    builder.step("set", Assign(flag.index, TRUE))
    found = run(engine, builder.model())
    assert found.counts is not None
    assert (found.counts.distinct, found.fired) == (5, (2, 5))
