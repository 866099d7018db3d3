"""Bodies as guarded terms, compared with the interpreter path by path."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from modelcheck.explore.interpreter import EvaluationError, Interpreter, _Frame
from modelcheck.explore.interpreter import evaluate as interpret
from modelcheck.model import terms as t
from modelcheck.model.guarded import (
    Guarded,
    exists,
    guard_init,
    guard_property,
    guard_step,
)
from modelcheck.model.program import Kind, Model, State, Step
from modelcheck.model.statements import Assign, If, Let, Loop, Require, Statement
from modelcheck.model.terms import Op, Term
from tests.unit.solve.models import (
    Parts,
    cells,
    check,
    choose,
    ints,
    masks,
    prop,
    random_models,
    temp,
)

MADE = cells(x=ints(0, 3), y=ints(0, 3), s=masks(3))
X, Y, S = (cell.now for cell in MADE)
ONE, TWO = t.const(1), t.const(2)


def value(
    term: Term, state: State, choices: dict[Term, int], after: State | None = None
) -> int:
    frame = _Frame(list(state), after)
    frame.temps = {choice.value: number for choice, number in choices.items()}
    return interpret(term, frame)


def outcomes(guarded: Guarded, state: State) -> set[tuple[State | None, str]]:
    """What the guarded terms say can happen in `state`: ends, failures and cuts."""
    found: set[tuple[State | None, str]] = set()
    ranges = [range(c.lo, c.hi + 1) for c in guarded.choices]
    for numbers in product(*ranges):
        choices = dict(zip(guarded.choices, numbers, strict=True))
        happening = [
            f.failed.message
            for f in guarded.failures
            if value(f.condition, state, choices)
        ]
        happening += ["cut"] * value(guarded.cut, state, choices)
        if value(guarded.guard, state, choices):
            end = list(state)
            for cell, term in guarded.updates.items():
                end[cell] = value(term, state, choices)
            happening.append("end")
            found.add((tuple(end), "end"))
        assert len(happening) <= 1
        found |= {(None, what) for what in happening if what != "end"}
    return found


def expected(model: Model, step: Step, state: State) -> set[tuple[State | None, str]]:
    if step.at is not None and state[step.at[0]] != step.at[1]:
        return set()
    found = set()
    for outcome in Interpreter(model).outcomes(step, state):
        what = "cut" if outcome.failed is None else outcome.failed.message
        found.add((outcome.state, "end" if outcome.state is not None else what))
    return found


def guard(*body: Statement) -> Guarded:
    parts = Parts(MADE, (0, 0, 0))
    parts.step("step", *body)
    model = parts.model()
    return guard_step(model, model.steps[0])


def test_assignments_see_each_other() -> None:
    guarded = guard(Assign(0, t.add(Y, ONE)), Assign(1, X))
    assert guarded.guard is t.TRUE
    assert guarded.updates[1] is t.add(Y, ONE)


def test_a_cell_written_back_is_not_an_update() -> None:
    assert not guard(
        Let(temp(1, ints(0, 3)), X), Assign(0, temp(1, ints(0, 3)))
    ).updates


def test_branches_are_merged_and_not_multiplied() -> None:
    body = [If(t.eq(X, t.const(n)), (Assign(1, t.const(n)),)) for n in range(4)] * 10
    guarded = guard(*body)
    assert len(list(t.walk(guarded.updates.values()))) < 200


def test_a_branch_that_cannot_go_on_leaves_no_trace() -> None:
    branch = If(t.eq(X, ONE), (Assign(1, TWO), Require(t.FALSE)))
    guarded = guard(branch)
    assert guarded.guard is t.not_(t.eq(X, ONE))
    assert not guarded.updates


def test_statements_after_a_dead_end_are_not_executed() -> None:
    unset = temp(7, ints(0, 3))
    guarded = guard(Require(t.FALSE), Assign(0, unset))
    assert guarded.guard is t.FALSE
    assert not guarded.updates


def test_a_failure_needs_everything_before_it_to_pass() -> None:
    first, second = t.eq(X, ONE), t.eq(Y, ONE)
    guarded = guard(Require(first), check(second, 1), check(first, 2))
    (failure,) = guarded.failures
    assert failure.condition is t.and_(first, t.not_(second))


def test_an_index_out_of_range_where_nothing_is_evaluated() -> None:
    index = temp(1, ints(-1, 2))
    inside = t.le(t.const(0), index)
    body = If(inside, (Require(t.has(S, index)), Assign(2, t.bit(index, 3))))
    assert guard(Let(index, t.const(-1)), body).guard is t.TRUE
    chosen = t.ite(inside, t.has(t.mask(5, 3), index), t.FALSE)
    assert guard(choose(index), Require(chosen)).enabled is t.TRUE


def test_deep_nesting_needs_no_recursion() -> None:
    body: tuple = (Assign(0, ONE),)
    for _ in range(3000):
        body = (If(t.eq(X, Y), body, (Assign(1, ONE),)),)
    assert guard(*body).updates


def test_a_loop_is_refused() -> None:
    with pytest.raises(TypeError, match="Loop"):
        guard(Loop(()))


def test_a_property_that_chooses_is_refused() -> None:
    with pytest.raises(TypeError, match="chooses"):
        guard_property(prop(Kind.INVARIANT, "p", t.TRUE, choose(temp(1, ints(0, 1)))))


def test_exists_expands_only_what_depends_on_the_choice() -> None:
    choice = t.leaf(Op.TEMP, -1, t.Sort.INT, 0, 2)
    free = t.lt(X, Y)
    assert exists(t.and_(free, t.lt(choice, t.const(9))), [choice]) is free
    assert exists(t.and_(free, t.eq(choice, TWO)), [choice]) is free
    member = exists(t.and_(free, t.has(S, choice)), [choice])
    assert member is t.and_(free, t.or_(*(t.has(S, t.const(n)) for n in range(3))))


def test_a_choice_in_a_branch_and_one_after_it_are_two() -> None:
    first, second, third = (temp(n, ints(0, 3)) for n in (1, 2, 3))
    branch = If(t.eq(X, ONE), (choose(first), Assign(0, first)))
    other = If(t.eq(Y, ONE), (choose(second), Assign(1, second)))
    guarded = guard(branch, other, choose(third), Assign(1, third))
    assert len(guarded.choices) == 3
    nested = If(t.eq(X, ONE), (choose(first),), (choose(second),))
    assert len(guard(nested).choices) == 1


def test_the_initialisation_starts_from_zero() -> None:
    parts = Parts(MADE, (1, 0, 5))
    parts.init = (Assign(1, t.add(X, ONE)),)
    guarded = guard_init(parts.model())
    assert guarded.updates == {1: TWO}


SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@SETTINGS
@given(random_models())
def test_the_same_outcomes_as_the_interpreter(model: Model) -> None:
    states = list(product(*(range(c.range.lo, c.range.hi + 1) for c in model.cells)))
    for step in model.steps:
        guarded = guard_step(model, step)
        enabled = guarded.enabled
        for state in states[:: len(states) // 7]:
            want = expected(model, step, state)
            assert outcomes(guarded, state) == want
            assert value(enabled, state, {}) == bool(want)


@SETTINGS
@given(random_models())
def test_the_same_property_values_as_the_interpreter(model: Model) -> None:
    states = list(product(*(range(c.range.lo, c.range.hi + 1) for c in model.cells)))
    chosen = states[:: len(states) // 40]
    interpreter = Interpreter(model)
    for asked in model.properties:
        judged = guard_property(asked)
        for state, after in zip(chosen, reversed(chosen), strict=True):
            fails = value(judged.fails, state, {}, after)
            try:
                want = interpreter.holds(asked, state, after)
            except EvaluationError:
                assert fails
            else:
                assert not fails
                assert value(judged.result, state, {}, after) == want
