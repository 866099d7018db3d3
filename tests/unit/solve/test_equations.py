"""The space of equations: as large as it can be, and nothing in it is broken."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.model.program import Model, State
from modelcheck.solve.cubes import features_of
from modelcheck.solve.equations import CONSTANT, LONGEST, Equation, Equations
from modelcheck.solve.values import Values
from tests.unit.solve.models import BOOLS, Parts, cells, ints, masks


def model() -> Model:
    found = cells(n=ints(1, 4), b=BOOLS, m=masks(2), c=ints(0, 2))
    return Parts(found, (1, 0, 0, 0)).model()


def values_of(model: Model) -> Values:
    return Values(model, [f for cell in model.cells for f in features_of(cell)])


STATES = st.lists(
    st.tuples(*(st.integers(lo, hi) for lo, hi in ((1, 4), (0, 1), (0, 3), (0, 2)))),
    max_size=12,
)


def rank(rows: Sequence[Sequence[int]]) -> int:
    """By elimination, one row after the other."""
    left = [[Fraction(x) for x in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        found += 1
        left = [row for row in left if row is not pivot]
        left = [
            [
                x - p * row[column] / pivot[column]
                for x, p in zip(row, pivot, strict=True)
            ]
            for row in left
        ]
    return found


def excess(equation: Equation, row: Sequence[int]) -> int:
    there = {CONSTANT, *row}
    return sum(weight for place, weight in equation.parts if place in there)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(STATES)
def test_all_equations_that_the_states_satisfy_are_left(states: list[State]) -> None:
    values = values_of(model())
    found = Equations(values)
    rows = [values.row(state) for state in states]
    for number, row in enumerate(rows):
        was_broken = any(excess(each, row) for each in found)
        assert found.has(row) is not was_broken
        assert found.add(row) is was_broken
        assert not any(excess(e, r) for e in found for r in rows[: number + 1])
    # A column for each value but the first of a feature, and one for the constant.
    columns = [place for row in values.of_feature for place in row[1:]]
    vectors = [[1, *(int(c in row) for c in columns)] for row in rows]
    assert len(list(found)) == 1 + len(columns) - rank(vectors)
    basis = [dict(each.parts) for each in found]
    wanted = [[e.get(c, 0) for c in (CONSTANT, *columns)] for e in basis]
    assert rank(wanted) == len(basis)


def test_what_a_counter_counts_is_an_equation() -> None:
    values = values_of(model())
    found = Equations(values)
    for members, others in ((m, c) for m in range(4) for c in range(3)):
        found.add(values.row((1 + members.bit_count(), 0, members, others)))
    two, three = values.of_feature[0][1:3]
    counted = {two: 1, three: 2} | {row[1]: -1 for row in values.of_feature[2:4]}
    basis = [dict(each.parts) for each in found]
    vectors = [
        [each.get(place, 0) for place in range(CONSTANT, len(values.all))]
        for each in (*basis, counted)
    ]
    assert rank(vectors) == len(basis)


def test_a_row_is_its_state_again() -> None:
    values = values_of(model())
    assert values.state(values.row((4, 1, 0b10, 2))) == (4, 1, 0b10, 2)


def test_a_row_of_bits_can_be_no_state() -> None:
    large = Parts(cells(n=ints(0, 99)), (0,)).model()
    values = values_of(large)
    assert values.state([row[1] for row in values.of_feature]) is None


def test_long_equations_are_forgotten() -> None:
    wide = Parts(cells(m=masks(LONGEST + 2), n=ints(0, 1)), (0, 0)).model()
    values = values_of(wide)
    found = Equations(values)
    size = LONGEST + 2
    for place in range(size):
        found.add(values.row((1 << place, 0)))
    assert not found.is_whole
    assert all(len(each.parts) <= LONGEST for each in found)
    assert any(each.parts == ((values.of_feature[-1][1], 1),) for each in found)
