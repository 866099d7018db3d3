"""Replay: from states or from an address to a `Trace`, by the reference interpreter.

Of a lasso more is asked: that it closes exactly, that every fairness constraint holds
of the loop as printed, and that the run violates the property it is shown for.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from modelcheck.explore.interpreter import Interpreter, Outcome
from modelcheck.model.program import Kind, Model, Property, State
from modelcheck.model.statements import Assert
from modelcheck.trace.lasso import respects, satisfies
from modelcheck.trace.path import Trace, TraceStep
from modelcheck.verdict.verdicts import STUTTER, Evidence


class ReplayError(Exception):
    """The path is not a path of the model; says at which step."""


def replay_evidence(
    model: Model, evidence: Evidence, prop: Property | None = None
) -> Trace:
    """The trace along `evidence`, which is offered for `prop`.

    Raises `ReplayError` if the first state is not initial, if no step leads from one
    state to the next, or if the failed check is not run into; of a lasso also if it
    does not close, is not fair, or satisfies `prop`.
    """
    if prop is not None and (prop.kind is Kind.TEMPORAL) != (evidence.loop is not None):
        message = "a loop is evidence for temporal properties, and for no others"
        raise ReplayError(message)
    if evidence.loop is not None:
        return _replay_lasso(model, evidence, evidence.loop, prop)
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


def _replay_lasso(
    model: Model, evidence: Evidence, loop: int, prop: Property | None
) -> Trace:
    """The lasso of `evidence`, each step taken as it says."""
    states, taken = evidence.states, evidence.taken
    if len(taken) != len(states) or not 0 <= loop < len(states):
        message = f"{len(taken)} steps and a loop to {loop} in {len(states)} states"
        raise ReplayError(message)
    interpreter = Interpreter(model)
    start = _initial_number(interpreter, states[0])
    pairs = list(pairwise((*states, states[loop])))
    if taken[-1] == STUTTER:
        _check_stutter(interpreter, states[-1], is_last=loop == len(states) - 1)
        pairs.pop()
    steps = tuple(
        _find_step(interpreter, number, before, after, index)
        for number, ((before, after), index) in enumerate(
            zip(pairs, taken, strict=False), 1
        )
    )
    trace = Trace(model, start, states[0], steps, loop=loop)
    _check_lasso(trace, prop)
    return trace


def _check_stutter(interpreter: Interpreter, last: State, *, is_last: bool) -> None:
    """Refuse to stand still in a state that can be left."""
    if not is_last or any(o.failed is None for o in interpreter.successors(last)):
        message = "the run stands still although there is a step"
        raise ReplayError(message)


def _check_lasso(trace: Trace, prop: Property | None) -> None:
    """Refuse a loop that is not fair, or that violates nothing."""
    for respect in respects(trace):
        if not respect.is_fair:
            message = f"the loop is not fair to {respect.name}: {respect.why}"
            raise ReplayError(message)
    if prop is not None and satisfies(trace, prop):
        message = f"the run satisfies {prop.name}"
        raise ReplayError(message)


def replay_address(model: Model, address: str) -> Trace:
    """The trace at `address` (`0/3/1/2`, of a lasso `0/3+1/2`).

    Raises `ReplayError` if there is none, or if the loop does not close.
    """
    stem, is_lasso, loop = address.partition("+")
    try:
        start, *numbers = [int(part) for part in stem.split("/")]
        again = [int(part) for part in loop.split("/")] if loop else []
    except ValueError:
        message = f"{address!r} is not an address: numbers separated by / (a loop: +)"
        raise ReplayError(message) from None
    trace = _replay_numbers(model, start, [*numbers, *again])
    return _closed(trace, len(numbers)) if is_lasso else trace


def _closed(trace: Trace, loop: int) -> Trace:
    """`trace` as a lasso whose last state is its state number `loop`."""
    if trace.failed is not None:
        message = "a failed check ends its path: there is no loop"
        raise ReplayError(message)
    states = trace.states
    if loop == len(states) - 1:
        _check_stutter(Interpreter(trace.model), states[-1], is_last=True)
    elif states[loop] != states[-1]:
        message = f"the loop does not close: it leads elsewhere than to state {loop}"
        raise ReplayError(message)
    return replace(trace, loop=loop)


def _replay_numbers(model: Model, start: int, numbers: list[int]) -> Trace:
    """The finite trace that begins in an initial state and takes these outcomes."""
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
    interpreter: Interpreter,
    position: int,
    before: State,
    after: State,
    step: int | None = None,
) -> TraceStep:
    """The first outcome that leads to `after`, of the step number `step` if given."""
    for number, outcome in enumerate(interpreter.successors(before)):
        if outcome.state == after and step in (None, outcome.step.index):
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
