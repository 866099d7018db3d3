"""The reference interpreter: what a model means, written to be read.

Every other engine must agree with it, every counterexample is replayed by it before it
is shown, and it must agree with CPython running the same spec. It is not fast.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from modelcheck.model.program import (
    Kind,
    Model,
    Property,
    State,
    Step,
)
from modelcheck.model.statements import (
    Assert,
    Assign,
    Body,
    Choose,
    If,
    Let,
    Mark,
    Require,
)
from modelcheck.model.temporal import Fairness
from modelcheck.model.terms import Op, Term

# Terms are walked recursively, which is easy to check by eye; a sum over a thousand
# members is as many calls deep. Such calls take no C stack since Python 3.11. Set once
# and for all: a limit that comes and goes is one more thing that tests differ by.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 50_000))


class EvaluationError(Exception):
    """A check inside a property failed: the property has no value in this state."""

    def __init__(self, prop: Property, failed: Assert, state: State) -> None:
        super().__init__(f"{prop.name}: {failed.message}")
        self.prop = prop
        self.failed = failed
        self.state = state


@dataclass(frozen=True, slots=True)
class Event:
    """A `Mark` as it was passed: `leaves` are the components of each of its values."""

    mark: Mark
    leaves: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which a step can go from a state.

    Exactly one of three: `state` is the successor; `failed` is the check that failed;
    both are None where an `assume` cut the step off. `choices` are the values chosen.
    """

    step: Step
    choices: tuple[int, ...]
    state: State | None
    failed: Assert | None
    events: tuple[Event, ...]


class _Frame:
    """The mutable state of one path through a body."""

    __slots__ = ("after", "cells", "choices", "events", "temps")

    def __init__(self, cells: list[int], after: State | None) -> None:
        self.cells = cells
        self.after = after
        self.temps: dict[int, int] = {}
        self.choices: tuple[int, ...] = ()
        self.events: tuple[Event, ...] = ()

    def set(self, temp: Term, value: int) -> None:
        """Write a temporary; one that can have a single value is that constant."""
        if temp.op is Op.TEMP:
            self.temps[temp.value] = value

    def fork(self, choose: Choose, value: int) -> _Frame:
        """The same path, going on with `value` for the temporary of `choose`."""
        other = _Frame(list(self.cells), self.after)
        other.temps = dict(self.temps)
        other.set(choose.temp, value)
        other.choices = (*self.choices, value)
        other.events = self.events
        return other


class _End:
    """How a path ended, if not at the end of its body."""

    __slots__ = ("failed", "is_cut")

    def __init__(self, failed: Assert | None = None, *, is_cut: bool = False) -> None:
        self.failed = failed
        self.is_cut = is_cut


_Rest = tuple[Body, int, "_Rest | None"]


class Interpreter:
    """Initial states, successors and property values of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def initial(self) -> list[State]:
        """The initial states, in order; a state may occur more than once."""
        frame = _Frame(list(self.model.zero), None)
        paths = _paths((self.model.init, 0, None), frame)
        return [tuple(end.cells) for end, stop in paths if stop is None]

    def initial_marks(self) -> Iterator[Mark]:
        """The marks passed on the way to each of the initial states."""
        frame = _Frame(list(self.model.zero), None)
        for end, stop in _paths((self.model.init, 0, None), frame):
            if stop is None:
                yield from (event.mark for event in end.events)

    def successors(self, state: State) -> Iterator[Outcome]:
        """Every outcome of every step enabled in `state`, in the order of `steps`.

        Their positions in this order, counted from 0, are the numbers of a trace's
        address.
        """
        for step in self.model.steps:
            if step.at is None or state[step.at[0]] == step.at[1]:
                yield from self.outcomes(step, state)

    def outcomes(self, step: Step, state: State) -> Iterator[Outcome]:
        """Every outcome of `step`, whose `at` must hold, in `state`."""
        for frame, stop in _paths((step.body, 0, None), _Frame(list(state), None)):
            end = tuple(frame.cells) if stop is None else None
            failed = stop.failed if stop is not None else None
            if end is not None or failed is not None or (stop and stop.is_cut):
                yield Outcome(step, frame.choices, end, failed, frame.events)

    def holds(self, prop: Property, state: State, after: State | None = None) -> bool:
        """The value of `prop` in `state` (TRANSITION: from `state` to `after`).

        Raises `EvaluationError` if a check inside the property fails.
        """
        frame = _Frame(list(state), after)
        for end, stop in _paths((prop.body, 0, None), frame):
            if stop is None:
                return bool(evaluate(prop.result, end))
            if stop.failed is not None:
                raise EvaluationError(prop, stop.failed, state)
        return False

    def counts(self, fair: Fairness, step: Step, before: State, after: State) -> bool:
        """Whether `step`, taken from `before` to `after`, is one that `fair` is about.

        Raises `EvaluationError` if a check inside the predicate fails.
        """
        if step.index not in fair.steps:
            return False
        if fair.result is None:
            return True
        name, kind = fair.name, Kind.TRANSITION
        predicate = Property(name, kind, fair.body, fair.result, span=fair.span)
        return self.holds(predicate, before, after)

    def is_deadlock(self, state: State) -> bool:
        """Whether no step is enabled in `state` although some process is not done."""
        if evaluate(self.model.is_rest, _Frame(list(state), None)):
            return False
        return next(iter(self.successors(state)), None) is None

    def is_inside(self, state: State) -> bool:
        """Whether every constraint holds in `state`."""
        return all(self.holds(prop, state) for prop in self.model.constraints)


def _paths(rest: _Rest | None, frame: _Frame) -> Iterator[tuple[_Frame, _End | None]]:
    """Run the statements of `rest`; one result for each path, disabled ones too."""
    while rest is not None:
        body, index, parent = rest
        if index == len(body):
            rest = parent
            continue
        statement = body[index]
        rest = (body, index + 1, parent)
        match statement:
            case If(cond, then, orelse):
                rest = (then if evaluate(cond, frame) else orelse, 0, rest)
            case Choose():
                for value in _options(statement, frame):
                    yield from _paths(rest, frame.fork(statement, value))
                return
            case _:
                stop = _execute(statement, frame)
                if stop is not None:
                    yield frame, stop
                    return
    yield frame, None


def _execute(statement: object, frame: _Frame) -> _End | None:
    """Run one statement without branches; how the path ends, if it ends here."""
    match statement:
        case Assign(cell, term):
            frame.cells[cell] = evaluate(term, frame)
        case Let(temp, term):
            frame.set(temp, evaluate(term, frame))
        case Require(cond, is_assumption=is_assumption):
            if not evaluate(cond, frame):
                return _End(is_cut=is_assumption)
        case Assert(cond):
            if not evaluate(cond, frame):
                return _End(statement)
        case Mark(values=values):
            leaves = tuple(
                tuple(evaluate(term, frame) for term in shape.leaves())
                for _, _, shape in values
            )
            frame.events = (*frame.events, Event(statement, leaves))
        case _:
            message = f"{type(statement).__name__} in the body of a step"
            raise TypeError(message)
    return None


def _options(choose: Choose, frame: _Frame) -> Iterator[int]:
    """The values a `Choose` offers, upwards."""
    members = None if choose.among is None else evaluate(choose.among, frame)
    for value in range(choose.temp.lo, choose.temp.hi + 1):
        if members is None or members >> value & 1:
            yield value


def evaluate(term: Term, frame: _Frame) -> int:
    """The value of `term`; only the branches that are taken are looked at."""
    match term.op:
        case Op.CONST:
            return term.value
        case Op.CELL:
            return frame.cells[term.value]
        case Op.NEXT:
            if frame.after is None:
                message = "a NEXT term outside a transition property"
                raise TypeError(message)
            return frame.after[term.value]
        case Op.TEMP:
            return frame.temps[term.value]
        case Op.AND:
            return int(all(evaluate(arg, frame) for arg in term.args))
        case Op.OR:
            return int(any(evaluate(arg, frame) for arg in term.args))
        case Op.ITE:
            taken = 1 if evaluate(term.args[0], frame) else 2
            return evaluate(term.args[taken], frame)
    return _apply(term.op, *(evaluate(arg, frame) for arg in term.args))


def _apply(op: Op, first: int, second: int = 0) -> int:
    """The value of a strict operator."""
    match op:
        case Op.NOT:
            return 1 - first
        case Op.EQ:
            return int(first == second)
        case Op.LT:
            return int(first < second)
        case Op.LE:
            return int(first <= second)
        case Op.ADD:
            return first + second
        case Op.SUB:
            return first - second
        case Op.MUL:
            return first * second
        case Op.DIV:
            return first // second
        case Op.MOD:
            return first % second
        case Op.BIT:
            return 1 << first
        case Op.HAS:
            return first >> second & 1
        case Op.UNION:
            return first | second
        case Op.INTER:
            return first & second
        case Op.MINUS:
            return first & ~second
        case Op.SUBSET:
            return int(not first & ~second)
        case Op.CARD:
            return first.bit_count()
    message = f"{op} is not a strict operator"
    raise TypeError(message)
