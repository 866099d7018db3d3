"""The number of values of each variable: exact for few, close for many."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.explore.interpreter import Interpreter
from modelcheck.explore.native import NativeExplorer, values
from modelcheck.model.program import Model, State
from modelcheck.model.statements import Assign, Choose
from modelcheck.model.types import IntType
from modelcheck.reader import read_spec
from modelcheck.verdict.verdicts import Limits, Silence
from tests.unit.explore.models import Builder

SPECS = Path(__file__).parents[2] / "corpus" / "specs"


def spreads(model: Model, workers: int = 1) -> dict[str, tuple[int, bool]]:
    explorer = NativeExplorer(workers, 1 << 28, counts_values=True)
    explorer.run(model, Limits(properties=frozenset()), Silence())
    return {s.variable.name: (s.count, s.is_exact) for s in explorer.spreads}


def oracle(model: Model) -> dict[str, tuple[int, bool]]:
    interpreter = Interpreter(model)
    states: dict[State, None] = dict.fromkeys(interpreter.initial())
    queue = list(states)
    for state in queue:
        for outcome in interpreter.successors(state):
            if outcome.state is not None and outcome.state not in states:
                states[outcome.state] = None
                queue.append(outcome.state)
    return {
        variable.name: (
            len({tuple(s[c] for c in variable.cells.leaves()) for s in states}),
            True,
        )
        for variable in model.variables
    }


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "spec", ["two_phase.py", "lock.py", "die_hard.py", "barrier.py", "simple.py"]
)
def test_values_are_counted_exactly(spec: str, workers: int) -> None:
    model = read_spec(str(SPECS / spec))
    assert spreads(model, workers) == oracle(model)


def many(size: int) -> Model:
    """A variable that takes all its `size` values, and one of one value."""
    builder = Builder()
    cell = builder.number("x", 0, size - 1)
    builder.number("same", 0, 9, 7)
    builder.number("nothing", 4, 4, 4)
    temp = builder.temp(0, size - 1)
    init = Choose(temp, None, IntType(0, size - 1)), Assign(cell.index, temp)
    return builder.model(init)


@pytest.mark.parametrize("size", [1, 1000, values.SIZE // 2 - 1])
def test_up_to_half_of_the_table_is_exact(size: int) -> None:
    expected = {"x": (size, True), "same": (1, True), "nothing": (1, True)}
    assert spreads(many(size)) == expected


@pytest.mark.parametrize("size", [20_000, 100_000])
def test_more_values_are_estimated(size: int) -> None:
    found = spreads(many(size))
    assert found["same"] == (1, True)
    count, is_exact = found["x"]
    assert not is_exact
    assert abs(count / size - 1) < 0.05
