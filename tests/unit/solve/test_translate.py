"""Terms in z3: the same value as the interpreter gives, in every state."""

from __future__ import annotations

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelcheck.explore.interpreter import _Frame
from modelcheck.explore.interpreter import evaluate as interpret
from modelcheck.model import terms as t
from modelcheck.model.terms import Op, Sort, Term
from modelcheck.solve.translate import Translator, bits, size
from tests.unit.solve.models import BOOLS, TermMaker, cells, ints, masks

MADE = cells(
    flag=BOOLS, small=ints(-2, 3), wide=ints(0, 12), below=ints(-9, -4), set=masks(3)
)
SETTINGS = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def constant(context: z3.Context, like: Term, value: int) -> z3.ExprRef:
    if like.sort is Sort.BOOL:
        return z3.BoolVal(bool(value), context)
    return z3.BitVecVal(value, size(like), context)


def in_z3(term: Term, state: tuple[int, ...]) -> int:
    """The value of `term` by z3, with the cells replaced by constants."""
    context = z3.Context()
    leaves = {cell.now: constant(context, cell.now, state[cell.index]) for cell in MADE}
    translator = Translator(context, lambda leaf: leaves[leaf])
    return translator.value(term, z3.simplify(translator(term)))


def by_solver(term: Term, state: tuple[int, ...]) -> int:
    """The value of `term` by a solver that is told the state afterwards."""
    context = z3.Context()
    variables: dict[Term, z3.ExprRef] = {}

    def leaf(cell: Term) -> z3.ExprRef:
        return variables.setdefault(cell, translator.variable(f"{cell.value}", cell))

    translator = Translator(context, leaf)
    expression = translator(term)
    solver = z3.SolverFor("QF_FD", ctx=context)
    for cell in MADE:
        solver.add(leaf(cell.now) == constant(context, cell.now, state[cell.index]))
        solver.add(translator.interval(cell.now, leaf(cell.now)))
    assert solver.check() == z3.sat
    found = solver.model().eval(expression, model_completion=True)
    return translator.value(term, found)


@st.composite
def terms_in_states(draw: st.DrawFn) -> tuple[Term, tuple[int, ...]]:
    maker = TermMaker(draw, [cell.now for cell in MADE])
    make = draw(st.sampled_from([maker.boolean, maker.integer, maker.mask]))
    state = [draw(st.integers(c.range.lo, c.range.hi)) for c in MADE]
    return make(draw(st.integers(1, 4))), tuple(state)


@SETTINGS
@given(terms_in_states())
def test_random_terms(drawn: tuple[Term, tuple[int, ...]]) -> None:
    term, state = drawn
    want = interpret(term, _Frame(list(state), None))
    assert in_z3(term, state) == want
    assert by_solver(term, state) == want


@pytest.mark.parametrize("make", [t.div, t.mod])
@pytest.mark.parametrize("interval", [(0, 6), (-6, 6), (-8, -1), (-1, 8)])
def test_division_rounds_down_everywhere(make, interval) -> None:  # noqa: ANN001
    lo, hi = interval
    context = z3.Context()
    left = t.leaf(Op.CELL, 0, Sort.INT, -8, 7)
    right = t.leaf(Op.CELL, 1, Sort.INT, lo, hi)
    for one in range(-8, 8):
        for two in range(lo, hi + 1):
            values = {
                left: constant(context, left, one),
                right: constant(context, right, two),
            }
            translator = Translator(context, values.__getitem__)
            term = make(left, right)
            found = z3.simplify(translator(term))
            if two:
                want = one // two if make is t.div else one % two
                assert translator.value(term, found) == want


@pytest.mark.parametrize(
    ("lo", "hi", "width"),
    [(0, 0, 1), (0, 1, 1), (0, 8, 4), (-1, 0, 1), (-8, 7, 4), (-9, 0, 5), (-1, 8, 5)],
)
def test_widths_are_the_least(lo: int, hi: int, width: int) -> None:
    assert bits(lo, hi) == width


def test_each_term_is_translated_once() -> None:
    context, count = z3.Context(), []
    cell = MADE[1].now

    def leaf(term: Term) -> z3.ExprRef:
        count.append(term)
        return z3.BitVec("x", size(term), context)

    term = cell
    for _ in range(2000):
        term = t.mod(t.add(term, term), t.const(3))
    translate = Translator(context, leaf)
    assert translate(term) is translate(term)
    assert count == [cell]


def test_an_index_that_is_no_member_is_not_one() -> None:
    context = z3.Context()
    members = z3.BitVecVal(7, 3, context)
    translate = Translator(context, lambda _: members)
    for index in (-1, 3):
        term = t.has(MADE[4].now, t.const(index))
        assert z3.is_false(z3.simplify(translate(term)))


def test_intervals_bound_variables_below_and_above() -> None:
    for cell in MADE:
        context = z3.Context()
        translate = Translator(context, lambda _: None)
        variable = translate.variable("x", cell.now)
        solver = z3.SolverFor("QF_FD", ctx=context)
        solver.add(translate.interval(cell.now, variable))
        found = set()
        while solver.check() == z3.sat:
            value = solver.model().eval(variable, model_completion=True)
            found.add(translate.value(cell.now, value))
            solver.add(variable != value)
        assert found == set(range(cell.range.lo, cell.range.hi + 1))
