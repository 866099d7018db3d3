"""What liveness checkers got wrong, one test each.

The cases are from the trackers of TLC, SPIN, Apalache, tla-rs, hw-cbmc, stateright and
fizzbee; each test is named after what went wrong there.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelcheck.explore.book import PropertyError
from modelcheck.liveness.collecting import collect
from modelcheck.liveness.engine import decide
from modelcheck.liveness.tiers import Kernels
from modelcheck.model.program import Kind, Model, Property
from modelcheck.model.statements import Assert, Assign, Check, Require
from modelcheck.model.temporal import Atom, Fairness, Strength
from modelcheck.model.temporal import Connective as Op
from modelcheck.model.terms import FALSE, const, eq, le, not_
from modelcheck.verdict.check import EngineName, Resources, verify_model
from modelcheck.verdict.report import PropertyReport, Report
from modelcheck.verdict.verdicts import (
    STUTTER,
    Finding,
    Limits,
    Silence,
    Stop,
    Verdict,
)
from tests.unit.liveness.formulas import atom, leads_to, op
from tests.unit.liveness.models import (
    ALWAYS_EVENTUALLY,
    counter,
    fair,
    made,
    moves,
    temporal,
)

NO_LIMITS = Limits()
WEAK, STRONG = Strength.WEAK, Strength.STRONG


def check(model: Model, limits: Limits = NO_LIMITS) -> Finding:
    graph = collect(model, limits, Silence())
    return decide(graph, limits, Silence(), lambda _: Kernels()).findings[0]


def verdict_of(report: Report, name: str) -> PropertyReport:
    return next(prop for prop in report.properties if prop.prop.name == name)


def values(finding: Finding) -> tuple[list[int], int | None]:
    assert finding.evidence is not None
    return [state[0] for state in finding.evidence.states], finding.evidence.loop


# Cycles.


def test_a_component_is_not_printed_as_if_it_were_a_cycle() -> None:
    """tlaplus#201, tla-rs#64: 1, 2 and 3 hang together, but 2 does not lead to 3."""
    edges = (0, 1), (1, 2), (2, 1), (1, 3), (3, 1)
    builder, x = moves(*edges)
    never = op(Op.NOT, op(Op.AND, ALWAYS_EVENTUALLY,
                          op(Op.ALWAYS, op(Op.EVENTUALLY, atom(1)))))  # fmt: skip
    prop = temporal("p", never, eq(x.now, const(2)), eq(x.now, const(3)))
    states, loop = values(check(made(builder, [prop])))
    assert (states, loop) == ([0, 1, 2, 1, 3], 1)
    assert all(pair in edges for pair in zip(states, [*states[1:], 1], strict=True))


def test_the_cycle_itself_is_fair_not_only_its_component() -> None:
    """fizzbee PR#203: the short cycle 1, 2 starves the step that leads to 3."""
    builder, x = moves((0, 1), (1, 2), (2, 1), (1, 3), (3, 1))
    prop = temporal("p", op(Op.NOT, ALWAYS_EVENTUALLY), eq(x.now, const(2)))
    states, loop = values(check(made(builder, [prop], fair(STRONG, "to3", 3))))
    assert loop == 1
    assert sorted(states[loop:]) == [1, 1, 2, 3]


def test_a_way_back_into_a_visited_state_is_seen() -> None:
    """stateright's `eventually` misses cycles and joins."""
    builder, x = moves((0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 3), (3, 5))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(5)))
    assert values(check(made(builder, [prop]))) == ([0, 1, 3, 4], 2)


def test_the_shortest_stem_wins() -> None:
    """tlaplus#710: a counterexample that is longer than need be."""
    builder, x = moves((0, 1), (1, 2), (2, 3), (3, 3), (0, 4), (4, 5), (5, 4))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(9)))
    assert values(check(made(builder, [prop]))) == ([0, 4, 5], 1)


def test_the_loop_has_no_state_twice_in_a_row_for_the_automaton_s_sake() -> None:
    """tlaplus#710: a stuttering step that is none of the model's."""
    builder, x = moves((0, 1), (1, 1))
    prop = temporal("p", leads_to(atom(0), atom(1)),
                    eq(x.now, const(0)), eq(x.now, const(9)))  # fmt: skip
    assert values(check(made(builder, [prop]))) == ([0, 1], 1)


def test_the_run_repeats_itself_as_soon_as_it_can() -> None:
    """The automaton takes a step to see that 1 was left; the run does not need it."""
    builder, x = moves((0, 1), (1, 2), (2, 3), (3, 2), (3, 1))
    prop = temporal("p", leads_to(atom(0), atom(1)),
                    eq(x.now, const(1)), eq(x.now, const(9)))  # fmt: skip
    assert values(check(made(builder, [prop]))) == ([0, 1, 2, 3], 1)


# Stuttering.


def test_a_state_without_successors_stays_for_ever() -> None:
    """tla-rs PR#62, apalache#1819: without stuttering there would be no run at all."""
    builder, x = moves((0, 1))
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    finding = check(made(builder, [prop]))
    assert values(finding) == ([0, 1], 1)
    assert finding.evidence is not None
    assert finding.evidence.taken == (0, STUTTER)


def test_a_state_at_rest_stays_for_ever() -> None:
    """The end of all processes is no deadlock; what is true then is true for ever."""
    builder, x = moves((0, 1))
    props = [
        temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0))),
        temporal("q", op(Op.EVENTUALLY, op(Op.ALWAYS, atom(0))), eq(x.now, const(1))),
    ]
    model = replace(made(builder, props), is_rest=eq(x.now, const(1)))
    graph = collect(model, Limits(), Silence())
    found = decide(graph, Limits(), Silence(), lambda _: Kernels()).findings
    assert [f.verdict for f in found] == [Verdict.VIOLATED, Verdict.HOLDS]


def test_a_state_with_successors_does_not_stay() -> None:
    """Only what has nothing to do stutters: `docs/language.md` says so."""
    builder, x = moves((0, 1), (1, 0))
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(1)))
    assert check(made(builder, [prop])).verdict is Verdict.HOLDS


def test_next_is_the_state_after_the_last_one_as_well() -> None:
    builder, x = moves((0, 1))
    prop = temporal("p", op(Op.ALWAYS, op(Op.OR, op(Op.NOT, atom(0)),
                                          op(Op.NEXT, atom(0)))),
                    eq(x.now, const(1)))  # fmt: skip
    assert check(made(builder, [prop])).verdict is Verdict.HOLDS


def test_no_step_is_enabled_where_a_run_stays() -> None:
    """Weak fairness of a step asks nothing of a run that has come to its end."""
    builder, x = moves((0, 1))
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    found = check(made(builder, [prop], fair(WEAK, "a", 0), fair(STRONG, "b", 0)))
    assert found.verdict is Verdict.VIOLATED


def test_a_check_that_fails_is_not_a_place_to_stay() -> None:
    """The run ends there; what it would do next is not the model's to say."""
    builder, x = moves((0, 1))
    builder.step("wrong", Require(eq(x.now, const(1))),
                 Assert(FALSE, Check.RANGE, "no", "step"))  # fmt: skip
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    found = check(made(builder, [prop]))
    assert found.verdict is Verdict.HOLDS
    assert "failed check" in found.reason


# Weak and strong.


@pytest.mark.parametrize(
    ("strength", "verdict"), [(WEAK, Verdict.VIOLATED), (STRONG, Verdict.HOLDS)]
)
def test_weak_and_strong_are_not_mixed_up(strength: Strength, verdict: Verdict) -> None:
    """Enabled again and again, but never for ever: only strong fairness helps."""
    builder, x = moves((0, 1), (1, 0), (0, 2))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(2)))
    assert check(made(builder, [prop], fair(strength, "a", 2))).verdict is verdict


def test_weak_fairness_of_two_is_not_weak_fairness_of_either() -> None:
    """One constraint on both steps is fulfilled by one of them."""
    builder, x = moves((0, 0), (0, 1))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(1)))
    both = made(builder, [prop], fair(WEAK, "both", 0, 1))
    assert check(both).verdict is Verdict.VIOLATED
    each = replace(both, fairness=(fair(WEAK, "a", 0), fair(WEAK, "b", 1)))
    assert check(each).verdict is Verdict.HOLDS


def test_two_fairness_constraints_at_once() -> None:
    """hw-cbmc#2007: PROVED with two of them although one cycle serves both."""
    edges = (0, 1), (1, 0), (0, 2), (2, 0), (0, 3)
    builder, x = moves(*edges)
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(3)))
    two = fair(STRONG, "a", 0), fair(STRONG, "b", 2)
    states, loop = values(check(made(builder, [prop], *two)))
    assert states[loop:] in ([0, 1, 0, 2], [0, 2, 0, 1])
    three = (*two, fair(STRONG, "c", 4))
    assert (
        check(replace(made(builder, [prop]), fairness=three)).verdict is Verdict.HOLDS
    )


def test_constraints_beyond_the_first_word() -> None:
    """A hundred constraints, of which the last decides."""
    builder, x = moves((0, 0), (0, 1))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(1)))
    many = [fair(WEAK, f"f{n}", 0) for n in range(100)]
    assert check(made(builder, [prop], *many)).verdict is Verdict.VIOLATED
    builder.properties.pop()
    last = fair(STRONG, "last", 1)
    assert check(made(builder, [prop], *many, last)).verdict is Verdict.HOLDS


def test_strong_fairness_takes_a_component_apart_more_than_once() -> None:
    """Without 3, the step to 4 is no longer taken; without 1, no cycle is left."""
    builder, x = moves((0, 1), (1, 2), (2, 0), (1, 3), (3, 1), (0, 9), (3, 8))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), le(const(8), x.now))
    fairness = fair(STRONG, "leave3", 6), fair(STRONG, "leave0", 5)
    assert check(made(builder, [prop], *fairness)).verdict is Verdict.HOLDS
    states, loop = values(check(made(builder, [], fairness[0])))
    assert states[loop:] == [0, 1, 2]


def test_a_step_from_a_state_to_itself_counts() -> None:
    """A run that repeats one state can be fair because of what it does there."""
    builder, x = moves((0, 0), (0, 1), (1, 0))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(1)))
    stays = made(builder, [prop], fair(WEAK, "stay", 0))
    finding = check(stays)
    assert values(finding) == ([0], 0)
    changes = Fairness("change", WEAK, frozenset({0, 1}), (),
                       not_(eq(x.now, x.after)))  # fmt: skip
    assert check(replace(stays, fairness=(changes,))).verdict is Verdict.HOLDS


# Formulas.


def test_p_implies_eventually_always_q() -> None:
    """tlaplus#1037: a spurious error."""
    builder, x = moves((0, 1), (1, 2), (2, 2))
    formula = op(Op.OR, op(Op.NOT, atom(0)), op(Op.EVENTUALLY, op(Op.ALWAYS, atom(1))))
    good = temporal("p", formula, eq(x.now, const(0)), eq(x.now, const(2)))
    assert check(made(builder, [good])).verdict is Verdict.HOLDS
    builder, x = moves((0, 1), (1, 2), (2, 1))
    bad = temporal("p", formula, eq(x.now, const(0)), eq(x.now, const(2)))
    assert values(check(made(builder, [bad]))) == ([0, 1, 2], 1)


def test_eventually_always_is_not_dropped() -> None:
    """tla-rs PR#59: `<>[]P` was accepted and never checked."""
    builder, x = moves((0, 1), (1, 0))
    prop = temporal("p", op(Op.EVENTUALLY, op(Op.ALWAYS, atom(0))), eq(x.now, const(0)))
    assert check(made(builder, [prop])).verdict is Verdict.VIOLATED


def test_always_eventually_at_the_boundary() -> None:
    """Once is not again and again; and a cycle through it is, however long."""
    builder, x = moves((0, 1), (1, 2), (2, 1))
    once = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    assert check(made(builder, [once])).verdict is Verdict.VIOLATED
    builder, x = counter(200)
    again = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    assert check(made(builder, [again])).verdict is Verdict.HOLDS


def test_an_initial_state_that_violates_the_formula_alone() -> None:
    """tlaplus PR#1440: an error at the initial state ended in "no error"."""
    builder, x = moves((0, 1), (1, 1))
    prop = temporal("p", atom(0), eq(x.now, const(1)))
    assert values(check(made(builder, [prop]))) == ([0, 1], 1)


def test_strong_until_wants_its_right_side() -> None:
    builder, x = moves((0, 0), (0, 1))
    prop = temporal("p", op(Op.UNTIL, atom(0), atom(1)),
                    eq(x.now, const(0)), eq(x.now, const(1)))  # fmt: skip
    assert values(check(made(builder, [prop]))) == ([0], 0)


def test_vacuous_antecedents_are_told() -> None:
    """Examples#101: `ctl[p] = "req"` never holds, and the property does."""
    builder, x = moves((0, 1), (1, 0))
    never, seen = eq(x.now, const(5)), eq(x.now, const(1))
    formula = leads_to(atom(0), atom(1))
    told = temporal("p", formula, never, seen, antecedents=[(atom(0), "x == 5")])
    finding = check(made(builder, [told]))
    assert finding.verdict is Verdict.HOLDS
    assert finding.reason == "`x == 5` holds in no reachable state"
    builder.properties.pop()
    fine = temporal("p", leads_to(atom(1), atom(1)), never, seen,
                    antecedents=[(atom(1), "x == 1")])  # fmt: skip
    assert not check(made(builder, [fine])).reason


# Incomplete searches.


def test_nothing_is_proved_in_a_bounded_search() -> None:
    """tlaplus#544: a depth-first search to a bound "succeeded" without looking."""
    builder, x = counter(9)
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    model = made(builder, [prop])
    assert check(model, Limits(depth=4)).verdict is Verdict.BOUNDED
    assert check(model, Limits(depth=10)).verdict is Verdict.HOLDS
    for engine in ("auto", "explore", "native"):
        report = verify_model(model, engine, Limits(depth=4), Silence())  # type: ignore[arg-type]
        assert verdict_of(report, "p").verdict is Verdict.BOUNDED
        assert report.exit_code == 30


def test_the_end_of_a_bounded_search_is_no_place_to_stay() -> None:
    """A state that was not expanded has successors nobody has looked at."""
    builder, x = counter(9)
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(9)))
    assert check(made(builder, [prop]), Limits(depth=4)).verdict is Verdict.BOUNDED


def test_a_lasso_in_a_bounded_search_is_one() -> None:
    builder, x = moves((0, 1), (1, 0), (1, 2), (2, 3), (3, 4))
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(4)))
    finding = check(made(builder, [prop]), Limits(depth=2))
    assert finding.verdict is Verdict.VIOLATED


def test_what_constraints_cut_off_is_enabled_all_the_same() -> None:
    """A step to a state outside must be taken in the model: no fair run stays in 0."""
    builder, x = moves((0, 0), (0, 5))
    builder.constraints.append(
        Property("small", Kind.CONSTRAINT, (), le(x.now, const(4)))
    )
    prop = temporal("p", op(Op.EVENTUALLY, atom(0)), eq(x.now, const(5)))
    model = made(builder, [prop], fair(WEAK, "go", 1))
    for engine in ("explore", "native"):
        report = verify_model(model, engine, Limits(), Silence())  # type: ignore[arg-type]
        found = verdict_of(report, "p")
        assert found.verdict is Verdict.BOUNDED
        assert Stop.CONSTRAINT.value in found.reason
    free = replace(model, fairness=())
    assert check(free).verdict is Verdict.VIOLATED


def test_what_an_assumption_cuts_off_is_no_place_to_stay() -> None:
    builder, x = moves((0, 1))
    cut = Require(FALSE, is_assumption=True)
    builder.step("cut", Require(eq(x.now, const(1))), cut, Assign(x.index, const(0)))
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    assert check(made(builder, [prop])).verdict is Verdict.BOUNDED


# Refused by name.


def endless() -> Model:
    builder, x = moves((0, 1), (1, 0))
    return made(builder, [temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(1)))])


def test_bmc_alone_says_nothing() -> None:
    report = verify_model(endless(), "bmc", Limits(), Silence())
    found = verdict_of(report, "p")
    assert found.verdict is Verdict.UNKNOWN
    assert "--engine" in found.reason
    assert report.exit_code == 30


def test_hash_compaction_is_refused() -> None:
    """A cycle among states that are taken for one another is none."""
    wanted = Resources(hash_compact=True)
    report = verify_model(endless(), "native", Limits(), Silence(), resources=wanted)
    found = verdict_of(report, "p")
    assert found.verdict is Verdict.UNKNOWN
    assert "--hash-compact" in found.reason


def test_an_end_before_the_cycles_is_told() -> None:
    model = endless()
    bad = Property("never", Kind.INVARIANT, (), FALSE)
    model = replace(model, properties=(bad, *model.properties))
    report = verify_model(model, "auto", Limits(max_violations=1), Silence())
    found = verdict_of(report, "p")
    assert found.verdict is Verdict.UNKNOWN
    assert Stop.VIOLATIONS.value in found.reason


def test_several_workers_find_what_one_finds() -> None:
    """tlaplus#971, rumur#131: missed, or another one each time."""
    builder, x = counter(300)
    prop = temporal("p", op(Op.EVENTUALLY, op(Op.ALWAYS, atom(0))), eq(x.now, const(7)))
    model = made(builder, [prop])
    reports = [
        verify_model(model, "native", Limits(), Silence(), resources=Resources(workers))
        for workers in (1, 2, 2)
    ]
    paths = [verdict_of(report, "p").trace for report in reports]
    assert paths[0] is not None
    assert len({trace.states for trace in paths if trace is not None}) == 1


def test_a_property_that_is_not_asked_for_is_not_looked_at() -> None:
    limits = Limits(properties=frozenset({"deadlock"}))
    report = verify_model(endless(), "auto", limits, Silence())
    assert [prop.prop.name for prop in report.properties] == ["deadlock"]
    assert "liveness" not in [engine.name for engine in report.engines]


@pytest.mark.parametrize("engine", ["explore", "native"])
def test_a_condition_without_a_value_is_no_verdict(engine: EngineName) -> None:
    """tlaplus PR#1440: the error names the property, with a path to the state."""
    builder, x = moves((0, 1), (1, 2), (2, 0))
    prop = temporal("p", ALWAYS_EVENTUALLY, eq(x.now, const(0)))
    assert prop.temporal is not None
    key = Assert(le(x.now, const(1)), Check.KEY, "no such key", "p")
    atoms = (Atom((key,), eq(x.now, const(0)), "x"),)
    wrong = replace(prop, temporal=replace(prop.temporal, atoms=atoms))
    with pytest.raises(PropertyError) as caught:
        verify_model(made(builder, [wrong]), engine, Limits(), Silence())
    assert caught.value.prop.name == "p"
    assert caught.value.path == ((0,), (1,), (2,))
