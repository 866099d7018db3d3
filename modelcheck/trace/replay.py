"""Replay: from states or from an address to a `Trace`, by the reference interpreter."""

from __future__ import annotations

from itertools import pairwise

from modelcheck.explore.interpreter import Interpreter, Outcome
from modelcheck.model.program import Model, State
from modelcheck.model.statements import Assert
from modelcheck.trace.path import Trace, TraceStep
from modelcheck.verdict.verdicts import Evidence


class ReplayError(Exception):
    """The path is not a path of the model; says at which step."""


def replay_evidence(model: Model, evidence: Evidence) -> Trace:
    """The trace along `evidence`.

    Raises `ReplayError` if the first state is not initial, if no step leads from one
    state to the next, or if the failed check is not run into.
    """
    interpreter = Interpreter(model)
    start = _initial_number(interpreter, evidence.states[0])
    steps = [
        _find_step(interpreter, number, before, after)
        for number, (before, after) in enumerate(pairwise(evidence.states), 1)
    ]
    if evidence.failed is not None:
        last = evidence.states[-1]
        steps.append(_find_failure(interpreter, last, evidence.failed, evidence.step))
    initial = evidence.states[0]
    return Trace(model, start, initial, tuple(steps), evidence.failed)


def replay_address(model: Model, address: str) -> Trace:
    """The trace at `address` (`0/3/1/2`); raises `ReplayError` if there is none."""
    try:
        start, *numbers = [int(part) for part in address.split("/")]
    except ValueError:
        message = f"{address!r} is not an address: numbers separated by /"
        raise ReplayError(message) from None
    interpreter = Interpreter(model)
    initial = interpreter.initial()
    if not 0 <= start < len(initial):
        message = f"there is no initial state {start}: the spec has {len(initial)}"
        raise ReplayError(message)
    return _walk(interpreter, start, initial[start], numbers)


def _walk(
    interpreter: Interpreter, start: int, initial: State, numbers: list[int]
) -> Trace:
    state: State | None = initial
    steps: list[TraceStep] = []
    failed: Assert | None = None
    for position, number in enumerate(numbers, 1):
        if state is None:
            message = f"step {position} comes after a failed check"
            raise ReplayError(message)
        outcomes = list(interpreter.successors(state))
        if not 0 <= number < len(outcomes):
            message = f"step {position}: no outcome {number} among {len(outcomes)}"
            raise ReplayError(message)
        outcome = outcomes[number]
        steps.append(_taken(number, outcome))
        state, failed = outcome.state, outcome.failed
    return Trace(interpreter.model, start, initial, tuple(steps), failed)


def _initial_number(interpreter: Interpreter, state: State) -> int:
    try:
        return interpreter.initial().index(state)
    except ValueError:
        message = "the first state is not an initial state"
        raise ReplayError(message) from None


def _taken(number: int, outcome: Outcome) -> TraceStep:
    return TraceStep(
        outcome.step, number, outcome.choices, outcome.events, outcome.state
    )


def _find_step(
    interpreter: Interpreter, position: int, before: State, after: State
) -> TraceStep:
    for number, outcome in enumerate(interpreter.successors(before)):
        if outcome.state == after:
            return _taken(number, outcome)
    message = f"step {position}: no step leads from one state to the next"
    raise ReplayError(message)


def _find_failure(
    interpreter: Interpreter, state: State, failed: Assert, step: int | None
) -> TraceStep:
    for number, outcome in enumerate(interpreter.successors(state)):
        if outcome.failed == failed and step in (None, outcome.step.index):
            return _taken(number, outcome)
    message = f"no step fails with {failed.message!r}"
    raise ReplayError(message)
