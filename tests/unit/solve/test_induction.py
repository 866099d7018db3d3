"""k-induction: what it proves, with which k, and what must not mislead it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelcheck.certify.check import refuse
from modelcheck.explore.book import PropertyError
from modelcheck.model import terms as t
from modelcheck.model.program import EVALUATION, Kind, Model
from modelcheck.model.statements import Assign, Check, Require
from modelcheck.model.temporal import Connective, Formula, Temporal
from modelcheck.solve.bmc import BoundedChecker
from modelcheck.solve.induction import Induction
from modelcheck.solve.session import Answer, Reply, Session
from modelcheck.trace.replay import replay_evidence
from modelcheck.verdict.proofs import certificate_of
from modelcheck.verdict.report import build_report
from modelcheck.verdict.verdicts import Findings, Limits, Silence, Stop, Verdict
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
    prop,
    temp,
)

ONE = t.const(1)


def run(model: Model, depth: int | None = 12, **limits: object) -> Findings:
    """What the engine finds; what it proves, `certify` accepts."""
    found = Induction().run(model, replace(Limits(depth=depth), **limits), Silence())
    certificate = certificate_of(model, found)
    if certificate is not None:
        assert refuse(certificate, model) is None
    for finding in found.findings:
        if finding.evidence is not None:
            replay_evidence(model, finding.evidence)
    return found


def verdicts(found: Findings) -> dict[str, str]:
    return {finding.prop.name: finding.verdict.value for finding in found.findings}


def ring(size: int = 8, turn: int = 3) -> Parts:
    """Goes round 0, 1, .. `turn` - 1; from `turn` on a state goes up to the end."""
    parts = Parts(cells(n=ints(0, size)), (0,))
    n = parts.cells[0].now
    is_last = t.eq(n, t.const(turn - 1))
    up = t.ite(t.lt(n, t.const(size)), t.add(n, ONE), n)
    parts.step("go", Assign(0, t.ite(is_last, t.const(0), up)))
    parts.properties = [
        prop(Kind.INVARIANT, "not_at_the_end", t.not_(t.eq(n, t.const(size)))),
        prop(Kind.REACHABLE, "the_end", t.eq(n, t.const(size))),
    ]
    return parts


def test_a_proof_needs_as_many_steps_as_there_are_good_states_before_the_bad() -> None:
    found = run(ring().model())
    assert verdicts(found) == {"not_at_the_end": "holds", "the_end": "violated"}
    assert found.proof is not None
    assert found.proof.k == 6  # 3, 4, 5, 6, 7 are good and lead to 8
    assert verdicts(run(ring().model(), depth=6)) == verdicts(found)
    assert set(verdicts(run(ring().model(), depth=5)).values()) == {"bounded"}


def test_paths_do_not_repeat_states() -> None:
    """Good states that nobody reaches go round for ever before they turn bad."""
    parts = Parts(cells(n=ints(0, 4)), (0,))
    n = parts.cells[0].now
    parts.step("stay", Require(t.eq(n, t.const(0))))
    parts.step("around", Require(t.le(ONE, n)), Assign(0, t.sub(t.const(4), n)))
    parts.step("out", Require(t.eq(n, t.const(3))), Assign(0, t.const(2)))
    bad = t.eq(n, t.const(2))
    parts.properties = [prop(Kind.INVARIANT, "never_two", t.not_(bad))]
    found = run(parts.model())
    assert verdicts(found) == {"never_two": "holds"}
    assert found.proof is not None
    assert found.proof.k == 3


def test_properties_help_each_other() -> None:
    parts = Parts(cells(a=BOOLS, b=BOOLS), (0, 0))
    a, b = (cell.now for cell in parts.cells)
    parts.step("a from b", Assign(0, b))
    parts.step("b from a", Assign(1, a))
    parts.properties = [
        prop(Kind.INVARIANT, "no_a", t.not_(a)),
        prop(Kind.INVARIANT, "no_b", t.not_(b)),
    ]
    found = run(parts.model(), depth=1)
    assert verdicts(found) == {"no_a": "holds", "no_b": "holds"}
    assert found.proof is not None
    assert found.proof.k == 1


def test_a_violated_property_is_no_help() -> None:
    """`b` is false only as long as `a` is, which is not for ever."""
    parts = Parts(cells(a=BOOLS, b=BOOLS), (0, 0))
    a, b = (cell.now for cell in parts.cells)
    parts.step("set a", Assign(0, t.TRUE))
    parts.step("b from a", Assign(1, a))
    parts.properties = [
        prop(Kind.INVARIANT, "no_a", t.not_(a)),
        prop(Kind.INVARIANT, "no_b", t.not_(b)),
    ]
    found = run(parts.model())
    assert verdicts(found) == {"no_a": "violated", "no_b": "violated"}
    lengths = [f.evidence.length for f in found.findings if f.evidence]
    assert lengths == [1, 2]


def count_to(top: int, *, is_stopped: bool) -> Parts:
    """Counts up; at `top` it is either stuck or goes on for ever."""
    parts = Parts(cells(n=ints(0, top + 1)), (0,))
    n = parts.cells[0].now
    guard = Require(t.lt(n, t.const(top)))
    parts.step("up", *(guard,) * is_stopped, *fitting(parts.cells[0], t.add(n, ONE), 1))
    return parts


@pytest.mark.parametrize("top", [0, 1, 2, 5])
def test_pono_457_a_deadlock_does_not_mask_the_bad_state(top: int) -> None:
    """The bad state has no successor: no path goes through it to a greater length."""
    parts = count_to(top, is_stopped=True)
    n = parts.cells[0].now
    parts.properties = [
        prop(Kind.INVARIANT, "below", t.lt(n, t.const(top))),
        prop(Kind.INVARIANT, "within", t.le(n, t.const(top))),
        DEADLOCK,
        CHECKS,
    ]
    found = run(parts.model())
    assert verdicts(found) == {
        "below": "violated",
        "within": "holds",
        "deadlock": "violated",
        EVALUATION: "holds",
    }
    assert [f.evidence and f.evidence.length for f in found.findings] == [
        *(top, None),
        *(top, None),
    ]


def test_pono_457_a_step_that_fails_is_no_end_of_the_question() -> None:
    """The check fails in the only step, so nothing at all follows the first state."""
    parts = Parts(cells(n=ints(0, 3)), (0,))
    parts.step("fail", check(t.FALSE, 1))
    n = parts.cells[0].now
    parts.properties = [
        assertion(1),
        prop(Kind.TRANSITION, "never_more", t.le(parts.cells[0].after, n)),
        DEADLOCK,
    ]
    found = run(parts.model())
    assert verdicts(found) == {
        "assert_1": "violated",
        "never_more": "holds",
        "deadlock": "holds",
    }


def test_pono_457_nothing_holds_without_initial_states() -> None:
    parts = count_to(3, is_stopped=False)
    parts.init = (Require(t.FALSE),)
    parts.properties = [prop(Kind.INVARIANT, "nothing", t.FALSE)]
    found = run(parts.model())
    assert verdicts(found) == {"nothing": "unknown"}
    assert "no initial state" in found.findings[0].reason


def test_pono_457_a_constraint_that_cuts_paths_off_proves_nothing() -> None:
    parts = count_to(6, is_stopped=False)
    n = parts.cells[0].now
    parts.properties = [prop(Kind.INVARIANT, "small", t.lt(n, t.const(5)))]
    parts.constraints = [prop(Kind.CONSTRAINT, "short", t.lt(n, t.const(2)))]
    found = run(parts.model())
    assert verdicts(found) == {"small": "bounded"}
    assert found.proof is None
    assert Stop.CONSTRAINT in found.stops


def test_a_constraint_that_cuts_nothing_off_is_proved_to() -> None:
    parts = ring()
    n = parts.cells[0].now
    parts.constraints = [prop(Kind.CONSTRAINT, "low", t.lt(n, t.const(4)))]
    assert set(verdicts(run(parts.model())).values()) == {"holds", "violated"}


def test_an_assumption_that_cuts_paths_off_proves_nothing() -> None:
    parts = ring()
    n = parts.cells[0].now
    assumed = Require(t.lt(n, t.const(2)), is_assumption=True)
    parts.steps[0] = replace(parts.steps[0], body=(assumed, *parts.steps[0].body))
    assert set(verdicts(run(parts.model())).values()) == {"bounded"}


def test_a_transition_property_and_choices() -> None:
    parts = Parts(cells(n=ints(0, 5)), (0,))
    cell = parts.cells[0]
    chosen = temp(1, ints(0, 2))
    parts.step("more", choose(chosen), *fitting(cell, t.add(cell.now, chosen), 1))
    small = t.le(t.sub(cell.after, cell.now), t.const(2))
    parts.properties = [
        prop(Kind.TRANSITION, "never_less", t.le(cell.now, cell.after)),
        prop(Kind.TRANSITION, "small_steps", small),
        prop(Kind.TRANSITION, "single", t.le(t.sub(cell.after, cell.now), ONE)),
        CHECKS,
        DEADLOCK,
    ]
    found = run(parts.model())
    assert verdicts(found) == {
        "never_less": "holds",
        "small_steps": "holds",
        "single": "violated",
        EVALUATION: "violated",
        "deadlock": "holds",
    }


def test_a_property_without_a_value_is_an_error() -> None:
    parts = ring()
    n = parts.cells[0].now
    failing = check(t.lt(n, t.const(2)), 9, Check.KEY)
    parts.properties.append(prop(Kind.INVARIANT, "partial", t.TRUE, failing))
    with pytest.raises(PropertyError):
        run(parts.model())


def test_a_property_without_a_value_where_nobody_comes_holds() -> None:
    parts = ring()
    n = parts.cells[0].now
    failing = check(t.lt(n, t.const(7)), 9, Check.KEY)
    parts.properties.append(prop(Kind.INVARIANT, "partial", t.TRUE, failing))
    assert verdicts(run(parts.model()))["partial"] == "holds"


def test_lemmas_are_proved_not_assumed() -> None:
    parts = ring()
    n = parts.cells[0].now
    good = replace(prop(Kind.INVARIANT, "low", t.lt(n, t.const(3))), is_lemma=True)
    wrong = replace(prop(Kind.INVARIANT, "wrong", t.lt(n, t.const(2))), is_lemma=True)
    parts.properties.append(good)
    assert verdicts(run(parts.model(), depth=1))["not_at_the_end"] == "holds"
    parts.properties[-1] = wrong
    found = run(parts.model(), depth=2)
    assert verdicts(found)["wrong"] == "violated"
    assert verdicts(found)["not_at_the_end"] == "bounded"


def test_temporal_properties_are_out_of_reach() -> None:
    parts = ring()
    truth = Temporal(Formula(Connective.TRUE), ())
    temporal = replace(prop(Kind.TEMPORAL, "runs", t.TRUE), temporal=truth)
    parts.properties.append(temporal)
    report = build_report(parts.model(), [run(parts.model())], engine="induct")
    verdicts = {each.prop.name: each.verdict for each in report.properties}
    assert verdicts["runs"] is Verdict.UNKNOWN
    assert verdicts["not_at_the_end"] is Verdict.HOLDS


def test_z3_unknown_is_asked_again_and_then_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Traps, 16: z3 may give up, and another seed may not."""
    asked = Session._check

    def gives_up(self: Session, solver: object, assumptions: list[object]) -> Reply:
        reply = asked(self, solver, assumptions)
        is_step = bool(assumptions)
        return Reply(Answer.UNKNOWN, reason="tired") if is_step else reply

    monkeypatch.setattr(Session, "_check", gives_up)
    found = Induction().run(ring().model(), Limits(depth=3), Silence())
    assert set(verdicts(found).values()) == {"bounded"}
    assert Stop.SOLVER in found.stops


def test_limits_of_time() -> None:
    found = Induction().run(ring().model(), Limits(seconds=0.0), Silence())
    assert found.stops == {Stop.TIME}
    assert {f.verdict for f in found.findings} <= {Verdict.UNKNOWN, Verdict.BOUNDED}


def test_ctrl_c() -> None:
    class Impatient(Silence):
        def is_interrupted(self) -> bool:
            return True

    found = Induction().run(ring().model(), Limits(), Impatient())
    assert found.stops == {Stop.INTERRUPT}


def test_what_it_refutes_is_what_bmc_refutes() -> None:
    model = count_to(4, is_stopped=True).model()
    n = model.cells[0].now
    asked = (prop(Kind.INVARIANT, "below", t.lt(n, t.const(3))),)
    model = replace(model, properties=asked)
    found = BoundedChecker().run(model, Limits(depth=5), Silence())
    assert run(model).findings[0].evidence == found.findings[0].evidence
