"""What compiled code counts for coverage is what the interpreter meets.

The oracle expands every reachable state by the interpreter and adds up the marks of
all paths that end in a successor or in a failed check. Choices are made visible to it
by a mark behind each.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcheck.explore.interpreter import EvaluationError, Interpreter
from modelcheck.explore.native import NativeExplorer, bodies, engine, machine, plan
from modelcheck.explore.native.counting import Point
from modelcheck.model.program import Model, State
from modelcheck.model.shapes import Shape
from modelcheck.model.statements import (
    COUNTED,
    Assert,
    Body,
    Choose,
    If,
    Mark,
    MarkKind,
    Span,
    Statement,
)
from modelcheck.reader import read_counted, read_spec
from modelcheck.verdict.verdicts import Limits, Silence
from tests.corpus.cases import OWN, PUBLISHED, Case
from tests.unit.explore.random_models import models

SPECS = Path(__file__).parents[1] / "corpus" / "specs"
NOTHING = Limits(properties=frozenset())
sys.setrecursionlimit(50_000)  # as the interpreter does, which Hypothesis minds


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def told(body: Body) -> Body:
    """`body` with a mark behind each `Choose`, which tells the value."""
    out: list[Statement] = []
    for statement in body:
        match statement:
            case If(cond, then, orelse):
                out.append(If(cond, told(then), told(orelse)))
            case Choose(temp, _, type_, span):
                values = (("", type_, Shape(temp)),)
                out += [statement, Mark(MarkKind.READ, "choice", values, span)]
            case _:
                out.append(statement)
    return tuple(out)


def reachable(interpreter: Interpreter) -> set[State]:
    """The states that are expanded."""
    found = {s for s in interpreter.initial() if interpreter.is_inside(s)}
    queue = list(found)
    for state in queue:
        for outcome in interpreter.successors(state):
            after = outcome.state
            if after is None or after in found or not interpreter.is_inside(after):
                continue
            found.add(after)
            queue.append(after)
    return found


def expected(model: Model) -> Counter[Point]:
    """What the interpreter meets."""
    steps = tuple(replace(step, body=told(step.body)) for step in model.steps)
    interpreter = Interpreter(replace(model, steps=steps))
    found: Counter[Point] = Counter()
    for state in reachable(interpreter):
        for outcome in interpreter.successors(state):
            if outcome.state is None and outcome.failed is None:
                continue
            for event in outcome.events:
                mark = event.mark
                if mark.kind in COUNTED:
                    found[mark.kind.value, mark.span, None] += 1
                elif mark.name == "choice":
                    found["choice", mark.span, event.leaves[0][0]] += 1
    return found


def counted(model: Model, workers: int) -> Counter[Point]:
    explorer = NativeExplorer(workers, 1 << 28, counts_points=True)
    explorer.run(model, NOTHING, Silence())
    return +explorer.passed


def marked(body: Body, numbers: Iterator[int]) -> Body:
    """`body` with a mark in front of every statement and at the ends of blocks."""
    out: list[Statement] = []
    for statement in body:
        out.append(mark(numbers))
        match statement:
            case If(cond, then, orelse):
                sides = marked(then, numbers), marked(orelse, numbers)
                out.append(If(cond, *sides))
            case Choose():
                out.append(replace(statement, span=Span("hand.py", next(numbers))))
            case _:
                out.append(statement)
    return (*out, mark(numbers))


def mark(numbers: Iterator[int]) -> Mark:
    number = next(numbers)
    return Mark(MarkKind.LINE, str(number), (), Span("hand.py", number))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    models(), st.integers(1, 2), st.sampled_from([1, 8]), st.sampled_from([1, 8, 24])
)
def test_counts_are_those_of_the_interpreter(
    model: Model, workers: int, lanes: int, heavy: int
) -> None:
    numbers = count(1)
    steps = tuple(replace(s, body=marked(s.body, numbers)) for s in model.steps)
    model = replace(model, steps=steps)
    here = replace(machine.host(), most_lanes=lanes)
    with ExitStack() as stack:
        for module, name, value in (
            (engine, "host", lambda: here),
            (engine, "SMALL", 2),
            (engine, "CHUNK", 3),
            (plan, "HEAVY", heavy),
            (bodies, "HEAVY", heavy),
        ):
            stack.enter_context(patch.object(module, name, value))
        try:
            found = counted(model, workers)
        except EvaluationError:
            return  # a constraint has no value, or the initialisation fails
        assert found == expected(model)


CASES = [*PUBLISHED, *OWN]
FEW = 1500
"""So many states at most are left to the interpreter."""


def target(case: Case) -> str:
    name = f"::{case.class_name}" if case.class_name else ""
    return f"{SPECS / case.spec}{name}"


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.distinct and case.distinct <= FEW],
    ids=lambda case: case.name,
)
def test_counts_of_the_corpus_are_those_of_the_interpreter(case: Case) -> None:
    model, points = read_counted(target(case), dict(case.scopes))
    found = counted(model, 2)
    assert found == expected(model)
    known = {(kind.value, span) for kind, span in points}
    assert {(kind, span) for kind, span, _ in found if kind != "choice"} <= known


@pytest.mark.parametrize(
    "spec", sorted(set(map(target, CASES))), ids=lambda s: s.rpartition("/")[2]
)
def test_marks_change_nothing_else(spec: str) -> None:
    plain, (model, _) = read_spec(spec), read_counted(spec)
    assert [str(cell) for cell in model.cells] == [str(cell) for cell in plain.cells]
    assert model.processes == plain.processes
    assert [unmarked(step.body) for step in model.steps] == [
        unmarked(step.body) for step in plain.steps
    ]
    assert model.properties == plain.properties


def unmarked(body: Body) -> Body:
    """`body` without marks and what is left empty by that."""
    out: list[Statement] = []
    for statement in body:
        match statement:
            case Mark():
                pass
            case If(cond, then, orelse):
                one, two = unmarked(then), unmarked(orelse)
                if one or two:
                    out.append(If(cond, one, two))
            case _:
                out.append(statement)
    return tuple(out)


def test_a_failed_check_counts_and_a_disabled_step_does_not(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        "from typing import Annotated\n"
        "from modelcheck import Spec, action, require\n"
        "class S(Spec):\n"
        "    x: Annotated[int, range(4)] = 0\n"
        "    @action\n"
        "    def up(self) -> None:\n"
        "        require(self.x < 3)\n"
        "        self.x = self.x + 1\n"
        "        assert self.x < 3\n"
        "        if self.x == 9:\n"
        "            self.x = 0\n",
        encoding="utf-8",
    )
    model, points = read_counted(str(tmp_path / "s.py"))
    lines = {span.line: n for (kind, span, _), n in counted(model, 1).items()}
    # From 0 and 1 the step is taken, from 2 it runs into the check; 3 is not reached.
    assert lines == {7: 3, 8: 3, 9: 3, 10: 2}
    assert {span.line for kind, span in points if kind is MarkKind.THEN} == {10}
    assert any(isinstance(s, Assert) for s in model.steps[0].body)
