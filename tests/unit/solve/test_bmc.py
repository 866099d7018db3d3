"""The bounded checker on models built by hand: verdicts, lengths, limits."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from modelcheck.explore.book import PropertyError
from modelcheck.explore.interpreter import Interpreter
from modelcheck.model import terms as t
from modelcheck.model.program import EVALUATION, Kind, Model
from modelcheck.model.statements import Assign, Check, If, Let, Require
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.encoding import Encoding
from modelcheck.solve.session import Answer, Reply, Session
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.verdicts import (
    Engine,
    Findings,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.solve.models import (
    BOOLS,
    CHECKS,
    DEADLOCK,
    Parts,
    assertion,
    cells,
    check,
    choose,
    fitting,
    ints,
    masks,
    process,
    prop,
    temp,
)
from tests.unit.solve.oracle import Answer as Judgement
from tests.unit.solve.oracle import BruteForce

ONE = t.const(1)


def run(model: Model, depth: int | None = 6, **limits: object) -> Findings:
    checker: Engine = BoundedChecker()
    return checker.run(model, replace(Limits(depth=depth), **limits), Silence())


def answers(found: Findings) -> dict[str, Judgement]:
    return {
        f.prop.name: (f.verdict, f.evidence.length if f.evidence else None)
        for f in found.findings
    }


def agree(model: Model, depth: int = 6) -> Findings:
    """The findings, after comparing them with all paths and replaying them."""
    found = run(model, depth)
    assert answers(found) == BruteForce(model).run(depth)
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    return found


def counter(top: int = 5) -> Parts:
    """Counts from -2 up to `top`; a value above is a failed check."""
    parts = Parts(cells(n=ints(-2, top)), (-2,))
    n = parts.cells[0].now
    parts.step("up", *fitting(parts.cells[0], t.add(n, ONE), 1))
    parts.properties = [
        prop(Kind.INVARIANT, "below_two", t.lt(n, t.const(2))),
        prop(Kind.REACHABLE, "zero", t.eq(n, t.const(0))),
        prop(Kind.TRANSITION, "not_to_one", t.not_(t.eq(parts.cells[0].after, ONE))),
        CHECKS,
        DEADLOCK,
    ]
    return parts


def two_lockers() -> Parts:
    """Two processes that take two locks in opposite orders."""
    parts = Parts(cells(a=ints(0, 2), b=ints(0, 2), pc1=ints(0, 3), pc2=ints(0, 3)), ())
    parts.zero = (0, 0, 0, 0)
    parts.processes = (process("one", 2, 4), process("two", 3, 4))
    for pc, locks in ((2, (0, 1)), (3, (1, 0))):
        me = t.const(pc - 1)
        for place, lock in enumerate(locks):
            free = t.eq(parts.cells[lock].now, t.const(0))
            take = (Require(free), Assign(lock, me), Assign(pc, t.const(place + 1)))
            parts.step(f"take{pc}{lock}", *take, at=(pc, place))
        drop = [Assign(lock, t.const(0)) for lock in locks]
        parts.step(f"drop{pc}", *drop, Assign(pc, t.const(3)), at=(pc, 2))
    parts.is_rest = t.and_(*(t.eq(parts.cells[i].now, t.const(3)) for i in (2, 3)))
    both = [t.eq(parts.cells[i].now, t.const(2)) for i in (2, 3)]
    parts.properties = [DEADLOCK, prop(Kind.INVARIANT, "mutex", t.not_(t.and_(*both)))]
    return parts


def test_every_kind_of_property_has_its_length() -> None:
    found = answers(agree(counter().model(), 9))
    assert found == {
        "below_two": (Verdict.VIOLATED, 4),
        "zero": (Verdict.HOLDS, 2),
        "not_to_one": (Verdict.VIOLATED, 3),
        EVALUATION: (Verdict.VIOLATED, 8),
        "deadlock": (Verdict.BOUNDED, None),
    }


def test_deadlock_of_two_processes() -> None:
    found = agree(two_lockers().model(), 8)
    assert answers(found)["deadlock"] == (Verdict.VIOLATED, 2)
    assert answers(found)["mutex"] == (Verdict.BOUNDED, None)


def test_rest_is_no_deadlock_and_paths_end() -> None:
    parts = two_lockers()
    parts.steps = [step for step in parts.steps if step.at[0] == 2]
    parts.steps = [replace(step, index=i) for i, step in enumerate(parts.steps)]
    parts.is_rest = t.eq(parts.cells[2].now, t.const(3))
    found = agree(parts.model(), 8)
    assert answers(found)["deadlock"] == (Verdict.BOUNDED, None)
    assert found.findings[0].reason.endswith("no path has more than 3 steps")
    assert (found.depth, found.stops) == (8, frozenset())


def test_masks_choices_and_assertions() -> None:
    """Members leave a set one by one; the last one must not be member 1."""
    parts = Parts(cells(s=masks(3), last=ints(0, 2)), (7, 0))
    members, chosen = parts.cells[0].now, temp(1, ints(0, 2))
    rest = t.minus(members, t.bit(chosen, 3))
    is_last = t.eq(t.card(members), ONE)
    parts.step(
        "leave",
        choose(chosen, members),
        If(is_last, (check(t.not_(t.eq(chosen, ONE)), 5),)),
        Assign(0, rest),
        Assign(1, chosen),
    )
    parts.properties = [
        assertion(5),
        DEADLOCK,
        prop(Kind.INVARIANT, "never_member_two", t.lt(parts.cells[1].now, t.const(2))),
        prop(Kind.INVARIANT, "one_stays", t.not_(t.subset(members, t.mask(5, 3)))),
    ]
    found = answers(agree(parts.model()))
    assert found["assert_5"] == (Verdict.VIOLATED, 3)
    assert found["deadlock"] == (Verdict.VIOLATED, 3)
    assert found["never_member_two"] == (Verdict.VIOLATED, 1)
    assert found["one_stays"] == (Verdict.VIOLATED, 1)


def test_floor_division_of_negative_numbers() -> None:
    parts = Parts(cells(n=ints(-9, 9), d=ints(-3, 3), rest=ints(-2, 2)), (9, -2, 0))
    n, d, _ = (cell.now for cell in parts.cells)
    parts.step(
        "divide",
        check(t.not_(t.eq(d, t.const(0))), 1, Check.DIVISION),
        *fitting(parts.cells[2], t.mod(n, d), 2),
        *fitting(parts.cells[0], t.div(n, d), 3),
        *fitting(parts.cells[1], t.add(d, ONE), 4),
    )
    parts.properties = [
        CHECKS,
        prop(Kind.REACHABLE, "there", t.eq(n, t.const(5))),
        prop(Kind.REACHABLE, "rest", t.eq(parts.cells[2].now, t.const(-1))),
    ]
    found = answers(agree(parts.model()))
    assert found["there"] == (Verdict.HOLDS, 2)
    assert found["rest"] == (Verdict.HOLDS, 1)
    assert found[EVALUATION] == (Verdict.VIOLATED, 3)


def test_choices_stay_in_their_intervals() -> None:
    parts = Parts(cells(low=ints(-4, 3), high=ints(0, 7)), (0, 1))
    low, high = temp(1, ints(-1, 1)), temp(2, ints(1, 5))
    parts.step("choose", choose(low), choose(high), Assign(0, low), Assign(1, high))
    now = [cell.now for cell in parts.cells]
    parts.properties = [
        prop(
            Kind.INVARIANT, f"{cell.name} not {value}", t.not_(t.eq(x, t.const(value)))
        )
        for cell, x in zip(parts.cells, now, strict=True)
        for value in range(cell.range.lo, cell.range.hi + 1)
    ]
    found = answers(agree(parts.model(), 2))
    assert sum(verdict is Verdict.VIOLATED for verdict, _ in found.values()) == 8


def test_a_property_without_a_value_is_no_answer() -> None:
    parts = counter()
    partial = check(t.lt(parts.cells[0].now, ONE), 7, Check.KEY)
    for kind in (Kind.INVARIANT, Kind.REACHABLE):
        asked = prop(kind, "partial", t.boolean(kind is Kind.REACHABLE), partial)
        question = Encoding(parts.model()).question(asked, lambda _: False)
        assert t.and_(question.goal, question.fails) is t.FALSE


def test_chosen_initial_states() -> None:
    parts = counter()
    start = temp(1, ints(-2, 1))
    parts.init = (choose(start), Require(t.not_(t.eq(start, ONE))), Assign(0, start))
    found = answers(agree(parts.model()))
    assert found["zero"] == (Verdict.HOLDS, 0)
    assert found["below_two"] == (Verdict.VIOLATED, 2)


def test_no_initial_state() -> None:
    parts = counter()
    parts.init = (Require(t.FALSE),)
    found = agree(parts.model())
    assert {f.verdict for f in found.findings} == {Verdict.BOUNDED}


def test_a_model_without_steps() -> None:
    parts = counter()
    parts.steps = []
    assert answers(agree(parts.model()))["deadlock"] == (Verdict.VIOLATED, 0)


def test_a_state_outside_a_constraint_is_the_last() -> None:
    parts = counter()
    n = parts.cells[0].now
    parts.constraints = [prop(Kind.CONSTRAINT, "small", t.lt(n, ONE))]
    found = agree(parts.model())
    assert Stop.CONSTRAINT in found.stops
    assert answers(found)["not_to_one"] == (Verdict.VIOLATED, 3)
    assert answers(found)["below_two"] == (Verdict.BOUNDED, None)


@pytest.mark.parametrize("is_assumption", [True, False])
def test_an_assumption_is_a_cut_and_a_requirement_is_not(is_assumption: bool) -> None:
    parts = counter()
    n = parts.cells[0].now
    bound = Require(t.lt(n, t.const(0)), is_assumption=is_assumption)
    parts.step("bounded", bound, Assign(0, t.add(n, ONE)))
    parts.steps = [replace(parts.steps[1], index=0)]
    found = agree(parts.model())
    assert (Stop.CONSTRAINT in found.stops) is is_assumption
    verdict = Verdict.BOUNDED if is_assumption else Verdict.VIOLATED
    assert answers(found)["deadlock"][0] is verdict


def test_an_assumption_in_the_initialisation_is_a_cut() -> None:
    parts = counter()
    start = temp(1, ints(-2, 1))
    bound = Require(t.lt(start, ONE), is_assumption=True)
    parts.init = (choose(start), bound, Assign(0, start))
    assert Stop.CONSTRAINT in agree(parts.model()).stops


@pytest.mark.parametrize("kind", [Kind.INVARIANT, Kind.REACHABLE, Kind.TRANSITION])
def test_a_check_inside_a_property_is_an_error(kind: Kind) -> None:
    parts = counter()
    n = parts.cells[0].now
    bad = check(t.lt(n, ONE), 7, Check.KEY)
    holds = t.boolean(kind is not Kind.REACHABLE)
    parts.properties = [prop(kind, "partial", holds, bad)]
    assert run(parts.model(), 2)
    with pytest.raises(PropertyError, match="line 7") as error:
        run(parts.model(), 6)
    path = error.value.path
    assert path[:4] == ((-2,), (-1,), (0,), (1,))
    assert len(path) == 4 + (kind is Kind.TRANSITION)


def test_a_check_inside_a_constraint_is_an_error_if_it_is_evaluated() -> None:
    parts = counter()
    n = parts.cells[0].now
    partial = check(t.lt(n, t.const(0)), 8, Check.KEY)
    parts.constraints = [prop(Kind.CONSTRAINT, "partial", t.TRUE, partial)]
    with pytest.raises(PropertyError, match="line 8"):
        run(parts.model())
    small = prop(Kind.CONSTRAINT, "small", t.lt(n, t.const(0)))
    parts.constraints = [small, *parts.constraints]
    agree(parts.model())


def test_a_check_in_the_initialisation_is_an_error() -> None:
    parts = counter()
    start = temp(1, BOOLS)
    parts.init = (choose(start), check(start, 3, Check.KEY))
    with pytest.raises(PropertyError, match="line 3") as error:
        run(parts.model())
    assert error.value.path == ()


def test_limits_choose_what_is_asked() -> None:
    model = counter().model()
    assert set(answers(run(model, deadlock=False))) == set(answers(run(model))) - {
        "deadlock"
    }
    only = run(model, properties=frozenset({"zero"}))
    assert answers(only) == {"zero": (Verdict.HOLDS, 2)}
    assert (only.depth, only.stops) == (2, frozenset())


def test_the_depth_bounds_the_length() -> None:
    found = run(counter().model(), 3)
    assert answers(found)["below_two"] == (Verdict.BOUNDED, None)
    assert answers(found)["not_to_one"] == (Verdict.VIOLATED, 3)
    assert (found.depth, found.stops) == (3, frozenset({Stop.DEPTH}))
    assert found.findings[0].reason == "not violated within 3 steps"
    assert not found.is_complete


def test_without_a_depth_it_goes_on() -> None:
    limits = {"properties": frozenset({EVALUATION})}
    found = run(counter(20).model(), None, **limits)
    assert answers(found) == {EVALUATION: (Verdict.VIOLATED, 23)}


def test_the_limit_on_violations_does_not_count_goals() -> None:
    found = run(counter().model(), max_violations=1)
    assert answers(found)["zero"] == (Verdict.HOLDS, 2)
    assert answers(found)["not_to_one"] == (Verdict.VIOLATED, 3)
    assert answers(found)["below_two"] == (Verdict.BOUNDED, None)
    assert (found.depth, found.stops) == (2, frozenset({Stop.VIOLATIONS}))


def test_no_time_at_all() -> None:
    found = run(counter().model(), seconds=0)
    assert {f.verdict for f in found.findings} == {Verdict.UNKNOWN}
    assert (found.depth, found.stops) == (None, frozenset({Stop.TIME}))


class Impatient(Silence):
    """Asks to stop once the depth is 3."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, float | None]] = []

    def progress(self, engine: str, text: str, done: float | None) -> None:
        self.told.append((engine, text, done))

    def is_interrupted(self) -> bool:
        return len(self.told) == 3


def test_a_user_who_stops_gets_what_is_known() -> None:
    watch = Impatient()
    found = BoundedChecker().run(counter().model(), Limits(depth=6), watch)
    assert (found.depth, found.stops) == (2, frozenset({Stop.INTERRUPT}))
    assert answers(found)["zero"] == (Verdict.HOLDS, 2)
    assert answers(found)["below_two"] == (Verdict.BOUNDED, None)
    assert watch.told[1] == ("bmc", "depth 2", 2 / 6)


class ControlC(Silence):
    """Presses Ctrl-C at depth 3."""

    def progress(self, _engine: str, text: str, _done: float | None) -> None:
        if text == "depth 3":
            signal.raise_signal(signal.SIGINT)


def test_control_c_ends_the_search_and_not_the_program() -> None:
    found = BoundedChecker().run(counter().model(), Limits(depth=6), ControlC())
    assert (found.depth, found.stops) == (2, frozenset({Stop.INTERRUPT}))


def test_control_c_inside_z3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "_check", lambda *_: Reply(Answer.INTERRUPTED))
    found = run(counter().model())
    assert (found.depth, found.stops) == (None, frozenset({Stop.INTERRUPT}))


def test_a_solver_that_gives_up_is_unknown() -> None:
    model = two_lockers().model()
    found = BoundedChecker(effort=1).run(model, Limits(depth=4), Silence())
    assert {f.verdict for f in found.findings} == {Verdict.UNKNOWN}
    assert Stop.SOLVER in found.stops
    assert "seeds 1 and 2" in found.findings[0].reason


@pytest.mark.parametrize("effort", [200, 500, 1000, 2000, 4000, 8000, 16000])
def test_giving_up_now_and_then_is_never_wrong(effort: int) -> None:
    for model in (two_lockers().model(), counter().model()):
        judged = BruteForce(model).run(8)
        found = BoundedChecker(effort=effort).run(model, Limits(depth=8), Silence())
        for finding in found.findings:
            if finding.evidence is not None:
                replay_evidence(model, finding.evidence)
                length = finding.evidence.length
                assert judged[finding.prop.name] == (finding.verdict, length)


def test_a_second_seed_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Session.ask

    def second(self: Session, formula: object = None) -> Reply:
        return replace(ask(self, formula), is_second=True)

    monkeypatch.setattr(Session, "ask", second)
    found = run(counter().model())
    assert all("second seed" in finding.reason for finding in found.findings)


def test_two_runs_find_the_same_paths() -> None:
    model = two_lockers().model()
    assert run(model).findings == run(model).findings


def test_a_sequence_of_writes_in_one_step() -> None:
    """Swap two cells over a temporary, then use the swapped value."""
    parts = Parts(cells(x=ints(0, 3), y=ints(0, 3)), (1, 2))
    x, y = (cell.now for cell in parts.cells)
    old = temp(1, ints(0, 3))
    swap = (Let(old, x), Assign(0, y), Assign(1, old), Let(old, x))
    parts.step("swap", *swap, Require(t.eq(old, t.const(2))))
    parts.properties = [
        prop(Kind.REACHABLE, "swapped", t.and_(t.eq(x, t.const(2)), t.eq(y, ONE))),
        DEADLOCK,
    ]
    model = parts.model()
    assert answers(agree(model))["swapped"] == (Verdict.HOLDS, 1)
    assert answers(agree(model))["deadlock"] == (Verdict.VIOLATED, 1)
    assert Interpreter(model).initial() == [(1, 2)]


def test_importing_the_engine_does_not_import_z3() -> None:
    code = "import sys, modelcheck.solve.bmc; sys.exit('z3' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
